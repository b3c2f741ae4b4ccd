"""The pages Preview and Try it: who may, what they say, that what was typed stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from priority.models import PolicyRevision
from priority.selectors import policy_current
from priority.services_draft import draft_change, version_without_draft
from reports import preview
from reports.models import PolicyPreview
from tests import desk
from tests.tickets import policies, said
from tests.tickets.test_sweep_notices import automatic
from tickets.clock import database_now
from tickets.models import OutboundReply, PolicyRollout, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> User:
    desk.seeded()
    return desk.user("ilse", teams=[desk.team()], manager=True)


@pytest.fixture
def page(manager: User) -> Client:
    client = Client()
    client.force_login(manager)
    return client


def drafted(manager: User, *edits: policies.Edit) -> int:
    def change(document: dict[str, object]) -> None:
        for edit in edits:
            edit(document)

    version = version_without_draft(policy_current())
    return draft_change(actor=manager, version=version, change=change, now=database_now()).version


def told(number: int = 1) -> Ticket:
    ticket = said.hear(automatic(), number, by="anouk", at=database_now() - timedelta(minutes=5))
    said.acknowledge(ticket)
    return ticket


def test_a_preview_is_asked_for_worked_out_and_published_from(page: Client, manager: User) -> None:
    ticket = told()
    version = drafted(manager, policies.duration("P3", resolution=2400))
    assert "no draft" not in page.get(reverse("policy_preview")).content.decode()
    assert page.post(reverse("policy_preview")).status_code == 302
    working = page.get(reverse("policy_preview")).content.decode()
    assert "data-progress" in working
    assert page.get(reverse("policy_preview_progress")).json() == {
        "percent": 0,
        "looked": 0,
        "done": False,
    }
    preview.previews_work(now=database_now())
    assert page.get(reverse("policy_preview_progress")).json()["done"] is True
    shown = page.get(reverse("policy_preview")).content.decode()
    assert ticket.shown_reference in shown
    assert "blockquote" in shown
    assert "Publish the draft" not in shown, "it is published in one place"
    assert 'href="/policy/#publish"' in shown
    choice = page.get(reverse("policy")).content.decode()
    assert "open tickets too: <b>1 caller is told a new date</b>" in " ".join(choice.split())
    assert 'value="new" checked' in choice
    answer = page.post(reverse("policy_publish"), {"version": version, "reason": "longer", "scope": "open"})
    assert answer["Location"] == "/policy/preview/#rollout"
    assert PolicyRevision.objects.count() == 2
    policies.rolled(database_now())
    after = page.get(reverse("policy_preview")).content.decode()
    assert "Revision 2 over the open tickets" in after
    assert "1 ticket follows it." in after


def test_numbers_of_another_draft_are_named_as_such_and_publish_nothing(page: Client, manager: User) -> None:
    told()
    version = drafted(manager, policies.duration("P3", resolution=2400))
    page.post(reverse("policy_preview"))
    preview.previews_work(now=database_now())
    draft_change(
        actor=manager, version=version, change=policies.duration("P3", resolution=2460), now=database_now()
    )
    shown = page.get(reverse("policy_preview")).content.decode()
    assert "not of the draft as it stands" in shown
    assert "To publishing" not in shown.split("not of the draft as it stands", 1)[1]
    choice = page.get(reverse("policy")).content.decode()
    assert "is not worked out yet for the draft as it stands" in choice
    assert "is told a new date" not in choice


def spoilt(tally: dict[str, Any]) -> dict[str, Any]:
    return {**tally, "worst": [[*row, "one more"] for row in tally["worst"]]}


@pytest.mark.parametrize(
    "otherwise",
    [
        lambda row: {"tally": row.tally, "document": {"format": "of another desk"}},
        lambda row: {"tally": {**row.tally, "what_nobody_counts": 3}},
        lambda row: {"tally": {name: row.tally[name] for name in list(row.tally)[1:]}},
        lambda row: {"tally": {**row.tally, "moves": 7}},
        lambda row: {"tally": spoilt(row.tally)},
    ],
)
def test_what_another_version_stored_otherwise_counts_as_none_and_a_new_one_is_made(
    page: Client, manager: User, otherwise: Callable[[PolicyPreview], dict[str, Any]]
) -> None:
    ticket = told()
    drafted(manager, policies.duration("P3", resolution=2400))
    page.post(reverse("policy_preview"))
    preview.previews_work(now=database_now())
    row = PolicyPreview.objects.get()
    assert row.tally["worst"]
    for state in ("done", "asked"):
        PolicyPreview.objects.filter(pk=row.pk).update(state=state, **otherwise(row))
        preview.previews_work(now=database_now())
        shown = page.get(reverse("policy_preview"))
        assert shown.status_code == 200
        assert "Preview the draft" in shown.content.decode()
        assert ticket.shown_reference not in shown.content.decode()
        assert page.get(reverse("policy_preview_progress")).json()["done"] is True
        assert page.get(reverse("policy")).status_code == 200
    page.post(reverse("policy_preview"))
    assert preview.previews_work(now=database_now()) == 1
    assert ticket.shown_reference in page.get(reverse("policy_preview")).content.decode()


def test_a_draft_with_faults_is_not_previewed(page: Client, manager: User) -> None:
    drafted(manager, policies.cell("low", "low", "P99"))
    page.post(reverse("policy_preview"))
    assert not PolicyPreview.objects.exists()
    assert "must be mended" in page.get(reverse("policy_preview")).content.decode()


def test_the_worst_are_of_teams_that_the_reader_sees(page: Client, manager: User) -> None:
    private = desk.team("private", private=True)
    ticket = told()
    Ticket.objects.filter(pk=ticket.pk).update(team=private)
    drafted(manager, policies.duration("P3", resolution=2400))
    page.post(reverse("policy_preview"))
    preview.previews_work(now=database_now())
    shown = page.get(reverse("policy_preview")).content.decode()
    assert "<dd>1</dd>" in shown
    assert ticket.shown_reference not in shown
    assert "Due at Private" not in shown


def test_a_message_is_tried_by_both_policies_side_by_side(page: Client, manager: User) -> None:
    automatic()
    drafted(manager, policies.cell("medium", "medium", "P2"))
    form = page.get(reverse("policy_try"))
    typed = {**form.context["typed"], "text": said.REQUEST, "at": "2026-11-16T11:40"}
    answer = page.post(reverse("policy_try"), typed)
    draft, in_force = answer.context["answers"]
    assert (draft["tried"].priority, in_force["tried"].priority) == ("P2", "P3")
    assert (draft["tried"].decision.recognised, in_force["tried"].date.isoformat()) == (
        True,
        "2026-11-19T11:00:00+00:00",
    )
    words = answer.content.decode()
    assert said.REQUEST.split()[0] in words, "what was typed stays"
    assert len(in_force["tried"].why) >= 4
    assert Ticket.objects.count() == 0


def test_what_is_not_recognised_waits(page: Client) -> None:
    automatic()
    form = page.get(reverse("policy_try"))
    answer = page.post(reverse("policy_try"), {**form.context["typed"], "text": "hello there"})
    (in_force,) = answer.context["answers"]
    assert in_force["tried"].decision.recognised is False
    assert in_force["tried"].date is None


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"text": "  "}, "Type a message first."),
        ({"text": "a" * 10_001}, "longer than any message"),
        ({"text": "the bin is full", "account": "nobody"}, "Choose one of the accounts."),
        ({"text": "the bin is full", "at": "tomorrow"}, "Write the day and the time"),
    ],
)
def test_what_cannot_be_tried_is_said_and_kept(page: Client, changed: dict[str, str], words: str) -> None:
    automatic()
    typed = {**page.get(reverse("policy_try")).context["typed"], **changed}
    answer = page.post(reverse("policy_try"), typed)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert answer.context["typed"] == typed


def test_the_rollout_stands_for_all_to_see_while_it_is_on_its_way(page: Client, manager: User) -> None:
    told()
    policies.published(policies.duration("P3", resolution=2400))
    assert PolicyRollout.objects.get().done_at is None
    assert "on its way" in page.get(reverse("policy_preview")).content.decode()


def test_the_overview_says_that_an_older_revision_is_still_on_its_way(page: Client, manager: User) -> None:
    told()

    def overview() -> str:
        return " ".join(page.get(reverse("policy")).content.decode().split())

    assert "still on its way" not in overview()
    policies.published(policies.duration("P3", resolution=2400))
    assert (
        "Revision 2 is still on its way over the tickets that were open when it was published." in overview()
    )
    assert "for new tickets only" not in overview()
    policies.published(policies.duration("P3", resolution=2460), scope="new")
    assert "Revision 3, which is newer, is for new tickets only, and does not stop it." in overview()
    assert 'href="/policy/preview/#rollout"' in overview()
    noor = Client()
    noor.force_login(desk.user("noor", teams=[desk.team()]))
    assert "still on its way" in noor.get(reverse("policy")).content.decode()
    assert "/policy/preview/" not in noor.get(reverse("policy")).content.decode()
    policies.rolled(database_now())
    assert "still on its way" not in overview()


def test_a_rollout_says_what_its_notices_wait_for(page: Client, manager: User) -> None:
    """As it is now: what a cap held back since the notice was written waits for a person, what went is dealt with."""
    account = automatic()
    for number in (1, 2, 3):
        ticket = said.hear(account, number, by=f"who{number}", at=database_now() - timedelta(minutes=5))
        said.acknowledge(ticket)
    policies.published(policies.duration("P3", resolution=2400))
    policies.rolled(database_now())
    shown = " ".join(page.get(reverse("policy_preview")).content.decode().split())
    assert "0 of 3 notices about a new date are dealt with." in shown
    assert "3 more are on their way; notices leave at a pace." in shown
    first, second, _third = OutboundReply.objects.filter(kind="date_changed_notice").order_by("pk")
    OutboundReply.objects.filter(pk=first.pk).update(state="held", held_reason="contact_cap_day")
    OutboundReply.objects.filter(pk=second.pk).update(state="sent")
    shown = " ".join(page.get(reverse("policy_preview")).content.decode().split())
    assert "1 of 3 notices about a new date are dealt with." in shown
    assert 'max="100" value="33"' in shown
    assert "1 more is on its way" in shown
    assert (
        '<b class="figure">1</b> this person has had as many automatic messages as we allow in a day' in shown
    )
