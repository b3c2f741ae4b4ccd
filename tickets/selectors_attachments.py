"""What hung on the messages of a ticket."""

from __future__ import annotations

from tickets import tokens
from tickets.models import Attachment, AttachmentState, Ticket


def attachment_named(ticket: Ticket, token: str) -> Attachment | None:
    """The one that `token` names, if it is kept. `ticket`: one that the reader may see."""
    kept = Attachment.objects.filter(message__ticket_id=ticket.pk, state=AttachmentState.KEPT)
    named = tokens.named("attachment", kept.values_list("pk", flat=True), token)
    return kept.filter(pk=named).first() if named is not None else None
