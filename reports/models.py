"""What a draft of the policy would do, as it was worked out: one row a run."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from accounts.enums import one_of


class PreviewState(models.TextChoices):
    ASKED = "asked", "asked"
    WORKING = "working", "working"
    DONE = "done", "done"
    REPLACED = "replaced", "replaced"


class PolicyPreview(models.Model):
    """A draft over all open tickets, and those that came in within the last 30 days.

    document, sha256: of the draft as it was then; base: the revision in force then. now: the time that it is worked out
    for, from its first ticket to its last. looked of total: how far it has come, up to the ticket `cursor`. tally: the
    sums up to there (reports/tally.py), so that one that was killed goes on where it was. lease_*: who works at it.
    """

    document = models.JSONField()
    sha256 = models.CharField(max_length=64)
    base = models.ForeignKey("priority.PolicyRevision", on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    now = models.DateTimeField()
    state = models.CharField(max_length=12, choices=PreviewState, default=PreviewState.ASKED)
    total = models.PositiveIntegerField(default=0)
    looked = models.PositiveIntegerField(default=0)
    cursor = models.BigIntegerField(default=0)
    tally = models.JSONField(default=dict)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [one_of("state", PreviewState, table="preview")]
        indexes = [
            models.Index(
                fields=["id"],
                name="preview_under_way",
                condition=models.Q(state__in=["asked", "working"]),
            ),
        ]

    def __str__(self) -> str:
        return f"preview {self.pk}"
