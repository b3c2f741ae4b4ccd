"""Marking as read, or moving away, the mails that are stored; and sets of UIDs, as IMAP writes them: "3:5,9"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from imap_tools.utils import encode_folder

from channels_social.adapters.email.mailbox import Mailbox, Trouble

#: Sets of UIDs in one command, and to be marked, in signs.
_SET_LENGTH, _DONE_LENGTH = 900, 4_000


def mark(box: Mailbox, done: str, settings: Mapping[str, str]) -> Trouble | None:
    """Mark as read, or move away, what is stored. What went wrong does not keep anything from being read."""
    to = settings.get("done_folder", "").strip()
    for uid_set in sets(done):
        kind, told = _moved(box, uid_set, to) if to else _flagged(box, uid_set, r"(\Seen)")
        if kind != "OK":
            said = words_of(told)
            return Trouble("mailbox_full" if "quota" in said.lower() else "not_marked", said)
    return None


def _flagged(box: Mailbox, uid_set: str, flags: str) -> tuple[str, list[object]]:
    return box.client.uid("STORE", uid_set, "+FLAGS.SILENT", flags)


def _moved(box: Mailbox, uid_set: str, to: str) -> tuple[str, list[object]]:
    move = "MOVE" if box.has("MOVE") else "COPY"
    folder = encode_folder(to).decode("ascii")
    kind, told = box.client.uid(move, uid_set, folder)
    if kind == "NO" and "TRYCREATE" in words_of(told).upper():
        box.folder.create(to)
        kind, told = box.client.uid(move, uid_set, folder)
    if kind == "OK" and move == "COPY":
        kind, told = _flagged(box, uid_set, r"(\Seen \Deleted)")
        if kind == "OK" and box.has("UIDPLUS"):
            # Without it, one would take away what somebody else has marked, too.
            kind, told = box.client.uid("EXPUNGE", uid_set)
    return kind, told


def words_of(told: Sequence[object]) -> str:
    return b" ".join(one for one in told if isinstance(one, bytes)).decode("utf-8", "replace")[:300]


def joined(ranges: str, uids: Iterable[int]) -> str:
    """These and those, as few ranges as they are; the oldest are dropped where there are too many."""
    spans = [tuple(map(int, one.split(":"))) for one in ranges.split(",") if one]
    found: list[list[int]] = []
    for first, last in sorted([*((span[0], span[-1]) for span in spans), *((uid, uid) for uid in uids)]):
        if found and first <= found[-1][1] + 1:
            found[-1][1] = max(found[-1][1], last)
        else:
            found.append([first, last])
    made = ",".join(str(first) if first == last else f"{first}:{last}" for first, last in found)
    while len(made) > _DONE_LENGTH:
        made = made.partition(",")[2]
    return made


def sets(ranges: str) -> Iterator[str]:
    """In commands that are not too long."""
    while len(ranges) > _SET_LENGTH:
        at = ranges.rfind(",", 0, _SET_LENGTH)
        yield ranges[:at]
        ranges = ranges[at + 1 :]
    if ranges:
        yield ranges
