"""People outside, and what each network knows them by."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower

from tickets.models.base import AtOnce, one_of


class LanguageSource(models.TextChoices):
    GUESSED = "guessed"
    SAID = "said"
    SET = "set"


class Contact(AtOnce):
    """A person outside. Joined with another only by an agent or the caller's stored consent (`merged_into`)."""

    name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=8, blank=True)
    language_source = models.CharField(max_length=8, choices=LanguageSource, blank=True)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged"
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [one_of("language_source", LanguageSource, table="contact", blank=True)]

    def __str__(self) -> str:
        return f"contact {self.pk}"


class Identity(AtOnce):
    """What a network knows a contact by. `scope` is what the id is unique within; the handle is a label.

    claims: the identity that it says it is and has not proven (`contract.claim_of`); '' where it says none, or once
    that identity has spoken for itself. dead_at, dead_code: since when nothing reaches it, and the network's code.
    """

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="identities")
    kind = models.CharField(max_length=32)
    scope = models.CharField(max_length=120, blank=True)
    external_id = models.CharField(max_length=255)
    handle = models.CharField(max_length=200, blank=True)
    name = models.CharField(max_length=200, blank=True)
    is_automated = models.BooleanField(default=False)
    claims = models.CharField(max_length=420, blank=True, db_default="")
    dead_at = models.DateTimeField(null=True, blank=True)
    dead_code = models.CharField(max_length=40, blank=True, db_default="")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "scope", "external_id"], name="identity_once")]
        # Who may be the same person is looked for by both, whatever their capitals (selectors_join).
        indexes = [
            models.Index(Lower("handle"), name="identity_handle_alike"),
            models.Index(Lower("name"), name="identity_name_alike"),
            models.Index(fields=["claims"], name="identity_claims", condition=~models.Q(claims="")),
        ]

    def __str__(self) -> str:
        return f"identity {self.pk}"


class OptOut(models.Model):
    """This identity wants no automatic messages from this account. It holds until `ended_at`: the person took it
    back in words, or an agent recorded that they did. how, ended_how: "said" or "recorded"."""

    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="opt_outs")
    account = models.ForeignKey("tickets.ChannelAccount", on_delete=models.CASCADE, related_name="opt_outs")
    how = models.CharField(max_length=8)
    recorded_by = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_how = models.CharField(max_length=8, blank=True)
    ended_by = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["identity", "account"],
                condition=models.Q(ended_at__isnull=True),
                name="opt_out_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(how__in=["said", "recorded"]), name="opt_out_how_known"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_how__in=["", "said", "recorded"]), name="opt_out_ended_how_known"
            ),
        ]

    def __str__(self) -> str:
        return f"opt-out {self.pk}"
