"""A desk whose mailbox lies on a real server."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from channels_social import inbox
from channels_social.models import ChannelApp, ChannelConnection
from channels_social.polling import account_poll_now
from tests import desk
from tests.channels_social.dovecot import PASSWORD, USER, Dovecot
from tickets.clock import database_now
from tickets.models import ChannelAccount, ChannelMode, Message


def mail_account(
    server: Dovecot,
    *,
    app_secrets: Mapping[str, list[str]] | None = None,
    app_settings: Mapping[str, str] | None = None,
    credentials: Mapping[str, str] | None = None,
    **settings: str,
) -> ChannelAccount:
    now = database_now()
    app = ChannelApp.objects.create(
        channel="email",
        name="mail",
        hook_key="mail",
        secrets=dict(app_secrets or {}),
        settings=dict(app_settings or {}),
        created_at=now,
    )
    made = ChannelAccount.objects.create(
        channel="email",
        external_id=USER,
        name="Gemeente Haverdam",
        handle=USER,
        team=desk.team(),
        mode=ChannelMode.CUSTOMER_SERVICE,
        manner="letter",
        language="nl",
        created_at=now,
    )
    ChannelConnection.objects.create(
        account=made,
        app=app,
        credentials=dict(credentials or {"password": PASSWORD}),
        settings={**server.settings, **settings},
        cursor={"since": "2020-01-01T00:00:00+00:00", "unread": "yes"},
        allow_private_addresses=True,
        poll_every=timedelta(minutes=1),
        poll_due_at=now + timedelta(hours=1),
    )
    return made


def polled(account: ChannelAccount) -> list[str]:
    """All messages, once the mailbox was polled and everything read."""
    while account_poll_now(account.pk).more:
        pass
    inbox.events_process(account.pk)
    return heard()


def heard() -> list[str]:
    """Messages, by the beginning of their ids."""
    found = Message.objects.values_list("external_id", flat=True)
    return sorted(one.partition("@")[0] for one in found)
