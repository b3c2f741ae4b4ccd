"""The way in: SMTP on loopback, as aiosmtpd speaks it."""

from __future__ import annotations

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from sandbox.mail.office import LARGEST, PASSWORD, NoSuchPlace, Office


class Counter:
    """What happens at the counter of the office: each recipient is looked at, then the mail is taken or refused."""

    def __init__(self, office: Office) -> None:
        self._office = office

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        try:
            self._office.box_of(address)
        except NoSuchPlace as error:
            return f"550 5.1.2 {error}"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        raw = content if isinstance(content, bytes) else (content or "").encode()
        head = f"Return-Path: <{envelope.mail_from or ''}>\r\n".encode()
        self._office.deliver(head + raw, envelope.rcpt_tos)
        return "250 2.0.0 taken"


def _known(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
    right = isinstance(data, LoginPassword) and data.password == PASSWORD.encode()
    # Otherwise nobody answers a password that is wrong.
    return AuthResult(success=right, handled=right)


def start(office: Office, port: int = 0) -> Controller:
    """Listens on 127.0.0.1; `office.smtp_port` says where. Raises OSError where the port is taken."""
    controller = Controller(
        Counter(office),
        hostname="127.0.0.1",
        port=port or _free(),
        data_size_limit=LARGEST,
        authenticator=_known,
        auth_require_tls=False,
        decode_data=False,
        enable_SMTPUTF8=True,
    )
    controller.start()
    office.smtp_port = controller.port
    return controller


def _free() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
