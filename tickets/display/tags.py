"""Tags of the ready policy in the reader's language. A tag is one word for all, kept as the policy has it; what people
and managers typed themselves is shown as they typed it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.functional import Promise as LazyText
from django.utils.translation import pgettext_lazy

SEEDED: Mapping[str, LazyText | str] = {"recurring": pgettext_lazy("a tag", "recurring")}


def tag_words(tag: str) -> str:
    return str(SEEDED.get(tag, tag))


def tags_line(tags: Iterable[str]) -> str:
    """For a form's field, and in history."""
    return ", ".join(map(tag_words, tags))


def tags_as_kept(typed: str) -> str:
    """What was typed between commas or on lines, with the seeded tags as they are kept."""
    kept = {str(words).lower(): tag for tag, words in SEEDED.items()}
    parts = typed.replace("\n", ",").split(",")
    return ",".join(kept.get(part.strip(" #\t\r").lower(), part) for part in parts)
