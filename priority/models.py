"""The policy's revisions. A row is never changed and never deleted; a trigger of the database sees to it."""

from __future__ import annotations

from django.conf import settings
from django.db import models


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
