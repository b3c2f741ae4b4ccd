"""A revision of the policy on its way over the tickets that were open when it was published."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from tickets.models.base import one_of


class RolloutEnd(models.TextChoices):
    DONE = "done", "done"
    SUPERSEDED = "superseded", "superseded"


class PolicyRollout(models.Model):
    """One revision that was published for the open tickets, too.

    cursor: the ticket up to which this round has come. A round that changed nothing, and left nothing for later, begun
    after everybody had the new revision (`seen_at`), is the last one. left: how many of this round have to be looked at
    again. next_at: not before then, so that callers' notices go at a pace.
    counts: {"followed", "priority", "date_told", "date_held": tickets since it began; "held": {rule: tickets}}.
    stays: {why: tickets of this round that keep the revision they have}.
    """

    revision = models.OneToOneField("priority.PolicyRevision", on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    next_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)
    round = models.PositiveIntegerField(default=1)
    cursor = models.BigIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    stays = models.JSONField(default=dict)
    done_at = models.DateTimeField(null=True, blank=True)
    ended = models.CharField(max_length=12, choices=RolloutEnd, blank=True)

    class Meta:
        constraints = [
            one_of("ended", RolloutEnd, table="rollout", blank=True),
            models.CheckConstraint(
                condition=models.Q(ended="", done_at__isnull=True)
                | (~models.Q(ended="") & models.Q(done_at__isnull=False)),
                name="rollout_end_whole",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"], name="rollout_under_way", condition=models.Q(done_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"rollout of {self.revision_id}"
