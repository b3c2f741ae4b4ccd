"""What this session may still take back of what it did to several tickets, the newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.dateparse import parse_datetime

from tickets.models import BulkAction
from tickets.services.together import UNDO_FOR

_KEY = "together"
_MOST = 5


@dataclass(frozen=True, slots=True)
class Undo:
    """`words`: what was done, as it was said then. `until`: until when it may be taken back."""

    token: str
    words: str
    until: datetime


def undo_offer(request: HttpRequest, action: BulkAction, words: str) -> None:
    kept = [each for each in request.session.get(_KEY, []) if isinstance(each, dict)]
    until = action.at + UNDO_FOR
    mine = {"token": action.token, "words": words, "until": until.isoformat()}
    request.session[_KEY] = [*kept, mine][-_MOST:]


def undo_shown(request: HttpRequest, *, now: datetime) -> Undo | None:
    """The newest that may be pressed; None where there is none."""
    for each in reversed(request.session.get(_KEY, [])):
        found = _read(each)
        if found is not None and found.until >= now:
            return found
    return None


def undo_over(request: HttpRequest, token: str) -> None:
    """It was pressed: the one before it is the newest."""
    kept = request.session.get(_KEY, [])
    request.session[_KEY] = [each for each in kept if each.get("token") != token]


def _read(kept: dict[str, Any]) -> Undo | None:
    until = parse_datetime(str(kept.get("until", "")))
    return Undo(kept["token"], kept["words"], until) if until is not None else None
