"""What the core need not know of a channel: secrets, cursors, health, and every update that arrived."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from channels_social.models_said import VisitorFile, VisitorWords
from channels_social.models_visitors import Visitor, VisitorLine
from channels_social.secrets import EncryptedJSONField
from tickets.models.base import one_of

__all__ = [
    "ChannelApp",
    "ChannelConnection",
    "ConnectAttempt",
    "EventKey",
    "EventState",
    "InboundEvent",
    "Visitor",
    "VisitorFile",
    "VisitorLine",
    "VisitorWords",
]


class ChannelApp(models.Model):
    """Our registration at a network. One webhook address serves every account that belongs to it.

    hook_key: the unguessable end of the webhook's address. secrets: field name → list of values, newest first;
    settings: the fields of its form that are no secrets, which hold for each of its accounts.
    bad_signatures, too_large: calls of the webhook that were refused, of which nothing was kept.
    """

    channel = models.SlugField(max_length=32)
    name = models.CharField(max_length=120)
    hook_key = models.CharField(max_length=64, unique=True)
    secrets = EncryptedJSONField()
    settings = models.JSONField(default=dict, blank=True)
    bad_signatures = models.PositiveBigIntegerField(default=0)
    last_bad_signature_at = models.DateTimeField(null=True, blank=True)
    too_large = models.PositiveBigIntegerField(default=0)
    last_too_large_at = models.DateTimeField(null=True, blank=True)
    unknown_accounts = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class ChannelConnection(models.Model):
    """How we are connected with one account: secrets, cursor, pace, health.

    cursor: what `poll` handed back last. bucket_tokens, bucket_at: the pace of sending, taken for a whole batch;
    bucket_size and bucket_per_minute set it (size 0: no limit of ours).
    paused_until: nothing is sent before it; needs_person: nothing is sent or polled until a person says so.
    counters: what arrived and was not kept, by rule: {"mode_off": 12, …}.
    disconnected_at: since when it has no credentials; its cursor stays, for whoever connects it again.
    hook_due_at: when somebody looks next whether the network still sends us everything (subscriptions.py); hook_at:
    when that worked last, with hook_code (adapter.Hooked; "failed" with hook_words: the network's) and hook_events.
    checked_at: when its token and permissions were looked at last; missing: permissions it lacks; budget: what the
    network lets us do still, [{"what", "left", "of", "until"}].
    """

    account = models.OneToOneField(
        "tickets.ChannelAccount", on_delete=models.CASCADE, related_name="connection"
    )
    app = models.ForeignKey(ChannelApp, on_delete=models.PROTECT, related_name="connections")
    credentials = EncryptedJSONField()
    settings = models.JSONField(default=dict, blank=True)
    allow_private_addresses = models.BooleanField(default=False)

    cursor = models.JSONField(default=dict, blank=True)
    poll_every = models.DurationField(null=True, blank=True)
    poll_due_at = models.DateTimeField(null=True, blank=True)
    polled_at = models.DateTimeField(null=True, blank=True)

    bucket_size = models.PositiveIntegerField(default=0)
    bucket_per_minute = models.FloatField(default=0)
    bucket_tokens = models.FloatField(default=0)
    bucket_at = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    paused_words = models.TextField(blank=True)
    needs_person = models.BooleanField(default=False)
    needs_person_code = models.CharField(max_length=40, blank=True)
    needs_person_words = models.TextField(blank=True)

    last_inbound_at = models.DateTimeField(null=True, blank=True)
    last_sent_at = models.DateTimeField(null=True, blank=True)
    last_error_at = models.DateTimeField(null=True, blank=True)
    last_error_words = models.TextField(blank=True)
    counters = models.JSONField(default=dict, blank=True)
    looked_up = models.PositiveBigIntegerField(default=0)

    disconnected_at = models.DateTimeField(null=True, blank=True)
    hook_due_at = models.DateTimeField(null=True, blank=True)
    hook_at = models.DateTimeField(null=True, blank=True)
    hook_code = models.CharField(max_length=60, blank=True)
    hook_words = models.TextField(blank=True)
    hook_events = models.JSONField(default=list, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    missing = models.JSONField(default=list, blank=True)
    budget = models.JSONField(default=list, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["poll_due_at"],
                name="connection_poll_due",
                condition=models.Q(poll_due_at__isnull=False),
            ),
            models.Index(
                fields=["hook_due_at"],
                name="connection_hook_due",
                condition=models.Q(hook_due_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"connection {self.pk}"


class ConnectAttempt(models.Model):
    """Somebody on their way to connect an account: on the network's own pages (state), or by its fields.

    state_hash: SHA-256 of the state that comes back, '' by fields. session_hash: of the session it began in.
    remembered: what the adapter must not lose or show (PKCE's verifier; keys that were typed). found: the accounts that
    may be connected, with their credentials, once that is known. account: the one that is connected again, if any.
    expires_at: until when it may come back (then: until when it may be finished). used_at: when it came back.
    """

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    app = models.ForeignKey(ChannelApp, on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(
        "tickets.ChannelAccount", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    state_hash = models.CharField(max_length=64, blank=True)
    session_hash = models.CharField(max_length=64)
    callback = models.CharField(max_length=500, blank=True)
    address = models.TextField(blank=True)
    remembered = EncryptedJSONField()
    found = EncryptedJSONField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["state_hash"], condition=~models.Q(state_hash=""), name="connect_attempt_state_once"
            )
        ]
        indexes = [models.Index(fields=["expires_at"], name="connect_attempt_expiry")]

    def __str__(self) -> str:
        return f"attempt {self.pk}"


class EventKey(models.Model):
    """That an update was seen: SHA-256 of its dedupe key, kept 40 days, longer than any network repeats itself."""

    pk = models.CompositePrimaryKey("account_id", "key")
    account_id = models.BigIntegerField()
    key = models.BinaryField(max_length=32)
    seen_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["seen_at"], name="event_key_seen")]

    def __str__(self) -> str:
        return f"{self.account_id}:{bytes(self.key).hex()[:12]}"


class EventState(models.TextChoices):
    PENDING = "pending", _("to be read")
    DONE = "done", _("read")
    QUARANTINED = "quarantined", _("could not be read")


class InboundEvent(models.Model):
    """One update as it arrived. No foreign key points here, so that it can be cut into partitions and purged.

    body: up to 256 KB here; a larger one in storage, under body_key. source: webhook, poll, look_up, replay, or page
    (what a caller wrote on their page: no adapter reads that).
    outcome: for a read one, what came of it ("message", "version", "tombstone", "duplicate", "ignored:<rule>").
    external_id: once read, the utterance it speaks of, so that removing that one empties this body too.
    failures: how often it failed alone; at 3 it is quarantined.
    """

    account_id = models.BigIntegerField()
    key = models.BinaryField(max_length=32)
    kind = models.CharField(max_length=80)
    source = models.CharField(max_length=8)
    account_key = models.CharField(max_length=255)
    dedupe_key = models.CharField(max_length=400)
    external_id = models.CharField(max_length=255, blank=True)
    body = models.BinaryField(null=True)
    body_key = models.CharField(max_length=255, blank=True)
    size = models.PositiveIntegerField()
    headers = models.JSONField(default=dict)
    received_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=EventState, default=EventState.PENDING)
    failures = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    outcome = models.CharField(max_length=80, blank=True)
    processed_at = models.DateTimeField(null=True, blank=True)
    purge_after = models.DateTimeField()

    class Meta:
        constraints = [one_of("state", EventState, table="inbound_event")]
        indexes = [
            models.Index(
                fields=["account_id", "id"],
                name="event_pending",
                condition=models.Q(state="pending"),
            ),
            models.Index(
                fields=["account_id", "id"],
                name="event_quarantined",
                condition=models.Q(state="quarantined"),
            ),
            models.Index(fields=["purge_after"], name="event_purge"),
            models.Index(
                fields=["account_id", "external_id"],
                name="event_of_utterance",
                condition=~models.Q(external_id=""),
            ),
        ]

    def __str__(self) -> str:
        return f"event {self.pk}"
