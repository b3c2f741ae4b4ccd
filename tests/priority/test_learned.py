"""How a message is said decides, where a policy has learned it: what that changes and leaves, and what Why says."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from priority import seed
from priority.learned.grams import READ, pairs, parts, words_in
from priority.learned.weights import Weights, weights_of
from priority.policy import Policy, PolicyInvalid, parse
from tests.priority.support import CITY, POLICY, codes, triaged
from tests.priority.test_why import explained

ASKED = "@desk the lift at the station is broken again, can you please repair it?"
CHAT = "my love life is a broken lift lol"


def city(**learned: Any) -> Policy:
    document = copy.deepcopy(dict(seed.read()))
    document["signs"]["learned"] |= learned
    return parse(document)


def said(decision: Any) -> str:
    return next(code for code in codes(decision) if code.startswith("said"))


def test_what_is_surely_asked_is_answered_and_chat_waits() -> None:
    asked, chat = triaged(ASKED, policy=CITY), triaged(CHAT, policy=CITY)
    assert (asked.triage, asked.recognised, said(asked)) == ("respond", True, "said_sure")
    assert (chat.triage, chat.recognised, said(chat)) == ("pending", False, "said_other")


def test_between_the_two_it_is_recognised_and_a_person_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    weights = weights_of("town-1")
    for edge in ("careful", "careful_signed"):
        monkeypatch.setitem(weights.edges, edge, 10_000_000)
    unsure = triaged(ASKED, policy=CITY)
    assert (unsure.triage, unsure.recognised, said(unsure)) == ("pending", True, "said_maybe")
    ready = triaged(ASKED, policy=city(answer="ready"))
    assert ready.triage == "respond"


def test_each_answer_is_sure_sooner_than_the_more_careful_one() -> None:
    edges = weights_of("town-1").edges
    assert edges["asks"] < edges["ready"] < edges["careful"]
    for answer in ("ready", "careful"):
        assert edges["asks"] <= edges[f"{answer}_signed"] < edges[answer]


def test_who_is_named_and_in_what_case_changes_nothing() -> None:
    one = triaged("@merendamHelpt THE LIFT IS BROKEN, CAN YOU PLEASE REPAIR IT?", policy=CITY)
    other = triaged("@other_city the lift is broken, can you please repair it?", policy=CITY)
    assert (one.triage, codes(one)) == (other.triage, codes(other))


def test_praise_venting_and_talk_still_outweigh() -> None:
    decision = triaged("typical lol, great job, the lift is broken again and again", policy=CITY)
    assert "outweighed" in codes(decision)
    assert decision.triage == "pending"


@pytest.mark.parametrize("text", ["I smell gas in the Havenstraat", "gaslucht in de Havenstraat"])
def test_danger_is_answered_however_it_is_said(text: str) -> None:
    decision = triaged(text, policy=CITY)
    assert decision.danger
    assert decision.triage == "respond"
    assert not any(code.startswith("said") for code in codes(decision))


def test_what_is_private_is_answered_and_thanks_are_not() -> None:
    assert triaged(CHAT, policy=CITY, private=True).triage == "respond"
    quiet = triaged("thank you!", policy=CITY)
    assert (quiet.quiet, quiet.triage) == (True, "pending")


def test_without_it_signs_and_categories_decide() -> None:
    decision = triaged(ASKED, policy=POLICY)
    assert decision.triage == "respond"
    assert not any(code.startswith("said") for code in codes(decision))


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("text", [ASKED, CHAT, "🙃 🙃 1 2"])
def test_why_names_the_words_that_spoke_most(text: str, language: str) -> None:
    decision = triaged(text, policy=CITY)
    reason = next(reason for reason in decision.reasons if reason.code.startswith("said"))
    words = reason.args.get("said", ())
    assert isinstance(words, list | tuple)
    assert set(words) <= set(words_in(text))
    lines = explained(text, language, policy=CITY).priority
    line = next(line for line in lines if "as people ask us" in line or "vragen mensen ons" in line)
    assert all(f"“{word}”" in line for word in words)


def test_a_message_of_any_length_and_content_is_read_within_bounds() -> None:
    weights = weights_of("town-1")
    for text in ("", " ", "?", "a" * 100_000, "é🔥 " * 40_000, "\0\ud800", "@x " * 9_000):
        weights.read(text, (), "careful", False)
    assert words_in("a " * 100_000) == words_in("a " * (READ // 2))


def test_the_sum_is_of_words_pairs_and_parts_over_the_root_of_their_number() -> None:
    weights = Weights(
        start=-5,
        signs={"fault": 7},
        grams={"lift": 100, "^ lift": 40, "lift broken": 20},
        parts={"brok": 10, " li": 3},
        edges={"asks": 0, "ready": 100, "careful": 120, "ready_signed": 20, "careful_signed": 50},
    )
    # lift 100 + its part 3, broken's part 10, two pairs 60: 173 by the root of 2 is 122
    assert weights.read("Lift broken", ("fault",), "careful", False) == weights.read(
        "lift  BROKEN", ("fault",), "careful", False
    )
    assert weights.read("lift broken", ("fault",), "careful", False).sure
    assert not weights.read("lift broken", (), "careful", False).sure
    assert weights.read("lift broken", (), "ready", False).sure
    assert weights.read("lift broken", (), "ready", False).words == ("lift",)
    assert weights.read("broken", (), "ready", True).sure is False
    assert weights.read("lift", (), "careful", True).sure
    assert not weights.read("", (), "ready", False).asks


def test_parts_and_pairs() -> None:
    assert parts("ab") == {" a", "ab", "b ", " ab", "ab ", " ab "}
    assert parts("?") == set()
    assert pairs(["a", "b"]) == {"^ a", "a b", "b $"}
    assert words_in("Zie https://x.example/a?b=1 @iemand, om 12:30!") == [
        "zie", "://", ",", "om", "00", ":", "00", "!",
    ]  # fmt: skip


def test_a_policy_that_names_no_known_weights_is_refused() -> None:
    with pytest.raises(PolicyInvalid, match="weights"):
        city(weights="town-0")
