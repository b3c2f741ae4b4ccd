"""Revisions of the words: made once, never changed, read by id and kept in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.access import may_set_policy
from accounts.actors import Actor, Caller, System
from accounts.models import User
from tickets.models import TextRevision
from tickets.selectors_texts import known_longest, newest_id, spots_by_manner, words_of
from tickets.services.audit import event_record
from tickets.services.errors import Changed, Refused
from tickets.texts.document import Words, WordsInvalid, completed, digest, parse, read, seed
from tickets.texts.faults import Fault, faults_of
from tickets.texts.fits import Misfit, misfits
from tickets.texts.places import Place, Text, fields_by_where, shape_faults, text_at, with_text

__all__ = ["words_of"]

#: Class of the advisory lock that makes numbers of revisions follow each other; any number of our own would
#: do.
_LOCK = 7_301
REASON_MOST = 200


class TextRefused(Refused):
    """Words that cannot be put in use. faults, misfits: what is wrong, each with its place."""

    def __init__(self, faults: Sequence[Fault], misfits: Sequence[Misfit]) -> None:
        self.faults, self.misfits = tuple(faults), tuple(misfits)
        super().__init__("text", _("These words can't be put in use yet; what is wrong stands beside them."))


class TextChanged(Changed):
    """Somebody else put other words in use there since the page was made. by: None for the desk itself."""

    def __init__(self, by: User | None, at: datetime, standing: Text) -> None:
        self.by, self.at, self.standing = by, at, standing
        words = _("%(who)s has changed this text meanwhile.") % {"who": by} if by else ""
        super().__init__("text", words or _("This text was changed meanwhile."))


def texts_publish(*, actor: Actor, document: Mapping[str, Any], reason: str, now: datetime) -> TextRevision:
    """A new revision, in force from its commit. The same words as the newest make none. Raises WordsInvalid,
    PermissionDenied for who may not set the words."""
    _may(actor)
    words = parse(document)
    with transaction.atomic():
        newest = _newest_locked()
        if newest is not None and newest.sha256 == digest(words.document()):
            return newest
        return _insert(actor, words, newest, reason=reason, now=now)


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


def words_current(now: datetime) -> tuple[int, Words]:
    """(id, words) of the newest revision: one look-up by index."""
    newest = newest_id()
    pk = newest if newest is not None else texts_ensure_seeded(now).pk
    return pk, words_of(pk)


def text_save(
    *, actor: User, place: Place, text: Text, seen: int, reason: str, now: datetime
) -> TextRevision:
    """Put these words in use there, as a new revision; what was rendered before keeps its own. The words that stand
    already make none. Raises TextRefused, TextChanged, Refused, PermissionDenied.

    1. Managers only. A reason is kept with the revision.
    2. Publishing goes one at a time. Changed: another wording of this very text since revision `seen`, on which the
       page was made; other texts may have changed.
    3. Refused: what `text_check` finds.
    """
    _may(actor)
    reason = " ".join(reason.replace("\0", "").split())
    if not reason:
        raise Refused("reason", _("Say in a few words why the text changes; that is kept with it."))
    if len(reason) > REASON_MOST:
        raise Refused("reason", _("At most %(most)s characters, please.") % {"most": REASON_MOST})
    wanted = text_cleaned(place, text)
    with transaction.atomic():
        newest = _newest_locked()
        page_of = TextRevision.objects.filter(number=seen).values_list("pk", flat=True).first()
        if newest is None or page_of is None:
            raise Refused("form", _("The form is incomplete; reload the page and send it again."))
        words = words_of(newest.pk)
        standing = text_at(words, place)
        if wanted == standing:
            return newest
        if standing != text_at(words_of(page_of), place):
            raise TextChanged(newest.author, newest.published_at, standing)
        faults, too_long = text_check(words, place, wanted)
        if faults or too_long:
            raise TextRefused(faults, too_long)
        made = read(with_text(completed(words), place, wanted))
        return _insert(actor, made, newest, reason=reason, now=now, place=place)


def text_check(words: Words, place: Place, text: Text) -> tuple[list[Fault], list[Misfit]]:
    """What is wrong with these words there, and where they are too long; nothing is written. Faults of other texts that
    stand already are not this one's."""
    faults = shape_faults(place, text)
    if faults:
        return faults, []
    before = read(completed(words))
    try:
        after = read(with_text(before.document(), place, text))
    except WordsInvalid:
        return [Fault(place.where, "missing")], []
    known, mine = set(faults_of(before)), fields_by_where(place, words.languages)
    faults = [fault for fault in faults_of(after) if fault.where in mine or fault not in known]
    spots, longest = spots_by_manner(), known_longest()
    too_long = misfits(after, spots, longest, place)
    if place.path and too_long:
        stood = {each.key for each in misfits(before, spots, longest, place)}
        too_long = [each for each in too_long if each.key not in stood]
    return faults, too_long


def text_cleaned(place: Place, text: Text) -> dict[str, dict[str, str]]:
    """With the line breaks that people mean, and none at the ends; a line and a subject are one line."""
    found = {}
    for key, fields in text.items():
        plain = {name: fields.get(name, "").replace("\0", "").replace("\r\n", "\n") for name in place.fields}
        found[key] = {
            name: words.strip() if name in ("body", "public", "spoken") else " ".join(words.split())
            for name, words in plain.items()
        }
    return found


def _may(actor: Actor) -> None:
    if isinstance(actor, Caller) or (isinstance(actor, User) and not may_set_policy(actor)):
        raise PermissionDenied("Only a manager changes the texts.")


def _newest_locked() -> TextRevision | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [_LOCK])
    return TextRevision.objects.select_related("author").order_by("-number").first()


def _insert(
    actor: Actor,
    words: Words,
    newest: TextRevision | None,
    *,
    reason: str,
    now: datetime,
    place: Place | None = None,
) -> TextRevision:
    document = words.document()
    revision = TextRevision.objects.create(
        number=(newest.number if newest is not None else 0) + 1,
        document=document,
        sha256=digest(document),
        author=actor if isinstance(actor, User) else None,
        reason=reason,
        published_at=now,
    )
    args: dict[str, Any] = {"number": revision.number}
    if place is not None:
        args["text"] = place.where
    event_record("texts_published", actor=actor, now=now, args=args)
    return revision
