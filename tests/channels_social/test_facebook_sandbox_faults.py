"""Every row of the network's errors and every fault it can play, met by the real facebook-sdk in the adapter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from channels_social.adapter import PollFailed
from tests.channels_social.page_desk import COMMENTS, MESSAGES, Desk, Json, adapter
from tickets.contract import (
    CannotTell,
    Found,
    NotSent,
    NotThere,
    Permanent,
    Reauthorise,
    SendOutcome,
    Unclear,
)

# -- every row of the network's errors, every fault


def expected(code: str) -> tuple[type[SendOutcome], str]:
    """What the desk does with a row, by code and subcode."""
    number, _, subcode = code.partition("/")
    if number in {"190", "102", "104"}:
        return Reauthorise, ""
    if number in {"4", "17", "32", "613", "341", "80001"}:
        return NotSent, "rate_limit"
    if number == "368" or subcode == "1893063":
        return NotSent, "restricted"
    if number in {"1", "2"}:
        return Unclear, ""
    known = {
        "10/2018278": "window",
        "551/1545041": "person_unavailable",
        "100/2018001": "person_unavailable",
        "100/33": "gone",
        "506": "duplicate",
        "1609005": "bad_link",
    }
    if code in known:
        return Permanent, known[code]
    return Permanent, "permission" if number in {"3", "10"} or 200 <= int(number) <= 299 else ""


ROWS = (
    *("190", "190/458", "190/459", "190/460", "190/463", "190/464", "190/467", "102"),
    *("4", "17", "32", "613", "341", "80001"),
    *("1", "2", "3", "10", "200", "299"),
    *("10/2018278", "10/1893063", "368", "551/1545041", "100/2018001", "100/33", "506", "1609005"),
)


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("way", ["comment", "message"])
def test_every_row_of_the_errors(desk: Desk, row: str, way: str) -> None:
    asked = desk.asked() if way == "comment" else desk.written()
    desk.fb.play(row, method="POST", path=COMMENTS if way == "comment" else MESSAGES)
    outcome = desk.outcome(desk.answer(asked))
    kind, code = expected(row)
    assert type(outcome) is kind, f"{row}: {outcome!r} {outcome.words}"
    assert getattr(outcome, "code", "") == code or not code
    if isinstance(outcome, NotSent):
        assert outcome.whole_account
        assert (outcome.retry_after is None) is (code == "restricted")
    if isinstance(outcome, Permanent):
        words = {desk.channel.rule_words(outcome.code, language) for language in ("en", "nl")}
        assert len(words - {""}) == 2
    assert desk.channel.send(desk.answer(asked)).external_id, "the fault was played once"


def test_no_other_error_of_the_network_is_without_an_outcome(desk: Desk) -> None:
    asked = desk.asked()
    for row in set(desk.fb.errors()) - set(ROWS):
        desk.fb.play(row, method="POST", path=COMMENTS)
        outcome = desk.outcome(desk.answer(asked))
        assert isinstance(outcome, NotSent | Permanent | Reauthorise | Unclear), row
        assert outcome.words, row


HTML = {"content-type": "text/html"}
WAITS = {
    "told by retry-after": ({"retry-after": "90"}, timedelta(seconds=90)),
    "told for our Page": (
        {"x-business-use-case-usage": '{"PAGE": [{"type": "pages", "estimated_time_to_regain_access": 25}],'
                                      ' "999": [{"estimated_time_to_regain_access": 600}]}'},
        timedelta(minutes=25),
    ),
    "told by nothing": ({}, timedelta(minutes=10)),
    "told as nonsense": ({"retry-after": "soon", "x-business-use-case-usage": "{[["}, timedelta(minutes=10)),
    "told for years": ({"retry-after": "900000"}, timedelta(hours=24)),
}  # fmt: skip


@pytest.mark.parametrize("body", ["<html>Too many requests</html>", {}, {"error": {"message": "Slow down"}}])
@pytest.mark.parametrize("how", WAITS)
@pytest.mark.parametrize("way", ["comment", "message"])
def test_the_status_429_is_certain_and_waits(desk: Desk, way: str, how: str, body: str | Json) -> None:
    """Whatever stands in it: nothing was taken, the whole account waits, and then it goes."""
    headers, wait = WAITS[how]
    told = {name: value.replace("PAGE", str(desk.page["page_id"])) for name, value in headers.items()}
    asked = desk.asked() if way == "comment" else desk.written()
    rule = {"status": 429, "body": body, "headers": {**(HTML if isinstance(body, str) else {}), **told}}
    desk.town.rule(method="POST", path=COMMENTS if way == "comment" else MESSAGES, **rule)
    outcome = desk.outcome(desk.answer(asked))
    assert isinstance(outcome, NotSent), outcome
    assert (outcome.whole_account, outcome.code, outcome.retry_after) == (True, "rate_limit", wait)
    assert "429" in outcome.words
    assert desk.channel.find_sent(desk.answer(asked), datetime.now(UTC)) == NotThere()
    assert desk.channel.send(desk.answer(asked)).external_id


def test_a_poll_that_meets_the_status_429_says_when_again(desk: Desk) -> None:
    desk.town.rule(method="GET", path="/feed$", status=429, body="", headers={"retry-after": "45"})
    with pytest.raises(PollFailed) as caught:
        desk.polled()
    assert (caught.value.retry_after, caught.value.reauthorise) == (45, False)


#: Rows of the network's documents that its table of errors does not hold by name: as their code stands in the answer.
BY_CODE: dict[str, tuple[int, Json, type[SendOutcome], str]] = {
    "a token of another kind": (400, {"code": 104}, Reauthorise, ""),
    "no token at all": (401, {}, Reauthorise, ""),
    "a permission in between": (403, {"code": 230}, Permanent, "permission"),
    "another count per Page": (400, {"code": 80_006}, NotSent, "rate_limit"),
    "a window, by its other number": (400, {"code": 10, "error_subcode": 2_534_022}, Permanent, "window"),
    "nobody there any more": (400, {"code": 803}, Permanent, "gone"),
    "temporary, it says": (400, {"code": 2_000, "is_transient": True}, Unclear, ""),
    "a code that passes, in a status that does not": (503, {"code": 100, "error_subcode": 33}, Unclear, ""),
    "a gateway": (502, {}, Unclear, ""),
    "a gateway that waited": (504, {}, Unclear, ""),
    "it waited for us": (408, {}, Unclear, ""),
    "a number nobody knows": (400, {"code": 987_654}, Permanent, "refused"),
}


@pytest.mark.parametrize("row", BY_CODE)
@pytest.mark.parametrize("way", ["comment", "message"])
def test_rows_that_are_known_by_their_code_alone(desk: Desk, row: str, way: str) -> None:
    status, error, kind, code = BY_CODE[row]
    asked = desk.asked() if way == "comment" else desk.written()
    body = {"error": {"message": "(#1) Something", "type": "OAuthException", **error}} if error else "<html>"
    path = COMMENTS if way == "comment" else MESSAGES
    desk.town.rule(method="POST", path=path, status=status, body=body, headers={} if error else HTML)
    outcome = desk.outcome(desk.answer(asked))
    assert type(outcome) is kind, f"{outcome!r} {outcome.words}"
    assert getattr(outcome, "code", "") == code or not code
    assert desk.channel.send(desk.answer(asked)).external_id, "the fault was played once"


def test_the_regain_time_is_the_network_s(desk: Desk) -> None:
    asked = desk.asked()
    desk.fb.play("80001", method="POST", path=COMMENTS)
    outcome = desk.outcome(desk.answer(asked))
    assert isinstance(outcome, NotSent)
    assert outcome.retry_after == timedelta(minutes=7)


def test_a_full_window_of_calls(desk: Desk) -> None:
    asked = desk.asked()
    desk.town.forget_limits()
    desk.town.settings(facebook={"calls": [1, 600]})
    desk.channel.send(desk.answer(asked))
    outcome = desk.outcome(desk.answer(asked, "And another word."))
    assert isinstance(outcome, NotSent)
    assert outcome.retry_after is not None
    assert timedelta(minutes=1) <= outcome.retry_after <= timedelta(minutes=11)
    with pytest.raises(PollFailed) as caught:
        desk.polled()
    assert caught.value.retry_after


@pytest.mark.parametrize(
    ("fault", "stored"),
    [
        ({"status": 503, "body": "<html>Sorry</html>", "headers": {"content-type": "text/html"}}, False),
        ({"status": 500, "body": {"success": False}}, False),
        ({"status": 200, "at": "after_store"}, True),
        ({"at": "before_answer", "action": "drop"}, True),
        ({"at": "after_read", "action": "drop"}, False),
    ],
    ids=["503 with html", "500 without error", "empty 200", "cut before the answer", "cut unread"],
)
@pytest.mark.parametrize("way", ["comment", "message"])
def test_what_is_unclear_is_looked_for(desk: Desk, fault: Json, stored: bool, way: str) -> None:
    """Found where it was stored, not there where it was not; and it is stored once."""
    asked, began = (desk.asked() if way == "comment" else desk.written()), datetime.now(UTC)
    desk.town.rule(method="POST", path=COMMENTS if way == "comment" else MESSAGES, **fault)
    assert isinstance(desk.outcome(desk.answer(asked)), Unclear)
    found = desk.channel.find_sent(desk.answer(asked), began)
    assert isinstance(found, Found) is stored, found
    if not stored:
        assert found == NotThere()
        receipt = desk.channel.send(desk.answer(asked, after_unclear=True))
        assert desk.channel.find_sent(desk.answer(asked), began) == Found(receipt)
    elif way == "comment":
        again = desk.outcome(desk.answer(asked, after_unclear=True))
        assert isinstance(again, Unclear)
        assert again.went


def test_a_time_out_after_it_was_taken_is_unclear_and_found(desk: Desk, base_url: str) -> None:
    asked, began = desk.asked(), datetime.now(UTC)
    short = Desk(desk.town, desk.page, adapter(base_url, desk.page, seconds=0.5))
    rule = desk.town.rule(method="POST", path=COMMENTS, at="before_answer", action="hold")
    assert isinstance(short.outcome(desk.answer(asked)), Unclear)
    desk.town.release(rule["id"])
    assert isinstance(desk.channel.find_sent(desk.answer(asked), began), Found)


def test_the_same_words_to_somebody_beside_prove_nothing(desk: Desk) -> None:
    began = datetime.now(UTC)
    top = desk.asked("The lift is out")
    anna = desk.asked("Here too", under=top.external_id)
    bo = desk.asked("And here", "bo", under=top.external_id)
    desk.channel.send(desk.answer(bo, "We look into it."))
    assert desk.channel.find_sent(desk.answer(anna, "We look into it."), began) == NotThere()


def test_where_the_network_hangs_our_answer_higher_nobody_can_tell(desk: Desk) -> None:
    began = datetime.now(UTC)
    desk.town.settings(facebook={"max_depth": 2})
    top = desk.asked("The lift is out")
    nested = desk.asked("Here too", under=top.external_id)
    receipt = desk.channel.send(desk.answer(nested))
    assert desk.fb.story(receipt.external_id)["parent_id"] == top.external_id
    assert isinstance(desk.channel.find_sent(desk.answer(nested), began), CannotTell)


def test_a_long_conversation_hides_what_was_said_before(desk: Desk) -> None:
    began = datetime.now(UTC) - timedelta(minutes=1)
    written = desk.written()
    desk.fb.write_many_messages([{"as": "anna", "to": "town", "text": f"and {n}"} for n in range(30)])
    assert isinstance(desk.channel.find_sent(desk.answer(written), began), CannotTell)


def test_a_deleted_question_cannot_be_answered(desk: Desk) -> None:
    asked = desk.asked()
    desk.fb.delete(asked.external_id)
    refused = desk.outcome(desk.answer(asked))
    assert isinstance(refused, Permanent)
    assert refused.code == "gone"


def test_a_dead_token_and_a_wrong_secret(desk: Desk, base_url: str) -> None:
    asked = desk.asked()
    wrong = Desk(desk.town, desk.page, adapter(base_url, {**desk.page, "app_secret": "no"}))
    refused = wrong.outcome(desk.answer(asked))
    assert isinstance(refused, NotSent)
    assert (refused.code, refused.whole_account) == ("app_secret", True)
    desk.fb.kill_token("town", 460)
    assert isinstance(desk.outcome(desk.answer(asked)), Reauthorise)
    assert isinstance(desk.channel.find_sent(desk.answer(asked), datetime.now(UTC)), CannotTell)
    with pytest.raises(PollFailed) as caught:
        desk.polled()
    assert caught.value.reauthorise


def test_a_list_the_page_may_not_read_stops_no_other(desk: Desk) -> None:
    granted = desk.town.settings()["facebook"]["permissions"]
    asked = desk.asked()
    desk.town.settings(facebook={"permissions": [one for one in granted if one != "pages_messaging"]})
    events, cursor, more = desk.channel.poll({})
    assert more
    assert asked.external_id in {getattr(one, "external_id", "") for one in desk.read(events)}
    (refused,), cursor, more = desk.channel.poll(cursor)
    assert (refused.kind, more) == ("poll.refused", False)
