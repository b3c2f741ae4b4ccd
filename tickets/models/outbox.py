"""What we say, before, while and after it goes: the outbox.

States: queued (to be sent, when `next_try_at` has come) → sending (leased) → sent; or waiting (it may have gone:
looked for at `find_after`), handed (it lies ready for whoever it is for, who has not got it yet: nobody is told
anything, and nothing waits for it), held (a rule keeps it back, named in `held_reason`), superseded (no longer true or
wanted), failed (the network refused for good), unknown (not certain whether it was sent).
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tickets.models.base import AtOnce, one_of


class ReplyKind(models.TextChoices):
    ACKNOWLEDGEMENT = "acknowledgement", _("acknowledgement")
    ANSWER = "answer", _("answer")
    DELAY = "delay_notice", _("delay notice")
    OVERDUE = "overdue_notice", _("overdue notice")
    DATE_CHANGED = "date_changed_notice", _("date-changed notice")
    RESOLUTION = "resolution_notice", _("resolution notice")
    REMINDER = "reminder", _("reminder")
    CLOSING = "closing_word", _("closing word")
    TRANSFER = "transfer_notice", _("word of a transfer")
    LINK = "link_letter", _("link to the caller’s page")


class ReplyEffect(models.TextChoices):
    """What follows for the ticket once it is sent."""

    ASKS = "asks", _("asks the caller something: the date waits")
    RESOLVES = "resolves", _("says that it is done")
    CLOSES = "closes", _("says that we close it")


class ReplyState(models.TextChoices):
    QUEUED = "queued", _("to be sent")
    SENDING = "sending", _("being sent")
    WAITING = "waiting", _("being looked for")
    HANDED = "handed", _("waits for the caller’s browser")
    SENT = "sent", _("sent")
    HELD = "held", _("held")
    FAILED = "failed", _("refused by the network")
    UNKNOWN = "unknown", _("not certain whether it was sent")
    SUPERSEDED = "superseded", _("no longer needed")


UNSETTLED = (ReplyState.QUEUED, ReplyState.SENDING, ReplyState.WAITING)
#: It may reach the caller yet, or have reached them.
ON_ITS_WAY = (*UNSETTLED, ReplyState.HANDED, ReplyState.UNKNOWN)


class OutboundReply(AtOnce):
    """One message of ours to one caller.

    dedupe_key: UNIQUE, named by its cause ("ack:<ticket id>", "answer:<client key>").
    Automatic rows keep what they mean (kind, args, template revision, language); `text` is rendered at the claim
    and stored before the send. Rows of a person keep the person's words in `text` from the start.
    tells_for / tells_kind / tells_reason: the date this message tells; a Promise is made when it is sent.
    promise: which told date this notice is about. args of a notice: {"reason": code, "reason_args": {…}, "proof": {…}}.
    effect: what follows for the ticket once it is sent.
    precedence: smaller goes first (a person's answers 0, automatic ones 10 + priority rank).
    lease_token, lease_until: who may settle it. send_started_at: committed before the first byte leaves.
    handed_at: since when it lies ready, of a row that did. handed_until: until when it is waited for without doing
    anything; null once that was done.
    undo_until: until then its author may take it back; while it is set, nobody may claim the row, and nothing has given
    way to it (services/undo.py).
    """

    account = models.ForeignKey("tickets.ChannelAccount", on_delete=models.PROTECT, related_name="replies")
    conversation = models.ForeignKey("tickets.Conversation", on_delete=models.PROTECT, related_name="replies")
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="replies")
    dedupe_key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=24, choices=ReplyKind)
    is_automatic = models.BooleanField()
    effect = models.CharField(max_length=12, choices=ReplyEffect, blank=True)
    promise = models.ForeignKey(
        "tickets.Promise", null=True, blank=True, on_delete=models.PROTECT, related_name="notices"
    )
    author = models.ForeignKey(
        "accounts.User",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    on_behalf_of = models.ForeignKey(
        "accounts.User",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    args = models.JSONField(default=dict)
    language = models.CharField(max_length=8, blank=True)
    template_revision = models.ForeignKey(
        "tickets.TextRevision",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    text = models.TextField(blank=True)
    rendered_at = models.DateTimeField(null=True, blank=True)
    in_reply_to = models.CharField(max_length=255, blank=True)
    tells_for = models.DateTimeField(null=True, blank=True)
    tells_kind = models.CharField(max_length=12, blank=True)
    tells_reason = models.CharField(max_length=60, blank=True)

    state = models.CharField(max_length=12, choices=ReplyState, default=ReplyState.QUEUED)
    precedence = models.PositiveSmallIntegerField(default=10)
    next_try_at = models.DateTimeField()
    not_before = models.DateTimeField(null=True, blank=True)
    undo_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    send_started_at = models.DateTimeField(null=True, blank=True)
    find_after = models.DateTimeField(null=True, blank=True)
    handed_at = models.DateTimeField(null=True, blank=True)
    handed_until = models.DateTimeField(null=True, blank=True)
    unclear_count = models.PositiveSmallIntegerField(default=0)
    held_reason = models.CharField(max_length=60, blank=True)
    held_by = models.CharField(max_length=60, blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    error_words = models.TextField(blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            one_of("kind", ReplyKind, table="reply"),
            one_of("state", ReplyState, table="reply"),
            one_of("effect", ReplyEffect, table="reply", blank=True),
            models.CheckConstraint(
                condition=~models.Q(state="sending")
                | models.Q(lease_token__isnull=False, lease_until__isnull=False),
                name="reply_sending_is_leased",
            ),
            models.CheckConstraint(
                condition=models.Q(tells_for__isnull=True) | ~models.Q(tells_kind=""),
                name="reply_tells_whole",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="handed") | models.Q(handed_at__isnull=False),
                name="reply_handed_is_dated",
            ),
        ]
        indexes = [
            models.Index(
                fields=["account", "precedence", "next_try_at", "id"],
                name="reply_queued",
                condition=models.Q(state="queued"),
            ),
            models.Index(
                fields=["conversation", "id"],
                name="reply_unsettled",
                condition=models.Q(state__in=["queued", "sending", "waiting"]),
            ),
            models.Index(
                fields=["lease_until"],
                name="reply_leased",
                condition=models.Q(state="sending"),
            ),
            models.Index(
                fields=["find_after"],
                name="reply_to_find",
                condition=models.Q(state="waiting"),
            ),
            models.Index(
                fields=["handed_until"],
                name="reply_handed",
                condition=models.Q(state="handed", handed_until__isnull=False),
            ),
            models.Index(
                fields=["ticket"],
                name="reply_held",
                condition=models.Q(state="held"),
            ),
            models.Index(
                fields=["ticket", "undo_until"],
                name="reply_to_undo",
                condition=models.Q(state="queued", undo_until__isnull=False),
            ),
            models.Index(fields=["ticket", "id"], name="reply_on_ticket"),
        ]

    def __str__(self) -> str:
        return self.dedupe_key


class OutboundPart(AtOnce):
    """One post of a reply. Each receipt is stored before the next part goes, so a retry resumes at part n."""

    reply = models.ForeignKey(OutboundReply, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveSmallIntegerField()
    text = models.TextField()
    send_started_at = models.DateTimeField(null=True, blank=True)
    external_id = models.CharField(max_length=255, blank=True)
    url = models.URLField(max_length=500, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reply", "number"], name="part_once")]
        indexes = [
            models.Index(fields=["external_id"], name="part_by_receipt", condition=~models.Q(external_id=""))
        ]

    def __str__(self) -> str:
        return f"part {self.number} of {self.reply_id}"


class TextRevision(models.Model):
    """The words of every notice, per kind, language and manner: one validated document.

    A row is never changed and never deleted; a trigger of the database sees to it. The one with the highest number is
    in force for messages that are not rendered yet. author: null where the desk itself made it.
    """

    number = models.PositiveIntegerField(unique=True)
    document = models.JSONField()
    sha256 = models.CharField(max_length=64)
    # PROTECT: setting it to null would change the row.
    author = models.ForeignKey(
        "accounts.User",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    reason = models.CharField(max_length=200)
    published_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(number__gte=1), name="textrevision_number_from_1"),
            models.CheckConstraint(
                condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$"), name="textrevision_sha256_is_hex"
            ),
        ]

    def __str__(self) -> str:
        return f"texts {self.number}"
