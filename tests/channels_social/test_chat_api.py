"""The chat's API as a visitor's window meets it: what is said is there once and in order, and shown to nobody else."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from channels_social.adapters.chat import state as states
from channels_social.inbox import events_process
from channels_social.models import EventState, InboundEvent, VisitorWords
from tests import desk
from tests.channels_social.chat_desk import HOST, SITE, WORDS, Window, chat, our_line, window
from tickets.clock import database_now
from tickets.models import (
    ChannelAccount,
    ChannelMode,
    Contact,
    Direction,
    Message,
    OutboundReply,
    Promise,
    Ticket,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> ChannelAccount:
    desk.seeded()
    monkeypatch.setattr(states, "THERE_KEPT", 0.0)
    return chat()  # type: ignore[no-any-return]


def theirs(state: dict[str, Any]) -> list[str]:
    return [line["text"] for line in state["lines"] if line["by"] == "visitor"]


# -- beginning -------------------------------------------------------------------------------------------------


def test_it_begins_with_a_token_that_only_its_hash_is_kept_of() -> None:
    one, other = Window(), Window()
    found = one.begin(language="nl-NL")
    other.begin()
    assert len(found["token"]) >= 32
    assert found["token"] != other.token
    assert (found["name"], found["language"], found["lines"], found["last"]) == (
        "Gemeente Merendam",
        "nl",
        [],
        0,
    )
    assert found["promise"] is None
    assert found["address"] == ""
    assert not found["ended"]
    visitor = one.visitor
    assert found["token"].encode() not in bytes(visitor.token_hash)
    assert visitor.origin == HOST


def test_no_cookie_is_set_or_needed() -> None:
    made = window()
    for answer in (made.ask("GET", "state"), made.say(), made.ask("POST", "typing")):
        assert "Set-Cookie" not in answer
        assert not answer.cookies
        assert answer["Cache-Control"] == "no-store"


def test_with_a_token_that_is_somebodys_it_goes_on() -> None:
    made = window()
    made.say()
    again = made.ask("POST", "session", {"language": "en", "origin": HOST})
    assert again.status_code == 200
    assert theirs(again.json()) == [WORDS]
    assert "token" not in again.json()


def test_a_chat_that_takes_nothing_says_so(account: ChannelAccount) -> None:
    made = window()
    ChannelAccount.objects.update(mode=ChannelMode.OFF)
    refused = made.ask("POST", "session", {"language": "en"})
    assert refused.status_code == 200
    assert not refused.json()["sends"]
    said = made.say()
    assert (said.status_code, said.json()["code"]) == (409, "closed")
    fresh = Window().ask("POST", "session", {"language": "en"})
    assert (fresh.status_code, fresh.json()["code"]) == (409, "closed")
    assert made.state()["here"] == {"somebody": False, "words": "This chat is closed now."}


# -- saying ----------------------------------------------------------------------------------------------------


def test_what_is_said_is_a_message_on_a_ticket_at_once() -> None:
    made = window()
    answer = made.say()
    assert answer.status_code == 201
    assert answer.json()["n"] == 1
    message = Message.objects.get(direction=Direction.INBOUND)
    assert (message.body, message.ticket.is_open if message.ticket else None) == (WORDS, True)
    assert InboundEvent.objects.get().state == EventState.DONE
    (line,) = made.state()["lines"]
    assert (line["n"], line["by"], line["text"]) == (1, "visitor", WORDS)
    assert line["client_id"] == answer.json()["client_id"]


def test_sent_again_it_is_there_once_and_answered_alike() -> None:
    made = window()
    key = str(uuid.uuid4())
    first = made.say(client_id=key)
    second = made.say(client_id=key)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert (Message.objects.count(), Ticket.objects.count()) == (1, 1)


def test_the_same_id_of_two_visitors_is_two_messages() -> None:
    key = str(uuid.uuid4())
    one, other = window(), window()
    one.say("Mine is here.", client_id=key)
    other.say("Mine is there.", client_id=key)
    assert theirs(one.state()) == ["Mine is here."]
    assert theirs(other.state()) == ["Mine is there."]
    assert Ticket.objects.count() == 2


@pytest.mark.parametrize("arrives", [[1, 2, 3], [3, 2, 1], [2, 3, 1], [3, 1, 2], [1, 3, 1, 2, 3, 2]])
def test_whatever_order_they_arrive_in_they_stand_as_they_were_written(arrives: list[int]) -> None:
    made = window()
    keys = {number: str(uuid.uuid4()) for number in (1, 2, 3)}
    for number in arrives:
        made.say(f"Part {number}", client_id=keys[number], sequence=1_000 + number)
    assert theirs(made.state()) == ["Part 1", "Part 2", "Part 3"]
    rows = Message.objects.filter(direction=Direction.INBOUND).order_by("sent_at", "pk")
    assert [row.body for row in rows] == ["Part 1", "Part 2", "Part 3"]


def test_what_moved_up_is_handed_out_again_to_a_window_that_had_it() -> None:
    made = window()
    late = made.say("second", sequence=2).json()
    seen = made.state()
    made.say("first", sequence=1)
    after = made.state(seen["last"])
    assert theirs(after) == ["first", "second"]
    assert after["lines"][1]["client_id"] == late["client_id"]
    assert after["lines"][1]["n"] == after["last"]


def test_behind_an_answer_of_ours_nothing_moves() -> None:
    made = window()
    made.say("second", sequence=2)
    our_line(made.visitor, "An answer.")
    made.say("first", sequence=1)
    assert [line["text"] for line in made.state()["lines"]] == ["second", "An answer.", "first"]


def test_words_that_nobody_has_read_yet_are_shown_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("channels_social.adapters.chat.receive.events_process", lambda *_, **__: Nothing())
    made = window()
    made.say()
    assert not Message.objects.exists()
    assert theirs(made.state()) == [WORDS]


class Nothing:
    replies_queued = False


def test_no_words_and_too_many_are_refused_and_say_what_to_do() -> None:
    made = window()
    empty, long = made.say("  \n"), made.say("a" * 10_001)
    assert (empty.status_code, empty.json()["code"]) == (422, "empty")
    assert (long.status_code, long.json()["code"]) == (422, "too-long")
    assert "10000" in long.json()["detail"]
    assert long["Content-Type"] == "application/problem+json"
    assert not VisitorWords.objects.exists()
    assert made.say("a" * 10_000).status_code == 201


def test_signs_that_no_database_stores_do_no_harm() -> None:
    made = window()
    body = '{"client_id": "%s", "text": "half \\ud83d and nul \\u0000 here"}' % uuid.uuid4()  # noqa: UP031
    assert made.ask("POST", "messages", body).status_code == 201
    assert theirs(made.state()) == ["half ? and nul  here"]


@pytest.mark.parametrize(
    "told",
    [
        {"text": "no id"},
        {"client_id": "x", "text": "a"},
        {"client_id": f"{uuid.uuid4()}x", "text": "a"},
        {"client_id": str(uuid.uuid4()), "text": 3, "files": "x"},
        {"client_id": str(uuid.uuid4()), "text": "a", "sequence": -1},
        {"client_id": str(uuid.uuid4()), "text": "a", "files": ["x"] * 6},
        [],
        "words",
    ],
)
def test_a_body_of_another_shape_is_told_what_is_wrong(told: object) -> None:
    answer = window().ask("POST", "messages", json.dumps(told))
    assert answer.status_code == 422, answer.content
    assert answer.json()["errors"]


@pytest.mark.parametrize("body", ["", "{", "[" * 100_000, "NaN", "\xff", '{"a": 1e999999999}'])
def test_what_is_no_json_is_refused(body: str) -> None:
    answer = window().ask("POST", "messages", body.encode("latin-1"))
    assert answer.status_code in (400, 422)
    assert answer["Content-Type"] == "application/problem+json"


def test_another_format_or_method_is_told_so() -> None:
    made = window()
    form = made.client.post(
        f"/api/chat/v1/{SITE}/messages", {"text": "a"}, headers={"Authorization": f"Visitor {made.token}"}
    )
    assert (form.status_code, form["Content-Type"]) == (415, "application/problem+json")
    wrong = made.ask("DELETE", "messages")
    assert (wrong.status_code, wrong["Content-Type"]) == (405, "application/problem+json")
    assert "POST" in wrong["Allow"]
    browser = made.client.get(
        f"/api/chat/v1/{SITE}/state",
        headers={"Authorization": f"Visitor {made.token}", "Accept": "text/html"},
    )
    assert (browser.status_code, browser["Content-Type"]) == (200, "application/json")


# -- the state -------------------------------------------------------------------------------------------------


def test_lines_of_both_sides_stand_in_one_order() -> None:
    made = window()
    made.say("One.")
    our_line(made.visitor, "Two.", name="", automatic=True)
    made.say("Three.")
    our_line(made.visitor, "Four.")
    lines = made.state()["lines"]
    assert [(line["n"], line["by"], line["text"]) for line in lines] == [
        (1, "visitor", "One."),
        (2, "desk", "Two."),
        (3, "visitor", "Three."),
        (4, "agent", "Four."),
    ]
    assert (lines[1]["automatic"], lines[3]["name"]) == (True, "Lotte")
    after = made.state(2)
    assert [line["n"] for line in after["lines"]] == [3, 4]
    assert made.state(4)["lines"] == []
    assert made.state(4)["last"] == 4


def test_a_line_on_its_way_elsewhere_is_not_shown_and_not_passed_over() -> None:
    made = window()
    now = database_now()
    hidden = our_line(made.visitor, "By mail.", withdrawn_at=now)
    our_line(made.visitor, "Here.")
    first = made.state()
    assert [line["text"] for line in first["lines"]] == ["Here."]
    hidden.mailed_at = now
    hidden.save()
    assert [line["text"] for line in made.state(first["last"])["lines"]] == ["By mail.", "Here."]
    assert made.state()["last"] == 2


def test_only_a_hidden_line_is_new(account: ChannelAccount) -> None:
    made = window()
    made.say()
    our_line(made.visitor, "By mail.", withdrawn_at=database_now())
    assert made.state(1)["lines"] == []
    assert made.state(1)["last"] == 1


def test_the_date_that_was_told_is_pinned_and_at_risk_is_never_said() -> None:
    made = window()
    made.say()
    ticket = Ticket.objects.get()
    assert made.state()["promise"] is None
    told(ticket)
    found = made.state()["promise"]
    assert found["reference"] == ticket.shown_reference
    assert found["what"] == f"Your report {ticket.shown_reference}, solved by"
    assert found["state"] == "on-track"
    assert found["date"].startswith(str(Promise.objects.get().promised_for.date()))
    assert found["day"]
    assert found["time"]
    Promise.objects.update(promised_for=database_now() - timedelta(minutes=1))
    assert made.state()["promise"]["state"] == "late"
    Promise.objects.update(end="suspended", ended_at=database_now())
    assert made.state()["promise"] is None
    now = database_now()
    Ticket.objects.update(status="resolved", resolved_at=now)
    assert (made.state()["promise"]["state"], made.state()["promise"]["date"][:16]) == (
        "kept",
        now.isoformat()[:16],
    )


def told(ticket: Ticket) -> None:
    ack = OutboundReply.objects.get(dedupe_key=f"ack:{ticket.pk}")
    now = database_now()
    Promise.objects.create(
        ticket=ticket,
        promised_for=now + timedelta(days=2),
        kind="solved",
        reply=ack,
        told_at=now,
        at_risk_at=now + timedelta(days=1),
        notice_at=now + timedelta(days=2),
    )


def test_nobody_is_there_and_it_says_the_date() -> None:
    made = window()
    assert made.state()["here"]["words"].startswith("Nobody is here just now. What is written")
    made.say()
    told(Ticket.objects.get())
    words = made.state()["here"]["words"]
    assert words.startswith("Nobody is here just now. We aim to have it solved by ")


def test_unchanged_it_costs_two_statements_and_answers_304(django_assert_num_queries: Any) -> None:
    states.THERE_KEPT = 60.0  # the fixture puts it back
    made = window()
    made.say()
    first = made.ask("GET", "state?after=1")
    with django_assert_num_queries(2):
        again = made.ask("GET", "state?after=1", **{"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("lines", [1, 40])
def test_three_statements_however_many_lines_there_are(lines: int, django_assert_num_queries: Any) -> None:
    states.THERE_KEPT = 60.0
    made = window()
    for number in range(lines):
        made.say(f"Line {number}") if number % 2 else our_line(made.visitor, files=[FILE])
        made_room()
    made.state()
    with django_assert_num_queries(3):
        assert len(made.state()["lines"]) == lines


FILE = {"id": 7, "name": "a.png", "type": "image/png", "size": 3}


def made_room() -> None:
    from accounts.models import RequestCount

    RequestCount.objects.all().delete()


@pytest.mark.parametrize(
    ("told", "there"),
    [
        ("none", ""),
        ("", "ws://testserver/ws/chat"),
        ("wss://live.example.org", "wss://live.example.org/ws/chat"),
    ],
)
def test_it_says_where_news_are_to_be_had_at_once(told: str, there: str, settings: Any) -> None:
    settings.LIVE_URL = told
    assert window().state()["live"] == there


# -- what a window tells ---------------------------------------------------------------------------------------


def test_what_it_holds_is_acknowledged_once() -> None:
    made = window()
    made.say()
    line = our_line(made.visitor)
    assert made.ask("POST", "seen", {"through": 2}).status_code == 204
    assert made.ask("POST", "seen", {"through": 2}).status_code == 204
    line.refresh_from_db()
    assert line.acked_at is not None
    assert made.visitor.acked_through == 2
    assert InboundEvent.objects.filter(kind="ack").count() == 1


def test_typing_is_told_and_kept_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[int] = []
    monkeypatch.setattr("channels_social.adapters.chat.api.live.visitor_typing", heard.append)
    made = window()
    assert made.ask("POST", "typing").status_code == 204
    assert not heard, "there is no ticket yet"
    made.say()
    events = InboundEvent.objects.count()
    assert made.ask("POST", "typing").status_code == 204
    assert heard == [Ticket.objects.get().pk]
    assert InboundEvent.objects.count() == events


def test_an_address_is_left_with_consent_and_taken_back() -> None:
    made = window()
    made.say()
    for told_ in ({"email": "a@b.example"}, {"email": "a@b.example", "consent": False}):
        assert made.ask("POST", "address", told_).status_code == 422
    bad = made.ask("POST", "address", {"email": "no address", "consent": True})
    assert (bad.status_code, bad.json()["code"]) == (422, "bad-address")
    assert made.visitor.address == ""
    given = made.ask("POST", "address", {"email": "A.Demir@voorbeeld.example", "consent": True})
    assert (given.status_code, given.json()) == (200, {"address": "A.Demir@voorbeeld.example"})
    visitor = made.visitor
    assert visitor.address_given_at is not None
    assert visitor.consent == made.state()["consent"]
    assert made.state()["address"] == "A.Demir@voorbeeld.example"
    assert made.ask("DELETE", "address").status_code == 204
    visitor = made.visitor
    assert (visitor.address, visitor.address_given_at, visitor.consent) == ("", None, "")


def test_ended_it_is_still_read_and_begins_again_with_a_word() -> None:
    made = window()
    made.say()
    assert made.ask("POST", "end").status_code == 204
    assert made.state()["ended"]
    assert theirs(made.state()) == [WORDS]
    made.say("One thing more.")
    assert not made.state()["ended"]
    assert Ticket.objects.count() == 1


def test_a_database_that_is_too_busy_to_read_it_has_kept_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object, **__: object) -> None:
        raise OperationalError("deadlock detected")

    monkeypatch.setattr("channels_social.adapters.chat.receive.events_process", busy)
    made = window()
    assert made.say().status_code == 201
    assert theirs(made.state()) == [WORDS]


def test_two_visitors_of_one_site_are_two_people() -> None:
    window().say()
    window().say()
    assert (Contact.objects.count(), Ticket.objects.count()) == (2, 2)


def test_kept_before_it_is_answered_and_read_by_a_worker_if_nobody_else_does(
    account: ChannelAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels_social.adapters.chat.receive.read_now", lambda _account: None)
    made = window()
    assert made.say().status_code == 201
    assert InboundEvent.objects.get().state == EventState.PENDING
    events_process(account.pk)
    assert Message.objects.get(direction=Direction.INBOUND).body == WORDS


def test_nobody_who_is_signed_in_is_anybody_here() -> None:
    noor = desk.user("noor", teams=[desk.team()])
    client = Client()
    client.force_login(noor)
    assert client.get(f"/api/chat/v1/{SITE}/state").status_code == 401
