"""Weeks of a desk, as a state machine: what callers, agents, the network and time do, in any order, with crashes.

The real inbox, intake, sweep, outbox and delivery on the real database, whose clock the test sets
(tests/simulated_clock.py); the real adapter's rules over a network in memory. Between two steps time passes as it does
for a desk that runs: at each moment that something is due, the desk does what it does.
"""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from accounts.models import User
from channels_social import delivery, inbox, ingest
from channels_social.adapter import RawEvent
from channels_social.adapters.x import parse
from channels_social.models import ChannelConnection, EventState, InboundEvent
from tests import desk
from tests.memory_network import Memory, Network, dies_at
from tests.simulated_clock import SimulatedClock, simulated_clock
from tests.weeks_agents import AUTHORS, Agents
from tests.weeks_oracle import Oracle
from tests.weeks_outcomes import differences
from tickets.models import (
    AgentTask,
    ChannelAccount,
    Message,
    OutboundReply,
    Promise,
    ReplyState,
    TaskKind,
)
from tickets.services.sweep import sweep_due
from tickets.services.triage import triage_overdue
from tickets.services.undo import replies_let_go

#: Mondays before a change of the clocks, before Christmas, before Good Friday, and an ordinary one.
STARTS = [
    datetime(2026, 10, 19, 8, 30, tzinfo=UTC),
    datetime(2026, 12, 14, 15, 0, tzinfo=UTC),
    datetime(2027, 3, 22, 7, 5, tzinfo=UTC),
    datetime(2026, 11, 9, 12, 0, tzinfo=UTC),
]
SPANS = [timedelta(minutes=m) for m in (1, 20, 130, 600, 1500, 3000, 5760)]
TEXTS = [
    "@desk1111 the ticket machine at Central swallowed my card",
    "@desk1111 gas smell in the Hoefstraat, please come",
    "@desk1111 lantaarnpaal kapot in de Kade, kan iemand komen?",
    "@desk1111 the coffee machine in the library is broken, can you fix it?",
    "lol trams again @desk1111",
    "@desk1111 thanks!",
    "@desk1111 any news?",
    "@desk1111 stop",
    "@desk1111 start",
]
WIRES = ["fine"] * 12 + ["lost", "stored_unclear", "died", "stored_died", "refused", "busy"]
PLACES = [""] * 8 + ["before_claim_commit", "after_render", "after_store_started", "before_settle"]
#: What the histories of this process came to, for whoever wants to know whether they went anywhere.
SEEN: Counter[tuple[str, str]] = Counter()


class Weeks(Agents, Oracle, RuleBasedStateMachine):
    clock: SimulatedClock
    #: Whether what became of told dates is worked out anew at the end of a history.
    outcomes_counted = True

    def __init__(self) -> None:
        super().__init__()
        self.history = transaction.atomic()
        self.history.__enter__()
        self.account = desk.account()
        self.agent = User.objects.get(username="sanne")
        self.network = Memory.network = Network()
        self.network.check = self.may_stand_there
        self.numbers = itertools.count(10_000, 100)
        self.keys = itertools.count(1)
        self.posts: list[dict[str, Any]] = []
        self.pending: list[RawEvent] = []
        self.gone: set[str] = set()
        self.opted_out: set[str] = set()
        self.places: list[str] = []
        self.away: list[tuple[datetime, datetime]] = []
        self.simulated = simulated_clock(STARTS[0])
        self.ends = timedelta(weeks=3)

    @initialize(
        start=st.sampled_from(STARTS),
        notices=st.sampled_from(["automatic", "automatic", "released", "", "free", "free"]),
        wires=st.lists(st.sampled_from(WIRES), max_size=12),
        places=st.lists(st.sampled_from(PLACES), max_size=12),
        asked=st.lists(st.sampled_from(TEXTS[:4]), min_size=1, max_size=2),
        blind=st.sampled_from([False, False, True]),
        undo_seconds=st.sampled_from([0, 10]),
    )
    def begins(
        self,
        start: datetime,
        notices: str,
        wires: list[str],
        places: list[str],
        asked: list[str],
        blind: bool = False,
        undo_seconds: int = 0,
    ) -> None:
        """free: a network that allows any number of automatic messages. blind: one on which nothing can be looked
        for."""
        self.simulated = simulated_clock(start)
        self.clock = self.simulated.__enter__()
        self.until = start + self.ends
        if notices == "free":
            capabilities = {"automated_per_interaction": None}
            ChannelAccount.objects.update(capabilities=capabilities, notices="")
        else:
            ChannelAccount.objects.update(notices=notices, notices_note="They agreed." if notices else "")
        self.notices = notices
        self.network.how, self.network.blind, self.places = wires, blind, places
        self.undo_seconds = undo_seconds
        for author, text in zip(AUTHORS, asked, strict=False):
            self.says(author, text, -1)

    def teardown(self) -> None:
        try:
            if hasattr(self, "clock"):
                self.settle()
                SEEN.update(OutboundReply.objects.values_list("kind", "state"))
                SEEN.update(Promise.objects.values_list("end", "reason"))
                SEEN.update(AgentTask.objects.values_list("kind", "reason"))
        finally:
            self.leave()

    def leave(self) -> None:
        """Nothing of it stays, and the clock is the world's again."""
        transaction.set_rollback(True)
        self.history.__exit__(None, None, None)
        if hasattr(self, "clock"):
            self.simulated.__exit__(None, None, None)

    # -- the callers ---------------------------------------------------------------------------------------------
    @rule(author=st.sampled_from(AUTHORS), text=st.sampled_from(TEXTS), below=st.integers(-3, 5))
    def says(self, author: str, text: str, below: int) -> None:
        parent = self.posts[below % len(self.posts)] if self.posts and below >= 0 else None
        made = desk.post(
            next(self.numbers),
            text,
            author=author,
            at=self.clock.now,
            conversation=int(parent["conversation_id"]) if parent else None,
            parent=int(parent["id"]) if parent else None,
        )
        if parent is not None:
            made["in_reply_to_user_id"] = parent["author_id"]
        self.posts.append(made)
        self.pending.append(RawEvent("1111", f"w{made['id']}", "post.mention.create", desk.mentioned(made)))
        self.runs()

    @rule(which=st.integers(0, 50), text=st.sampled_from(TEXTS))
    def edits(self, which: int, text: str) -> None:
        if not self.posts:
            return
        old = self.posts[which % len(self.posts)]
        history = [int(one) for one in old["edit_history_tweet_ids"]]
        if len(history) > 5 or old["edit_history_tweet_ids"][0] in self.gone:
            return
        at = datetime.strptime(old["created_at"], "%Y-%m-%dT%H:%M:%S.000Z").replace(tzinfo=UTC)
        made = desk.post(history[-1] + 1, text, author=old["author_id"], at=at,
                         history=[*history, history[-1] + 1])  # fmt: skip
        made.update({key: old[key] for key in ("conversation_id", "referenced_tweets") if key in old})
        self.posts[which % len(self.posts)] = made
        self.pending.append(RawEvent("1111", f"w{made['id']}", "post.mention.create", desk.mentioned(made)))
        self.runs()

    @rule(which=st.integers(0, 50))
    def deletes(self, which: int) -> None:
        if not self.posts or which > 15:  # most callers leave their words standing
            return
        first = self.posts[which % len(self.posts)]["edit_history_tweet_ids"][0]
        self.gone.add(first)
        at = self.clock.now.isoformat()
        body = f'{{"id": "{first}", "rule": "removed_by_author", "detail": "", "looked_at": "{at}"}}'
        self.pending.append(RawEvent("1111", f"gone:{first}", parse.GONE, body.encode()))
        self.runs()

    # -- time ----------------------------------------------------------------------------------------------------
    @rule(span=st.sampled_from(SPANS))
    def time_passes(self, span: timedelta) -> None:
        """The desk runs: it does what is due at each moment that something is."""
        to = min(self.clock.now + span, self.until)
        for _ in range(2_000):
            due = self.next_due()
            if due is None or due > to:
                break
            self.clock.set(due)
            self.runs()
        else:
            raise AssertionError("something is due without end")
        self.clock.set(max(to, self.clock.now))
        self.runs()

    @rule(span=st.sampled_from(SPANS[2:5]))
    def nobody_runs(self, span: timedelta) -> None:
        """The machine is off; then it does what it has missed."""
        came = self.clock.now
        self.clock.set(min(came + span, max(self.until, came)))
        self.away.append((came, self.clock.now))
        self.runs()

    def next_due(self) -> datetime | None:
        with connection.cursor() as cursor:
            cursor.execute(
                """
SELECT min(at) FROM (
    SELECT min(next_at) AS at FROM tickets_ticket WHERE next_at > now()
    UNION ALL SELECT min(greatest(next_try_at, coalesce(not_before, next_try_at))) FROM tickets_outboundreply
               WHERE state = 'queued' AND greatest(next_try_at, coalesce(not_before, next_try_at)) > now()
    UNION ALL SELECT min(lease_until) FROM tickets_outboundreply WHERE state = 'sending' AND lease_until > now()
    UNION ALL SELECT min(find_after) FROM tickets_outboundreply WHERE state = 'waiting' AND find_after > now()
    UNION ALL SELECT min(lead_at) FROM tickets_agenttask WHERE done_at IS NULL AND NOT for_lead AND lead_at > now()
    UNION ALL SELECT min(paused_until) FROM channels_social_channelconnection WHERE paused_until > now()
) due"""
            )
            found: datetime | None = cursor.fetchone()[0]
            return found

    def runs(self) -> None:
        """What worker and beat do, until there is nothing more to do now; where the history says so, one dies."""
        ingest.events_store(
            [(self.account.pk, e) for e in self.pending], source="webhook", now=self.clock.now
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
            with dies_at(self.places.pop(0) if self.places else ""):
                delivery.leases_take_back()
                delivery.deliver(self.account.pk)

    def to_deliver(self) -> bool:
        now = self.clock.now
        waits = Q(state=ReplyState.QUEUED, next_try_at__lte=now, undo_until=None) & (
            Q(not_before=None) | Q(not_before__lte=now)
        )
        leased = Q(state=ReplyState.SENDING, lease_until__lte=now) | Q(
            state=ReplyState.WAITING, find_after__lte=now
        )
        return OutboundReply.objects.filter(waits | leased).exists()

    @invariant()
    def holds_at_every_step(self) -> None:
        if hasattr(self, "clock"):
            self.holds_at_every_moment()

    # -- how a history ends --------------------------------------------------------------------------------------
    def settle(self) -> None:
        """The account works, nobody dies any more, a week passes without a hand: then everything is over or asked."""
        self.places, self.network.how = [], []
        ChannelConnection.objects.update(needs_person=False, needs_person_code="", paused_until=None)
        ChannelAccount.objects.update(stopped_code="")
        self.until = self.clock.now + timedelta(days=8)
        self.time_passes(timedelta(days=8))
        self.holds_at_every_moment()
        assert not InboundEvent.objects.exclude(state=EventState.DONE).exists()
        known = set(Message.objects.filter(direction="in").values_list("external_id", flat=True))
        assert {post["edit_history_tweet_ids"][0] for post in self.posts} <= known
        # What a person has to say first, whether a message went, may decide whether a date was kept.
        unsure = set(
            OutboundReply.objects.filter(state=ReplyState.UNKNOWN).values_list("ticket_id", flat=True)
        )
        passed = Promise.objects.filter(end="", promised_for__lt=self.clock.now - timedelta(hours=1))
        assert not passed.exclude(ticket_id__in=unsure).exists(), "a week later a date that has passed stands"
        differs = differences(self.agent, self.clock.now) if self.outcomes_counted else []
        assert not differs, "\n".join(differs)
        asked = AgentTask.objects.filter(kind=TaskKind.NOT_CERTAIN, done_at__isnull=True)
        assert unsure <= set(asked.values_list("ticket_id", flat=True))
