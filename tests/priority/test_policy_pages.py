"""The policy's pages over HTTP: reading, changing, two managers, levels, revisions, files."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.clock import database_now
from accounts.models import User
from priority import presets, seed
from priority.models import PolicyDraft, PolicyRevision
from priority.services import policy_publish
from priority.services_draft import draft_change, draft_open
from tests import desk
from tests.desk import MONDAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def mona() -> User:
    desk.seeded()
    return desk.user("mona", teams=[desk.team()], manager=True)


@pytest.fixture
def client(mona: User) -> Client:
    return signed_in(mona)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def version(client: Client, path: str = "/policy/matrix/") -> str:
    found = re.search(r'name="version" value="(-?\d+)"', text(client.get(path)))
    assert found is not None
    return found[1]


def document() -> dict[str, Any]:
    found: dict[str, Any] = PolicyDraft.objects.get().document
    return found


def cells(**changed: str) -> dict[str, str]:
    """All nine as the ready policy has them, but for those named as medium_low="P2"."""
    found = {
        f"cell-{impact}-{urgency}": priority
        for impact, row in seed.read()["matrix"].items()
        for urgency, priority in row.items()
    }
    return found | {f"cell-{name.replace('_', '-')}": value for name, value in changed.items()}


def test_an_agent_reads_what_is_in_force_and_sees_no_draft(client: Client, mona: User) -> None:
    client.post("/policy/matrix/", {**cells(medium_medium="P2"), "version": version(client)})
    noor = signed_in(desk.user("noor", teams=[desk.team()]))
    for path in (
        "/policy/",
        "/policy/matrix/",
        "/policy/levels/",
        "/policy/revisions/",
        "/policy/revisions/1/",
    ):
        page = noor.get(path)
        assert page.status_code == 200, path
        assert "draft," not in text(page), path
        assert "<select" not in text(page), path
    assert text(noor.get("/policy/matrix/")).count('class="changed"') == 0
    for path in ("/policy/begin/", "/policy/draft.json", "/policy/revisions/compare/?one=1&other=draft"):
        assert noor.get(path).status_code == 404, path
    for path in (
        "/policy/matrix/",
        "/policy/levels/",
        "/policy/publish/",
        "/policy/discard/",
        "/policy/revisions/1/restore/",
    ):
        assert noor.post(path, {"version": "1"}).status_code == 404, path


def test_a_cell_is_changed_previewed_in_words_and_published(client: Client) -> None:
    saved = client.post("/policy/matrix/", {**cells(medium_medium="P2"), "version": version(client)})
    assert (saved.status_code, saved["Location"]) == (302, "/policy/matrix/")
    page = text(client.get("/policy/matrix/"))
    assert "was P3: 3 working days" in page
    assert "Impact medium, urgency medium: P3 became P2" in page
    overview = text(client.get("/policy/"))
    assert "Nothing stands in the way" in overview
    done = client.post(
        "/policy/publish/", {"reason": "Gates stop people.", "scope": "new", "version": version(client)}
    )
    assert done.status_code == 302
    revision = PolicyRevision.objects.get(number=2)
    assert (revision.reason, revision.document["matrix"]["medium"]["medium"]) == ("Gates stop people.", "P2")
    assert "Revision 2 is in force" in text(client.get("/policy/"))


def test_publishing_without_a_reason_keeps_what_was_chosen(client: Client) -> None:
    client.post("/policy/matrix/", {**cells(medium_medium="P2"), "version": version(client)})
    refused = client.post("/policy/publish/", {"reason": " ", "scope": "open", "version": version(client)})
    assert refused.status_code == 422
    assert "Write in a few words why" in text(refused)
    assert 'value="open" checked' in text(refused)
    assert PolicyRevision.objects.count() == 1


def test_a_matrix_that_falls_is_warned_about_at_its_cell(client: Client) -> None:
    client.post("/policy/matrix/", {**cells(high_high="P3"), "version": version(client)})
    page = text(client.get("/policy/matrix/"))
    assert "more impact is less urgent" in page
    assert "Somewhere what hits more" in page
    assert "more impact is less urgent" in text(client.get("/policy/"))


def test_an_empty_cell_is_kept_and_told(client: Client) -> None:
    client.post("/policy/matrix/", {**cells(high_high=""), "version": version(client)})
    assert "high" not in document()["matrix"]["high"]
    page = text(client.get("/policy/matrix/"))
    assert "The cell is empty: give it a priority." in page
    told = text(client.get("/policy/"))
    assert "Impact high, urgency high</a>: The cell is empty" in told
    stopped = client.post("/policy/publish/", {"reason": "So.", "scope": "new", "version": version(client)})
    assert stopped.status_code == 422
    assert "mend first" in text(stopped)


def test_all_cells_go_back_to_what_is_in_force(client: Client) -> None:
    client.post("/policy/matrix/", {**cells(high_high="P4", low_low="P1"), "version": version(client)})
    client.post("/policy/matrix/", {**cells(), "what": "undo", "version": version(client)})
    assert document()["matrix"] == seed.read()["matrix"]


def test_the_second_manager_keeps_what_was_typed(client: Client, mona: User) -> None:
    ilse = desk.user("ilse", manager=True)
    opened = version(client)
    draft = draft_open(actor=ilse, now=database_now())
    draft_change(
        actor=ilse,
        version=draft.version,
        change=lambda document: document["matrix"]["low"].update(low="P4"),
        now=database_now(),
    )
    answer = client.post("/policy/matrix/", {**cells(medium_medium="P2"), "version": opened})
    assert answer.status_code == 409
    page = text(answer)
    assert "Ilse saved the draft after you opened this page" in page
    assert "Impact medium, urgency medium: P3 became P2" in page
    assert "Impact low, urgency low: P4 became P5" in page, "what saving again would undo is said"
    assert document()["matrix"]["medium"]["medium"] == "P3"
    again = re.search(r'name="version" value="(-?\d+)"', page)
    assert again is not None
    client.post("/policy/matrix/", {**cells(medium_medium="P2", low_low="P4"), "version": again[1]})
    assert document()["matrix"]["medium"]["medium"] == "P2"
    assert document()["matrix"]["low"]["low"] == "P4"


@pytest.mark.parametrize("typed", ["", "x", "99999999999999", "1.5", "--2", "²"])
def test_a_version_that_is_none_fits_nothing(client: Client, typed: str) -> None:
    assert client.post("/policy/matrix/", {**cells(), "version": typed}).status_code == 409


def level_form(client: Client, **more: str) -> dict[str, str]:
    """The form of the levels as the page shows it."""
    page = client.get("/policy/levels/").content.decode()
    fields = re.findall(r'<input id="[^"]+" name="([^"]+)"[^>]* value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in fields} | {"version": version(client)} | more


def test_a_level_is_renamed_and_a_missing_name_is_told(client: Client) -> None:
    form = level_form(client, what="save") | {"impacts-high-name-nl": "", "impacts-low-name-en": "small"}
    client.post("/policy/levels/", form)
    levels = {level["key"]: level for level in document()["impacts"]}
    assert levels["low"]["name"] == {"en": "small", "nl": "laag"}
    page = text(client.get("/policy/levels/"))
    assert 'aria-describedby="f-impacts-high-name-nl"' in page
    assert "Impact high, name in Dutch" in text(client.get("/policy/"))


def test_a_level_comes_with_a_key_of_its_own_and_everything_filled(client: Client) -> None:
    form = level_form(client, what="add:impacts") | {
        "new-impacts-name-en": "Very low!",
        "new-impacts-name-nl": "heel laag",
        "impacts-high-name-en": "grave",
    }
    client.post("/policy/levels/", form)
    assert [level["key"] for level in document()["impacts"]] == ["high", "medium", "low", "very_low"]
    assert document()["impacts"][0]["name"]["en"] == "grave", "what else was typed is saved with it"
    assert document()["matrix"]["very_low"] == document()["matrix"]["low"]
    form = level_form(client, what="add:priorities") | {
        "new-priorities-name-en": "P6",
        "new-priorities-name-nl": "P6",
    }
    client.post("/policy/levels/", form)
    assert [each["priority"] for each in document()["durations"]] == ["P1", "P2", "P3", "P4", "P5", "P6"]
    assert "Nothing stands in the way" in text(client.get("/policy/"))


def test_a_level_without_a_name_is_not_added_and_nothing_typed_is_lost(client: Client) -> None:
    form = level_form(client, what="add:impacts") | {"new-impacts-sentence-en": "Nobody is hit."}
    refused = client.post("/policy/levels/", form)
    assert refused.status_code == 422
    assert "Give the new level a name" in text(refused)
    assert "Nobody is hit." in text(refused)


def test_levels_move_and_ranks_follow(client: Client) -> None:
    client.post("/policy/levels/", level_form(client, what="down:urgencies:high"))
    assert [(each["key"], each["rank"]) for each in document()["urgencies"]] == [
        ("medium", 1), ("high", 2), ("low", 3),
    ]  # fmt: skip
    client.post("/policy/levels/", level_form(client, what="up:urgencies:high"))
    assert document()["urgencies"] == seed.read()["urgencies"]


@pytest.mark.parametrize(
    ("listed", "key", "instead"),
    [("impacts", "medium", "low"), ("urgencies", "medium", "low"), ("priorities", "P3", "P4")],
)
def test_a_level_goes_and_another_takes_its_place_everywhere(
    client: Client, listed: str, key: str, instead: str
) -> None:
    form = level_form(client, what=f"out:{listed}:{key}") | {f"instead-{listed}-{key}": instead}
    client.post("/policy/levels/", form)
    assert key not in [level["key"] for level in document()[listed]]
    assert "Nothing stands in the way" in text(client.get("/policy/"))


def test_a_level_does_not_go_without_another_in_its_place(client: Client) -> None:
    for instead in ("", "medium", "moon"):
        form = level_form(client, what="out:impacts:medium") | {"instead-impacts-medium": instead}
        refused = client.post("/policy/levels/", form)
        assert refused.status_code == 422
        assert "Choose the level that takes its place" in text(refused)


def test_a_retired_key_is_not_given_out_again(client: Client, mona: User) -> None:
    for name in ("plain", "city", "plain"):
        policy_publish(actor=mona, document=presets.document_of(name), reason=name, now=MONDAY)
    form = level_form(client, what="add:impacts") | {
        "new-impacts-name-en": "Medium",
        "new-impacts-name-nl": "Midden",
    }
    client.post("/policy/levels/", form)
    form = level_form(client, what="add:priorities") | {
        "new-priorities-name-en": "Px",
        "new-priorities-name-nl": "Px",
    }
    client.post("/policy/levels/", form)
    assert document()["impacts"][-1]["key"] == "medium_2"
    assert document()["priorities"][-1]["key"] == "P6"


def publish_three(mona: User) -> None:
    for number, preset in enumerate(("facilities", "plain"), start=2):
        policy_publish(
            actor=mona, document=presets.document_of(preset), reason=f"Reason {number}", now=MONDAY
        )


def test_revisions_are_listed_compared_restored_and_saved(client: Client, mona: User) -> None:
    publish_three(mona)
    listed = text(client.get("/policy/revisions/"))
    assert [listed.index(f"Revision {number}") for number in (3, 2, 1)] == sorted(
        listed.index(f"Revision {number}") for number in (3, 2, 1)
    )
    assert "Reason 2" in listed
    forwards = text(client.get("/policy/revisions/compare/?one=1&other=3"))
    assert "From revision 1 to revision 3" in forwards
    assert "From revision 1 to revision 3" in text(client.get("/policy/revisions/compare/?one=3&other=1"))
    for odd in ("one=1&other=77", "one=x&other=1", "", "one=1&other=draft"):
        assert client.get(f"/policy/revisions/compare/?{odd}").status_code == 404, odd
    assert "What taking it up again would change" in text(client.get("/policy/revisions/1/"))
    done = client.post("/policy/revisions/1/restore/", {"version": version(client)})
    assert (done.status_code, done["Location"]) == (302, "/policy/")
    assert document() == seed.read()
    assert PolicyDraft.objects.get().origin == {"kind": "restored", "number": 1}
    file = client.get("/policy/revisions/1.json")
    assert file["Content-Disposition"] == 'attachment; filename="policy-1.json"'
    assert json.loads(file.content) == seed.read()
    assert json.loads(client.get("/policy/draft.json").content) == seed.read()
    assert client.get("/policy/revisions/99/").status_code == 404


def test_the_list_of_revisions_asks_as_much_for_three_as_for_one(client: Client, mona: User) -> None:
    client.get("/policy/revisions/")
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get("/policy/revisions/")
    publish_three(mona)
    client.get("/policy/revisions/")
    with CaptureQueriesContext(connection) as three:
        client.get("/policy/revisions/")
    assert len(three) == len(one)


def send(client: Client, content: bytes, name: str = "policy.json") -> Any:
    file = SimpleUploadedFile(name, content, "application/json")
    return client.post("/policy/begin/", {"what": "file", "file": file, "version": version(client)})


def test_a_file_comes_back_as_it_went(client: Client, mona: User) -> None:
    publish_three(mona)
    saved = client.get("/policy/revisions/1.json").content
    assert send(client, saved).status_code == 302
    assert document() == seed.read()
    assert PolicyDraft.objects.get().origin == {"kind": "imported", "name": "policy.json"}


def empty_cell(document: dict[str, Any]) -> None:
    del document["matrix"]["high"]["low"]


def no_dutch(document: dict[str, Any]) -> None:
    del document["categories"][0]["name"]["nl"]


def never_open(document: dict[str, Any]) -> None:
    document["calendars"][0]["week"] = {}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty"),
        (b"  \n", "The file is empty"),
        (b'{\n "a": 1,\n}', "look at line 3"),
        (b"\xff\xfe{}", "no text in UTF-8, from byte 0"),
        (b"[1]", "no policy: that begins with {"),
        (b'{"a": 1, "a": 2}', "“a” stands twice"),
        (b'{"a": NaN}', "NaN stands in the file"),
        (b"[" * 200_000, "nested too deep"),
        (b"{" + b'"a": ' + b"9" * 9_000 + b"}", "digits"),
        (b"x" * 4_000_001, "larger than 4 MB"),
        (b"{}", "The file is no policy that can be used"),
        (empty_cell, "Impact high, urgency low: The cell is empty"),
        (no_dutch, "in Dutch"),
        (never_open, "It is never open"),
    ],
    ids=lambda value: value.__name__ if callable(value) else None,
)
def test_a_broken_file_is_refused_with_where_and_the_draft_is_kept(
    client: Client, content: Any, words: str
) -> None:
    client.post("/policy/matrix/", {**cells(medium_medium="P2"), "version": version(client)})
    if callable(content):
        broken = seed.read()
        content(broken)
        content = json.dumps(broken).encode()
    refused = send(client, content)
    assert refused.status_code == 422
    assert words in text(refused)
    assert "The draft is as it was" in text(refused)
    assert document()["matrix"]["medium"]["medium"] == "P2"


def test_a_draft_begins_with_a_ready_policy(client: Client) -> None:
    assert (
        client.post(
            "/policy/begin/", {"what": "preset", "preset": "moon", "version": version(client)}
        ).status_code
        == 422
    )
    assert client.post("/policy/begin/", {"what": "file", "version": version(client)}).status_code == 422
    done = client.post("/policy/begin/", {"what": "preset", "preset": "plain", "version": version(client)})
    assert done.status_code == 302
    assert document() == presets.document_of("plain")
    assert "Priority P4 is taken out" in text(client.get("/policy/"))
    client.post("/policy/discard/", {"version": version(client)})
    assert not PolicyDraft.objects.exists()


def test_the_pages_speak_dutch_where_the_catalogue_does(client: Client, mona: User) -> None:
    mona.language = "nl"
    mona.save()
    client.post("/policy/matrix/", {**cells(medium_medium="P2"), "version": version(client)})
    page = text(client.get("/policy/matrix/"))
    assert '<html lang="nl"' in page
    assert "Een straat, halte of groep mensen" in page
