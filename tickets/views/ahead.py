"""What a message of ours would say if it went now, worked out as it will be when it goes. Nothing is written."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User
from tickets.channels import rule_words
from tickets.display.codes import held_words, superseded_words
from tickets.models import Conversation, OutboundReply, ReplyKind, ReplyState, Status, Ticket
from tickets.selectors_talk import Replied
from tickets.selectors_ticket import TicketPage
from tickets.services.errors import Refused
from tickets.services.notice_checks import message_check
from tickets.services.notice_facts import facts_of
from tickets.services.notice_words import notice_render, overdue_kind
from tickets.services.notices import Go, Hold
from tickets.services.reply_decisions import date_again
from tickets.texts.document import NoticeKind
from tickets.texts.render import CannotFill

MOST_WORKED_OUT = 5


@dataclass(frozen=True, slots=True)
class Ahead:
    """`text`: its words; `tells`: the date in them, where it is another than the row's; `kept_back`: the rule that
    would hold it again; `falls_away`: why it would not go at all."""

    text: str = ""
    tells: datetime | None = None
    language: str = ""
    kept_back: str = ""
    falls_away: str = ""


def held_ahead(page: TicketPage, user: User, *, now: datetime) -> dict[str, Ahead]:
    """By token: each held message that the page shows, the newest few of them. Nothing is written."""
    items = [item for day in page.days for item in day.items if isinstance(item, Replied) and item.is_held]
    return {item.token: _released(page.ticket, user, item.reply, now) for item in items[-MOST_WORKED_OUT:]}


def resolution_ahead(
    ticket: Ticket, user: User, conversation: Conversation, what: str, *, now: datetime
) -> Ahead:
    """The resolution notice that a line about what was done would make."""
    resolved = copy(ticket)
    resolved.status = Status.RESOLVED
    reply = OutboundReply(
        account=conversation.account,
        conversation=conversation,
        ticket=resolved,
        kind=ReplyKind.RESOLUTION,
        is_automatic=False,
        author=user,
        args={"what": what},
        language=ticket.language or conversation.account.language,
        in_reply_to=conversation.reply_to,
        next_try_at=now,
        created_at=now,
    )
    return _ahead(reply, resolved)


def waiting_ahead(
    ticket: Ticket,
    user: User,
    conversation: Conversation,
    party: str,
    old: datetime,
    date: datetime,
    *,
    now: datetime,
) -> str:
    """The delay notice of a hold that is about to be put, as `later.later_queue` will word it. Raises Refused."""
    reply = OutboundReply(
        account=conversation.account,
        conversation=conversation,
        ticket=ticket,
        kind=ReplyKind.DELAY,
        author=user,
        args={"reason": "waiting_for_party", "reason_args": {"party": party or "…"}},
        language=ticket.language or conversation.account.language,
    )
    kind: NoticeKind = overdue_kind(ticket.promise_kind) if old <= now else "delay_notice"
    try:
        return notice_render(
            reply, kind, ticket=ticket, conversation=conversation, now=now, old=old, date=date
        )
    except CannotFill as error:
        raise Refused("no_text", _("There are no words for this in the caller's language.")) from error


def _released(ticket: Ticket, user: User, held: OutboundReply, now: datetime) -> Ahead:
    """A copy in memory is asked about as the row that `replies.reply_release` would make of it."""
    reply = copy(held)
    reply.state = ReplyState.QUEUED
    if reply.is_automatic:
        reply.is_automatic, reply.author = False, user
    reply.conversation.account = reply.account
    try:
        date_again(reply, ticket, now=now)
    except Refused as refusal:
        return Ahead(kept_back=held_words(refusal.code))
    ahead = _ahead(reply, copy(ticket))
    return replace(ahead, tells=reply.tells_for) if reply.tells_for != held.tells_for else ahead


def _ahead(reply: OutboundReply, ticket: Ticket) -> Ahead:
    conversation = reply.conversation
    facts = facts_of(reply, ticket=ticket, conversation=conversation)
    verdict = message_check(reply, ticket=ticket, conversation=conversation, facts=facts)
    if isinstance(verdict, Go):
        return Ahead(verdict.text, language=reply.language)
    if isinstance(verdict, Hold):
        language = (get_language() or "en").split("-")[0]
        words = held_words(verdict.rule) if verdict.by == "desk" else ""
        return Ahead(kept_back=words or rule_words(reply.account, verdict.rule, language))
    return Ahead(falls_away=superseded_words(verdict.reason) or verdict.reason)
