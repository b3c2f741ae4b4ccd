"""What time does to a ticket, from its facts alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tickets.moments import (
    LOOKS,
    MomentKind,
    PromiseFacts,
    TargetFacts,
    TicketClock,
    moments_of,
    next_at,
    shown,
)

AT = datetime(2026, 11, 16, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def target(number: int, kind: str, hours: int, *, breached: bool = False) -> TargetFacts:
    return TargetFacts(number, kind, AT + hours * HOUR, AT + (hours - 1) * HOUR, breached)


def promise(**facts: bool) -> PromiseFacts:
    return PromiseFacts(7, "solved", AT + 10 * HOUR, AT + 2 * HOUR, AT + 9 * HOUR, **facts)


def kinds(clock: TicketClock) -> list[MomentKind]:
    return [moment.kind for moment in moments_of(clock)]


def test_moments_come_in_the_order_of_time() -> None:
    clock = TicketClock(
        "open",
        targets=[target(1, "resolution", 8), target(2, "first_response", 1), target(3, "progress", 3)],
        promise=promise(),
    )
    assert [(m.kind, m.key) for m in moments_of(clock)] == [
        (MomentKind.TARGET_DUE, 2),
        (MomentKind.AT_RISK, 7),
        (MomentKind.PROGRESS, 3),
        (MomentKind.TARGET_DUE, 1),
        (MomentKind.NOTICE, 7),
        (MomentKind.DATE, 7),
    ]
    assert next_at(clock) == AT + HOUR


def test_a_pause_stops_our_targets_and_never_the_promise() -> None:
    clock = TicketClock("on_hold", targets=[target(1, "resolution", 8)], promise=promise(), paused=True)
    assert kinds(clock) == [MomentKind.AT_RISK, MomentKind.NOTICE, MomentKind.DATE]
    assert shown(clock).due_at == AT + 10 * HOUR


def test_without_a_promise_what_stands_still_has_no_due_time() -> None:
    clock = TicketClock("on_hold", targets=[target(1, "resolution", 8)], paused=True)
    assert (next_at(clock), shown(clock).due_at, shown(clock).at_risk_at) == (None, None, None)
    assert shown(clock).queue_at == AT + 8 * HOUR


def test_what_was_done_is_no_moment_any_more() -> None:
    assert kinds(TicketClock("open", targets=[target(1, "resolution", 8, breached=True)])) == []
    told = TicketClock("open", promise=promise(noticed=True, warned=True, under_way=True))
    assert kinds(told) == []
    waiting = TicketClock(
        "waiting_on_caller", remind_at=[AT, AT + HOUR], reminded=frozenset({1}), close_at=AT + 5 * HOUR
    )
    assert kinds(waiting) == [MomentKind.REMIND, MomentKind.CLOSE]
    assert moments_of(waiting)[0].key == 2


def test_a_date_at_risk_is_looked_at_again_until_its_notice_is_due() -> None:
    clock = TicketClock("open", promise=promise())
    looked, times = None, []
    while (at := next_at(clock, looked=looked)) is not None and at < AT + 9 * HOUR:
        times.append(at)
        looked = at
    assert times[0] == AT + 2 * HOUR
    assert len(times) == LOOKS
    assert times == sorted(set(times))
    assert next_at(TicketClock("open", promise=promise(warned=True))) == AT + 9 * HOUR


def test_a_ticket_that_is_over_only_waits_until_it_cannot_be_opened_again() -> None:
    over = TicketClock(
        "resolved", targets=[target(1, "resolution", 8)], promise=promise(), settle_at=AT + 9 * HOUR
    )
    assert kinds(over) == [MomentKind.SETTLE]
    assert kinds(TicketClock("closed")) == []
