"""The first run's pages: claiming the empty desk, then a page a step. Left at any time, gone on with later, and not
there any more once it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from allauth.account.utils import perform_login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.choices import languages
from accounts.clock import database_now
from accounts.errors import NotFound, Refused
from accounts.models import Organisation, User
from accounts.pages import DeskRequest, desk_page
from accounts.services.organisation import (
    desk_claim,
    first_run_at,
    first_run_claimable,
    first_run_close,
    first_run_open,
    organisation,
)
from accounts.views_me import newcomer_of
from accounts.zones import zones
from priority.in_short import in_short
from priority.opening import emergency_lines, opening_of
from priority.policy import parse
from priority.presets import PRESETS, known
from servicedesk.first_run import saving, steps
from servicedesk.first_run.forms import country_choices, days_of, days_typed
from servicedesk.first_run.heard import heard


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: HttpRequest, token: str) -> HttpResponse:
    """Whoever has the address that the terminal printed makes the desk theirs, once. Looking at it uses nothing up."""
    if isinstance(request.user, User):
        return HttpResponseRedirect(reverse("first_run"))
    if not first_run_claimable(token):
        raise Http404
    typed: Mapping[str, Any] = {"language": request.LANGUAGE_CODE, "zone": "Europe/Amsterdam"}
    refusal = None
    if request.method == "POST":
        try:
            user = desk_claim(token=token, newcomer=newcomer_of(request), now=database_now())
        except Refused as error:
            refusal, typed = error, request.POST
        except NotFound:
            raise Http404 from None
        else:
            response: HttpResponse = perform_login(request, user)
            return response
    context = {
        "typed": typed,
        "refusal": refusal,
        "languages": languages(),
        "zones": zones(),
        "steps": steps.shown(steps.ACCOUNT, steps.ACCOUNT),
    }
    return render(request, "first_run/account.html", context, status=200 if refusal is None else 422)


@require_safe
@desk_page
def first_run(request: DeskRequest) -> HttpResponse:
    """To the step that is open."""
    row = _open(request)
    return HttpResponseRedirect(reverse("first_run_step", args=[steps.reached(row.step)]))


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def first_run_step(request: DeskRequest, step: str) -> HttpResponse:
    """One step; POST saves it and goes to the next. One that is not reached yet leads to the one that is."""
    row = _open(request)
    furthest = steps.reached(row.step)
    if step not in steps.PAGES:
        raise Http404
    if steps.NAMES.index(step) > steps.NAMES.index(furthest):
        return HttpResponseRedirect(reverse("first_run_step", args=[furthest]))
    if request.method != "POST":
        return _page(request, row, step)
    if request.POST.get("what") == "show":
        return _page(request, row, step, typed=request.POST)
    save = _SAVES.get(step)
    try:
        if save is not None:
            save(actor=request.user, data=request.POST, now=database_now())
    except Refused as refusal:
        return _page(request, row, step, typed=request.POST, refusal=refusal)
    following = steps.after(step)
    if steps.NAMES.index(following) > steps.NAMES.index(furthest) or row.step == "":
        first_run_at(actor=request.user, step=max(following, furthest, key=steps.NAMES.index))
    return HttpResponseRedirect(reverse("first_run_step", args=[following]))


@require_POST
@desk_page
def first_run_done(request: DeskRequest) -> HttpResponse:
    _open(request)
    first_run_close(actor=request.user, now=database_now())
    return HttpResponseRedirect(reverse("queue"))


_SAVES: Mapping[str, Callable[..., None]] = {
    "organisation": saving.organisation_save,
    "team": saving.team_save,
    "hours": saving.hours_save,
    "policy": saving.policy_save,
}


def _open(request: DeskRequest) -> Organisation:
    """404 for everybody but those who may, and for them, too, once it is done."""
    row = organisation()
    if row is None or not first_run_open() or not (request.user.is_admin and request.user.is_manager):
        raise Http404
    return row


def _page(
    request: DeskRequest,
    row: Organisation,
    step: str,
    *,
    typed: Mapping[str, Any] | None = None,
    refusal: Refused | None = None,
) -> HttpResponse:
    now = database_now()
    context = {
        "steps": steps.shown(step, steps.reached(row.step)),
        "step": step,
        "back": steps.before(step),
        "refusal": refusal,
        "now": now,
        **_CONTEXTS[step](request.user, row, typed),
    }
    status = 200 if refusal is None else 422
    return render(request, f"first_run/{step}.html", context, status=status)


def _organisation(_user: User, row: Organisation, typed: Mapping[str, Any] | None) -> dict[str, Any]:
    policy = saving.policy_in_force(database_now())
    standing = emergency_lines(policy)
    named = dict(languages())
    lines = [
        (
            f"emergency-{language}",
            named.get(language, language),
            standing.get(language, "") if typed is None else typed.get(f"emergency-{language}", ""),
        )
        for language in policy.languages
    ]
    return {"typed": typed or {"name": row.name, "sign_off": row.sign_off}, "lines": lines}


def _team(_user: User, _row: Organisation, typed: Mapping[str, Any] | None) -> dict[str, Any]:
    team = saving.first_team()
    return {"typed": typed or {"name": team.name if team is not None else ""}}


def _hours(user: User, row: Organisation, typed: Mapping[str, Any] | None) -> dict[str, Any]:
    if typed is not None:
        return {
            "typed": typed,
            "days": days_typed(typed),
            "countries": country_choices(),
            "zones": zones(),
        }
    opening = opening_of(saving.policy_in_force(database_now()))
    fresh = steps.reached(row.step) == "hours"
    return {
        # On the first look their own zone is the likelier one.
        "typed": {"zone": user.zone if fresh else opening.zone, "country": opening.country},
        "days": days_of(opening),
        "countries": country_choices(),
        "zones": zones(),
    }


def _policy(_user: User, _row: Organisation, typed: Mapping[str, Any] | None) -> dict[str, Any]:
    now = database_now()
    policy = saving.policy_in_force(now)
    chosen = current = saving.preset_of(policy)
    if typed is not None and typed.get("preset", "") in known():
        chosen = str(typed["preset"])
    if chosen != current:
        policy = parse(saving.preset_document(chosen, now=now))
    return {
        "policy": in_short(policy),
        "chosen": chosen,
        "presets": [(each.key, _(each.name), _(each.sentence)) for each in PRESETS],
    }


def _channel(user: User, _row: Organisation, _typed: Mapping[str, Any] | None) -> dict[str, Any]:
    return {"heard": heard(user)}


_CONTEXTS: Mapping[str, Callable[[User, Organisation, Mapping[str, Any] | None], dict[str, Any]]] = {
    "organisation": _organisation,
    "team": _team,
    "hours": _hours,
    "policy": _policy,
    "channel": _channel,
    "test": _channel,
}
