"""Threads by names: the same letters in any order inside a batch, in any batches after the first word, each perhaps
twice, end in the same conversations, parts, tickets, targets and outbox (docs/adr/0017)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import transaction
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests import desk
from tests.test_any_order import differing
from tests.tickets.named import letter, letters_account
from tickets.clock import database_now
from tickets.contract import InboundMessage
from tickets.models import AgentTask, Conversation, Message, MessageName, OutboundReply, Target, Ticket
from tickets.services.intake import messages_receive

pytestmark = pytest.mark.django_db

SAID = (
    "the ticket machine at Central swallowed my card",
    "same here, at Noord",
    "gas smell in the Hoefstraat, please come",
    "thanks!",
    "when will you come?",
)
NAMES = ("anouk", "bram", "carla")


@st.composite
def threads(draw: st.DrawFn) -> list[InboundMessage]:
    """A letter of Anouk's and what hangs below it, each with the whole line of what it hangs below; some of it by
    machines, some sent to many."""
    items = [letter("1", SAID[0], by="anouk")]
    above: dict[str, tuple[str, ...]] = {"1": ()}
    for number in range(2, draw(st.integers(3, 7))):
        parent = draw(st.sampled_from(sorted(above)))
        line = (parent, *above[parent])
        name = str(number)
        above[name] = line
        items.append(
            letter(
                name,
                draw(st.sampled_from(SAID)),
                by=draw(st.sampled_from(NAMES)),
                minutes=draw(st.integers(0, 9)),
                refers_to=line,
                thread=line[-1],
                automatic=draw(st.integers(0, 4)) == 0,
                quiet=draw(st.integers(0, 4)) == 0,
            )
        )
    return items


def dump() -> dict[str, list[Any]]:
    def who(ticket: Ticket | None) -> str:
        return f"{ticket.caller.name}'s" if ticket is not None else ""

    conversations = Conversation.objects.select_related("ticket__caller", "identity")
    tickets = Ticket.objects.select_related("caller")
    return {
        "conversations": sorted(
            (c.identity.external_id, c.part, who(c.ticket), c.reply_to, repr(c.reply_rule), c.last_inbound_at)
            for c in conversations
        ),
        "messages": sorted(
            (m.external_id, m.conversation.identity.external_id, m.by_participant, m.machine_rule, m.is_quiet)
            for m in Message.objects.select_related("conversation__identity")
        ),
        "names": sorted(MessageName.objects.values_list("name", "message__external_id")),
        "tickets": sorted(
            (
                *(who(t), t.triage, t.category, t.priority, t.is_danger, t.calls, t.clock_started_at),
                *(t.last_inbound_at, t.queue_at, t.due_at, t.next_at),
            )
            for t in tickets
        ),
        "targets": sorted(
            (who(t.ticket), t.kind, t.started_at, t.due_at)
            for t in Target.objects.select_related("ticket__caller")
        ),
        "outbox": sorted(
            (who(r.ticket), r.kind, r.state, r.in_reply_to, r.conversation.part)
            for r in OutboundReply.objects.select_related("ticket__caller", "conversation")
        ),
        "tasks": sorted(
            {
                (one.kind, who(one.ticket))
                for one in AgentTask.objects.select_related("ticket__caller")
                if one.kind != "proposal"
            }
        ),
    }


def hear(batches: Sequence[Sequence[InboundMessage]]) -> dict[str, list[Any]]:
    with transaction.atomic():
        desk.seeded()
        account = letters_account()
        for batch in batches:
            messages_receive(account, batch, now=database_now())
        state = dump()
        transaction.set_rollback(True)
    return state


@settings(max_examples=25, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(data=st.data(), items=threads())
def test_letters_in_any_order(data: st.DataObject, items: list[InboundMessage]) -> None:
    once = hear([items])
    assert (shuffled := hear([data.draw(st.permutations(items))])) == once, differing(once, shuffled)
    told = data.draw(st.permutations([*items[1:], *data.draw(st.lists(st.sampled_from(items), max_size=2))]))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(told)), max_size=4)))
    batches = [told[a:b] for a, b in zip([0, *cuts], [*cuts, len(told)], strict=True)]
    again = hear([items[:1], *batches])
    assert again == once, differing(once, again)
