"""Ending a conversation with somebody who is there, by one press: a last word, and it is resolved."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from django.utils.translation import gettext as _

from accounts.models import User
from tickets.models import Conversation, Ticket
from tickets.services.clock_notices import places_to_speak
from tickets.services.errors import Refused
from tickets.services.locked import ticket_seen
from tickets.services.notice_words import language_of
from tickets.services.resolving import ticket_resolve
from tickets.services.texts import words_current
from tickets.texts.document import Manner
from tickets.texts.render import CannotFill, line


def conversation_end(
    *,
    actor: User,
    ticket_id: int,
    client_key: str,
    seen_message_id: int | None,
    seen_reply_id: int | None = None,
    seen_join_id: int | None = None,
    now: datetime,
) -> Ticket:
    """The caller reads the last word there is for it, signed by the desk, and the ticket is resolved; both can be taken
    back like any answer (services/undo.py). The same `client_key` again changes nothing.

    Raises NotFound; Refused where nobody is there to read it, or there are no words for it; Changed as
    `resolving.ticket_resolve` does.
    """
    ticket = ticket_seen(actor, ticket_id)
    place = places_to_speak([ticket.pk]).get(ticket.pk)
    if place is None or not place.account.capabilities.get("live"):
        raise Refused("live", _("This is no conversation with somebody who is there: resolve it instead."))
    return ticket_resolve(
        actor=actor,
        ticket_id=ticket.pk,
        conversation_id=place.pk,
        own_text=farewell(ticket, place, now=now),
        client_key=client_key,
        seen_message_id=seen_message_id,
        seen_reply_id=seen_reply_id,
        seen_join_id=seen_join_id,
        desks_words=True,
        now=now,
    )


def farewell(ticket: Ticket, place: Conversation, *, now: datetime) -> str:
    """The last word, in the caller's language. Raises Refused where there is none."""
    account, words = place.account, words_current(now)[1]
    language = language_of(words, ticket.language, account.language)
    try:
        return line(
            words,
            "lines.farewell",
            language=language,
            manner=cast(Manner, account.manner),
            values={},
            form=account.form_of_address,
        )
    except CannotFill:
        raise Refused(
            "no_text", _("There are no words for this: write an answer that resolves it.")
        ) from None
