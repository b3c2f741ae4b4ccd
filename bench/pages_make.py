"""A desk with many tickets: a few stories told to the real services, then copied by SQL, whole, as often as is wanted.

A story is everything around one ticket. Its copy has ids and links moved by `STRIDE`, what must be unique made so, and
every time moved alike, so that a copy is as true as its story, whatever columns the tables have by now.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from accounts.models import Membership, Team, User
from bench import place
from tickets.clock import database_now
from tickets.contract import Author, InboundMessage, MayReply
from tickets.models import (
    ChannelAccount,
    HoldKind,
    Message,
    OutboundPart,
    OutboundReply,
    Promise,
    ReplyState,
    Status,
    TaskKind,
    Ticket,
)
from tickets.services.audit import task, tasks_make
from tickets.services.intake import messages_receive
from tickets.services.outcomes import reply_sent
from tickets.services.promises import date_to_tell

STRIDE = 10_000
"""Between the ids of two copies; every id of a story is smaller."""
TEAMS, AGENTS = 20, 50
REQUEST = "@desk de kaartautomaat op het Centraal heeft mijn pas ingeslikt, wat nu?"
VENTING = "haha de tram weer hoor @desk"
_AT_ONCE = 50_000
_COPIED = (
    *("tickets_contact", "tickets_identity", "tickets_ticket", "tickets_conversation", "tickets_message"),
    *("tickets_target", "tickets_outboundreply", "tickets_outboundpart", "tickets_promise"),
    *("tickets_agenttask", "tickets_ticketevent"),
)
_OF_TICKET = """
SELECT 'tickets_ticket', id FROM tickets_ticket WHERE id = %(ticket)s
UNION ALL SELECT 'tickets_contact', caller_id FROM tickets_ticket WHERE id = %(ticket)s
UNION ALL SELECT 'tickets_identity', i.id
  FROM tickets_identity i JOIN tickets_ticket t ON t.caller_id = i.contact_id WHERE t.id = %(ticket)s
UNION ALL SELECT 'tickets_outboundpart', p.id
  FROM tickets_outboundpart p JOIN tickets_outboundreply r ON r.id = p.reply_id WHERE r.ticket_id = %(ticket)s
"""


@dataclass(frozen=True, slots=True)
class Story:
    """`share`: of the open tickets, how many are like it; 0 for closed ones. `long`: the span over which its copies
    are spread, back from when it was told."""

    ticket: Ticket
    share: float
    long: timedelta


@dataclass(frozen=True, slots=True)
class Desk:
    """What was made: who looks, at which tickets."""

    agent: User
    busy: User
    short: str
    long: str


class Teller:
    """Tells stories to the services, as callers would."""

    def __init__(self, account: ChannelAccount) -> None:
        self.account = account
        self.number = 0

    def says(self, by: str, text: str, *, at: datetime, thread: int | None = None) -> None:
        self.number += 1
        message = InboundMessage(
            external_id=f"p{self.number}",
            thread_key=f"{thread or self.number}:{by}",
            author=Author(place.CHANNEL, f"id-{by}", "", by, by.title()),
            text=text,
            sent_at=at,
            visibility="public",
            reply_rule=MayReply(True, "summoned"),
            addressed=True,
            version_id=f"p{self.number}",
            language="nl",
            root_external_id=f"p{thread or self.number}",
            url=f"https://network.example/{by}/{self.number}",
        )
        with transaction.atomic():
            messages_receive(self.account, [message], now=at + timedelta(seconds=5))

    def ticket(self, by: str, text: str, *, at: datetime) -> Ticket:
        self.says(by, text, at=at)
        return Ticket.objects.get(messages__external_id=f"p{self.number}")

    def told(self, by: str, *, at: datetime) -> Ticket:
        """A request whose acknowledgement has told its date."""
        ticket = self.ticket(by, REQUEST, at=at)
        tell = date_to_tell(ticket)
        reply = OutboundReply.objects.get(ticket=ticket, kind="acknowledgement")
        if tell is None:
            raise RuntimeError("the policy tells no date here: the stories of the bench need one")
        when = at + timedelta(seconds=30)
        reply.text = f"Dank je wel. Je nummer bij ons is {ticket.shown_reference}."
        reply.tells_for, reply.tells_kind, reply.tells_reason = tell.date, tell.kind, "acknowledged"
        reply.state, reply.sent_at, reply.settled_at = ReplyState.SENT, when, when
        reply.save()
        part = OutboundPart.objects.create(
            reply=reply, number=1, text=reply.text, external_id=f"ours-{reply.pk}", sent_at=when
        )
        with transaction.atomic():
            reply_sent(reply, [part], ticket=Ticket.objects.get(pk=ticket.pk), sent_at=when, now=when)
        ticket.refresh_from_db()
        return ticket

    def long_one(self, by: str, messages: int, *, at: datetime) -> Ticket:
        """A told one whose caller goes on in the same thread."""
        ticket = self.told(by, at=at)
        first = self.number
        for number in range(messages - Message.objects.filter(ticket=ticket).count()):
            self.says(by, f"{number}: {REQUEST}", at=at + timedelta(minutes=2 + number / 2), thread=first)
        if (there := Message.objects.filter(ticket=ticket).count()) != messages:
            raise RuntimeError(f"the long ticket has {there} messages, not {messages}")
        return ticket


def stories(teller: Teller, now: datetime) -> list[Story]:
    told_at = now - timedelta(hours=2)
    plain = teller.told("anouk", at=told_at)
    if plain.promised_for is None:
        raise RuntimeError("the ticket has no told date")
    # So far back that a fiftieth of the dates has passed.
    ahead = (plain.promised_for - now) * 1.02
    held = teller.told("bas", at=told_at)
    tasks_make([
        task(
            TaskKind.RELEASE, reason="contact_cap_day", cause="bench held", team_id=held.team_id,
            ticket_id=held.pk, due_at=now, now=now,
        )
    ])  # fmt: skip
    hold = teller.told("cees", at=told_at)
    Ticket.objects.filter(pk=hold.pk).update(
        status=Status.ON_HOLD, hold_kind=HoldKind.SUPPLIER, hold_for="Lichtnet BV", hold_since=now
    )
    pending = teller.ticket("dirk", VENTING, at=now - timedelta(minutes=1))
    closed = teller.told("eva", at=told_at)
    Promise.objects.filter(ticket=closed).delete()
    Message.objects.filter(ticket=closed, direction="out").delete()
    OutboundReply.objects.filter(ticket=closed).delete()
    closed.events.all().delete()
    closed.targets.all().delete()
    Ticket.objects.filter(pk=closed.pk).update(
        status=Status.CLOSED, promised_for=None, promise_kind="", at_risk_at=None, due_at=None, next_at=None,
        resolved_at=now, closed_at=now,
    )  # fmt: skip
    return [
        Story(plain, 0.82, ahead),
        Story(held, 0.02, ahead),
        Story(hold, 0.08, ahead),
        Story(pending, 0.08, timedelta(minutes=40)),
        Story(closed, 0, timedelta(days=700)),
    ]


def make(tickets: int, opened: int, here: float, say: Callable[[str], None]) -> Desk:
    """`tickets`, of which `opened` are open, `here` (a share) of those the measured team's, the rest spread evenly."""
    now = database_now()
    app = place.app_place(
        {"consumer_key": "k", "consumer_secret": "s", "bearer_token": "b"}, now=now, hook_key="bench-pages"
    )
    there = {"user_id": "1111", "username": "desk", "access_token": "t", "access_token_secret": "s"}
    account = place.account_place(app, there, base_url="http://127.0.0.1:9", language="nl", now=now)
    teams = [account.team_id]
    for number in range(1, TEAMS):
        teams.append(
            Team.objects.create(
                key=f"team-{number}", name=f"Team {number}", is_private=number % 10 == 9, created_at=now
            ).pk
        )
    users = [
        User.objects.create_user(username=f"agent-{n}", email=f"agent-{n}@merendam.example")
        for n in range(AGENTS)
    ]
    Membership.objects.bulk_create(
        Membership(user=user, team_id=teams[n % TEAMS]) for n, user in enumerate(users)
    )
    busy = users[TEAMS]
    Membership.objects.bulk_create(Membership(user=busy, team_id=teams[n]) for n in (1, 2))
    teller = Teller(account)
    told = stories(teller, now)
    short = teller.long_one("femke", 5, at=now - timedelta(hours=4))
    long = teller.long_one("gerard", 200, at=now - timedelta(hours=4))
    whose = {
        "team": f"CASE WHEN (g %% 1000) < {int(here * 1000)} THEN {teams[0]} "
        f"ELSE (ARRAY{teams[1:]})[1 + g %% {TEAMS - 1}] END",
        "owner": f"CASE WHEN g %% 3 = 0 THEN (ARRAY{[user.pk for user in users]})[1 + g %% {AGENTS}] END",
    }
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # nothing of it points elsewhere
        for number, story in enumerate(told):
            count = round(opened * story.share) if story.share else tickets - opened
            for first in range(1, count + 1, _AT_ONCE):
                _copy(cursor, story, number, whose, first, min(first + _AT_ONCE - 1, count), count)
                say(f"  {min(first + _AT_ONCE - 1, count):,} of {count:,} of story {number + 1}")
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE")
    return Desk(users[0], busy, short.shown_reference, long.shown_reference)


def _copy(
    cursor: Any, story: Story, number: int, whose: Mapping[str, str], first: int, last: int, count: int
) -> None:
    ids = _ids(cursor, story.ticket.pk)
    moved = "(%(long)s * ((%(count)s - g)::float8 / %(count)s))"
    for table in _COPIED:
        if table not in ids:
            continue
        names, made = [], []
        for name, kind, target, is_unique in _columns(cursor, table):
            names.append(f'"{name}"')
            if name == "id" or target in _COPIED:
                made.append(f'o."{name}" + {STRIDE} * g')
            elif (table, name) == ("tickets_ticket", "reference"):
                made.append(f"lpad(to_hex(g * 8 + {number}), 8, '0')")
            elif name == "team_id":
                made.append(whose["team"])
            elif (table, name) == ("tickets_ticket", "owner_id"):
                made.append(whose["owner"])
            elif kind == "timestamp with time zone":
                made.append(f'o."{name}" - {moved}')
            elif is_unique:
                made.append(f"o.\"{name}\" || '-' || g")
            else:
                made.append(f'o."{name}"')
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(names)}) OVERRIDING SYSTEM VALUE SELECT {', '.join(made)} "
            f"FROM {table} o, generate_series(%(first)s::bigint, %(last)s) g WHERE o.id = ANY(%(ids)s)",
            {"first": first, "last": last, "count": count, "long": story.long, "ids": ids[table]},
        )


def _ids(cursor: Any, ticket: int) -> dict[str, list[int]]:
    """By table: the rows of a story."""
    plain = [name for name in _COPIED if name.removeprefix("tickets_") in _WITH_TICKET]
    cursor.execute(
        _OF_TICKET
        + "".join(
            f" UNION ALL SELECT '{name}', id FROM {name} WHERE ticket_id = %(ticket)s" for name in plain
        ),
        {"ticket": ticket},
    )
    found: dict[str, list[int]] = {}
    for table, pk in cursor.fetchall():
        if pk >= STRIDE:
            raise RuntimeError("the ids of a story are too large: begin with an empty database")
        found.setdefault(table, []).append(pk)
    return found


_WITH_TICKET = frozenset(
    {"conversation", "message", "target", "outboundreply", "promise", "agenttask", "ticketevent"}
)


def _columns(cursor: Any, table: str) -> Sequence[tuple[str, str, str, bool]]:
    """Name, type, the table it points at ('' for none), and whether it is text that an index wants unique by itself."""
    cursor.execute(
        """
        SELECT a.attname, format_type(a.atttypid, NULL), coalesce(max(f.confrelid::regclass::text), ''),
               bool_or(u.indisunique AND a.atttypid IN ('text'::regtype, 'varchar'::regtype))
          FROM pg_attribute a
          LEFT JOIN pg_constraint f ON f.contype = 'f' AND f.conrelid = a.attrelid AND f.conkey = ARRAY[a.attnum]
          LEFT JOIN pg_index u ON u.indrelid = a.attrelid AND u.indisunique AND a.attnum = ANY(u.indkey)
               AND NOT EXISTS (SELECT 1 FROM pg_constraint m
                                WHERE m.contype = 'f' AND m.conrelid = a.attrelid AND m.conkey[1] = ANY(u.indkey)
                                  AND m.confrelid = ANY(%(copied)s::regclass[]))
         WHERE a.attrelid = %(table)s::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
         GROUP BY a.attname, a.atttypid, a.attnum ORDER BY a.attnum""",
        {"table": table, "copied": list(_COPIED)},
    )
    return [(name, kind, target, bool(unique)) for name, kind, target, unique in cursor.fetchall()]
