"""The pages of rules: what is typed is kept, with its fault beside it, and nothing else moves."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from priority import seed
from priority.models import PolicyDraft
from priority.policy import parse
from tests import desk
from tests.priority.typed import page, rule, save, typed_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("key", [each["key"] for each in seed.read()["rules"]])
def test_a_rule_saved_untouched_is_the_same(client: Client, key: str) -> None:
    document = save(client, reverse("policy_rule", args=[key]))
    assert parse(document).sha256 == parse(seed.read()).sha256


def test_a_rule_of_a_manager_s_own(client: Client) -> None:
    desk.team("night-shift")
    document = save(
        client,
        reverse("policy_rule_new"),
        name__en="Night",
        name__nl="Nacht",
        on="on",
        words__en__whole="dark",
        with_fault="on",
        categories=["roads", "lighting"],
        visibility="public",
        languages=["en"],
        calendar="desk",
        within="closed",
        weekdays=["saturday", "sunday"],
        starts="22:00",
        ends="06:00",
        impact="lower:1",
        urgency="set:high",
        team="night-shift",
        tag="night",
    )
    assert rule(document, "night") == {
        "key": "night",
        "kind": "when",
        "name": {"en": "Night", "nl": "Nacht"},
        "words": {"en": {"whole": ["dark"]}},
        "with_fault": True,
        "categories": ["roads", "lighting"],
        "visibility": "public",
        "languages": ["en"],
        "time": {
            "calendar": "desk",
            "within": "closed",
            "weekdays": ["saturday", "sunday"],
            "starts": "22:00",
            "ends": "06:00",
        },
        "effects": [
            {"do": "lower", "dimension": "impact"},
            {"do": "set", "dimension": "urgency", "level": "high"},
            {"do": "tag", "tag": "night"},
            {"do": "team", "team": "night-shift"},
        ],
    }
    assert parse(document).rules[-1].key == "night"
    shown = " ".join(page(client, reverse("policy_rules")).split())
    for words in (
        "it says “dark”",
        "the subject is Roads, pavements, cycle paths or Street lighting",
        "it was said in public",
        "it is written in English",
        "it was said outside Desk hours",
        "on Saturday or Sunday",
        "between 22:00 and 06:00",
        "impact goes down one level",
        "urgency is high",
        "it gets the tag night",
        "it goes to the team Night-Shift",
    ):
        assert words in shown
    again = save(client, reverse("policy_rule", args=["night"]))
    assert parse(again).sha256 == parse(document).sha256


def test_a_rule_without_a_condition_or_an_effect_is_told_so(client: Client) -> None:
    save(client, reverse("policy_rule_new"), name__en="Empty", name__nl="Leeg", on="on")
    shown = page(client, reverse("policy_rule", args=["empty"]))
    assert "It does nothing yet: choose at least one thing that it changes" in shown
    save(client, reverse("policy_rule", args=["empty"]), urgency="raise:1")
    assert "This rule would hold for every message: give it a condition." in page(
        client, reverse("policy_rule", args=["empty"])
    )


def test_a_plain_rule_stays_a_plain_one_until_it_says_more(client: Client) -> None:
    url = reverse("policy_rule", args=["many_hit"])
    document = save(client, url, impact="raise:2")
    assert (rule(document, "many_hit")["kind"], rule(document, "many_hit")["steps"]) == ("raise", 2)
    document = save(client, url, visibility="public")
    assert rule(document, "many_hit")["kind"] == "when"
    assert rule(document, "many_hit")["effects"] == [{"do": "raise", "dimension": "impact", "steps": 2}]
    assert parse(document).rules


def test_effects_that_the_form_cannot_hold_are_kept(client: Client) -> None:
    document = save(
        client,
        reverse("policy_rule_new"),
        name__en="Many",
        name__nl="Veel",
        on="on",
        visibility="public",
        urgency="raise:1",
    )
    several = [
        {"do": "raise", "dimension": "urgency"},
        {"do": "lower", "dimension": "urgency"},
        {"do": "tag", "tag": "one"},
        {"do": "tag", "tag": "two"},
    ]
    draft = PolicyDraft.objects.get()
    rule(draft.document, "many")["effects"] = several
    draft.save()
    document = save(client, reverse("policy_rule", args=["many"]), impact="raise:1")
    assert rule(document, "many")["effects"] == [{"do": "raise", "dimension": "impact"}, *several]


def test_rules_change_places_and_go_off_and_on_by_a_press(client: Client) -> None:
    url = reverse("policy_rules")

    def press(what: str) -> dict[str, Any]:
        client.post(url, {**typed_in(client, url), "what": what})
        return dict(PolicyDraft.objects.get().document)

    assert [each["key"] for each in press("up:many_hit")["rules"]][:3] == [
        "danger_words",
        "many_hit",
        "travel_soon",
    ]
    assert rule(press("off:recurring"), "recurring")["on"] is False
    assert "on" not in rule(press("on:recurring"), "recurring")
    assert "on" not in rule(press("on:caller"), "caller")
    assert [each["key"] for each in press("down:caller")["rules"]][-1] == "caller"


def test_days_that_are_no_number_are_kept_with_their_fault(client: Client) -> None:
    url = reverse("policy_rule", args=["travel_soon"])
    document = save(client, url, within_days="soon")
    assert rule(document, "travel_soon")["within_days"] == "soon"
    shown = page(client, url)
    assert 'value="soon"' in shown
    assert "no whole number" in shown


def test_an_agent_reads_and_changes_nothing(client: Client) -> None:
    agent = Client()
    agent.force_login(desk.user("noor", teams=[desk.team("front")]))
    for name in ("policy_category", "policy_rule"):
        shown = page(agent, reverse(name, args=["waste" if name == "policy_category" else "many_hit"]))
        assert "Save in the draft" not in shown
        assert "Show the messages" not in shown
        assert agent.post(reverse(name, args=["waste"]), {}).status_code == 404


def test_how_many_there_are_costs_no_query_more(client: Client) -> None:
    def asked(url: str) -> int:
        page(client, url)
        with CaptureQueriesContext(connection) as queries:
            page(client, url)
        return len(queries)

    urls = [reverse("policy_rules"), reverse("policy_categories")]
    for name in ("One", "Two"):
        save(
            client,
            reverse("policy_rule_new"),
            name__en=name,
            name__nl=name,
            on="on",
            visibility="public",
            urgency="raise:1",
        )
        save(client, reverse("policy_category_new"), name__en=name, name__nl=name)
    few = [asked(url) for url in urls]
    for number in range(6):
        name = f"More {number}"
        save(
            client,
            reverse("policy_rule_new"),
            name__en=name,
            name__nl=name,
            on="on",
            visibility="public",
            urgency="raise:1",
        )
        save(client, reverse("policy_category_new"), name__en=name, name__nl=name)
    assert [asked(url) for url in urls] == few
