"""That two tickets are about one thing, of one person: which went into which, by whom, and how to take it back."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tickets.models.base import one_of


class JoinWhy(models.TextChoices):
    """Why it is this one of the two that goes on."""

    EARLIEST = "earliest_date", _("the earlier of the dates that the caller was told is on it")
    ONLY = "only_date", _("the only date that stands is on it")
    TOLD = "told", _("its caller was told a date")
    ANSWERED = "to_answer", _("it is to be answered")
    ACKNOWLEDGED = "on_its_way", _("its acknowledgement is on its way")
    OLDER = "older", _("it is the older one")


class TicketJoin(models.Model):
    """`joined` was closed, and what was said on it goes on in `into`, until an agent undoes it.

    contact: whose `merged_into` this set, where the two had different callers; it is cleared with the undoing.
    consent_message: the caller's message that says that both are theirs; null: the agent answers for it.
    before: ids and codes of what was changed, to put it back (tickets/services/joining_undo.py).
    """

    into = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="joins")
    joined = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="joined_as")
    why = models.CharField(max_length=16, choices=JoinWhy)
    by = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField()
    contact = models.ForeignKey(
        "tickets.Contact", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    consent_message = models.ForeignKey(
        "tickets.Message", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    before = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["joined"], condition=models.Q(undone_at__isnull=True), name="ticket_join_one_open"
            ),
            models.CheckConstraint(condition=~models.Q(into=models.F("joined")), name="ticket_join_of_two"),
            one_of("why", JoinWhy, table="ticket_join"),
        ]

    def __str__(self) -> str:
        return f"join {self.pk}"
