"""Identities and the contacts behind them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from datetime import datetime
from typing import TypeAlias

from django.db.models import Exists, OuterRef

from tickets import bulk
from tickets.contract import Author
from tickets.models import Contact, Identity

Key: TypeAlias = tuple[str, str, str]


_CLAIM_MOST = 420


def identities_of(
    authors: Iterable[Author], *, keys: Iterator[int], any_known: bool, now: datetime
) -> tuple[dict[Key, Identity], Set[int]]:
    """The identity of each author, made with a contact of its own where there is none yet; and those contacts' ids.

    `keys`: for new contacts, at least one an author. `any_known` False: there was none of these identities when it
    was last asked. Inserted in sorted order with ON CONFLICT DO NOTHING, and what was not inserted read back: two
    accounts of one network may meet the same person at once, and unsorted inserts deadlock.
    """
    wanted: dict[Key, Author] = {}
    for author in authors:
        wanted[(author.kind, author.scope, author.external_id)] = author
    if not wanted:
        return {}, frozenset()
    found = _read(wanted) if any_known else {}
    made: set[int] = set()
    missing = [wanted[key] for key in sorted(wanted) if key not in found]
    if missing:
        contacts = [
            Contact(pk=next(keys), name=_bounded(author.name or author.handle), created_at=now)
            for author in missing
        ]
        bulk.insert(contacts)
        new = bulk.insert_new(
            [
                Identity(
                    contact=contact,
                    kind=author.kind,
                    scope=author.scope,
                    external_id=author.external_id,
                    handle=_bounded(author.handle),
                    name=_bounded(author.name),
                    is_automated=author.automated,
                    claims=author.claims.replace("\x00", "")[:_CLAIM_MOST],
                    created_at=now,
                )
                for author, contact in zip(missing, contacts, strict=True)
            ],
            "kind",
            "scope",
            "external_id",
            also=("claims",) if any(author.claims for author in missing) else (),
        )
        found |= {(row.kind, row.scope, row.external_id): row for row in new}
        found |= _read([key for key in wanted if key not in found])
        made = {row.contact_id for row in new}
        unused = [contact.pk for contact in contacts if contact.pk not in made]
        if unused:
            Contact.objects.filter(pk__in=unused).delete()
    renamed = []
    for key, identity in found.items():
        author = wanted[key]
        if author.automated and not identity.is_automated:
            identity.is_automated = True
            renamed.append(identity)
        if author.handle and identity.handle != _bounded(author.handle):
            identity.handle, identity.name = (
                _bounded(author.handle),
                _bounded(author.name),
            )
            renamed.append(identity)
    bulk.update(list(dict.fromkeys(renamed)), ["handle", "name", "is_automated"])
    return found, made


def identity_locked(*, account_id: int, thread_key: str) -> None:
    """Whose thread this is, before any ticket, for whoever changes both."""
    mine = Identity.objects.filter(
        conversations__account_id=account_id, conversations__thread_key=thread_key
    ).values("pk")
    list(Identity.objects.select_for_update(no_key=True).filter(pk__in=mine).order_by("pk").values_list("pk"))


def identity_claims(*, account_id: int, thread_key: str, claim: str, before: str | None = None) -> None:
    """Whom somebody says they are besides, later than their first words (`contract.Author.claims`); '' takes it back,
    where it is still `before`. Who is proven another way (a scope), or to be that already, claims nothing."""
    mine = Identity.objects.filter(
        conversations__account_id=account_id, conversations__thread_key=thread_key, scope=""
    )
    if before is not None:
        mine = mine.filter(claims=before)
    if claim:
        kind, scope, external_id = claim.split("\n", 2)
        proven = Identity.objects.filter(
            kind=kind, scope=scope, external_id=external_id, contact=OuterRef("contact")
        )
        mine = mine.exclude(Exists(proven))
    ids = list(mine.values_list("pk", flat=True))
    Identity.objects.filter(pk__in=ids).update(claims=claim[:_CLAIM_MOST])


def _read(wanted: Iterable[Key]) -> dict[Key, Identity]:
    found: dict[Key, Identity] = {}
    by_space: dict[tuple[str, str], list[str]] = {}
    for kind, scope, external_id in wanted:
        by_space.setdefault((kind, scope), []).append(external_id)
    for (kind, scope), ids in by_space.items():
        for row in bulk.read(Identity, _IN_SPACE, [kind, scope, ids]):
            found[(row.kind, row.scope, row.external_id)] = row
    return found


_IN_SPACE = "WHERE kind = %s AND scope = %s AND external_id = ANY(%s)"


def _bounded(text: str) -> str:
    return text.replace("\x00", "")[:200]
