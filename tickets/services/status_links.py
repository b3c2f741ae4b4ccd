"""The caller's links: made, put into what leaves the desk, found, revoked. Why they are made as they are: ADR 14.

    nonce (stored, 16 random bytes) ── HMAC-SHA-256 by the desk's secret ── token (160 bits, in the link alone)
                                                                              └── SHA-256 (stored): finds it

Texts of ours are stored with a stand-in where the link goes (`stand_in`); the link itself is put in on the way to the
wire (`link_put`). So the rows of a stolen database open nobody's page.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.crypto import salted_hmac

from accounts.actors import System
from accounts.models import User
from tickets.channels import lies_on_page
from tickets.models import Conversation, LinkWay, Message, Part, StatusLink, Ticket, Visibility
from tickets.services.audit import event_record, tickets_changed
from tickets.services.errors import NotFound
from tickets.services.locked import ticket_locked

NONCE_BYTES, TOKEN_BYTES = 16, 20
#: Letters and digits of a token, which may be typed in any case.
TOKEN_LENGTH = 32
#: Of the page's address (channels_social/urls.py).
PATH = "/s/"
#: Stands in stored texts instead of the link's end: "https://desk.example.org/s/…/".
MARK = f"{PATH}…/"
_ACTOR = System("status_link")


def status_link_make(conversation: Conversation, *, now: datetime, way: LinkWay = LinkWay.MESSAGE) -> str:
    """The address of the caller's page for this conversation, on the ticket that it is on. The same one each time,
    until it is revoked; then a new one. Raises ValueError for what has no such page: a conversation without a ticket,
    or of somebody else in a caller's thread.

    way: LinkWay.SCREEN for a page that shows it at once to whoever has just written there; '' once that was revoked,
    since whoever opens the page again is the same.
    """
    ticket_id = conversation.ticket_id
    if ticket_id is None or conversation.part != Part.CALLER:
        raise ValueError(f"conversation {conversation.pk} has no page of a caller")
    with transaction.atomic():
        given = _given(conversation, ticket_id, way)
        token = _token_of(given) if given is not None else None
        if given is not None and token is None:
            given.replaced_at = now
            given.save(update_fields=["replaced_at"])
        if token is None:
            if given is None and way == LinkWay.SCREEN and _was_revoked(conversation, ticket_id):
                return ""
            token = _made(conversation, ticket_id, way, now)
    return address_of(token)


def address_of(token: str) -> str:
    return f"{settings.PUBLIC_URL}{PATH}{token}/"


def stand_in() -> str:
    """What a stored text has where its link goes."""
    return f"{settings.PUBLIC_URL}{MARK}"


def has_stand_in(text: str) -> bool:
    return stand_in() in text


def link_put(text: str, link: str) -> str:
    """A text of ours as it leaves the desk: with the link where its stand-in is."""
    return text.replace(stand_in(), link) if link else text


def link_allowed(conversation: Conversation) -> bool:
    """Whether a text may carry the link there: a letter, which nobody else reads and which costs the same with it.
    One that lies on that very page needs none."""
    return (
        conversation.account.manner == "letter"
        and conversation.visibility == Visibility.PRIVATE
        and conversation.part == Part.CALLER
        and not lies_on_page(conversation)
    )


@dataclass(frozen=True, slots=True)
class Opened:
    """A link that leads somewhere. ticket: the one that its conversation's words are on now. words: whether what the
    caller has said there may be shown."""

    link: StatusLink
    ticket: Ticket
    conversation: Conversation

    @property
    def is_proven(self) -> bool:
        return not self.conversation.identity.claims

    @property
    def is_overheard(self) -> bool:
        """An address that we only heard, and nobody has written from: whoever has it may be anybody. They see where it
        stands and the dates; what we said aloud, and what is to become of it, is the caller's."""
        return not self.is_proven and bool(self.conversation.account.capabilities.get("spoken"))

    @property
    def words(self) -> bool:
        """An address that somebody typed reads nothing of what they typed with it, until its owner has spoken."""
        return self.link.in_private and (self.is_proven or self.link.way == LinkWay.SCREEN)


def status_link_open(token: str, *, now: datetime) -> Opened | None:
    """Where a link leads; None for one that was never given, was revoked or is over. One query, whatever it is."""
    digest = _digest(token)
    mine = Message.objects.filter(conversation=OuterRef("conversation"), ticket=OuterRef("ticket"))
    found = (
        StatusLink.objects.filter(token_hash=digest)
        .annotate(still_there=Exists(mine))
        .select_related(
            "ticket",
            "ticket__account",
            "conversation__account",
            "conversation__identity",
            "conversation__ticket",
            "conversation__ticket__account",
        )
        .first()
    )
    if found is None or found.revoked_at is not None:
        return None
    conversation = found.conversation
    # Joined with another ticket, or parted from it, the words have gone there.
    ticket = found.ticket if found.still_there or conversation.ticket is None else conversation.ticket
    if is_over(ticket, now) or conversation.part != Part.CALLER:
        return None
    return Opened(found, ticket, conversation)


def is_over(ticket: Ticket, now: datetime) -> bool:
    """Whether its links have ended."""
    if ticket.is_open:
        return False
    ended = ticket.resolved_at or ticket.closed_at
    return ended is not None and now - ended > timedelta(days=settings.STATUS_LINK_DAYS)


def status_link_revoke(*, actor: User, ticket_id: int, link_id: int, now: datetime) -> StatusLink:
    """It leads nowhere any more; the next message that carries a link has another one. Again changes nothing. Raises
    NotFound."""
    with transaction.atomic():
        ticket = ticket_locked(actor, ticket_id)
        mine = Q(ticket=ticket) | Q(conversation__ticket=ticket)
        link = StatusLink.objects.select_for_update(of=("self",)).filter(mine, pk=link_id).first()
        if link is None:
            raise NotFound
        if link.revoked_at is None:
            link.revoked_at, link.revoked_by = now, actor
            link.save(update_fields=["revoked_at", "revoked_by"])
            event_record("link_revoked", actor=actor, now=now, ticket_id=ticket.pk, args={"link": link.pk})
            tickets_changed([ticket.pk])
    return link


def _given(conversation: Conversation, ticket_id: int, way: LinkWay) -> StatusLink | None:
    return StatusLink.objects.filter(
        conversation=conversation,
        ticket_id=ticket_id,
        way=way,
        revoked_at__isnull=True,
        replaced_at__isnull=True,
    ).first()


def _was_revoked(conversation: Conversation, ticket_id: int) -> bool:
    shown = StatusLink.objects.filter(conversation=conversation, ticket_id=ticket_id, way=LinkWay.SCREEN)
    return shown.filter(revoked_at__isnull=False).exists()


def _made(conversation: Conversation, ticket_id: int, way: LinkWay, now: datetime) -> str:
    nonce = secrets.token_bytes(NONCE_BYTES)
    token = next(_tokens(nonce))
    try:
        with transaction.atomic():
            link = StatusLink.objects.create(
                ticket_id=ticket_id,
                conversation=conversation,
                way=way,
                in_private=conversation.visibility == Visibility.PRIVATE,
                nonce=nonce,
                token_hash=_digest(token),
                created_at=now,
            )
    except IntegrityError:
        # Somebody else has made it meanwhile, and has committed it: that one is given, too.
        other = _given(conversation, ticket_id, way)
        token_there = _token_of(other) if other is not None else None
        if token_there is None:
            raise
        return token_there
    args = {"link": link.pk, "conversation": conversation.pk, "way": link.way}
    event_record("link_given", actor=_ACTOR, now=now, ticket_id=ticket_id, args=args)
    tickets_changed([ticket_id])
    return token


def _token_of(link: StatusLink) -> str | None:
    """None where the secret that it was made with is not among ours any more."""
    wanted = bytes(link.token_hash)
    return next((token for token in _tokens(bytes(link.nonce)) if _digest(token) == wanted), None)


def _tokens(nonce: bytes) -> Iterator[str]:
    """Of each secret, the one in use first."""
    keys: Sequence[str] = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    for key in keys:
        made = salted_hmac("tickets.status_link", nonce.hex(), secret=key, algorithm="sha256").digest()
        yield base64.b32encode(made[:TOKEN_BYTES]).decode().lower()


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.lower().encode()).digest()
