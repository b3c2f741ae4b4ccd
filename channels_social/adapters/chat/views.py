"""What another site takes from us to show a chat: one script, and the page in the frame that it makes.

Neither knows a visitor: the page's own scripts (static/js/chat*.js) have the token and speak to the API. The site
around the frame can read nothing of it, since it is of our origin. Which sites may show it, its account says.
"""

from __future__ import annotations

import gzip
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.utils import translation
from django.utils.http import parse_etags
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from channels_social.adapters.chat.asked import Asked, asked
from channels_social.adapters.chat.channel import Chat
from channels_social.adapters.chat.files import file_most
from channels_social.adapters.chat.said import FILES_MOST
from channels_social.adapters.chat.state import consent_words, here_of
from channels_social.own_pages import languages_of, sites_of
from tickets.display.files import size_words

#: Seconds for which a browser need not ask again.
SCRIPT_KEPT, PAGE_KEPT = 3_600, 60


@login_not_required
@require_safe
def script(request: HttpRequest, key: str) -> HttpResponse:
    """The button and its frame (static/js/chat-loader.js), the same for every site."""
    site_asked(key)
    plain, packed, etag = _loader()
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        response: HttpResponse = HttpResponseNotModified()
    elif "gzip" in request.headers.get("Accept-Encoding", ""):
        response = HttpResponse(packed, content_type="text/javascript; charset=utf-8")
        response["Content-Encoding"] = "gzip"
    else:
        response = HttpResponse(plain, content_type="text/javascript; charset=utf-8")
    response["ETag"] = etag
    response["Vary"] = "Accept-Encoding"
    response["Cache-Control"] = f"public, max-age={SCRIPT_KEPT}"
    # A site that isolates itself from others may still have it.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@cache
def _loader() -> tuple[bytes, bytes, str]:
    source = (Path(settings.BASE_DIR) / "static" / "js" / "chat-loader.js").read_bytes()
    return source, gzip.compress(source, 9, mtime=0), f'"{sha256(source).hexdigest()[:32]}"'


@login_not_required
@xframe_options_exempt
@require_safe
def frame(request: HttpRequest, key: str) -> HttpResponse:
    found = site_asked(key)
    with translation.override(language_asked(request, found)):
        response = render(request, "channels_social/chat/frame.html", about(request, found))
    # Nobody's words stand on it, and it is asked for with every page of the sites around it.
    response["Cache-Control"] = f"public, max-age={PAGE_KEPT}"
    return framed(response, found)


def site_asked(key: str, token: str = "") -> Asked:
    """The chat of this name. Raises Http404."""
    found = asked(Chat.slug, key, token)
    if found.bridge is None:
        raise Http404
    return found


def language_asked(request: HttpRequest, found: Asked) -> str:
    """As asked; else as the reader's browser prefers; else the chat's usual one."""
    shown = languages_of(_settings(found))
    wanted = [request.GET.get("lang", "")]
    wanted += request.headers.get("Accept-Language", "").split(",")[:20]
    for each in wanted:
        code = each.partition(";")[0].strip().lower().partition("-")[0]
        if code in shown:
            return code
    return shown[0]


def about(request: HttpRequest, found: Asked) -> dict[str, Any]:
    """What both of a chat's pages say of it; in the active language."""
    if found.bridge is None:
        raise Http404
    account, theme = found.bridge.account, request.GET.get("theme", "")
    return {
        "named": found.bridge.settings.get("name") or account.name,
        "site": account.external_id,
        # Times of lines stand beside a date in this zone.
        "zone": account.zone,
        "api": f"/api/chat/v1/{account.external_id}/",
        "here": here_of(found, account)["words"],
        "closed": not account.receives,
        "answers": bool(found.bridge.settings.get("through")),
        "consent": consent_words(),
        "files_most": FILES_MOST,
        "size_most": file_most(),
        "size_words": size_words(file_most()),
        "theme": theme if theme in ("light", "dark") else "",
    }


def framed(response: HttpResponse, found: Asked) -> HttpResponse:
    """Shown in a frame by the sites that its account names, and by no other."""
    response._csp_replace = {  # type: ignore[attr-defined]
        "frame-ancestors": list(sites_of(_settings(found))) or ["'none'"]
    }
    response["Vary"] = "Accept-Language"
    return response


def _settings(found: Asked) -> dict[str, str]:
    if found.bridge is None:
        raise Http404
    return dict(found.bridge.settings)
