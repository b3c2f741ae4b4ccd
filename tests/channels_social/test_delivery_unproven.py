"""What goes to an address that somebody has only typed: little, and nothing to whoever wants none."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from channels_social.delivery import deliver
from tests import desk
from tests.channels_social import outbox
from tests.channels_social.outbox import Scripted
from tickets.clock import database_now
from tickets.display.codes import held_words
from tickets.models import AgentTask, ChannelAccount, Identity, OptOut, OutboundReply, Ticket
from tickets.services.forecast import kept_back

pytestmark = [pytest.mark.usefixtures("scripted")]

CLAIM = "letters\n\nanouk@home.example"


def typed(account: ChannelAccount, *, claim: str = CLAIM) -> Ticket:
    """Somebody else each time, as far as we know, with the same address."""
    ticket = outbox.ticket(account)
    Identity.objects.filter(conversations__ticket=ticket).update(claims=claim)
    outbox.queued(ticket)
    return ticket


def held(ticket: Ticket) -> str:
    return ticket.replies.get().held_reason


@pytest.mark.django_db
class TestHowMany:
    def test_three_in_a_day_from_all_accounts_then_a_person_decides(self, settings: Any) -> None:
        settings.UNPROVEN_MESSAGES_PER_DAY = 3
        one, two = outbox.account("one"), outbox.account("two")
        tickets = [typed(account) for account in (one, two, one, two)]
        for account in (one, two, one):
            deliver(account.pk)
        states = [ticket.replies.get().state for ticket in tickets]
        assert sorted(states) == ["held", "sent", "sent", "sent"]
        late = next(ticket for ticket in tickets if ticket.replies.get().state == "held")
        assert held(late) == "unproven_cap"
        asked = AgentTask.objects.get(ticket=late, kind="release")
        assert asked.reason == "unproven_cap"
        assert "nobody has written to us from it yet" in held_words(held(late))

    def test_another_address_and_a_proven_one_have_their_own(self, settings: Any) -> None:
        settings.UNPROVEN_MESSAGES_PER_DAY = 1
        account = outbox.account()
        for claim in (CLAIM, "letters\n\nbram@home.example", "", ""):
            typed(account, claim=claim)
        deliver(account.pk)
        assert len(Scripted.sent) == 4

    def test_after_a_day_there_is_room_again(self, settings: Any) -> None:
        settings.UNPROVEN_MESSAGES_PER_DAY = 1
        account = outbox.account()
        first = typed(account)
        deliver(account.pk)
        OutboundReply.objects.filter(ticket=first).update(
            sent_at=database_now() - timedelta(days=1, minutes=1)
        )
        typed(account)
        deliver(account.pk)
        assert len(Scripted.sent) == 2

    def test_a_persons_answer_goes_and_counts(self, settings: Any) -> None:
        settings.UNPROVEN_MESSAGES_PER_DAY = 1
        account = outbox.account()
        first = outbox.ticket(account)
        Identity.objects.update(claims=CLAIM)
        outbox.answered(first, "A fitter is on the way.")
        deliver(account.pk)
        assert len(Scripted.sent) == 1
        late = typed(account)
        deliver(account.pk)
        assert held(late) == "unproven_cap"

    def test_what_was_read_where_they_had_begun_went_to_no_address(self, settings: Any) -> None:
        settings.UNPROVEN_MESSAGES_PER_DAY = 1
        account = outbox.account()
        ticket = typed(account)
        deliver(account.pk)
        OutboundReply.objects.filter(ticket=ticket).update(handed_at=database_now())
        late, now = typed(account), database_now()
        assert kept_back([ticket], now, now)[ticket.pk] is None
        deliver(account.pk)
        assert held(late) == ""
        assert len(Scripted.sent) == 2

    def test_it_is_foreseen(self, settings: Any) -> None:
        settings.UNPROVEN_MESSAGES_PER_DAY = 1
        account = outbox.account()
        ticket = typed(account)
        deliver(account.pk)
        now = database_now()
        soon = kept_back([ticket], now, now)[ticket.pk]
        assert soon is not None
        assert soon.rule == "unproven_cap"
        assert kept_back([ticket], now + timedelta(days=2), now)[ticket.pk] is None

    @pytest.mark.parametrize("what", ["opted_out", "automated_sender", "address_dead"])
    def test_what_its_owner_is_to_us_holds_there_too(self, what: str) -> None:
        account = outbox.account()
        ticket = typed(account)
        owner = Identity.objects.create(
            contact=ticket.caller, kind="letters", external_id="anouk@home.example", created_at=database_now(),
            is_automated=what == "automated_sender", dead_at=database_now() if what == "address_dead" else None,
        )  # fmt: skip
        if what == "opted_out":
            OptOut.objects.create(
                identity=owner, account=outbox.account("two"), how="said", since=database_now()
            )
        deliver(account.pk)
        assert held(ticket) == what


@pytest.mark.django_db(transaction=True)
def test_two_workers_count_one_after_the_other(settings: Any) -> None:
    settings.UNPROVEN_MESSAGES_PER_DAY = 1
    desk.seeded()
    accounts = [outbox.account("one"), outbox.account("two")]
    for account in accounts:
        typed(account)
    together = threading.Barrier(2)

    def work(account: ChannelAccount) -> None:
        together.wait()
        try:
            deliver(account.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(account,)) for account in accounts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(OutboundReply.objects.values_list("state", flat=True)) == ["held", "sent"]
