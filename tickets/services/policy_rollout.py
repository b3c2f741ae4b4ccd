"""A revision that was published for the open tickets, too: it goes over them in batches, at a pace.

One batch is one transaction:
1. The row of the rollout, passed over where another worker holds it; so one works at it at a time.
2. The next tickets that an older revision is the policy of, locked in order of id. What the new one makes of each is
   worked out by `priority/preview.py`, as the preview did.
3. Properties, targets, date-changed notices (`changed:<promise>`) with what each tells, clock, history, version; the
   row's cursor and counts. Killed anywhere, nothing of the batch was done, and the next pass does it.
A notice that a rule keeps back is held, and a person is asked to release it, as every notice.

A ticket about which a message that tells a date is on its way is left for the next round; where nobody knows whether
it went, or the ticket holds what the policy does not know, it stays with its revision, wholly, and is counted. Rounds
go on until one had nothing to do that began after the last transaction that may have read the revision before: intake
under way while the policy was published makes its tickets by the old one, and a later round finds them. What waits for
triage keeps the time until when it should be looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from accounts.actors import Actor, System
from accounts.models import User
from priority.models import PolicyRevision
from priority.policy import Policy
from priority.preview import Outcome, reasons_of
from priority.selectors import policy_of, revision_of
from priority.services import Scope
from tickets import bulk
from tickets.clock import database_now
from tickets.models import (
    AgentTask,
    PolicyRollout,
    ReplyKind,
    RolloutEnd,
    Target,
    TaskKind,
    Ticket,
    TicketEvent,
    Triage,
)
from tickets.services.audit import event, task, tasks_make
from tickets.services.clock_notices import changed_put, places_to_speak, rows_give_way
from tickets.services.clock_work import clock_set
from tickets.services.forecast import kept_back
from tickets.services.policy_facts import Known, facts_of, known_of, outcomes_of
from tickets.services.policy_notices import moved_notice, nowhere_task, open_promises
from tickets.wake import ROLLOUT, wake

ACTOR = System("policy")
BATCH = 200
#: After so many notices a pass rests, so that the outbox of a large desk is not filled at once.
PACE, REST = 100, timedelta(seconds=5)
#: A round that left something for later is followed by the next one after this.
AGAIN = timedelta(seconds=15)
#: A ticket whose message is on its way for longer than this after publishing stays with its revision.
PATIENCE = timedelta(hours=1)

_TICKETS = (
    "WHERE id > %s AND status IN ('new', 'open', 'waiting_on_caller', 'on_hold') AND policy_revision_id IN "
    "(SELECT id FROM priority_policyrevision WHERE number < %s) ORDER BY id LIMIT %s FOR NO KEY UPDATE"
)
_SAVED = (
    "call_type",
    "category",
    "impact",
    "urgency",
    "priority",
    "priority_rank",
    "date_means",
    "reasons",
    "tags",
    "is_danger",
    "policy_revision",
    "version",
)


@dataclass(frozen=True, slots=True)
class Rolled:
    """One batch: tickets looked at; notices made; whether there may be more to do at once."""

    tickets: int = 0
    notices: int = 0
    more: bool = False


def rollout_begin(
    revision: PolicyRevision, previous: PolicyRevision, scope: Scope, actor: Actor, now: datetime
) -> None:
    """Called as the policy is published, in its transaction (`priority.services.PUBLISHED`). One that is still on its
    way ends: the newer revision goes over the same tickets."""
    del previous
    if scope != "open":
        return
    PolicyRollout.objects.filter(done_at__isnull=True).update(done_at=now, ended=RolloutEnd.SUPERSEDED)
    rollout = PolicyRollout.objects.create(
        revision=revision,
        asked_by=actor if isinstance(actor, User) else None,
        created_at=now,
        next_at=now,
    )
    wake(ROLLOUT, rollout.pk)


def rollouts_work(*, now: datetime, batch: int = BATCH, most: int = 50) -> int:
    """What is to be done now, at most so many batches; the tickets that were looked at."""
    done = 0
    for _ in range(most):
        one = rollout_batch(now=now, limit=batch)
        done += one.tickets
        if not one.more:
            break
    return done


def rollout_batch(*, now: datetime, limit: int = BATCH) -> Rolled:
    """One batch, in a transaction of its own."""
    with transaction.atomic():
        rollout = (
            PolicyRollout.objects.select_for_update(of=("self",), skip_locked=True)
            .filter(done_at__isnull=True, next_at__lte=now)
            .order_by("pk")
            .first()
        )
        if rollout is None:
            return Rolled()
        if rollout.seen_at is None:
            # Whoever begins from here on reads the new revision: it is committed, or this row would not be seen.
            rollout.seen_at = database_now()
        revision = revision_of(rollout.revision_id)
        tickets = bulk.read(Ticket, _TICKETS, [rollout.cursor, revision.number, limit])
        if not tickets:
            _round_ends(rollout, now)
            rollout.save()
            return Rolled(more=rollout.done_at is None and rollout.next_at <= now)
        batch = _Batch(rollout, revision, now)
        batch.apply(tickets)
        rollout.cursor = tickets[-1].pk
        if batch.notices >= PACE or rollout.counts.get("since_rest", 0) + batch.notices >= PACE:
            rollout.next_at, rollout.counts["since_rest"] = now + REST, 0
        else:
            rollout.counts["since_rest"] = rollout.counts.get("since_rest", 0) + batch.notices
        rollout.save()
        return Rolled(len(tickets), batch.notices, more=rollout.next_at <= now)


def _round_ends(rollout: PolicyRollout, now: datetime) -> None:
    if not rollout.changed and not rollout.left and not _older_transactions(rollout):
        rollout.done_at, rollout.ended = now, RolloutEnd.DONE
        return
    waits = bool(rollout.left) or not rollout.changed
    rollout.next_at = now + AGAIN if waits else now
    rollout.round += 1
    rollout.cursor = rollout.changed = rollout.left = 0
    rollout.stays = {}


def _older_transactions(rollout: PolicyRollout) -> bool:
    """Whether a transaction is still open that may have read the revision before this one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND xact_start < %s)",
            [rollout.seen_at],
        )
        return bool(cursor.fetchone()[0])


@dataclass(slots=True)
class _Batch:
    """Rows of one batch that wait to be written."""

    rollout: PolicyRollout
    revision: PolicyRevision
    now: datetime
    policy: Policy = field(init=False)
    notices: int = 0
    followed: list[Ticket] = field(default_factory=list)
    events: list[TicketEvent] = field(default_factory=list)
    changed: list[Target] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    made: list[Target] = field(default_factory=list)
    moved: dict[int, Outcome] = field(default_factory=dict)
    stands: list[Ticket] = field(default_factory=list)
    tasks: list[AgentTask] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    stays: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.policy = policy_of(self.revision.pk)

    def apply(self, tickets: Sequence[Ticket]) -> None:
        known = known_of(tickets)
        facts = facts_of(tickets, known, self.policy)
        found = outcomes_of(facts, tickets, self.policy, self.now)
        for ticket in tickets:
            result = found[ticket.pk]
            if result.stays:
                self._stays(result.stays)
            else:
                self._follows(ticket, result, known)
                if result.date is None and (told := facts[ticket.pk].told) is not None and told.pending:
                    self.stands.append(ticket)
        self._write()

    def _stays(self, why: str) -> None:
        if why == "under_way" and self.now < self.rollout.created_at + PATIENCE:
            self.rollout.left += 1
        else:
            self.stays[why] += 1

    def _follows(self, ticket: Ticket, result: Outcome, known: Known) -> None:
        after, was = result.properties, ticket.priority
        before = revision_of(ticket.policy_revision_id).number
        ticket.category, ticket.call_type = after.category, after.call_type
        ticket.impact, ticket.urgency, ticket.priority = after.impact, after.urgency, after.priority
        ticket.date_means = after.date_means
        if after.priority:
            ticket.priority_rank = self.policy.priority(after.priority).rank
        ticket.reasons = reasons_of(result, ticket.reasons, self.policy)
        if result.decision is not None:
            self._read_again(ticket, result, known)
        ticket.policy_revision_id = self.revision.pk
        ticket.version += 1
        self.followed.append(ticket)
        args: dict[str, Any] = {"from": before, "to": self.revision.number, "by": result.source}
        if was != ticket.priority:
            self.counts["priority"] += 1
            args |= {"priority": ticket.priority, "was": was}
        if result.date is not None:
            args["date"] = result.date.date.isoformat()
            self.moved[ticket.pk] = result
        self.events.append(
            event("policy_followed", actor=ACTOR, now=self.now, ticket_id=ticket.pk, args=args)
        )
        self._targets(ticket, result)

    def _read_again(self, ticket: Ticket, result: Outcome, known: Known) -> None:
        """The words were read by the new policy: tags and danger follow it; no danger is forgotten."""
        if result.decision is None:
            return
        if ticket.tags_by == "rule":
            ticket.tags = sorted(result.decision.tags)
        if (
            result.decision.danger
            and not ticket.is_danger
            and ticket.triage in (Triage.RESPOND, Triage.PENDING)
        ):
            words = known.words[ticket.pk]
            self.tasks.append(
                task(
                    TaskKind.DANGER,
                    reason="danger_words",
                    cause=f"danger:{words[0].pk}",
                    team_id=ticket.team_id,
                    ticket_id=ticket.pk,
                    due_at=self.now,
                    now=self.now,
                    for_lead=True,
                )
            )
        ticket.is_danger = ticket.is_danger or result.decision.danger

    def _targets(self, ticket: Ticket, result: Outcome) -> None:
        for row in result.changed:
            self.changed.append(
                Target(
                    pk=row.id,
                    due_at=row.due_at,
                    at_risk_at=row.at_risk_at,
                    calendar=row.calendar,
                )
            )
        self.ended += result.ended
        self.made += [
            Target(
                ticket=ticket,
                kind=row.kind,
                cycle=row.cycle,
                calendar=row.calendar,
                started_at=row.started_at,
                due_at=row.due_at,
                at_risk_at=row.at_risk_at,
            )
            for row in result.made
        ]

    def _write(self) -> None:
        """In the house's order: tickets (locked), targets, the outbox; then the clock, which reads them."""
        bulk.update(self.followed, _SAVED)
        self._targets_write()
        self._notices()
        tasks_make(self.tasks)
        bulk.insert(sorted(self.events, key=lambda row: row.ticket_id or 0), keys=False)
        clock_set(self.followed, self.now)
        counts = self.rollout.counts
        counts["followed"] = counts.get("followed", 0) + len(self.followed)
        for name, number in self.counts.items():
            counts[name] = counts.get(name, 0) + number
        self.rollout.changed += len(self.followed)
        for why, number in self.stays.items():
            self.rollout.stays[why] = self.rollout.stays.get(why, 0) + number

    def _targets_write(self) -> None:
        if self.changed:
            breached = dict(
                Target.objects.filter(pk__in=[row.pk for row in self.changed]).values_list(
                    "pk", "breached_at"
                )
            )
            for row in self.changed:
                # One that is moved beyond the time at which it was missed was not.
                at = breached[row.pk]
                row.breached_at = None if at is not None and row.due_at > at else at
            bulk.update(self.changed, ("due_at", "at_risk_at", "calendar", "breached_at"))
        if self.ended:
            Target.objects.filter(pk__in=self.ended).update(ended_at=self.now)
        bulk.insert(sorted(self.made, key=lambda r: (r.ticket_id, r.kind, r.cycle)), ignore_conflicts=True)

    def _notices(self) -> None:
        tickets = {ticket.pk: ticket for ticket in self.followed if ticket.pk in self.moved}
        places = places_to_speak(tickets)
        kept = kept_back(
            tickets.values(), self.now, self.now, places=places, policy=self.policy, renews=False
        )
        promises = open_promises(tickets)
        rows = []
        for pk, ticket in tickets.items():
            rule, place = kept[pk], places.get(pk)
            self._count(rule.rule if rule is not None else "")
            if place is not None:
                holds = None if rule is None or rule.lies else rule
                rows.append(
                    moved_notice(ticket, self.moved[pk], place, promises[pk], holds.rule if holds else "",
                         holds.by if holds else "desk", self.now)
                )  # fmt: skip
            else:
                self.tasks.append(nowhere_task(ticket, promises[pk], self.now))
        changed_put(rows, tickets, now=self.now)
        self.notices = len(tickets)
        if self.stands:
            rows_give_way(self.stands, [ReplyKind.DATE_CHANGED], reason="same_date", now=self.now)

    def _count(self, rule: str) -> None:
        if not rule:
            self.counts["date_told"] += 1
            return
        self.counts["date_held"] += 1
        held = self.rollout.counts.setdefault("held", {})
        held[rule] = held.get(rule, 0) + 1
