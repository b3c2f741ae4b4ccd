"""cProfile of intake and of the worker's path: the twenty functions with most time of their own, and what was done.

The notes stand in `NOTES`, by function; a function without one is shown with none, so that a new name in the list
asks for a look.
"""

from __future__ import annotations

import cProfile
import io
import itertools
import pstats
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import place, posts
from bench.stack import Stack
from channels_social import delivery, inbox
from channels_social.ingest import events_store
from channels_social.registry import channel
from sandbox.client import Sandbox
from tickets.clock import database_now

MOST = 20

#: What was done about a function, by a part of its name as the profile shows it; the first that fits is told.
NOTES: tuple[tuple[str, str], ...] = (
    ("'execute' of 'psycopg2", "PostgreSQL's own time and the way there: one statement per table and batch; per reply "
     "the ways were cut by asking several questions in one statement"),
    ("'commit' of 'psycopg2", "the disk; claim and preparation commit without waiting for it, since the commit of "
     "`send_started_at` flushes them first"),
    ("'mogrify'", "values into a statement, once per row, in C; the price of `execute_values`"),
    ("recv_into", "waiting for the network's answer"),
    ("sendall", "the request leaves"),
    ("tickets/line.py", "ours: a statement on its way, past Django's cursor"),
    ("tickets/rows.py", "ours: a row from its columns and back, in one step"),
    ("tickets/models/base.py", "ours: a new row takes all its values in one step"),
    ("compiler.py", "the ORM words a statement: replaced by `bulk.read` and `bulk.insert` wherever volume is; what is "
     "left settles a reply after it went"),
    ("models/sql/", "the ORM words a statement: as above"),
    ("models/expressions", "the ORM words a statement: as above"),
    ("models/base.py", "rows become objects: one per row that is read or written, no second copy"),
    ("models/fields", "defaults and descriptors of new objects: once per field"),
    ("related_descriptors", "setting a foreign key by object: services set ids where they have them"),
    ("bulk.py", "ours: reads the values of each row, by readers made once per model"),
    ("'decode' of", "JSON of the update, in C"),
    ("raw_decode", "JSON of the update, in C; each body is read once"),
    ("json/", "JSON of an update or of a column; once each"),
    ("matcher", "all words of the policy in one automaton; places are sought only for those that occur"),
    ("'Match' of", "re2, one pass over the message"),
    ("'search' of", "re2 or re: only patterns that the automaton has found"),
    ("fold", "letters made alike, once per message"),
    ("language.py", "asked only where the network does not say the language"),
    ("triage.py", "the decision itself"),
    ("secrets", "references and tokens are random on purpose"),
    ("reference", "references are random on purpose"),
    ("copy", "a model's mutable defaults"),
    ("twitter_text", "weighted length, once per reply; the network's own rules"),
    ("_receive", "hands each event's outcome back: one short loop a batch"),
    ("_route_db", "Django asks for the database of each object that is set as a relation"),
    ("/client.py", "the client is made anew for each send, with credentials read fresh: on purpose"),
    ("functional.py", "cached properties of Django's own objects"),
    ("re2", "the automaton's one pass over the message, and the places of what it found"),
    ("setattr", "rows become objects: as above"),
    ("isinstance", "Django's models and expressions ask for types: as above"),
    ("hasattr", "Django's expressions: as above"),
    ("asyncio.py", "Django asks at each connection call whether it runs in an event loop"),
    ("method 'pop' of 'dict'", "rows become objects: a model takes its fields from the arguments"),
    ("method 'join' of 'str'", "statements are put together"),
    ("built-in method builtins.min", "the most urgent of what was said"),
    ("getattr", "values of rows: a reader per column, made once"),
)  # fmt: skip


def run(folder: Path, *, messages: int, replies: int, out: Path | None, say: Callable[[str], None]) -> None:
    """Profile both paths in this process; print, and write `profile.md` into `out`."""
    place.empty()
    with Stack(folder) as stack:
        url = stack.sandbox()
        control = Sandbox(url)
        control.settings(enforce_limits=False, credits=None)
        there = control.create_account("desk", app_id=control.create_app("profiled")["id"])
        now = database_now()
        app = place.app_place(there, now=now, hook_key="bench-profile")
        account = place.account_place(app, there, base_url=url, language="en", now=now)
        many = _profiled(
            lambda number: _stored(account, control, there, number, posts.MIX),
            lambda: inbox.events_process(account.pk, seconds=600),
            batches=[messages, messages],
        )
        delivery.deliver_due()

        def one_reply() -> None:
            turn = inbox.events_process(account.pk)
            delivery.deliver(account.pk, bridge=turn.bridge)

        single = _profiled(
            lambda number: _stored(account, control, there, number, posts.REQUESTS),
            one_reply,
            batches=[1] * (replies + 5),
        )
    parts = [
        "# Where the time goes",
        "The twenty functions with most time of their own by cProfile, which makes Python look slower than it is; "
        "written by `python -m bench profile`.",
        f"## Intake, {messages} messages in batches of {inbox.BATCH_EVENTS}\n\n{_table(many, messages)}",
        f"## The worker's path, {replies} posts one by one: inbox, intake, claim, check, send, settle\n\n"
        f"{_table(single, replies)}",
    ]
    text = "\n\n".join(parts) + "\n"
    if out is None:
        say(text)
    else:
        (out / "profile.md").write_text(text, encoding="utf-8")


def _stored(
    account: Any, control: Sandbox, there: dict[str, Any], number: int, texts: tuple[tuple[str, str], ...]
) -> None:
    """Posts of new people, made at the sandbox so that they may be answered, and stored as events."""
    kind = channel(place.CHANNEL)
    events = []
    for (language, text), _ in zip(posts.mixed(there["username"], texts), range(number), strict=False):
        control_name = f"p{next(_numbers)}"
        user = control.create_user(control_name, lang=language)
        post = control.post(control_name, text, lang=language)
        body = posts.mention(post["id"], user["id"], text, language=language, handle=there["username"],
                             to=there["user_id"], at=database_now())  # fmt: skip
        events += [(account.pk, event) for event in kind.split(place.no_app(), place.request(body))]
    for start in range(0, len(events), 500):
        events_store(events[start : start + 500], source="webhook", now=database_now())


_numbers = itertools.count()


def _profiled(
    prepare: Callable[[int], None], work: Callable[[], object], *, batches: list[int]
) -> pstats.Stats:
    """The first of `batches` (five where they are many) only warms up."""
    profile = cProfile.Profile()
    warm = 1 if len(batches) < 5 else 5
    for number, size in enumerate(batches):
        prepare(size)
        if number >= warm:
            profile.enable()
        work()
        profile.disable()
    return pstats.Stats(profile, stream=io.StringIO())


def _table(stats: pstats.Stats, per: int) -> str:
    rows: list[tuple[float, float, int, str]] = []
    for (file, line, name), (_, calls, own, whole, _callers) in stats.stats.items():  # type: ignore[attr-defined]  # pstats keeps it there
        rows.append((own, whole, calls, _shown(file, line, name)))
    rows.sort(reverse=True)
    total = sum(row[0] for row in rows)
    head = "| own time | with calls | calls each | function | what was done |"
    lines = [f"{total / per * 1000:.2f} ms each.", "", head, "|---|---|---|---|---|"]
    for own, whole, calls, shown in rows[:MOST]:
        note = next((note for part, note in NOTES if part in shown), "–")
        lines.append(f"| {own / total:.1%} | {whole / total:.0%} | {calls / per:.1f} | `{shown}` | {note} |")
    return "\n".join(lines)


def _shown(file: str, line: int, name: str) -> str:
    if file.startswith("~") or line == 0:
        name = re.sub(r" at 0x[0-9a-f]+", "", name)
        return name.replace("<", "").replace(">", "").strip("{}").replace("|", "/")
    path = file.split("site-packages/")[-1]
    root = str(Path(__file__).resolve().parent.parent) + "/"
    path = path.removeprefix(root)
    if path.startswith("/"):
        path = "/".join(Path(path).parts[-2:])
    return f"{path}:{name}"
