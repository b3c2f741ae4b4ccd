"""People outside, and what each network knows them by."""

from __future__ import annotations

from django.db import models

from tickets.models.base import one_of


class LanguageSource(models.TextChoices):
    GUESSED = "guessed"
    SAID = "said"
    SET = "set"


class Contact(models.Model):
    """A person outside. Joined with another only by an agent or the caller's stored consent (`merged_into`)."""

    name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=8, blank=True)
    language_source = models.CharField(max_length=8, choices=LanguageSource, blank=True)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged"
    )
    opted_out_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [one_of("language_source", LanguageSource, table="contact", blank=True)]

    def __str__(self) -> str:
        return f"contact {self.pk}"


class Identity(models.Model):
    """What a network knows a contact by. `scope` is what the id is unique within; the handle is a label."""

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="identities")
    kind = models.CharField(max_length=32)
    scope = models.CharField(max_length=120, blank=True)
    external_id = models.CharField(max_length=255)
    handle = models.CharField(max_length=200, blank=True)
    name = models.CharField(max_length=200, blank=True)
    is_automated = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "scope", "external_id"], name="identity_once")]

    def __str__(self) -> str:
        return f"identity {self.pk}"
