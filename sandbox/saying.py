"""How the pages write times, spans and initials."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Amsterdam")  # where Merendam lies
LANGUAGES = {"en": "English", "nl": "Dutch"}


def initials(name: str) -> str:
    """AW for Anouk de Wit, BR for Bram."""
    words = [word for word in name.split() if word[0].isupper()] or [name]
    return (words[0][0] + words[-1][0] if len(words) > 1 else words[0][:2]).upper()


def clock(at: str) -> str:
    """Hours, minutes, seconds in town of an ISO moment."""
    return f"{datetime.fromisoformat(at).astimezone(ZONE):%H:%M:%S}"


def when(ms: int) -> str:
    moment = datetime.fromtimestamp(ms / 1000, UTC).astimezone(ZONE)
    return f"{moment:%a} {moment.day} {moment:%b %H:%M}"


def age(ms: int, created: int) -> str:
    """`ms` is how long ago; after a day the moment itself."""
    minutes = ms // 60_000
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 24 * 60 else when(created)


def span(seconds: float) -> str:
    if seconds < 1:
        return "less than 1 s"
    if seconds < 120:
        return f"{round(seconds)} s"
    return f"{round(seconds / 60)} min" if seconds < 7200 else f"{round(seconds / 3600)} h"
