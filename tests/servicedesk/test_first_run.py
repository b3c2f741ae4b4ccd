"""The first run: who may claim an empty desk, what each step does, and that it is closed when it is done."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.errors import NotFound
from accounts.models import Membership, Organisation, Team, User
from accounts.services.invitations import Newcomer
from accounts.services.organisation import desk_claim, first_run_token
from priority.models import PolicyRevision
from priority.opening import emergency_lines, opening_of
from priority.selectors import policy_current, policy_of
from tests import desk
from tests.tickets.said import acknowledge, hear
from tickets.clock import database_now

pytestmark = pytest.mark.django_db
PASSWORD = "three blue bicycles"
YOU = {
    "display_name": "Ilse Vermeer", "username": "ilse", "email": "", "password": PASSWORD, "again": PASSWORD,
    "language": "en", "zone": "Europe/Brussels",
}  # fmt: skip
ORGANISATION = {
    "name": "Gemeente Merendam", "sign_off": "^Merendam", "emergency-en": "In danger? Call 999.",
    "emergency-nl": "In gevaar? Bel 999.",
}  # fmt: skip
HOURS = {
    "monday-open": "yes", "monday-opens": "09:00", "monday-closes": "17:00", "zone": "Europe/Brussels", "country": "BE",
}  # fmt: skip
STEPS: list[tuple[str, dict[str, str]]] = [
    ("organisation", ORGANISATION), ("team", {"name": "Front desk"}), ("hours", HOURS), ("policy", {}), ("channel", {}),
]  # fmt: skip


def setup(*arguments: str) -> str:
    said = StringIO()
    call_command("desk_setup", *arguments, stdout=said)
    return said.getvalue()


def address() -> str:
    """Path of the address that the terminal prints."""
    return str(re.findall(r"http://[^/]+(/first-run/claim/\S+)", setup("--first-run"))[0])


def claimed() -> Client:
    client = Client()
    assert client.post(address(), YOU)["Location"] == "/first-run/"
    return client


def at(client: Client) -> str:
    """The step that the first run is at."""
    return str(client.get("/first-run/")["Location"])


def test_from_empty_to_the_end(client: Client) -> None:
    client = claimed()
    for step, sent in STEPS:
        assert at(client) == f"/first-run/{step}/"
        assert client.get(at(client)).status_code == 200
        assert client.post(f"/first-run/{step}/", sent).status_code == 302
    assert at(client) == "/first-run/test/"
    row = Organisation.objects.get()
    assert (row.name, row.sign_off) == ("Gemeente Merendam", "^Merendam")
    policy = policy_of(policy_current().pk)
    assert emergency_lines(policy) == {"en": "In danger? Call 999.", "nl": "In gevaar? Bel 999."}
    assert (opening_of(policy).zone, opening_of(policy).country) == ("Europe/Brussels", "BE")
    ilse = User.objects.get()
    assert (ilse.is_admin, ilse.is_manager) == (True, True)
    assert Membership.objects.get(user=ilse).is_lead
    assert PolicyRevision.objects.order_by("number").last() is not None
    authors = PolicyRevision.objects.order_by("number").values_list("author__username", flat=True)
    assert list(authors) == [None, "ilse", "ilse"]
    assert "The first run is not over" in client.get("/").content.decode()
    assert client.post(reverse("first_run_done"))["Location"] == "/"
    for path in ("/first-run/", "/first-run/team/", "/first-run/test/"):
        assert client.get(path).status_code == 404
    assert "The first run is not over" not in client.get("/").content.decode()
    assert setup("--first-run") == ""


def test_a_ready_policy_is_chosen_with_what_was_said_before() -> None:
    client = claimed()
    for step, sent in STEPS[:3]:
        client.post(f"/first-run/{step}/", sent)
    before = PolicyRevision.objects.count()
    shown = client.post("/first-run/policy/", {"preset": "plain", "what": "show"})
    assert shown.status_code == 200
    assert 'value="plain" checked' in shown.content.decode()
    assert ">P5<" not in shown.content.decode()
    assert PolicyRevision.objects.count() == before, "to look at one publishes nothing"
    assert client.post("/first-run/policy/", {"preset": "moon"}).status_code == 422
    assert client.post("/first-run/policy/", {"preset": "plain"})["Location"] == "/first-run/channel/"
    policy = policy_of(policy_current().pk)
    assert [level.key for level in policy.priorities] == ["P1", "P2", "P3"]
    assert emergency_lines(policy) == {"en": "In danger? Call 999.", "nl": "In gevaar? Bel 999."}
    assert (opening_of(policy).zone, opening_of(policy).country) == ("Europe/Brussels", "BE")
    assert PolicyRevision.objects.count() == before + 1
    assert client.post("/first-run/policy/", {"preset": "plain"}).status_code == 302
    assert PolicyRevision.objects.count() == before + 1, "the one in force is not published again"


def test_nobody_else_claims_it() -> None:
    where = address()
    assert Client().get("/first-run/claim/" + "A" * 22 + "/").status_code == 404
    assert Client().post("/first-run/claim/" + "A" * 22 + "/", YOU).status_code == 404
    newer = address()
    assert Client().get(where).status_code == 404, "a new address takes the place of the one before"
    assert Client().get(newer).status_code == 200
    assert Client().get(newer).status_code == 200, "looking uses nothing up"
    Client().post(newer, YOU)
    assert Client().get(newer).status_code == 404
    assert Client().post(newer, {**YOU, "username": "other"}).status_code == 404
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_gets_it() -> None:
    token = first_run_token(now=database_now())
    assert token is not None

    def claim(name: str) -> bool:
        newcomer = Newcomer(**{**YOU, "username": name})
        try:
            desk_claim(token=token, newcomer=newcomer, now=database_now())
        except NotFound:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(claim, ("ilse", "eve"))) == [False, True]
    assert User.objects.count() == 1


def test_a_desk_with_people_is_not_claimed() -> None:
    desk.user("noor")
    assert setup("--first-run") == ""
    assert first_run_token(now=database_now()) is None


def test_bad_input_keeps_what_was_typed_and_changes_nothing() -> None:
    client = claimed()
    revisions = PolicyRevision.objects.count()
    for wrong, words in [
        ({"name": ""}, "Write what your organisation is called"),
        ({"emergency-nl": " "}, "Write whom somebody calls"),
        ({"sign_off": "x" * 41}, "at most 40"),
    ]:
        answer = client.post("/first-run/organisation/", {**ORGANISATION, **wrong})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert words in page
        assert 'value="In danger? Call 999."' in page
    assert Organisation.objects.get().name == ""
    assert PolicyRevision.objects.count() == revisions
    client.post("/first-run/organisation/", ORGANISATION)
    client.post("/first-run/team/", {"name": "Front desk"})
    revisions = PolicyRevision.objects.count()
    for wrong, words in [
        ({"monday-closes": "08:00"}, "Monday: write when it opens"),
        ({"zone": "Mars/Base"}, "There is no such time zone"),
        ({"country": "QQ"}, "Choose one of the countries"),
    ]:
        answer = client.post("/first-run/hours/", {**HOURS, **wrong})
        assert answer.status_code == 422
        assert words in answer.content.decode()
        assert 'value="09:00"' in answer.content.decode()
    none = {name: value for name, value in HOURS.items() if name != "monday-open"}
    assert "at least one day" in client.post("/first-run/hours/", none).content.decode()
    assert PolicyRevision.objects.count() == revisions


def test_one_goes_back_and_forth_and_not_ahead() -> None:
    client = claimed()
    assert client.get("/first-run/test/")["Location"] == "/first-run/organisation/"
    client.post("/first-run/organisation/", ORGANISATION)
    client.post("/first-run/team/", {"name": "Front desk"})
    assert 'value="Front desk"' in client.get("/first-run/team/").content.decode()
    client.post("/first-run/team/", {"name": "Town hall"})
    assert at(client) == "/first-run/hours/"
    assert [team.name for team in Team.objects.all()] == ["Town hall"]
    assert client.post("/first-run/organisation/", {**ORGANISATION, "name": "Merendam"}).status_code == 302
    assert at(client) == "/first-run/hours/"


def test_it_is_left_and_gone_on_with_on_another_day() -> None:
    client = claimed()
    client.post("/first-run/organisation/", ORGANISATION)
    client.post(reverse("sign_out"))
    told = setup("--first-run")
    assert "claim" not in told
    assert "/first-run/" in told
    again = Client()
    answer = again.post(reverse("sign_in"), {"username": "ilse", "password": PASSWORD})
    assert answer["Location"] == "/first-run/"
    assert at(again) == "/first-run/team/"


@pytest.mark.parametrize("role", ["agent", "lead", "manager", "admin"])
def test_others_find_no_first_run(role: str) -> None:
    claimed()
    team = desk.team("front")
    desk.user("other", teams=[team], lead=role == "lead", manager=role == "manager", admin=role == "admin")
    client = Client()
    client.login(username="other", password="correct horse")
    for path in ("/first-run/", "/first-run/organisation/", "/first-run/test/"):
        assert client.get(path).status_code == 404, path
        assert client.post(path, ORGANISATION).status_code in (404, 405), path
    assert client.post("/first-run/done/").status_code == 404
    assert Client().get("/first-run/")["Location"].startswith("/sign-in/")


def test_the_last_step_shows_how_far_the_first_post_came() -> None:
    client = claimed()
    for step, sent in STEPS:
        client.post(f"/first-run/{step}/", sent)
    page = client.get("/first-run/test/").content.decode()
    assert "no account answers callers yet" in page
    account = desk.account(of_team=Team.objects.get())
    assert "is connected and answers callers" in client.get("/first-run/test/").content.decode()
    ticket = hear(account, 1)
    page = client.get("/first-run/test/").content.decode()
    assert "swallowed my card" in page
    assert "the acknowledgement: to be sent" in page
    reply = acknowledge(ticket)
    page = client.get("/first-run/test/").content.decode()
    assert "acknowledged, with a date" in page
    assert reply.text[:30] in page
    assert "first-run.js" not in page


def test_desk_setup_for_scripts_makes_a_manager_once() -> None:
    said = setup()
    name, password = re.findall(r"(?:name|password)\s+(\S+)", said.split("write it down:")[1])
    client = Client()
    assert client.post(reverse("sign_in"), {"username": name, "password": password})["Location"] == "/"
    manager = User.objects.get()
    assert (manager.is_admin, manager.is_manager, manager.memberships.get().is_lead) == (True, True, True)
    assert setup() == ""
    assert client.get("/first-run/").status_code == 404


def test_the_door_says_whose_desk_it_is() -> None:
    client = claimed()
    client.post("/first-run/organisation/", {**ORGANISATION, "name": "<b>Merendam</b>"})
    page = Client().get("/sign-in/").content.decode()
    assert "&lt;b&gt;Merendam" in page


def test_no_token_stands_in_a_log(caplog: Any) -> None:
    where = address()
    Client(enforce_csrf_checks=True).post(where, YOU)
    assert where.split("/")[3] not in str(Organisation.objects.values_list("token_hash", flat=True).get())
