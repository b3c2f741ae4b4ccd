"""Taking a joining back: the two are tickets of their own again, each with what was said in its conversations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.models import User
from priority.selectors import policy_current, policy_of
from tickets import bulk
from tickets.models import (
    UNSETTLED,
    AgentTask,
    Conversation,
    Direction,
    Message,
    MessageKind,
    OutboundReply,
    Pause,
    Promise,
    PromiseEnd,
    ReplyEffect,
    ReplyKind,
    ReplyState,
    Status,
    Target,
    TaskKind,
    Ticket,
    TicketEvent,
    TicketJoin,
    Triage,
)
from tickets.selectors import tickets_visible
from tickets.services.audit import event
from tickets.services.clock_notices import changed_queue, lying_untrue, reminders_give_way, tasks_end
from tickets.services.clock_work import clock_set, pause_end, targets_again
from tickets.services.errors import Changed, NotFound, Refused
from tickets.services.join_rule import PROPERTIES, contacts_of_person
from tickets.services.joining import contacts_lock, on_its_way, reclaimed
from tickets.services.joining_parted import contacts_part, date_passed, left_behind, says_again
from tickets.services.joining_work import GIVES_WAY, HOW, WAIT, drafts_follow, wait_forget
from tickets.services.judge import Judge
from tickets.services.link_letter import LETTER_AT_REST, LETTER_WAITS, letters_stay
from tickets.services.look_ups import look_ups_resume
from tickets.services.promises import promise_answered, was_told
from tickets.services.properties import targets_follow
from tickets.services.responses import responded
from tickets.services.spoken import words_heard
from tickets.services.triage_rule import triage_again, wakeful_of
from tickets.services.triage_work import Result
from tickets.states import after
from tickets.wake import DELIVER, wake

_BACK = (
    "status",
    "resolved_how",
    "closed_at",
    *WAIT,
    "promised_for",
    "promise_kind",
    "first_response_at",
    "last_inbound_at",
    "version",
)
_LEFT = (
    *(name.removesuffix("_id") for name in PROPERTIES),
    *WAIT,
    "status",
    "clock_started_at",
    "calls",
    "tags",
    "is_danger",
    "triage_by",
    "triage_decided_at",
    "triage_due_at",
    "proposal",
    "last_inbound_at",
    "version",
)


def ticket_join_undo(*, actor: User, join_id: int, now: datetime) -> Ticket:
    """Returns the ticket that was closed, as it stands again. Raises NotFound, Refused, Changed.

    1. Contacts, both tickets and the row, locked. Refused: after the policy's days for opening again; while another
       joining lies on top of it; where nothing of it is left there; while something may have left in its conversations.
    2. Its conversations that are still there go back with all that was said in them, and with them those that the same
       people have begun since.
    3. What was closed is as it was: status, wait, targets, tasks, and the promise, whose end is taken away. What it
       would have said, and did not, or what lay there unread and was taken back, is asked again whether it is still
       true.
    4. What happened since in its conversations counts: answers, and new words. The other no longer waits for an
       answer to what was asked there.
    5. A date that has passed meanwhile was missed, and a person is asked to say so.
    6. The other keeps what the caller was told on it; what it took over it lets go, where nobody changed it since.
    7. Contacts that only this held together are parted. History and a version on both.
    """
    with transaction.atomic():
        row = _locked(actor, join_id)
        into, joined = row.into, row.joined
        _may_be_undone(row, now)
        reclaimed(into)
        back = _conversations(row)
        _nothing_leaves(row, back)
        moved = _move(row, back)
        drafts_follow(into, joined, only=[conversation.pk for conversation in back])
        _let_go(row, moved, now)
        came_back = _as_it_was(row, now)
        _since(row, back)
        lines = _words_since(row, moved, now)
        date_passed(row, now)
        says_again(row, [*came_back, *left_behind(row, back)], now)
        lying_untrue([into.pk, joined.pk], now)
        row.undone_at, row.undone_by = now, actor
        row.save(update_fields=["undone_at", "undone_by"])
        contacts_part(row)
        args = {"join": row.pk}
        made = [
            event(
                "join_undone", actor=actor, now=now, ticket_id=one.pk, args=args | {"ticket": other.reference}
            )
            for one, other in ((into, joined), (joined, into))
        ]
        bulk.insert([*made, *lines], keys=False)
        clock_set([into, joined], now)
    joined.refresh_from_db()
    return joined


def _locked(actor: User, join_id: int) -> TicketJoin:
    seen = tickets_visible(actor).values("pk")
    named = TicketJoin.objects.filter(pk=join_id, into__in=seen, joined__in=seen)
    found = named.select_related("into", "joined").first()
    if found is None:
        raise NotFound
    callers = [found.into.caller_id, found.joined.caller_id]
    contacts_lock({*callers, *contacts_of_person(callers[0]), *contacts_of_person(callers[1])})
    tickets = {
        ticket.pk: ticket
        for ticket in tickets_visible(actor)
        .filter(pk__in=[found.into_id, found.joined_id])
        .select_related("account", "team")
        .select_for_update(of=("self",), no_key=True)
        .order_by("pk")
    }
    if len(tickets) < 2:
        raise NotFound
    row = TicketJoin.objects.select_for_update(of=("self",)).get(pk=join_id)
    row.into, row.joined = tickets[row.into_id], tickets[row.joined_id]
    return row


def _may_be_undone(row: TicketJoin, now: datetime) -> None:
    if row.undone_at is not None:
        raise Changed("undone", _("This was undone already; this is how it stands now."))
    days = policy_of(row.into.policy_revision_id).periods.reopen_days
    if now - row.at > timedelta(days=days):
        raise Refused(
            "too_late",
            _("They were joined more than %(days)s days ago. Part a conversation instead.") % {"days": days},
        )
    both = Q(into_id=row.into_id) | Q(joined_id=row.into_id)
    top = TicketJoin.objects.filter(both, undone_at__isnull=True, pk__gt=row.pk).order_by("-pk").first()
    if top is not None:
        other = top.joined if top.into_id == row.into_id else top.into
        raise Refused(
            "on_top",
            _("It was joined with %(reference)s after that. Undo that first.")
            % {"reference": other.shown_reference},
        )


def _conversations(row: TicketJoin) -> list[Conversation]:
    """Those of the closed ticket that are still on the other, and those that the same people have begun since."""
    there = list(
        Conversation.objects.select_for_update(no_key=True).filter(ticket_id=row.into_id).order_by("pk")
    )
    old = set(row.before["joined"]["conversations"])
    people = {one.identity_id for one in there if one.pk in old}
    own = {
        one.identity_id for one in there if one.pk not in old and (one.joined_at or one.created_at) <= row.at
    }
    back = [
        one
        for one in there
        if one.pk in old or ((one.joined_at or one.created_at) > row.at and one.identity_id in people - own)
    ]
    if not old & {one.pk for one in back}:
        raise Refused("gone", _("None of its conversations is still here, so there is nothing to take back."))
    return back


def _nothing_leaves(row: TicketJoin, back: Sequence[Conversation]) -> None:
    letters_stay(conversation__in=back, ticket_id=row.into_id)
    there = OutboundReply.objects.filter(conversation__in=back, ticket_id=row.into_id).exclude(LETTER_AT_REST)
    going = there.filter(state__in=[*UNSETTLED, ReplyState.UNKNOWN, ReplyState.HELD])
    by_itself = Q(kind__in=GIVES_WAY, state__in=[ReplyState.QUEUED, ReplyState.HELD])
    if going.exclude(by_itself).exists() or going.filter(parts__external_id__gt="").exists():
        raise on_its_way()


def _move(row: TicketJoin, back: Sequence[Conversation]) -> list[Message]:
    for conversation in back:
        conversation.ticket = row.joined
    bulk.update(back, ("ticket",))
    clause = "WHERE conversation_id = ANY(%s) AND ticket_id = %s ORDER BY sent_at, id"
    moved = bulk.read(Message, clause, [[one.pk for one in back], row.into_id])
    for message in moved:
        message.ticket = row.joined
    bulk.update(moved, ("ticket",))
    goes_along = Q(state=ReplyState.HANDED) | LETTER_WAITS
    OutboundReply.objects.filter(goes_along, conversation__in=back, ticket_id=row.into_id).update(
        ticket=row.joined
    )
    causes = [f"{kind}:{m.pk}" for m in moved for kind in ("danger", "proposal")]
    tasks = AgentTask.objects.filter(ticket_id=row.into_id)
    tasks.filter(Q(pk__in=row.before["joined"]["tasks_moved"]) | Q(cause__in=causes)).update(
        ticket=row.joined, team_id=row.joined.team_id, user_id=row.joined.owner_id
    )
    return moved


def _let_go(row: TicketJoin, moved: Iterable[Message], now: datetime) -> None:
    """Of the one that went on. No date that the caller was told moves by it."""
    into, joined, before = row.into, row.joined, row.before["into"]
    mine = into.reasons[-1:] == [
        {"code": "joined", "args": {"reference": joined.shown_reference, "priority": into.priority}}
    ]
    if mine:
        for name in PROPERTIES:
            setattr(into, name, before[name])
    if into.triage_decided_at == row.at:
        into.triage_by, into.triage_decided_at = before["triage_by"], _time(before["triage_decided_at"])
    if into.clock_started_at == joined.clock_started_at:
        into.clock_started_at = _time(before["clock_started_at"]) or into.clock_started_at
    if into.triage == Triage.PENDING:
        into.triage_due_at = _time(before["triage_due_at"]) or into.triage_due_at
    if into.proposal is not None and into.proposal.get("message") in {message.pk for message in moved}:
        into.proposal = before["proposal"]
    into.calls = max(1, into.calls - joined.calls)
    into.tags = [tag for tag in into.tags if tag in before["tags"] or tag not in joined.tags]
    asked = AgentTask.objects.filter(ticket=into, kind=TaskKind.DANGER)
    into.is_danger = bool(before["is_danger"]) or asked.exists()
    into.last_inbound_at = _last_word(into)
    question = _question(row)
    waited_here = (
        into.status == Status.WAITING and question is not None and question.sent_at == into.waiting_since
    )
    if waited_here:
        into.status = after(into.status, "went_on")
        wait_forget(into)
    into.version += 1
    bulk.update([into], _LEFT)
    if waited_here:
        pause_end([into], at=now)
        tasks_end([into], [TaskKind.REMIND], how="went_on", now=now)
        reminders_give_way([into], now=now)
    starts = {int(pk): (_time(old), _time(new)) for pk, (old, new) in before["starts"].items()}
    rows = []
    for target in Target.objects.filter(pk__in=starts, met_at__isnull=True, ended_at__isnull=True):
        old, new = starts[target.pk]
        if target.started_at == new and old is not None:
            target.started_at = old
            rows.append(target)
    bulk.update(rows, ("started_at",))
    if into.is_open and into.triage == Triage.RESPOND and Target.objects.filter(ticket=into).exists():
        targets_follow(into, now)
    if waited_here and into.promised_for is None:
        changed_queue([into], reason="", args={}, now=now)


def _question(row: TicketJoin) -> OutboundReply | None:
    """Ours that asked the caller something, since they were joined, in a conversation that goes back."""
    asked = OutboundReply.objects.filter(
        ticket_id=row.into_id,
        conversation__ticket_id=row.joined_id,
        effect=ReplyEffect.ASKS,
        state=ReplyState.SENT,
        sent_at__gt=row.at,
    )
    return asked.order_by("-sent_at").first()


def _as_it_was(row: TicketJoin, now: datetime) -> list[OutboundReply]:
    """The one that was closed; returns what it would have said."""
    joined, before = row.joined, row.before["joined"]
    joined.status = after(joined.status, f"parted_{before['status']}")
    joined.resolved_how, joined.closed_at = "", None
    for name in WAIT:
        value = before[name]
        setattr(joined, name, _time(value) if name.endswith(("_at", "_since")) else value)
    joined.last_inbound_at = _last_word(joined)
    joined.version += 1
    _promise_again(joined, before["promise"])
    bulk.update([joined], _BACK)
    Pause.objects.filter(pk=before["pause"]).update(ended_at=None)
    Target.objects.filter(pk__in=before["targets"], met_at__isnull=True).update(ended_at=None)
    targets_again([joined])
    AgentTask.objects.filter(pk__in=before["tasks_ended"], done_how=HOW).update(done_at=None, done_how="")
    look_ups_resume(joined.account, [joined.pk], now=now)
    unread = _unread_again(row)
    unsaid = OutboundReply.objects.filter(
        Q(pk__in=before["replies"], state=ReplyState.SUPERSEDED, held_reason=HOW) | Q(pk__in=unread)
    )
    return list(unsaid.select_for_update(of=("self",)).order_by("pk"))


def _unread_again(row: TicketJoin) -> list[int]:
    """Of what lay ready for its caller, unread, what was taken back since: it is its own again. Ids."""
    lay = (
        OutboundReply.objects.select_for_update(of=("self",))
        .filter(
            pk__in=row.before["joined"].get("lying", []),
            ticket_id=row.into_id,
            state__in=[ReplyState.QUEUED, ReplyState.HELD, ReplyState.SUPERSEDED],
        )
        .exclude(state=ReplyState.SUPERSEDED, held_reason="dropped")
    )  # by a person, for good
    ids = list(lay.order_by("pk").values_list("pk", flat=True))
    OutboundReply.objects.filter(pk__in=ids).update(ticket=row.joined)
    return ids


def _promise_again(joined: Ticket, kept: Sequence[Any] | None) -> None:
    """Its end, and nothing else of it, is as it was."""
    promise = Promise.objects.filter(pk=kept[0], end=PromiseEnd.WITHDRAWN).first() if kept else None
    if promise is None or kept is None:
        return
    promise.end, promise.end_reason, promise.ended_at = kept[1], kept[2], _time(kept[3])
    bulk.update([promise], ("end", "end_reason", "ended_at"))
    if promise.end == "":
        joined.promised_for, joined.promise_kind = promise.promised_for, promise.kind


def _since(row: TicketJoin, back: Sequence[Conversation]) -> None:
    """What people of ours have said in its conversations meanwhile has answered it."""
    joined = row.joined
    answers = Message.objects.filter(
        Q(kind=MessageKind.ANSWER) | Q(reply__kind=ReplyKind.RESOLUTION),
        conversation__in=back,
        ticket=joined,
        direction=Direction.OUTBOUND,
        sent_at__gt=row.at,
    )
    for said in answers.order_by("sent_at", "pk"):
        promise_answered(ticket=joined, answered_at=said.sent_at)
        responded(joined, at=said.sent_at)
    bulk.update([joined], _BACK)


def _words_since(row: TicketJoin, moved: Iterable[Message], now: datetime) -> list[TicketEvent]:
    """New words are triaged where they are now, as they would have been; what is left on the other one, where nobody
    was told anything by it."""
    new = [m for m in moved if m.direction == Direction.INBOUND and m.received_at > row.at]
    revision = policy_current()
    policy = policy_of(revision.pk)
    lines: list[TicketEvent] = []
    for ticket in sorted((row.into, row.joined), key=lambda one: one.pk):
        judge = Judge(ticket.account, policy)
        if new and (ticket is row.joined or not was_told(ticket.pk)):
            result = triage_again([ticket], judge=judge, revision=revision, new_messages=new, now=now)
        else:
            result = Result(wakeful=wakeful_of([ticket], judge))
        lines += result.events
        lines += words_heard([ticket], result, account=ticket.account, policy=policy, now=now)
        if result.replies_queued:
            wake(DELIVER, ticket.account_id)
    return lines


def _last_word(ticket: Ticket) -> datetime | None:
    said = Message.objects.filter(ticket=ticket, direction=Direction.INBOUND)
    at: datetime | None = said.aggregate(at=Max("sent_at"))["at"]
    return at


def _time(stored: str | None) -> datetime | None:
    return parse_datetime(stored) if stored else None
