"""The demo's accounts: those that are connected, and the one that a manager connects."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from channels_social.demo import place
from channels_social.models import ChannelConnection
from sandbox.client import Sandbox
from sandbox.server import start
from tests import desk
from tickets.clock import database_now
from tickets.models import ChannelAccount, ChannelMode

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def merendam() -> Iterator[str]:
    """A sandbox with its town."""
    sandbox = start(seed=True)
    yield sandbox.base_url
    sandbox.stop()


def placed(url: str) -> list[place.Placed]:
    """As `make demo` does at each start."""
    town, now = place.city(), database_now()
    made = place.accounts_place(town, sandbox_url=url, state=place.sandbox_state(url), now=now)
    for each in made:
        place.apart_place(each, now=now)
    return made


def test_one_account_waits_to_be_connected_and_what_a_manager_did_since_stays(merendam: str) -> None:
    desk.seeded()
    place.people_place(place.city(), now=database_now())
    first = placed(merendam)
    bridges = {each.account.handle: each for each in ChannelConnection.objects.select_related("account")}
    apart = bridges.pop("MerendamBieb")
    assert apart.disconnected_at is not None
    assert (apart.credentials, apart.account.mode) == ({}, ChannelMode.OFF)
    assert {each.disconnected_at for each in bridges.values()} == {None}
    assert {each.account.mode for each in bridges.values()} == {ChannelMode.CUSTOMER_SERVICE}
    client = Client()
    client.force_login(User.objects.get(username="ilse"))
    User.objects.update(language="en")
    shown = client.get(reverse("accounts")).content.decode()
    assert "MerendamBieb" in shown
    assert "Connect it again" in shown
    ChannelConnection.objects.filter(pk=apart.pk).update(
        disconnected_at=None, credentials={"user_token": "new"}
    )
    ChannelAccount.objects.filter(pk=apart.account_id).update(mode=ChannelMode.CUSTOMER_SERVICE)
    again = placed(merendam)
    assert [each.accounts for each in again] == [each.accounts for each in first]
    stands = ChannelConnection.objects.select_related("account").get(pk=apart.pk)
    assert (stands.disconnected_at, stands.credentials) == (None, {"user_token": "new"})
    assert stands.account.mode == ChannelMode.CUSTOMER_SERVICE


def test_a_town_of_before_has_no_such_account_and_nothing_stops(merendam: str) -> None:
    desk.seeded()
    place.people_place(place.city(), now=database_now())
    control = Sandbox(merendam)
    state = control.state()
    control.close()
    state["accounts"] = [each for each in state["accounts"] if each["username"] != "MerendamBieb"]
    place.accounts_place(place.city(), sandbox_url=merendam, state=state, now=database_now())
    assert not ChannelAccount.objects.filter(handle="MerendamBieb").exists()
    state["accounts"] = []
    with pytest.raises(place.NoSandbox):
        place.accounts_place(place.city(), sandbox_url=merendam, state=state, now=database_now())
