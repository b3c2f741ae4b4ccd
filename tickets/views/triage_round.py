"""What the panel of triage shows: the verdicts, when to look again, and where one is on the way through the list."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils import timezone

from accounts.pages import DeskRequest
from tickets.models import NoReplyReason, Triage
from tickets.reference import as_shown
from tickets.selectors_ticket import TicketPage
from tickets.selectors_triage import Round, triage_round_at
from tickets.services.watching import LookAgain, look_again_proposals
from tickets.views.forms import open_days

_NAME = re.compile(r"[a-z0-9_-]{1,40}")
#: Respond and watch have the first two; so many reasons have a key of their own.
FIRST_REASON_KEY, LAST_KEY = 3, 9


@dataclass(frozen=True, slots=True)
class Triaging:
    """`reasons`: why no reply is needed, each with its key ("" where there is none left). `proposals`: when to look
    again; `day`, `hour`: what the form for a time of one's own begins with."""

    reasons: list[tuple[NoReplyReason, str]]
    proposals: list[LookAgain]
    days: list[date]
    day: date
    hour: str
    round: Round | None
    to_list: str
    to_following: str


def round_named(given: str) -> str:
    """The round that an address or a form names; "" for none."""
    return given if _NAME.fullmatch(given) else ""


def triage_round(request: DeskRequest, page: TicketPage, now: datetime) -> Triaging | None:
    """None where no verdict is to be given here."""
    found = page.ticket
    if found.triage == Triage.RESPOND:
        return None
    proposals = look_again_proposals(page.policy, now=now)
    name = round_named(request.POST.get("round") or request.GET.get("round", ""))
    going = triage_round_at(request.user, name, found) if name and found.triage == Triage.PENDING else None
    chosen = next((each for each in proposals if each.is_default), proposals[0])
    local = timezone.localtime(chosen.at)
    calendar = page.policy.calendar(page.policy.periods.triage_calendar)
    return Triaging(
        reasons=[
            (row, str(key) if key <= LAST_KEY else "")
            for key, row in enumerate(page.no_reply.offered, FIRST_REASON_KEY)
        ],
        proposals=proposals,
        days=open_days(calendar, now, also=[local.date()]),
        day=local.date(),
        hour=local.strftime("%H:%M"),
        round=going,
        to_list=to_list(name),
        to_following=to_next(going.following, name) if going is not None and going.following else "",
    )


def to_list(name: str) -> str:
    """The list that a round goes through."""
    team = {"": "", "mine": ""}.get(name, name)
    return f"{reverse('queue')}?show=triage" + (f"&team={team}" if team else "")


def to_next(reference: str, name: str) -> str:
    return f"{reverse('ticket', args=[as_shown(reference)])}?round={name}#h-write"
