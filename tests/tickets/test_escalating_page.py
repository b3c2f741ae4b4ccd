"""Before the lead, on pages: the form, the task, and that nobody is offered what they may not do."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from tests import desk
from tests.tickets.at_work import at, fields
from tests.tickets.test_views import address, words_of
from tickets.models import AgentTask, Message, TaskKind, Ticket
from tickets.services.transferring import ticket_transfer

pytestmark = pytest.mark.django_db


def test_an_agent_asks_and_a_lead_hands_it_back(page: Client, ticket: Ticket) -> None:
    lead = desk.user("lotte", teams=[desk.team("front")], lead=True)
    where = address(ticket, "ticket_escalate")
    form = fields(page, where) | {"reason": "date", "words": ""}
    refused = page.post(where, form)
    assert (refused.status_code, "Say in a few words" in words_of(refused)) == (422, True)
    shown = words_of(page.post(where, form | {"words": "The part is not there."}, follow=True))
    assert "It is before the lead of Front now." in shown
    assert "The date will not be kept." in shown
    assert "Say what is to be done" not in shown  # that is the lead's
    assert "It waits for a lead of Front" in words_of(page.get(where))
    page.force_login(lead)
    assert "Say what is to be done" in words_of(page.get(address(ticket)))
    form = fields(page, where) | {"words": "Take the one at Oost.", "answer": "1"}
    assert "it is no more before the lead" in words_of(page.post(where, form, follow=True))
    assert Message.objects.filter(kind="note").count() == 2
    assert not AgentTask.objects.filter(kind=TaskKind.ESCALATED, done_at=None).exists()


def test_only_leads_are_offered_to_end_what_wanders(page: Client, noor: User, ticket: Ticket) -> None:
    for key in ("roads", "waste"):
        desk.team(key)
    for to in ("roads", "waste", "front"):
        ticket_transfer(actor=noor, ticket_id=ticket.pk, team_key=to, now=at(23, 10))
    shown = words_of(page.get(address(ticket)))
    assert "Front → Roads → Waste → Front" in shown
    assert "for the lead of Waste" in shown
    assert "It stays here" not in shown
    noor.memberships.update(is_lead=True)
    assert words_of(page.get(address(ticket))).count("It stays here") == 1


def test_a_transfer_tells_the_caller_from_the_form(page: Client, ticket: Ticket) -> None:
    desk.team("roads")
    where = address(ticket, "ticket_transfer")
    form = fields(page, where) | {"team": "roads", "tell": "1", "note": "Yours."}
    ahead = page.post(address(ticket, "ticket_transfer_preview"), form).json()
    assert "is now with our colleagues at Roads." in ahead["text"]
    assert ahead["text"] in words_of(page.post(where, form | {"show": "1"}))
    assert "Transferred to Roads" in words_of(page.post(where, form, follow=True))
    assert ticket.replies.filter(kind="transfer_notice", text=ahead["text"]).exists()
    desk.team("waste")
    again = fields(page, where) | {"team": "waste", "tell": "1", "note": "And yours."}
    refused = page.post(where, again)
    assert refused.status_code == 422
    assert "And yours." in words_of(refused)
