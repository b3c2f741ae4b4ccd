"""Notes: what colleagues tell each other on a ticket. Never sent to anybody."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from tickets.models import Conversation, Direction, DraftKind, Message, MessageKind, Ticket, Visibility
from tickets.services.audit import event_record, tickets_changed
from tickets.services.clock_work import clock_set
from tickets.services.drafts import draft_sent
from tickets.services.errors import Refused
from tickets.services.locked import conversation_of, ticket_locked
from tickets.services.replies import MOST_CHARACTERS, same_words, text_checked


def note_write(
    *,
    actor: User,
    ticket_id: int,
    text: str,
    client_key: str,
    now: datetime,
    conversation_id: int | None = None,
) -> Message:
    """Put a note below what was said; the same `client_key` again gives the same note. Raises NotFound, Refused.

    1. The actor sees the ticket; it is locked.
    2. Refused: no words, or too many; a form without a key; a ticket without any conversation.
    3. A message between colleagues, in the conversation that the page showed or else the newest; no answer, so it meets
       no target and ends no promise. It shows that somebody works on it (services/reasons.py).
    4. The draft it was is gone; history; search finds it as it does every message.
    """
    with transaction.atomic():
        ticket = ticket_locked(actor, ticket_id)
        key = _key(client_key)
        earlier = Message.objects.filter(account_id=ticket.account_id, external_id=key).first()
        if earlier is not None:
            if earlier.ticket_id != ticket.pk or earlier.author_id != actor.pk:
                raise Refused("client_key", _("The form is incomplete; reload the page and send it again."))
            same_words(earlier.body, text)
            return earlier
        words = text_checked(text)
        if len(words) > MOST_CHARACTERS:
            raise Refused(
                "too_long", _("This is too long: at most %(most)s characters.") % {"most": MOST_CHARACTERS}
            )
        place = _place(ticket, conversation_id)
        note = Message.objects.create(
            account_id=ticket.account_id,
            conversation=place,
            ticket=ticket,
            external_id=key,
            version_id=key,
            direction=Direction.INTERNAL,
            visibility=Visibility.PRIVATE,
            kind=MessageKind.NOTE,
            author=actor,
            body=words,
            language=actor.language,
            addressed=False,
            sent_at=now,
            received_at=now,
        )
        draft_sent(actor, ticket, DraftKind.NOTE, text=text, client_key=client_key)
        event_record("noted", actor=actor, now=now, ticket_id=ticket.pk, args={"message": note.pk})
        tickets_changed([ticket.pk])
        clock_set([ticket], now)
    return note


def _key(client_key: str) -> str:
    try:
        return f"note:{uuid.UUID(client_key)}"
    except ValueError:
        raise Refused("client_key", _("The form is incomplete; reload the page and send it again.")) from None


def _place(ticket: Ticket, conversation_id: int | None) -> Conversation:
    if conversation_id is not None:
        return conversation_of(ticket, conversation_id)
    newest = (
        Conversation.objects.filter(ticket_id=ticket.pk).order_by("part", "-last_inbound_at", "-pk").first()
    )
    if newest is None:
        raise Refused("nowhere", _("There is no conversation on this ticket that a note could stand below."))
    return newest
