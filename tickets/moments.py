"""What time does to a ticket: its moments, worked out from stored facts. Pure.

A moment is something that is to be done at a time and has not been done: whether it was is read from the facts (a
target is breached, a row of the outbox exists, a task was made), never from a counter. `Ticket.next_at` is the
earliest of them, and the sweep (tickets/services/sweep.py) does what has come.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

#: While a told date is at risk it is looked at so many times whether its notice can go: what keeps it back may come up
#: at any time, and a person is to know before the date.
LOOKS = 8
#: Statuses in which the clock has something to do.
OPEN = frozenset({"new", "open", "waiting_on_caller", "on_hold"})


class MomentKind(StrEnum):
    TARGET_DUE = "target_due"
    PROGRESS = "progress"
    AT_RISK = "promise_at_risk"
    NOTICE = "promise_notice"
    DATE = "promise_due"
    REMIND = "remind"
    CLOSE = "close"
    ASK_AGAIN = "ask_again"
    SETTLE = "settle"


@dataclass(frozen=True, slots=True)
class Moment:
    """`at`: when it is (or was) due. `key`: of what it is about: the row's id, or a reminder's number."""

    at: datetime
    kind: MomentKind
    key: int


@dataclass(frozen=True, slots=True)
class TargetFacts:
    """A target that is neither met nor ended. breached: its time has passed, and that was noted."""

    id: int
    kind: str
    due_at: datetime
    at_risk_at: datetime
    breached: bool = False


@dataclass(frozen=True, slots=True)
class PromiseFacts:
    """The open promise. noticed: the row of its overdue notice exists, or another message tells a date in its stead.
    going: that notice is on its way, or may have gone; nobody need ask any more whether it can go.
    under_way: a message that tells a date left, or may have left, before the date; what becomes of it decides.
    warned: a person was asked to write before the date, so it need not be looked at before then."""

    id: int
    kind: str
    promised_for: datetime
    at_risk_at: datetime
    notice_at: datetime
    noticed: bool = False
    going: bool = False
    under_way: bool = False
    warned: bool = False


def passes_at(promised_for: datetime, notice_at: datetime) -> datetime:
    """Until when what a caller was told is kept "by then". A date is told to the minute: where the policy leaves its
    notice no time before it, that whole minute is the date."""
    return promised_for + timedelta(minutes=1) if notice_at >= promised_for else promised_for


@dataclass(frozen=True, slots=True)
class TicketClock:
    """The facts of one ticket. paused: our targets stand still. remind_at: when each reminder is due, in order, with
    reminded the numbers (from 1) of those that were made; both empty where the caller is not waited for."""

    status: str
    targets: Sequence[TargetFacts] = ()
    promise: PromiseFacts | None = None
    paused: bool = False
    remind_at: Sequence[datetime] = ()
    reminded: frozenset[int] = frozenset()
    close_at: datetime | None = None
    ask_again_at: datetime | None = None
    settle_at: datetime | None = None


def moments_of(clock: TicketClock, *, looked: datetime | None = None) -> list[Moment]:
    """Everything that is still to be done, earliest first. `looked`: at what time the ticket was swept; looks at a
    date at risk lie after it. None: the first of them is the at-risk moment itself.

    A ticket that is over has only one: its days for being opened again end.
    """
    if clock.status not in OPEN:
        return [Moment(clock.settle_at, MomentKind.SETTLE, 0)] if clock.settle_at is not None else []
    found = [] if clock.paused else [_of_target(target) for target in clock.targets if not target.breached]
    if clock.promise is not None:
        found += _of_promise(clock.promise, looked)
    for number, at in enumerate(clock.remind_at, 1):
        if number > max(clock.reminded, default=0):
            found.append(Moment(at, MomentKind.REMIND, number))
    if clock.close_at is not None:
        found.append(Moment(clock.close_at, MomentKind.CLOSE, 0))
    if clock.ask_again_at is not None:
        found.append(Moment(clock.ask_again_at, MomentKind.ASK_AGAIN, 0))
    return sorted(found, key=lambda moment: (moment.at, moment.kind, moment.key))


def next_at(clock: TicketClock, *, looked: datetime | None = None) -> datetime | None:
    """When the sweep has to look at the ticket; None: never. What had come by `looked` it has done, as far as it can
    be done."""
    times = (moment.at for moment in moments_of(clock, looked=looked))
    return next((at for at in times if looked is None or at > looked), None)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the queue is ordered and marked by. queue_at None: as it was."""

    at_risk_at: datetime | None
    due_at: datetime | None
    queue_at: datetime | None


def shown(clock: TicketClock) -> Shown:
    """From the told date where one was told, else from the resolution target; nothing while that stands still."""
    if clock.status not in OPEN:
        return Shown(None, None, None)
    if clock.promise is not None:
        promise = clock.promise
        return Shown(promise.at_risk_at, promise.promised_for, promise.promised_for)
    resolution = next((target for target in clock.targets if target.kind == "resolution"), None)
    if resolution is None:
        return Shown(None, None, None)
    if clock.paused:
        return Shown(None, None, resolution.due_at)
    return Shown(resolution.at_risk_at, resolution.due_at, resolution.due_at)


def _of_target(target: TargetFacts) -> Moment:
    kind = MomentKind.PROGRESS if target.kind == "progress" else MomentKind.TARGET_DUE
    return Moment(target.due_at, kind, target.id)


def _of_promise(promise: PromiseFacts, looked: datetime | None) -> list[Moment]:
    found = []
    asked = promise.warned or promise.going
    look = None if asked else _look(promise.at_risk_at, promise.notice_at, looked)
    if look is not None:
        found.append(Moment(look, MomentKind.AT_RISK, promise.id))
    if not promise.noticed:
        found.append(Moment(promise.notice_at, MomentKind.NOTICE, promise.id))
    if not promise.under_way:
        over = passes_at(promise.promised_for, promise.notice_at)
        found.append(Moment(over, MomentKind.DATE, promise.id))
    return found


def _look(first: datetime, end: datetime, looked: datetime | None) -> datetime | None:
    """The next of the looks from `first` on, all of them before `end`; the notice itself is no look."""
    if looked is None or looked < first:
        return first
    step = max((end - first) / LOOKS, timedelta(seconds=1))
    after = first + ((looked - first) // step + 1) * step
    return after if after < end else None
