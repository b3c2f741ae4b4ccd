"""The moments at which callers are to hear from us: a date at risk, its notice, reminders, the closing word.

What may go by itself becomes a row of the outbox, whose text, reason and date are worked out when it goes. What
something keeps back (tickets/services/forecast.py) becomes a person's task, with the row held ready to be released.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from priority.selectors import policy_of
from priority.targets import lead_at
from tickets.models import Conversation, ReplyEffect, ReplyKind, TaskKind, Ticket, ToldKind
from tickets.moments import MomentKind, PromiseFacts
from tickets.services.clock_facts import closing_key, remind_key
from tickets.services.clock_notices import notice, places_to_speak
from tickets.services.durations import of
from tickets.services.forecast import KeptBack, kept_back
from tickets.services.notifying import Tell
from tickets.services.reasons import NOT_FINISHED, reasons_proven
from tickets.services.sweep_moments import Due, Work

#: Counts dates told by themselves; a reminder tells none.
RENEWALS = "renewals"


def dates_at_risk(work: Work, due: Sequence[Due]) -> None:
    """1. Something would keep the notice back: a person is asked to write before the date.
    2. Nothing would, and no reason is proven but that it is not finished: a person is asked for a better one.
    Both are stamped with the time of this look. Whoever has the ticket is told with the first of them.
    """
    promises = _promises(due)
    tickets = [one.ticket for one in due if one.ticket.pk in promises]
    kept = kept_back(tickets, {pk: promise.notice_at for pk, promise in promises.items()}, work.now)
    free = [ticket for ticket in tickets if kept[ticket.pk] is None]
    reasons = reasons_proven(free, work.now, volume=False)
    for ticket in tickets:
        promise, rule = promises[ticket.pk], kept[ticket.pk]
        if ticket.owner_id is not None:
            work.told.append(Tell(ToldKind.AT_RISK, ticket.pk, f"risk:{promise.id}"))
        # A look after the first was due when the ticket was to be swept again.
        at = max(promise.at_risk_at, min(ticket.next_at or work.now, work.now))
        if rule is not None:
            _notice_task(work, ticket, promise, rule, at=at)
        elif reasons[ticket.pk][0].code == NOT_FINISHED.code:
            work.ask(
                TaskKind.REASON,
                ticket,
                reason=NOT_FINISHED.code,
                cause=f"reason:{promise.id}",
                at=at,
                due_at=promise.notice_at,
                args={"promise": promise.id},
            )


def notices_due(work: Work, due: Sequence[Due]) -> None:
    """The overdue notice leaves now, a little before the date, or is held with the rule that keeps it back."""
    promises = _promises(due)
    tickets = [one.ticket for one in due if one.ticket.pk in promises]
    places = places_to_speak(ticket.pk for ticket in tickets)
    kept = kept_back(tickets, work.now, work.now, places=places)
    for ticket in tickets:
        promise, rule = promises[ticket.pk], kept[ticket.pk]
        held = _holding(rule)
        key = f"overdue:{promise.id}"
        if ticket.pk in places:
            row = notice(
                ReplyKind.OVERDUE,
                ticket,
                places[ticket.pk],
                key=key,
                now=work.now,
                promise_id=promise.id,
                not_before=promise.notice_at,
                held=held.rule if held else None,
                held_by=held.by if held else "desk",
            )
            work.replies.append(row)
            work.shown.add(ticket.pk)
        if rule is not None:
            cause = f"{'missed' if ticket.pk in work.over else 'notice'}:{promise.id}"
            if ticket.pk not in work.over:
                _notice_task(work, ticket, promise, rule, at=promise.notice_at)
            if ticket.pk in places and held is not None:
                work.reply_of[cause] = key


def reminders_due(work: Work, due: Sequence[Due]) -> None:
    """The newest of a ticket's reminders that are due; those before it are then of no use."""
    newest = {one.ticket.pk: one for one in due}
    _to_the_waiting(
        work,
        list(newest.values()),
        ReplyKind.REMINDER,
        {pk: remind_key(one.ticket, one.moment.key) for pk, one in newest.items()},
    )


def closings_due(work: Work, due: Sequence[Due]) -> None:
    """The caller never answered: the word that we close it. Closed it is when that was sent."""
    _to_the_waiting(work, due, ReplyKind.CLOSING, {one.ticket.pk: closing_key(one.ticket) for one in due})


def _to_the_waiting(work: Work, due: Sequence[Due], kind: ReplyKind, keys: Mapping[int, str]) -> None:
    tickets = [one.ticket for one in due]
    places = places_to_speak(ticket.pk for ticket in tickets)
    kept = kept_back(tickets, work.now, work.now, places=places)
    for one in due:
        ticket, at, key = one.ticket, one.moment.at, keys[one.ticket.pk]
        rule = kept[ticket.pk]
        if rule is not None and (rule.lies or rule.rule == RENEWALS):
            rule = None
        place: Conversation | None = places.get(ticket.pk)
        if place is not None:
            row = notice(
                kind,
                ticket,
                place,
                key=key,
                now=work.now,
                not_before=at,
                held=rule.rule if rule else None,
                held_by=rule.by if rule else "desk",
                effect=ReplyEffect.CLOSES if kind == ReplyKind.CLOSING else "",
                args={"number": one.moment.key} if kind == ReplyKind.REMINDER else None,
            )
            work.replies.append(row)
            work.shown.add(ticket.pk)
        if rule is not None:
            args = _kept_args(rule)
            work.ask(TaskKind.REMIND, ticket, reason=rule.rule, cause=key, at=at, due_at=at, args=args)
            if place is not None:
                work.reply_of[key] = key


def _notice_task(work: Work, ticket: Ticket, promise: PromiseFacts, rule: KeptBack, *, at: datetime) -> None:
    """One task a promise, until its notice is due; the lead's if it lies untouched."""
    policy = policy_of(ticket.policy_revision_id)
    work.warned.add(ticket.pk)
    work.ask(
        TaskKind.NOTICE,
        ticket,
        reason=rule.rule,
        cause=f"notice:{promise.id}",
        at=at,
        due_at=promise.notice_at,
        lead_at=lead_at(policy, since=at, **of(ticket)),
        args={"promise": promise.id, **_kept_args(rule)},
    )


def _holding(rule: KeptBack | None) -> KeptBack | None:
    """The rule by which the row waits for a person. What only nobody reads lies ready all the same."""
    return None if rule is not None and rule.lies else rule


def _kept_args(rule: KeptBack) -> dict[str, str]:
    return {"until": rule.until.isoformat()} if rule.until is not None else {}


def _promises(due: Sequence[Due]) -> dict[int, PromiseFacts]:
    return {one.ticket.pk: one.clock.promise for one in due if one.clock.promise is not None}


HANDLERS: Mapping[MomentKind, Callable[[Work, Sequence[Due]], None]] = {
    MomentKind.AT_RISK: dates_at_risk,
    MomentKind.NOTICE: notices_due,
    MomentKind.REMIND: reminders_due,
    MomentKind.CLOSE: closings_due,
}
