"""A policy on its way over the open tickets: killed between any two steps and taken up again, two workers at once, and
intake in the middle. Every ticket has one revision, wholly; nobody is told twice, and no date moves without a word."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from channels_social.models import ChannelConnection
from priority.preview import outcome
from priority.selectors import policy_current, policy_of
from tests import desk
from tests.faults.workers import Zygote, repeats
from tests.reports.test_preview import NOW, town
from tests.tickets import policies, said
from tests.tickets.test_sweep_faults import Killed, as_it_is, killed_at
from tests.tickets.test_sweep_notices import automatic
from tickets.models import (
    AgentTask,
    ChannelAccount,
    OutboundReply,
    PolicyRollout,
    Promise,
    Ticket,
    TicketEvent,
)
from tickets.services.intake import messages_receive
from tickets.services.policy_facts import facts_of, known_of
from tickets.services.policy_rollout import rollouts_work

pytestmark = [pytest.mark.faults]

EDITS = (policies.cell("medium", "medium", "P2"), policies.closed_on("2026-11-18"))


def left_by_it() -> dict[str, Any]:
    found: dict[str, Any] = as_it_is()
    found["revisions"] = sorted(Ticket.objects.values_list("pk", "policy_revision_id", "priority", "version"))
    found["moved"] = sorted(
        (key, str(args.get("moved")), str(args.get("reason")))
        for key, args in OutboundReply.objects.filter(kind="date_changed_notice").values_list(
            "dedupe_key", "args"
        )
    )
    rollout = PolicyRollout.objects.get()
    counts = {name: number for name, number in rollout.counts.items() if name != "since_rest"}
    found["rollout"] = [counts, rollout.stays, rollout.ended]
    return found


def to_its_end(batch: int, now: datetime = NOW) -> None:
    policies.rolled(now, batch=batch)


def wholly() -> None:
    """Nothing of a ticket is of another revision than the one it names; nobody was told twice, no date silently."""
    tickets = list(Ticket.objects.filter(status__in=["new", "open", "waiting_on_caller", "on_hold"]))
    known = known_of(tickets)
    for revision_id in {ticket.policy_revision_id for ticket in tickets}:
        policy = policy_of(revision_id)
        mine = [ticket for ticket in tickets if ticket.policy_revision_id == revision_id]
        facts = facts_of(mine, known, policy)
        for ticket in mine:
            again = outcome(policy, policy, facts[ticket.pk], NOW)
            assert again.properties.priority == ticket.priority
            assert again.properties.date_means == ticket.date_means
            assert (again.changed, again.ended) == ((), ()), f"{ticket} holds a target of another revision"
    keys = list(OutboundReply.objects.filter(kind="date_changed_notice").values_list("dedupe_key", flat=True))
    assert len(keys) == len(set(keys))
    followed = TicketEvent.objects.filter(kind="policy_followed").values_list("ticket_id", "args__to")
    assert len(followed) == len(set(followed))
    for ticket_id in TicketEvent.objects.filter(kind="policy_followed", args__date__isnull=False).values_list(
        "ticket_id", flat=True
    ):
        told = OutboundReply.objects.filter(ticket_id=ticket_id, kind="date_changed_notice")
        asked = AgentTask.objects.filter(ticket_id=ticket_id, kind="release", done_at=None)
        assert told.filter(state__in=["queued", "sent"]).exists() or asked.exists()
    assert set(Promise.objects.filter(end="").values_list("ticket_id", "promised_for")) <= set(
        Ticket.objects.values_list("pk", "promised_for")
    )


@pytest.mark.django_db
@pytest.mark.parametrize("batch", [3, 100])
def test_killed_between_any_two_statements_it_repeats_nothing_and_skips_nothing(batch: int) -> None:
    desk.seeded()
    town(seed=5, many=9)
    policies.published(*EDITS, now=NOW)
    with transaction.atomic():
        to_its_end(batch)
        wanted = left_by_it()
        wholly()
        transaction.set_rollback(True)
    assert wanted["rollout"][0]["followed"] > 5
    assert wanted["moved"]
    survived = False
    for number in itertools.count(1):
        with transaction.atomic():
            with killed_at(number), suppress(Killed):
                rollouts_work(now=NOW, batch=batch)
                survived = True
            to_its_end(batch)
            found = left_by_it()
            differs = [what for what, rows in wanted.items() if found[what] != rows]
            assert differs == [], f"killed at statement {number}"
            transaction.set_rollback(True)
        if survived:
            break
    assert number > 15


@pytest.mark.parametrize("turn", repeats())
def test_killed_for_good_and_taken_up_by_others(zygote: Zygote, transactional_db: None, turn: int) -> None:
    desk.seeded()
    town(seed=turn + 1, many=24)
    ChannelConnection.objects.update(paused_until=NOW + timedelta(days=900))
    policies.published(*EDITS, now=NOW)
    now = NOW.isoformat()
    for statement in (4, 9, 14, 19, 23, 31, 47):
        zygote.fork("rollout", now=now, batch=4, dies_at=statement + turn % 3).died()
    two = [zygote.fork("rollout", now=now, batch=4) for _ in range(2)]
    for one in two:
        one.finished()
    to_its_end(4)
    rollout = PolicyRollout.objects.get()
    assert rollout.ended == "done"
    assert rollout.counts["followed"] + sum(rollout.stays.values()) == len(
        [ticket for ticket in Ticket.objects.all() if ticket.is_open]
    )
    wholly()


@pytest.mark.django_db(transaction=True)
def test_published_in_the_middle_of_a_storm() -> None:
    """Intake goes on while it is published and rolled out; one transaction of it has read the old revision, and commits
    after everything else was done."""
    desk.seeded()
    account = automatic()
    for number in range(1, 13):
        said.acknowledge(said.hear(account, number, by=f"who{number}", at=desk.MONDAY))
    has_read, may_commit, stop = threading.Event(), threading.Event(), threading.Event()
    trouble: list[BaseException] = []

    def runs(act: Callable[[], None]) -> threading.Thread:
        def guarded() -> None:
            try:
                act()
            except BaseException as error:  # shown by the main thread
                trouble.append(error)
                raise
            finally:
                connection.close()

        thread = threading.Thread(target=guarded)
        thread.start()
        return thread

    def late() -> None:
        mine = ChannelAccount.objects.get(pk=account.pk)
        with transaction.atomic():
            messages_receive(mine, [said.utterance(900, by="late", at=NOW)], now=NOW)
            has_read.set()
            may_commit.wait(30)

    def storm() -> None:
        mine = ChannelAccount.objects.get(pk=account.pk)
        for number in itertools.count(100):
            if stop.is_set():
                return
            with transaction.atomic():
                messages_receive(mine, [said.utterance(number, by=f"s{number}", at=NOW)], now=NOW)

    def rolls() -> None:
        for turn in range(6):
            rollouts_work(now=NOW + turn * timedelta(seconds=20), batch=3)

    threads = [runs(late)]
    assert has_read.wait(20)
    threads.append(runs(storm))
    policies.published(*EDITS, now=NOW)
    workers = [runs(rolls) for _ in range(2)]
    for worker in workers:
        worker.join(60)
    assert PolicyRollout.objects.get().done_at is None, (
        "a transaction may still make tickets by the old revision"
    )
    stop.set()
    may_commit.set()
    for thread in threads:
        thread.join(30)
    policies.rolled(NOW + timedelta(minutes=5))
    assert trouble == []
    newest = policy_current().pk
    assert set(Ticket.objects.values_list("policy_revision_id", flat=True)) == {newest}
    assert Ticket.objects.filter(messages__external_id="900").get().policy_revision_id == newest
    assert Ticket.objects.count() > 13
    wholly()
    assert OutboundReply.objects.filter(kind="date_changed_notice").count() == 12
