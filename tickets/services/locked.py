"""What a person's action begins with: the ticket that they see, locked before anything of it; and who was first."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.models import User
from tickets.models import Conversation, Direction, OutboundReply, Ticket
from tickets.selectors import tickets_visible
from tickets.selectors_came import Seen, answers_since, joined_since, messages_since
from tickets.services.errors import Changed, NotFound


def ticket_seen(actor: User, ticket_id: int) -> Ticket:
    """Raises NotFound, as the others do."""
    ticket = tickets_visible(actor).filter(pk=ticket_id).first()
    if ticket is None:
        raise NotFound
    return ticket


def ticket_locked(actor: User, ticket_id: int) -> Ticket:
    ticket = tickets_visible(actor).filter(pk=ticket_id).select_for_update(of=("self",), no_key=True).first()
    if ticket is None:
        raise NotFound
    return ticket


def reply_locked(actor: User, reply_id: int) -> tuple[Ticket, OutboundReply]:
    """The ticket first, the row second."""
    ticket_id = OutboundReply.objects.filter(pk=reply_id).values_list("ticket_id", flat=True).first()
    if ticket_id is None:
        raise NotFound
    ticket = ticket_locked(actor, ticket_id)
    return ticket, OutboundReply.objects.select_for_update(of=("self",)).get(pk=reply_id)


def conversation_of(ticket: Ticket, conversation_id: int) -> Conversation:
    found = (
        Conversation.objects.select_related("account", "identity")
        .filter(pk=conversation_id, ticket_id=ticket.pk)
        .first()
    )
    if found is None:
        raise NotFound
    return found


#: Words that the actor had not seen: what a `Changed` of `nothing_new` is about.
NEW_MESSAGE, ANSWERED = "new_message", "answered"


def nothing_new(ticket: Ticket, seen: Seen, *, actor: User) -> None:
    """Raises Changed where the caller or a colleague has said something since the newest words that the actor had
    before them. The ticket is locked."""
    brought = joined_since(ticket, seen)
    for said in messages_since(ticket, seen, brought=brought).select_related("author", "account")[:1]:
        if said.conversation_id in brought:
            raise Changed(
                NEW_MESSAGE,
                _(
                    "A colleague has joined another ticket with this one. Read what was said there, then send "
                    "your answer."
                ),
            )
        if said.direction == Direction.INBOUND:
            raise Changed(
                NEW_MESSAGE, _("The caller has said more in the meantime. Read it, then send your answer.")
            )
        raise _answered(said.author or said.account)
    for wrote in answers_since(ticket, seen, but_of=actor).select_related("author")[:1]:
        raise _answered(wrote.author)


def _answered(by: object) -> Changed:
    if by is None:
        return Changed(ANSWERED, _("A colleague has answered in the meantime. Read it, then send yours."))
    words = _("%(name)s has answered in the meantime. Read it, then send yours.")
    return Changed(ANSWERED, words % {"name": by})


def as_seen(ticket: Ticket, seen_version: int | None) -> None:
    """Raises Changed where the ticket is no longer as the actor's page showed it. That time has passed stands in
    nobody's way: what the clock alone did leaves the status and the told date as they were."""
    if seen_version is not None and not ticket.is_as_of(seen_version):
        raise Changed("ticket", _("This has changed in the meantime; this is how it stands now."))
