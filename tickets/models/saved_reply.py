"""Words that leads have written beforehand for what is asked often; an agent puts them into an answer and sends it."""

from __future__ import annotations

from django.db import models


class SavedReply(models.Model):
    """team null: for everybody. categories: keys of the policy's categories that it fits; empty fits all alike.

    uses: how often it stood in a message that was sent. archived_at: nobody is offered it any more.
    """

    title = models.CharField(max_length=80)
    team = models.ForeignKey(
        "accounts.Team", null=True, blank=True, on_delete=models.CASCADE, related_name="saved_replies"
    )
    categories = models.JSONField(default=list, blank=True)
    author = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    uses = models.PositiveIntegerField(default=0)
    last_used_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["team", "title"],
                name="saved_reply_offered",
                condition=models.Q(archived_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return self.title


class SavedReplyText(models.Model):
    """Its words in one language for one manner; manner "": where none is written for the account's own."""

    reply = models.ForeignKey(SavedReply, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=8)
    manner = models.CharField(max_length=16, blank=True)
    text = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reply", "language", "manner"], name="saved_reply_text_once"),
            models.CheckConstraint(
                condition=models.Q(manner__in=["", "short", "conversational", "letter"]),
                name="saved_reply_text_manner_known",
            ),
            models.CheckConstraint(condition=~models.Q(text=""), name="saved_reply_text_written"),
        ]

    def __str__(self) -> str:
        return f"{self.language} {self.manner} of {self.reply_id}"
