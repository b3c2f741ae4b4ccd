"""The caller's page through the real URL: what it shows, what it takes in, and to whom it says nothing."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import RequestCount
from channels_social import views_page
from channels_social.delivery import deliver
from channels_social.inbox import events_process
from channels_social.models import EventState, InboundEvent
from tests.channels_social import outbox
from tests.channels_social.callers import WORDS, letter, path_of
from tickets.clock import database_now
from tickets.models import (
    ChannelAccount,
    Contact,
    Conversation,
    Identity,
    LinkWay,
    Message,
    OutboundReply,
    Promise,
    StatusLink,
    Ticket,
    TicketEvent,
)
from tickets.services.status_links import status_link_revoke

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scripted")]


@pytest.fixture
def account() -> ChannelAccount:
    return outbox.account(manner="letter")


@pytest.fixture
def told(account: ChannelAccount) -> Conversation:
    """A letter that was acknowledged, with a date."""
    place = letter(account)
    deliver(account.pk)
    assert Promise.objects.count() == 1
    return place


def read(account: ChannelAccount) -> None:
    events_process(account.pk)


def key_in(html: str) -> str:
    found = re.search(r'name="key" value="([0-9a-f]{32})"', html)
    assert found is not None
    return found[1]


def shown(path: str, client: Client | None = None) -> str:
    answer = (client or Client()).get(path)
    assert answer.status_code == 200
    return answer.content.decode()


class TestWhatItShows:
    def test_the_date_large_its_history_and_what_was_said(self, told: Conversation) -> None:
        html = shown(path_of(told))
        ticket = Ticket.objects.get()
        assert ticket.shown_reference in html
        assert "We aim to have it solved by" in html
        assert WORDS in html
        assert "when we heard from you" in html
        assert "Automatic, " in html
        assert "you’ll hear from us by then" in html

    def test_it_needs_no_cookie_and_no_script(self, told: Conversation) -> None:
        answer = Client().get(path_of(told))
        assert not answer.cookies
        assert "<script" not in answer.content.decode()

    def test_its_headers_keep_it_to_its_reader(self, told: Conversation) -> None:
        answer = Client().get(path_of(told))
        assert "no-store" in answer["Cache-Control"]
        assert "noindex" in answer["X-Robots-Tag"]
        assert answer["Referrer-Policy"] == "no-referrer"
        assert '<meta name="robots" content="noindex' in answer.content.decode()
        assert "script-src 'self'" in answer["Content-Security-Policy"]

    def test_the_token_stands_nowhere_on_it(self, told: Conversation) -> None:
        """Of what was stored: the acknowledgement has a stand-in, and its forms go to the page itself."""
        path = path_of(told)
        assert path.split("/")[2] not in shown(path)

    def test_in_dutch_by_its_switch(self, told: Conversation) -> None:
        answer = Client().get(f"{path_of(told)}?in=nl")
        assert answer["Content-Language"] == "nl"
        assert '<html lang="nl">' in answer.content.decode()
        assert Client().get(path_of(told))["Content-Language"] == "en"

    def test_nothing_of_staff_or_of_notes(self, account: ChannelAccount, told: Conversation) -> None:
        agent = outbox.agent()
        Message.objects.create(
            account=account, conversation=told, ticket=told.ticket, external_id="note:1", direction="internal",
            visibility="private", kind="note", author=agent, body="She calls every week",
            sent_at=database_now(), received_at=database_now(),
        )  # fmt: skip
        outbox.answered(Ticket.objects.get(), "A fitter is on the way.")
        deliver(account.pk)
        html = shown(path_of(told))
        assert "A fitter is on the way." in html
        assert "We, " in html
        # A reference is drawn by chance, and may hold the name of a priority.
        read = re.sub(r"(href|src)=\"[^\"]*\"", "", html).replace(Ticket.objects.get().shown_reference, "")
        for secret in ("every week", agent.username, str(agent), "P2", "ticket", "at-risk", "breached"):
            assert secret not in read, secret

    def test_nothing_of_another_conversation_on_the_same_ticket(
        self, account: ChannelAccount, told: Conversation
    ) -> None:
        other = letter(account, 2, "My private number is 06-1234", by="bram")
        Message.objects.filter(conversation=other).update(ticket=told.ticket)
        Conversation.objects.filter(pk=other.pk).update(ticket=told.ticket)
        assert "06-1234" not in shown(path_of(told))

    def test_a_link_given_in_public_shows_nothing_that_was_said_in_private(self, told: Conversation) -> None:
        path = path_of(told)
        StatusLink.objects.update(in_private=False)
        html = shown(path)
        assert WORDS not in html
        assert "Automatic" not in html
        assert "We aim to have it solved by" in html

    def test_words_that_were_taken_out_are_gone_here_too(self, told: Conversation) -> None:
        Message.objects.filter(direction="in").update(
            body="", removed_at=database_now(), removed_rule="redacted:asked"
        )
        html = shown(path_of(told))
        assert WORDS not in html
        assert "These words were taken out." in html

    def test_hostile_words_are_words(self, account: ChannelAccount) -> None:
        place = letter(
            account, 5, "<script>alert(1)</script><img src=x onerror=alert(1)> help, the lights are out?"
        )
        html = shown(path_of(place))
        assert "<script" not in html
        assert "&lt;script&gt;" in html

    def test_the_number_of_queries_does_not_depend_on_what_was_said(
        self, account: ChannelAccount, told: Conversation
    ) -> None:
        path = path_of(told)
        shown(path)
        with CaptureQueriesContext(
            connection,
        ) as few:
            shown(path)
        for number in range(10, 30):
            Message.objects.create(
                account=account, conversation=told, ticket=told.ticket, external_id=f"m{number}", direction="in",
                visibility="private", body="more", sent_at=database_now(), received_at=database_now(),
            )  # fmt: skip
        with CaptureQueriesContext(connection) as many:
            shown(path)
        assert len(many) == len(few)


class TestAnUnprovenAddress:
    CLAIM = "letters\n\nanouk@home.example"

    def place(self, account: ChannelAccount) -> Conversation:
        place = letter(account, 3, by="form", claims=self.CLAIM)
        Identity.objects.filter(pk=place.identity_id).update(claims=self.CLAIM)
        return place

    def test_its_link_shows_nothing_of_what_was_typed(self, account: ChannelAccount) -> None:
        place = self.place(account)
        html = shown(path_of(place))
        assert WORDS not in html
        assert "isn’t shown here" in html
        assert WORDS in shown(path_of(place, LinkWay.SCREEN)), "whoever typed it sees it"

    def test_once_its_owner_has_spoken_it_does(self, account: ChannelAccount) -> None:
        place = self.place(account)
        Identity.objects.filter(pk=place.identity_id).update(claims="")
        assert WORDS in shown(path_of(place))

    def test_it_shows_no_date_that_somebody_else_was_told(
        self, account: ChannelAccount, told: Conversation
    ) -> None:
        """An agent has put what was typed on the ticket of that address's owner."""
        place = self.place(account)
        Message.objects.filter(conversation=place).update(ticket=told.ticket)
        Conversation.objects.filter(pk=place.pk).update(ticket=told.ticket)
        place.refresh_from_db()
        for way in LinkWay:
            assert "The dates we gave you" not in shown(path_of(place, way))
        assert "The dates we gave you" in shown(path_of(told))


class TestLinksThatLeadNowhere:
    def answers(self, path: str, method: str = "get", **data: str) -> tuple[Any, ...]:
        client = Client()
        getattr(client, method)(path, data)  # what is read once in a process
        with CaptureQueriesContext(connection) as asked:
            answer = getattr(client, method)(path, data)
        headers = {name: value for name, value in answer.items() if name != "Content-Length"}
        statements = [re.sub(r"'[^']*'|\\\\x[0-9a-f]+|\d+", "?", each["sql"]) for each in asked]
        return answer.status_code, headers, answer.content, statements

    @pytest.mark.parametrize(("method", "data"), [("get", {}), ("post", {"add": "help", "key": "k" * 16}),
                                                  ("post", {"solved": "yes"}), ("get", {"in": "nl"})])  # fmt: skip
    def test_all_are_answered_alike(
        self, account: ChannelAccount, told: Conversation, method: str, data: dict[str, str]
    ) -> None:
        revoked, expired, moved = (
            path_of(told),
            path_of(letter(account, 7, by="bram")),
            path_of(letter(account, 8, by="cleo")),
        )
        link = StatusLink.objects.get(ticket=told.ticket)
        status_link_revoke(
            actor=outbox.agent(), ticket_id=link.ticket_id, link_id=link.pk, now=database_now()
        )
        long_ago = database_now() - timedelta(days=400)
        Ticket.objects.filter(caller__name="Bram").update(
            status="closed", resolved_at=long_ago, closed_at=long_ago
        )
        Conversation.objects.filter(identity__handle="cleo").update(part="participant")

        wrong = self.answers(f"/s/{'a' * 32}/", method, **data)
        assert wrong[0] == 404
        assert wrong[1]["Cache-Control"]
        for path in (revoked, expired, moved, "/s/x/", f"/s/{'é' * 50}/"):
            assert self.answers(path, method, **data) == wrong, path

    def test_what_was_typed_is_still_there(self) -> None:
        answer = Client().post(f"/s/{'a' * 32}/", {"add": "It is <b>dark</b>", "key": "k" * 16})
        assert answer.status_code == 404
        assert "It is &lt;b&gt;dark&lt;/b&gt;" in answer.content.decode()


class TestAdding:
    def test_it_is_stored_before_anybody_is_told_and_shown_at_once(
        self, account: ChannelAccount, told: Conversation
    ) -> None:
        path = path_of(told)
        client = Client()
        answer = client.post(path, {"add": "Still dark.", "key": key_in(shown(path))})
        assert (answer.status_code, answer["Location"]) == (303, f"{path}?in=en&done=added")
        event = InboundEvent.objects.get()
        assert (event.state, event.source) == (EventState.PENDING, "page")
        html = shown(answer["Location"])
        assert "Thank you. We have it" in html
        assert html.count("Still dark.") == 1
        assert "You, just now" in html

        read(account)
        html = shown(path)
        assert html.count("Still dark.") == 1
        assert "just now" not in html
        message = Message.objects.get(body="Still dark.")
        assert (message.conversation_id, message.ticket_id, message.identity_id, message.direction) == (
            told.pk, told.ticket_id, told.identity_id, "in",
        )  # fmt: skip
        told.refresh_from_db()
        assert told.reply_to == "m1", "nothing of ours can hang below what the network does not know"

    def test_a_double_click_is_once_and_other_words_are_another(
        self, account: ChannelAccount, told: Conversation
    ) -> None:
        path = path_of(told)
        key = key_in(shown(path))
        for text in ("Still dark.", "Still dark.", "Still dark, and raining."):
            Client().post(path, {"add": text, "key": key})
        read(account)
        Client().post(path, {"add": "Still dark.", "key": key})
        read(account)
        assert list(Message.objects.filter(body__startswith="Still").order_by("pk").values_list("body", flat=True)) == [
            "Still dark.", "Still dark, and raining.",
        ]  # fmt: skip

    def test_it_wakes_what_was_over(self, account: ChannelAccount, told: Conversation) -> None:
        path = path_of(told)
        Ticket.objects.update(status="resolved", resolved_at=database_now(), resolved_how="answer")
        Client().post(path, {"add": "The lights are out again, can you help?", "key": "k" * 16})
        read(account)
        assert Ticket.objects.get().status == "open"

    @pytest.mark.parametrize(("text", "key", "words"), [
        ("  ", "k" * 16, "Write a few words first."),
        ("x" * 10_001, "k" * 16, "That is too long"),
        ("Still dark.", "", "The form is incomplete"),
    ])  # fmt: skip
    def test_what_cannot_be_taken_is_said_and_kept(
        self, told: Conversation, text: str, key: str, words: str
    ) -> None:
        answer = Client().post(path_of(told), {"add": text, "key": key})
        assert answer.status_code == 422
        assert words in answer.content.decode()
        assert f">{text}</textarea>" in answer.content.decode()
        assert not InboundEvent.objects.exists()

    def test_an_account_that_reads_nothing_offers_no_form(
        self, account: ChannelAccount, told: Conversation
    ) -> None:
        ChannelAccount.objects.update(mode="off")
        path = path_of(told)
        assert 'name="add"' not in shown(path)
        answer = Client().post(path, {"add": "Still dark.", "key": "k" * 16})
        assert answer.status_code == 422
        assert "Nothing can be sent from this page now" in answer.content.decode()
        assert "Still dark." in answer.content.decode()

    def test_what_was_taken_is_read_even_where_the_account_was_closed_since(
        self, account: ChannelAccount, told: Conversation
    ) -> None:
        Client().post(path_of(told), {"add": "Still dark.", "key": "k" * 16})
        ChannelAccount.objects.update(mode="off")
        read(account)
        assert Message.objects.filter(body="Still dark.", conversation=told).exists()

    def test_a_first_request_made_there_is_acknowledged_below_no_message(
        self, account: ChannelAccount
    ) -> None:
        place = letter(account, 4, "Hm.")
        OutboundReply.objects.all().delete()
        Client().post(path_of(place), {"add": "The traffic lights are out, can you help?", "key": "k" * 16})
        read(account)
        assert not OutboundReply.objects.filter(in_reply_to__startswith="page:").exists()


class TestSolved:
    def test_solved_and_not(self, told: Conversation) -> None:
        path = path_of(told)
        for _ in range(2):
            answer = Client().post(path, {"solved": "yes"})
            assert answer["Location"] == f"{path}?in=en&done=thanks_solved"
        ticket = Ticket.objects.get()
        assert (ticket.status, ticket.resolved_how) == ("resolved", "caller")
        line = TicketEvent.objects.get(kind="resolved")
        assert (line.actor_kind, line.actor_text) == ("caller", str(StatusLink.objects.get().pk))
        assert Promise.objects.get().end == "kept"
        html = shown(answer["Location"])
        assert "You said that it is solved." in html
        assert "Not right yet?" in html

        answer = Client().post(path, {"solved": "no"})
        assert answer["Location"].endswith("done=opened_again")
        ticket.refresh_from_db()
        assert (ticket.status, ticket.resolved_how) == ("open", "")
        assert TicketEvent.objects.get(kind="reopened").args == {"rule": "caller_says"}
        assert OutboundReply.objects.filter(kind="date_changed_notice").count() == 1

    def test_not_yet_of_one_that_is_open_is_noted_once(self, told: Conversation) -> None:
        path, before = path_of(told), Ticket.objects.get().version
        for _ in range(3):
            assert Client().post(path, {"solved": "no"})["Location"].endswith("done=noted")
        assert TicketEvent.objects.filter(kind="caller_not_solved").count() == 1
        ticket = Ticket.objects.get()
        assert (ticket.version, ticket.is_open) == (before + 1, True)

    def test_too_old_to_be_opened_again(self, told: Conversation) -> None:
        path = path_of(told)
        long_ago = database_now() - timedelta(days=30)
        Ticket.objects.update(
            status="closed", resolved_at=long_ago, closed_at=long_ago, resolved_how="answer"
        )
        html = shown(path)
        assert 'name="solved"' not in html
        assert "begins a new report" in html
        answer = Client().post(path, {"solved": "no"})
        assert answer.status_code == 422
        assert "too long ago" in answer.content.decode()

    def test_what_waits_for_triage_has_nothing_to_be_solved(self, account: ChannelAccount) -> None:
        place = letter(account, 4, "Hm.")
        Ticket.objects.update(triage="pending")
        path = path_of(place)
        assert 'name="solved"' not in shown(path)
        assert Client().post(path, {"solved": "yes"}).status_code == 422
        assert Ticket.objects.get().is_open


class TestHowOften:
    @pytest.fixture(autouse=True)
    def few(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(views_page, "READ_OF_LINK", 3)
        monkeypatch.setattr(views_page, "SAID_OF_LINK", 2)

    def test_a_link_is_read_so_often_and_no_more(self, told: Conversation) -> None:
        path = path_of(told)
        assert [Client().get(path).status_code for _ in range(4)] == [200, 200, 200, 429]
        answer = Client().get(path)
        assert 0 < int(answer["Retry-After"]) <= 60
        assert "Too often in a short time" in answer.content.decode()

    def test_one_that_leads_nowhere_likewise(self) -> None:
        path = f"/s/{'b' * 32}/"
        assert [Client().get(path).status_code for _ in range(4)] == [404, 404, 404, 429]

    def test_what_was_written_too_often_is_not_lost(
        self, account: ChannelAccount, told: Conversation
    ) -> None:
        path = path_of(told)
        for number in range(3):
            answer = Client().post(path, {"add": f"Word {number}", "key": "k" * 16})
        assert answer.status_code == 429
        html = answer.content.decode()
        assert "Word 2</textarea>" in html
        assert f'name="key" value="{"k" * 16}"' in html
        RequestCount.objects.all().delete()
        assert Client().post(path, {"add": "Word 2", "key": "k" * 16}).status_code == 303

    def test_by_address(self, told: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(views_page, "READ_OF_ADDRESS", 2)
        paths = [f"/s/{letter * 32}/" for letter in "abc"]
        assert [Client().get(path).status_code for path in paths] == [404, 404, 429]
        assert Client(REMOTE_ADDR="192.0.2.7").get(path_of(told)).status_code == 200

    def test_made_up_links_fill_no_table(self) -> None:
        for number in range(20):
            Client(REMOTE_ADDR=f"192.0.2.{number}").get(f"/s/{number}/")
        assert all(len(row.key) == len("public:") + 4 for row in RequestCount.objects.all())


def test_the_link_follows_its_words_to_another_ticket(account: ChannelAccount, told: Conversation) -> None:
    path = path_of(told)
    other = letter(account, 2, "A pothole in the Kade, can you mend it?", by="bram")
    Message.objects.filter(conversation=told).update(ticket=other.ticket)
    Conversation.objects.filter(pk=told.pk).update(ticket=other.ticket)
    assert other.ticket is not None
    assert other.ticket.shown_reference in shown(path)


def test_its_contact_and_the_rest_of_the_desk_stay_closed(told: Conversation) -> None:
    """A link opens its page and nothing else."""
    client = Client()
    client.get(path_of(told))
    assert client.get("/").status_code == 302
    assert Contact.objects.count() == 1
    assert isinstance(database_now(), datetime)
