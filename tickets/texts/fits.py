"""Whether a text is short enough where it is read, filled with the longest values that can really come. Pure.

1. A notice is one message: cut in two it would take two of the few that a network allows, and half of it says nothing.
2. What an agent types (what was done, who we wait for in their own words) is measured when they press; here it has a
   length that is usual.
3. A line that stands beside a person's words leaves them `ROOM` where messages are short.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import cast

from tickets.texts.dates import LANGUAGES, date_words, day_words
from tickets.texts.places import Place
from tickets.texts.render import fill
from tickets.texts.shapes import (
    MANNERS,
    PLACEHOLDERS,
    DateKind,
    Manner,
    NoticeKind,
    Words,
    line_in,
    placeholders,
    tongues,
    usual_form,
)

ROOM = 100
_REF, _USUAL_REASON = "K7QM-4T2X", "being_worked_on"
_TYPED: Mapping[str, str] = {
    "what": "the machine at Central gives your card back, and your money is on its way.",
    "summary": "the ticket machine at Central swallowed my card this morning and nobody is there to help",
    "status_link": "https://desk.merendam.example/s/0123456789abcdef0123456789abcdef",
    "network": "the network",
    "question": "the number of your card, the time it happened, and at which of the machines.",
}


@dataclass(frozen=True, slots=True)
class Spot:
    """Where texts of a manner are read. label: the channel's; account: one of ours there, '' where none is connected.
    limit None: any length goes. length: as the network counts; split: the messages that a longer text would go in,
    None where it would be refused. sign: the longest sign-off there. zone: in which dates are told."""

    channel: str
    label: str
    account: str
    visibility: str
    limit: int | None
    length: Callable[[str], int]
    split: Callable[[str, int], Sequence[str]] | None
    sign: str
    zone: str

    def parts(self, text: str) -> list[str]:
        if self.limit is None or self.split is None or self.length(text) <= self.limit:
            return [text]
        return list(self.split(text, self.limit))


@dataclass(frozen=True, slots=True)
class Known:
    """The longest of what the desk itself has: a team's name, a party, a caller's name; extra: language → line."""

    team: str
    extra: Mapping[str, str]
    party: str = "the contractor for the lifts in the northern parking garages"
    name: str = "Maria Magdalena van den Nieuwenhuijzen-Oosterbaan de Vries"


@dataclass(frozen=True, slots=True)
class Misfit:
    """where: the path of the text. text: as it would be read, at its longest. room: it stands beside a person's words,
    and leaves them too little."""

    where: str
    spot: Spot
    used: int
    limit: int
    text: str
    room: bool = False

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.where, self.spot.channel, self.spot.account, self.spot.visibility


@cache
def longest_date(language: str) -> tuple[str, str]:
    """The longest date with its time, and the longest day, of another year."""
    known, now = language if language in LANGUAGES else "en", datetime(2026, 6, 1, tzinfo=UTC)
    days = [datetime(2027, 1, 1, 18, tzinfo=UTC) + timedelta(days=n) for n in range(365)]
    dates = [date_words(at, zone="UTC", language=known, now=now) for at in days]
    return max(dates, key=len), max(
        (day_words(at, zone="UTC", language=known, now=now) for at in days), key=len
    )


def read_in_public(kind: str, manner: str, visibility: str) -> bool:
    """Whether the words for everybody are the ones that go there. The private wording of an acknowledgement repeats
    what the caller wrote, which may stand nowhere but in their message."""
    return visibility == "public" or (manner == "conversational" and kind.startswith("acknowledgement_"))


def misfits(words: Words, spots: Mapping[str, Sequence[Spot]], known: Known, place: Place) -> list[Misfit]:
    """What is too long if this text is put in use; `spots` by manner. Of a reason: every notice that gives it."""
    found: list[Misfit] = []
    if not place.path:
        _notices(words, spots, known, found, kinds=[place.kind], manners=[place.manner])
        return found
    group, _, key = place.path.partition(".")
    if group == "reasons":
        kinds = [kind for kind, (must, _may) in PLACEHOLDERS.items() if "reason" in must]
        _notices(words, spots, known, found, kinds=kinds, manners=MANNERS, reason=key)
    elif place.path == "lines.date_stays":
        _notices(words, spots, known, found, kinds=["transfer_notice"], manners=MANNERS)
    elif group == "date_lines" or place.path == "lines.date_waits":
        _beside(words, spots, found, place)
    return found


def all_misfits(words: Words, spots: Mapping[str, Sequence[Spot]], known: Known) -> list[Misfit]:
    """Every notice, at the longest of its reasons."""
    found: list[Misfit] = []
    _notices(words, spots, known, found, kinds=list(PLACEHOLDERS), manners=MANNERS)
    return found


def at_longest(
    words: Words, spot: Spot, known: Known, place: Place, key: str, *, reason: str = ""
) -> str | None:
    """A notice as it is read there, with the longest values and `reason`, else the longest one; None where there are no
    words for it."""
    language = key.partition("-")[0]
    date, day = longest_date(language)
    values = {**_TYPED, "ref": _REF, "date": date, "old": date, "day": day, "sign": spot.sign}
    values |= {"team": known.team, "party": known.party, "name": known.name}
    values["extra"] = known.extra.get(language, "")
    return _as_read(words, spot, place, key, values, [reason] if reason else list(words.reasons))


def as_read(words: Words, spot: Spot, place: Place, key: str, *, team: str, now: datetime) -> str | None:
    """A notice as a caller called Anouk may read it there; None where there are no words for it."""
    return _as_read(words, spot, place, key, usual(key, spot.zone, spot.sign, team, now), [_USUAL_REASON])


def usual(key: str, zone: str, sign: str, team: str, now: datetime) -> dict[str, str]:
    """Values as they often are; no extra line, as most categories have none."""
    language = key.partition("-")[0]
    known = language if language in LANGUAGES else "en"
    start = now.replace(minute=0, second=0, microsecond=0)
    old, date = start + timedelta(days=1), start + timedelta(days=3)
    return {
        **_TYPED,
        "ref": _REF,
        "old": date_words(old, zone=zone, language=known, now=now),
        "date": date_words(date, zone=zone, language=known, now=now),
        "day": day_words(old, zone=zone, language=known, now=now),
        "sign": sign,
        "team": team,
        "party": "Lichtnet BV",
        "name": "Anouk",
        "extra": "",
    }


def line_as_read(words: Words, place: Place, key: str, *, team: str, now: datetime) -> str | None:
    """A line with values as they often are; None where there are no words for it."""
    language, _, form = key.partition("-")
    line = line_in(words, place.path, language=language, manner="short", form=form or "familiar")
    return _filled(line, usual(key, "Europe/Amsterdam", "", team, now)) if line else None


def _as_read(
    words: Words, spot: Spot, place: Place, key: str, values: dict[str, str], reasons: Sequence[str]
) -> str | None:
    language, _, form = key.partition("-")
    notice = words.notices.get(cast(NoticeKind, place.kind), {}).get(cast(Manner, place.manner), {}).get(key)
    if notice is None:
        return None
    public = read_in_public(place.kind, place.manner, spot.visibility)
    template = notice.public if public and notice.public else notice.body
    used = placeholders(template)

    def said(path: str) -> str:
        line = line_in(words, path, language=language, manner=place.manner, form=form)
        return _filled(line or "", values)

    if "reason" in used:
        values["reason"] = _longest([said(f"reasons.{code}") for code in reasons], spot)
    if "stands" in used:
        values["stands"] = said("lines.date_stays")
    return _filled(template, values)


def _longest(texts: Sequence[str], spot: Spot) -> str:
    """The longest as the network counts. It is asked of two at most, since to count is dear: the one with the most
    characters, and the one with the most bytes, in which what counts double stands out."""
    if not texts:
        return ""
    candidates = {max(texts, key=len), max(texts, key=lambda text: len(text.encode()))}
    return max(candidates, key=spot.length) if len(candidates) > 1 else candidates.pop()


def _filled(template: str, values: Mapping[str, str]) -> str:
    """What nobody can fill in stands as it is: its fault is told elsewhere."""
    return fill(template, {**{name: f"{{{name}}}" for name in placeholders(template)}, **values})


def _notices(
    words: Words,
    spots: Mapping[str, Sequence[Spot]],
    known: Known,
    found: list[Misfit],
    *,
    kinds: Sequence[str],
    manners: Sequence[str],
    reason: str = "",
) -> None:
    for kind, manner, spot in _each(kinds, manners, spots):
        place = Place(kind, manner)
        for key in tongues(words.languages, manner):
            text = at_longest(words, spot, known, place, key, reason=reason)
            if text is None or spot.limit is None:
                continue
            used = spot.length(text)
            if used > spot.limit:
                field = _read_field(words, place, key, spot)
                found.append(Misfit(f"{place.where}.{key}.{field}", spot, used, spot.limit, text))


def _each(
    kinds: Sequence[str], manners: Sequence[str], spots: Mapping[str, Sequence[Spot]]
) -> Iterator[tuple[str, str, Spot]]:
    for kind in kinds:
        for manner in manners:
            for spot in spots.get(manner, ()):
                yield kind, manner, spot


def _read_field(words: Words, place: Place, key: str, spot: Spot) -> str:
    notice = words.notices[cast(NoticeKind, place.kind)][cast(Manner, place.manner)][key]
    return "public" if notice.public and read_in_public(place.kind, place.manner, spot.visibility) else "body"


def _beside(words: Words, spots: Mapping[str, Sequence[Spot]], found: list[Misfit], place: Place) -> None:
    for spot in spots.get("short", ()):
        if spot.limit is None:
            continue
        for key in place.tongues(words.languages):
            text = beside(words, spot, place, key)
            used = spot.length(text)
            if used + ROOM > spot.limit:
                language, _, form = key.partition("-")
                where = f"in_letters.{place.path}.{language}" if form else f"{place.path}.{language}"
                found.append(Misfit(where, spot, used, spot.limit - ROOM, text, room=True))


def beside(words: Words, spot: Spot, place: Place, key: str) -> str:
    """What an answer that tells a date and asks something has below it, at its longest."""
    language, _, form = key.partition("-")
    date, _day = longest_date(language)
    what = place.path.partition(".")[2] if place.path.startswith("date_lines.") else "solved"
    paths = [f"date_lines.{cast(DateKind, what)}", "lines.date_waits"]
    how = form or usual_form("short")
    lines = [line_in(words, path, language=language, manner="short", form=how) or "" for path in paths]
    said = [_filled(line, {"ref": _REF, "date": date}) for line in lines]
    return " ".join(["", *said, spot.sign])
