"""A Page's callers from their words to our answer: sandbox, webhook or poll, inbox, triage, outbox, and back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.actors import System
from channels_social.connecting import Connecting, account_connect
from channels_social.inbox import events_process
from channels_social.management.commands.desk_tick import PASSES
from channels_social.models import ChannelApp, ChannelConnection, EventState, InboundEvent
from sandbox.client import Json, Sandbox
from tests import desk
from tickets.clock import database_now
from tickets.models import ChannelAccount, Conversation, Message, OutboundReply, Promise, Ticket

pytestmark = pytest.mark.django_db

SWALLOWED = "The ticket machine at Central swallowed my card"
WAITING = "The ticket machine at North swallowed 20 euros, please help"


@pytest.fixture
def account(network: Sandbox, db: None) -> ChannelAccount:
    network.reset()
    desk.seeded()
    network.facebook.create_app()
    ours: Json = network.facebook.create_page("merendam", "Gemeente Merendam")
    for name, full in (("anna", "Anna de Wit"), ("bo", "Bo Bakker")):
        network.facebook.create_person(name, full)
    app = ChannelApp.objects.create(
        channel="facebook",
        name="our app",
        hook_key="hook",
        secrets={name: [ours[name]] for name in ("app_id", "app_secret", "verify_token")},
        created_at=desk.MONDAY,
    )
    connecting = Connecting(
        external_id=str(ours["page_id"]),
        name="Gemeente Merendam",
        handle="merendam",
        team=desk.team(),
        language="en",
        credentials={"access_token": ours["page_token"]},
        settings={"base_url": network.base_url, "find_sent_after_seconds": "1"},
        allow_private_addresses=True,
    )
    return account_connect(actor=System("test"), app=app, connecting=connecting, now=database_now())


def tick() -> None:
    """Everything that runs by itself, with the next poll due."""
    ChannelConnection.objects.update(poll_due_at=database_now())
    for _name, one_pass in PASSES:
        one_pass()
    waiting = InboundEvent.objects.exclude(state=EventState.DONE).values_list("kind", "error")
    assert list(waiting) == []


def replies(network: Sandbox, story: Json) -> list[Json]:
    return [network.facebook.story(one) for one in network.facebook.story(story["id"])["replies"]]


def test_a_comment_below_our_post_is_acknowledged_below_it(network: Sandbox, account: ChannelAccount) -> None:
    post = network.facebook.post("merendam", "Roadworks at Central today")
    comment = network.facebook.comment("anna", post["id"], SWALLOWED)
    tick()
    ticket = Ticket.objects.get()
    (reply,) = replies(network, comment)
    assert ticket.shown_reference in reply["text"]
    assert Promise.objects.get().promised_for == ticket.promised_for
    tick()  # our own comment comes back with the next poll
    assert len(replies(network, comment)) == 1
    assert Ticket.objects.count() == 1
    assert Message.objects.filter(direction="out").count() == 1


def test_two_callers_under_one_post_and_a_nested_reply(network: Sandbox, account: ChannelAccount) -> None:
    """Each has a ticket and an answer below their own words; a visitor who only joins in has none."""
    post = network.facebook.post("merendam", "Roadworks at Central today")
    anna = network.facebook.comment("anna", post["id"], SWALLOWED)
    bo = network.facebook.comment("bo", post["id"], WAITING)
    tick()
    assert Ticket.objects.count() == 2
    assert Conversation.objects.count() == 2
    assert [len(replies(network, one)) for one in (anna, bo)] == [1, 1]
    beside = network.facebook.comment("bo", anna["id"], "Well, well")
    tick()
    assert replies(network, beside) == []
    assert not Message.objects.filter(external_id=beside["id"], addressed=True).exists()


def test_a_visitor_s_post_and_a_message_of_one_person_are_two(
    network: Sandbox, account: ChannelAccount
) -> None:
    visitor = network.facebook.post("anna", SWALLOWED, page="merendam")
    network.facebook.write("anna", WAITING, page="merendam")
    tick()
    assert {one.visibility for one in Conversation.objects.all()} == {"public", "private"}
    public, private = (Conversation.objects.get(visibility=name) for name in ("public", "private"))
    assert public.thread_key != private.thread_key
    assert public.identity_id != private.identity_id
    assert len(replies(network, visitor)) == 1
    (sent,) = [one for one in network.facebook.messages("anna", "merendam") if one["outgoing"]]
    assert private.ticket is not None
    assert private.ticket.shown_reference in sent["text"]
    assert private.window_ends_at is not None
    assert private.person_window_ends_at is not None
    assert private.person_window_ends_at - private.window_ends_at == timedelta(days=6)


def test_what_came_by_webhook_and_by_poll_is_one_message(
    network: Sandbox, account: ChannelAccount, live_server: Any
) -> None:
    connection = ChannelConnection.objects.select_related("app").get()
    url = f"{live_server.url}/hooks/facebook/hook/"
    network.facebook.register_hook(url, verify_token=connection.app.secrets["verify_token"][0])
    network.settings(facebook={"batch_seconds": 0.2})
    comments = [
        network.facebook.comment(
            "anna", network.facebook.post("merendam", f"Post {n}")["id"], f"{SWALLOWED} {n}"
        )
        for n in range(3)
    ]
    ends = database_now() + timedelta(seconds=10)
    while InboundEvent.objects.filter(source="webhook").count() < 6:
        assert database_now() < ends, "the webhook did not come"
    events_process(account.pk)
    before = Message.objects.filter(direction="in").count()
    tick()
    assert before == Message.objects.filter(direction="in").count() == len(comments)
    assert InboundEvent.objects.filter(source="poll").exists()


def test_a_closed_window_lets_no_automatic_message_leave(network: Sandbox, account: ChannelAccount) -> None:
    network.facebook.write("anna", WAITING, page="merendam")
    network.facebook.age(25 * 3600, person="anna")
    since = (database_now() - timedelta(days=2)).isoformat()
    ChannelConnection.objects.update(cursor={"since": since})
    tick()
    assert [one for one in network.facebook.messages("anna", "merendam") if one["outgoing"]] == []
    assert not Promise.objects.exists()
    row = OutboundReply.objects.filter(kind="acknowledgement").first()
    assert row is None or row.state in ("held", "superseded")


def test_a_dead_token_stops_the_account_and_the_core_sees_it(
    network: Sandbox, account: ChannelAccount
) -> None:
    network.facebook.comment("anna", network.facebook.post("merendam", "Post")["id"], SWALLOWED)
    for name, one_pass in PASSES:
        if name in ("polled", "read"):
            ChannelConnection.objects.filter(cursor={}).update(poll_due_at=database_now())
            one_pass()
    network.facebook.kill_token("merendam", 463)
    for name, one_pass in PASSES:
        if name == "sent":
            one_pass()
    assert OutboundReply.objects.get().state == "queued"
    account.refresh_from_db()
    assert account.stopped_code == "reauthorise"
