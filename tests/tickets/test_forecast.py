"""What would keep a notice back at a moment to come: every rule by its name, the same that is asked when it goes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from priority.selectors import policy_of
from tests import desk
from tests.channels_social import outbox
from tickets.clock import database_now
from tickets.display.codes import held_words
from tickets.models import (
    ChannelAccount,
    Conversation,
    DeskSwitch,
    Identity,
    Message,
    OptOut,
    OutboundReply,
    Ticket,
)
from tickets.services.forecast import KeptBack, kept_back

pytestmark = pytest.mark.usefixtures("scripted")

HOUR = timedelta(hours=1)
LIMITED = {"automated_per_interaction": 1}
OF_PERSONS = ("account_mode", "account_stopped", "message_removed", "released", "undecided", "window")


@pytest.fixture
def ticket() -> Ticket:
    return outbox.ticket(outbox.account())


def one(ticket: Ticket, ahead: timedelta = HOUR) -> KeptBack | None:
    now = database_now()
    return kept_back([ticket], now + ahead, now)[ticket.pk]


def gone(ticket: Ticket, number: int, *, ago: timedelta = timedelta(), kind: str = "delay_notice") -> None:
    for n in range(number):
        OutboundReply.objects.create(
            account=ticket.account,
            conversation=ticket.conversations.get(),
            ticket=ticket,
            dedupe_key=f"{kind}:{ticket.pk}:{n}",
            kind=kind,
            is_automatic=True,
            state="sent",
            sent_at=database_now() - ago,
            next_try_at=desk.MONDAY,
            created_at=desk.MONDAY,
        )


def account_set(**columns: Any) -> Callable[[Ticket], object]:
    return lambda _: ChannelAccount.objects.update(**columns)


def opted_out(ticket: Ticket) -> None:
    OptOut.objects.create(
        identity=ticket.conversations.get().identity,
        account_id=ticket.account_id,
        how="said",
        since=desk.MONDAY,
    )


CASES: list[tuple[Callable[[Ticket], object], str]] = [
    (account_set(mode="collect_feedback"), "account_mode"),
    (account_set(stopped_code="reauthorise"), "account_stopped"),
    (lambda _: Message.objects.update(removed_at=desk.MONDAY, body=""), "message_removed"),
    (account_set(capabilities=LIMITED), "undecided"),
    (account_set(capabilities=LIMITED, notices="released"), "released"),
    (account_set(automatic_stopped_at=desk.MONDAY), "stopped"),
    (lambda _: DeskSwitch.objects.create(stopped_at=desk.MONDAY), "stopped"),
    (opted_out, "opted_out"),
    (lambda _: Identity.objects.update(is_automated=True), "automated_sender"),
    (lambda t: gone(t, 8, ago=48 * HOUR), "ticket_cap"),
    (lambda t: gone(t, 1, ago=48 * HOUR, kind="overdue_notice"), "renewals"),
]


def test_nothing_does(ticket: Ticket) -> None:
    assert one(ticket) is None


@pytest.mark.parametrize(("change", "rule"), CASES)
def test_each_rule_by_its_name_and_in_words(
    ticket: Ticket, change: Callable[[Ticket], object], rule: str
) -> None:
    change(ticket)
    found = one(ticket)
    assert found == KeptBack(rule)
    assert held_words(rule)


def test_a_rule_of_the_network_is_the_networks(ticket: Ticket) -> None:
    Conversation.objects.update(reply_rule={"allowed": False, "rule": "not_summoned", "until": None})
    assert one(ticket) == KeptBack("not_summoned", by="network")


def test_a_window_that_will_have_closed_says_until_when_a_person_may_write(ticket: Ticket) -> None:
    now = database_now()
    Conversation.objects.update(window_ends_at=now + HOUR / 2, person_window_ends_at=now + 100 * HOUR)
    assert one(ticket, HOUR / 4) is None
    assert one(ticket) == KeptBack("window", until=now + 100 * HOUR)
    Conversation.objects.update(person_window_ends_at=None)
    assert one(ticket) == KeptBack("window", until=now + HOUR / 2)


def test_as_many_as_the_network_allows_for_one_message_of_the_caller(ticket: Ticket) -> None:
    account_set(capabilities=LIMITED, notices="automatic", notices_note="agreed on 3 March")(ticket)
    Conversation.objects.update(automated_since_inbound=1)
    assert one(ticket) is None
    Conversation.objects.update(automated_since_inbound=2)
    assert one(ticket) == KeptBack("automated_per_interaction")


def test_caps_of_a_person_are_those_of_that_moment(ticket: Ticket) -> None:
    caps = policy_of(ticket.policy_revision_id).caps
    gone(ticket, caps.per_contact_per_hour)
    assert one(ticket, HOUR / 2) == KeptBack("contact_cap_hour")
    assert one(ticket, 2 * HOUR) is None
    gone(outbox.ticket(ticket.account, contact=ticket.caller), 3, ago=HOUR)
    assert one(ticket, 2 * HOUR) == KeptBack("contact_cap_day")
    assert one(ticket, 30 * HOUR) is None


def test_a_message_that_still_stands_is_enough(ticket: Ticket) -> None:
    first = Message.objects.get()
    Message.objects.filter(pk=first.pk).update(removed_at=desk.MONDAY, body="")
    first.pk, first.external_id = None, "another"
    first.save()
    assert one(ticket) is None


def test_many_tickets_each_at_its_own_moment_in_as_many_statements_as_one(
    django_assert_num_queries: Any,
) -> None:
    account = outbox.account()
    now = database_now()
    made = [outbox.ticket(account) for _ in range(4)]
    Conversation.objects.filter(ticket=made[0]).update(window_ends_at=now + 5 * HOUR)
    Conversation.objects.filter(ticket=made[1]).update(window_ends_at=now + 5 * HOUR)
    at = {ticket.pk: now + n * 4 * HOUR for n, ticket in enumerate(made)}
    at[made[1].pk] = now + 6 * HOUR
    kept_back(made, at, now)
    with CaptureQueriesContext(connection) as for_one:
        kept_back(made[:1], at, now)
    with django_assert_num_queries(len(for_one)):
        found = kept_back(made, at, now)
    assert [found[t.pk] is not None for t in made] == [False, True, False, False]
    assert kept_back([], now, now) == {}


def test_a_moment_that_has_passed_is_now(ticket: Ticket) -> None:
    Conversation.objects.update(window_ends_at=database_now())
    assert one(ticket, -HOUR) is not None


def test_a_ticket_without_a_conversation_has_nowhere_to_say_it(ticket: Ticket) -> None:
    Conversation.objects.update(ticket=None)
    assert one(ticket) == KeptBack("message_removed")
