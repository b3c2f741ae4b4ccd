"""Releasing held messages of several tickets with one press.

A notice that an agent releases is the agent's message and counts towards no cap; one press that writes to more than
one caller counts as automatic (DESIGN, the contract of a channel). So a release of several stays automatic: it settles
the rule that an agent releases notices here, and nothing else. Stops, opt-outs and every cap are asked again before
each goes, and what they keep back is held anew, to be released one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from tickets import bulk
from tickets.models import AgentTask, OutboundReply, ReplyState, TaskKind, Ticket
from tickets.selectors import tickets_visible
from tickets.services.audit import event
from tickets.services.clock_work import clock_set
from tickets.services.notice_checks import RELEASED_BY
from tickets.services.reply_decisions import reply_release
from tickets.services.together import Left, Seen, checked, not_there
from tickets.wake import DELIVER, wake


@dataclass(slots=True)
class Released:
    """released: ids of the tickets of which a message was. as_automatic: it wrote to more than one caller."""

    released: list[int] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    as_automatic: bool = False


def tickets_release(*, actor: User, chosen: Sequence[Seen], now: datetime) -> Released:
    """What is held of the automatic messages of these tickets goes, if it may. Raises Refused: none chosen, too many.

    1. Tickets locked by id, then their rows. What a person has written is left: it is released where it was written.
    2. One caller: each is released as by hand, and becomes the actor's.
    3. Several: each stays automatic, waits for the time it was made for, and is checked as such when it goes.
    """
    checked(chosen)
    wanted = {each.reference for each in chosen}
    with transaction.atomic():
        found = tickets_visible(actor).filter(reference__in=wanted).order_by("pk")
        tickets = list(found.select_for_update(of=("self",), no_key=True))
        gone = sorted(wanted - {ticket.reference for ticket in tickets})
        outcome = Released(left=[not_there(reference) for reference in gone])
        held = OutboundReply.objects.filter(
            ticket_id__in=[ticket.pk for ticket in tickets], state=ReplyState.HELD, is_automatic=True
        )
        rows = list(held.select_for_update(of=("self",)).order_by("pk"))
        of = {row.ticket_id for row in rows}
        for ticket in tickets:
            if ticket.pk not in of:
                words = _("Nothing is held here that goes by itself: open it, and decide there.")
                outcome.left.append(Left(ticket.reference, words))
        outcome.released = sorted(of)
        outcome.as_automatic = len({ticket.caller_id for ticket in tickets if ticket.pk in of}) > 1
        if outcome.as_automatic:
            _released_together(actor, [ticket for ticket in tickets if ticket.pk in of], rows, now)
        else:
            for row in rows:
                reply_release(actor=actor, reply_id=row.pk, now=now)
    return outcome


def _released_together(
    actor: User, tickets: Sequence[Ticket], rows: Sequence[OutboundReply], now: datetime
) -> None:
    for row in rows:
        row.state, row.held_reason, row.held_by, row.settled_at = ReplyState.QUEUED, "", "", None
        row.next_try_at = max(now, row.not_before or now)
        row.attempts += 1
        row.args = {**row.args, RELEASED_BY: actor.pk}
    fields = ("state", "held_reason", "held_by", "settled_at", "next_try_at", "attempts", "args")
    bulk.update(rows, fields)
    AgentTask.objects.filter(
        kind=TaskKind.RELEASE,
        ticket_id__in=[ticket.pk for ticket in tickets],
        args__reply__in=[row.pk for row in rows],
        done_at__isnull=True,
    ).update(done_at=now, done_how="released", done_by=actor)
    for ticket in tickets:
        ticket.version += 1
    bulk.update(tickets, ("version",))
    lines = [
        event(
            "reply_released",
            actor=actor,
            now=now,
            ticket_id=row.ticket_id,
            args={"reply": row.pk, "together": len(rows)},
        )
        for row in rows
    ]
    bulk.insert(lines, keys=False)
    clock_set(tickets, now)
    for account_id in sorted({row.account_id for row in rows}):
        wake(DELIVER, account_id)
