"""Writes of the policy: publishing a revision. The row is its own audit: who, why, when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from accounts.access import may_set_policy
from accounts.actors import Actor, Caller, System
from accounts.models import User
from priority import seed
from priority.models import PolicyRevision
from priority.policy import parse

# Numbers follow each other without a gap, so publishing goes one at a time: a lock for the transaction.
_LOCK = (0x706F6C, 1)


@transaction.atomic
def policy_publish(
    *, actor: Actor, document: Mapping[str, Any], reason: str, now: datetime
) -> PolicyRevision:
    """A new revision of this document, in force at once for new tickets.

    Raises PolicyInvalid (with every fault), PermissionDenied for who may not set the policy, ValueError
    without a reason. Publishing the document in force again returns its revision unchanged.
    """
    if isinstance(actor, Caller) or (isinstance(actor, User) and not may_set_policy(actor)):
        raise PermissionDenied("Only a manager publishes a policy.")
    if not reason.strip():
        raise ValueError("Say in a few words why the policy changes; the reason is kept with the revision.")
    policy = parse(document)
    _lock_publishing()
    latest = PolicyRevision.objects.order_by("-number").first()
    if latest is not None and latest.sha256 == policy.sha256:
        return latest
    return PolicyRevision.objects.create(
        number=latest.number + 1 if latest else 1,
        document=policy.document(),
        sha256=policy.sha256,
        author=actor if isinstance(actor, User) else None,
        reason=reason.strip(),
        published_at=now,
    )


def policy_ensure_seeded(*, now: datetime) -> PolicyRevision:
    """The latest revision; the ready policy as revision 1 where there is none. Safe to run side by side."""
    latest = PolicyRevision.objects.order_by("-number").first()
    if latest is not None:
        return latest
    with transaction.atomic():
        _lock_publishing()
        # Whoever held the lock before may have published meanwhile.
        latest = PolicyRevision.objects.order_by("-number").first()
        if latest is not None:
            return latest
        return policy_publish(
            actor=System("seed"), document=seed.read(), reason="The ready policy of a new desk.", now=now
        )


def _lock_publishing() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", _LOCK)
