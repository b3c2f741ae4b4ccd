"""Choose how an account's notices go, where its network limits automatic messages. It chooses nothing by itself:
without a choice it shows the network's rule and how the account stands, and ends as an error."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from django.utils.translation import get_language

from accounts.actors import System
from channels_social.registry import UnknownChannel, channel
from tickets.clock import database_now
from tickets.models import ChannelAccount, Notices
from tickets.services.errors import Refused
from tickets.services.notices_choice import account_notices_choose


class Command(BaseCommand):
    help = "Choose how an account's notices go: --automatic --note “how and when the network agreed”, or --released."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("channel", help="slug of the channel")
        parser.add_argument("handle", help="the account's handle, or the network's id of it")
        parser.add_argument("--automatic", action="store_true", help="notices go by themselves; needs --note")
        parser.add_argument("--released", action="store_true", help="an agent releases each with one key")
        parser.add_argument("--note", default="", help="how and when the network agreed to automatic notices")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            adapter = channel(options["channel"])
        except UnknownChannel as error:
            raise CommandError(str(error)) from error
        account = _account(options["channel"], options["handle"])
        words = adapter.notices_rule_words(get_language() or "en")
        if words:
            self.stdout.write(words)
        self.stdout.write(f"{account} now: {_stands(account)}")
        if options["automatic"] == options["released"]:
            raise CommandError(
                "Choose one: --automatic with --note “how and when the network agreed”, or --released."
            )
        how = Notices.AUTOMATIC if options["automatic"] else Notices.RELEASED
        try:
            chosen = account_notices_choose(
                actor=System("desk_notices"),
                account_id=account.pk,
                how=how,
                note=options["note"],
                now=database_now(),
            )
        except Refused as refused:
            raise CommandError(refused.words) from refused
        self.stdout.write(f"{account} from now on: {_stands(chosen)}")


def _account(slug: str, handle: str) -> ChannelAccount:
    """Raises CommandError where there is none, or more than one."""
    name = handle.removeprefix("@")
    found = list(
        ChannelAccount.objects.filter(Q(handle__iexact=name) | Q(external_id=handle), channel=slug).order_by(
            "pk"
        )
    )
    if len(found) == 1:
        return found[0]
    known = ChannelAccount.objects.filter(channel=slug).order_by("pk")
    names = ", ".join(f"{one.handle or one.name} ({one.external_id})" for one in known) or "none"
    problem = "no account" if not found else "more than one account"
    raise CommandError(f"There is {problem} {handle!r} on {slug!r}; there are: {names}")


def _stands(account: ChannelAccount) -> str:
    choice = str(Notices(account.notices).label)
    return f"{choice} ({account.notices_note})" if account.notices_note else choice
