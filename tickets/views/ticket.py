"""The ticket: conversation, promise, why, and what became of each message of ours."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import leads
from accounts.models import User
from accounts.pages import DeskRequest, desk_page
from priority.why import Why, why
from tickets.clock import database_now
from tickets.display.why import contradiction, names_of
from tickets.live_now import RESPONSES, Live, live_of
from tickets.models import PromiseEnd, Status, Ticket, Triage
from tickets.reference import read
from tickets.selectors import priority_names
from tickets.selectors_join import joins_of
from tickets.selectors_live_page import live_beside
from tickets.selectors_talk import Said
from tickets.selectors_ticket import TicketPage, ticket_page, ticket_visible
from tickets.services.ending import farewell
from tickets.services.errors import Refused
from tickets.services.later import status_line_of
from tickets.services.replies import may_answer
from tickets.views.ahead import held_ahead
from tickets.views.composing import Typed, composing
from tickets.views.panel import Panel
from tickets.views.triage_round import triage_round


@require_safe
@desk_page
def ticket(request: DeskRequest, shown: str) -> HttpResponse:
    reference = read(shown)
    if reference is None:
        raise Http404
    return ticket_show(request, reference)


def ticket_or_404(user: User, shown: str) -> Ticket:
    """The ticket that a typed reference names, if this user may see it."""
    reference = read(shown)
    found = ticket_visible(user, reference) if reference is not None else None
    if found is None:
        raise Http404
    return found


def to_ticket(found: Ticket, part: str = "") -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("ticket", args=[found.shown_reference]) + part)


def to_queue() -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("queue"))


def ticket_show(
    request: DeskRequest,
    reference: str,
    typed: Typed | None = None,
    *,
    panel: Panel | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page as it stands now, with what was typed in its composer; a form below the promise where one is open."""
    typed = typed or Typed(since=request.GET.get("came", "")[:100])
    now = database_now()
    user = request.user
    page = ticket_page(user, reference, thread=request.GET.get("in", ""), now=now)
    if page is None:
        raise Http404
    cannot = cannot_answer(page, now)
    found = page.ticket
    led = leads(user)
    may_lead = user.is_manager or found.team_id in led  # access, rule 6
    line = _status_line(page, cannot, now)
    composer = composing(
        user,
        page,
        typed,
        wanted=request.GET.get("draft", ""),
        line=line if request.GET.get("say") == "status" else "",
        now=now,
    )
    context: dict[str, Any] = {
        "page": page,
        "t": found,
        "now": now,
        "here": found.team.key,
        "back": f"{reverse('queue')}?show=triage" if found.triage == Triage.PENDING else reverse("queue"),
        "triage": triage_round(request, page, now),
        "led": led,
        "may_lead": may_lead,
        "may_redact": may_lead or found.owner_id == user.pk,
        "may_say_later": _may_say_later(page),
        "why": _why(page),
        "contradiction": contradiction(page.policy, found),
        "line_start": found.clock_started_at or found.created_at,
        "look_at": _newest_url(page),
        "panel": panel,
        "proposal": _proposal(page),
        "status_line": line if line != composer["text"] else "",
        "held": held_ahead(page, user, now=now),
        "joins": joins_of(user, found),
        **_live_context(page, now),
        "beside": live_beside(user, found, now=now),
    }
    return render(request, "tickets/ticket.html", context | composer, status=status)


def _live_context(page: TicketPage, now: datetime) -> dict[str, Any]:
    """`farewell`: the last word that one press sends, where somebody has answered already; `end_key`: of that form."""
    live = _live(page, now)
    answered = page.ticket.first_response_at is not None
    if live is None or page.conversation is None or page.ticket.triage != Triage.RESPOND or not answered:
        return {"live": live}
    try:
        words = farewell(page.ticket, page.conversation, now=now)
    except Refused:
        words = ""
    return {"live": live, "farewell": words, "end_key": str(uuid.uuid4())}


def _live(page: TicketPage, now: datetime) -> Live | None:
    """Its caller is there now, and since when they have waited for us."""
    running = [page.targets[kind] for kind in RESPONSES if kind in page.targets]
    since = min((each.started_at for each in running if each.met_at is None), default=None)
    is_live = bool(page.account.capabilities.get("live"))
    return live_of(page.ticket, is_live=is_live, unanswered_since=since, now=now)


def _status_line(page: TicketPage, cannot: str, now: datetime) -> str:
    """Where it stands, in the caller's words, while they wait for a word of ours; "" where there is no use for it."""
    if cannot or page.promise is None or not page.waits_for_us:
        return ""
    return status_line_of(page.ticket, now=now)


def _may_say_later(page: TicketPage) -> bool:
    """A date that was told stands, or has passed without another word: then a later one can be told."""
    newest = page.promises[0].end if page.promises else None
    return page.ticket.is_open and page.ticket.status != Status.WAITING and newest in ("", PromiseEnd.MISSED)


def _proposal(page: TicketPage) -> dict[str, Any] | None:
    """What later words would make of it, and why, in the reader's language; None where nothing waits for a verdict."""
    stored = page.ticket.proposal
    if not stored or not page.ticket.is_open:
        return None
    explained = why(
        page.policy,
        reasons=stored["reasons"],
        priority=stored["priority"],
        category=stored["category"] or "",
        language=(get_language() or "en").split("-")[0],
    )
    return {"priority": priority_names(page.policy, stored["priority"]), "why": explained.priority}


def cannot_answer(page: TicketPage, now: datetime) -> str:
    """Why nobody can be answered from here, in words; "" where somebody can."""
    if page.conversation is None:
        return _("There is no conversation to answer in.")
    try:
        may_answer(page.ticket, page.conversation, now)
    except Refused as refusal:
        return refusal.words
    return ""


def _newest_url(page: TicketPage) -> str:
    """Where the caller's newest message stands at the network, for a look; "" where there is no such address."""
    for day in reversed(page.days):
        for item in reversed(day.items):
            if (
                isinstance(item, Said)
                and not item.is_ours
                and item.message.url
                and item.message.removed_at is None
            ):
                return item.message.url
    return ""


def people_of(page: TicketPage) -> dict[int, User]:
    """By id: whoever did something to this ticket."""
    return {event.actor_user.pk: event.actor_user for event in page.history if event.actor_user is not None}


def _why(page: TicketPage) -> Why:
    found = page.ticket
    target = page.target_of_date
    return why(
        page.policy,
        reasons=found.reasons,
        priority=found.priority,
        category=found.category,
        language=(get_language() or "en").split("-")[0],
        started_at=target.started_at if target is not None else None,
        due_at=target.due_at if target is not None else None,
        told_at=page.first_told,
        channel=page.account.channel,
        visibility="private"
        if page.conversation is not None and page.conversation.visibility == "private"
        else "public",
        revision=page.policy_number,
        stood=page.stood,
        names=names_of(found.reasons, people_of(page)),
        call_type=found.call_type,
        calendar=target.calendar if target is not None else "",
    )
