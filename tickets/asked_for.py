"""What a category asks of its callers (priority/categories.py) and what of it nobody has noted or sent yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Q

from priority.categories import asks_of
from priority.selectors import policy_of
from priority.wording import Ask
from tickets.models import Attachment, AttachmentKind, Direction, Message, Ticket

#: Where the number on a lamp post, a container or a stop stands, in `Ticket.custom`.
OBJECT_NUMBER = "object_number"

#: Bytes. A smaller picture within the text of a message is a sign of whoever sent it, not what they saw.
LEAST_OF_A_PHOTO = 25_000

#: What is asked, as a caller reads it in an answer.
TO_CALLERS: dict[str, dict[Ask, str]] = {
    "en": {"place": "the exact place", "object_number": "the number that stands on it", "photo": "a photo"},
    "nl": {"place": "de precieze plek", "object_number": "het nummer dat erop staat", "photo": "een foto"},
}
_AND = {"en": " and ", "nl": " en "}


def object_number(ticket: Ticket) -> str:
    return str(ticket.custom.get(OBJECT_NUMBER, ""))


def missing_of(ticket: Ticket, *, has_photo: bool) -> tuple[Ask, ...]:
    """In the order in which the category asks."""
    asked = asks_of(policy_of(ticket.policy_revision_id), ticket.category) if ticket.category else ()
    known = {"place": bool(ticket.place), "object_number": bool(object_number(ticket)), "photo": has_photo}
    return tuple(ask for ask in asked if not known[ask])


def missing_here(ticket: Ticket) -> tuple[Ask, ...]:
    """The same for one ticket whose messages nobody has read; asks the database only where a photo is asked."""
    missing = missing_of(ticket, has_photo=False)
    if "photo" not in missing:
        return missing
    sent = Attachment.objects.filter(
        ~Q(kind=AttachmentKind.INLINE) | Q(size__gte=LEAST_OF_A_PHOTO),
        message__ticket_id=ticket.pk,
        message__direction=Direction.INBOUND,
        message__removed_at__isnull=True,
        content_type__startswith="image/",
    )
    return missing_of(ticket, has_photo=sent.exists())


def photo_among(messages: Iterable[Message], attachments: Mapping[int, Sequence[Attachment]]) -> bool:
    """`attachments`: by message."""
    return any(
        attachment.content_type.startswith("image/")
        and (attachment.kind != AttachmentKind.INLINE or (attachment.size or 0) >= LEAST_OF_A_PHOTO)
        for message in messages
        if message.direction == Direction.INBOUND and message.removed_at is None
        for attachment in attachments.get(message.pk, ())
    )


def in_words(missing: Sequence[Ask], language: str) -> str:
    """“the exact place and a photo”, in a language of the notices; English where there are no words in it."""
    known = language if language in TO_CALLERS else "en"
    parts = [TO_CALLERS[known][ask] for ask in missing]
    return ", ".join(parts) if len(parts) < 2 else ", ".join(parts[:-1]) + _AND[known] + parts[-1]
