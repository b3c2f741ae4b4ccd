"""What the policy's templates need beside what their views give."""

from __future__ import annotations

from collections.abc import Sequence

from django import template

from priority.views.base import Section

register = template.Library()


@register.simple_tag
def policy_changes(section: Section) -> Sequence[str]:
    """What the draft changes, a line each, in the reader's language."""
    return section.change_words


@register.simple_tag
def policy_fault(section: Section, path: str) -> str:
    """What is wrong at this place of the document, '' where nothing is."""
    return section.fault(path)
