"""Links that are shown once: an invitation, and a new password for one who forgot theirs."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.errors import NotFound, Refused
from accounts.models import Invitation, User
from accounts.services.invitations import LASTS, Newcomer, invitation_accept, person_invite
from tests import desk
from tickets.clock import database_now
from tickets.tokens import token

pytestmark = pytest.mark.django_db
GOOD = "three blue bicycles"


@pytest.fixture
def ada() -> User:
    desk.seeded()
    return desk.user("ada", teams=[desk.team("front")], admin=True)


def _newcomer(**changed: str) -> Newcomer:
    fields = {
        "display_name": "Kim", "username": "kim", "email": "", "password": GOOD, "again": GOOD, "language": "nl",
        "zone": "Europe/Amsterdam",
    }  # fmt: skip
    return Newcomer(**{**fields, **changed})


def _invite(ada: User, **changed: object) -> str:
    fields: dict[str, object] = {
        "name": "Kim", "is_manager": False, "is_admin": False, "teams": {desk.team("front").pk: True}, "language": "nl",
        "now": database_now(),
    }  # fmt: skip
    return person_invite(actor=ada, **{**fields, **changed}).token  # type: ignore[arg-type]


def test_the_link_is_on_one_answer_and_nowhere_else(ada: User) -> None:
    client = Client()
    client.force_login(ada)
    page = client.post(
        reverse("invite"),
        {"name": "kim@merendam.example", "language": "nl", "team-front": "in", "admin": "yes"},
    ).content.decode()
    link = re.findall(r'value="http://[^"]+(/join/[^"]+/)"', page)[0]
    name = link.split("/")[2]
    assert len(name) >= 22  # 128 bits in base64
    row = Invitation.objects.get()
    assert name not in str(row.__dict__)
    people = client.get(reverse("people")).content.decode()
    assert "kim@merendam.example" in people
    assert name not in people
    newcomer = Client()
    assert 'value="kim@merendam.example"' in newcomer.get(link).content.decode()
    sent = {**asdict(_newcomer()), "email": "kim@merendam.example"}
    assert newcomer.post(link, sent)["Location"] == "/"
    assert "Mijn teams" in newcomer.get("/").content.decode()
    kim = User.objects.get(username="kim")
    assert (kim.is_admin, kim.is_manager, list(kim.teams.values_list("key", flat=True))) == (
        True,
        False,
        ["front"],
    )
    assert Client().get(link).status_code == 404
    assert Client().post(link, sent).status_code == 404


def test_it_ends_after_a_week_and_may_be_taken_back(ada: User) -> None:
    old = _invite(ada, now=database_now() - LASTS - timedelta(minutes=1))
    taken = _invite(ada)
    assert Client().get(reverse("invitation", args=[old])).status_code == 404
    assert Client().get(reverse("invitation", args=[taken])).status_code == 200
    client = Client()
    client.force_login(ada)
    name = token("invitation", Invitation.objects.latest("pk").pk)
    assert client.post(reverse("invitation_take_back", args=[name])).status_code == 302
    assert Client().get(reverse("invitation", args=[taken])).status_code == 404


def test_what_was_typed_is_kept_and_the_password_is_looked_at(ada: User) -> None:
    link = reverse("invitation", args=[_invite(ada)])
    sent = {
        "display_name": "Kim", "username": "Ada", "email": "", "password": GOOD, "again": GOOD, "language": "nl",
        "zone": "Europe/Amsterdam",
    }  # fmt: skip
    for wrong, words in [
        ({}, "signs in with this name already"),
        ({"username": "kim", "password": "kim", "again": "kim"}, "too short"),
        ({"username": "kim", "again": "other"}, "not the same"),
        ({"username": "k m"}, "letters, digits"),
        ({"username": "kim", "password": "123456789012", "again": "123456789012"}, "numeric"),
    ]:
        answer = Client().post(link, {**sent, **wrong})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert words in page
        assert 'value="Kim"' in page
        assert GOOD not in page
    assert not User.objects.filter(display_name="Kim").exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_follow_it_at_once_one_comes_in() -> None:
    ada = desk.user("ada", teams=[desk.team("front")], admin=True)
    link = _invite(ada)

    def follow(name: str) -> bool:
        try:
            invitation_accept(token=link, newcomer=_newcomer(username=name), now=database_now())
        except NotFound:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(follow, ("kim", "kai"))) == [False, True]
    assert User.objects.count() == 2


def test_an_invitation_offers_something(ada: User) -> None:
    with pytest.raises(Refused):
        _invite(ada, teams={})
    with pytest.raises(Refused):
        _invite(ada, teams={987654: False})
    with pytest.raises(NotFound):
        _invite(desk.user("mona", manager=True))


def test_who_is_signed_in_is_told_that_it_is_for_somebody_else(ada: User) -> None:
    client = Client()
    client.force_login(ada)
    assert client.get(reverse("invitation", args=[_invite(ada)])).status_code == 409


def test_a_forgotten_password(ada: User) -> None:
    noor = desk.user("noor", teams=[desk.team("front")])
    open_desk, client = Client(), Client()
    open_desk.post(reverse("sign_in"), {"username": "noor", "password": "correct horse"})
    assert open_desk.get("/").status_code == 200
    client.force_login(ada)
    page = client.post(reverse("person_password", args=[token("user", noor.pk)])).content.decode()
    link = re.findall(r'value="http://[^"]+(/join/[^"]+/)"', page)[0]
    assert "Noor" not in client.get(reverse("people")).content.decode().split("Who works here")[0]
    follower = Client()
    assert follower.get(link).status_code == 200
    assert follower.post(link, {"password": "short", "again": "short"}).status_code == 422
    assert follower.post(link, {"password": GOOD, "again": GOOD})["Location"] == "/"
    assert open_desk.get("/").status_code == 302
    assert follower.get(link).status_code == 404
    assert Client().get(link).status_code == 404
    assert Client().post(reverse("sign_in"), {"username": "noor", "password": GOOD}).status_code == 302


def test_a_link_for_a_password_makes_nobody(ada: User) -> None:
    noor = desk.user("noor")
    client = Client()
    client.force_login(ada)
    page = client.post(reverse("person_password", args=[token("user", noor.pk)])).content.decode()
    name = re.findall(r"/join/([^/]+)/", page)[0]
    with pytest.raises(NotFound):
        invitation_accept(token=name, newcomer=_newcomer(), now=database_now())
