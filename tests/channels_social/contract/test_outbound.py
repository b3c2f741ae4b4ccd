"""What every channel must say of a send, whatever the network answers or however the connection ends."""

from __future__ import annotations

import dataclasses
import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import pytest

from channels_social.adapter import Channel
from channels_social.models import Visitor
from tests.channels_social.contract import cases
from tests.channels_social.contract.cases import Json
from tests.channels_social.scripted import nobody_listens
from tickets.contract import (
    FileRules,
    Found,
    MayReply,
    NotSent,
    OutboundAttachment,
    Permanent,
    Receipt,
    SendOutcome,
    Unclear,
)

#: The outcomes that every channel's outcomes.json must hold, and what each may end in.
REQUIRED = {
    "sent": {"Receipt"},
    "rate_limit": {"NotSent"},
    "whole_account": {"NotSent"},
    "dead_token": {"Reauthorise"},
    "other_4xx": {"Permanent"},
    "server_error": {"Unclear", "NotSent"},
    "no_receipt": {"Unclear"},
    "time_out": {"Unclear", "NotSent"},
    "connection_lost": {"Unclear", "NotSent"},
}


def _outcome(adapter: Channel, **message: object) -> Receipt | SendOutcome:
    try:
        return adapter.send(cases.message(adapter.slug, **message))
    except SendOutcome as outcome:
        return outcome


def _plain(outcome: Receipt | SendOutcome) -> Json:
    if isinstance(outcome, Receipt):
        return dict(cases.plain(outcome))
    found = {name: value for name, value in vars(outcome).items() if name != "retry_after"}
    if isinstance(outcome, NotSent):
        found["retry_after"] = outcome.retry_after and outcome.retry_after.total_seconds()
    return {"type": type(outcome).__name__, **found}


def test_an_answer_means_what_is_expected(kind: type[Channel], outcome: Json) -> None:
    if cases.has_windows(kind.slug) and "recipient" in outcome.get("message", {}):
        Visitor.objects.exclude(address="").update(address=outcome["message"]["recipient"])
    answers = outcome.get("answers") or [outcome["answer"]]
    with cases.playing(kind.slug, [{**told, "headers": _headers(told)} for told in answers]) as server:
        found = _plain(_outcome(cases.adapter(kind, base_url=server.url), **outcome.get("message", {})))
        seen = [
            {"method": one.method, "path": one.path, "body": _body(one.body), "lines": list(one.lines)}
            for one in server.seen
        ]
    expected = _of_this_message(kind, dict(outcome["expected"]))
    if cases.has_windows(kind.slug) and expected.get("dead"):
        # Nobody is at the address that was left: it lies ready where they spoke, and told nobody.
        expected = {"type": "Receipt", "told": False}
    low, high = expected.pop("retry_after_between", (None, None))
    if low is not None:
        assert low <= found["retry_after"] <= high
    assert cases.differences(expected, found) == []
    asked = outcome.get("requests") or ([outcome["request"]] if "request" in outcome else [])
    for place, each in enumerate(asked):
        has = each.pop("body_has", ())
        assert cases.differences(each, seen[place] if place < len(seen) else {}) == []
        assert all(part in str(seen[place]["body"]) + str(seen[place]["lines"]) for part in has)
    assert len(seen) <= len(answers), (
        "one send is one request, after its files: repeated it would be said twice"
    )


def _headers(told: Json) -> Json:
    """A reset is a moment: "+90" in a file stands for 90 seconds from now."""
    return {
        name: str(int(time.time()) + int(value)) if value.startswith("+") else value
        for name, value in told.get("headers", {}).items()
    }


def _of_this_message(kind: type[Channel], expected: Json) -> Json:
    """What the account that it goes through may not do keeps the others, who are written to where they are, from
    nothing."""
    if not cases.has_windows(kind.slug):
        return expected
    if expected["type"] == "Reauthorise":
        return {"type": "NotSent", "whole_account": False}
    return {**expected, "whole_account": False} if expected.get("whole_account") else expected


def _body(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")


def test_where_people_speak_a_send_is_their_word_and_no_request(kind: type[Channel]) -> None:
    if not kind.capabilities.spoken:
        return
    adapter = cases.adapter(kind, base_url=nobody_listens())
    first, second = (_outcome(adapter, automatic=False) for _ in range(2))
    assert isinstance(first, Receipt)
    assert first == second, "said once, however often it is noted"
    assert _outcome(adapter, automatic=False, idempotency_key="ack:2:1") != first
    by_machine = cases.message(kind.slug, automatic=True)
    assert not adapter.may_reply(by_machine).allowed
    assert isinstance(_outcome(adapter, automatic=True), Permanent)


def test_the_outcomes_that_matter_are_all_there(kind: type[Channel]) -> None:
    if kind.capabilities.spoken:
        return
    outcomes = cases.outcomes(kind.slug)
    by_group: dict[str, set[str]] = {}
    for told in outcomes:
        by_group.setdefault(told["group"], set()).add(told["expected"]["type"])
    for group, allowed in REQUIRED.items():
        assert group in by_group, f"{kind.slug}: outcomes.json needs one of the group {group}"
        if not kind.capabilities.idempotent_send:
            allowed = allowed - {"NotSent"} if "Unclear" in allowed else allowed
        assert by_group[group] <= allowed, f"{kind.slug}: {group} ends in {by_group[group]}, not in {allowed}"
    whole = [told["expected"] for told in outcomes if told["group"] == "whole_account"]
    assert all(expected["whole_account"] for expected in whole)


def _places(kind: type[Channel]) -> list[Json]:
    """Messages that a file may go with, as `cases.message` takes them: in public and, where it has them, in private."""
    stated = kind.capabilities
    found: list[Json] = []
    if stated.sends_files and stated.public:
        found.append({"visibility": "public"})
    if stated.private and (stated.files_private or (stated.sends_files and not stated.public)):
        found.append({"visibility": "private"})
    return found


def test_what_is_said_of_files_can_be_kept(kind: type[Channel]) -> None:
    stated = kind.capabilities
    rules = [FileRules(stated.files_most, stated.files_most_bytes, stated.file_most_bytes, stated.file_types)]
    rules = rules if stated.sends_files else []
    for each in [*rules, *([stated.files_private] if stated.files_private else [])]:
        assert each.most > 0
        assert 0 <= each.each_bytes <= each.most_bytes
        assert all("/" in one for one in each.types)
    groups = {told["group"] for told in cases.outcomes(kind.slug)}
    assert not rules or "file_sent" in groups, f"{kind.slug}: outcomes.json needs one of the group file_sent"


def test_a_file_that_cannot_be_read_is_certainly_not_sent(kind: type[Channel]) -> None:
    def lost() -> BinaryIO:
        raise NotSent("no longer in storage", code="file_missing")

    types = kind.capabilities.file_types or ("application/pdf",)
    for place in _places(kind):
        with cases.playing(kind.slug, [{"status": 200, "body": {}}]) as server:
            message = cases.message(kind.slug, recipient="1254477777772919", **place)
            file = OutboundAttachment("map", types[0], 3, lost)
            if kind.capabilities.named:
                message = cases.message(kind.slug)
            adapter = cases.adapter(kind, base_url=server.url)
            with pytest.raises(NotSent) as outcome:
                adapter.send(dataclasses.replace(message, attachments=(file,)))
            assert outcome.value.code == "file_missing"
            assert not outcome.value.whole_account
            assert not [one for one in server.seen if one.body]


def test_nobody_there_is_certainly_not_sent(kind: type[Channel]) -> None:
    if kind.capabilities.spoken:
        return
    outcome = _outcome(cases.adapter(kind, base_url=nobody_listens()))
    assert isinstance(outcome, NotSent)
    assert not outcome.whole_account


def test_a_send_ends_at_the_deadline(kind: type[Channel]) -> None:
    if kind.capabilities.spoken:
        return
    for behaviour in ("hang", "trickle_headers", "trickle_body"):
        with cases.playing(kind.slug, [{"behaviour": behaviour}]) as server:
            began = time.monotonic()
            outcome = _outcome(cases.adapter(kind, base_url=server.url))
            assert time.monotonic() - began <= cases.DEADLINE.total_seconds() + 0.5
        expected = NotSent if kind.capabilities.idempotent_send else Unclear
        assert isinstance(outcome, expected)


def test_where_nothing_is_there_to_send_through_it_is_certainly_not_sent(kind: type[Channel]) -> None:
    if not kind.sends_through:
        return
    adapter = cases.adapter(kind)
    adapter.through_found = lambda: None
    if kind.capabilities.spoken:  # only what is written goes by it, and nobody's voice waits for that
        message = dataclasses.replace(cases.message(kind.slug), written=True)
        assert not adapter.may_reply(message).allowed
        with pytest.raises(NotSent) as spoken:
            adapter.send(message)
        assert not spoken.value.whole_account
        assert all(kind.rule_words(spoken.value.code, language) for language in ("en", "nl"))
        return
    outcome = _outcome(adapter)
    if cases.has_windows(kind.slug):  # it lies ready for them all the same
        assert isinstance(outcome, Receipt)
        assert not outcome.told
        return
    assert isinstance(outcome, NotSent)
    assert outcome.whole_account
    assert all(kind.rule_words(outcome.code, language) for language in ("en", "nl"))


def test_what_lies_ready_told_nobody_and_may_be_taken_back(kind: type[Channel]) -> None:
    """For whoever account.json says that it lies ready: without any request, and once however often it is laid."""
    if not kind.capabilities.acknowledged:
        return
    told = cases.account_file(kind.slug)["lying"]
    adapter = cases.adapter(kind, base_url=nobody_listens())
    first, again = (_outcome(adapter, **told, idempotency_key="answer:7:1") for _ in range(2))
    assert isinstance(first, Receipt)
    assert first == again
    assert not first.told
    assert _outcome(adapter, **told, idempotency_key="answer:8:1") != first
    message = cases.message(kind.slug, **told, idempotency_key="answer:7:1")
    assert adapter.may_reply(message).allowed
    assert adapter.find_sent(message, datetime.now(UTC)) == Found(first)
    assert adapter.acknowledged_at(message) is None
    assert not adapter.other_way(message)
    assert not adapter.other_way(message, later=True)
    assert adapter.take_back(message)
    assert adapter.acknowledged_at(message) is None


def test_find_sent_tells_what_is_expected(kind: type[Channel], find_sent_file: Path) -> None:
    case = cases.read(find_sent_file)
    with cases.playing(kind.slug, case["answers"], "find_sent") as server:
        message = cases.message(kind.slug, **case.get("message", {}))
        since = datetime.fromisoformat(case["since"])
        found = cases.plain(cases.adapter(kind, base_url=server.url).find_sent(message, since))
        requests = [{"method": one.method, "path": one.path, "query": one.query} for one in server.seen]
    assert cases.differences(case["expected"], {**found, "requests": requests}) == []


def test_find_sent_raises_nothing(kind: type[Channel]) -> None:
    if kind.capabilities.find_sent_after is None:
        return
    since = datetime.now(UTC)
    troubles: list[Json] = [
        {"behaviour": "hang"},
        {"behaviour": "cut", "body": "{"},
        *({"status": status, "body": "<html>"} for status in (200, 401, 403, 429, 503)),
        {"status": 200, "body": [1]},
        {"status": 200, "body": {"data": 7}},
    ]
    for told in troubles:
        with cases.playing(kind.slug, [told], "find_sent") as server:
            found = cases.adapter(kind, base_url=server.url).find_sent(cases.message(kind.slug), since)
        assert type(found).__name__ == "CannotTell", told
    found = cases.adapter(kind, base_url=nobody_listens()).find_sent(cases.message(kind.slug), since)
    assert type(found).__name__ == "CannotTell"


LONG_TEXTS = [
    "We hope to sort it by Friday. " * 60,
    "word " * 400,
    "https://example.org/a/rather/long/address?with=query " * 30,
    "長い文" * 300,
    "👩‍👩‍👧‍👦" * 200,
    "a" * 1500,
]


@pytest.mark.parametrize("text", LONG_TEXTS)
def test_the_longest_text_fits(kind: type[Channel], text: str) -> None:
    """In public and, where the channel has them, in private messages, which may have a limit of their own."""
    adapter, stated = cases.adapter(kind), kind.capabilities
    limits = [adapter.length_limit("public")] if stated.public else []
    limits += [adapter.length_limit("private")] if stated.private else []
    for limit in limits:
        if limit is None:
            continue
        if not stated.splits:
            assert kind.length("a" * limit) <= limit
            continue
        parts = kind.split_text(text, limit)
        assert parts == kind.split_text(text, limit), "the same text gives the same parts"
        assert len(parts) > 1
        assert all(0 < kind.length(part) <= limit for part in parts)
        assert kind.split_text("Short.", limit) == ["Short."]


def test_may_reply_follows_the_rule_that_was_read(kind: type[Channel]) -> None:
    adapter = cases.adapter(kind)
    message = cases.message(kind.slug)
    refused = dataclasses.replace(message.reply_rule, allowed=False)
    assert adapter.may_reply(message).allowed
    assert not adapter.may_reply(dataclasses.replace(message, reply_rule=refused)).allowed


def test_a_closed_window_is_closed_to_automatic_messages_first(kind: type[Channel]) -> None:
    """Where the network has windows: until it closes all may go, then only what a person writes, then nothing."""
    if kind.capabilities.reply_window is None:
        return
    now, hour = datetime.now(UTC), timedelta(hours=1)
    adapter = cases.adapter(kind)
    message = cases.message(kind.slug, visibility="private")

    def allowed(until: timedelta, person_until: timedelta, *, automatic: bool) -> bool:
        rule = MayReply(True, message.reply_rule.rule, until=now + until, person_until=now + person_until)
        told = adapter.may_reply(dataclasses.replace(message, reply_rule=rule, automatic=automatic))
        assert told.allowed or kind.rule_words(told.rule, "en"), "a refusal has words"
        return told.allowed

    assert allowed(hour, 2 * hour, automatic=True)
    assert not allowed(-hour, hour, automatic=True)
    assert allowed(-hour, hour, automatic=False) is (kind.capabilities.person_window is not None)
    assert not allowed(-2 * hour, -hour, automatic=False)


def test_rules_have_words_in_both_languages(kind: type[Channel]) -> None:
    spoken = kind.capabilities.spoken
    outcomes = [] if spoken or kind.sends_through else cases.outcomes(kind.slug)
    codes = {told["expected"].get("code") for told in outcomes} - {None, "", "no_connection"}
    for code in codes:
        english, dutch = kind.rule_words(code, "en"), kind.rule_words(code, "nl")
        assert len({"", english, dutch}) == 3, f"{kind.slug}: {code} has no words"
    assert kind.rule_words("no such rule", "en") == ""
