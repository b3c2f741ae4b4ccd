"""Delivery against the stand-in of a real network over HTTP, with the real client library."""

from __future__ import annotations

from datetime import timedelta

import pytest

from channels_social import ingest
from channels_social.delivery import deliver, deliver_due
from channels_social.inbox import events_process
from channels_social.management.commands.desk_tick import PASSES
from channels_social.models import ChannelApp, ChannelConnection
from sandbox.client import Json, Sandbox
from tests import desk
from tickets.clock import database_now
from tickets.models import (
    AgentTask,
    ChannelAccount,
    Message,
    OutboundPart,
    OutboundReply,
    Promise,
    Ticket,
)
from tickets.services.replies import reply_resolve_unknown

pytestmark = pytest.mark.django_db

SWALLOWED = "@merendam the ticket machine at Central swallowed my card"


@pytest.fixture
def account(network: Sandbox, db: None) -> ChannelAccount:
    """The desk's account in an empty town, connected as `make demo` connects it."""
    network.reset()
    network.create_app()
    desk.seeded()
    ours: Json = network.create_account("merendam", name="Gemeente Merendam")
    network.create_user("anouk", lang="en")
    app = ChannelApp.objects.create(
        channel="x",
        name="our app",
        hook_key="hook",
        secrets={name: [ours[name]] for name in ("consumer_key", "consumer_secret", "bearer_token")},
        created_at=desk.MONDAY,
    )
    made = desk.account(
        str(ours["user_id"]),
        app=app,
        base_url=network.base_url,
        settings={"find_sent_after_seconds": "1"},
    )
    ChannelAccount.objects.filter(pk=made.pk).update(handle="merendam")
    ChannelConnection.objects.filter(account=made).update(
        credentials={name: ours[name] for name in ("access_token", "access_token_secret")},
        poll_due_at=database_now(),
    )
    return made


def posted(network: Sandbox, account: ChannelAccount, text: str = SWALLOWED) -> tuple[Json, OutboundReply]:
    """A caller's post, taken in by polling up to its queued acknowledgement."""
    post = network.post("anouk", text)
    for name, one_pass in PASSES:
        if name in ("polled", "read"):
            one_pass()
    assert list(ingest.accounts_with_pending()) == []
    return post, OutboundReply.objects.get(account=account)


def after(row: OutboundReply) -> OutboundReply:
    row.refresh_from_db()
    return row


def looked_for(row: OutboundReply) -> OutboundReply:
    OutboundReply.objects.filter(pk=row.pk).update(find_after=database_now())
    deliver_due()
    return after(row)


def test_a_post_gets_one_reply_in_its_thread_with_number_and_date(
    network: Sandbox, account: ChannelAccount
) -> None:
    post, row = posted(network, account)
    assert deliver_due() == 1
    (reply,) = network.replies_to(post["id"])
    ticket = Ticket.objects.get()
    assert reply["text"].removeprefix("@anouk ") == after(row).text
    assert ticket.shown_reference in reply["text"]
    assert "We aim to sort it by" in reply["text"]
    assert Promise.objects.get().promised_for == ticket.promised_for
    sent = Message.objects.get(direction="out")
    assert (sent.external_id, sent.parent_external_id) == (str(reply["id"]), str(post["id"]))
    assert sent.url.endswith(f"/status/{reply['id']}")
    for _name, one_pass in PASSES:
        one_pass()
    events_process(account.pk)
    assert len(network.replies_to(post["id"])) == 1


def test_dropped_unread_it_is_looked_for_and_goes_once(network: Sandbox, account: ChannelAccount) -> None:
    post, row = posted(network, account)
    network.rule(method="POST", path="/2/tweets", at="accept", action="drop", times=1)
    deliver(account.pk)
    assert after(row).state == "waiting"
    assert network.replies_to(post["id"]) == []
    assert looked_for(row).state == "sent"
    assert len(network.replies_to(post["id"])) == 1


def test_stored_but_not_answered_it_is_found_and_not_repeated(
    network: Sandbox, account: ChannelAccount
) -> None:
    post, row = posted(network, account)
    network.rule(method="POST", path="/2/tweets", at="after_store", action="drop", times=1)
    deliver(account.pk)
    assert after(row).state == "waiting"
    assert not Promise.objects.exists()
    found = looked_for(row)
    assert (found.state, found.sent_at) == ("sent", found.send_started_at)
    (reply,) = network.replies_to(post["id"])
    assert Message.objects.get(direction="out").external_id == str(reply["id"])


def test_sent_again_by_a_person_though_it_stood_there_it_is_found_and_not_repeated(
    network: Sandbox, account: ChannelAccount
) -> None:
    noor = desk.user("noor", teams=[account.team])
    post, row = posted(network, account)
    network.rule(method="POST", path="/2/tweets", at="after_store", action="drop", times=1)
    network.rule(method="GET", path="/2/users/.*/tweets", status=503, times=1)
    deliver(account.pk)
    assert looked_for(row).state == "unknown"
    reply_resolve_unknown(actor=noor, reply_id=row.pk, verdict="again", now=database_now())
    deliver(account.pk)  # the network says that it holds these words already
    assert after(row).state == "waiting"
    # The person took a while: the first try lies well before this one.
    OutboundPart.objects.update(send_started_at=database_now() + timedelta(minutes=10))
    assert looked_for(row).state == "sent"
    assert len(network.replies_to(post["id"])) == 1
    assert Promise.objects.count() == 1


def test_too_many_pauses_the_account_until_the_stated_time(network: Sandbox, account: ChannelAccount) -> None:
    _, row = posted(network, account)
    network.rule(
        method="POST", path="/2/tweets", status=429, headers={"x-rate-limit-reset": "4000000000"}, times=1
    )
    deliver(account.pk)
    assert after(row).state == "queued"
    connection = ChannelConnection.objects.get()
    assert connection.paused_until is not None
    assert timedelta(hours=23) < connection.paused_until - database_now() <= timedelta(days=1), (
        "within reason"
    )
    ChannelConnection.objects.update(paused_until=None)
    OutboundReply.objects.update(next_try_at=database_now())
    assert deliver_due() == 1


def test_a_dead_permission_stops_the_account_and_loses_nothing(
    network: Sandbox, account: ChannelAccount
) -> None:
    _, row = posted(network, account)
    network.revoke("merendam")
    deliver(account.pk)
    assert after(row).state == "queued"
    assert AgentTask.objects.get(kind="account").reason == "reauthorise"
    assert deliver_due() == 0


def test_a_long_answer_stands_as_a_thread(network: Sandbox, account: ChannelAccount) -> None:
    from tests.channels_social.outbox import answered

    post, row = posted(network, account)
    answered(Ticket.objects.get(), "We have looked at it. " * 30)
    assert after(row).held_reason == "answered_first"
    assert deliver_due() == 1
    (first,) = network.replies_to(post["id"])
    (second,) = network.replies_to(first["id"])
    assert Message.objects.filter(direction="out").count() >= 3
    assert Message.objects.get(external_id=str(second["id"])).parent_external_id == str(first["id"])
    assert Promise.objects.count() == 1
    assert database_now() - Promise.objects.get().told_at < timedelta(minutes=1)
