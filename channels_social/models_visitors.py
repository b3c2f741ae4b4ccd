"""Whoever talks with us in a window of this desk's own, and what lies ready for them there."""

from __future__ import annotations

from django.db import models


class Visitor(models.Model):
    """One browser that talks with us through one account, from when it began until it ended.

    external_id: random; who it is for the desk, unless proven_id says who it is: the host site's own id of a person who
    is signed in there, proven by its signature. Neither is ever shown to another.
    token_hash: SHA-256 of what only its browser holds. origin: the site it began on, as a header holds it.
    address: a mail address that was left for when its browser is away, with consent: the words that were agreed to.
    last_number: of the last line of either side. Who writes one takes the next under a lock of this row, so that lines
    become visible in their order, and none is passed over by whoever asks for those after the last they have.
    acked_through: up to which number its browser has said that it holds ours.
    seen_at: when its browser was last here. blocked_at: since when nothing of it is taken.
    """

    account = models.ForeignKey("tickets.ChannelAccount", on_delete=models.PROTECT, related_name="visitors")
    external_id = models.CharField(max_length=64)
    token_hash = models.BinaryField(max_length=32, unique=True)
    origin = models.CharField(max_length=255, blank=True)
    language = models.CharField(max_length=8, blank=True)
    name = models.CharField(max_length=200, blank=True)
    proven_id = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=254, blank=True)
    address_given_at = models.DateTimeField(null=True, blank=True)
    consent = models.TextField(blank=True)
    last_number = models.BigIntegerField(default=0)
    acked_through = models.BigIntegerField(default=0)
    seen_at = models.DateTimeField()
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    blocked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "external_id"], name="visitor_once"),
            models.CheckConstraint(
                condition=models.Q(address="") | models.Q(address_given_at__isnull=False),
                name="visitor_address_is_given",
            ),
        ]
        indexes = [
            models.Index(
                fields=["account", "proven_id"],
                name="visitor_proven",
                condition=~models.Q(proven_id=""),
            ),
            # Not by `seen_at`, which is written every few seconds.
            models.Index(fields=["created_at"], name="visitor_silent", condition=models.Q(last_number=0)),
        ]

    def __str__(self) -> str:
        return f"visitor {self.pk}"


class VisitorLine(models.Model):
    """One part of one message of ours, as it lies ready for a visitor's browser.

    number: its place among the lines of both sides (`Visitor.last_number`). reply_key: the idempotency key of the part,
    so that it lies there once. files: [{"id", "name", "type", "size"}] of the desk's own files.
    acked_at: when the visitor's browser said that it holds it.
    withdrawn_at: since when it goes another way instead, by mail; mailed_at: when it went there. In between it is not
    shown; from then on it is, as what was said, and nothing hangs on who reads it here.
    """

    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, related_name="lines")
    number = models.BigIntegerField()
    reply_key = models.CharField(max_length=160, unique=True)
    text = models.TextField()
    name = models.CharField(max_length=200, blank=True)
    automatic = models.BooleanField(default=False)
    files = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField()
    acked_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["visitor", "number"], name="visitor_line_once"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="visitor_line_from_1"),
            models.CheckConstraint(
                condition=models.Q(mailed_at__isnull=True) | models.Q(withdrawn_at__isnull=False),
                name="visitor_line_mailed_is_withdrawn",
            ),
        ]
        indexes = [
            models.Index(
                fields=["visitor", "number"],
                name="visitor_line_unread",
                condition=models.Q(acked_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"line {self.number} of visitor {self.visitor_id}"
