"""The category that a caller chose: a fact of triage, and no way past everybody else."""

from __future__ import annotations

import pytest

from priority.retrace import retrace
from priority.why import why
from tests.priority.support import POLICY, codes, triaged


@pytest.mark.parametrize(
    ("words", "chosen", "category", "code"),
    [
        ("It is broken again, please come.", "lighting", "lighting", "chosen"),
        ("The lamp post is out, please repair it.", "lighting", "lighting", "chosen"),
        ("The street light is out and the pavement is loose.", "lighting", "lighting", "chosen_kept"),
        ("The pavement is loose.", "traffic_lights", "traffic_lights", "chosen"),
        ("Something is not right here, please come.", "danger", "danger", "chosen_danger"),
        ("The container is full.", "danger", "danger", "chosen_danger"),
    ],
)
def test_the_callers_choice_says_what_it_is_about(words: str, chosen: str, category: str, code: str) -> None:
    decision = triaged(words, private=True, chosen=chosen)
    assert decision.category == category
    assert code in codes(decision)
    found = retrace(POLICY, decision.reasons)
    assert found is not None
    assert (found.category, found.priority) == (category, decision.priority)


def test_the_more_urgent_of_choice_and_words_holds() -> None:
    words = triaged("The pavement is loose.", private=True)
    both = triaged("The pavement is loose.", private=True, chosen="lighting")
    assert (words.category, both.category) == ("roads", "lighting")
    assert both.priority == words.priority


def test_danger_by_choice_alone_goes_before_nobody() -> None:
    plain = triaged("Something is not right here, please come.", private=True)
    chosen = triaged("Something is not right here, please come.", private=True, chosen="danger")
    assert chosen.priority == plain.priority
    assert not chosen.danger


def test_words_of_danger_go_before_any_choice() -> None:
    decision = triaged("There is a strong gas smell here.", private=True, chosen="waste")
    assert decision.danger
    assert decision.category == "danger"
    assert "chosen_aside" in codes(decision)


def test_a_category_that_the_policy_does_not_hold_says_nothing() -> None:
    assert triaged("The pavement is loose.", chosen="dragons") == triaged("The pavement is loose.")


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("chosen", ["lighting", "danger", "waste", "roads"])
def test_why_says_it(language: str, chosen: str) -> None:
    decision = triaged("The street light is out, the pavement is loose.", private=True, chosen=chosen)
    told = why(
        POLICY,
        reasons=decision.reasons,
        priority=decision.priority,
        category=decision.category or "",
        language=language,
    )
    chose = {"en": "The caller chose", "nl": "De melder koos"}[language]
    assert [line for line in told.priority if line.startswith(chose)]
