"""What asks a person for one thing."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tickets.models.base import AtOnce, one_of


class TaskKind(models.TextChoices):
    DANGER = "danger", _("danger: look at it now")
    RELEASE = "release", _("a held message waits for you")
    NOT_CERTAIN = "not_certain", _("not certain whether it was sent")
    REFUSED = "refused", _("the network refused a message")
    NOT_TOLD = "not_told", _("the caller was not told a date")
    NOT_THERE = "not_there", _("the caller has not come back for a message")
    UNSENT = "unsent", _("a message of yours fell away before it went")
    TRIAGE_LATE = "triage_late", _("has waited too long in triage")
    ACCOUNT = "account", _("an account needs you")
    UNREAD = "unread", _("could not be read")
    PROPOSAL = "proposal", _("new words may change it")
    NOTICE = "notice", _("the caller has to hear from you before the date")
    REASON = "reason", _("say why it takes longer")
    PROGRESS = "progress", _("an update for the caller is due")
    ASK_AGAIN = "ask_again", _("ask again how it stands")
    REMIND = "remind", _("remind the caller")
    CALENDAR = "calendar", _("the policy’s calendar ends too soon")
    ESCALATED = "escalated", _("an agent asks the lead")
    TRANSFERS = "transfers", _("has been transferred often")
    SOMEBODY_ELSE = "somebody_else", _("somebody else in the thread wrote")


class AgentTask(AtOnce):
    """One thing asked of an agent, a team or its lead. `cause` makes it once: "<kind>:<row>".

    lead_at: when it becomes the lead's, if it is still untouched.
    """

    kind = models.CharField(max_length=16, choices=TaskKind)
    reason = models.CharField(max_length=60)
    args = models.JSONField(default=dict)
    cause = models.CharField(max_length=120, unique=True)
    ticket = models.ForeignKey(
        "tickets.Ticket",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="tasks",
    )
    account = models.ForeignKey(
        "tickets.ChannelAccount",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="tasks",
    )
    team = models.ForeignKey("accounts.Team", on_delete=models.PROTECT, related_name="tasks")
    user = models.ForeignKey(
        "accounts.User",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="tasks",
    )
    for_lead = models.BooleanField(default=False)
    due_at = models.DateTimeField()
    lead_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        "accounts.User",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    done_how = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [one_of("kind", TaskKind, table="task")]
        indexes = [
            models.Index(
                fields=["team", "due_at"],
                name="task_open",
                condition=models.Q(done_at__isnull=True),
            ),
            models.Index(
                fields=["lead_at"],
                name="task_for_lead",
                condition=models.Q(done_at__isnull=True, for_lead=False, lead_at__isnull=False),
            ),
            models.Index(
                fields=["kind", "ticket"],
                name="task_open_kind",
                condition=models.Q(done_at__isnull=True, ticket__isnull=False),
            ),
            models.Index(
                fields=["user", "due_at"],
                name="task_open_user",
                condition=models.Q(done_at__isnull=True, user__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
