"""One's own page: how pages look, the keys, the password, and where one is signed in."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from accounts import throttle
from accounts.models import User
from tests import desk

pytestmark = pytest.mark.django_db
OLD, NEW = "correct horse", "three blue bicycles"
SENT = {
    "display_name": "Noor", "email": "noor@merendam.example", "language": "en", "zone": "Europe/Amsterdam",
    "theme": "dark", "density": "roomy", "single_keys": "off",
}  # fmt: skip


@pytest.fixture
def noor() -> User:
    desk.seeded()
    return desk.user("noor", teams=[desk.team("front")])


def signed_in(**headers: str) -> Client:
    client = Client(headers=headers)
    assert client.post(reverse("sign_in"), {"username": "noor", "password": OLD}).status_code == 302
    return client


def test_the_server_writes_how_somebody_wants_their_pages(noor: User) -> None:
    client = signed_in()
    page = client.get("/").content.decode()
    assert "data-theme" not in page
    assert "data-single-keys" not in page
    assert client.post(reverse("me"), SENT).status_code == 302
    page = client.get("/").content.decode()
    assert 'data-theme="dark"' in page.split("<body")[0]
    assert 'data-single-keys="off"' in page.split("<body")[1].split(">")[0]


@pytest.mark.parametrize(
    ("field", "value"),
    [("display_name", " "), ("email", "no"), ("language", "xx"), ("zone", "Nowhere"), ("theme", "pink")],
)
def test_what_cannot_be_is_refused_and_what_was_typed_is_kept(noor: User, field: str, value: str) -> None:
    client = signed_in()
    answer = client.post(reverse("me"), {**SENT, "display_name": "Noor B.", field: value})
    assert answer.status_code == 422
    if field != "display_name":
        assert 'value="Noor B."' in answer.content.decode()
    noor.refresh_from_db()
    assert (noor.display_name, noor.theme) == ("Noor", "system")


def test_a_new_password_ends_every_other_session(noor: User) -> None:
    here, there = signed_in(), signed_in()
    sent = {"current": OLD, "password": NEW, "again": NEW}
    assert here.post(reverse("me_password"), {**sent, "current": "wrong"}).status_code == 422
    assert here.post(reverse("me_password"), {**sent, "again": "other"}).status_code == 422
    assert there.get("/").status_code == 200
    assert here.post(reverse("me_password"), sent).status_code == 302
    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 302
    page = here.get(reverse("me")).content.decode()
    assert page.count("since ") == 1


def test_wrong_passwords_count_as_at_the_door(noor: User) -> None:
    client = signed_in()
    for _ in range(throttle.MOST):
        client.post(reverse("me_password"), {"current": "wrong", "password": NEW, "again": NEW})
    answer = client.post(reverse("me_password"), {"current": OLD, "password": NEW, "again": NEW})
    assert answer.status_code == 422
    assert "wrong too often" in answer.content.decode()
    noor.refresh_from_db()
    assert noor.check_password(OLD)


def test_signing_out_there(noor: User) -> None:
    here = signed_in(user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    there = signed_in(
        user_agent="Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1"
    )
    page = here.get(reverse("me")).content.decode()
    assert "Firefox on Linux" in page
    assert "Safari on iPhone" in page
    which = page.split("Sign out there")[0].rsplit('value="', 1)[1].split('"')[0]
    assert here.post(reverse("me_session"), {"which": which}).status_code == 302
    assert there.get("/").status_code == 302
    assert here.get("/").status_code == 200
    assert "Safari on iPhone" not in here.get(reverse("me")).content.decode()


def test_nobody_signs_somebody_else_out(noor: User) -> None:
    desk.user("daan")
    daan = Client()
    daan.post(reverse("sign_in"), {"username": "daan", "password": OLD})
    client = signed_in()
    for session in noor.usersession_set.model.objects.all():  # type: ignore[attr-defined]
        client.post(reverse("me_session"), {"which": str(session.pk)})
    client.post(reverse("me_session"), {"which": "others"})
    assert daan.get("/").status_code == 200
    assert client.get("/").status_code == 200


def test_a_session_that_has_ended_is_not_shown(noor: User) -> None:
    here, there = signed_in(), signed_in()
    there.post(reverse("sign_out"))
    assert "Sign out there" not in here.get(reverse("me")).content.decode()
    assert Session.objects.count() == 1
