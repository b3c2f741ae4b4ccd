"""Settling a claim: what came of it becomes the row's state and the ticket's story, in one transaction.

Every settle first locks the ticket, then takes the row by its lease token in a conditional UPDATE. Nobody's
token any more: somebody else has the row, and nothing is touched.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError, connection, transaction

from channels_social import crash_points
from channels_social.adapter import Channel
from channels_social.connections import connection_of, connection_pause
from channels_social.delivery_claim import Claim, find_after
from channels_social.health import person_needed
from tickets import bulk
from tickets.clock import database_now
from tickets.contract import (
    CannotTell,
    FindResult,
    Found,
    NotSent,
    NotThere,
    Permanent,
    Reauthorise,
    Receipt,
    SendOutcome,
    Unclear,
)
from tickets.models import OutboundPart, OutboundReply, ReplyState, Ticket
from tickets.prepared import Prepared, ask
from tickets.services.audit import tickets_changed
from tickets.services.delivered import address_dead
from tickets.services.handed import look_first_at, reply_handed
from tickets.services.outcomes import parts_record, reply_failed, reply_held, reply_sent, reply_unknown

log = logging.getLogger(__name__)

T = TypeVar("T")

#: A settle is tried for so long; then the lease ends and the row is looked for.
SETTLE_FOR = timedelta(seconds=30)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=2), timedelta(minutes=15)
LONGEST_STATED = timedelta(days=1)
#: Certain refusals without a stated wait after which a person is asked: about three quarters of an hour.
TRIES = 12
#: A second time that nobody can tell is a person's.
UNCLEAR_MOST = 2
WORDS_KEPT = 2_000
#: What `error_code` says of a row whose text the network says it holds already.
ALREADY_THERE = "already_there"


def insist(step: Callable[[], T], *, seconds: float = SETTLE_FOR.total_seconds()) -> T:
    """Run a transaction again, with jitter and on a fresh connection, when the database says deadlock,
    serialization failure, lock time-out, or is gone: what the network has told us is not to be lost for that.
    Raises the last error.
    """
    ends, wait = time.monotonic() + seconds, 0.05
    while True:
        try:
            return step()
        except (OperationalError, InterfaceError) as trouble:
            if connection.in_atomic_block or time.monotonic() + wait > ends:
                raise
            log.warning("settle again in %.2f s: %s", wait, type(trouble).__name__)
            connection.close()
            time.sleep(wait * _jitter())
            wait = min(wait * 2, 2.0)


def part_settle(claim: Claim, part: OutboundPart, receipt: Receipt) -> bool:
    """Store the receipt of a part that others follow; from here on nothing of the row is under way."""
    with transaction.atomic():
        now = database_now()
        mine = OutboundReply.objects.filter(
            pk=claim.reply_id, lease_token=claim.token, state=ReplyState.SENDING
        )
        if not mine.update(send_started_at=None, unclear_count=0):
            return False
        _receipt(part, receipt, now)
        return True


def sent_settle(claim: Claim, part: OutboundPart, receipt: Receipt) -> bool:
    """The last part went: the caller has the message. False: the lease is lost."""
    crash_points.reached("before_settle")
    with transaction.atomic():
        ticket = _ticket(claim)
        values: dict[str, Any] = {
            "reply": claim.reply_id,
            "token": claim.token,
            "part": part.pk,
            "external_id": receipt.external_id,
            "url": receipt.url,
        }
        mine = ask(_SENT, values)
        if not mine:
            return False
        (now,) = mine[0]
        part.external_id, part.url, part.sent_at = receipt.external_id, receipt.url, now
        clause = "WHERE t.reply_id = %s ORDER BY t.number"
        parts = bulk.read_with(OutboundPart, ("reply",), clause, [claim.reply_id], types=("bigint",))
        with bulk.together():
            reply_sent(parts[0].reply, parts, ticket=ticket, sent_at=now, now=now)
        return True


def handed_settle(claim: Claim, part: OutboundPart, receipt: Receipt) -> bool:
    """It lies ready for whoever it is for, and told nobody yet. False: the lease is lost."""
    crash_points.reached("before_settle")
    with transaction.atomic():
        ticket = _ticket(claim)
        return _handed(claim, ReplyState.SENDING, part, receipt, ticket, database_now())


def _handed(
    claim: Claim, held_as: ReplyState, part: OutboundPart, receipt: Receipt, ticket: Ticket, now: datetime
) -> bool:
    until = look_first_at(part.reply, ticket=ticket, now=now)
    reply = _take(
        claim,
        held_as,
        state=ReplyState.HANDED,
        handed_at=now,
        handed_until=until,
        **_CLEAN,
    )
    if reply is None:
        return False
    OutboundPart.objects.filter(pk=part.pk).update(external_id=receipt.external_id, url=receipt.url)
    reply_handed(reply, ticket=ticket, now=now)
    return True


#: The row and its last part, if the lease is still ours; when, by PostgreSQL's clock.
_SENT = Prepared(
    """
WITH mine AS (
    UPDATE tickets_outboundreply
       SET state = 'sent', sent_at = statement_timestamp(), settled_at = statement_timestamp(),
           lease_token = NULL, lease_until = NULL, find_after = NULL,
           error_code = '', error_words = '', held_reason = '', held_by = ''
     WHERE id = %(reply)s AND lease_token = %(token)s AND state = 'sending'
 RETURNING id, sent_at),
received AS (
    UPDATE tickets_outboundpart p SET external_id = %(external_id)s, url = %(url)s, sent_at = mine.sent_at
      FROM mine WHERE p.id = %(part)s AND p.reply_id = mine.id)
SELECT sent_at FROM mine
""",
    {"reply": "bigint", "token": "uuid", "part": "bigint", "external_id": "text", "url": "text"},
)


def trouble_settle(claim: Claim, part: OutboundPart, outcome: SendOutcome, adapter: Channel) -> None:
    """What the adapter raised. Where it concerns the whole account, that is settled after the row."""
    with transaction.atomic():
        if isinstance(outcome, Permanent) and outcome.dead:
            address_dead(conversation_id=claim.conversation_id, code=outcome.code, at=database_now())
        ticket = _ticket(claim)
        now = database_now()
        if isinstance(outcome, Unclear):
            _unclear(claim, outcome, adapter, now)
        elif isinstance(outcome, Permanent):
            _permanent(claim, outcome, ticket, now)
        else:
            _not_sent(claim, outcome, ticket, now)
    _account(part.reply.account_id, outcome, now)


def broken_settle(claim: Claim, held_as: ReplyState) -> None:
    """The desk itself failed on this row: it is held for a person, so that it stops neither its account nor
    its conversation. What may have gone is uncertain, and said so.
    """
    with transaction.atomic():
        ticket = _ticket(claim)
        now = database_now()
        if held_as == ReplyState.WAITING:
            unknown = _take(claim, held_as, state=ReplyState.UNKNOWN, find_after=None, settled_at=now)
            if unknown is not None:
                reply_unknown(unknown, ticket=ticket, now=now)
            return
        held = _take(claim, held_as, state=ReplyState.HELD, held_reason="desk_error", held_by="desk")
        if held is not None:
            reply_held(held, rule="desk_error", ticket=ticket, due_at=now, now=now)


def found_settle(claim: Claim, part: OutboundPart, result: FindResult) -> None:
    """What a search for a row that may have gone has shown.

    Found: sent, when it was begun; or, where parts follow, on with the next. NotThere: again, unless the
    network said that it holds the text, or it is the second time. CannotTell: a person is asked, and nothing
    repeated.
    """
    with transaction.atomic():
        ticket = _ticket(claim)
        now = database_now()
        if isinstance(result, Found):
            _found(claim, part, result.receipt, ticket, now)
            return
        reply = OutboundReply.objects.get(pk=claim.reply_id)
        if (
            isinstance(result, NotThere)
            and reply.error_code != ALREADY_THERE
            and reply.unclear_count < UNCLEAR_MOST
        ):
            again = _take(
                claim,
                ReplyState.WAITING,
                state=ReplyState.QUEUED,
                send_started_at=None,
                find_after=None,
                next_try_at=now,
            )
            if again is not None:
                OutboundPart.objects.filter(pk=part.pk).update(send_started_at=None)
                tickets_changed([ticket.pk])
            return
        words = result.words if isinstance(result, CannotTell) else ""
        unknown = _take(claim, ReplyState.WAITING, state=ReplyState.UNKNOWN, find_after=None, settled_at=now)
        if unknown is not None:
            parts_record(unknown, _sent_parts(unknown), now=now)
            reply_unknown(unknown, ticket=ticket, now=now, words=words)


_CLEAN: dict[str, Any] = {
    "error_code": "",
    "error_words": "",
    "find_after": None,
    "held_reason": "",
    "held_by": "",
}


def _found(claim: Claim, part: OutboundPart, receipt: Receipt, ticket: Ticket, now: datetime) -> None:
    sent_at = part.send_started_at or now
    last = not OutboundPart.objects.filter(reply_id=claim.reply_id, number__gt=part.number).exists()
    if not last:
        goes_on = _take(
            claim,
            ReplyState.WAITING,
            state=ReplyState.QUEUED,
            send_started_at=None,
            unclear_count=0,
            next_try_at=now,
            **_CLEAN,
        )
        if goes_on is not None:
            _receipt(part, receipt, sent_at)
            tickets_changed([ticket.pk])
        return
    if not receipt.told:
        _handed(claim, ReplyState.WAITING, part, receipt, ticket, now)
        return
    reply = _take(claim, ReplyState.WAITING, state=ReplyState.SENT, sent_at=sent_at, settled_at=now, **_CLEAN)
    if reply is not None:
        _receipt(part, receipt, sent_at)
        reply_sent(reply, _parts(reply), ticket=ticket, sent_at=sent_at, now=now)


def _unclear(claim: Claim, outcome: Unclear, adapter: Channel, now: datetime) -> None:
    reply = OutboundReply.objects.get(pk=claim.reply_id)
    started_at = reply.send_started_at or now
    taken = _take(
        claim,
        ReplyState.SENDING,
        state=ReplyState.WAITING,
        find_after=now if outcome.went else find_after(adapter, started_at),
        unclear_count=reply.unclear_count + 1,
        error_code=ALREADY_THERE if outcome.went else "unclear",
        error_words=outcome.words[:WORDS_KEPT],
    )
    if taken is not None:
        tickets_changed([taken.ticket_id])


def _permanent(claim: Claim, outcome: Permanent, ticket: Ticket, now: datetime) -> None:
    reply = _take(
        claim,
        ReplyState.SENDING,
        state=ReplyState.FAILED,
        settled_at=now,
        error_code=outcome.code[:60],
        error_words=outcome.words[:WORDS_KEPT],
    )
    if reply is not None:
        parts_record(reply, _sent_parts(reply), now=now)
        reply_failed(reply, ticket=ticket, now=now)


def _not_sent(claim: Claim, outcome: SendOutcome, ticket: Ticket, now: datetime) -> None:
    reply = OutboundReply.objects.get(pk=claim.reply_id)
    whole = isinstance(outcome, Reauthorise) or (isinstance(outcome, NotSent) and outcome.whole_account)
    stated = _stated_wait(outcome)
    changes: dict[str, Any] = {
        "send_started_at": None,
        "error_code": (getattr(outcome, "code", "") or type(outcome).__name__)[:60],
        "error_words": outcome.words[:WORDS_KEPT],
    }
    if not whole and stated is None and reply.attempts >= TRIES:
        held = _take(
            claim,
            ReplyState.SENDING,
            state=ReplyState.HELD,
            held_reason="not_taken",
            held_by="network",
            **changes,
        )
        if held is not None:
            reply_held(held, rule="not_taken", ticket=ticket, due_at=now, now=now, words=outcome.words)
        taken = held
    else:
        wait = timedelta(0) if whole else stated if stated is not None else back_off(reply.attempts)
        taken = _take(claim, ReplyState.SENDING, state=ReplyState.QUEUED, next_try_at=now + wait, **changes)
    if taken is not None:
        OutboundPart.objects.filter(reply_id=claim.reply_id, external_id="").update(send_started_at=None)


def back_off(attempts: int) -> timedelta:
    """2 s, doubled with each attempt, at most 15 minutes, and up to half of it off so that rows do not march
    in step."""
    doubled: int = 2 ** min(max(attempts - 1, 0), 20)
    wait = min(FIRST_WAIT * doubled, LONGEST_WAIT)
    return wait * _jitter()


def _stated_wait(outcome: SendOutcome) -> timedelta | None:
    """The wait that the network states, within reason: a clock set wrong over there stops nobody for
    years."""
    stated = outcome.retry_after if isinstance(outcome, NotSent) else None
    return None if stated is None else max(timedelta(0), min(stated, LONGEST_STATED))


def _jitter() -> float:
    return random.uniform(0.5, 1)  # noqa: S311 - spreads load, guards nothing


def _account(account_id: int, outcome: SendOutcome, now: datetime) -> None:
    if isinstance(outcome, Reauthorise):
        person_needed(connection_of(account_id), code="reauthorise", words=outcome.words, now=now)
    elif isinstance(outcome, NotSent) and outcome.whole_account:
        stated = _stated_wait(outcome)
        if stated is not None:
            connection_pause(account_id=account_id, until=now + stated, words=outcome.words, now=now)
        else:
            code = outcome.code or "account_refused"
            person_needed(connection_of(account_id), code=code, words=outcome.words, now=now)


def _ticket(claim: Claim) -> Ticket:
    return bulk.read(Ticket, "WHERE id = %s FOR NO KEY UPDATE", [claim.ticket_id], types=("bigint",))[0]


def _take(claim: Claim, held_as: ReplyState, **changes: Any) -> OutboundReply | None:
    """The row, changed and let go of, if the lease was still ours; else None, and nothing changed."""
    mine = OutboundReply.objects.filter(pk=claim.reply_id, lease_token=claim.token, state=held_as)
    if not mine.update(lease_token=None, lease_until=None, **changes):
        return None
    return OutboundReply.objects.select_related("author").get(pk=claim.reply_id)


def _receipt(part: OutboundPart, receipt: Receipt, sent_at: datetime) -> None:
    part.external_id, part.url, part.sent_at = receipt.external_id, receipt.url, sent_at
    OutboundPart.objects.filter(pk=part.pk).update(
        external_id=part.external_id, url=part.url, sent_at=sent_at
    )


def _parts(reply: OutboundReply) -> list[OutboundPart]:
    return list(OutboundPart.objects.filter(reply_id=reply.pk).order_by("number"))


def _sent_parts(reply: OutboundReply) -> list[OutboundPart]:
    return [part for part in _parts(reply) if part.external_id]
