"""What the preview counts is what publishing then does; it is worked out in slices, and changes nothing."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actors import System
from priority.policy import parse
from priority.selectors import draft_current, policy_current
from priority.services_draft import draft_change, draft_discard, draft_publish, version_without_draft
from reports import preview
from reports.models import PolicyPreview
from reports.tally import Tally, _day
from tests import desk
from tests.tickets import policies, said
from tests.tickets.test_sweep_notices import automatic
from tickets.models import (
    AgentTask,
    Contact,
    Conversation,
    OptOut,
    OutboundReply,
    Pause,
    Promise,
    Target,
    Ticket,
    TicketEvent,
)
from tickets.services.clock_work import clock_set, targets_again

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]

ACTOR = System("test")
MONDAY = desk.MONDAY
NOW = MONDAY + timedelta(hours=3)
WORDS = (
    said.REQUEST,
    said.DANGER,
    "my bin was not collected this morning",
    "big pothole on the bike path, please repair it",
    "the street light at number 3 is broken",
    "I can't log in on your site",
    "How long does a passport take?",
    "you are all useless",
)


def town(seed: int = 1, many: int = 48) -> None:
    """Tickets of every kind: told, not told, renewed, chosen by a person, redacted, waiting, on hold, resolved, opted
    out, on an account whose notices a person releases."""
    rolls = random.Random(seed)
    free, bound = automatic(), desk.account("3333", notices="released")
    for number in range(1, many + 1):
        account = bound if number % 4 == 0 else free
        at = MONDAY + timedelta(minutes=rolls.randrange(120))
        ticket = said.hear(account, number, rolls.choice(WORDS), by=f"who{number}", at=at)
        if ticket.triage == "respond" and rolls.random() < 0.8:
            said.acknowledge(ticket, at=at + timedelta(seconds=20))
        kind = rolls.randrange(9)
        open_promise = Promise.objects.filter(ticket=ticket, end="")
        if kind == 0:
            later = open_promise.first()
            if later is not None:
                date = later.promised_for + timedelta(days=1)
                open_promise.update(promised_for=date)
                Ticket.objects.filter(pk=ticket.pk).update(promised_for=date)
        elif kind == 1:
            Ticket.objects.filter(pk=ticket.pk).update(triage_by="person", triage_decided_at=NOW)
        elif kind == 2:
            ticket.messages.filter(direction="in").update(
                body="", removed_at=NOW, removed_rule="redacted:personal"
            )
        elif kind == 3 and open_promise.exists():
            open_promise.update(end="suspended", ended_at=NOW, end_reason="asked")
            Ticket.objects.filter(pk=ticket.pk).update(
                status="waiting_on_caller", waiting_since=NOW, promised_for=None, promise_kind=""
            )
        elif kind == 4:
            ended = at + timedelta(hours=2)
            Pause.objects.create(ticket=ticket, kind="hold", started_at=at, ended_at=ended)
        elif kind == 5:
            Ticket.objects.filter(pk=ticket.pk).update(status="resolved", resolved_at=NOW)
        elif kind == 6:
            place = Conversation.objects.filter(ticket=ticket).first()
            if place is not None:
                OptOut.objects.create(
                    identity_id=place.identity_id, account_id=place.account_id, since=NOW, how="said"
                )
    targets_again(Ticket.objects.all())
    clock_set(Ticket.objects.all(), NOW)


def asked(*edits: policies.Edit) -> PolicyPreview:
    """The preview of a draft with these changes, worked to its end."""

    def change(document: dict[str, Any]) -> None:
        for edit in edits:
            edit(document)

    draft = draft_current()
    version = draft.version if draft is not None else version_without_draft(policy_current())
    draft_change(actor=ACTOR, version=version, change=change, now=NOW)
    row = preview.preview_ask(actor=ACTOR, now=NOW)
    preview.previews_work(now=NOW, batch=7)
    row.refresh_from_db()
    assert row.state == "done"
    return row


def waste_is_high(document: dict[str, Any]) -> None:
    next(one for one in document["categories"] if one["key"] == "waste").update(impact="medium")


def without_lighting(document: dict[str, Any]) -> None:
    document["categories"] = [one for one in document["categories"] if one["key"] != "lighting"]


CHANGES: dict[str, tuple[policies.Edit, ...]] = {
    "cells": (policies.cell("medium", "medium", "P2"), policies.cell("low", "medium", "P3")),
    "durations": (policies.duration("P3", resolution=2400), policies.duration("P4", resolution=1200)),
    "closed": (policies.closed_on("2026-11-18"),),
    "words": (waste_is_high, policies.closed_on("2026-11-19")),
    "gone": (without_lighting, policies.duration("P2", resolution=900)),
    "answered": (policies.duration("P3", date_means="answered"),),
}


def as_stored() -> dict[str, Any]:
    return {
        model.__name__: list(model.objects.order_by("pk").values())
        for model in (Ticket, Target, Promise, OutboundReply, AgentTask, TicketEvent)
    }


@pytest.mark.parametrize("what", sorted(CHANGES))
def test_its_numbers_are_what_publishing_does_to_the_unit(what: str) -> None:
    town(seed=len(what))
    before = as_stored()
    row = asked(*CHANGES[what])
    assert as_stored() == before, "a preview changes nothing"
    tally = Tally.of(row.tally)
    draft = draft_change(actor=ACTOR, version=_version(), change=lambda _document: None, now=NOW)
    priorities = dict(Ticket.objects.values_list("pk", "priority"))
    draft_publish(actor=ACTOR, version=draft.version, reason="a test", scope="open", now=NOW)
    rollout = policies.rolled(NOW, batch=5)
    counts = rollout.counts
    assert counts["followed"] + sum(rollout.stays.values()) == tally.open
    assert rollout.stays == dict(tally.stays)
    assert counts.get("priority", 0) == tally.priority_open
    assert counts.get("date_told", 0) == tally.told
    assert counts.get("held", {}) == dict(tally.held)
    notices = OutboundReply.objects.filter(kind="date_changed_notice")
    assert notices.filter(state="queued").count() == tally.told
    assert notices.filter(state="held").count() == sum(tally.held.values())
    assert AgentTask.objects.filter(kind="release", done_at=None).count() == sum(tally.held.values())
    now = dict(Ticket.objects.values_list("pk", "priority"))
    assert sum(now[pk] != was for pk, was in priorities.items()) == tally.priority_open
    open_rows = Target.objects.filter(kind="resolution", met_at=None, ended_at=None).exclude(
        ticket__status__in=["resolved", "closed"]
    )
    due = Counter(_day(at, NOW, ZoneInfo("Europe/Amsterdam")) for (at,) in open_rows.values_list("due_at"))
    after = Counter(
        {day: comes for days in tally.load.values() for day, (_was, comes) in days.items() if comes}
    )
    assert after == due
    assert tally.dates + tally.priority_open + sum(tally.stays.values()) > 0


def _version() -> int:
    draft = draft_current()
    assert draft is not None
    return draft.version


def test_told_dates_outside_the_new_hours_are_counted() -> None:
    account = automatic()
    for number in range(1, 4):
        said.acknowledge(said.hear(account, number, by=f"who{number}", at=MONDAY))
    row = asked(policies.closed_on("2026-11-19"))
    assert row.tally["outside"] == 3
    assert row.tally["told"] == 3


def test_what_was_redacted_is_counted_and_the_worst_are_named() -> None:
    account = automatic()
    tickets = [said.hear(account, n, by=f"who{n}", at=MONDAY) for n in range(1, 4)]
    for ticket in tickets:
        said.acknowledge(ticket)
    tickets[0].messages.filter(direction="in").update(body="", removed_at=NOW, removed_rule="redacted:asked")
    row = asked(policies.duration("P3", resolution=2400))
    assert row.tally["gone"] == 1
    assert {-worst[1]: worst[6] for worst in row.tally["worst"]} == {
        tickets[0].pk: "stored",
        tickets[1].pk: "words",
        tickets[2].pk: "words",
    }


def test_killed_after_any_batch_it_goes_on_where_it_was() -> None:
    town()
    whole = asked(*CHANGES["cells"]).tally
    row = preview.preview_ask(actor=ACTOR, now=NOW)
    for _ in range(100):
        if not preview.previews_work(now=NOW, batch=5, seconds=0):
            break
    row.refresh_from_db()
    assert (row.state, row.looked) == ("done", row.total)
    assert row.tally == whole


def test_who_died_holds_it_no_longer_than_the_lease() -> None:
    town(many=8)
    row = asked(*CHANGES["cells"])
    row = preview.preview_ask(actor=ACTOR, now=NOW)
    PolicyPreview.objects.filter(pk=row.pk).update(state="working", lease_until=NOW + preview.LEASE)
    assert preview.previews_work(now=NOW) == 0
    assert preview.previews_work(now=NOW + preview.LEASE) > 0


def test_a_newer_one_replaces_it() -> None:
    town(many=8)
    first = asked(*CHANGES["cells"])
    older = preview.preview_ask(actor=ACTOR, now=NOW)
    newer = preview.preview_ask(actor=ACTOR, now=NOW)
    older.refresh_from_db()
    assert (older.state, newer.state, first.state) == ("replaced", "asked", "done")


def test_the_number_of_queries_does_not_hang_on_the_number_of_tickets() -> None:
    town(many=40)
    tickets = list(Ticket.objects.order_by("pk"))
    policy = parse(policies.changed(*CHANGES["closed"]))
    preview.batch_add(Tally(), tickets, policy, NOW)

    def counted(number: int) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            preview.batch_add(Tally(), tickets[:number], policy, NOW)
        return len(queries)

    assert counted(40) == counted(20) <= 16


def test_without_a_draft_it_is_the_policy_in_force_over_tickets_of_earlier_ones() -> None:
    account = automatic()
    said.acknowledge(said.hear(account, 1, by="anouk", at=MONDAY))
    policies.published(policies.duration("P3", resolution=2400), scope="new", now=NOW)
    row = preview.preview_ask(actor=ACTOR, now=NOW)
    preview.previews_work(now=NOW)
    row.refresh_from_db()
    assert row.tally["told"] == 1
    draft_discard(actor=ACTOR, now=NOW)
    assert Contact.objects.count() == 1
