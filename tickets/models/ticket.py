"""The ticket: from a caller's first word to close. It keeps keys, ranks and a revision, never a link to an
editable row of the policy."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Least
from django.utils.translation import gettext_lazy as _

from tickets.models.base import AtOnce, one_of
from tickets.reference import as_shown


class Status(models.TextChoices):
    NEW = "new", _("new")
    OPEN = "open", _("open")
    WAITING = "waiting_on_caller", _("waiting on caller")
    ON_HOLD = "on_hold", _("on hold")
    RESOLVED = "resolved", _("resolved")
    CLOSED = "closed", _("closed")


class Triage(models.TextChoices):
    PENDING = "pending", _("to triage")
    RESPOND = "respond", _("respond")
    WATCH = "watch", _("watch")
    NO_REPLY = "no_reply_needed", _("no reply needed")


class CallType(models.TextChoices):
    QUESTION = "question", _("question")
    COMPLAINT = "complaint", _("complaint")
    FAULT = "fault_report", _("fault report")
    REQUEST = "request", _("request")
    PRAISE = "praise", _("praise")


class HoldKind(models.TextChoices):
    SUPPLIER = "supplier", _("supplier")
    PLANNED = "planned_work", _("planned work")
    DECISION = "decision", _("decision")


OPEN_STATUSES = (Status.NEW, Status.OPEN, Status.WAITING, Status.ON_HOLD)


class Ticket(AtOnce):
    """One report or question of one caller.

    reference: 7 random Crockford base32 characters and a check character, made before the insert.
    subject: derived from no caller text at rest; pages show the first message's words instead.
    triage_by: "rule" or "person". triage_decided_at: when a person last decided; what was said before it no longer
    decides, also after later words have brought the ticket back to the rule. triage_due_at: while it waits for triage
    until when, or, watched, when to look again. triage_reason: why no reply is needed, or why it waits again.
    tags_by: "rule", or "person" once somebody has set them: then the rule leaves them alone.
    reasons: stored `Reason`s of the decision in force (code and arguments, no caller text).
    proposal: a later decision that waits for an agent (a date was told already), same shape, or null.
    clock_started_at: when the first message that asks for something was sent.
    promised_for / promise_kind: copy of the open promise, for the queue; promises are the truth.
    queue_at: what the queue is ordered by: told date, else resolution target, else the triage clock.
    at_risk_at, due_at: from the told date where one was told, else from the resolution target; null while its clock
    stands still. next_at: the next moment at which the clock has something to do here (tickets/moments.py); null: none.
    waiting_since: when the message that asks the caller something went out. calls: how often the caller has called
    about it, in conversations of their own. resolved_how: a code ("answer", "notice", "without_a_word:<reason>",
    "caller", "joined").
    came_over: transferred to its team, and nobody has had it since.
    version: +1 in each transaction that changes what a page shows. clock_from, clock_to: between these versions nothing
    but the desk's clock changed anything, and neither status nor told date (`clock_passed`).
    """

    reference = models.CharField(max_length=8, unique=True)
    account = models.ForeignKey("tickets.ChannelAccount", on_delete=models.PROTECT, related_name="tickets")
    caller = models.ForeignKey("tickets.Contact", on_delete=models.PROTECT, related_name="tickets")
    team = models.ForeignKey("accounts.Team", on_delete=models.PROTECT, related_name="tickets")
    owner = models.ForeignKey(
        "accounts.User",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="owned_tickets",
    )
    parent = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="followed_by",
    )

    status = models.CharField(max_length=20, choices=Status, default=Status.NEW)
    hold_kind = models.CharField(max_length=16, choices=HoldKind, blank=True)
    hold_for = models.CharField(max_length=120, blank=True)
    hold_since = models.DateTimeField(null=True, blank=True)
    hold_ask_again_at = models.DateTimeField(null=True, blank=True)

    triage = models.CharField(max_length=16, choices=Triage, default=Triage.PENDING)
    triage_by = models.CharField(max_length=8, default="rule")
    triage_decided_at = models.DateTimeField(null=True, blank=True)
    triage_reason = models.CharField(max_length=40, blank=True)
    triage_due_at = models.DateTimeField(null=True, blank=True)

    call_type = models.CharField(max_length=16, choices=CallType, blank=True)
    category = models.CharField(max_length=60, blank=True)
    impact = models.CharField(max_length=40, blank=True)
    urgency = models.CharField(max_length=40, blank=True)
    priority = models.CharField(max_length=40, blank=True)
    priority_rank = models.PositiveSmallIntegerField(default=99)
    is_danger = models.BooleanField(default=False)
    date_means = models.CharField(max_length=12, blank=True)
    reasons = models.JSONField(default=list)
    proposal = models.JSONField(null=True, blank=True)
    policy_revision = models.ForeignKey("priority.PolicyRevision", on_delete=models.PROTECT, related_name="+")

    language = models.CharField(max_length=8, blank=True)
    language_source = models.CharField(max_length=8, blank=True)
    place = models.CharField(max_length=200, blank=True)
    tags = models.JSONField(default=list)
    tags_by = models.CharField(max_length=8, default="rule")
    custom = models.JSONField(default=dict)

    clock_started_at = models.DateTimeField(null=True, blank=True)
    first_response_at = models.DateTimeField(null=True, blank=True)
    promised_for = models.DateTimeField(null=True, blank=True)
    promise_kind = models.CharField(max_length=12, blank=True)
    queue_at = models.DateTimeField()
    at_risk_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)
    waiting_since = models.DateTimeField(null=True, blank=True)
    calls = models.PositiveSmallIntegerField(default=1)
    resolved_how = models.CharField(max_length=40, blank=True)
    last_inbound_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    came_over = models.BooleanField(default=False, db_default=False)
    version = models.PositiveIntegerField(default=1)
    clock_from = models.PositiveIntegerField(default=0, db_default=0)
    clock_to = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            one_of("status", Status, table="ticket"),
            one_of("triage", Triage, table="ticket"),
            one_of("call_type", CallType, table="ticket", blank=True),
            one_of("hold_kind", HoldKind, table="ticket", blank=True),
            models.CheckConstraint(
                condition=models.Q(triage_by__in=["rule", "person"]),
                name="ticket_triage_by_known",
            ),
            models.CheckConstraint(
                condition=models.Q(tags_by__in=["rule", "person"]), name="ticket_tags_by_known"
            ),
            models.CheckConstraint(
                condition=models.Q(promised_for__isnull=True, promise_kind="")
                | models.Q(
                    promised_for__isnull=False,
                    promise_kind__in=["answered", "started", "solved"],
                ),
                name="ticket_promise_copy_whole",
            ),
        ]
        indexes = [
            models.Index(
                fields=["queue_at", "id"],
                name="ticket_open_queue",
                condition=models.Q(status__in=[s.value for s in OPEN_STATUSES]),
            ),
            models.Index(
                fields=["team", "queue_at", "id"],
                # What the rail counts of a team is all in it. These columns are in other indexes already, so that to
                # write them costs a version of the row in every index as it did.
                include=["owner", "triage"],
                name="ticket_open_of_team",
                condition=models.Q(status__in=[s.value for s in OPEN_STATUSES]),
            ),
            models.Index(
                fields=["team", "queue_at", "id"],
                include=["triage"],
                name="ticket_waiting_team",
                condition=models.Q(status__in=[Status.WAITING.value, Status.ON_HOLD.value]),
            ),
            models.Index(
                fields=["owner", "queue_at", "id"],
                include=["team", "triage"],
                name="ticket_open_of_owner",
                condition=models.Q(status__in=[s.value for s in OPEN_STATUSES], owner__isnull=False),
            ),
            models.Index(
                fields=["next_at", "id"], name="ticket_next", condition=models.Q(next_at__isnull=False)
            ),
            models.Index(  # selectors.presses
                "team",
                Least("at_risk_at", "due_at"),
                name="ticket_presses",
                condition=models.Q(status__in=[s.value for s in OPEN_STATUSES]),
            ),
            models.Index(
                fields=["team", "due_at"],
                name="ticket_due",
                condition=models.Q(status__in=[s.value for s in OPEN_STATUSES], due_at__isnull=False),
            ),
            models.Index(  # live_now.live_now: who has said something lately, of all that is open
                fields=["last_inbound_at"],
                name="ticket_spoke_lately",
                condition=models.Q(status__in=[s.value for s in (Status.NEW, Status.OPEN, Status.WAITING)]),
            ),
            # For how many came in lately; rows lie in the order of this, so a few pages hold all of it.
            BrinIndex(fields=["created_at"], name="ticket_created", pages_per_range=32, autosummarize=True),
            models.Index(
                fields=["triage_due_at"],
                name="ticket_triage_due",
                condition=models.Q(triage="pending", status__in=[s.value for s in OPEN_STATUSES]),
            ),
            models.Index(
                fields=["team", "triage_due_at"],
                include=["is_danger", "id"],
                name="ticket_pending_team",
                condition=models.Q(triage="pending", status__in=[s.value for s in OPEN_STATUSES]),
            ),
            models.Index(
                fields=["triage_due_at"],
                name="ticket_look_again",
                condition=models.Q(triage="watch", status__in=[s.value for s in OPEN_STATUSES]),
            ),
        ]

    def __str__(self) -> str:
        return self.shown_reference

    @property
    def shown_reference(self) -> str:
        """K7QM-4T2X, as people read it."""
        return as_shown(self.reference)

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_STATUSES

    def clock_passed(self) -> None:
        """One version up, by the clock alone; unsaved."""
        if self.clock_to != self.version:
            self.clock_from = self.version
        self.version += 1
        self.clock_to = self.version

    def is_as_of(self, version: int) -> bool:
        """Whether a page of this version still shows what people, the caller and the networks have made of it."""
        return version == self.version or (
            self.clock_to == self.version and self.clock_from <= version < self.version
        )
