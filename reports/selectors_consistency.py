"""Consistency: whether the same is treated the same. Tickets that came in a period and were to be answered: by
category, call type, impact and urgency, what time they were given and what they took; by team, how often people weighed
them otherwise; and which words of the policy in force were found in nothing that callers wrote.

*Given* is open time of the calendar from the start of the latest target for the resolution until it is due, less the
pauses that have ended in it: what the policy's duration said, worked out from what is stored. (An earlier target, of
before it was opened again, is of the properties it had then.) *Taken* is time on the wall from the start of the first
until it was resolved. Only tickets that the reader may see. Cost: by the newest TICKETS_MOST tickets and MESSAGES_MOST
messages of the period; the page says where there were more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Substr

from accounts.models import User
from priority import clock
from priority.matcher import Group, matcher_of
from priority.policy import Policy
from priority.selectors import policy_of
from reports.selectors_promises import NO_CATEGORY, Period
from tickets.models import (
    Direction,
    Message,
    MessageKind,
    Pause,
    Target,
    TargetKind,
    Ticket,
    TicketEvent,
    Triage,
)
from tickets.reference import as_shown
from tickets.selectors import tickets_visible

TICKETS_MOST = 5_000
MESSAGES_MOST = 3_000
READ_MOST = 2_000
"""Characters of a message that are looked at."""
PAGE = 50
EVERYTHING: Mapping[str, str] = {}
PROPERTIES = ("category", "call_type", "impact", "urgency")
KINDS = ("category", "sign", "rule")
"""What words of the policy belong to, as far as they are looked for here: priority.matcher.Group."""
_TICKET = (
    "pk",
    "reference",
    *PROPERTIES,
    "priority",
    "policy_revision_id",
    "team_id",
    "created_at",
    "resolved_at",
)


@dataclass(frozen=True, slots=True)
class Row:
    """A ticket. properties: in the order of PROPERTIES. given, taken: None where there is none."""

    reference: str
    properties: tuple[str, ...]
    priority: str
    revision: int
    team: int
    created_at: datetime
    given: timedelta | None
    taken: timedelta | None

    @property
    def shown_reference(self) -> str:
        return as_shown(self.reference)


@dataclass(slots=True)
class Alike:
    """Tickets of the same properties. given: by revision of the policy, every duration there was."""

    properties: tuple[str, ...]
    tickets: int = 0
    priorities: set[str] = field(default_factory=set)
    given: dict[int, set[timedelta]] = field(default_factory=dict)
    taken: list[timedelta] = field(default_factory=list)

    @property
    def is_unlike(self) -> bool:
        """One revision gave the same properties two durations: that is what should never be."""
        return any(len(each) > 1 for each in self.given.values())

    @property
    def least_and_most(self) -> tuple[timedelta, timedelta] | None:
        every = [one for each in self.given.values() for one in each]
        return (min(every), max(every)) if every else None

    def taken_at(self, percent: int) -> timedelta | None:
        """By nearest rank: the least that so many of them took at most."""
        if not self.taken:
            return None
        ordered = sorted(self.taken)
        return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


@dataclass(frozen=True, slots=True)
class Compared:
    """Most tickets first. more: the period holds more than were looked at."""

    groups: Sequence[Alike]
    looked: int
    more: bool


def came_in(actor: User, period: Period, wanted: Mapping[str, str]) -> QuerySet[Ticket]:
    """Tickets to be answered that came in the period. wanted: ids of an account and a team, key of a category or
    NO_CATEGORY."""
    found = tickets_visible(actor).filter(
        created_at__gte=period.starts, created_at__lt=period.ends, triage=Triage.RESPOND
    )
    for name in ("account", "team"):
        if said := wanted.get(name):
            found = found.filter(**{f"{name}_id": int(said)})
    if category := wanted.get("category"):
        found = found.filter(category="" if category == NO_CATEGORY else category)
    return found


def compared(actor: User, period: Period, wanted: Mapping[str, str] = EVERYTHING) -> Compared:
    """Three statements, and one for each revision of the policy that this process has not read."""
    found = rows(came_in(actor, period, wanted).order_by("-created_at", "-pk")[: TICKETS_MOST + 1])
    groups: dict[tuple[str, ...], Alike] = {}
    for row in found[:TICKETS_MOST]:
        group = groups.setdefault(row.properties, Alike(row.properties))
        group.tickets += 1
        group.priorities.add(row.priority)
        if row.given is not None:
            group.given.setdefault(row.revision, set()).add(row.given)
        if row.taken is not None:
            group.taken.append(row.taken)
    ordered = sorted(groups.values(), key=lambda each: (not each.is_unlike, -each.tickets, each.properties))
    return Compared(ordered, min(len(found), TICKETS_MOST), len(found) > TICKETS_MOST)


def rows(tickets: QuerySet[Ticket]) -> list[Row]:
    read = list(tickets.values_list(*_TICKET))
    ids = [one[0] for one in read]
    first: dict[int, Target] = {}
    latest: dict[int, Target] = {}
    targets = Target.objects.filter(ticket_id__in=ids, kind=TargetKind.RESOLUTION)
    for target in targets.order_by("ticket_id", "cycle"):
        first.setdefault(target.ticket_id, target)
        latest[target.ticket_id] = target
    pauses: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    ended = Pause.objects.filter(ticket_id__in=ids, ended_at__isnull=False)
    for ticket_id, begins, ends in ended.values_list("ticket_id", "started_at", "ended_at"):
        if ends is not None:
            pauses[ticket_id].append((begins, ends))
    made = []
    for pk, reference, *properties, priority, revision, team, created_at, resolved_at in read:
        began, runs = first.get(pk), latest.get(pk)
        made.append(
            Row(
                reference,
                tuple(properties),
                priority,
                revision,
                team,
                created_at,
                given_to(runs, pauses[pk], policy_of(revision)) if runs is not None else None,
                resolved_at - began.started_at if resolved_at is not None and began is not None else None,
            )
        )
    return made


def given_to(target: Target, pauses: Iterable[tuple[datetime, datetime]], policy: Policy) -> timedelta | None:
    """Open time that the target gives, to the minute; None where it reaches beyond the years of its calendar."""
    over = target.met_at or target.ended_at
    try:
        calendar = policy.calendar(target.calendar)
        given = clock.between(calendar, target.started_at, target.due_at)
        for begins, ends in pauses:
            begins, ends = max(begins, target.started_at), min(ends, target.due_at)
            if begins < ends and (over is None or begins < over):
                given -= clock.between(calendar, begins, ends)
    except (clock.BeyondCalendar, KeyError):
        return None
    return timedelta(minutes=round(given / timedelta(minutes=1)))


@dataclass(frozen=True, slots=True)
class Overridden:
    """A team's tickets of the period, and how many of them a person weighed otherwise. whys: (code, tickets), most
    first; a ticket may be there for several."""

    team: int
    tickets: int
    overridden: int
    whys: Sequence[tuple[str, int]]


def overridden(actor: User, period: Period, wanted: Mapping[str, str] = EVERYTHING) -> list[Overridden]:
    """By team, most overridden first. Three statements."""
    tickets = came_in(actor, period, wanted).order_by()
    all_of = dict(tickets.values_list("team_id").annotate(n=Count("pk")))
    lines = of_people(tickets)
    whole = dict(lines.values_list("ticket__team_id").annotate(n=Count("ticket_id", distinct=True)))
    whys: dict[int, list[tuple[str, int]]] = defaultdict(list)
    because = lines.annotate(why=KeyTextTransform("why", "args")).values_list("ticket__team_id", "why")
    for team, why, count in because.annotate(n=Count("ticket_id", distinct=True)):
        whys[team].append((str(why), count))
    made = [
        Overridden(team, count, whole.get(team, 0), sorted(whys[team], key=lambda each: (-each[1], each[0])))
        for team, count in all_of.items()
    ]
    return sorted(made, key=lambda each: (-each.overridden, -each.tickets, each.team))


def of_people(tickets: QuerySet[Ticket]) -> QuerySet[TicketEvent]:
    """Lines of history that say that a person weighed it otherwise, and why."""
    return TicketEvent.objects.filter(
        kind="properties_set", args__has_key="why", ticket__in=tickets.values("pk")
    ).order_by()


@dataclass(frozen=True, slots=True)
class Unheard:
    """Words of one list of the policy. kind: of KINDS. total: how many it holds, in all languages."""

    kind: str
    key: str
    words: Sequence[tuple[str, str]]
    total: int


@dataclass(frozen=True, slots=True)
class NeverHeard:
    """lists: those with a word that was found nowhere, as the policy has them. words: (language, word). looked:
    messages; more: the period holds more than were looked at."""

    lists: Sequence[Unheard]
    never: int
    total: int
    looked: int
    more: bool


def never_heard(actor: User, period: Period, policy: Policy) -> NeverHeard:
    """Words of categories, signs and rules that no message of a caller holds, in whatever language it is. What was
    removed or taken out cannot be looked at. One statement."""
    matcher = matcher_of(policy)
    every: dict[Group, set[str]] = defaultdict(set)
    for owners in matcher.owners:
        for group, word in owners:
            if group.kind in KINDS:
                every[group].add(word)
    seen: set[tuple[Group, str]] = set()
    openings = _openings(actor, period)
    for opening in openings[:MESSAGES_MOST]:
        seen.update(matcher.find(opening).words())
    looked, more = min(len(openings), MESSAGES_MOST), len(openings) > MESSAGES_MOST
    lists: dict[tuple[str, str], list[tuple[str, str]]] = {}
    totals: dict[tuple[str, str], int] = defaultdict(int)
    for group, words in every.items():
        totals[group.kind, group.key] += len(words)
        unheard = sorted(word for word in words if (group, word) not in seen)
        lists.setdefault((group.kind, group.key), []).extend((group.language, word) for word in unheard)
    made = [Unheard(kind, key, words, totals[kind, key]) for (kind, key), words in lists.items() if words]
    return NeverHeard(made, sum(len(each.words) for each in made), sum(totals.values()), looked, more)


def _openings(actor: User, period: Period) -> list[str]:
    """What callers wrote on the tickets that came in the period, the newest first: up to MESSAGES_MOST + 1."""
    tickets = tickets_visible(actor).filter(created_at__gte=period.starts, created_at__lt=period.ends)
    found = Message.objects.filter(
        ticket__in=tickets.order_by().values("pk"),
        direction=Direction.INBOUND,
        kind=MessageKind.MESSAGE,
        removed_at__isnull=True,
    ).exclude(body="")
    opening = found.annotate(opening=Substr("body", 1, READ_MOST)).order_by("-pk")
    return list(opening.values_list("opening", flat=True)[: MESSAGES_MOST + 1])
