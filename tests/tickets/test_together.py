"""One press over several tickets: what is done, what is left and why, and taking it back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from priority.selectors import policy_of
from tests import desk
from tests.simulated_clock import SimulatedClock
from tests.tickets.at_work import LIGHTS, at
from tests.tickets.said import VENTING, acknowledge, hear
from tickets.models import (
    AgentTask,
    BulkAction,
    BulkWhat,
    ChannelAccount,
    OutboundReply,
    ReplyKind,
    ReplyState,
    Status,
    Target,
    TaskKind,
    Ticket,
    TicketEvent,
    Triage,
)
from tickets.services.errors import NotFound, Refused
from tickets.services.owning import ticket_assign, ticket_take
from tickets.services.together import (
    FIELDS,
    MOST,
    Outcome,
    Seen,
    tickets_assign,
    tickets_properties_set,
    tickets_put_away,
    tickets_transfer,
)
from tickets.services.together_release import tickets_release
from tickets.services.together_undo import bulk_undo

pytestmark = pytest.mark.django_db


@pytest.fixture
def daan(clock: SimulatedClock) -> User:
    return desk.user("daan", teams=[desk.team("front")])


@pytest.fixture
def account(clock: SimulatedClock) -> ChannelAccount:
    return desk.account(
        notices="automatic",
        notices_note="agreed",
        caps={"automated_per_interaction": {"value": 9, "note": "agreed"}},
    )


def several(account: ChannelAccount, number: int = 3, text: str = LIGHTS) -> list[Ticket]:
    return [hear(account, 10 + n, text, by=f"caller{n}", at=at(23, 8, 50)) for n in range(number)]


def seen(*tickets: Ticket) -> list[Seen]:
    return [Seen(ticket.reference, ticket.version) for ticket in tickets]


def now_of(*tickets: Ticket) -> list[Ticket]:
    return [Ticket.objects.get(pk=ticket.pk) for ticket in tickets]


def token(outcome: Outcome) -> str:
    assert outcome.action is not None
    return outcome.action.token


def words(outcome: Outcome) -> dict[str, str]:
    return {left.reference: left.words for left in outcome.left}


def test_assigned_at_once_and_back_again(
    account: ChannelAccount, noor: User, daan: User, clock: SimulatedClock
) -> None:
    one, two, three = several(account)
    ticket_assign(actor=noor, ticket_id=two.pk, user_id=noor.pk, now=clock.now)
    rows = now_of(one, two, three)
    done = tickets_assign(actor=noor, chosen=seen(*rows), user_id=daan.pk, now=clock.now)
    assert (len(done.done), done.left) == (3, [])
    assert {ticket.owner for ticket in now_of(one, two, three)} == {daan}
    assert [a.version + 1 for a in rows] == [b.version for b in now_of(one, two, three)]
    assert TicketEvent.objects.filter(kind="assigned", args__together=3).count() == 3
    back = bulk_undo(actor=noor, token=token(done), now=clock.now)
    assert len(back.done) == 3
    assert [ticket.owner for ticket in now_of(one, two, three)] == [None, noor, None]
    assert [a.version + 2 for a in rows] == [b.version for b in now_of(one, two, three)]


def test_given_to_oneself_nobody_has_begun(
    account: ChannelAccount, noor: User, clock: SimulatedClock
) -> None:
    tickets = several(account)
    tickets_assign(actor=noor, chosen=seen(*tickets), user_id=noor.pk, now=clock.now)
    assert not Target.objects.filter(met_at__isnull=False).exists()


def test_what_a_colleague_took_meanwhile_stays_theirs(
    account: ChannelAccount, noor: User, daan: User, clock: SimulatedClock
) -> None:
    one, two, _three = several(account)
    chosen = seen(one, two)
    ticket_take(actor=daan, ticket_id=two.pk, now=clock.now)
    done = tickets_assign(actor=noor, chosen=chosen, user_id=noor.pk, now=clock.now)
    assert done.done == [one.pk]
    assert words(done) == {two.reference: "A colleague has taken it in the meantime."}
    assert [ticket.owner for ticket in now_of(one, two)] == [noor, daan]


def test_nobody_may_be_given_what_they_may_not_see(clock: SimulatedClock, daan: User) -> None:
    secret = desk.team("integrity", private=True)
    lena = desk.user("lena", teams=[secret, desk.team("front")])
    hidden, shown = hear(desk.account("2", of_team=secret), 1), hear(desk.account("3"), 2, by="bram")
    done = tickets_assign(actor=lena, chosen=seen(hidden, shown), user_id=daan.pk, now=clock.now)
    assert done.done == [shown.pk]
    assert "may not see it" in words(done)[hidden.reference]


def test_what_one_may_not_see_is_not_there(clock: SimulatedClock, noor: User) -> None:
    hidden = hear(desk.account("2", of_team=desk.team("integrity", private=True)), 1)
    for chosen in (seen(hidden), [Seen("00000000")]):
        done = tickets_assign(actor=noor, chosen=chosen, user_id=noor.pk, now=clock.now)
        assert (done.done, done.action) == ([], None)
        assert list(words(done).values()) == ["It is not there any more."]
        assert tickets_put_away(actor=noor, chosen=chosen, reason="spam", now=clock.now).done == []
        assert tickets_release(actor=noor, chosen=chosen, now=clock.now).released == []
    assert Ticket.objects.get(pk=hidden.pk).owner is None


def test_none_and_too_many_are_refused(noor: User, clock: SimulatedClock) -> None:
    for chosen in ([], [Seen(f"{n:08d}") for n in range(MOST + 1)]):
        with pytest.raises(Refused):
            tickets_assign(actor=noor, chosen=chosen, user_id=noor.pk, now=clock.now)
    with pytest.raises(Refused):
        tickets_put_away(actor=noor, chosen=[Seen("00000000")], reason="", now=clock.now)
    with pytest.raises(Refused):
        tickets_properties_set(
            actor=noor,
            chosen=[Seen("00000000")],
            category="",
            impact="",
            urgency="",
            why="seen",
            now=clock.now,
        )
    with pytest.raises(NotFound):
        tickets_transfer(actor=noor, chosen=[Seen("00000000")], team_key="nowhere", now=clock.now)


def test_assigning_costs_the_same_for_2_as_for_20(
    account: ChannelAccount, noor: User, daan: User, clock: SimulatedClock
) -> None:
    tickets = several(account, 24)
    tickets_assign(actor=noor, chosen=seen(*tickets[:2]), user_id=daan.pk, now=clock.now)
    with CaptureQueriesContext(connection) as few:
        tickets_assign(actor=noor, chosen=seen(*tickets[2:4]), user_id=daan.pk, now=clock.now)
    with CaptureQueriesContext(connection) as many:
        tickets_assign(actor=noor, chosen=seen(*tickets[4:]), user_id=daan.pk, now=clock.now)
    assert len(many) == len(few)


def test_transferred_at_once_with_what_is_asked_of_people(
    account: ChannelAccount, noor: User, clock: SimulatedClock
) -> None:
    trams = desk.team("trams")
    one, two, three = several(account)
    ticket_assign(actor=noor, ticket_id=one.pk, user_id=noor.pk, now=clock.now)
    Ticket.objects.filter(pk=three.pk).update(status=Status.RESOLVED, resolved_at=clock.now)
    AgentTask.objects.create(
        kind=TaskKind.REASON, reason="x", cause="x", team=one.team, ticket=one, user=noor, due_at=clock.now,
        created_at=clock.now,
    )  # fmt: skip
    dates = [(ticket.queue_at, ticket.promised_for) for ticket in now_of(one, two)]
    done = tickets_transfer(
        actor=noor, chosen=seen(*now_of(one, two, three)), team_key="trams", now=clock.now
    )
    assert done.done == [one.pk, two.pk]
    assert words(done) == {three.reference: "This is over. Open it again before you transfer it."}
    assert [(t.team, t.owner) for t in now_of(one, two)] == [(trams, None)] * 2
    assert [(ticket.queue_at, ticket.promised_for) for ticket in now_of(one, two)] == dates
    assert AgentTask.objects.get(cause="x").team == trams
    back = bulk_undo(actor=noor, token=token(done), now=clock.now)
    assert len(back.done) == 2
    assert [(t.team.key, t.owner) for t in now_of(one, two)] == [("front", noor), ("front", None)]
    asked = AgentTask.objects.get(cause="x")
    assert (asked.team.key, asked.user) == ("front", noor)


def test_put_away_but_for_whom_was_told_a_date(
    account: ChannelAccount, noor: User, clock: SimulatedClock
) -> None:
    one, two, three = several(account)
    venting = hear(account, 50, VENTING, by="pien", at=at(23, 8, 50))
    acknowledge(two, at=clock.now)
    before = now_of(one, venting)
    open_targets = set(Target.objects.filter(ended_at__isnull=True).values_list("pk", flat=True))
    row = OutboundReply.objects.get(ticket=one)
    assert row.state == ReplyState.QUEUED
    done = tickets_put_away(
        actor=noor, chosen=seen(*now_of(one, two, venting)), reason="venting", now=clock.now
    )
    assert sorted(done.done) == sorted([one.pk, venting.pk])
    assert "was told a date" in words(done)[two.reference]
    assert [(t.triage, t.status) for t in now_of(one, venting)] == [(Triage.NO_REPLY, Status.CLOSED)] * 2
    assert OutboundReply.objects.get(pk=row.pk).state == ReplyState.SUPERSEDED
    clock.passes(timedelta(minutes=2))
    assert len(bulk_undo(actor=noor, token=token(done), now=clock.now).done) == 2
    for old, new in zip(before, now_of(one, venting), strict=True):
        for name in (*FIELDS[BulkWhat.NO_REPLY], "queue_at"):
            assert getattr(new, name) == getattr(old, name), name
        assert new.version == old.version + 2
    assert set(Target.objects.filter(ended_at__isnull=True).values_list("pk", flat=True)) == open_targets
    assert OutboundReply.objects.get(pk=row.pk).state == ReplyState.QUEUED
    assert Ticket.objects.get(pk=three.pk).version == three.version


def test_what_changed_since_the_page_is_looked_at_first(
    account: ChannelAccount, noor: User, clock: SimulatedClock
) -> None:
    one, two, _three = several(account, text=VENTING)
    chosen = seen(one, two)
    Ticket.objects.filter(pk=two.pk).update(version=two.version + 1)
    done = tickets_put_away(actor=noor, chosen=chosen, reason="venting", now=clock.now)
    assert done.done == [one.pk]
    assert words(done) == {two.reference: "It has changed in the meantime: look at it first."}


def test_priority_of_several_and_the_notices_are_automatic(
    account: ChannelAccount, noor: User, clock: SimulatedClock
) -> None:
    one, two, three = several(account)
    acknowledge(one, at=clock.now)
    acknowledge(two, at=clock.now)
    rows = now_of(one, two, three)
    policy_keys = {"impact": "person", "urgency": "low"}
    done = tickets_properties_set(
        actor=noor, chosen=seen(*rows), category="", why="seen", now=clock.now, **_keys(rows[0], policy_keys)
    )
    assert len(done.done) == 3
    assert {ticket.category for ticket in now_of(one, two, three)} == {rows[0].category}
    assert now_of(one)[0].priority != rows[0].priority
    notices = OutboundReply.objects.filter(kind=ReplyKind.DATE_CHANGED)
    assert {row.ticket_id for row in notices} == {one.pk, two.pk}
    assert {(row.is_automatic, row.author_id) for row in notices} == {(True, None)}
    back = bulk_undo(actor=noor, token=token(done), now=clock.now)
    assert len(back.done) == 3
    for old, new in zip(rows, now_of(one, two, three), strict=True):
        assert (new.priority, new.reasons, new.triage_by) == (old.priority, old.reasons, old.triage_by)
        assert (new.queue_at, new.due_at, new.promised_for) == (old.queue_at, old.due_at, old.promised_for)
    assert set(notices.values_list("state", flat=True)) == {ReplyState.SUPERSEDED}


def _keys(ticket: Ticket, wanted: dict[str, str]) -> dict[str, str]:
    """The lowest levels of the policy, whatever they are called."""
    policy = policy_of(ticket.policy_revision_id)
    lowest = {
        "impact": max(policy.impacts, key=lambda level: level.rank).key,
        "urgency": max(policy.urgencies, key=lambda level: level.rank).key,
    }
    return {name: lowest[name] for name in wanted}


def test_a_date_that_was_told_is_not_taken_back(
    account: ChannelAccount, noor: User, clock: SimulatedClock
) -> None:
    one, two, _three = several(account)
    acknowledge(one, at=clock.now)
    acknowledge(two, at=clock.now)
    rows = now_of(one, two)
    done = tickets_properties_set(
        actor=noor, chosen=seen(*rows), category="", why="seen", now=clock.now,
        **_keys(rows[0], {"impact": "", "urgency": ""}),
    )  # fmt: skip
    OutboundReply.objects.filter(ticket=one, kind=ReplyKind.DATE_CHANGED).update(
        state=ReplyState.SENT, sent_at=clock.now, settled_at=clock.now
    )
    back = bulk_undo(actor=noor, token=token(done), now=clock.now)
    assert back.done == [two.pk]
    assert words(back) == {one.reference: "Its caller has been told the new date already."}


def test_undo_leaves_what_was_changed_since_and_says_so(
    account: ChannelAccount, noor: User, daan: User, clock: SimulatedClock
) -> None:
    one, two, three = several(account)
    done = tickets_assign(actor=noor, chosen=seen(one, two, three), user_id=daan.pk, now=clock.now)
    ticket_assign(actor=daan, ticket_id=two.pk, user_id=noor.pk, now=clock.now)
    Ticket.objects.filter(pk=three.pk).update(version=99)  # something else happened there
    back = bulk_undo(actor=noor, token=token(done), now=clock.now)
    assert sorted(back.done) == sorted([one.pk, three.pk])
    assert words(back) == {two.reference: "It was changed since; it stays as it is now."}
    assert [ticket.owner for ticket in now_of(one, two, three)] == [None, noor, None]


def test_undo_is_ones_own_once_and_for_ten_minutes(
    account: ChannelAccount, noor: User, daan: User, clock: SimulatedClock
) -> None:
    tickets = several(account)
    done = tickets_assign(actor=noor, chosen=seen(*tickets), user_id=daan.pk, now=clock.now)
    with pytest.raises(NotFound):
        bulk_undo(actor=daan, token=token(done), now=clock.now)
    with pytest.raises(NotFound):
        bulk_undo(actor=noor, token="0" * 32, now=clock.now)
    with pytest.raises(Refused):
        bulk_undo(actor=noor, token=token(done), now=clock.now + timedelta(minutes=10, seconds=1))
    bulk_undo(actor=noor, token=token(done), now=clock.now + timedelta(minutes=10))
    with pytest.raises(Refused):
        bulk_undo(actor=noor, token=token(done), now=clock.now)


def test_whose_old_owner_is_gone_is_left(
    account: ChannelAccount, noor: User, daan: User, clock: SimulatedClock
) -> None:
    one, *_rest = several(account)
    ticket_assign(actor=noor, ticket_id=one.pk, user_id=daan.pk, now=clock.now)
    done = tickets_assign(actor=noor, chosen=seen(*now_of(one)), user_id=noor.pk, now=clock.now)
    User.objects.filter(pk=daan.pk).update(is_active=False)
    back = bulk_undo(actor=noor, token=token(done), now=clock.now)
    assert words(back) == {one.reference: "Who had it may not see it any more."}
    assert now_of(one)[0].owner == noor


def test_what_was_kept_is_forgotten_after_a_day(
    account: ChannelAccount, noor: User, daan: User, clock: SimulatedClock
) -> None:
    tickets = several(account)
    tickets_assign(actor=noor, chosen=seen(*tickets), user_id=daan.pk, now=clock.now)
    later = clock.now + timedelta(days=2)
    tickets_assign(actor=noor, chosen=seen(*now_of(*tickets)), user_id=None, now=later)
    assert [action.at for action in BulkAction.objects.all()] == [later]


def held(tickets: list[Ticket], clock: SimulatedClock) -> None:
    for ticket in tickets:
        row = OutboundReply.objects.get(ticket=ticket)
        OutboundReply.objects.filter(pk=row.pk).update(
            state=ReplyState.HELD, held_reason="contact_cap_hour", held_by="desk"
        )
        AgentTask.objects.create(
            kind=TaskKind.RELEASE, reason="contact_cap_hour", cause=f"release:{row.pk}:0", team=ticket.team,
            ticket=ticket, due_at=clock.now, created_at=clock.now, args={"reply": row.pk},
        )  # fmt: skip


def test_several_released_stay_automatic_one_is_the_agents(
    account: ChannelAccount, noor: User, clock: SimulatedClock
) -> None:
    one, two, three = several(account)
    held([one, two], clock)
    done = tickets_release(actor=noor, chosen=seen(one, two, three), now=clock.now)
    assert (done.released, done.as_automatic) == ([one.pk, two.pk], True)
    assert [left.reference for left in done.left] == [three.reference]
    rows = OutboundReply.objects.filter(ticket__in=[one, two])
    assert {(r.state, r.is_automatic, r.author_id) for r in rows} == {(ReplyState.QUEUED, True, None)}
    assert not AgentTask.objects.filter(kind=TaskKind.RELEASE, done_at__isnull=True).exists()
    held_again = rows.get(ticket=one)
    held_again.state, held_again.held_reason = ReplyState.HELD, "contact_cap_hour"
    held_again.save()
    alone = tickets_release(actor=noor, chosen=seen(*now_of(one)), now=clock.now)
    assert (alone.released, alone.as_automatic) == ([one.pk], False)
    row = OutboundReply.objects.get(ticket=one)
    assert (row.state, row.is_automatic, row.author) == (ReplyState.QUEUED, False, noor)
