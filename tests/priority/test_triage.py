"""Triage by the ready policy: the examples of its words, what waits for a person, and its laws."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from priority import seed
from priority.policy import parse
from tests.priority.examples import REQUESTS
from tests.priority.support import POLICY, codes, triaged


@pytest.mark.parametrize(("text", "language", "category", "priority"), REQUESTS)
def test_a_recognised_request_is_answered(text: str, language: str, category: str, priority: str) -> None:
    decision = triaged(text, language)
    assert (decision.triage, decision.recognised) == ("respond", True)
    assert (decision.category, decision.priority) == (category, priority)
    assert decision.danger == (category == "danger")
    assert decision.extra_lines == (("danger",) if category == "danger" else ())
    assert decision.language_source == "network"


def test_every_category_has_an_example_in_both_languages() -> None:
    shown = {(language, category) for _, language, category, _ in REQUESTS}
    assert shown == {(tongue, category.key) for tongue in ("en", "nl") for category in POLICY.categories}


@pytest.mark.parametrize(
    ("text", "language", "category"),
    [
        ("lol trams again @desk", "en", "transit"),
        ("brand new tram on line 4", "en", "transit"),
        ("On the tram to work", "en", "transit"),
        ("trams weer lol", "nl", "transit"),
        ("De bus is blauw", "nl", "transit"),
        ("wtf is this bin", "en", "waste"),
        ("What a joke, the metro is late again and again", "en", "transit"),
        ("Typisch, tram rijdt niet", "nl", "transit"),
        ("can't wait for the new tram", "en", "transit"),
        ("walking down the pavement, full of joy", "en", "roads"),
        ("vast wel leuk, die tram", "nl", "transit"),
        ("Good morning city", "en", "other"),
        ("waarom doen jullie niks?", "nl", "other"),
        ("@tram @brand_bin @desk", "en", "other"),
        ("see https://example.org/fire/ticket-machine/broken?brand=1", "en", "other"),
        ("mail me at broken.tram@fire.example", "en", "other"),
        ("", "en", "other"),
        ("???", "en", "other"),
    ],
)
def test_what_asks_for_nothing_waits_in_triage_without_a_word(
    text: str, language: str, category: str
) -> None:
    decision = triaged(text, language)
    assert (decision.triage, decision.recognised, decision.danger) == ("pending", False, False)
    assert decision.category == category


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("wat een mooie tram!", "nl"),
        ("Lovely new trams, well done", "en"),
        ("thanks!", "en"),
        ("Dankjewel", "nl"),
        ("The street light works again, great job", "en"),
        ("Bedankt voor het snelle repareren van de lantaarn", "nl"),
    ],
)
def test_praise_starts_no_clock(text: str, language: str) -> None:
    decision = triaged(text, language)
    assert (decision.call_type, decision.triage) == ("praise", "pending")
    assert triaged(text, language, private=True).triage == "pending"
    assert triaged(text, language, acknowledge="everything").triage == "pending"


def test_a_fault_beside_praise_is_no_praise_and_is_left_to_a_person_in_public() -> None:
    text = "Lovely new trams, but the ticket machine is broken"
    assert (triaged(text).call_type, triaged(text).triage) == ("fault_report", "pending")
    assert triaged(text, private=True).triage == "respond"
    assert triaged(text, acknowledge="everything").triage == "respond"


def test_thanks_beside_a_wish_is_manners_and_no_praise() -> None:
    decision = triaged("please empty the bin at the school, thanks")
    assert (decision.call_type, decision.triage) == ("request", "respond")


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("brand new tram", "en", False),
        ("brand new tram", "und", False),
        ("that brand is great", "en", False),
        ("that brand is what I always buy in the shop", "und", False),
        ("brand", "und", True),
        ("brand op de kade", "und", True),
        ("er is brand in de tunnel", "en", True),  # the network is wrong, and the words say so
        ("brand new tram, en nu brand in de tram", "und", True),
        ("fire at the station", "nl", True),
        ("De lantaarn brandt niet", "nl", False),
        ("firefighters are nice people", "en", False),
        ("there is fire in the stairwell", "en", True),
        ("a fire the size of a car", "en", True),
        ("the fire exit is blocked", "en", False),
        ("De put staat open", "nl", True),
        ("put open op de hoek", "nl", True),
        ("they put open data online", "en", False),
    ],
)
def test_words_of_danger_count_in_every_language_unless_they_are_harmless(
    text: str, language: str, expected: bool
) -> None:
    decision = triaged(text, language)
    assert decision.danger is expected
    if expected:
        assert (decision.triage, decision.priority, decision.reasons[0].code) == ("respond", "P1", "danger")


def test_danger_outweighs_praise_and_venting_and_a_language_nobody_knows() -> None:
    decision = triaged("wtf lol, brand in de metro, geweldig", "tr", account_language="en")
    assert (decision.triage, decision.danger, decision.call_type) == ("respond", True, "fault_report")


@pytest.mark.parametrize(
    ("text", "language", "impact", "urgency", "priority"),
    [
        ("hele lijn 4: tram staat stil", "nl", "high", "medium", "P2"),
        ("no trams at all, everyone is waiting", "en", "high", "medium", "P2"),
        ("Lift is broken and my mother is in a wheelchair", "en", "low", "medium", "P4"),
        ("De lift is kapot, oudere mensen kunnen er niet uit", "nl", "low", "medium", "P4"),
        ("traffic light broken, a child was nearly hit", "en", "medium", "high", "P2"),
        ("passport lost, I fly tomorrow, please help", "en", "low", "high", "P3"),
        ("Mijn paspoort is kwijt en ik vlieg overmorgen", "nl", "low", "high", "P3"),
        ("my passport is lost, we fly on Thursday", "en", "low", "high", "P3"),
        ("my passport is lost, we fly on Friday", "en", "low", "medium", "P4"),
        ("tram broken, we fly tomorrow", "en", "medium", "medium", "P3"),
    ],
)
def test_rules_on_top(text: str, language: str, impact: str, urgency: str, priority: str) -> None:
    decision = triaged(text, language)
    assert (decision.impact, decision.urgency, decision.priority) == (impact, urgency, priority)
    assert decision.triage == "respond"


def test_a_child_without_a_fault_raises_nothing() -> None:
    decision = triaged("my child loves to look at the tram")
    assert (decision.urgency, decision.triage) == ("medium", "pending")


def test_words_of_a_raising_rule_are_a_sign_that_something_is_asked() -> None:
    assert triaged("hele lijn tram", "nl").recognised
    assert not triaged("lijn tram", "nl").recognised


def test_again_is_a_tag_and_no_priority() -> None:
    decision = triaged("third time that my bin was not collected")
    assert (decision.tags, decision.priority) == (("recurring",), "P4")


def test_of_several_categories_the_highest_priority_wins_and_the_others_are_named() -> None:
    decision = triaged("street light and coffee machine broken, and the tram is stuck")
    assert decision.category == "transit"
    others = next(reason for reason in decision.reasons if reason.code == "others")
    assert others.args["others"] == [
        {"category": "lighting", "priority": "P4"},
        {"category": "buildings", "priority": "P5"},
    ]


def test_of_equal_priorities_the_first_in_the_list_wins() -> None:
    assert triaged("tram and pavement and ticket machine broken").category == "transit"


def test_only_who_speaks_to_us_is_answered() -> None:
    decision = triaged("the ticket machine swallowed my card", addressed=False)
    assert (decision.triage, decision.recognised) == ("pending", True)
    assert "not_addressed" in codes(decision)
    assert triaged("brand in de metro", "nl", addressed=False).danger


def test_in_private_everything_but_praise_is_recognised() -> None:
    assert triaged("Good morning city", private=True).triage == "respond"
    assert triaged("you clowns", private=True).triage == "respond"


@pytest.mark.parametrize(
    ("acknowledge", "text", "triage"),
    [
        ("everything", "Good morning city", "respond"),
        ("everything", "lol trams again", "respond"),
        ("nothing", "the ticket machine swallowed my card", "pending"),
        ("nothing", "there is a fire in the metro", "pending"),
        ("recognised", "there is a fire in the metro", "respond"),
    ],
)
def test_the_account_chooses_what_is_acknowledged(acknowledge: str, text: str, triage: str) -> None:
    assert triaged(text, acknowledge=acknowledge).triage == triage


@pytest.mark.parametrize(
    ("text", "network", "changes", "expected"),
    [
        ("de tram rijdt niet", "nl", {}, ("nl", "network")),
        ("de tram rijdt niet", "nl-NL", {}, ("nl", "network")),
        ("de tram rijdt niet vandaag", "und", {}, ("nl", "guessed")),
        ("the tram is not running today", None, {"account_language": "nl"}, ("en", "guessed")),
        ("tram 4", "und", {"account_language": "nl"}, ("nl", "account")),
        ("le tram est en retard ce matin", "fr", {}, ("en", "account")),
        ("tram 4", "en", {"caller_language": "nl"}, ("nl", "caller")),
        ("the tram is not running today", "en", {"caller_language": "nl"}, ("en", "network")),
        ("le tram est en retard ce matin", "fr", {"caller_language": "nl"}, ("nl", "caller")),
        ("the tram is not running today", "en", {"language": "nl"}, ("nl", "caller")),
        ("tram 4", "und", {"account_language": "fr"}, ("en", "account")),
    ],
)
def test_the_language_and_where_it_comes_from(
    text: str, network: str | None, changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    decision = triaged(text, network, **changes)
    assert (decision.language, decision.language_source) == expected


def test_the_caller_rule_is_off_says_so_and_works_when_on() -> None:
    assert "rule_off" in codes(triaged("the bin is full", caller_tags=("vip",)))
    document = copy.deepcopy(seed.read())
    document["rules"][-1].update(on=True, tags=["vip"])
    policy = parse(document)
    assert triaged("the bin is full", policy=policy).urgency == "medium"
    decision = triaged("the bin is full", policy=policy, caller_tags=("vip",))
    assert (decision.urgency, "caller_tag" in codes(decision)) == ("high", True)
