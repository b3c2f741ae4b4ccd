"""The way from *Connect an account* to accounts that may be connected: on the network's own pages, or by keys.

A state belongs to one session, works once and for ten minutes; what must stay secret (PKCE's verifier, typed keys, the
tokens that came back) is encrypted in the attempt's row, and the row is deleted when it is used up or an hour old.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User
from channels_social.adapter import THROUGH, Candidate, Channel, ConnectFailed
from channels_social.connect_words import failed_words
from channels_social.models import ChannelApp, ChannelConnection, ConnectAttempt
from channels_social.registrations import app_net, app_view, callback_address
from channels_social.registry import channel
from tickets.models import ChannelAccount
from tickets.selectors_accounts import accounts_run
from tickets.services.account_lock import runs_the_desk
from tickets.services.errors import NotFound, Refused
from tickets.tokens import named, token

#: How long the way over the network's pages may take, and how long what came back may wait to be chosen from.
BACK_WITHIN = timedelta(minutes=10)
CHOSEN_WITHIN = timedelta(hours=1)
_QUERY_MOST = 4_000


def attempt_begin(
    *, actor: User, app: ChannelApp, session_key: str, account_id: int | None = None, now: datetime
) -> ConnectAttempt:
    """Begin on the network's own pages; the row's `address` is where to go. account_id: the account that is connected
    again. Raises NotFound, Refused."""
    runs_the_desk(actor)
    _account_run(actor, app, account_id)
    adapter, state, callback = channel(app.channel), secrets.token_urlsafe(32), callback_address(app.channel)
    try:
        there = adapter.connect_begin(app_view(app), app_net(app), callback, state)
    except ConnectFailed as failed:
        raise _refused(adapter, failed) from failed
    attempts_purge(now=now)
    return ConnectAttempt.objects.create(
        user=actor,
        app=app,
        account_id=account_id,
        state_hash=_hash(state),
        session_hash=_hash(session_key),
        callback=callback,
        address=there.address,
        remembered=dict(there.remembered),
        found={},
        created_at=now,
        expires_at=now + BACK_WITHIN,
    )


def attempt_returned(
    *, actor: User, slug: str, session_key: str, query: Mapping[str, str], now: datetime
) -> ConnectAttempt:
    """They are back from the network's pages.

    1. The state is one that this session began, on this network, unused and in time; from here on it is used.
    2. The adapter asks the network what they allowed, outside any transaction.
    3. The accounts that may be connected are kept with it, the verifier is forgotten.
    Raises NotFound, Refused: code "state" where the state is not right, else the adapter's; the attempt is over then.
    """
    runs_the_desk(actor)
    state = query.get("state", "")[:400]
    mine = ConnectAttempt.objects.filter(state_hash=_hash(state), app__channel=slug) if state else None
    taken = 0
    if mine is not None:
        taken = mine.filter(
            user=actor, session_hash=_hash(session_key), used_at__isnull=True, expires_at__gt=now
        ).update(used_at=now, expires_at=now + CHOSEN_WITHIN)
    if mine is None or not taken:
        raise Refused("state", _state_words(mine.first() if mine is not None else None, actor, session_key))
    attempt = mine.select_related("app", "account").get()
    asked = {name: value[:_QUERY_MOST] for name, value in query.items() if name != "state"}
    adapter, app = channel(slug), attempt.app
    try:
        found = adapter.connect_finish(
            app_view(app), app_net(app), attempt.callback, asked, attempt.remembered
        )
        _found_keep(attempt, adapter, found)
    except ConnectFailed as failed:
        attempt.delete()
        raise _refused(adapter, failed) from failed
    except Refused:
        attempt.delete()
        raise
    return attempt


def attempt_fields(
    *,
    actor: User,
    app: ChannelApp,
    session_key: str,
    given: Mapping[str, str],
    earlier: str = "",
    account_id: int | None = None,
    now: datetime,
) -> ConnectAttempt:
    """Connect by keys: the network is asked whose they are. `earlier` names an attempt whose keys were refused: one
    that is left empty now is taken from there, so that nobody types the others again.

    Raises NotFound; FieldsRefused, with the attempt that keeps what was typed.
    """
    runs_the_desk(actor)
    _account_run(actor, app, account_id)
    adapter = channel(app.channel)
    attempt = attempt_named(actor, earlier, session_key=session_key, now=now) if earlier else None
    if attempt is None or attempt.app_id != app.pk or attempt.account_id != account_id:
        attempt = ConnectAttempt(
            user=actor, app=app, account_id=account_id, remembered={}, found={}, created_at=now
        )
    kept = dict(attempt.remembered)
    values = {
        field.name: given.get(field.name, "").replace("\0", "").strip()[:_QUERY_MOST]
        or kept.get(field.name, "")
        for field in adapter.account_fields
    }
    attempt.session_hash, attempt.expires_at = _hash(session_key), now + CHOSEN_WITHIN
    attempt.remembered, attempt.found = values, {}
    attempt.save()
    try:
        _filled_in(adapter, values)
        _of_the_choices(adapter, values, attempt.account)
        _through_known(adapter, values)
        again = {"again": attempt.account.external_id} if attempt.account is not None else {}
        _found_keep(
            attempt, adapter, adapter.connect_fields(app_view(app), app_net(app), {**values, **again})
        )
    except ConnectFailed as failed:
        raise FieldsRefused(_refused(adapter, failed), attempt) from failed
    except Refused as refusal:
        raise FieldsRefused(refusal, attempt) from refusal
    return attempt


def _filled_in(adapter: type[Channel], values: Mapping[str, str]) -> None:
    for field in adapter.account_fields:
        if field.required and not values[field.name]:
            raise Refused(field.name, _("Fill in: %(field)s.") % {"field": field.label})


def _of_the_choices(
    adapter: type[Channel], values: Mapping[str, str], account: ChannelAccount | None
) -> None:
    """What is chosen is one of the choices, or what the account has already."""
    bridge = ChannelConnection.objects.filter(account=account).first() if account is not None else None
    stands: Mapping[str, str] = bridge.settings if bridge is not None else {}
    for field in adapter.account_fields:
        value = values[field.name]
        if field.choices and value and value not in (*field.values, stands.get(field.name, "")):
            raise Refused(field.name, _("Choose from the list: %(field)s.") % {"field": field.label})


def _through_known(adapter: type[Channel], values: Mapping[str, str]) -> None:
    """The account that it is to send through is one of ours, and connected."""
    named = values.get(THROUGH, "").lower() if adapter.sends_through else ""
    if not named:
        return
    ours = ChannelAccount.objects.filter(channel__in=adapter.sends_through, external_id=named)
    if not ours.filter(connection__disconnected_at__isnull=True, connection__isnull=False).exists():
        raise Refused(
            THROUGH,
            _("No account “%(named)s” is connected here. Connect it first, or leave this empty.")
            % {"named": named[:120]},
        )


class FieldsRefused(Refused):
    """Keys that did not lead to an account; `attempt` keeps what was typed."""

    def __init__(self, refusal: Refused, attempt: ConnectAttempt) -> None:
        super().__init__(refusal.code, refusal.words)
        self.attempt = attempt


def attempt_name(attempt: ConnectAttempt) -> str:
    return token("connectattempt", attempt.pk)


def attempt_named(user: User, name: str, *, session_key: str, now: datetime) -> ConnectAttempt | None:
    """This user's own attempt of this session that this name names, while it lasts."""
    runs_the_desk(user)
    mine = ConnectAttempt.objects.filter(
        user=user, session_hash=_hash(session_key), expires_at__gt=now
    ).select_related("app", "account")
    pk = named("connectattempt", mine.values_list("pk", flat=True), name)
    return mine.get(pk=pk) if pk is not None else None


def candidates(attempt: ConnectAttempt) -> Sequence[Candidate]:
    """What may be connected; empty while they are on their way."""
    listed: Sequence[Mapping[str, Any]] = attempt.found.get("accounts", [])
    return [Candidate(**{**each, "missing": tuple(each["missing"])}) for each in listed]


def attempts_purge(*, now: datetime) -> int:
    """Those that nobody can finish any more, with the keys in them."""
    return ConnectAttempt.objects.filter(expires_at__lte=now - BACK_WITHIN).delete()[0]


def _found_keep(attempt: ConnectAttempt, adapter: type[Channel], found: Sequence[Candidate]) -> None:
    account = attempt.account
    if account is not None:
        same = [each for each in found if each.external_id == account.external_id]
        if not same:
            handles = ", ".join(each.handle or each.name for each in found)
            words = _(
                "You allowed %(found)s, and this connects %(account)s again. "
                "Sign in at %(network)s as %(account)s first."
            )
            raise Refused(
                "other_account", words % {"found": handles, "account": account, "network": adapter.label}
            )
        found = same
    if not found:
        raise ConnectFailed("nothing_found")
    with transaction.atomic():
        attempt.found = {"accounts": [asdict(each) for each in found]}
        if attempt.state_hash:
            attempt.remembered = {}
        attempt.save(update_fields=["found", "remembered"])


def _account_run(actor: User, app: ChannelApp, account_id: int | None) -> None:
    if account_id is None:
        return
    if not accounts_run(actor).filter(pk=account_id, channel=app.channel).exists():
        raise NotFound


def _refused(adapter: type[Channel], failed: ConnectFailed) -> Refused:
    language = (get_language() or "en").split("-")[0]
    return Refused(failed.code, failed_words(adapter, failed, language))


def _state_words(attempt: ConnectAttempt | None, actor: User, session_key: str) -> str:
    if attempt is not None and (attempt.user_id != actor.pk or attempt.session_hash != _hash(session_key)):
        return _(
            "Somebody began this in another session. Nothing was connected. Begin here, and finish in the same window."
        )
    if attempt is not None and attempt.used_at is not None:
        return _("This way was gone already; it works once. If the account is missing, begin again.")
    return _("This took longer than ten minutes, or was not begun here. Nothing was connected. Begin again.")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
