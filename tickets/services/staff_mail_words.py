"""What a mail to a colleague says: the sentences of the bell, a link each, and how to have fewer. No caller's word."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.utils import parseaddr
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from tickets.display.told import told_words
from tickets.display.words import day_and_time
from tickets.models import Notification, StaffMail

#: A mail names no more than these; the page has all.
MOST = 30


def mail_of(mail: StaffMail, user: User, rows: Sequence[Notification], *, now: datetime) -> EmailMessage:
    """In the person's language and zone, plain text. `rows`: what it tells, the newest ahead, one at least."""
    with translation.override(user.language), timezone.override(ZoneInfo(user.zone)):
        subject = told_words(rows[0]) if len(rows) == 1 else _several(len(rows))
        parts = [_one(row, now) for row in rows[:MOST]]
        if len(rows) > MOST:
            more = len(rows) - MOST
            words = ngettext("And %(n)d more: %(url)s", "And %(n)d more: %(url)s", more)
            parts.append(words % {"n": more, "url": _url("notifications")})
        parts.append(_why(mail))
    return EmailMessage(
        subject=subject,
        body="\n\n".join(parts) + "\n",
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[user.email],
        headers={
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            # The row's own, so that a server can know a double by it.
            "Message-ID": f"<told.{mail.pk}.{int(mail.created_at.timestamp())}@{_domain()}>",
        },
    )


def _several(count: int) -> str:
    return ngettext("%(n)d thing waits for you", "%(n)d things wait for you", count) % {"n": count}


def _one(row: Notification, now: datetime) -> str:
    when = day_and_time(row.created_at, now)
    return f"{told_words(row)}\n{row.ticket.team.name} · {when}\n{_url('ticket', row.ticket.shown_reference)}"


def _why(mail: StaffMail) -> str:
    if mail.at_once:
        return _(
            "This goes out at any hour, to those whom their team has named for it, or who lead it. "
            "Take it, and nobody else is woken."
        )
    return _("What is told by mail, and when, you choose here: %(url)s") % {"url": _url("me_notifications")}


def _url(name: str, *args: str) -> str:
    return settings.PUBLIC_URL + reverse(name, args=args)


def _domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
