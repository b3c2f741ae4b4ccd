"""Properties set by a person: what follows for targets, and for a date that was told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import User
from tests import desk
from tests.tickets import said
from tickets.display.why import OVERRIDE_WORDS
from tickets.models import AgentTask, OutboundReply, Promise, Target, TaskKind, Ticket, TicketEvent
from tickets.services.errors import Changed, Refused
from tickets.services.properties import OVERRIDES, proposal_accept, proposal_decline, ticket_properties_set

pytestmark = pytest.mark.django_db

MONDAY = desk.MONDAY
HOUR = timedelta(hours=1)


@pytest.fixture
def agent() -> User:
    return desk.user("sanne", teams=[desk.team()])


@pytest.fixture
def ticket(agent: User) -> Ticket:
    desk.seeded()
    return said.hear(desk.account(notices="automatic", notices_note="agreed"), 1, at=MONDAY)


def put(actor: User, ticket: Ticket, impact: str, urgency: str, *, category: str = "") -> Ticket:
    return ticket_properties_set(
        actor=actor, ticket_id=ticket.pk, category=category or ticket.category, impact=impact, urgency=urgency,
        why="seen", seen_version=ticket.version, now=MONDAY + HOUR,
    )  # fmt: skip


def due(ticket: Ticket, kind: str = "resolution") -> Target:
    return Target.objects.filter(ticket=ticket, kind=kind).latest("cycle")


def test_before_a_date_was_told_it_is_only_worked_out_anew(agent: User, ticket: Ticket) -> None:
    assert ticket.priority == "P3"
    changed = put(agent, ticket, "high", "high")
    assert (changed.priority, changed.priority_rank, changed.triage_by) == ("P1", 1, "person")
    assert due(ticket).due_at == MONDAY + 4 * HOUR
    assert changed.due_at == MONDAY + 4 * HOUR
    assert due(ticket, "progress").started_at == MONDAY + HOUR
    assert not OutboundReply.objects.filter(kind="date_changed_notice").exists()
    assert TicketEvent.objects.get(kind="properties_set").args["was"] == "P3"


def test_who_why_and_what_the_rules_had_read_stay_with_it(agent: User, ticket: Ticket) -> None:
    read = ticket.reasons
    changed = put(agent, put(agent, ticket, "high", "high"), "high", "medium")
    said = {"category": ticket.category, "impact": "high", "urgency": "medium", "why": "seen"}
    stamp = {"user": agent.pk, "at": (MONDAY + HOUR).isoformat()}
    assert changed.reasons == [*read, {"code": "set_by_person", "args": said | stamp}]
    assert TicketEvent.objects.filter(kind="properties_set").latest("pk").args["why"] == "seen"


@pytest.mark.parametrize("why", ["", "because I say so"])
def test_nobody_weighs_it_otherwise_without_a_reason(agent: User, ticket: Ticket, why: str) -> None:
    said = {"category": ticket.category, "impact": "high", "urgency": "high"}
    with pytest.raises(Refused) as refused:
        ticket_properties_set(
            actor=agent, ticket_id=ticket.pk, **said, why=why, seen_version=None, now=MONDAY + HOUR
        )
    assert refused.value.code == "why"
    same = ticket_properties_set(
        actor=agent, ticket_id=ticket.pk, category=ticket.category, impact=ticket.impact, urgency=ticket.urgency,
        call_type="question", why=why, seen_version=None, now=MONDAY + HOUR,
    )  # fmt: skip
    assert (same.call_type, same.priority, same.reasons) == ("question", ticket.priority, ticket.reasons)


def test_every_reason_has_its_words() -> None:
    assert tuple(OVERRIDE_WORDS) == OVERRIDES


def test_back_again_the_progress_target_ends(agent: User, ticket: Ticket) -> None:
    back = put(agent, put(agent, ticket, "high", "high"), "medium", "medium")
    assert back.priority == "P3"
    assert due(ticket, "progress").ended_at == MONDAY + HOUR


@pytest.mark.parametrize(
    ("impact", "urgency", "reason"),
    [("high", "high", "more_urgent"), ("low", "low", "fewer_people"), ("medium", "low", None)],
)
def test_a_told_date_moves_aloud(
    agent: User, ticket: Ticket, impact: str, urgency: str, reason: str | None
) -> None:
    said.acknowledge(ticket)
    promise = Promise.objects.get()
    changed = put(agent, Ticket.objects.get(pk=ticket.pk), impact, urgency)
    row = OutboundReply.objects.get(kind="date_changed_notice")
    assert (row.dedupe_key, row.args.get("reason")) == (f"changed:{promise.pk}", reason)
    assert changed.promised_for == promise.promised_for  # until that was sent
    assert Promise.objects.get().end == ""


def test_put_back_before_it_went_the_notice_falls_away(agent: User, ticket: Ticket) -> None:
    said.acknowledge(ticket)
    put(agent, put(agent, Ticket.objects.get(pk=ticket.pk), "high", "high"), "medium", "medium")
    assert OutboundReply.objects.get(kind="date_changed_notice").state == "superseded"
    put(agent, Ticket.objects.get(pk=ticket.pk), "high", "high")
    assert OutboundReply.objects.get(kind="date_changed_notice").state == "queued"


def test_a_breach_that_the_new_priority_does_not_know_is_none(agent: User, ticket: Ticket) -> None:
    row = due(ticket, "first_response")
    Target.objects.filter(pk=row.pk).update(breached_at=row.due_at)
    put(agent, ticket, "low", "low")
    row.refresh_from_db()
    assert row.breached_at is None


@pytest.mark.parametrize(
    ("category", "impact", "urgency", "code"),
    [("tea", "high", "high", "category"), ("", "huge", "high", "impact"), ("", "high", "now", "urgency")],
)
def test_only_what_the_policy_has(
    agent: User, ticket: Ticket, category: str, impact: str, urgency: str, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        put(agent, ticket, impact, urgency, category=category)
    assert refused.value.code == code


def test_who_saw_an_older_state_is_told_so(agent: User, ticket: Ticket) -> None:
    put(agent, ticket, "high", "high")
    with pytest.raises(Changed):
        put(agent, ticket, "low", "low")


class TestProposal:
    @pytest.fixture
    def proposed(self, ticket: Ticket) -> Ticket:
        said.acknowledge(ticket)
        proposal = {
            "category": ticket.category, "impact": "high", "urgency": "high", "priority": "P1",
            "reasons": [{"code": "danger", "args": {}}], "message": 1,
        }  # fmt: skip
        Ticket.objects.filter(pk=ticket.pk).update(proposal=proposal)
        AgentTask.objects.create(
            kind=TaskKind.PROPOSAL, reason="more_urgent", cause="proposal:1", ticket=ticket, team=ticket.team,
            due_at=MONDAY, created_at=MONDAY,
        )  # fmt: skip
        return Ticket.objects.get(pk=ticket.pk)

    def test_taken_it_is_set_with_the_rules_reasons(self, agent: User, proposed: Ticket) -> None:
        taken = proposal_accept(actor=agent, ticket_id=proposed.pk, now=MONDAY + HOUR)
        assert (taken.priority, taken.proposal, taken.reasons[0]["code"]) == ("P1", None, "danger")
        assert AgentTask.objects.get(kind=TaskKind.PROPOSAL).done_how == "accepted"
        assert OutboundReply.objects.get(kind="date_changed_notice").args["reason"] == "more_urgent"
        with pytest.raises(Changed):
            proposal_decline(actor=agent, ticket_id=proposed.pk, now=MONDAY + HOUR)

    def test_declined_nothing_changes(self, agent: User, proposed: Ticket) -> None:
        kept = proposal_decline(actor=agent, ticket_id=proposed.pk, now=MONDAY + HOUR)
        assert (kept.priority, kept.proposal) == ("P3", None)
        assert not OutboundReply.objects.filter(kind="date_changed_notice").exists()
