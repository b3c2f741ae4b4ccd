"""What a manager is told of a draft that has faults: all of it at once, where it is, on the page where it is mended."""

from __future__ import annotations

import copy
import html
import json
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from priority import calendar_form, diff_words
from priority.models import PolicyDraft
from priority.policy import Policy, faults_of, parse
from priority.presets import document_of
from priority.views.tabs import page_of, tab_of
from tests import desk

PLAIN = document_of("plain")
CATEGORY = {"impact": "low", "urgency": "low", "call_type": "question"}


def plain(**more: Any) -> dict[str, Any]:
    return {**copy.deepcopy(dict(PLAIN)), **more}


def paths(document: dict[str, Any]) -> set[str]:
    return {fault.path for fault in faults_of(document)}


def test_a_missing_language_is_told_beside_a_fault_of_another_kind() -> None:
    document = plain()
    document["categories"].append({**CATEGORY, "key": "waste", "name": {"en": "Waste"}})
    assert paths(document) == {"categories.waste.name.nl"}
    document["durations"][0]["resolution"] = "soonish"
    assert paths(document) == {"categories.waste.name.nl", "durations.P1.resolution"}


def test_a_text_that_is_wrong_already_is_not_told_twice() -> None:
    document = plain()
    document["impacts"][0]["name"] = {"en": "", "nl": "hoog"}
    assert [fault.path for fault in faults_of(document)] == ["impacts.high.name.en"]
    document["impacts"][0]["name"] = "high"
    assert [fault.path for fault in faults_of(document)] == ["impacts.high.name"]


@pytest.mark.parametrize("languages", [None, "en", [1], {"en": 1}])
def test_languages_that_cannot_be_read_hide_no_fault_and_raise_nothing(languages: object) -> None:
    assert "languages" in {path.partition(".")[0] for path in paths(plain(languages=languages))}


def test_a_language_is_called_by_its_name() -> None:
    document = plain()
    del document["impacts"][0]["name"]["nl"]
    (fault,) = faults_of(document)
    assert diff_words.fault_words(fault) == "The text in Dutch is missing: write it."


@pytest.mark.parametrize(
    ("path", "tab", "page"),
    [
        ("matrix.high.low", "matrix", "/policy/matrix/"),
        ("impacts.high.name.nl", "matrix", "/policy/levels/"),
        ("categories.waste.name.nl", "categories", "/policy/categories/waste/"),
        ("categories.0.key", "categories", "/policy/categories/"),
        ("calendars.desk.week", "calendars", "/policy/calendars/desk/"),
        ("rules.words.effects", "rules", "/policy/rules/words/"),
        ("signs.fault.en", "words", "/policy/words/"),
        ("colour", None, None),
    ],
)
def test_a_fault_leads_to_where_it_is_mended(path: str, tab: str | None, page: str | None) -> None:
    assert (tab_of(path), page_of(path)) == (tab, page)


class TestNoProgressUpdate:
    """A category may have none where its priority has one."""

    def policy(self, progress: int | None) -> Policy:
        document = plain()
        document["durations"][1]["progress"] = 120
        own: dict[str, Any] = {"call_type": "praise", "first_response": 60}
        if progress is not None:
            own["progress"] = progress
        return parse({**document, "own_durations": [own]})

    @pytest.mark.parametrize(("progress", "given"), [(None, 120), (60, 60), (0, None)])
    def test_what_a_ticket_is_given(self, progress: int | None, given: int | None) -> None:
        policy = self.policy(progress)
        assert policy.duration("P2", call_type="praise").progress == given
        assert policy.duration("P2").progress == 120
        assert parse(policy.document()) == policy

    def test_the_difference_says_it_in_words(self) -> None:
        lines = diff_words.sentences(self.policy(60).document(), self.policy(0).document())
        assert any(line.endswith("progress update: 1 hour became none") for line in lines), lines


def test_what_is_closed_in_some_years_only_stays_chosen_when_nothing_is() -> None:
    calendar = copy.deepcopy(PLAIN["calendars"][0])
    before = copy.deepcopy(calendar)
    closed = {each["name"]["en"] for each in calendar["closed"]}
    calendar_form.chosen_put(calendar, closed, year=2026, languages=["en", "nl"])
    assert calendar["holidays"] == before["holidays"] == {
        "country": "NL", "but": ["Liberation Day"], "also": ["Good Friday"],
    }  # fmt: skip
    calendar_form.chosen_put(calendar, {*closed, "Liberation Day"}, year=2026, languages=["en", "nl"])
    assert calendar["holidays"] == {"country": "NL", "also": ["Good Friday", "Liberation Day"]}
    assert "2027-05-05" in {each["date"] for each in calendar["closed"]}


@pytest.mark.django_db
class TestPages:
    @pytest.fixture
    def manager(self, client: Client) -> User:
        desk.seeded()
        made = desk.user("ilse", teams=[desk.team("front")], manager=True)
        client.force_login(made)
        return made

    def shown(self, client: Client, name: str, *args: object) -> str:
        return html.unescape(client.get(reverse(name, args=args)).content.decode())

    def save(self, client: Client, name: str, *args: object, **typed: str) -> Any:
        version = self.shown(client, name, *args).split('name="version" value="', 1)[1].split('"', 1)[0]
        sent = {key.replace("__", "-"): text for key, text in typed.items()}
        return client.post(reverse(name, args=args), {"version": version, "what": "save", **sent})

    def test_a_save_with_faults_says_how_many_and_each_page_those_of_its_own(
        self, client: Client, manager: User
    ) -> None:
        answer = self.save(client, "policy_durations", P3__resolution="soonish")
        (said,) = get_messages(answer.wsgi_request)
        assert (said.level_tag, str(said)) == (
            "warning", "Saved in the draft. 1 thing has to be mended before it can be published.",
        )  # fmt: skip
        shown = self.shown(client, "policy_durations")
        assert "1 thing to mend here" in shown
        assert 'href="/policy/durations/">Durations of P3, solved within</a>: “soonish” is no amount' in shown
        assert "to mend here" not in self.shown(client, "policy_matrix")
        answer = self.save(client, "policy_durations", P3__resolution="3 wd")
        assert [str(each) for each in get_messages(answer.wsgi_request)][-1] == "Saved in the draft."

    @pytest.mark.parametrize("word", ["none", "None", "geen", "–"])
    def test_none_may_be_typed(self, client: Client, manager: User, word: str) -> None:
        self.save(client, "policy_durations", P1__progress=word)
        document = PolicyDraft.objects.get().document
        assert "progress" not in next(each for each in document["durations"] if each["priority"] == "P1")
        new = {"own__new__for": "call_type:praise", "own__new__progress": word}
        self.save(client, "policy_durations", **new)
        assert PolicyDraft.objects.get().document["own_durations"] == [{"call_type": "praise", "progress": 0}]
        assert 'name="own-0-progress" aria-label="Progress update, every" value="none"' in self.shown(
            client, "policy_durations"
        )
        self.save(client, "policy_durations", P1__resolution=word)
        assert faults_of(PolicyDraft.objects.get().document), "a date there must be"

    def test_all_closed_days_that_are_known_are_shown(self, client: Client, manager: User) -> None:
        shown = self.shown(client, "policy_calendars")
        assert "until the end of" in shown
        calendar = PLAIN["calendars"][0]
        last = max(each["date"] for each in calendar["closed"])
        assert f'datetime="{last}"' in shown

    def test_a_draft_is_thrown_away_by_a_second_press(self, client: Client, manager: User) -> None:
        self.save(client, "policy_durations", P3__resolution="2 wd")
        shown = self.shown(client, "policy")
        assert "1 change is lost; the policy in force stays." in shown
        assert "Yes, throw it away" in shown

    @pytest.mark.parametrize("number", [0, 2, "one"])
    def test_a_file_of_another_format_is_named_so_and_the_draft_is_kept(
        self, client: Client, manager: User, number: object
    ) -> None:
        self.save(client, "policy_durations", P3__resolution="2 wd")
        before = PolicyDraft.objects.get().document
        file = SimpleUploadedFile("policy.json", json.dumps(plain(format=number)).encode())
        version = self.shown(client, "policy_begin").split('name="version" value="', 1)[1].split('"', 1)[0]
        answer = client.post(reverse("policy_begin"), {"version": version, "what": "file", "file": file})
        assert answer.status_code == 422
        assert f"of format {number}, and this desk reads 1: save it anew" in answer.content.decode()
        assert PolicyDraft.objects.get().document == before

    def test_what_is_ticked_to_be_asked_is_asked(self, client: Client, manager: User) -> None:
        """Whatever stands above the boxes; and what had questions of its own can have those above it again."""
        names = {
            "name__en": "Trees",
            "name__nl": "Bomen",
            "impact": "low",
            "urgency": "low",
            "call_type": "request",
        }
        self.save(client, "policy_category_new", **names, asks_own="", asks="place")

        def entry() -> dict[str, Any]:
            return dict(PolicyDraft.objects.get().document["categories"][-1])

        key = entry()["key"]
        assert entry()["asks"] == ["place"]
        self.save(client, "policy_category", key, **names, asks_own="", asks="place")
        assert "asks" not in entry()
        self.save(client, "policy_category", key, **names, asks_own="")
        assert "asks" not in entry()
        self.save(client, "policy_category", key, **names, asks_own="own")
        assert entry()["asks"] == []
