"""The chat for browsers that run no script: a page of its own, with the same lines, the same date, the same visitor.

Its token lies in a cookie of this path alone, which no script can read. The cookie comes with the first look, and the
visitor with the first words, so that whoever only looks is nobody, and a form that is sent twice begins one chat. A
line of ours counts as shown there once the browser has asked for the picture below it.
"""

from __future__ import annotations

import re
import secrets
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import get_language_info, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.throttle_public import address_of
from channels_social.adapters.chat.asked import Asked
from channels_social.adapters.chat.files import READY_MOST, file_most, file_ready
from channels_social.adapters.chat.limits import wait_of
from channels_social.adapters.chat.lines import lines_acknowledge
from channels_social.adapters.chat.receive import read_now, words_take
from channels_social.adapters.chat.said import ADDRESS_MOST, CLIENT_ID, WORDS_MOST
from channels_social.adapters.chat.state import consent_words, state_of
from channels_social.adapters.chat.views import about, language_asked, site_asked
from channels_social.adapters.email.addresses import is_address
from channels_social.models import Visitor
from channels_social.own_pages import languages_of
from channels_social.visitors import (
    TOKEN_BYTES,
    TOKEN_LIVES,
    visitor_address_leave,
    visitor_address_take_back,
    visitor_begin,
    visitor_end,
    visitor_seen,
)
from tickets.display.files import size_words
from tickets.services.errors import NotFound, Refused
from tickets.uploads import too_large

_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")
#: One transparent point.
_PICTURE = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)


@dataclass(slots=True)
class _Typed:
    """What stood on the page, to be shown again, and what to do about it."""

    values: Mapping[str, str] = field(default_factory=dict)
    wrong: str = ""
    wait: int = 0


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def plain(request: HttpRequest, key: str) -> HttpResponse:
    """1. Whose cookie it is. 2. What was pressed is done, and the page asked for anew. 3. What is refused is said, with
    all that was typed."""
    token = request.COOKIES.get(_cookie(), "")
    token = token if _TOKEN.fullmatch(token) else ""
    found = site_asked(key, token)
    with translation.override(language_asked(request, found)):
        if request.method != "POST":
            return _kept(
                request, _page(request, found, _Typed()), token or secrets.token_urlsafe(TOKEN_BYTES)
            )
        typed = _Typed({name: str(value) for name, value in request.POST.items()})
        if not token:
            typed.wrong = _(
                "This page knows you again by a cookie of its own, which your browser did not send. Press Send once "
                "more; where that does not help, allow cookies for this page."
            )
            return _kept(
                request, _page(request, found, typed, status=422), secrets.token_urlsafe(TOKEN_BYTES)
            )
        what = request.POST.get("do", "say")
        if what == "anew":
            return _kept(request, _again(request), secrets.token_urlsafe(TOKEN_BYTES))
        what = what if what in _DO else "say"
        typed.wait = _wait(request, found, what)
        if not typed.wait:
            try:
                _DO[what](request, found, token)
            except (Refused, NotFound) as refused:
                typed.wrong = str(refused) or _("This chat takes nothing now.")
        if typed.wait:
            typed.wrong = ngettext(
                "A lot was sent here within a minute, so this pauses. Nothing of it is lost: send it again in "
                "%(seconds)s second.",
                "A lot was sent here within a minute, so this pauses. Nothing of it is lost: send it again in "
                "%(seconds)s seconds.",
                typed.wait,
            ) % {"seconds": typed.wait}
        if not typed.wrong:
            return _kept(request, _again(request), token)
        status = 429 if typed.wait else 422
        return _kept(request, _page(request, found, typed, status=status), token)


@login_not_required
@require_safe
def shown(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The picture at the end of the lines: who asks for it has them on the screen."""
    token = request.COOKIES.get(_cookie(), "")
    found = site_asked(key, token)
    if found.visitor is None:
        raise Http404
    known = number <= found.visitor.last_number and not _wait(request, found, "seen")
    if known and lines_acknowledge(found.visitor, number, now=found.now):
        read_now(found.visitor.account)
    response = HttpResponse(_PICTURE, content_type="image/gif")
    response["Cache-Control"] = "no-store, private"
    return response


def _say(request: HttpRequest, found: Asked, token: str) -> None:
    page = request.POST.get("page", "")
    if not CLIENT_ID.fullmatch(page):
        raise Refused("page", _("Part of the page was lost on its way. Send it once more, please."))
    if too_large(request):
        most = size_words(file_most())
        raise Refused("too_large", _("Together the files are too large: at most %(most)s.") % {"most": most})
    visitor = _visitor(found, token)
    files = [each for each in request.FILES.getlist("files") if each.size or each.name]
    words_take(
        visitor,
        client_id=page,
        text=request.POST.get("text", ""),
        files=[file_ready(visitor, each, now=found.now).external_id for each in files],
        user_agent=request.headers.get("User-Agent", ""),
        now=found.now,
    )


def _address(request: HttpRequest, found: Asked, token: str) -> None:
    address = request.POST.get("address", "").strip()
    if len(address) > ADDRESS_MOST or not is_address(address):
        raise Refused("address", _("This is no e-mail address that we can write to. Look at it once more."))
    if not request.POST.get("agree"):
        raise Refused("consent", _("Tick the box, so that we may write to you there."))
    visitor_address_leave(
        visitor=_visitor(found, token), address=address, consent=consent_words(), now=found.now
    )


def _forget(_request: HttpRequest, found: Asked, _token: str) -> None:
    if found.visitor is not None:
        visitor_address_take_back(visitor=found.visitor, now=found.now)


def _end(_request: HttpRequest, found: Asked, _token: str) -> None:
    if found.visitor is not None:
        visitor_end(visitor=found.visitor, now=found.now)


def _look(_request: HttpRequest, _found: Asked, _token: str) -> None:
    """The page is asked for anew, which is all there is to it."""


_DO: Mapping[str, Callable[[HttpRequest, Asked, str], None]] = {
    "say": _say,
    "address": _address,
    "forget": _forget,
    "end": _end,
    "look": _look,
}
#: As limits.py counts them.
_COUNTED = {"say": "messages", "address": "address", "forget": "address", "end": "end", "seen": "seen"}


def _visitor(found: Asked, token: str) -> Visitor:
    if found.visitor is not None:
        return found.visitor
    if found.bridge is None:
        raise Http404
    try:
        with transaction.atomic():
            return visitor_begin(
                account=found.bridge.account,
                language=translation.get_language() or "en",
                origin=settings.PUBLIC_URL,
                token=token,
                now=found.now,
            )[0]
    except IntegrityError as error:
        # Sent twice at once, and the other was first; else it is nobody's any more.
        there = site_asked(found.bridge.account.external_id, token).visitor
        if there is None:
            raise Refused("gone", _("This chat is not here any more. Begin a new one.")) from error
        return there


def _wait(request: HttpRequest, found: Asked, what: str) -> int:
    """Seconds until it may be done; 0: now. Who is nobody yet begins with their first words."""
    if found.bridge is None:
        raise Http404
    counted = [_COUNTED.get(what, "state")]
    if found.visitor is None and what in ("say", "address"):
        counted.append("session")
    if what == "say":
        counted += ["files"] * min(len(request.FILES.getlist("files")), READY_MOST)
    return max(
        wait_of(
            each,
            account_id=found.bridge.account_id,
            address=address_of(request),
            visitor_id=found.visitor.pk if found.visitor is not None else None,
            now=found.now,
        )
        for each in counted
    )


def _page(request: HttpRequest, found: Asked, typed: _Typed, *, status: int = 200) -> HttpResponse:
    if found.bridge is None:
        raise Http404
    state: dict[str, Any] = {}
    if found.visitor is not None:
        state = state_of(found, 0, live="")
        visitor_seen(found.visitor, now=found.now)
    account, here = found.bridge.account, request.path
    context = about(request, found) | {
        "state": state,
        "lines": [{**line, "when": _when(line["at"])} for line in state.get("lines", ())],
        "page": typed.values.get("page") if typed.wrong else "",
        "new_page": uuid.uuid4(),
        "typed": typed.values,
        "wrong": typed.wrong,
        "words_most": WORDS_MOST,
        "address": state.get("address", ""),
        "languages": [
            {
                "code": code,
                "name": get_language_info(code)["name_local"].capitalize(),
                "address": f"{here}?lang={code}",
                "here": code == translation.get_language(),
            }
            for code in languages_of(dict(found.bridge.settings))
        ],
    }
    if state:
        context["here"] = state["here"]["words"]
    with timezone.override(ZoneInfo(account.zone)):
        response = render(request, "channels_social/chat/plain.html", context, status=status)
    if typed.wait:
        response["Retry-After"] = str(typed.wait)
    return response


def _when(at: str) -> datetime:
    return datetime.fromisoformat(at)


def _again(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(f"{request.path}?lang={translation.get_language()}#newest", status=303)


def _cookie() -> str:
    return f"{settings.INSTANCE}-chat"


def _kept(request: HttpRequest, response: HttpResponse, token: str) -> HttpResponse:
    """With the cookie that knows them again; the page itself is kept by nobody."""
    response.set_cookie(
        _cookie(),
        token,
        max_age=TOKEN_LIVES,
        path=request.path,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    response["Cache-Control"] = "no-store, private"
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Referrer-Policy"] = "same-origin"
    return response
