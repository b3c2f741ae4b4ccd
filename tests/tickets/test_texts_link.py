"""The link to where it stands, in the texts: in letters alone, and its sentence goes where there is none."""

from __future__ import annotations

import pytest

from tickets.texts.document import parse, read, seed
from tickets.texts.faults import faults_of
from tickets.texts.places import Place
from tickets.texts.render import fill
from tickets.texts.shapes import Words

LINK = "https://desk.merendam.example/s/…/"


@pytest.mark.parametrize(
    ("template", "left"),
    [
        ("Answer this. Where it stands: {status_link}\n\nRegards,\n{sign}", "Answer this.\n\nRegards,\n^M"),
        ("Where it stands: {status_link}", ""),
        ("One. See {status_link} for more. Two.", "One. Two."),
        ("See {status_link}. Two!", "Two!"),
        ("One?\nIt is at {status_link}\nTwo.", "One?\nTwo."),
        ("On a pc of 3.5 inch at {status_link}. And {status_link}! End.", "End."),
        ("He said: “here.” Look: {status_link}", "He said: “here.”"),
    ],
)
def test_without_a_link_its_sentence_goes(template: str, left: str) -> None:
    assert fill(template, {"status_link": "", "sign": "^M"}) == left


def test_with_one_it_stands_there() -> None:
    assert fill("It is here: {status_link}.", {"status_link": LINK}) == f"It is here: {LINK}."


def test_words_that_are_not_repeated_leave_no_quotation_marks() -> None:
    text = "We've noted it as {ref}: “{summary}”. We aim"
    assert fill(text, {"ref": "K7QM-4T2X", "summary": ""}) == "We've noted it as K7QM-4T2X. We aim"


@pytest.mark.parametrize("language", ["en", "nl", "nl-familiar"])
def test_every_acknowledgement_by_letter_has_it(language: str) -> None:
    for kind in ("acknowledgement_solved", "acknowledgement_answered", "acknowledgement_started"):
        body = seed().notices[kind]["letter"][language].body
        assert "{status_link}" in body
        assert "{summary}" not in body


def with_body(kind: str, manner: str, body: str, field: str = "body") -> Words:
    document = seed().document()
    document["notices"][kind][manner]["en"][field] = body
    return read(document)


@pytest.mark.parametrize(
    ("kind", "manner", "field", "found"),
    [
        ("resolution_notice", "letter", "body", set()),
        ("resolution_notice", "letter", "subject", {("unknown", "status_link")}),
        ("resolution_notice", "conversational", "body", {("unknown", "status_link")}),
        (
            "acknowledgement_solved",
            "conversational",
            "body",
            {("unknown", "status_link"), ("not_said", "date")},
        ),
    ],
)
def test_only_letters_may_say_it(kind: str, manner: str, field: str, found: set[tuple[str, str]]) -> None:
    said = "{ref} {what} {status_link}" if kind == "resolution_notice" else "{ref} {status_link}"
    words = with_body(kind, manner, said, field)
    where = f"notices.{kind}.{manner}.en.{field}"
    assert {(fault.code, fault.what) for fault in faults_of(words) if fault.where == where} == found


def test_a_short_message_may_not() -> None:
    words = with_body("resolution_notice", "short", "{ref} {what} {status_link}")
    codes = {fault.code for fault in faults_of(words)}
    assert codes == {"unknown", "not_public"}


def test_the_list_of_a_text_names_it_in_letters_alone() -> None:
    may = {
        manner: Place("delay_notice", manner).placeholders()[1]
        for manner in ("short", "conversational", "letter")
    }
    assert {manner for manner, names in may.items() if "status_link" in names} == {"letter"}
    assert "summary" not in Place("acknowledgement_solved", "letter").placeholders()[1]
    assert parse(seed().document()) == seed()
