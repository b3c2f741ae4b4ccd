"""For tests of delivery: a channel that plays a script, and rows of the outbox ready to go."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, ClassVar
from unittest.mock import patch

from accounts.models import User
from channels_social.adapter import AppView, Channel, RawEvent, WebhookRequest
from channels_social.models import ChannelApp, ChannelConnection
from priority.selectors import policy_current, policy_of
from tests import desk
from tickets import reference
from tickets.clock import database_now
from tickets.contract import (
    CannotTell,
    Capabilities,
    FindResult,
    MayReply,
    OutboundMessage,
    Parsed,
    Receipt,
    SendOutcome,
)
from tickets.models import (
    ChannelAccount,
    Contact,
    Conversation,
    Identity,
    Message,
    OutboundReply,
    Status,
    Target,
    Ticket,
    Triage,
)
from tickets.services.replies import answer_write, date_line_wanted
from tickets.services.ruling import acknowledgement, targets_make

_numbers = itertools.count(1)


class Scripted(Channel):
    """Says what the test told it to: an outcome per send, else a receipt; what went is in `sent`."""

    slug = "scripted"
    label = "Scripted"
    capabilities = Capabilities(
        manner="short",
        public=True,
        private=False,
        max_length=280,
        splits=True,
        find_sent_after=timedelta(seconds=30),
    )
    script: ClassVar[list[SendOutcome | Callable[[OutboundMessage], None]]] = []
    sent: ClassVar[list[OutboundMessage]] = []
    found: ClassVar[list[FindResult]] = []
    looked: ClassVar[list[tuple[OutboundMessage, datetime]]] = []
    rule: ClassVar[MayReply] = MayReply(True, "free")
    lock: ClassVar[threading.Lock] = threading.Lock()

    @classmethod
    def reset(cls) -> None:
        cls.script, cls.sent, cls.found, cls.looked = [], [], [], []
        cls.rule = MayReply(True, "free")

    @classmethod
    def verify(cls, app: AppView, request: WebhookRequest) -> None: ...

    @classmethod
    def split(cls, app: AppView, request: WebhookRequest) -> list[RawEvent]:
        return []

    def parse(self, event: RawEvent) -> list[Parsed]:
        return []

    def send(self, message: OutboundMessage) -> Receipt:
        with self.lock:
            step = self.script.pop(0) if self.script else None
        if isinstance(step, SendOutcome):
            raise step
        if step is not None:
            step(message)
        with self.lock:
            self.sent.append(message)
            return Receipt(f"sent-{self.account.id}-{len(self.sent)}", "https://example.org/1")

    def find_sent(self, message: OutboundMessage, since: datetime) -> FindResult:
        self.looked.append((message, since))
        return self.found.pop(0) if self.found else CannotTell("no way to look")

    def may_reply(self, message: OutboundMessage) -> MayReply:
        return self.rule if message.reply_rule.allowed else message.reply_rule

    @classmethod
    def split_text(cls, text: str, limit: int) -> list[str]:
        size = limit - 10
        pieces = [text[at : at + size] for at in range(0, len(text), size)]
        return [f"{piece} {n}/{len(pieces)}" for n, piece in enumerate(pieces, 1)]


class CannotFind(Scripted):
    """A network that has no way to look."""

    slug = "cannot_find"
    capabilities = Capabilities(manner="short", public=True, private=False, max_length=None)


@contextmanager
def scripted_channels() -> Iterator[None]:
    Scripted.reset()
    kinds = {"scripted": Scripted, "cannot_find": CannotFind}
    with patch("channels_social.registry.channels", lambda: kinds):
        yield


def account(
    external_id: str = "desk", *, channel: str = "scripted", mode: str = "customer_service", **fields: Any
) -> ChannelAccount:
    made = ChannelAccount.objects.create(
        channel=channel,
        external_id=external_id,
        name="Gemeente Merendam",
        team=desk.team(),
        sign_off="^Merendam",
        mode=mode,
        created_at=desk.MONDAY,
        **fields,
    )
    app, _ = ChannelApp.objects.get_or_create(
        hook_key=f"hook-{channel}", defaults={"channel": channel, "secrets": {}, "created_at": desk.MONDAY}
    )
    ChannelConnection.objects.create(account=made, app=app, credentials={})
    return made


def ticket(
    on: ChannelAccount,
    *,
    contact: Contact | None = None,
    priority: str = "P3",
    started_at: datetime | None = None,
    triage: str = Triage.RESPOND,
    automated: bool = False,
) -> Ticket:
    """A triaged ticket with one public message of its caller, targets made; no acknowledgement yet."""
    number = next(_numbers)
    now = database_now()
    revision = policy_current()
    policy = policy_of(revision.pk)
    contact = contact or Contact.objects.create(name="Anouk", created_at=now)
    identity = Identity.objects.create(
        contact=contact, kind="scripted", external_id=f"p{number}", is_automated=automated, created_at=now
    )
    made = Ticket.objects.create(
        reference=reference.make(),
        account=on,
        caller=contact,
        team=on.team,
        status=Status.NEW,
        triage=triage,
        category=policy.categories[3].key,
        priority=priority,
        priority_rank=policy.priority(priority).rank,
        date_means="solved",
        policy_revision=revision,
        language="en",
        clock_started_at=started_at or now,
        queue_at=now,
        created_at=now,
    )
    conversation = Conversation.objects.create(
        account=on,
        thread_key=f"t{number}",
        visibility="public",
        identity=identity,
        contact=contact,
        ticket=made,
        reply_to=f"m{number}",
        reply_rule={"allowed": True, "rule": "summoned", "until": None},
        created_at=now,
    )
    Message.objects.create(
        account=on,
        conversation=conversation,
        ticket=made,
        external_id=f"m{number}",
        direction="in",
        visibility="public",
        identity=identity,
        body="The ticket machine swallowed my card",
        sent_at=started_at or now,
        received_at=now,
    )
    Target.objects.bulk_create(targets_make(made, policy, on.channel, "public"))
    made.save()
    return made


def queued(of: Ticket, *, not_before: datetime | None = None) -> OutboundReply:
    """The ticket's acknowledgement, queued."""
    message = Message.objects.filter(ticket=of, direction="in").earliest("pk")
    row = acknowledgement(of, message, now=database_now(), not_before=not_before)
    row.save(force_insert=True)
    return row


def answered(of: Ticket, text: str, *, tells: bool | None = None) -> OutboundReply:
    """A person's answer, queued through the service; it tells the date where it has to."""
    conversation = of.conversations.get()
    now = database_now()
    return answer_write(
        actor=agent(),
        ticket_id=of.pk,
        conversation_id=conversation.pk,
        text=text,
        tell_date=date_line_wanted(of, now=now) if tells is None else tells,
        client_key=f"client-key-{next(_numbers)}",
        seen_message_id=None,
        now=now,
    )


def agent() -> User:
    return User.objects.filter(username="sanne").first() or desk.user("sanne", teams=[desk.team()])


def age(reply: OutboundReply, **columns: datetime) -> None:
    """Move a row's times, as if that much time had passed."""
    OutboundReply.objects.filter(pk=reply.pk).update(**columns)


def texts(sent: Sequence[OutboundMessage]) -> list[str]:
    return [message.text for message in sent]
