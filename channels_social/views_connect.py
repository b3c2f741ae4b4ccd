"""*Connect an account*: choose the network, see what is needed, go there and come back, choose what is connected.

Only managers. What comes back from a network's page is a GET by nature: its state, which this session alone knows and
which works once, stands where a form has its token.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields as fields_of
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import may_set_policy
from accounts.choices import languages
from accounts.pages import DeskRequest, desk_page
from accounts.services.organisation import organisation_sign_off
from accounts.zones import zones
from channels_social import account_words, attempts, connect_setup, connect_words, registrations
from channels_social.adapter import Candidate, Channel, FormField
from channels_social.checking import account_check
from channels_social.connect_setup import Setup, accounts_connect, was_cut
from channels_social.models import ChannelApp, ChannelConnection, ConnectAttempt
from channels_social.registry import UnknownChannel, channel, channels
from channels_social.subscriptions import account_hook_keep
from tickets.clock import database_now
from tickets.models import Acknowledge, ChannelAccount, ChannelMode, Notices
from tickets.selectors_accounts import account_named, accounts_run
from tickets.services.errors import Refused
from tickets.tokens import token


@require_safe
@desk_page
def connect(request: DeskRequest) -> HttpResponse:
    """Which network?"""
    _manager(request)
    registered = set(ChannelApp.objects.values_list("channel", flat=True))
    found = [
        (slug, kind.label, bool(kind.sign_in_fields), registrations.keys_alone(kind), slug in registered)
        for slug, kind in channels().items()
    ]
    context = {
        "networks": sorted(found, key=lambda one: one[1]),
        "here": "accounts",
    }
    return render(request, "channels_social/connect.html", context)


@require_safe
@desk_page
def connect_network(request: DeskRequest, slug: str) -> HttpResponse:
    """What is needed for this network: our registration there, then its own pages or keys."""
    return network_page(request, slug)


def network_page(
    request: DeskRequest,
    slug: str,
    *,
    typed: Mapping[str, str] | None = None,
    refusal: Refused | None = None,
    form: str = "",
    earlier: ConnectAttempt | None = None,
    status: int = 200,
) -> HttpResponse:
    """typed: what a refused form held but for its secrets, which `earlier` keeps. form: which one, registration or
    keys."""
    adapter, again = _network(request, slug)
    app = registrations.registration_of(slug)
    stored = app.settings if app is not None else {}
    secrets = app.secrets if app is not None else {}
    kept = earlier.remembered if earlier is not None else {}
    filled: Mapping[str, str] = typed or {}
    if typed is None and again is not None:
        bridge = ChannelConnection.objects.filter(account=again).first()
        filled = bridge.settings if bridge is not None else {}
    shown = typed if typed is not None and form == "registration" else stored
    context: dict[str, Any] = {
        "slug": slug,
        "label": adapter.label,
        "app": app,
        "complete": _complete(adapter, app),
        "registers": bool(adapter.app_fields),
        "keys_alone": registrations.keys_alone(adapter),
        "goes_to": _("the provider") if registrations.keys_alone(adapter) else adapter.label,
        "by_pages": bool(adapter.sign_in_fields),
        "app_fields": [
            (each, "" if each.secret else shown.get(each.name, ""), bool(secrets.get(each.name)))
            for each in adapter.app_fields
        ],
        "account_fields": [
            (
                each,
                "" if each.secret else filled.get(each.name, ""),
                each.secret and bool(kept.get(each.name)),
            )
            for each in adapter.account_fields
            if not each.later
        ],
        "by_hand": adapter.by_hand(registrations.hook_address(app)) if app is not None else (),
        "earlier": attempts.attempt_name(earlier) if earlier is not None else "",
        "hook": registrations.hook_address(app) if app is not None and adapter.capabilities.webhooks else "",
        "callback": registrations.callback_address(slug) if adapter.sign_in_fields else "",
        "again": again,
        "again_name": token("channelaccount", again.pk) if again is not None else "",
        "refusal": refusal,
        "form": form,
        "here": "accounts",
    }
    return render(request, "channels_social/connect_network.html", context, status=status)


@require_POST
@desk_page
def registration(request: DeskRequest, slug: str) -> HttpResponse:
    adapter, again = _network(request, slug)
    given = {each.name: request.POST.get(each.name, "") for each in adapter.app_fields}
    try:
        registrations.registration_save(actor=request.user, slug=slug, given=given, now=database_now())
    except Refused as refusal:
        shown = {each.name: given[each.name] for each in adapter.app_fields if not each.secret}
        return network_page(request, slug, typed=shown, refusal=refusal, form="registration", status=422)
    messages.success(request, _("The registration at %(network)s is stored.") % {"network": adapter.label})
    return HttpResponseRedirect(_to_network(slug, again))


@require_POST
@desk_page
def begin(request: DeskRequest, slug: str) -> HttpResponse:
    """The way over the network's own pages; it leads there by a link, since no form of ours may leave this site."""
    adapter, again = _network(request, slug)
    app = registrations.registration_of(slug)
    if app is None or not adapter.sign_in_fields:
        raise Http404
    try:
        attempt = attempts.attempt_begin(
            actor=request.user,
            app=app,
            session_key=_session(request),
            account_id=again.pk if again is not None else None,
            now=database_now(),
        )
    except Refused as refusal:
        messages.error(request, refusal.words)
        return HttpResponseRedirect(_to_network(slug, again))
    return HttpResponseRedirect(_to_attempt(slug, attempt))


@require_POST
@desk_page
def keys(request: DeskRequest, slug: str) -> HttpResponse:
    adapter, again = _network(request, slug)
    app = registrations.registration_of(slug)
    if app is None and registrations.keys_alone(
        adapter
    ):  # nothing must be registered: what stands for it is empty
        app = registrations.registration_save(actor=request.user, slug=slug, given={}, now=database_now())
    if app is None or not adapter.account_fields:
        raise Http404
    given = {each.name: request.POST.get(each.name, "") for each in adapter.account_fields if not each.later}
    try:
        attempt = attempts.attempt_fields(
            actor=request.user,
            app=app,
            session_key=_session(request),
            given=given,
            earlier=request.POST.get("earlier", ""),
            account_id=again.pk if again is not None else None,
            now=database_now(),
        )
    except attempts.FieldsRefused as refusal:
        return network_page(
            request, slug, typed=given, refusal=refusal, form="keys", earlier=refusal.attempt, status=422
        )
    return HttpResponseRedirect(_to_attempt(slug, attempt))


@require_safe
@desk_page
def back(request: DeskRequest, slug: str) -> HttpResponse:
    """Back from the network's pages; the code in the address is used up before anything is shown."""
    _network(request, slug)
    query = {name: str(request.GET[name]) for name in request.GET}
    try:
        attempt = attempts.attempt_returned(
            actor=request.user, slug=slug, session_key=_session(request), query=query, now=database_now()
        )
    except Refused as refusal:
        messages.error(request, refusal.words)
        return HttpResponseRedirect(_to_network(slug, None))
    return HttpResponseRedirect(_to_attempt(slug, attempt))


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def choose(request: DeskRequest, slug: str, name: str) -> HttpResponse:
    """Before they went: where to go. After they came back: which account is connected, and how."""
    _network(request, slug)
    now = database_now()
    attempt = attempts.attempt_named(request.user, name, session_key=_session(request), now=now)
    if attempt is None or attempt.app.channel != slug:
        raise Http404
    found = attempts.candidates(attempt)
    if request.method != "POST" or not found:
        return _chosen_page(
            request, attempt, found, typed=_first(request), chosen=[each.external_id for each in found]
        )
    typed = Setup(**{each.name: request.POST.get(each.name, "") for each in fields_of(Setup)})
    chosen = request.POST.getlist("account")
    try:
        later = {each.name: request.POST[each.name] for each in _later(attempt) if each.name in request.POST}
        made = accounts_connect(
            actor=request.user, attempt=attempt, chosen=chosen, setup=typed, later=later, now=now
        )
    except Refused as refusal:
        return _chosen_page(request, attempt, found, typed=typed, chosen=chosen, refusal=refusal, status=422)
    for account in made:
        _connected(request, account)
    if len(made) == 1:
        return HttpResponseRedirect(reverse("account", args=[token("channelaccount", made[0].pk)]))
    return HttpResponseRedirect(reverse("accounts"))


def _later(attempt: ConnectAttempt) -> list[FormField]:
    return [each for each in channel(attempt.app.channel).account_fields if each.later]


def _connected(request: DeskRequest, account: ChannelAccount) -> None:
    """Its subscriptions, and a first look: after the commit, since the network calls our webhook while we wait."""
    account_hook_keep(account.pk)
    try:
        account_check(actor=request.user, account_id=account.pk, now=database_now())
    except Refused as refusal:
        words = _("%(account)s is stored, but a first look at it failed: %(words)s")
        messages.warning(request, words % {"account": account, "words": refusal.words})
        return
    words = _("%(account)s is connected, and a first look at it worked.")
    messages.success(request, words % {"account": account})


def _chosen_page(
    request: DeskRequest,
    attempt: ConnectAttempt,
    found: Sequence[Candidate],
    *,
    typed: Setup,
    chosen: list[str],
    refusal: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    adapter = channel(attempt.app.channel)
    language = (get_language() or "en").split("-")[0]
    here = {
        each.external_id: each
        for each in accounts_run(request.user).filter(
            channel=attempt.app.channel, external_id__in=[one.external_id for one in found]
        )
    }
    new = [each for each in found if each.external_id not in here]
    cut = [each for each in here.values() if was_cut(each)]
    limited = adapter.capabilities.automated_per_interaction is not None
    context: dict[str, Any] = {
        "slug": attempt.app.channel,
        "label": adapter.label,
        "attempt": attempt,
        "name": attempts.attempt_name(attempt),
        "again": attempt.account,
        "again_name": token("channelaccount", attempt.account.pk) if attempt.account is not None else "",
        "found": [
            (
                each,
                here.get(each.external_id),
                [(one, connect_words.permission_words(adapter, one, language)) for one in each.missing],
            )
            for each in found
        ],
        "later": [
            (each, there, request.POST.get(each.name, stands))
            for each, there, stands in connect_setup.asked_later(attempt, found)
        ],
        "lacking": any(each.missing for each in found) and bool(attempt.state_hash),
        "asks": bool(new),
        "asks_mode": bool(new or cut),
        "asks_meanwhile": bool(cut),
        "chosen": chosen,
        "typed": typed,
        "teams": connect_setup.teams_offered(request.user),
        "languages": languages(),
        "zones": zones(),
        "modes": [(mode.value, mode.label, account_words.MODES[mode.value]) for mode in ChannelMode],
        "acknowledge": Acknowledge.choices,
        "notices": [Notices.AUTOMATIC, Notices.RELEASED],
        "rule": adapter.notices_rule_words(language) if limited else "",
        "refusal": refusal,
        "here": "accounts",
    }
    template = "channels_social/connect_choose.html" if found else "channels_social/connect_go.html"
    return render(request, template, context, status=status)


def _first(request: DeskRequest) -> Setup:
    """What stands in the form before anybody chose; how notices go is not chosen for anybody."""
    teams = connect_setup.teams_offered(request.user)
    own = set(request.user.memberships.values_list("team__key", flat=True))
    team = next((each.key for each in teams if each.key in own), teams[0].key if teams else "")
    return Setup(
        team=team,
        language=request.user.language,
        zone=request.user.zone,
        sign_off=organisation_sign_off(),
        mode=ChannelMode.CUSTOMER_SERVICE.value,
    )


def _manager(request: DeskRequest) -> None:
    if not may_set_policy(request.user):
        raise Http404


def _network(request: DeskRequest, slug: str) -> tuple[type[Channel], ChannelAccount | None]:
    """The network, and the account that is connected again, if the request names one. Raises Http404."""
    _manager(request)
    try:
        adapter = channel(slug)
    except UnknownChannel:
        raise Http404 from None
    wanted = request.POST.get("again", "") or request.GET.get("again", "")
    again = account_named(request.user, wanted) if wanted else None
    if wanted and (again is None or again.channel != slug):
        raise Http404
    return adapter, again


def _complete(adapter: type[Channel], app: ChannelApp | None) -> bool:
    if app is None:
        return not any(each.required for each in adapter.app_fields) and not adapter.sign_in_fields
    view = registrations.app_view(app)
    needed = [*adapter.sign_in_fields, *(each.name for each in adapter.app_fields if each.required)]
    return all(view.newest(name) for name in needed)


def _session(request: DeskRequest) -> str:
    if not request.session.session_key:
        request.session.save()
    return request.session.session_key or ""


def _to_network(slug: str, again: ChannelAccount | None) -> str:
    address = reverse("account_connect_network", args=[slug])
    return f"{address}?again={token('channelaccount', again.pk)}" if again is not None else address


def _to_attempt(slug: str, attempt: ConnectAttempt) -> str:
    return reverse("account_connect_choose", args=[slug, attempts.attempt_name(attempt)])
