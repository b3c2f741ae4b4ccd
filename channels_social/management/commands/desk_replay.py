"""Feed a recorded request to the desk again, or put what could not be read back in line.

A recorded request is verified with the secrets it was recorded with, split by its adapter, and stored like anything
else that arrives; what follows is the real path. For one who changes an adapter and wants to see what comes of it.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.actors import System
from channels_social import inbox, ingest
from channels_social.adapter import AppView, BadSignature, RawEvent, WebhookRequest
from channels_social.models import EventState, InboundEvent
from channels_social.registry import channels
from tickets.clock import database_now
from tickets.models import ChannelAccount

FIXTURES = Path(settings.BASE_DIR) / "tests" / "fixtures" / "channels"


class Command(BaseCommand):
    help = "Replay a recorded request (CHANNEL FILE), or with --unread everything that could not be read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("channel", nargs="?", help="slug of the channel")
        parser.add_argument(
            "file", nargs="?", help="a path, or a name in the channel's folder of recorded webhooks"
        )
        parser.add_argument(
            "--account", help="external id of the account it is for (default: the one it names)"
        )
        parser.add_argument("--again", action="store_true", help="also if the same update was seen before")
        parser.add_argument(
            "--unread", action="store_true", help="put all that could not be read back in line"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["unread"]:
            self._unread(options["channel"])
            return
        if not options["channel"] or not options["file"]:
            raise CommandError("say which: desk_replay CHANNEL FILE, or desk_replay --unread")
        if options["channel"] not in channels():
            raise CommandError(
                f"no channel {options['channel']!r}; there are: {', '.join(sorted(channels()))}"
            )
        raw = _recorded(options["channel"], options["file"])
        stored = 0
        for event in raw:
            account = _account(options["channel"], options["account"] or event.account_key)
            key = f"{event.dedupe_key}:{uuid4()}" if options["again"] else event.dedupe_key
            given = replace(event, account_key=account.external_id, dedupe_key=key)
            stored += sum(
                ingest.events_store([(account.pk, given)], source="replay", now=database_now()).values()
            )
        self.stdout.write(f"{len(raw)} updates, {stored} of them new; a worker or desk_tick reads them")

    def _unread(self, slug: str | None) -> None:
        rows = InboundEvent.objects.filter(state=EventState.QUARANTINED).order_by("id")
        if slug:
            ids = ChannelAccount.objects.filter(channel=slug).values_list("pk", flat=True)
            rows = rows.filter(account_id__in=list(ids))
        put_back = 0
        for event_id in list(rows.values_list("pk", flat=True)):
            inbox.event_replay(actor=System("replay"), event_id=event_id, now=database_now())
            put_back += 1
        self.stdout.write(f"{put_back} updates are back in line")


def _recorded(slug: str, name: str) -> list[RawEvent]:
    path = Path(name) if Path(name).exists() else FIXTURES / slug / "webhook" / name
    try:
        case = json.loads(path.read_text())
        asked = case["request"]
        data = (
            (path.parent / asked["body_file"]).read_bytes()
            if "body_file" in asked
            else str(asked.get("body", "")).encode()
        )
        headers = {name.lower(): value for name, value in asked["headers"].items()}
        request = WebhookRequest(asked["method"], data, headers, asked.get("query", {}))
        adapter, view = channels()[slug], AppView(case["secrets"])
    except (OSError, ValueError, KeyError) as error:
        raise CommandError(f"{path} is no recorded request: {type(error).__name__}: {error}") from error
    try:
        adapter.verify(view, request)
    except BadSignature as error:
        raise CommandError(f"{path}: {error}") from error
    return adapter.split(view, request)


def _account(slug: str, external_id: str) -> ChannelAccount:
    account = ChannelAccount.objects.filter(channel=slug, external_id=external_id).first()
    if account is None:
        have = ", ".join(ChannelAccount.objects.filter(channel=slug).values_list("external_id", flat=True))
        raise CommandError(f"no account {external_id!r} here; say --account, one of: {have or '(none)'}")
    return account
