"""What a fresh desk needs before anybody can use it: policy, words, a team, a manager. May be run at every start."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from accounts.models import Membership, Team, User
from priority.services import policy_ensure_seeded
from tickets.clock import database_now
from tickets.services.notices_choice import notices_choices_ask
from tickets.services.texts import texts_ensure_seeded


class Command(BaseCommand):
    help = "Seed policy and words; on an empty desk make a team and a first manager, whose password is printed once."

    def handle(self, *args: Any, **options: Any) -> None:
        now = database_now()
        policy_ensure_seeded(now=now)
        texts_ensure_seeded(now)
        notices_choices_ask(now=now)
        with transaction.atomic():
            if User.objects.exists():
                return
            team, _ = Team.objects.get_or_create(
                key="front-desk", defaults={"name": "Front desk", "created_at": now}
            )
            password = secrets.token_urlsafe(15)
            user = User(username="manager", display_name="First manager", is_manager=True)
            user.set_password(password)
            user.save(force_insert=True)
            Membership.objects.create(user=user, team=team, is_lead=True)
        self.stdout.write("The first manager. This is shown once; write it down:")
        self.stdout.write(f"  name      {user.username}")
        self.stdout.write(f"  password  {password}")
