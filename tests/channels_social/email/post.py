"""A real SMTP server on loopback that answers as it is told to, and a mailbox of ours that sends there."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from channels_social.adapter import AccountView
from channels_social.adapters.email import Email
from channels_social.net import Net
from tickets.contract import MayReply, OutboundMessage, Receipt, SendOutcome

ADDRESS, PASSWORD = "desk@example.org", "open sesame"
MESSAGE = OutboundMessage(
    text="Thank you, Ann.\n\n.We look at it.\n.\n\nTown Desk",
    visibility="private",
    thread_key="root:ann@example.com",
    in_reply_to="1@example.com#abc",
    recipient="ann@example.com",
    idempotency_key="ack:1#1",
    reply_rule=MayReply(True, "reply"),
    automatic=True,
    conversation=42,
    subject="Lamp post",
    refers_to=("1@example.com",),
    language="en",
)


class Post:
    """aiosmtpd's handler. say: what is answered at a step ("MAIL", "RCPT", "DATA"), by the address that was named."""

    def __init__(
        self,
        say: Callable[[str, str], str | None] = lambda _step, _address: None,
        *,
        user: str = ADDRESS,
        password: str = PASSWORD,
    ) -> None:
        self.say = say
        self._key = (user.encode(), password.encode())
        self.got: list[Envelope] = []
        self.signed_in: list[bytes] = []
        self.asked: list[tuple[str, str]] = []

    def answer(self, step: str, address: str) -> str | None:
        self.asked.append((step, address))
        return self.say(step, address)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        told = self.answer("MAIL", address)
        if told is None:
            envelope.mail_from, envelope.mail_options = address, options
        return told or "250 2.1.0 Ok"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        told = self.answer("RCPT", address)
        if told is None:
            envelope.rcpt_tos.append(address)
        return told or "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        told = self.answer("DATA", "")
        if told is None:
            self.got.append(envelope)
        return told or "250 2.0.0 Ok: queued"

    def authenticator(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.signed_in.append(mechanism.encode() + b" " + data.login)
        return AuthResult(success=(data.login, data.password) == self._key, handled=False)


@contextmanager
def office(post: Post, **options: Any) -> Iterator[int]:
    """A running server; its port."""
    options.setdefault("enable_SMTPUTF8", False)
    loop = asyncio.new_event_loop()
    ready = Controller(post, hostname="127.0.0.1", port=0, loop=loop, **options)
    talking: list[Any] = []

    def made() -> Any:
        talking.append(ready._factory_invoker())
        return talking[-1]

    async def begin() -> asyncio.Server:
        return await loop.create_server(made, host="127.0.0.1", port=0, ssl=options.get("ssl_context"))

    async def end(server: asyncio.Server) -> None:
        server.close()
        for one in talking:
            if one.transport is not None:
                one.transport.abort()
        await asyncio.sleep(0.05)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    # A browser of another test may have its own loop in this thread.
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(begin(), loop).result(timeout=5)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        asyncio.run_coroutine_threadsafe(end(server), loop).result(timeout=5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=5)
        loop.close()


def mailbox(
    port: int,
    settings: Mapping[str, str] | None = None,
    *,
    credentials: Mapping[str, str] | None = None,
    seconds: float = 10.0,
) -> Email:
    told = {
        "address": ADDRESS, "sender_name": "Town Desk", "imap_host": "127.0.0.1", "smtp_host": "127.0.0.1",
        "smtp_port": str(port), "smtp_security": "none", "smtp_user": "-",
    }  # fmt: skip
    given = {"password": PASSWORD} if credentials is None else credentials
    net = Net(
        deadline=timedelta(seconds=seconds),
        allow_private=True,
        read_credentials=lambda: given,
        rotate=lambda _old, new: new,
    )
    return Email(AccountView(1, ADDRESS, ADDRESS, "Town Desk", "en", {**told, **(settings or {})}), net)


def outcome(box: Email, message: OutboundMessage = MESSAGE) -> Receipt | SendOutcome:
    try:
        return box.send(message)
    except SendOutcome as came:
        return came
