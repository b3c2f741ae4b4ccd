"""The form's page, which anybody may open, and what it says once something was sent. Both work without a script, and in
a frame on the sites that the form's account names.

Neither has a session or a cookie: nothing on them speaks for anybody who is signed in, so there is no token to steal.
The key of each page makes sure that what is sent twice is there once.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language_info, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts.throttle_public import address_of, any_too_often
from channels_social.adapters.email.addresses import is_address
from channels_social.adapters.form.asking import Asking, asking_of
from channels_social.adapters.form.channel import Form
from channels_social.adapters.form.receive import (
    bridge_named,
    moment,
    submission_known,
    submission_shown,
    submission_take,
)
from channels_social.adapters.form.submission import (
    ADDRESS_MOST,
    FILES_MOST,
    KEY,
    LINE_MOST,
    WORDS_MOST,
    Submission,
)
from channels_social.models import ChannelConnection
from channels_social.own_pages import languages_of, sites_of
from channels_social.own_updates import File
from tickets.clock import database_now
from tickets.display.files import size_words
from tickets.models import LinkWay
from tickets.services.status_links import status_link_make
from tickets.texts.dates import date_words
from tickets.uploads import too_large

#: Sent within a minute: from one address, and by everybody.
MOST_OF_ONE, MOST_OF_ALL = 6, 120
#: More than this is not even read: a request of so many times what may hang on one submission.
READ_MOST = 4
#: No person sees this field, and whoever fills in all there are shows it.
TRAP = "website"
_ASKED = ("place", "object_number")


@dataclass(slots=True)
class _Typed:
    """What stood in the form, to be shown again. wrong: by field, what to do about it; "" is of the whole form."""

    values: dict[str, str] = field(default_factory=dict)
    files: list[Any] = field(default_factory=list)
    wrong: dict[str, str] = field(default_factory=dict)


@login_not_required
@csrf_exempt
@xframe_options_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def form_page(request: HttpRequest, key: str) -> HttpResponse:
    bridge = _bridge(key)
    with translation.override(_language(request, bridge)):
        if request.method != "POST":
            return _page(request, bridge, _Typed({"page": secrets.token_urlsafe(18)}))
        if int(request.META.get("CONTENT_LENGTH") or 0) > READ_MOST * settings.ATTACHMENT_MOST_BYTES:
            refused = _Typed({"page": secrets.token_urlsafe(18)})
            refused.wrong[""] = _(
                "The files are far too large to be taken. Go back in your browser, choose smaller ones and send it "
                "again: what you wrote is still there."
            )
            return _page(request, bridge, refused, status=413)
        return _sent(request, bridge)


@login_not_required
@xframe_options_exempt
@require_safe
def form_sent(request: HttpRequest, key: str, receipt: str) -> HttpResponse:
    """Number and date, for whoever has just sent it; with this look they are told."""
    bridge = _bridge(key)
    now = database_now()
    with translation.override(_language(request, bridge)):
        waits = submission_known(bridge.account, receipt, now=now)
        if waits is None:
            raise Http404
        found = submission_shown(bridge.account, receipt, patient=waits, now=now)
        context: dict[str, Any] = {"waits": waits and found is None}
        if found is not None:
            context |= {
                "ticket": found.ticket,
                "promise": found.date,
                "means": found.kind,
                "reached": found.reached,
                "link": status_link_make(found.message.conversation, now=now, way=LinkWay.SCREEN),
            }
        if found is not None and found.date is not None:
            language = translation.get_language() or "en"
            context["date"] = date_words(found.date, zone=found.zone, language=language, now=now)
        return _framed(
            render(request, "channels_social/form/sent.html", _about(request, bridge) | context), bridge
        )


def _bridge(key: str) -> ChannelConnection:
    bridge = bridge_named(key, Form.slug)
    if bridge is None:
        raise Http404
    return bridge


def _language(request: HttpRequest, bridge: ChannelConnection) -> str:
    """As asked; else as the reader's browser prefers; else the form's usual one."""
    shown = languages_of(bridge.settings)
    asked = request.GET.get("lang", "")
    if asked in shown:
        return asked
    for each in request.headers.get("Accept-Language", "").split(",")[:20]:
        code = each.partition(";")[0].strip().lower().partition("-")[0]
        if code in shown:
            return code
    return shown[0]


def _sent(request: HttpRequest, bridge: ChannelConnection) -> HttpResponse:
    """1. Read what was filled in; what cannot be taken is said beside its field, and all of it is shown again.
    2. A trap that was filled in, too much in a short time, a form that takes nothing now: said, and shown again.
    3. Stored, read, and on to the page that shows what came of it.
    """
    (now, policy), account = moment(), bridge.account
    asking = asking_of(policy, translation.get_language() or "en")
    request._asking = asking  # type: ignore[attr-defined]
    typed = _read(request, asking)
    if typed.wrong:
        return _page(request, bridge, typed, status=422)
    if request.POST.get(TRAP):
        typed.wrong[""] = _(
            "A field that nobody sees was filled in, as machines do. Were you helped by a program that fills in "
            "forms? Then send it once more."
        )
        return _page(request, bridge, typed, status=422)
    if not account.receives:
        typed.wrong[""] = _("This form takes nothing now. What you wrote was not sent.")
        return _page(request, bridge, typed, status=409)
    sent = _submission(typed, now)
    most = {f"form:{account.pk}:{address_of(request)}": MOST_OF_ONE}
    wait = any_too_often(most, whole={f"form:{account.pk}": MOST_OF_ALL}, now=now)
    if wait and submission_known(account, sent.receipt, now=now) is None:
        return _too_often(request, bridge, typed, wait)
    if not wait:
        headers = {"user-agent": request.headers.get("User-Agent", "")[:300]}
        submission_take(account, sent, headers=headers, now=now)
    there = reverse("form_sent", args=[account.external_id, sent.receipt])
    return HttpResponseRedirect(f"{there}?{_query(request)}", status=303)


def _too_often(request: HttpRequest, bridge: ChannelConnection, typed: _Typed, wait: int) -> HttpResponse:
    typed.wrong[""] = ngettext(
        "A lot was sent here within a minute, so this pauses. What you wrote is still here and was not sent: send it "
        "again in %(seconds)s second.",
        "A lot was sent here within a minute, so this pauses. What you wrote is still here and was not sent: send it "
        "again in %(seconds)s seconds.",
        wait,
    ) % {"seconds": wait}
    response = _page(request, bridge, typed, status=429)
    response["Retry-After"] = str(wait)
    return response


def _read(request: HttpRequest, asking: Asking) -> _Typed:
    posted = request.POST
    names = ("page", "category", "words", "name", "address", *_ASKED)
    typed = _Typed({name: posted.get(name, "").replace("\0", "") for name in names})
    values, wrong = typed.values, typed.wrong
    typed.files = [each for each in request.FILES.getlist("files") if each.size or each.name]
    if not KEY.fullmatch(values["page"]):
        values["page"] = secrets.token_urlsafe(18)
        wrong[""] = _("Part of the page was lost on its way. Send it once more, please.")
    values["words"] = values["words"].replace("\r\n", "\n")
    if values["category"] and not asking.knows(values["category"]):
        values["category"] = ""
    if not values["words"].strip():
        wrong["words"] = _("Write in a few words what it is.")
    elif len(values["words"]) > WORDS_MOST:
        wrong["words"] = _("This is too long: at most %(most)s characters. Shorten it, please.") % {
            "most": WORDS_MOST
        }
    for name in ("name", *_ASKED):
        values[name] = " ".join(values[name].split())
        if len(values[name]) > LINE_MOST:
            wrong[name] = _("This is too long: at most %(most)s characters.") % {"most": LINE_MOST}
    values["address"] = values["address"].strip()
    if values["address"] and not (len(values["address"]) <= ADDRESS_MOST and is_address(values["address"])):
        wrong["address"] = _(
            "This is no e-mail address that we can write to. Look at it once more, or leave it empty."
        )
    if len(typed.files) > FILES_MOST:
        wrong["files"] = _("Choose at most %(most)s files.") % {"most": FILES_MOST}
    elif too_large(request):
        most = size_words(settings.ATTACHMENT_MOST_BYTES)
        wrong["files"] = _("Together the files are too large: at most %(most)s.") % {"most": most}
    return typed


def _submission(typed: _Typed, now: datetime) -> Submission:
    values = typed.values
    asked = {name: values[name] for name in ("category", *_ASKED) if values[name]}
    files = tuple(File(str(each.name or ""), each.content_type or "", each.read()) for each in typed.files)
    return Submission(
        key=values["page"],
        at=now,
        language=translation.get_language() or "en",
        words=values["words"].strip(),
        name=values["name"],
        address=values["address"],
        asked=asked,
        files=files,
    )


def _page(
    request: HttpRequest, bridge: ChannelConnection, typed: _Typed, *, status: int = 200
) -> HttpResponse:
    context = _about(request, bridge) | {
        "asking": _asking(request),
        "typed": typed.values,
        "wrong": typed.wrong,
        "whole": typed.wrong.get("", ""),
        "chosen_again": bool(typed.files) or "files" in typed.wrong,
        "closed": not bridge.account.receives,
        "trap": TRAP,
        "files_most": FILES_MOST,
        "size_most": size_words(settings.ATTACHMENT_MOST_BYTES),
        "answers": bool(bridge.settings.get("through")),
    }
    response = _framed(render(request, "channels_social/form/page.html", context, status=status), bridge)
    if not typed.wrong:
        # Whoever goes back finds the page as it was, with its key: sent once more it is still sent once.
        response["Cache-Control"] = "private, no-cache"
    return response


def _about(request: HttpRequest, bridge: ChannelConnection) -> dict[str, Any]:
    here = request.path
    frame = "frame=1" if request.GET.get("frame") else ""
    return {
        "named": bridge.settings.get("name") or bridge.account.name,
        "framed": bool(frame),
        "action": f"{here}?{_query(request)}",
        "again": f"{reverse('form_page', args=[bridge.account.external_id])}?{_query(request)}",
        "languages": [
            {
                "code": code,
                "name": get_language_info(code)["name_local"].capitalize(),
                "address": f"{here}?lang={code}{'&' if frame else ''}{frame}",
                "here": code == translation.get_language(),
            }
            for code in languages_of(bridge.settings)
        ],
    }


def _query(request: HttpRequest) -> str:
    frame = "&frame=1" if request.GET.get("frame") else ""
    return f"lang={translation.get_language()}{frame}"


def _asking(request: HttpRequest) -> Asking:
    """Worked out once a request."""
    found: Asking | None = getattr(request, "_asking", None)
    if found is None:
        found = asking_of(moment()[1], translation.get_language() or "en")
        request._asking = found  # type: ignore[attr-defined]
    return found


def _framed(response: HttpResponse, bridge: ChannelConnection) -> HttpResponse:
    """Shown in a frame by the sites that its account names, and by no other. Kept by nobody on the way."""
    sites: Mapping[str, Any] = {"frame-ancestors": list(sites_of(bridge.settings)) or ["'none'"]}
    response._csp_replace = sites  # type: ignore[attr-defined]
    response["Cache-Control"] = "no-store"
    response["Vary"] = "Accept-Language"
    return response
