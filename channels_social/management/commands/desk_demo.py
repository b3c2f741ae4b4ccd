"""Make this desk the demo of Merendam: teams, people, two accounts at the sandbox. May be run at every start."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

import requests
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from channels_social.demo import place
from channels_social.demo.beside import beside_place
from tickets.clock import database_now
from tickets.services.texts import texts_ensure_seeded

DESK_SECONDS = 30


class Command(BaseCommand):
    help = "Teams, people and accounts of the demo. Needs DEMO=True and a running sandbox."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--sandbox-url", help="http://127.0.0.1:8091; without it no account is connected")
        parser.add_argument("--desk-url", help="where the sandbox reaches this desk; without it: PUBLIC_URL")
        parser.add_argument(
            "--no-webhook",
            action="store_true",
            help="connect the accounts, leave the webhook for a later run",
        )
        parser.add_argument(
            "--fast", action="store_true", help="a new desk gets a policy with minutes in place of days"
        )
        parser.add_argument("--print", action="store_true", help="print the log-ins when done")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError(
                "This desk is no demo: its passwords would be public. Set DEMO=True on a laptop."
            )
        now = database_now()
        town = place.city()
        place.policy_place(fast=options["fast"], now=now)
        texts_ensure_seeded(now)
        place.people_place(town, now=now)
        place.saved_replies_place(now=now)
        if options["sandbox_url"]:
            self._connect(town, options)
        if options["print"]:
            for name, password, who in town.log_ins:
                self.stdout.write(f"{name:8} {password}   {who}")

    def _connect(self, town: place.City, options: dict[str, Any]) -> None:
        sandbox_url = options["sandbox_url"]
        desk_url = options["desk_url"] or settings.PUBLIC_URL
        try:
            state = place.sandbox_state(sandbox_url)
            placed = place.accounts_place(town, sandbox_url=sandbox_url, state=state, now=database_now())
            for each in placed:
                place.apart_place(each, now=database_now())
            beside_place(town.document, state=state, now=database_now())
        except place.NoSandbox as error:
            raise CommandError(str(error)) from error
        if options["no_webhook"]:
            return
        _wait_for_desk(desk_url)
        try:
            for each in placed:
                place.hook_place(each, desk_url=desk_url)
        except place.NoSandbox as error:
            raise CommandError(f"The sandbox did not take the webhook: {error}") from error


def _wait_for_desk(url: str) -> None:
    """The sandbox challenges the webhook's address at once, so the desk must answer first."""
    until = time.monotonic() + DESK_SECONDS
    with requests.Session() as session:
        session.trust_env = False
        while True:
            try:
                if session.get(f"{url.rstrip('/')}/healthz", timeout=2).status_code == 200:
                    return
            except requests.RequestException:
                pass  # not up yet; the time-out below says so
            if time.monotonic() > until:
                raise CommandError(
                    f"The desk does not answer at {url}. Start its web process first, or use --no-webhook: "
                    "messages then come in by polling alone."
                )
            time.sleep(0.2)
