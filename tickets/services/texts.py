"""Revisions of the words: made once, never changed, read by id and kept in memory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from accounts.actors import Actor, System
from accounts.models import User
from tickets.models import TextRevision
from tickets.services.audit import event_record
from tickets.texts.document import Words, completed, digest, parse, read, seed

#: Class of the advisory lock that makes numbers of revisions follow each other; any number of our own would
#: do.
_LOCK = 7_301


def texts_publish(*, actor: Actor, document: Mapping[str, Any], reason: str, now: datetime) -> TextRevision:
    """A new revision, in force from its commit. The same words as the newest make none. Raises
    WordsInvalid."""
    words = parse(document)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [_LOCK])
        newest = TextRevision.objects.order_by("-number").first()
        if newest is not None and newest.sha256 == digest(words.document()):
            return newest
        revision = TextRevision.objects.create(
            number=(TextRevision.objects.aggregate(most=Max("number"))["most"] or 0) + 1,
            document=words.document(),
            sha256=digest(words.document()),
            author=actor if isinstance(actor, User) else None,
            reason=reason,
            published_at=now,
        )
        event_record("texts_published", actor=actor, now=now, args={"number": revision.number})
    return revision


def texts_ensure_seeded(now: datetime) -> TextRevision:
    """The newest revision; the ready-made texts become the first where there is none.

    One of an earlier version of the desk gets what came since as a new revision, the rest of it as it was: a notice
    whose words are missing would be held back. Raises WordsInvalid where a language of it has no ready-made texts.
    """
    newest = TextRevision.objects.order_by("-number").first()
    if newest is None:
        return texts_publish(
            actor=System("seed"),
            document=seed().document(),
            reason="ready-made texts",
            now=now,
        )
    whole = completed(words_of(newest.pk))
    if digest(whole) == newest.sha256:
        return newest
    return texts_publish(
        actor=System("seed"), document=whole, reason="ready-made texts that are new", now=now
    )


@lru_cache(maxsize=32)
def words_of(revision_id: int) -> Words:
    """The words of a revision, one of an earlier version too. Raises TextRevision.DoesNotExist."""
    return read(TextRevision.objects.only("document").get(pk=revision_id).document)


def words_current(now: datetime) -> tuple[int, Words]:
    """(id, words) of the newest revision."""
    newest = TextRevision.objects.order_by("-number").values_list("pk", flat=True).first()
    pk = newest if newest is not None else texts_ensure_seeded(now).pk
    return pk, words_of(pk)
