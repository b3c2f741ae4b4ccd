"""What people write to callers: answers, with the lines that we add. What they decide: `reply_decisions.py`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User
from tickets.channels import measured, rule_words, seen_by
from tickets.models import (
    Conversation,
    DraftKind,
    OutboundReply,
    Part,
    ReplyEffect,
    ReplyKind,
    Status,
    Ticket,
    Triage,
)
from tickets.selectors_came import Seen
from tickets.services.audit import event_record, tickets_changed
from tickets.services.clock_notices import rows_give_way
from tickets.services.clock_work import clock_set
from tickets.services.dates import date_wanted
from tickets.services.drafts import draft_sent
from tickets.services.errors import Changed, Refused
from tickets.services.locked import conversation_of, nothing_new, ticket_locked
from tickets.services.notices import answer_text, rule_of
from tickets.services.reply_decisions import reply_drop as reply_drop
from tickets.services.reply_decisions import reply_release as reply_release
from tickets.services.reply_decisions import reply_resolve_unknown as reply_resolve_unknown
from tickets.services.reply_files import files_join
from tickets.services.saved_reply_use import PLACEHOLDERS, saved_reply_used
from tickets.services.undo_time import undo_until, waits
from tickets.wake import DELIVER, LET_GO, wake, wake_at

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
    seen_reply_id: int | None = None,
    seen_join_id: int | None = None,
    asks: bool = False,
    saved: int | None = None,
    files: Sequence[int] = (),
) -> OutboundReply:
    """Queue a person's answer; the same `client_key` again gives the same row. Raises NotFound, Refused,
    Changed.

    1. The actor sees the ticket; it is locked.
    2. Refused: an empty or too long text, a ticket that is not to be answered, an account or network that
       forbids it.
    3. Changed: the caller or a colleague has said something that the actor had not seen (`seen_message_id`,
       `seen_reply_id`, `seen_join_id`: the newest they had, selectors_came.Seen).
    4. The date line: while the caller has no date it is part of the answer (`tell_date`); a date that stands is not
       repeated. Somebody else in the thread is told none, and nothing of what the caller said.
    5. For as long as it can be taken back (services/undo.py) nobody may send it, and nothing gives way to it.
    6. Then, or at once where it cannot: an acknowledgement that has not gone gives way, even one that a worker holds
       but has not begun; so does a date-changed notice, where the answer tells the new date.
    7. `asks`: it asks the caller something, and says that the date waits for the answer. Once it is sent, it does.
    8. The draft it was is gone; `saved`, the saved reply that it began with, was used once more; `files` beside the
       draft (services/reply_files.py) go with it.
    """
    key = f"answer:{client_key}"
    key_checked(client_key)
    with transaction.atomic():
        ticket = ticket_locked(actor, ticket_id)
        earlier = OutboundReply.objects.filter(dedupe_key=key).first()
        if earlier is not None:
            return earlier_checked(earlier, ticket, actor, text)
        conversation = conversation_of(ticket, conversation_id)
        text = filled_checked(text_checked(text))
        may_answer(ticket, conversation, now)
        if asks and not ticket.is_open:
            raise Refused("resolved", _("This is resolved. Open it again, then ask the caller."))
        if asks:
            to_caller_alone(conversation)
        nothing_new(ticket, Seen(seen_message_id, seen_reply_id, seen_join_id), actor=actor)
        reply = answer_row(actor, ticket, conversation, text, tell_date, key, now, asks=asks)
        aside = conversation.part == Part.PARTICIPANT
        if reply.tells_for is None and not tell_date and not aside and date_line_wanted(ticket, now=now):
            raise Refused("date_line", _("The caller has no date yet: leave the line with the date in."))
        length_checked(conversation, answer_text(reply, ticket=ticket, account=conversation.account, now=now))
        if not waits(reply, undo_until(ticket, conversation, now=now)):
            answer_stands(reply, ticket, now=now)
        saved_reply_used(reply, saved, actor=actor, now=now)
        reply.save(force_insert=True)
        files_join(reply, conversation, actor=actor, wanted=files)
        draft_sent(actor, ticket, DraftKind.ANSWER, text=text, client_key=client_key)
        event_record("answer_written", actor=actor, now=now, ticket_id=ticket.pk, args={"reply": reply.pk})
        tickets_changed([ticket.pk])
        clock_set([ticket], now)
        reply_wake(reply, now=now)
    return reply


def answer_stands(reply: OutboundReply, ticket: Ticket, *, now: datetime) -> None:
    """It can no longer be taken back: what gives way to an answer does so now; to one for somebody else in the thread,
    nothing does. The ticket is locked."""
    if reply.conversation.part == Part.PARTICIPANT:
        return
    acknowledgement_gives_way(ticket, reason="answered_first", now=now)
    if reply.tells_for is not None:
        rows_give_way([ticket], [ReplyKind.DATE_CHANGED], reason="answered_first", now=now)


def reply_wake(reply: OutboundReply, *, now: datetime) -> None:
    """Somebody to send it, now or when it can no longer be taken back."""
    if reply.undo_until is None:
        wake(DELIVER, reply.account_id)
    else:
        wake_at(LET_GO, reply.account_id, seconds=(reply.undo_until - now).total_seconds())


def date_line_wanted(ticket: Ticket, *, now: datetime) -> bool:
    """Whether an answer written now has to carry the line with number and date."""
    return date_wanted(ticket, now=now) is not None


def key_checked(client_key: str) -> None:
    if not 8 <= len(client_key) <= 100:
        raise Refused("client_key", _("The form is incomplete; reload the page and send it again."))


SENT_OTHERWISE = "sent_otherwise"


def earlier_checked(
    earlier: OutboundReply, ticket: Ticket, actor: User, text: str | None = None
) -> OutboundReply:
    """The row that the same form has made before; Refused where it is another's. `text`: of the form now; Changed
    where the same form, open in another window, has sent other words."""
    if earlier.ticket_id != ticket.pk or earlier.author_id != actor.pk:
        raise Refused("client_key", _("The form is incomplete; reload the page and send it again."))
    if text is not None and earlier.text:
        same_words(earlier.text, text)
    return earlier


def same_words(sent: str, text: str) -> None:
    if sent != text.replace("\0", "").strip():
        raise Changed(
            SENT_OTHERWISE,
            _("You have sent other words from another window already: “%(words)s” These were not sent.")
            % {"words": sent},
        )


def text_checked(text: str) -> str:
    plain = text.replace("\0", "").strip()
    if not plain:
        raise Refused("empty", _("Write something first."))
    return plain


def filled_checked(text: str) -> str:
    """A saved reply's placeholder that nobody has filled in is no word for a caller."""
    left = next((name for name in PLACEHOLDERS if f"{{{name}}}" in text), None)
    if left is not None:
        raise Refused(
            "placeholder",
            _("“%(name)s” stands in it still: write what belongs there.") % {"name": f"{{{left}}}"},
        )
    return text


def answer_row(
    actor: User,
    ticket: Ticket,
    conversation: Conversation,
    text: str,
    tell_date: bool,
    key: str,
    now: datetime,
    *,
    asks: bool = False,
    kind: ReplyKind = ReplyKind.ANSWER,
) -> OutboundReply:
    """The unsaved row; it tells a date only where one is to be told and lies ahead, and the caller alone."""
    to_caller = conversation.part == Part.CALLER
    tell = date_wanted(ticket, now=now) if tell_date and to_caller else None
    return OutboundReply(
        account_id=conversation.account_id,
        conversation=conversation,
        ticket=ticket,
        dedupe_key=key,
        kind=kind,
        effect=ReplyEffect.ASKS if asks else "",
        is_automatic=False,
        author=actor,
        language=ticket.language or conversation.account.language,
        text=text.strip(),
        in_reply_to=conversation.reply_to,
        tells_for=tell.date if tell else None,
        tells_kind=tell.kind if tell else "",
        tells_reason=tell.reason if tell else "",
        precedence=0,
        next_try_at=now,
        created_at=now,
    )


def may_answer(ticket: Ticket, conversation: Conversation, now: datetime) -> None:
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
    ends_at = conversation.person_window_ends_at or conversation.window_ends_at
    if ends_at is not None and ends_at <= now:
        raise Refused("window", _("The time in which this network lets us answer is over."))


def to_caller_alone(conversation: Conversation) -> None:
    """Raises Refused for what nobody but the caller may be asked or told."""
    if conversation.part == Part.PARTICIPANT:
        raise Refused(
            "participant",
            _(
                "This goes to the caller alone, and here somebody else wrote. Choose the caller’s conversation."
            ),
        )


def length_checked(conversation: Conversation, whole: str) -> None:
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


def acknowledgement_gives_way(ticket: Ticket, *, reason: str, now: datetime) -> None:
    """One that has not begun to go falls away, also out of a worker's hands. The ticket is locked by the caller."""
    rows_give_way([ticket], [ReplyKind.ACKNOWLEDGEMENT], reason=reason, now=now)
