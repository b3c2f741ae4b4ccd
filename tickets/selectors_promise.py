"""The promise as the ticket's page draws it: its standing, its line, and whether a date is still on its way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tickets.display.line import Line, Mark, Standing, line_of, marks_of, standing_of
from tickets.display.words import clock, day, day_and_time
from tickets.models import ChannelAccount, OutboundReply, Promise, PromiseEnd, ReplyState, Status, Ticket
from tickets.services.notice_words import language_of, reason_words
from tickets.services.texts import words_current
from tickets.texts.document import Words
from tickets.texts.render import CannotFill

Telling: TypeAlias = Literal["", "on_its_way", "unsure"]
"""Of a ticket without a promise: whether a message that tells a date has left, or may have. Nobody was told by it
yet, but to say that the caller knows of none would be untrue."""


def telling_of(replies: Sequence[OutboundReply]) -> Telling:
    states = {reply.state for reply in replies if reply.tells_for is not None}
    if ReplyState.UNKNOWN in states:
        return "unsure"
    return "on_its_way" if states & {ReplyState.SENDING, ReplyState.WAITING, ReplyState.HANDED} else ""


@dataclass(frozen=True, slots=True)
class Told:
    """A date that was told. `why`: what its caller was told as the reason, in the reader's language; "" for none."""

    promise: Promise
    why: str


def told_of(promises: Sequence[Promise], *, account: ChannelAccount, now: datetime) -> list[Told]:
    """In the order given. The words are read once, and only where a reason was told."""
    if all(promise.reason in TOLD_WITHOUT_REASON for promise in promises):
        return [Told(promise, "") for promise in promises]
    words = words_current(now)[1]
    language = language_of(words, (get_language() or "en").split("-")[0])
    return [
        Told(promise, _why(promise, words, account=account, language=language, now=now))
        for promise in promises
    ]


def _why(promise: Promise, words: Words, *, account: ChannelAccount, language: str, now: datetime) -> str:
    if promise.reason in TOLD_WITHOUT_REASON:
        return ""
    try:
        return reason_words(
            words, promise.reason, promise.reason_args, account=account, language=language, now=now
        )
    except CannotFill:
        return ""  # a reason that the words no longer have; the message itself still says it


TOLD_WITHOUT_REASON = frozenset({"acknowledged", "acknowledgement", "answered", "answer"})


def promise_line(
    ticket: Ticket, promises: Sequence[Promise], *, now: datetime
) -> tuple[Standing, Line | None, list[Mark]]:
    """Standing, line and marks of the newest date told; of a ticket that was told none: no line."""
    newest = promises[0] if promises else None
    if newest is None:
        return "no-date", None, []
    risk = newest.at_risk_at
    standing = standing_of(
        promised_for=newest.promised_for,
        at_risk_at=risk,
        # What has ended stands where it ended: it does not run on past its stake for ever.
        now=newest.ended_at or now,
        waits=ticket.status == Status.WAITING or newest.end == PromiseEnd.SUSPENDED,
        kept=newest.end == PromiseEnd.KEPT,
    )
    until = newest.ended_at or now
    start = min(
        ticket.clock_started_at or ticket.created_at,
        newest.promised_for - timedelta(minutes=1),
    )
    line = line_of(start=start, promised_for=newest.promised_for, at_risk_at=risk, now=until)
    marks = marks_of(
        start=(start, _("%(when)s heard") % {"when": day_and_time(start, now)}),
        promised_for=(newest.promised_for, clock(newest.promised_for)),
        now=(until, _now_label(newest, until, now)),
        old=[(p.promised_for, _short(p.promised_for, newest.promised_for, now)) for p in promises[1:]],
        told=[(p.told_at, _("%(when)s told") % {"when": _short(p.told_at, now, now)}) for p in promises],
    )
    return standing, line, marks


def _now_label(newest: Promise, until: datetime, now: datetime) -> str:
    if newest.ended_at is not None:
        return _short(until, newest.promised_for, now)
    return _("now %(when)s") % {"when": clock(now)}


def _short(when: datetime, near: datetime, now: datetime) -> str:
    """The time alone where the day is the same as that of `near`, else with its day."""
    return clock(when) if day(when, now) == day(near, now) else day_and_time(when, now)
