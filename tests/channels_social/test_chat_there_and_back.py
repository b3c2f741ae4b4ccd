"""From a visitor's first word to the date on top of their window, through the API alone: what we say lies ready at
once, and was sent once their window says that it has it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import Team
from channels_social.adapters.chat import state as states
from channels_social.delivery import deliver
from channels_social.models import Visitor
from tests import desk
from tests.channels_social.chat_desk import WORDS, chat, window
from tests.simulated_clock import SimulatedClock
from tickets.clock import database_now
from tickets.models import ChannelAccount, OutboundReply, Promise, ReplyState, Ticket
from tickets.services.presence import staff_seen

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> ChannelAccount:
    desk.seeded()
    monkeypatch.setattr(states, "THERE_KEPT", 0.0)
    return chat()  # type: ignore[no-any-return]


def test_the_acknowledgement_is_told_when_the_window_says_that_it_has_it(account: ChannelAccount) -> None:
    made = window()
    made.say(WORDS)
    deliver(account.pk)
    ack = OutboundReply.objects.get(dedupe_key=f"ack:{Ticket.objects.get().pk}")
    assert ack.state == ReplyState.HANDED
    before = made.state()
    assert [(line["by"], line["automatic"]) for line in before["lines"]] == [
        ("visitor", False),
        ("desk", True),
    ]
    assert before["promise"] is None, "nobody was told anything yet"
    assert not Promise.objects.exists()
    assert made.ask("POST", "seen", {"through": 1}).status_code == 204
    assert not Promise.objects.exists(), "it spoke of its own line alone"
    assert made.ask("POST", "seen", {"through": before["last"]}).status_code == 204
    ack.refresh_from_db()
    assert ack.state == ReplyState.SENT
    after = made.state(before["last"])
    assert after["lines"] == []
    assert after["promise"]["reference"] == Ticket.objects.get().shown_reference
    assert after["promise"]["state"] == "on-track"
    assert after["promise"]["day"] in before["lines"][1]["text"]


def test_a_window_that_comes_back_shows_what_was_said_meanwhile(account: ChannelAccount) -> None:
    made = window()
    made.say(WORDS)
    Visitor.objects.update(seen_at=database_now() - timedelta(hours=3))
    deliver(account.pk)
    found = made.state()
    assert found["lines"][1]["by"] == "desk"
    made.ask("POST", "seen", {"through": found["last"]})
    assert Promise.objects.count() == 1


def test_somebody_without_a_name_is_the_caller_on_the_page() -> None:
    window().say(WORDS)
    client = Client()
    client.force_login(desk.user("noor", teams=[desk.team()]))
    page = client.get(f"/t/{Ticket.objects.get().shown_reference}/").content.decode()
    assert "Only the caller can read this, from" in page
    assert "Gave no name" in page
    assert "Their chat on Merendam is open now." in page


def test_it_says_truly_who_is_there(clock: SimulatedClock) -> None:
    made = window(language="en")
    assert not made.state()["here"]["somebody"]
    noor = desk.user("noor", teams=[desk.team()])
    staff_seen([noor.pk], now=database_now())
    assert made.state()["here"] == {"somebody": True, "words": "Noor is here, until 18:00"}
    clock.passes(timedelta(minutes=2))
    assert not made.state()["here"]["somebody"]


def test_what_was_transferred_is_answered_by_whom_it_came_to(
    account: ChannelAccount, clock: SimulatedClock
) -> None:
    made = window(language="en")
    noor, daan = desk.user("noor", teams=[desk.team()]), desk.user("daan", teams=[desk.team("trams")])
    staff_seen([noor.pk], now=database_now())
    made.say(WORDS)
    deliver(account.pk)
    Ticket.objects.update(team=desk.team("trams"))
    assert not made.state()["here"]["somebody"], "Noor is there, and does not have it any more"
    staff_seen([daan.pk], now=database_now())
    assert made.state()["here"]["words"] == "Daan is here, until 18:00"
    Team.objects.filter(key="trams").update(is_private=True)
    states._known.clear()
    assert made.state()["here"]["words"] == "Somebody is here, until 18:00", (
        "who is in it, nobody outside hears"
    )
