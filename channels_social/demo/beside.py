"""The demo's accounts that no network's pages are needed for: a mailbox at the sandbox's post office, a number that
people call, a form. city.json has them under "beside", each with what its own form asks; `from_state` names what the
sandbox tells of itself (its ports)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.actors import System
from accounts.models import Team
from channels_social.connecting import Connecting, account_connect
from channels_social.models import ChannelApp
from channels_social.registry import channel
from tickets.models import ChannelAccount

ACTOR = System("demo")


@transaction.atomic
def beside_place(
    document: Mapping[str, Any], *, state: Mapping[str, Any], now: datetime
) -> list[ChannelAccount]:
    """Those of `document["beside"]`, in its order, brought up to date at every start."""
    return [_place(each, state, now) for each in document["beside"]]


def _place(each: Mapping[str, Any], state: Mapping[str, Any], now: datetime) -> ChannelAccount:
    slug = each["channel"]
    app, _made = ChannelApp.objects.get_or_create(
        channel=slug,
        name="Demo",
        defaults={"hook_key": secrets.token_urlsafe(24), "secrets": {}, "created_at": now},
    )
    values = {
        **each.get("settings", {}),
        **{name: _at(state, path) for name, path in each.get("from_state", {}).items()},
    }
    secret = {field.name for field in channel(slug).account_fields if field.secret}
    connecting = Connecting(
        external_id=each["external_id"],
        name=each["name"],
        handle=each["handle"],
        team=Team.objects.get(key=each["team"]),
        language=each["language"],
        sign_off=each["sign_off"],
        credentials={name: value for name, value in values.items() if name in secret},
        settings={name: value for name, value in values.items() if name not in secret},
        poll_every=timedelta(seconds=each["poll_seconds"]) if "poll_seconds" in each else None,
        allow_private_addresses=True,
    )
    return account_connect(actor=ACTOR, app=app, connecting=connecting, now=now)


def _at(state: Mapping[str, Any], path: str) -> str:
    found: Any = state
    for name in path.split("."):
        found = found[name]
    return str(found)
