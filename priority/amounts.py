"""Amounts of time as people type them: "45 min", "4 h", "1 h 30", "2 working days", "1:30", "1,5 uur". Pure.

Days and weeks are working days of the calendar that the amount runs on: a day is as long as its working day (24 hours
round the clock), a week as many days as it opens on. Units are understood in English and Dutch, whatever the reader's
language: a desk that reads both types both.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

_UNITS = {
    "minute": ("min", "mins", "minute", "minutes", "m", "minuut", "minuten"),
    "hour": ("h", "hr", "hrs", "hour", "hours", "u", "uur", "uren"),
    "day": (
        *("d", "day", "days", "wd", "working day", "working days", "workday", "workdays", "business day"),
        *("business days", "dag", "dagen", "werkdag", "werkdagen"),
    ),
    "week": (
        "w",
        "wk",
        "wks",
        "week",
        "weeks",
        "weken",
        "working week",
        "working weeks",
        "werkweek",
        "werkweken",
    ),
    "quarter": ("quarter", "quarters", "quarter of an hour", "kwartier", "kwartieren"),
}
_UNIT_OF = {word: unit for unit, words in _UNITS.items() for word in words}
_WORDS = "|".join(sorted((re.escape(word) for word in _UNIT_OF), key=len, reverse=True))
_PIECE = re.compile(
    rf"(?P<count>\d+(?:[.,]\d+)?)?\s*(?P<half>½|1/2)?\s*(?P<unit>{_WORDS})(?![a-z])\s*(?:,|and|en|\+)?\s*"
)
_CLOCK = re.compile(r"^(\d{1,3})[:](\d{2})\s*(?:h|u|uur|hours?)?$")
_MOST = 80


class NoAmount(ValueError):
    """The text says no amount of time."""


def read(text: str, *, working_day: int, days_a_week: int = 5) -> int:
    """Minutes, one or more. Raises NoAmount, also for a number without a unit: 90 of what?"""
    said = " ".join(text.lower().replace("\u00a0", " ").split()).strip(" .")
    if not said or len(said) > _MOST:
        raise NoAmount(text)
    if clock := _CLOCK.match(said):
        return _whole(Fraction(int(clock[1]) * 60 + int(clock[2])), text)
    size = {"minute": 1, "hour": 60, "quarter": 15, "day": working_day, "week": working_day * days_a_week}
    total, at, last = Fraction(0), 0, ""
    while at < len(said):
        piece = _PIECE.match(said, at)
        if piece is None:
            # "1 h 30": what follows hours without a unit are minutes.
            rest = re.fullmatch(r"\d{1,2}", said[at:])
            if rest is None or last != "hour":
                raise NoAmount(text)
            total += int(rest[0])
            break
        if piece["count"] is None and piece["half"] is None and piece["unit"] in ("h", "u", "d", "m", "w"):
            raise NoAmount(text)
        count = Fraction((piece["count"] or "0").replace(",", "."))
        if piece["half"]:
            count += Fraction(1, 2)
        elif piece["count"] is None:
            count = Fraction(1)
        last = _UNIT_OF[piece["unit"]]
        total += count * size[last]
        at = piece.end()
    return _whole(total, text)


def _whole(total: Fraction, text: str) -> int:
    if total < 1 or total.denominator != 1:
        raise NoAmount(text)
    return int(total)


def read_or_keep(text: str, *, working_day: int, days_a_week: int = 5) -> Any:
    """For a document: the minutes; where it says no amount what was typed, whose fault is told at its field; None where
    nothing was."""
    typed = text.strip()
    if not typed:
        return None
    try:
        return read(typed, working_day=working_day, days_a_week=days_a_week)
    except NoAmount:
        return typed


#: How people say that there is none.
NONE = ("-", "–", "none", "no", "geen", "nee")


def read_share(text: str) -> Any:
    """ "1/4", "25 %" or "0" as {"parts", "of"}; what was typed where it is none; None where nothing was."""
    typed = text.strip()
    if not typed:
        return None
    if found := re.fullmatch(r"(\d{1,4})\s*(?:/|of|op)\s*(\d{1,4})", typed):
        return {"parts": int(found[1]), "of": int(found[2])}
    if found := re.fullmatch(r"(\d{1,3})\s*%", typed):
        share = Fraction(int(found[1]), 100)
        return {"parts": share.numerator, "of": share.denominator}
    return {"parts": 0, "of": 1} if typed == "0" else typed


_TIME = re.compile(r"([01]?\d|2[0-4])[:.u]([0-5]\d)?")
_AND = re.compile(r"\s*(?:,|;|\bor\b|\bof\b|\band\b|\ben\b|&)\s*")


def clock_of(text: str) -> str | None:
    """ "8:00", "08.00" or "8u" as "08:00"; "8" alone too. None where it is no time of day."""
    said = text.strip().lower()
    found = _TIME.fullmatch(said)
    if found is None and re.fullmatch(r"[01]?\d|2[0-4]", said):
        return f"{int(said):02}:00"
    if found is None:
        return None
    return f"{int(found[1]):02}:{found[2] or '00'}"


def read_rounding(text: str) -> Any:
    """ "15 min" or "1 h": up to the next step of the clock. "12:00, 18:00": up to the next of these times. What was
    typed where it is neither; None where nothing was."""
    typed = text.strip()
    if not typed:
        return None
    times = [clock_of(part) if ":" in part or "." in part else None for part in _AND.split(typed)]
    if times and all(times):
        return {"kind": "times", "times": times}
    try:
        return {"kind": "step", "minutes": read(typed, working_day=24 * 60)}
    except NoAmount:
        return typed


_SPAN = re.compile(r"(.+?)\s*(?:-|–|—|\bto\b|\btot\b|\buntil\b)\s*(.+)")
CLOSED = ("", "-", "–", "closed", "gesloten", "dicht", "none", "geen")


def read_hours(text: str) -> Any:
    """The opening hours of one day: "08:00–12:00, 13:00–17:00", "22:00–06:00" (to the next morning), "closed". A list
    of {"opens", "closes"} in order; what was typed where it can't be read."""
    typed = text.strip()
    if typed.lower() in CLOSED:
        return []
    found = []
    for part in re.split(r"\s*(?:,|;|\ben\b|\band\b|\+)\s*", typed):
        span = _SPAN.fullmatch(part)
        opens = clock_of(span[1]) if span else None
        closes = clock_of(span[2]) if span else None
        if opens is None or closes is None:
            return typed
        found.append({"opens": opens, "closes": closes})
    return sorted(found, key=lambda interval: interval["opens"])
