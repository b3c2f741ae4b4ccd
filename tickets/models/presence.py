"""Who of us is at the desk right now, and how they want live conversations to come to them."""

from __future__ import annotations

from django.db import models

CAPACITY = 3
CAPACITY_MOST = 20


class StaffPresence(models.Model):
    """One row per person, made when they are first seen or first choose; without it: never seen, and as the defaults
    have it.

    seen_at: when an open page of theirs last said that it is there. available: whether live conversations may count on
    them. capacity: how many at once they are offered; they may take more. sound: whether a page of theirs is heard when
    a new one comes. No column but the key is indexed: `seen_at` is written every few seconds.
    """

    user = models.OneToOneField("accounts.User", on_delete=models.CASCADE, related_name="presence")
    seen_at = models.DateTimeField(null=True, blank=True)
    available = models.BooleanField(default=True, db_default=True)
    capacity = models.PositiveSmallIntegerField(default=CAPACITY, db_default=CAPACITY)
    sound = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(capacity__gte=1, capacity__lte=CAPACITY_MOST),
                name="staff_presence_capacity_bounded",
            )
        ]

    def __str__(self) -> str:
        return f"presence of {self.user_id}"
