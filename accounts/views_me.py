"""One's own page, and following an invitation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from allauth.account.signals import password_changed
from allauth.account.utils import perform_login
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import throttle
from accounts.adapter import language_remember
from accounts.choices import languages
from accounts.clock import database_now
from accounts.devices import device
from accounts.errors import NotFound, Refused
from accounts.models import Density, Theme, User
from accounts.pages import DeskRequest, desk_page
from accounts.services import me as services
from accounts.services.invitations import Newcomer, invitation_accept, invitation_of, password_link_use
from accounts.services.organisation import organisation_name
from accounts.zones import zones


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def me(request: DeskRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request)
    wanted = services.Preferences(
        display_name=request.POST.get("display_name", ""),
        email=request.POST.get("email", ""),
        language=request.POST.get("language", ""),
        zone=request.POST.get("zone", ""),
        theme=request.POST.get("theme", ""),
        density=request.POST.get("density", ""),
        single_keys=request.POST.get("single_keys", "on") == "on",
    )
    try:
        user = services.me_set(actor=request.user, wanted=wanted, now=database_now())
    except Refused as refusal:
        return _page(request, typed=request.POST, refusal=refusal, status=422)
    messages.success(request, _("Saved."))
    response = HttpResponseRedirect(reverse("me"))
    language_remember(response, user)
    return response


@require_POST
@sensitive_post_parameters()
@desk_page
def me_password(request: DeskRequest) -> HttpResponse:
    """Wrong ones count as at the door: whoever finds an open desk must not be able to try for ever."""
    now = database_now()
    try:
        _one_more_try(request.user, now)
        user = services.password_change(
            actor=request.user,
            current=request.POST.get("current", ""),
            password=request.POST.get("password", ""),
            again=request.POST.get("again", ""),
            now=now,
        )
    except Refused as refusal:
        if refusal.code != "current":
            throttle.try_succeeded(request.user.username)
        return _page(request, refusal=refusal, status=422)
    throttle.try_succeeded(user.username)
    update_session_auth_hash(request, user)
    password_changed.send(sender=User, request=request, user=user)
    messages.success(request, _("Your password is changed. Everywhere else you are signed out."))
    return HttpResponseRedirect(reverse("me"))


def _one_more_try(user: User, now: datetime) -> None:
    if not throttle.try_begin(user.username, now=now).allowed:
        raise Refused("current", _("That was wrong too often. Try again in a quarter of an hour."))


@require_POST
@desk_page
def me_session(request: DeskRequest) -> HttpResponse:
    """Sign out there: which=<one>, or others."""
    ended = services.session_end(
        actor=request.user,
        name=request.POST.get("which", ""),
        current=request.session.session_key,
        now=database_now(),
    )
    if ended:
        messages.success(
            request,
            ngettext("You are signed out there.", "You are signed out in %(n)d places.", ended)
            % {"n": ended},
        )
    else:
        messages.warning(request, _("There was nothing to sign out: it had ended already."))
    return HttpResponseRedirect(reverse("me"))


def _page(
    request: DeskRequest,
    *,
    typed: Mapping[str, Any] | None = None,
    refusal: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    user, now = request.user, database_now()
    standing = {
        "display_name": user.display_name,
        "email": user.email,
        "language": user.language,
        "zone": user.zone,
        "theme": user.theme,
        "density": user.density,
        "single_keys": "on" if user.single_keys else "off",
    }
    sessions = services.sessions_of(user, current=request.session.session_key, now=now)
    context = {
        "typed": standing if typed is None else typed,
        "languages": languages(),
        "zones": zones(),
        "themes": Theme.choices,
        "densities": Density.choices,
        "sessions": [(each, device(each.browser)) for each in sessions],
        "others": sum(not each.here for each in sessions),
        "refusal": refusal,
        "now": now,
        "here": "me",
    }
    return render(request, "accounts/me.html", context, status=status)


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """A link that is used, past or taken back is not there. Whoever follows it is signed in at once."""
    now = database_now()
    found = invitation_of(token, now=now)
    if found is None:
        raise Http404
    if isinstance(request.user, User):
        return render(
            request, "accounts/invitation_other.html", {"organisation": organisation_name()}, status=409
        )
    if found.for_user is not None:
        return _password_by_link(request, token, found.for_user, now)
    inviter = found.invited_by
    standing: dict[str, Any] = {
        "display_name": "" if found.email else found.name,
        "email": found.email,
        "language": found.language,
        "zone": inviter.zone if inviter is not None else "Europe/Amsterdam",
    }
    if request.method != "POST":
        return _invitation_page(request, standing, now=now)
    try:
        user = invitation_accept(token=token, newcomer=newcomer_of(request), now=now)
    except Refused as refusal:
        return _invitation_page(request, request.POST, refusal=refusal, status=422, now=now)
    except NotFound:
        raise Http404 from None
    response: HttpResponse = perform_login(request, user)
    return response


def _password_by_link(request: HttpRequest, token: str, person: User, now: datetime) -> HttpResponse:
    refusal = None
    if request.method == "POST":
        try:
            user = password_link_use(
                token=token,
                password=request.POST.get("password", ""),
                again=request.POST.get("again", ""),
                now=now,
            )
        except Refused as error:
            refusal = error
        except NotFound:
            raise Http404 from None
        else:
            response: HttpResponse = perform_login(request, user)
            return response
    context = {"person": person, "refusal": refusal, "organisation": organisation_name()}
    return render(request, "accounts/password_link.html", context, status=200 if refusal is None else 422)


def newcomer_of(request: HttpRequest) -> Newcomer:
    """What somebody new wrote, here or in the first run."""
    return Newcomer(
        display_name=request.POST.get("display_name", ""),
        username=request.POST.get("username", ""),
        email=request.POST.get("email", ""),
        password=request.POST.get("password", ""),
        again=request.POST.get("again", ""),
        language=request.POST.get("language", ""),
        zone=request.POST.get("zone", ""),
    )


def _invitation_page(
    request: HttpRequest,
    typed: Mapping[str, Any],
    *,
    now: datetime,
    refusal: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "typed": typed,
        "languages": languages(),
        "zones": zones(),
        "refusal": refusal,
        "organisation": organisation_name(),
        "now": now,
    }
    return render(request, "accounts/invitation.html", context, status=status)
