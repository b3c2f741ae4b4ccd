"""Stored before it is read, read in batches, nothing lost and nothing twice."""

from __future__ import annotations

import json
import threading

import pytest
from django.db import OperationalError, connection, connections
from django.test import Client

from accounts.actors import System
from channels_social import inbox, ingest
from channels_social.adapter import RawEvent
from channels_social.adapters.x.parse import POLLED
from channels_social.models import ChannelApp, ChannelConnection, EventKey, EventState, InboundEvent
from tests import desk
from tests.desk import hook
from tickets.clock import database_now
from tickets.models import (
    AgentTask,
    Contact,
    Conversation,
    Message,
    OutboundReply,
    TaskKind,
    Ticket,
    Triage,
)
from tickets.services.intake import messages_receive

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seeded")]
SWALLOWED = "@desk1111 the ticket machine at Central swallowed my card"


def test_a_mention_is_stored_then_read_into_a_ticket_with_its_acknowledgement(client: Client) -> None:
    account = desk.account()
    assert hook(client, desk.mentioned(desk.post(5, SWALLOWED))) == 200
    assert InboundEvent.objects.get().state == EventState.PENDING
    assert Ticket.objects.count() == 0

    inbox.events_process(account.pk)

    ticket = Ticket.objects.get()
    assert (ticket.triage, ticket.priority, ticket.category) == (Triage.RESPOND, "P3", "tickets")
    assert ticket.clock_started_at == desk.MONDAY
    reply = OutboundReply.objects.get()
    assert (reply.dedupe_key, reply.in_reply_to, reply.state) == (f"ack:{ticket.pk}", "5", "queued")
    assert InboundEvent.objects.get().outcome == "message"


def test_what_only_vents_waits_in_triage_without_a_word(client: Client) -> None:
    account = desk.account()
    hook(client, desk.mentioned(desk.post(5, "lol trams again @desk1111")))
    inbox.events_process(account.pk)
    assert Ticket.objects.get().triage == Triage.PENDING
    assert OutboundReply.objects.count() == 0


def test_a_changed_byte_is_refused_and_only_counted(client: Client) -> None:
    desk.account()
    body = desk.mentioned(desk.post(5, SWALLOWED))
    assert hook(client, body.replace(b"Central", b"central"), signature=desk.signed(body)) == 403
    assert InboundEvent.objects.count() == EventKey.objects.count() == 0
    assert ChannelApp.objects.get().bad_signatures == 1


def test_an_unknown_hook_and_an_unknown_channel_are_not_there(client: Client) -> None:
    desk.account()
    body = desk.mentioned(desk.post(5, SWALLOWED))
    assert hook(client, body, key="other") == 404
    assert client.post("/hooks/nowhere/hook/", data=b"{}", content_type="application/json").status_code == 404


def test_a_repeated_delivery_is_one_event_and_one_message(client: Client) -> None:
    account = desk.account()
    body = desk.mentioned(desk.post(5, SWALLOWED))
    assert [hook(client, body) for _ in range(3)] == [200, 200, 200]
    inbox.events_process(account.pk)
    hook(client, body)
    inbox.events_process(account.pk)
    assert InboundEvent.objects.count() == Message.objects.count() == Ticket.objects.count() == 1


def test_webhook_and_poll_meet_in_one_message(client: Client) -> None:
    account = desk.account()
    made = desk.post(5, SWALLOWED)
    hook(client, desk.mentioned(made))
    polled = RawEvent("1111", "poll:5", POLLED, json.dumps({"post": made, "user": None}).encode())
    ingest.events_store([(account.pk, polled)], source="poll", now=database_now())
    inbox.events_process(account.pk)
    assert Message.objects.count() == 1
    assert sorted(InboundEvent.objects.values_list("outcome", flat=True)) == ["message", "message"]


def test_two_accounts_behind_one_webhook_and_an_update_for_neither(client: Client) -> None:
    first, second = desk.account("1111"), desk.account("3333")
    hook(client, desk.mentioned(desk.post(5, SWALLOWED)))
    hook(
        client,
        desk.mentioned(
            desk.post(6, "@desk3333 my street light is broken, can you fix it?", to="3333"), to="3333"
        ),
    )
    hook(client, desk.mentioned(desk.post(7, "@nobody hello", to="9999"), to="9999"))
    assert list(InboundEvent.objects.order_by("pk").values_list("account_id", flat=True)) == [
        first.pk,
        second.pk,
    ]
    assert ChannelApp.objects.get().unknown_accounts == 1


@pytest.mark.parametrize("mode", ["off", "publish_only"])
def test_modes_without_an_ear_count_and_keep_nothing(client: Client, mode: str) -> None:
    desk.account(mode=mode)
    assert hook(client, desk.mentioned(desk.post(5, SWALLOWED))) == 200
    assert InboundEvent.objects.count() == EventKey.objects.count() == 0
    assert ChannelConnection.objects.get().counters == {f"mode_{mode}": 1}


def test_collecting_feedback_reads_and_promises_nothing(client: Client) -> None:
    account = desk.account(mode="collect_feedback")
    hook(client, desk.mentioned(desk.post(5, SWALLOWED)))
    inbox.events_process(account.pk)
    ticket = Ticket.objects.get()
    assert ticket.triage == Triage.RESPOND
    assert ticket.targets.count() == OutboundReply.objects.count() == 0


def test_an_envelope_nobody_knows_is_kept_for_a_person_and_can_be_replayed(client: Client) -> None:
    account = desk.account()
    hook(client, b'{"a new thing": true}')
    inbox.events_process(account.pk)
    event = InboundEvent.objects.get()
    assert event.state == EventState.QUARANTINED
    assert AgentTask.objects.get().kind == TaskKind.UNREAD
    inbox.event_replay(actor=System("test"), event_id=event.pk, now=database_now())
    event.refresh_from_db()
    assert event.state == EventState.PENDING
    assert AgentTask.objects.get().done_how == "replayed"
    inbox.events_process(account.pk)
    event.refresh_from_db()
    assert event.state == EventState.QUARANTINED


def test_one_poison_event_in_a_thousand_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    account = desk.account()
    events = [
        (
            account.pk,
            RawEvent(
                "1111", f"k{n}", "post.mention.create", desk.mentioned(desk.post(n, SWALLOWED, author=str(n)))
            ),
        )
        for n in range(1, 1001)
    ]
    ingest.events_store(events, source="webhook", now=database_now())
    received = messages_receive

    def poisoned(account_: object, parsed: list[object], *, now: object) -> object:
        if any(getattr(item, "external_id", "") == "500" for item in parsed):
            raise RuntimeError("poison")
        return received(account_, parsed, now=now)  # type: ignore[arg-type]

    monkeypatch.setattr("channels_social.inbox.messages_receive", poisoned)
    inbox.events_process(account.pk, seconds=60)
    assert Message.objects.count() == 999
    poison = InboundEvent.objects.get(state=EventState.QUARANTINED)
    assert (poison.dedupe_key, poison.failures) == ("k500", 3)
    monkeypatch.setattr("channels_social.inbox.messages_receive", received)
    inbox.event_replay(actor=System("test"), event_id=poison.pk, now=database_now())
    inbox.events_process(account.pk)
    assert Message.objects.count() == 1000


def test_where_the_time_is_up_before_anything_was_read_a_batch_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However slow the machine, each turn goes on a little."""
    account = desk.account()
    monkeypatch.setattr(inbox, "BATCH_EVENTS", 2)
    events = [
        (
            account.pk,
            RawEvent(
                "1111", f"k{n}", "post.mention.create", desk.mentioned(desk.post(n, SWALLOWED, author=str(n)))
            ),
        )
        for n in range(1, 6)
    ]
    ingest.events_store(events, source="webhook", now=database_now())
    told = [inbox.events_process(account.pk, seconds=0) for _ in range(3)]
    assert [(one.events, one.more) for one in told] == [(2, True), (2, True), (1, False)]
    assert Message.objects.count() == 5


def test_a_deadlock_repeats_the_same_batch(monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    account = desk.account()
    hook(client, desk.mentioned(desk.post(5, SWALLOWED)))
    received, failures = (
        messages_receive,
        [OperationalError("deadlock detected"), OperationalError("again")],
    )

    def shaky(*args: object, **kwargs: object) -> object:
        if failures:
            raise failures.pop()
        return received(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr("channels_social.inbox.messages_receive", shaky)
    inbox.events_process(account.pk)
    event = InboundEvent.objects.get()
    assert (event.state, event.failures) == (EventState.DONE, 0)
    assert Message.objects.count() == 1


def test_a_lost_connection_repeats_the_same_batch(monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    account = desk.account()
    hook(client, desk.mentioned(desk.post(5, SWALLOWED)))
    received, once = messages_receive, [True]

    def cut(*args: object, **kwargs: object) -> object:
        result = received(*args, **kwargs)  # type: ignore[arg-type]
        if once:
            once.clear()
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return result

    monkeypatch.setattr("channels_social.inbox.messages_receive", cut)
    inbox.events_process(account.pk)
    assert Message.objects.count() == 1
    assert InboundEvent.objects.get().state == EventState.DONE


def test_two_workers_on_one_account_make_each_message_once() -> None:
    account = desk.account()
    events = [
        (
            account.pk,
            RawEvent(
                "1111", f"k{n}", "post.mention.create", desk.mentioned(desk.post(n, SWALLOWED, author=str(n)))
            ),
        )
        for n in range(1, 601)
    ]
    ingest.events_store(events, source="webhook", now=database_now())
    errors: list[BaseException] = []

    def work() -> None:
        try:
            while (
                inbox.events_process(account.pk).more or InboundEvent.objects.filter(state="pending").exists()
            ):
                pass
        except BaseException as error:  # noqa: BLE001 - shown by the main thread
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert Message.objects.count() == Ticket.objects.count() == OutboundReply.objects.count() == 600


def test_while_another_holds_the_account_a_worker_leaves_at_once(client: Client) -> None:
    account = desk.account()
    hook(client, desk.mentioned(desk.post(5, SWALLOWED)))
    other = connections["default"].copy()
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [inbox.LOCK_CLASS, account.pk])
        assert inbox.events_process(account.pk).events == 0
    finally:
        other.rollback()
        other.close()
    assert inbox.events_process(account.pk).events == 1


def test_another_author_in_the_thread_gets_a_ticket_of_their_own(client: Client) -> None:
    account = desk.account()
    hook(client, desk.mentioned(desk.post(5, SWALLOWED)))
    hook(
        client,
        desk.mentioned(
            desk.post(
                6, "@desk1111 mine too, is anyone fixing this?", author="4444", conversation=5, parent=5
            )
        ),
    )
    hook(client, desk.mentioned(desk.post(7, "@desk1111 it was the left one", conversation=5, parent=5)))
    inbox.events_process(account.pk)
    assert Conversation.objects.count() == Ticket.objects.count() == 2
    first = Message.objects.get(external_id="5")
    assert Message.objects.get(external_id="7").ticket_id == first.ticket_id
    assert Message.objects.get(external_id="6").ticket_id != first.ticket_id


def test_a_short_word_is_answered_in_the_language_the_caller_has_set(client: Client) -> None:
    account = desk.account(language="en")
    hook(
        client,
        desk.mentioned(desk.post(5, "@desk1111 lantaarnpaal kapot in de Kade, kan iemand komen?", lang="nl")),
    )
    inbox.events_process(account.pk)
    Contact.objects.update(language="nl", language_source="set")
    hook(client, desk.mentioned(desk.post(6, "@desk1111 tram 4?", lang="und")))
    inbox.events_process(account.pk)
    assert Ticket.objects.get(conversations__thread_key__startswith="6:").language == "nl"


@pytest.mark.parametrize("mode", ["off", "publish_only"])
def test_what_waits_when_an_account_is_closed_is_counted_and_not_read(client: Client, mode: str) -> None:
    account = desk.account()
    hook(client, desk.mentioned(desk.post(5, SWALLOWED)))
    type(account).objects.update(mode=mode)
    inbox.events_process(account.pk)
    event = InboundEvent.objects.get()
    assert (event.state, event.outcome, event.body) == (EventState.DONE, f"ignored:mode_{mode}", None)
    assert Ticket.objects.count() == 0
