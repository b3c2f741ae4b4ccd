"""The pages of calendars: hours as they are said, holidays looked up, days of one's own, teams, faults kept."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from priority.models import PolicyDraft

pytestmark = pytest.mark.django_db
DESK = ("policy_calendar", "desk")


def page(client: Client, name: str = "policy_calendars", *args: str) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def sent(client: Client, where: tuple[str, ...], typed: dict[str, Any]) -> dict[str, Any]:
    version = page(client, *where).split('name="version" value="', 1)[1].split('"', 1)[0]
    answer = client.post(reverse(where[0], args=where[1:]), {"version": version, **typed})
    assert answer.status_code == 302, answer.content.decode()
    document: dict[str, Any] = PolicyDraft.objects.get().document
    return document


def calendar(document: dict[str, Any], key: str = "desk") -> dict[str, Any]:
    return next(each for each in document["calendars"] if each["key"] == key)


WEEK = {"kind": "hours", "working_day": "8 h", "day-monday": "8-12, 13-17", "day-friday": "22:00–06:00"}


def test_they_stand_there_with_their_week_and_coming_days(client: Client) -> None:
    shown = page(client)
    assert "Desk hours" in shown
    assert "08:00–18:00" in shown
    assert "Coming closed days" in shown
    assert "for P2, P3, P4, P5, triage, reminders" in shown


def test_hours_are_read_as_they_are_said(client: Client) -> None:
    found = calendar(sent(client, DESK, WEEK))
    assert found["week"] == {
        "monday": [{"opens": "08:00", "closes": "12:00"}, {"opens": "13:00", "closes": "17:00"}],
        "friday": [{"opens": "22:00", "closes": "06:00"}],
    }
    assert found["working_day"] == 480


def test_what_cannot_be_read_is_kept_and_told_at_its_day(client: Client) -> None:
    sent(client, DESK, {**WEEK, "day-monday": "mornings"})
    shown = page(client, *DESK)
    assert 'value="mornings"' in shown
    assert "“mornings” are no opening hours" in shown


def test_another_country_brings_its_days_and_a_choice_among_them(client: Client) -> None:
    found = calendar(sent(client, DESK, {"country": "DE", "region": ""}))
    assert found["holidays"] == {"country": "DE"}
    assert any(each["date"].endswith("-10-03") for each in found["closed"])
    found = calendar(sent(client, DESK, {"country": "DE", "region": "BY"}))
    assert any(each["date"].endswith("-01-06") for each in found["closed"])
    found = calendar(sent(client, DESK, {"country": "DE", "region": "BY", "shut": ["Christmas Day"]}))
    assert "Epiphany" in found["holidays"]["but"]
    assert {each["date"][5:] for each in found["closed"] if each["date"][:4] != "2026"} == {"12-25"}


def test_days_of_ones_own_close_all_day_or_early_and_go_again(client: Client) -> None:
    typed = {
        "own-new-begins": "2027-07-05", "own-new-ends": "2027-07-07", "own-new-closes": "",
        "own-new-name-en": "We move", "own-new-name-nl": "We verhuizen",
    }  # fmt: skip
    found = calendar(sent(client, DESK, typed))
    mine = [each for each in found["closed"] if each.get("own")]
    assert [each["date"] for each in mine] == ["2027-07-05", "2027-07-06", "2027-07-07"]
    kept = {
        "own-0-begins": "2027-07-05",
        "own-0-ends": "2027-07-07",
        "own-0-name-en": "We move",
        "own-0-name-nl": "x",
    }
    early = {
        "own-new-begins": "2027-12-24",
        "own-new-closes": "15:00",
        "own-new-name-en": "Eve",
        "own-new-name-nl": "y",
    }
    found = calendar(sent(client, DESK, kept | early))
    assert found["early"] == [{"date": "2027-12-24", "closes": "15:00", "name": {"en": "Eve", "nl": "y"}}]
    assert len([each for each in found["closed"] if each.get("own")]) == 3
    out = {**kept, "own-0-out": "on", "own-new-begins": ""}
    found = calendar(sent(client, DESK, out))
    assert not any(each.get("own") for each in found["closed"])
    assert "early" not in found


def test_a_date_that_is_none_is_kept_with_its_fault(client: Client) -> None:
    typed = {"own-new-begins": "Easter", "own-new-name-en": "E", "own-new-name-nl": "P"}
    sent(client, DESK, typed)
    shown = page(client, *DESK)
    assert 'value="Easter"' in shown
    assert "“Easter” is no date" in shown


def test_a_team_has_hours_of_its_own(client: Client) -> None:
    document = sent(client, ("policy_calendars",), {"what": "teams", "team-front": "always"})
    assert document["team_calendars"] == [{"team": "front", "calendar": "always"}]
    document = sent(client, ("policy_calendars",), {"what": "teams", "team-front": ""})
    assert "team_calendars" not in document


def test_another_calendar_begins_as_a_copy_and_goes_while_nothing_runs_on_it(client: Client) -> None:
    typed = {"what": "add", "name-en": "Evening", "name-nl": "Avond", "like": "desk"}
    document = sent(client, ("policy_calendars",), typed)
    assert calendar(document, "evening")["week"] == calendar(document)["week"]
    document = sent(client, ("policy_calendar", "evening"), {"what": "remove"})
    assert [each["key"] for each in document["calendars"]] == ["desk", "always"]
    version = page(client, *DESK).split('name="version" value="', 1)[1].split('"', 1)[0]
    refused = client.post(reverse("policy_calendar", args=["desk"]), {"version": version, "what": "remove"})
    assert refused.status_code == 422
    assert client.get(reverse("policy_calendar", args=["moon"])).status_code == 404
