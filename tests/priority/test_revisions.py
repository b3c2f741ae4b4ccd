"""Published revisions: numbered, hashed, never changed, seeded once."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from accounts.actors import Caller, System
from priority import seed, selectors
from priority.models import PolicyRevision
from priority.policy import PolicyInvalid
from priority.selectors import NoPolicy, policy_current, policy_of
from priority.services import policy_ensure_seeded, policy_publish

NOW = dt.datetime(2026, 11, 23, 10, 40, tzinfo=dt.UTC)


def later_document() -> dict[str, Any]:
    document = copy.deepcopy(seed.read())
    document["periods"]["triage"] = 30
    return document


@pytest.fixture
def none_published(db: None) -> None:
    """An empty table, whatever a data migration or an earlier test left; rolled back with the test."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE priority_policyrevision CASCADE")


pytestmark = pytest.mark.usefixtures("none_published")


def test_the_ready_policy_is_revision_1_and_seeding_again_changes_nothing() -> None:
    first = policy_ensure_seeded(now=NOW)
    again = policy_ensure_seeded(now=NOW + dt.timedelta(days=1))
    assert (first.number, first.author, first.published_at) == (1, None, NOW)
    assert again.pk == first.pk
    assert policy_of(first.pk).document() == seed.read()


def test_a_published_document_is_in_force_and_the_old_one_stays() -> None:
    first = policy_ensure_seeded(now=NOW)
    manager = get_user_model().objects.create(username="ilse", is_manager=True)
    second = policy_publish(actor=manager, document=later_document(), reason=" Longer triage ", now=NOW)
    current = policy_current()
    assert (current.pk, current.number, current.reason) == (second.pk, 2, "Longer triage")
    assert (current.author_id, current.sha256) == (manager.pk, policy_of(second.pk).sha256)
    assert policy_of(second.pk).periods.triage == 30
    assert policy_of(first.pk).periods.triage == 15


def test_publishing_what_is_in_force_makes_no_revision() -> None:
    first = policy_ensure_seeded(now=NOW)
    assert policy_publish(actor=System("test"), document=seed.read(), reason="same", now=NOW).pk == first.pk
    assert PolicyRevision.objects.count() == 1


def test_who_may_not_and_what_can_not() -> None:
    agent = get_user_model().objects.create(username="noor")
    for actor in (agent, Caller(1)):
        with pytest.raises(PermissionDenied):
            policy_publish(actor=actor, document=seed.read(), reason="mine", now=NOW)
    with pytest.raises(ValueError, match="why the policy changes"):
        policy_publish(actor=System("test"), document=seed.read(), reason="  ", now=NOW)
    with pytest.raises(PolicyInvalid, match="format"):
        policy_publish(actor=System("test"), document={}, reason="empty", now=NOW)
    assert not PolicyRevision.objects.exists()


@pytest.mark.parametrize(
    "touch",
    [
        lambda rows: rows.all().update(reason="history is rewritten"),
        lambda rows: rows.all().delete(),
        lambda rows: rows.get().save(),
    ],
)
def test_the_database_refuses_to_change_or_delete_a_revision(touch: Callable[[Any], object]) -> None:
    policy_ensure_seeded(now=NOW)
    with (
        pytest.raises(IntegrityError, match=r"policy revision 1 is published and stays as it is"),
        transaction.atomic(),
    ):
        touch(PolicyRevision.objects)
    assert PolicyRevision.objects.get().reason == "The ready policy of a new desk."


def test_the_current_revision_costs_one_query_without_its_document(django_assert_num_queries: Any) -> None:
    policy_ensure_seeded(now=NOW)
    with django_assert_num_queries(1) as asked:
        current = policy_current()
    assert '"document"' not in asked.captured_queries[0]["sql"]
    policy_of(current.pk)
    with django_assert_num_queries(0):
        policy_of(current.pk)


def test_without_a_policy_it_says_what_to_do() -> None:
    with pytest.raises(NoPolicy, match="policy_ensure_seeded"):
        policy_current()
    with pytest.raises(NoPolicy, match="no policy revision with id"):
        policy_of(2**40)


def test_a_document_that_is_not_what_was_hashed_is_not_used() -> None:
    row = PolicyRevision.objects.create(
        number=1, document=later_document(), sha256="0" * 64, reason="by hand", published_at=NOW
    )
    with pytest.raises(PolicyInvalid, match="SHA-256 differs"):
        policy_of(row.pk)
    assert row.pk not in selectors._ready
