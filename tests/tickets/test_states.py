"""The table of transitions covers what the database allows, and refuses the rest by name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tickets import states
from tickets.models import ReplyState, Status


def test_every_status_and_state_is_one_the_database_knows() -> None:
    assert {status for status, _cause in states.TICKET} <= set(Status.values)
    assert set(states.TICKET.values()) <= set(Status.values)
    assert set(states.REPLY) == set(ReplyState.values)
    assert set().union(*states.REPLY.values()) <= set(ReplyState.values)


def test_what_cannot_happen_is_named() -> None:
    assert states.after("new", "answered") == "open"
    with pytest.raises(states.NotPossible, match="'put_away' cannot happen to a ticket that is 'resolved'"):
        states.after("resolved", "put_away")


def test_an_answer_can_go_out_in_every_status() -> None:
    assert {status for status, cause in states.TICKET if cause == "answered"} == set(Status.values)


def test_no_service_sets_a_status_past_the_table() -> None:
    for path in Path("tickets/services").glob("*.py"):
        code = path.read_text()
        assert not re.search(r"\.status(, [^=\n]*)? = Status\.|\(status=Status\.", code), path
