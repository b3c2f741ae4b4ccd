"""Builders for the tests of what lies ready for visitors: a chat of ours, who writes there, a mailbox behind it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from channels_social.adapters.chat import Chat
from channels_social.adapters.chat.lines import lines_acknowledge
from channels_social.adapters.chat.receive import words_take
from channels_social.connecting import capabilities_as_json
from channels_social.delivery import deliver
from channels_social.inbox import events_process
from channels_social.models import ChannelApp, ChannelConnection, Visitor, VisitorLine
from channels_social.visitors import visitor_address_leave, visitor_begin, visitors_seen
from tests import desk
from tickets.clock import database_now
from tickets.contract import OutboundMessage, Receipt
from tickets.models import ChannelAccount, ChannelMode

KEY = "0123456789abcdef"
WORDS = "The street light at Kade 12 is broken. Could you repair it, please?"
MAILBOX = "desk@merendam.example"
ADDRESS = "a.demir@voorbeeld.example"


def chat(key: str = KEY, **settings: str) -> ChannelAccount:
    """A chat in customer service, without a mailbox unless `through` names one."""
    made = ChannelAccount.objects.create(
        channel="chat",
        external_id=key,
        name="Merendam",
        handle="Merendam",
        language="en",
        team=desk.team(),
        mode=ChannelMode.CUSTOMER_SERVICE,
        manner=Chat.capabilities.manner,
        capabilities=capabilities_as_json(Chat.capabilities),
        created_at=desk.MONDAY,
    )
    app, _ = ChannelApp.objects.get_or_create(
        hook_key="chats",
        defaults={"channel": "chat", "name": "Chat", "secrets": {}, "created_at": desk.MONDAY},
    )
    told = {"name": "Gemeente Merendam", "sites": "https://merendam.example", **settings}
    ChannelConnection.objects.create(account=made, app=app, credentials={}, settings=told)
    return made


def mailbox(*, port: int | None = None) -> ChannelAccount:
    """port: of the server that sends for it, of which nobody keeps what was sent."""
    app = ChannelApp.objects.create(
        channel="email", name="E-mail", hook_key="mail", secrets={}, created_at=desk.MONDAY
    )
    made = ChannelAccount.objects.create(
        channel="email", external_id=MAILBOX, name="Merendam", handle=MAILBOX, team=desk.team(),
        manner="letter", created_at=desk.MONDAY,
    )  # fmt: skip
    settings = {"address": MAILBOX}
    if port is not None:
        settings |= {
            "smtp_host": "127.0.0.1",
            "smtp_port": str(port),
            "smtp_security": "none",
            "smtp_user": "-",
            "sent_copy": "none",
        }
    ChannelConnection.objects.create(
        account=made, app=app, credentials={}, settings=settings, allow_private_addresses=port is not None
    )
    return made


@dataclass
class Mails:
    """What the mailbox was given to send. outcome: raised in place of a receipt, before anything went."""

    sent: list[OutboundMessage] = field(default_factory=list)
    outcome: Exception | None = None

    def send(self, message: OutboundMessage) -> Receipt:
        if self.outcome is not None:
            raise self.outcome
        self.sent.append(message)
        return Receipt(f"{len(self.sent)}@merendam.example")


@dataclass
class Browser:
    """A visitor's: it says what it holds when it is told to."""

    visitor: Visitor

    def says(self, text: str = WORDS, *, is_read: bool = True) -> str:
        client_id = str(uuid.uuid4())
        words_take(self.visitor, client_id=client_id, text=text, now=database_now())
        if is_read:
            events_process(self.visitor.account_id)
        return client_id

    def holds(self, through: int | None = None, *, is_read: bool = True) -> int:
        """Everything that lies there, unless `through` says up to where."""
        newest = Visitor.objects.get(pk=self.visitor.pk).last_number
        fresh = lines_acknowledge(self.visitor, newest if through is None else through, now=database_now())
        if is_read:
            events_process(self.visitor.account_id)
        return fresh

    def is_here(self) -> None:
        visitors_seen([self.visitor.pk], now=database_now())

    def leaves_address(self, address: str = ADDRESS) -> None:
        visitor_address_leave(visitor=self.visitor, address=address, consent="Yes.", now=database_now())

    def lines(self) -> list[VisitorLine]:
        return list(VisitorLine.objects.filter(visitor=self.visitor).order_by("number"))


def browser(account: ChannelAccount, *, proven_id: str = "", name: str = "") -> Browser:
    visitor, _token = visitor_begin(
        account=account,
        language="en",
        origin="https://merendam.example",
        proven_id=proven_id,
        name=name,
        now=database_now(),
    )
    return Browser(Visitor.objects.select_related("account").get(pk=visitor.pk))


def delivered(account: ChannelAccount) -> None:
    """Turns of a worker until nothing is left to do now."""
    while deliver(account.pk).more:
        pass
