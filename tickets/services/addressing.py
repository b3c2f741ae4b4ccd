"""To whom a word speaks that hangs below another: to us, where that is ours or its author's own.

A parent may come after what hangs below it: then its children are looked at again, so that every order of arrival
ends in the same state. While nobody knows the parent, the adapter's guess stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tickets.contract import Author, OwnMessage
from tickets.models import Direction, Identity
from tickets.services.intake_known import Known
from tickets.services.people import Key
from tickets.services.utterances import Merged, stored


def key_of(author: Author) -> Key:
    return (author.kind, author.scope, author.external_id)


def addressed_by_parents(merged: dict[str, Merged], known: Known, own: Iterable[OwnMessage]) -> None:
    """Decide for everything in the batch that hangs below something, and for what waited for something in the batch;
    the latter joins `merged`."""
    for child in known.children.values():
        if child.external_id not in merged:
            merged[child.external_id] = stored(child)
    hanging = {item: parent for item in merged.values() if (parent := _parent_of(item))}
    if not hanging:
        return
    ours = {one.external_id for one in own} | known.unplaced.keys()
    keys = _stored_keys(merged, known)
    for item, parent in hanging.items():
        by = _author_key(parent, merged, known, keys)
        message = known.messages.get(parent)
        if parent in ours or (message is not None and message.direction == Direction.OUTBOUND):
            item.spoken_to = True
        elif by is not None:
            item.spoken_to = by == _key_of(item, keys)


def _parent_of(item: Merged) -> str:
    if item.base is not None:
        return (item.base.parent_external_id or "") if item.base.addressed_by_parent else ""
    message = item.message
    return message.parent_external_id if message is not None and message.addressed_by_parent else ""


def _author_key(
    external_id: str, merged: Mapping[str, Merged], known: Known, keys: Mapping[int, Key]
) -> Key | None:
    item = merged.get(external_id)
    if item is not None and item.base is not None:
        return key_of(item.base.author)
    message = known.messages.get(external_id)
    if message is None or message.direction != Direction.INBOUND:
        return None
    return keys.get(message.identity_id or 0)


def _key_of(item: Merged, keys: Mapping[int, Key]) -> Key | None:
    if item.base is not None:
        return key_of(item.base.author)
    return keys.get(item.message.identity_id or 0) if item.message is not None else None


def _stored_keys(merged: Mapping[str, Merged], known: Known) -> dict[int, Key]:
    """By identity: whom the messages that are there already are by."""
    rows = [*known.messages.values(), *(one.message for one in merged.values() if one.message is not None)]
    ids = {row.identity_id for row in rows if row.identity_id is not None}
    if not ids:
        return {}
    found = Identity.objects.filter(pk__in=ids).values_list("pk", "kind", "scope", "external_id")
    return {pk: (kind, scope, external_id) for pk, kind, scope, external_id in found}
