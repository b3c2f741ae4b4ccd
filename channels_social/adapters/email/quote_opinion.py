"""A library's opinion of where a quotation begins, in languages that quote_words.py does not know.

Its patterns go back and forth over a text, so it gets the first 150 lines with at most 160 signs each; only its pattern
of headings is used, as its patterns of signatures are no better than ours.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from mailparser_reply.parser import EmailMessage

_LANGUAGES = ("en", "nl", "de", "fr", "es", "it", "pl", "da", "sv", "cs")
_MOST_LINES = 150
_LONGEST = 160


@lru_cache(maxsize=1)
def _heading() -> Any:
    return EmailMessage(text="", languages=list(_LANGUAGES)).HEADER_REGEX


def second_opinion(lines: list[str]) -> int | None:
    """The first line of what it takes for a quotation; None where it finds none."""
    bounded = [line if len(line) <= _LONGEST else "" for line in lines[:_MOST_LINES]]
    text = "\n".join(bounded)
    match = _heading().search(text)
    if match is None:
        return None
    start = match.start() + len(match.group()) - len(match.group().lstrip())
    return text.count("\n", 0, start)
