"""What a form's post costs beside the least that a view could do with it: one row, the request's raw body.

Both in the same web process, by the same callers at once, in rounds that take turns. The desk's post is the whole of
it: parsed and checked, counted against floods, stored on the disk. `looked` is with the page that follows: read,
triaged, on its ticket with its targets, number and date told. There is no worker here: all of it is the requests' own
work. Afterwards what is left is read, what was sent is counted on the tickets, and every tenth was sent twice more, at
once.
"""

from __future__ import annotations

import itertools
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import requests

from accounts.actors import System
from bench import posts
from bench.figures import Spread, percentile, spread
from bench.stack import Stack

ASKED = 0.30
CALLERS = 4
#: A form takes so many a minute (adapters/form/views.py); a round has as many forms as it needs.
OF_A_FORM = 100
DOUBLE = 10
_BENCH = System("bench")


@dataclass(slots=True)
class Outcome:
    """Posts a second of each round. errors: answers that were no 303 (no 200 of the floor). sent, tickets: of all
    rounds; a form that was sent twice is one."""

    desk: list[float] = field(default_factory=list)
    looked: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)
    slow: list[float] = field(default_factory=list)
    errors: int = 0
    sent: int = 0
    tickets: int = 0
    told: int = 0

    def ratio(self, which: str) -> Spread:
        rates: list[float] = getattr(self, which)
        return spread([ours / theirs for ours, theirs in zip(rates, self.floor, strict=True)])

    @property
    def holds(self) -> bool:
        return self.ratio("desk").median >= ASKED and not self.errors and self.sent == self.tickets


def run(folder: Path, *, number: int, rounds: int, say: Callable[[str], None]) -> Outcome:
    found = Outcome()
    with Stack(folder) as stack:
        web = stack.web({"BEHIND_TLS_PROXY": "1"})
        town = _Town(web)
        town.round(found, "floor", CALLERS * 5)  # what is loaded at the first one
        town.round(found, "desk", CALLERS * 5)
        found = Outcome(sent=found.sent, errors=found.errors)
        for turn in range(rounds):
            found.floor.append(town.round(found, "floor", number))
            found.desk.append(town.round(found, "desk", number))
            found.looked.append(town.round(found, "looked", number))
            say(
                f"  round {turn + 1}: floor {found.floor[-1]:.0f}, post {found.desk[-1]:.0f}, with its page "
                f"{found.looked[-1]:.0f} a second"
            )
    from channels_social.inbox import events_process
    from channels_social.ingest import accounts_with_pending
    from tickets.models import Promise, Ticket

    for account_id in accounts_with_pending():
        events_process(account_id, seconds=60)
    found.tickets, found.told = Ticket.objects.count(), Promise.objects.count()
    return found


class _Town:
    """People who fill in forms: each from an address of their own, as a proxy of ours says."""

    def __init__(self, web: str) -> None:
        self._web = web
        self._texts = posts.varied("desk")
        self._people = itertools.count(1)
        self._guard = threading.Lock()

    def round(self, found: Outcome, which: str, number: int) -> float:
        """So many posts by `CALLERS` at once; how many a second."""
        forms = [] if which == "floor" else [_form() for _ in range(number // OF_A_FORM + 1)]
        filled = [self._filled(forms, place_of) for place_of in range(number)]
        shares = [filled[place_of::CALLERS] for place_of in range(CALLERS)]
        begins = time.perf_counter()
        with ThreadPoolExecutor(CALLERS) as callers:
            for errors, slow in callers.map(lambda share: self._send(which, share), shares):
                found.errors += errors
                if which == "desk":
                    found.slow += slow
        took = time.perf_counter() - begins
        if which != "floor":
            found.sent += number
            self._twice(found, filled[::DOUBLE])
        return number / took

    def _filled(self, forms: Sequence[str], place_of: int) -> tuple[str, str, dict[str, str]]:
        """(path, who, what)."""
        number = next(self._people)
        language, words = next(self._texts)
        path = f"/f/{forms[place_of % len(forms)]}/?lang={language}" if forms else "/bench/row/"
        what = {
            "page": secrets.token_urlsafe(18),
            "words": words,
            "category": "",
            "name": "Anouk de Vries",
            "address": f"caller{number}@voorbeeld.example" if number % 2 else "",
            "website": "",
        }
        return path, f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}", what

    def _send(self, which: str, share: Sequence[tuple[str, str, dict[str, str]]]) -> tuple[int, list[float]]:
        """(answers that were wrong, milliseconds of each)."""
        wrong, took = 0, []
        with requests.Session() as session:
            session.trust_env = False
            for path, who, what in share:
                begins = time.perf_counter()
                answer = self._post(session, path, who, what)
                if which == "looked" and answer.status_code == 303:
                    answer = session.get(self._web + answer.headers["Location"], timeout=30)
                    wrong += answer.status_code != 200 or 'class="ref"' not in answer.text
                else:
                    wrong += answer.status_code != (200 if which == "floor" else 303)
                took.append((time.perf_counter() - begins) * 1_000)
        return wrong, took

    def _post(
        self, session: requests.Session, path: str, who: str, what: dict[str, str]
    ) -> requests.Response:
        fields = [(name, (None, value)) for name, value in what.items()]
        return session.post(
            self._web + path,
            files=fields,  # as a browser sends a form that may hold files
            headers={"X-Forwarded-For": who},
            allow_redirects=False,
            timeout=30,
        )

    def _twice(self, found: Outcome, again: Sequence[tuple[str, str, dict[str, str]]]) -> None:
        """The same once more, by two at once: nothing new comes of it."""
        with ThreadPoolExecutor(2) as callers:
            for errors, _ in callers.map(lambda share: self._send("desk", share), [again, again]):
                found.errors += errors


def _form() -> str:
    """A new form; its key."""
    from accounts.models import Team
    from channels_social.connecting import Connecting, account_connect
    from channels_social.registrations import registration_of, registration_save
    from tickets.clock import database_now

    now = database_now()
    key = secrets.token_hex(8)
    app = registration_of("form") or registration_save(actor=_BENCH, slug="form", given={}, now=now)
    team = Team.objects.get_or_create(key="front", defaults={"name": "Front desk", "created_at": now})[0]
    connecting = Connecting(
        external_id=key,
        name="Form",
        handle="Form",
        team=team,
        language="en",
        settings={"name": "Merendam", "languages": "en nl"},
    )
    account_connect(actor=_BENCH, app=app, connecting=connecting, now=now)
    return key


def table(found: Outcome) -> str:
    """Markdown."""
    held = {True: "yes", False: "**no**"}
    post, page = found.ratio("desk"), found.ratio("looked")
    whole = found.sent == found.tickets and not found.errors
    return "\n".join(
        [
            f"{CALLERS} callers at once, one web process. Medians of {len(found.floor)} rounds that took turns "
            "(lowest to highest).",
            "",
            "| | a second | beside the row | asked | holds |",
            "|---|---|---|---|---|",
            f"| a view that inserts one row | {spread(found.floor).words()} | | | |",
            f"| a form's post | {spread(found.desk).words()} | {post.words('.2f')} | ≥ {ASKED:.2f} | "
            f"{held[post.median >= ASKED]} |",
            f"| with the page that tells number and date | {spread(found.looked).words()} | {page.words('.2f')} | | |",
            "",
            f"A post took {percentile(found.slow, 0.5):.0f} ms (p50), {percentile(found.slow, 0.99):.0f} ms (p99). "
            f"{found.sent:,} sent, every {DOUBLE}th of them three times: {found.tickets:,} tickets, {found.told:,} "
            f"told a date, {found.errors} errors. Nothing lost, nothing doubled: {held[whole]}.",
        ]
    )


def write(out: Path, found: Outcome, machine: str) -> None:
    head = "# Forms\n\nA form's post beside a view that inserts its raw row (`bench/forms.py`).\n\n"
    (out / "forms.md").write_text(f"{head}{machine}.\n\n{table(found)}\n", encoding="utf-8")
