"""The preview of a draft: what it would do to the tickets, and the way on to publishing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.clock import database_now
from accounts.pages import DeskRequest, desk_page
from priority.policy import PolicyInvalid
from priority.views.base import manager_or_404, page_context, section_of
from reports.models import PolicyPreview
from reports.preview import preview_ask
from reports.selectors_preview import preview_newest, progress_of
from reports.selectors_rollout import rollout_newest


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def policy_preview(request: DeskRequest) -> HttpResponse:
    """GET shows the newest; POST asks for one of the draft as it stands."""
    manager_or_404(request.user)
    if request.method == "POST":
        try:
            preview_ask(actor=request.user, now=database_now())
        except PolicyInvalid:
            messages.error(
                request,
                _("The draft can't be previewed yet: mend first what the check on the overview says."),
            )
        return HttpResponseRedirect(reverse("policy_preview"))
    section = section_of(request.user)
    shown = preview_newest(request.user, database_now())
    context: dict[str, Any] = {
        **page_context(section, "preview"),
        "preview": shown,
        "percent": progress_of(shown.row) if shown is not None else 0,
        "rollout": rollout_newest(),
    }
    return render(request, "reports/preview.html", context)


@require_safe
@desk_page
def policy_preview_progress(request: DeskRequest) -> HttpResponse:
    """How far the newest has come: {"percent", "looked", "done"}."""
    manager_or_404(request.user)
    row = PolicyPreview.objects.only("state", "looked", "total").order_by("-pk").first()
    if row is None:
        return JsonResponse({"percent": 0, "looked": 0, "done": True})
    return JsonResponse(
        {
            "percent": progress_of(row),
            "looked": row.looked,
            "done": row.state not in ("asked", "working"),
        }
    )
