"""A number that people call, connected as a manager connects it, and who notes what is said there."""

from __future__ import annotations

from typing import Any

from accounts.actors import System
from accounts.models import User
from channels_social.connecting import Connecting, account_connect
from channels_social.models import ChannelApp, ChannelConnection
from tests import desk
from tickets.clock import database_now
from tickets.models import ChannelAccount

BIN = "My bin was not emptied this morning"


def number(**fields: Any) -> ChannelAccount:
    """0800 1234, of the team *front*."""
    now = database_now()
    app, _made = ChannelApp.objects.get_or_create(
        hook_key="voice",
        defaults={"channel": "phone", "name": "Telephone", "secrets": {}, "created_at": now},
    )
    told = {"language": "en", "sign_off": "Gemeente Merendam", **fields}
    connecting = Connecting(
        external_id="08001234", name="0800 1234", handle="08001234", team=desk.team(), **told
    )
    return account_connect(actor=System("test"), app=app, connecting=connecting, now=now)


def with_mailbox(account: ChannelAccount, address: str) -> None:
    """The link to their page goes by this mailbox to who tells an address."""
    ChannelConnection.objects.filter(account=account).update(settings={"through": address})


def agent(name: str = "sanne", **fields: Any) -> User:
    return desk.user(name, teams=[desk.team()], **fields)
