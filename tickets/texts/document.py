"""The document of the words: every notice per kind, manner and language, and the lines that go into them.

Pure. `parse` makes JSON a `Words` or raises `WordsInvalid` with every fault named; `canonical` is the one
form of it that is hashed. Placeholders come from a closed list, and words that mean nothing to a caller are
refused on save.

    notices     kind → manner → language → {subject?, body, public?}
    reasons     code → language → line
    date_lines  what the date is for (answered, started, solved) → language → line
    lines       what stands beside a person's words: that the date waits, and how it stands ("any news?")
    in_letters  "reasons.<code>", "date_lines.<what>", "lines.<key>", "closing_line" → language → the line as a letter
                has it, where it reads otherwise

A revision that an earlier version of the desk has stored may lack kinds and lines that came later: `read` takes it as
it is, and `completed` adds what is missing from the ready-made texts.
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
    "date_stands_notice",
    "resolution_notice",
    "reminder",
    "closing_word",
    "move_to_private",
    "transfer_notice",
]
LineKey: TypeAlias = Literal[
    "date_waits",
    "status_working",
    "status_your_turn",
    "status_number",
    "stands_answered",
    "stands_started",
    "stands_solved",
    "date_stays",
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
    "date_stands_notice": ({"ref", "date", "reason"}, {"name", "sign"}),
    "resolution_notice": ({"ref", "what"}, {"name", "sign"}),
    "reminder": ({"ref"}, {"name", "sign"}),
    "closing_word": ({"ref"}, {"name", "sign"}),
    "move_to_private": ({"ref"}, {"name", "sign", "network", "date", "question"}),
    "transfer_notice": ({"ref", "team"}, {"name", "sign", "stands"}),
}
#: Everybody reads these: no name, no link, nothing repeated from the post.
NOT_IN_PUBLIC = frozenset({"name", "summary", "status_link", "question"})
IN_REASONS = frozenset({"party", "day", "team"})
#: What each line beside a person's words must say; it says nothing else.
LINES: dict[LineKey, set[str]] = {
    "date_waits": set(),
    "status_working": set(),
    "status_your_turn": {"ref"},
    "status_number": {"ref"},
    "stands_answered": {"ref", "date"},
    "stands_started": {"ref", "date"},
    "stands_solved": {"ref", "date"},
    "date_stays": set(),
}

#: Our own words, which tell a caller nothing. Whole words, in any case.
FORBIDDEN = (
    "ticket", "tickets", "sla", "breach", "breached", "p1", "p2", "p3", "p4", "p5", "priority", "prioriteit",
    "triage", "escalate", "escalated", "escalation", "escalatie", "queue", "wachtrij", "backlog",
)  # fmt: skip
_FORBIDDEN = re.compile(rf"\b(?:{'|'.join(FORBIDDEN)})\b", re.IGNORECASE)
_SORRY = re.compile(r"\b(?:sorry|excuses|apologies|apologise)\b", re.IGNORECASE)
#: Where people are asked to write privately. Only the text for that says so: not every account reads it there.
_PRIVATE = re.compile(
    r"\b(?:dms?|inbox|(?:private|direct) messages?|priv[eé][- ]?berichten?|pb)\b", re.IGNORECASE
)


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
    lines: Mapping[LineKey, Mapping[Language, Line]] = {}
    closing_line: Mapping[Language, Line]
    in_letters: Mapping[str, Mapping[Language, Line]] = {}

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
    words = read(document)
    faults = list(_faults(words))
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
    made = dict(mine)
    for key, value in ready.items():
        if key in made:
            # Below a language stand its texts: those are whole, and somebody's own.
            if isinstance(value, dict) and isinstance(made[key], dict) and not texts:
                made[key] = _filled(made[key], value, languages)
        elif not texts or key in languages:
            made[key] = value
    return made


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
    for key, must in LINES.items():
        yield from _line_faults(f"lines.{key}", words.lines.get(key, {}), words.languages, must, set())
    yield from _line_faults("closing_line", words.closing_line, words.languages, set(), set(), private=True)
    yield from _letter_faults(words)


def _letter_faults(words: Words) -> Iterator[str]:
    for path, lines in words.in_letters.items():
        plain = _plain(words, path)
        if plain is None:
            yield f"in_letters.{path}: there is no such line"
            continue
        for language, text in lines.items():
            must = placeholders(plain.get(language, ""))
            private = path == "closing_line"
            yield from _text_faults(f"in_letters.{path}.{language}", text, must, must, False, private)


def _plain(words: Words, path: str) -> Mapping[str, str] | None:
    group, _, key = path.partition(".")
    found: Mapping[str, Mapping[str, str]] = {
        "reasons": words.reasons,
        "date_lines": words.date_lines,
        "lines": words.lines,
        "closing_line": {"": words.closing_line},
    }.get(group, {})  # type: ignore[assignment]  # keys of each are narrower than str
    return found.get(key)


def line_in(words: Words, path: str, *, language: str, manner: str) -> str | None:
    """The line at `path` ("reasons.not_finished") as that manner has it; None where there is none."""
    if manner == "letter":
        own = words.in_letters.get(path, {}).get(language)
        if own is not None:
            return own
    return (_plain(words, path) or {}).get(language)


def not_for_callers(text: str, *, sorry: bool) -> list[str]:
    """Words in somebody's text that no caller is to read: ours, and (unless `sorry`) an apology."""
    return [*_FORBIDDEN.findall(text), *([] if sorry else _SORRY.findall(text))]


def asks_for_private(text: str) -> bool:
    """Whether a text speaks of private messages."""
    return _PRIVATE.search(text) is not None


def _notice_faults(
    where: str,
    kind: NoticeKind,
    manner: Manner,
    notice: Notice,
    must: set[str],
    may: set[str],
) -> Iterator[str]:
    sorry, private = kind == "overdue_notice", kind == "move_to_private"
    yield from _text_faults(f"{where}.body", notice.body, must, must | may, sorry, private)
    if notice.subject:
        yield from _text_faults(f"{where}.subject", notice.subject, set(), must | may, sorry, private)
    if notice.public:
        yield from _text_faults(f"{where}.public", notice.public, must, must | may, sorry, private)
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
    *,
    private: bool = False,
) -> Iterator[str]:
    for language in languages:
        if language not in lines:
            yield f"{where}.{language}: missing"
        else:
            yield from _text_faults(f"{where}.{language}", lines[language], must, must | may, False, private)


def _text_faults(
    where: str, text: str, must: set[str], allowed: set[str], sorry: bool, private: bool
) -> Iterator[str]:
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
    if not private and _PRIVATE.search(rest):
        yield f"{where}: it speaks of private messages, which not every account reads"
