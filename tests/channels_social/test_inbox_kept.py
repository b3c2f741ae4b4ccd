"""What the inbox keeps, for how long, and what it forgets."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from channels_social import inbox, ingest
from channels_social.adapter import RawEvent
from channels_social.adapters.x.parse import GONE, POLLED
from channels_social.models import EventKey, EventState, InboundEvent
from tests import desk
from tests.desk import hook
from tickets.clock import database_now
from tickets.models import (
    Message,
    MessageTombstone,
    MessageVersion,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seeded")]
SWALLOWED = "@desk1111 the ticket machine at Central swallowed my card"


def gone(external_id: str) -> RawEvent:
    body = {
        "id": external_id,
        "rule": "removed_by_author",
        "detail": "",
        "looked_at": "2026-11-23T12:00:00+00:00",
    }
    return RawEvent("1111", f"gone:{external_id}", GONE, json.dumps(body).encode())


def test_deleting_empties_the_words_everywhere_and_leaves_a_tombstone(client: Client) -> None:
    account = desk.account()
    hook(client, desk.mentioned(desk.post(5, SWALLOWED)))
    hook(client, desk.mentioned(desk.post(6, SWALLOWED + "!", history=[5, 6], conversation=5)))
    inbox.events_process(account.pk)
    assert MessageVersion.objects.count() == 2
    ingest.events_store([(account.pk, gone("5"))], source="look_up", now=database_now())
    inbox.events_process(account.pk)
    message = Message.objects.get()
    assert message.body == ""
    assert message.removed_at is not None
    assert set(MessageVersion.objects.values_list("body", flat=True)) == {""}
    assert MessageTombstone.objects.count() == 1
    assert "swallowed" not in "".join(
        bytes(body).decode() for body in InboundEvent.objects.values_list("body", flat=True) if body
    )


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("first", ["message", "removal"])
def test_no_raw_event_keeps_the_words_of_what_is_gone(together: bool, first: str) -> None:
    account = desk.account()
    body = json.dumps({"post": desk.post(5, SWALLOWED), "user": {"id": "2222", "username": "u"}}).encode()
    both = [RawEvent("1111", "said", POLLED, body), gone("5")]
    for event in both if first == "message" else reversed(both):
        ingest.events_store([(account.pk, event)], source="poll", now=database_now())
        if not together:
            inbox.events_process(account.pk)
    inbox.events_process(account.pk)
    assert Message.objects.get().body == ""
    assert not InboundEvent.objects.filter(state=EventState.PENDING).exists()
    assert not [event for event in InboundEvent.objects.all() if b"swallowed" in bytes(event.body or b"")]


def test_a_large_update_is_kept_in_storage_and_read_from_there(settings: object, tmp_path: object) -> None:
    settings.MEDIA_ROOT = str(tmp_path)  # type: ignore[attr-defined]
    account = desk.account()
    made = desk.post(5, SWALLOWED)
    made["padding"] = "x" * 300_000
    ingest.events_store(
        [(account.pk, RawEvent("1111", "big", "post.mention.create", desk.mentioned(made)))],
        source="webhook",
        now=database_now(),
    )
    event = InboundEvent.objects.get()
    assert event.body is None
    assert event.body_key
    inbox.events_process(account.pk)
    assert Message.objects.count() == 1
    ingest.events_store([(account.pk, gone("5"))], source="look_up", now=database_now())
    inbox.events_process(account.pk)
    event.refresh_from_db()
    assert event.body_key == ""


def test_a_large_update_seen_again_leaves_no_second_file(settings: object, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)  # type: ignore[attr-defined]
    account = desk.account()
    big = RawEvent("1111", "big", "post.mention.create", b"x" * 300_000)
    for _ in range(2):
        ingest.events_store([(account.pk, big), (account.pk, big)], source="poll", now=database_now())
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [str(path.relative_to(tmp_path)) for path in kept] == [InboundEvent.objects.get().body_key]


def test_what_could_not_be_read_is_never_purged_unread() -> None:
    account = desk.account()
    ingest.events_store(
        [(account.pk, RawEvent("1111", "odd", "odd", b"{}"))], source="webhook", now=database_now()
    )
    inbox.events_process(account.pk)
    assert InboundEvent.objects.get().state == EventState.QUARANTINED
    ingest.events_purge(now=database_now() + timedelta(days=400))
    assert InboundEvent.objects.filter(state=EventState.QUARANTINED).exists()


def test_old_events_and_keys_go_and_pending_ones_stay(client: Client) -> None:
    account = desk.account()
    hook(client, desk.mentioned(desk.post(5, SWALLOWED)))
    inbox.events_process(account.pk)
    hook(client, desk.mentioned(desk.post(6, SWALLOWED, author="7")))
    ingest.events_purge(now=database_now() + timedelta(days=31))
    assert list(InboundEvent.objects.values_list("state", flat=True)) == [EventState.PENDING]
    assert EventKey.objects.count() == 2
    ingest.events_purge(now=database_now() + timedelta(days=41))
    assert EventKey.objects.count() == 0
