"""How our accounts do: what a manager reads of each, worst first. In words: `account_words.py`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum

from django.db.models import Count, Min

from accounts.models import User
from channels_social.connections import KEY_ENDS_NEWS, key_ends_at, key_renews_itself
from channels_social.models import ChannelConnection
from channels_social.registry import channels
from channels_social.selectors import Unread, quarantine_visible, unread_shown
from channels_social.subscriptions import FAILED
from tickets.models import (
    OPEN_STATUSES,
    ChannelAccount,
    ChannelMode,
    Notices,
    OutboundReply,
    ReplyState,
    Ticket,
    Triage,
)
from tickets.selectors import COUNT_CAP
from tickets.selectors_accounts import account_named, accounts_run
from tickets.tokens import token

#: A poll this much later than it was due says that nobody polls.
POLL_LATE = timedelta(minutes=10)
#: A call that was refused is news for so long; the number of them stays.
REFUSED_NEWS = timedelta(days=1)
#: What a new key mends.
KEY_TROUBLES = frozenset(
    {"not_connected", "disconnected", "reauthorise", "revoked", "key_ends", "key_ended", "missing"}
)
UNREAD_SHOWN = 5


class Level(IntEnum):
    """How much an account needs somebody; the order of the list."""

    ILL = 0
    SOON = 1
    WELL = 2
    QUIET = 3


@dataclass(frozen=True, slots=True)
class Trouble:
    """`code`: one of account_words.TROUBLES. said: the network's own words, if it gave any."""

    level: Level
    code: str
    said: str = ""
    at: datetime | None = None
    count: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """One account. troubles: worst first, empty where all is well. name: in addresses. waiting: messages of ours that
    are queued, first_waits: since when the first of them is due. limited: its network limits automatic messages, so
    that a manager has to choose how notices go."""

    account: ChannelAccount
    bridge: ChannelConnection | None
    name: str
    troubles: Sequence[Trouble]
    unread: int
    waiting: int
    first_waits: datetime | None
    limited: bool
    polled: bool
    not_kept: int = 0
    shown: Sequence[Unread] = field(default=())

    @property
    def connected(self) -> bool:
        return self.bridge is not None and self.bridge.disconnected_at is None

    @property
    def key_is_bad(self) -> bool:
        """Whether connecting it again is what mends it."""
        return any(trouble.code in KEY_TROUBLES for trouble in self.troubles)

    @property
    def level(self) -> Level:
        if self.troubles:
            return self.troubles[0].level
        return Level.WELL if self.account.receives else Level.QUIET


def accounts_standing(user: User, *, now: datetime) -> list[Standing]:
    """Every account this user runs: who needs somebody first, then by name."""
    accounts = list(accounts_run(user).select_related("team", "automatic_stopped_by"))
    return sorted(
        _standings(user, accounts, now), key=lambda one: (one.level, str(one.account).lower(), one.account.pk)
    )


def account_standing(user: User, wanted: str, *, now: datetime) -> Standing | None:
    """The one that `wanted` names, with the newest of what could not be read, if this user runs it."""
    account = account_named(user, wanted)
    if account is None:
        return None
    events = quarantine_visible(user).filter(account_id=account.pk).order_by("-pk")[:UNREAD_SHOWN]
    return next(_standings(user, [account], now, shown=unread_shown(events)))


def read_until(one: Standing) -> datetime | None:
    """When its network was last asked, and there is a cursor to go on from: what came since is not read. None where a
    first poll would look back by itself."""
    return one.bridge.polled_at if one.bridge is not None and one.bridge.cursor else None


def untold_from(account_id: int) -> int:
    """Open tickets that ask for an answer and came while nobody was answered from here: no target, no told date. To the
    cap and one more."""
    found = Ticket.objects.filter(
        conversations__account_id=account_id,
        status__in=OPEN_STATUSES,
        triage=Triage.RESPOND,
        targets__isnull=True,
        promises__isnull=True,
    )
    return found.distinct()[: COUNT_CAP + 1].count()


def _standings(
    user: User, accounts: Sequence[ChannelAccount], now: datetime, *, shown: Sequence[Unread] = ()
) -> Iterator[Standing]:
    ids = [account.pk for account in accounts]
    bridges = {
        each.account_id: each
        for each in ChannelConnection.objects.filter(account_id__in=ids).select_related("app")
    }
    seen = quarantine_visible(user).filter(account_id__in=ids)
    unread = dict(seen.order_by().values_list("account_id").annotate(n=Count("pk")))
    queued = OutboundReply.objects.filter(account_id__in=ids, state=ReplyState.QUEUED, next_try_at__lte=now)
    waiting = {
        pk: (count, first)
        for pk, count, first in queued.order_by()
        .values_list("account_id")
        .annotate(n=Count("pk"), first=Min("next_try_at"))
    }
    for account in accounts:
        bridge = bridges.get(account.pk)
        count, first = waiting.get(account.pk, (0, None))
        limited = account.capabilities.get("automated_per_interaction") is not None
        adapter = channels().get(account.channel)
        yield Standing(
            account=account,
            bridge=bridge,
            name=token("channelaccount", account.pk),
            troubles=_troubles(account, bridge, unread.get(account.pk, 0), now, limited=limited),
            unread=unread.get(account.pk, 0),
            waiting=count,
            first_waits=first,
            limited=limited,
            polled=adapter is not None and adapter.capabilities.polling,
            not_kept=_not_kept(bridge) if bridge is not None else 0,
            shown=shown,
        )


def _troubles(
    account: ChannelAccount, bridge: ChannelConnection | None, unread: int, now: datetime, *, limited: bool
) -> list[Trouble]:
    if bridge is None:
        return [Trouble(Level.ILL, "not_connected")]
    if bridge.disconnected_at is not None:
        return [Trouble(Level.QUIET, "disconnected", at=bridge.disconnected_at)]
    found: list[Trouble] = []
    if bridge.needs_person:
        code = bridge.needs_person_code or "needs_person"
        found.append(Trouble(Level.ILL, code, bridge.needs_person_words, bridge.last_error_at))
    if limited and account.answers and account.notices == Notices.UNDECIDED:
        found.append(Trouble(Level.SOON, "notices_undecided"))
    if account.automatic_stopped_at is not None:
        found.append(
            Trouble(Level.SOON, "stopped", account.automatic_stopped_why, account.automatic_stopped_at)
        )
    if bridge.paused_until is not None and bridge.paused_until > now:
        found.append(Trouble(Level.SOON, "paused", bridge.paused_words, bridge.paused_until))
    elif not bridge.needs_person and _went_wrong(bridge):
        found.append(Trouble(Level.SOON, "went_wrong", bridge.last_error_words, bridge.last_error_at))
    found += _of_the_key(bridge, now)
    if bridge.hook_code == FAILED and account.mode != ChannelMode.OFF:
        found.append(Trouble(Level.SOON, "not_hooked", bridge.hook_words))
    late = bridge.poll_due_at is not None and bridge.poll_due_at < now - POLL_LATE
    if late and account.receives and not bridge.needs_person:
        found.append(Trouble(Level.SOON, "not_polled", at=bridge.poll_due_at))
    if unread:
        found.append(Trouble(Level.SOON, "unread", count=unread))
    if account.mode == ChannelMode.PUBLISH_ONLY and _not_kept(bridge):
        found.append(Trouble(Level.SOON, "nobody_reads", count=_not_kept(bridge)))
    app = bridge.app
    if app.last_bad_signature_at is not None and app.last_bad_signature_at > now - REFUSED_NEWS:
        found.append(
            Trouble(Level.SOON, "bad_signatures", at=app.last_bad_signature_at, count=app.bad_signatures)
        )
    if app.last_too_large_at is not None and app.last_too_large_at > now - REFUSED_NEWS:
        found.append(Trouble(Level.SOON, "too_large", at=app.last_too_large_at, count=app.too_large))
    return found


def _of_the_key(bridge: ChannelConnection, now: datetime) -> list[Trouble]:
    found = []
    ends = key_ends_at(bridge)
    if ends is not None and not key_renews_itself(bridge) and ends <= now + KEY_ENDS_NEWS:
        found.append(Trouble(Level.SOON, "key_ends" if ends > now else "key_ended", at=ends))
    if bridge.missing:
        found.append(Trouble(Level.SOON, "missing", ", ".join(bridge.missing)))
    return found


def _went_wrong(bridge: ChannelConnection) -> bool:
    """The last call of the network that we know of failed, and none has succeeded since."""
    wrong = bridge.last_error_at
    since = [at for at in (bridge.polled_at, bridge.last_sent_at, bridge.last_inbound_at) if at is not None]
    return wrong is not None and all(at < wrong for at in since)


def _not_kept(bridge: ChannelConnection) -> int:
    """What arrived while the mode kept nothing."""
    return sum(count for rule, count in bridge.counters.items() if rule.startswith("mode_"))
