"""Automatic messages: may this one still go, and what does it say? Asked at the claim, with the ticket
locked.

The order of the questions is the order of the answers' weight: what is no longer wanted falls away, what is
wanted but comes too late is a person's task, what a rule keeps back is held with the rule's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias, cast

from django.utils.dateparse import parse_datetime

from priority.policy import Caps
from priority.selectors import policy_of
from tickets.contract import MayReply
from tickets.models import (
    ChannelAccount,
    Conversation,
    OutboundReply,
    Ticket,
    Triage,
    Visibility,
)
from tickets.services.notice_facts import Facts
from tickets.services.promises import ToTell, date_of
from tickets.services.texts import words_current, words_of
from tickets.texts.dates import date_words
from tickets.texts.document import DateKind, Manner, NoticeKind, Words
from tickets.texts.render import CannotFill, Rendered, date_line, notice


@dataclass(frozen=True, slots=True)
class Go:
    """It may go, with this text."""

    text: str


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
    until = stored.get("until")
    return MayReply(
        allowed=bool(stored.get("allowed", False)),
        rule=str(stored.get("rule", "not_known")),
        until=parse_datetime(until) if isinstance(until, str) else None,
    )


def acknowledgement_check(
    reply: OutboundReply, *, ticket: Ticket, conversation: Conversation, facts: Facts
) -> Verdict:
    """Whether the acknowledgement goes, and its text; sets what it tells on `reply`, which the caller saves.

    A row that a person has released (`author` set) skips what only binds automatic messages.
    """
    if ticket.triage != Triage.RESPOND:
        return Supersede("not_wanted")
    if not ticket.is_open:
        return Supersede("ticket_closed")
    if facts.told:
        return Supersede("already_told")
    if facts.answered:
        return Supersede("answered_first")
    tell = date_of(ticket, facts.due_at) if facts.due_at is not None else None
    if tell is None:
        return Hold("no_date")
    now = facts.now
    if now >= tell.date or (reply.author_id is None and now >= tell.too_late_at):
        return Supersede("too_late", not_told=True)
    rule = standing_rule(conversation, facts)
    if rule is None and reply.author_id is None:
        rule = automatic_rule(conversation, caps=policy_of(ticket.policy_revision_id).caps, facts=facts)
    if rule is not None:
        return Hold(rule)
    if reply.template_revision_id is None:
        reply.template_revision_id = facts.words
    try:
        rendered = acknowledgement_render(reply, ticket=ticket, conversation=conversation, tell=tell, now=now)
    except CannotFill:
        return Hold("no_text")
    reply.tells_for, reply.tells_kind, reply.tells_reason = (
        tell.date,
        tell.kind,
        "acknowledged",
    )
    return Go(rendered.body)


def standing_rule(conversation: Conversation, facts: Facts) -> str | None:
    """The rule that keeps anything back here, from whomever it comes: the mode, a window that has
    closed, a message that is gone."""
    if not conversation.account.answers:
        return "account_mode"
    if conversation.window_ends_at is not None and conversation.window_ends_at <= facts.now:
        return "window"
    return "message_removed" if facts.below_is_gone else None


def automatic_rule(conversation: Conversation, *, caps: Caps, facts: Facts) -> str | None:
    """The rule that keeps an automatic message back: opt-out, automated sender, and every cap."""
    if facts.opted_out:
        return "opted_out"
    if conversation.identity.is_automated:
        return "automated_sender"
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
    note."""
    own = account.caps.get("automated_per_interaction")
    if isinstance(own, dict) and own.get("note"):
        return int(own["value"])
    stated = account.capabilities.get("automated_per_interaction")
    return None if stated is None else int(stated)


def acknowledgement_render(
    reply: OutboundReply,
    *,
    ticket: Ticket,
    conversation: Conversation,
    tell: ToTell,
    now: datetime,
) -> Rendered:
    """The words, in the caller's language and the account's manner and zone. Notes revision and language on
    `reply`."""
    account = conversation.account
    words = words_for(reply, now)
    language = language_of(words, reply.language, ticket.language, account.language)
    reply.language = language
    category = policy_of(ticket.policy_revision_id).category(ticket.category) if ticket.category else None
    extra: Mapping[str, str] = getattr(category, "extra_line", None) or {}
    manner = cast(Manner, account.manner)
    values = {
        "ref": ticket.shown_reference,
        "date": date_words(tell.date, zone=account.zone, language=language, now=now),
        "sign": account.sign_off,
        "extra": extra.get(language, ""),
    }
    # The private wording repeats the caller's own words, which may stand nowhere but in their message.
    public = conversation.visibility == Visibility.PUBLIC or manner == "conversational"
    kind = cast(NoticeKind, f"acknowledgement_{tell.kind}")
    return notice(words, kind, manner=manner, language=language, public=public, values=values)


def answer_text(reply: OutboundReply, *, ticket: Ticket, account: ChannelAccount, now: datetime) -> str:
    """A person's words with what we add: the line that tells number and date, and the account's sign-off."""
    if not reply.author_id:
        raise ValueError(f"reply {reply.pk} is nobody's answer")
    line = ""
    if reply.tells_for is not None:
        words = words_for(reply, now)
        reply.language = language_of(words, reply.language, ticket.language, account.language)
        line = date_line(
            words,
            cast(DateKind, reply.tells_kind),
            language=reply.language,
            ref=ticket.shown_reference,
            date=date_words(reply.tells_for, zone=account.zone, language=reply.language, now=now),
        )
    between = " " if account.manner == "short" else "\n\n"
    return between.join(part for part in (reply.text.strip(), line, account.sign_off) if part)


def words_for(reply: OutboundReply, now: datetime) -> Words:
    """The words of the revision that the row was made for, else of the newest, which it then keeps."""
    if reply.template_revision_id is None:
        reply.template_revision_id, words = words_current(now)
        return words
    return words_of(reply.template_revision_id)


def language_of(words: Words, *wanted: str) -> str:
    """The first wanted language that there are words in, else the first of the words' own."""
    return next(
        (language for language in wanted if language in words.languages),
        words.languages[0],
    )
