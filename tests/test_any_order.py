"""Promises 4 and 5: the same updates, in any order, any batches, by webhook, poll or look-up, each three times,
end in the same tickets, messages, versions, targets, promises and outbox."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from channels_social import inbox, ingest
from channels_social.adapter import RawEvent
from channels_social.adapters.x.parse import GONE, POLLED
from channels_social.models import EventState, InboundEvent
from tests import desk
from tickets.clock import database_now
from tickets.contract import (
    Author,
    InboundMessage,
    MayReply,
    MessageEdited,
    MessageRemoved,
    OwnMessage,
    Parsed,
)
from tickets.models import (
    Message,
    MessageTombstone,
    MessageUnplaced,
    MessageVersion,
    OutboundReply,
    Promise,
    Target,
    Ticket,
)
from tickets.services.intake import messages_receive

pytestmark = pytest.mark.django_db

TEXTS = [
    "@desk1111 the ticket machine at Central swallowed my card",
    "lol trams again @desk1111",
    "@desk1111 gas smell in the Hoefstraat, please come",
    "@desk1111 lantaarnpaal kapot in de Kade, kan iemand komen?",
    "what a beautiful tram @desk1111",
    "@desk1111 thanks!",
    "no name in this one",
]


@st.composite
def histories(draw: st.DrawFn) -> list[RawEvent]:
    """Updates of a few posts: written, perhaps edited, perhaps deleted; two threads, two authors."""
    events: list[RawEvent] = []
    for number in range(draw(st.integers(1, 4))):
        first = 1000 + number * 10
        author = draw(st.sampled_from(["2222", "4444"]))
        thread = draw(st.sampled_from([None, 1000]))
        if thread is None and number:  # which thread of one caller joins another is told below
            author = f"5{number}"
        ids: list[int] = []
        for version in range(draw(st.integers(1, 3))):
            ids.append(first + version)
            made = desk.post(
                ids[-1],
                draw(st.sampled_from(TEXTS)),
                author=author,
                at=desk.MONDAY + timedelta(minutes=number),
                conversation=thread if thread != first else None,
                parent=thread if thread not in (None, first) else None,
                history=list(ids),
                lang=draw(st.sampled_from(["en", "nl", "und"])),
            )
            events += _told(made, draw(st.sampled_from(["webhook", "poll", "both"])))
        if draw(st.booleans()):
            body = {
                "id": str(first),
                "rule": "removed_by_author",
                "detail": "",
                "looked_at": "2026-11-16T12:00:00+00:00",
            }
            events.append(RawEvent("1111", f"gone:{first}", GONE, json.dumps(body).encode()))
    return events


def _told(made: dict[str, Any], how: str) -> list[RawEvent]:
    webhook = RawEvent("1111", f"w{made['id']}", "post.mention.create", desk.mentioned(made))
    poll = RawEvent("1111", f"p{made['id']}", POLLED, json.dumps({"post": made, "user": None}).encode())
    return {"webhook": [webhook], "poll": [poll], "both": [webhook, poll]}[how]


def dump() -> dict[str, list[Any]]:
    """Everything but ids of ours, clocks of ours and the audit.

    A ticket that the rule put away, because nothing is left or nothing is said to us, is as good as none.
    """
    standing = Ticket.objects.exclude(triage="no_reply_needed", triage_by="rule")
    name: dict[int | None, list[str]] = {
        ticket.pk: sorted(ticket.conversations.values_list("thread_key", flat=True)) for ticket in standing
    }
    tickets = [
        (
            name[t.pk],
            t.status,
            t.triage,
            t.triage_by,
            t.triage_reason,
            t.triage_due_at,
            t.call_type,
            t.category,
            t.priority,
            t.is_danger,
            t.reasons,
            t.tags,
            t.language,
            t.clock_started_at,
            t.queue_at,
            t.promised_for,
            t.last_inbound_at,
            t.first_response_at,
            t.at_risk_at,
            t.due_at,
            t.next_at,
            t.calls,
        )
        for t in standing
    ]
    messages = [
        (
            m.external_id,
            name.get(m.ticket_id, []),
            m.conversation.thread_key,
            m.direction,
            m.kind,
            m.body,
            m.version_id,
            m.sent_at,
            m.addressed,
            m.language,
            m.removed_rule,
        )
        for m in Message.objects.select_related("conversation")
    ]
    return {
        "tickets": sorted(tickets, key=repr),
        "messages": sorted(messages, key=repr),
        "versions": sorted(
            MessageVersion.objects.values_list("external_id", "version_id", "version_order", "body"), key=repr
        ),
        "tombstones": sorted(MessageTombstone.objects.values_list("external_id", "rule")),
        "targets": sorted(
            (
                (name.get(t.ticket_id, []), t.kind, t.cycle, t.started_at, t.due_at, t.met_at)
                for t in Target.objects.filter(ticket__in=standing)
            ),
            key=repr,
        ),
        "promises": list(Promise.objects.values_list("promised_for", "kind", "end")),
        "outbox": sorted(
            (
                (name.get(r.ticket_id, []), r.kind, r.state, r.in_reply_to, r.language, r.precedence)
                for r in OutboundReply.objects.all()
            ),
            key=repr,
        ),
    }


def play(batches: Sequence[Sequence[RawEvent]]) -> dict[str, list[Any]]:
    """The state that these batches end in; nothing of it stays."""
    with transaction.atomic():
        desk.seeded()
        account = desk.account()
        for batch in batches:
            ingest.events_store(
                [(account.pk, event) for event in batch], source="webhook", now=database_now()
            )
            inbox.events_process(account.pk, seconds=60)
        assert not InboundEvent.objects.exclude(state=EventState.DONE).exists()
        state = dump()
        transaction.set_rollback(True)
    return state


NAMES = ("anouk", "bram", "carla")
SAID = (
    "the ticket machine at Central swallowed my card",
    "same here",
    "the bin in our street was not collected, when will you come?",
    "thanks!",
    "👍",
    "what a lovely tram",
)
#: About one thing, or about none in particular.
CALLS = (
    "the ticket machine at Central swallowed my card",
    "the check in gate is broken, please fix it",
    "any news?",
)


@st.composite
def threads(draw: st.DrawFn) -> list[Parsed]:
    """A post of somebody's, and what hangs below it: words of visitors, to one another and to us, words of ours from
    elsewhere, edits, removals; and one caller's other posts about the same."""
    items: list[Parsed] = [_said(1, SAID[0], by="anouk", below=None)]
    ids = [1]
    for number in range(2, draw(st.integers(2, 6))):
        below = draw(st.sampled_from(ids))
        ids.append(number)
        if draw(st.integers(0, 3)) == 0:
            at = desk.MONDAY + timedelta(minutes=number)
            items.append(OwnMessage(str(number), "We know.", at, "public", parent_external_id=str(below)))
            continue
        by = draw(st.sampled_from(NAMES))
        items.append(_said(number, draw(st.sampled_from(SAID)), by=by, below=below))
        if draw(st.integers(0, 3)) == 0:
            text, at = draw(st.sampled_from(SAID)), desk.MONDAY + timedelta(minutes=40)
            items.append(MessageEdited(str(number), f"{number}b", 2, text, at))
        if draw(st.integers(0, 5)) == 0:
            items.append(MessageRemoved(str(number), desk.MONDAY + timedelta(minutes=50)))
    for number in range(20, draw(st.integers(20, 23))):
        items.append(_said(number, draw(st.sampled_from(CALLS)), by="dirk", below=None))
    return items


def _said(number: int, text: str, *, by: str, below: int | None) -> InboundMessage:
    root = number if below is None else 1
    return InboundMessage(
        external_id=str(number),
        thread_key=f"{root}:{by}",
        author=Author("square", by),
        text=text,
        sent_at=desk.MONDAY + timedelta(minutes=number),
        visibility="public",
        reply_rule=MayReply(True, "comment"),
        addressed=below is None or below == 1,
        addressed_by_parent=below is not None,
        parent_external_id=str(below) if below is not None else None,
        version_id=str(number),
        language="en",
        root_external_id=str(root),
    )


def hear(batches: Sequence[Sequence[Parsed]]) -> dict[str, list[Any]]:
    """The same for what an adapter has read. Of targets, what still runs and the first response."""
    with transaction.atomic():
        desk.seeded()
        account = desk.account()
        for batch in batches:
            messages_receive(account, batch, now=database_now())
        state = dump()
        # A target that was met stays as it was: an earlier request that is told late does not begin it anew.
        state["targets"] = [
            row if row[-1] is None else (*row[:3], "met")
            for row in state["targets"]
            if row[1] != "next_response" or row[-1] is None
        ]
        state["unplaced"] = sorted(MessageUnplaced.objects.values_list("external_id", flat=True))
        transaction.set_rollback(True)
    return state


def differing(once: dict[str, list[Any]], again: dict[str, list[Any]]) -> str:
    rows = {key: ([r for r in once[key] if r not in again[key]], [r for r in again[key] if r not in once[key]])
            for key in once}  # fmt: skip
    return "\n".join(f"{key}: {mine} BUT {other}" for key, (mine, other) in rows.items() if mine or other)


# Not shrunk: that takes minutes.
@settings(
    max_examples=30,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(data=st.data(), items=threads())
def test_threads_calls_and_our_own_words_in_any_order(data: st.DataObject, items: list[Parsed]) -> None:
    once = hear([items])
    # Not all of it again: a repetition would mend what the order had spoilt.
    told = data.draw(st.permutations([*items, *data.draw(st.lists(st.sampled_from(items), max_size=2))]))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(told)), max_size=6)))
    batches = [told[a:b] for a, b in zip([0, *cuts], [*cuts, len(told)], strict=True)]
    again = hear(batches)
    assert again == once, differing(once, again)
    assert hear([[item] for item in items]) == once


@settings(max_examples=30)
@given(data=st.data(), events=histories())
def test_any_order_of_arrival_ends_in_the_same_state(data: st.DataObject, events: list[RawEvent]) -> None:
    once = play([events])
    thrice = data.draw(st.permutations([*events, *events, *events]))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(thrice)), max_size=5)))
    batches = [thrice[a:b] for a, b in zip([0, *cuts], [*cuts, len(thrice)], strict=True)]
    assert play(batches) == once


@settings(max_examples=10)
@given(events=histories())
def test_one_by_one_and_backwards(events: list[RawEvent]) -> None:
    once = play([events])
    one_by_one: Callable[[Sequence[RawEvent]], list[list[RawEvent]]] = lambda rows: [[row] for row in rows]  # noqa: E731
    assert play(one_by_one(events)) == once
    assert play(one_by_one(events[::-1])) == once
