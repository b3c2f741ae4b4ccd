"""What every channel must do with what arrives, shown on the recorded requests of its fixture folder."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from channels_social.adapter import BadContent, BadSignature, Channel, RawEvent, UnknownEvent, WebhookRequest
from tests.channels_social.contract import cases
from tests.channels_social.contract.cases import Json
from tickets.contract import InboundMessage


def test_there_is_a_fixture_folder(kind: type[Channel]) -> None:
    home = cases.folder(kind.slug)
    silent = kind.capabilities.spoken or kind.sends_through
    needed = ["account.json"] if silent else ["account.json", "outcomes.json"]
    needed += ["page"] if kind.capabilities.own_page else []
    needed += ["webhook"] if kind.capabilities.webhooks else []
    needed += ["poll"] if kind.capabilities.polling else []
    needed += ["look_up"] if kind.capabilities.look_up_within else []
    needed += ["find_sent"] if kind.capabilities.find_sent_after else []
    missing = [name for name in needed if not (home / name).exists()]
    assert not missing, (
        f"{kind.slug} has no {', '.join(missing)} in its fixture folder; see docs/add-a-channel.md"
    )


@pytest.mark.parametrize("slug", sorted(path.name for path in cases.FIXTURES.iterdir() if path.is_dir()))
def test_a_fixture_folder_has_its_channel(slug: str) -> None:
    assert slug in cases.all_channels(), (
        f"nothing reads {cases.folder(slug)}: write channels_social/adapters/{slug}.py; see docs/add-a-channel.md"
    )


def _signed(kind: type[Channel]) -> list[tuple[Json, WebhookRequest]]:
    """Webhook requests that come with a signature (a challenge comes with none)."""
    found = [(cases.read(path), path) for path in cases.files(kind.slug, "webhook")]
    return [(case, cases.request(path, case)) for case, path in found if "events" in case["expected"]]


def test_a_webhook_is_read_as_expected(kind: type[Channel], webhook_file: Path) -> None:
    case = cases.read(webhook_file)
    request = cases.request(webhook_file, case)
    app = cases.app(case)
    if "challenge" in case["expected"]:
        told = kind.challenge(app, request)
        assert (None if told is None else told.decode()) == case["expected"]["challenge"]
        return
    assert kind.challenge(app, request) is None
    kind.verify(app, request)
    expected = case["expected"]["events"]
    events = kind.split(app, request)
    assert len(events) == len(expected)
    found = [cases.event_view(kind, event, want) for event, want in zip(events, expected, strict=True)]
    assert cases.differences(expected, found) == []
    assert all(event.dedupe_key for event in events)


def test_one_changed_byte_is_refused(kind: type[Channel]) -> None:
    for case, request in _signed(kind):
        if case.get("signs", "body") != "body":
            continue
        body = request.body
        for place in {0, len(body) // 3, len(body) // 2, len(body) - 1}:
            changed = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
            with pytest.raises(BadSignature):
                kind.verify(cases.app(case), dataclasses.replace(request, body=changed))
        with pytest.raises(BadSignature):
            kind.verify(cases.app(case), dataclasses.replace(request, body=body + b" "))


def test_no_signature_and_an_odd_one_are_refused(kind: type[Channel]) -> None:
    for case, request in _signed(kind)[:1]:
        for headers in ({}, dict.fromkeys(request.headers, "é\ud800"), dict.fromkeys(request.headers, "")):
            with pytest.raises(BadSignature):
                kind.verify(cases.app(case), dataclasses.replace(request, headers=headers))


def test_two_secrets_are_good_during_a_rotation_and_no_third(kind: type[Channel]) -> None:
    for case, request in _signed(kind)[:1]:
        app = cases.app(case)
        newer = dataclasses.replace(app, secrets={name: ["newer", *old] for name, old in app.secrets.items()})
        kind.verify(newer, request)
        others: list[dict[str, list[str]]] = [
            {name: ["other"] for name in app.secrets},
            {name: [] for name in app.secrets},
            {},
        ]
        for other in others:
            with pytest.raises(BadSignature):
                kind.verify(dataclasses.replace(app, secrets=other), request)


def test_delivered_twice_it_is_one_update(kind: type[Channel]) -> None:
    for case, request in _signed(kind):
        first, second = (kind.split(cases.app(case), request) for _ in range(2))
        assert [event.dedupe_key for event in first] == [event.dedupe_key for event in second]
        assert len({event.dedupe_key for event in first}) == len(first)


HOSTILE = [
    b"",
    b"null",
    b"[]",
    b"{}",
    b'"text"',
    b"\xff\xfe\x00",
    b"[" * 20_000,
    b'{"a":' * 20_000,
    b'{"data":' + b"9" * 5_000 + b"}",
    b'{"data":{"event_type":"\\ud800","event_uuid":"\\u0000","filter":{"user_id":"\\ud800"}}}',
    b'{"data":[1,null,{"event_type":7}],"entry":[null,{"id":[]}],"object":"page"}',
]


def test_splitting_and_reading_never_raise_anything_else(kind: type[Channel]) -> None:
    for case, request in _signed(kind)[:1]:
        for body in HOSTILE:
            for event in kind.split(cases.app(case), dataclasses.replace(request, body=body)):
                (event.dedupe_key + event.account_key + event.kind).encode()
                assert event.dedupe_key
                with pytest.raises((UnknownEvent, BadContent)):
                    cases.adapter(kind).parse(event)


def test_the_page_of_a_message_is_found_in_anything_without_an_error(kind: type[Channel]) -> None:
    for body in HOSTILE:
        assert isinstance(kind.page_of(body), str)


def test_an_unknown_kind_is_kept(kind: type[Channel]) -> None:
    if not kind.capabilities.webhooks:
        return
    refused = [one for case, _ in _signed(kind) for one in case["expected"]["events"] if "refused" in one]
    kinds = {one["refused"] for one in refused}
    assert {"UnknownEvent", "BadContent"} <= kinds, f"{kind.slug}: one fixture of each of these is needed"


def test_one_webhook_serves_several_accounts(kind: type[Channel]) -> None:
    if not kind.capabilities.webhooks:
        return
    events = [one for case, _ in _signed(kind) for one in case["expected"]["events"]]
    assert len({one["account_key"] for one in events if "parsed" in one}) >= 2, (
        "two accounts behind one webhook"
    )
    assert any(one.get("not_ours") for one in events), "an update for none of our accounts"


def test_a_poll_brings_what_is_expected(kind: type[Channel], poll_file: Path) -> None:
    case = cases.read(poll_file)
    with cases.playing(kind.slug, case["answers"], "poll") as server:
        reader = cases.adapter(kind, base_url=server.url)
        events, cursor, more = reader.poll(case["cursor"])
        expected = case["expected"]
        found: Json = {
            "requests": [{"method": one.method, "path": one.path, "query": one.query} for one in server.seen],
            "events": [
                cases.event_view(kind, event, want)
                for event, want in zip(events, expected["events"], strict=False)
            ],
            "count": len(events),
            "cursor": cursor,
            "more": more,
        }
    assert cases.differences({**expected, "count": len(expected["events"])}, found) == []
    assert all(isinstance(value, str) for value in cursor.values())


def test_a_look_up_tells_what_is_expected(kind: type[Channel], look_up_file: Path) -> None:
    case = cases.read(look_up_file)
    with cases.playing(kind.slug, case["answers"], "look_up") as server:
        events = cases.adapter(kind, base_url=server.url).look_up(case["ids"])
        found = [cases.event_view(kind, event, {}) for event in events]
        requests = [{"method": one.method, "path": one.path, "query": one.query} for one in server.seen]
    assert cases.differences(case["expected"], {"events": found, "requests": requests}) == []


def test_what_a_page_keeps_is_read_as_expected(kind: type[Channel], page_file: Path) -> None:
    case = cases.read(page_file)
    found = cases.event_view(kind, cases.stored(case), case["expected"])
    assert cases.differences(case["expected"], found) == []


def test_a_page_of_its_own_has_an_address_and_refuses_what_it_never_kept(kind: type[Channel]) -> None:
    assert bool(kind.pages()) == kind.capabilities.own_page
    if not kind.capabilities.own_page:
        return
    told = [cases.read(path)["expected"] for path in cases.files(kind.slug, "page")]
    assert {each.get("refused") for each in told} >= {"UnknownEvent", "BadContent"}
    known = cases.stored(cases.read(cases.files(kind.slug, "page")[0]))
    for body in HOSTILE:
        with pytest.raises((UnknownEvent, BadContent)):
            cases.adapter(kind).parse(dataclasses.replace(known, body=body))


def _messages(kind: type[Channel]) -> list[tuple[str, InboundMessage]]:
    """Every utterance of the fixtures, with the way it came."""
    found: list[tuple[str, InboundMessage]] = []

    def take(way: str, events: list[RawEvent]) -> None:
        for event in events:
            try:
                parsed = cases.adapter(kind, account_key=event.account_key).parse(event)
            except (KeyError, UnknownEvent, BadContent):  # not ours, or kept as unread
                continue
            found.extend((way, one) for one in parsed if isinstance(one, InboundMessage))

    for case, request in _signed(kind):
        take("webhook", kind.split(cases.app(case), request))
    for path in cases.files(kind.slug, "poll"):
        case = cases.read(path)
        with cases.playing(kind.slug, case["answers"], "poll") as server:
            take("poll", cases.adapter(kind, base_url=server.url).poll(case["cursor"])[0])
    take("page", [cases.stored(cases.read(path)) for path in cases.files(kind.slug, "page")])
    return found


def test_by_webhook_and_by_poll_it_is_one_message(kind: type[Channel]) -> None:
    """The same version of an utterance is the same message whichever way it came."""
    ways: dict[tuple[str, str], list[tuple[str, InboundMessage]]] = {}
    for way, one in _messages(kind):
        ways.setdefault((one.external_id, one.version_id), []).append((way, one))
    for several in ways.values():
        identities = {(one.thread_key, one.text, one.sent_at, one.author.external_id) for _, one in several}
        assert len(identities) == 1
    if kind.capabilities.webhooks and kind.capabilities.polling:
        met = [several for several in ways.values() if {way for way, _ in several} == {"webhook", "poll"}]
        assert met, "one utterance must be in a webhook's fixture and in a poll's"


def test_versions_of_an_utterance_are_in_order(kind: type[Channel]) -> None:
    """Edit before add ends in the same state because each version says which it is."""
    orders: dict[str, dict[str, int]] = {}
    threads: dict[str, set[str]] = {}
    for _, one in _messages(kind):
        orders.setdefault(one.external_id, {})[one.version_id] = one.version_order
        threads.setdefault(one.external_id, set()).add(one.thread_key)
    for versions in orders.values():
        assert len(set(versions.values())) == len(versions)
    assert all(len(keys) == 1 for keys in threads.values())


def test_two_callers_never_share_a_conversation(kind: type[Channel]) -> None:
    callers: dict[str, set[str]] = {}
    for _, one in _messages(kind):
        callers.setdefault(one.thread_key, set()).add(one.author.external_id)
    assert all(len(authors) == 1 for authors in callers.values())
    assert callers or kind.capabilities.spoken, "no fixture holds an utterance"


def test_times_are_aware_utc_and_texts_are_whole(kind: type[Channel]) -> None:
    for _, one in _messages(kind):
        assert one.sent_at.utcoffset() is not None
        assert all((one.external_id, one.version_id, one.author.external_id))
        one.text.encode()
