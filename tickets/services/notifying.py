"""Telling colleagues: rows written in the transaction of what they are told of. Set-based: one statement for all of it.

Who is told follows from the kind (`_TOLD`): the owner, the one it was given to, the team's members, its leads. What a
person does not want on their page is not written, but for what wakes them. Whoever did it themselves is not told. One
cause tells one person once (UNIQUE); the newer one about the same ticket takes the place of an unread older one, unless
its reader has that in hand just now: nobody waits for anybody here.
What is worded, and whether its reader may still see the ticket, is asked when it is read (selectors_notifications.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from priority.policy import Policy
from tickets.live import users_told
from tickets.models import AgentTask, Ticket, ToldKind
from tickets.models.notification import ON_PAGE
from tickets.prepared import Prepared, ask
from tickets.wake import STAFF_MAILS, wake

#: Waking a worker takes one argument; this job takes all there is.
EVERYBODY = 0


@dataclass(frozen=True, slots=True)
class Tell:
    """cause: "<kind>:<what>". user_id: whom alone; None: whom the kind tells. by: who did it, and is not told."""

    kind: ToldKind
    ticket_id: int
    cause: str
    user_id: int | None = None
    by: int | None = None


#: Whom a cause (kind, ticket, who, by, cause) tells: r(id, wakes). Where nobody in a team is named to be woken, or
#: nobody who is can be reached by mail, its leads are.
_PEOPLE = """
  SELECT a.who AS id, false AS wakes WHERE a.who IS NOT NULL
   UNION ALL
  SELECT t.owner_id, false WHERE a.who IS NULL AND a.kind IN ('said', 'at_risk')
   UNION ALL
  SELECT m.user_id,
         a.kind IN ('untaken', 'unreached') OR a.kind IN ('p1', 'danger') AND (m.is_woken OR m.is_lead AND NOT EXISTS (
             SELECT 1 FROM accounts_membership o JOIN accounts_user ou ON ou.id = o.user_id
              WHERE o.team_id = t.team_id AND o.is_woken AND ou.is_active AND ou.email <> ''))
    FROM accounts_membership m
   WHERE m.team_id = t.team_id AND a.who IS NULL
     AND (a.kind IN ('p1', 'danger', 'transferred') OR m.is_lead AND a.kind IN ('untaken', 'unreached', 'task'))
"""
_WRITE = f"""
, told AS (
    INSERT INTO tickets_notification (user_id, kind, ticket_id, cause, wakes, created_at)
    SELECT u.id, a.kind, t.id, a.cause, bool_or(r.wakes), %(now)s
      FROM asked a
      JOIN tickets_ticket t ON t.id = a.ticket
     CROSS JOIN LATERAL ({_PEOPLE}) r
      JOIN accounts_user u ON u.id = r.id AND u.is_active
      LEFT JOIN tickets_toldwishes w ON w.user_id = u.id
     WHERE u.id IS DISTINCT FROM a.by AND (r.wakes OR a.kind = ANY (COALESCE(w.page, %(page)s)))
     GROUP BY u.id, a.kind, t.id, a.cause
     ORDER BY u.id, a.cause
        ON CONFLICT (user_id, cause) DO NOTHING
 RETURNING id, user_id, kind, ticket_id, wakes),
older AS (
    UPDATE tickets_notification SET read_at = %(now)s
     WHERE id IN (SELECT n.id FROM tickets_notification n JOIN told
                      ON n.user_id = told.user_id AND n.ticket_id = told.ticket_id AND n.kind = told.kind
                   WHERE n.read_at IS NULL AND n.kind IN ('said', 'danger', 'task', 'untaken')
                     FOR UPDATE OF n SKIP LOCKED))
SELECT user_id, bool_or(wakes) FROM told GROUP BY user_id
"""  # noqa: S608 - constants of our own
_GIVEN = """
WITH asked AS (
    SELECT * FROM unnest(%(kinds)s, %(tickets)s, %(causes)s, %(who)s, %(by)s) AS a (kind, ticket, cause, who, by))
"""
_TOLD = Prepared(
    "".join((_GIVEN, _WRITE)),
    {
        "kinds": "text[]",
        "tickets": "bigint[]",
        "causes": "text[]",
        "who": "bigint[]",
        "by": "bigint[]",
        "now": "timestamptz",
        "page": "varchar[]",
    },
)
# A task whose cause had one already was not made (ON CONFLICT); that one's time is another. Of what a person is asked
# because a date is at risk, that is what they are told, once with the look at the date itself.
_ASKING = """
WITH asked AS (
    SELECT CASE WHEN k.kind = 'danger' THEN 'danger'
                WHEN k.kind IN ('notice', 'reason') AND NOT k.for_lead THEN 'at_risk' ELSE 'task' END AS kind,
           k.ticket_id AS ticket,
           CASE WHEN k.kind IN ('notice', 'reason') AND NOT k.for_lead AND k.args ? 'promise'
                THEN 'risk:' || (k.args ->> 'promise')
                WHEN k.for_lead AND k.kind <> 'danger' THEN k.cause || ':lead' ELSE k.cause END AS cause,
           CASE WHEN k.kind <> 'danger' AND NOT k.for_lead THEN COALESCE(k.user_id, kt.owner_id) END AS who,
           COALESCE(%(by)s, CASE WHEN k.args ? 'by' THEN (k.args ->> 'by')::bigint END) AS by
      FROM unnest(%(causes)s, %(made)s) AS g (cause, made)
      JOIN tickets_agenttask k ON k.cause = g.cause AND k.done_at IS NULL
       AND (g.made IS NULL OR k.created_at = g.made)
      JOIN tickets_ticket kt ON kt.id = k.ticket_id
     WHERE k.kind = 'danger' OR k.for_lead OR k.user_id IS NOT NULL OR kt.owner_id IS NOT NULL)
"""
_OF_TASKS = Prepared(
    "".join((_ASKING, _WRITE)),
    {"causes": "text[]", "made": "timestamptz[]", "by": "bigint", "now": "timestamptz", "page": "varchar[]"},
)


def told(what: Iterable[Tell], *, now: datetime) -> None:
    """Inside the transaction of the cause, with the tickets written as they are to be. One statement; none for none."""
    rows = list(what)
    if not rows:
        return
    values = {
        "kinds": [row.kind.value for row in rows],
        "tickets": [row.ticket_id for row in rows],
        "causes": [row.cause for row in rows],
        "who": [row.user_id for row in rows],
        "by": [row.by for row in rows],
        "now": now,
        "page": list(ON_PAGE),
    }
    _heard(ask(_TOLD, values))


def tasks_told(tasks: Iterable[AgentTask], *, now: datetime) -> None:
    """Those of these tasks that were made by now, just so: danger to the team, the others to whom they ask."""
    rows = [row for row in tasks if row.ticket_id is not None]
    if rows:
        _of_tasks([row.cause for row in rows], [row.created_at for row in rows], now)


def leads_told(causes: Sequence[str], *, now: datetime, by: int | None = None) -> None:
    """Tasks of these causes that have become the lead's, or that of another team."""
    if causes:
        _of_tasks(list(causes), [None] * len(causes), now, by)


def _of_tasks(
    causes: list[str], made: Sequence[datetime | None], now: datetime, by: int | None = None
) -> None:
    values = {"causes": causes, "made": list(made), "by": by, "now": now, "page": list(ON_PAGE)}
    _heard(ask(_OF_TASKS, values))


def _heard(rows: Sequence[tuple[int, bool]]) -> None:
    """Their pages are told after commit, and the mail that cannot wait goes."""
    if not rows:
        return
    users_told([user_id for user_id, _wakes in rows])
    if any(wakes for _user_id, wakes in rows):
        wake(STAFF_MAILS, EVERYBODY)


def is_highest(policy: Policy, rank: int) -> bool:
    """Whether this is the rank of the policy's highest priority."""
    return rank == min(level.rank for level in policy.priorities)


def highest_told(ticket_ids: Iterable[int], *, now: datetime, by: int | None = None) -> None:
    """Tickets that have just come to the highest priority: once each, whatever becomes of it later."""
    told((Tell(ToldKind.P1, pk, f"p1:{pk}", by=by) for pk in ticket_ids), now=now)


def given_told(tickets: Iterable[Ticket], *, by: int, now: datetime) -> None:
    """Tickets that were given to their owner by a colleague, at their version, which this has raised."""
    given = (ticket for ticket in tickets if ticket.owner_id is not None and ticket.owner_id != by)
    told(
        (
            Tell(
                ToldKind.GIVEN,
                ticket.pk,
                f"given:{ticket.pk}:{ticket.version}",
                user_id=ticket.owner_id,
                by=by,
            )
            for ticket in given
        ),
        now=now,
    )
