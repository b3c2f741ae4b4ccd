"""A caller's link: one a conversation, nothing of it stored that opens anything, ended and revoked."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.models import User
from tests.tickets.said import hear
from tickets.models import ChannelAccount, Conversation, LinkWay, Part, StatusLink, Ticket, TicketEvent
from tickets.services.errors import NotFound
from tickets.services.status_links import (
    has_stand_in,
    is_over,
    link_put,
    stand_in,
    status_link_make,
    status_link_open,
    status_link_revoke,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(account: ChannelAccount) -> Conversation:
    return hear(account, 1).conversations.get()


def token_of(address: str) -> str:
    return address.rstrip("/").rpartition("/")[2]


def test_it_is_the_same_each_time_and_nothing_stored_opens_it(
    place: Conversation, now: datetime, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://desk.merendam.example"
    address = status_link_make(place, now=now)
    assert status_link_make(place, now=now) == address
    token = token_of(address)
    assert address == f"https://desk.merendam.example/s/{token}/"
    assert len(token) == 32
    assert token.isalnum()
    assert token == token.lower()

    link = StatusLink.objects.get()
    assert bytes(link.token_hash) == hashlib.sha256(token.encode()).digest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT l::text FROM tickets_statuslink l")
        assert token not in cursor.fetchone()[0]
    assert TicketEvent.objects.filter(kind="link_given", ticket=place.ticket).count() == 1


def test_each_way_and_each_conversation_has_its_own(
    account: ChannelAccount, place: Conversation, now: datetime
) -> None:
    other = hear(account, 2, by="bram").conversations.get()
    made = {
        status_link_make(place, now=now),
        status_link_make(place, now=now, way=LinkWay.SCREEN),
        status_link_make(other, now=now),
    }
    assert len(made) == 3


def test_it_leads_to_its_conversation(place: Conversation, now: datetime) -> None:
    token = token_of(status_link_make(place, now=now))
    opened = status_link_open(token.upper(), now=now)
    assert opened is not None
    assert (opened.conversation, opened.ticket, opened.is_proven) == (place, place.ticket, True)
    assert status_link_open("a" * 32, now=now) is None


def test_a_secret_that_was_replaced_still_makes_it(place: Conversation, now: datetime, settings: Any) -> None:
    address = status_link_make(place, now=now)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-" * 8
    assert status_link_make(place, now=now) == address

    settings.SECRET_KEY_FALLBACKS = []
    newer = status_link_make(place, now=now)
    assert newer != address
    for one in (address, newer):
        assert status_link_open(token_of(one), now=now) is not None
    assert StatusLink.objects.filter(replaced_at=now).count() == 1


def test_revoked_it_leads_nowhere_and_the_next_is_another(
    place: Conversation, noor: User, now: datetime
) -> None:
    address = status_link_make(place, now=now)
    link = StatusLink.objects.get()
    before = Ticket.objects.get().version
    for _ in range(2):
        status_link_revoke(actor=noor, ticket_id=link.ticket_id, link_id=link.pk, now=now)
    assert status_link_open(token_of(address), now=now) is None
    assert Ticket.objects.get().version == before + 1
    assert TicketEvent.objects.filter(kind="link_revoked").count() == 1
    again = status_link_make(place, now=now)
    assert again != address
    assert status_link_open(token_of(again), now=now) is not None


def test_one_that_a_page_showed_is_not_shown_again_once_it_was_revoked(
    place: Conversation, noor: User, now: datetime
) -> None:
    assert status_link_make(place, now=now, way=LinkWay.SCREEN)
    link = StatusLink.objects.get()
    status_link_revoke(actor=noor, ticket_id=link.ticket_id, link_id=link.pk, now=now)
    assert status_link_make(place, now=now, way=LinkWay.SCREEN) == ""
    assert status_link_make(place, now=now), "their next letter has one"


def test_only_who_sees_the_ticket_revokes(
    account: ChannelAccount, place: Conversation, noor: User, now: datetime
) -> None:
    status_link_make(place, now=now)
    other = hear(account, 2, by="bram")
    with pytest.raises(NotFound):
        status_link_revoke(actor=noor, ticket_id=other.pk, link_id=StatusLink.objects.get().pk, now=now)


def test_it_ends_some_days_after_its_ticket(place: Conversation, now: datetime, settings: Any) -> None:
    settings.STATUS_LINK_DAYS = 60
    token = token_of(status_link_make(place, now=now))
    Ticket.objects.update(status="resolved", resolved_at=now)
    assert status_link_open(token, now=now + timedelta(days=60)) is not None
    assert status_link_open(token, now=now + timedelta(days=60, seconds=1)) is None
    Ticket.objects.update(status="open", resolved_at=None)
    assert status_link_open(token, now=now + timedelta(days=90)) is not None
    assert not is_over(Ticket.objects.get(), now + timedelta(days=90))


def test_somebody_else_in_the_thread_has_none(place: Conversation, now: datetime) -> None:
    token = token_of(status_link_make(place, now=now))
    Conversation.objects.update(part=Part.PARTICIPANT)
    assert status_link_open(token, now=now) is None
    place.refresh_from_db()
    with pytest.raises(ValueError, match="no page of a caller"):
        status_link_make(place, now=now)


def test_the_stored_text_has_a_stand_in(place: Conversation, now: datetime) -> None:
    link = status_link_make(place, now=now)
    assert not has_stand_in(f"{link} Nothing here.")
    text = f"Where it stands: {stand_in()}"
    assert has_stand_in(text)
    assert link_put(text, link) == f"Where it stands: {link}"
    assert link_put(text, "") == text


def test_an_agent_takes_it_back_on_the_ticket(
    page: Client, account: ChannelAccount, place: Conversation, now: datetime
) -> None:
    token = token_of(status_link_make(place, now=now))
    ticket = Ticket.objects.get()
    html = page.get(f"/t/{ticket.shown_reference}/").content.decode()
    assert "They have a link to their page" in html
    assert token not in html
    address = f"/t/{ticket.shown_reference}/links/{StatusLink.objects.get().token}/revoke/"
    assert address in html
    for _ in range(2):
        assert page.post(address).status_code == 302
    assert status_link_open(token, now=now) is None
    assert "They have a link to their page" not in page.get(f"/t/{ticket.shown_reference}/").content.decode()
