"""From a post to its reply: how long the desk takes beside the least that the same stack could do.

The clock is the sandbox's own: it starts when the sandbox sends its webhook and stops when the POST of the reply
arrives there, both to the millisecond. The desk: webhook, inbox, intake, outbox, delivery. The floor, in the same
web process, worker and broker: a view that inserts one row, a job that does nothing but one POST. Posts come by the
clock, whether the last was answered or not: *quiet* one at a time, *busy* four at once.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from bench import place, posts
from bench.figures import Spread, middle, percentile, spread
from bench.stack import Stack
from channels_social.adapters.x import hooks
from sandbox.client import Sandbox
from tickets.clock import database_now

ACCOUNTS = 4
WAIT_SECONDS = 30.0
LISTENING = ("post.mention.create",)


@dataclass(frozen=True, slots=True)
class Pace:
    """`at_once` posts, each to another account, every `every` seconds."""

    name: str
    at_once: int
    every: float


PACES = (Pace("quiet", 1, 0.12), Pace("busy", 4, 0.32))


@dataclass(slots=True)
class Times:
    """p50 and p99 in milliseconds of each round."""

    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)

    def take(self, milliseconds: list[float]) -> None:
        self.p50.append(middle(milliseconds))
        self.p99.append(percentile(milliseconds, 0.99))


@dataclass(slots=True)
class Paced:
    """Both at one pace."""

    pace: Pace
    desk: Times = field(default_factory=Times)
    floor: Times = field(default_factory=Times)

    def ratio(self, which: str) -> Spread:
        ours, theirs = getattr(self.desk, which), getattr(self.floor, which)
        return spread([a / b for a, b in zip(ours, theirs, strict=True)])


class Town:
    """The sandbox with four accounts of the desk and four of the floor, and new townspeople for every post."""

    def __init__(self, url: str) -> None:
        self.control = Sandbox(url)
        self.control.settings(enforce_limits=False, credits=None)
        apps = {name: self.control.create_app(name) for name in ("desk", "floor")}
        self.accounts: dict[str, list[dict[str, Any]]] = {
            name: [
                self.control.create_account(f"{name}{n}", app_id=app["id"], lang="nl" if n % 2 else "en")
                for n in range(ACCOUNTS)
            ]
            for name, app in apps.items()
        }
        self._people = itertools.count()
        self._texts = posts.mixed("{desk}", posts.REQUESTS)

    def post(self, who: str, number: int) -> list[dict[str, Any]]:
        """`number` new people write to as many accounts of `who`, in one call."""
        wanted = []
        for place_of in range(number):
            name = f"caller{next(self._people)}"
            language, text = next(self._texts)
            self.control.create_user(name, lang=language)
            handle = self.accounts[who][(place_of + int(name[6:])) % ACCOUNTS]["username"]
            wanted.append({"as_user": name, "text": text.replace("{desk}", handle), "lang": language})
        return self.control.post_many(wanted)

    def round(self, who: str, pace: Pace, number: int) -> list[float]:
        """Milliseconds from webhook to reply for `number` posts. RuntimeError where one stays without."""
        seen = self._last_call()
        asked: set[str] = set()
        starts = time.monotonic()
        for turn in range(number // pace.at_once):
            time.sleep(max(0.0, starts + turn * pace.every - time.monotonic()))
            asked |= {post["id"] for post in self.post(who, pace.at_once)}
        arrived = self._arrivals(seen, asked)
        sent = {
            each["post_id"]: _moment(each["first_at"])
            for each in self.control.deliveries()
            if each["post_id"] in asked and each["event_type"] in LISTENING
        }
        return [(arrived[one] - sent[one]).total_seconds() * 1_000 for one in asked]

    def _last_call(self) -> int:
        calls = self.control.log(method="POST", path="/2/tweets")
        return int(calls[-1]["n"]) if calls else 0

    def _arrivals(self, seen: int, asked: set[str]) -> dict[str, datetime]:
        ends = time.monotonic() + WAIT_SECONDS
        while True:
            calls = self.control.log(after=seen, method="POST", path="/2/tweets")
            arrived: dict[str, datetime] = {}
            for call in calls:
                if call["status"] == 201:
                    below = json.loads(call["body"])["reply"]["in_reply_to_tweet_id"]
                    arrived.setdefault(below, _moment(call["at"]))
            if asked <= set(arrived):
                return arrived
            if time.monotonic() > ends:
                raise RuntimeError(
                    f"{len(asked - set(arrived))} of {len(asked)} posts stayed without a reply"
                )
            time.sleep(0.2)


def run(
    folder: Path, *, number: int, rounds: int, say: Callable[[str], None], paces: tuple[Pace, ...] = PACES
) -> list[Paced]:
    """Start the stack; then every pace with `rounds` rounds of `number` posts to the desk and to the floor, in turn."""
    with Stack(folder) as stack:
        town = set_up(stack)
        for who in ("desk", "floor"):
            town.round(who, Pace("warm", 4, 0.3), 80)
        found = []
        for pace in paces:
            one = Paced(pace)
            for turn in range(rounds):
                both = (("desk", one.desk), ("floor", one.floor))
                for who, times in both if turn % 2 == 0 else both[::-1]:
                    times.take(town.round(who, pace, number))
                say(
                    f"  {pace.name}, round {turn + 1}: desk p50 {one.desk.p50[-1]:.1f} p99 {one.desk.p99[-1]:.0f} ms, "
                    f"floor p50 {one.floor.p50[-1]:.1f} p99 {one.floor.p99[-1]:.0f} ms"
                )
            found.append(one)
        return found


def set_up(stack: Stack) -> Town:
    """Sandbox, accounts on both sides, web, worker, webhooks."""
    url = stack.sandbox()
    town = Town(url)
    desks, floors = town.accounts["desk"], town.accounts["floor"]
    now = database_now()
    app = place.app_place(desks[0], now=now, hook_key="bench-hook")
    for there in desks:
        place.account_place(app, there, base_url=url, language="en", now=now)
    floor = {
        "BENCH_SANDBOX": url,
        "BENCH_FLOOR_SECRET": floors[0]["consumer_secret"],
        "BENCH_FLOOR_TOKENS": json.dumps({each["user_id"]: each["user_token"] for each in floors}),
    }
    web = stack.web(floor)
    stack.worker(floor)
    for ours, path in ((desks, f"/hooks/{place.CHANNEL}/{app.hook_key}/"), (floors, "/bench/floor/")):
        tokens = {each["user_id"]: each["user_token"] for each in ours}
        hooks.register(url, bearer_token=ours[0]["bearer_token"], url=web + path, user_tokens=tokens)
    return town


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
