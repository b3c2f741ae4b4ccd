"""Public holidays by country and region, as dates with names. The library of holidays is asked here alone, and only
when a document is made or looked at by who changes it: a policy holds resolved dates.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

#: A day that is no holiday by law, and by custom: it may be chosen.
_OPTIONAL = ("optional", "bank", "government")


@dataclass(frozen=True, slots=True)
class Holiday:
    """name: in English where the library has it so, by which it is known in a document. names: per language. public:
    a day off by law; else one that many have."""

    date: dt.date
    name: str
    names: Mapping[str, str]
    public: bool


def countries() -> dict[str, str]:
    """By ISO code: the country's name in English, by name."""
    from holidays.registry import COUNTRIES

    found = {entry[1]: re.sub(r"(?<=[a-z])(?=[A-Z])", " ", entry[0]) for entry in COUNTRIES.values()}
    return dict(sorted(found.items(), key=lambda item: item[1]))


def regions(country: str) -> dict[str, str]:
    """By the code that a document holds: what each region of the country is called; empty where it has none, or where
    nobody knows the country."""
    if country not in countries():
        return {}
    import holidays

    made = holidays.country_holidays(country)
    names = {code: name for name, code in (getattr(made, "subdivisions_aliases", None) or {}).items()}
    return {code: names.get(code, code) for code in made.subdivisions}


def holidays_of(country: str, region: str, years: Sequence[int], languages: Sequence[str]) -> list[Holiday]:
    """Days off by law and those that many have, in order; none for a country or a region that nobody knows."""
    return list(_holidays_of(country, region, tuple(years), tuple(languages)))


@lru_cache(maxsize=32)
def _holidays_of(
    country: str, region: str, years: tuple[int, ...], languages: tuple[str, ...]
) -> tuple[Holiday, ...]:
    if country not in countries() or (region and region not in regions(country)):
        return ()
    import holidays

    spoken = holidays.list_localized_countries().get(country, [])
    english = next((each for each in spoken if each.startswith("en")), None)

    def named(language: str | None, categories: tuple[str, ...]) -> dict[dt.date, str]:
        found = holidays.country_holidays(
            country, subdiv=region or None, years=list(years), language=language, categories=categories
        )
        return dict(found.items())

    known = holidays.country_holidays(country).supported_categories
    found: dict[dt.date, Holiday] = {}
    for category in ("public", *(each for each in _OPTIONAL if each in known)):
        names = {
            language: named(
                next((each for each in spoken if each.split("_")[0] == language), english), (category,)
            )
            for language in languages
        }
        for date, name in named(english, (category,)).items():
            spoken_names = {language: names[language].get(date, name) for language in languages}
            found.setdefault(date, Holiday(date, name, spoken_names, category == "public"))
    return tuple(found[date] for date in sorted(found))


def usual(country: str) -> dict[str, Any]:
    """A document's `holidays` of this country for who has chosen nothing yet: its days off by law; in the Netherlands
    Good Friday, too, which offices have off, and Liberation Day only where somebody chooses it."""
    if country == "NL":
        return {"country": "NL", "but": ["Liberation Day"], "also": ["Good Friday"]}
    return {"country": country}


def closed_of(
    source: Mapping[str, Any], years: Sequence[int], languages: Sequence[str]
) -> list[dict[str, Any]]:
    """The closed dates of a document's `holidays` (`priority.calendars.Holidays`), in order."""
    but, also = set(source.get("but") or ()), set(source.get("also") or ())
    return [
        {"date": each.date.isoformat(), "name": dict(each.names)}
        for each in holidays_of(str(source["country"]), str(source.get("region") or ""), years, languages)
        if (each.name not in but if each.public else each.name in also)
    ]
