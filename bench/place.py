"""A desk to measure: servers of its own with fsync on, the seeded policy, one team and its accounts."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from servicedesk.embedded import Servers

if TYPE_CHECKING:
    from channels_social.adapter import AppView, WebhookRequest
    from channels_social.models import ChannelApp
    from tickets.models import ChannelAccount

SETTINGS = "bench.floor.settings"
CHANNEL = "x"


@contextmanager
def desk() -> Iterator[Path]:
    """PostgreSQL (fsync on) and Valkey in a folder that goes away, Django ready, tables made. Yields the folder.

    The environment is set for child processes, too: they are the same desk.
    """
    folder = Path(tempfile.mkdtemp(prefix="servicedesk-bench-"))
    with Servers(folder, durable=True, temporary=True) as servers:
        os.environ.update(
            DJANGO_SETTINGS_MODULE=SETTINGS,
            SECRET_KEY="bench-only-" + "0123456789" * 5,
            FIELD_ENCRYPTION_KEYS="YmVuY2gtb25seS1iZW5jaC1vbmx5LWJlbmNoLW9ubHk=",
            DATABASE_URL=servers.database_url,
            REDIS_URL=servers.redis_url,
            PROCESS_NAME="bench",
            LOG_LEVEL="WARNING",
        )
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        _seed()
        yield folder


def defaults_set() -> None:
    """The tables themselves know what a column holds that nobody named, so that what is made by SQL names what it is
    about, and goes on working when a table gets a column more. For parts that make rows so: a copy of `raw.py`
    leaves out what a table knows by itself."""
    from django.apps import apps
    from django.db import connection
    from django.db.models import NOT_PROVIDED, Field

    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for model in apps.get_models():
            for field in model._meta.concrete_fields:
                if not isinstance(field, Field) or field.null or field.primary_key:
                    continue
                value = field.get_default()
                if field.default is NOT_PROVIDED and value != "":
                    continue
                kept = field.get_db_prep_save(value, connection)
                table, column = quote(model._meta.db_table), quote(str(field.column))
                cursor.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT %s", [kept])


def _seed() -> None:
    from django.db import connection

    from priority.services import policy_ensure_seeded
    from tickets.clock import database_now
    from tickets.services.texts import texts_ensure_seeded

    now = database_now()
    policy_ensure_seeded(now=now)
    texts_ensure_seeded(now=now)
    with connection.cursor() as cursor:
        cursor.execute("SHOW fsync")
        row = cursor.fetchone()
        assert row is not None
        assert row[0] == "on", (
            "PostgreSQL runs without fsync: what is measured would be a desk that loses tickets"
        )
        cursor.execute(
            "CREATE TABLE bench_floor (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body bytea NOT NULL)"
        )


def empty() -> None:
    """Take out all accounts and all that came in: what one part leaves is not the next one's."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """TRUNCATE tickets_channelaccount, tickets_contact, channels_social_channelapp,
                        channels_social_inboundevent, channels_social_eventkey CASCADE"""
        )


def app_place(secrets: Mapping[str, str], *, now: datetime, hook_key: str) -> ChannelApp:
    from channels_social.models import ChannelApp

    kept: Any = {name: [secrets[name]] for name in ("consumer_key", "consumer_secret", "bearer_token")}
    return ChannelApp.objects.create(
        channel=CHANNEL, name="bench", hook_key=hook_key, secrets=kept, created_at=now
    )


def account_place(
    app: ChannelApp, there: Mapping[str, Any], *, base_url: str, language: str, now: datetime
) -> ChannelAccount:
    """One of our accounts, without a limit of ours, with the caps of the policy. It is not polled."""
    from accounts.actors import System
    from accounts.models import Team
    from channels_social.connecting import Connecting, account_connect
    from channels_social.models import ChannelConnection

    team = Team.objects.get_or_create(
        key="front", defaults={"name": "Front desk", "is_private": False, "created_at": now}
    )[0]
    connecting = Connecting(
        external_id=str(there["user_id"]),
        name="Gemeente Merendam",
        handle=str(there["username"]),
        team=team,
        language=language,
        sign_off="^Merendam",
        credentials={name: str(there[name]) for name in ("access_token", "access_token_secret")},
        settings={"base_url": base_url},
        allow_private_addresses=True,
    )
    account = account_connect(actor=System("bench"), app=app, connecting=connecting, now=now)
    ChannelConnection.objects.filter(account=account).update(poll_due_at=None)
    return account


def request(body: bytes) -> WebhookRequest:
    """As the webhook's view hands it on, its signature already checked."""
    from channels_social.adapter import WebhookRequest

    return WebhookRequest(method="POST", body=body, headers={}, query={})


def no_app() -> AppView:
    """For `split`, which asks nothing of the app's secrets."""
    from channels_social.adapter import AppView

    return AppView({})
