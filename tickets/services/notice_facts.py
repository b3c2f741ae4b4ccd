"""What is asked of the database before a message of ours goes, as it stands while the ticket is locked: one statement
for every message, and one more for a notice about a date."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from tickets import bulk
from tickets.contract import BESIDE
from tickets.models import Conversation, OutboundReply, Promise, ReplyState, Ticket
from tickets.prepared import Prepared, ask
from tickets.services.promises import target_kind_of

#: A person's answer that went, or is on its way.
ON_ITS_WAY = (
    ReplyState.QUEUED,
    ReplyState.SENDING,
    ReplyState.WAITING,
    ReplyState.HANDED,
    ReplyState.SENT,
    ReplyState.UNKNOWN,
)


@dataclass(frozen=True, slots=True)
class Facts:
    """is_automated: the network says that a program writes there. is_dead: that nothing ever reaches them there.
    now: when this was asked, by PostgreSQL's clock.
    told: whether the caller was ever told a date on this ticket. answered: whether a person's answer to the caller
    from the desk went or is on its way (one made elsewhere tells no date). due_at: of the target that the date rests
    on.
    below_is_gone: the message we would answer was removed at the network, where one that was redacted here stands.
    opted_out: they want none from this account.
    in_an_hour, in_a_day, on_ticket: other automatic messages that went, or may have gone, to the contact and on the
    ticket. words: the newest revision of the words, if any. desk_stopped: no automatic message leaves from anywhere.
    undo_until: a person has written on this ticket, and may take it back until then; None: nobody has.
    to_address: of an address that somebody has only typed, how many messages went there in a day, or may have, from all
    our accounts; else 0. What they read, or may read, where they had begun did not go there.
    """

    is_automated: bool
    is_dead: bool
    now: datetime
    told: bool
    answered: bool
    due_at: datetime | None
    below_is_gone: bool
    opted_out: bool
    in_an_hour: int
    in_a_day: int
    on_ticket: int
    words: int | None
    desk_stopped: bool
    undo_until: datetime | None
    to_address: int = 0


_FACTS = Prepared(
    """
WITH other AS (
    SELECT r.ticket_id, c.contact_id, CASE WHEN r.state = 'sent' THEN r.sent_at ELSE r.rendered_at END AS at
      FROM tickets_outboundreply r JOIN tickets_conversation c ON c.id = r.conversation_id
     WHERE (r.ticket_id = %(ticket)s
            OR r.conversation_id IN (SELECT id FROM tickets_conversation WHERE contact_id = %(contact)s))
       AND r.is_automatic AND r.id <> %(reply)s
       AND (r.state = 'sent' OR (r.state IN ('sending', 'waiting', 'handed', 'unknown') AND r.rendered_at IS NOT NULL)))
SELECT statement_timestamp(),
       EXISTS (SELECT 1 FROM tickets_promise WHERE ticket_id = %(ticket)s),
       EXISTS (SELECT 1 FROM tickets_outboundreply a JOIN tickets_conversation p ON p.id = a.conversation_id
                WHERE a.ticket_id = %(ticket)s AND a.kind = 'answer' AND a.state = ANY(%(states)s)
                  AND p.part = 'caller'),
       (SELECT due_at FROM tickets_target
         WHERE ticket_id = %(ticket)s AND kind = %(target)s AND ended_at IS NULL ORDER BY cycle DESC LIMIT 1),
       EXISTS (SELECT 1 FROM tickets_messagetombstone
                WHERE account_id = %(account)s AND external_id = %(below)s AND NOT starts_with(rule, 'redacted:'))
       OR EXISTS (SELECT 1 FROM tickets_message
                   WHERE account_id = %(account)s AND external_id = %(below)s AND direction = 'in'
                     AND removed_at IS NOT NULL AND NOT starts_with(removed_rule, 'redacted:')),
       EXISTS (SELECT 1 FROM tickets_optout
                WHERE identity_id = %(identity)s AND account_id = %(account)s AND ended_at IS NULL),
       count(*) FILTER (WHERE contact_id = %(contact)s AND at > statement_timestamp() - interval '1 hour'),
       count(*) FILTER (WHERE contact_id = %(contact)s AND at > statement_timestamp() - interval '1 day'),
       count(*) FILTER (WHERE ticket_id = %(ticket)s),
       (SELECT id FROM tickets_textrevision ORDER BY number DESC LIMIT 1),
       EXISTS (SELECT 1 FROM tickets_deskswitch WHERE stopped_at IS NOT NULL),
       (SELECT max(undo_until) FROM tickets_outboundreply
         WHERE ticket_id = %(ticket)s AND state = 'queued' AND undo_until IS NOT NULL)
  FROM other
""",
    {
        "reply": "bigint",
        "ticket": "bigint",
        "identity": "bigint",
        "contact": "bigint",
        "account": "bigint",
        "below": "text",
        "target": "text",
        "states": "text[]",
    },
)


def facts_of(reply: OutboundReply, *, ticket: Ticket, conversation: Conversation) -> Facts:
    """The contact is locked by the caller, so that two tickets of one person are counted one after the other.

    What was typed with one address are many contacts: these are counted under a lock of the address. Who has told an
    account of ours to stop is not written to because somebody has typed their address there.
    """
    kind = target_kind_of(ticket)
    values: dict[str, Any] = {
        "reply": reply.pk,
        "ticket": ticket.pk,
        "identity": conversation.identity_id,
        "contact": conversation.contact_id,
        "account": conversation.account_id,
        "below": reply.in_reply_to or conversation.reply_to,
        "target": str(kind) if kind else "",
        "states": [str(state) for state in ON_ITS_WAY],
    }
    [found] = ask(_FACTS, values)
    who = conversation.identity
    facts = Facts(who.is_automated, who.dead_at is not None, *found)
    return _of_address(facts, who.claims, reply) if who.claims else facts


def _of_address(facts: Facts, claim: str, reply: OutboundReply) -> Facts:
    """With what is known of the address that was typed. The lock comes after those of the contact and the ticket, and
    nobody who holds it asks for another."""
    kind, scope, external_id = (*claim.split("\n", 2), "", "")[:3]
    ask(_ADDRESS_LOCK, {"claim": claim})
    values = {
        "claim": claim,
        "reply": reply.pk,
        "kind": kind,
        "scope": scope,
        "external_id": external_id,
        "now": facts.now,
    }
    [(went, opted_out, automated, dead)] = ask(_ADDRESS, values)
    return replace(
        facts,
        to_address=went,
        opted_out=facts.opted_out or opted_out,
        is_automated=facts.is_automated or automated,
        is_dead=facts.is_dead or dead,
    )


_ADDRESS_LOCK = Prepared(
    "SELECT pg_advisory_xact_lock(7302, hashtext(%(claim)s))::text",
    {"claim": "text"},
)
_ADDRESS = Prepared(
    """
SELECT (SELECT count(*) FROM tickets_outboundreply r
          JOIN tickets_conversation c ON c.id = r.conversation_id JOIN tickets_identity i ON i.id = c.identity_id
         WHERE i.claims = %(claim)s AND i.claims <> '' AND r.id <> %(reply)s AND NOT starts_with(r.dedupe_key, 'shown:')
           AND r.handed_at IS NULL
           AND (r.state = 'sent' OR (r.state IN ('sending', 'waiting', 'unknown') AND r.rendered_at IS NOT NULL))
           AND (r.kind = 'link_letter' OR NOT EXISTS (
                SELECT 1 FROM tickets_channelaccount a
                 WHERE a.id = r.account_id AND a.capabilities @> '{"spoken": true}'))
           AND coalesce(r.sent_at, r.rendered_at) > %(now)s - interval '1 day'),
       EXISTS (SELECT 1 FROM tickets_optout o JOIN tickets_identity i ON i.id = o.identity_id
                WHERE i.kind = %(kind)s AND i.scope = %(scope)s AND i.external_id = %(external_id)s
                  AND o.ended_at IS NULL),
       coalesce(bool_or(owner.is_automated), false), coalesce(bool_or(owner.dead_at IS NOT NULL), false)
  FROM tickets_identity owner
 WHERE owner.kind = %(kind)s AND owner.scope = %(scope)s AND owner.external_id = %(external_id)s
""",
    {
        "claim": "text",
        "reply": "bigint",
        "kind": "text",
        "scope": "text",
        "external_id": "text",
        "now": "timestamptz",
    },
)


@dataclass(frozen=True, slots=True)
class About:
    """What a notice about a told date needs besides. promise: the one it is about. is_newest: no date was told after.
    person_tells, changed: another message that tells a date, of a person or a date-changed notice, is on its way.
    renewals: overdue notices of the ticket that went, or may have gone, by themselves. below: the caller's newest
    message in the conversation that still stands, '' for none.
    """

    promise: Promise | None
    is_newest: bool
    person_tells: bool
    changed: bool
    renewals: int
    below: str


_ABOUT = Prepared(
    """
SELECT (SELECT id FROM tickets_promise WHERE ticket_id = %(ticket)s ORDER BY told_at DESC, id DESC LIMIT 1),
       count(*) FILTER (WHERE on_its_way AND (NOT is_automatic AND (tells_for IS NOT NULL OR effect = 'asks'))) > 0,
       count(*) FILTER (WHERE on_its_way AND kind = 'date_changed_notice') > 0,
       count(*) FILTER (WHERE is_automatic AND kind = 'overdue_notice'
                          AND (state = 'sent' OR (state <> 'queued' AND on_its_way AND rendered_at IS NOT NULL))),
       coalesce((SELECT external_id FROM tickets_message
                  WHERE conversation_id = %(conversation)s AND direction = 'in'
                    AND NOT starts_with(external_id, %(beside)s)
                    AND (removed_at IS NULL OR starts_with(removed_rule, 'redacted:'))
                  ORDER BY sent_at DESC, id DESC LIMIT 1), '')
  FROM (SELECT *, state IN ('queued', 'sending', 'waiting', 'handed', 'unknown') AS on_its_way
          FROM tickets_outboundreply
         WHERE ticket_id = %(ticket)s AND id <> %(reply)s) other
""",
    {"ticket": "bigint", "conversation": "bigint", "reply": "bigint", "beside": "text"},
)


def about_of(reply: OutboundReply) -> About:
    """Of a row whose ticket is locked."""
    values = {
        "ticket": reply.ticket_id,
        "conversation": reply.conversation_id,
        "reply": reply.pk,
        "beside": BESIDE,
    }
    [(newest, *rest)] = ask(_ABOUT, values)
    clause = "WHERE id = %s"
    promise = bulk.read(Promise, clause, [reply.promise_id])[0] if reply.promise_id is not None else None
    return About(promise, promise is not None and newest == promise.pk, *rest)
