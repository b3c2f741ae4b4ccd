"""People who work here and the teams they work in.

A user is an agent; a membership may make them lead of a team; `is_manager` lets them set the policy,
the words and the channels. Who may see or do what stands in `access.py` and nowhere else.
"""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class Team(models.Model):
    """A group of agents that owns tickets. What a private team owns is seen by its members alone."""

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    is_private = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """Somebody who signs in. `zone` is an IANA name, `language` one of settings.LANGUAGES."""

    display_name = models.CharField(max_length=80)
    zone = models.CharField(max_length=64, default="Europe/Amsterdam")
    language = models.CharField(max_length=8, default="en")
    is_manager = models.BooleanField(_("sets the policy, the words and the channels"), default=False)
    teams: models.ManyToManyField[Team, Membership] = models.ManyToManyField(
        Team, through="Membership", related_name="members"
    )

    @property
    def initials(self) -> str:
        words = (self.display_name or self.username).split()
        return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()

    def __str__(self) -> str:
        return self.display_name or self.username


class Membership(models.Model):
    """That a user works in a team, and whether they lead it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    is_lead = models.BooleanField(default=False)

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
