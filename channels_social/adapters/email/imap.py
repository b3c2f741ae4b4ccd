"""Reading a mailbox: what is new since the cursor, and marking what is stored.

The cursor: "folder", "validity" (its UIDVALIDITY) and "uid", the last that was handed over; "done", those that are
stored and still to be marked as read or moved; "since", "unread" and "old_below": of mails that lay there when reading
began (or began anew), only those from then on, or nobody has read, are handed over. A mail is marked by the poll after
the one that handed it over, when it is stored for certain.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from channels_social import crash_points
from channels_social.adapter import AccountView, PollFailed, RawEvent
from channels_social.adapters.email import inbound
from channels_social.adapters.email.mailbox import INBOX, Mailbox, Trouble, signed_in, troubles
from channels_social.adapters.email.marking import joined, mark, sets, words_of
from channels_social.net import DeadlineExceeded, Net, NetError
from channels_social.net_lines import line_call

BATCH_MAILS = 500
BATCH_BYTES = 8 * 1024 * 1024
#: Of a larger mail, or one that does not come in time, the beginning is taken.
WHOLE_MOST = 60 * 1024 * 1024
BEGINNING = 512 * 1024
#: Bodies may take longer than a question: so many bytes a second are expected, for at most so many seconds.
BYTES_A_SECOND = 128 * 1024
BODIES_SECONDS = 60.0
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_UID = re.compile(rb"\bUID ([0-9]+)")
_SIZE = re.compile(rb"RFC822\.SIZE ([0-9]+)")
_FLAGS = re.compile(rb"FLAGS \(([^)]*)\)")
_ARRIVED = re.compile(
    rb'INTERNALDATE "([ 0-9]?[0-9])-([A-Za-z]{3})-([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) '
    rb'([-+])([0-9]{2})([0-9]{2})"'
)


@dataclass(frozen=True, slots=True)
class _Lying:
    """A mail in the folder that is not read yet."""

    uid: int
    size: int
    arrived: datetime
    seen: bool


@dataclass(frozen=True, slots=True)
class _Cursor:
    folder: str
    validity: int = 0
    uid: int = 0
    done: str = ""
    since: datetime = _LONG_AGO
    unread: bool = True
    old_below: int = 0

    @classmethod
    def of(cls, told: Mapping[str, str], settings: Mapping[str, str], now: datetime) -> _Cursor:
        folder = settings.get("folder", "").strip() or INBOX
        since = datetime.fromisoformat(told["since"]) if told.get("since") else _begin(settings, now)
        unread = told["unread"] == "yes" if "unread" in told else settings.get("begin_with", "") != "new"
        if told.get("folder", folder) != folder:
            return cls(folder, since=since, unread=unread)
        return cls(
            folder,
            _number(told.get("validity")),
            _number(told.get("uid")),
            told.get("done", ""),
            since,
            unread,
            _number(told.get("old_below")),
        )

    def stored(self) -> dict[str, str]:
        return {
            "folder": self.folder,
            "validity": str(self.validity),
            "uid": str(self.uid),
            "done": self.done,
            "since": self.since.isoformat(),
            "unread": "yes" if self.unread else "no",
            "old_below": str(self.old_below),
        }


def _begin(settings: Mapping[str, str], now: datetime) -> datetime:
    return _LONG_AGO if settings.get("begin_with", "") == "all" else now


def _number(told: str | None) -> int:
    return int(told) if told and told.isascii() and told.isdigit() else 0


def cursor_at(moment: datetime) -> dict[str, str]:
    """That of a poll which hands over nothing from before `moment`."""
    return {"since": moment.astimezone(UTC).isoformat(), "unread": "no"}


def poll(
    net: Net, account: AccountView, cursor: Mapping[str, str], *, now: datetime
) -> tuple[list[RawEvent], dict[str, str], bool]:
    """One batch. Raises PollFailed.

    1. Mark what the last poll handed over: it is stored by now.
    2. Look which are new, and how large they are. Where UIDVALIDITY changed, all are; what is stored stays once.
    3. Take so many of them as one batch may hold.
    """
    try:
        return _poll(net, account, _Cursor.of(cursor, account.settings, now))
    except Trouble as trouble:
        raise PollFailed(
            trouble.words(account.language), retry_after=trouble.retry_after, reauthorise=trouble.key
        ) from trouble


def _poll(net: Net, account: AccountView, at: _Cursor) -> tuple[list[RawEvent], dict[str, str], bool]:
    with troubles(), _Line(net, account) as line:
        with line_call(net):
            state = line.open(at.folder)
            at = _where(at, state)
            not_marked = mark(line.box, at.done, account.settings)
            crash_points.reached("imap_marked")
            lying = _lying(line.box, at)
        batch, mails = _taken(line, at, _batch(lying))
        if not_marked is not None and not batch:
            raise not_marked
        done = joined("" if not_marked is None else at.done, (one.uid for one, _, _ in mails))
        # What lay there before and is not wanted needs no second look.
        last = max(one.uid for one in batch) if batch else max(at.uid, at.old_below - 1)
        events = [_event(account.external_id, at, *each) for each in mails]
        # What was handed over is marked by one more look, at once.
        return events, replace(at, done=done, uid=last).stored(), bool(batch)


class _Line:
    """A signed-in mailbox, and another where the first was lost."""

    box: Mailbox

    def __init__(self, net: Net, account: AccountView) -> None:
        self.net, self._account = net, account
        self._open: Mailbox | None = None

    def open(self, folder: str) -> dict[str, int]:
        """Inside a call."""
        if self._open is not None:
            self._open.hang_up()
        self.box = self._open = signed_in(self.net, self._account.settings)
        return self.box.open_folder(folder, to_change=True)

    def __enter__(self) -> _Line:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if self._open is None:
            return
        if error is None:
            with suppress(NetError), line_call(self.net, seconds=_BYE_SECONDS):
                self._open.leave()
        self._open.hang_up()


_BYE_SECONDS = 2.0


def _where(at: _Cursor, state: Mapping[str, int]) -> _Cursor:
    """The cursor in the folder as it is. Another UIDVALIDITY: from the beginning."""
    if at.validity == state["UIDVALIDITY"] and at.validity:
        return at
    return replace(at, validity=state["UIDVALIDITY"], uid=0, done="", old_below=state["UIDNEXT"] or 2**32)


def _lying(box: Mailbox, at: _Cursor) -> list[_Lying]:
    """The first of those that are to be handed over, in order."""
    uids: list[int] = []
    if at.uid + 1 < at.old_below:
        # Days, as IMAP counts them, and a day more: zones.
        day = at.since - timedelta(days=1)
        what = (
            f"SINCE {day.day}-{_MONTHS[day.month - 1].capitalize()}-{day.year}"
            if at.since > _LONG_AGO
            else "ALL"
        )
        what = f"OR UNSEEN {what}" if at.unread and what != "ALL" else what
        uids += _searched(box, f"UID {at.uid + 1}:{at.old_below - 1} {what}")
    first = max(at.uid + 1, at.old_below)
    # "n:*" names the last one, whatever n is.
    uids += [uid for uid in _searched(box, f"UID {first}:*") if uid >= first]
    found: list[_Lying] = []
    uids = sorted(dict.fromkeys(uids))
    for start in range(0, len(uids), BATCH_MAILS):
        part = uids[start : start + BATCH_MAILS]
        facts = _facts(box, part)
        found += [facts[uid] for uid in part if uid in facts and _wanted(facts[uid], at)]
        if found:
            return found
    return found


def _wanted(one: _Lying, at: _Cursor) -> bool:
    return one.uid >= at.old_below or one.arrived >= at.since or (at.unread and not one.seen)


def _searched(box: Mailbox, what: str) -> list[int]:
    kind, told = box.client.uid("SEARCH", what)
    if kind != "OK":
        raise Trouble("server_says", words_of(told))
    return [int(one) for line in told if isinstance(line, bytes) for one in line.split() if one.isdigit()]


def _facts(box: Mailbox, uids: Sequence[int]) -> dict[int, _Lying]:
    found = {}
    for told in _fetched(box, uids, "(UID RFC822.SIZE INTERNALDATE FLAGS)"):
        uid, size = _UID.search(told[0]), _SIZE.search(told[0])
        if uid is None or size is None:
            continue
        flags = _FLAGS.search(told[0])
        seen = flags is not None and b"\\seen" in flags.group(1).lower()
        number = int(uid.group(1))
        found[number] = _Lying(number, int(size.group(1)), _arrived(told[0]), seen)
    return found


def _arrived(told: bytes) -> datetime:
    match = _ARRIVED.search(told)
    if match is None:
        return datetime.now(UTC)
    day, month, year, hour, minute, second, sign, hours, minutes = (
        one.decode("ascii") for one in match.groups()
    )
    try:
        there = datetime(
            int(year),
            _MONTHS.index(month.lower()) + 1,
            int(day),
            int(hour),
            int(minute),
            int(second),
            tzinfo=UTC,
        )
        off = timedelta(hours=int(hours), minutes=int(minutes))
        return there - off if sign == "+" else there + off
    except (ValueError, OverflowError):
        return datetime.now(UTC)


def _fetched(box: Mailbox, uids: Iterable[int], parts: str) -> Iterator[tuple[bytes, bytes | None]]:
    """What the server tells of each: its words, and the literal in it if there is one. Those that are gone are not
    told of (some servers then say NO beside what they tell)."""
    wanted = set(uids)
    for uid_set in sets(joined("", wanted)):
        kind, told = box.client.uid("FETCH", uid_set, parts)
        if kind != "OK":
            told = box.client.untagged_responses.pop("FETCH", [])
        before: tuple[bytes, bytes] | None = None
        for piece in [*told, b""]:
            if isinstance(piece, tuple):
                if before is not None:
                    yield before
                before = (piece[0], piece[1])
            elif before is not None:
                # What stands behind the literal belongs to it, unless it begins an answer of its own.
                head = before[0] if _UID.search(before[0]) else before[0] + b" " + (piece or b"")
                yield head, before[1]
                before = None
            elif isinstance(piece, bytes) and piece:
                yield piece, None


def _batch(lying: Sequence[_Lying]) -> list[_Lying]:
    batch: list[_Lying] = []
    size = 0
    for one in lying[:BATCH_MAILS]:
        size += min(one.size, WHOLE_MOST)
        if batch and size > BATCH_BYTES:
            break
        batch.append(one)
    return batch


#: Each with its bytes, and how large it really is where they are its beginning alone; else 0.
_Mails: TypeAlias = list[tuple[_Lying, bytes, int]]


def _taken(line: _Line, at: _Cursor, batch: list[_Lying]) -> tuple[list[_Lying], _Mails]:
    """What was handed over of these. On a line that is too slow for all of them the first alone, and of one that does
    not come in time the beginning, so that it keeps none behind it."""
    try:
        return batch, _mails(line, batch)
    except DeadlineExceeded:
        if not batch:
            raise
    first = batch[:1]
    if len(batch) > 1:
        try:
            with line_call(line.net):
                line.open(at.folder)
            return first, _mails(line, first)
        except DeadlineExceeded:
            pass
    with line_call(line.net):
        line.open(at.folder)
        return first, _again(line.box, first[0], whole=False)


def _mails(line: _Line, batch: Sequence[_Lying]) -> _Mails:
    """Each with its bytes, in order. One that is gone meanwhile is left out; of one that the server has and does not
    give, the bytes are none."""
    whole = [one for one in batch if one.size <= WHOLE_MOST]
    bodies: dict[int, bytes] = {}
    if whole:
        seconds = min(sum(one.size for one in whole) / BYTES_A_SECOND, BODIES_SECONDS)
        with line_call(line.net, seconds=line.net.deadline.total_seconds() + seconds):
            bodies = _bodies(line.box, [one.uid for one in whole], "BODY.PEEK[]")
    found: _Mails = []
    for one in batch:
        if (raw := bodies.pop(one.uid, None)) is not None:
            found.append((one, raw, 0))
            continue
        with line_call(line.net):
            found += _again(line.box, one, whole=one.size <= WHOLE_MOST)
    return found


def _again(box: Mailbox, one: _Lying, *, whole: bool) -> _Mails:
    """By itself: one that did not come with the others, or (not whole) the beginning of one. Nothing: it is gone."""
    if not _searched(box, f"UID {one.uid}"):
        return []
    part = "BODY.PEEK[]" if whole else f"BODY.PEEK[]<0.{BEGINNING}>"
    raw = _bodies(box, [one.uid], part).get(one.uid, b"")
    return [(one, raw, 0 if whole or len(raw) < BEGINNING else one.size)]


def _bodies(box: Mailbox, uids: Sequence[int], part: str) -> dict[int, bytes]:
    found = {}
    for told, raw in _fetched(box, uids, f"(UID {part})"):
        uid = _UID.search(told)
        if uid is not None and raw is not None:
            found[int(uid.group(1))] = raw
    return found


def _event(account_key: str, at: _Cursor, one: _Lying, raw: bytes, cut: int) -> RawEvent:
    event = inbound.event_of(account_key, raw, inbound.Envelope(one.arrived, folder=at.folder, cut=cut))
    # Of several without bytes each is put aside for a person by itself.
    return event if raw else replace(event, dedupe_key=f"mail:none:{at.folder}:{at.validity}:{one.uid}")
