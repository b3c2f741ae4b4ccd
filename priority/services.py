"""Writes of the policy: publishing a revision. The row is its own audit: who, why, when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal, TypeAlias

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import F

from accounts.access import may_set_policy
from accounts.actors import Actor, Caller, System
from accounts.models import User
from priority import seed
from priority.models import PolicyDraft, PolicyRevision
from priority.policy import PolicyInvalid, parse
from priority.retired import keys_reused

# Numbers follow each other without a gap, so publishing goes one at a time: a lock for the transaction.
_LOCK = (0x706F6C, 1)

Scope: TypeAlias = Literal["new", "open"]
"""For whom a revision is published: new tickets only, or the open ones too."""

Published: TypeAlias = Callable[[PolicyRevision, PolicyRevision, Scope, Actor, datetime], None]

#: Each is called as (revision, previous, scope, actor, now) in the transaction of publishing, but for a desk's first
#: revision, which follows none. Floors above put theirs here in AppConfig.ready.
PUBLISHED: list[Published] = []


@transaction.atomic
def policy_publish(
    *, actor: Actor, document: Mapping[str, Any], reason: str, scope: Scope = "new", now: datetime
) -> PolicyRevision:
    """A new revision of this document, in force at once for new tickets.

    A draft that stands is of another revision from now on: its version moves, so that whoever looks at it looks again.

    Raises PolicyInvalid (with every fault), PermissionDenied for who may not set the policy, ValueError
    without a reason. Publishing the document in force again returns its revision unchanged.
    """
    if isinstance(actor, Caller) or (isinstance(actor, User) and not may_set_policy(actor)):
        raise PermissionDenied("Only a manager publishes a policy.")
    if not reason.strip():
        raise ValueError("Say in a few words why the policy changes; the reason is kept with the revision.")
    policy = parse(document)
    publishing_lock()
    reused = keys_reused(policy.document())
    if reused:
        raise PolicyInvalid(reused)
    latest = PolicyRevision.objects.order_by("-number").first()
    if latest is not None and latest.sha256 == policy.sha256:
        return latest
    revision = PolicyRevision.objects.create(
        number=latest.number + 1 if latest else 1,
        document=policy.document(),
        sha256=policy.sha256,
        author=actor if isinstance(actor, User) else None,
        reason=reason.strip(),
        published_at=now,
    )
    PolicyDraft.objects.update(version=F("version") + 1)
    if latest is not None:
        for published in PUBLISHED:
            published(revision, latest, scope, actor, now)
    return revision


def policy_ensure_seeded(*, now: datetime) -> PolicyRevision:
    """The latest revision; the ready policy as revision 1 where there is none. Safe to run side by side."""
    latest = PolicyRevision.objects.order_by("-number").first()
    if latest is not None:
        return latest
    with transaction.atomic():
        publishing_lock()
        # Whoever held the lock before may have published meanwhile.
        latest = PolicyRevision.objects.order_by("-number").first()
        if latest is not None:
            return latest
        return policy_publish(
            actor=System("seed"), document=seed.read(), reason="The ready policy of a new desk.", now=now
        )


def publishing_lock() -> None:
    """Held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", _LOCK)
