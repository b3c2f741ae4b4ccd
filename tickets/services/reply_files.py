"""Files that go out with what people write: put beside a draft, made part of its message, given back, tidied away.

Storage first, then the row: a crash in between leaves a file that nobody knows, never a row without its file. A row is
removed first, and its file after the commit.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from tickets.channels import FileLimits, file_limits, seen_by
from tickets.display.files import size_words
from tickets.filetypes import type_of
from tickets.models import Conversation, Draft, DraftKind, OutboundReply, ReplyFile, Ticket
from tickets.scanning import NotScanned, upload_scanned
from tickets.selectors import tickets_visible
from tickets.services.attachments import name_of
from tickets.services.errors import NotFound, Refused

log = logging.getLogger(__name__)

UNUSED_FOR = timedelta(days=7)
"""A file beside no draft is tidied away after this; beside a draft it stays as long as that."""
MOST_AT_ONCE = 500
_HEAD = 4096


def reply_file_add(
    *, actor: User, ticket_id: int, conversation_id: int, file: UploadedFile[Any], now: datetime
) -> ReplyFile:
    """Put a file beside the actor's draft on a ticket. Raises NotFound; Refused where the channel of the conversation
    takes no files, or not this one."""
    ticket = tickets_visible(actor).filter(pk=ticket_id).first()
    if ticket is None:
        raise NotFound
    place = Conversation.objects.select_related("account").filter(pk=conversation_id, ticket=ticket).first()
    if place is None:
        raise Refused("place", _("The form is incomplete; reload the page and send it again."))
    name = name_of(file.name or "") or _("File")
    digest, head = hashlib.sha256(), b""
    for chunk in file.chunks():
        head = head or bytes(chunk[:_HEAD])
        digest.update(chunk)
    row = ReplyFile(
        author=actor,
        ticket=ticket,
        name=name,
        content_type=type_of(head, file.content_type or "")[:120],
        size=int(file.size or 0),
        sha256=digest.hexdigest(),
        storage_key=f"replies/{ticket.pk}/{secrets.token_hex(12)}",
        created_at=now,
    )
    if not row.size:
        raise Refused("file", _("There is nothing in “%(name)s”.") % {"name": name})
    files_checked(place, [*_mine(actor, ticket), row])
    _scan(file, name)
    file.seek(0)
    row.storage_key = default_storage.save(row.storage_key, file)
    try:
        row.save(force_insert=True)
    except BaseException:
        default_storage.delete(row.storage_key)
        raise
    return row


def _scan(file: UploadedFile[Any], name: str) -> None:
    """What callers send is scanned, and so is what we send them. Raises Refused."""
    file.seek(0)
    try:
        found = upload_scanned(file)
    except NotScanned as trouble:
        log.warning("a file for an answer was not scanned: %s", trouble)
        words = _("“%(name)s” was not taken: the virus scanner gave no verdict. Try again in a moment.")
        raise Refused("not_scanned", words % {"name": name}) from trouble
    if found:
        raise Refused("scanner", _("“%(name)s” was refused by the virus scanner.") % {"name": name})


def reply_file_remove(*, actor: User, ticket_id: int, file_id: int) -> None:
    """Take one away again that has not gone. Raises NotFound."""
    with transaction.atomic():
        mine = ReplyFile.objects.select_for_update().filter(
            pk=file_id, ticket_id=ticket_id, author=actor, reply__isnull=True
        )
        row = mine.first()
        if row is None or not tickets_visible(actor).filter(pk=ticket_id).exists():
            raise NotFound
        _remove([row])


def files_checked(place: Conversation, files: Sequence[ReplyFile]) -> None:
    """Whether these may go together from there. Raises Refused, with the limit in words."""
    if not files:
        return
    limits = file_limits(place.account, seen_by(place))
    if limits is None:
        raise Refused(
            "files", _("No files can be sent here. Remove them, or answer where files can be sent.")
        )
    if len(files) > limits.most:
        raise Refused("files", _("At most %(most)s files go with one message.") % {"most": limits.most})
    for each in files:
        if not limits.takes(each.content_type):
            raise Refused(
                "files",
                _("“%(name)s” is of a kind that cannot be sent here: %(takes)s.")
                % {"name": each.name, "takes": takes_words(limits)},
            )
        if each.size > limits.each_bytes and limits.each_bytes < limits.most_bytes:
            raise Refused(
                "files",
                _("“%(name)s” is too large to be sent here: a file may have %(most)s.")
                % {"name": each.name, "most": size_words(limits.each_bytes)},
            )
    if sum(each.size for each in files) > limits.most_bytes:
        raise Refused(
            "files",
            _("That is too large: the files of one message may have %(most)s together.")
            % {"most": size_words(limits.most_bytes)},
        )


def takes_words(limits: FileLimits) -> str:
    """“only PNG, JPEG, GIF”: the kinds that are taken; "" where all are."""
    whole = {"image/*": _("pictures"), "video/*": _("films"), "audio/*": _("sounds")}
    names = [whole.get(each) or each.partition("/")[2].upper() for each in limits.types]
    return _("only %(kinds)s") % {"kinds": ", ".join(names)} if names else ""


def files_join(
    reply: OutboundReply, place: Conversation, *, actor: User, wanted: Sequence[int] | None
) -> None:
    """Make the files beside the draft part of a message that was just saved. wanted: the ids that its form shows, 0 for
    one that is gone. Part of its transaction. Raises Refused."""
    if not wanted:
        return
    rows = list(
        ReplyFile.objects.select_for_update()
        .filter(pk__in=wanted, ticket_id=reply.ticket_id, author=actor, reply__isnull=True)
        .order_by("pk")
    )
    if len(rows) != len(set(wanted)) or not all(default_storage.exists(row.storage_key) for row in rows):
        raise Refused(
            "file_missing",
            _("A file that belongs to it is no longer here. Look at the list, and send it again."),
        )
    files_checked(place, rows)
    ReplyFile.objects.filter(pk__in=[row.pk for row in rows]).update(reply=reply)


def files_drop(*, actor: User, file_ids: Sequence[int]) -> None:
    """Of these, take away those that went with no message: the same form, sent twice, has brought them twice."""
    with transaction.atomic():
        _remove(
            list(
                ReplyFile.objects.select_for_update().filter(
                    pk__in=file_ids, author=actor, reply__isnull=True
                )
            )
        )


def files_give_back(reply: OutboundReply) -> None:
    """A message that did not go: its files stand beside its author's draft again."""
    ReplyFile.objects.filter(reply=reply).update(reply=None)


def reply_files_tidy(*, now: datetime) -> int:
    """Remove what nobody sent: beside no draft, and old; its author gone. How many."""
    draft = Draft.objects.filter(
        ticket_id=OuterRef("ticket_id"), user_id=OuterRef("author_id"), kind=DraftKind.ANSWER
    )
    unused = ReplyFile.objects.filter(reply__isnull=True, created_at__lt=now - UNUSED_FOR)
    with transaction.atomic():
        rows = list(
            unused.filter(~Exists(draft)).select_for_update(skip_locked=True, of=("self",))[:MOST_AT_ONCE]
        )
        _remove(rows)
    return len(rows)


def _mine(actor: User, ticket: Ticket) -> QuerySet[ReplyFile]:
    return ReplyFile.objects.filter(author=actor, ticket=ticket, reply__isnull=True)


def _remove(rows: Sequence[ReplyFile]) -> None:
    for row in rows:
        transaction.on_commit(partial(default_storage.delete, row.storage_key), robust=True)
    ReplyFile.objects.filter(pk__in=[row.pk for row in rows]).delete()
