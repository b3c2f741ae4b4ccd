"""Live conversations on pages: said in row and ticket, counted, offered to who has room, ended by one press."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from channels_social.delivery import deliver_due
from tests import desk
from tests.simulated_clock import SimulatedClock
from tests.tickets import talked
from tickets import live_typing
from tickets.models import (
    ChannelAccount,
    Contact,
    Conversation,
    Draft,
    Identity,
    OutboundReply,
    StaffPresence,
    Status,
    Ticket,
)
from tickets.selectors_live_page import rings
from tickets.selectors_rail import figures
from tickets.services.ending import conversation_end
from tickets.services.errors import Refused
from tickets.services.owning import ticket_assign, ticket_take
from tickets.services.presence import availability_set
from tickets.services.together import Seen, tickets_assign
from tickets.services.undo import replies_let_go, reply_undo


@pytest.fixture(autouse=True)
def _channel() -> Iterator[None]:
    with talked.live_channel():
        yield


@pytest.fixture
def site(clock: SimulatedClock) -> ChannelAccount:
    return talked.site()


@pytest.fixture
def ticket(site: ChannelAccount, clock: SimulatedClock) -> Ticket:
    """Aylin has just written."""
    return talked.says(site, 1, at=clock.now)


def shown(page: Client, where: str, *args: str) -> str:
    answer = page.get(reverse(where, args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def owned(site: ChannelAccount, who: User, count: int, clock: SimulatedClock) -> None:
    for n in range(count):
        made = talked.says(site, 100 + n, at=clock.now, by=f"caller{n}", thread=100 + n)
        ticket_take(actor=who, ticket_id=made.pk, now=clock.now)


class TestSaid:
    def test_row_and_ticket_say_how_long_they_have_waited(
        self, page: Client, ticket: Ticket, clock: SimulatedClock
    ) -> None:
        clock.passes(timedelta(minutes=3))
        assert "live, has waited 3 min" in shown(page, "queue")
        assert "live, has waited 3 min" in shown(page, "ticket", ticket.shown_reference)

    def test_answered_is_said_and_after_a_while_nothing(
        self, page: Client, ticket: Ticket, noor: User, clock: SimulatedClock
    ) -> None:
        clock.passes(timedelta(minutes=1))
        talked.answers(ticket, noor, now=clock.now)
        deliver_due()
        assert "live, answered" in shown(page, "ticket", ticket.shown_reference)
        clock.passes(timedelta(minutes=15))
        assert "live, " not in shown(page, "ticket", ticket.shown_reference)

    def test_who_waits_is_there_for_an_hour(
        self, page: Client, ticket: Ticket, clock: SimulatedClock
    ) -> None:
        clock.passes(timedelta(minutes=59))
        assert "live, has waited 59 min" in shown(page, "live")
        clock.passes(timedelta(minutes=2))
        assert ticket.shown_reference not in shown(page, "live")

    def test_elsewhere_nothing_is_live(self, page: Client, ticket: Ticket) -> None:
        ChannelAccount.objects.update(capabilities={})
        assert "live, " not in shown(page, "queue")
        text = shown(page, "ticket", ticket.shown_reference)
        assert "live, " not in text
        assert "data-typing" not in text
        assert 'href="/live/"' not in text


class TestPage:
    def test_who_waits_longest_comes_first_and_others_teams_are_not_there(
        self, page: Client, site: ChannelAccount, ticket: Ticket, clock: SimulatedClock
    ) -> None:
        other = talked.site("other")
        ChannelAccount.objects.filter(pk=other.pk).update(team=desk.team("integrity", private=True))
        other.refresh_from_db()
        hidden = talked.says(other, 50, at=clock.now, by="bo", thread=50)
        clock.passes(timedelta(minutes=2))
        second = talked.says(site, 2, at=clock.now, by="cem", thread=2)
        text = shown(page, "live")
        assert text.index(ticket.shown_reference) < text.index(second.shown_reference)
        assert hidden.shown_reference not in text
        assert rings(User.objects.get(username="noor"), [hidden.reference], now=clock.now) is False

    def test_settings_are_kept_and_a_wrong_number_says_why(
        self, page: Client, noor: User, site: ChannelAccount
    ) -> None:
        where = reverse("live_availability")
        answer = page.post(where, {"available": "on", "capacity": "5", "sound": "off"})
        assert answer.status_code == 302
        row = StaffPresence.objects.get(user=noor)
        assert (row.available, row.capacity, row.sound) == (True, 5, False)
        answer = page.post(where, {"available": "off", "capacity": "many", "sound": "on"})
        assert answer.status_code == 422
        assert 'value="many"' in answer.content.decode()
        row.refresh_from_db()
        assert (row.available, row.capacity) == (True, 5)

    def test_the_switch_in_the_menu_goes_back_to_its_page(
        self, page: Client, noor: User, site: ChannelAccount
    ) -> None:
        assert 'aria-checked="true"' in shown(page, "tasks")
        answer: Any = page.post(
            reverse("live_availability"),
            {"available": "off"},
            headers={"referer": "http://testserver/tasks/"},
        )
        assert (answer.status_code, answer.url) == (302, "/tasks/")
        assert 'aria-checked="false"' in shown(page, "tasks")
        away: Any = page.post(
            reverse("live_availability"), {"available": "on"}, headers={"referer": "http://evil.example/x"}
        )
        assert away.url == reverse("live")

    def test_the_rail_counts_what_the_page_shows(
        self, page: Client, noor: User, ticket: Ticket, site: ChannelAccount, clock: SimulatedClock
    ) -> None:
        before = figures(noor, now=clock.now)
        assert (before.is_live, before.live, before.available, before.capacity) == (True, 1, True, 3)
        other = talked.site("other")
        ChannelAccount.objects.filter(pk=other.pk).update(team=desk.team("trams"))
        other.refresh_from_db()
        theirs = talked.says(other, 50, at=clock.now, by="bo", thread=50)
        assert figures(noor, now=clock.now).live == 1, "of another team, and somebody else's"
        ticket_take(actor=noor, ticket_id=theirs.pk, now=clock.now)
        assert figures(noor, now=clock.now).live == 2
        assert figures(noor, now=clock.now + timedelta(hours=2)).live == 0

    def test_who_answers_has_them(
        self, page: Client, noor: User, ticket: Ticket, clock: SimulatedClock
    ) -> None:
        def answered(**more: str) -> int | None:
            place = shown(page, "ticket", ticket.shown_reference).split('name="to" value="')[1].split('"')[0]
            words = {
                "text": "I look it up.",
                "client_key": f"form-{len(more)}-abcdef",
                "then": "",
                "to": place,
            }
            answer = page.post(reverse("ticket_answer", args=[ticket.shown_reference]), words | more)
            assert answer.status_code == 302, answer.content
            return Ticket.objects.get(pk=ticket.pk).owner_id

        assert answered(then="note") is None, "a note is for colleagues"
        assert answered() == noor.pk
        lotte = desk.user("lotte", teams=[desk.team("front")])
        Ticket.objects.filter(pk=ticket.pk).update(owner=lotte)
        assert answered(seen="", anyway="x") == lotte.pk, "who has them keeps them"


class TestCapacity:
    def test_more_is_taken_with_a_word(
        self, page: Client, noor: User, site: ChannelAccount, ticket: Ticket, clock: SimulatedClock
    ) -> None:
        availability_set(actor=noor, available=True, capacity=1)
        owned(site, noor, 1, clock)
        answer = page.post(
            reverse("ticket_assign", args=[ticket.shown_reference]), {"take": "1"}, follow=True
        )
        assert "You have 2 live conversations now; you take 1 at once as a rule." in answer.content.decode()
        ticket.refresh_from_db()
        assert ticket.owner_id == noor.pk

    def test_nobody_is_given_more(
        self, page: Client, noor: User, site: ChannelAccount, ticket: Ticket, clock: SimulatedClock
    ) -> None:
        lotte = desk.user("lotte", teams=[desk.team("front")])
        owned(site, lotte, 3, clock)
        assert "3 of 3 live" in shown(page, "ticket_assign", ticket.shown_reference)
        with pytest.raises(Refused) as refusal:
            ticket_assign(actor=noor, ticket_id=ticket.pk, user_id=lotte.pk, now=clock.now)
        assert refusal.value.code == "full"
        late = clock.now + timedelta(hours=2)
        ticket_assign(actor=noor, ticket_id=ticket.pk, user_id=lotte.pk, now=late)

    def test_nor_several_with_one_press(
        self, noor: User, site: ChannelAccount, ticket: Ticket, clock: SimulatedClock
    ) -> None:
        lotte = desk.user("lotte", teams=[desk.team("front")])
        owned(site, lotte, 2, clock)
        second = talked.says(site, 2, at=clock.now, by="cem", thread=2)
        chosen = [Seen(ticket.reference), Seen(second.reference)]
        outcome = tickets_assign(actor=noor, chosen=chosen, user_id=lotte.pk, now=clock.now)
        assert outcome.done == [ticket.pk]
        [left] = outcome.left
        assert left.reference == second.reference
        assert "has 3 live conversations and takes no more at once" in left.words
        mine = tickets_assign(actor=lotte, chosen=chosen, user_id=lotte.pk, now=clock.now)
        assert mine.left == [], "who takes them themselves may"

    def test_it_rings_for_who_has_room_and_wants_it(
        self, noor: User, site: ChannelAccount, ticket: Ticket, clock: SimulatedClock
    ) -> None:
        def heard() -> bool:
            return rings(noor, [ticket.reference], now=clock.now)

        assert heard()
        availability_set(actor=noor, available=True, sound=False)
        assert not heard()
        availability_set(actor=noor, available=False, sound=True)
        assert not heard()
        availability_set(actor=noor, available=True, capacity=1)
        assert heard()
        owned(site, noor, 1, clock)
        assert not heard()

    def test_it_does_not_ring_for_what_a_colleague_has(
        self, page: Client, noor: User, ticket: Ticket, clock: SimulatedClock
    ) -> None:
        where = reverse("live_came")
        assert page.get(where, {"rows": f"{ticket.reference},nonsense"}).json() == {"ring": True}
        ticket_take(actor=desk.user("lotte", teams=[desk.team("front")]), ticket_id=ticket.pk, now=clock.now)
        assert page.get(where, {"rows": ticket.reference}).json() == {"ring": False}
        assert page.get(where).json() == {"ring": False}

    def test_a_page_that_is_told_of_nothing_learns_of_it_when_it_asks(
        self, page: Client, noor: User, ticket: Ticket, clock: SimulatedClock
    ) -> None:
        def came(**asked: str | float) -> object:
            answer = page.get(reverse("queue_changes"), {"rows": ""} | {k: str(v) for k, v in asked.items()})
            return answer.json()["came"]

        before, after = (clock.now - timedelta(minutes=1)).timestamp(), clock.now.timestamp()
        assert came(told="no", since=before) == [ticket.reference]
        assert came(since=before) == [], "that page hears of it at once"
        assert came(told="no", since=after) == [], "it stood there when the page was made"
        assert came(told="no") == []
        ticket_take(actor=noor, ticket_id=ticket.pk, now=clock.now)
        assert came(told="no", since=before) == []


class TestEnding:
    def test_one_press_says_a_last_word_and_resolves(
        self, page: Client, noor: User, ticket: Ticket, clock: SimulatedClock
    ) -> None:
        assert "Thank you for talking" not in shown(page, "ticket", ticket.shown_reference), (
            "nobody has answered"
        )
        talked.answers(ticket, noor, now=clock.now)
        deliver_due()
        text = shown(page, "ticket", ticket.shown_reference)
        assert "Thank you for talking with us." in text, "what they will read stands at the button"
        clock.passes(timedelta(seconds=20))
        answer = page.post(reverse("ticket_end", args=[ticket.shown_reference]), follow=True)
        assert "Ended, with a last word." in answer.content.decode()
        deliver_due()
        ticket.refresh_from_db()
        assert ticket.status == Status.RESOLVED
        _answer, sent = talked.Live.sent
        assert "Thank you for talking with us." in sent.text

    def test_it_can_be_taken_back_like_any_answer(
        self, noor: User, ticket: Ticket, clock: SimulatedClock, ten_seconds: None
    ) -> None:
        wanted: dict[str, Any] = {
            "actor": noor, "ticket_id": ticket.pk, "client_key": "end-form-1", "seen_message_id": None,
        }  # fmt: skip
        conversation_end(**wanted, now=clock.now)
        conversation_end(**wanted, now=clock.now)
        row = OutboundReply.objects.get(ticket=ticket, kind="resolution_notice")
        assert row.undo_until == clock.now + timedelta(seconds=4), "who is there waits for it"
        ticket.refresh_from_db()
        assert ticket.is_open
        reply_undo(actor=noor, reply_id=row.pk, now=clock.now)
        clock.passes(timedelta(seconds=11))
        replies_let_go(now=clock.now)
        deliver_due()
        ticket.refresh_from_db()
        assert ticket.is_open
        assert not OutboundReply.objects.filter(
            ticket=ticket, kind="resolution_notice", state="sent"
        ).exists()

    def test_what_somebody_has_begun_to_write_stays(
        self, noor: User, ticket: Ticket, clock: SimulatedClock, ten_seconds: None
    ) -> None:
        """Sent, taken back, then ended in its place, which is taken back, too."""
        talked.answers(ticket, noor, "We come on Friday.", now=clock.now)
        mine = OutboundReply.objects.filter(ticket=ticket, author=noor)
        reply_undo(actor=noor, reply_id=mine.get().pk, now=clock.now)
        conversation_end(
            actor=noor, ticket_id=ticket.pk, client_key="end-form-1", seen_message_id=None, now=clock.now
        )
        assert Draft.objects.get(user=noor, ticket=ticket).text == "We come on Friday."
        row = mine.get(kind="resolution_notice")
        assert reply_undo(actor=noor, reply_id=row.pk, now=clock.now) is None
        assert Draft.objects.get(user=noor, ticket=ticket).text == "We come on Friday."

    def test_words_that_were_not_seen_stop_it(
        self, page: Client, site: ChannelAccount, ticket: Ticket, clock: SimulatedClock
    ) -> None:
        text = shown(page, "ticket", ticket.shown_reference)
        seen = text.split('name="seen" value="')[1].split('"')[0]
        talked.says(site, 2, "Wait, one more thing: it is at platform 2", at=clock.now)
        where = reverse("ticket_end", args=[ticket.shown_reference])
        assert page.post(where, {"seen": seen}).status_code == 409
        ticket.refresh_from_db()
        assert ticket.is_open

    def test_elsewhere_it_is_refused(self, noor: User, ticket: Ticket, clock: SimulatedClock) -> None:
        ChannelAccount.objects.update(capabilities={})
        with pytest.raises(Refused):
            conversation_end(
                actor=noor, ticket_id=ticket.pk, client_key="end-form-1", seen_message_id=None, now=clock.now
            )

    def test_a_dutch_caller_reads_dutch(
        self, site: ChannelAccount, noor: User, clock: SimulatedClock
    ) -> None:
        ticket = talked.says(site, 1, at=clock.now)
        Ticket.objects.filter(pk=ticket.pk).update(language="nl")
        conversation_end(
            actor=noor, ticket_id=ticket.pk, client_key="end-form-1", seen_message_id=None, now=clock.now
        )
        row = OutboundReply.objects.get(ticket=ticket, kind="resolution_notice")
        assert row.text == "Bedankt voor het gesprek. Is er nog iets? Schrijf hier dan gerust weer."


class TestBeside:
    def test_a_ticket_shows_the_others_whoever_waits_longest_first(
        self, page: Client, noor: User, site: ChannelAccount, ticket: Ticket, clock: SimulatedClock
    ) -> None:
        alone = shown(page, "ticket", ticket.shown_reference)
        assert "Nobody else is there now." in alone
        clock.passes(timedelta(minutes=1))
        waits = talked.says(site, 2, "The lift is broken.", at=clock.now, by="cem", thread=2)
        mine = talked.says(site, 3, "Where do I park?", at=clock.now, by="bo", thread=3)
        ticket_take(actor=noor, ticket_id=mine.pk, now=clock.now)
        talked.answers(mine, noor, now=clock.now)
        deliver_due()
        theirs = talked.says(site, 4, "And my bin?", at=clock.now, by="els", thread=4)
        lotte = desk.user("lotte", teams=[desk.team("front")])
        ticket_take(actor=lotte, ticket_id=theirs.pk, now=clock.now)
        text = shown(page, "ticket_beside", ticket.shown_reference)
        found = [text.find(each.shown_reference) for each in (waits, mine)]
        assert 0 < found[0] < found[1], "who waits comes before who was answered"
        assert theirs.shown_reference not in text
        assert f'href="/t/{ticket.shown_reference}/"' not in text, "that is the page itself"
        assert text in shown(page, "ticket", ticket.shown_reference)

    def test_where_callers_can_be_there_its_line_stands_before_the_first_comes(
        self, page: Client, ticket: Ticket, clock: SimulatedClock
    ) -> None:
        clock.passes(timedelta(hours=2))
        text = shown(page, "ticket", ticket.shown_reference)
        assert "data-live-talk" not in text
        assert "Nobody else is there now." in text
        assert "/beside/" in text
        assert '/beside/" hidden' not in text

    def test_where_nobody_can_be_there_nothing_is_said_of_it(self, page: Client, ticket: Ticket) -> None:
        ChannelAccount.objects.update(capabilities={})
        text = shown(page, "ticket", ticket.shown_reference)
        assert "data-live-others" not in text
        assert "data-live-now" not in shown(page, "live")

    def test_it_is_of_a_ticket_that_one_may_see(self, page: Client, ticket: Ticket) -> None:
        Ticket.objects.update(team=desk.team("integrity", private=True))
        assert page.get(reverse("ticket_beside", args=[ticket.shown_reference])).status_code == 404

    def test_who_gave_no_name_is_the_caller(self, page: Client, ticket: Ticket) -> None:
        Identity.objects.update(name="", handle="")
        Contact.objects.update(name="")
        assert "The caller is writing" in shown(page, "ticket", ticket.shown_reference)
        assert "The caller is written to in" in shown(page, "ticket_labels", ticket.shown_reference)


class TestTyping:
    @pytest.fixture
    def told(self, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        tell = [lambda place, name: found.append((place.thread_key, name))]
        monkeypatch.setattr(live_typing, "TYPES", tell)
        return found

    def test_it_is_told_by_first_name_and_kept_nowhere(
        self, page: Client, noor: User, ticket: Ticket, told: list[tuple[str, str]]
    ) -> None:
        User.objects.filter(pk=noor.pk).update(display_name="Noor Bakker")
        version = ticket.version
        assert page.post(reverse("ticket_typing", args=[ticket.shown_reference])).status_code == 204
        assert told == [(Conversation.objects.get(ticket=ticket).thread_key, "Noor")]
        ticket.refresh_from_db()
        assert ticket.version == version
        assert f'data-typing="/t/{ticket.shown_reference}/typing/"' in shown(
            page, "ticket", ticket.shown_reference
        )

    def test_nobody_is_told_where_nobody_can_be_there(
        self, page: Client, ticket: Ticket, told: list[tuple[str, str]]
    ) -> None:
        ChannelAccount.objects.update(capabilities={})
        page.post(reverse("ticket_typing", args=[ticket.shown_reference]))
        assert told == []
