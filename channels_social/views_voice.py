"""Note a call while talking: what was said, how it weighs, and at once the date to say aloud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.pages import DeskRequest, desk_page
from channels_social.voice import (
    ADDRESS_MOST,
    NAME_MOST,
    NUMBER_MOST,
    Ahead,
    Call,
    call_ahead,
    call_note,
    takes_address,
    voice_accounts,
)
from priority.policy import Policy
from priority.selectors import policy_current, policy_of
from tickets.clock import database_now
from tickets.display.words import day_and_time
from tickets.models import ChannelAccount
from tickets.selectors import tickets_visible
from tickets.services.errors import NotFound, Refused
from tickets.services.labels import PLACE_MOST
from tickets.services.texts import words_current
from tickets.tokens import named, token
from tickets.views.forms import client_key_of, text_of

#: Stands for the number of the ticket, which is drawn when the call is noted.
NOT_YET = "····-····"


@dataclass(frozen=True, slots=True)
class Said:
    """What follows from what stands in the form. date: to be said; '' where there is none."""

    outcome: str = ""
    date: str = ""
    text: str = ""
    language: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def call(request: DeskRequest) -> HttpResponse:
    """The form; sent with `show`, the same form with what follows. 404 where nobody is spoken to by voice."""
    accounts = voice_accounts(request.user)
    if not accounts:
        raise Http404
    form = request.POST
    account = _account(form, accounts)
    if request.method != "POST":
        return _page(request, accounts, account)
    if form.get("show"):
        return _page(request, accounts, account, said=_said(request, account))
    try:
        ticket = call_note(
            actor=request.user, account_id=account.pk, call=_call(form, account), now=database_now()
        )
    except NotFound:
        raise Http404 from None
    except Refused as refusal:
        return _page(request, accounts, account, refused=refusal.words, status=422)
    if not tickets_visible(request.user).filter(pk=ticket.pk).exists():
        messages.success(
            request,
            _("Noted as %(number)s. By its words it went to a team whose tickets you do not see.")
            % {"number": ticket.shown_reference},
        )
        return redirect("call_note")
    messages.success(request, _("Noted. Now say the date and the number, and note that you did."))
    return redirect("ticket", ticket.shown_reference)


@require_POST
@desk_page
def call_preview(request: DeskRequest) -> HttpResponse:
    """What follows, as JSON {outcome, say, text}."""
    accounts = voice_accounts(request.user)
    if not accounts:
        raise Http404
    said = _said(request, _account(request.POST, accounts))
    return JsonResponse({"outcome": said.outcome, "say": said.date, "text": said.text})


def _account(form: QueryDict, accounts: list[ChannelAccount]) -> ChannelAccount:
    chosen = named("channelaccount", (each.pk for each in accounts), form.get("account", ""))
    return next((each for each in accounts if each.pk == chosen), accounts[0])


def _call(form: QueryDict, account: ChannelAccount) -> Call:
    policy = policy_of(policy_current().pk)
    known = {
        "category": {*(each.key for each in policy.categories), policy.otherwise.key},
        "impact": {each.key for each in policy.impacts},
        "urgency": {each.key for each in policy.urgencies},
    }
    chosen = {name: value if (value := form.get(name, "")) in keys else "" for name, keys in known.items()}
    language = form.get("language", "")
    return Call(
        key=client_key_of(form),
        words=text_of(form, "words"),
        number=text_of(form, "number"),
        address=text_of(form, "address"),
        name=text_of(form, "name"),
        place=text_of(form, "place"),
        language=language if language in words_current(database_now())[1].languages else account.language,
        **chosen,
    )


def _said(request: DeskRequest, account: ChannelAccount) -> Said:
    # What is being typed is no address yet, and changes nothing of what is to be said.
    noted = replace(_call(request.POST, account), address="")
    if not noted.words.strip():
        return Said()
    now = database_now()
    try:
        ahead = call_ahead(actor=request.user, account_id=account.pk, call=noted, now=now)
    except NotFound:
        return Said(_("By its words it goes to a team whose tickets you do not see."))
    except Refused as refusal:
        return Said(refusal.words)
    text = ahead.text.replace(ahead.number, NOT_YET) if ahead.number else ahead.text
    date = day_and_time(ahead.tells, now) if ahead.tells is not None else ""
    return Said(_weighs(ahead), date, text, ahead.language)


def _weighs(ahead: Ahead) -> str:
    names = {
        "category": _named(ahead.policy.category(ahead.category).name) if ahead.category else "",
        "impact": _level(ahead.policy.impacts, ahead.impact),
        "urgency": _level(ahead.policy.urgencies, ahead.urgency),
        "priority": _named(ahead.policy.priority(ahead.priority).name) if ahead.priority else "",
    }
    if ahead.tells is None:
        return _("%(category)s: impact %(impact)s, urgency %(urgency)s. There is no date to say.") % names
    return _("%(category)s: impact %(impact)s, urgency %(urgency)s, so %(priority)s.") % names


def _level(levels: Any, key: str) -> str:
    return next((_named(each.name).lower() for each in levels if each.key == key), "")


def _named(names: Mapping[str, str]) -> str:
    return names.get((get_language() or "en").split("-")[0]) or next(iter(names.values()))


def _page(
    request: HttpRequest,
    accounts: list[ChannelAccount],
    account: ChannelAccount,
    *,
    said: Said | None = None,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    policy: Policy = policy_of(policy_current().pk)
    form, now = request.POST, database_now()
    typed = {name: str(value)[:20_000] for name, value in form.items() if name != "csrfmiddlewaretoken"}
    context = {
        "accounts": [(token("channelaccount", each.pk), each) for each in accounts],
        "account": account,
        "typed": {"language": account.language, **typed},
        "key": client_key_of(form),
        "languages": words_current(now)[1].languages,
        "categories": [*policy.categories, policy.otherwise],
        "impacts": sorted(policy.impacts, key=lambda level: level.rank),
        "urgencies": sorted(policy.urgencies, key=lambda level: level.rank),
        "said": said or Said(),
        "refused": refused,
        "most": {"name": NAME_MOST, "number": NUMBER_MOST, "place": PLACE_MOST, "address": ADDRESS_MOST},
        "takes_address": any(takes_address(each) for each in accounts),
        "here": "call",
        "now": now,
    }
    return render(request, "channels_social/call.html", context, status=status)
