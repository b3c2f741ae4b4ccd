"""The revisions: all that were published, one of them, two side by side, and taking an old one up again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.clock import database_now
from accounts.pages import DeskRequest, desk_page
from priority import diff_words
from priority.models import PolicyRevision
from priority.policy_file import file_of
from priority.selectors import policy_of, revision_before, revision_numbered, revisions_page
from priority.services_draft import DraftChanged, draft_replace
from priority.views.base import manager_or_404, page_context, section_of, version_of

_A_PAGE = 50


@require_safe
@desk_page
def revisions(request: DeskRequest) -> HttpResponse:
    """Newest first; ?before=<number> goes on."""
    section = section_of(request.user)
    rows = revisions_page(before=_number(request.GET.get("before", "")), most=_A_PAGE + 1)
    context = {
        **page_context(section, "revisions"),
        "rows": rows[:_A_PAGE],
        "next_before": rows[_A_PAGE - 1].number if len(rows) > _A_PAGE else None,
    }
    return render(request, "priority/revisions.html", context)


@require_safe
@desk_page
def revision(request: DeskRequest, number: int) -> HttpResponse:
    row = _found(request, number)
    return _page(request, row)


@require_safe
@desk_page
def compare(request: DeskRequest) -> HttpResponse:
    """?one= and other=: numbers of revisions, in either order, or draft for those who may see it."""
    section = section_of(request.user)
    sides = [request.GET.get(name, "") for name in ("one", "other")]
    if sides[0] != "draft" and (sides[1] == "draft" or (_number(sides[0]) or 0) <= (_number(sides[1]) or 0)):
        old, new = sides
    else:
        new, old = sides

    def document(side: str) -> Mapping[str, Any]:
        if side == "draft" and section.draft is not None:
            return section.document
        row = revision_numbered(_number(side) or 0)
        if row is None:
            raise Http404
        return policy_of(row.pk).document()

    context = {
        **page_context(section, "revisions"),
        "old": old,
        "new": new,
        "lines": diff_words.sentences(document(old), document(new)),
    }
    return render(request, "priority/compare.html", context)


@require_safe
@desk_page
def revision_file(request: DeskRequest, number: int) -> HttpResponse:
    """The document as a file."""
    row = _found(request, number)
    return as_file(policy_of(row.pk).document(), f"policy-{row.number}.json")


@require_POST
@desk_page
def revision_restore(request: DeskRequest, number: int) -> HttpResponse:
    """The draft is this revision from now on; publishing it makes a new revision."""
    manager_or_404(request.user)
    row = _found(request, number)
    try:
        draft_replace(
            actor=request.user,
            version=version_of(request.POST),
            document=policy_of(row.pk).document(),
            origin={"kind": "restored", "number": row.number},
            now=database_now(),
        )
    except DraftChanged as changed:
        return _page(request, row, status=409, changed=changed)
    words = _("The draft says what revision %(number)d says. Look at what that changes, then publish it.")
    messages.success(request, words % {"number": row.number})
    return HttpResponseRedirect(reverse("policy"))


def as_file(document: Mapping[str, Any], name: str) -> HttpResponse:
    response = HttpResponse(file_of(document), content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _page(request: DeskRequest, row: PolicyRevision, *, status: int = 200, **more: Any) -> HttpResponse:
    section = section_of(request.user)
    before = revision_before(row.number)
    document = policy_of(row.pk).document()
    is_in_force = row.pk == section.in_force.pk
    context = {
        **page_context(section, "revisions"),
        "row": row,
        "before": before,
        "lines": diff_words.sentences(policy_of(before.pk).document(), document)
        if before is not None
        else [],
        "is_in_force": is_in_force,
        "would": [] if is_in_force else diff_words.sentences(section.policy_in_force.document(), document),
        **more,
    }
    return render(request, "priority/revision.html", context, status=status)


def _found(request: DeskRequest, number: int) -> PolicyRevision:
    section_of(request.user)
    row = revision_numbered(number)
    if row is None:
        raise Http404
    return row


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
