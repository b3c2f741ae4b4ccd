"""The audit: what happened to a ticket, by whom, why. Codes and ids, never a caller's words."""

from __future__ import annotations

from django.db import models

from tickets.models.base import AtOnce


class CurrentXid(models.Func):
    template = "(pg_current_xact_id()::text::bigint)"
    output_field = models.BigIntegerField()
    arity = 0


class TicketEvent(AtOnce):
    """One line of history. `kind` is a code ("opened", "triaged"), `args` what it needs to be put in words."""

    ticket = models.ForeignKey(
        "tickets.Ticket",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="events",
    )
    account = models.ForeignKey(
        "tickets.ChannelAccount",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    kind = models.CharField(max_length=40)
    actor_kind = models.CharField(max_length=8)
    actor_user = models.ForeignKey(
        "accounts.User",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    actor_text = models.CharField(max_length=60, blank=True)
    args = models.JSONField(default=dict)
    at = models.DateTimeField()
    xid = models.BigIntegerField(db_default=CurrentXid())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(actor_kind__in=["user", "caller", "system"]),
                name="event_actor_kind_known",
            )
        ]
        indexes = [models.Index(fields=["ticket", "at", "id"], name="event_on_ticket")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
