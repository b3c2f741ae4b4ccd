"""Taking the words of one message out of the desk for good, because a person says so. Its place stays, and says why.

A caller's words live in the message, its versions, its attachments, the search column and the raw updates, and nowhere
else: those are emptied, and nothing besides.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import may_redact
from accounts.models import User
from tickets import raw
from tickets.models import (
    Attachment,
    Message,
    MessageCopy,
    MessageTombstone,
    MessageVersion,
)
from tickets.models.message import WORDS_OF_MESSAGE
from tickets.services.asked import asked_ends
from tickets.services.attachments import attachments_empty
from tickets.services.audit import event_record, tickets_changed
from tickets.services.errors import NotFound, Refused
from tickets.services.locked import ticket_locked

#: Why words are taken out; stored as the rule by which they are gone.
REASONS = ("personal", "somebody_else", "abuse", "asked", "other")
RULE = "redacted:"


def message_redact(*, actor: User, message_id: int, reason: str, now: datetime) -> Message:
    """Empty it everywhere; twice is once. Raises NotFound, Refused.

    1. The actor sees its ticket, which is locked, and may do this (accounts.access, rule 6).
    2. Refused: an unknown reason; a message that went out from here, which stands at the network with its words.
    3. Body with subject and all beside it, versions, attachments; their files after the commit. A tombstone, on each
       account that it reached, so that what a network tells of it later brings no word back. The search column follows
       by its trigger.
    4. The raw updates, by the way in which a caller's own removal empties them (tickets/raw.py).
    5. History, version. Triage and what was told stay: they rest on codes, not on the words.
    """
    if reason not in REASONS:
        raise Refused("reason", _("Say why the words are taken out."))
    with transaction.atomic():
        ticket_id = Message.objects.filter(pk=message_id).values_list("ticket_id", flat=True).first()
        if ticket_id is None:
            raise NotFound
        ticket = ticket_locked(actor, ticket_id)
        if not may_redact(actor, team_id=ticket.team_id, owner_id=ticket.owner_id):
            raise Refused("who", _("Only its owner, a lead of its team or a manager takes words out of it."))
        message = Message.objects.select_for_update(of=("self",)).get(pk=message_id)
        if message.reply_id is not None:
            raise Refused(
                "ours", _("This went out from here and stands at the network. Remove it there, then here.")
            )
        if message.removed_at is not None:
            return message
        asked_ends([message])
        message.removed_at, message.removed_rule = now, f"{RULE}{reason}"
        message.empty()
        message.save(update_fields=[*WORDS_OF_MESSAGE, "removed_at", "removed_rule"])
        places = _places(message)
        _versions_and_files_empty(message)
        MessageTombstone.objects.bulk_create(
            [
                MessageTombstone(
                    account_id=account_id,
                    external_id=message.external_id,
                    removed_at=now,
                    rule=message.removed_rule,
                    received_at=now,
                )
                for account_id in places
            ],
            ignore_conflicts=True,
        )
        raw.bodies_empty({account_id: {message.external_id} for account_id in places})
        event_record(
            "message_redacted",
            actor=actor,
            now=now,
            ticket_id=ticket.pk,
            args={"message": message.pk, "reason": reason},
        )
        tickets_changed([ticket.pk])
    return message


def _places(message: Message) -> list[int]:
    """Ids of the accounts that it reached: its own, and those at which it is only pointed to."""
    copies = MessageCopy.objects.filter(
        first_account_id=message.account_id, external_id=message.external_id
    ).values_list("account_id", flat=True)
    return sorted({message.account_id, *copies})


def _versions_and_files_empty(message: Message) -> None:
    MessageVersion.objects.filter(account_id=message.account_id, external_id=message.external_id).update(
        body=""
    )
    attachments_empty(Attachment.objects.filter(message_id=message.pk), reason="redacted")
