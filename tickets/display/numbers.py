"""Numbers that identify a person (BSN, IBAN, card, telephone) as dots, for rows, search hits and notifications.

The ticket itself shows them: whoever works on it may need them. Better a number too many hidden than one too few, so
only what is not a plausible one by its form stays: dates, times, amounts, house numbers, our own references, and what
is called an order's or a case's number and passes none of the tests that a BSN or a card's number has to pass.
"""

from __future__ import annotations

import re

from tickets.reference import read

DOT = "•"

_DIGIT = re.compile(r"\d")
#: A country's letters, check digits, then groups of up to four: ISO 13616. The longest has 34 characters.
_IBAN = re.compile(r"\b[A-Za-z]{2}\d{2}(?:[ .-]?[A-Za-z0-9]{4}){2,7}(?:[ .-]?[A-Za-z0-9]{1,3})?\b")
#: Eight digits and more (BSN 8 or 9, telephone 8 to 15, card 12 to 19), in groups with the marks people put between.
_LONG = re.compile(r"(?<![\w])\+?\(?\d(?:[ ().\-/\u2010-\u2015\u00a0]{0,3}\d){7,}+(?![\w])")
#: What people put before a number of ours: then it is one, unless it could be a telephone's, a BSN or a card's as well.
_OF_AN_ORDER = re.compile(
    r"(?:bestel|order|zaak|meld|factuur|case|invoice)[a-z]{0,8} ?(?:nummer|number|nr|no)?[.:]? ?#?$",
    re.IGNORECASE,
)
_DATE_OR_TIME = re.compile(
    r"\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d{2}(?: \d{1,2}(?:[.]\d{2})?)?"
    r"|(?:19|20)\d{2}[-/.]\d{1,2}[-/.]\d{1,2}(?: \d{1,2})?"
)


def hidden(text: str) -> str:
    """The text with each letter and digit of such a number as a dot; its length stays the same."""
    if _DIGIT.search(text) is None:
        return text
    return _LONG.sub(_dots_unless_date, _IBAN.sub(_dots_of_iban, text))


def _dots_of_iban(found: re.Match[str]) -> str:
    """Twelve words of four letters are no IBAN: it has more digits than letters, or is written in capitals."""
    plain = re.sub(r"[^A-Za-z0-9]", "", found[0])
    digits = sum(sign.isdigit() for sign in plain)
    return _dots(found[0]) if len(plain) >= 12 and digits >= 8 else found[0]


def _dots_unless_date(found: re.Match[str]) -> str:
    said = found[0].lstrip("(")
    if _DATE_OR_TIME.fullmatch(said) or _is_our_own(said) or _is_of_an_order(found):
        return found[0]
    return _dots(found[0])


def _is_our_own(said: str) -> bool:
    """A reference may have digits alone; its check character tells it from most other numbers."""
    return len(said) == 9 and said[4] == "-" and read(said) is not None


def _is_of_an_order(found: re.Match[str]) -> bool:
    if not found[0].isdigit() or found[0].startswith("0"):
        return False
    before = found.string[max(0, found.start() - 40) : found.start()]
    return _OF_AN_ORDER.search(before) is not None and not (_is_bsn(found[0]) or _is_card(found[0]))


def _is_bsn(digits: str) -> bool:
    """Nine digits (eight without their first 0) that pass the eleven test: weights 9 to 2, and -1."""
    nine = digits.rjust(9, "0")
    weighed = sum(
        weight * int(each) for weight, each in zip((9, 8, 7, 6, 5, 4, 3, 2, -1), nine, strict=False)
    )
    return len(nine) == 9 and weighed % 11 == 0


def _is_card(digits: str) -> bool:
    """Twelve to nineteen digits that pass Luhn's test (ISO/IEC 7812)."""
    doubled = [int(each) * (2 if place % 2 else 1) for place, each in enumerate(reversed(digits))]
    return 12 <= len(digits) <= 19 and sum(each - 9 if each > 9 else each for each in doubled) % 10 == 0


def _dots(text: str) -> str:
    return "".join(DOT if sign.isalnum() else sign for sign in text)
