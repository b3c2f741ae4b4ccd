"""Promises kept: what became of each date that callers were told, counted by the week of that date.

What is counted is a told date (a row of Promise), once, in the week in which it lies in the zone of the policy in
force. Only dates on tickets that the reader may see. Outcomes, of which each date has exactly one:

kept, missed, suspended, withdrawn   as the promise ended
before, at                           renewed: another date was told before the time at which its overdue notice leaves
                                     (notice_at), or from then on until the date
running                              not ended yet

*Silent* is no outcome but a part of missed and running: the date has passed (running: by LAG), and when it passed no
task of KINDS was open on its ticket, so that neither the caller nor anybody here had been told. A task is stamped with
the time at which it was due; one that was made later (args: noticed_at), by more than LAG after the date, told nobody
in time. A date that passed while its ticket was joined with another, and that came back when they were parted, counts
as it stands: nobody was asked. Team, account and category are the ticket's as they are now. One statement, at a cost by
the period, by the index on promised_for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models.expressions import RawSQL

from accounts.models import User
from tickets.models import Promise
from tickets.reference import as_shown
from tickets.selectors import tickets_visible

OUTCOMES = ("kept", "before", "at", "missed", "suspended", "withdrawn", "running")
GROUPS = ("week", "account", "team", "category")
KINDS = ("notice", "reason", "not_told", "not_certain", "release")
#: Several outcomes that one figure counts: those by which a week is judged, and those told of anew in time.
TOGETHER = {"decided": ("kept", "before", "at", "missed"), "renewed": ("before", "at")}
LAG = timedelta(minutes=5)
#: In an address, the category of tickets that have none; no key is written so.
NO_CATEGORY = "-"
PAGE = 50
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Period:
    """`weeks` whole weeks from Monday `first` in `zone`."""

    first: date
    weeks: int
    zone: str

    @property
    def starts(self) -> datetime:
        return self._at(self.first)

    @property
    def ends(self) -> datetime:
        return self._at(self.first + timedelta(weeks=self.weeks))

    @property
    def last(self) -> date:
        """The Sunday it ends with."""
        return self.first + timedelta(weeks=self.weeks, days=-1)

    @property
    def mondays(self) -> list[date]:
        return [self.first + timedelta(weeks=each) for each in range(self.weeks)]

    def _at(self, day: date) -> datetime:
        return datetime.combine(day, time(), ZoneInfo(self.zone))


def period_to(until: date, *, weeks: int, zone: str) -> Period:
    """The weeks that end with the one in which `until` lies."""
    monday = until - timedelta(days=until.weekday())
    return Period(monday - timedelta(weeks=weeks - 1), weeks, zone)


@dataclass(slots=True)
class Figures:
    """Dates by outcome; `silent` of them passed while nobody was told."""

    counts: dict[str, int] = field(default_factory=dict)
    silent: int = 0

    @property
    def all(self) -> int:
        return sum(self.counts.values())

    @property
    def decided(self) -> int:
        return self.of("decided")

    def of(self, outcome: str) -> int:
        """Of OUTCOMES, TOGETHER, or "silent"."""
        if outcome == "silent":
            return self.silent
        return sum(self.counts.get(each, 0) for each in TOGETHER.get(outcome, (outcome,)))

    def add(self, other: Figures) -> None:
        for outcome, count in other.counts.items():
            self.counts[outcome] = self.counts.get(outcome, 0) + count
        self.silent += other.silent


_OUTCOME = """CASE WHEN p."end" = 'renewed' THEN CASE WHEN p.ended_at < p.notice_at THEN 'before' ELSE 'at' END
     WHEN p."end" = '' THEN 'running' ELSE p."end" END"""
_SILENT = """((p."end" = 'missed' OR p."end" = '' AND p.promised_for < %(now)s - %(lag)s) AND NOT EXISTS (
     SELECT 1 FROM tickets_agenttask k WHERE k.ticket_id = p.ticket_id AND k.kind = ANY(%(kinds)s)
        AND k.created_at <= p.promised_for AND (k.done_at IS NULL OR k.done_at >= p.promised_for)
        AND coalesce((k.args ->> 'noticed_at')::timestamptz, k.created_at) <= p.promised_for + %(lag)s))"""
_ROWS = """
SELECT p.id, p.promised_for, p.told_at, p.kind, p.ended_at, t.reference, t.category, t.account_id AS account,
       t.team_id AS team, date_trunc('week', p.promised_for AT TIME ZONE %(zone)s)::date AS week,
       {outcome} AS outcome, {silent} AS silent
  FROM tickets_promise p JOIN tickets_ticket t ON t.id = p.ticket_id
  CROSS JOIN LATERAL ({visible} OFFSET 0) AS seen
 WHERE p.promised_for >= %(starts)s AND p.promised_for < %(ends)s"""


def _statement(actor: User, period: Period, now: datetime) -> tuple[str, dict[str, Any]]:
    """Raises EmptyResultSet for who may see nothing."""
    visible = tickets_visible(actor).filter(pk=RawSQL("p.ticket_id", [])).values("pk")
    sql, given = visible.query.sql_with_params()
    named = {f"seen{number}": value for number, value in enumerate(given)}
    sql %= tuple(f"%({name})s" for name in named)
    values = {**named, "now": now, "lag": LAG, "kinds": list(KINDS), "zone": period.zone}
    values |= {"starts": period.starts, "ends": period.ends}
    return _ROWS.format(outcome=_OUTCOME, silent=_SILENT, visible=sql), values


def _asked(sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _among(wanted: Mapping[str, str], values: dict[str, Any]) -> str:
    """A condition over the rows of a statement, whose values it adds. wanted: as `dates` takes it."""
    where = ["true"]
    for name in ("outcome", "category", "account", "team"):
        if not (said := wanted.get(name, "")):
            continue
        if (name, said) == ("outcome", "silent"):
            where.append("silent")
            continue
        where.append(f"{name}::text = ANY(%({name})s)")
        values[name] = list(TOGETHER.get(said, (said,))) if name == "outcome" else [said]
        if (name, said) == ("category", NO_CATEGORY):
            values[name] = [""]
    return " AND ".join(where)


def promises_kept(
    actor: User, period: Period, *, wanted: Mapping[str, str] | None = None, now: datetime
) -> dict[str, dict[Any, Figures]]:
    """By group (GROUPS), then by Monday, id of the account or team, or key of the category. wanted: as `dates` takes
    it. One statement."""
    found: dict[str, dict[Any, Figures]] = {name: {} for name in GROUPS}
    try:
        rows, values = _statement(actor, period, now)
    except EmptyResultSet:
        return found
    sets = ", ".join(f"({name}, outcome)" for name in GROUPS)
    condition = _among(wanted or {}, values)
    asked = f"""WITH d AS ({rows})
SELECT week, account, team, category, grouping(week, account, team, category), outcome, count(*),
       count(*) FILTER (WHERE silent) FROM d WHERE {condition} GROUP BY GROUPING SETS ({sets})"""  # noqa: S608 - constants
    for *keys, mask, outcome, count, silent in _asked(asked, values):
        place = next(at for at in range(4) if not mask & (8 >> at))
        figures = found[GROUPS[place]].setdefault(keys[place], Figures())
        figures.counts[outcome] = count
        figures.silent += silent
    return found


def place_of(
    actor: User, *, promised_for: datetime, reference: str, told_at: datetime
) -> tuple[datetime, int] | None:
    """The place after a date, named without its id; None where there is no such date for this reader."""
    tickets = tickets_visible(actor).filter(reference=reference)
    found = Promise.objects.filter(ticket__in=tickets, promised_for=promised_for, told_at=told_at).order_by(
        "pk"
    )
    pk = found.values_list("pk", flat=True).first()
    return (promised_for, pk) if pk is not None else None


@dataclass(frozen=True, slots=True)
class Told:
    """One told date. `outcome` of OUTCOMES."""

    id: int
    promised_for: datetime
    told_at: datetime
    kind: str
    ended_at: datetime | None
    reference: str
    category: str
    account: int
    team: int
    week: date
    outcome: str
    silent: bool

    @property
    def shown_reference(self) -> str:
        return as_shown(self.reference)


def dates(
    actor: User,
    period: Period,
    *,
    wanted: Mapping[str, str],
    after: tuple[datetime, int] | None = None,
    limit: int = PAGE,
    now: datetime,
) -> Sequence[Told]:
    """Up to limit + 1 dates, earliest first, after a place: date and id, since a ticket may be told one date twice.
    `wanted`: outcome (or "silent", or one of TOGETHER), account, team, category (NO_CATEGORY: those without);
    what is no value of one finds nothing."""
    try:
        rows, values = _statement(actor, period, now)
    except EmptyResultSet:
        return []
    condition = _among(wanted, values)
    if after is not None:
        condition += " AND (promised_for, id) > (%(at)s, %(id)s)"
        values |= {"at": after[0], "id": after[1], "starts": max(period.starts, after[0])}
    asked = (
        f"SELECT id, promised_for, told_at, kind, ended_at, reference, category, account, team, week, outcome, silent "  # noqa: S608
        f"FROM ({rows}) d WHERE {condition} ORDER BY promised_for, id LIMIT %(limit)s"
    )
    return [Told(*row) for row in _asked(asked, {**values, "limit": limit + 1})]


def every_date(actor: User, period: Period, *, wanted: Mapping[str, str], now: datetime) -> Iterator[Told]:
    """All of them, batch after batch: flat memory, no cursor held open."""
    after = None
    while True:
        batch = dates(actor, period, wanted=wanted, after=after, limit=BATCH, now=now)
        yield from batch[:BATCH]
        if len(batch) <= BATCH:
            return
        after = (batch[BATCH - 1].promised_for, batch[BATCH - 1].id)
