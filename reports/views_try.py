"""Try it: a message that nobody has sent, by the policy in force and by the draft, side by side. Nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.clock import database_now
from accounts.pages import DeskRequest, desk_page
from priority.facts import TicketFacts
from priority.policy import Policy
from priority.views.base import Section, manager_or_404, page_context, section_of
from reports.try_it import Tried, tried
from tickets.display.codes import call_type
from tickets.models import Acknowledge, ChannelAccount
from tickets.selectors_accounts import accounts_run
from tickets.tokens import token

MOST = 10_000
_SHAPE = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class Choice:
    """An account that a message may come to."""

    token: str
    account: ChannelAccount


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def policy_try(request: DeskRequest) -> HttpResponse:
    """POST text, account, visibility, at (wall clock of the policy's zone): shown at once, with what was typed kept."""
    manager_or_404(request.user)
    section = section_of(request.user)
    now = database_now()
    zone = ZoneInfo(section.policy_in_force.zone)
    choices = [
        Choice(token("channelaccount", account.pk), account)
        for account in accounts_run(request.user).select_related("team").order_by("name", "pk")
    ]
    typed = {
        "text": "",
        "account": choices[0].token if choices else "",
        "visibility": "public",
        "at": now.astimezone(zone).strftime(_SHAPE),
    }
    context: dict[str, Any] = {**page_context(section, "try"), "choices": choices, "text_most": MOST}
    status = 200
    if request.method == "POST":
        typed |= {name: request.POST.get(name, "").replace("\0", "") for name in typed}
        wrong = _wrong(typed, choices)
        at = _at(typed["at"], zone)
        if wrong or at is None:
            status = 422
            context["wrong"] = wrong or _("Write the day and the time, like 2026-11-23T14:30.")
        else:
            chosen = next((one.account for one in choices if one.token == typed["account"]), None)
            context["answers"] = _answers(section, _facts(typed, chosen, at, section), chosen)
    return render(request, "reports/try.html", {**context, "typed": typed}, status=status)


def _wrong(typed: dict[str, str], choices: list[Choice]) -> str:
    if not typed["text"].strip():
        return _("Type a message first.")
    if len(typed["text"]) > MOST:
        return _("This is longer than any message that is read: at most %(most)d characters.") % {
            "most": MOST
        }
    if choices and typed["account"] not in {one.token for one in choices}:
        return _("Choose one of the accounts.")
    return ""


def _at(written: str, zone: ZoneInfo) -> datetime | None:
    for shape in (_SHAPE, "%Y-%m-%dT%H:%M:%S"):
        try:
            return datetime.strptime(written, shape).replace(tzinfo=zone)
        except ValueError:
            continue
    return None


def _facts(
    typed: dict[str, str], account: ChannelAccount | None, at: datetime, section: Section
) -> TicketFacts:
    first = section.policy_in_force.languages[0]
    return TicketFacts(
        text=typed["text"],
        language=None,
        network_language=None,
        account_language=account.language if account is not None else first,
        caller_language=None,
        addressed=True,
        private=typed["visibility"] == "private",
        acknowledge=account.acknowledge if account is not None else Acknowledge.RECOGNISED.value,  # type: ignore[arg-type]  # a TextChoices value is its str
        channel=account.channel if account is not None else "",
        at=at,
    )


def _answers(section: Section, facts: TicketFacts, account: ChannelAccount | None) -> list[dict[str, Any]]:
    """The draft first, where there is one that can be used; then the policy in force."""
    team = account.team.key if account is not None else ""
    language = (get_language() or "en").split("-")[0]
    policies: list[tuple[str, Policy | None, int | None]] = [
        (
            _("Revision %(number)d, in force") % {"number": section.in_force.number},
            section.policy_in_force,
            section.in_force.number,
        )
    ]
    if section.draft is not None:
        policies.insert(0, (_("The draft"), section.policy, None))
    found = []
    for heading, policy, number in policies:
        one: Tried | None = None
        if policy is not None:
            one = tried(policy, facts, language=language, revision=number, team=team)
        found.append({"heading": heading, "tried": one, "call_type": call_type(one.call_type) if one else ""})
    return found
