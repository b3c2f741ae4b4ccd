"""Before the lead: what an agent asks, and how it ends."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from accounts.models import User
from tests import desk
from tests.tickets.at_work import at
from tickets.models import AgentTask, Message, OutboundReply, TaskKind, Ticket
from tickets.services.effects import tasks_answered
from tickets.services.errors import Changed, NotFound, Refused
from tickets.services.escalating import escalation_answer, ticket_escalate
from tickets.services.owning import ticket_assign, ticket_take
from tickets.services.transferring import ticket_transfer

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(noor: User) -> User:
    return desk.user("lotte", teams=[desk.team("front")], lead=True)


def ask(actor: User, ticket: Ticket, **more: Any) -> AgentTask:
    said = {"reason": "decision", "text": "May we pay the taxi?", "client_key": str(uuid.uuid4()), **more}
    return ticket_escalate(actor=actor, ticket_id=ticket.pk, now=at(23, 10), **said)


def open_tasks() -> list[AgentTask]:
    return list(AgentTask.objects.filter(kind=TaskKind.ESCALATED, done_at__isnull=True))


def test_the_lead_is_asked_in_the_agents_words(noor: User, ticket: Ticket) -> None:
    ticket_take(actor=noor, ticket_id=ticket.pk, now=at(23, 9, 30))
    task = ask(noor, ticket)
    note = Message.objects.get(kind="note")
    assert (note.body, note.author) == ("May we pay the taxi?", noor)
    assert (task.for_lead, task.team, task.reason, task.due_at) == (True, ticket.team, "decision", at(23, 10))
    assert task.args["message"] == note.pk
    before = (ticket.promised_for, noor.pk)
    ticket.refresh_from_db()
    assert (ticket.promised_for, ticket.owner_id) == before


def test_sent_twice_it_is_asked_once_and_a_second_agent_is_told(
    noor: User, lead: User, ticket: Ticket
) -> None:
    key = str(uuid.uuid4())
    assert ask(noor, ticket, client_key=key).pk == ask(noor, ticket, client_key=key).pk
    with pytest.raises(Changed):
        ask(lead, ticket)
    assert len(open_tasks()) == 1


@pytest.mark.parametrize(("changes", "code"), [({"reason": "bored"}, "reason"), ({"text": " "}, "text")])
def test_it_takes_a_reason_and_words(noor: User, ticket: Ticket, changes: dict[str, str], code: str) -> None:
    with pytest.raises(Refused) as refused:
        ask(noor, ticket, **changes)
    assert refused.value.code == code
    assert not Message.objects.filter(kind="note").exists()


def test_it_ends_when_the_lead_takes_it(noor: User, lead: User, ticket: Ticket) -> None:
    ask(noor, ticket)
    ticket_take(actor=lead, ticket_id=ticket.pk, now=at(23, 11))
    assert open_tasks() == []


def test_a_colleague_who_takes_it_does_not_end_it(noor: User, ticket: Ticket) -> None:
    ask(noor, ticket)
    ticket_take(actor=noor, ticket_id=ticket.pk, now=at(23, 11))
    assert len(open_tasks()) == 1


def test_it_ends_when_the_lead_says_who_has_it(noor: User, lead: User, ticket: Ticket) -> None:
    ask(noor, ticket)
    ticket_assign(actor=lead, ticket_id=ticket.pk, user_id=noor.pk, now=at(23, 11))
    assert open_tasks() == []


@pytest.mark.parametrize("by_lead", [True, False])
def test_it_ends_when_a_lead_has_answered_the_caller(
    noor: User, lead: User, ticket: Ticket, by_lead: bool
) -> None:
    ask(noor, ticket)
    row = OutboundReply(
        kind="answer",
        is_automatic=False,
        author=lead if by_lead else noor,
        created_at=at(23, 11),
        ticket=ticket,
        conversation=ticket.conversations.get(),
    )
    tasks_answered(row, ticket, told=False, now=at(23, 11))
    assert (open_tasks() == []) == by_lead


def test_the_lead_answers_the_agent(noor: User, lead: User, ticket: Ticket) -> None:
    ask(noor, ticket)
    said = {"ticket_id": ticket.pk, "text": "Yes, up to 40 euros.", "now": at(23, 11)}
    with pytest.raises(Refused):
        escalation_answer(actor=noor, client_key=str(uuid.uuid4()), **said)  # type: ignore[arg-type]
    escalation_answer(actor=lead, client_key=str(uuid.uuid4()), **said)  # type: ignore[arg-type]
    assert open_tasks() == []
    assert Message.objects.filter(kind="note", author=lead, body="Yes, up to 40 euros.").exists()
    with pytest.raises(Changed):
        escalation_answer(actor=lead, client_key=str(uuid.uuid4()), **said)  # type: ignore[arg-type]


def test_transferred_it_is_the_other_leads(noor: User, ticket: Ticket) -> None:
    desk.team("roads")
    ask(noor, ticket)
    ticket_transfer(actor=noor, ticket_id=ticket.pk, team_key="roads", now=at(23, 11))
    assert [task.team.key for task in open_tasks()] == ["roads"]


def test_who_may_not_see_it_asks_nobody(noor: User, ticket: Ticket) -> None:
    stranger = desk.user("sam", teams=[desk.team("roads")])
    ticket.team.is_private = True
    ticket.team.save()
    with pytest.raises(NotFound):
        ask(stranger, ticket)
