"""Stop all automatic messages, from one account or from the whole desk, and let them go again.

While they are stopped every automatic message that would go is held by the rule "stopped", with a task (the rule is
asked where all the others are: `notices.automatic_rule`). What is held stays held when they go again, and a person
releases or drops each; only what is due after that goes by itself. So a switch back is no flood.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from accounts.actors import Actor, System
from accounts.models import User
from tickets import bulk
from tickets.models import (
    AgentTask,
    ChannelAccount,
    DeskSwitch,
    OutboundReply,
    ReplyKind,
    ReplyState,
    TaskKind,
    Ticket,
)
from tickets.services.account_lock import account_locked, dates_looked_at_again, runs_the_desk
from tickets.services.audit import event, event_record, task, tasks_make, tickets_changed
from tickets.services.clock_work import clock_set
from tickets.services.notices import STOPPED

#: What people read beside the stop.
WHY_MOST = 200
_ACTOR = System("stop")


def automatic_stop(*, actor: Actor, account_id: int | None, why: str, now: datetime) -> bool:
    """Let no automatic message leave any more, from this account or (None) from anywhere; whether that is new.

    1. The actor runs the account, or the desk; account or switch is locked.
    2. Stopped already: it stays as it was stopped.
    3. Since when, who, why (at most WHY_MOST characters, may be empty); history.
    4. Told dates that are at risk are looked at again at once: their notices are a person's now.
    What has begun to leave cannot be called back. Raises NotFound.
    """
    why = " ".join(why.replace("\0", "").split())[:WHY_MOST]
    who = actor if isinstance(actor, User) else None
    with transaction.atomic():
        if account_id is not None:
            account = account_locked(actor, account_id)
            if account.automatic_stopped_at is not None:
                return False
            account.automatic_stopped_at, account.automatic_stopped_by = now, who
            account.automatic_stopped_why = why
            _save(account)
        else:
            switch = _switch_locked(actor)
            if switch.stopped_at is not None:
                return False
            switch.stopped_at, switch.stopped_by, switch.stopped_why = now, who, why
            switch.save()
        event_record("automatic_stopped", actor=actor, now=now, account_id=account_id, args={"why": why})
        dates_looked_at_again(account_id=account_id, now=now)
    return True


def automatic_resume(*, actor: Actor, account_id: int | None, now: datetime) -> int:
    """Let automatic messages go again; returns how many that were due meanwhile and still stood in the line (a worker
    was away, the account paused) were held now, so that nothing of before goes by itself.

    1. The actor runs the account, or the desk; account or switch is locked. Not stopped: nothing is done.
    2. What was due by now and has not begun to go is held, each with its task.
    3. The stop ends; history.
    Raises NotFound.
    """
    with transaction.atomic():
        if account_id is not None:
            account = account_locked(actor, account_id)
            if account.automatic_stopped_at is None:
                return 0
            held = _due_hold(account_id, now)
            account.automatic_stopped_at, account.automatic_stopped_by = None, None
            account.automatic_stopped_why = ""
            _save(account)
        else:
            switch = _switch_locked(actor)
            if switch.stopped_at is None:
                return 0
            held = _due_hold(None, now)
            switch.stopped_at, switch.stopped_by, switch.stopped_why = None, None, ""
            switch.save()
        event_record("automatic_resumed", actor=actor, now=now, account_id=account_id, args={"held": held})
    return held


def _switch_locked(actor: Actor) -> DeskSwitch:
    runs_the_desk(actor)
    DeskSwitch.objects.bulk_create([DeskSwitch(pk=DeskSwitch.ONLY)], ignore_conflicts=True)
    return DeskSwitch.objects.select_for_update(of=("self",)).get(pk=DeskSwitch.ONLY)


def _save(account: ChannelAccount) -> None:
    account.save(update_fields=["automatic_stopped_at", "automatic_stopped_by", "automatic_stopped_why"])


def _due_hold(account_id: int | None, now: datetime) -> int:
    """Tickets are locked before their rows, as everywhere; a row that a worker has taken meanwhile is the worker's."""
    due = OutboundReply.objects.filter(
        Q(not_before__isnull=True) | Q(not_before__lte=now),
        state=ReplyState.QUEUED,
        is_automatic=True,
        next_try_at__lte=now,
    ).exclude(parts__external_id__gt="")
    if account_id is not None:
        due = due.filter(account_id=account_id)
    ids = sorted(set(due.values_list("ticket_id", flat=True)))
    if not ids:
        return 0
    tickets = {
        row.pk: row for row in bulk.read(Ticket, "WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [ids])
    }
    rows = list(due.filter(ticket_id__in=ids).select_for_update(of=("self",)).order_by("pk"))
    for row in rows:
        row.state, row.held_reason, row.held_by = ReplyState.HELD, STOPPED, "desk"
    bulk.update(rows, ("state", "held_reason", "held_by"))
    asked = _asked_already(rows)
    tasks_make(_task(row, tickets[row.ticket_id], now) for row in rows if row.pk not in asked)
    bulk.insert(
        [
            event(
                "reply_held",
                actor=_ACTOR,
                now=now,
                ticket_id=row.ticket_id,
                args={"reply": row.pk, "kind": row.kind, "rule": STOPPED},
            )
            for row in rows
        ],
        keys=False,
    )
    tickets_changed(row.ticket_id for row in rows)
    clock_set([tickets[row.ticket_id] for row in rows], now)
    return len(rows)


def _asked_already(rows: Sequence[OutboundReply]) -> set[int]:
    """Overdue notices about whose date somebody was asked: that task has the row now. Their ids."""
    overdue = {
        f"notice:{row.promise_id}": row.pk for row in rows if row.kind == ReplyKind.OVERDUE and row.promise_id
    }
    standing = list(AgentTask.objects.filter(cause__in=list(overdue), done_at__isnull=True))
    for one in standing:
        one.args = {**one.args, "reply": overdue[one.cause]}
    bulk.update(standing, ("args",))
    return {overdue[one.cause] for one in standing}


def _task(row: OutboundReply, ticket: Ticket, now: datetime) -> AgentTask:
    return task(
        TaskKind.RELEASE,
        reason=STOPPED,
        cause=f"release:{row.pk}:{row.attempts}",
        team_id=ticket.team_id,
        ticket_id=ticket.pk,
        account_id=row.account_id,
        user_id=ticket.owner_id,
        due_at=now,
        now=now,
        args={"reply": row.pk},
    )
