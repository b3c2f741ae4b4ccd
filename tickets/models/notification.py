"""What colleagues are told: a row for each person and cause, and the mails that carry some of it out of the house.

Nothing here holds a word of a caller's, nor of anybody's: what is shown is worded from kind and ticket when it is read
(tickets/display/told.py), by what its reader may see then.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tickets.models.base import AtOnce, one_of


class ToldKind(models.TextChoices):
    P1 = "p1", _("a new ticket of the highest priority, in a team of mine")
    DANGER = "danger", _("danger words, in a team of mine")
    UNTAKEN = "untaken", _("nobody has taken one of these in time, where I lead")
    UNREACHED = "unreached", _("whoever was to be woken could not be reached, where I lead")
    GIVEN = "given", _("a ticket was given to me")
    SAID = "said", _("the caller has said more on a ticket of mine")
    AT_RISK = "at_risk", _("a date told on a ticket of mine is at risk")
    TASK = "task", _("something is asked of me")
    TRANSFERRED = "transferred", _("a ticket was transferred to a team of mine")


#: Of these whoever the team has named is woken: by mail, at once, at any hour, whatever they chose for themselves.
WAKING = (ToldKind.P1, ToldKind.DANGER, ToldKind.UNTAKEN, ToldKind.UNREACHED)
ON_PAGE = tuple(kind.value for kind in ToldKind)
IN_BROWSER = (*(kind.value for kind in WAKING), ToldKind.GIVEN.value, ToldKind.SAID.value)
IN_MAIL = tuple(kind.value for kind in ToldKind if kind != ToldKind.TRANSFERRED)
DIGEST_HOUR = 8


class Digest(models.TextChoices):
    NEVER = "never", _("no mail")
    DAILY = "daily", _("once a day")
    HOURLY = "hourly", _("every hour of the day")


class ToldWishes(models.Model):
    """What one person wants to be told, and how; no row: as above. Three lists of kinds: on the page (the bell), in the
    browser beside it, and in the mail that gathers what stands unread. digest_hour: of the daily one, in their zone."""

    user = models.OneToOneField("accounts.User", on_delete=models.CASCADE, related_name="told_wishes")
    page = ArrayField(models.CharField(max_length=16))
    browser = ArrayField(models.CharField(max_length=16))
    mail = ArrayField(models.CharField(max_length=16))
    digest = models.CharField(max_length=8, choices=Digest, default=Digest.DAILY)
    digest_hour = models.PositiveSmallIntegerField(default=DIGEST_HOUR)

    class Meta:
        constraints = [
            one_of("digest", Digest, table="told_wishes"),
            models.CheckConstraint(condition=Q(digest_hour__lte=23), name="told_wishes_hour_known"),
        ]

    def __str__(self) -> str:
        return f"wishes of {self.user_id}"


class MailState(models.TextChoices):
    QUEUED = "queued", "queued"
    SENDING = "sending", "sending"
    SENT = "sent", "sent"
    UNCLEAR = "unclear", "unclear"
    FAILED = "failed", "failed"
    DROPPED = "dropped", "dropped"


class StaffMail(AtOnce):
    """One mail to one colleague. cause: "now:<notification>" or "digest:<its hour>", once for a person.

    A worker leases it (lease_token, lease_until); `send_started_at` is committed before the first byte of the mail
    leaves. Where the lease ends after that, nobody can tell whether it went: *unclear*, and it never goes again.
    error: a code, or the number of the server's refusal; never its words.
    """

    user = models.ForeignKey(
        "accounts.User", on_delete=models.CASCADE, related_name="staff_mails", db_index=False
    )
    cause = models.CharField(max_length=60)
    at_once = models.BooleanField()
    state = models.CharField(max_length=8, choices=MailState, default=MailState.QUEUED)
    due_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    send_started_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "cause"], name="staff_mail_once"),
            one_of("state", MailState, table="staff_mail"),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="staff_mail_queued", condition=Q(state="queued")),
            models.Index(fields=["lease_until"], name="staff_mail_leased", condition=Q(state="sending")),
        ]

    def __str__(self) -> str:
        return f"{self.cause} to {self.user_id}"


class Notification(AtOnce):
    """That one colleague is told of one thing on one ticket. cause makes it once for them: "<kind>:<what>".

    wakes: a mail of it goes at once. mail: the one that carries it.
    """

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="told", db_index=False)
    kind = models.CharField(max_length=16, choices=ToldKind)
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="told")
    cause = models.CharField(max_length=140)
    wakes = models.BooleanField(default=False)
    mail = models.ForeignKey(
        StaffMail, null=True, blank=True, on_delete=models.SET_NULL, related_name="told", db_index=False
    )
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "cause"], name="notification_once"),
            one_of("kind", ToldKind, table="notification"),
        ]
        indexes = [
            models.Index(fields=["user", "created_at", "id"], name="notification_of_user"),
            models.Index(
                fields=["user", "created_at"],
                include=["ticket"],
                name="notification_unread",
                condition=Q(read_at__isnull=True),
            ),
            models.Index(
                fields=["created_at"],
                name="notification_wakes",
                condition=Q(wakes=True, mail__isnull=True, read_at__isnull=True),
            ),
            models.Index(
                fields=["kind", "created_at"],
                include=["ticket"],
                name="notification_waking",
                condition=Q(kind__in=["p1", "danger"]),
            ),
            models.Index(fields=["mail"], name="notification_mail", condition=Q(mail__isnull=False)),
            # To tidy by: rows lie in the order of this.
            BrinIndex(fields=["created_at"], name="notification_age", autosummarize=True),
        ]

    def __str__(self) -> str:
        return f"{self.cause} to {self.user_id}"
