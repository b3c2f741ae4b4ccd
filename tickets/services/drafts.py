"""What somebody is writing and has not sent. Only its author sees it, so a draft raises no version of the ticket."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from tickets.models import Conversation, Draft, DraftKind, Message, OutboundReply, Ticket
from tickets.selectors import tickets_visible
from tickets.services.errors import Changed, NotFound, Refused


class WrittenElsewhere(Changed):
    """Another window of the same person has kept other words since. `draft`: these."""

    def __init__(self, draft: Draft) -> None:
        words = _("In another window you have kept other words here: “%(words)s”")
        super().__init__("written_elsewhere", words % {"words": draft.text})
        self.draft = draft


PURPOSES = ("", "asks", "resolves")
MOST_LETTERS = 20_000


def draft_save(
    *,
    actor: User,
    ticket_id: int,
    kind: str,
    text: str,
    purpose: str = "",
    conversation_id: int | None = None,
    client_key: str = "",
    seen: str | None = None,
    now: datetime,
) -> Draft | None:
    """Keep the words; none where there are none. `seen`: `draft_stamp` of what the form knows to be kept. Raises
    NotFound; Refused for a draft of another kind; WrittenElsewhere.

    1. The ticket is locked in share: a message that is being sent from the same form is waited for.
    2. Words that the form of this `client_key` has sent are no draft any more, however late the browser brings them.
    3. One row per person, ticket and kind: what another window of theirs has kept since is not written over.
    """
    if kind not in DraftKind.values or purpose not in PURPOSES:
        raise Refused("kind", _("The form is incomplete; reload the page and send it again."))
    plain = text.replace("\0", "")[:MOST_LETTERS]
    with transaction.atomic():
        ticket = tickets_visible(actor).filter(pk=ticket_id).first()
        if ticket is None:
            raise NotFound
        _lock_in_share(ticket)
        mine = Draft.objects.filter(user=actor, ticket=ticket, kind=kind)
        if client_key and _was_sent(actor, ticket, kind, client_key):
            mine.filter(client_key=client_key).delete()
            return None
        begun = mine.select_for_update().first()
        if begun is not None and seen not in (None, draft_stamp(begun)) and begun.text != plain:
            raise WrittenElsewhere(begun)
        if not plain.strip():
            mine.delete()
            return None
        place = Conversation.objects.filter(pk=conversation_id or 0, ticket=ticket).first()
        kept, _made = Draft.objects.update_or_create(
            user=actor,
            ticket=ticket,
            kind=kind,
            defaults={
                "text": plain,
                "purpose": purpose if kind == DraftKind.ANSWER else "",
                "conversation": place,
                "client_key": client_key[:100],
                "updated_at": now,
            },
        )
    return kept


def draft_stamp(draft: Draft | None) -> str:
    """Which words are kept, for the form that shows them; "" for none."""
    return draft.updated_at.isoformat() if draft is not None else ""


def draft_sent(actor: User, ticket: Ticket, kind: DraftKind, *, text: str, client_key: str) -> None:
    """Its words are on their way; part of the transaction that sends them. What another window has kept stays."""
    mine = Draft.objects.filter(user=actor, ticket=ticket, kind=kind)
    mine.filter(Q(client_key__in=["", client_key]) | Q(text=text)).delete()


def draft_give_back(
    user: User, ticket: Ticket, *, text: str, purpose: str, conversation_id: int | None, now: datetime
) -> Draft:
    """Words that did not go are their author's again, before whatever they have begun to write since."""
    begun = Draft.objects.select_for_update().filter(user=user, ticket=ticket, kind=DraftKind.ANSWER).first()
    since = begun.text.strip() if begun is not None else ""
    both = "\n\n".join(part for part in (text.strip(), since) if part)
    values: dict[str, Any] = {
        "text": both[:MOST_LETTERS],
        "purpose": purpose,
        "conversation_id": conversation_id,
        "client_key": "",
        "updated_at": now,
    }
    kept, _made = Draft.objects.update_or_create(
        user=user, ticket=ticket, kind=DraftKind.ANSWER, defaults=values
    )
    return kept


def _lock_in_share(ticket: Ticket) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM tickets_ticket WHERE id = %s FOR SHARE", [ticket.pk])


def _was_sent(actor: User, ticket: Ticket, kind: str, client_key: str) -> bool:
    if kind == DraftKind.NOTE:
        return Message.objects.filter(
            account_id=ticket.account_id, external_id=f"note:{client_key}", ticket=ticket
        ).exists()
    mine = OutboundReply.objects.filter(ticket=ticket, author=actor)
    return (
        mine.filter(dedupe_key=f"answer:{client_key}").exists()
        or mine.filter(args__client_key=client_key).exists()
    )
