"""A person ends a task: who may, once, and what ends by itself; and that an answer that went ends what it answers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests import desk
from tests.tickets.said import DANGER, acknowledge, hear
from tests.tickets.test_views import address, words_of
from tickets import selectors_queue
from tickets.clock import database_now
from tickets.display.words import without_our_handle
from tickets.models import AgentTask, OutboundReply, ReplyKind, ReplyState, TaskKind, Ticket, TicketEvent
from tickets.services.audit import task, tasks_make
from tickets.services.errors import NotFound, Refused
from tickets.services.outcomes import not_told_ask, reply_failed, reply_sent
from tickets.services.tasks import BY_HAND, OF_LEADS, task_done
from tickets.tokens import token

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


@pytest.fixture
def noor() -> User:
    return desk.user("noor", teams=[desk.team("front")])


def asked(ticket: Ticket, kind: TaskKind) -> AgentTask:
    now = database_now()
    made = task(
        kind, reason="", cause=f"{kind}:{ticket.pk}", team_id=ticket.team_id, ticket_id=ticket.pk, due_at=now, now=now
    )  # fmt: skip
    tasks_make([made])
    return AgentTask.objects.get(cause=f"{kind}:{ticket.pk}")


def test_looking_at_a_danger_ends_it_once_and_is_history(noor: User) -> None:
    ticket = hear(desk.account(), 1, DANGER)
    danger = ticket.tasks.get(kind=TaskKind.DANGER)
    now = database_now()
    assert [row.ticket for row in selectors_queue.queue(noor, now=now).danger] == [ticket]
    for moment in (now, now + timedelta(minutes=1)):
        done = task_done(actor=noor, task_id=danger.pk, how="looked_at", now=moment)
        assert (done.done_at, done.done_by, done.done_how) == (now, noor, "looked_at")
    assert TicketEvent.objects.filter(ticket=ticket, kind="task_done", actor_user=noor).count() == 1
    version = ticket.version
    ticket.refresh_from_db()
    assert ticket.version == version + 1
    found = selectors_queue.queue(noor, now=now)
    assert (found.danger, [row.ticket for row in found.rows]) == ([], [ticket])


@pytest.mark.parametrize("kind", sorted(TaskKind.values))
def test_only_what_nothing_else_ends_is_ended_by_hand(noor: User, kind: str) -> None:
    ticket = hear(desk.account(), 1)
    made = asked(ticket, TaskKind(kind))
    if kind in OF_LEADS:
        with pytest.raises(Refused):
            task_done(actor=noor, task_id=made.pk, how=BY_HAND[kind], now=database_now())
        noor.memberships.update(is_lead=True)
    if kind in BY_HAND:
        with pytest.raises(Refused):
            task_done(actor=noor, task_id=made.pk, how="nonsense", now=database_now())
        task_done(actor=noor, task_id=made.pk, how=BY_HAND[kind], now=database_now())
    else:
        with pytest.raises(Refused):
            task_done(actor=noor, task_id=made.pk, how="done", now=database_now())
    made.refresh_from_db()
    assert (made.done_at is not None) == (kind in BY_HAND)


def test_a_task_of_a_private_team_is_not_there_for_others(noor: User) -> None:
    ticket = hear(desk.account(of_team=desk.team("integrity", private=True)), 1, DANGER)
    danger = ticket.tasks.get(kind=TaskKind.DANGER)
    with pytest.raises(NotFound):
        task_done(actor=noor, task_id=danger.pk, how="looked_at", now=database_now())
    with pytest.raises(NotFound):
        task_done(actor=noor, task_id=danger.pk + 999, how="looked_at", now=database_now())
    danger.refresh_from_db()
    assert danger.done_at is None


def test_an_answer_that_went_ends_danger_and_not_told(noor: User) -> None:
    ticket = hear(desk.account(), 1, DANGER)
    acknowledgement = acknowledge(ticket)
    now = database_now()
    not_told_ask(acknowledgement, ticket, reason="too_late", now=now)
    assert ticket.tasks.filter(done_at__isnull=True).count() == 2
    answer = OutboundReply.objects.create(
        account=ticket.account,
        conversation=acknowledgement.conversation,
        ticket=ticket,
        dedupe_key="answer:1",
        kind=ReplyKind.ANSWER,
        is_automatic=False,
        author=noor,
        language="en",
        text="On our way.",
        state=ReplyState.SENT,
        sent_at=now,
        settled_at=now,
        next_try_at=now,
        created_at=now,
    )
    with transaction.atomic():
        reply_sent(answer, [], ticket=Ticket.objects.get(pk=ticket.pk), sent_at=now, now=now)
    assert set(ticket.tasks.values_list("done_how", "done_by")) == {("answered", noor.pk)}


def test_an_acknowledgement_leaves_the_danger_to_be_looked_at() -> None:
    ticket = hear(desk.account(), 1, DANGER)
    acknowledge(ticket)
    assert ticket.tasks.get(kind=TaskKind.DANGER).done_at is None


def test_the_page_ends_a_task_and_says_why_it_was_made(client: Client, noor: User) -> None:
    client.force_login(noor)
    ticket = hear(desk.account(), 1)
    reply = OutboundReply.objects.get(ticket=ticket)
    reply.state, reply.error_code, reply.error_words = ReplyState.FAILED, "blocked", "You have been blocked"
    reply.save()
    with transaction.atomic():
        reply_failed(reply, ticket=ticket, now=database_now())
    made = ticket.tasks.get()
    shown = words_of(client.get(address(ticket)))
    assert "The author has blocked this account." in shown
    assert "You have been blocked" in shown
    assert "Not certain, refused 1" in shown
    where = reverse("task_done", args=[ticket.shown_reference, token("agenttask", made.pk)])
    shown = words_of(client.post(where, {"how": "done"}, follow=True))
    assert "Noted: it is done." in shown
    assert "ended the task: a message did not reach the caller" in shown
    assert "Not certain, refused 0" in shown
    assert "It is certain of every message" in words_of(client.get("/?show=unsure"))


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("@Desk the lights are out", "the lights are out"),
        ("@desk, @DESK: the lights", "the lights"),
        ("@desk2 the lights", "@desk2 the lights"),
        ("lol @desk", "lol @desk"),
        ("@desk", "@desk"),
        ("@other @desk hello", "@other @desk hello"),
        ("", ""),
    ],
)
def test_our_own_name_before_the_words_is_left_out_of_lists(said: str, shown: str) -> None:
    assert without_our_handle(said, "desk") == shown
    assert without_our_handle(said, "") == said


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        (ReplyState.UNKNOWN, "not certain whether the caller knows one"),
        (ReplyState.WAITING, "a message that tells one is on its way"),
        (ReplyState.HELD, "the caller knows of no date"),
    ],
)
def test_a_page_does_not_say_that_the_caller_knows_no_date_where_nobody_can_know(
    client: Client, noor: User, state: ReplyState, shown: str
) -> None:
    client.force_login(noor)
    ticket = hear(desk.account(), 1)
    now = database_now()
    OutboundReply.objects.filter(ticket=ticket).update(
        state=state, send_started_at=now, tells_for=now + timedelta(days=1), tells_kind="solved"
    )
    assert shown in words_of(client.get(address(ticket)))
