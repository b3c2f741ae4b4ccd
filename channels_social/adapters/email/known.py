"""What proves that words are a quotation: our addresses, whom a mail names, its subject, and our own line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MARKERS = ("Antwoord boven deze regel", "Reply above this line")


@dataclass(frozen=True, slots=True)
class Known:
    """What proves a quotation to be one. own: our addresses, in lower case. others: addresses and names of those whom
    the answer was sent to, and its sender's address. subject: of the answer, without Re: and
    the like. markers: the words of our line, one for each language. forwarded: its sender passed something on."""

    own: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    subject: str = ""
    markers: Sequence[str] = MARKERS
    forwarded: bool = False

    def names(self, text: str) -> bool:
        """Whether it names us or one of those."""
        low = text.lower()
        return any(one in low for one in self.own) or any(one in low for one in self.others)


def is_marker(text: str, known: Known) -> bool:
    letters = _letters(text)
    if not letters or len(text) > 200:
        return False
    rest, found = letters, False
    for marker in known.markers:
        one = _letters(marker)
        if one in rest:
            rest, found = rest.replace(one, "", 1), True
    return found and not rest


def _letters(text: str) -> str:
    return "".join(sign for sign in text.lower() if sign.isalpha())


def plain_subject(text: str) -> str:
    """A subject without Re:, tags in brackets and the like, to be compared."""
    text = " ".join(text.lower().split())
    for _ in range(10):
        head, colon, rest = text.partition(":")
        if text.startswith("[") and "]" in text:
            text = text.partition("]")[2].strip()
        elif colon and len(head) <= 7 and head.strip(" .").isalpha() and head.strip(" .") in _PREFIXES:
            text = rest.strip()
        else:
            break
    return text


_PREFIXES = frozenset(
    (
        "re",
        "aw",
        "antw",
        "antwoord",
        "betr",
        "sv",
        "vs",
        "odp",
        "r",
        "rif",
        "ref",
        "res",
        "fw",
        "fwd",
        "doorst",
        "wg",
    )
) | frozenset(("tr", "rv", "enc", "i", "vb", "pd", "vl"))
