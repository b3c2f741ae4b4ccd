"""A call that an agent notes while talking: told to the core as any caller's words are, weighed as the agent chose,
with the date to be said aloud. Nothing is said by a machine: the acknowledgement waits until the agent has said it. Who
tells an address has the link to their page by mail, and none of what was said.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.access import visible_teams
from accounts.models import User
from channels_social.adapter import THROUGH
from channels_social.connections import settings_of
from channels_social.inbox import LOCK_CLASS
from channels_social.models import ChannelConnection
from channels_social.registry import channel
from priority.policy import Policy
from priority.selectors import policy_of
from tickets.contract import Author, InboundMessage, MayReply
from tickets.models import (
    ChannelAccount,
    Conversation,
    Message,
    OutboundReply,
    Part,
    ReplyKind,
    ReplyState,
    Ticket,
    Triage,
)
from tickets.services.clock_notices import BY_VOICE
from tickets.services.errors import NotFound, Refused
from tickets.services.intake import messages_receive
from tickets.services.labels import PLACE_MOST, ticket_labels_set
from tickets.services.link_letter import link_letter_put
from tickets.services.notice_checks import message_check
from tickets.services.notice_facts import facts_of
from tickets.services.notices import Go
from tickets.services.outcomes import reply_held
from tickets.services.properties import ticket_properties_set
from tickets.services.triage import ticket_triage

WORDS_MOST = 20_000
NAME_MOST = NUMBER_MOST = 120
ADDRESS_MOST = 200


@dataclass(frozen=True, slots=True)
class Call:
    """What is noted. key: the form's own, so that one call noted twice is one. category, impact, urgency: keys of the
    policy, or '' for what the words say. number, address: as typed; whose they are is not proven by typing them."""

    key: str
    words: str
    number: str = ""
    address: str = ""
    name: str = ""
    language: str = ""
    place: str = ""
    category: str = ""
    impact: str = ""
    urgency: str = ""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What would follow. tells: the date to say, None where there is none. text: what is said, with `number` in it,
    which is drawn when the call is noted."""

    policy: Policy
    category: str
    impact: str
    urgency: str
    priority: str
    tells: datetime | None = None
    text: str = ""
    number: str = ""
    language: str = ""
    zone: str = ""


def voice_accounts(user: User) -> list[ChannelAccount]:
    """Accounts at which people are spoken to, that the user may note a call for; by name."""
    rows = ChannelAccount.objects.filter(visible_teams(user), capabilities__spoken=True).order_by(
        "name", "pk"
    )
    return [account for account in rows if account.receives and account.answers]


def takes_address(account: ChannelAccount) -> bool:
    """Whether a mailbox of ours sends for it."""
    bridge = ChannelConnection.objects.select_related("app").filter(account=account).first()
    return bridge is not None and bool(settings_of(bridge).get(THROUGH, "").strip())


def call_note(*, actor: User, account_id: int, call: Call, now: datetime) -> Ticket:
    """The ticket of the call; twice is once. Raises Refused, NotFound (no such account for this actor).

    1. Under the account's lock, as an update of a network is taken in: what was said, by somebody of whom nothing is
       known but what they told.
    2. It asks for an answer, whatever the words alone would have given: somebody is on the line.
    3. Weighed as the agent chose; place.
    4. The acknowledgement is held: the agent says it, and notes that they did.
    5. Who told an address has the link to their page there, once.
    """
    with transaction.atomic():
        return _noted(actor, account_id, call, now)


def call_ahead(*, actor: User, account_id: int, call: Call, now: datetime) -> Ahead:
    """The same, made as it would be and taken back again: what is read of it is so to the letter."""
    with transaction.atomic():
        ticket = _noted(actor, account_id, call, now)
        ahead = _ahead(actor, ticket)
        transaction.set_rollback(True)
    return ahead


def _noted(actor: User, account_id: int, call: Call, now: datetime) -> Ticket:
    account = next((each for each in voice_accounts(actor) if each.pk == account_id), None)
    if account is None:
        raise NotFound
    words = _plain(call.words, lines=True)
    if not words:
        raise Refused("words", _("Note what the caller says."))
    if len(words) > WORDS_MOST:
        raise Refused("words", _("Too long: at most %(most)s characters.") % {"most": WORDS_MOST})
    place = _plain(call.place)
    if len(place) > PLACE_MOST:
        raise Refused(
            "place", _("The place is too long: at most %(most)s characters.") % {"most": PLACE_MOST}
        )
    address = _address(account, call.address)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_CLASS, account.pk])
    external_id = f"call:{call.key}"
    was_there = Message.objects.filter(account=account, external_id=external_id)
    if not was_there.exists():
        messages_receive(account, [_said(account, call, words, address, now)], now=now)
    ticket = Ticket.objects.get(messages__account=account, messages__external_id=external_id)
    if ticket.triage == Triage.PENDING:
        ticket = ticket_triage(actor=actor, ticket_id=ticket.pk, verdict=Triage.RESPOND, now=now)
    ticket = _weighed(actor, ticket, call, place, now)
    _hold(ticket, now)
    spoken = Conversation.objects.select_related("account", "identity").get(
        account=account, thread_key=external_id, part=Part.CALLER
    )
    if spoken.identity.claims:
        link_letter_put(ticket=ticket, conversation=spoken, now=now)
    return ticket


def _address(account: ChannelAccount, typed: str) -> str:
    """Raises Refused for one that nothing can be written to."""
    address = _plain(typed)
    if not address or not takes_address(account):
        return ""
    if len(address) > ADDRESS_MOST or not channel(account.channel).told_claim(address):
        raise Refused(
            "address",
            _("This is no e-mail address that we can write to. Look at it once more, or leave it empty."),
        )
    return address


def _said(account: ChannelAccount, call: Call, words: str, address: str, now: datetime) -> InboundMessage:
    number = _plain(call.number)[:NUMBER_MOST]
    external_id = f"call:{call.key}"
    who = f"{external_id}#{address}" if address else external_id
    return InboundMessage(
        external_id=external_id,
        thread_key=external_id,
        author=Author(
            account.channel,
            who,
            handle=", ".join(filter(None, (number, address))),
            name=_plain(call.name)[:NAME_MOST],
            claims=channel(account.channel).told_claim(address),
        ),
        text=words,
        sent_at=now,
        visibility="private",
        reply_rule=MayReply(True, BY_VOICE),
        addressed=True,
        version_id="1",
        language=call.language or None,
    )


def _weighed(actor: User, ticket: Ticket, call: Call, place: str, now: datetime) -> Ticket:
    said = {
        "category": call.category or ticket.category,
        "impact": call.impact or ticket.impact,
        "urgency": call.urgency or ticket.urgency,
    }
    if any(getattr(ticket, name) != value for name, value in said.items()):
        ticket = ticket_properties_set(
            actor=actor, ticket_id=ticket.pk, **said, why="told_more", seen_version=None, now=now
        )
    if place and place != ticket.place:
        tags = ",".join(ticket.tags)
        ticket = ticket_labels_set(
            actor=actor, ticket_id=ticket.pk, place=place, tags=tags, seen_version=None, now=now
        )
    return ticket


def _hold(ticket: Ticket, now: datetime) -> None:
    waiting = OutboundReply.objects.select_for_update().filter(
        ticket=ticket, kind=ReplyKind.ACKNOWLEDGEMENT, state=ReplyState.QUEUED, is_automatic=True
    )
    for reply in waiting:
        reply.state, reply.held_reason, reply.held_by, reply.not_before = (
            ReplyState.HELD,
            BY_VOICE,
            "desk",
            None,
        )
        reply.save(update_fields=["state", "held_reason", "held_by", "not_before"])
        reply_held(reply, rule=BY_VOICE, ticket=ticket, due_at=now, now=now)


def _ahead(actor: User, ticket: Ticket) -> Ahead:
    weighed = {name: getattr(ticket, name) for name in ("category", "impact", "urgency", "priority")}
    policy = policy_of(ticket.policy_revision_id)
    reply = (
        OutboundReply.objects.filter(
            ticket=ticket, kind=ReplyKind.ACKNOWLEDGEMENT, state=ReplyState.HELD, held_reason=BY_VOICE
        )
        .select_related("conversation__account", "conversation__identity")
        .first()
    )
    if reply is None:
        return Ahead(policy, **weighed)
    reply.is_automatic, reply.author = False, actor
    place = reply.conversation
    verdict = message_check(
        reply,
        ticket=ticket,
        conversation=place,
        facts=facts_of(reply, ticket=ticket, conversation=place),
    )
    if not isinstance(verdict, Go):
        return Ahead(policy, **weighed)
    return Ahead(
        policy,
        **weighed,
        tells=reply.tells_for,
        text=verdict.text,
        number=ticket.shown_reference,
        language=reply.language,
        zone=place.account.zone,
    )


def _plain(text: str, *, lines: bool = False) -> str:
    """As typed, in one form of its letters, without what no database keeps; on one line unless `lines`."""
    clean = unicodedata.normalize("NFC", text.replace("\0", "")).strip()
    return clean if lines else " ".join(clean.split())
