"""What people write and decide about our messages: answers, and what becomes of held and uncertain ones."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

from django.db import transaction
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User
from tickets.channels import Length, measured, rule_words, seen_by
from tickets.models import (
    AgentTask,
    Conversation,
    Direction,
    Message,
    OutboundPart,
    OutboundReply,
    ReplyKind,
    ReplyState,
    Status,
    TaskKind,
    Ticket,
    Triage,
)
from tickets.selectors import tickets_visible
from tickets.services.audit import event_record, tickets_changed
from tickets.services.errors import Changed, NotFound, Refused
from tickets.services.notice_facts import ON_ITS_WAY
from tickets.services.notices import answer_text, rule_of
from tickets.services.outcomes import not_told_ask, reply_sent
from tickets.services.promises import date_to_tell, was_told
from tickets.wake import DELIVER, wake

Verdict: TypeAlias = Literal["went", "again"]

MOST_CHARACTERS = 10_000
MOST_PARTS = 20


def answer_write(
    *,
    actor: User,
    ticket_id: int,
    conversation_id: int,
    text: str,
    tell_date: bool,
    client_key: str,
    seen_message_id: int | None,
    now: datetime,
) -> OutboundReply:
    """Queue a person's answer; the same `client_key` again gives the same row. Raises NotFound, Refused,
    Changed.

    1. The actor sees the ticket; it is locked.
    2. Refused: an empty or too long text, a ticket that is not to be answered, an account or network that
       forbids it.
    3. Changed: the caller has said something that the actor had not seen (`seen_message_id`: the newest they
       had).
    4. The date line: while no date was told it is part of the answer (`tell_date`); once told it is not
       repeated.
    5. An acknowledgement that has not gone gives way, even one that a worker holds but has not begun.
    """
    key = f"answer:{client_key}"
    if not 8 <= len(client_key) <= 100:
        raise Refused("client_key", _("The form is incomplete; reload the page and send it again."))
    with transaction.atomic():
        ticket = _ticket_locked(actor, ticket_id)
        earlier = OutboundReply.objects.filter(dedupe_key=key).first()
        if earlier is not None:
            if earlier.ticket_id != ticket.pk or earlier.author_id != actor.pk:
                raise Refused("client_key", _("The form is incomplete; reload the page and send it again."))
            return earlier
        conversation = _conversation(ticket, conversation_id)
        text = text.replace("\0", "").strip()
        if not text:
            raise Refused("empty", _("Write something first."))
        _may_answer(ticket, conversation, now)
        _nothing_new(ticket, seen_message_id)
        reply = _answer(actor, ticket, conversation, text, tell_date, key, now)
        if reply.tells_for is None and not tell_date and _line_wanted(ticket, now):
            raise Refused(
                "date_line", _("The caller was not told a date yet: leave the line with the date in.")
            )
        _length_checked(
            conversation, answer_text(reply, ticket=ticket, account=conversation.account, now=now)
        )
        acknowledgement_gives_way(ticket, reason="answered_first", now=now)
        reply.save(force_insert=True)
        event_record("answer_written", actor=actor, now=now, ticket_id=ticket.pk, args={"reply": reply.pk})
        tickets_changed([ticket.pk])
        wake(DELIVER, reply.account_id)
    return reply


def answer_length(
    *, actor: User, ticket_id: int, conversation_id: int, text: str, tell_date: bool, now: datetime
) -> Length:
    """How long the answer would be where it will stand, date line and sign-off included. Raises NotFound."""
    ticket = _ticket_visible(actor, ticket_id)
    conversation = _conversation(ticket, conversation_id)
    reply = _answer(actor, ticket, conversation, text[:MOST_CHARACTERS], tell_date, "answer:", now)
    whole = answer_text(reply, ticket=ticket, account=conversation.account, now=now)
    return measured(conversation.account, whole, seen_by(conversation))


def date_line_wanted(ticket: Ticket, *, now: datetime) -> bool:
    """Whether an answer written now has to carry the line with number and date."""
    return _line_wanted(ticket, now)


def reply_resolve_unknown(*, actor: User, reply_id: int, verdict: Verdict, now: datetime) -> OutboundReply:
    """A person has looked: it `went` (then it told what it tells, from when it was begun), or it goes
    `again`.

    Raises NotFound; Changed where it is no longer uncertain; Refused for another verdict.
    """
    if verdict not in ("went", "again"):
        raise Refused("verdict", _("Say whether it went or is to be sent again."))
    with transaction.atomic():
        ticket, reply = _reply_locked(actor, reply_id)
        if reply.state != ReplyState.UNKNOWN:
            raise Changed("settled", _("This was cleared up in the meantime; this is how it stands now."))
        parts = list(OutboundPart.objects.filter(reply_id=reply.pk).order_by("number"))
        open_part = next((part for part in parts if not part.external_id), None)
        reply.find_after, reply.error_code, reply.error_words = None, "", ""
        if verdict == "again":
            # One unclear try stays on record: if this one is unclear, too, a person is asked at once.
            reply.state, reply.next_try_at, reply.unclear_count = ReplyState.QUEUED, now, 1
            reply.send_started_at, reply.settled_at = None, None
            OutboundPart.objects.filter(reply_id=reply.pk, external_id="").update(send_started_at=None)
        elif open_part is not None:
            # The network's id of it is not known; a person's word stands in for the receipt.
            open_part.external_id = f"by-word:{open_part.pk}"
            open_part.sent_at = open_part.send_started_at or now
            open_part.save(update_fields=["external_id", "sent_at"])
            if open_part is parts[-1]:
                reply.state, reply.sent_at, reply.settled_at = ReplyState.SENT, open_part.sent_at, now
            else:
                reply.state, reply.next_try_at, reply.unclear_count = ReplyState.QUEUED, now, 0
                reply.send_started_at, reply.settled_at = None, None
        reply.save()
        if reply.state == ReplyState.SENT:
            reply_sent(reply, parts, ticket=ticket, sent_at=reply.sent_at or now, now=now)
        _decided(reply, ticket, actor=actor, kind=TaskKind.NOT_CERTAIN, how=verdict, now=now)
    return reply


def reply_release(*, actor: User, reply_id: int, now: datetime) -> OutboundReply:
    """A person sends what a rule held back. An automatic message becomes theirs, and counts towards no cap.

    What binds people, too (the channel mode, the network's rule), is asked again before it goes.
    Raises NotFound; Changed where it is no longer held.
    """
    with transaction.atomic():
        ticket, reply = _reply_locked(actor, reply_id)
        if reply.state != ReplyState.HELD:
            raise Changed("not_held", _("This is no longer held; this is how it stands now."))
        if reply.held_reason == "date_passed":
            reply.tells_for, reply.tells_kind, reply.tells_reason = None, "", ""
        if reply.is_automatic:
            reply.is_automatic, reply.author = False, actor
        reply.state, reply.held_reason, reply.held_by = ReplyState.QUEUED, "", ""
        reply.precedence, reply.next_try_at, reply.not_before, reply.attempts = (
            0,
            now,
            None,
            reply.attempts + 1,
        )
        reply.save()
        _decided(reply, ticket, actor=actor, kind=TaskKind.RELEASE, how="released", now=now)
        wake(DELIVER, reply.account_id)
    return reply


def reply_drop(*, actor: User, reply_id: int, now: datetime) -> OutboundReply:
    """A person lets a held message go unsaid. Raises NotFound; Changed where it is no longer held.

    Where with it the caller hears no date at all, somebody is asked to tell one.
    """
    with transaction.atomic():
        ticket, reply = _reply_locked(actor, reply_id)
        if reply.state != ReplyState.HELD:
            raise Changed("not_held", _("This is no longer held; this is how it stands now."))
        reply.state, reply.held_reason, reply.settled_at = ReplyState.SUPERSEDED, "dropped", now
        reply.save(update_fields=["state", "held_reason", "settled_at"])
        if ticket.triage == Triage.RESPOND and ticket.is_open and not _date_on_its_way(ticket):
            not_told_ask(reply, ticket, reason="dropped", now=now)
        _decided(reply, ticket, actor=actor, kind=TaskKind.RELEASE, how="dropped", now=now)
    return reply


def _answer(
    actor: User,
    ticket: Ticket,
    conversation: Conversation,
    text: str,
    tell_date: bool,
    key: str,
    now: datetime,
) -> OutboundReply:
    """The unsaved row; it tells a date only where one is to be told and lies ahead."""
    tell = date_to_tell(ticket) if tell_date and not _date_on_its_way(ticket) else None
    if tell is not None and tell.date <= now:
        tell = None
    return OutboundReply(
        account_id=conversation.account_id,
        conversation=conversation,
        ticket=ticket,
        dedupe_key=key,
        kind=ReplyKind.ANSWER,
        is_automatic=False,
        author=actor,
        language=ticket.language or conversation.account.language,
        text=text.strip(),
        in_reply_to=conversation.reply_to,
        tells_for=tell.date if tell else None,
        tells_kind=tell.kind if tell else "",
        tells_reason="answered" if tell else "",
        precedence=0,
        next_try_at=now,
        created_at=now,
    )


def _may_answer(ticket: Ticket, conversation: Conversation, now: datetime) -> None:
    account = conversation.account
    if not account.answers:
        raise Refused(
            "account_mode", _("Nobody is answered from this account: its channel mode does not allow it.")
        )
    if ticket.triage != Triage.RESPOND:
        raise Refused("triage", _("Choose respond first; then the answer can tell the caller a date."))
    if ticket.status == Status.CLOSED:
        raise Refused("closed", _("This is closed. A new message of the caller opens a new one."))
    rule = rule_of(conversation)
    if not rule.allowed:
        words = rule_words(account, rule.rule, get_language() or "en")
        raise Refused(rule.rule, _("The network does not let us answer here: %(rule)s") % {"rule": words})
    if conversation.window_ends_at is not None and conversation.window_ends_at <= now:
        raise Refused("window", _("The time in which this network lets us answer is over."))


def _nothing_new(ticket: Ticket, seen_message_id: int | None) -> None:
    if seen_message_id is None:
        return
    newer = Message.objects.filter(ticket_id=ticket.pk, direction=Direction.INBOUND, pk__gt=seen_message_id)
    if newer.exists():
        raise Changed(
            "new_message", _("The caller has said more in the meantime. Read it, then send your answer.")
        )


def _length_checked(conversation: Conversation, whole: str) -> None:
    if len(whole) > MOST_CHARACTERS:
        raise Refused(
            "too_long", _("This is too long: at most %(most)s characters.") % {"most": MOST_CHARACTERS}
        )
    length = measured(conversation.account, whole, seen_by(conversation))
    if not length.fits or length.parts > MOST_PARTS:
        raise Refused(
            "too_long",
            _("This is too long: %(used)s of %(limit)s, in %(parts)s messages. Make it shorter.")
            % {"used": length.used, "limit": length.limit, "parts": length.parts},
        )


def _line_wanted(ticket: Ticket, now: datetime) -> bool:
    if _date_on_its_way(ticket):
        return False
    tell = date_to_tell(ticket)
    return tell is not None and tell.date > now


def _date_on_its_way(ticket: Ticket) -> bool:
    """Told already, or by an answer that is on its way. An acknowledgement does not count: the answer
    replaces it."""
    return (
        was_told(ticket.pk)
        or OutboundReply.objects.filter(
            ticket_id=ticket.pk, kind=ReplyKind.ANSWER, tells_for__isnull=False, state__in=ON_ITS_WAY
        ).exists()
    )


def acknowledgement_gives_way(ticket: Ticket, *, reason: str, now: datetime) -> None:
    """One that has not begun to go falls away, also out of a worker's hands. The ticket is locked by the caller."""
    gone = Q(state__in=[ReplyState.QUEUED, ReplyState.HELD]) | Q(
        state=ReplyState.SENDING, send_started_at__isnull=True
    )
    mine = OutboundReply.objects.filter(gone, ticket_id=ticket.pk, kind=ReplyKind.ACKNOWLEDGEMENT).exclude(
        parts__external_id__gt=""
    )
    given_way = list(mine.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    OutboundReply.objects.filter(pk__in=given_way).update(
        state=ReplyState.SUPERSEDED,
        held_reason=reason,
        held_by="",
        lease_token=None,
        lease_until=None,
        settled_at=now,
    )
    AgentTask.objects.filter(
        kind=TaskKind.RELEASE, ticket_id=ticket.pk, args__reply__in=given_way, done_at__isnull=True
    ).update(done_at=now, done_how=reason)


def _ticket_visible(actor: User, ticket_id: int) -> Ticket:
    ticket = tickets_visible(actor).filter(pk=ticket_id).first()
    if ticket is None:
        raise NotFound
    return ticket


def _ticket_locked(actor: User, ticket_id: int) -> Ticket:
    ticket = tickets_visible(actor).filter(pk=ticket_id).select_for_update(of=("self",), no_key=True).first()
    if ticket is None:
        raise NotFound
    return ticket


def _reply_locked(actor: User, reply_id: int) -> tuple[Ticket, OutboundReply]:
    """The ticket first, the row second."""
    ticket_id = OutboundReply.objects.filter(pk=reply_id).values_list("ticket_id", flat=True).first()
    if ticket_id is None:
        raise NotFound
    ticket = _ticket_locked(actor, ticket_id)
    return ticket, OutboundReply.objects.select_for_update(of=("self",)).get(pk=reply_id)


def _conversation(ticket: Ticket, conversation_id: int) -> Conversation:
    found = (
        Conversation.objects.select_related("account", "identity")
        .filter(pk=conversation_id, ticket_id=ticket.pk)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def _decided(
    reply: OutboundReply, ticket: Ticket, *, actor: User, kind: TaskKind, how: str, now: datetime
) -> None:
    AgentTask.objects.filter(
        kind=kind, ticket_id=ticket.pk, args__reply=reply.pk, done_at__isnull=True
    ).update(done_at=now, done_how=how, done_by=actor)
    event_record(f"reply_{how}", actor=actor, now=now, ticket_id=ticket.pk, args={"reply": reply.pk})
    tickets_changed([ticket.pk])
    wake(DELIVER, reply.account_id)
