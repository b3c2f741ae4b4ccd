"""Visitors: who they are for us (a token), whether they are here, where else they may be written to, and when we take
nothing of them any more.

A token is shown once, to the browser it was made for; what is stored is its hash. One that is wrong, too old, or of a
visitor who is blocked is nobody's, and whoever asks with it learns nothing of which it was.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import partial

from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.actors import System
from accounts.models import User
from channels_social.models import Visitor, VisitorFile
from tickets import live
from tickets.contract import claim_of
from tickets.models import ChannelAccount, Conversation, Ticket
from tickets.services.audit import event_record, tickets_changed
from tickets.services.errors import NotFound, Refused
from tickets.services.locked import ticket_locked
from tickets.services.people import identity_claims, identity_locked

TOKEN_BYTES, NAME_BYTES = 24, 16
#: A browser that was not here for so long begins anew.
TOKEN_LIVES = timedelta(days=30)
#: One who has never said anything, and was told nothing, is forgotten sooner.
SILENT_LIVES = timedelta(days=2)
#: That a visitor is here is written down so often at most.
SEEN_EVERY = timedelta(seconds=10)
#: What they put ready and nobody sent by then goes.
FILES_LIVE = timedelta(days=1)
AT_ONCE = 500
#: Seconds of tidying at a stretch.
TIDY_FOR = 60.0
#: A visitor who was seen so lately is here: their browser asks, or says that it is there, more often than this.
HERE_FOR = timedelta(seconds=45)
_ACTOR = System("visitor")


def token_hash(token: str) -> bytes:
    """SHA-256: 32 bytes. A token has more bits than anybody can try, so that it needs no salt and no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def visitor_begin(
    *,
    account: ChannelAccount,
    language: str,
    origin: str,
    proven_id: str = "",
    name: str = "",
    token: str = "",
    now: datetime,
) -> tuple[Visitor, str]:
    """A new visitor, and their token, which is nowhere else. proven_id, name: whom the host site's signature says they
    are (already looked at). token: one of `TOKEN_BYTES` that their browser was given before; without one it is made
    now. Raises Refused where the account takes nothing now."""
    if not account.receives:
        raise Refused("closed", _("This chat is closed now. Nothing can be sent here."))
    token = token or secrets.token_urlsafe(TOKEN_BYTES)
    visitor = Visitor.objects.create(
        account=account,
        external_id=secrets.token_hex(NAME_BYTES),
        token_hash=token_hash(token),
        origin=origin[:255],
        language=language,
        name=name[:200],
        proven_id=proven_id[:200],
        seen_at=now,
        created_at=now,
    )
    return visitor, token


def visitor_of_token(token: str, *, now: datetime) -> Visitor | None:
    """Whose token this is, with the account; None for one that is nobody's."""
    found = Visitor.objects.select_related("account").filter(token_hash=token_hash(token)).first()
    return found if found is not None and is_let_in(found, now) else None


def is_let_in(visitor: Visitor, now: datetime) -> bool:
    """Whether their token opens anything."""
    return visitor.blocked_at is None and visitor.seen_at > now - TOKEN_LIVES


def is_here(visitor: Visitor, now: datetime) -> bool:
    """Whether their browser is open at the chat, as far as we know."""
    return visitor.ended_at is None and visitor.seen_at > now - HERE_FOR


def visitor_seen(visitor: Visitor, *, now: datetime) -> None:
    """Their browser is here. Written at most every `SEEN_EVERY`."""
    if now - visitor.seen_at >= SEEN_EVERY:
        visitors_seen([visitor.pk], now=now)
        visitor.seen_at = now


def visitors_seen(ids: Collection[int], *, now: datetime) -> None:
    """The same for several, in one statement; who was seen later stays so."""
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE channels_social_visitor SET seen_at = %s WHERE id = ANY(%s) AND seen_at < %s",
                [now, sorted(ids), now],
            )


def number_take(visitor_id: int, count: int = 1) -> int:
    """The first of the next `count` numbers of a visitor's lines, of either side. Inside the transaction that writes
    the line: the visitor's row stays locked until its end. Raises Visitor.DoesNotExist."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE channels_social_visitor SET last_number = last_number + %s WHERE id = %s RETURNING last_number",
            [count, visitor_id],
        )
        row = cursor.fetchone()
    if row is None:
        raise Visitor.DoesNotExist(f"There is no visitor {visitor_id}.")
    return int(row[0]) - count + 1


def visitor_address_leave(*, visitor: Visitor, address: str, consent: str, now: datetime) -> None:
    """Messages go to this mail address while they are away. address: one that can be written to. consent: the words
    that they agreed to, as they stood on their screen."""
    with transaction.atomic():
        ticket = _ticket_locked(visitor)
        row = Visitor.objects.select_for_update(of=("self",), no_key=True).get(pk=visitor.pk)
        if (row.address, row.consent) == (address, consent):
            return
        row.address, row.address_given_at, row.consent = address, now, consent
        row.save(update_fields=["address", "address_given_at", "consent"])
        identity_claims(account_id=row.account_id, thread_key=row.external_id, claim=_by_mail(address))
        _told_of("address_left", row, ticket, now)


def visitor_address_take_back(*, visitor: Visitor, is_dead: bool = False, now: datetime) -> None:
    """Nothing goes there any more. is_dead: not by their wish; a mailbox says that nobody is there. Again changes
    nothing."""
    with transaction.atomic():
        ticket = _ticket_locked(visitor)
        row = Visitor.objects.select_for_update(of=("self",), no_key=True).get(pk=visitor.pk)
        if not row.address:
            return
        before = _by_mail(row.address)
        identity_claims(account_id=row.account_id, thread_key=row.external_id, claim="", before=before)
        row.address, row.address_given_at, row.consent = "", None, ""
        row.save(update_fields=["address", "address_given_at", "consent"])
        _told_of("address_dead" if is_dead else "address_taken_back", row, ticket, now)


def _by_mail(address: str) -> str:
    """As a mailbox knows whoever writes from it. It is only what they say, until somebody answers from there."""
    return claim_of("email", "", address.lower())


def visitor_end(*, visitor: Visitor, now: datetime) -> None:
    """They have closed the chat. What they put ready and never sent goes. Words of theirs begin it again."""
    with transaction.atomic():
        if Visitor.objects.filter(pk=visitor.pk, ended_at__isnull=True).update(ended_at=now):
            files_remove(list(VisitorFile.objects.filter(visitor=visitor)))
            live.visitor_told(visitor.pk)


def visitors_of(conversations: Iterable[Conversation]) -> list[Visitor]:
    """Whose these are, the latest first."""
    keys = {(each.account_id, each.thread_key) for each in conversations}
    if not keys:
        return []
    rows = Visitor.objects.select_related("account").filter(
        account_id__in={account_id for account_id, _ in keys}, external_id__in={key for _, key in keys}
    )
    found = [row for row in rows if (row.account_id, row.external_id) in keys]
    return sorted(found, key=lambda row: row.created_at, reverse=True)


def agent_types(conversation: Conversation, name: str) -> None:
    """Somebody of ours types to whoever this is with."""
    for visitor in visitors_of([conversation]):
        live.agent_typing(visitor.pk, name)


def visitors_on(ticket: Ticket) -> list[Visitor]:
    return visitors_of(Conversation.objects.filter(ticket=ticket))


def visitor_block(*, actor: User, ticket_id: int, visitor_id: int, now: datetime) -> Visitor:
    """Nothing of theirs is taken any more, and their browser is told no more than one that never was here. Of a person
    whom the host site vouches for: in none of their browsers. Again changes nothing. Raises NotFound."""
    return _blocked(actor, ticket_id, visitor_id, "visitor_blocked", now, now)


def visitor_unblock(*, actor: User, ticket_id: int, visitor_id: int, now: datetime) -> Visitor:
    """The other way. Raises NotFound."""
    return _blocked(actor, ticket_id, visitor_id, "visitor_unblocked", None, now)


def is_blocked_person(account: ChannelAccount, proven_id: str) -> bool:
    """Whether somebody whom the host site vouches for was blocked here."""
    mine = Visitor.objects.filter(account=account, proven_id=proven_id, blocked_at__isnull=False)
    return bool(proven_id) and mine.exists()


def is_blocked_token(account: ChannelAccount, token: str) -> bool:
    """Whether this token is of a visitor who was blocked here."""
    mine = Visitor.objects.filter(account=account, token_hash=token_hash(token), blocked_at__isnull=False)
    return bool(token) and mine.exists()


def files_remove(rows: Collection[VisitorFile]) -> None:
    """Rows first, files after the commit."""
    VisitorFile.objects.filter(pk__in=[row.pk for row in rows]).delete()
    for key in [row.storage_key for row in rows]:
        transaction.on_commit(partial(default_storage.delete, key), robust=True)


def visitors_tidy(*, now: datetime) -> int:
    """Files that nobody sent, and visitors who said nothing, were told nothing and were not here for long. How many
    rows; a flood of them goes in several passes, each a transaction, for `TIDY_FOR` at most."""
    until, gone = time.monotonic() + TIDY_FOR, 0
    while True:
        files, silent = _tidied(now)
        gone += files + silent
        if max(files, silent) < AT_ONCE or time.monotonic() > until:
            return gone


def _tidied(now: datetime) -> tuple[int, int]:
    """One pass: how many files, how many visitors."""
    with transaction.atomic():
        left = VisitorFile.objects.filter(created_at__lt=now - FILES_LIVE).order_by("created_at")
        files = list(left.select_for_update(skip_locked=True)[:AT_ONCE])
        files_remove(files)
        silent = Visitor.objects.filter(
            seen_at__lt=now - SILENT_LIVES, last_number=0, blocked_at__isnull=True, files__isnull=True
        )
        ids = list(silent.order_by("seen_at").values_list("pk", flat=True)[:AT_ONCE])
        _all, gone = Visitor.objects.filter(pk__in=ids, last_number=0, files__isnull=True).delete()
    return len(files), gone.get(Visitor._meta.label, 0)


def _blocked(
    actor: User, ticket_id: int, visitor_id: int, kind: str, at: datetime | None, now: datetime
) -> Visitor:
    with transaction.atomic():
        ticket = ticket_locked(actor, ticket_id)
        one = next((row for row in visitors_on(ticket) if row.pk == visitor_id), None)
        if one is None:
            raise NotFound
        theirs = Visitor.objects.filter(account_id=one.account_id)
        theirs = theirs.filter(proven_id=one.proven_id) if one.proven_id else theirs.filter(pk=one.pk)
        ids = list(
            theirs.filter(blocked_at__isnull=at is not None).order_by("pk").values_list("pk", flat=True)
        )
        if ids:
            Visitor.objects.filter(pk__in=ids).update(blocked_at=at)
            event_record(kind, actor=actor, now=now, ticket_id=ticket.pk, args={"visitors": ids})
            tickets_changed([ticket.pk])
            for pk in ids:
                live.visitor_told(pk)
        one.blocked_at = at
    return one


def _ticket_locked(visitor: Visitor) -> Ticket | None:
    """Before anything of the visitor is locked: whom their words are of, as the inbox does before it locks a ticket,
    and the ticket that their conversation is on."""
    identity_locked(account_id=visitor.account_id, thread_key=visitor.external_id)
    conversation = Conversation.objects.filter(
        account_id=visitor.account_id, thread_key=visitor.external_id, ticket__isnull=False
    )
    ids = list(conversation.values_list("ticket_id", flat=True))
    return Ticket.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=ids).first()


def _told_of(kind: str, visitor: Visitor, ticket: Ticket | None, now: datetime) -> None:
    event_record(
        kind,
        actor=_ACTOR,
        now=now,
        ticket_id=ticket.pk if ticket is not None else None,
        account_id=visitor.account_id if ticket is None else None,
        args={"visitor": visitor.pk},
    )
    if ticket is not None:
        tickets_changed([ticket.pk])
    live.visitor_told(visitor.pk)
