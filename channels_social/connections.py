"""How we are connected with an account: its adapter made ready, its pauses, its health in words.

What only a person can put right goes through `health.person_needed`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import connection as database
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from channels_social.adapter import THROUGH, AccountView, Channel
from channels_social.models import ChannelApp, ChannelConnection
from channels_social.net import Net
from channels_social.registry import channel
from tickets import bulk
from tickets.prepared import Prepared, ask

#: The whole time of one call of an adapter. Leases are at least three times as long.
CALL_DEADLINE = timedelta(seconds=getattr(settings, "CALL_DEADLINE_SECONDS", 20))
WORDS_KEPT = 300
#: A key that ends by then is news, and a person is asked to renew it.
KEY_ENDS_NEWS = timedelta(days=7)


def account_view(connection: ChannelConnection) -> AccountView:
    account = connection.account
    return AccountView(
        id=account.pk,
        external_id=account.external_id,
        handle=account.handle,
        name=account.name,
        language=account.language,
        settings=settings_of(connection),
    )


def settings_of(connection: ChannelConnection) -> dict[str, str]:
    """What holds for the account: its app's settings, and its own before them."""
    return {**connection.app.settings, **connection.settings}


def adapter_for(connection: ChannelConnection) -> Channel:
    """The account's adapter, ready to use. Raises LookupError where no adapter has the account's slug."""
    adapter = channel(connection.account.channel)(account_view(connection), net_for(connection))
    if adapter.sends_through:
        adapter.through_found = partial(_through, adapter)
    return adapter


def _through(adapter: Channel) -> Channel | None:
    named = adapter.account.settings.get(THROUGH, "").strip()
    if not named:
        return None
    found = bulk.read_with(
        ChannelConnection,
        ("account", "app"),
        "WHERE t.disconnected_at IS NULL AND t.account_id = (SELECT id FROM tickets_channelaccount "
        "WHERE channel = ANY(%s) AND external_id = %s ORDER BY id LIMIT 1)",
        [list(adapter.sends_through), named.lower()],
        types=("text[]", "text"),
    )
    return adapter_for(found[0]) if found else None


def net_for(connection: ChannelConnection) -> Net:
    pk = connection.pk
    return Net(
        deadline=CALL_DEADLINE,
        allow_private=connection.allow_private_addresses,
        read_credentials=lambda: _credentials(pk),
        rotate=lambda old, new: _rotate(pk, old, new),
        settings=settings_of(connection),
    )


def bridge_of(account_id: int) -> ChannelConnection | None:
    """The connection of an account with its account and app, if it has one. Read at the start of each turn."""
    found = bulk.read_with(
        ChannelConnection, ("account", "app"), "WHERE t.account_id = %s", [account_id], types=("bigint",)
    )
    return found[0] if found else None


def connection_of(account_id: int) -> ChannelConnection:
    """Raises ChannelConnection.DoesNotExist."""
    found = bridge_of(account_id)
    if found is None:
        raise ChannelConnection.DoesNotExist(f"The account {account_id} has no connection.")
    return found


def connection_pause(*, account_id: int, until: datetime, words: str, now: datetime) -> None:
    """Send nothing before `until`; a longer pause that stands already stays."""
    ChannelConnection.objects.filter(account_id=account_id).update(
        paused_until=Greatest(F("paused_until"), until),
        paused_words=words[:WORDS_KEPT],
        last_error_at=now,
        last_error_words=words[:WORDS_KEPT],
    )


def key_ends_at(connection: ChannelConnection) -> datetime | None:
    """When our key ends, where its network says so."""
    told = connection.credentials.get("token_ends_at", "")
    return datetime.fromisoformat(told) if told else None


def key_renews_itself(connection: ChannelConnection) -> bool:
    """Whether the adapter renews the key before its end."""
    return bool(connection.credentials.get("refresh_token"))


def key_cause(account_id: int) -> str:
    """How causes of tasks about an account's key begin."""
    return f"key:{account_id}:"


def _credentials(pk: int) -> dict[str, str]:
    """The app's settings and newest secrets, and the account's, as one mapping; the account's win."""
    found = ask(_SECRETS, [pk])
    if not found:
        raise ChannelConnection.DoesNotExist(pk)
    settings_, secrets, credentials = found[0]
    return _together(
        json.loads(settings_) if isinstance(settings_, str) else settings_,
        _APP_SECRETS.from_db_value(secrets, None, database) or {},
        _CREDENTIALS.from_db_value(credentials, None, database) or {},
    )


def _merged(found: ChannelConnection) -> dict[str, str]:
    return _together(found.app.settings, found.app.secrets, found.credentials)


def _together(
    settings_: Mapping[str, Any], secrets: Mapping[str, Any], credentials: Mapping[str, Any]
) -> dict[str, str]:
    newest = {name: values[0] for name, values in secrets.items() if values}
    return {**settings_, **newest, **credentials}


_APP_SECRETS: Any = ChannelApp._meta.get_field("secrets")
_CREDENTIALS: Any = ChannelConnection._meta.get_field("credentials")
_SECRETS = Prepared(
    """SELECT a.settings, a.secrets, c.credentials
         FROM channels_social_channelconnection c JOIN channels_social_channelapp a ON a.id = c.app_id
        WHERE c.id = %s""",
    ("bigint",),
)


def _rotate(pk: int, old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """Store `new` unless another worker has rotated since `old` was read; returns what stands then."""
    with transaction.atomic():
        found = (
            ChannelConnection.objects.select_for_update(of=("self",), no_key=True)
            .select_related("app")
            .get(pk=pk)
        )
        standing = _merged(found)
        if all(standing.get(name) == old.get(name) for name in new):
            found.credentials = {**found.credentials, **new}
            found.save(update_fields=["credentials"])
        return _merged(found)
