"""The page of durations: what is typed is understood, kept where it is not, and shown as both."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from priority.models import PolicyDraft
from tests import desk

pytestmark = pytest.mark.django_db


def page(client: Client, name: str = "policy_durations", *args: str) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def version(shown: str) -> str:
    return shown.split('name="version" value="', 1)[1].split('"', 1)[0]


def save(client: Client, **typed: str) -> dict[str, Any]:
    """The draft's document after what was typed was saved."""
    url = reverse("policy_durations")
    sent = {
        "version": version(page(client)),
        **{name.replace("__", "-"): text for name, text in typed.items()},
    }
    answer = client.post(url, sent)
    assert answer.status_code == 302, answer.content.decode()
    return dict(PolicyDraft.objects.get().document)


def duration(document: dict[str, Any], priority: str) -> dict[str, Any]:
    return next(each for each in document["durations"] if each["priority"] == priority)


def test_what_is_in_force_stands_there_in_both_units(client: Client) -> None:
    shown = page(client)
    assert 'name="P3-resolution" aria-label="P3: Resolution" value="3 working days"' in shown
    assert "<small>30 hours</small>" in shown
    assert 'name="P2-at_risk_before" aria-label="P2: At risk, before the date" value="2 h 30"' in shown
    assert 'value="12:00, 18:00"' in shown
    assert not PolicyDraft.objects.exists()


def test_an_amount_is_understood_as_it_is_said(client: Client) -> None:
    document = save(client, P3__resolution="2 working days", P3__first_response="1 h 30", P1__told="30 min")
    assert duration(document, "P3")["resolution"] == 1200
    assert duration(document, "P3")["first_response"] == 90
    assert duration(document, "P1")["told"] == {"kind": "step", "minutes": 30}
    assert duration(document, "P2")["resolution"] == 600
    shown = page(client)
    assert "was 3 working days" in shown
    assert "<small>20 hours</small>" in shown


def test_working_days_are_those_of_the_calendar_that_is_chosen_with_them(client: Client) -> None:
    document = save(client, P2__calendar="always", P2__resolution="1 day")
    assert (duration(document, "P2")["calendar"], duration(document, "P2")["resolution"]) == ("always", 1440)


def test_what_is_not_understood_is_kept_and_told_at_its_field(client: Client) -> None:
    document = save(client, P3__resolution="4 hoors", P4__told="noonish", P5__first_response="")
    assert duration(document, "P3")["resolution"] == "4 hoors"
    shown = page(client)
    assert 'value="4 hoors"' in shown
    assert "“4 hoors” is no amount of time" in shown
    assert "“noonish” is no rounding" in shown
    assert "Nothing is filled in" in shown
    assert duration(save(client, P3__resolution="4 h"), "P3")["resolution"] == 240


def test_figures_of_a_category_are_added_changed_and_taken_out(client: Client) -> None:
    new = {"own__new__for": "category:water", "own__new__priority": "P2", "own__new__resolution": "4 h"}
    document = save(client, **new)
    assert document["own_durations"] == [{"category": "water", "priority": "P2", "resolution": 240}]
    first = {"own__0__for": "call_type:complaint", "own__0__priority": "", "own__0__resolution": "2 wd"}
    document = save(client, **first)
    assert document["own_durations"] == [{"call_type": "complaint", "resolution": 1200}]
    assert "Take out what call type: complaint has of its own" in page(client)
    assert "own_durations" not in save(client, what="out:own:0")


def test_an_empty_row_to_add_to_adds_nothing(client: Client) -> None:
    empty = {f"own__new__{name}": "" for name in ("for", "priority", "calendar", "resolution", "told")}
    document = save(client, P1__resolution="5 h", **empty, override__new__channel="")
    assert "own_durations" not in document
    assert len(document["overrides"]) == 1


def test_a_channel_has_its_own_response_times(client: Client) -> None:
    document = save(client, override__0__channel="chat", override__0__first_response="3 min")
    assert document["overrides"] == [{"channel": "chat", "first_response": 3}]


def test_an_agent_reads_it_and_changes_nothing(manager: User, client: Client) -> None:
    client.force_login(desk.user("noor", teams=[desk.team("front")]))
    shown = page(client)
    assert "3 working days" in shown
    assert 'name="P3-resolution"' not in shown
    assert client.post(reverse("policy_durations"), {"P3-resolution": "1 h"}).status_code == 404
    assert not PolicyDraft.objects.exists()
