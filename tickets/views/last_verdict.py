"""The last verdict of triage, kept in the session for a while, so that it can be taken back where it is missed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from tickets.display.words import day_and_time
from tickets.models import Ticket, Triage

#: Until it is taken back, or the next verdict is given.
LAST = "last_verdict"
#: After this nobody looks for the button any more.
SHOWN_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class LastVerdict:
    """`version`: that the verdict made; another one since, and it cannot be taken back."""

    shown: str
    version: int
    round: str
    words: str


def remembered(done: Ticket, name: str, now: datetime) -> dict[str, Any]:
    """What the session keeps: codes alone."""
    return {
        "shown": done.shown_reference,
        "version": done.version,
        "round": name,
        "triage": done.triage,
        "again": done.triage_due_at.isoformat() if done.triage_due_at is not None else "",
        "at": now.isoformat(),
    }


def last_verdict(session: Mapping[str, Any], now: datetime) -> LastVerdict | None:
    """None where there is none, or it is too long ago."""
    stored = session.get(LAST)
    if stored is None:
        return None
    given_at = parse_datetime(stored["at"])
    if given_at is None or now - given_at > SHOWN_FOR:
        return None
    return LastVerdict(stored["shown"], stored["version"], stored["round"], _words(stored, now))


def _words(stored: Mapping[str, Any], now: datetime) -> str:
    if stored["triage"] == Triage.RESPOND:
        return _("to be answered")
    again = parse_datetime(stored["again"]) if stored["again"] else None
    if again is not None:
        return _("watched, look again %(when)s") % {"when": day_and_time(again, now)}
    return _("no reply needed")
