"""Search beside an empty page: a signed-in view behind all middleware that returns "ok".

Messages are made by SQL, three a ticket, of a vocabulary as skewed as a language's, with words of known frequency put
in; their search words are written by the desk's own job. Then the page of search is asked as a browser asks it, in
turn with the empty page, and both forms of its statement (tickets/selectors_search.py) each by itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from django.db import DatabaseError, connection, transaction
from django.test import Client

from accounts.models import Membership, Team, User
from bench import place
from bench.figures import Spread, spread
from tickets import selectors_search as selectors
from tickets.clock import database_now
from tickets.search import query_of
from tickets.services.search_index import words_fill

#: What is looked for: name, what is typed, how often it is asked to be as long as the empty page at most.
ASKED: tuple[tuple[str, str, float], ...] = (
    ("common word, 25 %", "wachten", 15),
    ("middling word, 1 %", "verlichting", 15),
    ("rarer word, 0.1 %", "brugwachter", 15),
    ("rare word, 5 messages", "tandem", 15),
    ("a name, 40 callers", "willemijn", 15),
    ("no hit", "nergens", 15),
    ("common words that never meet", "noordkant zuidkant", 100),
    ("a common phrase", '"lang wachten"', 15),
    ("common without a common one", "wachten -noordkant", 15),
)
_FORM_SECONDS = 60.0
_MADE_AT_ONCE = 25_000


MAKE = """
WITH n AS (SELECT g FROM generate_series(%(first)s, %(last)s) g),
contact AS (INSERT INTO tickets_contact (id, name, language, language_source, created_at)
    OVERRIDING SYSTEM VALUE SELECT g, '', 'nl', 'guessed', %(now)s FROM n),
identity AS (INSERT INTO tickets_identity (id, contact_id, kind, scope, external_id, handle, name,
       is_automated, created_at)
    OVERRIDING SYSTEM VALUE
    SELECT g, g, 'bench', '', g::text, 'u' || g,
           CASE WHEN g %% (%(tickets)s / 40) = 7 THEN 'Willemijn Bos' ELSE 'Caller ' || g END, false, %(now)s FROM n),
ticket AS (
    INSERT INTO tickets_ticket (id, reference, account_id, caller_id, team_id, status, hold_kind, hold_for, triage,
           triage_by, triage_reason, call_type, category, impact, urgency, priority, priority_rank, is_danger,
           date_means, reasons, policy_revision_id, language, language_source, place, tags, tags_by, custom, queue_at,
           promise_kind, calls, resolved_how, created_at, version)
    OVERRIDING SYSTEM VALUE
    SELECT g, lpad(to_hex(g), 8, '0'), %(account)s, g, CASE WHEN g %% 5 = 0 THEN %(private)s ELSE %(team)s END,
           CASE WHEN g %% 20 = 0 THEN 'open' ELSE 'closed' END, '', '', 'respond', 'rule', '', 'fault_report', '',
           'medium', 'medium', 'P3', 3, false, 'solved', '[]', %(revision)s, 'nl', 'network', '', '[]', 'rule', '{}',
           %(now)s - (%(tickets)s - g) * interval '1 minute', '', 1, '',
           %(now)s - (%(tickets)s - g) * interval '1 minute', 1
      FROM n),
conversation AS (
    INSERT INTO tickets_conversation (id, account_id, thread_key, visibility, identity_id, contact_id, ticket_id,
           root_external_id, reply_to, reply_rule, automated_since_inbound, last_inbound_at, created_at)
    OVERRIDING SYSTEM VALUE
    SELECT g, %(account)s, 'bench:' || g, 'public', g, g, g, '', 'p' || g,
           '{"allowed": true, "rule": "summoned", "until": null}', 1, %(now)s, %(now)s FROM n)
INSERT INTO tickets_message (id, account_id, conversation_id, ticket_id, external_id, direction, visibility, kind,
       identity_id, body, language, addressed, addressed_by_parent, machine_rule, version_id, version_order,
       parent_external_id, url, sent_at, received_at, removed_rule)
OVERRIDING SYSTEM VALUE
SELECT pk, %(account)s, g, g, 'p' || pk, 'in', 'public', 'message', g, words.body, 'nl', true, false, '', 'p' || pk, 1,
       '', '', sent_at, sent_at, ''
  FROM (SELECT g, k, (g - 1) * 3 + k AS pk,
               %(now)s - (%(tickets)s - g) * interval '1 minute' + k * interval '10 seconds' AS sent_at
          FROM n, generate_series(1, 3) k) AS each
  CROSS JOIN LATERAL (
       SELECT string_agg('woord' || (20000 * power(random(), 3))::int, ' ') || ' de lamp'
              || CASE WHEN pk %% 4 = 0 THEN ' heel lang wachten' ELSE '' END
              || CASE WHEN pk %% 101 = 3 THEN ' verlichting' ELSE '' END
              || CASE WHEN pk %% 1009 = 3 THEN ' brugwachter' ELSE '' END
              || CASE WHEN pk %% (%(tickets)s * 3 / 5) = 11 THEN ' tandem' ELSE '' END
              || CASE WHEN pk %% 5 = 0 THEN ' noordkant' WHEN pk %% 5 = 1 THEN ' zuidkant' ELSE '' END AS body
         FROM generate_series(1, 14 + pk - pk)) AS words
"""


@dataclass(slots=True)
class Outcome:
    messages: int
    fill: float
    size: str
    empty: list[float] = field(default_factory=list)
    page: dict[str, list[float]] = field(default_factory=dict)
    forms: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    hits: dict[str, int] = field(default_factory=dict)
    plans: dict[tuple[str, str], str] = field(default_factory=dict)

    def ratio(self, name: str) -> Spread:
        return spread([page / base for page, base in zip(self.page[name], self.empty, strict=True)])

    @property
    def holds(self) -> bool:
        return all(self.ratio(name).median <= most for name, _typed, most in ASKED)


def make(messages: int, say: Callable[[str], None]) -> User:
    """Tickets with three messages each, a fifth of them a private team's; the agent who will look."""
    place.empty()
    place.defaults_set()
    now = database_now()
    app = place.app_place(
        {"consumer_key": "k", "consumer_secret": "s", "bearer_token": "b"}, now=now, hook_key="bench-search"
    )
    there = {"user_id": "1111", "username": "MerendamHelpt", "access_token": "t", "access_token_secret": "s"}
    account = place.account_place(app, there, base_url="http://127.0.0.1:9", language="nl", now=now)
    private = Team.objects.get_or_create(
        key="bench-private", defaults={"name": "Integrity", "is_private": True, "created_at": now}
    )[0]
    agent = User.objects.create_user(username="bench-search", email="bench@merendam.example")
    Membership.objects.create(user=agent, team=account.team)
    tickets = messages // 3
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE tickets_searchmark")
        cursor.execute("SELECT max(id) FROM priority_policyrevision")
        revision = cursor.fetchone()
        assert revision is not None
        cursor.execute("SET session_replication_role = replica")  # nothing of it points elsewhere
        for first in range(1, tickets + 1, _MADE_AT_ONCE):
            cursor.execute(MAKE, {
                "first": first, "last": min(first + _MADE_AT_ONCE - 1, tickets), "tickets": tickets, "now": now,
                "account": account.pk, "team": account.team_id, "private": private.pk, "revision": revision[0],
            })  # fmt: skip
            say(f"  {min(first + _MADE_AT_ONCE - 1, tickets) * 3:,} messages made")
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE")
    return agent


def run(*, messages: int, rounds: int, say: Callable[[str], None]) -> Outcome:
    agent = make(messages, say)
    began = time.perf_counter()
    filled = words_fill(seconds=36_000)
    took = time.perf_counter() - began
    if filled != messages // 3 * 3:
        raise RuntimeError(f"{filled} of {messages} messages got their words")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE tickets_messagewords")
        cursor.execute(
            "SELECT pg_size_pretty(pg_table_size('tickets_messagewords')), "
            "pg_size_pretty(pg_relation_size('message_words'))"
        )
        size = cursor.fetchone()
    assert size is not None
    found = Outcome(filled, filled / took, f"table {size[0]}, index {size[1]}")
    say(f"  words written at {found.fill:.0f} messages/s; {found.size}")
    _pages(found, agent, rounds)
    for name, typed, _most in ASKED:
        _forms(found, agent, name, typed, min(rounds, 3))
        say(f"  {name}: {found.hits[name]:,} hits, page / empty page {found.ratio(name).words('.1f')}")
    return found


def _pages(found: Outcome, agent: User, rounds: int) -> None:
    """Seconds of each page, the median of 9 asks a round, every kind in turn; the first round is to get warm."""
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(agent)
    for number in range(rounds + 1):
        base = _seconds(client, "/bench/empty/", {}, "ok")
        if number:
            found.empty.append(base)
        for name, typed, _most in ASKED:
            wanted = 'class="row hit"' if name not in ("no hit", "common words that never meet") else "s1"
            took = _seconds(client, "/search/", {"q": typed}, wanted)
            if number:
                found.page.setdefault(name, []).append(took)


def _seconds(client: Client, address: str, data: dict[str, str], wanted: str) -> float:
    times = []
    for _ in range(9):
        began = time.perf_counter()
        answer = client.get(address, data)
        times.append(time.perf_counter() - began)
        if answer.status_code != 200 or wanted not in answer.content.decode():
            raise RuntimeError(f"a page answered {answer.status_code} without {wanted}")
    return spread(times).median


def _forms(found: Outcome, agent: User, name: str, typed: str, rounds: int) -> None:
    """Each form to its end, the walk without its limit; a form over a minute is given up."""
    until = time.monotonic() + 3_600
    nowhere = selectors._place(None, until)
    with transaction.atomic():
        asked = selectors.text_query(query_of(typed).terms, until)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM tickets_messagewords WHERE words @@ %s::tsquery", [asked])
            counted = cursor.fetchone()
        assert counted is not None
        found.hits[name] = counted[0]
    for form in ("walk", "candidates"):
        times = found.forms.setdefault((name, form), [])
        for _ in range(rounds):
            began = time.perf_counter()
            try:
                with transaction.atomic():
                    selectors.hits_by(
                        "walk" if form == "walk" else "candidates", agent, asked, nowhere,
                        time.monotonic() + _FORM_SECONDS, walk=None,
                    )  # fmt: skip
            except DatabaseError:
                times.append(_FORM_SECONDS)
                break
            times.append(time.perf_counter() - began)
        if times[-1] < _FORM_SECONDS:
            walk = selectors.WALK if form == "walk" else None
            sql, values = selectors.statement_of(
                "walk" if form == "walk" else "candidates", agent, asked, nowhere, walk
            )
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL jit = off")
                cursor.execute("EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) " + sql, values)
                found.plans[name, form] = "\n".join(line for (line,) in cursor.fetchall())


def table(found: Outcome) -> str:
    """Markdown: ratios, both forms, plans of four kinds."""
    held = {True: "yes", False: "**no**"}
    lines = [
        f"{found.messages:,} messages, a fifth of them a private team's that the reader is not in; words written by "
        f"the job at {found.fill:.0f} messages/s; {found.size}. Empty page: "
        f"{spread([seconds * 1000 for seconds in found.empty]).words('.1f')} ms. "
        f"Medians of {len(found.empty)} interleaved rounds (lowest to highest).",
        "",
        "| looked for | hits | page, ms | page / empty page | asked | holds | walk to its end, ms | candidates, ms |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, typed, most in ASKED:
        ratio = found.ratio(name)
        page = spread([seconds * 1000 for seconds in found.page[name]])
        walk, candidates = (
            spread([s * 1000 for s in found.forms[name, form]]).median for form in ("walk", "candidates")
        )
        lines.append(
            f"| {name}: `{typed}` | {found.hits[name]:,} | {page.words('.0f')} | {ratio.words('.1f')} | ≤ {most:g} | "
            f"{held[ratio.median <= most]} | {walk:,.1f} | {candidates:,.1f} |"
        )
    for name, form in ((ASKED[0][0], "walk"), (ASKED[3][0], "candidates"), (ASKED[6][0], "candidates")):
        lines += ["", f"{name}, {form}:", "", "```", found.plans.get((name, form), "took too long"), "```"]
    return "\n".join(lines)


def write(out: Path, found: Outcome, machine: str) -> None:
    head = (
        "# Search\n\nThe page beside an empty page, and both forms of its statement (`bench/search.py`).\n\n"
    )
    (out / "search.md").write_text(f"{head}{machine}.\n\n{table(found)}\n", encoding="utf-8")
