"""Teams, for administrators: making one, its name, private or not, its end."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import may_manage_people
from accounts.clock import database_now
from accounts.errors import Changed, Refused
from accounts.models import Team
from accounts.pages import DeskRequest, desk_page
from accounts.services.teams import team_make, team_rename
from tickets import selectors_staff
from tickets.selectors_notifications import wakes_somebody
from tickets.services.staff import team_close, team_private_set
from tickets.services.told import woken_set
from tickets.tokens import named, token


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def team_new(request: DeskRequest) -> HttpResponse:
    if not may_manage_people(request.user):
        raise Http404
    context: dict[str, Any] = {"now": database_now(), "here": "people"}
    if request.method != "POST":
        return render(request, "accounts/team_new.html", context)
    try:
        team = team_make(
            actor=request.user,
            name=request.POST.get("name", ""),
            is_private=request.POST.get("private") == "yes",
            now=database_now(),
        )
    except Refused as refusal:
        context |= {"refusal": refusal, "typed": request.POST}
        return render(request, "accounts/team_new.html", context, status=422)
    messages.success(
        request, _("%(team)s is there. Nobody is in it yet: choose its people below.") % {"team": team}
    )
    return HttpResponseRedirect(reverse("people"))


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def team(request: DeskRequest, key: str) -> HttpResponse:
    """The team; POST renames it."""
    found = _team(request, key)
    if request.method != "POST":
        return _page(request, found)
    try:
        team_rename(
            actor=request.user, team_id=found.pk, name=request.POST.get("name", ""), now=database_now()
        )
    except Refused as refusal:
        return _page(request, found, name=request.POST.get("name", ""), refusal=refusal, status=422)
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(reverse("team", args=[key]))


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def team_private(request: DeskRequest, key: str) -> HttpResponse:
    """GET says who loses sight of what, or gains it; POST, with the number that was said, does it."""
    found = _team(request, key)
    context: dict[str, Any] = {"team": found, "here": "people"}
    if request.method == "POST":
        seen = request.POST.get("seen", "")
        try:
            team_private_set(
                actor=request.user,
                team_id=found.pk,
                is_private=request.POST.get("private") == "yes",
                seen_outside=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else None,
                now=database_now(),
            )
        except Changed as change:
            context["words"] = change.words
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(reverse("team", args=[key]))
    context |= {"secluded": selectors_staff.secluded(found), "now": database_now()}
    return render(request, "accounts/team_private.html", context, status=409 if "words" in context else 200)


@require_POST
@desk_page
def team_woken(request: DeskRequest, key: str) -> HttpResponse:
    """who=<name of a member>, for each whom the team wakes."""
    found = _team(request, key)
    members = [each.user_id for each in selectors_staff.members_of(found)]
    chosen = [named("user", members, name) for name in request.POST.getlist("who")[: len(members)]]
    woken_set(
        actor=request.user,
        team_id=found.pk,
        user_ids=[pk for pk in chosen if pk is not None],
        now=database_now(),
    )
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(reverse("team", args=[key]))


@require_POST
@desk_page
def team_end(request: DeskRequest, key: str) -> HttpResponse:
    found = _team(request, key)
    try:
        team_close(actor=request.user, team_id=found.pk, now=database_now())
    except Refused as refusal:
        messages.error(request, refusal.words)
        return _page(request, found, status=422)
    messages.success(request, _("%(team)s is gone. Its closed tickets stay.") % {"team": found})
    return HttpResponseRedirect(reverse("people"))


def _team(request: DeskRequest, key: str) -> Team:
    found = selectors_staff.team_keyed(request.user, key)
    if found is None:
        raise Http404
    return found


def _page(
    request: DeskRequest,
    found: Team,
    *,
    name: str | None = None,
    refusal: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "team": found,
        "name": found.name if name is None else name,
        "members": [(each, token("user", each.user_id)) for each in selectors_staff.members_of(found)],
        "goes_out": settings.MAILS_GO_OUT,
        "wakes_somebody": wakes_somebody(found),
        "in_the_way": selectors_staff.in_the_way(found),
        "refusal": refusal,
        "now": database_now(),
        "here": "people",
    }
    return render(request, "accounts/team.html", context, status=status)
