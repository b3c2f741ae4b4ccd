"""Do anything, and the list of keys: what one may not see is not offered; each key stands on a control."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from tests import desk
from tests.tickets.said import hear
from tickets.clock import database_now
from tickets.display.keys import KEYS, OF_FORMS, OF_LISTS
from tickets.selectors_search import GLANCE, glance
from tickets.services.search_index import words_fill

LISTED = {key for group in KEYS for each in group.keys for key in each.keys}


def _on_controls() -> set[str]:
    """What templates give to controls: as an attribute, or through a part that is given the key."""
    found: set[str] = set()
    for path in Path(settings.BASE_DIR, "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        found |= set(re.findall(r'data-key="([^"{]+)"', text)) | set(
            re.findall(r'link\(.* key="([^"]+)"', text)
        )
    return found


def test_no_key_is_listed_twice() -> None:
    every = [key for group in KEYS for each in group.keys for key in each.keys]
    assert sorted(every) == sorted(set(every))


def test_every_key_of_a_control_is_in_the_list() -> None:
    assert _on_controls() <= LISTED


def test_every_key_of_the_list_is_on_a_control() -> None:
    numbered = set("3456789")  # of the reasons in triage, as many as there are
    assert LISTED - OF_LISTS - OF_FORMS - numbered - _on_controls() == set()


def test_no_key_is_the_beginning_of_two() -> None:
    """The first of two keys waits for the second, and does nothing by itself."""
    first = {key.split()[0] for key in LISTED if " " in key}
    assert not first & LISTED


@pytest.mark.django_db
class TestGlance:
    def test_a_team_by_its_name_and_none_that_is_not_ones_own_to_see(self) -> None:
        noor = desk.user("noor", teams=[desk.team("front")])
        desk.team("trams")
        desk.team("integrity", private=True)
        now = database_now()
        assert [team.key for team in glance(noor, "", now=now).teams] == ["front", "trams"]
        assert [team.key for team in glance(noor, "TRA", now=now).teams] == ["trams"]
        assert not glance(noor, "integ", now=now).teams

    def test_a_ticket_by_its_reference_if_one_may_see_it(self) -> None:
        desk.seeded()
        secret = desk.team("integrity", private=True)
        noor, kim = desk.user("noor", teams=[desk.team("front")]), desk.user("kim", teams=[secret])
        ticket = hear(desk.account(of_team=secret), 1)
        now = database_now()
        for typed in (ticket.shown_reference, ticket.reference.lower()):
            assert glance(kim, typed, now=now).ticket == ticket
            assert glance(noor, typed, now=now).ticket is None

    def test_tickets_by_their_words_few_of_them(self) -> None:
        desk.seeded()
        secret = desk.team("integrity", private=True)
        noor = desk.user("noor", teams=[desk.team("front")])
        open_account, closed_account = desk.account("1"), desk.account("2", of_team=secret)
        earlier = database_now() - timedelta(hours=1)
        for number in range(GLANCE + 2):
            hear(open_account, number + 1, "@desk1 the trams are late", by=f"c{number}", at=earlier)
        hear(closed_account, 90, "@desk2 the trams are late", by="other", at=earlier)
        words_fill()
        now = database_now()
        found = glance(noor, "tram", now=now)
        assert (found.state, len(found.hits)) == ("found", GLANCE)
        assert {hit.ticket.account_id for hit in found.hits} == {open_account.pk}
        assert glance(noor, "t", now=now).hits == ()

    def test_the_part_and_the_page_offer_the_same(self, client: Client) -> None:
        desk.seeded()
        client.force_login(desk.user("noor", teams=[desk.team("front")]))
        desk.team("trams")
        ticket = hear(desk.account(), 1)
        for typed, wanted in (
            ("tra", "?team=trams"),
            (ticket.shown_reference, f"/t/{ticket.shown_reference}/"),
        ):
            part = client.get("/do/", {"q": typed, "part": "1"}).content.decode()
            page = client.get("/do/", {"q": typed}).content.decode()
            assert f'{wanted}"' in part
            assert part in page
            assert "<html" not in part
        assert "No other place and no ticket fits." in client.get("/do/", {"q": "zzzz"}).content.decode()

    def test_what_is_typed_comes_back_as_text(self, client: Client) -> None:
        client.force_login(desk.user("noor", teams=[desk.team("front")]))
        page = client.get("/do/", {"q": '"><script>alert(1)</script>'}).content.decode()
        assert "<script>alert" not in page

    def test_all_keys_are_a_page_and_a_part(self, client: Client) -> None:
        client.force_login(desk.user("noor", teams=[desk.team("front")]))
        page, part = (client.get("/keys/", data).content.decode() for data in ({}, {"part": "1"}))
        assert "<html" in page
        assert "<html" not in part
        for group in KEYS:
            for each in group.keys:
                assert str(each.words) in part
                assert str(each.words) in page
