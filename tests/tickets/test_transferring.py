"""To another team: what goes with it, what stays, what the caller reads, and when it is too often."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from tests import desk
from tests.simulated_clock import SimulatedClock
from tests.tickets.at_work import at
from tickets.display.bits import bits_of
from tickets.models import AgentTask, Message, OutboundReply, Promise, Target, TaskKind, Ticket, TicketEvent
from tickets.selectors import tickets_visible
from tickets.selectors_rows import rows_of
from tickets.services.errors import Changed, Refused
from tickets.services.notice_checks import message_check
from tickets.services.notice_facts import facts_of
from tickets.services.notices import Go, Supersede
from tickets.services.owning import ticket_assign, ticket_take
from tickets.services.tasks import task_done
from tickets.services.together import Seen, tickets_assign, tickets_transfer
from tickets.services.together_undo import bulk_undo
from tickets.services.transferring import ticket_transfer, transfer_word
from tickets.services.work import ticket_hold

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def roads(clock: SimulatedClock) -> None:
    for key in ("roads", "waste", "water"):
        desk.team(key)


def move(actor: User, ticket: Ticket, to: str, **more: Any) -> Ticket:
    made = {"note": "", "client_key": str(uuid.uuid4()), "now": at(23, 10), **more}
    return ticket_transfer(actor=actor, ticket_id=ticket.pk, team_key=to, **made)


def verdict(row: OutboundReply) -> Any:
    found = OutboundReply.objects.select_related("ticket", "conversation__account").get(pk=row.pk)
    facts = facts_of(found, ticket=found.ticket, conversation=found.conversation)
    return message_check(found, ticket=found.ticket, conversation=found.conversation, facts=facts)


def test_no_date_and_no_target_moves(noor: User, ticket: Ticket) -> None:
    ticket_take(actor=noor, ticket_id=ticket.pk, now=at(23, 9, 30))
    stood = list(Target.objects.order_by("pk").values_list("kind", "due_at", "met_at", "ended_at"))
    promises = list(Promise.objects.values_list("promised_for", "end"))
    ticket_hold(
        actor=noor, ticket_id=ticket.pk, kind="decision", waits_for="the board", ask_again_at=at(23, 12),
        later=None, seen_version=None, now=at(23, 9, 40),
    )  # fmt: skip
    AgentTask.objects.create(
        kind=TaskKind.ASK_AGAIN, reason="asked", cause="ask:1", ticket=ticket, team_id=ticket.team_id, user=noor,
        due_at=at(23, 12), created_at=at(23, 9),
    )  # fmt: skip
    moved = move(noor, ticket, "roads")
    assert list(Target.objects.order_by("pk").values_list("kind", "due_at", "met_at", "ended_at")) == stood
    assert list(Promise.objects.values_list("promised_for", "end")) == promises
    assert (moved.team.key, moved.owner, moved.status) == ("roads", None, "on_hold")
    task = AgentTask.objects.get(cause="ask:1")
    assert (task.team, task.user, task.due_at) == (moved.team, None, at(23, 12))
    assert not AgentTask.objects.filter(due_at__lt=at(23, 10)).exists()


def test_the_row_says_that_it_came_by_transfer_until_somebody_takes_it(noor: User, ticket: Ticket) -> None:
    def bits() -> list[str]:
        (row,) = rows_of(tickets_visible(noor).filter(pk=ticket.pk), noor, now=at(23, 10))
        return [bit.words for bit in bits_of(row.ticket, row.asks, was_told=True, now=at(23, 10))]

    assert "came by transfer" not in bits()
    move(noor, ticket, "roads")
    assert "came by transfer" in bits()
    ticket_take(actor=noor, ticket_id=ticket.pk, now=at(23, 10))
    assert "came by transfer" not in bits()
    ticket_assign(actor=noor, ticket_id=ticket.pk, user_id=None, now=at(23, 10))
    assert "came by transfer" not in bits()
    chosen = [Seen(ticket.reference)]
    done = tickets_transfer(actor=noor, chosen=chosen, team_key="waste", now=at(23, 10))
    assert "came by transfer" in bits()
    assert done.action is not None
    bulk_undo(actor=noor, token=done.action.token, now=at(23, 10))
    assert "came by transfer" not in bits()
    move(noor, ticket, "waste")
    tickets_assign(actor=noor, chosen=chosen, user_id=noor.pk, now=at(23, 10))
    assert "came by transfer" not in bits()


def test_the_note_stands_for_those_who_get_it(noor: User, ticket: Ticket) -> None:
    before = ticket.version
    moved = move(noor, ticket, "roads", note=" The controller burnt out. ")
    note = Message.objects.get(kind="note")
    assert (note.body, note.direction, note.author) == ("The controller burnt out.", "internal", noor)
    moved.refresh_from_db()
    assert moved.version > before + 1
    assert OutboundReply.objects.filter(kind="transfer_notice").count() == 0


def test_sent_twice_it_is_transferred_once(noor: User, ticket: Ticket) -> None:
    key = str(uuid.uuid4())
    for _ in range(2):
        move(noor, ticket, "roads", note="Yours.", client_key=key)
    assert TicketEvent.objects.filter(kind="transferred").count() == 1
    assert Message.objects.filter(kind="note").count() == 1


def test_who_saw_an_older_state_is_told(noor: User, ticket: Ticket) -> None:
    ticket_take(actor=noor, ticket_id=ticket.pk, now=at(23, 9, 30))
    with pytest.raises(Changed):
        move(noor, ticket, "roads", seen_version=ticket.version)
    ticket.refresh_from_db()
    assert ticket.team.key == "front"


class TestWord:
    def test_the_caller_reads_who_has_it_once(self, noor: User, ticket: Ticket) -> None:
        ahead = transfer_word(noor, ticket, desk.team("roads"), now=at(23, 10)).text
        move(noor, ticket, "roads", tell=True)
        row = OutboundReply.objects.get(kind="transfer_notice")
        assert row.text == ahead
        assert row.text.startswith(f"{ticket.shown_reference} is now with our colleagues at Roads.")
        assert "The date we gave you stays as it is." in row.text
        assert (row.is_automatic, row.author, row.tells_for) == (False, noor, None)
        assert verdict(row) == Go(row.text)
        with pytest.raises(Refused) as refused:
            move(noor, ticket, "waste", tell=True)
        assert refused.value.code == "said"
        ticket.refresh_from_db()
        assert ticket.team.key == "roads"  # nothing was done

    def test_no_date_is_spoken_of_where_none_was_told(self, noor: User, ticket: Ticket) -> None:
        Ticket.objects.filter(pk=ticket.pk).update(promised_for=None, promise_kind="")
        ticket.refresh_from_db()
        assert "date" not in transfer_word(noor, ticket, desk.team("roads"), now=at(23, 10)).text

    def test_what_did_not_reach_them_may_be_said_anew(self, noor: User, ticket: Ticket) -> None:
        move(noor, ticket, "roads", tell=True)
        OutboundReply.objects.filter(kind="transfer_notice").update(state="failed")
        move(noor, ticket, "waste", tell=True)
        assert OutboundReply.objects.filter(kind="transfer_notice").count() == 2

    def test_it_falls_away_where_the_next_team_has_it(self, noor: User, ticket: Ticket) -> None:
        move(noor, ticket, "roads", tell=True)
        move(noor, ticket, "waste")
        row = OutboundReply.objects.get(kind="transfer_notice")
        assert verdict(row) == Supersede("transferred_on")

    @pytest.mark.parametrize(("name", "private"), [("Integrity", True), ("Triage", False)])
    def test_some_teams_are_not_named(self, noor: User, ticket: Ticket, name: str, private: bool) -> None:
        team = desk.team("other", private=private)
        team.name = name
        team.save()
        with pytest.raises(Refused) as refused:
            transfer_word(noor, ticket, team, now=at(23, 10))
        assert refused.value.code == "team"


class TestTooOften:
    def test_the_leads_of_both_teams_look_with_its_way(
        self, noor: User, ticket: Ticket, clock: SimulatedClock
    ) -> None:
        for hour, to in enumerate(("roads", "waste"), 10):
            move(noor, ticket, to, now=at(23, hour))
        assert not AgentTask.objects.filter(kind=TaskKind.TRANSFERS).exists()
        move(noor, ticket, "roads", now=at(23, 12))
        asked = AgentTask.objects.filter(kind=TaskKind.TRANSFERS).order_by("team__key")
        assert [(task.team.key, task.for_lead, task.due_at) for task in asked] == [
            ("roads", True, at(23, 12)),
            ("waste", True, at(23, 12)),
        ]
        assert [step["team"] for step in asked[0].args["way"]] == ["Front", "Roads", "Waste", "Roads"]
        move(noor, ticket, "water", now=at(23, 13))
        assert {task.team.key for task in asked.all()} == {"roads", "waste", "water"}

    def test_a_lead_says_that_it_stays(self, noor: User, ticket: Ticket) -> None:
        lead = desk.user("lotte", teams=[desk.team("roads")], lead=True)
        for to in ("roads", "waste", "roads"):
            move(noor, ticket, to)
        mine = AgentTask.objects.get(kind=TaskKind.TRANSFERS, team__key="roads")
        now = at(23, 10) + timedelta(hours=1)
        with pytest.raises(Refused):
            task_done(actor=noor, task_id=mine.pk, how="looked_at", now=now)
        assert task_done(actor=lead, task_id=mine.pk, how="looked_at", now=now).done_by == lead

    def test_a_private_team_is_not_named_to_those_who_come_after(self, ticket: Ticket) -> None:
        both = [desk.team("front"), desk.team("integrity", private=True)]
        inside = desk.user("iris", teams=both)
        move(inside, ticket, "integrity")
        move(inside, ticket, "roads")
        lines = TicketEvent.objects.filter(kind="transferred").order_by("pk")
        assert [(each.args["from_name"], each.args["team_name"]) for each in lines] == [
            ("Front", ""), ("", "Roads"),
        ]  # fmt: skip
