"""What must be on the disk before the next step, and what need not (docs/adr/0007)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from channels_social import inbox, ingest
from channels_social.adapter import RawEvent
from channels_social.adapters.x.parse import POLLED
from channels_social.delivery import deliver
from channels_social.delivery_claim import _CLAIM, _FLUSH_LATER, _STARTED
from tests import desk
from tests.channels_social import outbox
from tickets import bulk
from tickets.clock import database_now
from tickets.models import Ticket

PREPARED = re.compile(r"EXECUTE (desk_\w+)")

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seeded")]


@contextmanager
def commits() -> Iterator[list[tuple[str, str]]]:
    """(beginning of a statement that was sent, synchronous_commit as it stands right after it), in their order."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")
    seen: list[tuple[str, str]] = []

    def look(said: str) -> None:
        with connection.cursor() as cursor:
            cursor.cursor.execute("SHOW synchronous_commit")
            seen.append((said, cursor.cursor.fetchone()[0]))

    def worded(found: re.Match[str]) -> str:
        with connection.cursor() as cursor:
            cursor.cursor.execute("SELECT statement FROM pg_prepared_statements WHERE name = %s", [found[1]])
            return str(cursor.cursor.fetchone()[0])

    def asked(execute: Callable[..., Any], sql: Any, *rest: Any) -> Any:
        result = execute(sql, *rest)
        look(str(sql))
        return result

    real = bulk._send

    def sent(statements: list[bytes], *, fetch: bool = False) -> list[tuple[Any, ...]]:
        said = b" ".join(statements).decode()
        result = real(statements, fetch=fetch)
        look(PREPARED.sub(worded, said))
        return result

    with pytest.MonkeyPatch.context() as patch, connection.execute_wrapper(asked):
        patch.setattr(bulk, "_send", sent)
        yield seen
    connection.close()


def settings_after(seen: list[tuple[str, str]], part: str) -> set[str]:
    found = {setting for said, setting in seen if part in said}
    assert found, f"no statement said {part}"
    return found


def test_an_update_is_on_the_disk_before_the_network_has_its_200() -> None:
    account = desk.account()
    body = json.dumps({"post": desk.post(5, "@desk1111 hello", author="9"), "user": None}).encode()
    with commits() as seen:
        ingest.events_store(
            [(account.pk, RawEvent("1111", "poll:5", POLLED, body))], source="poll", now=database_now()
        )
    assert settings_after(seen, "INSERT INTO channels_social_inboundevent") == {"on"}
    assert settings_after(seen, "INSERT INTO channels_social_eventkey") == {"on"}


def test_that_a_send_has_begun_is_on_the_disk_before_the_first_byte() -> None:
    with outbox.scripted_channels():
        account = outbox.account()
        outbox.queued(outbox.ticket(account))
        at_the_first_byte: list[int] = []
        outbox.Scripted.script.append(lambda _: at_the_first_byte.append(len(seen)))
        with commits() as seen:
            assert deliver(account.pk).sent == 1
    started = [place for place, (said, _) in enumerate(seen) if said == _STARTED.ready()]
    assert [seen[place][1] for place in started] == ["on"]
    assert at_the_first_byte == [started[0] + 1]
    claims = [said for said, _ in seen if _CLAIM.ready() in said]
    assert claims == [_FLUSH_LATER + _CLAIM.ready()]


def test_a_setting_that_is_sent_with_a_statement_holds_for_its_commit_and_no_longer() -> None:
    """Both are one transaction, without BEGIN: so a claim goes."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")
        cursor.execute(_FLUSH_LATER + "SELECT current_setting('synchronous_commit')")
        assert cursor.fetchone() == ("off",)
        cursor.execute("SELECT current_setting('synchronous_commit')")
        assert cursor.fetchone() == ("on",)
        cursor.execute(_FLUSH_LATER + "SELECT pg_current_xact_id()::text")
        (claimed,) = cursor.fetchone()
        cursor.execute("SELECT pg_xact_status(%s::xid8)", [claimed])
        assert cursor.fetchone() == ("committed",)
    connection.close()


def test_what_was_read_commits_without_waiting() -> None:
    account = desk.account()
    for number in (1, inbox.FEW + 1):
        events = []
        for each in range(number):
            made = desk.post(100 * number + each, "@desk1111 lol", author=str(100 * number + each))
            body = json.dumps({"post": made, "user": None}).encode()
            events.append((account.pk, RawEvent("1111", f"poll:{number}:{each}", POLLED, body)))
        ingest.events_store(events, source="poll", now=database_now())
        with commits() as seen:
            inbox.events_process(account.pk)
        assert settings_after(seen, "INSERT INTO tickets_ticket ") == {"off"}
    assert Ticket.objects.count() == inbox.FEW + 2
