"""The date that a person's answer has to tell, so that no caller is left without one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from priority.clock import BeyondCalendar
from tickets.bulk import read
from tickets.models import (
    ON_ITS_WAY,
    OutboundReply,
    Promise,
    PromiseEnd,
    PromiseKind,
    Status,
    Ticket,
)
from tickets.prepared import Prepared, ask
from tickets.services.clock_facts import LIES_WHERE_THEY_SPOKE
from tickets.services.clock_notices import moved_of
from tickets.services.notice_checks import next_date
from tickets.services.promises import date_to_tell

_ON_ITS_WAY = ", ".join(f"'{state.value}'" for state in ON_ITS_WAY)
_ANSWER_ON_ITS_WAY = Prepared(
    "SELECT 1 FROM tickets_outboundreply r"  # noqa: S608 - states of ours
    " WHERE r.ticket_id = %s AND r.kind = 'answer' AND r.tells_for IS NOT NULL"
    f" AND r.undo_until IS NULL AND r.state IN ({_ON_ITS_WAY})"
    f" AND (r.state <> 'handed' OR {LIES_WHERE_THEY_SPOKE}) LIMIT 1",
    ("bigint",),
)
"""One that may still be taken back tells nothing yet, nor does one that lies unread where the caller is no more."""
#: How the newest promise ended → why an answer tells a date; what stands not here leaves nothing owed.
_REASONS = {
    PromiseEnd.SUSPENDED: "have_your_answer",
    PromiseEnd.MISSED: "not_finished",
    PromiseEnd.WITHDRAWN: "reopened",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    date: datetime
    kind: PromiseKind
    reason: str


def date_wanted(ticket: Ticket, *, now: datetime) -> Wanted | None:
    """None where none is to be told: one stands, or is on its way, or waits for the caller's answer; or what was
    promised was done; or the policy's calendar knows no date so far ahead.

    The date is always that of the ticket's target or, where that is past, the next one from now, as the policy has it.
    1. Never told one.
    2. A date-changed notice waits to go or to be released: the answer tells its date in its stead.
    3. The newest date has passed, waited for the answer that has come, or was kept by what turned out not to be done.
    """
    if not ticket.is_open or ticket.status == Status.WAITING:
        return None
    if ask(_ANSWER_ON_ITS_WAY, [ticket.pk]):
        return None
    try:
        tell = date_to_tell(ticket)
        if tell is None:
            return None
        date = tell.date if tell.date > now else next_date(ticket, now, now)
    except BeyondCalendar:
        return None
    told = read(
        Promise, "WHERE ticket_id = %s ORDER BY told_at DESC, id DESC LIMIT 1", [ticket.pk], types=("bigint",)
    )
    newest = told[0] if told else None
    changed = changed_waiting(newest) if newest is not None else None
    reason = "answered" if newest is None else _reason(newest, changed)
    if reason is None:
        return None
    moved = moved_of(changed)
    date, kind = moved if moved is not None and moved[0] > now else (date, tell.kind)
    if newest is not None and newest.end == "" and (date, kind) == (newest.promised_for, newest.kind):
        return None
    return Wanted(date, kind, reason)


def changed_waiting(promise: Promise) -> OutboundReply | None:
    """Its date-changed notice, where that has not begun to go."""
    found = read(OutboundReply, _CHANGED_WAITING, [f"changed:{promise.pk}"], types=("text",))
    return found[0] if found else None


_CHANGED_WAITING = (
    "WHERE dedupe_key = %s AND (state IN ('queued', 'held') OR state = 'sending' AND send_started_at IS NULL)"
)


def _reason(newest: Promise, changed: OutboundReply | None) -> str | None:
    if changed is not None:
        given = changed.args.get("given") or changed.args
        return str(given.get("reason") or "") or _REASONS.get(
            PromiseEnd(newest.end or "suspended"), "not_finished"
        )
    if newest.end == PromiseEnd.KEPT and newest.end_reason == "resolved":
        return "reopened"
    return _REASONS.get(PromiseEnd(newest.end)) if newest.end else None
