"""What networks, callers and colleagues may do that nobody expects of them, and what must hold all the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from channels_social.delivery import deliver
from channels_social.delivery_claim import replies_claim
from priority.selectors import policy_of
from priority.targets import target
from tests import desk
from tests.channels_social import outbox
from tests.channels_social.outbox import Scripted
from tests.tickets import said
from tests.tickets.test_spoken import resolved
from tickets.clock import database_now
from tickets.contract import DeliveryEvent, InboundMessage, MessageRemoved, Parsed
from tickets.models import (
    AgentTask,
    ChannelAccount,
    Conversation,
    Message,
    OutboundReply,
    Ticket,
    TicketEvent,
)
from tickets.selectors_ticket import token_of
from tickets.services import machines
from tickets.services.delivered import deliveries_reported
from tickets.services.errors import NotFound
from tickets.services.intake import messages_receive
from tickets.services.machines import Heard
from tickets.services.resolving import ticket_resolve
from tickets.services.responses import answered_outside
from tickets.services.sweep import _put_off
from tickets.services.work import ticket_reopen

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def receive(account: ChannelAccount, *items: Parsed, at: datetime) -> None:
    with transaction.atomic():
        messages_receive(account, list(items), now=at)


def more(number: int, text: str, *, thread: int = 1, by: str = "anouk", at: datetime) -> InboundMessage:
    return said.utterance(number, text, thread=thread, by=by, at=at)


def test_a_time_far_ahead_does_not_outlast_every_later_word(account: ChannelAccount) -> None:
    said.hear(account, 1, at=desk.MONDAY)
    receive(account, more(2, "and now?", at=datetime(2199, 1, 1, tzinfo=UTC)), at=desk.MONDAY + HOUR)
    receive(account, more(3, "hello?", at=desk.MONDAY + 2 * HOUR), at=desk.MONDAY + 2 * HOUR)
    assert Conversation.objects.get().reply_to == "3"


def test_many_that_open_again_take_as_many_statements_as_one(account: ChannelAccount) -> None:
    counts = []
    for first, number in ((0, 1), (100, 6)):
        words = []
        for n in range(first + 1, first + number + 1):
            ticket = said.hear(account, n, by=f"who{n}", at=desk.MONDAY)
            said.acknowledge(ticket)
            resolved(ticket, desk.MONDAY + HOUR)
            words.append(
                more(
                    1000 + n,
                    "it still does not work",
                    thread=n,
                    by=f"who{n}",
                    at=desk.MONDAY + 2 * HOUR,
                )
            )
        with CaptureQueriesContext(connection) as asked:
            receive(account, *words, at=desk.MONDAY + 2 * HOUR)
        counts.append(len(asked))
    assert Ticket.objects.filter(status="open").count() == 7
    assert counts[0] == counts[1]


def test_who_takes_the_newest_word_back_is_answered_below_the_one_before() -> None:
    desk.seeded()
    with outbox.scripted_channels():
        ticket = outbox.ticket(outbox.account())
        first = Message.objects.get()
        Message.objects.create(
            account=first.account,
            conversation=first.conversation,
            ticket=ticket,
            external_id="newest",
            direction="in",
            visibility="public",
            identity=first.identity,
            sent_at=first.sent_at + HOUR / 60,
            received_at=first.received_at,
            removed_at=first.received_at,
        )
        Conversation.objects.update(reply_to="newest")
        row = outbox.answered(ticket, "We are looking at it.")
        deliver(row.account_id)
        row.refresh_from_db()
        assert (row.state, row.in_reply_to) == ("sent", first.external_id)
        assert Scripted.sent[0].in_reply_to == first.external_id


def test_a_notice_that_comes_again_waits_for_what_is_under_way_in_its_conversation() -> None:
    """Both at once would each be the one automatic message that the network allows."""
    desk.seeded()
    with outbox.scripted_channels():
        ticket = outbox.ticket(outbox.account())
        row = outbox.queued(ticket)
        later = outbox.answered(ticket, "We are looking at it.", tells=True)
        under_way = {"state": "sending", "lease_token": uuid4(), "lease_until": database_now() + HOUR}
        OutboundReply.objects.filter(pk=later.pk).update(**under_way)
        OutboundReply.objects.filter(pk=row.pk).update(state="queued", held_reason="", settled_at=None)
        assert later.pk > row.pk
        assert replies_claim(row.account_id, limit=10) == []
        OutboundReply.objects.filter(pk=later.pk).update(state="sent", lease_token=None, lease_until=None)
        assert [claim.reply_id for claim in replies_claim(row.account_id, limit=10)] == [row.pk]


def test_how_much_one_sends_at_once_does_not_change_what_it_costs(account: ChannelAccount) -> None:
    """Each word is compared with so many earlier ones of its sender: a flood must not hold the account's inbox."""
    heard = [
        Heard(str(n), 1, f"word{n} and three others of it{n}", desk.MONDAY + timedelta(milliseconds=n))
        for n in range(60)
    ]
    with (
        patch.object(machines, "_just_after_ours", lambda _account, rows: list(rows)),
        patch.object(machines, "much_alike", return_value=False) as compared,
    ):
        assert machines.answers_by_machine(account, heard) == set()
    assert compared.call_count <= len(heard) * machines.EARLIER_MOST


def test_a_clock_that_fails_again_asks_again(account: ChannelAccount) -> None:
    ticket = said.hear(account, 1, at=desk.MONDAY)
    for _ in range(2):
        _put_off(ticket.pk, desk.MONDAY)
    asked = AgentTask.objects.get(reason="desk_error")
    asked.done_at, asked.done_how = desk.MONDAY, "told"
    asked.save()
    _put_off(ticket.pk, desk.MONDAY + HOUR)
    assert AgentTask.objects.filter(reason="desk_error", done_at=None).count() == 1


def test_what_became_of_a_message_is_found_by_its_id_alone(account: ChannelAccount) -> None:
    ticket = said.hear(account, 1, at=desk.MONDAY)
    reply = said.acknowledge(ticket)
    with CaptureQueriesContext(connection) as asked:
        deliveries_reported(
            account_id=account.pk,
            events=[DeliveryEvent(f"ours-{reply.pk}", "bounced", desk.MONDAY)],
            now=desk.MONDAY,
        )
    assert TicketEvent.objects.filter(ticket=ticket, kind="message_bounced").exists()
    assert AgentTask.objects.filter(cause=f"came_back:{reply.pk}").exists()
    # Parts have no index by the network's id: every one of them would be looked at.
    assert not any("tickets_outboundpart" in one["sql"] for one in asked)


def test_many_reports_take_as_many_statements_as_one(account: ChannelAccount) -> None:
    asked = []
    for first, count in ((10, 1), (20, 6)):
        replies = [
            said.acknowledge(said.hear(account, n, by=f"who{n}", at=desk.MONDAY))
            for n in range(first, first + count)
        ]
        events = [DeliveryEvent(f"ours-{reply.pk}", "bounced", desk.MONDAY) for reply in replies]
        events += [DeliveryEvent(f"ours-{replies[0].pk}", "delivered", desk.MONDAY)]
        with CaptureQueriesContext(connection) as statements:
            deliveries_reported(account_id=account.pk, events=events, now=desk.MONDAY)
        asked.append(len(statements))
        assert (
            TicketEvent.objects.filter(
                kind="message_bounced", args__reply__in=[r.pk for r in replies]
            ).count()
            == count
        )
        assert AgentTask.objects.filter(cause__in=[f"came_back:{r.pk}" for r in replies]).count() == count
    assert asked[0] == asked[1]


def test_many_answers_from_outside_take_as_many_statements_as_one(account: ChannelAccount) -> None:
    """Also where one ticket has two of them: each update of ours ends at the first answer after it began."""
    asked = []
    for first, count in ((10, 1), (20, 6)):
        heard = [
            said.hear(account, n, said.DANGER if n % 2 == 0 else said.REQUEST, by=f"who{n}", at=desk.MONDAY)
            for n in range(first, first + count)
        ]
        for ticket in heard:
            said.acknowledge(ticket)
        answers = [(ticket, desk.MONDAY + HOUR) for ticket in heard] + [(heard[0], desk.MONDAY + 2 * HOUR)]
        with CaptureQueriesContext(connection) as statements:
            answered_outside(answers)
        asked.append(len(statements))
        for ticket in heard:
            ticket.refresh_from_db()
            assert (ticket.first_response_at, ticket.status) == (desk.MONDAY + HOUR, "open")
            assert ticket.targets.get(kind="first_response").met_at == desk.MONDAY + HOUR
    updates = list(
        heard[0].targets.filter(kind="progress").order_by("cycle").values_list("started_at", "met_at")
    )
    assert updates == [
        (desk.MONDAY, desk.MONDAY + HOUR),
        (desk.MONDAY + HOUR, desk.MONDAY + 2 * HOUR),
        (desk.MONDAY + 2 * HOUR, None),
    ]
    assert asked[0] == asked[1]


@pytest.mark.parametrize("part", ["triage", "answer"])
def test_what_goes_to_a_private_team_while_one_presses_is_not_there(
    account: ChannelAccount, client: Client, part: str
) -> None:
    ticket = said.hear(account, 1, at=desk.MONDAY)
    client.force_login(desk.user("noor", teams=[desk.team()]))
    form = {
        "text": "We are looking at it.",
        "to": token_of(Conversation.objects.get()),
        "verdict": "respond",
    }
    service = {"answer": "tickets.views.answer.answer_write", "triage": "tickets.views.triage.ticket_triage"}
    with patch(service[part], side_effect=NotFound):
        assert client.post(f"/t/{ticket.shown_reference}/{part}/", form).status_code == 404


def test_what_was_put_away_cannot_be_put_on_hold(account: ChannelAccount, client: Client) -> None:
    ticket = said.hear(account, 1, said.VENTING, at=desk.MONDAY)
    receive(account, MessageRemoved("1", desk.MONDAY + HOUR), at=desk.MONDAY + HOUR)
    client.force_login(desk.user("noor", teams=[desk.team()]))
    page = f"/t/{ticket.shown_reference}/hold/"
    assert client.get(page).status_code == 302
    assert client.post(page).status_code == 302
    assert client.post(f"{page}preview/").status_code == 404


def test_opened_again_and_less_urgent_after_all_every_target_follows(account: ChannelAccount) -> None:
    """Nobody was told a date; the more urgent words are taken back after it was opened again."""
    first = said.utterance(1, said.REQUEST, at=desk.MONDAY)
    worse = said.utterance(2, said.DANGER, thread=1, at=desk.MONDAY + timedelta(minutes=5))
    with transaction.atomic():
        messages_receive(account, [first, worse], now=desk.MONDAY + timedelta(minutes=6))
    ticket = Ticket.objects.get()
    assert ticket.priority == "P1"
    OutboundReply.objects.update(state="failed", settled_at=desk.MONDAY + timedelta(minutes=7))
    agent = desk.user("sanne", teams=[desk.team()], lead=True)
    ticket_resolve(
        actor=agent, ticket_id=ticket.pk, conversation_id=ticket.conversations.get().pk, what="it is done",
        client_key="client-key-1", seen_message_id=None, now=desk.MONDAY + HOUR,
    )  # fmt: skip
    OutboundReply.objects.filter(state="queued").update(state="superseded", held_reason="reopened")
    ticket_reopen(actor=agent, ticket_id=ticket.pk, now=desk.MONDAY + 2 * HOUR)
    removed = [MessageRemoved("2", desk.MONDAY + 3 * HOUR)]
    with transaction.atomic():
        messages_receive(account, removed, now=desk.MONDAY + 3 * HOUR)
    ticket.refresh_from_db()
    assert ticket.priority == "P3"
    (resolution,) = ticket.targets.filter(kind="resolution", met_at=None, ended_at=None)
    policy = policy_of(ticket.policy_revision_id)
    made = target(
        policy,
        kind="resolution",
        priority="P3",
        amount=timedelta(hours=30),
        started_at=desk.MONDAY + 2 * HOUR,
    )
    assert (resolution.cycle, resolution.due_at, resolution.calendar) == (2, made.due_at, "desk")
    assert not ticket.targets.filter(kind="progress", met_at=None, ended_at=None).exists(), (
        "it has none any more"
    )
    assert ticket.due_at == resolution.due_at
