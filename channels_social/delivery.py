"""Outbound: from a row of the outbox to a message at the network, never twice by our doing.

    claim (leases, bucket) → prepare (check, render, store) → send_started_at committed → adapter.send,
    outside any transaction → receipt stored, settled by the lease's token

A worker may die between any two of these. Before `send_started_at`: the lease ends and the row is queued
again. After it: the row waits, and is looked for (`find_sent`), before anything else is done with it.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import Literal, TypeAlias

from django.db import InterfaceError, OperationalError

from channels_social import crash_points
from channels_social.adapter import Channel
from channels_social.connections import adapter_for, bridge_of
from channels_social.delivery_claim import (
    Claim,
    accounts_due,
    claims_release,
    finds_claim,
    finds_release,
    leases_expire,
    replies_claim,
    send_started,
)
from channels_social.delivery_handed import handed_due, handed_later, handed_look
from channels_social.delivery_prepare import ready_again, reply_prepare
from channels_social.delivery_settle import (
    ALREADY_THERE,
    broken_settle,
    found_settle,
    handed_settle,
    insist,
    part_settle,
    sent_settle,
    trouble_settle,
)
from channels_social.models import ChannelConnection
from tickets.contract import (
    CannotTell,
    FindResult,
    OutboundMessage,
    Permanent,
    Receipt,
    SendOutcome,
    Unclear,
)
from tickets.models import OutboundPart, OutboundReply, ReplyState
from tickets.prepared import Prepared, ask
from tickets.services.audit import tickets_changed

log = logging.getLogger(__name__)

BATCH = 20
#: A turn begins no further message after so many seconds: the next account is waiting.
TURN = 0.5

#: sent to its end; begun, with parts to go; kept back, or no longer ours; trouble with the network.
Came: TypeAlias = Literal["sent", "begun", "kept", "trouble"]


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a turn did; `more`: there is more to do for this account right now."""

    sent: int = 0
    more: bool = False


def deliver(account_id: int, *, limit: int = BATCH, bridge: ChannelConnection | None = None) -> Delivered:
    """One turn for one account: look for what may have gone, then send up to `limit` rows, for about `TURN`
    seconds.

    Where nothing went, or nobody can tell, the turn ends: what troubles one message mostly troubles the next,
    and the other accounts have waited. A job that has just read `bridge` for the inbox hands it on, and has not
    come to look for anything: beat does.
    """
    ends = time.monotonic() + TURN
    look = bridge is None
    bridge = bridge or bridge_of(account_id)
    if bridge is None:
        return Delivered()
    adapter = adapter_for(bridge)
    finds = finds_claim(account_id, limit=limit) if look else []
    for place, claim in enumerate(finds, 1):
        _look_for(claim, adapter)
        if time.monotonic() > ends:
            finds_release(finds[place:])
            return Delivered(more=True)
    _look_at_handed(account_id, adapter, look=look)
    sent = 0
    claims = replies_claim(account_id, limit=limit)
    more = len(claims) == limit
    for place, claim in enumerate(claims, 1):
        came = _one(claim, adapter, ends)
        sent += came == "sent"
        if came == "trouble" or time.monotonic() > ends:
            claims_release(claims[place:])
            more = came != "trouble" and (more or came == "begun" or place < len(claims))
            break
    if sent:
        ask(_NOTED, {"bridge": bridge.pk})
    return Delivered(sent, more)


def _look_at_handed(account_id: int, adapter: Channel, *, look: bool) -> None:
    """What was not acknowledged in time; what is taken back goes in this very turn."""
    if not (look and adapter.capabilities.acknowledged):
        return
    for reply_id in handed_due(account_id):
        _handed_one(reply_id, adapter)


def _handed_one(reply_id: int, adapter: Channel, *, due: bool = True) -> None:
    """One row that lies ready; the desk's own bug on it keeps nobody else waiting."""
    try:
        insist(lambda: handed_look(reply_id, adapter, due=due))
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("reply %s lies ready, and could not be looked at", reply_id)
        insist(lambda: handed_later(reply_id))


#: Once a second: it is for people who look at the account's health.
_NOTED = Prepared(
    """
UPDATE channels_social_channelconnection SET last_sent_at = clock_timestamp()
 WHERE id = %(bridge)s AND (last_sent_at IS NULL OR last_sent_at < clock_timestamp() - interval '1 second')
""",
    {"bridge": "bigint"},
)


def leases_take_back() -> int:
    """Rows of dead workers go back; returns how many tickets changed by that."""
    changed = leases_expire()
    if changed:
        tickets_changed(changed)
    return len(changed)


def deliver_due() -> int:
    """One pass over everything that is due, in this process: a turn for each account, round and round until
    none has more. Returns how many messages were sent. The worker's way is a job per account
    (`tasks.deliver_due`).
    """
    leases_take_back()
    sent = 0
    due = accounts_due()
    while due:
        again = []
        for account_id in due:
            try:
                done = deliver(account_id)
            except (LookupError, ChannelConnection.DoesNotExist):
                log.exception("account %s cannot be used", account_id)
                continue
            sent += done.sent
            if done.more:
                again.append(account_id)
        due = again
    return sent


def _one(claim: Claim, adapter: Channel, ends: float) -> Came:
    """One row, to its end or, between two parts, to the end of the turn."""
    try:
        ready = insist(lambda: reply_prepare(claim, adapter))
    except (OperationalError, InterfaceError):
        raise
    except (
        Exception
    ):  # the desk's own bug on this row: nothing of it has left, a person is asked, the next row goes
        log.exception("reply %s could not be prepared", claim.reply_id)
        insist(lambda: broken_settle(claim, ReplyState.SENDING))
        return "kept"
    if ready is None:
        return "kept"
    crash_points.reached("after_render")
    unsent = ready.unsent()
    for part in unsent:
        if send_started(claim, part.pk) is None:
            return "kept"
        crash_points.reached("after_store_started")
        try:
            receipt = _send(adapter, ready.message(part))
        except SendOutcome as outcome:
            _settle_trouble(claim, part, outcome, adapter)
            return "kept" if isinstance(outcome, Permanent) else "trouble"
        last = part is unsent[-1]
        if not _settle_receipt(claim, part, receipt, last=last):
            return "kept"
        if not receipt.told:
            crash_points.reached("after_handed")
            _handed_one(claim.reply_id, adapter, due=False)
            return "kept"
        if not last and time.monotonic() > ends:
            claims_release([claim])
            return "begun"
    return "sent"


def _send(adapter: Channel, message: OutboundMessage) -> Receipt:
    """The adapter's send, held to its contract: whatever else it raises may have been after the bytes
    left."""
    try:
        receipt = adapter.send(message)
    except SendOutcome:
        raise
    except Exception as error:  # bytes may have left: whatever it was, only looking can tell
        log.exception("%s: send broke its contract", adapter.slug)
        raise Unclear(f"the adapter failed: {type(error).__name__}") from error
    if not receipt.external_id:
        raise Unclear("the network took it and gave no id")
    if not receipt.told and not (adapter.capabilities.acknowledged and message.parts == 1):
        raise Unclear("the adapter says that it told nobody, and that nobody will say when they have it")
    return receipt


def _settle_receipt(claim: Claim, part: OutboundPart, receipt: Receipt, *, last: bool) -> bool:
    if not receipt.told:
        return insist(lambda: handed_settle(claim, part, receipt))
    if last:
        return insist(lambda: sent_settle(claim, part, receipt))
    return insist(lambda: part_settle(claim, part, receipt))


def _settle_trouble(claim: Claim, part: OutboundPart, outcome: SendOutcome, adapter: Channel) -> None:
    insist(lambda: trouble_settle(claim, part, outcome, adapter))


def _look_for(claim: Claim, adapter: Channel) -> None:
    reply = OutboundReply.objects.filter(
        pk=claim.reply_id, lease_token=claim.token, state=ReplyState.WAITING
    ).first()
    if reply is None:
        return
    ready = ready_again(claim, reply)
    part = ready.under_way()
    if part is None or part.send_started_at is None:
        log.error("reply %s waits to be found, and no part of it is under way", reply.pk)
        insist(lambda: broken_settle(claim, ReplyState.WAITING))
        return
    # Where the network says that it holds the text, an earlier try is what it holds.
    since = reply.created_at if reply.error_code == ALREADY_THERE else part.send_started_at
    result: FindResult
    try:
        result = adapter.find_sent(ready.message(part), since)
    except Exception as error:  # not found out is not "not there": a person is asked
        log.exception("%s: find_sent broke its contract", adapter.slug)
        result = CannotTell(f"the adapter failed: {type(error).__name__}")
    insist(lambda: found_settle(claim, part, result))
