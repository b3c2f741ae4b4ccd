"""The process `live` beside a bare echo server (bench/echo.py): 1,000 open queues in 20 private teams, 50 changes a
second, each seen by the 50 pages of its team.

Both hold as many sockets of the same lean clients, and send as many frames of the same size; they run in turn, with the
same web process beside them, whose queue page is asked for all the while. Measured are the time from a change's commit
to its frame at each page that sees it, an echo's way there and back, the queue page, and the memory of a socket. What
reaches a page of another team is counted, and so is what never came.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import requests
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection, transaction

from accounts.models import Membership, Team, User
from bench import pages_make
from bench.figures import percentile, spread
from bench.live_clients import Clients
from bench.stack import Stack
from servicedesk.live.process import TURN
from tickets import reference, wake
from tickets.clock import database_now
from tickets.models import Ticket
from tickets.services.audit import tickets_changed

TEAMS, OF_TEAM, CHANGES = 20, 50, 50
#: From the first of some changes to the message that tells of all of them, and from that to the pages' frames.
INTERVAL = wake.NEWS_PAUSE + TURN
#: Rows of the queue that each page shows.
SHOWN = 50
ECHOES = 4
MOST_ECHOES, MOST_QUEUE = 5.0, 2.0
#: Between two asks for the queue page, in seconds.
ASK_EVERY = 0.15
#: How long frames may still come when the last change was made.
AFTER = 3.0


@dataclass(slots=True)
class Round:
    """Seconds of one round. told: from commit to frame, of each change at each page that sees it. queue, bare: of the
    queue page, beside the process and beside the echo server. frames: a second. size: bytes of one."""

    told: list[float]
    queue: list[float]
    echo: list[float]
    bare: list[float]
    frames: float
    size: float


@dataclass(slots=True)
class Outcome:
    """memory, bare_memory: bytes for a socket. foreign: frames that named a ticket of another team. missed: pairs of a
    change and a page that never met. lost: sockets that were closed."""

    seconds: float
    rounds: list[Round] = field(default_factory=list)
    memory: float = 0.0
    bare_memory: float = 0.0
    changes: int = 0
    foreign: int = 0
    missed: int = 0
    lost: int = 0

    @property
    def told(self) -> float:
        """The 95th of a hundred, over the most that is asked: the interval and five echoes."""
        return spread(
            [
                percentile(one.told, 0.95) / (INTERVAL + MOST_ECHOES * percentile(one.echo, 0.95))
                for one in self.rounds
            ]
        ).median

    @property
    def queue(self) -> float:
        return spread([percentile(one.queue, 0.5) / percentile(one.bare, 0.5) for one in self.rounds]).median

    @property
    def holds(self) -> bool:
        return self.told <= 1 and self.queue <= MOST_QUEUE and not (self.foreign or self.missed or self.lost)


@dataclass(slots=True)
class Desk:
    """by_team: references of its tickets, and their ids. cookies: of each person, team by team in turn."""

    by_team: list[list[tuple[int, str]]]
    cookies: list[str]
    versions: dict[str, int]
    team_of: dict[str, int]


def run(folder: Path, *, seconds: float, rounds: int, say: Callable[[str], None]) -> Outcome:
    desk = _make(say)
    found = Outcome(seconds)
    with Stack(folder) as stack:
        web = stack.web({})
        queue = _Queue(web, desk.cookies[0])
        queue.ask_for(2.0)
        for turn in range(rounds):
            took, frames, size = _live_round(stack, folder, desk, web, queue, found)
            echo, bare = _echo_round(stack, folder, desk, queue, found, frames, size)
            one = Round(*took, echo=echo, bare=bare, frames=frames, size=size)
            found.rounds.append(one)
            say(
                f"  round {turn + 1}: commit to frame p50 {_ms(one.told, 0.5)}, p95 {_ms(one.told, 0.95)}; echo p50 "
                f"{_ms(one.echo, 0.5)}, p95 {_ms(one.echo, 0.95)}; {frames:.0f} frames/s of {size:.0f} bytes; queue "
                f"page {_ms(one.queue, 0.5)}, beside the echo server {_ms(one.bare, 0.5)}"
            )
    return found


def _ms(values: Sequence[float], share: float) -> str:
    return f"{percentile(values, share) * 1000:.1f} ms"


# -- a desk ---------------------------------------------------------------------------------------------------------
def _make(say: Callable[[str], None]) -> Desk:
    pages_make.make(TEAMS * SHOWN * 2, TEAMS * SHOWN, 1 / TEAMS, lambda _line: None)
    Team.objects.update(is_private=True)
    teams = list(Team.objects.order_by("pk").values_list("pk", flat=True))[:TEAMS]
    Membership.objects.all().delete()
    users = User.objects.bulk_create(
        User(username=f"live-{n}", display_name=f"Person {n}") for n in range(TEAMS * OF_TEAM)
    )
    Membership.objects.bulk_create(
        Membership(user=user, team_id=teams[n % TEAMS]) for n, user in enumerate(users)
    )
    tickets = list(Ticket.objects.filter(closed_at__isnull=True, team_id__in=teams).order_by("pk"))
    for ticket in tickets:
        ticket.reference = reference.make()
    Ticket.objects.bulk_update(tickets, ["reference"], batch_size=500)
    by_team: list[list[tuple[int, str]]] = [[] for _ in teams]
    for ticket in tickets:
        by_team[teams.index(ticket.team_id)].append((ticket.pk, ticket.reference))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    say(f"  {len(tickets):,} open tickets of {len(teams)} private teams, {len(users):,} people")
    return Desk(
        [rows[:SHOWN] for rows in by_team],
        _cookies(users),
        {ticket.reference: ticket.version for ticket in tickets},
        {name: number for number, rows in enumerate(by_team) for _, name in rows},
    )


def _cookies(users: Sequence[User]) -> list[str]:
    """Each signed in."""
    rows = []
    for number, user in enumerate(users):
        told = {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: user.get_session_auth_hash(),
        }
        rows.append(
            Session(
                session_key=f"bench{number:027}",
                session_data=SessionStore().encode(told),
                expire_date=database_now() + timedelta(hours=12),
            )
        )
    Session.objects.bulk_create(rows)
    return [f"{settings.SESSION_COOKIE_NAME}={row.session_key}" for row in rows]


# -- a round --------------------------------------------------------------------------------------------------------
def _live_round(
    stack: Stack, folder: Path, desk: Desk, web: str, queue: _Queue, found: Outcome
) -> tuple[tuple[list[float], list[float]], float, float]:
    """((commit to frame, queue page), frames a second, bytes of one)."""
    port, process = stack.live({"PUBLIC_URL": web})
    teams = len(desk.by_team)
    sockets = [
        {
            "cookie": cookie,
            "says": [json.dumps({"show": [name for _, name in desk.by_team[number % teams]]})],
        }
        for number, cookie in enumerate(desk.cookies)
    ]
    with Clients(folder, port, "/ws", web, sockets, process) as clients:
        found.memory = clients.memory
        changes = _Changes(desk)
        clients.note()
        changes.start()
        took = queue.ask_for(found.seconds)
        made = changes.stop()
        time.sleep(AFTER)
        heard = clients.stop()
    stack.end("live")
    found.changes += len(made)
    found.lost += heard["lost"]
    told = _told(desk, made, heard["frames"], found)
    bytes_of = [len(text) for _, _, text in heard["frames"]]
    return (told, took), len(bytes_of) / found.seconds, sum(bytes_of) / len(bytes_of)


def _told(
    desk: Desk,
    made: Sequence[tuple[str, int, float]],
    frames: Sequence[tuple[int, float, str]],
    found: Outcome,
) -> list[float]:
    """Of each change at each page of its team: until the first frame with that version, or a later one."""
    teams = len(desk.by_team)
    heard: dict[tuple[int, str], list[tuple[int, float]]] = {}
    for number, at, text in frames:
        for name, version in json.loads(text).get("changed", ()):
            if desk.team_of[name] != number % teams:
                found.foreign += 1
            heard.setdefault((number, name), []).append((version, at))
    told = []
    for name, version, at in made:
        for number in range(desk.team_of[name], len(desk.cookies), teams):
            came = [when for known, when in heard.get((number, name), ()) if known >= version]
            if came:
                told.append(came[0] - at)
            else:
                found.missed += 1
    return told


def _echo_round(
    stack: Stack, folder: Path, desk: Desk, queue: _Queue, found: Outcome, frames: float, size: float
) -> tuple[list[float], list[float]]:
    """(an echo's way there and back, queue page)."""
    port, process, orders = stack.echo()
    teams = len(desk.by_team)
    sockets = [{"says": [f"crowd {number % teams}"]} for number in range(len(desk.cookies))]
    with Clients(folder, port, "/", "http://127.0.0.1", sockets, process, echoes=ECHOES) as clients:
        found.bare_memory = clients.memory
        orders.write(f"{frames} {round(size)}\n".encode())
        orders.flush()
        time.sleep(1)
        clients.note()
        took = queue.ask_for(found.seconds)
        heard = clients.stop()
    stack.end("echo")
    found.lost += heard["lost"]
    sent = len(heard["frames"]) / found.seconds
    if not 0.8 * frames <= sent <= 1.25 * frames:
        raise RuntimeError(
            f"the echo server sent {sent:.0f} frames a second, and not {frames:.0f}: no comparison"
        )
    return heard["echoes"], took


class _Changes(threading.Thread):
    """`CHANGES` a second, team by team in turn, each a commit of its own. made: (reference, version, when)."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(name="changes", daemon=True)
        self.desk, self.ended = desk, threading.Event()
        self.made: list[tuple[str, int, float]] = []

    def run(self) -> None:
        began, teams = time.monotonic(), len(self.desk.by_team)
        number = 0
        try:
            while not self.ended.is_set():
                rows = self.desk.by_team[number % teams]
                pk, name = rows[number // teams % len(rows)]
                self._change(pk, name)
                number += 1
                self.ended.wait(max(0.0, began + number / CHANGES - time.monotonic()))
        finally:
            connection.close()

    def _change(self, pk: int, name: str) -> None:
        version = self.desk.versions[name] = self.desk.versions[name] + 1
        with transaction.atomic():
            transaction.on_commit(lambda: self.made.append((name, version, time.monotonic())))
            tickets_changed([pk])

    def stop(self) -> list[tuple[str, int, float]]:
        self.ended.set()
        self.join()
        return self.made


class _Queue:
    """The queue page, asked for as a browser asks."""

    def __init__(self, web: str, cookie: str) -> None:
        self.web, self.session = web, requests.Session()
        self.session.trust_env = False
        self.session.headers["Cookie"] = cookie

    def ask_for(self, seconds: float) -> list[float]:
        """How long each ask took, for so long."""
        took = []
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            began = time.perf_counter()
            answer = self.session.get(f"{self.web}/", timeout=30, allow_redirects=False)
            took.append(time.perf_counter() - began)
            if answer.status_code != 200:
                raise RuntimeError(f"the queue page answers {answer.status_code}")
            time.sleep(ASK_EVERY)
        return took


# -- what is written ------------------------------------------------------------------------------------------------
def table(found: Outcome) -> str:
    lines = [
        "| what | measured | asked | holds |",
        "|---|---|---|---|",
        f"| p95 of commit to frame / (interval + {MOST_ECHOES:.0f} × p95 of an echo) | {found.told:.2f} | ≤ 1 | "
        f"{_yes(found.told <= 1)} |",
        f"| queue page / beside a bare echo server | {found.queue:.2f} | ≤ {MOST_QUEUE:.0f} | "
        f"{_yes(found.queue <= MOST_QUEUE)} |",
        f"| frames at a page of another team | {found.foreign} | 0 | {_yes(not found.foreign)} |",
        f"| changes that did not reach a page | {found.missed} | 0 | {_yes(not found.missed)} |",
        f"| sockets lost | {found.lost} | 0 | {_yes(not found.lost)} |",
        "",
        f"Memory for a socket: {found.memory / 1024:.1f} KB, of a bare echo server {found.bare_memory / 1024:.1f} KB. "
        f"{found.changes:,} changes in {len(found.rounds)} round(s) of {found.seconds:.0f} s; interval "
        f"{INTERVAL * 1000:.0f} ms.",
        "",
        "| round | commit to frame p50 | p95 | echo p50 | p95 | frames/s | bytes | queue page p50 | beside echo |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for number, one in enumerate(found.rounds, 1):
        lines.append(
            f"| {number} | {_ms(one.told, 0.5)} | {_ms(one.told, 0.95)} | {_ms(one.echo, 0.5)} | "
            f"{_ms(one.echo, 0.95)} | {one.frames:.0f} | {one.size:.0f} | {_ms(one.queue, 0.5)} | "
            f"{_ms(one.bare, 0.5)} |"
        )
    return "\n".join(lines)


def _yes(holds: bool) -> str:
    return "yes" if holds else "**no**"


def write(out: Path, found: Outcome, machine: str) -> None:
    told = __doc__ or ""
    (out / "live.md").write_text(f"# Open pages\n\n{told.strip()}\n\n{machine}\n\n{table(found)}\n")
