"""A row of the queue: a ticket with what is shown of its neighbours. One statement, however many rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BooleanField,
    Case,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.functions import JSONObject, Left

from accounts.models import User
from priority.selectors import policy_of
from tickets.display.line import Line, Standing, line_of, standing_of
from tickets.display.numbers import hidden
from tickets.display.words import without_our_handle
from tickets.live_now import RESPONSES, Live, live_of
from tickets.models import (
    AgentTask,
    Direction,
    Draft,
    Message,
    Promise,
    PromiseEnd,
    Status,
    Target,
    TaskKind,
    Ticket,
    Triage,
    Visibility,
)
from tickets.selectors import category_names, priority_names

#: Letters of a caller's words that a row shows, and as many as are read for it: our own handle stands before them, and
#: a number must not be cut in two before it is known for one.
WORDS, READ = 170, 600

_TICKET = (
    *("reference", "version", "status", "triage", "triage_due_at", "is_danger", "category", "priority"),
    *("priority_rank", "policy_revision_id", "clock_started_at", "promised_for", "queue_at", "at_risk_at"),
    *("due_at", "waiting_since", "hold_kind", "hold_for", "hold_since", "hold_ask_again_at", "calls"),
    *("last_inbound_at", "created_at", "triage_reason", "place", "came_over"),
)
_BESIDE = ("account", "team", "owner", "caller")
#: A row of each of these tables has up to forty columns, and what is not shown need not be made.
_SHOWN = (
    *_TICKET,
    *("account__channel", "account__name", "account__handle", "team__key", "team__name"),
    *("owner__display_name", "owner__username", "caller__name"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A ticket as the queue shows it. `words`: the first that still stand, numbers hidden. `asks`: the kinds of its
    open tasks. `told`: the date its caller knows, also while it waits for their answer; `due_at` what it is due by,
    told or not; both None where nothing runs. `has_draft`: the reader has begun to write here.
    `live`: its caller is there now."""

    ticket: Ticket
    words: str
    words_language: str
    is_removed: bool
    caller_name: str
    caller_handle: str
    is_private: bool
    is_waiting_for_us: bool
    live: Live | None
    standing: Standing
    line: Line | None
    told: datetime | None
    is_late: bool
    is_at_risk: bool
    asks: frozenset[str]
    has_draft: bool
    category: Mapping[str, str]
    priority: Mapping[str, str]

    is_hit = False

    @property
    def said_at(self) -> datetime | None:
        return self.ticket.last_inbound_at

    @property
    def in_danger(self) -> bool:
        return TaskKind.DANGER in self.asks

    @property
    def is_to_triage(self) -> bool:
        return self.ticket.triage == Triage.PENDING


def rows_of(tickets: QuerySet[Ticket], reader: User, *, now: datetime) -> list[Row]:
    """The rows of these tickets as this reader sees them, in no order. `tickets` begins at `tickets_visible`."""
    return [row_of(ticket, now) for ticket in with_neighbours(tickets, reader)]


def with_neighbours(tickets: QuerySet[Ticket], reader: User) -> QuerySet[Ticket]:
    """With all that `row_of` asks of a ticket."""
    return (
        tickets.select_related(*_BESIDE)
        .only(*_SHOWN)
        .annotate(
            first_words=_first_words(),
            is_live=ExpressionWrapper(Q(account__capabilities__live=True), BooleanField()),
            unanswered_since=_unanswered_since(),
            asked=_asked(),
            told_last=_told_last(),
            has_draft=Exists(Draft.objects.filter(user_id=reader.pk, ticket_id=OuterRef("pk"))),
        )
    )


def _first_words() -> Subquery:
    """The first thing its caller said that still stands there, else the first tombstone."""
    spoken = Message.objects.filter(
        ticket_id=OuterRef("pk"), direction=Direction.INBOUND, by_participant=False
    )
    first = spoken.order_by(F("removed_at").asc(nulls_first=True), "sent_at", "pk").values(
        said=JSONObject(
            body=Left("body", READ),
            subject=Left("subject", READ),
            language="language",
            removed_at="removed_at",
            visibility="visibility",
            name="identity__name",
            handle="identity__handle",
        )
    )
    return Subquery(first[:1])


def _unanswered_since() -> Subquery:
    """When the first response that is still to come, or else the next, began to run."""
    running = Target.objects.filter(
        ticket_id=OuterRef("pk"), kind__in=RESPONSES, met_at__isnull=True, ended_at__isnull=True
    )
    return Subquery(running.order_by("started_at").values("started_at")[:1])


def _asked() -> ArraySubquery:
    tasks = AgentTask.objects.filter(ticket_id=OuterRef("pk"), done_at__isnull=True)
    return ArraySubquery(tasks.order_by().values("kind"))


def _told_last() -> Case:
    """Where no promise is open: the date its caller was told last and still counts on, since it waits for their answer,
    or passed without a word."""
    counts = When(end__in=(PromiseEnd.SUSPENDED, PromiseEnd.MISSED), then="promised_for")
    newest = Promise.objects.filter(ticket_id=OuterRef("pk")).order_by("-told_at", "-pk")
    last = Subquery(newest.values(when=Case(counts, default=None))[:1])
    return Case(When(promised_for__isnull=True, then=last), default=None)


def row_of(ticket: Any, now: datetime) -> Row:
    waits = ticket.status == Status.WAITING
    counted = ticket.told_last if ticket.triage == Triage.RESPOND else None
    told = ticket.promised_for or counted
    standing = standing_of(promised_for=told, at_risk_at=ticket.at_risk_at, now=now, waits=waits)
    line = None
    if told is not None and not waits:
        start = min(ticket.clock_started_at or ticket.created_at, told - timedelta(minutes=1))
        line = line_of(start=start, promised_for=told, at_risk_at=ticket.at_risk_at, now=now)
    said = ticket.first_words or {}
    policy = policy_of(ticket.policy_revision_id)
    is_late = standing == "breached" or (ticket.due_at is not None and ticket.due_at <= now)
    return Row(
        ticket=ticket,
        words=shown_words(_above_and_below(said), ticket.account.handle),
        words_language=said.get("language") or "",
        is_removed=said.get("removed_at") is not None,
        caller_name=hidden(said.get("name") or ticket.caller.name),
        caller_handle=hidden(said.get("handle") or ""),
        is_private=said.get("visibility") == Visibility.PRIVATE,
        is_waiting_for_us=not waits
        and (ticket.unanswered_since is not None or ticket.triage == Triage.PENDING),
        live=live_of(
            ticket, is_live=ticket.is_live is True, unanswered_since=ticket.unanswered_since, now=now
        ),
        standing=standing,
        line=line,
        told=told,
        is_late=is_late,
        is_at_risk=not is_late and ticket.at_risk_at is not None and ticket.at_risk_at <= now,
        asks=frozenset(ticket.asked),
        has_draft=ticket.has_draft,
        category=category_names(policy, ticket.category),
        priority=priority_names(policy, ticket.priority),
    )


def _above_and_below(said: Mapping[str, str]) -> str:
    """The subject, where there is one, and the words below it."""
    return ": ".join(part for part in (said.get("subject"), said.get("body")) if part)


def shown_words(body: str, handle: str) -> str:
    """A caller's words for one line: without our own name before them, numbers that identify a person as dots, cut."""
    words = hidden(without_our_handle(body, handle))
    return words if len(words) <= WORDS else words[: WORDS - 1].rstrip() + "…"
