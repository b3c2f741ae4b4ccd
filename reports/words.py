"""What words of the policy would hit: the page beside a category, a rule or a group of signs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from pydantic import TypeAdapter, ValidationError

from accounts.pages import DeskRequest, desk_page
from priority.edits import Listed, entry_of
from priority.selectors import policy_of
from priority.views.base import Section, manager_or_404, section_of
from priority.views.parts import name_of
from priority.views.words import SIGNS
from priority.wording import Lists
from tickets.clock import database_now
from tickets.display.numbers import hidden
from tickets.selectors_words import HITS_MOST, WordHit, words_hits

_LISTS: TypeAdapter[Lists] = TypeAdapter(Lists)
_BEFORE, _AFTER = 70, 140
_COUNTED = 12


@dataclass(frozen=True, slots=True)
class Shown:
    """A message around the word that hit it."""

    reference: str
    sent_at: datetime
    language: str
    before: str
    word: str
    after: str


@require_safe
@desk_page
def policy_hits(request: DeskRequest) -> HttpResponse:
    """GET kind (category, rule or sign) and key: of the draft, or of the policy in force where there is none."""
    manager_or_404(request.user)
    section = section_of(request.user)
    kind, key = request.GET.get("kind", ""), request.GET.get("key", "")
    title, found, danger = _asked(section, kind, key)
    context: dict[str, Any] = {"title": title, "most": HITS_MOST, "here": "policy", "now": database_now()}
    try:
        lists = _LISTS.validate_json(json.dumps(found if isinstance(found, Mapping) else {}))
    except ValidationError:
        context["wrong"] = _(
            "Some of these words can't be sought. The page of the words says which, and why."
        )
    else:
        hits = words_hits(
            request.user,
            lists,
            policy=section.policy or policy_of(section.in_force.pk),
            any_language=danger,
            now=context["now"],
        )
        context["hits"] = [_shown(hit) for hit in hits.hits]
        context["looked"] = hits.looked
        context["by_word"] = [(word.replace("*", "…"), count) for word, count in hits.by_word[:_COUNTED]]
    return render(request, "reports/hits.html", context)


def _asked(section: Section, kind: str, key: str) -> tuple[str, object, bool]:
    """(title, word lists as they stand in the document, whether they count in every language). Raises Http404."""
    document = section.document
    if kind == "sign" and key in SIGNS:
        signs = document.get("signs")
        return str(SIGNS[key][0]), signs.get(key) if isinstance(signs, Mapping) else None, False
    listed = {"category": "categories", "rule": "rules"}.get(kind)
    entry = entry_of(document, cast(Listed, listed), key) if listed else None
    if entry is None:
        raise Http404
    return name_of(entry), entry.get("words"), entry.get("danger") is True or entry.get("kind") == "danger"


def _shown(hit: WordHit) -> Shown:
    body = hidden(hit.body)
    start, end = max(0, hit.start - _BEFORE), hit.end + _AFTER
    return Shown(
        reference=hit.reference,
        sent_at=hit.sent_at,
        language=hit.language,
        before=("…" if start else "") + body[start : hit.start],
        word=body[hit.start : hit.end],
        after=body[hit.end : end] + ("…" if end < len(body) else ""),
    )
