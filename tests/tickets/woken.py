"""What tests of mails to colleagues share: the job as it goes, and a mail server that does as it is told."""

from __future__ import annotations

import smtplib
from typing import Any

from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from tests.simulated_clock import SimulatedClock
from tickets.services.staff_mail_sending import mails_send
from tickets.services.staff_mails import mails_make, untaken_told


def go(clock: SimulatedClock) -> list[str]:
    """What the job does; whom mails went to, one after the other."""
    mail.outbox.clear()
    untaken_told(now=clock.now)
    mails_make(now=clock.now)
    mails_send()
    return [each.to[0].partition("@")[0] for each in mail.outbox]


class Server(EmailBackend):
    """A mail server that does as it is told. trouble: raised instead of taking a mail, or, with `after`, having taken
    it; away: raised when it is spoken to. closes_after: it ends a connection after so many mails, without a word."""

    trouble: BaseException | None = None
    after = False
    away: BaseException | None = None
    closes_after = 1_000
    taken = 0

    @classmethod
    def mend(cls) -> None:
        cls.trouble, cls.after, cls.away, cls.closes_after = None, False, None, 1_000

    def open(self) -> bool:
        if Server.away is not None:
            raise Server.away
        self.taken = 0
        self.connection = self
        return True

    def noop(self) -> tuple[int, bytes]:
        self._open_still()
        return 250, b"still here"

    def _open_still(self) -> None:
        if self.taken >= Server.closes_after:
            raise smtplib.SMTPServerDisconnected("it was closed")

    def send_messages(self, messages: Any) -> int:
        self._open_still()
        self.taken += 1
        if Server.trouble is not None and not Server.after:
            raise Server.trouble
        count = super().send_messages(messages)
        if Server.trouble is not None:
            raise Server.trouble
        return int(count)


class Died(BaseException):
    """The worker is gone: nothing after this is done."""
