"""Where our next word to a caller hangs: the latest that was said in a conversation, the rule it may be answered by,
and how many automatic messages have gone since."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import connection

from tickets.contract import InboundMessage
from tickets.models import Conversation
from tickets.services.intake_write import Batch
from tickets.services.utterances import Merged


def latest_word(batch: Batch, fresh: Sequence[Merged], by_key: Mapping[str, Conversation]) -> set[int]:
    """Where our next word hangs. Conversations are not saved; ids of those in which a new interaction begins.
    A machine begins none."""
    begun = set()
    for item in fresh:  # by the time the caller spoke
        base = item.base
        if base is None:
            continue
        conversation = by_key[base.thread_key]
        if base.beside:
            _beside(conversation, base.sent_at, batch)
            continue
        conversation.look_up_due_at = batch.now + batch.look_up_within if batch.look_up_within else None
        said_at = min(base.sent_at, batch.now)  # a clock set wrong over there outlasts no later word
        if not _is_later(conversation, said_at, by_machine=bool(item.machine)):
            continue
        conversation.last_inbound_at = said_at
        conversation.reply_to = item.external_id
        _rule_set(conversation, base, by_machine=bool(item.machine))
        if not item.machine:
            begun.add(conversation.pk)
    return begun


def _is_later(conversation: Conversation, said_at: datetime, *, by_machine: bool) -> bool:
    """Whether our next word hangs below what was said then; what a person says goes before a machine's, whenever."""
    last = conversation.last_inbound_at
    machines = bool(conversation.reply_rule.get(_MACHINE))
    if last is None or (machines and not by_machine):
        return True
    return machines == by_machine and said_at >= last


def _beside(conversation: Conversation, sent_at: datetime, batch: Batch) -> None:
    """They spoke, so that we answer there; by what rule and below what stays as the network has it. Where it counts
    automatic messages since their last word, it does not count this one."""
    if batch.account.capabilities.get("automated_per_interaction") is None:
        said_at = min(sent_at, batch.now)
        before = conversation.last_inbound_at
        conversation.last_inbound_at = said_at if before is None else max(before, said_at)


def rule_follow_edit(changed: Sequence[Merged], by_key: Mapping[str, Conversation]) -> None:
    """An edit may take away (or give) what allows an answer: the rule follows the newest version."""
    for item in changed:
        if item.base is None or item.base.version_id != item.newest.version_id:
            continue
        conversation = by_key.get(item.base.thread_key)
        if conversation is not None and conversation.reply_to == item.external_id:
            machine = item.message.machine_rule if item.message is not None else item.machine
            _rule_set(conversation, item.base, by_machine=bool(machine))


#: In a conversation's rule: nobody but a machine has spoken there yet.
_MACHINE = "machine"


def _rule_set(conversation: Conversation, base: InboundMessage, *, by_machine: bool) -> None:
    rule = base.reply_rule
    conversation.reply_rule = {
        "allowed": rule.allowed,
        "rule": rule.rule,
        "until": _iso(rule.until),
        "person_until": _iso(rule.person_until),
    }
    if base.quiet:
        conversation.reply_rule["quiet"] = True
    if rule.lies:
        conversation.reply_rule["lies"] = True
    if by_machine:
        conversation.reply_rule[_MACHINE] = True
    conversation.window_ends_at = rule.until
    conversation.person_window_ends_at = rule.person_until


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def automatic_count(conversation_ids: Collection[int]) -> None:
    """Automatic messages since the caller last spoke: from the rows, since a word may be read after a message of ours
    that went after it was said, and delivery may have counted since these conversations were read."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
UPDATE tickets_conversation c SET automated_since_inbound = (
    SELECT count(*) FROM tickets_outboundreply r
     WHERE r.conversation_id = c.id AND r.is_automatic AND r.state = 'sent' AND r.sent_at >= c.last_inbound_at)
 WHERE c.id = ANY(%s)""",
            [sorted(conversation_ids)],
        )
