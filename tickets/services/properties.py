"""Category, impact and urgency, set by a person; and what a rule proposed after a date was told, taken or declined.

What changes by it is worked out anew at once: priority, targets, and the told date, which moves only aloud. Nobody sets
the priority itself: it is always the matrix's, so the two cannot contradict each other. A person says why they weigh it
otherwise, and the reasons by which the rules had weighed it stay, so that what the words alone gave can still be told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from priority.matrix import priority_of
from priority.policy import Policy
from priority.selectors import policy_of
from priority.targets import date_means
from tickets import bulk
from tickets.models import (
    CallType,
    OutboundReply,
    ReplyKind,
    ReplyState,
    Target,
    TargetKind,
    TaskKind,
    Ticket,
    Triage,
)
from tickets.services.audit import event_record
from tickets.services.clock_notices import changed_queue, rows_give_way, tasks_end
from tickets.services.clock_work import clock_set, pauses_of, places_of, target_made, targets_again
from tickets.services.durations import duration_of
from tickets.services.errors import Changed, Refused
from tickets.services.locked import as_seen, ticket_locked
from tickets.services.notice_checks import message_check
from tickets.services.notice_facts import facts_of
from tickets.services.notices import Go
from tickets.services.notifying import highest_told, is_highest
from tickets.services.promises import date_to_tell, target_kind_of

#: Why a person weighs it otherwise; words in tickets/display/why.py. A code, because it stays when words are deleted.
OVERRIDES = (
    "misread",
    "told_more",
    "seen",
    "more_people",
    "fewer_people",
    "more_urgent",
    "less_urgent",
    "asked_by_lead",
)

_SAVED = (
    "category",
    "impact",
    "urgency",
    "priority",
    "priority_rank",
    "date_means",
    "reasons",
    "proposal",
    "triage_by",
    "triage_decided_at",
    "version",
)


def ticket_properties_set(
    *,
    actor: User,
    ticket_id: int,
    category: str,
    impact: str,
    urgency: str,
    why: str,
    seen_version: int | None,
    now: datetime,
    call_type: str | None = None,
) -> Ticket:
    """Keys of the policy that the ticket was triaged by; a call type, or None to leave it. why: a code of OVERRIDES, ''
    only where nothing that weighs changes. Raises NotFound, Refused, Changed.

    1. Priority from the matrix; the stored reason says who set it, when and why.
    2. Targets from their own start: those that the new priority has, over the pauses that were.
    3. Where the caller was told a date and it is another one now: the date-changed notice, by itself or held as the
       account says. What a rule had proposed falls away.
    """
    with transaction.atomic():
        ticket = ticket_locked(actor, ticket_id)
        as_seen(ticket, seen_version)
        said = {"category": category, "impact": impact, "urgency": urgency}
        given = duration_of(ticket) if ticket.priority else None
        if why not in OVERRIDES and any(getattr(ticket, name) != value for name, value in said.items()):
            raise Refused("why", _("Say why it weighs otherwise: “Why” shows it with your name."))
        if call_type is not None and call_type != ticket.call_type:
            _call_type_set(actor, ticket, call_type, now)
        again = _set(actor, ticket, said, _overridden(actor, ticket, said, why, now), "set", now, why=why)
        if not again and given is not None and given != duration_of(ticket):
            _all_follows(ticket, "", now)
    return ticket


def _overridden(
    actor: User, ticket: Ticket, said: Mapping[str, str], why: str, now: datetime
) -> list[Mapping[str, Any]]:
    """What the rules read, and what this person set instead; what somebody set before is in the history."""
    kept = [reason for reason in ticket.reasons if reason["code"] != "set_by_person"]
    return [*kept, {"code": "set_by_person", "args": {**said, "why": why, **_stamp(actor, now)}}]


def _stamp(actor: User, now: datetime) -> dict[str, Any]:
    return {"user": actor.pk, "at": now.isoformat()}


@dataclass(frozen=True, slots=True)
class Ahead:
    """What would follow. `priority`: its key. `notice`: the row that would tell the caller of another date, as it would
    go, with its text; None where none would. `kept_back`: the rule by which a person would have to release it."""

    priority: str
    notice: OutboundReply | None = None
    kept_back: str = ""


def properties_ahead(
    *,
    actor: User,
    ticket_id: int,
    category: str,
    impact: str,
    urgency: str,
    now: datetime,
    call_type: str | None = None,
) -> Ahead:
    """The change, made as it would be and taken back again: what is read of it is so to the letter. Raises NotFound,
    Refused."""
    with transaction.atomic():
        ticket = ticket_properties_set(
            actor=actor,
            ticket_id=ticket_id,
            category=category,
            impact=impact,
            urgency=urgency,
            why=OVERRIDES[0],  # taken back with the rest; what follows is the same for each
            seen_version=None,
            now=now,
            call_type=call_type,
        )
        ahead = _ahead(actor, ticket)
        transaction.set_rollback(True)
    return ahead


def _ahead(actor: User, ticket: Ticket) -> Ahead:
    made = (
        OutboundReply.objects.filter(ticket_id=ticket.pk, kind=ReplyKind.DATE_CHANGED)
        .filter(state__in=[ReplyState.QUEUED, ReplyState.HELD], send_started_at__isnull=True)
        .select_related("conversation__account", "conversation__identity")
        .order_by("-pk")
        .first()
    )
    if made is None:
        return Ahead(ticket.priority)
    kept_back = made.held_reason
    # Asked about as a person would release it: what it says is the same.
    made.is_automatic, made.author = False, actor
    conversation = made.conversation
    facts = facts_of(made, ticket=ticket, conversation=conversation)
    verdict = message_check(made, ticket=ticket, conversation=conversation, facts=facts)
    if not isinstance(verdict, Go):
        return Ahead(ticket.priority)
    made.text = verdict.text
    return Ahead(ticket.priority, made, kept_back)


def _call_type_set(actor: User, ticket: Ticket, call_type: str, now: datetime) -> None:
    """What kind of call it is gives no priority; where the policy has durations for it, targets and date follow
    (`_all_follows`). From now on a person has decided, so later words do not set it back."""
    if call_type not in CallType.values:
        raise Refused("call_type", _("Choose what kind of call it is from the list."))
    if not ticket.is_open:
        raise Refused("closed", _("This is over. Open it again first."))
    args = {"call_type": call_type, "was": ticket.call_type}
    ticket.call_type, ticket.triage_by, ticket.triage_decided_at = call_type, "person", now
    ticket.version += 1
    bulk.update([ticket], ("call_type", "triage_by", "triage_decided_at", "version"))
    event_record("call_type_set", actor=actor, now=now, ticket_id=ticket.pk, args=args)


def proposal_accept(*, actor: User, ticket_id: int, now: datetime) -> Ticket:
    """The properties that a rule read from later words, with its reasons. Raises NotFound, Refused, Changed."""
    with transaction.atomic():
        ticket = ticket_locked(actor, ticket_id)
        proposal = _proposal(ticket)
        said = {name: str(proposal[name] or "") for name in ("category", "impact", "urgency")}
        reasons = [*proposal["reasons"], {"code": "accepted", "args": _stamp(actor, now)}]
        _set(actor, ticket, said, reasons, "accepted", now)
    return ticket


def proposal_decline(*, actor: User, ticket_id: int, now: datetime) -> Ticket:
    """It stays as it is; the same words propose nothing again. Raises NotFound, Changed."""
    with transaction.atomic():
        ticket = ticket_locked(actor, ticket_id)
        message = _proposal(ticket).get("message")
        ticket.proposal = None
        ticket.version += 1
        bulk.update([ticket], ("proposal", "version"))
        tasks_end([ticket], [TaskKind.PROPOSAL], how="declined", now=now, user_id=actor.pk)
        event_record(
            "proposal_declined", actor=actor, now=now, ticket_id=ticket.pk, args={"message": message}
        )
    return ticket


def _proposal(ticket: Ticket) -> Mapping[str, Any]:
    if ticket.proposal is None:
        raise Changed("proposal", _("This was decided in the meantime; this is how it stands now."))
    return dict(ticket.proposal)


def _set(
    actor: User,
    ticket: Ticket,
    said: Mapping[str, str],
    reasons: Sequence[Mapping[str, Any]],
    how: str,
    now: datetime,
    *,
    why: str = "",
) -> bool:
    """Whether anything was to be set."""
    policy = policy_of(ticket.policy_revision_id)
    category, impact, urgency = said["category"], said["impact"], said["urgency"]
    _checked(policy, ticket, category, impact, urgency)
    before = {name: getattr(ticket, name) for name in ("category", "impact", "urgency", "priority")}
    rank = ticket.priority_rank
    if all(before[name] == said[name] for name in said) and ticket.proposal is None:
        return False
    priority = priority_of(policy, impact=impact, urgency=urgency)
    ticket.category, ticket.impact, ticket.urgency, ticket.priority = category, impact, urgency, priority
    ticket.priority_rank = policy.priority(priority).rank
    ticket.date_means = date_means(policy, priority=priority, category=category)
    ticket.reasons = [dict(reason) for reason in reasons]
    ticket.proposal, ticket.triage_by, ticket.triage_decided_at = None, "person", now
    ticket.version += 1
    bulk.update([ticket], _SAVED)
    tasks_end([ticket], [TaskKind.PROPOSAL], how=how, now=now, user_id=actor.pk)
    event_record(
        "properties_set",
        actor=actor,
        now=now,
        ticket_id=ticket.pk,
        args={**said, "priority": priority, "was": before["priority"], "how": how}
        | ({"why": why} if why else {}),
    )
    if ticket.priority_rank != rank and is_highest(policy, ticket.priority_rank) and ticket.is_open:
        highest_told([ticket.pk], by=actor.pk, now=now)
    _all_follows(ticket, _reason(policy, rank, ticket, before, impact), now)
    return True


def _all_follows(ticket: Ticket, reason: str, now: datetime) -> None:
    """Targets and told date after what they hang on has changed; `reason`: of the date, for the caller."""
    if ticket.triage == Triage.RESPOND and ticket.clock_started_at is not None and ticket.is_open:
        targets_follow(ticket, now)
        date_follows(ticket, reason, now)
    clock_set([ticket], now)


def targets_follow(ticket: Ticket, now: datetime) -> None:
    """1. Open targets from their own start by the new priority; those that it has not end now.
    2. What it has and the old one had not: the start from the ticket's clock, the progress update from now.
    """
    targets_again([ticket])
    place = places_of([ticket])[ticket.pk]
    pauses = pauses_of([ticket.pk]).get(ticket.pk, [])
    rows = list(Target.objects.filter(ticket_id=ticket.pk).order_by("kind", "cycle"))
    open_rows = {row.kind: row for row in rows if row.met_at is None and row.ended_at is None}
    rests_on = target_kind_of(ticket)
    wanted = {TargetKind.PROGRESS: now, TargetKind.START: ticket.clock_started_at or now}
    new, ended = [], []
    for kind, since in wanted.items():
        made = target_made(ticket, kind, since, place, pauses)
        none = made is None or (kind == TargetKind.START and rests_on != TargetKind.START)
        standing = open_rows.get(kind)
        if none and standing is not None:
            standing.ended_at = now
            ended.append(standing)
        done = any(row.kind == kind and row.met_at is not None for row in rows)
        if none or standing is not None or made is None or (kind == TargetKind.START and done):
            continue
        cycle = 1 + max((row.cycle for row in rows if row.kind == kind), default=0)
        new.append(
            Target(
                ticket=ticket,
                kind=kind,
                cycle=cycle,
                calendar=made.calendar,
                started_at=since,
                due_at=made.due_at,
                at_risk_at=made.at_risk_at,
            )
        )
    bulk.update(ended, ("ended_at",))
    bulk.insert(new)


def date_follows(ticket: Ticket, reason: str, now: datetime) -> None:
    """Before a date was told it is worked out when it is; while it waits for the caller, their answer tells it."""
    if ticket.promised_for is None:
        return
    tell = date_to_tell(ticket)
    if tell is None:
        return
    if (tell.date, tell.kind) == (ticket.promised_for, ticket.promise_kind):
        rows_give_way([ticket], [ReplyKind.DATE_CHANGED], reason="same_date", now=now)
    else:
        changed_queue([ticket], reason=reason, args={}, now=now)


def _reason(policy: Policy, rank: int, ticket: Ticket, before: Mapping[str, str], impact: str) -> str:
    """Why the date changes, as the caller may read it; '' leaves it to the facts."""
    if ticket.priority_rank < rank:
        return "more_urgent"
    known = before["impact"] in {level.key for level in policy.impacts}
    if known and policy.impact(impact).rank > policy.impact(before["impact"]).rank:
        return "fewer_people"
    return ""


def _checked(policy: Policy, ticket: Ticket, category: str, impact: str, urgency: str) -> None:
    keys = {one.key for one in policy.categories} | {policy.otherwise.key}
    if category not in keys:
        raise Refused("category", _("Choose a category of the policy."))
    if impact not in {one.key for one in policy.impacts}:
        raise Refused("impact", _("Choose an impact of the policy."))
    if urgency not in {one.key for one in policy.urgencies}:
        raise Refused("urgency", _("Choose an urgency of the policy."))
    if not ticket.is_open:
        raise Refused("closed", _("This is over. Open it again first."))
