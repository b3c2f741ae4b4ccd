"""What was said on a ticket, by whom, in which of its conversations, and what became of each message of ours."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tickets.display.numbers import hidden
from tickets.display.words import long_day, without_our_handle
from tickets.filetypes import PICTURES
from tickets.models import (
    Attachment,
    AttachmentKind,
    AttachmentState,
    Conversation,
    Direction,
    Message,
    MessageCopy,
    MessageVersion,
    OptOut,
    OutboundPart,
    OutboundReply,
    Part,
    Promise,
    ReplyFile,
    ReplyState,
    TicketEvent,
)
from tickets.tokens import token

MOST_OF_WORDS = 24
SILENT_EVENTS = frozenset(
    {
        "message_edited",
        "message_removed",
        "message_delivered",
        "message_bounced",
        "message_failed",
        "message_delayed",
        "machine",
        "answered",
        "answer_written",
        "answer_undone",
        "noted",
        "acknowledged",
        "notified",
        "reply_held",
        "reply_handed",
        "reply_unread",
        "reply_superseded",
        "reply_failed",
        "reply_unknown",
    }
)
"""Said beside the message itself, so they make no line of their own."""


@dataclass(frozen=True, slots=True)
class Hung:
    """What hangs on a message. `token` names it in addresses; is_picture: it may be shown where it hangs."""

    row: Attachment
    token: str
    is_kept: bool
    is_picture: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that goes out with a message of ours."""

    row: ReplyFile
    token: str
    is_picture: bool


@dataclass(frozen=True, slots=True)
class Became:
    """What the network told of a message of ours after it was sent. `state`: "delivered", "bounced", "failed";
    "delayed" while it is still being tried. What came back has the network's own words on its row (`error_words`)."""

    state: str
    at: datetime
    code: str


@dataclass(frozen=True, slots=True)
class Said:
    """An utterance of the caller, a note of a colleague, or ours where it came back from the network unasked.

    `also_named`: others of our accounts that the same utterance reached. subject: where it is another one than just
    before. has_more: more was written than is shown. has_look: the whole message as it came is kept. within: how many
    pictures stand in its text, which are shown with its look. is_participant: by somebody else in a thread of the
    caller's.
    """

    at: datetime
    message: Message
    versions: int
    also_named: Sequence[str] = ()
    hung: Sequence[Hung] = ()
    subject: str = ""
    has_more: bool = False
    has_look: bool = False
    within: int = 0
    is_participant: bool = False
    kind: str = "said"

    @property
    def token(self) -> str:
        return token("message", self.message.pk)

    @property
    def is_ours(self) -> bool:
        return self.message.direction != Direction.INBOUND

    @property
    def is_outside(self) -> bool:
        """A person of ours answered at the network, not from here."""
        return self.message.direction == Direction.OUTBOUND


@dataclass(frozen=True, slots=True)
class Replied:
    """A message of ours with what became of it. `token` names it in addresses."""

    at: datetime
    reply: OutboundReply
    token: str
    url: str
    parts_sent: int
    parts: int
    is_told: bool
    files: Sequence[Sent] = ()
    became: Became | None = None
    is_participant: bool = False
    kind: str = "replied"

    @property
    def is_unsure(self) -> bool:
        return self.reply.state == ReplyState.UNKNOWN

    @property
    def is_held(self) -> bool:
        return self.reply.state == ReplyState.HELD


@dataclass(frozen=True, slots=True)
class Happened:
    at: datetime
    event: TicketEvent
    kind: str = "happened"


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the conversation, in the reader's zone."""

    heading: str
    items: Sequence[Said | Replied | Happened]


@dataclass(frozen=True, slots=True)
class Thread:
    """One conversation of the ticket. `token` names it in addresses. `has_joined`: the same caller spoke again here
    while the ticket was open. `opt_out`: its caller wants no automatic messages from this account. `words`: what it
    began with, where nothing else tells it from another one, numbers hidden; else ""."""

    conversation: Conversation
    token: str
    has_joined: bool
    opt_out: OptOut | None
    words: str = ""

    @property
    def is_participant(self) -> bool:
        """With somebody else than the caller, who wrote into a thread of theirs."""
        return self.conversation.part == Part.PARTICIPANT


def threads_of(
    conversations: Sequence[Conversation], messages: Sequence[Message], opt_outs: Sequence[OptOut]
) -> list[Thread]:
    """In the order given. `messages`: of these, the newest first."""
    alike = Counter(_place(each) for each in conversations)
    first = {
        m.conversation_id: m for m in messages if m.direction == Direction.INBOUND and m.removed_at is None
    }
    outs = {(row.identity_id, row.account_id): row for row in opt_outs}
    return [
        Thread(
            conversation=each,
            token=token("conversation", each.pk),
            has_joined=each.joined_at is not None and len(conversations) > 1,
            opt_out=outs.get((each.identity_id, each.account_id)),
            words=_words(first[each.pk], each) if alike[_place(each)] > 1 and each.pk in first else "",
        )
        for each in conversations
    ]


def _place(conversation: Conversation) -> tuple[str, str]:
    return conversation.account.channel, conversation.visibility


def _words(first: Message, conversation: Conversation) -> str:
    words = hidden(without_our_handle(first.body, conversation.account.handle))
    return words if len(words) <= MOST_OF_WORDS else words[: MOST_OF_WORDS - 1].rstrip() + "…"


def versions_of(messages: Sequence[Message]) -> dict[tuple[int, str], int]:
    """By (account, external id): how many versions of an edited message reached us."""
    edited = [m for m in messages if m.edited_at is not None]
    counts: dict[tuple[int, str], int] = {}
    rows = MessageVersion.objects.filter(
        account_id__in={m.account_id for m in edited},
        external_id__in=[m.external_id for m in edited],
    ).values_list("account_id", "external_id")
    for key in rows:
        counts[key] = counts.get(key, 0) + 1
    return counts


def copies_of(copies: Sequence[MessageCopy]) -> dict[tuple[int, str], list[str]]:
    """By (account, external id): others of our accounts that an utterance of a caller reached, by their handles."""
    found: dict[tuple[int, str], list[str]] = {}
    for row in copies:
        found.setdefault((row.first_account_id, row.external_id), []).append(str(row.account))
    return found


def hung_of(row: Attachment) -> Hung:
    kept = row.state == AttachmentState.KEPT
    return Hung(row, token("attachment", row.pk), kept, kept and row.content_type in PICTURES)


def sent_of(row: ReplyFile) -> Sent:
    return Sent(row, token("replyfile", row.pk), row.content_type in PICTURES)


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around the messages of a ticket, each by what it belongs to."""

    parts: Mapping[int, Sequence[OutboundPart]]
    copies: Sequence[MessageCopy]
    attachments: Mapping[int, Sequence[Attachment]]
    files: Mapping[int, Sequence[ReplyFile]]
    participants: frozenset[int]


def days_of(
    messages: Sequence[Message],
    replies: Sequence[OutboundReply],
    events: Sequence[TicketEvent],
    promises: Sequence[Promise],
    *,
    around: Around,
    only: Conversation | None,
    now: datetime,
) -> list[Day]:
    """Everything in the order in which it happened, under its days; `only` this conversation, where one is chosen."""
    versions, named = versions_of(messages), copies_of(around.copies)
    shown_as_reply = {reply.pk for reply in replies}
    told = {promise.reply_id for promise in promises if promise.end_reason != "not_delivered"}
    became, subjects = became_of(events), subjects_of(messages)
    items: list[Said | Replied | Happened] = [
        _said(
            m,
            versions.get((m.account_id, m.external_id), 1),
            named.get((m.account_id, m.external_id), ()),
            around,
            subjects.get(m.pk, ""),
        )
        for m in messages
        if m.reply_id not in shown_as_reply and (only is None or m.conversation_id == only.pk)
    ]
    items += [
        _replied(reply, around, is_told=reply.pk in told, became=became.get(reply.pk))
        for reply in replies
        if (only is None or reply.conversation_id == only.pk) and reply.held_reason != "undone"
    ]
    if only is None:
        items += [Happened(event.at, event) for event in events if event.kind not in SILENT_EVENTS]
    order = {"said": 0, "happened": 1, "replied": 2}
    items.sort(key=lambda item: (item.at, order[item.kind], _pk(item)))
    return _days(items, now=now)


_BECAME = ("delivered", "delayed", "bounced", "failed")


def became_of(events: Sequence[TicketEvent]) -> dict[int, Became]:
    """By reply: what was told last of it. `events`: the newest first."""
    found: dict[int, Became] = {}
    for event in events:
        state = event.kind.removeprefix("message_")
        if event.kind.startswith("message_") and state in _BECAME:
            reply_id = event.args.get("reply")
            if isinstance(reply_id, int):
                found.setdefault(reply_id, Became(state, event.at, str(event.args.get("code", ""))))
    return found


_PREFIX = re.compile(r"^(?:\w{1,4}(?:\[\d+\])?\s?:\s*)+", re.UNICODE)


def subjects_of(messages: Sequence[Message]) -> dict[int, str]:
    """By message: its subject, where it is another than that of the one before it in its conversation; the ticket's
    own heads the page. `messages`: the newest first. What programs put before an answer's subject ("Re:") makes no
    other one of it."""
    before: dict[int, str] = {}
    found: dict[int, str] = {}
    head = ""
    for m in reversed(messages):
        if not m.subject:
            continue
        plain = _PREFIX.sub("", m.subject).strip().casefold()
        head = head or plain
        if before.get(m.conversation_id, head) != plain:
            found[m.pk] = m.subject
        before[m.conversation_id] = plain
    return found


def _said(m: Message, versions: int, named: Sequence[str], around: Around, subject: str) -> Said:
    rows = around.attachments.get(m.pk, ())
    has_look = any(
        each.kind == AttachmentKind.ORIGINAL and each.state == AttachmentState.KEPT for each in rows
    )
    within = sum(each.kind == AttachmentKind.INLINE for each in rows) if has_look else 0
    return Said(
        at=m.sent_at,
        message=m,
        versions=versions,
        also_named=named,
        hung=[
            hung_of(each)
            for each in rows
            if each.kind == AttachmentKind.FILE or (each.kind == AttachmentKind.INLINE and not has_look)
        ],
        subject=subject,
        has_more=bool(getattr(m, "has_more", False)),
        has_look=has_look,
        within=within,
        is_participant=m.conversation_id in around.participants and m.direction == Direction.INBOUND,
    )


def _replied(reply: OutboundReply, around: Around, *, is_told: bool, became: Became | None) -> Replied:
    parts = around.parts.get(reply.pk, ())
    sent = [part for part in parts if part.external_id]
    return Replied(
        at=reply.sent_at or reply.created_at,
        reply=reply,
        token=token("outboundreply", reply.pk),
        url=next((part.url for part in sent if part.url), ""),
        parts_sent=len(sent),
        parts=len(parts),
        is_told=is_told,
        files=[sent_of(each) for each in around.files.get(reply.pk, ())],
        became=became,
        is_participant=reply.conversation_id in around.participants,
    )


def _pk(item: Said | Replied | Happened) -> int:
    if isinstance(item, Said):
        return item.message.pk
    return item.reply.pk if isinstance(item, Replied) else item.event.pk


def _days(items: Sequence[Said | Replied | Happened], *, now: datetime) -> list[Day]:
    days: list[tuple[str, list[Any]]] = []
    for item in items:
        heading = long_day(item.at, now)
        if not days or days[-1][0] != heading:
            days.append((heading, []))
        days[-1][1].append(item)
    return [Day(heading, inside) for heading, inside in days]
