"""From a claim to text that may go: the check, the rendering, the parts, all in one transaction of the row's
own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import User
from channels_social.adapter import Channel
from channels_social.delivery_claim import LEASE, Claim
from channels_social.delivery_files import FILE_MISSING, all_there, apart, attachments_of, files_of
from channels_social.delivery_named import Below, below
from tickets import bulk
from tickets.channels import limit_of, seen_by
from tickets.clock import database_now
from tickets.contract import OutboundMessage
from tickets.line import line
from tickets.models import (
    Conversation,
    OutboundPart,
    OutboundReply,
    ReplyFile,
    ReplyKind,
    ReplyState,
    Ticket,
)
from tickets.prepared import Prepared
from tickets.selectors_presence import first_name
from tickets.services.notice_checks import message_check
from tickets.services.notice_facts import Facts, facts_of
from tickets.services.notices import Go, Hold, Supersede, Verdict, rule_of
from tickets.services.outcomes import reply_held, reply_superseded
from tickets.services.status_links import has_stand_in, link_put, status_link_make

_NOTHING = Below()


@dataclass(frozen=True, slots=True)
class Ready:
    """A row that may go: its parts in order, those that went before among them. link: to the caller's page, where its
    text has the stand-in of one, else ''. files: they go with the first, or each as a part of its own. below: where it
    hangs, for channels whose messages have names. by: who wrote it, where people talk with each other."""

    claim: Claim
    reply: OutboundReply
    conversation: Conversation
    parts: Sequence[OutboundPart]
    link: str = ""
    files: Sequence[ReplyFile] = ()
    below: Below = _NOTHING
    by: str = ""

    def message(self, part: OutboundPart) -> OutboundMessage:
        """`part` for the wire: below the part before it, or below the caller's message."""
        before = next((p.external_id for p in self.parts if p.number == part.number - 1), "")
        message = message_of(
            self.reply,
            self.conversation,
            text=link_put(part.text, self.link),
            number=part.number,
            count=len(self.parts),
            before=before,
            below=self.below,
            by=self.by,
        )
        return replace(message, attachments=attachments_of(self._files(part)))

    def _files(self, part: OutboundPart) -> Sequence[ReplyFile]:
        if not self.files or not apart(self.conversation):
            return self.files if part.number == 1 else ()
        after = part.number - (len(self.parts) - len(self.files))
        return self.files[after - 1 : after] if after > 0 else ()

    def unsent(self) -> list[OutboundPart]:
        return [part for part in self.parts if not part.external_id]

    def under_way(self) -> OutboundPart | None:
        """The part whose bytes may have left, without a receipt."""
        return next((part for part in self.unsent() if part.send_started_at is not None), None)


def message_of(
    reply: OutboundReply,
    conversation: Conversation,
    *,
    text: str,
    number: int = 1,
    count: int = 1,
    before: str = "",
    below: Below = _NOTHING,
    by: str = "",
) -> OutboundMessage:
    return OutboundMessage(
        text=text,
        visibility=seen_by(conversation),
        thread_key=conversation.thread_key,
        in_reply_to=before or reply.in_reply_to or conversation.reply_to or None,
        recipient=conversation.identity.external_id,
        idempotency_key=f"{reply.dedupe_key}#{number}",
        reply_rule=rule_of(conversation),
        automatic=reply.is_automatic,
        after_unclear=reply.unclear_count > 0,
        part=number,
        parts=count,
        conversation=conversation.pk,
        subject=below.subject,
        refers_to=tuple(below.refers_to),
        language=reply.language or conversation.account.language,
        unprompted=reply.kind not in _PLAIN,
        by=by,
        written=reply.kind == ReplyKind.LINK,
    )


def reply_prepare(claim: Claim, adapter: Channel) -> Ready | None:
    """None where nothing is to be sent now: the lease is lost, or the row was held or fell away.

    1. Lock the contact, whose automatic messages are counted, then the ticket, then the row by its token; then
       read them, and what must be known of them.
    2. Parts stored before (a retry): the text stands, go on with them.
    3. A person has written on this ticket, and may still take it back: what would fall away for their message waits as
       long, so that it is there again if they do.
    4. Ask whether it may still go, and what it says; then the network's rule on this very message.
    5. Store the text and its parts, and a whole lease from now; or hold it, or let it fall away.
    """
    with transaction.atomic(), bulk.together():
        reply = _locked(claim)
        if reply is None:
            return None
        ticket, conversation = reply.ticket, reply.conversation
        facts = facts_of(reply, ticket=ticket, conversation=conversation)
        now = facts.now
        reply.attempts += 1
        parts = _stored_parts(reply) if reply.attempts > 1 else []
        begun = any(part.external_id for part in parts)
        if facts.undo_until is not None and not begun and reply.kind not in _BY_HAND:
            _wait(reply, max(facts.undo_until, now + _BEAT))
            return None
        stale = bool(parts)
        verdict = _verdict(
            reply, ticket=ticket, conversation=conversation, parts=parts if begun else [], facts=facts
        )
        files = files_of(reply, conversation) if isinstance(verdict, Go) else []
        if isinstance(verdict, Go) and not begun:
            verdict, parts = _parts(reply, verdict, conversation, adapter, files)
        if not begun and not all_there(files):
            verdict = Hold(FILE_MISSING)
        if isinstance(verdict, Go):
            reply.rendered_at = now
            if not verdict.keeps:
                reply.text = verdict.text
            reply.lease_until = now + LEASE
            _save(reply)
            if not begun:
                if stale:
                    OutboundPart.objects.filter(reply_id=reply.pk).delete()
                bulk.insert(parts)
            link = _link(parts, conversation, now)
            where = below(reply, conversation, adapter)
            return Ready(claim, reply, conversation, parts, link, files, where, _by(reply, adapter))
        _keep_back(reply, verdict, ticket=ticket, now=now)
        return None


#: Kinds that a person writes: what another person is about to say changes nothing about them.
_BY_HAND = (ReplyKind.ANSWER, ReplyKind.RESOLUTION, ReplyKind.DELAY)
_BEAT = timedelta(seconds=1)


def _wait(reply: OutboundReply, until: datetime) -> None:
    """Back into the line, as if it had not been claimed."""
    reply.state, reply.lease_token, reply.lease_until = ReplyState.QUEUED, None, None
    reply.next_try_at = until
    bulk.update([reply], ("state", "lease_token", "lease_until", "next_try_at"))


def _verdict(
    reply: OutboundReply,
    *,
    ticket: Ticket,
    conversation: Conversation,
    parts: Sequence[OutboundPart],
    facts: Facts,
) -> Verdict:
    if parts:  # half of it stands there already: the rest belongs to it
        rule = None if conversation.account.answers else "account_mode"
        return Hold(rule) if rule else Go(reply.text, keeps=True)
    return message_check(reply, ticket=ticket, conversation=conversation, facts=facts)


def _parts(
    reply: OutboundReply, go: Go, conversation: Conversation, adapter: Channel, files: Sequence[ReplyFile]
) -> tuple[Verdict, list[OutboundPart]]:
    visibility = seen_by(conversation)
    limit = limit_of(conversation.account, adapter.length_limit(visibility), visibility)
    texts = [go.text]
    if limit is not None and adapter.length(go.text) > limit:
        if not adapter.capabilities.splits:
            if reply.rendered_at is None and not reply.text:
                # A manager may make the words shorter: then it goes with those.
                reply.template_revision_id = None
            return Hold("too_long"), []
        texts = adapter.split_text(go.text, limit)
    if files and apart(conversation):
        texts += [""] * len(files)
    allowed = adapter.may_reply(message_of(reply, conversation, text=texts[0], count=len(texts)))
    if not allowed.allowed:
        return Hold(allowed.rule, by="network"), []
    return go, [OutboundPart(reply=reply, number=n, text=text) for n, text in enumerate(texts, 1)]


def _keep_back(reply: OutboundReply, verdict: Hold | Supersede, *, ticket: Ticket, now: datetime) -> None:
    reply.lease_token = reply.lease_until = None
    if isinstance(verdict, Hold):
        reply.state, reply.held_reason, reply.held_by = ReplyState.HELD, verdict.rule, verdict.by
        _save(reply)
        reply_held(reply, rule=verdict.rule, ticket=ticket, due_at=now, now=now)
    else:
        reply.state, reply.held_reason, reply.settled_at = ReplyState.SUPERSEDED, verdict.reason, now
        _save(reply)
        reply_superseded(reply, reason=verdict.reason, not_told=verdict.not_told, ticket=ticket, now=now)


_SAVED = (
    "state",
    "lease_token",
    "lease_until",
    "held_reason",
    "held_by",
    "settled_at",
    "attempts",
    "text",
    "language",
    "template_revision",
    "rendered_at",
    "tells_for",
    "tells_kind",
    "tells_reason",
    "in_reply_to",
)


#: What else the check of a notice may set: its reason with its proof.
_SAVED_OF_NOTICE = (*_SAVED, "args")
_PLAIN = (ReplyKind.ACKNOWLEDGEMENT, ReplyKind.ANSWER)


def _save(reply: OutboundReply) -> None:
    bulk.update([reply], _SAVED if reply.kind in _PLAIN else _SAVED_OF_NOTICE)


def ready_again(claim: Claim, reply: OutboundReply) -> Ready:
    """A row whose text and parts stand already, as they are now."""
    parts, conversation = _stored_parts(reply), _conversation(reply.conversation_id)
    link, files = _link(parts, conversation, database_now()), files_of(reply, conversation)
    return Ready(claim, reply, conversation, parts, link, files)


def _by(reply: OutboundReply, adapter: Channel) -> str:
    """Who speaks, where people talk with each other."""
    if reply.author_id is None or reply.is_automatic or not adapter.capabilities.live:
        return ""
    return first_name(str(User.objects.get(pk=reply.author_id)))


def _link(parts: Sequence[OutboundPart], conversation: Conversation, now: datetime) -> str:
    wanted = any(has_stand_in(part.text) for part in parts)
    return status_link_make(conversation, now=now) if wanted else ""


def _stored_parts(reply: OutboundReply) -> list[OutboundPart]:
    return bulk.read(OutboundPart, "WHERE reply_id = %s ORDER BY number", [reply.pk])


def _conversation(conversation_id: int) -> Conversation:
    """With its account and its identity."""
    return bulk.read_with(Conversation, ("account", "identity"), "WHERE t.id = %s", [conversation_id])[0]


def _locked(claim: Claim) -> OutboundReply | None:
    """The row with its ticket and conversation, all locked; None where the lease is lost. One way to the server.

    They are read by a statement of its own, after the locks: what these guard may have changed while we waited.
    The commit need not wait for the disk. Should PostgreSQL itself crash before it is there, the row is as it was
    before, and nothing has left: the commit of `send_started_at`, which does wait, flushes this one first
    (docs/adr/0007).
    """
    mine, ours = line(), [claim.reply_id, claim.token]
    found = bulk.read_with(
        OutboundReply,
        ("ticket", "conversation", "conversation.account", "conversation.identity"),
        "WHERE t.id = %s AND t.lease_token = %s AND t.state = 'sending'",
        ours,
        first=(
            _FLUSH_LATER + "".join([f"{lock.on(mine)}; " for lock in _LOCKS]),
            [claim.conversation_id, claim.ticket_id, *ours],
        ),
        types=("bigint", "uuid"),
    )
    return found[0] if found else None


_FLUSH_LATER = "SET LOCAL synchronous_commit = off; "
#: In their order: contact, ticket, row.
_LOCKS = (
    Prepared(
        """SELECT 1 FROM tickets_contact
            WHERE id = (SELECT contact_id FROM tickets_conversation WHERE id = %s) FOR NO KEY UPDATE""",
        ("bigint",),
    ),
    Prepared("SELECT 1 FROM tickets_ticket WHERE id = %s FOR NO KEY UPDATE", ("bigint",)),
    Prepared(
        """SELECT 1 FROM tickets_outboundreply
            WHERE id = %s AND lease_token = %s AND state = 'sending' FOR UPDATE""",
        ("bigint", "uuid"),
    ),
)
