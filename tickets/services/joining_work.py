"""What joining does to the two tickets: what one puts down, and what the other takes over. Both are locked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from priority.selectors import policy_current, policy_of
from tickets import bulk
from tickets.models import (
    UNSETTLED,
    AgentTask,
    Conversation,
    Direction,
    Draft,
    Message,
    OutboundReply,
    Pause,
    Promise,
    PromiseEnd,
    ReplyKind,
    ReplyState,
    Status,
    Target,
    TaskKind,
    Ticket,
    Triage,
)
from tickets.services.clock_notices import changed_queue, reminders_give_way, rows_give_way, tasks_end
from tickets.services.clock_work import pause_end, spoke_at
from tickets.services.effects import targets_end
from tickets.services.join_rule import (
    PROPERTIES,
    Pair,
    earlier_date,
    earliest,
    latest,
    open_targets_of,
    starts_of,
    takes_over,
)
from tickets.services.judge import Judge
from tickets.services.link_letter import LETTER_WAITS
from tickets.services.promises import promise_withdrawn
from tickets.services.properties import targets_follow
from tickets.services.responses import next_responses_start
from tickets.services.triage_rule import wakeful_of
from tickets.states import after

HOW = "joined"
#: What is said by itself, and not twice to one person.
GIVES_WAY = (
    ReplyKind.ACKNOWLEDGEMENT,
    ReplyKind.OVERDUE,
    ReplyKind.DATE_CHANGED,
    ReplyKind.REMINDER,
    ReplyKind.CLOSING,
)
#: What is asked of people about the date or the wait of the one that is closed: the other has its own. Whatever else
#: is asked of people goes on there.
_ENDS = (
    TaskKind.NOTICE,
    TaskKind.REASON,
    TaskKind.PROGRESS,
    TaskKind.ASK_AGAIN,
    TaskKind.REMIND,
    TaskKind.TRIAGE_LATE,
    TaskKind.RELEASE,
)
#: Of the one that is closed, put back when it is undone.
WAIT = ("hold_kind", "hold_for", "hold_since", "hold_ask_again_at", "waiting_since")
_CLOSED = (
    "status",
    "resolved_how",
    "closed_at",
    *WAIT,
    "promised_for",
    "promise_kind",
    "version",
)
#: Of the one that goes on, as far as the joining changes it.
TAKEN = (
    *PROPERTIES,
    "clock_started_at",
    "calls",
    "tags",
    "is_danger",
    "triage_by",
    "triage_decided_at",
    "triage_due_at",
    "proposal",
)
_GOES_ON = (
    *(name.removesuffix("_id") for name in TAKEN),
    *WAIT,
    "status",
    "last_inbound_at",
    "version",
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What follows from the two as they were. starts: by target of the one that goes on, its earlier start. sooner: its
    date, where that is an earlier one than was told. waits_for_us, answered: of the one that is closed."""

    starts: Mapping[int, datetime]
    sooner: datetime | None
    more_urgent: bool
    waits_for_us: bool
    answered: bool


def plan_of(pair: Pair, now: datetime) -> Plan:
    return Plan(
        starts=starts_of(pair, open_targets_of([pair.into, pair.joined])),
        sooner=earlier_date(pair, now),
        more_urgent=takes_over(pair),
        waits_for_us=pair.joined.status in (Status.NEW, Status.OPEN),
        answered=pair.joined.status == Status.OPEN,
    )


def put_down(pair: Pair, plan: Plan) -> dict[str, Any]:
    """What is there before anything is changed, as ids and codes."""
    into, joined = pair.into, pair.joined
    newest = Promise.objects.filter(ticket=joined).order_by("-told_at", "-pk").first()
    owed = newest is not None and newest.end in ("", PromiseEnd.SUSPENDED)
    return {
        "joined": {
            **{name: _stored(getattr(joined, name)) for name in ("status", *WAIT)},
            "promise": [newest.pk, newest.end, newest.end_reason, _stored(newest.ended_at)]
            if newest is not None and owed
            else None,
            "targets": [row.pk for row in open_targets_of([joined])],
            "pause": Pause.objects.filter(ticket=joined, ended_at__isnull=True)
            .values_list("pk", flat=True)
            .first(),
            "conversations": list(
                Conversation.objects.filter(ticket=joined).order_by("pk").values_list("pk", flat=True)
            ),
            "lying": list(
                OutboundReply.objects.filter(ticket=joined, state=ReplyState.HANDED, is_automatic=True)
                .order_by("pk")
                .values_list("pk", flat=True)
            ),
        },
        "into": {
            **{name: _stored(getattr(into, name)) for name in TAKEN},
            "starts": {
                str(row.pk): [_stored(row.started_at), _stored(plan.starts[row.pk])]
                for row in open_targets_of([into])
                if row.pk in plan.starts
            },
        },
    }


def _stored(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def move(pair: Pair) -> list[Message]:
    """The conversations of the closed one and what was said in them, by anybody; returns the latter."""
    into, joined = pair.into, pair.joined
    conversations = list(
        Conversation.objects.select_for_update(no_key=True).filter(ticket=joined).order_by("pk")
    )
    for conversation in conversations:
        conversation.ticket = into
    bulk.update(conversations, ("ticket",))
    moved = bulk.read(Message, "WHERE ticket_id = %s ORDER BY id", [joined.pk])
    for message in moved:
        message.ticket = into
    bulk.update(moved, ("ticket",))
    # What lies ready for the caller is read where their words are now.
    goes_along = Q(state=ReplyState.HANDED) | LETTER_WAITS
    OutboundReply.objects.filter(goes_along, ticket=joined).update(ticket=into)
    return moved


def close(joined: Ticket, now: datetime) -> list[int]:
    """Ids of the messages that fell away."""
    gone = rows_give_way([joined], GIVES_WAY, reason=HOW, now=now)
    promise_withdrawn(ticket=joined, reason="merged", at=now)
    pause_end([joined], at=now)
    targets_end(joined, at=now)
    joined.status = after(joined.status, "joined")
    joined.closed_at, joined.resolved_how = now, HOW
    wait_forget(joined)
    joined.version += 1
    bulk.update([joined], _CLOSED)
    return gone


def wait_forget(ticket: Ticket) -> None:
    """It waits for nobody any more. In memory."""
    ticket.hold_kind, ticket.hold_for, ticket.hold_since, ticket.hold_ask_again_at = "", "", None, None
    ticket.waiting_since = None


def go_on(pair: Pair, plan: Plan, moved: Sequence[Message], now: datetime) -> None:
    """1. The more urgent properties, and the reason that says so. What is answered is not triaged by rule any more: a
       person has decided which words belong together.
    2. Status: open where either waited for us; then its pause ends, and a date that waited for the caller is told anew.
    3. Targets from the earlier start, by the properties as they are now; the next response from the first of all words
       that nobody has answered.
    4. The earlier date is told.
    """
    into = pair.into
    _properties(pair, plan, moved, now)
    waited = into.status if into.status in (Status.WAITING, Status.ON_HOLD) and plan.waits_for_us else None
    if plan.answered:
        into.status = after(into.status, "answered")
    if waited is not None:
        into.status = after(into.status, "went_on")
        wait_forget(into)
    into.version += 1
    bulk.update([into], _GOES_ON)
    rows = list(Target.objects.filter(pk__in=list(plan.starts)))
    for row in rows:
        row.started_at = plan.starts[row.pk]
    bulk.update(rows, ("started_at",))
    if waited is not None:
        pause_end([into], at=now)
        tasks_end([into], [TaskKind.ASK_AGAIN, TaskKind.REMIND], how="went_on", now=now)
        reminders_give_way([into], now=now)
    if into.triage == Triage.RESPOND and Target.objects.filter(ticket=into).exists():
        targets_follow(into, now)
        if into.first_response_at is not None:
            judge = Judge(into.account, policy_of(policy_current().pk))
            words = wakeful_of([into], judge)[into.pk]
            next_responses_start({into.pk: [spoke_at(message) for message in words]}, [into])
    if waited == Status.WAITING and into.promised_for is None:
        changed_queue([into], reason="", args={}, now=now)
    if plan.sooner is not None:
        changed_queue([into], reason="more_urgent" if plan.more_urgent else "sooner", args={}, now=now)


def _properties(pair: Pair, plan: Plan, moved: Sequence[Message], now: datetime) -> None:
    into, joined = pair.into, pair.joined
    if plan.more_urgent:
        for name in PROPERTIES:
            setattr(into, name, getattr(joined, name))
        note = {"reference": joined.shown_reference, "priority": into.priority}
        into.reasons = [*joined.reasons, {"code": "joined", "args": note}]
    if into.triage == Triage.RESPOND:
        into.clock_started_at = earliest(into.clock_started_at, joined.clock_started_at)
        into.triage_by, into.triage_decided_at = "person", now
    elif into.triage == joined.triage:
        into.triage_due_at = earliest(into.triage_due_at, joined.triage_due_at)
    if joined.proposal is not None and into.proposal is None:
        proposed = policy_of(joined.policy_revision_id).priority(str(joined.proposal["priority"])).rank
        if proposed < into.priority_rank and into.policy_revision_id == joined.policy_revision_id:
            into.proposal = joined.proposal
    into.calls += joined.calls
    into.tags = sorted({*into.tags, *joined.tags})
    into.is_danger = into.is_danger or joined.is_danger
    said = [message.sent_at for message in moved if message.direction == Direction.INBOUND]
    into.last_inbound_at = latest(*said, into.last_inbound_at)


def tasks_follow(pair: Pair, now: datetime) -> dict[str, list[int]]:
    """What is asked of people about the closed one ends, or is asked about the other. Ids of both."""
    into, joined = pair.into, pair.joined
    ends = set(_ENDS)
    acknowledging = OutboundReply.objects.filter(
        ticket=into, kind=ReplyKind.ACKNOWLEDGEMENT, state__in=UNSETTLED
    )
    if Promise.objects.filter(ticket=into).exists() or acknowledging.exists():
        ends.add(TaskKind.NOT_TOLD)
    if into.proposal is None or into.proposal != joined.proposal:
        ends.add(TaskKind.PROPOSAL)
    ended, moved = [], []
    for asked in AgentTask.objects.select_for_update().filter(ticket=joined, done_at=None).order_by("pk"):
        if asked.kind in ends:
            asked.done_at, asked.done_how = now, HOW
            ended.append(asked)
        else:
            asked.ticket, asked.team_id, asked.user_id = into, into.team_id, into.owner_id
            moved.append(asked)
    bulk.update(ended, ("done_at", "done_how"))
    bulk.update(moved, ("ticket", "team", "user"))
    return {"tasks_ended": [asked.pk for asked in ended], "tasks_moved": [asked.pk for asked in moved]}


def drafts_follow(gone: Ticket, goes_on: Ticket, *, only: Iterable[int] | None = None) -> None:
    """What colleagues are writing on one of the two is found on the other; `only`: in these conversations. Who writes
    on both finds the two texts below each other."""
    mine = Draft.objects.select_for_update().filter(ticket=gone).order_by("pk")
    standing = {
        (one.user_id, one.kind): one for one in Draft.objects.select_for_update().filter(ticket=goes_on)
    }
    for draft in mine if only is None else mine.filter(conversation__in=list(only)):
        other = standing.get((draft.user_id, draft.kind))
        if other is None:
            draft.ticket = goes_on
            draft.save(update_fields=["ticket"])
        else:
            other.text = f"{other.text}\n\n{draft.text}"
            other.save(update_fields=["text"])
            draft.delete()
