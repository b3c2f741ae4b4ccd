"""Ready policies to begin from: a city, an IT and facilities desk, a plain one. Each document is a policy without a
fault or a warning.

All share the calendars, the signs and the periods of the city's (priority.seed), so that a desk that begins as one can
take another later: what has the same key in two of them has the same name.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from priority import seed
from priority.faults import gettext_noop
from priority.presets_facilities import CATEGORIES, RULES, SENTENCES
from priority.presets_plain import plain_parts


@dataclass(frozen=True, slots=True)
class Preset:
    """name, sentence: in English, as the catalogue of translations has them."""

    key: str
    name: str
    sentence: str
    build: Callable[[], dict[str, Any]]


def preset(key: str) -> Preset | None:
    return next((each for each in PRESETS if each.key == key), None)


def document_of(key: str) -> dict[str, Any]:
    """A copy of the preset's document. Raises KeyError for a key that is none of theirs."""
    return copy.deepcopy(_built(key))


@cache
def _built(key: str) -> dict[str, Any]:
    found = preset(key)
    if found is None:
        raise KeyError(key)
    return found.build()


def _facilities() -> dict[str, Any]:
    document = seed.read()
    del document["signs"]["learned"]  # of posts to a city
    document["name"] = {"en": "IT and facilities desk", "nl": "Balie van IT en gebouwen"}
    document["categories"] = copy.deepcopy(CATEGORIES)
    document["rules"] = copy.deepcopy(RULES)
    for listed, sentences in SENTENCES.items():
        for level in document[listed]:
            level["sentence"] = dict(sentences[level["key"]])
    return document


def _plain() -> dict[str, Any]:
    return plain_parts(seed.read())


PRESETS: Sequence[Preset] = (
    Preset(
        "city",
        gettext_noop("City"),
        gettext_noop(
            "Streets, trams, waste, passports: twelve subjects with their words, three levels of impact and "
            "urgency, five priorities."
        ),
        seed.read,
    ),
    Preset(
        "facilities",
        gettext_noop("IT and facilities desk"),
        gettext_noop(
            "Sign-in, network, devices, rooms and passes, for the people of one organisation: the same levels "
            "and durations, other subjects and words."
        ),
        _facilities,
    ),
    Preset(
        "plain",
        gettext_noop("Plain"),
        gettext_noop(
            "Two levels of impact and urgency, three priorities, and danger as the only subject: the smallest "
            "policy that keeps its promises, to be grown."
        ),
        _plain,
    ),
)


def known() -> Mapping[str, Preset]:
    return {each.key: each for each in PRESETS}
