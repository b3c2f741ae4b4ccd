"""Tickets as `priority/preview.py` reads them: stored facts, and words that are still kept. Set-based; nothing is
locked here, and nothing is written."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from django.db import InterfaceError, OperationalError, connection
from django.utils.dateparse import parse_datetime

from accounts.models import Team
from priority import clock
from priority.facts import Decision
from priority.policy import Policy
from priority.preview import Facts, Outcome, Properties, Row, Stays, Told, outcome
from priority.selectors import policy_of
from priority.shapes import DateMeans, TargetKind
from tickets import bulk
from tickets.models import ChannelAccount, Message, Pause, Target, Ticket, Triage
from tickets.prepared import Prepared
from tickets.services.clock_work import places_of
from tickets.services.judge import Judge
from tickets.services.redacting import RULE as REDACTED
from tickets.services.triage_work import Ruled, ruling_of

log = logging.getLogger(__name__)

_PROMISES = Prepared(
    """
SELECT p.ticket_id, p.id, p.promised_for, p.kind, p.told_at, p.calendar, p."end" = '' AS stands, r.state,
       r.args -> 'moved' ->> 'date', r.args -> 'moved' ->> 'kind',
       r.send_started_at IS NOT NULL OR EXISTS (
           SELECT 1 FROM tickets_outboundpart o WHERE o.reply_id = r.id AND o.external_id <> '')
  FROM tickets_promise p
  LEFT JOIN tickets_outboundreply r ON r.dedupe_key = 'changed:' || p.id AND p."end" = ''
 WHERE p.ticket_id = ANY(%(ids)s) ORDER BY p.ticket_id, p.told_at, p.id
""",
    {"ids": "bigint[]"},
)
#: Messages that tell a date and are on their way, or may have gone: what they say was worked out already.
_TELLING = Prepared(
    """
SELECT r.ticket_id, bool_or(r.state <> 'unknown'), bool_or(r.state = 'unknown')
  FROM tickets_outboundreply r
 WHERE r.ticket_id = ANY(%(ids)s) AND r.tells_for IS NOT NULL
   AND (r.state IN ('sending', 'waiting', 'handed', 'unknown')
        OR r.state = 'queued' AND (NOT r.is_automatic OR EXISTS (
               SELECT 1 FROM tickets_outboundpart o WHERE o.reply_id = r.id AND o.external_id <> '')))
 GROUP BY r.ticket_id
""",
    {"ids": "bigint[]"},
)
_UNSENT = frozenset({"queued", "held", "sending"})
_STUCK = frozenset({"failed", "unknown", "waiting", "handed"})


@dataclass(slots=True)
class Known:
    """Everything that one batch of tickets is read with. words: what their callers said, oldest first."""

    accounts: Mapping[int, ChannelAccount]
    teams: Mapping[int, str]
    places: Mapping[int, Any]
    targets: dict[int, list[Row]] = field(default_factory=dict)
    pauses: dict[int, list[clock.Span]] = field(default_factory=dict)
    told: dict[int, Told] = field(default_factory=dict)
    first_told: dict[int, datetime] = field(default_factory=dict)
    telling: dict[int, Stays] = field(default_factory=dict)
    words: dict[int, list[Message]] = field(default_factory=dict)

    def words_gone(self, ticket_id: int) -> bool:
        """Whether any of its caller's words were taken out, by us or at the network."""
        return any(message.removed_at is not None for message in self.words.get(ticket_id, ()))

    def redacted(self, ticket_id: int) -> bool:
        """Whether any of its words were taken out by us, for good."""
        return any(message.removed_rule.startswith(REDACTED) for message in self.words.get(ticket_id, ()))


def known_of(tickets: Sequence[Ticket]) -> Known:
    """The facts of these tickets, in as many statements as for one."""
    ids = sorted(ticket.pk for ticket in tickets)
    known = Known(
        accounts=ChannelAccount.objects.in_bulk({ticket.account_id for ticket in tickets}),
        teams=dict(Team.objects.filter(pk__in={t.team_id for t in tickets}).values_list("pk", "key")),
        places=places_of(tickets),
    )
    clause = "WHERE ticket_id = ANY(%s) ORDER BY ticket_id, id"
    for row in bulk.read(Target, clause, [ids], types=("bigint[]",)):
        known.targets.setdefault(row.ticket_id, []).append(_row(row))
    clause = "WHERE ticket_id = ANY(%s) AND ended_at IS NOT NULL ORDER BY ticket_id, started_at, id"
    for pause in bulk.read(Pause, clause, [ids], types=("bigint[]",)):
        if pause.ended_at is not None:
            known.pauses.setdefault(pause.ticket_id, []).append((pause.started_at, pause.ended_at))
    with connection.cursor() as cursor:
        cursor.execute(_PROMISES.ready(), {"ids": ids})
        for ticket_id, *columns in cursor.fetchall():
            known.first_told.setdefault(ticket_id, columns[3])
            if columns[5]:
                known.told[ticket_id] = _told(*columns)
        cursor.execute(_TELLING.ready(), {"ids": ids})
        for ticket_id, under_way, unknown in cursor.fetchall():
            known.telling[ticket_id] = "not_certain" if unknown else "under_way" if under_way else ""
    clause = "WHERE ticket_id = ANY(%s) AND direction = 'in' AND NOT by_participant ORDER BY ticket_id, sent_at, id"
    for message in bulk.read(Message, clause, [ids], types=("bigint[]",)):
        known.words.setdefault(message.ticket_id or 0, []).append(message)
    return known


def facts_of(tickets: Sequence[Ticket], known: Known, new: Policy) -> dict[int, Facts]:
    """By ticket. `new`: the policy that its words are read by again. One on which the desk itself fails stays as it is
    (`desk_error`), and keeps no other back."""
    judges = _judges(tickets, known, new)
    found = {}
    for ticket in tickets:
        try:
            found[ticket.pk] = _facts(ticket, known, judges)
        except (OperationalError, InterfaceError):
            raise
        except Exception:  # what one ticket's words and policies may break has no end; the others follow
            log.exception("policy: ticket %s does not follow", ticket.pk)
            properties = _properties(ticket, known)
            found[ticket.pk] = Facts(properties, responds=False, by_person=False, under_way="desk_error")
    return found


def outcomes_of(
    facts: Mapping[int, Facts], tickets: Sequence[Ticket], new: Policy, now: datetime
) -> dict[int, Outcome]:
    """By ticket: what the new policy makes of it. One on which the desk itself fails stays as it is."""
    found = {}
    for ticket in tickets:
        try:
            found[ticket.pk] = outcome(policy_of(ticket.policy_revision_id), new, facts[ticket.pk], now)
        except Exception:  # what one ticket's facts may break has no end; the others follow
            log.exception("policy: ticket %s does not follow", ticket.pk)
            found[ticket.pk] = Outcome("desk_error", "stored", facts[ticket.pk].properties)
    return found


def _row(row: Target) -> Row:
    return Row(
        row.pk,
        cast(TargetKind, row.kind),
        row.cycle,
        row.started_at,
        row.due_at,
        row.at_risk_at,
        row.calendar,
        met=row.met_at is not None,
        ended=row.ended_at is not None,
    )


def _told(
    pk: int,
    promised_for: datetime,
    kind: str,
    told_at: datetime,
    calendar: str,
    _stands: bool,
    state: str | None,
    moved: str | None,
    moved_kind: str | None,
    begun: bool,
) -> Told:
    unsent = state in _UNSENT and not begun
    date = parse_datetime(moved) if unsent and moved else None
    pending = (date, cast(DateMeans, moved_kind)) if date is not None else None
    return Told(
        pk,
        promised_for,
        cast(DateMeans, kind),
        told_at,
        calendar,
        follows=unsent and pending is None,
        blocked=state in _STUCK or (begun and state in _UNSENT),
        pending=pending,
    )


def _judges(tickets: Collection[Ticket], known: Known, new: Policy) -> dict[int, Judge]:
    """By revision: who reads words by its policy; 0: by the new one."""
    policies = {pk: policy_of(pk) for pk in {ticket.policy_revision_id for ticket in tickets}} | {0: new}
    account = next(iter(known.accounts.values()))
    judges = {pk: Judge(account, policy) for pk, policy in policies.items()}
    said_to = {message.account_id for words in known.words.values() for message in words}
    accounts = dict(known.accounts)
    if more := said_to - accounts.keys():
        accounts |= ChannelAccount.objects.in_bulk(more)
    callers = {ticket.caller_id for ticket in tickets}
    first = judges[0]
    first.know(callers)
    for judge in judges.values():
        judge.beside(accounts, first)
    return judges


def _properties(ticket: Ticket, known: Known) -> Properties:
    place = known.places[ticket.pk]
    return Properties(
        category=ticket.category,
        call_type=ticket.call_type,
        impact=ticket.impact,
        urgency=ticket.urgency,
        priority=ticket.priority,
        date_means=ticket.date_means,
        channel=place.channel,
        visibility=place.visibility,
        team=known.teams.get(ticket.team_id, ""),
    )


def _facts(ticket: Ticket, known: Known, judges: Mapping[int, Judge]) -> Facts:
    by_person = ticket.triage_by == "person"
    was = now_is = None
    if not by_person and ticket.priority:
        spoken = _counted(ticket, known)
        was = _decided(spoken, ticket, judges[ticket.policy_revision_id])
        if was is not None and (was.category, was.impact, was.urgency) == (
            ticket.category,
            ticket.impact,
            ticket.urgency,
        ):
            now_is = _decided(spoken, ticket, judges[0])
    return Facts(
        properties=_properties(ticket, known),
        responds=ticket.triage == Triage.RESPOND
        and ticket.is_open
        and known.accounts[ticket.account_id].answers
        and bool(ticket.priority),
        by_person=by_person,
        started_at=ticket.clock_started_at,
        targets=known.targets.get(ticket.pk, ()),
        pauses=known.pauses.get(ticket.pk, ()),
        told=known.told.get(ticket.pk) if ticket.is_open else None,
        was=was,
        now_is=now_is,
        under_way=known.telling.get(ticket.pk, "") if ticket.is_open else "",
    )


def _counted(ticket: Ticket, known: Known) -> list[Message]:
    """The words that the ticket's properties were read from, where all of them are kept: those before a date was told,
    and after a person last decided. None where one of them is gone."""
    until, since = known.first_told.get(ticket.pk), ticket.triage_decided_at
    found = [
        message
        for message in known.words.get(ticket.pk, ())
        if (until is None or message.received_at <= until) and (since is None or message.received_at > since)
    ]
    return [] if any(message.removed_rule.startswith(REDACTED) for message in found) else found


def _decided(spoken: Sequence[Message], ticket: Ticket, judge: Judge) -> Decision | None:
    ruled = [
        Ruled(one, judge.of_message(one, ticket.caller_id), by_machine=bool(one.machine_rule))
        for one in spoken
        if one.removed_at is None
    ]
    ruling = ruling_of(judge.policy, ruled)
    return ruling.decision if ruling is not None else None
