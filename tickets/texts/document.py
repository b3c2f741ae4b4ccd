"""The document of the words: every notice per kind, manner and language, and the lines that go into them.

Pure. `parse` makes JSON a `Words` or raises `WordsInvalid` with every fault named; `canonical` is the one
form of it that is hashed. Placeholders come from a closed list, and words that mean nothing to a caller are
refused on save.

    notices     kind → manner → language → {subject?, body, public?}
    reasons     code → language → line
    date_lines  what the date is for (answered, started, solved) → language → line
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Manner: TypeAlias = Literal["short", "conversational", "letter"]
DateKind: TypeAlias = Literal["answered", "started", "solved"]
NoticeKind: TypeAlias = Literal[
    "acknowledgement_answered",
    "acknowledgement_started",
    "acknowledgement_solved",
    "delay_notice",
    "overdue_notice",
    "date_changed_notice",
    "resolution_notice",
    "move_to_private",
]
Language: TypeAlias = Annotated[str, Field(pattern=r"^[a-z]{2}$")]
Line: TypeAlias = Annotated[str, Field(min_length=1, max_length=200)]
Body: TypeAlias = Annotated[str, Field(min_length=1, max_length=2_000)]

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
MANNERS: tuple[Manner, ...] = ("short", "conversational", "letter")

_ACKNOWLEDGEMENT = (
    {"ref", "date"},
    {"extra", "name", "summary", "sign", "status_link"},
)
_NEW_DATE = ({"ref", "old", "date", "reason"}, {"name", "sign"})
#: What a kind must say, and what it may say besides.
PLACEHOLDERS: dict[NoticeKind, tuple[set[str], set[str]]] = {
    "acknowledgement_answered": _ACKNOWLEDGEMENT,
    "acknowledgement_started": _ACKNOWLEDGEMENT,
    "acknowledgement_solved": _ACKNOWLEDGEMENT,
    "delay_notice": _NEW_DATE,
    "overdue_notice": _NEW_DATE,
    "date_changed_notice": _NEW_DATE,
    "resolution_notice": ({"ref", "what"}, {"name", "sign"}),
    "move_to_private": ({"ref"}, {"name", "sign", "network", "date", "question"}),
}
#: Everybody reads these: no name, no link, nothing repeated from the post.
NOT_IN_PUBLIC = frozenset({"name", "summary", "status_link", "question"})
IN_REASONS = frozenset({"party", "day", "team"})

#: Our own words, which tell a caller nothing. Whole words, in any case.
FORBIDDEN = (
    "ticket", "tickets", "sla", "breach", "breached", "p1", "p2", "p3", "p4", "p5", "priority", "prioriteit",
    "triage", "escalate", "escalated", "escalation", "escalatie", "queue", "wachtrij", "backlog",
)  # fmt: skip
_FORBIDDEN = re.compile(rf"\b(?:{'|'.join(FORBIDDEN)})\b", re.IGNORECASE)
_SORRY = re.compile(r"\b(?:sorry|excuses|apologies|apologise)\b", re.IGNORECASE)


class WordsInvalid(ValueError):
    """The document cannot be used; `faults` says where and what, one line each."""

    def __init__(self, faults: Collection[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("These texts can't be used:\n" + "\n".join(f"- {fault}" for fault in self.faults))


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Notice(_Model):
    """One notice in one manner and language. `public`: what is put where everybody reads it, if not
    `body`."""

    body: Body
    subject: Line | None = None
    public: Body | None = None


class Words(_Model):
    """The whole document."""

    format: Literal[1]
    languages: Annotated[tuple[Language, ...], Field(min_length=1)]
    notices: Mapping[NoticeKind, Mapping[Manner, Mapping[Language, Notice]]]
    reasons: Mapping[str, Mapping[Language, Line]]
    date_lines: Mapping[DateKind, Mapping[Language, Line]]
    closing_line: Mapping[Language, Line]

    def document(self) -> dict[str, Any]:
        """The document as JSON values; `parse(words.document()) == words`."""
        return self.model_dump(mode="json", exclude_none=True)


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
    try:
        words = Words.model_validate_json(canonical(document))
    except ValidationError as error:
        raise WordsInvalid(
            [
                f"{'.'.join(str(part) for part in fault['loc']) or 'document'}: {fault['msg']}"
                for fault in error.errors()
            ]
        ) from None
    except (TypeError, ValueError) as error:
        raise WordsInvalid([f"it is no JSON document: {error}"]) from None
    faults = list(_faults(words))
    if faults:
        raise WordsInvalid(faults)
    return words


@cache
def seed() -> Words:
    """The ready-made texts."""
    return parse(json.loads(resources.files(__package__).joinpath("seed.json").read_text("utf-8")))


def placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def _faults(words: Words) -> Iterator[str]:
    for kind, (must, may) in PLACEHOLDERS.items():
        for manner in MANNERS:
            for language in words.languages:
                where = f"notices.{kind}.{manner}.{language}"
                notice = words.notices.get(kind, {}).get(manner, {}).get(language)
                if notice is None:
                    yield f"{where}: missing"
                    continue
                if manner == "letter" and not notice.subject:
                    yield f"{where}.subject: a letter needs one"
                yield from _notice_faults(where, kind, manner, notice, must, may)
    for code, lines in words.reasons.items():
        yield from _line_faults(f"reasons.{code}", lines, words.languages, set(), set(IN_REASONS))
    for what in ("answered", "started", "solved"):
        lines = words.date_lines.get(what, {})
        yield from _line_faults(f"date_lines.{what}", lines, words.languages, {"ref", "date"}, set())
    yield from _line_faults("closing_line", words.closing_line, words.languages, set(), set())


def _notice_faults(
    where: str,
    kind: NoticeKind,
    manner: Manner,
    notice: Notice,
    must: set[str],
    may: set[str],
) -> Iterator[str]:
    sorry = kind == "overdue_notice"
    yield from _text_faults(f"{where}.body", notice.body, must, must | may, sorry)
    if notice.subject:
        yield from _text_faults(f"{where}.subject", notice.subject, set(), must | may, sorry)
    if notice.public:
        yield from _text_faults(f"{where}.public", notice.public, must, must | may, sorry)
    public = notice.body if manner == "short" else notice.public or ""
    if manner == "conversational" and not public:
        yield f"{where}.public: missing, and everybody reads a comment"
    for name in sorted(placeholders(public) & NOT_IN_PUBLIC):
        yield f"{where}: {{{name}}} is not for everybody to read"


def _line_faults(
    where: str,
    lines: Mapping[str, str],
    languages: Collection[str],
    must: set[str],
    may: set[str],
) -> Iterator[str]:
    for language in languages:
        if language not in lines:
            yield f"{where}.{language}: missing"
        else:
            yield from _text_faults(f"{where}.{language}", lines[language], must, must | may, False)


def _text_faults(where: str, text: str, must: set[str], allowed: set[str], sorry: bool) -> Iterator[str]:
    used = placeholders(text)
    for name in sorted(must - used):
        yield f"{where}: {{{name}}} is missing"
    for name in sorted(used - allowed):
        yield f"{where}: {{{name}}} cannot be filled in here"
    rest = PLACEHOLDER.sub("", text)
    if "{" in rest or "}" in rest:
        yield f"{where}: a lone {{ or }}"
    for word in _FORBIDDEN.findall(rest):
        yield f"{where}: “{word}” is our word, not a caller's"
    if not sorry and _SORRY.search(rest):
        yield f"{where}: we say sorry only where we missed a date we gave"
