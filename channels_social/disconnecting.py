"""Switching an account: to another mode, with what came meanwhile; and cutting it from its network."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from channels_social.adapter import AskFailed, Channel
from channels_social.connections import CALL_DEADLINE, account_view, adapter_for, settings_of
from channels_social.models import ChannelConnection
from channels_social.net import Net
from channels_social.registry import channels
from tickets.models import ChannelAccount, ChannelMode, TaskKind
from tickets.services.account_lock import account_locked
from tickets.services.account_settings import account_mode_set
from tickets.services.audit import event_record, tasks_done
from tickets.services.errors import Refused

CODE = "disconnected"
#: What becomes of what came while nothing was read.
READ, NOW = "read", "now"
_READING = (ChannelMode.COLLECT_FEEDBACK, ChannelMode.CUSTOMER_SERVICE)


def account_switch(
    *, actor: Actor, account_id: int, mode: str, seen_promises: int, meanwhile: str = "", now: datetime
) -> ChannelAccount:
    """Another channel mode (`account_mode_set`). Where reading begins again the old cursor would bring everything
    between: `meanwhile` says whether that is wanted (READ) or it starts now (NOW); there is no silent choice.

    Raises NotFound, Refused, Changed.
    """
    with transaction.atomic():
        account = account_locked(actor, account_id)
        bridge = (
            ChannelConnection.objects.select_for_update(of=("self",), no_key=True)
            .select_related("account", "app")
            .filter(account_id=account_id)
            .first()
        )
        on = mode in ChannelMode.values and mode != ChannelMode.OFF
        if on and bridge is not None and bridge.disconnected_at is not None:
            raise Refused(CODE, _("It is disconnected: nothing can arrive or leave. Connect it again first."))
        if bridge is not None and begins_to_read(account, mode) and bridge.cursor:
            if meanwhile not in (READ, NOW):
                raise Refused(
                    "meanwhile", _("Choose what becomes of what came meanwhile: read it, or start now.")
                )
            cursor_set(bridge, meanwhile, now)
        return account_mode_set(
            actor=actor, account_id=account_id, mode=mode, seen_promises=seen_promises, now=now
        )


def begins_to_read(account: ChannelAccount, mode: str) -> bool:
    return not account.receives and mode in _READING


def cursor_set(bridge: ChannelConnection, meanwhile: str, now: datetime) -> None:
    """Poll at once, from where it stood or from now on; and see that the network sends what is new."""
    adapter = _adapter(bridge)
    if meanwhile == NOW and adapter is not None:
        bridge.cursor = adapter.cursor_at(now)
    if bridge.poll_due_at is not None:
        bridge.poll_due_at = now
    if bridge.hook_due_at is not None:
        bridge.hook_due_at = now
    bridge.save(update_fields=["cursor", "poll_due_at", "hook_due_at"])


@dataclass(frozen=True, slots=True)
class Left:
    """What the network did: code '' where it took the key back, else what is left to do there; said: its own words
    where it did not do as asked."""

    code: str = ""
    said: str = ""


def account_disconnect(*, actor: Actor, account_id: int, seen_promises: int, now: datetime) -> Left:
    """Cut an account from its network. Its tickets, its history and its cursor stay.

    1. The mode becomes *off*, which makes a task of each open promise (`account_mode_set`, by what the actor was told).
    2. The credentials are emptied here; nothing is sent, polled or subscribed any more.
    3. After the commit the network is asked to send nothing more and to take the key back. Where that fails it is said:
       the key is gone from here, and must be taken away there.
    Raises NotFound, Refused, Changed.
    """
    with transaction.atomic():
        account_locked(actor, account_id)
        bridge = (
            ChannelConnection.objects.select_for_update(of=("self",), no_key=True)
            .select_related("account", "app")
            .filter(account_id=account_id)
            .first()
        )
        if bridge is None or bridge.disconnected_at is not None:
            raise Refused("not_connected", _("It is not connected."))
        account_mode_set(
            actor=actor,
            account_id=account_id,
            mode=ChannelMode.OFF,
            seen_promises=seen_promises,
            now=now,
        )
        credentials = {
            **bridge.app.settings,
            **{name: values[0] for name, values in bridge.app.secrets.items() if values},
            **bridge.credentials,
        }
        _cut(bridge, now)
        event_record("account_disconnected", actor=actor, now=now, account_id=account_id, args={})
    return _leave(bridge, credentials)


def _cut(bridge: ChannelConnection, now: datetime) -> None:
    ChannelConnection.objects.filter(pk=bridge.pk).update(
        credentials={},
        disconnected_at=now,
        needs_person=True,
        needs_person_code=CODE,
        needs_person_words="",
        paused_until=None,
        paused_words="",
        poll_due_at=None,
        hook_due_at=None,
        hook_at=None,
        hook_code="",
        hook_words="",
        hook_events=[],
        missing=[],
        budget=[],
    )
    ChannelAccount.objects.filter(pk=bridge.account_id).update(stopped_code=CODE)
    causes = list(
        bridge.account.tasks.filter(
            kind=TaskKind.ACCOUNT, cause__startswith="account:", done_at__isnull=True
        ).values_list("cause", flat=True)
    )
    tasks_done(causes=causes, how=CODE, now=now)


def _leave(bridge: ChannelConnection, credentials: dict[str, str]) -> Left:
    kind = channels().get(bridge.account.channel)
    if kind is None:
        return Left("revoke_by_hand")
    net = Net(
        deadline=CALL_DEADLINE,
        allow_private=bridge.allow_private_addresses,
        read_credentials=lambda: credentials,
        rotate=lambda _old, new: {**credentials, **new},
        settings=settings_of(bridge),
    )
    try:
        return Left(kind(account_view(bridge), net).leave())
    except AskFailed as failed:
        return Left("revoke_by_hand", failed.words)


def _adapter(bridge: ChannelConnection) -> Channel | None:
    return adapter_for(bridge) if bridge.account.channel in channels() else None
