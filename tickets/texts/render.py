"""Filling in a text. Pure. A value is never read as a template: one pass, no str.format, no second look."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from tickets.texts.document import PLACEHOLDER, DateKind, Manner, NoticeKind, Words, line_in, tongue


class CannotFill(LookupError):
    """A text asks for something that is not known here, or there is no such text; the words name it."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text ready to go. `subject` is empty where the manner has none."""

    body: str
    subject: str = ""


def notice(
    words: Words,
    kind: NoticeKind,
    *,
    manner: Manner,
    language: str,
    public: bool,
    values: Mapping[str, str],
    form: str = "",
    spoken: bool = False,
) -> Rendered:
    """The notice in that manner and language. spoken: a person says it aloud. form: how the account addresses people,
    '' as is usual in the manner; a revision of an earlier desk has the usual one only. Raises CannotFill."""
    texts = words.notices.get(kind, {}).get(manner, {})
    found = texts.get(tongue(language, manner, form)) or texts.get(language)
    if found is None:
        raise CannotFill(f"no {kind} in {language!r}")
    body = found.public if public and found.public else found.body
    if spoken and found.spoken:
        body = found.spoken
    return Rendered(body=fill(body, values), subject=fill(found.subject or "", values))


def date_line(
    words: Words,
    kind: DateKind,
    *,
    language: str,
    ref: str,
    date: str,
    manner: Manner = "short",
    form: str = "",
) -> str:
    """The line that tells a person's answer its number and date. Raises CannotFill."""
    values = {"ref": ref, "date": date}
    return line(words, f"date_lines.{kind}", language=language, manner=manner, form=form, values=values)


def line(
    words: Words, path: str, *, language: str, manner: Manner, values: Mapping[str, str], form: str = ""
) -> str:
    """The line at `path` ("reasons.not_finished", "lines.date_waits"), filled in. Raises CannotFill."""
    found = line_in(words, path, language=language, manner=manner, form=form)
    if found is None:
        raise CannotFill(f"no line {path} in {language!r}")
    return fill(found, values)


#: Without these, the sentence that holds one says nothing.
_WHOLE_SENTENCE = frozenset({"status_link"})
_SENTENCE_ENDS = re.compile(r"[.!?…][\"”’»)]*(?=\s|$)|\n")


def fill(template: str, values: Mapping[str, str]) -> str:
    """`template` with each {name} replaced by its value. An empty value takes one space beside it along, and quotation
    marks around it with the colon before them; an empty {status_link} its whole sentence.

    Raises CannotFill where a name has no value.
    """
    for name in set(PLACEHOLDER.findall(template)):
        if name not in values:
            raise CannotFill(f"{{{name}}} has no value")
        if values[name]:
            continue
        if name in _WHOLE_SENTENCE:
            template = _without_sentence(template, f"{{{name}}}")
            continue
        slot = re.escape(f"{{{name}}}")
        template = re.sub(rf":? ?[“„‘«\"]{slot}[”“’»\"]| {slot}|{slot} ?", "", template)
    return PLACEHOLDER.sub(lambda found: values[found[1]], template).strip()


def _without_sentence(template: str, slot: str) -> str:
    """Without the sentences, each within its line, that hold `slot`; a line that held nothing else goes with them."""
    while (at := template.find(slot)) >= 0:
        start = max((found.end() for found in _SENTENCE_ENDS.finditer(template, 0, at)), default=0)
        end = _SENTENCE_ENDS.search(template, at + len(slot))
        rest = template[len(template) if end is None else end.start() if end[0] == "\n" else end.end() :]
        kept = template[:start]
        if kept.endswith("\n") or not kept:
            rest = rest.removeprefix("\n") if rest.startswith("\n") else rest.lstrip(" ")
        template = kept + rest
    return template


def one_line(text: str, *, most: int) -> str:
    """Somebody's words made fit to stand inside a sentence: one line, no control characters, at most `most`
    long."""
    plain = "".join(c if unicodedata.category(c)[0] != "C" or c in "\u200d\u200c" else " " for c in text)
    plain = " ".join(plain.split())
    return plain if len(plain) <= most else plain[: most - 1].rstrip() + "…"
