"""How an account is connected on a network's own pages: what leaves for there, what comes of what comes back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from channels_social.adapter import AppView, Candidate, Channel, ConnectFailed
from channels_social.connect_words import failed_words, permission_words
from tests.channels_social.contract import cases
from tests.channels_social.scripted import Scripted

BACK = "https://desk.example.org/accounts/connect/back/"


def test_who_may_be_connected_on_its_pages_has_files_of_it(kind: type[Channel]) -> None:
    told = [cases.read(path)["expected"] for path in cases.files(kind.slug, "connect")]
    if not kind.sign_in_fields:
        assert told == [], "files of connecting, and no sign_in_fields"
        return
    assert any(not one.get("missing") for each in told for one in each.get("candidates", []))
    assert any(one.get("missing") for each in told for one in each.get("candidates", []))
    assert {"denied", "refused", "no_answer", "no_client"} <= {each.get("refused") for each in told}


def test_the_way_there_holds_the_state_and_nothing_secret(kind: type[Channel]) -> None:
    if not kind.sign_in_fields:
        with pytest.raises(ConnectFailed, match="no_pages"):
            kind.connect_begin(AppView({}), cases.app_net(), BACK, "state")
        return
    case = cases.read(cases.files(kind.slug, "connect")[0])
    app = cases.registration(case)
    there = [kind.connect_begin(app, cases.app_net(), BACK, state) for state in ("state-1", "state-2")]
    for each, state in zip(there, ("state-1", "state-2"), strict=True):
        assert each.address.startswith("https://")
        query = parse_qs(urlsplit(each.address).query)
        assert query["state"] == [state]
        assert query["redirect_uri"] == [BACK]
        hidden = [*each.remembered.values(), *(value for values in app.secrets.values() for value in values)]
        shown = {value for values in query.values() for value in values}
        assert not shown & set(hidden)
    first, second = (dict(each.remembered) for each in there)
    assert not first or first != second, "what is remembered is of one attempt alone"
    elsewhere = kind.connect_begin(
        cases.registration(case, "http://127.0.0.1:9/x"), cases.app_net(), BACK, "s"
    )
    assert elsewhere.address.startswith("http://127.0.0.1:9/x/")


def finished(kind: type[Channel], app: AppView, case: cases.Json) -> list[Candidate] | ConnectFailed:
    try:
        return kind.connect_finish(app, cases.app_net(), BACK, case["query"], case["remembered"])
    except ConnectFailed as failed:
        return failed


def test_what_comes_back(kind: type[Channel], connect_file: Path) -> None:
    case = cases.read(connect_file)
    expected = case["expected"]
    with Scripted(
        [cases.answer(one) for one in case["answers"]] or [cases.answer({"status": 500})]
    ) as server:
        app = cases.registration(case, server.url)
        found = finished(kind, app, case)
        if isinstance(found, ConnectFailed):
            assert found.code == expected.get("refused"), found
            said = [failed_words(kind, found, language) for language in ("en", "nl")]
            assert all(said)
        else:
            assert "refused" not in expected
            assert cases.differences(expected["candidates"], [cases.plain(one) for one in found]) == []
            for one in found:
                json.dumps(dict(one.credentials))
                for name in one.missing:
                    assert all(permission_words(kind, name, language) for language in ("en", "nl"))
        seen = [{"method": one.method, "path": one.path} for one in server.seen]
        for request in server.seen:
            secret = {value for values in app.secrets.values() for value in values} | {
                case["query"].get("code")
            }
            assert not secret & set(request.query.values()), "what is secret stands in no address"
    assert cases.differences(expected.get("requests", seen), seen) == []


def test_trying_it_out_is_said_in_both_languages(kind: type[Channel]) -> None:
    words = {kind.try_out_words(language) for language in ("en", "nl")}
    assert words == {""} or (len(words) == 2 and "" not in words)


def test_a_cursor_of_now_is_one_that_a_poll_takes(kind: type[Channel]) -> None:
    cursor = cases.adapter(kind).cursor_at(datetime(2026, 11, 24, 12, 0, tzinfo=UTC))
    assert all(isinstance(part, str) for pair in cursor.items() for part in pair)
