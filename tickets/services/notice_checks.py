"""What may still go of every kind of message, and what it says: one check a kind, asked at the claim, ticket locked.

A notice about a date is worked out here from stored facts, not when its row was made: whether it is still true, which
reason is proven, which date comes next. What it tells stands on the row then: `tells_for` with kind and reason, and
args {"reason", "reason_args", "proof", "old"}.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeAlias

from priority.clock import BeyondCalendar
from priority.selectors import policy_of
from priority.targets import renewal
from tickets.models import (
    Conversation,
    OutboundReply,
    Promise,
    PromiseEnd,
    ReplyKind,
    Status,
    Ticket,
    Triage,
)
from tickets.services.clock_facts import is_of_this_wait
from tickets.services.clock_notices import moved_of, released_by_hand
from tickets.services.durations import of, told_calendar
from tickets.services.notice_facts import About, Facts, about_of
from tickets.services.notice_words import answer_text, notice_render, overdue_kind
from tickets.services.notices import (
    Go,
    Hold,
    Supersede,
    Verdict,
    acknowledgement_check,
    automatic_rule,
    renewals_most,
    standing_rule,
)
from tickets.services.promises import date_of
from tickets.services.reasons import Proven, reasons_proven
from tickets.texts.document import NoticeKind
from tickets.texts.render import CannotFill

_Check: TypeAlias = Callable[["_Asked"], Verdict]

#: Reasons that say that the date comes sooner.
SOONER = frozenset({"more_urgent", "sooner"})
#: And that it comes later.
LATER = frozenset({"fewer_people", "desk_closed", "closes_early"})
_EARLIER = Proven("sooner")
#: Stands among the args of a row that a person has released together with others: their id.
RELEASED_BY = "released_by"


class _Asked:
    """One row that is asked about, with what is known of it. `about` is read when it is first wanted."""

    def __init__(
        self, reply: OutboundReply, ticket: Ticket, conversation: Conversation, facts: Facts
    ) -> None:
        self.reply, self.ticket, self.conversation, self.facts = reply, ticket, conversation, facts
        self._about: About | None = None

    @property
    def now(self) -> datetime:
        return self.facts.now

    @property
    def by_person(self) -> bool:
        return not self.reply.is_automatic

    @property
    def about(self) -> About:
        if self._about is None:
            self._about = about_of(self.reply)
        return self._about


def message_check(
    reply: OutboundReply, *, ticket: Ticket, conversation: Conversation, facts: Facts
) -> Verdict:
    """Whether the row goes, and its text; sets what it tells on `reply`, which the caller saves."""
    verdict = _checked(_Asked(reply, ticket, conversation, facts))
    if isinstance(verdict, Hold) and verdict.rule == "no_text" and reply.rendered_at is None:
        # A manager may write what is missing: then it goes with those words.
        reply.template_revision_id = None
    return verdict


def _checked(asked: _Asked) -> Verdict:
    try:
        return _CHECKS[ReplyKind(asked.reply.kind)](asked)
    except CannotFill:
        return Hold("no_text")
    except BeyondCalendar:
        return Hold("no_date")


def next_date(ticket: Ticket, told: datetime, now: datetime) -> datetime:
    """The date that follows a told one: a renewal step after it, or after now where that would be upon us already.
    Raises BeyondCalendar."""
    policy = policy_of(ticket.policy_revision_id)
    lead = timedelta(minutes=policy.periods.notice_lead)
    calendar = told_calendar(ticket)
    date = renewal(policy, told_at=told, calendar=calendar, **of(ticket))
    if date > now + lead:
        return date
    return renewal(policy, told_at=max(now, told), calendar=calendar, **of(ticket))


def _acknowledgement(asked: _Asked) -> Verdict:
    return acknowledgement_check(
        asked.reply, ticket=asked.ticket, conversation=asked.conversation, facts=asked.facts
    )


def _answer(asked: _Asked) -> Verdict:
    reply, facts = asked.reply, _below_what_stands(asked)
    rule = standing_rule(asked.conversation, facts, by_person=asked.by_person)
    if rule is not None:
        return Hold(rule)
    if reply.tells_for is not None and _has_it_already(reply, asked.ticket):
        reply.tells_for, reply.tells_kind, reply.tells_reason = None, "", ""
    if reply.tells_for is not None and reply.tells_for <= facts.now:
        return Hold("date_passed")
    return Go(_answer_text(asked), keeps=True)


def _answer_text(asked: _Asked) -> str:
    account, newest = asked.conversation.account, asked.facts.words
    return answer_text(asked.reply, ticket=asked.ticket, account=account, now=asked.now, newest=newest)


def _has_it_already(reply: OutboundReply, ticket: Ticket) -> bool:
    """Another message told the date meanwhile: the acknowledgement that was already on its way when the answer was
    written, or a notice with the very date."""
    if ticket.promised_for is None:
        return False
    same = (ticket.promised_for, ticket.promise_kind) == (reply.tells_for, reply.tells_kind)
    return same or reply.tells_reason == "answered"


def _overdue(asked: _Asked) -> Verdict:
    """1. Still true: open, its date the newest that was told, and no other message about to tell one.
    2. Allowed: what binds everybody, then, unless a person released it, what binds automatic messages.
    3. The first reason that is proven, and the next date. Released before the told date it says what a delay notice
       says: nothing is late yet.
    """
    ticket, about = asked.ticket, asked.about
    gone = _no_longer(asked, frozenset({"", PromiseEnd.MISSED}))
    if gone is not None:
        return gone
    if about.person_tells or about.changed:
        return Supersede("another_date")
    held = _kept_back(asked) or _renewals_used(asked)
    if held is not None:
        return held
    promise = _promise(about)
    ahead = asked.by_person and asked.now < promise.notice_at
    kind: NoticeKind = "delay_notice" if ahead else overdue_kind(promise.kind)
    date = next_date(ticket, promise.promised_for, asked.now)
    return _tell(asked, kind, promise, date, _first_reason(asked))


def _delay(asked: _Asked) -> Verdict:
    """An agent chose the reason and the date, and has read the text: it goes as it is, or not at all."""
    gone = _no_longer(asked, frozenset({"", PromiseEnd.MISSED}))
    if gone is not None:
        return gone
    held = _kept_back(asked)
    if held is not None:
        return held
    if asked.reply.tells_for is None or asked.reply.tells_for <= asked.now:
        return Hold("date_passed")
    return Go(asked.reply.text)


def _changed(asked: _Asked) -> Verdict:
    """The date as the ticket's target has it now, or the one that stands on the row.

    1. Still true: open, its date the newest that was told; one that waits for the caller, only once they answered.
    2. A date that is past already becomes the next one from now.
    3. The same date as the one that is told needs no message; as one that waited, it is told to stand.
    4. The reason that the change was made for, unless the dates contradict it; else one that is proven.
    """
    reply, ticket, about = asked.reply, asked.ticket, asked.about
    waits = about.promise is not None and about.promise.end == PromiseEnd.SUSPENDED
    given = _given(reply)
    # What was over and is open again has a date that was kept or withdrawn.
    again = (
        {PromiseEnd.KEPT, PromiseEnd.WITHDRAWN} if given is not None and given.code == "reopened" else set()
    )
    gone = _no_longer(asked, frozenset({"", PromiseEnd.MISSED, PromiseEnd.SUSPENDED, *again}))
    if gone is not None:
        return gone
    if waits and ticket.status == Status.WAITING:
        return Supersede("date_waits")
    if about.person_tells:
        return Supersede("another_date")
    promise = _promise(about)
    tell = date_of(ticket, asked.facts.due_at) if asked.facts.due_at is not None else None
    moved = moved_of(reply) or ((tell.date, tell.kind) if tell is not None else None)
    if moved is None:
        return Hold("no_date")
    (date, kind), old = moved, promise.promised_for
    if date <= asked.now:
        date = next_date(ticket, asked.now, asked.now)
    same = (date, kind) == (old, promise.kind)
    if same and promise.end == "":
        return Supersede("same_date")
    held = _kept_back(asked)
    if held is not None:
        return held
    if given is not None and ((given.code in SOONER and date >= old) or (given.code in LATER and date < old)):
        given = None
    reason = given or (_EARLIER if date < old else _first_reason(asked))
    reply.tells_kind = kind
    reply.args = {**reply.args, "given": given.stored()} if given is not None else reply.args
    return _tell(asked, "date_stands_notice" if same else "date_changed_notice", promise, date, reason)


def _resolution(asked: _Asked) -> Verdict:
    """A line about what was done, put into the notice, or an agent's own answer, which is the notice itself."""
    reply = asked.reply
    if asked.ticket.status not in (Status.RESOLVED, Status.CLOSED):
        return Supersede("reopened")
    held = _kept_back(asked)
    if held is not None:
        return held
    what = reply.args.get("what")
    if not what:
        return Go(_answer_text(asked), keeps=True)
    return Go(_render(asked, "resolution_notice", what=str(what)))


def _reminder(asked: _Asked) -> Verdict:
    return _while_waiting(asked, "reminder")


def _closing(asked: _Asked) -> Verdict:
    return _while_waiting(asked, "closing_word")


def _transfer(asked: _Asked) -> Verdict:
    """An agent has read the line: it goes as it is, while that team still has it."""
    ticket = asked.ticket
    if not ticket.is_open:
        return Supersede("resolved" if ticket.status == Status.RESOLVED else "ticket_closed")
    if asked.reply.args.get("team") != ticket.team_id:
        return Supersede("transferred_on")
    return _kept_back(asked) or Go(asked.reply.text)


def _link(asked: _Asked) -> Verdict:
    """It says no more than that there is a page; what binds all that goes by itself binds it."""
    if asked.ticket.triage != Triage.RESPOND:
        return Supersede("not_wanted")
    return _kept_back(asked) or Go(asked.reply.text, keeps=True)


def _while_waiting(asked: _Asked, kind: NoticeKind) -> Verdict:
    """Only while the caller is waited for since the very moment that the row was made for."""
    if not is_of_this_wait(asked.reply.dedupe_key, asked.ticket):
        return Supersede("caller_answered")
    held = _kept_back(asked)
    if held is not None:
        return held
    return Go(_render(asked, kind))


def _no_longer(asked: _Asked, ends: frozenset[str]) -> Supersede | Hold | None:
    """Why a notice about a told date is not true any more; `ends`: how its promise may have ended."""
    ticket, about = asked.ticket, asked.about
    if ticket.triage != Triage.RESPOND:
        return Supersede("not_wanted")
    if not ticket.is_open:
        return Supersede("resolved" if ticket.status == Status.RESOLVED else "ticket_closed")
    if about.promise is None:
        return Hold("no_date")
    if not about.is_newest:
        return Supersede("another_date")
    if about.promise.end not in ends:
        return Supersede("date_waits" if about.promise.end == PromiseEnd.SUSPENDED else "promise_ended")
    return None


def _kept_back(asked: _Asked) -> Hold | None:
    """The rule that does, if any."""
    reply, conversation, facts = asked.reply, asked.conversation, _below_what_stands(asked)
    rule = standing_rule(conversation, facts, by_person=asked.by_person)
    if rule is None and reply.is_automatic:
        caps = policy_of(asked.ticket.policy_revision_id).caps
        written = reply.kind == ReplyKind.LINK
        # Released with others by one press it is automatic still, but an agent has released it.
        released = written or RELEASED_BY in reply.args
        by_hand = None if released else released_by_hand(conversation.account)
        rule = by_hand or automatic_rule(conversation, caps=caps, facts=facts, written=written)
    return Hold(rule) if rule is not None else None


def _below_what_stands(asked: _Asked) -> Facts:
    """An answer or a notice may hang below any message of the caller that still stands; the facts as they are then."""
    if not (asked.facts.below_is_gone and asked.about.below):
        return asked.facts
    asked.reply.in_reply_to = asked.about.below
    return replace(asked.facts, below_is_gone=False)


def _renewals_used(asked: _Asked) -> Hold | None:
    if not asked.reply.is_automatic:
        return None
    most = renewals_most(policy_of(asked.ticket.policy_revision_id), asked.ticket, asked.conversation)
    return Hold("renewals") if asked.about.renewals >= most else None


def _tell(asked: _Asked, kind: NoticeKind, promise: Promise, date: datetime, reason: Proven) -> Verdict:
    reply = asked.reply
    stored = {**reply.args, **reason.stored(), "old": promise.promised_for.isoformat()}
    reply.args = {**stored, "worded": kind} if kind != reply.kind else stored
    reply.tells_for, reply.tells_reason = date, reason.code
    reply.tells_kind = reply.tells_kind or promise.kind
    return Go(_render(asked, kind, old=promise.promised_for, date=date))


def _render(
    asked: _Asked,
    kind: NoticeKind,
    *,
    old: datetime | None = None,
    date: datetime | None = None,
    what: str = "",
) -> str:
    reply = asked.reply
    if reply.template_revision_id is None:
        reply.template_revision_id = asked.facts.words
    return notice_render(
        reply,
        kind,
        ticket=asked.ticket,
        conversation=asked.conversation,
        now=asked.now,
        old=old,
        date=date,
        what=what,
    )


def _first_reason(asked: _Asked) -> Proven:
    return reasons_proven([asked.ticket], asked.now)[asked.ticket.pk][0]


def _given(reply: OutboundReply) -> Proven | None:
    """The reason that the row was made for. Once it was checked ("old") that one stands in "given", if it was used."""
    stored = reply.args.get("given") or ({} if "old" in reply.args else reply.args)
    if not stored.get("reason"):
        return None
    return Proven(str(stored["reason"]), stored.get("reason_args") or {}, stored.get("proof") or {})


def _promise(about: About) -> Promise:
    if about.promise is None:
        raise ValueError("a notice about a date has a promise")
    return about.promise


_CHECKS: Mapping[ReplyKind, _Check] = {
    ReplyKind.ACKNOWLEDGEMENT: _acknowledgement,
    ReplyKind.ANSWER: _answer,
    ReplyKind.OVERDUE: _overdue,
    ReplyKind.DELAY: _delay,
    ReplyKind.DATE_CHANGED: _changed,
    ReplyKind.RESOLUTION: _resolution,
    ReplyKind.REMINDER: _reminder,
    ReplyKind.CLOSING: _closing,
    ReplyKind.TRANSFER: _transfer,
    ReplyKind.LINK: _link,
}
