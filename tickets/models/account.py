"""Our accounts on channels, as the core sees them. Their secrets and health live one floor up."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tickets.models.base import one_of


class ChannelMode(models.TextChoices):
    OFF = "off", _("Off")
    PUBLISH_ONLY = "publish_only", _("Publish only")
    COLLECT_FEEDBACK = "collect_feedback", _("Collect feedback")
    CUSTOMER_SERVICE = "customer_service", _("Customer service")


class Acknowledge(models.TextChoices):
    RECOGNISED = "recognised", _("Requests that a rule recognises")
    EVERYTHING = "everything", _("Everything addressed to us")
    NOTHING = "nothing", _("Nothing by itself")


class Notices(models.TextChoices):
    UNDECIDED = "", _("not decided yet")
    AUTOMATIC = "automatic", _("by themselves")
    RELEASED = "released", _("released by an agent")


class FormOfAddress(models.TextChoices):
    USUAL = "", _("as is usual there")
    FAMILIAR = "familiar", _("familiar")
    FORMAL = "formal", _("formal")


class ChannelAccount(models.Model):
    """A Page, handle, mailbox or chat site of ours.

    external_id: the network's id of it (an adapter's account_key). capabilities: what the adapter can, as
    JSON, refreshed when it changes, so that the core can ask without knowing the channel.
    caps: what a manager has set: {"automated_per_interaction": {"value": 2, "note": "…"}, "max_length": …}.
    notices: where the network limits automatic messages per interaction, how every notice after the acknowledgement
    goes; automatic only with notices_note, which says that the network agreed. No such limit: it stays undecided.
    form_of_address: how callers are spoken to in languages that have two ways (Dutch je and u); '': as is usual in the
    manner, familiar but in letters.
    stopped_code: why nothing can leave until a person has looked ("reauthorise", …), '' while it can.
    automatic_stopped_at, _by, _why: since when a manager lets no automatic message leave from here (DeskSwitch: from
    anywhere); people still answer.
    """

    channel = models.SlugField(max_length=32)
    external_id = models.CharField(max_length=255)
    name = models.CharField(max_length=120)
    handle = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=8, default="en")
    zone = models.CharField(max_length=64, default="Europe/Amsterdam")
    team = models.ForeignKey("accounts.Team", on_delete=models.PROTECT, related_name="channel_accounts")
    mode = models.CharField(max_length=20, choices=ChannelMode, default=ChannelMode.OFF)
    acknowledge = models.CharField(max_length=12, choices=Acknowledge, default=Acknowledge.RECOGNISED)
    sign_off = models.CharField(max_length=40, blank=True)
    manner = models.CharField(max_length=16, default="short")
    form_of_address = models.CharField(
        max_length=8, choices=FormOfAddress, blank=True, default=FormOfAddress.USUAL
    )
    notices = models.CharField(max_length=12, choices=Notices, blank=True, default=Notices.UNDECIDED)
    notices_note = models.CharField(max_length=500, blank=True)
    notices_set_by = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    notices_set_at = models.DateTimeField(null=True, blank=True)
    stopped_code = models.CharField(max_length=60, blank=True)
    automatic_stopped_at = models.DateTimeField(null=True, blank=True)
    automatic_stopped_by = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    automatic_stopped_why = models.CharField(max_length=200, blank=True)
    capabilities = models.JSONField(default=dict)
    caps = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "external_id"], name="channel_account_once"),
            one_of("mode", ChannelMode, table="channel_account"),
            one_of("acknowledge", Acknowledge, table="channel_account"),
            one_of("form_of_address", FormOfAddress, table="channel_account"),
            one_of("notices", Notices, table="channel_account", blank=True),
            models.CheckConstraint(
                condition=~models.Q(notices="automatic") | ~models.Q(notices_note=""),
                name="channel_account_notices_noted",
            ),
        ]

    def __str__(self) -> str:
        return self.handle or self.name

    @property
    def receives(self) -> bool:
        """Whether what arrives is read (else it is counted, and its body not kept)."""
        return self.mode in (ChannelMode.COLLECT_FEEDBACK, ChannelMode.CUSTOMER_SERVICE)

    @property
    def answers(self) -> bool:
        """Whether anybody is answered from here, and targets and promises are made."""
        return self.mode == ChannelMode.CUSTOMER_SERVICE
