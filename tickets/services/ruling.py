"""What a decision writes on a ticket: its properties, its targets, its acknowledgement. Nothing here is saved."""

from __future__ import annotations

from copy import copy
from datetime import datetime
from typing import Any

from priority.clock import BeyondCalendar
from priority.models import PolicyRevision
from priority.policy import Policy
from priority.targets import clock_start, targets_for
from priority.triage import Decision
from tickets.contract import BESIDE
from tickets.models import LanguageSource, Message, OutboundReply, ReplyKind, Target, Ticket
from tickets.services.durations import of

UNTRIAGED: dict[str, Any] = {
    "triage_due_at": None,
    "clock_started_at": None,
    "call_type": "",
    "category": "",
    "impact": "",
    "urgency": "",
    "priority": "",
    "priority_rank": 99,
    "is_danger": False,
    "date_means": "",
    "reasons": [],
    "tags": [],
    "language": "",
    "language_source": "",
}

#: What triage, by rule or by a person, may change of a ticket.
TRIAGED = [
    "status",
    "triage",
    "triage_by",
    "triage_decided_at",
    "triage_reason",
    "triage_due_at",
    "call_type",
    "category",
    "impact",
    "urgency",
    "priority",
    "priority_rank",
    "is_danger",
    "date_means",
    "reasons",
    "proposal",
    "policy_revision",
    "language",
    "language_source",
    "tags",
    "clock_started_at",
    "queue_at",
    "last_inbound_at",
    "closed_at",
    "resolved_at",
    "calls",
]


def untriage(ticket: Ticket) -> None:
    """Nothing of what a rule has read is left; what a person set stays. In memory."""
    kept = {"tags"} if ticket.tags_by == "person" else set[str]()
    if ticket.language_source == LanguageSource.SET:
        kept |= {"language", "language_source"}
    for name, value in UNTRIAGED.items():
        if name not in kept:
            setattr(ticket, name, copy(value))


def properties_set(ticket: Ticket, decision: Decision, policy: Policy, revision: PolicyRevision) -> None:
    """Copy keys, rank and reasons of a decision onto the ticket; the caller saves."""
    ticket.call_type = decision.call_type
    ticket.category = decision.category or ""
    ticket.impact, ticket.urgency, ticket.priority = (
        decision.impact,
        decision.urgency,
        decision.priority,
    )
    ticket.priority_rank = policy.priority(decision.priority).rank
    ticket.is_danger = decision.danger
    ticket.date_means = decision.date_means
    ticket.reasons = reasons_as_json(decision)
    if ticket.tags_by == "rule":
        ticket.tags = sorted(decision.tags)
    if ticket.language_source != LanguageSource.SET:
        ticket.language, ticket.language_source = (
            decision.language,
            decision.language_source,
        )
    ticket.policy_revision = revision


def reasons_as_json(decision: Decision) -> list[dict[str, Any]]:
    return [{"code": reason.code, "args": dict(reason.args)} for reason in decision.reasons]


def targets_make(
    ticket: Ticket, policy: Policy, channel: str, visibility: str, *, team: str = ""
) -> list[Target]:
    """Unsaved targets from the ticket's clock; sets where it stands in the queue. `team`: the key of the ticket's team
    (`durations.team_key`). A clock that would start before the policy's calendars do is set to start with them. None
    beyond a calendar's years: the ticket stands where it began, and `calendar_watch` has asked for a policy that knows
    more."""
    if ticket.clock_started_at is None:
        raise ValueError("targets need a clock that has started")
    ticket.clock_started_at = clock_start(policy, at=ticket.clock_started_at, team=team, **of(ticket))
    try:
        made = targets_for(
            policy,
            **of(ticket),
            team=team,
            channel=channel,
            visibility=visibility,  # type: ignore[arg-type]  # a TextChoices value is its str
            started_at=ticket.clock_started_at,
        )
    except BeyondCalendar:
        ticket.queue_at = ticket.clock_started_at
        return []
    rows = [
        Target(
            ticket=ticket,
            kind=target.kind,
            calendar=target.calendar,
            started_at=target.started_at,
            due_at=target.due_at,
            at_risk_at=target.at_risk_at,
        )
        for target in made
    ]
    ticket.queue_at = next(row.due_at for row in rows if row.kind == "resolution")
    return rows


def acknowledgement(
    ticket: Ticket, asked: Message, *, now: datetime, not_before: datetime | None = None
) -> OutboundReply:
    """The unsaved acknowledgement, below the message that asked. What it says is worked out when it goes."""
    return OutboundReply(
        account_id=asked.account_id,
        conversation_id=asked.conversation_id,
        ticket=ticket,
        dedupe_key=f"ack:{ticket.pk}",
        kind=ReplyKind.ACKNOWLEDGEMENT,
        is_automatic=True,
        language=ticket.language,
        in_reply_to="" if asked.external_id.startswith(BESIDE) else asked.external_id,
        precedence=10 + ticket.priority_rank,
        next_try_at=max(now, not_before or now),
        not_before=not_before,
        created_at=now,
    )
