"""Weeks in which tickets are joined and parted as well: what tests/weeks.py does, on two accounts, one of them private,
with two identities a person, and a process that may die in the middle of a joining or its undoing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from types import ModuleType
from typing import Any
from unittest.mock import patch

from django.db import transaction
from django.db.models import F
from hypothesis import strategies as st
from hypothesis.stateful import rule

from channels_social import delivery, inbox, ingest
from tests import desk
from tests.memory_network import Killed, Memory, dies_at
from tests.weeks import SEEN, TEXTS, Weeks
from tests.weeks_agents import AUTHORS
from tickets.contract import Author, InboundMessage, MayReply, OutboundMessage
from tickets.models import (
    UNSETTLED,
    Contact,
    Conversation,
    Message,
    OutboundReply,
    Promise,
    PromiseEnd,
    ReplyKind,
    ReplyState,
    Status,
    Target,
    Ticket,
    TicketJoin,
)
from tickets.services import joining, joining_undo
from tickets.services.errors import Changed, NotFound, Refused
from tickets.services.intake import messages_receive
from tickets.services.join_rule import persons_of
from tickets.services.joining import ticket_join
from tickets.services.joining_undo import ticket_join_undo
from tickets.services.sweep import sweep_due
from tickets.services.triage import triage_overdue
from tickets.services.undo import replies_let_go

JOIN_DIES = ["", "", "", "", "move", "close", "go_on", "tasks_follow"]
UNDO_DIES = ["", "", "", "", "_move", "_let_go", "_as_it_was", "_words_since", "contacts_part"]


class Both(Memory):
    """The network in memory, where one may write in private, too."""

    def may_reply(self, message: OutboundMessage) -> MayReply:
        return message.reply_rule if message.visibility == "private" else super().may_reply(message)


class Joinings(Weeks):
    # Left to tests/weeks.py, so that what is looked at here comes up often enough.
    edits = deletes = triages = sets_priority = changes_hands = None  # type: ignore[assignment]
    opt_out_is_recorded = the_account_dies_or_is_mended = None  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.second = desk.account("7777")

    def settle(self) -> None:
        # A parted ticket's date comes back to life, which its history does not say by itself.
        self.outcomes_counted = not TicketJoin.objects.filter(undone_at__isnull=False).exists()
        super().settle()
        SEEN["recounted", "joined"] += self.outcomes_counted and TicketJoin.objects.exists()
        for row in TicketJoin.objects.all():
            SEEN.update([("joined", str(row.why)), *([("joined", "undone")] if row.undone_at else [])])

    # -- what is new in these weeks ------------------------------------------------------------------------------
    @rule(author=st.sampled_from(AUTHORS), text=st.sampled_from(TEXTS))
    def writes_in_private(self, author: str, text: str) -> None:
        self.is_heard(author, text)
        self.runs()

    def is_heard(self, author: str, text: str) -> int | None:
        """Nothing has left yet. The id of the ticket that these words came to."""
        number = next(self.numbers)
        message = InboundMessage(
            external_id=f"dm{number}",
            thread_key=f"dm:{author}",
            author=Author("x", f"p-{author}", "7777", f"p{author}", "Anouk"),
            text=text,
            sent_at=self.clock.now,
            visibility="private",
            reply_rule=MayReply(True, "private"),
            addressed=True,
            version_id=f"dm{number}",
            language="en",
            root_external_id=f"dm{number}",
            url="",
        )
        with transaction.atomic():
            messages_receive(self.second, [message], now=self.clock.now)
        return Message.objects.values_list("ticket_id", flat=True).get(external_id=f"dm{number}")

    @rule(
        texts=st.lists(st.sampled_from(TEXTS[:6]), min_size=2, max_size=2),
        are_told=st.booleans(),
        dies=st.sampled_from(JOIN_DIES),
    )
    def two_write_and_are_joined(self, texts: list[str], are_told: bool, dies: str) -> None:
        """Who had not written before: both told, or neither yet, so that other things than a date decide."""
        found = []
        for text in texts:
            found.append(self.is_heard(f"new{next(self.numbers)}", text))
            if are_told:
                self.runs()
        every = [ticket.pk for ticket in Ticket.objects.order_by("pk")]
        one, two = [every.index(pk) for pk in found if pk is not None]
        self.joins(one, two, dies)

    @rule(one=st.integers(0, 20), two=st.integers(0, 20), dies=st.sampled_from(JOIN_DIES))
    def joins(self, one: int, two: int, dies: str) -> None:
        first, second = self.ticket(one), self.ticket(two)
        if first is None or second is None:
            return
        dates = [ticket.promised_for for ticket in (first, second) if ticket.promised_for is not None]

        def join() -> None:
            row = ticket_join(
                actor=self.agent,
                ticket_id=first.pk,
                other_id=second.pk,
                one_person=True,
                consent_message_id=None,
                seen=None,
                now=self.clock.now,
            )
            self.the_earliest_holds(row, dates)

        self.or_dies(join, joining, dies)

    @rule(one=st.integers(0, 20), two=st.integers(0, 20))
    def joins_open_ones(self, one: int, two: int) -> None:
        """Most tickets are over at some time; two that are not."""
        found = list(
            Ticket.objects.filter(status__in=["new", "open", "waiting_on_caller", "on_hold"]).order_by("pk")
        )
        every = [ticket.pk for ticket in Ticket.objects.order_by("pk")]
        if len(found) > 1:
            first = found[one % len(found)]
            second = [ticket for ticket in found if ticket != first][two % (len(found) - 1)]
            self.joins(every.index(first.pk), every.index(second.pk), "")

    @rule(which=st.integers(0, 5), dies=st.sampled_from(UNDO_DIES))
    def undoes(self, which: int, dies: str) -> None:
        rows = list(TicketJoin.objects.filter(undone_at=None).order_by("-pk"))
        if not rows:
            return
        row = rows[which % len(rows)]

        def undo() -> None:
            ticket_join_undo(actor=self.agent, join_id=row.pk, now=self.clock.now)
            self.its_date_is_back(row)

        self.or_dies(undo, joining_undo, dies)

    @rule()
    def undoes_the_last(self) -> None:
        self.undoes(0, "")

    def or_dies(self, act: Callable[[], None], where: ModuleType, dies: str) -> None:
        with killed_after(where, dies), suppress(Refused, Changed, NotFound, Killed):
            act()
        self.runs()

    # -- what holds ----------------------------------------------------------------------------------------------
    def the_earliest_holds(self, row: TicketJoin, dates: list[datetime]) -> None:
        into = Ticket.objects.get(pk=row.into_id)
        assert into.promised_for == min(dates, default=None), "an earlier told date is lost"
        standing = Promise.objects.filter(ticket=into, end="").values_list("promised_for", flat=True)
        assert list(standing) == sorted(dates)[:1], "an earlier told date is lost"

    def its_date_is_back(self, row: TicketJoin) -> None:
        kept = row.before["joined"]["promise"]
        if kept is None:
            return
        promise = Promise.objects.get(pk=kept[0])
        assert promise.end != PromiseEnd.WITHDRAWN, "its told date is lost"
        if promise.end == PromiseEnd.MISSED:
            # Nobody watched it while the other one's was kept.
            self.away.append((row.at, self.clock.now))

    def holds_at_every_moment(self) -> None:
        super().holds_at_every_moment()
        elsewhere = Message.objects.exclude(ticket=None).exclude(ticket=F("conversation__ticket"))
        assert not elsewhere.exists(), (
            f"on two tickets: {list(elsewhere.values_list('external_id', flat=True))}"
        )
        standing = TicketJoin.objects.filter(undone_at=None).select_related("into", "joined")
        for row in standing:
            gone = row.joined
            assert (gone.status, gone.next_at, gone.promised_for) == (Status.CLOSED, None, None)
            assert not Conversation.objects.filter(ticket=gone).exists()
            assert not Target.objects.filter(ticket=gone, met_at=None, ended_at=None).exists()
            assert not OutboundReply.objects.filter(
                ticket=gone, state__in=[*UNSETTLED, ReplyState.UNKNOWN, ReplyState.HELD]
            ).exists(), "something is still to be said on a ticket that was joined"
            person = persons_of([row.into.caller_id, gone.caller_id])
            assert len(set(person.values())) == 1
        merged = set(Promise.objects.filter(end_reason="merged").values_list("ticket_id", flat=True))
        assert merged <= {row.joined_id for row in standing}, "withdrawn, and joined with nothing"
        if not standing:
            assert not Contact.objects.exclude(merged_into=None).exists(), "one person, with nothing joined"

    def may_stand_there(self, message: OutboundMessage) -> None:
        super().may_stand_there(message)
        reply = OutboundReply.objects.select_related("conversation").get(
            dedupe_key=message.idempotency_key.rpartition("#")[0]
        )
        assert reply.conversation.ticket_id == reply.ticket_id, "said in a conversation of another ticket"
        assert reply.account_id == reply.conversation.account_id
        assert not TicketJoin.objects.filter(joined=reply.ticket_id, undone_at=None).exists()
        if reply.kind == ReplyKind.ACKNOWLEDGEMENT:
            told = Promise.objects.filter(ticket_id__in=joined_into(reply.ticket_id))
            assert not told.exists(), "acknowledged again, on the ticket that it was joined with"

    # -- two accounts --------------------------------------------------------------------------------------------
    def runs(self) -> None:
        ingest.events_store(
            [(self.account.pk, event) for event in self.pending], source="webhook", now=self.clock.now
        )
        if self.pending:
            self.pending = []
            inbox.events_process(self.account.pk, seconds=60)
        triage_overdue(now=self.clock.now)
        for _ in range(20):
            sweep_due(now=self.clock.now)
            replies_let_go(now=self.clock.now)
            if not self.to_deliver():
                return
            for account in (self.account, self.second):
                with dies_at(self.places.pop(0) if self.places else ""):
                    delivery.leases_take_back()
                    delivery.deliver(account.pk)


def joined_into(ticket_id: int) -> list[int]:
    """Every ticket that goes on in this one, over whatever others."""
    found = [ticket_id]
    for pk in found:
        found += TicketJoin.objects.filter(into_id=pk, undone_at=None).values_list("joined_id", flat=True)
    return found[1:]


@contextmanager
def killed_after(where: ModuleType, name: str) -> Iterator[None]:
    """The process dies when this step of the service is done; what it wrote is rolled back with it."""
    if not name:
        yield
        return
    real = getattr(where, name)

    def dies(*args: Any, **kwargs: Any) -> Any:
        real(*args, **kwargs)
        raise Killed

    with patch.object(where, name, dies):
        yield
