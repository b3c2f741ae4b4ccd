"""One pass of triage over a set of tickets: what each ruling sets on them, collected and then written in bulk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from accounts.actors import System
from priority.models import PolicyRevision
from priority.policy import Policy
from priority.targets import triage_due
from priority.triage import Decision
from tickets import bulk
from tickets.models import (
    AgentTask,
    ChannelAccount,
    Message,
    OutboundReply,
    ReplyState,
    Target,
    TargetKind,
    TaskKind,
    Ticket,
    TicketEvent,
    Triage,
)
from tickets.selectors_presence import There, there
from tickets.services.audit import event, task, tasks_make
from tickets.services.clock_work import pauses_of, targets_again, targets_clock
from tickets.services.durations import duration_of, team_key
from tickets.services.first_word import person_first
from tickets.services.judge import counts
from tickets.services.look_ups import look_ups_resume
from tickets.services.notifying import highest_told, is_highest
from tickets.services.promises import target_kind_of
from tickets.services.routing import Routing
from tickets.services.ruling import (
    TRIAGED,
    acknowledgement,
    properties_set,
    reasons_as_json,
    targets_make,
    untriage,
)
from tickets.states import TICKET, after

ACTOR = System("triage")
#: So long the page on which the caller stands has the first word (services/shown.py); what it did not say by then is
#: said as elsewhere.
PAGE_FIRST = timedelta(seconds=20)


@dataclass(slots=True)
class Result:
    """wakeful: by ticket that was there before, the words that start or open something. outside: by ticket, what we
    answered from outside the desk. retargeted: tickets whose targets were made anew."""

    events: list[TicketEvent] = field(default_factory=list)
    replies_queued: bool = False
    wakeful: dict[int, list[Message]] = field(default_factory=dict)
    outside: dict[int, list[Message]] = field(default_factory=dict)
    retargeted: list[Ticket] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Ruled:
    """A message and what the policy makes of it. A machine's asks for nothing, and rules only where no person spoke."""

    message: Message
    decision: Decision
    by_machine: bool = False

    @property
    def asks(self) -> bool:
        return self.decision.triage == "respond" and not self.by_machine


@dataclass(slots=True)
class Ruling:
    """What the caller's words amount to. `asked`: the first recognised request; `by`: the message that rules."""

    by: Message
    decision: Decision
    asked: Message | None


def ruling_of(policy: Policy, ruled: Sequence[Ruled]) -> Ruling | None:
    """None where nothing is said to us: nothing at all, or only among visitors."""
    if not any(counts(one.message.addressed, one.decision) for one in ruled):
        return None
    people = [one for one in ruled if not one.by_machine] or ruled
    ordered = sorted(people, key=lambda one: (one.message.sent_at, one.message.external_id))
    asking = [one for one in ordered if one.asks]
    best = min(asking or ordered, key=lambda one: _rank(policy, one.decision.priority))
    return Ruling(best.message, best.decision, asking[0].message if asking else None)


def _rank(policy: Policy, priority: str) -> int:
    return policy.priority(priority).rank


@dataclass(slots=True)
class Work:
    """Collects what is to be written, ticket by ticket; then `write`."""

    account: ChannelAccount
    policy: Policy
    revision: PolicyRevision
    now: datetime
    result: Result
    tickets: list[Ticket] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    retarget: list[Ticket] = field(default_factory=list)
    acknowledge: list[OutboundReply] = field(default_factory=list)
    unacknowledge: list[int] = field(default_factory=list)
    reopened: list[int] = field(default_factory=list)
    tasks: list[AgentTask] = field(default_factory=list)
    danger: list[tuple[Ticket, int]] = field(default_factory=list)
    routing: Routing = field(default_factory=Routing)
    there: There | None = None
    highest: list[int] = field(default_factory=list)

    def apply(self, ticket: Ticket, ruling: Ruling | None, spoken: Sequence[Message]) -> None:
        """Set the ticket from the ruling; nothing was told yet."""
        before = (ticket.triage, ticket.priority, ticket.category, ticket.clock_started_at)
        existed = not ticket._state.adding
        if ticket.triage == Triage.NO_REPLY and ruling is not None and ruling.by.machine_rule:
            self.tickets.append(ticket)
            return
        if ticket.triage == Triage.NO_REPLY and ruling is not None:
            ticket.status = after(ticket.status, "spoke_again")
            ticket.closed_at, ticket.resolved_at, ticket.triage_reason = None, None, ""
            self.reopened.append(ticket.pk)
        if ruling is not None:
            self._route(ticket, ruling.decision)
        if ruling is None:
            self._close(ticket, spoken)
        elif ruling.asked is not None:
            properties_set(ticket, ruling.decision, self.policy, self.revision)
            self._respond(ticket, ruling.asked)
        else:
            properties_set(ticket, ruling.decision, self.policy, self.revision)
            self._pending(ticket, ruling.by)
        stands = (ticket.triage, ticket.priority, ticket.category, ticket.clock_started_at)
        if before != stands or not existed:
            self._note(
                "triaged",
                ticket,
                {
                    "triage": ticket.triage,
                    "priority": ticket.priority,
                    "reason": ticket.triage_reason,
                    "by": "rule",
                },
            )
        # What says that there is danger is told as such.
        if stands[:2] != before[:2] and ticket.priority and not ticket.is_danger:
            waits = ticket.triage in (Triage.PENDING, Triage.RESPOND)
            if waits and is_highest(self.policy, ticket.priority_rank):
                self.highest.append(ticket.pk)
        if existed:
            self.unacknowledge.append(ticket.pk)
            self.retarget.append(ticket)
        self.tickets.append(ticket)

    def _route(self, ticket: Ticket, decision: Decision) -> None:
        moved = self.routing.route(ticket, decision, self.account)
        if moved is not None:
            self._note("routed", ticket, moved)

    def after_person(self, ticket: Ticket, ruled: Sequence[Ruled], since: Sequence[Message]) -> None:
        """A person has decided: only what was said `since` may change it, and goes on alone once it has."""
        ruling = ruling_of(self.policy, ruled)
        if ticket.triage_by == "rule":
            self.apply(ticket, ruling, since)
            return
        if ruling is not None and ticket.triage == Triage.RESPOND:
            self._propose(ticket, ruling)
        elif ticket.triage == Triage.WATCH and any(not one.by_machine for one in ruled):
            self._watched_spoke(ticket, ruling, since)
            return
        elif ruling is not None and not all(one.decision.quiet or one.by_machine for one in ruled):
            ticket.triage_by = "rule"
            self.apply(ticket, ruling, since)
            return
        self.tickets.append(ticket)

    def _watched_spoke(self, ticket: Ticket, ruling: Ruling | None, since: Sequence[Message]) -> None:
        """Whatever the caller of what is watched says brings it back: to be answered, or to be triaged again."""
        ticket.triage_by, ticket.triage_reason = "rule", ""
        if ruling is not None:
            self.apply(ticket, ruling, since)
            return
        self._pending(ticket, since[0])
        self._note("triaged", ticket, {"triage": ticket.triage, "priority": "", "reason": "", "by": "rule"})
        self.tickets.append(ticket)

    def propose(self, ticket: Ticket, ruled: Sequence[Ruled]) -> None:
        """A date was told: new words change nothing by themselves, they ask a person."""
        ruling = ruling_of(self.policy, ruled)
        if ruling is not None:
            self._propose(ticket, ruling)
        self.tickets.append(ticket)

    def _propose(self, ticket: Ticket, ruling: Ruling) -> None:
        decision = ruling.decision
        if ruling.asked is not None and _rank(self.policy, decision.priority) < ticket.priority_rank:
            ticket.proposal = {
                "category": decision.category,
                "impact": decision.impact,
                "urgency": decision.urgency,
                "priority": decision.priority,
                "reasons": reasons_as_json(decision),
                "message": ruling.by.pk,
            }
            self.tasks.append(
                self._task(TaskKind.PROPOSAL, ticket, "more_urgent", f"proposal:{ruling.by.pk}")
            )
        ticket.is_danger = ticket.is_danger or decision.danger

    def _respond(self, ticket: Ticket, asked: Message) -> None:
        ticket.triage = Triage.RESPOND
        ticket.triage_due_at = None
        ticket.clock_started_at = min(asked.sent_at, asked.received_at)
        if not self.account.answers:
            ticket.queue_at = ticket.clock_started_at
            return
        targets = targets_make(
            ticket, self.policy, self.account.channel, asked.visibility, team=team_key(ticket)
        )
        self.targets += targets
        if ticket._state.adding:
            targets_clock(ticket, targets)
        if self.account.acknowledge != "nothing":
            wait = person_first(self.account, self.policy, targets, now=self.now, ask=self._there)
            # A window that waits for our lines tells nothing itself.
            if self.account.capabilities.get("own_page") and not self.account.capabilities.get("live"):
                wait = max(wait or self.now, self.now + PAGE_FIRST)
            self.acknowledge.append(acknowledgement(ticket, asked, now=self.now, not_before=wait))

    def _there(self, account: ChannelAccount, now: datetime) -> There:
        """Asked once, for however many tickets."""
        if self.there is None:
            self.there = there(account, now)
        return self.there

    def _pending(self, ticket: Ticket, message: Message) -> None:
        ticket.triage = Triage.PENDING
        ticket.clock_started_at = None
        since = min(message.sent_at, message.received_at)
        ticket.triage_due_at = triage_due(self.policy, at=since)
        ticket.queue_at = ticket.triage_due_at

    def _close(self, ticket: Ticket, spoken: Sequence[Message]) -> None:
        """Nothing of what was said is left, or none of it is said to us; and nobody was told anything: no reply is
        needed. What an agent has in hand (asked, on hold, resolved) stays in their hands."""
        if (ticket.status, "put_away") not in TICKET:
            return
        untriage(ticket)
        gone = all(message.removed_at for message in spoken)
        ticket.triage, ticket.triage_reason = (
            Triage.NO_REPLY,
            "removed_by_author" if gone else "not_addressed",
        )
        ticket.queue_at = min(message.sent_at for message in spoken)
        if ticket.is_open:
            ticket.closed_at = self.now
        ticket.status = after(ticket.status, "put_away")

    def write(self) -> None:
        new = [t for t in self.tickets if t._state.adding]
        bulk.update([t for t in self.tickets if not t._state.adding], TRIAGED)
        bulk.insert(new)
        self.routing.write()
        if self.retarget:
            # Later cycles began with something that happened since: `_later_cycles`.
            Target.objects.filter(
                ticket_id__in=[ticket.pk for ticket in self.retarget],
                cycle=1,
                met_at__isnull=True,
            ).exclude(kind=TargetKind.NEXT_RESPONSE).delete()
        bulk.insert(self.targets, ignore_conflicts=True)
        self._later_cycles()
        self.result.retargeted = self.retarget + [t for t in new if t.pk in self.result.outside]
        if self.reopened:
            look_ups_resume(self.account, self.reopened, now=self.now)
        self._acknowledgements()
        self.tasks += [
            self._task(TaskKind.DANGER, ticket, "danger_words", f"danger:{message_id}", for_lead=True)
            for ticket, message_id in self.danger
        ]
        tasks_make(self.tasks)
        highest_told(self.highest, now=self.now)

    def _later_cycles(self) -> None:
        """Targets that began with something that happened since stay, as the priority has them now; what it has none of
        ends."""
        tickets = {ticket.pk: ticket for ticket in self.retarget}
        if not tickets:
            return
        clause = (
            "WHERE ticket_id = ANY(%s) AND met_at IS NULL AND ended_at IS NULL "
            "AND (cycle > 1 OR kind = 'next_response') ORDER BY id"
        )
        later = bulk.read(Target, clause, [sorted(tickets)], types=("bigint[]",))
        over = [row for row in later if not self._has(tickets[row.ticket_id], row.kind)]
        for row in over:
            row.ended_at = self.now
        bulk.update(over, ("ended_at",))
        if len(later) > len(over) or pauses_of(tickets):
            targets_again(self.retarget)

    def _has(self, ticket: Ticket, kind: str) -> bool:
        if ticket.triage != Triage.RESPOND or not ticket.priority:
            return False
        if kind == TargetKind.START:
            return target_kind_of(ticket) == TargetKind.START
        return kind != TargetKind.PROGRESS or duration_of(ticket).progress is not None

    def _acknowledgements(self) -> None:
        """One row a ticket, ever. One that was never tried follows the words; one that fell away comes back."""
        wanted = {row.ticket_id: row for row in self.acknowledge}
        if self.unacknowledge:
            untouched = OutboundReply.objects.filter(
                dedupe_key__in=[f"ack:{pk}" for pk in self.unacknowledge],
                send_started_at__isnull=True,
            ).filter(Q(state=ReplyState.QUEUED) | Q(state=ReplyState.SUPERSEDED) & ~Q(held_reason="dropped"))
            untouched.filter(state=ReplyState.QUEUED).exclude(ticket_id__in=list(wanted)).delete()
            again = []
            for row in untouched.filter(ticket_id__in=list(wanted)).select_for_update().order_by("pk"):
                new = wanted[row.ticket_id]
                row.state, row.held_reason, row.settled_at = ReplyState.QUEUED, "", None
                row.in_reply_to, row.conversation_id = new.in_reply_to, new.conversation_id
                row.language, row.precedence, row.next_try_at = new.language, new.precedence, self.now
                again.append(row)
            if again:
                bulk.update(
                    again,
                    [
                        "state",
                        "held_reason",
                        "settled_at",
                        "in_reply_to",
                        "conversation",
                        "language",
                        "precedence",
                        "next_try_at",
                    ],
                )
        if wanted:
            bulk.insert(
                sorted(wanted.values(), key=lambda r: r.ticket_id),
                ignore_conflicts=True,
            )
            self.result.replies_queued = True

    def _task(
        self,
        kind: TaskKind,
        ticket: Ticket,
        reason: str,
        cause: str,
        *,
        for_lead: bool = False,
    ) -> AgentTask:
        return task(
            kind,
            reason=reason,
            cause=cause,
            team_id=ticket.team_id,
            ticket_id=ticket.pk,
            due_at=self.now,
            now=self.now,
            for_lead=for_lead,
        )

    def _note(self, kind: str, ticket: Ticket, args: Mapping[str, Any]) -> None:
        self.result.events.append(event(kind, actor=ACTOR, now=self.now, ticket_id=ticket.pk, args=args))
