"""Reading channel accounts: those that somebody runs, and what is stopped. Every read of them for a page starts at
`accounts_run(user)`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import BigIntegerField, F, Min, QuerySet, Value

from accounts.access import may_set_policy, visible_teams
from accounts.actors import Actor, System
from accounts.models import User
from tickets.models import (
    OPEN_STATUSES,
    ChannelAccount,
    DeskSwitch,
    OutboundReply,
    Promise,
    ReplyState,
    Ticket,
)
from tickets.selectors import COUNT_CAP, tickets_visible
from tickets.services.clock_notices import places_to_speak
from tickets.services.notices import STOPPED
from tickets.tokens import named


def accounts_run(actor: Actor) -> QuerySet[ChannelAccount]:
    """The accounts this actor may set up and look into: a manager's (accounts.access, rule 4), but for those of private
    teams that they are not in (rule 2). The system: all."""
    if isinstance(actor, System):
        return ChannelAccount.objects.all()
    if isinstance(actor, User) and actor.is_active and may_set_policy(actor):
        return ChannelAccount.objects.filter(visible_teams(actor))
    return ChannelAccount.objects.none()


def account_named(actor: Actor, wanted: str) -> ChannelAccount | None:
    """The one that `wanted` (tickets.tokens) names in an address, if this actor runs it."""
    pk = named("channelaccount", accounts_run(actor).values_list("pk", flat=True), wanted)
    return accounts_run(actor).select_related("team").get(pk=pk) if pk is not None else None


def promises_from(account_id: int) -> dict[int, int]:
    """By ticket: its open promise, where what we say next would go out from this account (the caller spoke last
    there). Read without locks."""
    open_here = Ticket.objects.filter(
        conversations__account_id=account_id, promised_for__isnull=False, status__in=OPEN_STATUSES
    )
    ids = set(open_here.values_list("pk", flat=True))
    here = [pk for pk, place in places_to_speak(ids).items() if place.account_id == account_id]
    open_promises = Promise.objects.filter(ticket_id__in=here, end="")
    return dict(open_promises.values_list("ticket_id", "pk"))


def desk_is_stopped() -> bool:
    return DeskSwitch.objects.filter(stopped_at__isnull=False).exists()


@dataclass(frozen=True, slots=True)
class Stop:
    """That all automatic messages are stopped: everywhere (`account` None) or from one account. waiting: how many of
    them wait for a person, of those the reader may see, to the cap and one more. first_date: the first told date among
    their tickets. may_resume: whether the reader is one who may let them go again."""

    account: ChannelAccount | None
    since: datetime
    by: str
    why: str
    waiting: int
    first_date: datetime | None
    may_resume: bool


def stops_shown(user: User) -> Sequence[Stop]:
    """What is stopped now, for everybody to see: one statement while nothing is. A stop of an account whose team is
    private is shown to its team."""
    fields = ("which", "since", "who", "why")
    desk = DeskSwitch.objects.filter(stopped_at__isnull=False).annotate(
        which=Value(None, output_field=BigIntegerField()),
        since=F("stopped_at"),
        who=F("stopped_by"),
        why=F("stopped_why"),
    )
    here = ChannelAccount.objects.filter(visible_teams(user), automatic_stopped_at__isnull=False).annotate(
        which=F("pk"),
        since=F("automatic_stopped_at"),
        who=F("automatic_stopped_by"),
        why=F("automatic_stopped_why"),
    )
    rows = list(desk.values_list(*fields).union(here.values_list(*fields), all=True))
    return _stops(user, rows) if rows else ()


def _stops(user: User, rows: Sequence[tuple[int | None, datetime, int | None, str]]) -> list[Stop]:
    """The whole desk first, then by time."""
    accounts = ChannelAccount.objects.in_bulk([pk for pk, *_ in rows if pk is not None])
    names = {each.pk: str(each) for each in User.objects.filter(pk__in=[who for _, _, who, _ in rows if who])}
    mine = set(accounts_run(user).filter(pk__in=list(accounts)).values_list("pk", flat=True))
    found = []
    for pk, since, who, why in sorted(rows, key=lambda row: (row[0] is not None, row[1])):
        waiting, first_date = _waiting(user, pk)
        found.append(
            Stop(
                account=accounts[pk] if pk is not None else None,
                since=since,
                by=names.get(who or 0, ""),
                why=why,
                waiting=waiting,
                first_date=first_date,
                may_resume=may_set_policy(user) if pk is None else pk in mine,
            )
        )
    return found


def _waiting(user: User, account_id: int | None) -> tuple[int, datetime | None]:
    """Messages that were stopped and are held, of tickets the user may see; the first date told on those."""
    held = OutboundReply.objects.filter(
        state=ReplyState.HELD, held_reason=STOPPED, ticket__in=tickets_visible(user)
    )
    if account_id is not None:
        held = held.filter(account_id=account_id)
    count = held[: COUNT_CAP + 1].count()
    first = held.aggregate(first=Min("ticket__promised_for"))["first"] if count else None
    return count, first
