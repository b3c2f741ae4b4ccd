"""Mail in, beside another desk and beside reading alone: mails per second, at few tickets and at a million.

The same mails (4 KB, text and HTML, a fifth of them replies that quote) go to all three in turns:

    ours       stored as events, as poll and webhook store them, and read by `inbox.events_process`
    another    django-helpdesk, in an environment of its own, on a database of the same server (bench/helpdesk)
    reading    the pure reader alone: parsed, its new words told from its quotations

What a round of ours added is taken out again, and the tables are vacuumed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import psycopg2
from django.conf import settings
from django.db import connection

from accounts.actors import System
from accounts.models import Team
from bench import mails_memory, pages_make, place, raw, sweep
from bench.figures import Spread, spread
from channels_social import inbox
from channels_social.adapters.email.inbound import Envelope, event_of
from channels_social.adapters.email.keys import token_secrets
from channels_social.adapters.email.reading import Desk, mail_read
from channels_social.connecting import Connecting, account_connect
from channels_social.ingest import events_store
from channels_social.models import ChannelApp, ChannelConnection
from servicedesk.garbage import collect_less
from tickets.clock import database_now
from tickets.models import ChannelAccount, Message, Ticket

FEW = 1_000
ADDRESS = "desk@merendam.example"
HERE = Path(__file__).parent / "helpdesk"
OTHERS = "bench_helpdesk"
ENVIRONMENT = Path(".data/bench-helpdesk")
LEAST_TIMES, LEAST_SHARE, MOST_GROWTH, MOST_MEGABYTES = 5.0, 0.4, 1.25, 250
_WORDS = (
    "the street light in front of our house has been dark since last week and the corner is hard to see at night ",
    "our container was not emptied on Tuesday although it stood at the kerb in time as it does every week ",
    "de tegel voor de bakker ligt los en mijn moeder is er bijna over gevallen toen ze vanmorgen boodschappen deed ",
    "kunt u mij zeggen wanneer het paspoort klaar ligt dat ik drie weken geleden aan het loket heb aangevraagd ",
)


@dataclass(slots=True)
class Outcome:
    mails: int
    rounds: int
    tickets: tuple[int, int]
    ours: list[float] = field(default_factory=list)
    another: list[float] = field(default_factory=list)
    reading: list[float] = field(default_factory=list)
    many: list[float] = field(default_factory=list)
    megabytes: float = 0.0

    @property
    def times(self) -> Spread:
        return spread([a / b for a, b in zip(self.ours, self.another, strict=True)])

    @property
    def share(self) -> Spread:
        return spread([a / b for a, b in zip(self.ours, self.reading, strict=True)])

    @property
    def growth(self) -> Spread:
        return spread([few / many for few, many in zip(self.ours, self.many, strict=True)])

    @property
    def holds(self) -> bool:
        return (
            self.times.median >= LEAST_TIMES
            and self.share.median >= LEAST_SHARE
            and self.growth.median <= MOST_GROWTH
            and self.megabytes <= MOST_MEGABYTES
        )


def written(count: int, run: str) -> Iterator[bytes]:
    """So many mails of about 4 KB, each of somebody else but for the fifth, which answers the one before it."""
    at = datetime(2026, 11, 16, 9, tzinfo=UTC)
    before = ""
    for number in range(count):
        answers = number % 5 == 4
        who = f"caller{number - answers}@{run}.example"
        mail = EmailMessage()
        mail["From"], mail["To"] = f"Anouk de Wit <{who}>", ADDRESS
        mail["Date"] = format_datetime(at + timedelta(seconds=number))
        mail["Message-ID"] = f"<{number}.{run}@{run}.example>"
        mail["Subject"] = f"{'Re: ' if answers else ''}About number {number - answers} in our street"
        if answers:
            mail["In-Reply-To"] = mail["References"] = f"<{number - 1}.{run}@{run}.example>"
        said = f"Hello, {_WORDS[number % 4]}" * 5 + f"\n\nRegards, {number}\n"
        text = said
        if answers:
            quoted = "\n".join(f"> {line}" for line in before.splitlines())
            text = f"Still waiting.\n\nOn Mon, 16 Nov 2026 at 10:00, Desk <{ADDRESS}> wrote:\n{quoted}\n"
        mail.set_content(text)
        rows = "".join(f"<p style='margin:0 0 12px'>{line}</p>" for line in text.splitlines() if line)
        mail.add_alternative(
            f"<html><body style='font-family:Arial'>{rows}{'<br>' * 20}</body></html>", subtype="html"
        )
        before = said
        yield mail.as_bytes()


class Bench:
    def __init__(self, mails: int) -> None:
        self.mails, self.passes = mails, 0
        self.account = _account()

    def ours(self) -> float:
        now = database_now()
        with self._pass() as run:
            raws = list(written(self.mails, run))
            began = time.perf_counter()
            arrived = Envelope(now, folder="INBOX")
            events = [(self.account.pk, event_of(ADDRESS, each, arrived)) for each in raws]
            for start in range(0, len(events), 200):
                events_store(events[start : start + 200], source="poll", now=now)
            done = inbox.events_process(self.account.pk, seconds=3_600)
            took = time.perf_counter() - began
            if done.events != self.mails or done.quarantined:
                raise RuntimeError(
                    f"{done.events} of {self.mails} mails were taken, {done.quarantined} put aside"
                )
            if Message.objects.filter(account=self.account, external_id__contains=run).count() != self.mails:
                raise RuntimeError("not every mail became a message")
        return self.mails / took

    def reading(self) -> float:
        raws = list(written(self.mails, "reading"))
        desk, now = Desk(frozenset([ADDRESS]), token_secrets()), database_now()
        began = time.perf_counter()
        for each in raws:
            mail_read(each, desk, received_at=now)
        return self.mails / (time.perf_counter() - began)

    def another(self) -> float:
        self.passes += 1
        with tempfile.TemporaryDirectory(prefix="bench-mails-") as folder:
            for number, each in enumerate(written(self.mails, f"run{self.passes}")):
                (Path(folder) / f"{number:06d}.eml").write_bytes(each)
            found = _helpdesk(folder)
        if found["taken"] != self.mails:
            raise RuntimeError(f"the other desk took {found['taken']} of {self.mails} mails")
        return self.mails / float(found["seconds"])

    @contextmanager
    def _pass(self) -> Iterator[str]:
        self.passes += 1
        with connection.cursor() as cursor:
            before = raw.marks(cursor)
            cursor.execute("SELECT coalesce(max(id), 0) FROM tickets_messagename")
            names = cursor.fetchone()
        yield f"run{self.passes}"
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            for name, mark in {**before, "tickets_messagename": names[0] if names else 0}.items():
                cursor.execute(f"DELETE FROM {name} WHERE id > %s", [mark])
            cursor.execute("DELETE FROM channels_social_eventkey WHERE account_id = %s", [self.account.pk])
            cursor.execute("SET session_replication_role = DEFAULT")
            cursor.execute("VACUUM ANALYZE")


def _account() -> ChannelAccount:
    now = database_now()
    app, _made = ChannelApp.objects.get_or_create(
        hook_key="bench-mails",
        defaults={"channel": "email", "name": "bench", "secrets": {}, "created_at": now},
    )
    team, _made = Team.objects.get_or_create(
        key="front", defaults={"name": "Front desk", "is_private": False, "created_at": now}
    )
    server = {"imap_host": "127.0.0.1", "smtp_host": "127.0.0.1", "address": ADDRESS}
    connecting = Connecting(
        external_id=ADDRESS, name="Desk", handle=ADDRESS, team=team, language="nl", settings=server
    )
    account = account_connect(actor=System("bench"), app=app, connecting=connecting, now=now)
    ChannelConnection.objects.filter(account=account).update(poll_due_at=None)
    return account


def _helpdesk(folder: str) -> dict[str, Any]:
    python = _environment()
    given = connection.get_connection_params()
    there = {name: str(given.get(name, "")) for name in ("host", "port", "user", "password")}
    environment = {
        "PATH": os.environ["PATH"],
        "HELPDESK_DATABASE": json.dumps({**there, "dbname": OTHERS}),
        "HELPDESK_MEDIA": folder,
        "PYTHONPATH": str(HERE),
    }
    done = subprocess.run(
        [str(python), str(HERE / "take.py"), folder],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the other desk failed: {done.stderr[-2_000:]}")
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def _environment() -> Path:
    """Its Python; installed once, exactly the pinned versions, and kept beside other data."""
    home = settings.BASE_DIR / ENVIRONMENT
    python = home / "bin/python"
    pinned = HERE / "requirements.txt"
    stamp = home / ".installed"
    if not stamp.exists() or stamp.read_bytes() != pinned.read_bytes():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--require-hashes", "--only-binary", ":all:", "-r", str(pinned)], check=True)
        stamp.write_bytes(pinned.read_bytes())
    return python


def _memory(account_id: int, say: Callable[[str], None]) -> float:
    """The most that a fresh worker takes for a mail with 25 MB of files."""
    with tempfile.TemporaryDirectory(prefix="bench-mails-") as folder:
        path = Path(folder) / "large.eml"
        path.write_bytes(mails_memory.mail(ADDRESS))
        command = [sys.executable, "-m", "bench.mails_memory", str(account_id), str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the large mail was not read: {done.stderr[-2_000:]}")
    found = json.loads(done.stdout.strip().splitlines()[-1])
    files = [size * mails_memory.MEGABYTE for size in sorted(mails_memory.FILES)]
    if [size for size in found["kept"] if size in files] != files:
        raise RuntimeError(f"kept were {found['kept']}, not {files}")
    say(f"  a fresh worker: {found['before']:.0f} MB, with the mail {found['peak']:.0f} MB at most")
    return float(found["peak"])


def _database_of_the_other() -> None:
    given = connection.get_connection_params()
    asked = {name: value for name, value in given.items() if name not in ("cursor_factory", "context")}
    server = psycopg2.connect(**{**asked, "dbname": "postgres"})
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {OTHERS}")
        cursor.execute(f"CREATE DATABASE {OTHERS}")
    server.close()


def run(*, mails: int, rounds: int, many: int, say: Callable[[str], None]) -> Outcome:
    """One round to warm up, then rounds of all three in turns; then as many of ours at `many` tickets. Few are `FEW`,
    as elsewhere here: tables that were emptied and then vacuumed are read row by row while they fill, which no desk is.
    """
    _database_of_the_other()
    few = sweep.Bench()
    few.make("later", FEW)
    few.raw.close()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    bench = Bench(mails)
    collect_less()  # as a worker does (servicedesk/celery.py)
    found = Outcome(mails, rounds, (Ticket.objects.count(), many))
    for number in range(rounds + 1):
        parts = [("ours", bench.ours), ("another", bench.another), ("reading", bench.reading)]
        if number % 2:
            parts.reverse()
        told = {name: take() for name, take in parts}
        if number:
            found.ours.append(told["ours"])
            found.another.append(told["another"])
            found.reading.append(told["reading"])
            say("  " + ", ".join(f"{name} {rate:,.0f}" for name, rate in sorted(told.items())) + " mails/s")
    found.megabytes = _memory(bench.account.pk, say)
    place.empty()
    pages_make.make(many, min(many, 50_000), 0.05, say)
    bench.account = _account()
    for number in range(rounds + 1):
        rate = bench.ours()
        if number:
            found.many.append(rate)
            say(f"  ours at {many:,} tickets: {rate:,.0f} mails/s")
    return found


def table(found: Outcome) -> str:
    def line(what: str, figure: Spread, asked: str) -> str:
        return f"| {what} | {figure.median:.2f} ({figure.low:.2f} to {figure.high:.2f}) | {asked} |"

    return "\n".join(
        [
            "| mail in | measured | asked |",
            "|---|---|---|",
            line(
                "mails per second, times those of django-helpdesk 2.6.1",
                found.times,
                f"at least {LEAST_TIMES:g}",
            ),
            line("share of reading alone", found.share, f"at least {LEAST_SHARE:g}"),
            line(
                f"{found.tickets[0]:,} tickets, times the rate at {found.tickets[1]:,}",
                found.growth,
                f"at most {MOST_GROWTH:g}",
            ),
            f"| most memory of a fresh worker, 25 MB of files | {found.megabytes:.0f} MB "
            f"| at most {MOST_MEGABYTES} MB |",
        ]
    )


def write(out: Path, found: Outcome, machine: str) -> None:
    words = (
        f"# Mail in\n\n{machine}\n\n{found.mails:,} mails a pass, {found.rounds} rounds; `python -m bench mails`.\n\n"
        f"{table(found)}\n"
    )
    (out / "mails.md").write_text(words, encoding="utf-8")
