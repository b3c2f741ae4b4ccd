"""Channel accounts, for managers: how each does, and what is set of it. Whoever runs none finds no such page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, get_language_info
from django.views.decorators.http import require_safe

from accounts.access import may_set_policy
from accounts.pages import DeskRequest, desk_page
from channels_social import account_words, selectors_accounts
from channels_social.adapter import HandedOut
from channels_social.connections import adapter_for, bridge_of
from channels_social.disconnecting import begins_to_read
from channels_social.registrations import keys_alone
from channels_social.registry import UnknownChannel, channel, channels
from channels_social.selectors_accounts import Level, Standing
from tickets.clock import database_now
from tickets.display.texts import tongue_words
from tickets.models import Acknowledge, ChannelAccount, ChannelMode, Notices
from tickets.selectors import teams_visible
from tickets.selectors_accounts import desk_is_stopped, promises_from
from tickets.texts.shapes import FORMS, tongue


@require_safe
@desk_page
def accounts(request: DeskRequest) -> HttpResponse:
    if not may_set_policy(request.user):
        raise Http404
    now = database_now()
    found = selectors_accounts.accounts_standing(request.user, now=now)
    return render(
        request,
        "channels_social/accounts.html",
        {
            "accounts": [
                (one, account_words.told(one, now=now), account_words.facts(one, now=now)) for one in found
            ],
            "desk_stopped": desk_is_stopped(),
            "needing": sum(one.level == Level.ILL for one in found),
            "now": now,
            "here": "accounts",
        },
    )


def _handed(account: ChannelAccount) -> Sequence[HandedOut]:
    """What leads callers here, for the manager to put elsewhere."""
    bridge = bridge_of(account.pk)
    return adapter_for(bridge).hand_out() if bridge is not None and account.channel in channels() else ()


@require_safe
@desk_page
def account(request: DeskRequest, name: str) -> HttpResponse:
    return account_page(request, standing_or_404(request, name))


def standing_or_404(request: DeskRequest, name: str) -> Standing:
    found = selectors_accounts.account_standing(request.user, name, now=database_now())
    if found is None:
        raise Http404
    return found


def account_page(
    request: DeskRequest,
    one: Standing,
    *,
    typed: dict[str, str] | None = None,
    wrong: str = "",
    status: int = 200,
) -> HttpResponse:
    """`typed`: what a refused form held, shown again. wrong: which form it was."""
    now = database_now()
    account = one.account
    language = (get_language() or "en").split("-")[0]
    context: dict[str, Any] = {
        "one": one,
        "account": account,
        "told": account_words.told(one, now=now),
        "facts": account_words.facts(one, now=now),
        "modes": [(mode.value, mode.label, account_words.MODES[mode.value]) for mode in ChannelMode],
        "acknowledge": Acknowledge.choices,
        "notices": [Notices.AUTOMATIC, Notices.RELEASED],
        "languages": [(code, get_language_info(code)["name_local"]) for code, _ in settings.LANGUAGES],
        "forms": [
            (form, tongue_words(tongue(code, account.manner, form), account.manner))
            for code in FORMS
            for form in ("familiar", "formal")
        ],
        "usual_forms": [tongue_words(code, account.manner) for code in FORMS],
        "rule": _rule(account.channel, language),
        "handed": _handed(account),
        "changes_by_keys": (kind := channels().get(account.channel)) is not None and keys_alone(kind),
        "tries_out": bool(_try_out(account.channel, language)) and account.answers,
        "typed": typed
        or {
            "acknowledge": account.acknowledge,
            "sign_off": account.sign_off,
            "language": account.language,
            "form_of_address": account.form_of_address,
            "team": account.team.key,
            "how": account.notices,
            "note": account.notices_note,
        },
        "teams": teams_visible(request.user),
        "wrong": wrong,
        "now": now,
        "here": "accounts",
    }
    return render(request, "channels_social/account.html", context, status=status)


@require_safe
@desk_page
def account_mode_ask(request: DeskRequest, name: str) -> HttpResponse:
    """What a change of mode does, before it is done."""
    one = standing_or_404(request, name)
    wanted = request.GET.get("mode", "")
    if wanted not in ChannelMode.values:
        return account_page(request, one)
    return mode_page(request, one, ChannelMode(wanted))


def mode_page(
    request: DeskRequest, one: Standing, mode: ChannelMode, *, words: str = "", status: int = 200
) -> HttpResponse:
    ends = one.account.answers and mode != ChannelMode.CUSTOMER_SERVICE
    return render(
        request,
        "channels_social/account_mode.html",
        {
            "one": one,
            "account": one.account,
            "mode": mode,
            "does": account_words.MODES[mode.value],
            "ends": ends,
            "begins": not one.account.answers and mode == ChannelMode.CUSTOMER_SERVICE,
            "same": one.account.mode == mode,
            "promises": len(promises_from(one.account.pk)) if ends else 0,
            "since": selectors_accounts.read_until(one) if begins_to_read(one.account, mode) else None,
            "untold": selectors_accounts.untold_from(one.account.pk)
            if not one.account.answers and mode == ChannelMode.CUSTOMER_SERVICE
            else 0,
            "words": words,
            "now": database_now(),
            "here": "accounts",
        },
        status=status,
    )


def _try_out(slug: str, language: str) -> str:
    try:
        return channel(slug).try_out_words(language)
    except UnknownChannel:
        return ""


def _rule(slug: str, language: str) -> str:
    try:
        return channel(slug).notices_rule_words(language)
    except UnknownChannel:
        return ""
