"""Two who write to one caller: the second is shown what came before anything of theirs goes, and loses no word."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests import desk
from tests.channels_social import outbox
from tests.tickets.joined import join, undo
from tests.tickets.pressed import later, resolve, said_again, write
from tests.tickets.said import acknowledge, hear
from tickets.clock import database_now
from tickets.models import Message, OutboundReply, Ticket, TicketJoin
from tickets.selectors_came import Seen, came_since, seen_named
from tickets.selectors_ticket import ticket_page, token_of
from tickets.services.errors import Changed
from tickets.services.undo import reply_undo

pytestmark = pytest.mark.django_db

DAAN = "Daan is on the way with a new card."
NOOR = "Noor sends somebody, too."


def daan() -> User:
    return User.objects.filter(username="daan").first() or desk.user("daan", teams=[desk.team()])


def shown_to(user: User, ticket: Ticket) -> Seen:
    """What a page that is opened now has before its reader."""
    page = ticket_page(user, ticket.reference, now=database_now())
    assert page is not None
    return seen_named(ticket, page.seen)


@pytest.mark.usefixtures("scripted")
class TestService:
    @pytest.fixture
    def ticket(self) -> Ticket:
        return outbox.ticket(outbox.account())

    @pytest.mark.parametrize("act", [write, resolve, later])
    def test_an_answer_that_was_not_seen_is_read_first(
        self, ticket: Ticket, sanne: User, act: Callable[..., OutboundReply]
    ) -> None:
        if act is later:
            acknowledged = outbox.queued(ticket)
            acknowledge(ticket)
            assert OutboundReply.objects.get(pk=acknowledged.pk).state == "sent"
        before = shown_to(sanne, ticket)
        theirs = write(ticket, daan(), DAAN, client_key="form-of-daan")
        more = (
            {"actor": sanne, "reason": "own_words", "own_words": "The part is late."} if act is later else {}
        )
        args = () if act is later else (sanne,)
        with pytest.raises(Changed) as caught:
            act(ticket, *args, seen_reply_id=before.reply_id, **more)
        assert caught.value.what == "answered"
        assert "Daan" in caught.value.words
        assert OutboundReply.objects.filter(author=sanne).count() == 0
        assert act(ticket, *args, seen_reply_id=shown_to(sanne, ticket).reply_id, **more).pk > theirs.pk

    def test_ones_own_and_one_that_was_taken_back_stand_in_nobody_s_way(
        self, ticket: Ticket, sanne: User
    ) -> None:
        before = shown_to(sanne, ticket)
        assert before.reply_id == 0
        write(ticket, sanne, client_key="form-0000")
        theirs = write(ticket, daan(), DAAN, client_key="form-of-daan")
        OutboundReply.objects.filter(pk=theirs.pk).update(undo_until=database_now() + timedelta(seconds=9))
        reply_undo(actor=daan(), reply_id=theirs.pk, now=database_now())
        assert write(ticket, sanne, NOOR, seen_reply_id=before.reply_id).text == NOOR

    def test_what_was_said_at_the_network_itself_is_an_answer_too(self, ticket: Ticket, sanne: User) -> None:
        before = shown_to(sanne, ticket)
        first = Message.objects.get(ticket=ticket)
        Message.objects.create(
            account=first.account, conversation=first.conversation, ticket=ticket, external_id="by-hand",
            version_id="1", direction="out", visibility="public", body=DAAN,
            sent_at=database_now(), received_at=database_now(),
        )  # fmt: skip
        with pytest.raises(Changed) as caught:
            write(ticket, sanne, seen_message_id=before.message_id, seen_reply_id=before.reply_id)
        assert caught.value.what == "answered"
        now = shown_to(sanne, ticket)
        assert write(ticket, sanne, seen_message_id=now.message_id, seen_reply_id=now.reply_id).pk

    def test_what_the_desk_says_by_itself_is_no_answer(self, ticket: Ticket, sanne: User) -> None:
        before = shown_to(sanne, ticket)
        outbox.queued(ticket)
        assert write(ticket, sanne, seen_message_id=before.message_id, seen_reply_id=before.reply_id).pk

    def test_the_same_form_again_is_the_same_answer(self, ticket: Ticket, sanne: User) -> None:
        before = shown_to(sanne, ticket)
        mine = write(ticket, sanne, seen_reply_id=before.reply_id)
        write(ticket, daan(), DAAN, client_key="form-of-daan", seen_reply_id=mine.pk)
        assert write(ticket, sanne, seen_reply_id=before.reply_id) == mine

    def test_what_came_is_listed_oldest_first_without_ones_own(self, ticket: Ticket, sanne: User) -> None:
        before = shown_to(sanne, ticket)
        write(ticket, sanne, client_key="form-0000")
        write(ticket, daan(), DAAN, client_key="form-of-daan")
        said_again(ticket)
        found = came_since(sanne, ticket, before)
        assert [(each.kind, each.name, each.words) for each in found] == [
            ("answer", "Daan", DAAN),
            ("caller", "", "And another thing"),
        ]
        assert came_since(sanne, ticket, shown_to(sanne, ticket)) == []


@pytest.mark.parametrize("text", ["", "abc", "abc.", ".abc", "a.b.c", "." * 200, "\0.\0"])
def test_a_mark_that_says_nothing_is_read_with_care(text: str) -> None:
    """Without a dot it is a form of before; a reply that is not there is none that was seen."""
    desk.seeded()
    found = seen_named(hear(desk.account(), 1), text)
    assert found.message_id is None
    assert found.reply_id == (0 if "." in text else None)
    assert found.join_id == (0 if text.count(".") > 1 else None)


class TestPage:
    @pytest.fixture
    def ticket(self) -> Ticket:
        desk.seeded()
        found = hear(desk.account(), 1)
        acknowledge(found)
        return found

    @pytest.fixture
    def page(self, client: Client, ticket: Ticket) -> Client:
        client.force_login(desk.user("noor", teams=[desk.team("front")]))
        return client

    def open(self, page: Client, ticket: Ticket, **asked: str) -> str:
        return page.get(reverse("ticket", args=[ticket.shown_reference]), asked).content.decode()

    def send(self, page: Client, ticket: Ticket, shown: str, **more: str) -> HttpResponse:
        form = {
            "text": NOOR,
            "then": "",
            "to": token_of(ticket.conversations.earliest("pk")),
            "client_key": str(uuid.uuid4()),
            "seen": self.seen(shown),
            **more,
        }
        return page.post(reverse("ticket_answer", args=[ticket.shown_reference]), form)  # type: ignore[return-value]

    def seen(self, shown: str) -> str:
        mark: str
        (mark,) = re.findall(r'form class="composer.*?name="seen" value="([^"]*)"', shown, re.S)
        return mark

    def of_daan(self, ticket: Ticket) -> OutboundReply:
        return write(ticket, daan(), DAAN, client_key=str(uuid.uuid4()), tell_date=False)

    def test_the_second_is_refused_and_shown_what_came_and_sends_anyway(
        self, page: Client, ticket: Ticket
    ) -> None:
        before = self.open(page, ticket)
        self.of_daan(ticket)
        refused = self.send(page, ticket, before)
        assert refused.status_code == 409
        shown = refused.content.decode()
        notice = shown[shown.index('id="came"') :].split("</div>")[0]
        assert re.search(r"Daan answered \d+ s ago. Send anyway\?", notice)
        assert DAAN in notice
        assert re.search(r'<button[^>]*form="answer-form"[^>]*name="anyway"', notice)
        assert f">{NOOR}</textarea>" in shown, "no word is lost"
        assert not OutboundReply.objects.filter(text=NOOR).exists()
        (anyway,) = re.findall(r'name="anyway" value="([^"]+)"', notice)
        assert self.send(page, ticket, before, anyway=anyway).status_code == 302
        assert OutboundReply.objects.get(text=NOOR).state == "queued"

    def test_once_it_was_shown_it_may_be_sent_as_any_other(self, page: Client, ticket: Ticket) -> None:
        before = self.open(page, ticket)
        self.of_daan(ticket)
        refused = self.send(page, ticket, before).content.decode()
        assert self.send(page, ticket, refused).status_code == 302

    def test_what_came_after_the_choice_was_offered_is_shown_too(self, page: Client, ticket: Ticket) -> None:
        before = self.open(page, ticket)
        self.of_daan(ticket)
        refused = self.send(page, ticket, before).content.decode()
        said_again(ticket)
        again = self.send(page, ticket, refused)
        assert again.status_code == 409
        shown = again.content.decode()
        assert re.search(r"Anouk has said more, \d+ s ago. Send anyway\?", shown)
        assert "And another thing" in shown[shown.index('id="came"') :].split("</div>")[0]

    def test_of_several_the_number_is_said(self, page: Client, ticket: Ticket) -> None:
        before = self.open(page, ticket)
        self.of_daan(ticket)
        said_again(ticket)
        shown = self.send(page, ticket, before).content.decode()
        assert "2 messages came while you wrote. Send anyway?" in shown

    def joined(self, page: Client, ticket: Ticket) -> tuple[str, TicketJoin]:
        """The page as it was before; what came with it was said before its newest words."""
        other = hear(desk.account("2222"), 2, "@desk my card is still in the ticket machine")
        said_again(ticket)
        before = self.open(page, ticket)
        row = join(daan(), ticket, other, database_now())
        assert row.into == ticket
        assert Message.objects.filter(ticket=ticket).latest("pk").body == "And another thing"
        return before, row

    def test_words_that_a_joining_brought_are_shown_first(self, page: Client, ticket: Ticket) -> None:
        before, _row = self.joined(page, ticket)
        assert "my card is still in" in self.came(self.open(page, ticket, came=self.seen(before)))
        refused = self.send(page, ticket, before)
        assert refused.status_code == 409
        shown = refused.content.decode()
        assert "my card is still in the ticket machine" in self.came(shown)
        assert not OutboundReply.objects.filter(text=NOOR).exists()
        assert 'id="came"' not in self.open(page, ticket, came=self.seen(shown))
        assert self.send(page, ticket, shown).status_code == 302

    def test_what_was_parted_again_stands_in_nobody_s_way(self, page: Client, ticket: Ticket) -> None:
        before, row = self.joined(page, ticket)
        undo(daan(), row, database_now())
        assert self.send(page, ticket, before).status_code == 302

    def test_a_page_that_does_not_reach_back_to_a_joining_says_nothing_of_it(
        self, page: Client, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.joined(page, ticket)
        assert seen_named(ticket, self.seen(self.open(page, ticket))).join_id == TicketJoin.objects.get().pk
        monkeypatch.setattr("tickets.selectors_ticket.events_on", lambda _ticket: [])
        monkeypatch.setattr("tickets.selectors_ticket.MOST_SHOWN", 0)
        assert seen_named(ticket, self.seen(self.open(page, ticket))).join_id is None

    def came(self, shown: str) -> str:
        return shown[shown.index('id="came"') :].split("</div>")[0]

    def test_a_note_goes_all_the_same(self, page: Client, ticket: Ticket) -> None:
        before = self.open(page, ticket)
        self.of_daan(ticket)
        assert self.send(page, ticket, before, then="note").status_code == 302

    def test_a_page_is_asked_what_came_while_one_writes_on_another(
        self, page: Client, ticket: Ticket
    ) -> None:
        before = self.open(page, ticket)
        assert 'id="came"' not in before
        self.of_daan(ticket)
        shown = self.open(page, ticket, came=self.seen(before))
        assert "Daan has answered. Send anyway?" in shown
        assert 'id="came"' not in self.open(page, ticket, came=self.seen(shown))

    def test_the_form_for_resolving_shows_it_too(self, page: Client, ticket: Ticket) -> None:
        before = self.open(page, ticket)
        self.of_daan(ticket)
        form = {"how": "line", "what": "A new card went out.", "to": token_of(ticket.conversations.get())}
        where = reverse("ticket_resolve", args=[ticket.shown_reference])
        refused = page.post(where, {**form, "client_key": str(uuid.uuid4()), "seen": self.seen(before)})
        assert refused.status_code == 409
        shown = refused.content.decode()
        assert "Daan has answered in the meantime" in shown
        assert "A new card went out." in shown
