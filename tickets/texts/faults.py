"""What is wrong with a document of the words, each fault with its place and a code. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from tickets.texts.shapes import (
    IN_REASONS,
    LINES,
    MANNERS,
    NOT_IN_PUBLIC,
    OF_REASON,
    PLACEHOLDER,
    PLACEHOLDERS,
    SORRY,
    Manner,
    Notice,
    NoticeKind,
    Words,
    line_of,
    may_say,
    placeholders,
    tongues,
)

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
_SAID: Mapping[str, str] = {
    "missing": "missing",
    "no_subject": "a letter needs one",
    "no_public": "missing, and everybody reads a comment",
    "not_public": "{{{what}}} is not for everybody to read",
    "not_said": "{{{what}}} is missing",
    "unknown": "{{{what}}} cannot be filled in here",
    "brace": "a lone {{ or }}",
    "forbidden": "“{what}” is our word, not a caller's",
    "sorry": "we say sorry only where we missed a date we gave",
    "private": "it speaks of private messages, which not every account reads",
    "no_line": "there is no such line",
    "no_tongue": "nobody is addressed like that there",
    "too_many": "more than {what} characters",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """where: the path in the document ("notices.reminder.short.en.body"). code: what is wrong. what: the placeholder or
    the word that it is about, '' for none."""

    where: str
    code: str
    what: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {_SAID[self.code].format(what=self.what)}"


def not_for_callers(text: str, *, sorry: bool) -> list[str]:
    """Words in somebody's text that no caller is to read: ours, and (unless `sorry`) an apology."""
    return [*_FORBIDDEN.findall(text), *([] if sorry else _SORRY.findall(text))]


def asks_for_private(text: str) -> bool:
    """Whether a text speaks of private messages."""
    return _PRIVATE.search(text) is not None


def faults_of(words: Words) -> Iterator[Fault]:
    for kind in PLACEHOLDERS:
        for manner in MANNERS:
            yield from _kind_faults(words, kind, manner, *may_say(kind, manner))
    for code, lines in words.reasons.items():
        may = set(OF_REASON.get(code, frozenset()) & IN_REASONS)
        yield from _line_faults(f"reasons.{code}", lines, words.languages, set(), may)
    for what in ("answered", "started", "solved"):
        lines = words.date_lines.get(what, {})
        yield from _line_faults(f"date_lines.{what}", lines, words.languages, {"ref", "date"}, set())
    for key, must in LINES.items():
        yield from _line_faults(f"lines.{key}", words.lines.get(key, {}), words.languages, must, set())
    yield from _line_faults("closing_line", words.closing_line, words.languages, set(), set(), private=True)
    yield from _letter_faults(words)


def _kind_faults(
    words: Words, kind: NoticeKind, manner: Manner, must: set[str], may: set[str]
) -> Iterator[Fault]:
    found = words.notices.get(kind, {}).get(manner, {})
    known = tongues(words.languages, manner)
    for key in known:
        where, notice = f"notices.{kind}.{manner}.{key}", found.get(key)
        if notice is None:
            yield Fault(where, "missing")
            continue
        if manner == "letter" and not notice.subject:
            yield Fault(f"{where}.subject", "no_subject")
        yield from _notice_faults(where, kind, manner, notice, must, may)
    for key in sorted(set(found) - set(known)):
        if key.partition("-")[0] in words.languages:
            yield Fault(f"notices.{kind}.{manner}.{key}", "no_tongue")


def _letter_faults(words: Words) -> Iterator[Fault]:
    for path, lines in words.in_letters.items():
        plain = line_of(words, path)
        if plain is None:
            yield Fault(f"in_letters.{path}", "no_line")
            continue
        for language, text in lines.items():
            must = placeholders(plain.get(language, ""))
            private = path == "closing_line"
            yield from _text_faults(f"in_letters.{path}.{language}", text, must, must, False, private)


def _notice_faults(
    where: str,
    kind: NoticeKind,
    manner: Manner,
    notice: Notice,
    must: set[str],
    may: set[str],
) -> Iterator[Fault]:
    sorry, private = kind in SORRY, kind == "move_to_private"
    yield from _text_faults(f"{where}.body", notice.body, must, must | may, sorry, private)
    if notice.subject:
        sayable = (must | may) - {"status_link"}
        yield from _text_faults(f"{where}.subject", notice.subject, set(), sayable, sorry, private)
    if notice.public:
        yield from _text_faults(f"{where}.public", notice.public, must, must | may, sorry, private)
    if notice.spoken:
        yield from _text_faults(f"{where}.spoken", notice.spoken, must, must | may, sorry, private)
    public = notice.body if manner == "short" else notice.public or ""
    if manner == "conversational" and not public:
        yield Fault(f"{where}.public", "no_public")
    for name in sorted(placeholders(public) & NOT_IN_PUBLIC):
        yield Fault(f"{where}.{'body' if manner == 'short' else 'public'}", "not_public", name)


def _line_faults(
    where: str,
    lines: Mapping[str, str],
    languages: Collection[str],
    must: set[str],
    may: set[str],
    *,
    private: bool = False,
) -> Iterator[Fault]:
    for language in languages:
        if language not in lines:
            yield Fault(f"{where}.{language}", "missing")
        else:
            yield from _text_faults(f"{where}.{language}", lines[language], must, must | may, False, private)


def _text_faults(
    where: str, text: str, must: set[str], allowed: set[str], sorry: bool, private: bool
) -> Iterator[Fault]:
    used = placeholders(text)
    for name in sorted(must - used):
        yield Fault(where, "not_said", name)
    for name in sorted(used - allowed):
        yield Fault(where, "unknown", name)
    rest = PLACEHOLDER.sub("", text)
    if "{" in rest or "}" in rest:
        yield Fault(where, "brace")
    for word in _FORBIDDEN.findall(rest):
        yield Fault(where, "forbidden", word)
    if not sorry and _SORRY.search(rest):
        yield Fault(where, "sorry")
    if not private and _PRIVATE.search(rest):
        yield Fault(where, "private")
