"""Messages of ours: may this one still go? The rules that keep one back, and the acknowledgement. Asked at the claim,
with the ticket locked; the other notices are checked in `notice_checks.py`.

The order of the questions is the order of the answers' weight: what is no longer wanted falls away, what is
wanted but comes too late is a person's task, what a rule keeps back is held with the rule's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from django.conf import settings
from django.utils.dateparse import parse_datetime

from priority.policy import Caps, Policy
from priority.selectors import policy_of
from priority.targets import renewals_allowed
from tickets.contract import MayReply
from tickets.models import (
    ChannelAccount,
    Conversation,
    Notices,
    OutboundReply,
    PromiseKind,
    Ticket,
    Triage,
    Visibility,
)
from tickets.services.clock_notices import BY_VOICE
from tickets.services.durations import of
from tickets.services.notice_facts import Facts
from tickets.services.notice_words import acknowledgement_render
from tickets.services.notice_words import answer_text as answer_text
from tickets.services.promises import ToTell, date_of
from tickets.texts.render import CannotFill

#: What the caller sent last went to many, or for many: nothing automatic answers it.
QUIET = "quiet"
#: A message of ours came back, and the network says that nothing ever reaches them there.
ADDRESS_DEAD = "address_dead"
#: The rule by which every automatic message waits for a person (tickets/services/stops.py).
STOPPED = "stopped"
#: Stands among the args of an acknowledgement whose date was told on a page of ours (services/shown.py).
SHOWN = "shown"


@dataclass(frozen=True, slots=True)
class Go:
    """It may go, with this text. keeps: the row keeps a person's own words, to which the text adds ours."""

    text: str
    keeps: bool = False


@dataclass(frozen=True, slots=True)
class Hold:
    """A rule keeps it back until a person decides. `by`: whose rule (desk, network)."""

    rule: str
    by: str = "desk"


@dataclass(frozen=True, slots=True)
class Supersede:
    """It is no longer true or wanted. `not_told`: the caller should have heard a date, and has not."""

    reason: str
    not_told: bool = False


Verdict: TypeAlias = Go | Hold | Supersede


def rule_of(conversation: Conversation) -> MayReply:
    """The network's rule on our next word, as it was when the caller's newest message was read."""
    stored: Mapping[str, Any] = conversation.reply_rule or {}
    until, person_until = stored.get("until"), stored.get("person_until")
    return MayReply(
        allowed=bool(stored.get("allowed", False)),
        rule=str(stored.get("rule", "not_known")),
        until=parse_datetime(until) if isinstance(until, str) else None,
        person_until=parse_datetime(person_until) if isinstance(person_until, str) else None,
        lies=bool(stored.get("lies")),
    )


def acknowledgement_check(
    reply: OutboundReply, *, ticket: Ticket, conversation: Conversation, facts: Facts
) -> Verdict:
    """Whether the acknowledgement goes, and its text; sets what it tells on `reply`, which the caller saves."""
    tell = acknowledgement_tells(reply, ticket=ticket, conversation=conversation, facts=facts)
    if not isinstance(tell, ToTell):
        return tell
    if reply.template_revision_id is None:
        reply.template_revision_id = facts.words
    try:
        rendered = acknowledgement_render(
            reply, ticket=ticket, conversation=conversation, tell=tell, now=facts.now
        )
    except CannotFill:
        return Hold("no_text")
    return Go(rendered.body)


def acknowledgement_tells(
    reply: OutboundReply, *, ticket: Ticket, conversation: Conversation, facts: Facts
) -> ToTell | Hold | Supersede:
    """The date that it tells now, or what keeps it back; sets what it tells on `reply`.

    A row that a person has released is no automatic message any more, and skips what only binds those. One whose date
    the caller has read on a page already (`SHOWN`) says that date again, where they can keep it.
    """
    if ticket.triage != Triage.RESPOND:
        return Supersede("not_wanted")
    if not ticket.is_open:
        return Supersede("ticket_closed")
    if facts.told and not (SHOWN in reply.args and ticket.promised_for is not None):
        return Supersede("already_told")
    if facts.answered:
        return Supersede("answered_first")
    tell = date_of(ticket, facts.due_at) if facts.due_at is not None else None
    if facts.told and tell is not None and ticket.promised_for is not None:
        tell = replace(tell, date=ticket.promised_for, kind=PromiseKind(ticket.promise_kind))
    if tell is None:
        return Hold("no_date")
    now = facts.now
    if now >= tell.date or (reply.is_automatic and now >= tell.too_late_at):
        return Supersede("too_late", not_told=not facts.told)
    rule = standing_rule(conversation, facts, by_person=not reply.is_automatic)
    if rule is None and reply.is_automatic:
        rule = automatic_rule(conversation, caps=policy_of(ticket.policy_revision_id).caps, facts=facts)
    if rule is not None:
        return Hold(rule)
    reply.tells_for, reply.tells_kind, reply.tells_reason = (
        tell.date,
        tell.kind,
        "acknowledged",
    )
    return tell


class Counts(Protocol):
    """What the rules count, now (`notice_facts.Facts`) or at a moment to come (`forecast`)."""

    @property
    def now(self) -> datetime: ...
    @property
    def below_is_gone(self) -> bool: ...
    @property
    def is_automated(self) -> bool: ...
    @property
    def is_dead(self) -> bool: ...
    @property
    def opted_out(self) -> bool: ...
    @property
    def in_an_hour(self) -> int: ...
    @property
    def in_a_day(self) -> int: ...
    @property
    def on_ticket(self) -> int: ...
    @property
    def desk_stopped(self) -> bool: ...
    @property
    def to_address(self) -> int: ...


def standing_rule(conversation: Conversation, facts: Counts, *, by_person: bool) -> str | None:
    """The rule that keeps anything back here, from whomever it comes: the mode, a window that has
    closed (a person's may be longer), a message that is gone where ours would have to hang below it."""
    if not conversation.account.answers:
        return "account_mode"
    ends_at = conversation.window_ends_at
    if by_person:
        ends_at = conversation.person_window_ends_at or ends_at
    if ends_at is not None and ends_at <= facts.now:
        return "window"
    gone = facts.below_is_gone and conversation.visibility == Visibility.PUBLIC
    return "message_removed" if gone else None


def automatic_rule(
    conversation: Conversation, *, caps: Caps, facts: Counts, written: bool = False
) -> str | None:
    """The rule that keeps an automatic message back: nobody speaks by machine (`written`: nobody need), all of them
    stopped, opt-out, automated sender, nobody there, words that went to many, and every cap."""
    if conversation.account.capabilities.get("spoken") and not written:
        return BY_VOICE
    if facts.desk_stopped or conversation.account.automatic_stopped_at is not None:
        return STOPPED
    if facts.opted_out:
        return "opted_out"
    if facts.is_automated:
        return "automated_sender"
    if facts.is_dead:
        return ADDRESS_DEAD
    if conversation.reply_rule.get("quiet"):
        return QUIET
    if facts.to_address >= settings.UNPROVEN_MESSAGES_PER_DAY:
        return "unproven_cap"
    most = automatic_limit(conversation.account)
    if most is not None and conversation.automated_since_inbound >= most:
        return "automated_per_interaction"
    if facts.in_an_hour >= caps.per_contact_per_hour:
        return "contact_cap_hour"
    if facts.in_a_day >= caps.per_contact_per_day:
        return "contact_cap_day"
    if facts.on_ticket >= caps.per_ticket:
        return "ticket_cap"
    return None


def automatic_limit(account: ChannelAccount) -> int | None:
    """Automatic messages per message of the caller; None: no rule. A manager's figure counts only with its
    note; who has noted that the network agreed to automatic notices has one more: the acknowledgement and a notice."""
    own = account.caps.get("automated_per_interaction")
    if isinstance(own, dict) and own.get("note"):
        return int(own["value"])
    stated = account.capabilities.get("automated_per_interaction")
    if stated is None:
        return None
    return int(stated) + (1 if account.notices == Notices.AUTOMATIC else 0)


def renewals_most(policy: Policy, ticket: Ticket, conversation: Conversation) -> int:
    """How many overdue notices may tell a new date by themselves on one ticket: what the policy says for the place
    where they stand; one where the network allows one automatic message, and the manager has noted that it agreed."""
    account = conversation.account
    place = {"public" if conversation.visibility == Visibility.PUBLIC else "private"}
    if account.capabilities.get("automated_per_interaction") is None:
        return renewals_allowed(policy, place, **of(ticket))
    most = renewals_allowed(policy, {*place, "one_per_interaction"}, **of(ticket))
    return max(most, 1) if account.notices == Notices.AUTOMATIC else most
