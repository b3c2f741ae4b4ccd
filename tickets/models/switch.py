"""What is switched for the whole desk at once."""

from __future__ import annotations

from django.db import models


class DeskSwitch(models.Model):
    """One row at most, made when it is first wanted; without it nothing is switched.

    stopped_at: since when no automatic message leaves from any account; stopped_by and stopped_why: who stopped them,
    and what they want everybody to read about it. All empty while messages go.
    """

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    stopped_at = models.DateTimeField(null=True, blank=True)
    stopped_by = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    stopped_why = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="desk_switch_once")]

    def __str__(self) -> str:
        return "switches of the desk"
