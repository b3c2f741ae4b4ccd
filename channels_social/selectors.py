"""Reading what could not be read. Every read starts at `quarantine_visible(user)`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.files.storage import default_storage
from django.db.models import QuerySet

from accounts.access import may_see_quarantine, quarantine_teams
from accounts.models import User
from channels_social.models import EventState, InboundEvent
from tickets.models import ChannelAccount

COUNT_CAP = 500
PAGE = 20
SHOWN_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class Unread:
    """An update that could not be read. `text`: its beginning as text, whatever it holds; `name` is for addresses."""

    event: InboundEvent
    account: ChannelAccount
    name: str
    text: str
    is_cut: bool


def quarantine_visible(user: User) -> QuerySet[InboundEvent]:
    """Quarantined updates of the accounts whose raw events this user may see (accounts.access, rule 3)."""
    accounts = ChannelAccount.objects.filter(quarantine_teams(user)).values("pk")
    return InboundEvent.objects.filter(state=EventState.QUARANTINED, account_id__in=accounts)


def quarantine_count(user: User) -> int | None:
    """To the cap and one more; None where there is no reason to show the page at all."""
    if not may_see_quarantine(user):
        return None
    return quarantine_visible(user)[: COUNT_CAP + 1].count()


def quarantine_page(user: User, *, limit: int = PAGE) -> Sequence[Unread]:
    """The newest of them, with the beginning of what arrived."""
    return unread_shown(quarantine_visible(user).order_by("-pk")[:limit])


def unread_shown(found: Iterable[InboundEvent]) -> Sequence[Unread]:
    """With the beginning of what arrived."""
    events = list(found)
    accounts = ChannelAccount.objects.in_bulk({event.account_id for event in events})
    return [_unread(event, accounts[event.account_id]) for event in events]


def quarantine_named(user: User, name: str) -> InboundEvent | None:
    """The update that `name` (its key in hex) names, if this user may see it; of two accounts, the older one."""
    try:
        key = bytes.fromhex(name)
    except ValueError:
        return None
    return quarantine_visible(user).filter(key=key).order_by("pk").first()


def _unread(event: InboundEvent, account: ChannelAccount) -> Unread:
    body = bytes(event.body or b"")[: SHOWN_BYTES + 1]
    if event.body is None and event.body_key:
        with default_storage.open(event.body_key) as file:
            body = file.read(SHOWN_BYTES + 1)
    return Unread(
        event=event,
        account=account,
        name=bytes(event.key).hex(),
        text=body[:SHOWN_BYTES].decode("utf-8", errors="replace"),
        is_cut=event.size > SHOWN_BYTES,
    )
