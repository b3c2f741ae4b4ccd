"""The managers' list of why no reply is needed. A key, once given, keeps its meaning for ever: tickets hold it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.access import may_set_policy
from accounts.models import User
from tickets.models import LOOK_AGAIN, NoReplyReason
from tickets.services.audit import event_record
from tickets.services.errors import NotFound, Refused

NAME_MOST = 80
#: As many as can be chosen from at a glance; those that are offered no more do not count.
MOST = 20
_KEY_MOST = 40
#: Codes that the desk itself stores as a reason (tickets/services/triage*.py): never a reason of the list.
RESERVED = frozenset({"removed_by_author", "not_addressed", LOOK_AGAIN})
_LOCK = 7_311


def no_reply_reason_add(*, actor: User, names: Mapping[str, str], now: datetime) -> NoReplyReason:
    """A new reason, last in the list. `names`: language → words. Raises NotFound for who may not; Refused."""
    _manager(actor)
    words = _names_checked(names)
    with transaction.atomic():
        _one_at_a_time()
        if NoReplyReason.objects.filter(is_active=True).count() >= MOST:
            raise Refused("most", _("There are enough reasons: take one out of the list first."))
        _not_twice(words, None)
        last = NoReplyReason.objects.aggregate(last=Max("position"))["last"] or 0
        made = NoReplyReason.objects.create(
            key=_key(next(iter(words.values()))), names=words, position=last + 1, created_at=now
        )
        event_record("policy_reason_added", actor=actor, now=now, args={"key": made.key})
    return made


def no_reply_reason_rename(
    *, actor: User, key: str, names: Mapping[str, str], now: datetime
) -> NoReplyReason:
    """Other words for the same meaning; tickets show them from now on. Raises NotFound, Refused."""
    _manager(actor)
    words = _names_checked(names)
    with transaction.atomic():
        _one_at_a_time()
        row = _row(key)
        _not_twice(words, row)
        row.names = words
        row.save(update_fields=["names"])
        event_record("policy_reason_renamed", actor=actor, now=now, args={"key": key})
    return row


def no_reply_reason_switch(*, actor: User, key: str, is_active: bool, now: datetime) -> NoReplyReason:
    """Offer it no more, or again; what has it keeps it. The last one stays. Raises NotFound, Refused."""
    _manager(actor)
    with transaction.atomic():
        _one_at_a_time()
        row = _row(key)
        if row.is_active == is_active:
            return row
        others = NoReplyReason.objects.filter(is_active=True).exclude(pk=row.pk).count()
        if not is_active and not others:
            raise Refused("last", _("This is the last reason: nothing could be put away without one."))
        if is_active and others >= MOST:
            raise Refused("most", _("There are enough reasons: take one out of the list first."))
        row.is_active = is_active
        row.save(update_fields=["is_active"])
        kind = "policy_reason_offered" if is_active else "policy_reason_taken_out"
        event_record(kind, actor=actor, now=now, args={"key": key})
    return row


def no_reply_reason_move(
    *, actor: User, key: str, way: Literal["up", "down"], now: datetime
) -> NoReplyReason:
    """One place up or down among those that are offered; at the end of the list nothing happens. Raises NotFound,
    Refused."""
    _manager(actor)
    if way not in ("up", "down"):
        raise Refused("way", _("Move it up or down."))
    with transaction.atomic():
        _one_at_a_time()
        row = _row(key)
        rows = list(NoReplyReason.objects.filter(is_active=True).order_by("position", "pk"))
        at = next((place for place, each in enumerate(rows) if each.pk == row.pk), None)
        to = at + (1 if way == "down" else -1) if at is not None else -1
        if at is None or not 0 <= to < len(rows):
            return row
        rows[at], rows[to] = rows[to], rows[at]
        for position, each in enumerate(rows, 1):
            each.position = position
        NoReplyReason.objects.bulk_update(rows, ["position"])
        event_record("policy_reason_moved", actor=actor, now=now, args={"key": key, "way": way})
    row.refresh_from_db()
    return row


def _manager(actor: User) -> None:
    if not may_set_policy(actor):
        raise NotFound


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [_LOCK])


def _row(key: str) -> NoReplyReason:
    row = NoReplyReason.objects.select_for_update().filter(key=key).first()
    if row is None:
        raise NotFound
    return row


def _names_checked(names: Mapping[str, str]) -> dict[str, str]:
    """Words in every language of the desk, each in one line."""
    words = {}
    for code, language in settings.LANGUAGES:
        said = " ".join(names.get(code, "").replace("\0", "").split())
        if not said:
            raise Refused(
                "names", _("Say it in every language: %(language)s is missing.") % {"language": language}
            )
        if len(said) > NAME_MOST:
            raise Refused("names", _("This is too long: at most %(most)s characters.") % {"most": NAME_MOST})
        words[code] = said
    return words


def _not_twice(words: Mapping[str, str], row: NoReplyReason | None) -> None:
    folded = {language: said.casefold() for language, said in words.items()}
    mine = {row.pk} if row is not None else set[int]()
    for other in NoReplyReason.objects.exclude(pk__in=mine):
        if any(folded.get(language) == str(said).casefold() for language, said in other.names.items()):
            raise Refused("twice", _("This reason is in the list already, or was; offer that one again."))


def _key(name: str) -> str:
    """From the words, as far as they go; a number behind it where it was given before."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[: _KEY_MOST - 4].rstrip("_") or "reason"
    taken = {*NoReplyReason.objects.filter(key__startswith=stem).values_list("key", flat=True), *RESERVED}
    key, number = stem, 1
    while key in taken:
        number += 1
        key = f"{stem}_{number}"
    return key
