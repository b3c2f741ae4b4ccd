"""What the pages of the policy and its texts say of a private team to who is not in it: nothing by its name."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from priority.models import PolicyDraft
from priority.services_draft import draft_change, draft_open
from tests import desk
from tickets.clock import database_now

pytestmark = pytest.mark.django_db
NAME = "Integrity office of the northern quays"


@pytest.fixture(autouse=True)
def integrity(seeded: None) -> None:
    team = desk.team("integrity", private=True)
    team.name = NAME
    team.save()
    account = desk.account("77", of_team=team)
    account.handle = "integriteit"
    account.save()


@pytest.fixture(params=["agent", "manager"])
def outside(request: pytest.FixtureRequest) -> User:
    return desk.user("noor", teams=[desk.team()], manager=request.param == "manager")


PAGES = [
    ("policy_rules",),
    ("policy_rule", "vulnerable"),
    ("policy_categories",),
    ("policy_category", "tickets"),
    ("policy_calendars",),
    ("policy_texts",),
    ("policy_text", "transfer_notice", "short"),
]


@pytest.mark.parametrize("where", PAGES, ids="-".join)
def test_it_is_not_named(where: tuple[str, ...], outside: User, client: Client) -> None:
    client.force_login(outside)
    answer = client.get(reverse(where[0], args=where[1:]))
    assert answer.status_code == 200
    shown = answer.content.decode()
    assert NAME not in shown
    assert "integri" not in shown.casefold()


def test_who_is_in_it_may_choose_it(client: Client) -> None:
    mila = desk.user("mila", teams=[desk.team("integrity")], manager=True)
    client.force_login(mila)
    assert NAME in client.get(reverse("policy_category", args=["tickets"])).content.decode()
    assert NAME in client.get(reverse("policy_calendars")).content.decode()


def test_one_that_is_chosen_stays_chosen_when_somebody_else_saves(client: Client, outside: User) -> None:
    """And a calendar that its team has is not taken from it."""
    mila = desk.user("mila", teams=[desk.team("integrity")], manager=True)

    def choose(document: dict[str, list[dict[str, object]]]) -> None:
        next(each for each in document["categories"] if each["key"] == "tickets")["team"] = "integrity"
        document["team_calendars"] = [{"team": "integrity", "calendar": "desk"}]

    version = draft_open(actor=mila, now=database_now()).version
    draft_change(actor=mila, version=version, change=choose, now=database_now())
    if not outside.is_manager:
        return
    client.force_login(outside)
    shown = client.get(reverse("policy_category", args=["tickets"])).content.decode()
    assert "a team that you are not in" in shown
    assert NAME not in client.get(reverse("policy_categories")).content.decode()
    shown = client.get(reverse("policy_calendars")).content.decode()
    version = int(shown.split('name="version" value="', 1)[1].split('"', 1)[0])
    client.post(reverse("policy_calendars"), {"version": version, "what": "teams", "team-front": "desk"})
    kept = PolicyDraft.objects.get().document["team_calendars"]
    assert {"team": "integrity", "calendar": "desk"} in kept
    assert len(kept) == 2
