"""A text side by side in every tongue: its fields, what is wrong with each, and how it reads on each network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tickets.display.texts import FIELDS, MANNERS, fault_words, misfit_words, place_words, tongue_words
from tickets.selectors_texts import known_longest, spots_by_manner
from tickets.texts.document import Words, WordsInvalid, read
from tickets.texts.faults import Fault
from tickets.texts.fits import Known, Misfit, Spot, as_read, at_longest, line_as_read
from tickets.texts.places import Place, Text, fields_by_where, shape_faults, with_text


@dataclass(frozen=True, slots=True)
class Field:
    """name: in the form. rows: of the field, by its words; 0: one line."""

    name: str
    label: str
    words: str
    rows: int
    most: int
    required: bool
    faults: Sequence[str]


@dataclass(frozen=True, slots=True)
class Preview:
    """How it reads in one place. limit None: nothing is counted there. used, longest: as the network counts, of what is
    shown and of the same with the longest values."""

    channel: str
    label: str
    account: str
    visibility: str
    parts: Sequence[str]
    used: int
    longest: int
    limit: int | None

    @property
    def share(self) -> int:
        return 0 if self.limit is None else min(100, self.longest * 100 // max(self.limit, 1))

    @property
    def is_over(self) -> bool:
        return self.limit is not None and self.longest > self.limit


@dataclass(frozen=True, slots=True)
class TooLong:
    words: str
    text: str


@dataclass(frozen=True, slots=True)
class Column:
    key: str
    name: str
    language: str
    fields: Sequence[Field]
    faults: Sequence[str]
    too_long: Sequence[TooLong]
    previews: Sequence[Preview]
    line: str

    @property
    def is_well(self) -> bool:
        return not self.too_long and not self.faults and not any(field.faults for field in self.fields)


_ROWS_LEAST, _A_ROW = 3, 46
_TOLD_MOST = 5


def columns(
    words: Words,
    place: Place,
    typed: Text,
    faults: Sequence[Fault],
    misfits: Sequence[Misfit],
    *,
    now: datetime,
    cleaned: Text | None = None,
) -> list[Column]:
    """A column a tongue, in the order of the desk's languages. What cannot be shown as it would read has no preview."""
    mine = fields_by_where(place, words.languages)
    wrong: dict[tuple[str, str], list[str]] = {}
    for fault in faults:
        at = mine.get(fault.where)
        if at is not None:
            wrong.setdefault(at, []).append(fault_words(fault))
    shown, bad = _with(words, place, cleaned if cleaned is not None else typed)
    spots, known = spots_by_manner().get(place.manner, []), known_longest()
    found = []
    for key in place.tongues(words.languages):
        fields = [
            _field(place, key, name, typed.get(key, {}).get(name, ""), wrong.get((key, name), []))
            for name in place.fields
        ]
        as_shown = shown if key not in bad else None
        long = [each for each in misfits if mine.get(each.where, ("", ""))[0] == key]
        found.append(
            Column(
                key=key,
                name=tongue_words(key, place.manner),
                language=key[:2],
                fields=fields,
                faults=_elsewhere(place, key, misfits, mine),
                too_long=[TooLong(misfit_words(each), each.text) for each in _once(long)],
                previews=_previews(as_shown, place, key, spots, known, now) if as_shown is not None else [],
                line=(line_as_read(as_shown, place, key, team=known.team, now=now) or "")
                if as_shown is not None and place.path
                else "",
            )
        )
    return found


def _field(place: Place, key: str, name: str, words: str, faults: list[str]) -> Field:
    longer = name in ("body", "public")
    rows = max(_ROWS_LEAST, sum(1 + len(line) // _A_ROW for line in words.split("\n"))) if longer else 0
    return Field(
        name=f"{key}:{name}",
        label=str(FIELDS[name]),
        words=words,
        rows=rows,
        most=2_000 if longer else 200,
        required=not (place.path and "-" in key),
        faults=faults,
    )


def _elsewhere(
    place: Place, key: str, misfits: Sequence[Misfit], mine: dict[str, tuple[str, str]]
) -> list[str]:
    """Of a line: notices that become too long by it, the worst first, told where the language's first words are."""
    if not place.path or "-" in key:
        return []
    others = [
        each for each in _once(misfits) if each.where not in mine and each.where.split(".")[3][:2] == key
    ]
    others.sort(key=lambda each: each.limit - each.used)
    found = []
    for each in others[:_TOLD_MOST]:
        kind, manner = each.where.split(".")[1:3]
        found.append(f"{place_words(Place(kind, manner))} ({MANNERS[manner]}): {misfit_words(each)}")
    return found


def _once(misfits: Sequence[Misfit]) -> list[Misfit]:
    """The worst of each text on each channel."""
    worst: dict[tuple[str, str, str], Misfit] = {}
    for each in misfits:
        key = (each.where, each.spot.channel, each.spot.visibility)
        if key not in worst or each.used - each.limit > worst[key].used - worst[key].limit:
            worst[key] = each
    return list(worst.values())


def _previews(
    words: Words, place: Place, key: str, spots: Sequence[Spot], known: Known, now: datetime
) -> list[Preview]:
    found = []
    for spot in spots if not place.path else ():
        text = as_read(words, spot, place, key, team=known.team, now=now)
        longest = at_longest(words, spot, known, place, key)
        if text is None or longest is None:
            continue
        found.append(
            Preview(
                channel=spot.channel,
                label=spot.label,
                account=spot.account,
                visibility=spot.visibility,
                parts=spot.parts(text),
                used=spot.length(text),
                longest=spot.length(longest),
                limit=spot.limit,
            )
        )
    return found


def _with(words: Words, place: Place, text: Text) -> tuple[Words | None, set[str]]:
    """The words with the text in them, and the tongues that cannot be shown, because nothing or too much is there."""
    bad = {key for key, fields in text.items() if shape_faults(place, {key: fields})}
    whole = {key: fields for key, fields in text.items() if key not in bad}
    try:
        return read(with_text(words.document(), place, whole)), bad
    except WordsInvalid:
        return None, bad
