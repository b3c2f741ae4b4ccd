"""Connecting one of our accounts with its network: the core's row, the secrets one floor up, the first poll. How its
keys are come by stands in `attempts.py`; what a manager chooses with it, in `connect_setup.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.actors import Actor
from accounts.models import Team, User
from channels_social.connections import key_cause
from channels_social.health import connection_resume
from channels_social.models import ChannelApp, ChannelConnection
from channels_social.registry import channel, channels
from tickets.contract import Capabilities
from tickets.models import AgentTask, ChannelAccount, ChannelMode
from tickets.services.account_lock import dates_looked_at_again
from tickets.services.audit import event_record, tasks_done
from tickets.services.notices_choice import account_notices_choose, notices_choices_ask


@dataclass(frozen=True, slots=True)
class Connecting:
    """What is needed to connect an account. `credentials` and `settings` hold the fields its adapter names.

    notices, notices_note: how notices go where the network limits automatic messages (ChannelAccount); without a
    choice it stays undecided, and every notice waits for a person. missing: permissions that were not given. hooked:
    whether the desk sees to the webhook and its subscriptions (`subscriptions.py`).
    """

    external_id: str
    name: str
    handle: str
    team: Team
    language: str
    zone: str = "Europe/Amsterdam"
    sign_off: str = ""
    mode: ChannelMode = ChannelMode.CUSTOMER_SERVICE
    credentials: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    caps: Mapping[str, Any] = field(default_factory=dict)
    notices: str = ""
    notices_note: str = ""
    poll_every: timedelta | None = None
    allow_private_addresses: bool = False
    missing: Sequence[str] = ()
    hooked: bool = False


def capabilities_as_json(capabilities: Capabilities) -> dict[str, Any]:
    """What the core asks of a channel, as the account keeps it. Durations are seconds, null where there is none."""

    def seconds(length: timedelta | None) -> float | None:
        return None if length is None else length.total_seconds()

    private = capabilities.files_private
    return {
        "manner": capabilities.manner,
        "public": capabilities.public,
        "private": capabilities.private,
        "max_length": capabilities.max_length,
        "max_length_private": capabilities.max_length_private,
        "private_reply": capabilities.private_reply,
        "attachments": capabilities.attachments,
        "sends_files": capabilities.sends_files,
        "files_most": capabilities.files_most,
        "files_most_bytes": capabilities.files_most_bytes,
        "file_most_bytes": capabilities.file_most_bytes,
        "file_types": list(capabilities.file_types),
        "files_private": None if private is None else {**asdict(private), "types": list(private.types)},
        "named": capabilities.named,
        "spoken": capabilities.spoken,
        "own_page": capabilities.own_page,
        "acknowledged": capabilities.acknowledged,
        "acknowledged_within_seconds": seconds(capabilities.acknowledged_within),
        "live": capabilities.live,
        "automated_per_interaction": capabilities.automated_per_interaction,
        "idempotent_send": capabilities.idempotent_send,
        "reply_window_seconds": seconds(capabilities.reply_window),
        "person_window_seconds": seconds(capabilities.person_window),
        "find_sent_after_seconds": seconds(capabilities.find_sent_after),
        "look_up_seconds": seconds(capabilities.look_up_within),
    }


def capabilities_refresh() -> int:
    """Write anew what each account keeps of its channel, where the adapter has changed since; returns how many."""
    changed = 0
    for account in ChannelAccount.objects.filter(connection__isnull=False):
        adapter = channels().get(account.channel)
        if adapter is None:
            continue
        manner, stated = adapter.capabilities.manner, capabilities_as_json(adapter.capabilities)
        if (account.manner, account.capabilities) != (manner, stated):
            ChannelAccount.objects.filter(pk=account.pk).update(manner=manner, capabilities=stated)
            changed += 1
    return changed


def _notices_choose(
    actor: Actor, account: ChannelAccount, connecting: Connecting, now: datetime
) -> ChannelAccount:
    """The choice that came with the connecting; without one it stays open, and a person is asked (once)."""
    if connecting.notices:
        how, note = connecting.notices, connecting.notices_note
        return account_notices_choose(actor=actor, account_id=account.pk, how=how, note=note, now=now)
    notices_choices_ask(now=now)
    return account


def _key_tasks_done(account_id: int, actor: Actor, now: datetime) -> None:
    """It has a new key: whoever was asked to renew the old one need not."""
    asked = AgentTask.objects.filter(cause__startswith=key_cause(account_id), done_at__isnull=True)
    causes = list(asked.filter(account_id=account_id).values_list("cause", flat=True))
    if causes:
        tasks_done(
            causes=causes, how="renewed", now=now, user_id=actor.pk if isinstance(actor, User) else None
        )


def account_connect(
    *, actor: Actor, app: ChannelApp, connecting: Connecting, now: datetime
) -> ChannelAccount:
    """Make the account or bring it up to date; the same twice changes nothing but its secrets.

    A team, mode, sign-off or way of notices that a manager has chosen since stays as it was chosen, and so does the
    cursor: what came while it was broken is read. What stopped it is over: it has a new key.
    Raises Refused for a choice of notices that is none, or is *automatic* without its note.
    """
    adapter = channel(app.channel)
    capabilities = adapter.capabilities
    with transaction.atomic():
        account, made = ChannelAccount.objects.get_or_create(
            channel=app.channel,
            external_id=connecting.external_id,
            defaults={
                "name": connecting.name,
                "handle": connecting.handle,
                "language": connecting.language,
                "zone": connecting.zone,
                "team": connecting.team,
                "mode": connecting.mode,
                "sign_off": connecting.sign_off,
                "caps": dict(connecting.caps),
                "created_at": now,
            },
        )
        account.manner, account.capabilities = capabilities.manner, capabilities_as_json(capabilities)
        account.save(update_fields=["manner", "capabilities"])
        if capabilities.automated_per_interaction is not None and not account.notices:
            account = _notices_choose(actor, account, connecting, now)
        before = ChannelConnection.objects.filter(account=account).first()
        bridge, _new = ChannelConnection.objects.update_or_create(
            account=account,
            defaults={
                "app": app,
                "credentials": dict(connecting.credentials),
                "settings": dict(connecting.settings),
                "allow_private_addresses": connecting.allow_private_addresses,
                "poll_every": connecting.poll_every,
                "poll_due_at": now if capabilities.polling else None,
                "hook_due_at": now if connecting.hooked and capabilities.webhooks else None,
                "disconnected_at": None,
                "missing": list(connecting.missing),
            },
        )
        _key_tasks_done(account.pk, actor, now)
        if before is not None and before.needs_person:
            connection_resume(bridge, user_id=actor.pk if isinstance(actor, User) else None, now=now)
            account.stopped_code = ""
            dates_looked_at_again(account_id=account.pk, now=now)
        if made or (before is not None and before.needs_person):
            event_record(
                "account_connected" if made else "account_reconnected",
                actor=actor,
                now=now,
                account_id=account.pk,
                args={"channel": app.channel},
            )
    return account
