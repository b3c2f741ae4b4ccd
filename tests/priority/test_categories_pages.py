"""The pages of categories: what is typed is kept, with its fault beside it, and nothing else moves."""

from __future__ import annotations

import html

import pytest
from django.test import Client
from django.urls import reverse

from priority import seed
from priority.edits import entry_of
from priority.models import PolicyDraft
from priority.policy import parse
from tests import desk
from tests.priority.typed import category, page, save, typed_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("key", [each["key"] for each in seed.read()["categories"]])
def test_a_category_saved_untouched_is_the_same(client: Client, key: str) -> None:
    document = save(client, reverse("policy_category", args=[key]))
    assert parse(document).sha256 == parse(seed.read()).sha256


def test_a_category_is_changed_in_all_its_parts(client: Client) -> None:
    desk.team("cleaning")
    document = save(
        client,
        reverse("policy_category", args=["waste"]),
        name__nl="Afval",
        impact="medium",
        team="cleaning",
        date_means="answered",
        asks_own="own",
        asks=["place", "photo"],
        words__en__whole="bin\nbins, trash\n\n  waste   here ",
        extra_line__en="Bring it to the tip.",
        extra_line__nl="Breng het weg.",
    )
    found = category(document, "waste")
    assert (found["name"]["nl"], found["impact"], found["team"], found["date_means"]) == (
        "Afval",
        "medium",
        "cleaning",
        "answered",
    )
    assert found["asks"] == ["place", "photo"]
    assert found["words"]["en"]["whole"] == ["bin", "bins", "trash", "waste here"]
    assert parse(document).category("waste") is not None
    shown = page(client, reverse("policy_categories"))
    assert "asks the place, a photo" in shown
    assert "to Cleaning" in shown


def test_a_new_category_gets_a_key_of_its_name_and_may_lie_below_another(client: Client) -> None:
    url = reverse("policy_category_new")
    document = save(
        client, url, name__en="Bulky waste", name__nl="Grofvuil", parent="waste", words__en__stems="sofa"
    )
    assert category(document, "bulky_waste")["parent"] == "waste"
    assert parse(document).category("bulky_waste") is not None
    again = save(client, url, name__en="Bulky waste", name__nl="Grofvuil")
    assert category(again, "bulky_waste_2")["name"]["en"] == "Bulky waste"
    shown = page(client, reverse("policy_category", args=["waste"]))
    assert "Below it: Bulky waste." in shown


def test_a_third_level_and_a_parent_of_its_own_are_told_at_the_field(client: Client) -> None:
    url = reverse("policy_category", args=["waste"])
    save(client, url, parent="water")
    document = save(client, reverse("policy_category", args=["water"]), parent="transit")
    assert category(document, "water")["parent"] == "transit"
    shown = page(client, url)
    assert "lies below transit already, and there are two levels" in shown
    save(client, reverse("policy_category", args=["online"]), parent="online")
    assert "A category is not its own parent" in page(client, reverse("policy_category", args=["online"]))


def test_words_that_cannot_be_sought_are_kept_and_named(client: Client) -> None:
    url = reverse("policy_category", args=["transit"])
    document = save(client, url, words__nl__compounds="bus\nnachtbus", name__nl="")
    assert category(document, "transit")["words"]["nl"]["compounds"] == ["bus", "nachtbus"]
    shown = page(client, url)
    assert "“bus”: what stands inside longer words is one word of 4 letters or more." in shown
    assert "bus\nnachtbus</textarea>" in shown


def test_a_new_category_without_a_name_is_refused_with_everything_kept(client: Client) -> None:
    url = reverse("policy_category_new")
    sent = typed_in(client, url) | {"words-en-stems": ["sofa"], "parent": ["waste"]}
    answer = client.post(url, sent)
    shown = html.unescape(answer.content.decode())
    assert answer.status_code == 422
    assert "Give the category a name" in shown
    assert "sofa</textarea>" in shown
    assert not PolicyDraft.objects.exists()


def test_categories_move_with_what_lies_below_them_and_children_among_themselves(client: Client) -> None:
    for name in ("One", "Two"):
        save(client, reverse("policy_category_new"), name__en=name, name__nl=name, parent="water")
    url = reverse("policy_categories")

    def press(what: str) -> list[str]:
        client.post(url, {**typed_in(client, url), "what": what})
        return [each["key"] for each in PolicyDraft.objects.get().document["categories"]]

    assert press("up:two")[2:5] == ["water", "two", "one"]
    assert press("down:water")[2:6] == ["transit", "water", "two", "one"]
    assert press("down:one")[2:6] == ["transit", "water", "two", "one"]
    assert press("up:danger")[0] == "danger"


def test_a_category_that_a_rule_names_is_missed_where_it_is_missed(client: Client) -> None:
    url = reverse("policy_category", args=["papers"])
    client.post(url, {**typed_in(client, url), "what": "out"})
    assert entry_of(PolicyDraft.objects.get().document, "categories", "papers") is None
    assert "There is no category papers" in page(client, reverse("policy_rules"))


def test_what_was_taken_out_meanwhile_is_not_made_again_and_nothing_typed_is_lost(client: Client) -> None:
    for name, key in (("policy_category", "waste"), ("policy_rule", "many_hit")):
        url = reverse(name, args=[key])
        sent = typed_in(client, url) | {"words-en-whole": ["fountain"]}
        client.post(url, {**typed_in(client, url), "what": "out"})
        answer = client.post(url, sent | {"version": [str(PolicyDraft.objects.get().version)]})
        assert answer.status_code == 422
        shown = html.unescape(answer.content.decode())
        assert "taken out of the policy meanwhile" in shown
        assert "fountain</textarea>" in shown
