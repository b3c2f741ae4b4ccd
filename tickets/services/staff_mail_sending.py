"""Sending mails to colleagues, each at most once: claim, check, `send_started_at`, send, settle.

The server is spoken to before each mail is claimed, so that one that is away, or has closed the connection, costs no
mail a try. `send_started_at` is committed before the first byte of a mail leaves. What the server refused has not gone,
and goes again where it said "later", or where it will take nothing from us; where nobody can tell, because the
connection broke or the worker died, the mail is *unclear* and stays so. Whom a mail was to wake and did not reach, or
may not have, their leads are told of (`unreached_told`).
"""

from __future__ import annotations

import logging
import smtplib
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import Error, transaction
from django.db.models import F

from tickets.clock import database_now
from tickets.models import MailState, StaffMail
from tickets.prepared import Prepared, ask
from tickets.selectors_notifications import NOT_REACHED, unread_of, waking_still
from tickets.services.staff_mail_words import mail_of
from tickets.services.staff_mails import carried_by, left_out, unreached_told

log = logging.getLogger(__name__)

#: Longer than one mail can take: each step with the server ends within EMAIL_TIMEOUT.
LEASE = timedelta(minutes=5)
#: One job ends well before Celery ends it.
TURN_SECONDS = 45.0
#: After as many refusals "for now" it is given up; the waits between them double, from a minute.
TRIES = 10
#: A server that refuses whoever sends is asked again after this.
SENDER_WAITS = timedelta(minutes=1)
#: What is refused so is not about the one whom a mail goes to: who may send by this server, and what (RFC 3463, X.7).
_ABOUT_US = (b"5.7.", b"4.7.")
_SIGN_IN = 530

_CLAIM = Prepared(
    """
UPDATE tickets_staffmail SET state = 'sending', lease_token = gen_random_uuid(), lease_until = %(until)s
 WHERE id = (SELECT id FROM tickets_staffmail WHERE state = 'queued' AND due_at <= %(now)s
              ORDER BY at_once DESC, due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, lease_token
""",
    {"now": "timestamptz", "until": "timestamptz"},
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A mail that is ours until its lease ends, and the token that proves it."""

    mail_id: int
    token: UUID

    def take(self, **values: object) -> bool:
        """Write to the mail, if it is still ours."""
        mine = StaffMail.objects.filter(pk=self.mail_id, lease_token=self.token, state=MailState.SENDING)
        return bool(mine.update(**values))

    def settle(self, state: MailState, *, now: datetime, error: str = "") -> bool:
        with transaction.atomic():
            mine = self.take(
                state=state, settled_at=now, error=error[:40], lease_token=None, lease_until=None
            )
            if mine and state in NOT_REACHED:
                unreached_told([self.mail_id], now=now)
        return mine

    def later(self, *, due_at: datetime, error: str, **values: object) -> bool:
        """It has not gone, and goes again."""
        return self.take(
            state=MailState.QUEUED, due_at=due_at, send_started_at=None, error=error[:40], lease_token=None,
            lease_until=None, **values,
        )  # fmt: skip


def mails_send() -> int:
    """What is due now, one after the other, for at most TURN_SECONDS; how many went."""
    leases_expire(now=database_now())
    if not settings.MAILS_GO_OUT:
        return 0
    ends, sent = time.monotonic() + TURN_SECONDS, 0
    server: BaseEmailBackend | None = None
    try:
        while time.monotonic() < ends:
            now = database_now()
            if not StaffMail.objects.filter(state=MailState.QUEUED, due_at__lte=now).exists():
                break
            if server is not None and not _answers(server):
                _let_go(server)
                server = None
            if server is None:
                server = _server_reached()
                if server is None:
                    break
            claim = _claim(now)
            if claim is None:
                break
            outcome = _send(claim, server)
            if outcome is None:
                break
            sent += outcome == MailState.SENT
            if outcome not in (MailState.SENT, MailState.DROPPED):
                _let_go(server)  # nobody knows how this connection stands now
                server = None
    finally:
        _let_go(server)
    return sent


def leases_expire(*, now: datetime) -> int:
    """What a dead worker held: queued again where nothing had left, else *unclear* for good. How many are unclear."""
    with transaction.atomic():
        over = StaffMail.objects.filter(state=MailState.SENDING, lease_until__lte=now)
        over.filter(send_started_at__isnull=True).update(
            state=MailState.QUEUED, lease_token=None, lease_until=None
        )
        begun = over.filter(send_started_at__isnull=False).order_by("pk").select_for_update(skip_locked=True)
        lost = list(begun.values_list("pk", flat=True))
        StaffMail.objects.filter(pk__in=lost).update(
            state=MailState.UNCLEAR, error="worker_died", settled_at=now, lease_token=None, lease_until=None
        )
        unreached_told(lost, now=now)
    if lost:
        log.warning("%d mails to colleagues may have gone and may not; they do not go again", len(lost))
    return len(lost)


def _server_reached() -> BaseEmailBackend | None:
    """Signed in there. None: not now; the mails stay as they are, and whoever waits for one is told so."""
    server = get_connection(fail_silently=False)
    try:
        server.open()
    except (OSError, smtplib.SMTPException) as trouble:
        log.warning("the mail server cannot be reached: %s", _code(trouble))
        return None
    return server


def _answers(server: BaseEmailBackend) -> bool:
    """Whether it still does. One that takes a few mails at a time closes without a word, and the next mail would be
    unclear that has not even begun."""
    connection = getattr(server, "connection", None)
    if connection is None:
        return True
    try:
        return bool(connection.noop()[0] == 250)
    except (OSError, smtplib.SMTPException):
        return False


def _let_go(server: BaseEmailBackend | None) -> None:
    if server is not None:
        try:
            server.close()
        except (OSError, smtplib.SMTPException) as trouble:
            log.info("the mail server ended first: %s", type(trouble).__name__)


def _claim(now: datetime) -> Claim | None:
    rows = ask(_CLAIM, {"now": now, "until": now + LEASE})
    return Claim(*rows[0]) if rows else None


def _send(claim: Claim, server: BaseEmailBackend) -> MailState | None:
    """What became of it; None: the server takes nothing from us now, this one waits with all others.

    1. What it tells is asked now: what was read, may be seen no more or wakes nobody any more is left
       out; nothing left, no mail.
    2. From here on it may have gone.
    """
    now = database_now()
    try:
        message = _message(claim, now)
    except Error:
        raise  # the database, not this mail
    except Exception:  # what one person's settings may break has no end; the others get theirs
        log.exception("mail %d cannot be written", claim.mail_id)
        claim.settle(MailState.FAILED, now=now, error="words")
        return MailState.FAILED
    if message is None:
        claim.settle(MailState.DROPPED, now=now)
        return MailState.DROPPED
    if not claim.take(send_started_at=now, lease_until=now + LEASE, tries=F("tries") + 1):
        return MailState.DROPPED
    try:
        server.send_messages([message])
    except smtplib.SMTPSenderRefused as refusal:
        log.warning("the mail server refuses whoever sends (EMAIL_FROM): %d", refusal.smtp_code)
        later = database_now() + SENDER_WAITS
        claim.later(due_at=later, error=str(refusal.smtp_code), tries=F("tries") - 1)
        return None
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as refusal:
        return _refused(claim, *_said(refusal))
    except smtplib.SMTPNotSupportedError:
        return _refused(claim, 550, b"")
    except ValueError as trouble:  # no address that a mail can go to
        log.warning("mail %d has no address: %s", claim.mail_id, _code(trouble))
        claim.settle(MailState.FAILED, now=database_now(), error="address")
        return MailState.FAILED
    except (OSError, smtplib.SMTPException) as trouble:
        log.warning("mail %d may have gone and may not: %s", claim.mail_id, _code(trouble))
        claim.settle(MailState.UNCLEAR, now=database_now(), error=_code(trouble))
        return MailState.UNCLEAR
    claim.settle(MailState.SENT, now=database_now())
    return MailState.SENT


def _message(claim: Claim, now: datetime) -> EmailMessage | None:
    mail = StaffMail.objects.select_related("user").get(pk=claim.mail_id)
    user = mail.user
    ids = carried_by(mail, token=claim.token, now=now)
    if not user.is_active or not user.email or not ids:
        return None
    rows = unread_of(user).filter(pk__in=ids).select_related("ticket__team")
    if mail.at_once:
        found = waking_still(rows)
        left_out(mail, set(ids) - {row.pk for row in found}, token=claim.token)
    else:
        found = list(rows.order_by("-created_at", "-pk"))
    return mail_of(mail, user, found, now=now) if found else None


def _refused(claim: Claim, number: int, words: bytes) -> MailState | None:
    """It has not gone. 4xx: later, and so where it is not about this mail (`_ABOUT_US`), of which the leads are told
    meanwhile; anything else: not at all."""
    now = database_now()
    tries = StaffMail.objects.filter(pk=claim.mail_id).values_list("tries", flat=True).first() or 0
    about_us = number == _SIGN_IN or words.startswith(_ABOUT_US)
    if (about_us or 400 <= number < 500) and tries < TRIES:
        wait = timedelta(minutes=2 ** min(tries - 1, 6))
        with transaction.atomic():
            if claim.later(due_at=now + wait, error=str(number)) and about_us:
                unreached_told([claim.mail_id], now=now)
        return None if about_us else MailState.QUEUED
    log.warning("the mail server refused mail %d for good: %d", claim.mail_id, number)
    claim.settle(MailState.FAILED, now=now, error=str(number))
    return MailState.FAILED


def _said(refusal: smtplib.SMTPRecipientsRefused | smtplib.SMTPResponseException) -> tuple[int, bytes]:
    """The number, and the words after it, which are kept nowhere."""
    if isinstance(refusal, smtplib.SMTPResponseException):
        code, words = refusal.smtp_code, refusal.smtp_error
    else:
        code, words = next(iter(refusal.recipients.values()), (550, b""))
    return int(code), words if isinstance(words, bytes) else str(words).encode()


def _code(trouble: BaseException) -> str:
    """A code of ours, or the number that the server said; never its words."""
    if isinstance(trouble, smtplib.SMTPResponseException):
        return f"{type(trouble).__name__} {trouble.smtp_code}"
    return type(trouble).__name__
