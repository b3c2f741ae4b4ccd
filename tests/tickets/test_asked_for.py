"""What a category asks, place, number and photo: shown as missing until it is there, and asked by saved replies."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests.simulated_clock import SimulatedClock
from tests.tickets import policies
from tests.tickets.at_work import LIGHTS, at
from tests.tickets.said import hear
from tests.tickets.test_views import address, words_of
from tickets.asked_for import in_words, missing_here, missing_of, object_number
from tickets.models import Attachment, ChannelAccount, Message, Ticket, TicketEvent
from tickets.services.errors import Refused
from tickets.services.labels import ticket_labels_set
from tickets.services.saved_reply_use import filled, placeholder_values

pytestmark = pytest.mark.django_db


def asks(*wanted: str) -> policies.Edit:
    def edit(document: dict[str, Any]) -> None:
        for category in document["categories"]:
            if category["key"] == "traffic_lights":
                category["asks"] = list(wanted)

    return edit


@pytest.fixture
def asking(released: ChannelAccount, clock: SimulatedClock) -> Ticket:
    """A ticket whose category asks all three; its words say none of them to the desk."""
    policies.published(asks("place", "object_number", "photo"), scope="new")
    found = hear(released, 1, LIGHTS, at=at(23, 9))
    assert found.category == "traffic_lights"
    return found


def note(actor: User, ticket: Ticket, **said: Any) -> Ticket:
    given = {"place": ticket.place, "tags": "", "seen_version": None, **said}
    return ticket_labels_set(actor=actor, ticket_id=ticket.pk, now=at(23, 10), **given)


def picture(ticket: Ticket, content_type: str = "image/jpeg") -> None:
    message = Message.objects.get(ticket=ticket)
    Attachment.objects.create(message=message, external_id="a", content_type=content_type)


def test_what_is_noted_or_sent_is_missing_no_more(asking: Ticket, noor: User) -> None:
    assert missing_here(asking) == ("place", "object_number", "photo")
    asking = note(noor, asking, place="Havenstraat 4")
    assert missing_here(asking) == ("object_number", "photo")
    picture(asking, "application/pdf")
    assert missing_here(asking) == ("object_number", "photo")
    asking = note(noor, asking, number="  VRI  12 ")
    assert (object_number(asking), missing_here(asking)) == ("VRI 12", ("photo",))
    Attachment.objects.update(content_type="image/png")
    assert missing_here(asking) == ()
    Attachment.objects.update(kind="inline", size=4_000)
    assert missing_here(asking) == ("photo",), "a sign below a letter is no photo"
    Attachment.objects.update(size=400_000)
    assert missing_here(asking) == ()
    Message.objects.filter(ticket=asking).update(body="", removed_at=at(23, 11))
    assert missing_here(asking) == ("photo",)
    event = TicketEvent.objects.filter(kind="labels_set").latest("pk")
    assert event.args == {"place": False, "number": True}


def test_a_number_stays_where_nobody_speaks_of_it_and_has_its_bound(asking: Ticket, noor: User) -> None:
    asking = note(noor, asking, number="12")
    assert object_number(note(noor, asking, place="Kade")) == "12"
    assert object_number(note(noor, asking, place="Kade", number="")) == ""
    with pytest.raises(Refused, match="at most 60"):
        note(noor, asking, number="1" * 61)


def test_a_category_that_asks_nothing_misses_nothing(ticket: Ticket) -> None:
    ticket.category = "online"
    assert missing_here(ticket) == ()


def test_in_the_ready_policy_what_stands_in_the_street_is_asked_for_its_place_and_number(
    ticket: Ticket,
) -> None:
    asked = {
        key: missing_of(replace_category(ticket, key), has_photo=False)
        for key in ("lighting", "waste", "roads", "online", "papers")
    }
    assert asked == {
        "lighting": ("place", "object_number"),
        "waste": ("place", "object_number"),
        "roads": ("place",),
        "online": (),
        "papers": (),
    }


def replace_category(ticket: Ticket, key: str) -> Ticket:
    ticket.category = key
    return ticket


def test_the_page_says_what_is_missing_and_the_form_notes_it(
    page: Client, asking: Ticket, clock: SimulatedClock
) -> None:
    shown = words_of(page.get(address(asking)))
    assert "Still missing the place the number on it a photo" in shown
    where = f"{address(asking)}labels/"
    done = page.post(where, {"place": "Havenstraat 4", "number": "VRI 12", "tags": "", "language": ""})
    assert done.status_code == 302
    picture(asking)
    shown = words_of(page.get(address(asking)))
    assert "Still missing" not in shown
    assert "Number on it VRI 12" in shown


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Send us the exact place, the number that stands on it and a photo, please."),
        ("nl", "Send us de precieze plek, het nummer dat erop staat en een foto, please."),
        ("fr", "Send us the exact place, the number that stands on it and a photo, please."),
    ],
)
def test_a_saved_reply_asks_for_what_is_missing(asking: Ticket, language: str, text: str) -> None:
    place = asking.conversations.select_related("account", "identity").get()
    values = placeholder_values(
        asking, place, language=language, date=None, missing=missing_here(asking), now=at(23, 10)
    )
    assert filled("Send us {missing}, please.", values) == text


def test_what_was_noted_is_put_in_and_what_was_not_stays_to_be_written(asking: Ticket, noor: User) -> None:
    asking = note(noor, asking, place="Havenstraat {name} 4")
    place = asking.conversations.select_related("account", "identity").get()
    values = placeholder_values(asking, place, language="en", date=None, now=at(23, 10))
    assert filled("At {place}: {object_number}, {missing}", values) == (
        "At Havenstraat {name} 4: {object_number}, {missing}"
    )
    assert in_words((), "en") == ""
    assert in_words(("photo",), "nl") == "een foto"
