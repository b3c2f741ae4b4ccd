"""Builders for tests: a letter with a subject, its own HTML and what hangs on it, as the desk has it once read."""

from __future__ import annotations

import hashlib
import io
import zipfile
from email.message import EmailMessage
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from tests import desk
from tests.tickets.said import hear
from tickets.models import Attachment, ChannelAccount, Conversation, Message, OutboundReply, Ticket
from tickets.services.attachments import name_of
from tickets.tokens import token

WORDS = "The lamp before our door at Havenstraat 4 is broken. When will it be mended?"


def letter(number: int = 1, **more: Any) -> Message:
    """The first message of a ticket on a mailbox of ours, with a subject."""
    made = ChannelAccount.objects.filter(external_id="post@merendam.example").first() or desk.account(
        "post@merendam.example"
    )
    ticket = hear(made, number, WORDS, by="anouk" if number == 1 else f"caller{number}")
    ChannelAccount.objects.filter(pk=made.pk).update(
        channel="email",
        handle="post@merendam.example",
        manner="letter",
        capabilities={"sends_files": True, "files_most": 10, "files_most_bytes": 20_000_000, "named": True},
    )
    Conversation.objects.filter(ticket=ticket).update(visibility="private")
    Message.objects.filter(ticket=ticket).update(
        **{"visibility": "private", "subject": "The lamp in our street", "url": "", **more}
    )
    OutboundReply.objects.filter(ticket=ticket).delete()
    return Message.objects.select_related("ticket", "conversation").get(ticket=ticket)


def mail(html: str, *, text: str = WORDS, pictures: dict[str, bytes] | None = None) -> bytes:
    """A mail with HTML, and pictures within it by their ids."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = (
        "Anouk <anouk@home.example>",
        "post@merendam.example",
        "The lamp",
    )
    made["Message-ID"] = "<1@home.example>"
    made.set_content(text)
    made.add_alternative(html, subtype="html")
    for name, body in (pictures or {}).items():
        made.get_payload()[1].add_related(body, "image", "png", cid=f"<{name}>")  # type: ignore[index, union-attr]
    return made.as_bytes()


def hang(message: Message, label: str, body: bytes = b"", **more: Any) -> Attachment:
    """Something that hangs on it: kept where it has a body."""
    values: dict[str, Any] = {"external_id": label, "name": label, "state": "pending"}
    if body:
        key = default_storage.save(
            f"attachments/{message.account_id}/{token('test', len(label))}", ContentFile(body)
        )
        values |= {
            "state": "kept", "storage_key": key, "size": len(body), "sha256": hashlib.sha256(body).hexdigest(),
        }  # fmt: skip
    return Attachment.objects.create(message=message, **{**values, **more})


def original(message: Message, raw: bytes) -> Attachment:
    return hang(message, "original", raw, kind="original", content_type="application/octet-stream")


def beside(ticket: Ticket, name: str = "Bea Bakker") -> Conversation:
    """Somebody else wrote into the caller's thread."""
    first = ticket.conversations.select_related("identity", "account").order_by("pk")[0]
    other = hear(first.account, 900 + ticket.pk, "I live there too, and it is dark.", by="bea")
    place = other.conversations.get()
    Message.objects.filter(conversation=place).update(ticket=ticket, visibility="private")
    place.identity.name = name
    place.identity.handle = "bea@home.example"
    place.identity.save()
    Conversation.objects.filter(pk=place.pk).update(ticket=ticket, part="participant", visibility="private")
    OutboundReply.objects.filter(conversation=place).delete()
    return Conversation.objects.get(pk=place.pk)


def name_as_kept(told: str) -> str:
    """As the way in keeps a sender's name for a file."""
    return name_of(told)


def bomb() -> bytes:
    """A zip of some kilobytes that would be forty megabytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("zeros", b"\0" * 40_000_000)
    return made.getvalue()
