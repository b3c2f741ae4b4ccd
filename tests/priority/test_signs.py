"""How signs come together: asked directly, hints beside a thing, words of two languages; and what Why says of it."""

from __future__ import annotations

import pytest

from priority.policy import parse
from tests.priority.support import by_signs_alone, codes, triaged
from tests.priority.test_why import explained


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("hi, could you send it to me by post", "en"),
        ("kan ik dat ook bij jullie afhalen, en wanneer kunnen we langskomen", "nl"),
        ("nog geen reactie op mijn mail van 3 weken terug", "nl"),
    ],
)
def test_asking_us_directly_needs_no_category(text: str, language: str) -> None:
    assert (triaged(text, language).triage, triaged(text, language).recognised) == ("respond", True)


def test_praise_and_steam_do_not_outweigh_asking_us_directly_beside_a_category_and_talk_does() -> None:
    asked = "where do I renew my parking permit"
    assert triaged(f"{asked} lol").recognised
    assert triaged(f"love the new desk, {asked}").recognised
    assert not triaged(f"new podcast: {asked}").recognised


@pytest.mark.parametrize(
    ("text", "language", "seen"),
    [
        ("the mattress next to the school", "en", True),  # a thing that is seldom chatted about, and where
        ("the tram next to the school", "en", False),  # one that is, and where
        ("the tram next to the school since monday", "en", True),  # and since when
        ("de matras naast de school", "nl", True),
        ("de tram naast de school", "nl", False),
    ],
)
def test_hints_count_together_and_more_of_them_beside_what_people_chat_about(
    text: str, language: str, seen: bool
) -> None:
    decision = triaged(text, language)
    assert decision.recognised is seen
    assert ("hints" in codes(decision)) is seen


def test_without_the_hints_of_a_policy_nothing_hints() -> None:
    document = by_signs_alone()
    for kind in ("direct", "place", "since", "lack", "case", "maybe", "common"):
        del document["signs"][kind]
    assert not triaged("the mattress next to the school", policy=parse(document)).recognised


@pytest.mark.parametrize("network", ["en", "nl", None])
def test_words_of_the_other_language_count_where_a_post_is_mixed(network: str | None) -> None:
    assert triaged("kliko not emptied for weeks on the corner", network).recognised


@pytest.mark.parametrize(
    ("text", "seen"),
    [("is the tram on time?", True), ("the tram on time? that would be a first for me", False)],
)
def test_a_question_that_goes_on_after_its_mark_asks_nobody(text: str, seen: bool) -> None:
    assert triaged(text).recognised is seen


def test_why_names_the_hints_in_both_languages() -> None:
    english = explained("de matras naast de school", "en", network="nl").priority
    dutch = explained("de matras naast de school", "nl", network="nl").priority
    assert any("“matras” (a thing" in line and "“naast” (a place)" in line for line in english)
    assert any("“matras” (iets" in line and "“naast” (een plek)" in line for line in dutch)
