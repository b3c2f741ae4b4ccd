"""Files of a chat: put ready by a visitor, taken by their message, and handed out again, theirs and ours.

What is handed out has an address of its own for a day or two, which holds for one visitor and one file; so a browser
shows it as it shows any picture, and needs no header for it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Count, Sum
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from channels_social.models import ChannelConnection, Visitor, VisitorFile, VisitorLine
from channels_social.visitors import is_let_in
from tickets import tokens
from tickets.display.files import size_words
from tickets.filetypes import type_of
from tickets.models import Attachment, AttachmentState, ReplyFile
from tickets.services.attachments import name_of
from tickets.services.errors import NotFound, Refused

#: Of one visitor, put ready and not sent: so many, and so many times what one message may hold.
READY_MOST, READY_TIMES = 10, 2
#: Of all visitors of one chat together.
WAITING_TIMES = 40
_HEAD = 4_096
_DAY = 86_400


def file_most() -> int:
    """Bytes of one file, and of all that hang on one message."""
    return int(settings.ATTACHMENT_MOST_BYTES)


def too_large_words() -> str:
    return _("This file is too large: at most %(most)s.") % {"most": size_words(file_most())}


def file_ready(visitor: Visitor, file: UploadedFile[Any], *, now: datetime) -> VisitorFile:
    """Keep a file until its message takes it. Raises Refused: nothing in it, too large, too many that wait."""
    size = int(file.size or 0)
    if not size:
        raise Refused("empty", _("There is nothing in this file."))
    if size > file_most():
        raise Refused("too_large", too_large_words())
    head = file.read(_HEAD)
    file.seek(0)
    row = VisitorFile(
        visitor=visitor,
        external_id=secrets.token_hex(16),
        name=name_of(file.name or "") or _("File"),
        content_type=type_of(head, file.content_type or "")[:120],
        size=size,
        storage_key=f"chat/{visitor.pk}/{secrets.token_hex(12)}",
        created_at=now,
    )
    row.storage_key = default_storage.save(row.storage_key, file)
    try:
        _keep(row)
    except BaseException:
        default_storage.delete(row.storage_key)
        raise
    return row


def _keep(row: VisitorFile) -> None:
    with transaction.atomic():
        Visitor.objects.select_for_update(of=("self",), no_key=True).get(pk=row.visitor_id)
        held = VisitorFile.objects.filter(visitor_id=row.visitor_id).aggregate(
            n=Count("pk"), bytes=Sum("size")
        )
        if held["n"] >= READY_MOST or (held["bytes"] or 0) + row.size > READY_TIMES * file_most():
            raise Refused("files", _("Send your message first, then add more files."))
        waiting = VisitorFile.objects.filter(visitor__account_id=row.visitor.account_id)
        all_of_it = waiting.aggregate(bytes=Sum("size"))["bytes"] or 0
        if all_of_it + row.size > WAITING_TIMES * file_most():
            raise Refused(
                "files",
                _(
                    "Too many files wait here just now. Send your message without the file; send the file later."
                ),
            )
        row.save(force_insert=True)


# -- handing out -----------------------------------------------------------------------------------------------


def own_name(pk: int) -> str:
    """Of an attachment of theirs."""
    return tokens.token("attachment", pk)


def our_name(pk: int) -> str:
    """Of a file of ours."""
    return tokens.token("replyfile", pk)


def key_of(visitor: Visitor, name: str, now: datetime) -> str:
    """What the address of a file ends with: until when it holds, and that we made it for this visitor."""
    ends = f"{int(now.timestamp()) // _DAY + 2:x}"
    return f"{ends}.{_signed(visitor.external_id, name, ends)}"


@dataclass(frozen=True, slots=True)
class Handed:
    storage_key: str
    name: str
    content_type: str


def file_handed(bridge: ChannelConnection, whose: str, name: str, key: str, *, now: datetime) -> Handed:
    """The file behind an address. whose: the visitor's external id. Raises NotFound, whatever is wrong."""
    ends, _dot, signed = key.partition(".")
    right = constant_time_compare(_signed(whose, name, ends), signed)
    if not right or int(ends, 16) * _DAY <= now.timestamp():
        raise NotFound
    visitor = Visitor.objects.filter(account_id=bridge.account_id, external_id=whose).first()
    if visitor is None or not is_let_in(visitor, now):
        raise NotFound
    return _theirs(visitor, name) or _ours(visitor, name)


def _theirs(visitor: Visitor, name: str) -> Handed | None:
    rows = Attachment.objects.filter(
        message__account_id=visitor.account_id,
        message__conversation__thread_key=visitor.external_id,
        state=AttachmentState.KEPT,
    )
    pk = tokens.named("attachment", rows.values_list("pk", flat=True), name)
    row = rows.filter(pk=pk).first() if pk is not None else None
    return Handed(row.storage_key, row.name or f"file-{row.pk}", row.content_type) if row else None


def _ours(visitor: Visitor, name: str) -> Handed:
    lists = VisitorLine.objects.filter(visitor=visitor).exclude(files=[]).values_list("files", flat=True)
    pk = tokens.named("replyfile", [int(each["id"]) for files in lists for each in files], name)
    row = ReplyFile.objects.filter(pk=pk).first() if pk is not None else None
    if row is None:
        raise NotFound
    return Handed(row.storage_key, row.name, row.content_type)


def _signed(whose: str, name: str, ends: str) -> str:
    return salted_hmac(
        "channels_social.chat_file", f"{whose}\n{name}\n{ends}", algorithm="sha256"
    ).hexdigest()[:40]
