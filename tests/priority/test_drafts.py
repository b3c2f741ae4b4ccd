"""The draft of the next revision: who may, two managers at once, what is kept, what publishing does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.actors import Actor, Caller, System
from accounts.errors import Refused
from accounts.models import User
from priority import presets, seed, services
from priority.models import DraftStep, PolicyDraft, PolicyDraftEvent, PolicyRevision
from priority.policy import PolicyInvalid, faults_of, parse, warnings
from priority.retired import keys_reused
from priority.selectors import policy_current
from priority.services import Scope, policy_ensure_seeded, policy_publish
from priority.services_draft import (
    DraftChanged,
    draft_change,
    draft_discard,
    draft_open,
    draft_publish,
    draft_replace,
    version_without_draft,
)
from tests import desk
from tests.desk import MONDAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def mona() -> User:
    policy_ensure_seeded(now=MONDAY)
    return desk.user("mona", manager=True)


@pytest.fixture
def published() -> Iterator[list[tuple[int, int, str]]]:
    """What the floors above were told: (number, number before, scope)."""
    told: list[tuple[int, int, str]] = []

    def hear(
        revision: PolicyRevision, previous: PolicyRevision, scope: Scope, actor: Actor, now: datetime
    ) -> None:
        told.append((revision.number, previous.number, scope))

    services.PUBLISHED.append(hear)
    yield told
    services.PUBLISHED.remove(hear)


def cell(document: dict[str, Any]) -> None:
    document["matrix"]["medium"]["medium"] = "P2"


def other_cell(document: dict[str, Any]) -> None:
    document["matrix"]["low"]["low"] = "P4"


def broken(document: dict[str, Any]) -> None:
    document["durations"][0]["resolution"] = "soon"


def test_a_change_opens_the_draft_and_leaves_the_revision(mona: User) -> None:
    in_force = policy_current()
    draft = draft_change(
        actor=mona, version=version_without_draft(in_force), change=cell, words="matrix", now=MONDAY
    )
    assert draft.document["matrix"]["medium"]["medium"] == "P2"
    assert (draft.base_id, draft.edited_by, draft.edited_at) == (in_force.pk, mona, MONDAY)
    assert PolicyRevision.objects.get().document["matrix"]["medium"]["medium"] == "P3"
    steps = PolicyDraftEvent.objects.order_by("version").values_list("kind", "words", "actor_user")
    assert list(steps) == [("opened", "", mona.pk), ("changed", "matrix", mona.pk)]


@pytest.mark.parametrize("who", ["agent", "lead", "admin", "caller"])
def test_only_managers_change_it(mona: User, who: str) -> None:
    actor: Actor = Caller(1) if who == "caller" else desk.user(who, lead=who == "lead", admin=who == "admin")
    draft = draft_open(actor=mona, now=MONDAY)
    version = draft.version
    tries: list[Callable[[], object]] = [
        lambda: draft_open(actor=actor, now=MONDAY),
        lambda: draft_change(actor=actor, version=version, change=cell, now=MONDAY),
        lambda: draft_replace(
            actor=actor, version=version, document={}, origin={"kind": "imported"}, now=MONDAY
        ),
        lambda: draft_discard(actor=actor, version=version, now=MONDAY),
        lambda: draft_publish(actor=actor, version=version, reason="r", scope="new", now=MONDAY),
    ]
    for attempt in tries:
        with pytest.raises(PermissionDenied):
            attempt()
    draft.refresh_from_db()
    assert draft.version == version
    assert PolicyRevision.objects.count() == 1


def test_the_second_manager_is_told_who_was_first(mona: User) -> None:
    ilse = desk.user("ilse", manager=True)
    draft = draft_open(actor=mona, now=MONDAY)
    later = MONDAY + timedelta(minutes=3)
    draft_change(actor=ilse, version=draft.version, change=cell, now=later)
    with pytest.raises(DraftChanged) as told:
        draft_change(actor=mona, version=draft.version, change=other_cell, now=later)
    assert (told.value.by, told.value.at, told.value.what) == (ilse, later, "saved")
    assert "Ilse" in told.value.words
    standing = PolicyDraft.objects.get()
    assert standing.document["matrix"]["low"]["low"] == "P5"
    both = draft_change(actor=mona, version=standing.version, change=other_cell, now=later)
    assert (both.document["matrix"]["medium"]["medium"], both.document["matrix"]["low"]["low"]) == (
        "P2",
        "P4",
    )


def test_a_page_of_the_revision_does_not_fit_a_draft_or_the_next_revision(mona: User) -> None:
    ilse = desk.user("ilse", manager=True)
    before = version_without_draft(policy_current())
    draft = draft_change(actor=ilse, version=before, change=cell, now=MONDAY)
    with pytest.raises(DraftChanged):
        draft_change(actor=mona, version=before, change=other_cell, now=MONDAY)
    draft_publish(actor=ilse, version=draft.version, reason="Gates.", scope="new", now=MONDAY)
    with pytest.raises(DraftChanged) as told:
        draft_change(actor=mona, version=before, change=other_cell, now=MONDAY)
    assert (told.value.by, told.value.what) == (ilse, "published")
    assert not PolicyDraft.objects.exists(), "what was refused opened no draft"


def test_versions_go_on_over_drafts(mona: User) -> None:
    first = draft_open(actor=mona, now=MONDAY)
    draft_discard(actor=mona, version=first.version, now=MONDAY)
    second = draft_open(actor=mona, now=MONDAY)
    assert second.version > first.version
    with pytest.raises(DraftChanged):
        draft_change(actor=mona, version=first.version, change=cell, now=MONDAY)


def test_nothing_changed_is_no_new_version(mona: User) -> None:
    draft = draft_open(actor=mona, now=MONDAY)
    same = draft_change(actor=mona, version=draft.version, change=lambda _document: None, now=MONDAY)
    assert same.version == draft.version
    assert PolicyDraftEvent.objects.count() == 1


def test_faults_are_kept_and_not_published(mona: User) -> None:
    draft = draft_open(actor=mona, now=MONDAY)
    draft = draft_change(actor=mona, version=draft.version, change=broken, now=MONDAY)
    with pytest.raises(PolicyInvalid) as invalid:
        draft_publish(actor=mona, version=draft.version, reason="Try.", scope="new", now=MONDAY)
    assert [fault.path for fault in invalid.value.places] == ["durations.P1.resolution"]
    standing = PolicyDraft.objects.get()
    assert standing.document["durations"][0]["resolution"] == "soon"
    assert PolicyRevision.objects.count() == 1


def test_what_raises_in_a_change_leaves_everything(mona: User) -> None:
    def refuses(document: dict[str, Any]) -> None:
        document["matrix"].clear()
        raise Refused("why", "Not so.")

    draft = draft_open(actor=mona, now=MONDAY)
    with pytest.raises(Refused):
        draft_change(actor=mona, version=draft.version, change=refuses, now=MONDAY)
    assert PolicyDraft.objects.get().document["matrix"]["high"]["high"] == "P1"


def test_a_character_that_no_database_keeps_is_refused_with_words(mona: User) -> None:
    draft = draft_open(actor=mona, now=MONDAY)
    with pytest.raises(Refused) as refused:
        draft_change(
            actor=mona,
            version=draft.version,
            change=lambda document: document["name"].update(en="a\0b"),
            now=MONDAY,
        )
    assert refused.value.code == "nul"


@pytest.mark.parametrize("scope", ["new", "open"])
def test_publishing_makes_a_revision_and_tells_the_floors_above(
    mona: User, published: list[tuple[int, int, str]], scope: Scope
) -> None:
    draft = draft_open(actor=mona, now=MONDAY)
    draft = draft_change(actor=mona, version=draft.version, change=cell, now=MONDAY)
    revision = draft_publish(
        actor=mona, version=draft.version, reason=" Gates stop people. ", scope=scope, now=MONDAY
    )
    assert (revision.number, revision.author, revision.reason) == (2, mona, "Gates stop people.")
    assert parse(revision.document).sha256 == revision.sha256
    assert published == [(2, 1, scope)]
    assert not PolicyDraft.objects.exists()
    last = PolicyDraftEvent.objects.latest("version")
    assert (last.kind, last.revision) == (DraftStep.PUBLISHED, revision)


def test_a_floor_above_that_fails_publishes_nothing(mona: User) -> None:
    def fails(*_args: object) -> None:
        raise RuntimeError("no rollout")

    draft = draft_open(actor=mona, now=MONDAY)
    draft = draft_change(actor=mona, version=draft.version, change=cell, now=MONDAY)
    services.PUBLISHED.append(fails)
    try:
        with pytest.raises(RuntimeError), transaction.atomic():
            draft_publish(actor=mona, version=draft.version, reason="Gates.", scope="open", now=MONDAY)
    finally:
        services.PUBLISHED.remove(fails)
    assert PolicyRevision.objects.count() == 1
    assert PolicyDraft.objects.get().document["matrix"]["medium"]["medium"] == "P2"


@pytest.mark.parametrize(
    ("reason", "code"), [("  ", "reason"), ("x" * 401, "reason"), ("Nothing.", "unchanged")]
)
def test_what_is_not_published(mona: User, reason: str, code: str) -> None:
    draft = draft_open(actor=mona, now=MONDAY)
    with pytest.raises(Refused) as refused:
        draft_publish(actor=mona, version=draft.version, reason=reason, scope="new", now=MONDAY)
    assert refused.value.code == code
    assert PolicyDraft.objects.exists()


def test_a_default_written_out_is_no_change_to_publish(mona: User) -> None:
    draft = draft_open(actor=mona, now=MONDAY)
    draft = draft_change(
        actor=mona,
        version=draft.version,
        change=lambda document: document["periods"].update(transfers_most=2),
        now=MONDAY,
    )
    with pytest.raises(Refused) as refused:
        draft_publish(actor=mona, version=draft.version, reason="None.", scope="new", now=MONDAY)
    assert refused.value.code == "unchanged"


def test_what_is_published_beside_a_draft_makes_everybody_look_again(mona: User) -> None:
    draft = draft_open(actor=mona, now=MONDAY)
    draft = draft_change(actor=mona, version=draft.version, change=cell, now=MONDAY)
    document = seed.read()
    document["periods"]["triage"] = 20
    policy_publish(actor=System("upgrade"), document=document, reason="Beside.", now=MONDAY)
    with pytest.raises(DraftChanged):
        draft_publish(actor=mona, version=draft.version, reason="Gates.", scope="new", now=MONDAY)
    standing = PolicyDraft.objects.get()
    assert standing.base_id != policy_current().pk
    revision = draft_publish(
        actor=mona, version=standing.version, reason="All the same.", scope="new", now=MONDAY
    )
    assert revision.number == 3


def test_a_revision_is_restored_by_a_new_one(mona: User) -> None:
    first = policy_current()
    draft = draft_change(actor=mona, version=version_without_draft(first), change=cell, now=MONDAY)
    second = draft_publish(actor=mona, version=draft.version, reason="Gates.", scope="new", now=MONDAY)
    draft = draft_replace(
        actor=mona,
        version=version_without_draft(second),
        document=PolicyRevision.objects.get(number=1).document,
        origin={"kind": "restored", "number": 1},
        now=MONDAY,
    )
    third = draft_publish(actor=mona, version=draft.version, reason="Back.", scope="new", now=MONDAY)
    assert (third.number, third.sha256) == (3, first.sha256)
    assert PolicyRevision.objects.count() == 3


def test_a_draft_that_somebody_works_on_is_not_replaced_unseen(mona: User) -> None:
    ilse = desk.user("ilse", manager=True)
    before = version_without_draft(policy_current())
    draft_change(actor=ilse, version=before, change=cell, now=MONDAY)
    with pytest.raises(DraftChanged):
        draft_replace(actor=mona, version=before, document=seed.read(), origin={"kind": "preset"}, now=MONDAY)
    with pytest.raises(DraftChanged):
        draft_discard(actor=mona, version=before, now=MONDAY)
    assert PolicyDraft.objects.get().document["matrix"]["medium"]["medium"] == "P2"


def test_there_is_one_draft_by_the_database_too(mona: User) -> None:
    draft = draft_open(actor=mona, now=MONDAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        PolicyDraft.objects.create(document={}, base=draft.base, version=99, edited_at=MONDAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        PolicyDraft.objects.create(only=False, document={}, base=draft.base, version=99, edited_at=MONDAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        PolicyDraftEvent.objects.create(version=99, kind="odd", actor_kind="user", at=MONDAY)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE priority_policyrevision SET reason = 'another'",
        "UPDATE priority_policyrevision SET document = '{}'",
        "UPDATE priority_policyrevision SET author_id = NULL, number = 7",
        "DELETE FROM priority_policyrevision",
    ],
)
def test_a_published_row_refuses_even_plain_sql(mona: User, sql: str) -> None:
    with (
        pytest.raises(DatabaseError, match="stays as it is"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
    assert PolicyRevision.objects.get().number == 1


def test_a_key_is_never_used_for_something_else(mona: User) -> None:
    document = seed.read()
    waste = next(each for each in document["categories"] if each["key"] == "waste")
    without = {**document, "categories": [each for each in document["categories"] if each is not waste]}
    policy_publish(actor=mona, document=without, reason="No waste.", now=MONDAY)
    again = {**waste, "name": {"en": "Wasps", "nl": "Wespen"}}
    reused = {**without, "categories": [*without["categories"], again]}
    faults = keys_reused(reused)
    assert [fault.path for fault in faults] == ["categories.waste"]
    with pytest.raises(PolicyInvalid) as invalid:
        policy_publish(actor=mona, document=reused, reason="Wasps.", now=MONDAY)
    assert "Waste" in invalid.value.faults[0]
    back = {**without, "categories": [*without["categories"], waste]}
    assert keys_reused(back) == []
    policy_publish(actor=mona, document=back, reason="Waste again.", now=MONDAY)
    renamed = {**back, "categories": [*without["categories"], again]}
    assert keys_reused(renamed) == [], "what stands may be renamed"


@pytest.mark.parametrize("preset", presets.PRESETS, ids=lambda preset: preset.key)
def test_each_ready_policy_has_no_fault_and_no_warning(preset: presets.Preset) -> None:
    document = presets.document_of(preset.key)
    assert faults_of(document) == ()
    policy = parse(document)
    assert warnings(policy) == ()
    assert any(category.danger and category.extra_line for category in policy.categories)


def test_the_city_is_the_seed() -> None:
    assert presets.document_of("city") == seed.read()


def test_a_desk_can_go_from_any_ready_policy_to_any_other(mona: User) -> None:
    names = [each.key for each in presets.PRESETS]
    for number, name in enumerate(["plain", "facilities", "city", "plain", "city", "facilities", "plain"]):
        assert name in names
        policy_publish(actor=mona, document=presets.document_of(name), reason=f"Preset {number}.", now=MONDAY)
    assert policy_current().number == 8


@pytest.mark.django_db(transaction=True)
def test_two_who_save_at_the_same_moment() -> None:
    """One is saved, the other told; whichever it is, nothing is half saved."""
    desk.seeded()
    managers = [desk.user("mona", manager=True), desk.user("ilse", manager=True)]
    version = version_without_draft(policy_current())
    both, ends = threading.Barrier(2), []

    def save(who: User, change: Any) -> None:
        both.wait()
        try:
            draft_change(actor=who, version=version, change=change, now=MONDAY)
            ends.append("saved")
        except DraftChanged:
            ends.append("told")
        finally:
            connection.close()

    threads = [
        threading.Thread(target=save, args=pair) for pair in zip(managers, (cell, other_cell), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["saved", "told"]
    matrix = PolicyDraft.objects.get().document["matrix"]
    assert (matrix["medium"]["medium"] == "P2") != (matrix["low"]["low"] == "P4")
