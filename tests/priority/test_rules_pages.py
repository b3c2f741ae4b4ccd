"""The pages of categories, rules and signs: what is typed is kept, with its fault beside it, and nothing else moves."""

from __future__ import annotations

import html
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from priority import seed
from priority.edits import entry_of
from priority.models import PolicyDraft
from priority.policy import parse
from tests import desk
from tests.priority.form_reader import largest_form
from tests.tickets import said

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> User:
    desk.seeded()
    return desk.user("ilse", teams=[desk.team("front")], manager=True)


@pytest.fixture
def client(manager: User, client: Client) -> Client:
    client.force_login(manager)
    return client


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def typed_in(client: Client, url: str) -> dict[str, Any]:
    return dict(largest_form(client.get(url).content.decode()))


def save(client: Client, url: str, **typed: Any) -> dict[str, Any]:
    """The draft's document after the page was saved with these fields typed anew."""
    sent = typed_in(client, url)
    sent.update({name.replace("__", "-"): value for name, value in typed.items()})
    answer = client.post(url, {"what": "save", **sent})
    assert answer.status_code == 302, html.unescape(answer.content.decode())
    return dict(PolicyDraft.objects.get().document)


def category(document: dict[str, Any], key: str) -> dict[str, Any]:
    found = entry_of(document, "categories", key)
    assert found is not None
    return found


def rule(document: dict[str, Any], key: str) -> dict[str, Any]:
    found = entry_of(document, "rules", key)
    assert found is not None
    return found


@pytest.mark.parametrize("key", [each["key"] for each in seed.read()["categories"]])
def test_a_category_saved_untouched_is_the_same(client: Client, key: str) -> None:
    document = save(client, reverse("policy_category", args=[key]))
    assert parse(document).sha256 == parse(seed.read()).sha256


@pytest.mark.parametrize("key", [each["key"] for each in seed.read()["rules"]])
def test_a_rule_saved_untouched_is_the_same(client: Client, key: str) -> None:
    document = save(client, reverse("policy_rule", args=[key]))
    assert parse(document).sha256 == parse(seed.read()).sha256


@pytest.mark.parametrize("sign", ["fault", "question", "wish", "praise", "thanks", "venting", "chatter"])
def test_signs_saved_untouched_are_the_same(client: Client, sign: str) -> None:
    document = save(client, reverse("policy_sign", args=[sign]))
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


def test_question_marks(client: Client) -> None:
    document = save(client, reverse("policy_words"), marks=" ? ? ¿ ")
    assert document["signs"]["question_marks"] == "?¿"
    save(client, reverse("policy_words"), marks="")
    assert "Nothing is filled in" in page(client, reverse("policy_words"))


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


def hits(client: Client, kind: str, key: str) -> str:
    return " ".join(page(client, f"{reverse('policy_hits')}?kind={kind}&key={key}").split())


def test_the_last_messages_that_words_hit_of_tickets_one_may_see(client: Client) -> None:
    account = desk.account(of_team=desk.team("front"))
    hidden_one = desk.account("2222", of_team=desk.team("secret", private=True))
    said.hear(account, 1, "@desk my bin was not collected, call 0612345678", by="a")
    said.hear(account, 2, "@desk the tram is late", by="b")
    said.hear(hidden_one, 3, "@desk another bin was not collected", by="c")
    shown = hits(client, "category", "waste")
    assert "1 of the last 2 messages of callers." in shown
    assert "<mark>bin</mark>" in shown
    assert "0612345678" not in shown
    assert "another" not in shown
    assert "None: the last 2 messages of callers were looked at." in hits(client, "rule", "vulnerable")
    assert "not collected" in hits(client, "sign", "fault")


def test_hits_are_those_of_the_draft_and_bad_words_are_named(client: Client) -> None:
    account = desk.account(of_team=desk.team("front"))
    said.hear(account, 1, "@desk the fountain foams again", at=desk.MONDAY + timedelta(hours=1))
    assert "None:" in hits(client, "category", "waste")
    save(client, reverse("policy_category", args=["waste"]), words__en__whole="fountain")
    assert "<mark>fountain</mark>" in hits(client, "category", "waste")
    save(client, reverse("policy_category", args=["waste"]), words__en__whole="* fountain")
    assert "can't be sought" in hits(client, "category", "waste")
    assert client.get(reverse("policy_hits"), {"kind": "category", "key": "moon"}).status_code == 404
