"""Writes of the draft: the one next revision, on which several managers may work.

1. Each save names the version it was made on. Another one than the draft's is refused with DraftChanged, which says who
   saved and when; the page keeps what was typed.
2. A document that is no policy is kept all the same: its faults are told, and it cannot be published.
3. Where no draft stands, the version is `version_without_draft(revision)`: 0 or less, and another one for each revision
   in force. So a page made before somebody published does not fit any more.
Lock order: the lock of publishing, the draft's row.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.access import may_set_policy
from accounts.actors import Actor, Caller, actor_columns
from accounts.errors import Changed, Refused
from accounts.models import User
from priority import selectors
from priority.diff import settled
from priority.models import DraftStep, PolicyDraft, PolicyDraftEvent, PolicyRevision
from priority.policy import canonical, parse
from priority.services import Scope, policy_publish, publishing_lock

#: What a draft may have begun as, beside the revision in force.
ORIGINS: Final = ("restored", "imported", "preset")
REASON_MOST = 400
_WORDS_MOST = 200

What: TypeAlias = Literal["saved", "published", "gone"]
Change: TypeAlias = Callable[[dict[str, Any]], None]
"""Mutates a deep copy of the draft's document."""


class DraftChanged(Changed):
    """The draft is not the one that the page was made of. by: who was first, None for the desk itself; at: when; what:
    they saved it, published a revision, or threw it away (gone)."""

    def __init__(self, by: User | None, at: datetime | None, what: What = "saved") -> None:
        self.by, self.at = by, at
        super().__init__(what, _changed_words(by, what))


def version_without_draft(revision: PolicyRevision) -> int:
    """The version that a page names which shows this revision because there is no draft."""
    return -revision.number


@transaction.atomic
def draft_open(*, actor: Actor, now: datetime) -> PolicyDraft:
    """The draft that stands, else a new one of the revision in force."""
    _may(actor)
    standing = _standing()
    if standing is None:
        publishing_lock()
        standing = _standing() or _opened(_begun(), actor, now)
    return standing


@transaction.atomic
def draft_change(
    *, actor: Actor, version: int, change: Change, words: str = "", now: datetime
) -> PolicyDraft:
    """The draft with this change; opens one where none stands. Where nothing changes nothing is written: the draft
    comes back of the version that was named, and not stored where none stands.

    Raises DraftChanged, Refused for what no database keeps (the character NUL), and what `change` raises.
    """
    _may(actor)
    draft = _at(version)
    document = copy.deepcopy(draft.document)
    change(document)
    if _says_the_same(document, draft.document):
        return draft
    _keep(draft, document, actor=actor, now=now)
    _event(DraftStep.CHANGED, draft.version, actor=actor, words=words, now=now)
    return draft


@transaction.atomic
def draft_replace(
    *, actor: Actor, version: int, document: Mapping[str, Any], origin: Mapping[str, Any], now: datetime
) -> PolicyDraft:
    """A draft that begins as another document: a revision restored, a file, a preset. origin["kind"] is of ORIGINS.

    Raises DraftChanged where somebody else saved since `version`: their work would be gone without a word.
    """
    _may(actor)
    if origin.get("kind") not in ORIGINS:
        raise ValueError(f"{origin!r} is no origin of a draft: its kind is one of {', '.join(ORIGINS)}.")
    draft = _at(version)
    draft.origin = dict(origin)
    _keep(draft, copy.deepcopy(dict(document)), actor=actor, now=now)
    _event(DraftStep.REPLACED, draft.version, actor=actor, words=str(origin["kind"]), now=now)
    return draft


@transaction.atomic
def draft_discard(*, actor: Actor, version: int | None = None, now: datetime) -> None:
    """Throws the draft away; none there is no error. version: only this one, or DraftChanged."""
    _may(actor)
    draft = _standing()
    if draft is None:
        return
    if version is not None and draft.version != version:
        raise _changed(draft)
    _event(DraftStep.DISCARDED, draft.version + 1, actor=actor, now=now)
    draft.delete()


@transaction.atomic
def draft_publish(*, actor: Actor, version: int, reason: str, scope: Scope, now: datetime) -> PolicyRevision:
    """The draft as the next revision.

    Raises PolicyInvalid with every fault, DraftChanged, Refused (reason, unchanged).
    """
    _may(actor)
    publishing_lock()
    draft = _standing()
    if draft is None or draft.version != version:
        raise _changed(draft)
    if not reason.strip():
        raise Refused(
            "reason", _("Write in a few words why the policy changes: it is kept with the revision.")
        )
    if len(reason.strip()) > REASON_MOST:
        raise Refused("reason", _("Write the reason in %(most)d characters at most.") % {"most": REASON_MOST})
    if parse(draft.document).sha256 == selectors.policy_current().sha256:
        raise Refused(
            "unchanged", _("Nothing differs from the policy in force: there is nothing to publish.")
        )
    final = draft.version + 1
    # Before publishing, which tells every draft that stands that it is no longer of the newest revision.
    draft.delete()
    revision = policy_publish(actor=actor, document=draft.document, reason=reason, scope=scope, now=now)
    _event(DraftStep.PUBLISHED, final, actor=actor, revision=revision, now=now)
    return revision


def _may(actor: Actor) -> None:
    if isinstance(actor, Caller) or (isinstance(actor, User) and not may_set_policy(actor)):
        raise PermissionDenied("Only a manager changes the policy.")


def _standing() -> PolicyDraft | None:
    return PolicyDraft.objects.select_for_update(of=("self",)).select_related("edited_by").first()


def _says_the_same(document: Mapping[str, Any], standing: Mapping[str, Any]) -> bool:
    """Whether both would be published as one and the same: a form sends what a document left to its default, too."""
    return canonical(document) == canonical(standing) or canonical(settled(document)) == canonical(
        settled(standing)
    )


def _at(version: int) -> PolicyDraft:
    """The draft of this version, locked; where none stands and the page was of the revision in force, one of that, with
    the lock of publishing held and not stored yet."""
    draft = _standing()
    if draft is None and version <= 0:
        publishing_lock()
        # Whoever held the lock before may have opened one meanwhile.
        draft = _standing()
        if draft is None and version == version_without_draft(selectors.policy_current()):
            return _begun()
    if draft is None or draft.version != version:
        raise _changed(draft)
    return draft


def _begun() -> PolicyDraft:
    """Of the revision in force, not stored."""
    revision = PolicyRevision.objects.order_by("-number").first()
    if revision is None:
        raise selectors.NoPolicy("No policy is published, so there is nothing to begin a draft from.")
    return PolicyDraft(document=revision.document, base=revision, version=version_without_draft(revision))


def _opened(draft: PolicyDraft, actor: Actor, now: datetime) -> PolicyDraft:
    """Stored, with the lock of publishing held: two who open one at the same moment get one."""
    newest = PolicyDraftEvent.objects.aggregate(newest=Max("version"))["newest"] or 0
    draft.version = newest + 1
    draft.edited_by = actor if isinstance(actor, User) else None
    draft.edited_at = now
    draft.save()
    _event(DraftStep.OPENED, draft.version, actor=actor, revision=draft.base, now=now)
    return draft


def _keep(draft: PolicyDraft, document: dict[str, Any], *, actor: Actor, now: datetime) -> None:
    if "\\u0000" in canonical(document):
        raise Refused("nul", _("There is a character in it that no text can hold (NUL). Type it without."))
    if draft.version <= 0:
        _opened(draft, actor, now)
    draft.document = document
    draft.version += 1
    draft.edited_by = actor if isinstance(actor, User) else None
    draft.edited_at = now
    draft.save(update_fields=["document", "origin", "version", "edited_by", "edited_at"])


def _event(
    kind: DraftStep,
    version: int,
    *,
    actor: Actor,
    now: datetime,
    words: str = "",
    revision: PolicyRevision | None = None,
) -> None:
    actor_kind, actor_user, text = actor_columns(actor)
    PolicyDraftEvent.objects.create(
        version=version,
        kind=kind,
        words=words[:_WORDS_MOST],
        revision=revision,
        actor_kind=actor_kind,
        actor_user_id=actor_user,
        actor_text=text,
        at=now,
    )


def _changed(draft: PolicyDraft | None) -> DraftChanged:
    """Who was first, and with what: the last of saving, publishing and throwing away."""
    revision = PolicyRevision.objects.select_related("author").defer("document").order_by("-number").first()
    last = PolicyDraftEvent.objects.select_related("actor_user").order_by("-version").first()
    if revision is not None and (last is None or revision.published_at >= last.at):
        return DraftChanged(revision.author, revision.published_at, "published")
    by, at = (last.actor_user, last.at) if last is not None else (None, None)
    return DraftChanged(by, at, "saved" if draft is not None else "gone")


def _changed_words(by: User | None, what: What) -> str:
    name = str(by) if by is not None else _("Somebody else")
    if what == "published":
        return _("%(name)s published a revision after you opened this page.") % {"name": name}
    if what == "gone":
        return _("%(name)s threw away the draft that this page was made of.") % {"name": name}
    return _("%(name)s saved the draft after you opened this page.") % {"name": name}
