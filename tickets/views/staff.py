"""People: who works here, their roles and teams; inviting, ending and giving back access. For administrators; a lead
reads who is in their team. Whoever is neither finds no such page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import people_words
from accounts.access import may_manage_people, may_see_people
from accounts.choices import languages
from accounts.clock import database_now
from accounts.errors import Refused
from accounts.models import Team, User
from accounts.pages import DeskRequest, desk_page
from accounts.services.invitations import (
    LASTS,
    Invited,
    invitation_withdraw,
    password_link_make,
    person_invite,
)
from accounts.services.people import Person as Wanted
from accounts.services.people import person_return
from accounts.zones import zones
from tickets import selectors_staff
from tickets.selectors_staff import Person
from tickets.services.staff import person_change, person_end


@require_safe
@desk_page
def people(request: DeskRequest) -> HttpResponse:
    if not may_see_people(request.user):
        raise Http404
    now = database_now()
    found = selectors_staff.people_shown(request.user)
    working = [each for each in found if each.user.is_active]
    return render(
        request,
        "accounts/people.html",
        {
            "working": _with_roles(working),
            "gone": _with_roles([each for each in found if not each.user.is_active]),
            "teams": selectors_staff.teams_run(request.user),
            "invitations": selectors_staff.invitations_shown(request.user, now=now),
            "may_manage": may_manage_people(request.user),
            "now": now,
            "here": "people",
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def invite(request: DeskRequest) -> HttpResponse:
    """The link is on the answer to the POST and nowhere else: only its hash is kept."""
    _administrators(request)
    if request.method != "POST":
        return _invite_page(request, {"language": request.user.language})
    try:
        invited = person_invite(
            actor=request.user,
            name=request.POST.get("name", ""),
            is_manager="manager" in request.POST,
            is_admin="admin" in request.POST,
            teams=_teams(request),
            language=request.POST.get("language", ""),
            now=database_now(),
        )
    except Refused as refusal:
        return _invite_page(request, request.POST, refusal=refusal, status=422)
    return _link_page(request, invited)


@require_POST
@desk_page
def invitation_take_back(request: DeskRequest, name: str) -> HttpResponse:
    _administrators(request)
    pk = selectors_staff.invitation_named(request.user, name)
    if pk is None:
        raise Http404
    invitation_withdraw(actor=request.user, invitation_id=pk, now=database_now())
    messages.success(request, _("Taken back. The link leads nowhere any more."))
    return HttpResponseRedirect(reverse("people"))


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def person(request: DeskRequest, name: str) -> HttpResponse:
    found = _person(request, name)
    if request.method != "POST":
        return _person_page(request, found)
    wanted = Wanted(
        display_name=request.POST.get("display_name", ""),
        email=request.POST.get("email", ""),
        language=request.POST.get("language", ""),
        zone=request.POST.get("zone", ""),
        is_manager="manager" in request.POST,
        is_admin="admin" in request.POST,
        teams=_teams(request),
    )
    try:
        user = person_change(actor=request.user, user_id=found.user.pk, person=wanted, now=database_now())
    except Refused as refusal:
        return _person_page(request, found, typed=request.POST, refusal=refusal, status=422)
    messages.success(request, _("Saved: %(name)s.") % {"name": user})
    return HttpResponseRedirect(reverse("people"))


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def person_leave(request: DeskRequest, name: str) -> HttpResponse:
    """GET says what it does; POST does it."""
    found = _person(request, name)
    context = {"person": found, "owned": selectors_staff.owned_by(found.user), "here": "people"}
    if request.method != "POST":
        return render(request, "accounts/person_end.html", {**context, "now": database_now()})
    try:
        user, let_go = person_end(actor=request.user, user_id=found.user.pk, now=database_now())
    except Refused as refusal:
        context["refusal"] = refusal
        return render(request, "accounts/person_end.html", {**context, "now": database_now()}, status=422)
    words = _("%(name)s can no longer sign in.") % {"name": user}
    if let_go:
        words += " " + ngettext(
            "%(n)d ticket has no owner now.", "%(n)d tickets have no owner now.", let_go
        ) % {"n": let_go}
    messages.success(request, words)
    return HttpResponseRedirect(reverse("people"))


@require_POST
@desk_page
def person_back(request: DeskRequest, name: str) -> HttpResponse:
    found = _person(request, name)
    user = person_return(actor=request.user, user_id=found.user.pk, now=database_now())
    messages.success(request, _("%(name)s can sign in again.") % {"name": user})
    return HttpResponseRedirect(reverse("person", args=[name]))


@require_POST
@desk_page
def person_password(request: DeskRequest, name: str) -> HttpResponse:
    """A link for somebody who forgot their password; shown once, as an invitation's is."""
    found = _person(request, name)
    return _link_page(
        request, password_link_make(actor=request.user, user_id=found.user.pk, now=database_now())
    )


def _link_page(request: DeskRequest, invited: Invited) -> HttpResponse:
    link = settings.PUBLIC_URL + reverse("invitation", args=[invited.token])
    return render(
        request,
        "accounts/invited.html",
        {"invitation": invited.invitation, "link": link, "now": database_now(), "here": "people"},
    )


def _administrators(request: DeskRequest) -> None:
    if not may_manage_people(request.user):
        raise Http404


def _person(request: DeskRequest, name: str) -> Person:
    found = selectors_staff.person_named(request.user, name)
    if found is None:
        raise Http404
    return found


def _with_roles(found: list[Person]) -> list[tuple[Person, str]]:
    return [
        (each, people_words.roles(each.user, leads=any(place.is_lead for place in each.places)))
        for each in found
    ]


def _teams(request: DeskRequest) -> dict[int, bool]:
    """What the form's selects say: "in" or "lead" of a team, by its key."""
    keys = {
        name.removeprefix("team-"): value for name, value in request.POST.items() if name.startswith("team-")
    }
    wanted = {key: value == "lead" for key, value in keys.items() if value in ("in", "lead")}
    rows = Team.objects.filter(key__in=wanted, closed_at__isnull=True).values_list("pk", "key")
    return {pk: wanted[key] for pk, key in rows}


def _choices(standing: Mapping[str, str]) -> list[tuple[Team, str]]:
    """Every team with "", "in" or "lead"."""
    return [
        (team, standing.get(f"team-{team.key}", ""))
        for team in Team.objects.filter(closed_at__isnull=True).order_by("name", "pk")
    ]


def _invite_page(
    request: DeskRequest, typed: Mapping[str, Any], *, refusal: Refused | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "typed": typed,
        "manager": "manager" in typed,
        "admin": "admin" in typed,
        "choices": _choices(typed),
        "languages": languages(),
        "refusal": refusal,
        "days": LASTS.days,
        "now": database_now(),
        "here": "people",
    }
    return render(request, "accounts/invite.html", context, status=status)


def _person_page(
    request: DeskRequest,
    found: Person,
    *,
    typed: Mapping[str, Any] | None = None,
    refusal: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    user: User = found.user
    standing: dict[str, Any] = {
        "display_name": user.display_name,
        "email": user.email,
        "language": user.language,
        "zone": user.zone,
        **{f"team-{place.team.key}": "lead" if place.is_lead else "in" for place in found.places},
    }
    shown = standing if typed is None else {**typed.dict()} if hasattr(typed, "dict") else dict(typed)
    history = [
        (event, words)
        for event in selectors_staff.history_of(user)
        if (words := people_words.event_words(event))
    ]
    context = {
        "person": found,
        "typed": shown,
        "manager": user.is_manager if typed is None else "manager" in typed,
        "admin": user.is_admin if typed is None else "admin" in typed,
        "choices": _choices(shown),
        "languages": languages(),
        "zones": zones(),
        "history": history,
        "refusal": refusal,
        "now": database_now(),
        "here": "people",
    }
    return render(request, "accounts/person.html", context, status=status)
