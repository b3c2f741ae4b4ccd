"""Folding, forms and the automaton: what a keyword finds, what it does not, and where."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from priority import seed
from priority.fold import fold, fold_words
from priority.forms import forms
from priority.matcher import Matcher, matcher_of
from priority.policy import Policy, parse
from priority.wording import SIGNS
from tests.priority.examples import KEYWORDS
from tests.priority.support import CITY, POLICY


def policy_with(words: dict[str, dict[str, list[str]]]) -> Policy:
    """The ready policy with these words of its transit category and no others."""
    document: dict[str, Any] = copy.deepcopy(seed.read())
    for category in document["categories"]:
        category["words"] = words if category["key"] == "transit" else {}
    for sign in SIGNS:
        document["signs"][sign] = {}
    document["rules"] = []
    return parse(document)


def found(text: str, language: str, **lists: list[str]) -> list[tuple[str, str]]:
    matcher = Matcher(policy_with({language: lists}))
    hits = matcher.find(text).hits("category", "transit", language)
    return [(hit.word, text[hit.start : hit.end]) for hit in hits]


@pytest.mark.parametrize(
    ("word", "language", "written"),
    [
        ("leak", "en", ["leak", "leaks", "leaking", "leaked", "LEAKS"]),
        ("stop", "en", ["stopped", "stopping", "stops"]),
        ("close", "en", ["closed", "closing", "closes"]),
        ("party", "en", ["parties"]),
        ("tram", "en", ["tram's", "#trams", "'tram'", "(tram)"]),
        ("bus", "nl", ["bus", "bussen"]),
        ("boom", "nl", ["boom", "bomen", "boompje"]),
        ("kapot", "nl", ["kapotte"]),
        ("prijs", "nl", ["prijzen"]),
        ("brief", "nl", ["brieven", "briefje"]),
        ("mooi", "nl", ["mooie"]),
        ("lantaarn", "nl", ["lantaarns"]),
    ],
)
def test_stems_find_all_forms(word: str, language: str, written: list[str]) -> None:
    for form in written:
        assert found(f"see {form} here", language, stems=[word]), form


@pytest.mark.parametrize(
    ("word", "language", "written"),
    [
        ("leak", "en", ["bleak", "leakproof"]),
        ("tram", "nl", ["tramhalte", "metrotram"]),
        ("bus", "nl", ["business", "busy"]),
        ("rat", "en", ["rather", "ratio", "brat"]),
    ],
)
def test_stems_find_no_other_word(word: str, language: str, written: list[str]) -> None:
    for other in written:
        assert not found(f"see {other} here", language, stems=[word]), other


@pytest.mark.parametrize(
    ("part", "written"),
    [
        ("verkeerslicht", ["verkeerslichten", "voetgangersverkeerslicht", "#VerkeerslichtenKapot"]),
        ("lantaarnpaal", ["lantaarnpalen", "lantaarnpaaltje"]),
        ("koffieautomaat", ["koffieautomaten", "KOFFIEAUTOMAAT"]),
        ("riool", ["rioolput", "hoofdriool", "riolen"]),
    ],
)
def test_compounds_are_found_inside_longer_words_whole(part: str, written: list[str]) -> None:
    for word in written:
        [(_, place)] = found(f"de {word} hier", "nl", compounds=[part])
        assert place == word.lstrip("#")


def test_whole_words_stand_alone() -> None:
    assert found("brand!", "nl", whole=["brand"]) == [("brand", "brand")]
    for other in ("brandt", "brandweer", "zonnebrand", "branden", "firebrand"):
        assert not found(other, "nl", whole=["brand"])


def test_phrases_and_gaps() -> None:
    assert found("Swallowed   my, card", "en", stems=["swallowed my card"])
    assert found("swallowed my blue bank card", "en", stems=["swallowed * card"])
    assert not found("swallowed my very old blue bank card", "en", stems=["swallowed * card"])
    assert not found("It swallowed it. My card is here", "en", stems=["swallowed * card"])
    assert found("check-in, s.v.p.", "nl", whole=["check in"])
    assert found("maken s.v.p.", "nl", whole=["s.v.p."])
    assert found("maken svp", "nl", whole=["svp"])


@pytest.mark.parametrize("written", ["can't", "can’t", "cant", "CAN'T", "can`t"])
def test_apostrophes_of_every_kind(written: str) -> None:
    assert found(f"I {written} log in", "en", stems=["can't log in"])


def test_adjacent_words_share_their_space() -> None:
    assert len(found("tram tram tram", "en", whole=["tram"])) == 3


def test_marks_and_pattern_signs_of_a_manager_are_letters_only() -> None:
    assert not found("aaaaaaaa", "en", whole=["(a+)+b"])
    assert found("a+ is a mark", "en", whole=["a+"]) == [("a+", "a"), ("a+", "a")]
    assert found("say c++ 11", "en", whole=["c++ 11"])


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Één", " een "),
        ("ﬁre", " fire "),
        ("e\u0301e\u0301n", " een "),
        ("Straße", " strasse "),
        ("hi @desk.help!", " hi           . "),
        ("a@b.nl c", "        c "),
        ("x https://a.b/c?d=e y", " x                   y "),
        ("ДОМ", " дом "),
        ("zero\u200bwidth", " zerowidth "),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text).data.decode() == folded


def test_a_phrase_folds_as_a_message_does() -> None:
    assert fold_words("Check-in Één s.v.p.") == ["check", "in", "een", "s", "v", "p"]


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_a_word_is_found_at_its_own_place_whatever_stands_around_it(before: str, after: str) -> None:
    text = f"{before} Kaartautomaat {after}"
    folded = fold(text)
    if "@" in before or "http" in before or "www" in before:
        return
    hits = matcher_of(POLICY).find(text).hits("category", "tickets", "nl")
    assert "Kaartautomaat" in [text[hit.start : hit.end] for hit in hits]
    assert len(folded.text) == len(text)


def test_forms_hold_the_word_itself_and_only_letters() -> None:
    for language in ("en", "nl"):
        for word in ("put", "stoep", "aa", "i", "ui", "zee", "fee", "party", "huis"):
            assert word in forms(word, language)
            assert all(form.isalpha() for form in forms(word, language))
    assert forms("Wasser", "de") == ["Wasser"]


def test_an_automaton_that_gives_up_is_noticed_and_the_words_are_found_all_the_same() -> None:
    class GaveUp:
        def Match(self, text: bytes) -> None:
            return None

    matcher = Matcher(POLICY)
    usual = matcher.find("brand in de tram").hits("category", "danger", "nl")
    matcher._set = GaveUp()
    assert matcher.find("brand in de tram").hits("category", "danger", "nl") == usual != []


@pytest.mark.parametrize(
    ("category", "language", "word"),
    [
        (category, language, word)
        for category, lists in KEYWORDS.items()
        for language, words in zip(("en", "nl"), lists, strict=True)
        for word in words.split(", ")
    ],
)
def test_every_word_that_names_a_category_is_found_in_it(category: str, language: str, word: str) -> None:
    hits = matcher_of(POLICY).find(f"Hello, {word}!").hits("category", category, language)
    assert hits


def test_a_policy_is_compiled_once() -> None:
    assert matcher_of(CITY) is matcher_of(parse(seed.read()))
