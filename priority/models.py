"""The policy's revisions, and the one draft of the next.

A revision is never changed and never deleted; a trigger of the database sees to it.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models

from accounts.enums import one_of


class PolicyRevision(models.Model):
    """One published policy.

    number: 1, 2, 3 …, as people call it. document: the policy as JSON (`priority.policy.parse` reads it).
    sha256: of its canonical text. author: null where the desk itself made it. The revision with the highest
    number is in force for new tickets; tickets keep the one they were made under.
    """

    number = models.PositiveIntegerField(unique=True)
    document = models.JSONField()
    sha256 = models.CharField(max_length=64)
    # PROTECT: setting it to null would change the row.
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="policy_revisions",
    )
    reason = models.CharField(max_length=400)
    published_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.CheckConstraint(condition=models.Q(number__gte=1), name="policyrevision_number_from_1"),
            models.CheckConstraint(
                condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$"), name="policyrevision_sha256_is_hex"
            ),
        ]

    def __str__(self) -> str:
        return f"policy revision {self.number}"


class PolicyDraft(models.Model):
    """The next revision while it is written: one per desk, or none.

    document: JSON that may be no policy yet; its faults are told on the pages. base: the revision it was begun from.
    origin: what it began as, e.g. {"kind": "restored", "number": 3} (priority.services_draft.ORIGINS). version: counts
    up over all drafts of the desk, so that a page of a draft that was thrown away never fits the next one.
    """

    #: Always true, and unique: there is no second draft.
    only = models.BooleanField(default=True, unique=True, editable=False)
    document = models.JSONField()
    base = models.ForeignKey(PolicyRevision, on_delete=models.PROTECT, related_name="+")
    origin = models.JSONField(default=dict)
    version = models.PositiveIntegerField()
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    edited_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(only=True), name="policydraft_only_one"),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="policydraft_version_from_1"),
        ]

    def __str__(self) -> str:
        return f"draft of the policy, version {self.version}"


class DraftStep(models.TextChoices):
    OPENED = "opened"
    CHANGED = "changed"
    REPLACED = "replaced"
    DISCARDED = "discarded"
    PUBLISHED = "published"


class PolicyDraftEvent(models.Model):
    """The audit of drafts: a line for each save, in order of `version`. words: what its page called the change."""

    version = models.PositiveIntegerField(unique=True)
    kind = models.CharField(max_length=12, choices=DraftStep)
    words = models.CharField(max_length=200, blank=True)
    revision = models.ForeignKey(
        PolicyRevision, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    actor_kind = models.CharField(max_length=8)
    actor_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    actor_text = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            one_of("kind", DraftStep, table="policydraftevent"),
            models.CheckConstraint(
                condition=models.Q(actor_kind__in=["user", "caller", "system"]),
                name="policydraftevent_actor_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.version}"
