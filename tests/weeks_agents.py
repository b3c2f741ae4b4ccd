"""What agents do in the histories of tests/weeks.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta

from django.test import override_settings
from hypothesis import strategies as st
from hypothesis.stateful import rule

from accounts.models import User
from channels_social.models import ChannelConnection
from tests.memory_network import Network
from tests.simulated_clock import SimulatedClock
from tickets.models import (
    ChannelAccount,
    Conversation,
    HoldKind,
    Identity,
    OutboundReply,
    ReplyState,
    Ticket,
    Triage,
)
from tickets.services.errors import Changed, NotFound, Refused
from tickets.services.later import later_proposal, later_say
from tickets.services.opt_out import opt_in_record, opt_out_record
from tickets.services.owning import ticket_take, ticket_transfer
from tickets.services.properties import ticket_properties_set
from tickets.services.replies import answer_write, reply_drop, reply_release, reply_resolve_unknown
from tickets.services.triage import ticket_triage
from tickets.services.undo import reply_undo
from tickets.services.work import ticket_go_on, ticket_hold, ticket_reopen, ticket_resolve

#: Who writes to the desk, by the network's ids.
AUTHORS = ["2222", "4444", "6666"]


class Agents:
    account: ChannelAccount
    agent: User
    clock: SimulatedClock
    keys: Iterator[int]
    network: Network
    runs: Callable[[], None]
    #: For how long what a person sends can be taken back.
    undo_seconds = 0

    def acts(self, act: Callable[[], object]) -> None:
        with suppress(Refused, Changed, NotFound), override_settings(UNDO_SECONDS=self.undo_seconds):
            act()
        self.runs()

    def ticket(self, which: int) -> Ticket | None:
        found = list(Ticket.objects.order_by("pk"))
        return found[which % len(found)] if found else None

    @rule(which=st.integers(0, 20), verdict=st.sampled_from([Triage.RESPOND, Triage.NO_REPLY]))
    def triages(self, which: int, verdict: Triage) -> None:
        ticket = self.ticket(which)
        if ticket is not None:
            self.acts(
                lambda: ticket_triage(
                    actor=self.agent,
                    ticket_id=ticket.pk,
                    verdict=verdict,
                    reason="venting",
                    now=self.clock.now,
                )
            )

    @rule(which=st.integers(0, 20), tell=st.booleans(), asks=st.sampled_from([False, False, True]))
    def answers(self, which: int, tell: bool, asks: bool) -> None:
        ticket = self.ticket(which)
        if ticket is None:
            return
        place = Conversation.objects.filter(ticket=ticket).order_by("pk").last()
        number = next(self.keys)
        if place is not None:
            self.acts(
                lambda: answer_write(
                    actor=self.agent,
                    ticket_id=ticket.pk,
                    conversation_id=place.pk,
                    text=f"Which card was it? {number}" if asks else f"We have your card. {number}",
                    tell_date=tell,
                    asks=asks,
                    client_key=f"client-key-{number}",
                    seen_message_id=None,
                    now=self.clock.now,
                )
            )

    @rule(which=st.integers(0, 20), days=st.sampled_from([0, 1, 4]), reason=st.integers(0, 3))
    def says_later(self, which: int, days: int, reason: int) -> None:
        ticket = self.ticket(which)
        if ticket is None:
            return
        number = next(self.keys)

        def say() -> None:
            proposal = later_proposal(actor=self.agent, ticket_id=ticket.pk, now=self.clock.now)
            code = proposal.reasons[reason % len(proposal.reasons)][0]
            later_say(
                actor=self.agent,
                ticket_id=ticket.pk,
                reason=code,
                own_words="",
                date=proposal.proposed + timedelta(days=days),
                client_key=f"later-key-{number}",
                seen_message_id=None,
                now=self.clock.now,
            )

        self.acts(say)

    @rule(which=st.integers(0, 20), kind=st.sampled_from(HoldKind.values), days=st.integers(1, 6))
    def holds(self, which: int, kind: str, days: int) -> None:
        ticket = self.ticket(which)
        if ticket is not None:
            self.acts(
                lambda: ticket_hold(
                    actor=self.agent,
                    ticket_id=ticket.pk,
                    kind=HoldKind(kind),
                    waits_for="the supplier",
                    ask_again_at=self.clock.now + timedelta(days=days),
                    later=None,
                    seen_version=None,
                    now=self.clock.now,
                )
            )

    @rule(which=st.integers(0, 20))
    def goes_on(self, which: int) -> None:
        ticket = self.ticket(which)
        if ticket is not None:
            self.acts(lambda: ticket_go_on(actor=self.agent, ticket_id=ticket.pk, now=self.clock.now))

    @rule(which=st.integers(0, 20), how=st.sampled_from(["what", "own_text", "without_a_word"]))
    def resolves(self, which: int, how: str) -> None:
        ticket = self.ticket(which)
        if ticket is None:
            return
        place = Conversation.objects.filter(ticket=ticket).order_by("pk").last()
        number = next(self.keys)
        ways = {"what": "", "own_text": "", "without_a_word": ""}
        ways[how] = "double" if how == "without_a_word" else f"Your card lies at the counter. {number}"
        self.acts(
            lambda: ticket_resolve(
                actor=self.agent,
                ticket_id=ticket.pk,
                conversation_id=place.pk if place else None,
                client_key=f"done-key-{number}",
                seen_message_id=None,
                now=self.clock.now,
                what=ways["what"],
                own_text=ways["own_text"],
                without_a_word=ways["without_a_word"],
            )
        )

    @rule(which=st.integers(0, 20))
    def reopens(self, which: int) -> None:
        ticket = self.ticket(which)
        if ticket is not None:
            self.acts(lambda: ticket_reopen(actor=self.agent, ticket_id=ticket.pk, now=self.clock.now))

    @rule(which=st.integers(0, 20), what=st.sampled_from(["take", "transfer"]))
    def changes_hands(self, which: int, what: str) -> None:
        ticket = self.ticket(which)
        if ticket is None:
            return
        if what == "take":
            self.acts(lambda: ticket_take(actor=self.agent, ticket_id=ticket.pk, now=self.clock.now))
        else:
            self.acts(
                lambda: ticket_transfer(
                    actor=self.agent, ticket_id=ticket.pk, team_key="trams", now=self.clock.now
                )
            )

    @rule(
        which=st.integers(0, 20),
        impact=st.sampled_from(["high", "medium", "low"]),
        urgency=st.sampled_from(["high", "medium", "low"]),
    )
    def sets_priority(self, which: int, impact: str, urgency: str) -> None:
        ticket = self.ticket(which)
        if ticket is not None:
            self.acts(
                lambda: ticket_properties_set(
                    actor=self.agent,
                    ticket_id=ticket.pk,
                    category=ticket.category,
                    impact=impact,
                    urgency=urgency,
                    why="seen",
                    seen_version=None,
                    now=self.clock.now,
                )
            )

    @rule(which=st.integers(0, 20), release=st.sampled_from([True, True, False]))
    def decides_held(self, which: int, release: bool) -> None:
        held = list(OutboundReply.objects.filter(state=ReplyState.HELD).order_by("pk"))
        if held:
            one = held[which % len(held)]
            decide = reply_release if release else reply_drop
            self.acts(lambda: decide(actor=self.agent, reply_id=one.pk, now=self.clock.now))

    @rule(which=st.integers(0, 20))
    def takes_back(self, which: int) -> None:
        fresh = list(OutboundReply.objects.filter(undo_until__isnull=False).order_by("pk"))
        if fresh:
            one = fresh[which % len(fresh)]
            self.acts(lambda: reply_undo(actor=self.agent, reply_id=one.pk, now=self.clock.now))

    @rule(which=st.integers(0, 20), verdict=st.sampled_from(["went", "again", "not"]))
    def settles_unknown(self, which: int, verdict: str) -> None:
        unsure = list(OutboundReply.objects.filter(state=ReplyState.UNKNOWN).order_by("pk"))
        if not unsure:
            return
        one = unsure[which % len(unsure)]
        stands = {message.idempotency_key for _, message in self.network.stored}
        # An agent who looks says what there is to be seen; only "went" and "not" can be wrong.
        there = any(key.startswith(f"{one.dedupe_key}#") for key in stands)
        if (verdict == "went") == there:
            self.acts(
                lambda: reply_resolve_unknown(
                    actor=self.agent,
                    reply_id=one.pk,
                    verdict=verdict,  # type: ignore[arg-type]  # one of the three
                    now=self.clock.now,
                )
            )

    @rule(author=st.sampled_from(AUTHORS), back=st.booleans())
    def opt_out_is_recorded(self, author: str, back: bool) -> None:
        identity = Identity.objects.filter(external_id=author).first()
        if identity is not None:
            record = opt_in_record if back else opt_out_record
            record(actor=self.agent, identity_id=identity.pk, account_id=self.account.pk, now=self.clock.now)
            self.runs()

    @rule(code=st.sampled_from(["reauthorise", "", "", "", ""]))
    def the_account_dies_or_is_mended(self, code: str) -> None:
        ChannelConnection.objects.update(needs_person=bool(code), needs_person_code=code, paused_until=None)
        ChannelAccount.objects.update(stopped_code=code)
        self.runs()
