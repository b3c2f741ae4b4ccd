"""The difference between two policies: nothing where they say the same, and a line for every single field."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation

from priority import diff, diff_words, seed
from priority.policy import PolicyInvalid, parse


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return parse(seed.read()).document()


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        yield path
        for number, inner in enumerate(value):
            yield from leaves(inner, (*path, number))
    else:
        yield path


def one_of_each(document: dict[str, Any]) -> list[tuple[Any, ...]]:
    seen: dict[tuple[str, ...], tuple[Any, ...]] = {}
    for path in leaves(document):
        seen.setdefault(tuple("#" if isinstance(step, int) else step for step in path), path)
    return list(seen.values())


def changed(document: dict[str, Any], path: tuple[Any, ...]) -> dict[str, Any]:
    """With another value at this place, of the same shape, whether or not the policy can be used so. What does not
    lead there is shared with the document."""
    made: Any = copy.copy(document)
    place = made
    for step in path[:-1]:
        place[step] = copy.copy(place[step])
        place = place[step]
    value = place[path[-1]]
    if isinstance(value, bool):
        place[path[-1]] = not value
    elif isinstance(value, int):
        place[path[-1]] = value + 1
    elif isinstance(value, str):
        place[path[-1]] = value + "x"
    else:
        place[path[-1]] = value[:-1] if value else ["x"]
    return dict(made)


def test_equal_documents_differ_in_nothing(document: dict[str, Any]) -> None:
    assert diff.changes(document, copy.deepcopy(document)) == []
    assert diff_words.sentences(document, copy.deepcopy(document)) == []


def test_what_is_left_out_says_what_its_default_says(document: dict[str, Any]) -> None:
    other = copy.deepcopy(document)
    other["rules"][0].setdefault("on", True)
    other["periods"]["transfers_most"] = 2
    assert diff_words.sentences(document, other) == []


def test_every_single_field_gives_a_line(document: dict[str, Any]) -> None:
    """One of each name and place, and others by chance: all 1,800 would take half a minute."""
    paths = list(leaves(document))
    assert len(paths) > 1_500
    paths = [*one_of_each(document), *random.Random(6).sample(paths, 100)]
    silent = [path for path in paths if not diff.changes(document, changed(document, path))]
    assert silent == []


@pytest.mark.parametrize("language", ["en", "nl"])
def test_every_field_has_words(document: dict[str, Any], language: str) -> None:
    """One field of each name and place in the document, since thousands of words are told alike."""
    with translation.override(language):
        for path in one_of_each(document):
            lines = diff_words.sentences(document, changed(document, path))
            assert lines, path
            for line in lines:
                assert line.strip(), path
                assert "None" not in line, (path, line)
                assert "%(" not in line, (path, line)
                assert "{" not in line, (path, line)


def test_kinds_of_change_read_as_people_say_them(document: dict[str, Any]) -> None:
    new = copy.deepcopy(document)
    new["matrix"]["high"]["low"] = "P2"
    new["durations"][1]["resolution"] = 1200
    new["calendars"][0]["week"]["friday"] = [{"opens": "08:00", "closes": "12:00"}]
    gone = new["calendars"][0]["closed"].pop(0)
    new["categories"][0]["words"]["en"]["stems"].append("plover")
    new["rules"][0]["on"] = False
    new["periods"]["triage"] = 20
    name = new["categories"].pop(3)["name"]["en"]
    with translation.override("en"):
        lines = diff_words.sentences(document, new)
    assert gone["date"] == "2026-01-01"
    assert lines == [
        "Impact high, urgency low: P3 became P2",
        "Calendar “Desk hours”, week, Friday: 08:00–18:00 became 08:00–12:00",
        "Calendar “Desk hours”, closed on 1 January 2026 is taken out",
        "Durations of P2, solved within: 1 working day became 2 working days",
        "Category “Danger on the street”, words in English, in all forms, new: “plover”",
        f"Category “{name}” is taken out",
        "Rule “Words of danger” is switched off",
        "Periods, triage within: 15 minutes became 20 minutes",
    ]


def test_an_order_is_one_line(document: dict[str, Any]) -> None:
    new = copy.deepcopy(document)
    new["impacts"][0]["rank"], new["impacts"][1]["rank"] = 2, 1
    new["impacts"].sort(key=lambda level: level["rank"])
    with translation.override("en"):
        lines = diff_words.sentences(document, new)
    assert lines == ["Impacts, in this order now: medium, high, low"]


def test_documents_that_are_no_policy_can_be_compared(document: dict[str, Any]) -> None:
    broken = copy.deepcopy(document)
    broken["durations"][0]["resolution"] = "soon"
    broken["periods"] = None
    broken["colour"] = {"of": ["money"]}
    with pytest.raises(PolicyInvalid):
        parse(broken)
    with translation.override("en"):
        lines = diff_words.sentences(document, broken)
    assert any("“soon”" in line for line in lines)
    assert any(line.startswith("Periods") for line in lines)
    assert any("colour" in line and "money" in line for line in lines)
