"""The ticket: conversation, promise, why, and what became of each message of ours."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.pages import DeskRequest, desk_page
from priority.why import Why, why
from tickets.channels import rule_words
from tickets.clock import database_now
from tickets.display.codes import NO_REPLY_REASONS
from tickets.models import Status, Ticket, Triage
from tickets.reference import read
from tickets.selectors_ticket import Said, TicketPage, ticket_page, ticket_visible, token_of
from tickets.views.measure import measure


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the composer when the page comes back: the words are kept, whatever became of them."""

    text: str = ""
    client_key: str = ""
    refused: str = ""
    changed: str = ""


@require_safe
@desk_page
def ticket(request: DeskRequest, shown: str) -> HttpResponse:
    reference = read(shown)
    if reference is None:
        raise Http404
    return ticket_show(request, reference, Draft())


def ticket_or_404(user: User, shown: str) -> Ticket:
    """The ticket that a typed reference names, if this user may see it."""
    reference = read(shown)
    found = ticket_visible(user, reference) if reference is not None else None
    if found is None:
        raise Http404
    return found


def to_ticket(found: Ticket, part: str = "") -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("ticket", args=[found.shown_reference]) + part)


def ticket_show(request: DeskRequest, reference: str, draft: Draft, *, status: int = 200) -> HttpResponse:
    """The page as it stands now, with the draft in its composer."""
    now = database_now()
    page = ticket_page(request.user, reference, now=now)
    if page is None:
        raise Http404
    cannot = cannot_answer(page)
    found = page.ticket
    context: dict[str, Any] = {
        "page": page,
        "t": found,
        "now": now,
        "here": found.team.key,
        "back": f"{reverse('queue')}?show=triage" if found.triage == Triage.PENDING else reverse("queue"),
        "reasons": [(code, str(words)) for code, words in NO_REPLY_REASONS.items()],
        "can_answer": not cannot,
        "cannot": cannot,
        "may_triage": page.account.answers,
        "text": draft.text,
        "refused": draft.refused,
        "changed": draft.changed,
        "client_key": draft.client_key or str(uuid.uuid4()),
        "measure": measure(request.user, found, page.conversation, draft.text, now=now)
        if page.conversation is not None and not cannot
        else None,
        "answer_to": token_of(page.conversation) if page.conversation is not None else "",
        "seen_message": token_of(page.newest_inbound) if page.newest_inbound is not None else "",
        "why": _why(page),
        "line_start": found.clock_started_at or found.created_at,
        "look_at": _newest_url(page),
    }
    return render(request, "tickets/ticket.html", context, status=status)


def cannot_answer(page: TicketPage) -> str:
    """Why nobody can be answered from here, in words; "" where somebody can."""
    if page.conversation is None:
        return _("There is no conversation to answer in.")
    if not page.account.answers:
        return _("The account’s channel mode is %(mode)s: nobody answers from here.") % {
            "mode": page.account.get_mode_display()
        }
    if page.ticket.triage != Triage.RESPOND:
        return _("Choose respond first; then the answer can tell the caller a date.")
    if page.ticket.status == Status.CLOSED:
        return _("This is closed. A new message of the caller opens a new one.")
    rule = page.conversation.reply_rule
    if rule and not rule.get("allowed"):
        return rule_words(page.account, str(rule.get("rule", "")), (get_language() or "en").split("-")[0])
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


def _why(page: TicketPage) -> Why:
    found = page.ticket
    due = page.due_at_of_date
    return why(
        page.policy,
        reasons=found.reasons,
        priority=found.priority,
        category=found.category,
        language=(get_language() or "en").split("-")[0],
        started_at=found.clock_started_at if due is not None else None,
        due_at=due,
        told_at=page.first_told,
        channel=page.account.channel,
        visibility="private"
        if page.conversation is not None and page.conversation.visibility == "private"
        else "public",
        revision=page.policy_number,
    )
