"""An agent tells a later date before the told one passes, and answers "any news?"."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from channels_social.delivery import deliver
from priority.selectors import policy_of
from priority.targets import renewal
from tests import desk
from tests.channels_social import outbox
from tests.channels_social.outbox import Scripted
from tests.tickets.notices import HOUR, row_of, told_ahead
from tests.tickets.pressed import later
from tickets.clock import database_now
from tickets.models import (
    AgentTask,
    ChannelAccount,
    Conversation,
    Message,
    OutboundReply,
    Promise,
    Ticket,
    TicketEvent,
)
from tickets.services.errors import Changed, NotFound, Refused
from tickets.services.later import OWN_MOST, later_proposal, status_line
from tickets.services.notice_words import OWN_WORDS

pytestmark = pytest.mark.usefixtures("scripted")


@pytest.fixture
def ticket(scripted: None) -> Ticket:
    return told_ahead()


def refused(ticket: Ticket, **given: Any) -> str:
    with pytest.raises(Refused) as caught:
        later(ticket, **given)
    assert caught.value.words
    assert not OutboundReply.objects.filter(kind="delay_notice").exists()
    return caught.value.code


class TestProposal:
    def test_the_date_that_the_policy_proposes_and_what_is_proven(self, ticket: Ticket) -> None:
        found = later_proposal(actor=outbox.agent(), ticket_id=ticket.pk, now=database_now())
        policy = policy_of(ticket.policy_revision_id)
        old = ticket.promised_for
        assert old is not None
        assert found.old == old
        assert found.proposed == renewal(policy, priority="P3", category=ticket.category, told_at=old)
        assert old < found.earliest <= found.proposed
        assert list(found.reasons) == [
            ("not_started", "We haven't started on it yet."),
            ("not_finished", "It isn't finished yet."),
        ]

    def test_what_is_shown_is_what_is_sent(self, ticket: Ticket) -> None:
        found = later_proposal(actor=outbox.agent(), ticket_id=ticket.pk, now=database_now())
        shown = found.preview("not_started", found.proposed)
        row = later(ticket)
        deliver(row.account_id)
        assert Scripted.sent[0].text == shown == row.text
        assert shown.startswith(f"News about {ticket.shown_reference}: we won't make ")
        assert shown.endswith("^Merendam")
        promise = Promise.objects.get(end="")
        assert (promise.promised_for, promise.reason, promise.reply_id) == (
            found.proposed,
            "not_started",
            row.pk,
        )
        assert Promise.objects.get(end="renewed").promised_for == found.old

    def test_after_the_date_it_says_sorry(self, ticket: Ticket) -> None:
        Promise.objects.update(end="missed", ended_at=database_now(), promised_for=database_now() - HOUR)
        row = later(ticket)
        assert "it isn't done. Sorry. We haven't started on it yet." in row.text

    def test_in_the_callers_language(self, ticket: Ticket) -> None:
        Ticket.objects.filter(pk=ticket.pk).update(language="nl")
        assert later(ticket).text.startswith(f"Nieuws over {ticket.shown_reference}: ")

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"status": "resolved"}, "resolved"),
            ({"triage": "watch"}, "triage"),
        ],
    )
    def test_not_where_nothing_is_to_be_said(self, ticket: Ticket, change: dict[str, Any], code: str) -> None:
        Ticket.objects.filter(pk=ticket.pk).update(**change)
        with pytest.raises(Refused) as caught:
            later_proposal(actor=outbox.agent(), ticket_id=ticket.pk, now=database_now())
        assert caught.value.code == code

    @pytest.mark.parametrize(("end", "code"), [("suspended", "date_waits"), ("kept", "no_date")])
    def test_nor_where_no_date_stands(self, ticket: Ticket, end: str, code: str) -> None:
        Promise.objects.update(end=end, ended_at=database_now())
        with pytest.raises(Refused) as caught:
            later_proposal(actor=outbox.agent(), ticket_id=ticket.pk, now=database_now())
        assert caught.value.code == code

    def test_a_ticket_that_one_may_not_see_is_not_there(self, ticket: Ticket) -> None:
        Ticket.objects.filter(pk=ticket.pk).update(team=desk.team("integrity", private=True))
        for service in (later_proposal, status_line):
            with pytest.raises(NotFound):
                service(actor=outbox.agent(), ticket_id=ticket.pk, now=database_now())


class TestSay:
    def test_the_row_is_the_agents_and_history_says_so(self, ticket: Ticket) -> None:
        row = later(ticket)
        assert (row.kind, row.is_automatic, row.author, row.state) == (
            "delay_notice",
            False,
            outbox.agent(),
            "queued",
        )
        assert row.dedupe_key == f"delay:{row.promise_id}"
        assert row.args["proof"] == {"opened": ticket.created_at.isoformat()}
        event = TicketEvent.objects.get(kind="later_said")
        assert (event.actor_user, event.args["reply"]) == (outbox.agent(), row.pk)

    def test_the_same_form_twice_is_one_row(self, ticket: Ticket) -> None:
        assert later(ticket).pk == later(ticket).pk

    def test_another_form_meanwhile_is_told_so(self, ticket: Ticket) -> None:
        later(ticket)
        with pytest.raises(Changed) as caught:
            later(ticket, client_key="client-key-2")
        assert caught.value.what == "said_already"

    def test_what_the_network_refused_may_be_said_again(self, ticket: Ticket) -> None:
        first = later(ticket)
        OutboundReply.objects.filter(pk=first.pk).update(state="failed")
        assert later(ticket, client_key="client-key-2").dedupe_key == f"delay:{first.promise_id}:2"

    def test_a_held_overdue_notice_falls_away_with_its_task(self, ticket: Ticket) -> None:
        promise = Promise.objects.get()
        held = row_of("overdue_notice", promise, state="held", held_reason="released")
        AgentTask.objects.create(
            kind="release",
            reason="released",
            cause="release:1",
            ticket=ticket,
            team=ticket.team,
            args={"reply": held.pk},
            due_at=desk.MONDAY,
            created_at=desk.MONDAY,
        )
        later(ticket)
        held.refresh_from_db()
        assert (held.state, held.held_reason) == ("superseded", "later_said")
        assert AgentTask.objects.get().done_how == "later_said"

    def test_the_caller_is_read_first(self, ticket: Ticket) -> None:
        seen = Message.objects.get()
        assert later(ticket, seen_message_id=seen.pk).pk
        OutboundReply.objects.filter(kind="delay_notice").update(state="failed")
        Message.objects.filter(pk=seen.pk).update(body="")
        newer = Message.objects.get(pk=seen.pk)
        newer.pk, newer.external_id = None, "newer"
        newer.save()
        with pytest.raises(Changed):
            later(ticket, seen_message_id=seen.pk, client_key="client-key-2")

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"reason": "reopened"}, "reason"),
            ({"reason": ""}, "reason"),
            ({"client_key": "short"}, "client_key"),
        ],
    )
    def test_refused(self, ticket: Ticket, change: dict[str, Any], code: str) -> None:
        assert refused(ticket, **change) == code

    def test_a_window_that_has_closed_for_a_person(self, ticket: Ticket) -> None:
        now = database_now()
        Conversation.objects.update(window_ends_at=now - HOUR, person_window_ends_at=now + HOUR)
        date = later_proposal(actor=outbox.agent(), ticket_id=ticket.pk, now=now).proposed
        Conversation.objects.update(person_window_ends_at=now - HOUR)
        assert refused(ticket, date=date) == "window"

    def test_longer_than_the_channel_takes(self, ticket: Ticket) -> None:
        ChannelAccount.objects.update(caps={"max_length": 20})
        ChannelAccount.objects.update(channel="cannot_find")
        assert refused(ticket) == "too_long"

    def test_a_date_is_told_in_one_message(self, ticket: Ticket) -> None:
        words = "The part that broke is not made any more, " + "and is now being made anew " * 4
        assert refused(ticket, reason=OWN_WORDS, own_words=words[:OWN_MOST]) == "too_long"


class TestDates:
    """P3: noon or 18:00 on a day that the desk is open."""

    OLD = datetime(2026, 12, 3, 11, 0, tzinfo=UTC)  # Thursday noon in Amsterdam

    @pytest.fixture(autouse=True)
    def old(self, ticket: Ticket) -> None:
        Promise.objects.update(promised_for=self.OLD)

    @pytest.mark.parametrize(
        ("chosen", "told_for"),
        [
            (datetime(2026, 12, 3, 12, 30, tzinfo=UTC), datetime(2026, 12, 3, 17, 0, tzinfo=UTC)),
            (datetime(2026, 12, 4, 11, 0, tzinfo=UTC), datetime(2026, 12, 4, 11, 0, tzinfo=UTC)),
            (datetime(2026, 12, 7, 7, 0, tzinfo=UTC), datetime(2026, 12, 7, 11, 0, tzinfo=UTC)),
        ],
    )
    def test_rounded_as_the_policy_says(self, ticket: Ticket, chosen: datetime, told_for: datetime) -> None:
        assert later(ticket, date=chosen).tells_for == told_for

    @pytest.mark.parametrize(
        ("chosen", "code"),
        [
            (OLD, "not_later"),
            (OLD - timedelta(days=1), "not_later"),
            (datetime(2026, 12, 5, 11, 0, tzinfo=UTC), "closed"),  # Saturday
            (datetime(2026, 12, 25, 11, 0, tzinfo=UTC), "closed"),  # Christmas
            (datetime(2026, 12, 4, 19, 0, tzinfo=UTC), "closed"),  # Friday evening
            (datetime(2047, 1, 4, 11, 0, tzinfo=UTC), "beyond"),
        ],
    )
    def test_later_open_and_within_the_calendar(self, ticket: Ticket, chosen: datetime, code: str) -> None:
        assert refused(ticket, date=chosen) == code

    def test_a_closed_day_names_the_next_that_is_open(self, ticket: Ticket) -> None:
        with pytest.raises(Refused) as caught:
            later(ticket, date=datetime(2026, 12, 5, 11, 0, tzinfo=UTC))
        assert "Monday 7 December, 12:00" in caught.value.words

    def test_the_earliest_is_the_next_on_the_policys_grid(self, ticket: Ticket) -> None:
        found = later_proposal(actor=outbox.agent(), ticket_id=ticket.pk, now=database_now())
        assert found.earliest == datetime(2026, 12, 3, 17, 0, tzinfo=UTC)


class TestOwnWords:
    def test_they_stand_where_the_reason_does(self, ticket: Ticket) -> None:
        row = later(ticket, reason=OWN_WORDS, own_words="  The part {date}\n comes from abroad ")
        assert "halen" not in row.text
        assert " The part {date} comes from abroad. We now expect " in row.text
        assert row.tells_reason == OWN_WORDS

    @pytest.mark.parametrize(
        "words",
        [
            "",
            "   ",
            "x" * (OWN_MOST + 1),
            "Your ticket waits in the queue.",
            "Sorry, we are late.",
            "See https://example.org/why.",
            "See www.merendam.nl.",
            "Send us a DM.",
        ],
    )
    def test_what_no_caller_should_read_is_refused(self, ticket: Ticket, words: str) -> None:
        assert refused(ticket, reason=OWN_WORDS, own_words=words) == "own_words"

    def test_private_messages_may_be_spoken_of_where_they_are_read(self, ticket: Ticket) -> None:
        ChannelAccount.objects.update(capabilities={"private": True})
        assert "Send us a DM." in later(ticket, reason=OWN_WORDS, own_words="Send us a DM").text


class TestStatusLine:
    def line(self, ticket: Ticket, **columns: Any) -> str:
        Ticket.objects.filter(pk=ticket.pk).update(**columns)
        return status_line(actor=outbox.agent(), ticket_id=ticket.pk, now=database_now())

    def test_how_it_stands_and_the_date(self, ticket: Ticket) -> None:
        said = self.line(ticket)
        assert said.startswith(
            f"We haven't started on it yet. We still aim to have {ticket.shown_reference} sorted by "
        )

    def test_worked_on_is_not_said_to_take_longer(self, ticket: Ticket) -> None:
        outbox.answered(ticket, "We are looking.")
        assert self.line(ticket, owner=outbox.agent()).startswith("We're on it. We still aim")

    def test_whom_we_wait_for(self, ticket: Ticket) -> None:
        said = self.line(ticket, status="on_hold", hold_kind="supplier", hold_for="the lift company")
        assert said.startswith("We're waiting for the lift company. We still aim to have ")

    def test_the_callers_turn(self, ticket: Ticket) -> None:
        said = self.line(ticket, status="waiting_on_caller", promised_for=None, promise_kind="")
        assert said == f"We need your answer to go on with {ticket.shown_reference}."

    def test_no_date_that_has_passed(self, ticket: Ticket) -> None:
        said = self.line(ticket, promised_for=database_now() - HOUR)
        assert said == f"We haven't started on it yet. Your number is {ticket.shown_reference}."

    def test_nothing_where_it_is_over(self, ticket: Ticket) -> None:
        assert self.line(ticket, status="resolved") == ""

    def test_in_dutch(self, ticket: Ticket) -> None:
        assert self.line(ticket, language="nl").startswith("We zijn er nog niet aan begonnen. We willen ")
