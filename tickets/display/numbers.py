"""Numbers that identify a person (BSN, IBAN, card, telephone) as dots, for rows, search hits and notifications.

The ticket itself shows them: whoever works on it may need them. Better a number too many hidden than one too few, so
only what is not a plausible one by its form stays: dates, times, amounts, house numbers, our own references.
"""

from __future__ import annotations

import re

DOT = "•"

#: A country's letters, check digits, then groups of up to four: ISO 13616. The longest has 34 characters.
_IBAN = re.compile(r"\b[A-Za-z]{2}\d{2}(?:[ .-]?[A-Za-z0-9]{4}){2,7}(?:[ .-]?[A-Za-z0-9]{1,3})?\b")
#: Eight digits and more (BSN 8 or 9, telephone 8 to 15, card 12 to 19), in groups with the marks people put between.
_LONG = re.compile(r"(?<![\w])\+?\(?\d(?:[ ().\-/\u2010-\u2015\u00a0]{0,3}\d){7,}+(?![\w])")
_DATE_OR_TIME = re.compile(
    r"\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d{2}(?: \d{1,2}(?:[.]\d{2})?)?"
    r"|(?:19|20)\d{2}[-/.]\d{1,2}[-/.]\d{1,2}(?: \d{1,2})?"
)


def hidden(text: str) -> str:
    """The text with each letter and digit of such a number as a dot; its length stays the same."""
    return _LONG.sub(_dots_unless_date, _IBAN.sub(_dots_of_iban, text))


def _dots_of_iban(found: re.Match[str]) -> str:
    """Twelve words of four letters are no IBAN: it has more digits than letters, or is written in capitals."""
    plain = re.sub(r"[^A-Za-z0-9]", "", found[0])
    digits = sum(sign.isdigit() for sign in plain)
    return _dots(found[0]) if len(plain) >= 12 and digits >= 8 else found[0]


def _dots_unless_date(found: re.Match[str]) -> str:
    return found[0] if _DATE_OR_TIME.fullmatch(found[0]) else _dots(found[0])


def _dots(text: str) -> str:
    return "".join(DOT if sign.isalnum() else sign for sign in text)
