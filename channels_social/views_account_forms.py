"""What a manager presses on an account, and the switch of the whole desk. A GET (a reload) leads nowhere new."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import may_set_policy
from accounts.pages import DeskRequest, desk_page
from channels_social.disconnecting import account_switch
from channels_social.health import connection_mended
from channels_social.selectors_accounts import Standing
from channels_social.views_accounts import account_mode_ask, account_page, mode_page, standing_or_404
from tickets.clock import database_now
from tickets.models import ChannelMode
from tickets.services.account_settings import account_settings_set
from tickets.services.errors import Changed, Refused
from tickets.services.notices_choice import account_notices_choose
from tickets.services.stops import automatic_resume, automatic_stop


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def account_mode(request: DeskRequest, name: str) -> HttpResponseBase:
    """GET says what the change does; POST, with the number that was said, does it."""
    if request.method != "POST":
        return account_mode_ask(request, name)
    one = standing_or_404(request, name)
    wanted, seen = request.POST.get("mode", ""), request.POST.get("promises", "0")
    try:
        account_switch(
            actor=request.user,
            account_id=one.account.pk,
            mode=wanted,
            seen_promises=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else 0,
            meanwhile=request.POST.get("meanwhile", ""),
            now=database_now(),
        )
    except Refused as refusal:
        if refusal.code == "meanwhile":
            return mode_page(request, one, ChannelMode(wanted), words=refusal.words, status=422)
        messages.error(request, refusal.words)
        return account_page(request, one, status=422)
    except Changed as change:
        return mode_page(request, one, ChannelMode(wanted), words=change.words, status=409)
    messages.success(
        request, _("%(account)s: %(mode)s.") % {"account": one.account, "mode": ChannelMode(wanted).label}
    )
    return _to(one)


@require_POST
@desk_page
def account_settings(request: DeskRequest, name: str) -> HttpResponse:
    def save(account_id: int, typed: dict[str, str]) -> object:
        return account_settings_set(
            actor=request.user,
            account_id=account_id,
            acknowledge=typed["acknowledge"],
            sign_off=typed["sign_off"],
            language=typed["language"],
            team_key=typed["team"],
            form_of_address=typed["form_of_address"],
            now=database_now(),
        )

    return _saved(request, name, "settings", save, said=_("Saved."))


@require_POST
@desk_page
def account_notices(request: DeskRequest, name: str) -> HttpResponse:
    def save(account_id: int, typed: dict[str, str]) -> object:
        return account_notices_choose(
            actor=request.user,
            account_id=account_id,
            how=typed["how"],
            note=typed["note"],
            now=database_now(),
        )

    said = _("Saved. What is held already stays held until somebody releases it.")
    return _saved(request, name, "notices", save, said=said)


def _saved(
    request: DeskRequest, name: str, form: str, save: Callable[[int, dict[str, str]], object], *, said: str
) -> HttpResponse:
    """Save one form of the account's page; refused, it is shown again with what was typed."""
    one = standing_or_404(request, name)
    typed = _typed(request, one)
    try:
        save(one.account.pk, typed)
    except Refused as refusal:
        messages.error(request, refusal.words)
        return account_page(request, one, typed=typed, wrong=form, status=422)
    messages.success(request, said)
    return _to(one)


@require_POST
@desk_page
def account_mended(request: DeskRequest, name: str) -> HttpResponse:
    one = standing_or_404(request, name)
    try:
        connection_mended(actor=request.user, account_id=one.account.pk, now=database_now())
    except Refused as refusal:
        messages.error(request, refusal.words)
    else:
        messages.success(
            request, _("It goes on from where it stood. If the network still refuses, it says so here.")
        )
    return _to(one)


@require_POST
@desk_page
def account_stop(request: DeskRequest, name: str) -> HttpResponse:
    one = standing_or_404(request, name)
    _switch(request, one.account.pk)
    return _to(one)


@require_POST
@desk_page
def automatic_switch(request: DeskRequest) -> HttpResponse:
    """Stop all automatic messages of the desk (what=stop, why), or let them go again (what=resume)."""
    if not may_set_policy(request.user):
        raise Http404
    _switch(request, None)
    return HttpResponseRedirect(reverse("accounts"))


def _switch(request: DeskRequest, account_id: int | None) -> None:
    what, now = request.POST.get("what", ""), database_now()
    if what == "stop":
        new = automatic_stop(
            actor=request.user, account_id=account_id, why=request.POST.get("why", ""), now=now
        )
        if not new:
            messages.warning(request, _("They were stopped already."))
    elif what == "resume":
        held = automatic_resume(actor=request.user, account_id=account_id, now=now)
        words = _(
            "Automatic messages go again. What was held meanwhile stays held until somebody releases it."
        )
        if held:
            words += " " + ngettext(
                "%(n)s more that was due is held now.", "%(n)s more that were due are held now.", held
            ) % {"n": held}
        messages.success(request, words)
    else:
        messages.error(request, _("Say stop or resume."))


def _typed(request: DeskRequest, one: Standing) -> dict[str, str]:
    """What the form held; what another form sets, as it stands."""
    account = one.account
    standing = {
        "acknowledge": account.acknowledge,
        "sign_off": account.sign_off,
        "language": account.language,
        "form_of_address": account.form_of_address,
        "team": account.team.key,
        "how": account.notices,
        "note": account.notices_note,
    }
    return {field: request.POST.get(field, value) for field, value in standing.items()}


def _to(one: Standing) -> HttpResponse:
    return HttpResponseRedirect(reverse("account", args=[one.name]))
