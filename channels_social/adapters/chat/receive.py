"""What a visitor brings on its way in: stored first, on the disk when that returns; then read at once, as a worker
would read it, under its account's lock. Who does not get the lock leaves it to whoever has it.

Sent twice it is there once, by the id that the browser gave it. Sent late it stands where it belongs, by the number
that rises with each message of that browser: those said after it, and not answered yet, move up and are handed out
again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.files.storage import default_storage
from django.db import OperationalError, connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from channels_social import crash_points
from channels_social.adapters.chat.said import (
    FILES_MOST,
    WORDS_MOST,
    Words,
    words_event,
)
from channels_social.inbox import events_process
from channels_social.ingest import events_store
from channels_social.models import Visitor, VisitorFile, VisitorLine, VisitorWords
from channels_social.own_pages import SOURCE
from channels_social.own_updates import File, plain
from channels_social.visitors import files_remove, number_take
from tickets import live
from tickets.models import ChannelAccount
from tickets.services.errors import NotFound, Refused
from tickets.wake import DELIVER, wake

log = logging.getLogger(__name__)

#: A request reads for so many seconds at most; what is left is a worker's.
READS_FOR = 0.1
#: Longer ago said, a message is not moved for one that comes late.
MOVES_WITHIN = timedelta(minutes=10)
_STEP = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Taken:
    """number: its place among the lines of both sides. fresh: it was not there before."""

    client_id: str
    number: int
    at: datetime
    fresh: bool


def words_take(
    visitor: Visitor,
    *,
    client_id: str,
    text: str,
    files: Sequence[str] = (),
    sequence: int | None = None,
    user_agent: str = "",
    now: datetime,
) -> Taken:
    """Keep a message of theirs, once, and read it. visitor: with its account. files: ids of files that they put ready.

    Raises Refused: nothing was said, too much, a file that is not there, an account that takes nothing now; NotFound
    for one who was blocked meanwhile.
    """
    account = visitor.account
    words = plain(text).replace("\r\n", "\n").strip()
    with transaction.atomic():
        row = Visitor.objects.select_for_update(of=("self",), no_key=True).get(pk=visitor.pk)
        if row.blocked_at is not None:
            raise NotFound
        known = VisitorWords.objects.filter(visitor=row, client_id=client_id).first()
        if known is not None:
            return Taken(client_id, known.number, known.said_at, fresh=False)
        taken = _files(row, files)
        _check(account, words, taken)
        number, at = _place(row, sequence, now)
        said = Words(
            visitor=row.external_id,
            client_id=client_id,
            at=at,
            language=row.language,
            text=words,
            name=row.name,
            proven=row.proven_id,
            address=row.address,
        )
        event = words_event(account.external_id, said, [_content(each) for each in taken])
        events_store([(account.pk, event)], source=SOURCE, headers={"user-agent": user_agent[:300]}, now=now)
        VisitorWords.objects.create(
            visitor=row, number=number, client_id=client_id, sequence=sequence, said_at=at
        )
        files_remove(taken)
        Visitor.objects.filter(pk=row.pk).update(ended_at=None, seen_at=max(now, row.seen_at))
        live.visitor_told(row.pk)
        crash_points.reached("before_words_commit")
    crash_points.reached("words_stored")
    read_now(account)
    return Taken(client_id, number, at, fresh=True)


def read_now(account: ChannelAccount) -> None:
    """What waits to be read, for a moment, unless somebody is at it. What is to be sent then is a worker's, as is what
    the database is too busy for: it is kept."""
    try:
        done = events_process(account.pk, seconds=READS_FOR)
    except OperationalError as trouble:
        log.warning("account %s is read by a worker: %s", account.pk, type(trouble.__cause__).__name__)
        return
    if done.replies_queued:
        wake(DELIVER, account.pk)


def _check(account: ChannelAccount, words: str, files: Sequence[VisitorFile]) -> None:
    if not account.receives:
        raise Refused("closed", _("This chat is closed now. Nothing can be sent here."))
    if not words and not files:
        raise Refused("empty", _("Write a few words first."))
    if len(words) > WORDS_MOST:
        raise Refused(
            "too_long",
            _("This is too long: at most %(most)s characters. Shorten it, please.") % {"most": WORDS_MOST},
        )


def _files(visitor: Visitor, wanted: Sequence[str]) -> list[VisitorFile]:
    names = list(dict.fromkeys(wanted))
    if len(names) > FILES_MOST:
        raise Refused("files", _("Choose at most %(most)s files.") % {"most": FILES_MOST})
    if not names:
        return []
    found = {
        row.external_id: row for row in VisitorFile.objects.filter(visitor=visitor, external_id__in=names)
    }
    if len(found) < len(names):
        raise Refused("files", _("A file is not here any more. Choose it once more, please."))
    return [found[name] for name in names]


def _content(row: VisitorFile) -> File:
    try:
        with default_storage.open(row.storage_key, "rb") as file:
            return File(row.name, row.content_type, file.read())
    except FileNotFoundError as lost:
        raise Refused("files", _("A file is not here any more. Choose it once more, please.")) from lost


def _place(visitor: Visitor, sequence: int | None, now: datetime) -> tuple[int, datetime]:
    """The number of a new message, and when it is taken to be said.

    1. Without a number of the browser's, or with the highest: behind everything.
    2. Else before those of a higher one that nothing of ours stands behind yet: these get new numbers, behind it.
    """
    later: list[VisitorWords] = []
    if sequence is not None:
        ours = VisitorLine.objects.filter(visitor=visitor).aggregate(newest=Max("number"))["newest"] or 0
        rows = VisitorWords.objects.filter(
            visitor=visitor, sequence__gt=sequence, number__gt=ours, said_at__gt=now - MOVES_WITHIN
        )
        later = list(rows.order_by("sequence", "number"))
    number = number_take(visitor.pk, 1 + len(later))
    _move(later, number + 1)
    others = VisitorWords.objects.filter(visitor=visitor).exclude(pk__in=[row.pk for row in later])
    last = others.aggregate(at=Max("said_at"))["at"]
    if not later:
        return number, now if last is None or last < now else last + _STEP
    before = min(row.said_at for row in later)
    at = min(now, before - _STEP)
    if last is not None and at <= last < before:
        at = last + (before - last) / 2
    return number, at


def _move(rows: Sequence[VisitorWords], first: int) -> None:
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE channels_social_visitorwords w SET number = v.number"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS v (id, number) WHERE w.id = v.id",
            [[row.pk for row in rows], [first + place for place in range(len(rows))]],
        )
