"""What pages ask by script, as JSON: signed in by the session, through the selectors, no more than the page shows."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from django.http import QueryDict
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rest_framework import exceptions, serializers, views
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from tickets.api_bell import OfTheDesk, bell_of
from tickets.clock import database_now
from tickets.display.moved import moved_words
from tickets.reference import read
from tickets.selectors_changes import MOST, NEW_CAP, Changes, Span, changes, since
from tickets.selectors_live_page import came_since
from tickets.selectors_queue import Place
from tickets.services.presence import staff_polled
from tickets.wanted import Wanted


class ShownRows(serializers.Field[dict[str, int], str, str, Any]):
    """ "K7QM4T2X.12,8RWD0N6H.3": the rows of a page with the versions it shows, each once, at most MOST."""

    default_error_messages = {
        "shape": 'Name the rows as "K7QM4T2X.12,8RWD0N6H.3": a reference and the version shown.',
        "many": f"Ask about at most {MOST} rows at once.",
    }

    def to_internal_value(self, data: str) -> dict[str, int]:
        if not isinstance(data, str):
            self.fail("shape")
        parts = [part for part in data.split(",") if part]
        if len(parts) > MOST:
            self.fail("many")
        shown = {}
        for part in parts:
            typed, _dot, version = part.partition(".")
            reference = read(typed)
            if reference is None or not (version.isascii() and version.isdigit() and len(version) < 10):
                self.fail("shape")
            shown[reference] = int(version)
        return shown

    def to_representation(self, value: dict[str, int]) -> str:
        return ",".join(f"{reference}.{version}" for reference, version in value.items())


class Moment(serializers.Field[datetime | None, str, str, Any]):
    """Seconds since 1970, as the page has it; what is none is no moment."""

    def to_internal_value(self, data: str) -> datetime | None:
        try:
            return datetime.fromtimestamp(float(data), tz=UTC)
        except (ValueError, OverflowError, OSError):
            return None

    def to_representation(self, value: datetime | None) -> str:
        return str(value.timestamp()) if value is not None else ""


class Asked(serializers.Serializer[Any]):
    rows = ShownRows()
    since = Moment(required=False)


class AskedOfOne(serializers.Serializer[Any]):
    version = serializers.IntegerField(min_value=0, default=0)
    since = Moment(required=False)


class TicketChanges(views.APIView):
    """GET ?version=…&since=… of the page that shows it. Answers {"changed": bool, "words": what a link to it as it is
    now says, "" where nothing changed, "bell": api_bell.bell_of}; 404 where the reader may not see it (any more)."""

    permission_classes = [OfTheDesk]

    def get(self, request: Request, shown: str) -> Response:
        user, reference = request.user, read(shown)
        if not isinstance(user, User):  # OfTheDesk has seen to it
            raise exceptions.NotAuthenticated
        asked = AskedOfOne(data=request.query_params)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        found = since(user, reference or "", version=given["version"], at=given.get("since"))
        if found is None:
            raise exceptions.NotFound
        staff_polled(user, now=database_now())
        with translation.override(user.language):
            words = {
                "": "",
                "said": _("The caller has said more: show"),
                "sent": _("The message was sent: show"),
                "changed": _("This ticket has changed: show"),
            }[found]
        return Response(
            {"changed": bool(found), "words": words, "bell": bell_of(user)},
            headers={"Cache-Control": "private, no-cache", "Vary": "Cookie"},
        )


class QueueChanges(views.APIView):
    """GET ?rows=…&after=…&until=…&since=…&told=… with the view's own choices (tickets/wanted.py).

    Answers {"changed": [reference], "left": [{"row": reference, "words": …}], "new": n, "new_words": …, "says": …,
    "bell": api_bell.bell_of, "came": [reference]}, with an ETag: 304 where the answer is the same as before. came: who
    waits live and may ring, for a page that hears of nothing (told=no).
    """

    permission_classes = [OfTheDesk]

    def get(self, request: Request) -> Response:
        asked = Asked(data=request.query_params)
        asked.is_valid(raise_exception=True)
        user = request.user
        if not isinstance(user, User):  # OfTheDesk has seen to it
            raise exceptions.NotAuthenticated
        given = request.query_params
        wanted = Wanted.read(given)
        span = Span(
            Place.read(given.get("after", "")),
            Place.read(given.get("until", "")),
            asked.validated_data.get("since"),
        )
        now = database_now()
        staff_polled(user, now=now)
        found = changes(user, wanted, asked.validated_data["rows"], span, now=now)
        ours = set(user.memberships.values_list("team_id", flat=True)) if found.left else set()
        with translation.override(user.language):
            answer = {
                "changed": list(found.changed),
                "left": [
                    {"row": reference, "words": moved_words(ticket, wanted, user, ours)}
                    for reference, ticket in found.left.items()
                ],
                "new": found.new,
                "new_words": _new_words(found.new),
                "says": _says(found),
                "bell": bell_of(user),
                "came": self._came(user, given, span, now) if found.new else [],
            }
        tag = '"' + hashlib.sha256(json.dumps(answer).encode()).hexdigest()[:32] + '"'
        headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Cookie"}
        if request.headers.get("If-None-Match") == tag:
            return Response(status=304, headers=headers)
        return Response(answer, headers=headers)

    @staticmethod
    def _came(user: User, given: QueryDict, span: Span, now: datetime) -> list[str]:
        if given.get("told") != "no" or span.since is None:
            return []
        return came_since(user, span.since, now=now)


def _counted(new: int) -> str:
    return f"{NEW_CAP}+" if new > NEW_CAP else str(new)


def _new_words(new: int) -> str:
    if not new:
        return ""
    return ngettext("%(n)s new: show", "%(n)s new: show", new) % {"n": _counted(new)}


def _says(found: Changes) -> str:
    """For who does not see the rows: one sentence."""
    parts = []
    if found.changed:
        n = len(found.changed)
        parts.append(ngettext("%(n)d ticket has changed.", "%(n)d tickets have changed.", n) % {"n": n})
    if found.left:
        n = len(found.left)
        parts.append(ngettext("%(n)d ticket has moved.", "%(n)d tickets have moved.", n) % {"n": n})
    if found.new:
        parts.append(_("New: %(n)s.") % {"n": _counted(found.new)})
    return " ".join(parts)
