"""One thread with one caller on one account."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tickets.models.base import AtOnce, one_of


class Visibility(models.TextChoices):
    PUBLIC = "public", _("public")
    PRIVATE = "private", _("private")


class Part(models.TextChoices):
    CALLER = "caller", _("the caller")
    PARTICIPANT = "participant", _("somebody else in the thread")


class Conversation(AtOnce):
    """A comment thread, a mail thread, a chat: always with one caller.

    thread_key comes from the adapter and holds the caller where the thread is public.
    reply_to: external id of the caller's message that our next word hangs below; reply_rule: the network's rule
    on it, as `MayReply` in JSON. automated_since_inbound: automatic messages put out since the caller last spoke.
    window_ends_at, person_window_ends_at: until when an automatic message, and a person's, may go; null: no window.
    joined_at: when it joined a ticket that was open already, because the same caller spoke again elsewhere.
    look_up_due_at: when its messages are next looked up at networks that tell nobody of edits and deletions.
    part: a participant wrote into a thread of somebody else's: on that ticket, and never its caller; nothing of the
    caller's is told to them, and nothing automatic.
    """

    account = models.ForeignKey(
        "tickets.ChannelAccount", on_delete=models.PROTECT, related_name="conversations"
    )
    thread_key = models.CharField(max_length=400)
    visibility = models.CharField(max_length=8, choices=Visibility)
    identity = models.ForeignKey("tickets.Identity", on_delete=models.PROTECT, related_name="conversations")
    contact = models.ForeignKey("tickets.Contact", on_delete=models.PROTECT, related_name="conversations")
    ticket = models.ForeignKey(
        "tickets.Ticket",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="conversations",
    )
    root_external_id = models.CharField(max_length=255, blank=True)
    reply_to = models.CharField(max_length=255, blank=True)
    reply_rule = models.JSONField(default=dict)
    window_ends_at = models.DateTimeField(null=True, blank=True)
    person_window_ends_at = models.DateTimeField(null=True, blank=True)
    joined_at = models.DateTimeField(null=True, blank=True)
    last_inbound_at = models.DateTimeField(null=True, blank=True)
    automated_since_inbound = models.PositiveSmallIntegerField(default=0)
    look_up_due_at = models.DateTimeField(null=True, blank=True)
    part = models.CharField(max_length=12, choices=Part, default=Part.CALLER, db_default=Part.CALLER)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "thread_key"], name="conversation_once"),
            one_of("part", Part, table="conversation"),
            one_of("visibility", Visibility, table="conversation"),
        ]
        indexes = [
            models.Index(
                fields=["account", "look_up_due_at"],
                name="conversation_look_up",
                condition=models.Q(look_up_due_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"conversation {self.pk}"
