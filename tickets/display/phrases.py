"""The catalogue's words, each looked up once for a process and language: a page asks for some three hundred of them,
and Django looks through its catalogues anew for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import tzinfo
from functools import cache

from django.conf import settings
from django.utils import timezone, translation


class Phrases(dict[str, str]):
    """Of one language, by their English. Asked only while that language is active."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self.language = language

    def __missing__(self, english: str) -> str:
        self[english] = found = translation.gettext(english)
        return found


@cache
def _phrases_in(language: str) -> Phrases:
    return Phrases(language)


_spoken: ContextVar[Phrases | None] = ContextVar("spoken", default=None)
_zone: ContextVar[tzinfo | None] = ContextVar("zone", default=None)


def phrases() -> Phrases:
    """Those of the reader's language."""
    found = _spoken.get()
    return found if found is not None else _phrases_in(translation.get_language() or settings.LANGUAGE_CODE)


def zone() -> tzinfo:
    """The reader's."""
    found = _zone.get()
    return found if found is not None else timezone.get_current_timezone()


@contextmanager
def one_language() -> Iterator[Phrases]:
    """Nothing inside changes the language or the zone: they are asked for once, and not for each word and time."""
    found = phrases()
    before, zone_before = _spoken.set(found), _zone.set(zone())
    try:
        yield found
    finally:
        _spoken.reset(before)
        _zone.reset(zone_before)


def gettext(english: str) -> str:
    """As django.utils.translation has it."""
    return phrases()[english]


def in_my_language(names: Mapping[str, str]) -> str:
    """The reader's own of the policy's texts per language, else the first one there is."""
    return names.get(phrases().language.split("-")[0]) or next(iter(names.values()), "")
