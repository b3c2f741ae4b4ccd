"""The door: who comes in, and how often one may try."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts import throttle
from accounts.models import SignInTries, User
from tests import desk
from tickets.clock import database_now

pytestmark = pytest.mark.django_db
GOOD = "correct horse"


@pytest.fixture
def noor() -> User:
    desk.seeded()
    return desk.user("noor", teams=[desk.team("front")])


def _try(client: Client, name: str, password: str, onward: str = "") -> tuple[int, str]:
    answer = client.post(reverse("sign_in"), {"username": name, "password": password, "next": onward})
    return answer.status_code, answer.content.decode() if answer.status_code != 302 else answer["Location"]


@pytest.mark.parametrize("name", ["noor", " noor ", "noor@merendam.example", "Noor@Merendam.Example"])
def test_by_name_or_mail_address(client: Client, noor: User, name: str) -> None:
    assert _try(client, name, GOOD) == (302, "/")
    assert client.get("/").status_code == 200


def test_onward_to_where_one_wanted_to_go_and_nowhere_else(client: Client, noor: User) -> None:
    assert _try(client, "noor", GOOD, "/?show=triage") == (302, "/?show=triage")
    for elsewhere in ("https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"):
        assert _try(Client(), "noor", GOOD, elsewhere) == (302, "/")


def test_a_name_that_exists_and_one_that_does_not_are_told_the_same(client: Client, noor: User) -> None:
    pages = []
    for name in ("noor", "nobody"):
        said = [_try(client, name, "wrong") for _ in range(throttle.MOST + 2)]
        assert all(status == 400 for status, _ in said)
        pages.append(
            [page.replace(f'value="{name}"', "").split("csrfmiddlewaretoken")[0] for _, page in said]
        )
    assert pages[0] == pages[1]


def test_the_page_says_how_many_tries_are_left(client: Client, noor: User) -> None:
    assert "After 4 more tries you have to wait 15 minutes" in _try(client, "noor", "wrong")[1]
    for _ in range(2):
        _try(client, "noor", "wrong")
    assert "After 1 more try you have to wait 15 minutes" in _try(client, "noor", "wrong")[1]
    assert "in 15 minutes" in _try(client, "noor", "wrong")[1]


def test_after_five_even_the_right_password_waits(client: Client, noor: User) -> None:
    for _ in range(throttle.MOST):
        _try(client, "noor", "wrong")
    status, page = _try(client, "noor", GOOD)
    assert status == 400
    assert "You can try again in" in page
    SignInTries.objects.update(blocked_until=database_now() - timedelta(seconds=1))
    assert _try(client, "noor", GOOD)[0] == 302
    assert not SignInTries.objects.exists()


def test_a_right_password_starts_the_count_anew(client: Client, noor: User) -> None:
    for _ in range(throttle.MOST - 1):
        _try(client, "noor", "wrong")
    assert _try(client, "noor", GOOD)[0] == 302
    assert "After 4 more tries" in _try(Client(), "noor", "wrong")[1]


def test_the_throttle_alone(noor: User) -> None:
    now = database_now()
    assert [throttle.try_begin("Noor", now=now + timedelta(seconds=n)).left for n in range(5)] == [
        4,
        3,
        2,
        1,
        0,
    ]
    blocked = throttle.try_begin(" noor", now=now + timedelta(seconds=9))
    assert (blocked.allowed, blocked.until) == (False, now + timedelta(seconds=4) + throttle.WAIT)
    free = throttle.try_begin("noor", now=now + throttle.WAIT + timedelta(seconds=5))
    assert (free.allowed, free.left) == (True, 4)


@pytest.mark.parametrize(
    "written", ["IRIS@Merendam.Example", "ır\u0131s@merendam.example", "iri\u017f@merendam.example"]
)
def test_whatever_the_look_up_takes_for_the_same_address_shares_its_count(written: str) -> None:
    desk.user("iris", teams=[desk.team("front")])
    assert User.objects.filter(email__iexact=written).exists()
    for _ in range(throttle.MOST):
        throttle.try_begin("iris@merendam.example", now=database_now())
    assert not throttle.try_begin(written, now=database_now()).allowed


def test_old_tries_are_forgotten(noor: User) -> None:
    now = database_now()
    for _ in range(4):
        throttle.try_begin("noor", now=now)
    assert throttle.try_begin("noor", now=now + throttle.WAIT + timedelta(seconds=1)).left == 4


def test_what_was_typed_is_not_kept(client: Client, noor: User) -> None:
    _try(client, "my-secret-password", "x")
    row = SignInTries.objects.get()
    assert len(bytes(row.name_hash)) == 32
    assert b"secret" not in bytes(row.name_hash)


def test_out_by_post_alone(client: Client, noor: User) -> None:
    client.force_login(noor)
    assert client.get(reverse("sign_out")).status_code == 405
    assert client.get("/").status_code == 200
    assert client.post(reverse("sign_out"))["Location"] == "/sign-in/"
    assert client.get("/").status_code == 302


def test_whoever_has_left_does_not_come_in(client: Client, noor: User) -> None:
    client.force_login(noor)
    noor.is_active = False
    noor.save()
    assert client.get("/").status_code == 302
    assert _try(Client(), "noor", GOOD)[0] == 400


def test_a_session_ends(client: Client, noor: User) -> None:
    client.force_login(noor)
    with time_machine.travel(database_now() + timedelta(hours=13)):
        assert client.get("/").status_code == 302


def test_pages_speak_the_users_language(client: Client, noor: User) -> None:
    noor.language = "nl"
    noor.save()
    client.force_login(noor)
    page = client.get("/", headers={"accept-language": "en"}).content.decode()
    assert '<html lang="nl">' in page
    assert "Mijn teams" in page
