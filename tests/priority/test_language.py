"""The language of short texts: right or silent, never wrong with confidence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from priority.language import guess, is_short

ENGLISH = [
    "the ticket machine at Central swallowed my card",
    "Is anyone going to fix the lights on Kade?",
    "My bin was not collected this week",
    "I can't log in with my account",
    "When does the counter open on Saturday",
    "there's a huge pothole near the school and it's getting worse",
    "Can you please send someone to look at the lift",
    "no trams for an hour now, what is going on",
]
DUTCH = [
    "de kaartautomaat op Centraal heeft mijn pas ingeslikt",
    "Komt er nog iemand naar de verkeerslichten kijken?",
    "Mijn container is weer niet opgehaald",
    "Ik kan niet inloggen met DigiD",
    "Wanneer is de balie open op zaterdag",
    "er zit een groot gat in de weg bij de school",
    "Kunnen jullie iemand sturen voor de lift",
    "al een uur geen tram, wat is er aan de hand",
]
OTHER = [
    "Bonjour, le tram est en retard ce matin",
    "Guten Tag, der Bus ist heute wieder zu spät in der Stadt",
    "El autobús no llega nunca a tiempo a la parada",
    "Tramwaj znowu się spóźnia, co się dzieje",
    "Tramvay yine gecikti",
    "трамвай снова опаздывает",
    "le tram de Paris est en panne, je ne peux pas rentrer de bonne heure",
    "Wie komme ich hier an die Karte, die der Automat gefressen hat",
    "não há metro, que vergonha",
    "il tram non arriva mai in orario la mattina",
]


@pytest.mark.parametrize("text", ENGLISH)
def test_english(text: str) -> None:
    found = guess(text)
    assert found is not None
    assert found[0] == "en"
    assert 0.5 <= found[1] <= 1


@pytest.mark.parametrize("text", DUTCH)
def test_dutch(text: str) -> None:
    found = guess(text)
    assert found is not None
    assert found[0] == "nl"


@pytest.mark.parametrize(
    "text", [*OTHER, "tram", "lol trams again", "metro 52", "", "🔥🔥", "@desk https://a.nl"]
)
def test_what_is_neither_or_too_little_is_left_open(text: str) -> None:
    assert guess(text) is None


def test_only_the_languages_asked_for() -> None:
    assert guess(DUTCH[0], among=("en",)) is None
    assert guess(DUTCH[0], among=("fr", "de")) is None


def test_short_is_fewer_than_four_words_and_names_are_no_words() -> None:
    assert is_short("tram weer stuk")
    assert is_short("@desk @city tram https://a.example 12 12 12")
    assert not is_short("de tram is stuk")


@given(st.text())
def test_any_text_has_an_answer_or_none(text: str) -> None:
    found = guess(text)
    assert found is None or (found[0] in ("en", "nl") and 0 < found[1] <= 1)
