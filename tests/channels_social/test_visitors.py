"""A visitor on the ticket's page, and what goes when nobody needs it any more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from accounts.models import User
from channels_social import visitors
from channels_social.models import Visitor, VisitorFile
from channels_social.visitors import TOKEN_LIVES, number_take, token_hash, visitor_of_token, visitors_tidy
from tests import desk
from tests.tickets.said import hear
from tickets.clock import database_now
from tickets.models import ChannelAccount, Conversation, Ticket, TicketEvent
from tickets.tokens import token

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket() -> Ticket:
    desk.seeded()
    account = desk.account()
    ChannelAccount.objects.update(capabilities={"live": True})
    return hear(account, 1)


@pytest.fixture
def noor(ticket: Ticket) -> User:
    return desk.user("noor", teams=[ticket.team])


def visitor_on(ticket: Ticket, name: str = "a token") -> Visitor:
    """Whose window the ticket's conversation is."""
    place = Conversation.objects.select_related("account").get(ticket=ticket)
    return made(place.account, place.thread_key, name)


def made(account: ChannelAccount, external_id: str, name: str) -> Visitor:
    now = database_now()
    return Visitor.objects.create(
        account=account, external_id=external_id, token_hash=token_hash(name), seen_at=now, created_at=now
    )


def test_on_the_page_they_are_blocked_and_let_in_again(ticket: Ticket, noor: User) -> None:
    visitor = visitor_on(ticket)
    visitor.address, visitor.address_given_at = "a.demir@voorbeeld.example", database_now()
    visitor.save()
    client = Client()
    client.force_login(noor)
    there = f"/t/{ticket.shown_reference}/"
    page = client.get(there).content.decode()
    assert "is open now" in page
    assert "a.demir@voorbeeld.example" in page
    where = f"{there}visitors/{token('visitor', visitor.pk)}/"
    assert where in page
    assert client.post(where, {"what": "block"}).status_code == 302
    assert visitor_of_token("a token", now=database_now()) is None
    page = client.get(there).content.decode()
    assert "nothing that they write reaches us" in page
    assert "blocked the visitor" in page
    assert client.post(where, {"what": "let_in"}).status_code == 302
    assert visitor_of_token("a token", now=database_now()) == visitor
    assert client.post(where, {"what": ""}).status_code == 302
    assert list(TicketEvent.objects.filter(kind__startswith="visitor_").values_list("kind", flat=True)) == [
        "visitor_blocked",
        "visitor_unblocked",
    ]


def test_a_page_without_visitors_asks_for_none(ticket: Ticket, noor: User) -> None:
    visitor_on(ticket)
    ChannelAccount.objects.update(capabilities={})
    client = Client()
    client.force_login(noor)
    assert "visitors/" not in client.get(f"/t/{ticket.shown_reference}/").content.decode()


def test_a_token_is_known_while_it_lives(ticket: Ticket) -> None:
    visitor, now = visitor_on(ticket), database_now()
    assert visitor_of_token("a token", now=now) == visitor
    assert visitor_of_token("another", now=now) is None
    assert visitor_of_token("", now=now) is None
    assert visitor_of_token("half \ud83d", now=now) is None
    assert visitor_of_token("a token", now=visitor.seen_at + TOKEN_LIVES) is None


def test_numbers_rise_and_are_anyones_once(ticket: Ticket) -> None:
    visitor = visitor_on(ticket)
    assert [number_take(visitor.pk), number_take(visitor.pk, 3), number_take(visitor.pk)] == [1, 2, 5]
    with pytest.raises(Visitor.DoesNotExist):
        number_take(visitor.pk + 1)


def test_a_flood_goes_in_one_night(ticket: Ticket, monkeypatch: pytest.MonkeyPatch) -> None:
    now = database_now()
    monkeypatch.setattr(visitors, "AT_ONCE", 2)
    for number in range(5):
        made(ticket.account, f"silent{number}", f"t{number}")
    assert visitors_tidy(now=now + timedelta(days=31)) == 5
    for number in range(5):
        made(ticket.account, f"silent{number}", f"t{number}")
    monkeypatch.setattr(visitors, "TIDY_FOR", -1.0)
    assert visitors_tidy(now=now + timedelta(days=31)) == 2, "it does not take all night"


def test_what_nobody_needs_goes(
    ticket: Ticket, django_capture_on_commit_callbacks: pytest.FixtureRequest
) -> None:
    account, now = ticket.account, database_now()
    said, silent = visitor_on(ticket), made(account, "silent", "b")
    number_take(said.pk)
    key = default_storage.save("chat/test", ContentFile(b"a file"))
    VisitorFile.objects.create(
        visitor=said,
        external_id="1",
        name="a",
        content_type="text/plain",
        size=6,
        storage_key=key,
        created_at=now,
    )
    assert visitors_tidy(now=now + timedelta(hours=1)) == 0
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        assert visitors_tidy(now=now + timedelta(days=1, hours=1)) == 1
    assert not default_storage.exists(key)
    assert visitors_tidy(now=now + timedelta(days=31)) == 1
    assert list(Visitor.objects.values_list("pk", flat=True)) == [said.pk]
    assert silent.pk != said.pk
