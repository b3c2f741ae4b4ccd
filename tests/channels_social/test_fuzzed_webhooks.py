"""Webhook bodies that no network sends, most of them rightly signed: every update of each is read or kept.

They begin as the recorded ones of a channel's fixture folder. Keys are dropped, types swapped, numbers put for ids,
verbs made up, entries emptied, updates repeated and mixed; some are cut or changed as bytes.
"""

from __future__ import annotations

import base64
import copy
import dataclasses
import hashlib
import hmac
import json
import random
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from channels_social import inbox
from channels_social.adapter import (
    AppView,
    BadContent,
    BadSignature,
    Channel,
    RawEvent,
    UnknownEvent,
    WebhookRequest,
)
from channels_social.models import ChannelApp, ChannelConnection, EventState, InboundEvent
from tests import desk
from tests.channels_social.contract import cases
from tickets.contract import Author, Parsed
from tickets.models import ChannelAccount

SECRET = "fuzzed"
FEW, MANY, THROUGH_THE_INBOX = 300, 10_000, 120


def hexed(body: bytes) -> dict[str, str]:
    return {"x-hub-signature-256": "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}


def based(body: bytes) -> dict[str, str]:
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).digest()
    return {"x-twitter-webhooks-signature": "sha256=" + base64.b64encode(digest).decode()}


@dataclasses.dataclass(frozen=True)
class Network:
    """How a network signs, which secret that is, and the lists that hold its updates."""

    slug: str
    sign: Callable[[bytes], dict[str, str]]
    secret: str
    updates: Callable[[Any], Iterator[Any]]

    @property
    def kind(self) -> type[Channel]:
        return cases.all_channels()[self.slug]

    @property
    def app(self) -> AppView:
        return AppView({self.secret: [SECRET]})


def of_pages(body: Any) -> Iterator[Any]:
    """Everything that stands where an update of a Page should stand, whatever it is."""
    entries = body.get("entry") if isinstance(body, dict) and body.get("object") == "page" else None
    for entry in entries if isinstance(entries, list) else []:
        if not isinstance(entry, dict):
            yield entry
            continue
        for name in ("changes", "messaging", "standby"):
            held = entry.get(name)
            yield from held if isinstance(held, list) else [held] if name in entry else []


def of_activity(body: Any) -> Iterator[Any]:
    if not isinstance(body, dict):
        return
    held = body.get("data")
    yield from held if isinstance(held, list) else [held] if "data" in body else []
    for name, listed in body.items():
        if name.endswith("_events"):
            yield from listed if isinstance(listed, list) else [listed]


NETWORKS = (
    Network("facebook", hexed, "app_secret", of_pages),
    Network("x", based, "consumer_secret", of_activity),
)
ODD: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    7,
    10**25,
    1.5,
    "",
    " ",
    "sing",
    "\u0000",
    "\ud800",
    "é" * 300,
    "9" * 400,
    "1511951016",
    "2026-11-23T12:00:00+01:00",
    "not a time",
    [],
    [None],
    [[]],
    {},
    {"id": "1"},
    {"id": 7},
    "<script>",
    "../../etc",
    "%s %(x)s {0}",
)


def bodies(network: Network) -> list[Any]:
    found = []
    for path in cases.files(network.slug, "webhook"):
        case = cases.read(path)
        try:
            found.append(json.loads(cases.request(path, case).body))
        except ValueError:
            continue
    assert len(found) > 15
    return found


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (holder, key) in a JSON value."""
    found: list[tuple[Any, Any]] = []
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        found.append((value, key))
        found += places(value[key])
    return found


def changed(value: Any, others: list[Any], chance: random.Random) -> Any:
    """A copy with one to four things wrong."""
    body = copy.deepcopy(value)
    for _ in range(chance.randint(1, 4)):
        found = places(body)
        if not found:
            return body
        holder, key = chance.choice(found)
        held = holder[key]
        match chance.randrange(9):
            case 0:
                del holder[key]
            case 1:
                holder[key] = copy.deepcopy(chance.choice(ODD))
            case 2 if isinstance(held, str):
                holder[key] = int(held) if held.isdigit() and len(held) < 100 else held + "?"
            case 3 if isinstance(held, list):
                held.extend(copy.deepcopy(held))
            case 4 if isinstance(held, list | dict):
                held.clear()
            case 5:
                holder[key] = [held]
            case 6:
                other, name = chance.choice(places(chance.choice(others)))
                holder[key] = copy.deepcopy(other[name])
            case 7:
                other, name = chance.choice(places(chance.choice(others)))
                if isinstance(holder, dict) and isinstance(name, str):
                    holder[name] = copy.deepcopy(other[name])
            case _:
                holder[key] = str(held)
    return body


def made(network: Network, number: int) -> tuple[bytes, Any]:
    """The body of this number and, where it is JSON, what it says."""
    chance = random.Random(f"{network.slug}:{number}")
    known = bodies_of[network.slug]
    said = changed(chance.choice(known), known, chance)
    body = json.dumps(said, ensure_ascii=chance.random() < 0.8).encode("utf-8", "surrogatepass")
    if chance.random() < 0.8:
        return body, json.loads(body)
    cut = bytearray(body)
    for _ in range(chance.randint(1, 5)):
        place = chance.randrange(len(cut) or 1)
        cut[place : place + chance.randrange(4)] = chance.randbytes(chance.randrange(3))
    try:
        return bytes(cut), json.loads(bytes(cut))
    except ValueError:
        return bytes(cut), None


bodies_of = {network.slug: bodies(network) for network in NETWORKS}


def storable(parsed: Parsed) -> None:
    """Nothing of it is what a column or a page cannot take."""
    for field in dataclasses.fields(parsed):
        value = getattr(parsed, field.name)
        if isinstance(value, str):
            value.encode()
            assert "\0" not in value
            assert len(value) <= (255 if field.name.endswith(("_id", "_key")) else 70_000), field.name
        if isinstance(value, datetime):
            assert value.utcoffset() is not None
            assert value.year < 9_000
    author = getattr(parsed, "author", None)
    if isinstance(author, Author):
        assert 0 < len(author.external_id) <= 255
        assert max(len(author.name), len(author.handle)) <= 200
        (author.name + author.handle + author.external_id).encode()


def canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def check(network: Network, number: int) -> bool:
    """One body: verified, split, read. Whether it was JSON."""
    body, said = made(network, number)
    request = WebhookRequest("POST", body, network.sign(body), {})
    network.kind.verify(network.app, request)
    for damaged in (body + b" ", b" " + body):
        with pytest.raises(BadSignature):
            network.kind.verify(network.app, dataclasses.replace(request, body=damaged))
    events = network.kind.split(network.app, request)
    assert events, "a body from which nothing comes is lost"
    kept = [event.body.decode("utf-8", "replace") for event in events]
    if said is not None and not any(event.kind == "unreadable" for event in events):
        for update in network.updates(said):
            assert any(canonical(update) in one for one in kept), f"lost: {canonical(update)[:200]}"
    elif said is None:
        assert body in [event.body for event in events]
    for event in events:
        read(network, event)
    return said is not None


def read(network: Network, event: RawEvent) -> None:
    (event.account_key + event.dedupe_key + event.kind).encode()
    assert "\0" not in event.account_key + event.dedupe_key + event.kind
    assert event.dedupe_key
    try:
        parsed = cases.adapter(network.kind).parse(event)
    except (UnknownEvent, BadContent) as refusal:
        str(refusal).encode()
        return
    assert parsed, "read, and nothing said of it"
    for one in parsed:
        storable(one)


@pytest.mark.parametrize("network", NETWORKS, ids=lambda one: one.slug)
def test_fuzzed_bodies_are_read_or_kept(network: Network) -> None:
    of_json = sum(check(network, number) for number in range(FEW))
    assert of_json >= FEW / 2


@pytest.mark.slow
@pytest.mark.parametrize("network", NETWORKS, ids=lambda one: one.slug)
def test_ten_thousand_fuzzed_bodies_are_read_or_kept(network: Network) -> None:
    of_json = sum(check(network, number) for number in range(MANY))
    assert of_json >= MANY / 2


def connected(network: Network, app: ChannelApp, external_id: str) -> ChannelAccount:
    account = ChannelAccount.objects.create(
        channel=network.slug,
        external_id=external_id,
        name="Town",
        handle=f"town{external_id}",
        team=desk.team(),
        mode="customer_service",
        created_at=desk.MONDAY,
    )
    ChannelConnection.objects.create(account=account, app=app, credentials={}, settings={})
    return account


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("network", NETWORKS, ids=lambda one: one.slug)
def test_fuzzed_bodies_through_the_inbox(network: Network, client: Client) -> None:
    """The webhook's address takes each, and after the inbox's turn nothing waits and nothing has crashed."""
    desk.seeded()
    told = cases.account_file(network.slug)
    app = ChannelApp.objects.create(
        channel=network.slug,
        name="app",
        hook_key="fuzz",
        secrets={network.secret: [SECRET]},
        created_at=desk.MONDAY,
    )
    ours = {key: connected(network, app, key) for key in (told["external_id"], *told["accounts"])}
    oldest = ours[told["external_id"]]  # what names no account goes to the oldest
    expected = set[tuple[int, str]]()
    for number in range(THROUGH_THE_INBOX):
        body, _ = made(network, number)
        request = WebhookRequest("POST", body, network.sign(body), {})
        for event in network.kind.split(network.app, request):
            account = ours.get(event.account_key, oldest if event.account_key == "" else None)
            expected |= {(account.pk, event.dedupe_key)} if account else set()
        answer = client.post(
            f"/hooks/{network.slug}/fuzz/",
            data=body,
            content_type="application/json",
            headers=network.sign(body),
        )
        assert answer.status_code == 200
    assert set(InboundEvent.objects.values_list("account_id", "dedupe_key")) == expected
    assert len(expected) > THROUGH_THE_INBOX / 2

    for account in ours.values():
        inbox.events_process(account.pk, seconds=60)

    assert InboundEvent.objects.exclude(state__in=[EventState.DONE, EventState.QUARANTINED]).count() == 0
    failed = InboundEvent.objects.filter(state=EventState.QUARANTINED, failures__gt=0)
    words = list(failed.values_list("error", flat=True))
    assert words == [], "kept because the desk failed, not because the adapter refused"
    assert InboundEvent.objects.filter(state=EventState.DONE).exists()
    assert InboundEvent.objects.filter(state=EventState.QUARANTINED).exists()
    assert not InboundEvent.objects.filter(state=EventState.DONE, outcome="").exists()
