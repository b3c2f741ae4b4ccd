"""Watch: nothing is said or owed, and it comes back by itself; a verdict is taken back; one after the other."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from priority.selectors import policy_of
from tests import desk
from tests.simulated_clock import SimulatedClock
from tests.tickets.at_work import at
from tests.tickets.said import DANGER, REQUEST, VENTING, hear, utterance
from tests.tickets.test_views import address, words_of
from tickets.models import (
    AgentTask,
    ChannelAccount,
    OutboundReply,
    Promise,
    Target,
    Ticket,
    TicketEvent,
    Triage,
)
from tickets.selectors_queue import queue
from tickets.selectors_triage import triage_round_at, waiting_for_triage
from tickets.services.errors import Changed, Refused
from tickets.services.intake import messages_receive
from tickets.services.replies import reply_release
from tickets.services.triage import ticket_triage, triage_overdue, triage_undo
from tickets.services.watching import look_again_proposals
from tickets.wanted import Wanted

pytestmark = pytest.mark.django_db


@pytest.fixture
def vents(released: ChannelAccount) -> Ticket:
    return hear(released, 1, VENTING, at=at(23, 9))


def give(actor: User, ticket: Ticket, verdict: Triage, *, now: datetime, **more: Any) -> Ticket:
    return ticket_triage(actor=actor, ticket_id=ticket.pk, verdict=verdict, now=now, **more)


def watch(actor: User, ticket: Ticket, until: datetime, *, now: datetime | None = None) -> Ticket:
    return give(actor, ticket, Triage.WATCH, look_again_at=until, now=now or at(23, 10))


def say(account: ChannelAccount, number: int, text: str, *, when: datetime) -> None:
    with transaction.atomic():
        messages_receive(account, [utterance(number, text, thread=1, at=when)], now=when)


class TestWatch:
    def test_nothing_is_said_owed_or_due(self, noor: User, released: ChannelAccount) -> None:
        asks = hear(released, 1, REQUEST, at=at(23, 9))
        watched = watch(noor, asks, at(24, 9))
        assert (watched.triage, watched.status, watched.queue_at) == ("watch", "new", at(24, 9))
        assert (watched.next_at, watched.due_at, watched.clock_started_at) == (None, None, None)
        assert not Target.objects.filter(ticket=asks, met_at=None, ended_at=None).exists()
        assert not Promise.objects.exists()
        assert set(OutboundReply.objects.values_list("state", flat=True)) == {"superseded"}

    def test_at_its_time_it_stands_first_and_says_why(
        self, noor: User, vents: Ticket, released: ChannelAccount, clock: SimulatedClock
    ) -> None:
        watch(noor, vents, at(24, 9))
        hear(released, 2, VENTING, by="bram", at=at(24, 8, 58))
        assert triage_overdue(now=at(24, 9) - timedelta(seconds=1)) == 0
        assert triage_overdue(now=at(24, 9)) == 1
        clock.set(at(24, 9, 1))
        shown = queue(noor, Wanted(show="triage"), now=clock.now).triage
        assert shown[0].ticket.pk == vents.pk
        vents.refresh_from_db()
        assert (vents.triage, vents.triage_reason, vents.triage_due_at) == (
            "pending",
            "look_again",
            at(24, 9),
        )
        assert TicketEvent.objects.filter(ticket=vents, kind="triaged").latest("pk").actor_kind == "system"
        assert triage_overdue(now=at(24, 9, 1)) == 0

    def test_the_lead_is_told_after_the_policys_time_from_then(
        self, noor: User, vents: Ticket, clock: SimulatedClock
    ) -> None:
        triage_overdue(now=at(23, 9, 20))
        first = AgentTask.objects.get(kind="triage_late")
        assert first.due_at == vents.triage_due_at
        watch(noor, vents, at(24, 9))
        first.refresh_from_db()
        assert (first.done_how, first.done_by) == ("triaged", noor)
        triage_overdue(now=at(24, 9))
        triage_overdue(now=at(24, 9, 14))
        assert AgentTask.objects.filter(kind="triage_late").count() == 1
        triage_overdue(now=at(24, 9, 15))
        triage_overdue(now=at(24, 9, 16))
        again = AgentTask.objects.filter(kind="triage_late", done_at=None).get()
        assert again.due_at == at(24, 9, 15)

    @pytest.mark.parametrize(
        ("text", "triage"), [(VENTING, "pending"), ("thanks!", "pending"), (REQUEST, "respond")]
    )
    def test_a_new_word_brings_it_back_at_once(
        self, noor: User, vents: Ticket, released: ChannelAccount, text: str, triage: str
    ) -> None:
        watch(noor, vents, at(30, 9))
        say(released, 2, text, when=at(23, 11))
        vents.refresh_from_db()
        assert (vents.triage, vents.triage_by, vents.triage_reason) == (triage, "rule", "")

    @pytest.mark.parametrize("until", [None, at(23, 10), at(22, 9), at(23, 10) + timedelta(days=400)])
    def test_the_time_lies_ahead(self, noor: User, vents: Ticket, until: datetime | None) -> None:
        with pytest.raises(Refused):
            give(noor, vents, Triage.WATCH, look_again_at=until, now=at(23, 10))

    def test_another_time_may_be_set(self, noor: User, vents: Ticket) -> None:
        watch(noor, vents, at(24, 9))
        assert watch(noor, vents, at(26, 9)).triage_due_at == at(26, 9)

    def test_who_was_told_a_date_is_not_left_to_watching(self, noor: User, ticket: Ticket) -> None:
        with pytest.raises(Refused) as refused:
            watch(noor, ticket, at(24, 9))
        assert refused.value.code == "promised"

    def test_looking_again_costs_what_is_due(self, noor: User, released: ChannelAccount) -> None:
        for number in range(1, 9):
            watch(noor, hear(released, number, VENTING, by=f"p{number}", at=at(23, 9)), at(24, 9, number))
        with CaptureQueriesContext(
            connection,
        ) as few:
            assert triage_overdue(now=at(24, 9, 1)) == 1
        with CaptureQueriesContext(connection) as many:
            assert triage_overdue(now=at(24, 9, 8)) == 7
        assert len(many) == len(few)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(
                "EXPLAIN SELECT id FROM tickets_ticket WHERE triage = 'watch' AND triage_due_at <= now() "
                "AND status IN ('new', 'open') ORDER BY triage_due_at LIMIT 500"
            )
            assert "ticket_look_again" in str(cursor.fetchall())


def test_times_are_proposed_when_the_desk_is_open(released: ChannelAccount, vents: Ticket) -> None:
    policy = policy_of(vents.policy_revision_id)
    opens = [each.at for each in look_again_proposals(policy, now=at(23, 10))]
    assert opens == [at(24, 9), at(26, 9), at(30, 9)]  # tomorrow, in three days, next Monday
    friday = look_again_proposals(policy, now=at(27, 10))
    assert [(each.at, each.is_default) for each in friday] == [(at(30, 9), True)]


class TestUndo:
    @pytest.mark.parametrize("verdict", [Triage.RESPOND, Triage.WATCH, Triage.NO_REPLY])
    def test_it_waits_as_it_did(self, noor: User, vents: Ticket, verdict: Triage) -> None:
        columns = ("triage", "status", "triage_by", "triage_reason", "triage_due_at", "queue_at", "closed_at",
                   "clock_started_at", "triage_decided_at", "next_at")  # fmt: skip
        stood = Ticket.objects.values(*columns).get(pk=vents.pk)
        more = {"reason": "venting"} if verdict == Triage.NO_REPLY else {}
        done = give(noor, vents, verdict, look_again_at=at(24, 9), now=at(23, 10), **more)
        back = triage_undo(actor=noor, ticket_id=vents.pk, seen_version=done.version, now=at(23, 10, 1))
        assert Ticket.objects.values(*columns).get(pk=vents.pk) == stood
        assert back.version == done.version + 1
        assert not Target.objects.filter(met_at=None, ended_at=None).exists()
        assert not OutboundReply.objects.exclude(state="superseded").exists()

    def test_only_while_nothing_has_happened_since(self, noor: User, vents: Ticket) -> None:
        done = watch(noor, vents, at(24, 9))
        Ticket.objects.filter(pk=vents.pk).update(version=done.version + 1)
        with pytest.raises(Changed):
            triage_undo(actor=noor, ticket_id=vents.pk, seen_version=done.version, now=at(23, 10, 1))

    def test_only_ones_own(self, noor: User, vents: Ticket) -> None:
        done = watch(noor, vents, at(24, 9))
        with pytest.raises(Refused):
            triage_undo(
                actor=desk.user("sanne", teams=[desk.team()]), ticket_id=vents.pk, seen_version=done.version,
                now=at(23, 10, 1),
            )  # fmt: skip

    def test_not_once_a_message_has_begun_to_go(self, noor: User, vents: Ticket) -> None:
        done = give(noor, vents, Triage.RESPOND, now=at(23, 10))
        OutboundReply.objects.update(send_started_at=at(23, 10), state="waiting")
        with pytest.raises(Refused) as refused:
            triage_undo(actor=noor, ticket_id=vents.pk, seen_version=done.version, now=at(23, 10, 1))
        assert refused.value.code == "on_its_way"
        vents.refresh_from_db()
        assert vents.triage == "respond"

    def test_taken_back_and_given_anew_it_is_acknowledged_once(self, noor: User, vents: Ticket) -> None:
        done = give(noor, vents, Triage.RESPOND, now=at(23, 10))
        triage_undo(actor=noor, ticket_id=vents.pk, seen_version=done.version, now=at(23, 10, 1))
        give(noor, vents, Triage.RESPOND, now=at(23, 10, 2))
        assert OutboundReply.objects.get().state == "queued"
        assert Target.objects.filter(kind="resolution", ended_at=None).count() == 1


class TestRound:
    @pytest.fixture
    def four(self, released: ChannelAccount) -> list[Ticket]:
        return [hear(released, n, VENTING, by=f"p{n}", at=at(23, 9, n)) for n in range(1, 5)]

    def test_it_goes_through_the_list_in_its_order(
        self, page: Client, noor: User, four: list[Ticket]
    ) -> None:
        assert [each.pk for each in waiting_for_triage(noor, "mine")] == [each.pk for each in four]
        first = page.get(f"{address(four[0])}?round=mine")
        assert "4 left, this one among them" in words_of(first)
        posted = page.post(
            address(four[0], "ticket_triage"),
            {"verdict": "respond", "round": "mine", "seen_version": str(four[0].version)},
        )
        assert posted["Location"] == f"{address(four[1])}?round=mine#h-write"
        second = page.get(posted["Location"])
        assert "3 left, this one among them" in words_of(second)
        assert f"{four[0].shown_reference} : to be answered" in words_of(second)
        assert "Take it back" in words_of(page.get(address(four[0]))), "on its own page"
        assert "Take it back" not in words_of(page.get(address(four[1]))), (
            "the round is over: it is of another ticket"
        )

    def test_a_way_back(self, page: Client, four: list[Ticket]) -> None:
        page.post(address(four[0], "ticket_triage"), {"reason": "venting", "round": "mine"})
        four[0].refresh_from_db()
        assert four[0].triage_reason == "venting"
        back = page.post(
            address(four[0], "verdict_undo"),
            {"seen_version": str(four[0].version), "round": "mine"},
            follow=True,
        )
        assert "Taken back: it waits for triage again." in words_of(back)
        assert back.redirect_chain[-1][0].startswith(address(four[0]))
        assert "Take it back" not in words_of(page.get(address(four[1])))
        four[0].refresh_from_db()
        assert four[0].triage == "pending"

    def test_the_end_is_the_list_unless_some_were_passed_over(self, page: Client, four: list[Ticket]) -> None:
        last = page.post(address(four[3], "ticket_triage"), {"reason": "spam", "round": "mine"})
        assert last["Location"].startswith(address(four[0]))
        for each in four[:3]:
            last = page.post(address(each, "ticket_triage"), {"reason": "spam", "round": "mine"})
        assert last["Location"] == "/?show=triage"
        assert "Everything has been read and decided" in words_of(page.get(last["Location"]))

    def test_a_watch_from_the_form(self, page: Client, four: list[Ticket]) -> None:
        shown = page.get(f"{address(four[0])}?round=mine").content.decode()
        assert 'value="2026-11-24T09:00:00+01:00" selected' in shown
        page.post(
            address(four[0], "ticket_triage"),
            {"verdict": "watch", "look_again_at": "2026-11-26T09:00:00+01:00", "round": "mine"},
        )
        four[0].refresh_from_db()
        assert four[0].triage_due_at == at(26, 9)
        page.post(
            address(four[1], "ticket_triage"),
            {"verdict": "watch", "look_again_at": "own", "look_day": "2026-12-01", "look_hour": "10:30"},
        )
        four[1].refresh_from_db()
        assert four[1].triage_due_at == datetime.fromisoformat("2026-12-01T10:30:00+01:00")

    @pytest.mark.parametrize(
        "look", ["", "nonsense", "2026-11-24", "2026-11-24T09:00:00", "1999-01-01T00:00:00Z"]
    )
    def test_a_time_that_is_none_is_refused_with_words(
        self, page: Client, four: list[Ticket], look: str
    ) -> None:
        where = address(four[0], "ticket_triage")
        shown = page.post(where, {"verdict": "watch", "look_again_at": look, "round": "mine"}, follow=True)
        assert "Choose a time ahead" in words_of(shown)
        assert shown.redirect_chain[-1][0] == f"{address(four[0])}?round=mine#h-write"

    def test_danger_goes_ahead(self, noor: User, four: list[Ticket], released: ChannelAccount) -> None:
        last = four[3]
        Ticket.objects.filter(pk=last.pk).update(is_danger=True)
        last.refresh_from_db()
        assert waiting_for_triage(noor, "mine").first() == last
        assert triage_round_at(noor, "mine", last).following == four[0].reference
        assert triage_round_at(noor, "mine", four[2]).following == ""

    def test_others_teams_are_no_part_of_it(self, noor: User, four: list[Ticket]) -> None:
        stranger = desk.user("sam", teams=[desk.team("roads")])
        assert not waiting_for_triage(stranger, "mine").exists()
        assert waiting_for_triage(stranger, "any").count() == 4
        desk.team().__class__.objects.filter(key="front").update(is_private=True)
        assert not waiting_for_triage(stranger, "any").exists()
        assert not waiting_for_triage(stranger, "front").exists()


def test_the_page_after_a_release_is_no_verdict(noor: User, released: ChannelAccount) -> None:
    """What else a person does beside the verdict stands: a held message that they released is on its way."""
    asks = hear(released, 1, REQUEST, at=at(23, 9))
    row = OutboundReply.objects.get(ticket=asks)
    OutboundReply.objects.filter(pk=row.pk).update(
        state="held", held_reason="contact_cap_hour", held_by="desk"
    )
    reply_release(actor=noor, reply_id=row.pk, now=at(23, 9, 30))
    assert OutboundReply.objects.get(pk=row.pk).state == "queued"
    done = watch(noor, asks, at(24, 9))
    assert (done.triage, OutboundReply.objects.get(pk=row.pk).state) == ("watch", "superseded")


def test_danger_words_come_back_with_the_alarm(noor: User, vents: Ticket, released: ChannelAccount) -> None:
    watch(noor, vents, at(30, 9))
    say(released, 2, DANGER, when=at(23, 11))
    vents.refresh_from_db()
    assert vents.is_danger
    assert AgentTask.objects.filter(ticket=vents, kind="danger", done_at=None).exists()
    acknowledge_waits = OutboundReply.objects.filter(ticket=vents, kind="acknowledgement")
    assert acknowledge_waits.exists() == (vents.triage == "respond")
