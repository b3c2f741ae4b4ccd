"""What somebody is writing on a ticket and has not sent: kept here, so that no closed window loses it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tickets.models.base import one_of


class DraftKind(models.TextChoices):
    ANSWER = "answer", _("answer")
    NOTE = "note", _("note")


class Draft(models.Model):
    """One per (user, ticket, kind). Only its author ever sees it.

    purpose: what an answer is for, as the composer names it ("" answer, "asks", "resolves").
    client_key: of the form it was written in, so that words which were sent already are not kept as a draft again.
    """

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="drafts")
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="drafts")
    kind = models.CharField(max_length=8, choices=DraftKind)
    text = models.TextField()
    purpose = models.CharField(max_length=12, blank=True)
    conversation = models.ForeignKey(
        "tickets.Conversation", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    client_key = models.CharField(max_length=100, blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "ticket", "kind"], name="draft_once"),
            one_of("kind", DraftKind, table="draft"),
            models.CheckConstraint(
                condition=models.Q(purpose__in=["", "asks", "resolves"]), name="draft_purpose_known"
            ),
        ]

    def __str__(self) -> str:
        return f"draft {self.pk}"
