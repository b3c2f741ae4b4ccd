"""Two libraries' opinion of where a quotation begins, in languages that quote_words.py does not know.

Their patterns go back and forth over a text: a line of 6,000 signs cost one of them a minute. So they get the first 150
lines with at most 160 signs each; of mail-parser-reply only the pattern of headings is used, as its patterns of
signatures are no better.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import quotequail
from mailparser_reply.parser import EmailMessage

_LANGUAGES = ("en", "nl", "de", "fr", "es", "it", "pl", "da", "sv", "cs")
_MOST_LINES = 150
_LONGEST = 160


@lru_cache(maxsize=1)
def _heading() -> Any:
    return EmailMessage(text="", languages=list(_LANGUAGES)).HEADER_REGEX


def second_opinion(lines: list[str]) -> int | None:
    """The first line of what either takes for a quotation: the shortest that is left; None where neither finds one."""
    bounded = [line if len(line) <= _LONGEST else "" for line in lines[:_MOST_LINES]]
    text = "\n".join(bounded)
    found: list[int] = []
    parts = quotequail.quote(text, limit=_MOST_LINES + 1, quote_intro_line=True)
    if len(parts) == 2:
        found.append(parts[0][1].count("\n") + 1)
    if match := _heading().search(text):
        start = match.start() + len(match.group()) - len(match.group().lstrip())
        found.append(text.count("\n", 0, start))
    return min(found, default=None)
