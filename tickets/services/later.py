"""*Say it will be later*: an agent tells the caller a later date, and why, before the told one passes. And what to say
to "any news?".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User
from priority import clock
from priority.selectors import policy_of
from priority.targets import told_date
from tickets.channels import measured, seen_by
from tickets.models import (
    ChannelAccount,
    Conversation,
    OutboundReply,
    Promise,
    PromiseEnd,
    ReplyKind,
    ReplyState,
    Status,
    Ticket,
    Triage,
)
from tickets.models.outbox import ON_ITS_WAY
from tickets.selectors_came import Seen
from tickets.services.audit import event_record, tickets_changed
from tickets.services.clock_notices import places_to_speak, rows_give_way
from tickets.services.clock_work import clock_set
from tickets.services.durations import date_calendar, of
from tickets.services.errors import Changed, Refused
from tickets.services.locked import nothing_new, ticket_locked, ticket_seen
from tickets.services.notice_checks import next_date
from tickets.services.notice_words import (
    OWN_WORDS,
    language_of,
    notice_render,
    overdue_kind,
    reason_words,
)
from tickets.services.reasons import Proven, reasons_proven
from tickets.services.replies import key_checked, length_checked, may_answer, reply_wake
from tickets.services.texts import words_current
from tickets.services.undo_time import undo_until, waits
from tickets.texts.dates import LANGUAGES, date_words
from tickets.texts.document import Manner, NoticeKind, asks_for_private, not_for_callers
from tickets.texts.render import CannotFill, line

#: An agent's own reason is one short sentence.
OWN_MOST = 160
_LINK = re.compile(r"://|\bwww\.|\b[\w-]+\.(?:nl|com|org|net|eu|info|example)\b", re.IGNORECASE)
#: What a status line says of a proven reason; the sentence of the reason itself where it stands not here.
_STATUS = {"being_worked_on": "lines.status_working"}


@dataclass(frozen=True, slots=True)
class LaterSaid:
    """What an agent says: a proven reason's code, or `OWN_WORDS` with the words; and the new date."""

    reason: str
    date: datetime
    own_words: str = ""


@dataclass(frozen=True, slots=True)
class LaterProposal:
    """old: the told date. proposed: the next one by the policy. earliest: the first that may be chosen. reasons: code
    and sentence in the caller's language of each proven one, the best first; `OWN_WORDS` may always be given."""

    old: datetime
    proposed: datetime
    earliest: datetime
    reasons: Sequence[tuple[str, str]]
    _draft: _Draft

    def preview(self, reason: str, date: datetime, own_words: str = "") -> str:
        """What the caller will read, to the letter. Raises Refused as `later_say` would."""
        return self._draft.reply(LaterSaid(reason, date, own_words)).text


def later_proposal(*, actor: User, ticket_id: int, now: datetime) -> LaterProposal:
    """What may be said. Raises NotFound; Refused where no date could become later, or nobody may write."""
    draft = _draft(actor, ticket_seen(actor, ticket_id), now)
    ticket, old = draft.ticket, draft.promise.promised_for
    try:
        proposed, earliest = next_date(ticket, old, now), _after(ticket, max(old, now))
    except clock.BeyondCalendar as error:
        raise _beyond() from error
    return LaterProposal(
        old=old,
        proposed=max(proposed, earliest),
        earliest=earliest,
        reasons=draft.sentences(),
        _draft=draft,
    )


def later_say(
    *,
    actor: User,
    ticket_id: int,
    reason: str,
    own_words: str,
    date: datetime,
    client_key: str,
    seen_message_id: int | None,
    seen_reply_id: int | None = None,
    seen_join_id: int | None = None,
    undoable: bool = True,
    now: datetime,
) -> OutboundReply:
    """Queue the delay notice; the same `client_key` again gives the same row. Raises NotFound, Refused, Changed.

    1. The actor sees the ticket; it is locked. The caller has a told date that stands, or has just been missed.
    2. Refused: a reason that is not proven, own words that no caller should read, a date that is not later, not open,
       or beyond the calendar; what binds a person (mode, network, window), and a text that is too long.
    3. Changed: the caller or a colleague has said something that the actor had not seen; another date is on its way.
    4. The row keeps the text as the actor has read it. For as long as it can be taken back (services/undo.py) that is
       all; not `undoable`: it stands at once, since something else is done with it that is not taken back.
    5. Then `later_stands`.
    """
    key_checked(client_key)
    with transaction.atomic():
        ticket = ticket_locked(actor, ticket_id)
        earlier = OutboundReply.objects.filter(
            ticket_id=ticket.pk, kind=ReplyKind.DELAY, author_id=actor.pk, args__client_key=client_key
        ).first()
        if earlier is not None:
            return earlier
        draft = _draft(actor, ticket, now)
        nothing_new(ticket, Seen(seen_message_id, seen_reply_id, seen_join_id), actor=actor)
        reply = draft.reply(LaterSaid(reason, date, own_words))
        length_checked(draft.place, reply.text)
        _one_message(draft.place, reply.text)
        reply.args = {**reply.args, "client_key": client_key}
        reply.dedupe_key = _key(draft.promise, draft.place)
        until = undo_until(ticket, draft.place, now=now) if undoable else None
        if not waits(reply, until):
            later_stands(reply, ticket, now=now)
        reply.save(force_insert=True)
        args = {"reply": reply.pk, "reason": reason, "date": date.isoformat()}
        event_record("later_said", actor=actor, now=now, ticket_id=ticket.pk, args=args)
        tickets_changed([ticket.pk])
        clock_set([ticket], now)
        reply_wake(reply, now=now)
    return reply


def later_stands(reply: OutboundReply, ticket: Ticket, *, now: datetime) -> None:
    """It can no longer be taken back: the overdue and the date-changed notice about that date fall away, held or not,
    with what asked to release them. The ticket is locked."""
    gone = [ReplyKind.OVERDUE, ReplyKind.DATE_CHANGED, ReplyKind.DELAY]
    mine = [reply.pk] if reply.pk is not None else []
    rows_give_way([ticket], gone, reason="later_said", but=mine, now=now)


def status_line(*, actor: User, ticket_id: int, now: datetime) -> str:
    """Where it stands, as an agent may answer "any news?": what is true of it, and the date that stands. In the
    caller's language, without the sign-off, which the answer adds; '' where there is nothing to say. Raises NotFound.
    """
    return status_line_of(ticket_seen(actor, ticket_id), now=now)


def status_line_of(ticket: Ticket, *, now: datetime) -> str:
    """`status_line` of a ticket that the reader sees."""
    account = ticket.account
    if not ticket.is_open or ticket.triage != Triage.RESPOND:
        return ""
    words = words_current(now)[1]
    language = language_of(words, ticket.language, account.language)
    manner = cast(Manner, account.manner)
    values = {"ref": ticket.shown_reference}

    def said(path: str) -> str:
        form = account.form_of_address
        return line(words, path, language=language, manner=manner, values=values, form=form)

    try:
        if ticket.status == Status.WAITING:
            return said("lines.status_your_turn")
        reason = reasons_proven([ticket], now, volume=False)[ticket.pk][0]
        path = _STATUS.get(reason.code)
        state = (
            said(path)
            if path
            else reason_words(words, reason.code, reason.args, account=account, language=language, now=now)
        )
        if ticket.promised_for is None or ticket.promised_for <= now:
            return f"{state} {said('lines.status_number')}"
        values["date"] = date_words(ticket.promised_for, zone=account.zone, language=language, now=now)
        return f"{state} {said(f'lines.stands_{ticket.promise_kind}')}"
    except CannotFill:
        return ""


@dataclass(frozen=True, slots=True)
class _Draft:
    """A ticket about which something may be said later: its told date, where it is said, what is proven."""

    actor: User
    ticket: Ticket
    promise: Promise
    place: Conversation
    proven: Sequence[Proven]
    now: datetime

    @property
    def is_past(self) -> bool:
        return self.promise.promised_for <= self.now

    def sentences(self) -> list[tuple[str, str]]:
        account = self.place.account
        words = words_current(self.now)[1]
        language = language_of(words, self.ticket.language, account.language)
        return [
            (
                one.code,
                reason_words(words, one.code, one.args, account=account, language=language, now=self.now),
            )
            for one in self.proven
        ]

    def reply(self, said: LaterSaid) -> OutboundReply:
        """The unsaved row with its text. Raises Refused."""
        reason = self._reason(said)
        date = _checked(self.ticket, said.date, after=max(self.promise.promised_for, self.now))
        account, old = self.place.account, self.promise.promised_for
        revision, _words = words_current(self.now)
        made = OutboundReply(
            account_id=self.place.account_id,
            conversation=self.place,
            ticket=self.ticket,
            kind=ReplyKind.DELAY,
            is_automatic=False,
            promise=self.promise,
            author=self.actor,
            args={**reason.stored(), "old": old.isoformat()},
            language=self.ticket.language or account.language,
            template_revision_id=revision,
            in_reply_to=self.place.reply_to,
            tells_for=date,
            tells_kind=self.promise.kind,
            tells_reason=reason.code,
            precedence=0,
            next_try_at=self.now,
            created_at=self.now,
        )
        kind: NoticeKind = overdue_kind(self.promise.kind) if self.is_past else "delay_notice"
        try:
            made.text = notice_render(
                made,
                kind,
                ticket=self.ticket,
                conversation=self.place,
                now=self.now,
                old=old,
                date=date,
            )
        except CannotFill as error:
            raise Refused("no_text", _("There are no words for this in the caller's language.")) from error
        return made

    def _reason(self, said: LaterSaid) -> Proven:
        if said.reason == OWN_WORDS:
            return Proven(OWN_WORDS, {"words": _own(said.own_words, self.place.account, sorry=self.is_past)})
        found = next((one for one in self.proven if one.code == said.reason), None)
        if found is None:
            raise Refused(
                "reason", _("That is no longer so. Choose another reason, or say it in your own words.")
            )
        return found


def _draft(actor: User, ticket: Ticket, now: datetime) -> _Draft:
    promise = Promise.objects.filter(ticket_id=ticket.pk).order_by("-told_at", "-pk").first()
    if not ticket.is_open:
        raise Refused("resolved", _("This is resolved. Open it again, then say when it will be done."))
    if promise is not None and promise.end == PromiseEnd.SUSPENDED:
        raise Refused("date_waits", _("The date waits for the caller's answer; they have been told so."))
    if promise is None or promise.end not in ("", PromiseEnd.MISSED):
        raise Refused("no_date", _("The caller has no date. Answer, and the date goes with it."))
    place = places_to_speak([ticket.pk]).get(ticket.pk)
    if place is None:
        raise Refused("nowhere", _("There is no conversation left in which the caller could be told."))
    may_answer(ticket, place, now)
    return _Draft(actor, ticket, promise, place, reasons_proven([ticket], now)[ticket.pk], now)


def _own(text: str, account: ChannelAccount, *, sorry: bool) -> str:
    """An agent's own reason: one line that a caller may read. Raises Refused."""
    own = " ".join(text.replace("\0", "").split())
    if not own:
        raise Refused("own_words", _("Say in a line why it takes longer."))
    if len(own) > OWN_MOST:
        raise Refused("own_words", _("At most %(most)s characters, please.") % {"most": OWN_MOST})
    ours = not_for_callers(own, sorry=sorry)
    if ours:
        raise Refused(
            "own_words", _("“%(word)s” is no word for a caller. Say it another way.") % {"word": ours[0]}
        )
    if _LINK.search(own):
        raise Refused("own_words", _("Leave links out of the reason."))
    if asks_for_private(own) and not account.capabilities.get("private"):
        raise Refused("own_words", _("Private messages are not read on this account: do not ask for one."))
    return own


def _one_message(place: Conversation, text: str) -> None:
    """A date is told in one message: half of it would say nothing. Raises Refused."""
    length = measured(place.account, text, seen_by(place))
    if length.parts > 1:
        raise Refused(
            "too_long",
            _("This is too long for one message: %(used)s of %(limit)s. Say the reason in fewer words.")
            % {"used": length.used, "limit": length.limit},
        )


def _checked(ticket: Ticket, date: datetime, *, after: datetime) -> datetime:
    """The date as the policy rounds it, on the day that was chosen. Raises Refused."""
    policy = policy_of(ticket.policy_revision_id)
    calendar = date_calendar(ticket)
    zone = ZoneInfo(calendar.zone)
    try:
        told = told_date(policy, due_at=date, calendar=calendar.key, **of(ticket))
        is_open = clock.is_open(calendar, told) or clock.is_open(calendar, told - timedelta(microseconds=1))
    except clock.BeyondCalendar as error:
        raise _beyond() from error
    if told <= after:
        raise Refused("not_later", _("Choose a date after the one that the caller was told, and after now."))
    if told.astimezone(zone).date() != date.astimezone(zone).date() or not is_open:
        language = (get_language() or "en")[:2]
        first = date_words(
            _after(ticket, told - timedelta(microseconds=1)),
            zone=calendar.zone,
            language=language if language in LANGUAGES else "en",
            now=after,
        )
        raise Refused(
            "closed",
            _("The desk is closed then. The next date that can be told is %(date)s.") % {"date": first},
        )
    return told


def _after(ticket: Ticket, at: datetime) -> datetime:
    """The first date that can be told after `at`, by the policy's rounding. Raises BeyondCalendar."""
    policy = policy_of(ticket.policy_revision_id)
    calendar = date_calendar(ticket)
    opening = clock.next_opening(calendar, at + timedelta(microseconds=1))
    return told_date(policy, due_at=opening, calendar=calendar.key, **of(ticket))


def _beyond() -> Refused:
    return Refused("beyond", _("The policy's calendar does not reach that far. Choose an earlier date."))


def _key(promise: Promise, place: Conversation) -> str:
    """Once per promise; again only after what was said did not reach the caller, or lies unread where they are no more.
    Raises Changed where it may have."""
    said = OutboundReply.objects.filter(promise=promise, kind=ReplyKind.DELAY)
    before = list(said.values_list("state", "conversation_id"))
    if any(
        state in ON_ITS_WAY and (state != ReplyState.HANDED or lies_in == place.pk)
        for state, lies_in in before
    ):
        raise Changed(
            "said_already", _("The caller is being told a later date already; wait for that message.")
        )
    return f"delay:{promise.pk}" if not before else f"delay:{promise.pk}:{len(before) + 1}"
