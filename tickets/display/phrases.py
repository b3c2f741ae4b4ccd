"""The catalogue's words, each looked up once for a process and language: a page asks for some three hundred of them,
and Django looks through its catalogues anew for each."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.utils import translation


class _Phrases(dict[str, str]):
    """Of one language, by their English. Asked only while that language is active."""

    def __missing__(self, english: str) -> str:
        self[english] = found = translation.gettext(english)
        return found


@cache
def phrases_in(_language: str) -> _Phrases:
    return _Phrases()


def phrases() -> _Phrases:
    """Those of the reader's language."""
    return phrases_in(translation.get_language() or settings.LANGUAGE_CODE)


def gettext(english: str) -> str:
    """As django.utils.translation has it."""
    return phrases()[english]
