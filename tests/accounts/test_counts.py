"""What is counted, is counted in PostgreSQL: the API's throttle and what django-allauth keeps beside ours."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts import throttle_api
from accounts.models import CacheEntry, RequestCount, User
from tests import desk
from tests.tickets.said import hear
from tickets.clock import database_now

pytestmark = pytest.mark.django_db


@pytest.fixture
def noor() -> User:
    desk.seeded()
    return desk.user("noor", teams=[desk.team("front")])


def test_a_person_may_ask_so_often_and_is_told_when_again(noor: User, settings: Any) -> None:
    settings.API_REQUESTS_PER_MINUTE = 3
    changes = f"/api/queue/changes/?rows={hear(desk.account(), 1).reference}.1"
    client = Client()
    client.force_login(noor)
    assert [client.get(changes).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert 0 < int(client.get(changes)["Retry-After"]) <= 60
    RequestCount.objects.update(window_at=database_now() - throttle_api.WINDOW)
    assert client.get(changes).status_code == 200
    other = Client()
    other.force_login(desk.user("daan"))
    assert other.get(changes).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_two() -> None:
    def one(_number: int) -> None:
        try:
            throttle_api.count_one("view:1", now=database_now())
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(40)))
    assert RequestCount.objects.get().count == 40


def test_a_window_begins_with_its_first_request() -> None:
    now = database_now()
    assert throttle_api.count_one("view:1", now=now) == (1, now)
    assert throttle_api.count_one("view:1", now=now + timedelta(seconds=59)) == (2, now)
    later = now + throttle_api.WINDOW
    assert throttle_api.count_one("view:1", now=later) == (1, later)


def test_what_the_library_counts_is_a_row(noor: User) -> None:
    Client().post(reverse("sign_in"), {"username": "noor", "password": "wrong"})
    keys = " ".join(CacheEntry.objects.values_list("cache_key", flat=True))
    assert "login_failed" in keys
    cache.set("here", 1, 60)
    assert CacheEntry.objects.filter(cache_key__contains="here").exists()


def test_a_whole_office_signs_in_from_one_address(noor: User) -> None:
    names = [f"one{number}" for number in range(60)]
    User.objects.bulk_create(User(username=name, display_name=name, password="!") for name in names)
    for name in names:
        assert Client().post(reverse("sign_in"), {"username": name, "password": "x"}).status_code == 400


def test_one_who_tries_a_password_on_everybody_is_stopped(noor: User, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "3/m/ip"}
    for number in range(3):
        assert (
            Client().post(reverse("sign_in"), {"username": f"n{number}", "password": "x"}).status_code == 400
        )
    stopped = Client().post(reverse("sign_in"), {"username": "noor", "password": "correct horse"})
    assert stopped.status_code == 429
    assert "Too often in a short time" in stopped.content.decode()


@pytest.mark.parametrize(
    "name",
    ["account_signup", "account_email", "account_reset_password", "account_logout", "usersessions_list"],
)
def test_of_the_librarys_addresses_only_ours_are_there(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


@pytest.mark.parametrize(
    "path", ["/accounts/signup/", "/accounts/email/", "/signup/", "/accounts/password/reset/"]
)
def test_nobody_signs_up(path: str, noor: User) -> None:
    client = Client()
    client.force_login(noor)
    assert client.get(path).status_code == 404


def test_a_form_that_met_an_expired_log_in_leads_back_to_its_page(noor: User) -> None:
    page = "http://testserver/t/7777-7777/?from=queue"
    answer = Client().post("/t/7777-7777/answer/", {"text": "Half a sentence"}, headers={"referer": page})
    assert answer["Location"] == "/sign-in/?next=/t/7777-7777/%3Ffrom%3Dqueue"
    for elsewhere in ("https://elsewhere.example/", "//elsewhere.example/x", ""):
        answer = Client().post("/t/7777-7777/answer/", {}, headers={"referer": elsewhere})
        assert answer["Location"] == "/sign-in/?next=/"
    assert Client().get("/?show=triage")["Location"] == "/sign-in/?next=/%3Fshow%3Dtriage"


def test_capitals_of_a_name_do_not_matter_unless_two_differ_by_them_alone(noor: User) -> None:
    assert (
        Client().post(reverse("sign_in"), {"username": "NOOR", "password": "correct horse"}).status_code
        == 302
    )
    desk.user("Noor2")
    desk.user("noor2")
    for name, status in (("noor2", 302), ("Noor2", 302), ("NOOR2", 400)):
        answer = Client().post(reverse("sign_in"), {"username": name, "password": "correct horse"})
        assert answer.status_code == status, name
