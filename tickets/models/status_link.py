"""The caller's own link to the page that says where it stands."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tickets.models.base import one_of
from tickets.tokens import token


class LinkWay(models.TextChoices):
    """How it was given. SCREEN: shown at once to whoever had just written there; MESSAGE: in a message of ours."""

    MESSAGE = "message", _("in a message of ours")
    SCREEN = "screen", _("on the page where they wrote")


class StatusLink(models.Model):
    """One link, to one conversation of one ticket. Neither it nor anything that proves to be it is stored: the link is
    made anew from `nonce` and the desk's secret for every text that carries it, and found by `token_hash`, its SHA-256
    (tickets/services/status_links.py, docs/adr/0014).

    in_private: it was given where nobody else reads; only then its page shows what was said in private.
    replaced_at: since when another one is given out, because this one cannot be made any more; it still leads there.
    It ends by itself, some days after its ticket has (settings.STATUS_LINK_DAYS): worked out, so that a ticket that is
    opened again has it back.
    """

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="status_links")
    conversation = models.ForeignKey("tickets.Conversation", on_delete=models.PROTECT, related_name="+")
    way = models.CharField(max_length=8, choices=LinkWay)
    in_private = models.BooleanField()
    nonce = models.BinaryField(max_length=16)
    token_hash = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [
            one_of("way", LinkWay, table="status_link"),
            models.UniqueConstraint(
                fields=["conversation", "ticket", "way"],
                condition=models.Q(revoked_at__isnull=True, replaced_at__isnull=True),
                name="status_link_one_given",
            ),
        ]

    def __str__(self) -> str:
        return f"link {self.pk}"

    @property
    def token(self) -> str:
        """Names the row in addresses of the desk; it is no part of the link."""
        return token("statuslink", self.pk)
