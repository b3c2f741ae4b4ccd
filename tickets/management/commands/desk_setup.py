"""What a fresh desk needs before anybody can use it: policy, words, and a first person. May be run at every start."""

from __future__ import annotations

import secrets
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction

from accounts.actors import System
from accounts.models import Team, User
from accounts.services.invitations import Newcomer, user_made
from accounts.services.organisation import first_run_open, first_run_token
from accounts.services.people import memberships_set, people_lock
from accounts.services.teams import team_make
from priority.services import policy_ensure_seeded
from tickets.clock import database_now
from tickets.services.notices_choice import notices_choices_ask
from tickets.services.texts import texts_ensure_seeded

_ACTOR = System("setup")


class Command(BaseCommand):
    help = (
        "Seed policy and words. On an empty desk: make a team and a first manager, whose password is printed once; "
        "with --first-run print the address at which somebody claims the desk in the browser."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--first-run",
            action="store_true",
            help="make nobody; print the address that leads through the first run, while there is one",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = database_now()
        policy_ensure_seeded(now=now)
        texts_ensure_seeded(now)
        notices_choices_ask(now=now)
        if options["first_run"]:
            self._first_run()
        else:
            self._first_manager()

    def _first_run(self) -> None:
        token = first_run_token(now=database_now())
        if token is not None:
            self.stdout.write("This desk is empty. Whoever opens this address makes it theirs, once:")
            self.stdout.write(f"  {settings.PUBLIC_URL}/first-run/claim/{token}/")
        elif first_run_open():
            self.stdout.write("The first run is not over. Sign in and go on with it:")
            self.stdout.write(f"  {settings.PUBLIC_URL}{settings.FIRST_RUN_URL}")

    def _first_manager(self) -> None:
        now, password = database_now(), secrets.token_urlsafe(15)
        with transaction.atomic():
            people_lock()
            if User.objects.exists():
                return
            team = Team.objects.filter(key="front-desk").first() or team_make(
                actor=_ACTOR, name="Front desk", is_private=False, now=now
            )
            newcomer = Newcomer(
                display_name="First manager",
                username="manager",
                email="",
                password=password,
                again=password,
                language="en",
                zone="Europe/Amsterdam",
            )
            user = user_made(newcomer, is_manager=True, is_admin=True)
            memberships_set(actor=_ACTOR, user=user, teams={team.pk: True}, now=now)
        self.stdout.write("The first manager. This is shown once; write it down:")
        self.stdout.write(f"  name      {user.username}")
        self.stdout.write(f"  password  {password}")
