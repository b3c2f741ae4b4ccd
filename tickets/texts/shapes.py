"""What the document of the words is made of: kinds, manners, forms of address, placeholders, and its shape. Pure.

    notices     kind → manner → tongue → {subject?, body, public?, spoken?}
    reasons     code → language → line
    date_lines  what the date is for (answered, started, solved) → language → line
    lines       what stands beside a person's words: that the date waits, and how it stands ("any news?")
    in_letters  "reasons.<code>", "date_lines.<what>", "lines.<key>", "closing_line" → language → the line as a letter
                has it, where it reads otherwise

Some languages address people in two ways (`FORMS`). A manner has the one that is usual there: familiar in short
messages and conversations, formal in letters. A tongue is a language ("nl"), in the manner's usual form, or a language
and the other form ("nl-formal", in letters "nl-familiar"), which an account may ask for. Lines stand once in the
familiar form and, where it reads otherwise, formally in `in_letters`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

Manner: TypeAlias = Literal["short", "conversational", "letter"]
Form: TypeAlias = Literal["familiar", "formal"]
DateKind: TypeAlias = Literal["answered", "started", "solved"]
NoticeKind: TypeAlias = Literal[
    "acknowledgement_answered",
    "acknowledgement_started",
    "acknowledgement_solved",
    "delay_notice",
    "overdue_notice",
    "overdue_notice_answered",
    "overdue_notice_started",
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
    "farewell",
]
Language: TypeAlias = Annotated[str, Field(pattern=r"^[a-z]{2}$")]
Tongue: TypeAlias = Annotated[str, Field(pattern=r"^[a-z]{2}(-(familiar|formal))?$")]
Line: TypeAlias = Annotated[str, Field(min_length=1, max_length=200)]
Body: TypeAlias = Annotated[str, Field(min_length=1, max_length=2_000)]

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
MANNERS: tuple[Manner, ...] = ("short", "conversational", "letter")
#: Languages that address people in two ways: the pronoun of each form, by which people know them.
FORMS: Mapping[str, Mapping[Form, str]] = {"nl": {"familiar": "je", "formal": "u"}}

_ACKNOWLEDGEMENT = (
    {"ref", "date"},
    {"extra", "name", "summary", "sign"},
)
_NEW_DATE = ({"ref", "old", "date", "reason"}, {"name", "sign"})
#: What a kind must say, and what it may say besides.
PLACEHOLDERS: dict[NoticeKind, tuple[set[str], set[str]]] = {
    "acknowledgement_answered": _ACKNOWLEDGEMENT,
    "acknowledgement_started": _ACKNOWLEDGEMENT,
    "acknowledgement_solved": _ACKNOWLEDGEMENT,
    "delay_notice": _NEW_DATE,
    "overdue_notice": _NEW_DATE,
    "overdue_notice_answered": _NEW_DATE,
    "overdue_notice_started": _NEW_DATE,
    "date_changed_notice": _NEW_DATE,
    "date_stands_notice": ({"ref", "date", "reason"}, {"name", "sign"}),
    "resolution_notice": ({"ref", "what"}, {"name", "sign"}),
    "reminder": ({"ref"}, {"name", "sign"}),
    "closing_word": ({"ref"}, {"name", "sign"}),
    "move_to_private": ({"ref"}, {"name", "sign", "network", "date", "question"}),
    "transfer_notice": ({"ref", "team"}, {"name", "sign", "stands"}),
}
#: A letter of any kind may hold the link to where it stands: nobody else reads it, and it costs the same. What a caller
#: wrote stands in their own letter, and nowhere else.
_OF_LETTERS, _NOT_IN_LETTERS = frozenset({"status_link"}), frozenset({"summary"})
#: Where a date we gave was missed, and only there, we say sorry.
SORRY = frozenset({"overdue_notice", "overdue_notice_answered", "overdue_notice_started"})
#: Everybody reads these: no name, no link, nothing repeated from the post.
NOT_IN_PUBLIC = frozenset({"name", "summary", "status_link", "question"})
IN_REASONS = frozenset({"party", "day", "team"})
#: Reasons whose values are always known; what each may say.
OF_REASON: Mapping[str, frozenset[str]] = {
    "waiting_for_party": frozenset({"party"}),
    "answer_came_late": frozenset({"day"}),
    "other_team": frozenset({"team", "day"}),
    "desk_closed": frozenset({"day"}),
    "closes_early": frozenset({"day"}),
}
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
    "farewell": set(),
}


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Notice(_Model):
    """One notice in one manner and language. `public`: what is put where everybody reads it, `spoken`: what a person
    says aloud, if not `body`."""

    body: Body
    subject: Line | None = None
    public: Body | None = None
    spoken: Body | None = None


class Words(_Model):
    """The whole document."""

    format: Literal[1]
    languages: Annotated[tuple[Language, ...], Field(min_length=1)]
    notices: Mapping[NoticeKind, Mapping[Manner, Mapping[Tongue, Notice]]]
    reasons: Mapping[str, Mapping[Language, Line]]
    date_lines: Mapping[DateKind, Mapping[Language, Line]]
    lines: Mapping[LineKey, Mapping[Language, Line]] = {}
    closing_line: Mapping[Language, Line]
    in_letters: Mapping[str, Mapping[Language, Line]] = {}

    def document(self) -> dict[str, Any]:
        """The document as JSON values; `parse(words.document()) == words`."""
        return self.model_dump(mode="json", exclude_none=True)


def placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def may_say(kind: NoticeKind, manner: str) -> tuple[set[str], set[str]]:
    """What that kind must say in that manner, and what it may say besides."""
    must, may = PLACEHOLDERS[kind]
    return must, (may | _OF_LETTERS) - _NOT_IN_LETTERS if manner == "letter" else may


def usual_form(manner: str) -> Form:
    return "formal" if manner == "letter" else "familiar"


def tongue(language: str, manner: str, form: str = "") -> str:
    """The key of the text in that language that addresses people so; form '': as is usual in the manner."""
    if language not in FORMS or form in ("", usual_form(manner)):
        return language
    return f"{language}-{form}"


def tongues(languages: tuple[str, ...], manner: str) -> list[str]:
    """Every key that a text of that manner has, the usual form before the other."""
    other = "familiar" if manner == "letter" else "formal"
    found = []
    for language in languages:
        found += [language, f"{language}-{other}"] if language in FORMS else [language]
    return found


def line_of(words: Words, path: str) -> Mapping[str, str] | None:
    """Language → the line at `path` ("reasons.not_finished", "closing_line"); None where there is no such line."""
    group, _, key = path.partition(".")
    found: Mapping[str, Mapping[str, str]] = {
        "reasons": words.reasons,
        "date_lines": words.date_lines,
        "lines": words.lines,
        "closing_line": {"": words.closing_line},
    }.get(group, {})  # type: ignore[assignment]  # keys of each are narrower than str
    return found.get(key)


def line_in(words: Words, path: str, *, language: str, manner: str, form: str = "") -> str | None:
    """The line at `path` as that manner has it, or as an account has it that asks for that form; None where there is
    none."""
    formal = (form or usual_form(manner)) == "formal" if language in FORMS else manner == "letter"
    if formal:
        own = words.in_letters.get(path, {}).get(language)
        if own is not None:
            return own
    return (line_of(words, path) or {}).get(language)
