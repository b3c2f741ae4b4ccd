"""Utterances, their versions and tombstones, and what hung on them.

A caller's words live in Message.body, MessageVersion.body, attachments and the raw event, nowhere else.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tickets.models.base import AtOnce, one_of
from tickets.models.conversation import Visibility


class Direction(models.TextChoices):
    INBOUND = "in", _("from a person outside")
    OUTBOUND = "out", _("from us")
    INTERNAL = "internal", _("between colleagues")


class MessageKind(models.TextChoices):
    MESSAGE = "message", _("message")
    ANSWER = "answer", _("answer")
    ACKNOWLEDGEMENT = "acknowledgement", _("acknowledgement")
    NOTICE = "notice", _("notice")
    NOTE = "note", _("note")


#: Where a message holds words of whoever said it; empty once it is gone.
WORDS_OF_MESSAGE = ("body", "subject", "full_text", "also_to", "written_first_by", "asked")


class Message(AtOnce):
    """One utterance in a conversation, in its newest version.

    external_id: the network's own id of the utterance, the same for all its versions; never null; for a note of
    ours "note:<uuid>". version_id, version_order: of the version that `body` shows. language: as the network gave it.
    addressed_by_parent: `addressed` follows from what it hangs below. machine_rule: the rule by which it is a
    machine's, which wakes nothing; '' for a person's.
    removed_at: gone at the network (or redacted): then body is empty, and stays so, and with it subject, full_text,
    also_to and written_first_by, which are words of the caller too.
    subject: the line above the words. full_text: all of it, where body is only what is new; '' where both are the same.
    also_to: who else it was sent to, as people read it. is_quiet: nothing automatic may answer it.
    by_participant: somebody else in the thread said it (Conversation.part): words on the ticket, and none of its
    caller's, so that no rule reads them as such.
    asked: what the caller filled in beside the words (tickets/contract.py), {} once it is removed.
    """

    account = models.ForeignKey("tickets.ChannelAccount", on_delete=models.PROTECT, related_name="messages")
    conversation = models.ForeignKey(
        "tickets.Conversation", on_delete=models.PROTECT, related_name="messages"
    )
    ticket = models.ForeignKey(
        "tickets.Ticket",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="messages",
    )
    external_id = models.CharField(max_length=255)
    direction = models.CharField(max_length=8, choices=Direction)
    visibility = models.CharField(max_length=8, choices=Visibility)
    kind = models.CharField(max_length=16, choices=MessageKind, default=MessageKind.MESSAGE)
    identity = models.ForeignKey(
        "tickets.Identity",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    author = models.ForeignKey(
        "accounts.User",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    reply = models.ForeignKey(
        "tickets.OutboundReply",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="messages",
    )
    body = models.TextField(blank=True)
    language = models.CharField(max_length=8, blank=True)
    addressed = models.BooleanField(default=True)
    addressed_by_parent = models.BooleanField(default=False)
    machine_rule = models.CharField(max_length=40, blank=True)
    version_id = models.CharField(max_length=255)
    version_order = models.PositiveIntegerField(default=1)
    parent_external_id = models.CharField(max_length=255, blank=True)
    url = models.URLField(max_length=500, blank=True)
    sent_at = models.DateTimeField()
    received_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_rule = models.CharField(max_length=40, blank=True)
    subject = models.TextField(blank=True, db_default="")
    full_text = models.TextField(blank=True, db_default="")
    also_to = models.JSONField(default=list, blank=True)
    written_first_by = models.CharField(max_length=320, blank=True, db_default="")
    is_quiet = models.BooleanField(default=False, db_default=False)
    by_participant = models.BooleanField(default=False, db_default=False)
    asked = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "external_id"], name="message_once"),
            one_of("direction", Direction, table="message"),
            one_of("visibility", Visibility, table="message"),
            one_of("kind", MessageKind, table="message"),
            models.CheckConstraint(
                condition=models.Q(removed_at__isnull=True)
                | models.Q(body="", subject="", full_text="", also_to=[], written_first_by="", asked={}),
                name="message_removed_is_empty",
            ),
        ]
        indexes = [
            models.Index(fields=["conversation", "sent_at", "id"], name="message_in_conversation"),
            models.Index(fields=["ticket", "sent_at", "id"], name="message_on_ticket"),
            models.Index(
                fields=["account", "parent_external_id"],
                name="message_by_parent",
                condition=models.Q(addressed_by_parent=True),
            ),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"

    def empty(self) -> None:
        """Nothing of its words is left; unsaved."""
        self.body = self.subject = self.full_text = self.written_first_by = ""
        self.also_to, self.asked = [], {}


class MessageName(AtOnce):
    """What later messages may call this one by, on its account. Anybody may use any name: it shows where a message
    hangs, and proves nothing. The first to take a name keeps it."""

    account = models.ForeignKey("tickets.ChannelAccount", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=255)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="names")
    conversation = models.ForeignKey("tickets.Conversation", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="message_name_once")]

    def __str__(self) -> str:
        return f"name {self.pk}"


class MessageVersion(models.Model):
    """Each version of an utterance that reached us; it may come before the utterance itself."""

    account = models.ForeignKey("tickets.ChannelAccount", on_delete=models.PROTECT, related_name="+")
    external_id = models.CharField(max_length=255)
    version_id = models.CharField(max_length=255)
    version_order = models.PositiveIntegerField()
    body = models.TextField(blank=True)
    language = models.CharField(max_length=8, blank=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "external_id", "version_id"],
                name="message_version_once",
            )
        ]

    def __str__(self) -> str:
        return f"version {self.pk}"


class MessageTombstone(models.Model):
    """That an utterance is gone; it may come before the utterance itself, which is then never shown."""

    account = models.ForeignKey("tickets.ChannelAccount", on_delete=models.PROTECT, related_name="+")
    external_id = models.CharField(max_length=255)
    removed_at = models.DateTimeField()
    rule = models.CharField(max_length=40)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "external_id"], name="message_tombstone_once")
        ]

    def __str__(self) -> str:
        return f"tombstone {self.pk}"


class MessageUnplaced(models.Model):
    """A message of ours from outside the desk that hangs below nothing we know yet. It becomes a message with the first
    word that shows whom it answers."""

    account = models.ForeignKey("tickets.ChannelAccount", on_delete=models.CASCADE, related_name="+")
    external_id = models.CharField(max_length=255)
    thread_key = models.CharField(max_length=400, blank=True)
    parent_external_id = models.CharField(max_length=255, blank=True)
    visibility = models.CharField(max_length=8, choices=Visibility)
    body = models.TextField(blank=True)
    url = models.URLField(max_length=500, blank=True)
    sent_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "external_id"], name="message_unplaced_once"),
            one_of("visibility", Visibility, table="message_unplaced"),
        ]
        indexes = [
            models.Index(fields=["account", "parent_external_id"], name="message_unplaced_parent"),
            models.Index(fields=["account", "thread_key"], name="message_unplaced_thread"),
        ]

    def __str__(self) -> str:
        return f"unplaced {self.pk}"


class AttachmentState(models.TextChoices):
    """PENDING: to be fetched. KEPT: in storage. REFUSED: not taken, `state_reason` says why. GONE: no longer to be had
    where it was, or taken out with the message's words."""

    PENDING = "pending"
    KEPT = "kept"
    REFUSED = "refused"
    GONE = "gone"


class AttachmentKind(models.TextChoices):
    """INLINE: shown within the message's own text, by `inline_id`. ORIGINAL: the whole message as it came."""

    FILE = "file"
    INLINE = "inline"
    ORIGINAL = "original"


class Attachment(AtOnce):
    """Something that hung on a message. Fetched by a task, never in the batch that read the message.

    content_type: as the network told it while it is pending; once it is kept, what its first bytes say.
    name: as the sender called it: for people to read, never part of a path.
    fetch_due_at: when somebody fetches it (again), None where nobody does; failures: how often that went wrong.
    size: bytes; sha256: of them, in hex.
    """

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    external_id = models.CharField(max_length=255)
    kind = models.CharField(max_length=8, choices=AttachmentKind, default=AttachmentKind.FILE)
    inline_id = models.CharField(max_length=255, blank=True)
    source_url = models.TextField(blank=True)
    storage_key = models.CharField(max_length=255, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    content_type = models.CharField(max_length=120, blank=True)
    name = models.CharField(max_length=255, blank=True)
    size = models.BigIntegerField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=AttachmentState, default=AttachmentState.PENDING)
    state_reason = models.CharField(max_length=60, blank=True)
    fetch_due_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "external_id"], name="attachment_once"),
            one_of("state", AttachmentState, table="attachment"),
            one_of("kind", AttachmentKind, table="attachment"),
        ]
        indexes = [
            models.Index(
                fields=["fetch_due_at"],
                name="attachment_fetch_due",
                condition=models.Q(fetch_due_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"attachment {self.pk}"


class MessageCopy(models.Model):
    """An utterance that names several of our accounts, as it reached one that it does not name first: it is a
    message there (`first_account`), and only pointed to here."""

    account = models.ForeignKey("tickets.ChannelAccount", on_delete=models.CASCADE, related_name="copies")
    external_id = models.CharField(max_length=255)
    first_account = models.ForeignKey("tickets.ChannelAccount", on_delete=models.CASCADE, related_name="+")
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "external_id"], name="message_copy_once")]
        indexes = [models.Index(fields=["first_account", "external_id"], name="message_copy_of")]

    def __str__(self) -> str:
        return f"copy {self.pk}"
