"""The files that go out with a message of ours, from storage to the adapter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import BinaryIO, cast

from django.core.files.storage import default_storage

from tickets import bulk
from tickets.channels import file_limits, seen_by
from tickets.contract import NotSent, OutboundAttachment
from tickets.models import Conversation, OutboundReply, ReplyFile

FILE_MISSING = "file_missing"


def files_of(reply: OutboundReply, conversation: Conversation) -> list[ReplyFile]:
    """Those that people put there; the desk's own messages have none, and some channels take none."""
    if reply.is_automatic or file_limits(conversation.account, seen_by(conversation)) is None:
        return []
    return bulk.read(ReplyFile, "WHERE reply_id = %s ORDER BY id", [reply.pk])


def apart(conversation: Conversation) -> bool:
    """Whether each file is a message of its own there, after the words."""
    limits = file_limits(conversation.account, seen_by(conversation))
    return limits is not None and limits.apart


def all_there(files: Sequence[ReplyFile]) -> bool:
    """Whether storage has every one of them."""
    return all(default_storage.exists(each.storage_key) for each in files)


def attachments_of(files: Sequence[ReplyFile]) -> tuple[OutboundAttachment, ...]:
    return tuple(
        OutboundAttachment(each.name, each.content_type, each.size, _opener(each.storage_key), each.pk)
        for each in files
    )


def _opener(key: str) -> Callable[[], BinaryIO]:
    return partial(_open, key)


def _open(key: str) -> BinaryIO:
    """Raises NotSent where storage has lost it since; at its next try the message is held, and says so."""
    try:
        return cast(BinaryIO, default_storage.open(key, "rb"))
    except FileNotFoundError as lost:
        raise NotSent("a file of it is no longer in storage", code=FILE_MISSING) from lost
