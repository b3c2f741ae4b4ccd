"""Search: the messages in which words stand, newest first, one hit for each ticket.

Two forms of one question. *Walk*: go back through the newest messages and keep those with the words: quick where hits
are many, without end where there are few. *Candidates*: all hits by the index, then the newest of them: quick where
they are few, slow where they are a fifth of everything. Where the planner's statistics expect few, the candidates are
asked at once. Else a capped count of hits decides: the walk ends at WALK messages, and only where it has not filled the
page by then the candidates are asked. docs/bench/search.md has the figures of both.

Who may see a ticket is `tickets_visible`'s condition, inside each of these statements.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

from django.core.exceptions import EmptyResultSet
from django.db import DatabaseError, connection, transaction
from django.db.models.expressions import RawSQL

from accounts.models import Team, User
from priority.selectors import policy_of
from tickets.display.line import Line, Standing, line_of, standing_of
from tickets.display.numbers import hidden
from tickets.display.words import without_our_handle
from tickets.models import Direction, Message, MessageKind, Status, Ticket, Triage, Visibility
from tickets.search import Part, Query, Term, excerpt, query_of
from tickets.selectors import COUNT_CAP, priority_names, teams_visible, tickets_visible

log = logging.getLogger(__name__)

PAGE = 20
WALK = 4_000
"""Messages that are walked through before the index is asked: their walk costs about what a few thousand hits cost."""
FEW = 6_000
"""Hits to be expected up to which the index is asked at once: they cost what a walk costs that finds too few."""
SECONDS = 2.0
GLANCE = 5
GLANCE_SECONDS = 0.7
LEAST_TYPED = 2
"""Letters before tickets are looked for while one types."""
LOCK_MS = 500
#: Django makes the whole list anew for each row that it is asked for.
_STATUSES = {code: label for code, label in Status.choices}  # noqa: C416 - dict() loses the labels' type
_CANCELLED = "57014"
_FOREVER = datetime(9999, 1, 1, tzinfo=UTC)

Form: TypeAlias = Literal["walk", "candidates"]
State: TypeAlias = Literal["found", "nothing", "too_long", "out_of_order"]
"""too_long: the time ran out; out_of_order: we could not look. Neither says anything about what there is."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of hits ended: the last hit's time and its ticket."""

    at: datetime
    reference: str

    def __str__(self) -> str:
        return f"{self.at.astimezone(UTC).strftime('%Y%m%dT%H%M%S.%f')}-{self.reference}"

    @classmethod
    def read(cls, text: str) -> Place | None:
        """None for anything that is no place: the hits then begin with the newest."""
        when, _, reference = text.partition("-")
        try:
            return cls(datetime.strptime(when, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC), reference[:8])
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Hit:
    """A ticket with its newest message in which the words stand. `parts`: what is shown of it, numbers hidden."""

    ticket: Ticket
    message: Message
    parts: Sequence[Part]
    caller_name: str
    caller_handle: str
    standing: Standing
    line: Line | None

    is_hit = True
    """What `tickets/_rows.jinja.html` asks of a row, whose words a hit has with their marks."""

    @property
    def told(self) -> datetime | None:
        return self.ticket.promised_for

    @property
    def said_at(self) -> datetime:
        return self.message.sent_at

    @property
    def words_language(self) -> str:
        return self.message.language

    @property
    def is_private(self) -> bool:
        return self.message.visibility == Visibility.PRIVATE

    @property
    def priority(self) -> Mapping[str, str]:
        return priority_names(policy_of(self.ticket.policy_revision_id), self.ticket.priority)

    @property
    def status(self) -> str:
        return str(_STATUSES[self.ticket.status])

    @property
    def is_note(self) -> bool:
        return self.message.kind == MessageKind.NOTE

    @property
    def is_ours(self) -> bool:
        return self.message.direction == Direction.OUTBOUND

    @property
    def is_to_triage(self) -> bool:
        return self.ticket.triage == Triage.PENDING


@dataclass(frozen=True, slots=True)
class Found:
    """`waiting`: how many of the newest messages (counted to the cap) are not searched yet."""

    state: State
    hits: Sequence[Hit] = ()
    next: Place | None = None
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Glance:
    """What is offered while one types: `ticket` by its reference, teams by name, the newest hits by words."""

    state: State
    teams: Sequence[Team] = ()
    ticket: Ticket | None = None
    hits: Sequence[Hit] = ()


def glance(actor: User, typed: str, *, now: datetime) -> Glance:
    """A few of each, within GLANCE_SECONDS. Nothing typed: every team, no ticket."""
    wanted = typed.casefold()
    teams = [team for team in teams_visible(actor) if wanted in team.name.casefold()]
    query = query_of(typed)
    if query.reference:
        ticket = tickets_visible(actor).filter(reference=query.reference).first()
        return Glance("found" if ticket else "nothing", teams, ticket)
    if len(typed) < LEAST_TYPED:
        return Glance("nothing", teams)
    found = search(actor, query, limit=GLANCE, seconds=GLANCE_SECONDS, now=now)
    return Glance(found.state, teams, hits=found.hits)


def search(
    actor: User,
    query: Query,
    *,
    after: Place | None = None,
    limit: int = PAGE,
    seconds: float = SECONDS,
    now: datetime,
) -> Found:
    """A page of hits. Raises nothing of the database's: what goes wrong in looking is one of the states."""
    if not query.wanted:
        return Found("nothing")
    until = time.monotonic() + seconds
    try:
        with transaction.atomic():
            found, has_more = _found(actor, query, after, until)
            hits = _hits(actor, query, found[:limit], now)
            waiting = _waiting(actor, until)
            _unlimited()
    except EmptyResultSet:  # an actor who may see nothing, and Django writes no statement for that
        return Found("nothing")
    except DatabaseError as error:
        if getattr(error.__cause__, "pgcode", None) == _CANCELLED:
            return Found("too_long")
        # Not the words: they may be a caller's.
        log.exception("search is out of order: it could not look for %d terms", len(query.terms))
        return Found("out_of_order")
    last = hits[-1] if hits and (has_more or len(found) > limit) else None
    following = Place(last.message.sent_at, last.ticket.reference) if last else None
    return Found("found" if hits else "nothing", hits, following, waiting)


def _asked(until: float, statement: str, values: Sequence[Any] | dict[str, Any]) -> list[tuple[Any, ...]]:
    """A statement within what is left of the time. Compiling it to machine code would take longer than it takes."""
    left = max(1, int((until - time.monotonic()) * 1000))
    limits = (
        f"SET LOCAL statement_timeout = {left}; SET LOCAL lock_timeout = {LOCK_MS}; SET LOCAL jit = off; "
    )
    with connection.cursor() as cursor:
        cursor.execute(limits + statement, values)
        return list(cursor.fetchall())


def _unlimited() -> None:
    """Whoever has begun the transaction may go on in it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "; ".join(f"SET LOCAL {name} TO DEFAULT" for name in ("statement_timeout", "lock_timeout", "jit"))
        )


def text_query(terms: Sequence[Term], until: float) -> str:
    """PostgreSQL's own query for the terms, as text: each in Dutch, in English, or as it stands."""
    each = "SELECT " + ", ".join(
        f"phraseto_tsquery('{name}', %s)::text" for name in ("desk_nl", "desk_en", "desk_plain")
    )
    found = _asked(until, " UNION ALL ".join([each] * len(terms)), [str(t) for t in terms for _ in range(3)])
    parts = []
    for term, forms in zip(terms, found, strict=True):
        either = " | ".join(f"({form})" for form in dict.fromkeys(forms) if form)
        parts.append(f"!({either})" if term.is_excluded else f"({either})")
    return " & ".join(parts)


def _found(actor: User, query: Query, after: Place | None, until: float) -> tuple[list[int], bool]:
    """Ids of the messages of a page, newest first, and whether there are more."""
    asked = text_query(query.terms, until)
    place = _place(after, until)
    if _expects_few(asked, until):
        found, _ = hits_by("candidates", actor, asked, place, until)
        return found[:PAGE], len(found) > PAGE
    found, all_walked = hits_by("walk", actor, asked, place, until)
    if len(found) <= PAGE and not all_walked:
        found, _ = hits_by("candidates", actor, asked, place, until)
    return found[:PAGE], len(found) > PAGE


def _expects_few(asked: str, until: float) -> bool:
    """What the planner makes of its statistics. Where these are wrong it is slower, no more."""
    plan = _asked(
        until,
        "EXPLAIN (FORMAT JSON) SELECT 1 FROM tickets_messagewords WHERE words @@ %s::tsquery",
        [asked],
    )
    return bool(plan[0][0][0]["Plan"]["Plan Rows"] < FEW)


def _place(after: Place | None, until: float) -> tuple[datetime, int]:
    if after is None:
        return _FOREVER, 0
    same = _asked(
        until,
        "SELECT max(m.id) FROM tickets_message m JOIN tickets_ticket t ON t.id = m.ticket_id "
        "WHERE t.reference = %s AND m.sent_at = %s",
        [after.reference, after.at],
    )
    return after.at, same[0][0] or 0


_PAGE_OF = """
SELECT m.id FROM {source} JOIN tickets_message m ON m.id = w.message_id
  CROSS JOIN LATERAL ({visible} OFFSET 0) AS seen
 WHERE {condition} NOT EXISTS (
       SELECT 1 FROM tickets_message newer JOIN tickets_messagewords n ON n.message_id = newer.id
        WHERE newer.ticket_id = m.ticket_id AND (newer.sent_at, newer.id) > (m.sent_at, m.id)
          AND n.words @@ %(asked)s::tsquery OFFSET 0)
 ORDER BY w.sent_at DESC, w.message_id DESC LIMIT %(page)s
"""
_WALK = """(SELECT message_id, sent_at, words FROM tickets_messagewords
             WHERE (sent_at, message_id) < (%(at)s, %(id)s)
             ORDER BY sent_at DESC, message_id DESC LIMIT %(walk)s) AS w"""
_CANDIDATES = """
WITH w AS MATERIALIZED (
    SELECT message_id, sent_at FROM tickets_messagewords
     WHERE words @@ %(asked)s::tsquery AND (sent_at, message_id) < (%(at)s, %(id)s)
     ORDER BY sent_at DESC, message_id DESC)
"""
_HAS_WALKED_ALL = """
SELECT NOT EXISTS (SELECT 1 FROM tickets_messagewords WHERE (sent_at, message_id) < (%(at)s, %(id)s)
                    ORDER BY sent_at DESC, message_id DESC OFFSET %(walk)s LIMIT 1)
"""


def statement_of(
    form: Form, actor: User, asked: str, place: tuple[datetime, int], walk: int | None
) -> tuple[str, dict[str, Any]]:
    """The SQL of one form with its values. `walk` None: to the end. EmptyResultSet for who may see nothing."""
    visible = tickets_visible(actor).filter(pk=RawSQL("m.ticket_id", [])).values("pk")
    sql, given = visible.query.sql_with_params()
    named = {f"seen{number}": value for number, value in enumerate(given)}
    sql %= tuple(f"%({name})s" for name in named)
    values = {**named, "asked": asked, "at": place[0], "id": place[1], "page": PAGE + 1, "walk": walk}
    if form == "walk":
        return _PAGE_OF.format(
            source=_WALK, visible=sql, condition="w.words @@ %(asked)s::tsquery AND"
        ), values
    return _CANDIDATES + _PAGE_OF.format(source="w", visible=sql, condition=""), values


def hits_by(
    form: Form, actor: User, asked: str, place: tuple[datetime, int], until: float, *, walk: int | None = WALK
) -> tuple[list[int], bool]:
    """Up to PAGE + 1 ids of messages by one form, and whether it has looked at everything there is."""
    statement, values = statement_of(form, actor, asked, place, walk)
    found = [pk for (pk,) in _asked(until, statement, values)]
    if form == "candidates" or walk is None or len(found) > PAGE:
        return found, True
    return found, bool(_asked(until, _HAS_WALKED_ALL, values)[0][0])


_BESIDE = ("identity", "ticket", "ticket__account", "ticket__team", "ticket__owner", "ticket__caller")
#: A row of each of these tables has forty columns and more, and what is not shown need not be made.
_SHOWN = (
    *("body", "language", "sent_at", "visibility", "kind", "direction", "external_id", "identity__name"),
    *("identity__handle", "ticket__reference", "ticket__status", "ticket__triage", "ticket__priority"),
    "ticket__policy_revision_id",
    *("ticket__priority_rank", "ticket__promised_for", "ticket__at_risk_at", "ticket__clock_started_at"),
    *(
        "ticket__created_at",
        "ticket__place",
        "ticket__team__name",
        "ticket__account__channel",
        "ticket__account__name",
    ),
    *(
        "ticket__account__handle",
        "ticket__owner__display_name",
        "ticket__owner__username",
        "ticket__caller__name",
    ),
)


def _hits(actor: User, query: Query, ids: Sequence[int], now: datetime) -> list[Hit]:
    if not ids:
        return []
    seen = tickets_visible(actor)
    messages = Message.objects.filter(pk__in=ids, ticket__in=seen).select_related(*_BESIDE).only(*_SHOWN)
    by_id = {message.pk: message for message in messages}
    found = [(by_id[pk], by_id[pk].ticket) for pk in ids if pk in by_id]
    return [_hit(message, ticket, query, now) for message, ticket in found if ticket is not None]


def _hit(message: Message, ticket: Ticket, query: Query, now: datetime) -> Hit:
    told = ticket.promised_for
    identity = message.identity
    line = None
    if told is not None:
        start = min(ticket.clock_started_at or ticket.created_at, told)
        line = line_of(start=start, promised_for=told, at_risk_at=ticket.at_risk_at, now=now)
    return Hit(
        ticket=ticket,
        message=message,
        parts=excerpt(hidden(without_our_handle(message.body, ticket.account.handle)), query.terms),
        caller_name=hidden((identity.name if identity is not None else "") or ticket.caller.name),
        caller_handle=hidden(identity.handle) if identity is not None else "",
        standing=standing_of(promised_for=told, at_risk_at=ticket.at_risk_at, now=now, waits=False),
        line=line,
    )


def _waiting(actor: User, until: float) -> int:
    """Messages that the actor may see and that have no words yet, counted to the cap."""
    visible = tickets_visible(actor).filter(pk=RawSQL("m.ticket_id", [])).values("pk")
    sql, given = visible.query.sql_with_params()
    found = _asked(
        until,
        f"""SELECT count(*) FROM (
            SELECT 1 FROM tickets_message m CROSS JOIN LATERAL ({sql} OFFSET 0) AS seen
             WHERE m.id > coalesce((SELECT reached FROM tickets_searchmark), 0) AND m.removed_at IS NULL
               AND NOT EXISTS (SELECT 1 FROM tickets_messagewords w WHERE w.message_id = m.id OFFSET 0)
             LIMIT {COUNT_CAP + 1}) AS counted""",  # noqa: S608 - Django wrote what is put in
        given,
    )
    return int(found[0][0])
