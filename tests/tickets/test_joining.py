"""Two tickets of one person are joined, and parted again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from tests import desk
from tests.simulated_clock import SimulatedClock
from tests.tickets import said
from tests.tickets.at_work import LIGHTS, at
from tests.tickets.joined import hear, join, undo
from tickets.models import (
    AgentTask,
    ChannelAccount,
    Contact,
    Conversation,
    Draft,
    Message,
    OutboundReply,
    Promise,
    Target,
    Ticket,
    TicketEvent,
    TicketJoin,
    Triage,
)
from tickets.services.errors import Changed, NotFound, Refused
from tickets.services.triage import ticket_triage
from tickets.services.work import ticket_reopen

pytestmark = pytest.mark.django_db

CARD = "@desk the ticket machine at Central swallowed my card"
GAS = "@desk there is a strong gas smell in the Lindelaan, help"


def test_the_told_one_goes_on_and_nobody_is_acknowledged_twice(
    ticket: Ticket, private: Ticket, noor: User, clock: SimulatedClock
) -> None:
    row = join(noor, private, ticket, at(23, 10))
    ticket.refresh_from_db()
    private.refresh_from_db()
    assert (row.into, row.joined, row.why) == (ticket, private, "only_date")
    assert (private.status, private.resolved_how, private.next_at) == ("closed", "joined", None)
    assert set(Conversation.objects.values_list("ticket", flat=True)) == {ticket.pk}
    assert set(Message.objects.values_list("ticket", flat=True)) == {ticket.pk}
    unsaid = OutboundReply.objects.get(ticket=private)
    assert (unsaid.kind, unsaid.state, unsaid.held_reason) == ("acknowledgement", "superseded", "joined")
    assert ticket.promised_for == Promise.objects.get().promised_for
    assert (ticket.calls, ticket.status) == (2, "new")
    assert not Target.objects.filter(ticket=private, met_at=None, ended_at=None).exists()
    callers = Contact.objects.exclude(merged_into=None)
    assert [(one.pk, one.merged_into_id) for one in callers] == [(private.caller_id, ticket.caller_id)]
    assert row.contact_id == private.caller_id
    kinds = TicketEvent.objects.filter(actor_user=noor).values_list("kind", "ticket")
    assert sorted(kinds) == [("joined", ticket.pk), ("joined_into", private.pk)]


def test_undone_it_is_as_it_was(ticket: Ticket, private: Ticket, noor: User, clock: SimulatedClock) -> None:
    before = {one.pk: one for one in Ticket.objects.all()}
    targets = sorted(Target.objects.values_list("ticket", "kind", "started_at", "due_at", "ended_at"))
    row = join(noor, private, ticket, at(23, 10))
    assert undo(noor, row, at(23, 11)) == private
    same = (
        *(
            "status",
            "triage",
            "triage_by",
            "category",
            "impact",
            "urgency",
            "priority",
            "reasons",
            "tags",
            "calls",
        ),
        *("clock_started_at", "promised_for", "queue_at", "due_at", "next_at", "closed_at", "resolved_how"),
    )
    for now in Ticket.objects.all():
        was = before[now.pk]
        assert [(name, getattr(now, name)) for name in same] == [(name, getattr(was, name)) for name in same]
        assert now.version > was.version
    assert sorted(Target.objects.values_list("ticket", "kind", "started_at", "due_at", "ended_at")) == targets
    assert not Contact.objects.exclude(merged_into=None).exists()
    said_there = Message.objects.filter(external_id="50").get()
    assert (said_there.ticket, said_there.conversation.ticket) == (private, private)
    again = OutboundReply.objects.get(ticket=private)
    assert (again.kind, again.state) == ("acknowledgement", "queued")
    with pytest.raises(Changed):
        undo(noor, row, at(23, 12))


def test_the_earlier_of_two_told_dates_holds(
    ticket: Ticket, private: Ticket, noor: User, clock: SimulatedClock
) -> None:
    said.acknowledge(private, at=at(23, 9, 31))
    earlier, later = sorted([ticket, private], key=lambda one: one.promised_for or at(30, 1))
    row = join(noor, later, earlier, at(23, 10))
    assert (row.into, row.why) == (earlier, "earliest_date")
    gone = Promise.objects.get(ticket=later)
    assert (gone.end, gone.end_reason) == ("withdrawn", "merged")
    assert Promise.objects.get(ticket=earlier).end == ""
    undo(noor, row, at(23, 11))
    later.refresh_from_db()
    stands = Promise.objects.get(ticket=later)
    assert (stands.end, stands.end_reason, stands.ended_at) == ("", "", None)
    assert later.promised_for == stands.promised_for


def test_an_earlier_date_is_told(
    ticket: Ticket, other: ChannelAccount, noor: User, clock: SimulatedClock
) -> None:
    """The other is more urgent, and its caller was told nothing yet."""
    urgent = hear(other, 50, GAS, at(23, 9, 30), by="anouk.b", private=True)
    was = ticket.promised_for
    row = join(noor, ticket, urgent, at(23, 10))
    ticket.refresh_from_db()
    assert (row.into, ticket.priority, ticket.is_danger) == (ticket, "P1", True)
    assert [reason["code"] for reason in ticket.reasons][-1] == "joined"
    changed = OutboundReply.objects.get(kind="date_changed_notice")
    assert (changed.ticket, changed.state, changed.args["reason"]) == (ticket, "held", "more_urgent")
    assert changed.conversation.ticket == ticket
    assert changed.conversation.visibility == "private"  # where they spoke last
    assert ticket.promised_for == was  # until it is told
    danger = AgentTask.objects.get(kind="danger")
    assert (danger.ticket, danger.done_at) == (ticket, None)
    undo(noor, row, at(23, 11))
    ticket.refresh_from_db()
    assert (ticket.priority, ticket.promised_for, ticket.is_danger) == ("P2", was, False)
    danger.refresh_from_db()
    assert danger.ticket == urgent


def test_words_after_it_find_the_one_that_goes_on_and_go_back_with_their_conversation(
    ticket: Ticket, private: Ticket, other: ChannelAccount, noor: User, clock: SimulatedClock
) -> None:
    row = join(noor, private, ticket, at(23, 10))
    assert hear(other, 51, "@desk hello?", at(23, 10, 30), by="anouk.b", private=True, thread=50) == ticket
    # A thread of their own, with the other account, finds it through the contacts.
    new = hear(ChannelAccount.objects.exclude(pk=other.pk).get(), 52, LIGHTS, at(23, 10, 40), by="anouk.b")
    assert new == ticket
    undo(noor, row, at(23, 11))
    assert set(
        Message.objects.filter(ticket=private, direction="in").values_list("external_id", flat=True)
    ) == {*("50", "51", "52")}
    for message in Message.objects.all():
        assert message.ticket_id == message.conversation.ticket_id


def test_what_was_answered_meanwhile_is_answered(
    ticket: Ticket, private: Ticket, noor: User, clock: SimulatedClock
) -> None:
    row = join(noor, private, ticket, at(23, 10))
    place = Conversation.objects.get(thread_key="50:anouk.b")
    reply = OutboundReply.objects.create(
        account=place.account, conversation=place, ticket=ticket, dedupe_key="answer:1", kind="answer",
        is_automatic=False, author=noor, text="On it.", state="sent", next_try_at=at(23, 10, 5),
        created_at=at(23, 10, 5), sent_at=at(23, 10, 5),
    )  # fmt: skip
    Message.objects.create(
        account=place.account, conversation=place, ticket=ticket, external_id="900", version_id="900",
        direction="out", visibility="private", kind="answer", reply=reply, body="On it.",
        sent_at=at(23, 10, 5), received_at=at(23, 10, 5),
    )  # fmt: skip
    undo(noor, row, at(23, 11))
    private.refresh_from_db()
    assert private.first_response_at == at(23, 10, 5)
    assert Target.objects.get(ticket=private, kind="first_response").met_at == at(23, 10, 5)


def test_a_date_that_passed_meanwhile_asks_somebody(
    ticket: Ticket, private: Ticket, noor: User, clock: SimulatedClock
) -> None:
    said.acknowledge(private, at=at(23, 9, 31))
    earlier, later = sorted([ticket, private], key=lambda one: one.promised_for or at(30, 1))
    row = join(noor, later, earlier, at(23, 10))
    undo(noor, row, at(27, 9))
    missed = Promise.objects.get(ticket=later)
    assert (missed.end, missed.ended_at) == ("missed", missed.promised_for)
    asked = AgentTask.objects.get(ticket=later, kind="not_told")
    assert (asked.reason, asked.due_at) == ("date_passed", missed.promised_for)
    line = TicketEvent.objects.get(ticket=later, kind="promise_missed")
    assert (line.at, line.args["promise"]) == (missed.promised_for, missed.pk)
    assert line.args["noticed_at"] == at(27, 9).isoformat()


@pytest.mark.parametrize("state", ["sending", "waiting", "unknown"])
@pytest.mark.parametrize("whose", [0, 1])
def test_not_while_something_may_have_left(
    ticket: Ticket, private: Ticket, noor: User, state: str, whose: int
) -> None:
    row = OutboundReply.objects.get(ticket=(ticket, private)[whose])
    OutboundReply.objects.filter(pk=row.pk).update(
        state=state, lease_token="7" * 32, lease_until=at(23, 11), send_started_at=at(23, 9, 59)
    )
    with pytest.raises(Refused) as refusal:
        join(noor, ticket, private, at(23, 10))
    assert refusal.value.code == "on_its_way"
    assert not TicketJoin.objects.exists()


def test_what_a_worker_holds_and_has_not_begun_falls_away(
    ticket: Ticket, private: Ticket, noor: User
) -> None:
    OutboundReply.objects.filter(ticket=private).update(
        state="sending", lease_token="7" * 32, lease_until=at(23, 11)
    )
    join(noor, ticket, private, at(23, 10))
    gone = OutboundReply.objects.get(ticket=private)
    assert (gone.state, gone.lease_token) == ("superseded", None)


def test_two_callers_are_one_person_only_where_somebody_says_so(
    ticket: Ticket, private: Ticket, noor: User
) -> None:
    with pytest.raises(Refused) as refusal:
        join(noor, ticket, private, at(23, 10), one_person=False)
    assert refusal.value.code == "two_callers"
    with pytest.raises(Refused) as refusal:
        join(noor, ticket, private, at(23, 10), consent_message_id=10**9)
    assert refusal.value.code == "consent"
    word = Message.objects.get(external_id="50")
    row = join(noor, ticket, private, at(23, 10), consent_message_id=word.pk)
    assert row.consent_message == word


def test_the_same_person_again_needs_no_word_and_is_parted_with_the_last_of_them(
    ticket: Ticket, private: Ticket, other: ChannelAccount, noor: User
) -> None:
    first = join(noor, ticket, private, at(23, 10))
    third = hear(other, 60, CARD, at(23, 10, 1), by="anouk.c", private=True)
    second = join(noor, ticket, third, at(23, 10, 30))
    with pytest.raises(Refused) as refusal:
        undo(noor, first, at(23, 11))
    assert refusal.value.code == "on_top"
    undo(noor, second, at(23, 11))
    undo(noor, first, at(23, 11))
    assert not Contact.objects.exclude(merged_into=None).exists()


def test_a_private_team_is_not_joined_with_another(ticket: Ticket, private: Ticket, noor: User) -> None:
    secret = desk.team("integrity", private=True)
    Ticket.objects.filter(pk=private.pk).update(team=secret)
    with pytest.raises(NotFound):
        join(noor, ticket, private, at(23, 10))
    both = desk.user("kim", teams=[secret, desk.team("front")])
    with pytest.raises(Refused) as refusal:
        join(both, ticket, private, at(23, 10))
    assert refusal.value.code == "private_team"


def test_what_was_not_seen_is_not_joined(ticket: Ticket, private: Ticket, noor: User) -> None:
    private.refresh_from_db()
    ticket.refresh_from_db()
    seen = {ticket.pk: ticket.version, private.pk: private.version}
    Ticket.objects.filter(pk=private.pk).update(version=private.version + 1)
    with pytest.raises(Changed):
        join(noor, ticket, private, at(23, 10), seen=seen)
    with pytest.raises(Refused):
        join(noor, ticket, ticket, at(23, 10))


def test_it_can_be_undone_for_as_long_as_it_could_be_opened_again(
    ticket: Ticket, private: Ticket, noor: User
) -> None:
    row = join(noor, ticket, private, at(23, 10))
    with pytest.raises(Refused) as refusal:
        undo(noor, row, at(23, 10) + timedelta(days=200))
    assert refusal.value.code == "too_late"


def test_what_colleagues_are_writing_follows(ticket: Ticket, private: Ticket, noor: User) -> None:
    other = desk.user("daan", teams=[desk.team("front")])
    for author, one, text in ((noor, ticket, "a"), (noor, private, "b"), (other, private, "c")):
        place = one.conversations.get()
        Draft.objects.create(
            user=author, ticket=one, kind="answer", text=text, conversation=place, updated_at=at(23, 9, 50)
        )
    row = join(noor, ticket, private, at(23, 10))
    drafts = Draft.objects.order_by("text").values_list("user__username", "ticket", "text")
    assert list(drafts) == [("noor", ticket.pk, "a\n\nb"), ("daan", ticket.pk, "c")]
    undo(noor, row, at(23, 11))
    assert Draft.objects.get(user=other).ticket == private
    assert Draft.objects.get(user=noor).ticket == ticket


def test_a_wait_ends_where_the_other_waits_for_us(
    ticket: Ticket, private: Ticket, noor: User, clock: SimulatedClock
) -> None:
    said.answer(ticket, at=at(23, 9, 20), asks=True)
    assert ticket.status == "waiting_on_caller"
    row = join(noor, ticket, private, at(23, 10))
    ticket.refresh_from_db()
    assert (row.into, row.why, ticket.status, ticket.waiting_since) == (ticket, "told", "open", None)
    assert OutboundReply.objects.get(kind="date_changed_notice").ticket == ticket
    assert not ticket.pauses.filter(ended_at=None).exists()


def test_what_is_joined_is_opened_and_triaged_by_undoing_alone(
    ticket: Ticket, private: Ticket, noor: User
) -> None:
    join(noor, ticket, private, at(23, 10))
    with pytest.raises(Refused) as refusal:
        ticket_reopen(actor=noor, ticket_id=private.pk, now=at(23, 11))
    assert refusal.value.code == "joined"
    with pytest.raises(Refused) as refusal:
        ticket_triage(
            actor=noor, ticket_id=private.pk, verdict=Triage.NO_REPLY, reason="spam", now=at(23, 11)
        )
    assert refusal.value.code == "joined"


def test_both_pages_ask_as_often_whatever_was_joined(
    ticket: Ticket, private: Ticket, other: ChannelAccount, noor: User, page: Client, clock: SimulatedClock
) -> None:
    """The number of queries does not depend on how many tickets were joined into one, nor on what is offered."""
    where = f"/t/{ticket.shown_reference}/"
    counts = []
    for number in range(60, 63):
        join(
            noor,
            ticket,
            hear(other, number, CARD, at(23, 9, 50), by=f"anouk{number}", private=True),
            at(23, 10),
        )
        hear(other, number + 20, LIGHTS, at(23, 9, 55), by=f"anouk{number}", private=True, thread=number + 20)
        with CaptureQueriesContext(connection) as asked:
            assert page.get(where).status_code == 200
        shown = len(asked)
        with CaptureQueriesContext(connection) as asked:
            assert page.get(f"{where}join/").status_code == 200
        counts.append((shown, len(asked)))
    assert counts[1] == counts[2]
