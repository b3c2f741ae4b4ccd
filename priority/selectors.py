"""Reads of the policy: which revision is in force, and a revision as a ready policy."""

from __future__ import annotations

from threading import Lock
from typing import Any

from priority import clock
from priority.matcher import matcher_of
from priority.models import PolicyDraft, PolicyRevision
from priority.policy import Policy, PolicyInvalid, parse


class NoPolicy(LookupError):
    """There is no revision yet, or none with this id."""


#: SQL for the id of the revision in force, for those who ask it beside other things.
NEWEST_ID = "SELECT id FROM priority_policyrevision ORDER BY number DESC LIMIT 1"

_ready: dict[int, Policy] = {}
_revisions: dict[int, PolicyRevision] = {}
_lock = Lock()
_KEPT = 64


def policy_current() -> PolicyRevision:
    """The revision in force, without its document: one look-up by index. Raises NoPolicy."""
    revision = PolicyRevision.objects.defer("document").order_by("-number").first()
    if revision is None:
        raise NoPolicy("No policy is published. Run priority.services.policy_ensure_seeded, or publish one.")
    return revision


def revision_of(revision_id: int) -> PolicyRevision:
    """The revision without its document, read once per process: rows never change. Raises NoPolicy."""
    found = _revisions.get(revision_id)
    if found is None:
        found = PolicyRevision.objects.defer("document").filter(pk=revision_id).first()
        if found is None:
            raise NoPolicy(f"There is no policy revision with id {revision_id}.")
        with _lock:
            if len(_revisions) >= _KEPT:
                _revisions.clear()
            _revisions[revision_id] = found
    return found


def policy_of(revision_id: int) -> Policy:
    """The revision's policy, parsed and compiled once per process; rows never change, so it stays true.

    Raises NoPolicy; PolicyInvalid where the document is not what its SHA-256 says.
    """
    found = _ready.get(revision_id)
    if found is not None:
        return found
    revision = PolicyRevision.objects.filter(pk=revision_id).first()
    if revision is None:
        raise NoPolicy(f"There is no policy revision with id {revision_id}.")
    policy = parse(revision.document)
    if policy.sha256 != revision.sha256:
        raise PolicyInvalid(
            [f"revision {revision.number} is not the document that was published: SHA-256 differs"]
        )
    matcher_of(policy)
    for calendar in policy.calendars:
        if not calendar.round_the_clock:
            clock.timeline(calendar)
    with _lock:
        if len(_ready) >= _KEPT:
            _ready.clear()
        _ready[revision_id] = policy
    return policy


def draft_current() -> PolicyDraft | None:
    """The draft that stands, with who saved it last."""
    return PolicyDraft.objects.select_related("edited_by", "base").defer("base__document").first()


def document_in_force() -> tuple[PolicyRevision, dict[str, Any]]:
    """The revision in force and its document, which is a copy: rows never change, so it is read once per process."""
    revision = policy_current()
    return revision, policy_of(revision.pk).document()


def revisions_page(*, before: int | None, most: int) -> list[PolicyRevision]:
    """Revisions with their authors, the newest first, below the number `before`; without their documents."""
    rows = PolicyRevision.objects.select_related("author").defer("document").order_by("-number")
    if before is not None:
        rows = rows.filter(number__lt=before)
    return list(rows[:most])


def revision_numbered(number: int) -> PolicyRevision | None:
    """Without its document."""
    rows = PolicyRevision.objects.select_related("author").defer("document")
    return rows.filter(number=number).first() if 0 < number < 2**31 else None


def revision_before(number: int) -> PolicyRevision | None:
    """The one that it followed, without its document."""
    return next(iter(revisions_page(before=number, most=1)), None)
