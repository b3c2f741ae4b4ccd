"""The document of the words: every notice per kind, manner and language, and the lines that go into them.

Pure. `parse` makes JSON a `Words` or raises `WordsInvalid` with every fault named; `canonical` is the one
form of it that is hashed. Placeholders come from a closed list, and words that mean nothing to a caller are
refused on save. Its parts are in `shapes.py`.

A revision that an earlier version of the desk has stored may lack kinds and lines that came later: `read` takes it as
it is, and `completed` adds what is missing from the ready-made texts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from functools import cache
from importlib import resources
from typing import Any

from pydantic import ValidationError

from tickets.texts.faults import FORBIDDEN, Fault, asks_for_private, faults_of, not_for_callers
from tickets.texts.shapes import (
    FORMS,
    IN_REASONS,
    LINES,
    MANNERS,
    NOT_IN_PUBLIC,
    PLACEHOLDER,
    PLACEHOLDERS,
    DateKind,
    Form,
    LineKey,
    Manner,
    Notice,
    NoticeKind,
    Words,
    line_in,
    placeholders,
    tongue,
    tongues,
)

__all__ = [
    "FORBIDDEN",
    "FORMS",
    "IN_REASONS",
    "LINES",
    "MANNERS",
    "NOT_IN_PUBLIC",
    "PLACEHOLDER",
    "PLACEHOLDERS",
    "DateKind",
    "Fault",
    "Form",
    "LineKey",
    "Manner",
    "Notice",
    "NoticeKind",
    "Words",
    "WordsInvalid",
    "asks_for_private",
    "canonical",
    "completed",
    "digest",
    "line_in",
    "not_for_callers",
    "parse",
    "placeholders",
    "read",
    "seed",
    "tongue",
    "tongues",
]


class WordsInvalid(ValueError):
    """The document cannot be used; `faults` says where and what, one line each; `found`: those that have a place."""

    def __init__(self, faults: Collection[str | Fault]) -> None:
        self.found = tuple(fault for fault in faults if isinstance(fault, Fault))
        self.faults = tuple(str(fault) for fault in faults)
        super().__init__("These texts can't be used:\n" + "\n".join(f"- {fault}" for fault in self.faults))


def canonical(document: Mapping[str, Any]) -> str:
    """The one text of a document: keys sorted, no spaces, no escapes, no NaN."""
    return json.dumps(
        document,
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    )


def digest(document: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical text in UTF-8, 64 hex digits."""
    return hashlib.sha256(canonical(document).encode()).hexdigest()


def parse(document: Mapping[str, Any]) -> Words:
    """The words of a JSON document. Raises WordsInvalid with every fault."""
    words = read(document)
    faults = list(faults_of(words))
    if faults:
        raise WordsInvalid(faults)
    return words


def read(document: Mapping[str, Any]) -> Words:
    """The words of a document that was valid when it was published, by an earlier version perhaps. Raises
    WordsInvalid where its shape is wrong."""
    try:
        return Words.model_validate_json(canonical(document))
    except ValidationError as error:
        raise WordsInvalid(
            [
                f"{'.'.join(str(part) for part in fault['loc']) or 'document'}: {fault['msg']}"
                for fault in error.errors()
            ]
        ) from None
    except (TypeError, ValueError) as error:
        raise WordsInvalid([f"it is no JSON document: {error}"]) from None


def completed(words: Words) -> dict[str, Any]:
    """The document with all that the ready-made texts have and it lacks; what it has stays as it is."""
    return _filled(words.document(), seed().document(), words.languages)


def _filled(mine: Mapping[str, Any], ready: Mapping[str, Any], languages: Collection[str]) -> dict[str, Any]:
    texts = {"en", "nl"} & set(ready)
    spoken = set(languages)
    made = dict(mine)
    for key, value in ready.items():
        if key in made:
            # Below a language stand its texts: those are whole, and somebody's own.
            if isinstance(value, dict) and isinstance(made[key], dict) and not texts:
                made[key] = _filled(made[key], value, languages)
        elif not texts or key.partition("-")[0] in spoken:
            made[key] = value
    return made


@cache
def seed() -> Words:
    """The ready-made texts."""
    return parse(json.loads(resources.files(__package__).joinpath("seed.json").read_text("utf-8")))
