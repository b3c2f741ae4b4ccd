"""Promises 1, 4, 5, 6 and 7 over random histories: posts, edits, deletions, repeats, crashes, answers, refusals.

The real inbox, intake, outbox and delivery on the real database; the real adapter's reading and rules. Only the wire
is a stand-in: a network in memory that takes everything (doubles too), and that kills the process where a history
says so. Killed is an exception that nothing of ours may catch; what its transaction had written is gone.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter, defaultdict
from contextlib import suppress
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import transaction
from django.db.models import Q
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from accounts.actors import System
from accounts.models import User
from channels_social import delivery, inbox, ingest
from channels_social.adapter import RawEvent
from channels_social.adapters.x import parse
from channels_social.models import ChannelConnection, EventState, InboundEvent
from tests import desk
from tests.histories import histories_hold
from tests.memory_network import Killed, Memory, Network, dies_at
from tickets.clock import database_now
from tickets.contract import (
    OutboundMessage,
)
from tickets.models import (
    AgentTask,
    ChannelAccount,
    Identity,
    Message,
    MessageTombstone,
    OutboundReply,
    Promise,
    ReplyKind,
    ReplyState,
    Target,
    TaskKind,
    Ticket,
    Triage,
)
from tickets.models.outbox import UNSETTLED
from tickets.services.errors import Changed, Refused
from tickets.services.opt_out import opt_out_record
from tickets.services.replies import answer_write
from tickets.services.triage import ticket_triage

TEXTS = [
    "@desk1111 the ticket machine at Central swallowed my card",
    "@desk1111 gas smell in the Hoefstraat, please come",
    "@desk1111 lantaarnpaal kapot in de Kade, kan iemand komen?",
    "lol trams again @desk1111",
    "@desk1111 thanks!",
    "the ticket machine at Central swallowed my card",  # names nobody: heard only below a post of ours
]
AUTHORS = ["2222", "4444", "6666"]
PARTS = 2
WIRES = ["fine", "lost", "stored_unclear", "died", "stored_died", "stored_died", "refused", "busy"]
PLACES = ["", "", "", "", "before_claim_commit", "after_render", "after_store_started", "before_settle"]


class Desk(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.history = transaction.atomic()
        self.history.__enter__()
        self.account = desk.account()
        self.agent = User.objects.get(username="sanne")
        self.network = Memory.network = Network()
        self.network.check = self.may_be_addressed
        self.at = database_now().replace(microsecond=0) - timedelta(minutes=1)
        self.numbers = itertools.count(10_000, 100)
        self.keys = itertools.count(1)
        self.posts: list[dict[str, Any]] = []  # newest version of each
        self.gone: set[str] = set()
        self.pending: list[RawEvent] = []
        self.told: list[RawEvent] = []
        self.versions: dict[str, list[str]] = {}  # first id → every text it ever had
        self.opted_out: set[str] = set()
        self.automated: set[str] = set()
        self.modes = {"customer_service"}
        self.places: list[str] = []

    def teardown(self) -> None:
        try:
            self.settle()
        finally:
            transaction.set_rollback(True)
            self.history.__exit__(None, None, None)

    @initialize(
        asked=st.lists(st.sampled_from(TEXTS[:3]), min_size=1, max_size=3),
        wires=st.lists(st.sampled_from(WIRES), max_size=10),
        places=st.lists(st.sampled_from(PLACES), max_size=10),
        blind=st.sampled_from([False, False, True]),
    )
    def some_have_asked(self, asked: list[str], wires: list[str], places: list[str], blind: bool) -> None:
        """Something to deliver from the first step on; how the first sends and turns of delivery will go."""
        self.network.how, self.places, self.network.blind = wires, places, blind
        for author, text in zip(AUTHORS, asked, strict=False):
            self.says(author, text, -1)
        self.take(self.pending)
        inbox.events_process(self.account.pk, seconds=60)

    # -- the callers ---------------------------------------------------------------------------------------------
    @rule(author=st.sampled_from(AUTHORS), text=st.sampled_from(TEXTS), below=st.integers(-3, 5))
    def says(self, author: str, text: str, below: int) -> None:
        number = next(self.numbers)
        parent = self.posts[below % len(self.posts)] if self.posts and below >= 0 else None
        made = desk.post(
            number,
            text,
            author=author,
            at=self.at,
            conversation=int(parent["conversation_id"]) if parent else None,
            parent=int(parent["id"]) if parent else None,
        )
        if parent is not None:
            made["in_reply_to_user_id"] = parent["author_id"]
        self.posts.append(made)
        self.pending += self.events(made)

    @rule(which=st.integers(0, 50), text=st.sampled_from(TEXTS))
    def edits(self, which: int, text: str) -> None:
        if not self.posts:
            return
        old = self.posts[which % len(self.posts)]
        history = [int(one) for one in old["edit_history_tweet_ids"]]
        if len(history) > 5 or old["edit_history_tweet_ids"][0] in self.gone:
            return
        made = desk.post(history[-1] + 1, text, author=old["author_id"], at=self.at,
                         history=[*history, history[-1] + 1])  # fmt: skip
        made.update({key: old[key] for key in ("conversation_id", "referenced_tweets") if key in old})
        self.posts[which % len(self.posts)] = made
        self.pending += self.events(made)

    @rule(which=st.integers(0, 50))
    def deletes(self, which: int) -> None:
        if not self.posts:
            return
        first = self.posts[which % len(self.posts)]["edit_history_tweet_ids"][0]
        self.gone.add(first)
        body = {"id": first, "rule": "removed_by_author", "detail": "", "looked_at": self.at.isoformat()}
        self.pending.append(RawEvent("1111", f"gone:{first}", parse.GONE, json.dumps(body).encode()))

    @rule(author=st.sampled_from(AUTHORS))
    def opts_out(self, author: str) -> None:
        found = Identity.objects.filter(external_id=author, conversations__isnull=False).first()
        if found is not None:
            opt_out_record(
                actor=System("agent"), identity_id=found.pk, account_id=self.account.pk, now=database_now()
            )
            self.opted_out.add(author)

    @rule(author=st.sampled_from(AUTHORS))
    def turns_out_to_be_a_machine(self, author: str) -> None:
        if Identity.objects.filter(external_id=author).update(is_automated=True):
            self.automated.add(author)

    # -- the network and the desk --------------------------------------------------------------------------------
    @rule(data=st.data(), dies=st.booleans())
    def tells(self, data: st.DataObject, dies: bool) -> None:
        """Some of what is to be told, in any order, some of it again; perhaps the reader dies before its commit."""
        line = self.pending + self.told[-4:]
        if not line:
            return
        chosen = data.draw(st.lists(st.sampled_from(range(len(line))), min_size=1, max_size=6))
        batch = [line[at] for at in chosen]
        self.take(batch)
        if dies:
            with patch.object(inbox, "_outcomes_write", side_effect=Killed), suppress(Killed):
                inbox.events_process(self.account.pk, seconds=60)
        inbox.events_process(self.account.pk, seconds=60)
        self.delivers()

    @rule()
    def delivers(self) -> None:
        """A turn of a worker; where the history says so, it dies in it."""
        self.time_passes()
        with dies_at(self.places.pop(0) if self.places else ""):
            delivery.leases_take_back()
            delivery.deliver(self.account.pk)

    @rule()
    def can_be_looked_at(self) -> None:
        self.network.blind = not self.network.blind

    @rule(mode=st.sampled_from(["customer_service", "customer_service", "collect_feedback"]))
    def changes_mode(self, mode: str) -> None:
        self.modes.add(mode)
        ChannelAccount.objects.update(mode=mode)
        self.account.refresh_from_db()

    # -- an agent ------------------------------------------------------------------------------------------------
    @rule(which=st.integers(0, 20), verdict=st.sampled_from([Triage.RESPOND, Triage.WATCH, Triage.NO_REPLY]))
    def triages(self, which: int, verdict: Triage) -> None:
        ticket = self.ticket(which)
        if ticket is not None:
            with suppress(Refused, Changed):
                ticket_triage(
                    actor=self.agent,
                    ticket_id=ticket.pk,
                    verdict=verdict,
                    reason="not_ours",
                    look_again_at=database_now() + timedelta(hours=1),
                    now=database_now(),
                )

    @rule(which=st.integers(0, 20), tell=st.booleans())
    def answers(self, which: int, tell: bool) -> None:
        ticket = self.ticket(which)
        conversation = ticket and ticket.conversations.first()
        if ticket is None or conversation is None:
            return
        number = next(self.keys)
        with suppress(Refused, Changed):
            answer_write(
                actor=self.agent,
                ticket_id=ticket.pk,
                conversation_id=conversation.pk,
                text=f"We have your card. {number}",
                tell_date=tell,
                client_key=f"client-key-{number}",
                seen_message_id=None,
                now=database_now(),
            )

    # -- what holds at every moment ------------------------------------------------------------------------------
    @invariant()
    def nothing_twice(self) -> None:
        """Promise 6: no part ever stands at the network twice. Promise 1: one acknowledgement a ticket."""
        assert not self.network.wrong, self.network.wrong
        stands = Counter(message.idempotency_key for _, message in self.network.stored)
        assert not [key for key, times in stands.items() if times > 1]
        rows = OutboundReply.objects.filter(kind=ReplyKind.ACKNOWLEDGEMENT)
        assert max(Counter(rows.values_list("ticket_id", flat=True)).values(), default=0) <= 1

    @invariant()
    def a_promise_is_what_was_sent(self) -> None:
        """A promise exists exactly where a message that tells a date is sent; what is sent stands there."""
        sent = OutboundReply.objects.filter(state=ReplyState.SENT)
        assert set(sent.filter(tells_for__isnull=False).values_list("pk", flat=True)) == set(
            Promise.objects.values_list("reply_id", flat=True)
        )
        there = {message.idempotency_key.rpartition("#")[0] for _, message in self.network.stored}
        assert set(sent.values_list("dedupe_key", flat=True)) <= there
        maybe = [*UNSETTLED, ReplyState.SENT, ReplyState.UNKNOWN]
        astray = OutboundReply.objects.filter(dedupe_key__in=there).exclude(state__in=maybe)
        assert not astray.exists(), (
            f"at the network, and here: {list(astray.values_list('state', 'error_code'))}"
        )

    @invariant()
    def one_message_tells(self) -> None:
        """Promise 1: at most one message told the date, unless nobody can know whether the first one went."""
        for ticket_id, number in Counter(Promise.objects.values_list("ticket_id", flat=True)).items():
            assert number == 1, f"ticket {ticket_id} was told {number} times"

    @invariant()
    def the_same_is_the_same(self) -> None:
        """Promise 4: said alone and at the same time, the same words have one priority and the same first deadlines."""
        found: dict[str, set[Any]] = defaultdict(set)
        for ticket in Ticket.objects.filter(triage=Triage.RESPOND, triage_by="rule"):
            said = list(ticket.messages.filter(direction="in"))
            targets = list(Target.objects.filter(ticket=ticket, ended_at=None, cycle=1).order_by("kind"))
            if (
                len(said) != 1
                or said[0].removed_at
                or said[0].version_id != said[0].external_id
                or not targets
            ):
                continue
            due = tuple((one.kind, one.due_at - one.started_at) for one in targets)
            found[said[0].body].add((ticket.category, ticket.priority, ticket.date_means, due))
        assert all(len(ways) == 1 for ways in found.values()), found

    def may_be_addressed(self, message: OutboundMessage) -> None:
        """Promise 7, asked by the network at the very moment of a send."""
        author = message.recipient
        mode = ChannelAccount.objects.get().mode
        assert mode == "customer_service", f"sent in mode {mode}"
        texts = self.versions.get(str(message.in_reply_to), [])
        assert any("@desk1111" in text for text in texts), f"not summoned by {texts}"
        if message.automatic:
            assert author not in self.opted_out, "opted out"
            assert author not in self.automated, "a machine"
            mine = [m for _, m in self.network.stored if m.automatic and m.thread_key == message.thread_key]
            keys = {m.idempotency_key for m in mine} - {message.idempotency_key}
            read = Message.objects.filter(direction="in", conversation__thread_key=message.thread_key).count()
            assert len(keys) < read, "more automatic messages than the caller has said"

    # -- how a history ends --------------------------------------------------------------------------------------
    def settle(self) -> None:
        """Everything is told, time passes, nobody dies any more: then the promises hold for good."""
        self.take(self.pending)
        inbox.events_process(self.account.pk, seconds=60)
        for _ in range(30):
            self.delivers()
            self.nothing_twice()
        for holds in (self.nothing_twice, self.a_promise_is_what_was_sent, self.one_message_tells):
            holds()
        # Promise 5: every event was read, and every post that names us is a message, or a tombstone.
        assert not InboundEvent.objects.exclude(state=EventState.DONE).exists()
        known = set(Message.objects.filter(direction="in").values_list("external_id", flat=True))
        known |= set(MessageTombstone.objects.values_list("external_id", flat=True))
        if self.modes == {"customer_service"}:
            assert {post["edit_history_tweet_ids"][0] for post in self.posts} <= known
        # Promise 1: told, or somebody is asked.
        assert not OutboundReply.objects.filter(state__in=UNSETTLED).exists()
        for reply in OutboundReply.objects.filter(state=ReplyState.UNKNOWN):
            assert AgentTask.objects.filter(kind=TaskKind.NOT_CERTAIN, ticket_id=reply.ticket_id).exists()
        if self.modes == {"customer_service"}:
            silent = Ticket.objects.filter(triage=Triage.RESPOND, promises=None, tasks=None)
            silent = silent.filter(~Q(replies__kind=ReplyKind.ANSWER, replies__state=ReplyState.SENT))
            assert not silent.exists(), list(
                silent.values_list("triage_by", "replies__state", "replies__held_reason")
            )

    # -- small things --------------------------------------------------------------------------------------------
    def events(self, made: dict[str, Any]) -> list[RawEvent]:
        first = made["edit_history_tweet_ids"][0]
        self.versions.setdefault(first, []).append(made["text"])
        polled = json.dumps({"post": made, "user": None}).encode()
        return [
            RawEvent("1111", f"w{made['id']}", "post.mention.create", desk.mentioned(made)),
            RawEvent("1111", f"p{made['id']}", parse.POLLED, polled),
        ]

    def take(self, batch: list[RawEvent]) -> None:
        now = database_now()
        ingest.events_store([(self.account.pk, event) for event in batch], source="webhook", now=now)
        self.told += batch
        self.pending = [event for event in self.pending if event not in batch]

    def time_passes(self) -> None:
        """Leases end, waits are over, the account's pause too."""
        past = database_now() - timedelta(seconds=1)
        OutboundReply.objects.filter(state=ReplyState.QUEUED).update(next_try_at=past)
        OutboundReply.objects.filter(not_before__isnull=False).update(not_before=past)
        OutboundReply.objects.filter(lease_until__isnull=False).update(lease_until=past)
        OutboundReply.objects.filter(state=ReplyState.WAITING).update(find_after=past)
        ChannelConnection.objects.update(paused_until=None, needs_person=False)

    def ticket(self, which: int) -> Ticket | None:
        found = list(Ticket.objects.order_by("pk"))
        return found[which % len(found)] if found else None


@pytest.mark.django_db
@pytest.mark.parametrize("part", range(PARTS))
def test_the_promises_hold(part: int) -> None:
    """18 histories, or DESK_HISTORIES."""
    desk.seeded()
    desk.user("sanne", teams=[desk.team()], lead=True)
    with patch("channels_social.registry.channels", lambda: {"x": Memory}):
        histories_hold(Desk, part=part, of=PARTS, histories=18, steps=25)
