"""Targets (ours, they may move) and promises (told to a caller, they do not)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tickets.models.base import AtOnce, one_of


class TargetKind(models.TextChoices):
    FIRST_RESPONSE = "first_response", _("first human response")
    NEXT_RESPONSE = "next_response", _("next response")
    START = "start", _("start")
    PROGRESS = "progress", _("progress update")
    RESOLUTION = "resolution", _("resolution")


class Target(AtOnce):
    """A computed internal deadline. met_at: when it was met. breached_at: the time it was due, once passed unmet.

    at_risk_at is the moment from which it counts as at risk. ended_at: it no longer applies (no reply needed,
    merged). cycle counts repeats of one kind (next responses).
    """

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="targets")
    kind = models.CharField(max_length=16, choices=TargetKind)
    cycle = models.PositiveSmallIntegerField(default=1)
    calendar = models.CharField(max_length=60)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    at_risk_at = models.DateTimeField()
    met_at = models.DateTimeField(null=True, blank=True)
    breached_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "kind", "cycle"], name="target_once"),
            one_of("kind", TargetKind, table="target"),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="target_due",
                condition=models.Q(met_at__isnull=True, breached_at__isnull=True, ended_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.ticket_id}"


class PromiseKind(models.TextChoices):
    ANSWERED = "answered", _("answered by")
    STARTED = "started", _("started by")
    SOLVED = "solved", _("solved by")


class PromiseEnd(models.TextChoices):
    KEPT = "kept", _("kept")
    RENEWED = "renewed", _("renewed")
    SUSPENDED = "suspended", _("suspended")
    MISSED = "missed", _("missed")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Promise(AtOnce):
    """A date and what for, that the caller was told, by which message and when. Never updated but for its end.

    calendar: the key of the calendar it runs on, where that is a team's own and not that of the ticket's durations; its
    renewals keep it. at_risk_at: when a person is warned. notice_at: when the overdue notice leaves, so that it is
    there by the date.
    A suspended one may still end withdrawn, when the caller never answers.
    """

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="promises")
    promised_for = models.DateTimeField()
    kind = models.CharField(max_length=12, choices=PromiseKind)
    calendar = models.CharField(max_length=60, blank=True, default="")
    reason = models.CharField(max_length=60)
    reason_args = models.JSONField(default=dict)
    reply = models.ForeignKey("tickets.OutboundReply", on_delete=models.PROTECT, related_name="promises")
    told_at = models.DateTimeField()
    at_risk_at = models.DateTimeField()
    notice_at = models.DateTimeField()
    end = models.CharField(max_length=12, choices=PromiseEnd, blank=True)
    end_reason = models.CharField(max_length=60, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket"], condition=models.Q(end=""), name="promise_one_open"),
            models.UniqueConstraint(fields=["reply"], name="promise_told_once"),
            one_of("kind", PromiseKind, table="promise"),
            one_of("end", PromiseEnd, table="promise", blank=True),
            models.CheckConstraint(
                condition=models.Q(end="", ended_at__isnull=True)
                | (~models.Q(end="") & models.Q(ended_at__isnull=False)),
                name="promise_end_whole",
            ),
        ]
        indexes = [
            models.Index(
                fields=["promised_for"],
                name="promise_open_due",
                condition=models.Q(end=""),
            ),
            # For what became of the dates of a period (reports).
            models.Index(fields=["promised_for", "id"], name="promise_by_date"),
        ]

    def __str__(self) -> str:
        return f"promise {self.pk}"


class PauseKind(models.TextChoices):
    WAITING = "waiting", _("waiting on caller")
    HOLD = "hold", _("on hold")


class Pause(models.Model):
    """A span in which our targets stood still. Targets are worked out anew from these; none is ever counted down."""

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="pauses")
    kind = models.CharField(max_length=8, choices=PauseKind)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by_message = models.ForeignKey(
        "tickets.Message", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"], condition=models.Q(ended_at__isnull=True), name="pause_one_open"
            ),
            one_of("kind", PauseKind, table="pause"),
        ]

    def __str__(self) -> str:
        return f"pause {self.pk}"
