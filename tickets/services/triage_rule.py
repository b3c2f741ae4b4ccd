"""Which ticket is answered, with what priority and by when, by rule as words arrive.

The outcome is a function of the caller's words as they stand now, not of the order they came in:
a ticket is *respond* as soon as one of its messages is a recognised request; its clock starts with the first of
them; the most urgent of them rules priority and category. That is worked out anew with each new or changed word,
until a date was told. From then on new words only propose (DESIGN, promise 2), and an agent decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from accounts.actors import System
from priority import clock
from priority.models import PolicyRevision
from priority.policy import Policy
from priority.triage import Decision, TicketFacts, decide
from tickets import bulk
from tickets.models import (
    AgentTask,
    CallType,
    ChannelAccount,
    Contact,
    Direction,
    LanguageSource,
    Message,
    MessageVersion,
    OutboundReply,
    ReplyState,
    Target,
    TaskKind,
    Ticket,
    TicketEvent,
    Triage,
    Visibility,
)
from tickets.services.audit import event, task, tasks_make
from tickets.services.look_ups import look_ups_resume
from tickets.services.ruling import (
    TRIAGED,
    UNTRIAGED,
    acknowledgement,
    properties_set,
    reasons_as_json,
    targets_make,
)
from tickets.states import after

ACTOR = System("triage")

#: Told, or about to be: the row's text stands and its bytes may have left.
_TOLD = (ReplyState.SENDING, ReplyState.WAITING, ReplyState.SENT, ReplyState.UNKNOWN)


@dataclass(slots=True)
class Result:
    events: list[TicketEvent] = field(default_factory=list)
    replies_queued: bool = False


@dataclass(slots=True)
class _Ruling:
    """What the caller's words amount to. `asked`: the first recognised request; `by`: the message that rules."""

    by: Message
    decision: Decision
    asked: Message | None


def triage_again(
    tickets: Sequence[Ticket],
    *,
    account: ChannelAccount,
    policy: Policy,
    revision: PolicyRevision,
    new_messages: Sequence[Message],
    now: datetime,
    strangers: Set[int] = frozenset(),
) -> Result:
    """Work out the triage of these tickets (locked by the caller) from all their caller's words. Set-based.
    `strangers`: contacts made just now, of whom nothing is known.

    1. Words: the batch's own for tickets made in it, one query for the others.
    2. Per ticket: told already? then propose. Decided by a person? then only words since count. Else apply.
    3. Targets and acknowledgements of all of them in bulk.
    """
    result = Result()
    if not tickets:
        return result
    words = _words(tickets, new_messages)
    old = [t for t in tickets if not t._state.adding]
    told = _told(old)
    heard = _heard([t for t in old if t.triage_decided_at is not None], words)
    spoken_by = _languages({t.caller_id for t in tickets} - strangers)
    work = _Work(account, policy, revision, now, result)
    for ticket in sorted(tickets, key=lambda t: t.pk):
        spoken = words.get(ticket.pk, [])
        language = spoken_by.get(ticket.caller_id)
        rulings = [(m, decide(policy, _facts(m, account, language))) for m in spoken if not m.removed_at]
        work.danger += [(ticket, m.pk) for m, decision in rulings if decision.danger]
        if ticket.pk in told:
            work.propose(ticket, rulings)
        elif ticket.triage_decided_at is not None:
            decided_at = ticket.triage_decided_at
            since = [m for m in spoken if heard.get(m.pk, m.received_at) > decided_at]
            work.after_person(ticket, [pair for pair in rulings if pair[0] in since], since)
        else:
            work.apply(ticket, _ruling(policy, rulings), spoken)
        latest = max((m.sent_at for m in spoken), default=None)
        if latest is not None:
            ticket.last_inbound_at = latest
    work.write()
    return result


def _words(tickets: Sequence[Ticket], new: Sequence[Message]) -> dict[int, list[Message]]:
    old_ids = [t.pk for t in tickets if not t._state.adding]
    words: dict[int, list[Message]] = {}
    if old_ids:
        for message in Message.objects.filter(ticket_id__in=old_ids, direction=Direction.INBOUND):
            words.setdefault(message.ticket_id or 0, []).append(message)
    seen = set(old_ids)
    for message in new:
        if message.ticket_id is not None and message.ticket_id not in seen:
            words.setdefault(message.ticket_id, []).append(message)
    return words


def _told(tickets: Sequence[Ticket]) -> set[int]:
    """Tickets whose caller was told a date, or is being told one right now."""
    ids = [t.pk for t in tickets]
    if not ids:
        return set()
    begun = Q(state__in=[ReplyState.QUEUED, ReplyState.HELD], parts__external_id__gt="")
    told = Q(state__in=_TOLD) | Q(state=ReplyState.QUEUED, is_automatic=False) | begun
    rows = OutboundReply.objects.filter(told, ticket_id__in=ids, tells_for__isnull=False)
    return set(rows.values_list("ticket_id", flat=True)) | {
        t.pk for t in tickets if t.promised_for is not None
    }


def _heard(tickets: Sequence[Ticket], words: Mapping[int, Sequence[Message]]) -> dict[int, datetime]:
    """By message: when its newest words reached us, for messages that were edited."""
    edited = {
        (m.account_id, m.external_id, m.version_id): m
        for ticket in tickets
        for m in words.get(ticket.pk, ())
        if m.edited_at is not None
    }
    if not edited:
        return {}
    versions = MessageVersion.objects.filter(
        account_id__in={key[0] for key in edited}, external_id__in={key[1] for key in edited}
    ).values_list("account_id", "external_id", "version_id", "received_at")
    return {edited[key].pk: received_at for *rest, received_at in versions if (key := tuple(rest)) in edited}


def _languages(contact_ids: Set[int]) -> dict[int, str]:
    """By contact: the language they said, or an agent set. A guess is no fact, and would depend on what came first."""
    if not contact_ids:
        return {}
    known = Contact.objects.filter(
        pk__in=contact_ids, language_source__in=[LanguageSource.SAID, LanguageSource.SET]
    )
    return dict(known.values_list("pk", "language"))


def _facts(message: Message, account: ChannelAccount, caller_language: str | None) -> TicketFacts:
    return TicketFacts(
        text=message.body,
        language=None,
        network_language=message.language or None,
        account_language=account.language,
        caller_language=caller_language,
        addressed=message.addressed,
        private=message.visibility == Visibility.PRIVATE,
        acknowledge=account.acknowledge,  # type: ignore[arg-type]  # a TextChoices value is its str
        channel=account.channel,
        at=message.sent_at,
    )


def _ruling(policy: Policy, decided: Sequence[tuple[Message, Decision]]) -> _Ruling | None:
    if not decided:
        return None
    ordered = sorted(decided, key=lambda pair: (pair[0].sent_at, pair[0].external_id))
    asking = [pair for pair in ordered if pair[1].triage == "respond"]
    by, decision = min(asking or ordered, key=lambda pair: _rank(policy, pair[1].priority))
    return _Ruling(by, decision, asking[0][0] if asking else None)


def _rank(policy: Policy, priority: str) -> int:
    return policy.priority(priority).rank


@dataclass(slots=True)
class _Work:
    """One pass over a set of tickets: collects what is to be written, then writes it in bulk."""

    account: ChannelAccount
    policy: Policy
    revision: PolicyRevision
    now: datetime
    result: Result
    tickets: list[Ticket] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    retarget: list[int] = field(default_factory=list)
    acknowledge: list[OutboundReply] = field(default_factory=list)
    unacknowledge: list[int] = field(default_factory=list)
    reopened: list[int] = field(default_factory=list)
    tasks: list[AgentTask] = field(default_factory=list)
    danger: list[tuple[Ticket, int]] = field(default_factory=list)

    def apply(self, ticket: Ticket, ruling: _Ruling | None, spoken: Sequence[Message]) -> None:
        """Set the ticket from the ruling; nothing was told yet."""
        before = (ticket.triage, ticket.priority, ticket.category, ticket.clock_started_at)
        existed = not ticket._state.adding
        if ticket.triage == Triage.NO_REPLY and ruling is not None:
            ticket.status = after(ticket.status, "spoke_again")
            ticket.closed_at, ticket.resolved_at, ticket.triage_reason = None, None, ""
            self.reopened.append(ticket.pk)
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
                {"triage": ticket.triage, "priority": ticket.priority, "by": "rule"},
            )
        if existed:
            self.unacknowledge.append(ticket.pk)
            self.retarget.append(ticket.pk)
        self.tickets.append(ticket)

    def after_person(
        self, ticket: Ticket, decided: Sequence[tuple[Message, Decision]], since: Sequence[Message]
    ) -> None:
        """A person has decided: only what was said `since` may change it, and goes on alone once it has."""
        ruling = _ruling(self.policy, decided)
        if ticket.triage_by == "rule":
            self.apply(ticket, ruling, since)
            return
        if ruling is not None and ticket.triage == Triage.RESPOND:
            self._propose(ticket, ruling)
        elif ruling is not None:
            thanks = ruling.asked is None and ruling.decision.call_type == CallType.PRAISE.value
            if not thanks:
                ticket.triage_by = "rule"
                self.apply(ticket, ruling, since)
                return
        self.tickets.append(ticket)

    def propose(self, ticket: Ticket, decided: Sequence[tuple[Message, Decision]]) -> None:
        """A date was told: new words change nothing by themselves, they ask a person."""
        ruling = _ruling(self.policy, decided)
        if ruling is not None:
            self._propose(ticket, ruling)
        self.tickets.append(ticket)

    def _propose(self, ticket: Ticket, ruling: _Ruling) -> None:
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
        self.targets += targets_make(ticket, self.policy, self.account.channel, asked.visibility)
        if self.account.acknowledge != "nothing":
            self.acknowledge.append(acknowledgement(ticket, asked, now=self.now))

    def _pending(self, ticket: Ticket, message: Message) -> None:
        ticket.triage = Triage.PENDING
        ticket.clock_started_at = None
        since = min(message.sent_at, message.received_at)
        periods = self.policy.periods
        calendar = self.policy.calendar(periods.triage_calendar)
        ticket.triage_due_at = clock.add(calendar, since, timedelta(minutes=periods.triage))
        ticket.queue_at = ticket.triage_due_at

    def _close(self, ticket: Ticket, spoken: Sequence[Message]) -> None:
        """Nothing is left of what was said, and nobody was told anything: no reply is needed."""
        for name, value in UNTRIAGED.items():
            setattr(ticket, name, copy(value))
        ticket.triage, ticket.triage_reason = Triage.NO_REPLY, "removed_by_author"
        ticket.queue_at = min(message.sent_at for message in spoken)
        if ticket.is_open:
            ticket.closed_at = self.now
        ticket.status = after(ticket.status, "put_away")

    def write(self) -> None:
        new = [t for t in self.tickets if t._state.adding]
        bulk.update([t for t in self.tickets if not t._state.adding], TRIAGED)
        bulk.insert(new)
        if self.retarget:
            Target.objects.filter(
                ticket_id__in=self.retarget,
                met_at__isnull=True,
                breached_at__isnull=True,
            ).delete()
        bulk.insert(self.targets, ignore_conflicts=True)
        if self.reopened:
            look_ups_resume(self.account, self.reopened, now=self.now)
        self._acknowledgements()
        self.tasks += [
            self._task(TaskKind.DANGER, ticket, "danger_words", f"danger:{message_id}", for_lead=True)
            for ticket, message_id in self.danger
        ]
        tasks_make(self.tasks)

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
