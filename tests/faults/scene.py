"""A network of its own, one account of ours on it, and what must hold when all is over."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from accounts.actors import System
from channels_social import inbox, polling
from channels_social.connecting import Connecting, account_connect
from channels_social.models import ChannelApp, ChannelConnection
from sandbox.client import Sandbox
from sandbox.server import RunningSandbox, start
from tests import desk
from tickets.clock import database_now
from tickets.models import AgentTask, ChannelAccount, OutboundPart, OutboundReply, Promise, TaskKind, Ticket
from tickets.models.outbox import UNSETTLED

HANDLE = "MerendamHelpt"
SENDS: dict[str, Any] = {"method": "POST", "path": "^/2/tweets$"}
ASKED = f"@{HANDLE} the ticket machine at Central swallowed my card"


def until(true: Callable[[], Any], seconds: float, what: str) -> Any:
    """What `true` returns once it holds; AssertionError with `what` after so many seconds."""
    ends = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < ends, f"after {seconds} s still not: {what}"
        time.sleep(0.02)
    return found


def desk_account(
    control: Sandbox, base_url: str, handle: str, *, delay: int = 1, poll: float = 3600
) -> ChannelAccount:
    """An account of ours at the sandbox. `delay`: seconds until a post surely shows in its timeline."""
    told = control.create_account(handle, "Gemeente Merendam", "en")
    app, _ = ChannelApp.objects.get_or_create(
        hook_key="hook",
        defaults={
            "channel": "x",
            "name": "our app",
            "created_at": desk.MONDAY,
            "secrets": {name: [told[name]] for name in ("consumer_key", "consumer_secret", "bearer_token")},
        },
    )
    connecting = Connecting(
        external_id=told["user_id"],
        name="Gemeente Merendam",
        handle=handle,
        team=desk.team(),
        language="en",
        sign_off="^M",
        credentials={name: told[name] for name in ("access_token", "access_token_secret")},
        settings={"base_url": base_url, "find_sent_after_seconds": str(delay)},
        poll_every=timedelta(seconds=poll),
        allow_private_addresses=True,
        notices="automatic",
        notices_note="The network agreed on 2 November.",
    )
    return account_connect(actor=System("tests"), app=app, connecting=connecting, now=database_now())


@dataclass
class Scene:
    running: RunningSandbox
    control: Sandbox
    account: ChannelAccount

    @classmethod
    def make(cls, *, delay: int = 1) -> Scene:
        desk.seeded()
        running = start()
        control = Sandbox(running.base_url)
        control.create_app()
        control.create_user("anouk", "Anouk de Wit")
        # X refuses the same words twice, which would hide a second send of ours. Here it takes them.
        control.settings(duplicate_window=0)
        return cls(running, control, desk_account(control, running.base_url, HANDLE, delay=delay))

    def close(self) -> None:
        self.control.close()
        self.running.stop()

    def asked(self, text: str = ASKED) -> dict[str, Any]:
        """A caller posts; the desk reads it, and its acknowledgement is queued."""
        post = self.control.post("anouk", text)
        ChannelConnection.objects.update(poll_due_at=database_now())
        polling.account_poll(self.account.pk)
        inbox.events_process(self.account.pk)
        assert self.reply().state == "queued"
        return post

    def reply(self) -> OutboundReply:
        return OutboundReply.objects.get(account=self.account)

    def sent_posts(self) -> list[dict[str, Any]]:
        """Everything that ever came to stand under our name."""
        return self.control.posts(by=HANDLE)

    def holds(self, at: str, then: str = "continue") -> int:
        """Our next send will stand at this point until released."""
        return int(self.control.rule(**SENDS, at=at, action="hold", then=then)["id"])


def told_once(scene: Scene) -> None:
    """Nothing lost, nothing twice, one promise, nobody troubled."""
    (post,) = scene.sent_posts()
    reply = scene.reply()
    assert (reply.state, reply.lease_token) == ("sent", None)
    (part,) = OutboundPart.objects.filter(reply=reply)
    assert part.external_id == post["id"]
    promise = Promise.objects.get()
    assert (promise.reply_id, promise.promised_for) == (reply.pk, reply.tells_for)
    ticket = Ticket.objects.get()
    assert ticket.promised_for == promise.promised_for
    assert ticket.messages.filter(direction="out").count() == 1
    assert not AgentTask.objects.exists()


def not_certain(scene: Scene) -> None:
    """Nobody can know: the ticket says so, an agent is asked, nothing is claimed, nothing goes again."""
    reply = scene.reply()
    assert reply.state == "unknown"
    assert not Promise.objects.exists()
    assert AgentTask.objects.get().kind == TaskKind.NOT_CERTAIN
    assert Ticket.objects.get().promised_for is None
    assert not OutboundReply.objects.filter(state__in=UNSETTLED).exists()
