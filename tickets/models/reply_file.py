"""A file that goes out with a message of ours."""

from __future__ import annotations

from django.db import models

from tickets.models.base import AtOnce


class ReplyFile(AtOnce):
    """Until the message is sent off, it stands beside its author's draft, and only they see it.

    name: for people to read, never part of a path. content_type: what its first bytes say. size: bytes; sha256: of
    them, in hex. reply: null while it is not part of a message; a message that is taken back gives it back.
    """

    author = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="reply_files")
    reply = models.ForeignKey(
        "tickets.OutboundReply", null=True, blank=True, on_delete=models.PROTECT, related_name="files"
    )
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=120)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    storage_key = models.CharField(max_length=255, unique=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["ticket", "id"], name="reply_file_on_ticket"),
            models.Index(
                fields=["created_at"], name="reply_file_unused", condition=models.Q(reply__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"file {self.pk}"
