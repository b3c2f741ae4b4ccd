"""The overview: what is in force, what the draft changes, whether it can be published, and publishing it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.clock import database_now
from accounts.errors import Refused
from accounts.pages import DeskRequest, desk_page
from priority.in_short import in_short
from priority.known import foreseen, rolling
from priority.policy import PolicyInvalid
from priority.services import Scope
from priority.services_draft import REASON_MOST, DraftChanged, draft_discard, draft_publish
from priority.views.base import Section, manager_or_404, page_context, section_of, version_of
from priority.views.tabs import url_of


@require_safe
@desk_page
def overview(request: DeskRequest) -> HttpResponse:
    return _page(request, section_of(request.user))


@require_POST
@desk_page
def publish(request: DeskRequest) -> HttpResponse:
    """POST reason, scope (new or open), version."""
    manager_or_404(request.user)
    scope: Scope = "open" if request.POST.get("scope") == "open" else "new"
    reason = request.POST.get("reason", "").replace("\0", "").strip()
    refused = changed = None
    try:
        revision = draft_publish(
            actor=request.user,
            version=version_of(request.POST),
            reason=reason,
            scope=scope,
            now=database_now(),
        )
    except PolicyInvalid:
        refused = Refused("faults", _("The draft can't be published yet: mend first what the check says."))
    except Refused as refusal:
        refused = refusal
    except DraftChanged as error:
        changed = error
    else:
        words = _("Revision %(number)d is in force.") % {"number": revision.number}
        preview = url_of("policy_preview") if scope == "open" else None
        if preview is not None:
            words += " " + _("It goes over the open tickets now; here you see how far it is.")
        messages.success(request, words)
        return HttpResponseRedirect(f"{preview}#rollout" if preview else reverse("policy"))
    context = {"refused": refused, "changed": changed, "reason": reason, "scope": scope}
    return _page(request, section_of(request.user), status=409 if changed else 422, **context)


@require_POST
@desk_page
def discard(request: DeskRequest) -> HttpResponse:
    manager_or_404(request.user)
    try:
        draft_discard(actor=request.user, version=version_of(request.POST), now=database_now())
    except DraftChanged as changed:
        return _page(request, section_of(request.user), status=409, changed=changed)
    messages.success(request, _("The draft is thrown away. The policy in force stays as it is."))
    return HttpResponseRedirect(reverse("policy"))


def _page(request: DeskRequest, section: Section, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        **page_context(section, "overview"),
        "lines": section.change_words,
        "short": in_short(section.policy or section.policy_in_force),
        "scope": "new",
        "foreseen": foreseen() if section.draft is not None and section.may_change else None,
        "rolling": rolling(),
        "reason_most": REASON_MOST,
        **more,
    }
    return render(request, "priority/overview.html", context, status=status)
