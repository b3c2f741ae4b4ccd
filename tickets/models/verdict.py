"""Why no reply is needed: the list that an agent chooses from in triage, and that managers edit."""

from __future__ import annotations

from django.db import models

#: `Ticket.triage_reason` of what was watched and waits for triage again: the time has come that was set for it.
LOOK_AGAIN = "look_again"


class NoReplyReason(models.Model):
    """One reason. Tickets and history keep its `key`, which is never used again for another meaning: a reason that is
    offered no more stays here, not active. names: language → words that follow "no reply needed, because"."""

    key = models.SlugField(max_length=40, unique=True)
    names = models.JSONField(default=dict)
    position = models.PositiveSmallIntegerField()
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.key
