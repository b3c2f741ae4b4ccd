"""What was done to several tickets with one press, so that it can be taken back."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tickets.models.base import one_of


class BulkWhat(models.TextChoices):
    ASSIGN = "assign", _("assign")
    TRANSFER = "transfer", _("transfer")
    PROPERTIES = "properties", _("category, impact and urgency")
    NO_REPLY = "no_reply", _("no reply needed")


class BulkAction(models.Model):
    """One press. `args`: what was chosen, keys and ids. `before`: by ticket id {"old": fields as they were, "new": as
    they were set, "version": the ticket's after it, "targets": ids of those that ended by it}; codes, keys and ids,
    never a caller's words."""

    token = models.CharField(max_length=40, unique=True)
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    what = models.CharField(max_length=12, choices=BulkWhat)
    args = models.JSONField(default=dict)
    before = models.JSONField(default=dict)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [one_of("what", BulkWhat, table="bulk")]

    def __str__(self) -> str:
        return f"{self.what} {self.pk}"
