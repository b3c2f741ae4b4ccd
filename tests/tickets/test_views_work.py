"""What one does on a ticket's page: later, hold, ask, resolve, open again, own, change. Forms keep what was typed."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.simulated_clock import SimulatedClock
from tests.tickets.at_work import AMSTERDAM, LIGHTS, at, fields
from tests.tickets.said import hear
from tests.tickets.test_views import address, words_of
from tickets.models import (
    ChannelAccount,
    HoldKind,
    OutboundReply,
    PromiseEnd,
    ReplyEffect,
    ReplyKind,
    ReplyState,
    Status,
    Ticket,
)
from tickets.services.work import ticket_go_on, ticket_hold
from tickets.tokens import token

pytestmark = pytest.mark.django_db


# -- a date that has passed ------------------------------------------------------------------------------------


def late(ticket: Ticket, noor: User, clock: SimulatedClock, **columns: Any) -> OutboundReply:
    """A message of noor's that was held until its date had passed."""
    promise = ticket.promises.get()
    clock.set(promise.promised_for + timedelta(hours=1))
    place = ticket.conversations.get()
    return OutboundReply.objects.create(
        account_id=ticket.account_id, conversation=place, ticket=ticket, dedupe_key="late", is_automatic=False,
        author=noor, text="We look into it.", state=ReplyState.HELD, held_reason="date_passed", language="en",
        tells_for=promise.promised_for, tells_kind="solved", next_try_at=clock.now, created_at=clock.now,
        in_reply_to=place.reply_to, **columns,
    )  # fmt: skip


def test_a_held_answer_says_which_date_it_tells_instead_and_goes_with_it(
    page: Client, ticket: Ticket, noor: User, clock: SimulatedClock
) -> None:
    row = late(ticket, noor, clock, kind=ReplyKind.ANSWER, tells_reason="answered")
    ticket.promises.update(end=PromiseEnd.MISSED, end_reason="date_passed", ended_at=clock.now)
    Ticket.objects.filter(pk=ticket.pk).update(promised_for=None, promise_kind="")
    shown = words_of(page.get(address(ticket)))
    told = re.search(r"Released, it tells the caller (\w+ \d+ \w+ [\d:]+) instead of the date", shown)
    assert told is not None
    assert "would still be held" not in shown
    where = reverse("reply_decide", args=[ticket.shown_reference, token("outboundreply", row.pk)])
    assert page.post(where, {"what": "release"}).status_code == 302
    row.refresh_from_db()
    assert row.state == ReplyState.QUEUED
    assert row.tells_for is not None
    assert row.tells_for > clock.now
    assert f"{row.tells_for.astimezone(AMSTERDAM):%H:%M}" in told[1]


def test_a_held_delay_notice_is_not_released_but_chosen_anew(
    page: Client, ticket: Ticket, noor: User, clock: SimulatedClock
) -> None:
    row = late(
        ticket, noor, clock, kind=ReplyKind.DELAY, tells_reason="not_started", promise=ticket.promises.get()
    )
    shown = page.get(address(ticket))
    assert "would still be held: the date that it tells has passed" in words_of(shown)
    assert address(ticket, "ticket_later") in shown.content.decode()
    where = reverse("reply_decide", args=[ticket.shown_reference, token("outboundreply", row.pk)])
    answer = page.post(where, {"what": "release"}, follow=True)
    assert "choose a new date, and that goes instead" in words_of(answer)
    row.refresh_from_db()
    assert (row.state, row.text) == (ReplyState.HELD, "We look into it.")


def test_why_this_date_leaves_out_what_did_not_count(
    page: Client, ticket: Ticket, noor: User, clock: SimulatedClock
) -> None:
    """P2 of Monday 9:00: without the hold it would be due on Monday evening and on Tuesday morning."""
    clock.set(at(23, 11))
    ticket_hold(
        actor=noor, ticket_id=ticket.pk, kind=HoldKind.SUPPLIER, waits_for="Lichtnet BV",
        ask_again_at=at(23, 16), later=None, seen_version=None, now=clock.now,
    )  # fmt: skip
    clock.set(at(23, 13))
    shown = words_of(page.get(address(ticket)))
    assert "Mon 23 Nov 09:00 – 11:00 is 2 h" in shown
    assert "from Mon 23 Nov 11:00 on nothing counts: it is on hold, and 8 h is left" in shown
    assert "together 10 h" not in shown
    ticket_go_on(actor=noor, ticket_id=ticket.pk, now=clock.now)
    shown = words_of(page.get(address(ticket)))
    assert "Mon 23 Nov 11:00 – Mon 23 Nov 13:00 does not count: it was on hold" in shown
    assert "together 10 h, until Tue 24 Nov 11:00" in shown
    assert "rounded up to Tue 24 Nov 11:00" in shown or "no rounding needed: Tue 24 Nov 11:00" in shown
    assert "the caller was first told Tue 24 Nov 09:00" in shown


# -- later --------------------------------------------------------------------------------------------------


def test_later_offers_what_is_proven_the_policys_date_and_the_words(page: Client, ticket: Ticket) -> None:
    shown = words_of(page.get(address(ticket, "ticket_later")))
    assert "haven&#x27;t started on it yet" in shown
    assert "nobody has acted since" in shown
    assert "7 reasons" not in shown
    assert "6 reasons that are not so now" in shown
    assert "Tue 24 Nov 14:00" in shown
    assert f"News about {ticket.shown_reference}" in shown
    assert "Tuesday 24 November, 14:00" in shown


def test_later_is_said_with_a_proven_reason(page: Client, ticket: Ticket, noor: User) -> None:
    where = address(ticket, "ticket_later")
    form = fields(page, where)
    assert form["reason"] == "not_started"
    answer = page.post(where, form)
    assert (answer.status_code, answer["Location"]) == (302, address(ticket))
    reply = OutboundReply.objects.get(ticket=ticket, kind=ReplyKind.DELAY)
    assert (reply.author, reply.state, reply.tells_for) == (noor, ReplyState.QUEUED, at(24, 14))
    assert page.post(where, form).status_code in (302, 409)
    assert OutboundReply.objects.filter(ticket=ticket, kind=ReplyKind.DELAY).count() == 1


def test_a_reason_that_is_not_proven_is_refused_and_what_was_typed_stays(
    page: Client, ticket: Ticket
) -> None:
    where = address(ticket, "ticket_later")
    form = fields(page, where) | {
        "reason": "other_team",
        "day": "2026-11-25",
        "own_words": "kept <b>here</b>",
    }
    answer = page.post(where, form)
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "That is no longer so" in words_of(answer)
    assert "kept &lt;b&gt;here&lt;/b&gt;" in shown
    assert 'value="2026-11-25" selected' in shown
    assert form["client_key"] in shown
    assert not OutboundReply.objects.filter(ticket=ticket, kind=ReplyKind.DELAY).exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"day": "2026-11-23"}, "Choose a date after"),
        ({"day": "nonsense"}, "Choose a day and a time"),
        ({"hour": "25:00"}, "Choose a day and a time"),
        ({"day": "2026-11-28"}, "The desk is closed then"),
        ({"reason": "own_words", "own_words": ""}, "Say in a line why"),
        ({"reason": "own_words", "own_words": "the ticket is in the queue"}, "no word for a caller"),
    ],
)
def test_odd_dates_and_words_are_refused(
    page: Client, ticket: Ticket, changes: dict[str, str], said: str
) -> None:
    where = address(ticket, "ticket_later")
    answer = page.post(where, fields(page, where) | changes)
    assert answer.status_code == 422
    assert said in words_of(answer)


def test_without_a_script_the_form_shows_what_they_will_read(page: Client, ticket: Ticket) -> None:
    where = address(ticket, "ticket_later")
    own = {
        "reason": "own_words",
        "own_words": "The part comes tomorrow",
        "day": "2026-11-25",
        "hour": "11:00",
    }
    answer = page.post(where, fields(page, where) | own | {"show": "1"})
    assert answer.status_code == 200
    assert "The part comes tomorrow. We now expect Wednesday 25 November, 11:00" in words_of(answer)
    assert not OutboundReply.objects.filter(ticket=ticket, kind=ReplyKind.DELAY).exists()
    preview = page.post(address(ticket, "ticket_later_preview"), fields(page, where) | own).json()
    assert "The part comes tomorrow." in preview["text"]
    assert (preview["date"]["hour"], preview["date"]["proposed"], preview["over"]) == ("11:00", False, False)
    assert preview["words"].endswith("left")


def test_where_no_date_was_told_there_is_nothing_to_say_later(
    page: Client, released: ChannelAccount, clock: SimulatedClock
) -> None:
    untold = hear(released, 9, LIGHTS, at=clock.now)
    answer = page.get(address(untold, "ticket_later"))
    assert answer.status_code == 200
    assert "The caller has no date" in words_of(answer)
    assert (
        "Say it will be later" not in words_of(page.get(address(untold))).split("Keys")[0].split("Promise")[0]
    )
    assert page.post(address(untold, "ticket_later_preview"), {}).json()["words"] == ""


# -- hold ---------------------------------------------------------------------------------------------------


def test_a_hold_before_the_date_moves_nothing_the_caller_knows(page: Client, ticket: Ticket) -> None:
    where = address(ticket, "ticket_hold")
    form = fields(page, where) | {
        "kind": "planned_work", "waits_for": "Waternet", "ask_day": "2026-11-23", "ask_hour": "16:00",
    }  # fmt: skip
    assert page.post(where, form).status_code == 302
    ticket.refresh_from_db()
    assert (ticket.status, ticket.hold_kind, ticket.hold_for) == (
        Status.ON_HOLD,
        HoldKind.PLANNED,
        "Waternet",
    )
    assert ticket.promised_for == at(24, 9)
    shown = words_of(page.get(address(ticket)))
    assert "on hold: Waternet, ask again Mon 23 Nov" in shown
    assert "Go on with it" in shown
    assert "on hold: Waternet" in words_of(page.get("/"))


def test_a_hold_past_the_date_needs_a_later_one_in_the_same_form(page: Client, ticket: Ticket) -> None:
    where = address(ticket, "ticket_hold")
    hold = {"kind": "supplier", "waits_for": "Lichtnet BV", "ask_day": "2026-11-26", "ask_hour": "10:00"}
    refused = page.post(where, fields(page, where) | hold)
    assert refused.status_code == 422
    assert "Tell them a later one with this" in words_of(refused)
    shown = refused.content.decode()
    assert 'name="with_later" value="1" checked' in shown
    assert "waiting for Lichtnet BV. We now expect Thursday 26 November" in words_of(refused)
    form = fields(page, where) | hold | {
        "with_later": "1", "reason": "waiting_for_party", "day": "2026-11-26", "hour": "15:00",
    }  # fmt: skip
    assert page.post(where, form).status_code == 302
    ticket.refresh_from_db()
    assert ticket.status == Status.ON_HOLD
    reply = OutboundReply.objects.get(ticket=ticket, kind=ReplyKind.DELAY)
    assert (reply.tells_for, reply.tells_reason) == (at(26, 15), "waiting_for_party")
    assert "Lichtnet BV" in reply.text


def test_a_hold_that_goes_further_takes_the_date_with_it(page: Client, ticket: Ticket) -> None:
    form = fields(page, address(ticket, "ticket_hold")) | {
        "kind": "supplier", "waits_for": "Lichtnet BV", "ask_day": "2026-11-25", "ask_hour": "17:30",
        "reason": "waiting_for_party",
    }  # fmt: skip
    preview = page.post(address(ticket, "ticket_hold_preview"), form).json()
    assert "waiting for Lichtnet BV. We now expect Wednesday 25 November, 18:00" in preview["text"]
    assert (preview["date"]["value"], preview["date"]["hour"]) == ("2026-11-25", "18:00")
    decision = page.post(address(ticket, "ticket_hold_preview"), form | {"kind": "decision"}).json()
    assert "Lichtnet" not in decision["text"]


def test_going_on_ends_the_hold(page: Client, ticket: Ticket, noor: User, clock: SimulatedClock) -> None:
    ticket_hold(
        actor=noor, ticket_id=ticket.pk, kind="decision", waits_for="the alderman", ask_again_at=at(23, 12),
        later=None, seen_version=None, now=clock.now,
    )  # fmt: skip
    page.post(address(ticket, "ticket_go_on"))
    ticket.refresh_from_db()
    assert (ticket.status, ticket.hold_for) == (Status.OPEN, "")
    again = page.post(address(ticket, "ticket_go_on"), follow=True)
    assert "It does not wait for anybody" in words_of(again)


# -- the composer's modes ---------------------------------------------------------------------------------------


def composed(page: Client, ticket: Ticket, text: str, then: str) -> dict[str, str]:
    shown = page.get(address(ticket)).content.decode()
    made = dict(re.findall(r'name="(client_key|to|seen)" value="([^"]*)"', shown))
    return {**made, "text": text, "then": then}


def test_asking_says_that_the_date_waits(page: Client, ticket: Ticket) -> None:
    shown = words_of(page.get(address(ticket)))
    assert "Ask, and wait" in shown
    assert "The date we gave you waits for your answer." in shown
    page.post(address(ticket, "ticket_answer"), composed(page, ticket, "Which corner?", "asks"))
    reply = OutboundReply.objects.get(ticket=ticket, kind=ReplyKind.ANSWER)
    assert reply.effect == ReplyEffect.ASKS
    counted = page.post(
        address(ticket, "ticket_answer_length"), composed(page, ticket, "Which corner?", "asks")
    ).json()
    assert "waits for your answer" in counted["added"]


def test_the_last_word_resolves(page: Client, ticket: Ticket) -> None:
    page.post(address(ticket, "ticket_answer"), composed(page, ticket, "It works again.", "resolves"))
    ticket.refresh_from_db()
    reply = OutboundReply.objects.get(ticket=ticket, kind=ReplyKind.RESOLUTION)
    assert (ticket.status, ticket.resolved_how, reply.text) == (Status.RESOLVED, "answer", "It works again.")
    assert ticket.promises.get().end == PromiseEnd.KEPT
    assert "Kept: done" in words_of(page.get(address(ticket)))


def test_another_mode_is_an_answer(page: Client, ticket: Ticket) -> None:
    page.post(address(ticket, "ticket_answer"), composed(page, ticket, "On our way.", "nonsense"))
    assert OutboundReply.objects.get(ticket=ticket, kind=ReplyKind.ANSWER).effect == ""


def test_where_it_stands_is_ready_to_send(page: Client, ticket: Ticket) -> None:
    shown = page.get(address(ticket))
    assert "We still aim to have" in words_of(shown)
    filled = page.get(address(ticket) + "?say=status").content.decode()
    inside = re.search(r'<textarea id="words".*?>(.*?)</textarea>', filled, re.S)
    assert inside is not None
    assert "We still aim to have" in inside[1]


# -- resolve, open again --------------------------------------------------------------------------------------


def test_resolving_with_a_line_shows_and_makes_the_notice(page: Client, ticket: Ticket) -> None:
    where = address(ticket, "ticket_resolve")
    form = fields(page, where) | {"how": "line", "what": "the light works again"}
    preview = page.post(address(ticket, "ticket_resolve_preview"), form).json()
    assert preview["text"].startswith(f"{ticket.shown_reference} is done: the light works again.")
    shown = page.post(where, form | {"show": "1"})
    assert "is done: the light works again." in words_of(shown)
    ticket.refresh_from_db()
    assert ticket.status == Status.NEW
    assert page.post(where, form).status_code == 302
    ticket.refresh_from_db()
    assert (ticket.status, ticket.resolved_how) == (Status.RESOLVED, "notice")
    assert "the light works again" in words_of(page.get(address(ticket)))


def test_resolving_without_a_word_wants_a_reason(page: Client, ticket: Ticket) -> None:
    where = address(ticket, "ticket_resolve")
    form = fields(page, where) | {"how": "silent", "what": "a line that is not sent"}
    refused = page.post(where, form | {"because": "nonsense"})
    assert refused.status_code == 422
    assert "Say why the caller hears nothing" in words_of(refused)
    assert page.post(where, form | {"because": "no_longer_needed"}).status_code == 302
    ticket.refresh_from_db()
    assert ticket.resolved_how == "without_a_word:no_longer_needed"
    assert not OutboundReply.objects.filter(ticket=ticket, kind=ReplyKind.RESOLUTION).exists()
    shown = words_of(page.get(address(ticket)))
    assert "resolved it without a word: they need it no more" in shown
    assert "Withdrawn" in shown


def test_an_empty_line_is_refused(page: Client, ticket: Ticket) -> None:
    where = address(ticket, "ticket_resolve")
    answer = page.post(where, fields(page, where) | {"how": "line", "what": "  "})
    assert answer.status_code == 422
    assert "Say in a line what was done" in words_of(answer)


def test_opening_it_again(page: Client, ticket: Ticket) -> None:
    where = address(ticket, "ticket_resolve")
    page.post(where, fields(page, where) | {"how": "silent", "because": "said_elsewhere"})
    assert "Open it again" in words_of(page.get(address(ticket)))
    page.post(address(ticket, "ticket_reopen"))
    ticket.refresh_from_db()
    assert ticket.status == Status.OPEN
    assert "opened it again" in words_of(page.get(address(ticket)))
    assert "It is open" in words_of(page.post(address(ticket, "ticket_reopen"), follow=True))
