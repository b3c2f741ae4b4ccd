"""People who work here and the teams they work in.

A user is an agent; a membership may make them lead of a team; `is_manager` lets them set the policy,
the words and the channels, `is_admin` the people and the teams. One may be both. Who may see or do what stands in
`access.py` and nowhere else.
"""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.enums import one_of


class Theme(models.TextChoices):
    SYSTEM = "system", _("as the device has it")
    LIGHT = "light", _("light")
    DARK = "dark", _("dark")


class Density(models.TextChoices):
    TIGHT = "tight", _("tight: more rows in sight")
    ROOMY = "roomy", _("roomy: more air")


class Team(models.Model):
    """A group of agents that owns tickets. What a private team owns is seen by its members alone.

    closed_at: since when it is gone: nothing comes to it any more and no list offers it; who was in it still sees what
    it owned.
    """

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    is_private = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """Somebody who signs in. `zone` is an IANA name, `language` one of settings.LANGUAGES.

    theme, density, single_keys: how they want their pages; single_keys off: no letter alone does anything (WCAG 2.1.4).
    Django's own is_superuser, is_staff, groups and permissions decide nothing here.
    """

    display_name = models.CharField(max_length=80)
    zone = models.CharField(max_length=64, default="Europe/Amsterdam")
    language = models.CharField(max_length=8, default="en")
    is_manager = models.BooleanField(_("sets the policy, the words and the channels"), default=False)
    is_admin = models.BooleanField(_("looks after people and teams"), default=False)
    theme = models.CharField(max_length=8, choices=Theme, default=Theme.SYSTEM)
    density = models.CharField(max_length=8, choices=Density, default=Density.TIGHT)
    single_keys = models.BooleanField(default=True)
    teams: models.ManyToManyField[Team, Membership] = models.ManyToManyField(
        Team, through="Membership", related_name="members"
    )

    class Meta(AbstractUser.Meta):
        constraints = [
            one_of("theme", Theme, table="user"),
            one_of("density", Density, table="user"),
        ]

    @property
    def initials(self) -> str:
        words = (self.display_name or self.username).split()
        return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()

    def __str__(self) -> str:
        return self.display_name or self.username


class Membership(models.Model):
    """That a user works in a team, whether they lead it, and whether the team has named them to be woken: at any hour,
    by mail, for what cannot wait (tickets/services/notifying.py)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    is_lead = models.BooleanField(default=False)
    is_woken = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "team"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.team_id}"


class SignInTries(models.Model):
    """Wrong passwords in a row for one typed name, whether or not somebody is called so (accounts/throttle.py)."""

    name_hash = models.BinaryField(max_length=32, unique=True)
    count = models.PositiveSmallIntegerField(default=0)
    last_at = models.DateTimeField()
    blocked_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["last_at"], name="sign_in_tries_age")]

    def __str__(self) -> str:
        return f"tries {self.pk}"


class Invitation(models.Model):
    """A link by which one person becomes a user, or (for_user) one that is there gets a new password. Of the link's
    token only the SHA-256 is kept.

    name: what the inviter wrote of them, a name or a mail address. teams: [{"team": id, "lead": bool}, …].
    Open while it is neither used, taken back nor past `expires_at`.
    """

    token_hash = models.BinaryField(max_length=32, unique=True)
    name = models.CharField(max_length=120)
    email = models.EmailField(max_length=254, blank=True)
    is_manager = models.BooleanField(default=False)
    is_admin = models.BooleanField(default=False)
    teams = models.JSONField(default=list)
    language = models.CharField(max_length=8, default="en")
    for_user = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="password_links"
    )
    invited_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    used_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["expires_at"],
                name="invitation_open",
                condition=models.Q(used_at__isnull=True, withdrawn_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"invitation {self.pk}"


class Organisation(models.Model):
    """Who runs this desk, and how far its first run has come. One row at most; none: nobody has begun.

    name and sign_off as callers read them; sign_off is what a new channel account is offered.
    token_hash: SHA-256 of the token that lets somebody claim the empty desk; None when it was claimed.
    step: the step of the first run that is open (servicedesk/first_run/steps.py). done_at: when it was closed for good.
    """

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    name = models.CharField(max_length=80, blank=True)
    sign_off = models.CharField(max_length=40, blank=True)
    token_hash = models.BinaryField(max_length=32, null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    step = models.CharField(max_length=20, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="organisation_once")]

    def __str__(self) -> str:
        return self.name


class StaffEvent(models.Model):
    """The audit of people and teams: one line for each change. Codes and ids; never a password or a token."""

    kind = models.CharField(max_length=40)
    user = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="staff_events"
    )
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    actor_kind = models.CharField(max_length=8)
    actor_user = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    actor_text = models.CharField(max_length=60, blank=True)
    args = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(actor_kind__in=["user", "caller", "system"]),
                name="staff_event_actor_kind_known",
            )
        ]
        indexes = [models.Index(fields=["user", "at"], name="staff_event_on_user")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class RequestCount(models.Model):
    """Requests of one person to one endpoint within one window (accounts/throttle_api.py)."""

    key = models.CharField(max_length=120, primary_key=True)
    window_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.key} {self.count}"


class CacheEntry(models.Model):
    """The table behind settings.CACHES: what libraries count, in PostgreSQL like all our counts. Written by Django's
    own cache backend alone."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.cache_key
