"""Each event three times by webhook, out of order, and by poll besides, through the real web and worker."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from channels_social.adapters.x import hooks
from channels_social.models import ChannelConnection, InboundEvent
from tests.faults.processes import Desk
from tests.faults.scene import ASKED, HANDLE, Scene, until
from tickets.clock import database_now
from tickets.models import Message, OutboundReply, Promise, Ticket

pytestmark = [pytest.mark.faults]

CALLERS = ("bram", "chantal", "dirk", "esra")


def hooked(scene: Scene, desk: Desk) -> None:
    """The sandbox sends its events to this desk from now on."""
    bridge = ChannelConnection.objects.select_related("app", "account").first()
    assert bridge is not None
    told = scene.control.state()["accounts"]
    hooks.register(
        scene.running.base_url,
        bearer_token=told[0]["bearer_token"],
        url=f"{desk.url}/hooks/x/{bridge.app.hook_key}/",
        user_tokens={one["user_id"]: one["user_token"] for one in told},
    )


def test_one_message_each(scene: Scene) -> None:
    # People of their own: what a caller says besides joins what they asked, or not, by its subject.
    venting = [f"vent{n}" for n in range(8 * len(CALLERS))]
    for who in (*CALLERS, *venting):
        scene.control.create_user(who)
    with Desk() as desk:
        desk.web()
        hooked(scene, desk)
        scene.control.settings(webhooks={"copies": 3, "reorder_window": 1.0})
        desk.worker()
        desk.beat()
        posts = scene.control.post_many(
            [{"as_user": who, "text": ASKED} for who in CALLERS]
            + [{"as_user": who, "text": f"lol trams again @{HANDLE} {n}"} for n, who in enumerate(venting)]
        )
        # Their own replies below their own posts: the same conversation, the same ticket.
        posts += scene.control.post_many(
            [
                {"as_user": who, "text": f"@{HANDLE} and it is still there", "in_reply_to": post["id"]}
                for who, post in zip(CALLERS, posts, strict=False)
            ]
        )
        until(lambda: arrived(scene) >= 3 * len(posts), 30, "each event delivered three times")
        for _ in range(3):
            ChannelConnection.objects.update(poll_due_at=database_now(), cursor={})
            until(polled, 20, "polled from the beginning")
        until(lambda: not InboundEvent.objects.filter(state="pending").exists(), 20, "all is read")
        until(
            lambda: not OutboundReply.objects.filter(state__in=["queued", "sending"]).exists(), 20, "all sent"
        )

    heard = Message.objects.filter(direction="in")
    assert sorted(heard.values_list("external_id", flat=True)) == sorted(post["id"] for post in posts)
    assert not InboundEvent.objects.exclude(state="done").exists()
    assert {"webhook", "poll"} <= set(InboundEvent.objects.values_list("source", flat=True))
    assert Ticket.objects.count() == len(posts) - len(CALLERS)
    assert Promise.objects.count() == OutboundReply.objects.filter(state="sent").count() == len(CALLERS)
    answered = Counter(post["in_reply_to"] for post in scene.sent_posts())
    assert set(answered.values()) == {1}
    assert len(answered) == len(CALLERS)


def arrived(scene: Scene) -> int:
    """Webhook requests that told of a mention and were answered 200."""
    return sum(one["status"] == 200 for one in scene.control.deliveries() if "mention" in one["event_type"])


def polled() -> bool:
    return ChannelConnection.objects.filter(
        poll_due_at__gt=database_now() + timedelta(minutes=5), cursor__has_key="since_id"
    ).exists()
