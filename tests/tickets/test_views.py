"""The pages as people meet them: what they say, and what pressing a button does."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from django.db import OperationalError, transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests import desk
from tests.tickets.said import VENTING, acknowledge, hear, utterance
from tickets.clock import database_now
from tickets.contract import MessageRemoved
from tickets.models import ChannelMode, OutboundReply, ReplyState, Status, Ticket, Triage
from tickets.selectors_ticket import token_of
from tickets.services.intake import messages_receive

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


@pytest.fixture
def noor() -> User:
    return desk.user("noor", teams=[desk.team("front")])


@pytest.fixture
def page(client: Client, noor: User) -> Client:
    client.force_login(noor)
    return client


def address(ticket: Ticket, name: str = "ticket") -> str:
    return reverse(name, args=[ticket.shown_reference])


def words_of(answer: HttpResponseBase) -> str:
    """The page's words in one line, without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", getattr(answer, "content", b"").decode()))


def form(page: Client, ticket: Ticket, text: str, **changes: str) -> dict[str, str]:
    """The composer's fields as the page made them, with the words filled in."""
    made = dict(
        re.findall(r'name="(client_key|to|seen)" value="([^"]*)"', page.get(address(ticket)).content.decode())
    )
    return {**made, "text": text, **changes}


# -- reading ----------------------------------------------------------------------------------------------


def test_the_queue_shows_words_caller_date_and_reference(page: Client) -> None:
    ticket = hear(desk.account(), 1)
    acknowledge(ticket)
    shown = words_of(page.get("/"))
    for part in ("swallowed my card", "Anouk", "@anouk", ticket.shown_reference, "told", "on track", "P3"):
        assert part in shown


def test_an_empty_queue_says_what_is_true(page: Client) -> None:
    assert "Nothing is open here" in words_of(page.get("/"))
    assert "Everything has been read and decided" in words_of(page.get("/?show=triage"))
    assert "No message is held back" in words_of(page.get("/?show=held"))


@pytest.mark.parametrize(
    "query", ["?show=nonsense", "?after=nonsense", "?team=nonsense", "?team=" + "a" * 500, "?after=%00"]
)
def test_odd_addresses_break_nothing(page: Client, query: str) -> None:
    assert page.get(f"/{query}").status_code == 200


@pytest.mark.parametrize("typed", ["k7qm4t2x", "0000-0000", "%20", "x" * 300])
def test_a_number_that_is_none_is_not_found(page: Client, typed: str) -> None:
    answer = page.get(f"/t/{typed}/")
    assert answer.status_code == 404
    assert "There is nothing here for you" in words_of(answer)


def test_a_number_may_be_typed_in_small_letters_and_without_its_hyphen(page: Client) -> None:
    ticket = hear(desk.account(), 1)
    assert page.get(f"/t/{ticket.reference.lower()}/").status_code == 200


def test_the_ticket_says_what_became_of_each_message(page: Client) -> None:
    ticket = hear(desk.account(), 1)
    reply = OutboundReply.objects.get(ticket=ticket)
    assert "to be sent" in words_of(page.get(address(ticket)))
    reply.state, reply.send_started_at, reply.error_words = (
        ReplyState.UNKNOWN,
        database_now(),
        "read timed out",
    )
    reply.save()
    shown = words_of(page.get(address(ticket)))
    assert "Not certain whether it was sent" in shown
    assert "It did go out" in shown
    assert "read timed out" in shown
    reply.state, reply.held_reason, reply.held_by = ReplyState.HELD, "contact_cap_day", "desk"
    reply.save()
    assert "as many automatic messages as we allow in a day" in words_of(page.get(address(ticket)))
    reply.held_reason, reply.held_by = "not_summoned", "network"
    reply.save()
    held = words_of(page.get(address(ticket)))
    assert "Held by a rule of X" in held
    assert "not_summoned" not in held
    reply.state, reply.error_code, reply.error_words = ReplyState.FAILED, "forbidden", "You are not permitted"
    reply.save()
    assert "You are not permitted" in words_of(page.get(address(ticket)))
    reply.state, reply.held_reason = ReplyState.SUPERSEDED, "answered_first"
    reply.save()
    assert "a person answered first" in words_of(page.get(address(ticket)))


def test_what_was_sent_has_a_link_and_its_promise(page: Client) -> None:
    ticket = hear(desk.account(), 1)
    reply = acknowledge(ticket)
    answer = page.get(address(ticket))
    assert f"https://network.example/desk/{reply.pk}" in answer.content.decode()
    shown = words_of(answer)
    assert "solved by" in shown
    assert "in the acknowledgement" in shown
    assert "Why P3?" in shown
    assert "swallowed" in shown


def test_what_its_author_removed_is_gone_here_too(page: Client) -> None:
    account = desk.account()
    ticket = hear(account, 1)
    acknowledge(ticket)
    now = database_now()
    with transaction.atomic():
        messages_receive(account, [MessageRemoved("1", now)], now=now)
    shown = words_of(page.get(address(ticket)))
    assert "removed by its author" in shown
    assert "swallowed my card" not in shown


def test_a_callers_words_are_never_markup(page: Client) -> None:
    ticket = hear(
        desk.account(),
        1,
        '<script>alert(1)</script> "><img src=x onerror=alert(1)> {{ 7|add:7 }} my card is lost?',
    )
    for where in ("/", "/?show=triage", address(ticket)):
        shown = page.get(where).content.decode()
        assert "<script>alert" not in shown
        assert "<img" not in shown


def test_no_primary_key_stands_in_a_page(page: Client) -> None:
    ticket = hear(desk.account(), 1)
    shown = page.get(address(ticket)).content.decode()
    for row in (OutboundReply.objects.get(ticket=ticket), ticket.conversations.get()):
        assert f'value="{row.pk}"' not in shown
        assert f"/{row.pk}/" not in shown


# -- the browser's protection -----------------------------------------------------------------------------


def test_pages_need_no_inline_script_or_style(page: Client) -> None:
    ticket = hear(desk.account(), 1)
    acknowledge(ticket)
    for where in ("/", address(ticket), "/sign-in/", "/t/0000-0000/"):
        answer = page.get(where, follow=True)
        shown = answer.content.decode()
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=\"|<script(?![^>]*\ssrc=)", shown), where
        assert not re.search(r'(?:src|href)="(?:https?:)?//(?!network\.example)', shown), where
        policy = answer["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy


def test_pages_are_kept_by_nobody(page: Client) -> None:
    assert "no-store" in page.get("/")["Cache-Control"]


def test_database_away_is_503_and_says_when_to_come_back(
    page: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: object, **_kwargs: object) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr("tickets.views.queue.database_now", away)
    answer = page.get("/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "20")
    assert "Nothing is lost" in words_of(answer)


def test_database_away_before_any_view_is_503_too(page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who one is is asked before the view, by a middleware: what that raises takes another way through Django."""

    def away(*_args: object, **_kwargs: object) -> None:
        raise OperationalError("server closed the connection")

    page.raise_request_exception = False
    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", away)
    answer = page.get("/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "20")
    assert "Nothing is lost" in words_of(answer)
    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", lambda _store: 1 / 0)
    assert page.get("/").status_code == 500


# -- triage -----------------------------------------------------------------------------------------------


def test_respond_by_hand_makes_a_date_and_lets_a_person_go_first(page: Client) -> None:
    ticket = hear(desk.account(), 1, VENTING)
    assert "Does this need an answer?" in words_of(page.get(address(ticket)))
    answer = page.post(address(ticket, "ticket_triage"), {"verdict": "respond"}, follow=True)
    shown = words_of(answer)
    assert "It will be answered" in shown
    assert "unless somebody answers first" in shown
    assert "we aim to sort it by" in shown
    ticket.refresh_from_db()
    assert ticket.triage == Triage.RESPOND


def test_no_reply_needed_wants_a_reason_from_the_list(page: Client) -> None:
    ticket = hear(desk.account(), 1, VENTING)
    where = address(ticket, "ticket_triage")
    for reason in ("", "because"):
        page.post(where, {"verdict": "no_reply_needed", "reason": reason})
        ticket.refresh_from_db()
        assert ticket.triage == Triage.PENDING
    page.post(where, {"verdict": "no_reply_needed", "reason": "venting"})
    ticket.refresh_from_db()
    assert (ticket.triage, ticket.status, ticket.triage_reason) == (Triage.NO_REPLY, Status.CLOSED, "venting")
    shown = words_of(page.get(address(ticket)))
    assert "it vents, and asks for nothing" in shown
    assert "Respond after all" in shown


@pytest.mark.parametrize("verdict", ["", "pending", "nonsense"])
def test_another_verdict_changes_nothing(page: Client, verdict: str) -> None:
    ticket = hear(desk.account(), 1, VENTING)
    answer = page.post(address(ticket, "ticket_triage"), {"verdict": verdict}, follow=True)
    assert "Choose respond" in words_of(answer)
    ticket.refresh_from_db()
    assert ticket.triage == Triage.PENDING


def test_who_was_slower_is_told_how_it_stands(page: Client) -> None:
    ticket = hear(desk.account(), 1, VENTING)
    seen = str(ticket.version)
    where = address(ticket, "ticket_triage")
    page.post(where, {"verdict": "respond", "seen_version": seen})
    late = page.post(
        where, {"verdict": "no_reply_needed", "reason": "spam", "seen_version": seen}, follow=True
    )
    assert "A colleague has decided this in the meantime" in words_of(late)
    ticket.refresh_from_db()
    assert ticket.triage == Triage.RESPOND


# -- answering --------------------------------------------------------------------------------------------


def test_an_answer_goes_into_the_outbox_with_the_date(page: Client, noor: User) -> None:
    ticket = hear(desk.account(), 1)
    answer = page.post(address(ticket, "ticket_answer"), form(page, ticket, "A colleague is on the way."))
    assert answer.status_code == 302
    reply = OutboundReply.objects.get(ticket=ticket, kind="answer")
    assert (reply.text, reply.author, reply.state) == ("A colleague is on the way.", noor, ReplyState.QUEUED)
    assert reply.tells_for is not None
    acknowledgement = OutboundReply.objects.get(ticket=ticket, kind="acknowledgement")
    assert (acknowledgement.state, acknowledgement.held_reason) == (ReplyState.SUPERSEDED, "answered_first")
    assert "A colleague is on the way." in words_of(page.get(address(ticket)))


def test_the_same_form_twice_is_one_answer(page: Client) -> None:
    ticket = hear(desk.account(), 1)
    fields = form(page, ticket, "A colleague is on the way.")
    for _ in range(2):
        assert page.post(address(ticket, "ticket_answer"), fields).status_code == 302
    assert OutboundReply.objects.filter(ticket=ticket, kind="answer").count() == 1


def test_refused_words_come_back(page: Client) -> None:
    ticket = hear(desk.account(), 1)
    long = "word " * 3000
    answer = page.post(address(ticket, "ticket_answer"), form(page, ticket, long))
    assert answer.status_code == 422
    assert long.strip()[:500] in answer.content.decode()
    assert "too long" in words_of(answer)
    assert not OutboundReply.objects.filter(ticket=ticket, kind="answer").exists()


def test_somebody_spoke_since_the_words_are_kept_and_the_news_is_shown(page: Client) -> None:
    account = desk.account()
    ticket = hear(account, 1)
    fields = form(page, ticket, "A colleague is on the way.")
    more = utterance(2, "Never mind, the card came out again", by="anouk", thread=1)
    with transaction.atomic():
        messages_receive(account, [more], now=database_now())
    answer = page.post(address(ticket, "ticket_answer"), fields)
    assert answer.status_code == 409
    shown = words_of(answer)
    for part in ("has said more", "the card came out again", "A colleague is on the way."):
        assert part in shown
    assert fields["client_key"] in answer.content.decode()
    assert not OutboundReply.objects.filter(ticket=ticket, kind="answer").exists()


@pytest.mark.parametrize("changes", [{"to": ""}, {"to": "1"}, {"to": "0" * 20}, {"text": "   "}])
def test_a_form_that_is_not_whole_is_refused(page: Client, changes: dict[str, str]) -> None:
    ticket = hear(desk.account(), 1)
    fields = form(page, ticket, "On our way.") | changes
    assert page.post(address(ticket, "ticket_answer"), fields).status_code == 422
    assert not OutboundReply.objects.filter(ticket=ticket, kind="answer").exists()


def test_another_tickets_conversation_cannot_be_answered_from_here(page: Client) -> None:
    account = desk.account()
    ticket, other = hear(account, 1), hear(account, 2, by="bram")
    fields = form(page, ticket, "On our way.", to=token_of(other.conversations.get()))
    assert page.post(address(ticket, "ticket_answer"), fields).status_code == 422
    assert not OutboundReply.objects.filter(kind="answer").exists()


def test_a_key_of_ones_own_making_is_replaced(page: Client) -> None:
    ticket = hear(desk.account(), 1)
    page.post(address(ticket, "ticket_answer"), form(page, ticket, "On our way.", client_key="1"))
    key = OutboundReply.objects.get(kind="answer").dedupe_key.removeprefix("answer:")
    assert uuid.UUID(key).version == 4


def test_the_counter_counts_as_the_network_does_with_what_the_desk_adds(page: Client) -> None:
    ticket = hear(desk.account(), 1)
    fields = form(page, ticket, "")
    where = address(ticket, "ticket_answer_length")
    empty = page.post(where, fields).json()
    link = page.post(where, fields | {"text": "https://example.com/" + "a" * 100}).json()
    left = [int(re.findall(r"\d+", each["words"])[0]) for each in (empty, link)]
    assert left[0] < 280
    assert left[0] - left[1] in (23, 24)
    assert page.post(where, fields | {"text": "word " * 100}).json()["words"].startswith("in ")


def test_nobody_answers_where_the_mode_does_not_let_them(page: Client) -> None:
    account = desk.account()
    ticket = hear(account, 1)
    fields = form(page, ticket, "On our way.")
    account.mode = ChannelMode.COLLECT_FEEDBACK
    account.save()
    shown = words_of(page.get(address(ticket)))
    assert "Nobody can be answered here" in shown
    answer = page.post(address(ticket, "ticket_answer"), fields)
    assert answer.status_code == 422
    assert "On our way." in words_of(answer)


# -- deciding ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "what", "becomes"),
    [
        (ReplyState.UNKNOWN, "again", ReplyState.QUEUED),
        (ReplyState.HELD, "release", ReplyState.QUEUED),
        (ReplyState.HELD, "drop", ReplyState.SUPERSEDED),
        (ReplyState.HELD, "nonsense", ReplyState.HELD),
        (ReplyState.SENT, "again", ReplyState.SENT),
    ],
)
def test_a_person_decides_about_a_message(
    page: Client, state: ReplyState, what: str, becomes: ReplyState
) -> None:
    ticket = hear(desk.account(), 1)
    reply = OutboundReply.objects.get(ticket=ticket)
    reply.state, reply.held_reason, reply.send_started_at = state, "opted_out", database_now()
    reply.sent_at = database_now() - timedelta(minutes=1) if state == ReplyState.SENT else None
    reply.save()
    where = reverse("reply_decide", args=[ticket.shown_reference, token_of(reply)])
    answer = page.post(where, {"what": what})
    assert answer["Location"] == f"{address(ticket)}#reply-{token_of(reply)}"
    reply.refresh_from_db()
    assert reply.state == becomes


def test_a_message_of_another_ticket_cannot_be_decided_from_here(page: Client) -> None:
    account = desk.account()
    ticket, other = hear(account, 1), hear(account, 2, by="bram")
    reply = OutboundReply.objects.get(ticket=other)
    where = reverse("reply_decide", args=[ticket.shown_reference, token_of(reply)])
    assert page.post(where, {"what": "drop"}).status_code == 404
