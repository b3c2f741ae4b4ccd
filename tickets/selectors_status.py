"""What a caller reads of their report by their link: where it stands, the dates told, what was said. Nothing of staff,
of others, or of what was said where the link was not given.

The language and the zone that are active are the reader's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, TypeAlias

from django.db.models import Q
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _

from priority.selectors import policy_of
from priority.wording import Category
from tickets.display.callers import caller_words
from tickets.display.line import Line, Mark, line_of, marks_of
from tickets.display.words import clock
from tickets.display.words import day as day_words_short
from tickets.models import (
    ChannelAccount,
    Direction,
    Message,
    OutboundPart,
    OutboundReply,
    Part,
    Promise,
    PromiseEnd,
    ReplyKind,
    Status,
    Ticket,
    Triage,
    Visibility,
)
from tickets.services.caller_says import may_open_again, may_say_solved
from tickets.services.notice_words import language_of, reason_words
from tickets.services.notices import rule_of
from tickets.services.on_page import files_on, lying_on, mark_of
from tickets.services.resolving import BY_CALLER
from tickets.services.shown import PREFIX as SHOWN_THERE
from tickets.services.spoken import is_past
from tickets.services.status_links import Opened, stand_in
from tickets.texts.dates import date_words, day_words
from tickets.texts.render import CannotFill
from tickets.texts.shapes import Words, usual_form
from tickets.tokens import token

Say: TypeAlias = Mapping[str, "LazyText | str"]
Standing: TypeAlias = Literal["on-track", "kept", "waits", "no-date"]

MOST_SAID = 100
#: Nobody was told: the message did not arrive.
_NOT_TOLD = ("bounced", "failed", "not_delivered")
#: A told date that stands no more.
_OVER = (PromiseEnd.SUSPENDED, PromiseEnd.WITHDRAWN, PromiseEnd.MISSED)


@dataclass(frozen=True, slots=True)
class Told:
    """A date that was told. why: as a sentence, else '' with `how`: on what occasion. over: another stands instead, or
    none."""

    date: str
    told: str
    why: str
    how: LazyText | str
    over: bool


@dataclass(frozen=True, slots=True)
class File:
    """Hangs on a message of ours that lies here, or lay. name: as a person reads it; token: as its address has it."""

    name: str
    size: int
    token: str


@dataclass(frozen=True, slots=True)
class Said:
    """by: "you", "us" or "desk" (nobody pressed a button for it). gone: its words were taken out. mark: of what lies
    here unread, by which a browser says that it has shown it (`on_page.mark_of`)."""

    by: Literal["you", "us", "desk"]
    when: str
    subject: str
    text: str
    language: str
    gone: bool
    mark: str = ""
    files: Sequence[File] = ()


@dataclass(frozen=True, slots=True)
class StatusPage:
    """what, date: the large date and what it is for, with its day and time in words; date None: `what` says why there
    is none. standing: where it is, in words. can_reach: whether what we write is brought to them; unread: whether
    something lies here that they had not read yet. notes: what is not shown, in words, if anything."""

    ticket: Ticket
    account: ChannelAccount
    say: Say
    title: LazyText | str
    about: str
    what: LazyText | str
    date: datetime | None
    day: str
    time: str
    standing: Standing
    words: str
    line: Line | None
    marks: Sequence[Mark]
    can_reach: bool
    unread: bool
    if_late: bool
    dates: Sequence[Told]
    said: Sequence[Said]
    shows_words: bool
    note: LazyText | str
    extra: str
    may_add: bool
    begins_anew: bool
    may_say_solved: bool
    may_open_again: bool


def caller_form(account: ChannelAccount) -> str:
    """How callers of this account are addressed."""
    return account.form_of_address or usual_form(account.manner)


def status_page(opened: Opened, *, words: Words, language: str, now: datetime) -> StatusPage:
    """1. The promises whose message went to this person; where the address is unproven, to this conversation alone.
    2. What was said in this conversation, on this ticket: the caller's own words where the link may show them, ours,
       and of both only what stands where the link was given.
    3. Where it stands, in the words for callers.
    """
    ticket, account = opened.ticket, opened.conversation.account
    say = caller_words(caller_form(account))
    promises = _promises(opened)
    standing, what, date = _standing(ticket, promises, say)
    day, time = _large(date, account, language, now) if date is not None else ("", "")
    newest = promises[0] if promises else None
    start = ticket.clock_started_at or ticket.created_at
    shown = date is not None and newest is not None and standing == "on-track"
    policy = policy_of(ticket.policy_revision_id)
    category = policy.category(ticket.category) if ticket.category else None
    is_over = is_past(ticket, policy, now)
    rule = rule_of(opened.conversation)
    reachable = rule.allowed and not rule.lies and account.answers
    said = _said(opened, str(say["this_page"]), now)
    return StatusPage(
        ticket=ticket,
        account=account,
        say=say,
        title=say["question" if ticket.call_type == "question" else "report"],
        about=_named(category.name, language) if isinstance(category, Category) else "",
        what=what,
        date=date,
        day=day,
        time=time,
        standing=standing,
        words=_where(ticket, newest, say, now),
        line=line_of(start=start, promised_for=date, at_risk_at=None, now=min(now, date))
        if shown and date is not None
        else None,
        marks=_marks(start, date, promises, now) if shown and date is not None else (),
        can_reach=reachable,
        unread=any(one.mark for one in said),
        if_late=shown and reachable and date is not None and now < date,
        dates=_dates(promises, account, words, language, say, now),
        said=said,
        shows_words=opened.words,
        note=_note(opened, say),
        extra=_named(category.extra_line or {}, language) if isinstance(category, Category) else "",
        may_add=account.receives,
        begins_anew=is_over and not ticket.is_open,
        may_say_solved=not opened.is_overheard and may_say_solved(ticket),
        may_open_again=not opened.is_overheard and may_open_again(ticket, now),
    )


def status_language(opened: Opened, words: Words, wanted: str) -> str:
    """The one that is asked for, else the caller's."""
    return language_of(words, wanted, opened.ticket.language, opened.conversation.account.language)


def _promises(opened: Opened) -> list[Promise]:
    """Told to this person, the newest first."""
    told = Promise.objects.filter(ticket_id=opened.ticket.pk).exclude(
        end=PromiseEnd.WITHDRAWN, end_reason__in=_NOT_TOLD
    )
    if opened.is_proven:
        told = told.filter(
            Q(reply__conversation=opened.conversation)
            | Q(reply__conversation__part=Part.CALLER, reply__conversation__identity__claims="")
        )
    else:
        told = told.filter(reply__conversation=opened.conversation)
    return list(told.order_by("-told_at", "-pk"))


def _standing(
    ticket: Ticket, promises: Sequence[Promise], say: Say
) -> tuple[Standing, LazyText | str, datetime | None]:
    if not ticket.is_open:
        done = ticket.resolved_at
        return (
            "kept" if done else "no-date",
            say["was_solved" if done else "was_closed"],
            done or ticket.closed_at,
        )
    newest = promises[0] if promises else None
    if newest is not None and newest.end == PromiseEnd.SUSPENDED:
        return "waits", say["date_waits"], None
    if newest is not None and newest.end in ("", PromiseEnd.MISSED):
        return "on-track", say[newest.kind if newest.end == "" else "passed"], newest.promised_for
    return "no-date", say["no_date"], None


def _where(ticket: Ticket, newest: Promise | None, say: Say, now: datetime) -> str:
    """Where it is, as a sentence; callers never read *at risk* or *breached*."""
    if not ticket.is_open:
        if ticket.resolved_at is None:
            return str(say["it_ended"])
        return str(say["you_said_solved" if ticket.resolved_how == BY_CALLER else "we_said_solved"])
    if newest is not None and newest.end in ("", PromiseEnd.MISSED) and newest.promised_for <= now:
        return str(say["late"])
    if ticket.status == Status.WAITING:
        return str(say["we_wait"])
    if ticket.status == Status.ON_HOLD and ticket.hold_for:
        return str(say["hold"]) % {"party": ticket.hold_for}
    if ticket.triage == Triage.PENDING:
        return str(say["reading"])
    begun = ticket.owner_id is not None or ticket.status != Status.NEW
    return str(say["worked_on" if begun else "listed"])


def _marks(start: datetime, date: datetime, promises: Sequence[Promise], now: datetime) -> list[Mark]:
    """Dates that were told before, on the line."""
    old = {one.promised_for for one in promises[1:] if start < one.promised_for < date}
    found = marks_of(
        start=(start, ""),
        promised_for=(date, ""),
        now=(min(now, date), ""),
        old=[(at, "") for at in sorted(old)],
    )
    return [mark for mark in found if mark.kind == "old"]


def _dates(
    promises: Sequence[Promise],
    account: ChannelAccount,
    words: Words,
    language: str,
    say: Say,
    now: datetime,
) -> list[Told]:
    found = []
    for position, one in enumerate(promises):
        why = _why(one, account, words, language, now)
        how = say["why_answered" if one.reason in ("answer", "answered") else "why_acknowledged"]
        over = position > 0 or one.end in _OVER
        found.append(
            Told(_when(one.promised_for, now), _when(one.told_at, now), why, "" if why else how, over)
        )
    return found


def _when(at: datetime, now: datetime) -> str:
    """Tue 24 Nov, 17:00: a line's date, in the reader's language and zone."""
    hour, minute = clock(at).split(":")
    return _("%(day)s, %(hour)s:%(minute)s") % {
        "day": day_words_short(at, now),
        "hour": hour,
        "minute": minute,
    }


def _large(at: datetime, account: ChannelAccount, language: str, now: datetime) -> tuple[str, str]:
    """The day with what belongs behind it, and the time, each of which stays whole."""
    whole = date_words(at, zone=account.zone, language=language, now=now)
    day = day_words(at, zone=account.zone, language=language, now=now)
    rest = whole.removeprefix(day)
    return (f"{day},", rest[1:].strip()) if rest.startswith(",") else (day, rest.strip())


def _why(one: Promise, account: ChannelAccount, words: Words, language: str, now: datetime) -> str:
    """The reason as they read it when they were told; '' for the first date."""
    if one.reason in ("acknowledged", "acknowledgement", "answered", "answer", ""):
        return ""
    try:
        return reason_words(
            words, one.reason, one.reason_args or {}, account=account, language=language, now=now
        )
    except CannotFill:
        return ""


def _said(opened: Opened, here: str, now: datetime) -> list[Said]:
    if opened.is_overheard:
        return []
    directions = [Direction.OUTBOUND, *([Direction.INBOUND] if opened.words else [])]
    rows = Message.objects.filter(
        conversation=opened.conversation, ticket_id=opened.ticket.pk, direction__in=directions
    ).select_related("reply")
    # What a page of ours told them stands among the dates.
    rows = rows.exclude(external_id__startswith=SHOWN_THERE)
    # And what only brought them here.
    rows = rows.exclude(reply__kind=ReplyKind.LINK)
    if not opened.link.in_private:
        rows = rows.filter(visibility=Visibility.PUBLIC)
    newest = rows.order_by("-sent_at", "-pk")[:MOST_SAID]
    files: dict[int | None, list[File]] = {}
    for each in files_on(opened, now=now):
        files.setdefault(each.reply_id, []).append(File(each.name, each.size, token("replyfile", each.pk)))
    found = [replace(_line(row, here, now), files=files.get(row.reply_id, ())) for row in reversed(newest)]
    lying = lying_on(opened, now=now)
    shown = [(reply, part) for reply in lying if (part := reply.parts.first()) is not None]
    return [*found, *(replace(_lies(*one, now), files=files.get(one[0].pk, ())) for one in shown)]


def _lies(reply: OutboundReply, part: OutboundPart, now: datetime) -> Said:
    """Unread so far: from this look on they have it, once their browser says so."""
    return Said(
        by="desk" if reply.is_automatic else "us",
        when=_when(reply.handed_at or reply.created_at, now),
        subject="",
        text=part.text,
        language=reply.language,
        gone=False,
        mark=mark_of(reply),
    )


def _line(row: Message, here: str, now: datetime) -> Said:
    """here: what stands for the link to this very page in what we wrote."""
    ours = row.direction == Direction.OUTBOUND
    automatic = row.reply is not None and row.reply.is_automatic
    text = row.body.replace(stand_in(), here) if ours else row.body
    return Said(
        by=("desk" if automatic else "us") if ours else "you",
        when=_when(row.sent_at, now),
        subject="" if ours else row.subject,
        text=text,
        language=row.language or (row.reply.language if row.reply is not None else ""),
        gone=row.removed_at is not None,
    )


def _note(opened: Opened, say: Say) -> LazyText | str:
    if opened.words:
        return ""
    return say["hidden" if opened.link.in_private else "hidden_public"]


def _named(names: Mapping[str, str], language: str) -> str:
    return names.get(language) or next(iter(names.values()), "")
