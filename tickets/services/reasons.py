"""Why a ticket takes longer, from stored facts alone: what may be told to its caller as the reason. Set-based.

A reason is a code with arguments, put in words where it is told (tickets/services/notice_words.py), and its proof: ids
of rows and figures, kept on the notice. The order is that in which they are told; the first that is proven is used.

    waiting_for_party    on hold now, for a supplier or planned work whose name is set
    reopened             opened again since it was last resolved, and not because a message did not arrive
    answer_came_late     the caller was asked something after the date was told, and has answered since
    other_team           transferred after the date was told, and nobody of that team has acted yet
    being_worked_on      it has an owner, and a person acted within the last working day
    far_more_than_usual  nobody has acted, and since it was opened its account got `TIMES` as many tickets as the median
                         of the same hours of the `WEEKS` weeks before, and at least `LEAST`
    not_started          nobody has acted since it was opened
    not_finished         nothing else is proven; it is true at any open date, and always there

Before them all would stand that it is part of a known incident: there are none yet that a ticket could be linked to.

A person acts by an answer (here or at the network), by a note, or by a change of status. Telling a later date,
releasing a message, taking a ticket or deciding that it is to be answered is no work on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from accounts.models import Membership, Team
from priority import clock
from priority.shapes import minutes
from tickets.models import HoldKind, Status, Ticket
from tickets.prepared import Prepared
from tickets.services.durations import calendar_of_ticket
from tickets.services.volume import more_than_usual
from tickets.texts.document import not_for_callers

#: A longer name of who we wait for leaves too little room beside the date.
PARTY_MOST = 60
#: Changes of status, as history calls them, when a person made them.
STATUS_EVENTS = ("held", "went_on", "resolved", "reopened")


@dataclass(frozen=True, slots=True)
class Proven:
    """A reason with its arguments ("day": an instant in ISO 8601) and its proof, both JSON."""

    code: str
    args: Mapping[str, str] = field(default_factory=dict)
    proof: Mapping[str, Any] = field(default_factory=dict)

    def stored(self) -> dict[str, Any]:
        """As it stands in a notice's args."""
        return {"reason": self.code, "reason_args": dict(self.args), "proof": dict(self.proof)}


NOT_FINISHED = Proven("not_finished")


@dataclass(frozen=True, slots=True)
class _Act:
    what: str
    id: int
    at: datetime
    user_id: int | None


@dataclass(slots=True)
class _Facts:
    """What is stored about one ticket. acts: the newest of each person, newest first."""

    told_at: datetime | None = None
    promise_id: int | None = None
    events: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    acts: list[_Act] = field(default_factory=list)
    pauses: list[tuple[int, datetime, datetime, int]] = field(default_factory=list)


_FACTS = Prepared(
    """
(SELECT DISTINCT ON (ticket_id, kind) ticket_id, 'event', id, kind, at, NULL::timestamptz, NULL::bigint
   FROM tickets_ticketevent
  WHERE ticket_id = ANY(%(ids)s) AND kind IN ('resolved', 'reopened', 'transferred')
    AND NOT (kind = 'reopened' AND args ->> 'rule' IS NOT DISTINCT FROM 'not_delivered')
  ORDER BY ticket_id, kind, at DESC, id DESC)
UNION ALL
(SELECT DISTINCT ON (ticket_id) ticket_id, 'promise', id, '', told_at, NULL, NULL
   FROM tickets_promise WHERE ticket_id = ANY(%(ids)s) ORDER BY ticket_id, told_at DESC, id DESC)
UNION ALL
(SELECT p.ticket_id, 'pause', p.id, '', p.started_at, coalesce(m.sent_at, p.ended_at), p.ended_by_message_id
   FROM tickets_pause p LEFT JOIN tickets_message m ON m.id = p.ended_by_message_id
  WHERE p.ticket_id = ANY(%(ids)s) AND p.kind = 'waiting' AND p.ended_at IS NOT NULL
    AND p.ended_by_message_id IS NOT NULL)
UNION ALL
(SELECT DISTINCT ON (ticket_id, person) ticket_id, 'act', id, what, at, NULL, person FROM (
    SELECT ticket_id, 'reply' AS what, id, created_at AS at, author_id AS person
      FROM tickets_outboundreply
     WHERE ticket_id = ANY(%(ids)s) AND author_id IS NOT NULL AND kind IN ('answer', 'resolution_notice')
       AND state IN ('queued', 'sending', 'waiting', 'handed', 'sent', 'unknown')
    UNION ALL
    SELECT ticket_id, 'message', id, sent_at, author_id FROM tickets_message
     WHERE ticket_id = ANY(%(ids)s)
       AND (direction = 'internal' AND author_id IS NOT NULL
            OR direction = 'out' AND kind = 'answer' AND reply_id IS NULL)
    UNION ALL
    SELECT ticket_id, 'event', id, at, actor_user_id FROM tickets_ticketevent
     WHERE ticket_id = ANY(%(ids)s) AND actor_kind = 'user' AND kind = ANY(%(status)s)) acts
  ORDER BY ticket_id, person, at DESC, id DESC)
""",
    {"ids": "bigint[]", "status": "text[]"},
)


def reasons_proven(
    tickets: Iterable[Ticket], now: datetime, *, volume: bool = True
) -> dict[int, list[Proven]]:
    """By ticket: every reason that is proven now, in order; the last is always `not_finished`.

    1. The facts of all tickets in one statement; names of teams, and who is in them, only where one was transferred.
    2. Each rule in order, on the ticket's columns as the object has them.
    3. How many tickets came in is counted once per account and hour, and only where nobody has acted. `volume` False
       leaves that out: who only asks whether there is anything better than `not_finished` has `not_started` there.
    """
    rows = {ticket.pk: ticket for ticket in tickets}
    if not rows:
        return {}
    found = _facts(list(rows))
    teams, members = _teams(rows[pk] for pk, facts in found.items() if "transferred" in facts.events)
    proven = {}
    for pk, ticket in rows.items():
        facts = found.get(pk) or _Facts()
        candidates = [
            _waiting_for_party(ticket),
            _reopened(facts),
            _answer_came_late(facts, now),
            _other_team(ticket, facts, teams, members),
            _being_worked_on(ticket, facts, now),
            _far_more_than_usual(ticket, facts, now) if volume else None,
            _not_started(ticket, facts),
            NOT_FINISHED,
        ]
        proven[pk] = [one for one in candidates if one is not None]
    return proven


def _facts(ids: Sequence[int]) -> dict[int, _Facts]:
    with connection.cursor() as cursor:
        cursor.execute(_FACTS.ready(), {"ids": sorted(ids), "status": list(STATUS_EVENTS)})
        rows = cursor.fetchall()
    found: dict[int, _Facts] = {}
    for ticket_id, what, pk, kind, at, other_at, other_id in rows:
        facts = found.setdefault(ticket_id, _Facts())
        if what == "event":
            facts.events[kind] = (pk, at)
        elif what == "promise":
            facts.promise_id, facts.told_at = pk, at
        elif what == "pause":
            facts.pauses.append((pk, at, other_at, other_id))
        else:
            facts.acts.append(_Act(kind, pk, at, other_id))
    for facts in found.values():
        facts.acts.sort(key=lambda act: act.at, reverse=True)
    return found


def _teams(tickets: Iterable[Ticket]) -> tuple[dict[int, Team], dict[int, set[int]]]:
    ids = {ticket.team_id for ticket in tickets}
    if not ids:
        return {}, {}
    members: dict[int, set[int]] = {pk: set() for pk in ids}
    for team_id, user_id in Membership.objects.filter(team_id__in=ids).values_list("team_id", "user_id"):
        members[team_id].add(user_id)
    return Team.objects.in_bulk(ids), members


def _waiting_for_party(ticket: Ticket) -> Proven | None:
    party = " ".join(ticket.hold_for.split())
    if ticket.status != Status.ON_HOLD or ticket.hold_kind not in (HoldKind.SUPPLIER, HoldKind.PLANNED):
        return None
    if not 0 < len(party) <= PARTY_MOST or not_for_callers(party, sorry=False):
        return None
    since = {"since": ticket.hold_since.isoformat()} if ticket.hold_since else {}
    return Proven("waiting_for_party", {"party": party}, {"hold": ticket.hold_kind, **since})


def _reopened(facts: _Facts) -> Proven | None:
    if "reopened" not in facts.events:
        return None
    event_id, at = facts.events["reopened"]
    resolved = facts.events.get("resolved")
    if resolved is not None and (resolved[1], resolved[0]) > (at, event_id):
        return None
    return Proven("reopened", {}, {"event": event_id})


def _answer_came_late(facts: _Facts, now: datetime) -> Proven | None:
    for pause_id, started_at, spoke_at, message_id in sorted(facts.pauses, reverse=True):
        if facts.told_at is not None and started_at >= facts.told_at and spoke_at <= now:
            proof = {"pause": pause_id, "message": message_id, "promise": facts.promise_id}
            return Proven("answer_came_late", {"day": spoke_at.isoformat()}, proof)
    return None


def _other_team(
    ticket: Ticket, facts: _Facts, teams: Mapping[int, Team], members: Mapping[int, set[int]]
) -> Proven | None:
    """A private team is not named to anybody outside. An answer at the network may be anybody's."""
    if "transferred" not in facts.events or facts.told_at is None:
        return None
    event_id, at = facts.events["transferred"]
    team = teams[ticket.team_id]
    theirs = members[ticket.team_id]
    acted = any(act.at > at and (act.user_id is None or act.user_id in theirs) for act in facts.acts)
    if at <= facts.told_at or acted or team.is_private or not_for_callers(team.name, sorry=False):
        return None
    proof = {"event": event_id, "promise": facts.promise_id}
    return Proven("other_team", {"team": team.name, "day": at.isoformat()}, proof)


def _being_worked_on(ticket: Ticket, facts: _Facts, now: datetime) -> Proven | None:
    if ticket.owner_id is None or not facts.acts or not ticket.priority:
        return None
    calendar = calendar_of_ticket(ticket)
    act = facts.acts[0]
    if clock.between(calendar, clock.known_from(calendar, act.at), now) > minutes(calendar.working_day):
        return None
    return Proven("being_worked_on", {}, {"owner": ticket.owner_id, act.what: act.id})


def _far_more_than_usual(ticket: Ticket, facts: _Facts, now: datetime) -> Proven | None:
    if facts.acts:
        return None
    figures = more_than_usual(ticket.account_id, since=ticket.created_at, now=now)
    return Proven("far_more_than_usual", {}, figures) if figures is not None else None


def _not_started(ticket: Ticket, facts: _Facts) -> Proven | None:
    return None if facts.acts else Proven("not_started", {}, {"opened": ticket.created_at.isoformat()})
