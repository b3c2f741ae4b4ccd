"""One ticket as its page shows it: what was said, what became of it, what was promised, what asks for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.actors import Actor
from priority.models import PolicyRevision
from priority.policy import Policy
from priority.selectors import policy_of
from tickets import tokens
from tickets.display.line import Line, Mark, Standing
from tickets.display.words import long_day, without_our_handle
from tickets.models import (
    ChannelAccount,
    Conversation,
    Direction,
    Identity,
    Message,
    MessageVersion,
    OutboundReply,
    Promise,
    ReplyKind,
    ReplyState,
    Target,
    TaskKind,
    Ticket,
    TicketEvent,
)
from tickets.selectors import (
    TARGET_OF_PROMISE,
    category_names,
    priority_names,
    resolution_targets,
    tickets_visible,
)
from tickets.selectors_promise import Telling, promise_line, telling_of
from tickets.selectors_tasks import Asked, tasks_open

SILENT_EVENTS = frozenset(
    {
        "message_edited",
        "message_removed",
        "message_delivered",
        "answered",
        "answer_written",
        "acknowledged",
        "notified",
        "reply_held",
        "reply_superseded",
        "reply_failed",
        "reply_unknown",
    }
)
"""Said beside the message itself, so they make no line of their own."""
MOST_SHOWN = 500
"""Messages, replies and events each, the newest; a longer history says so."""


@dataclass(frozen=True, slots=True)
class Said:
    """An utterance of the caller, a note of a colleague, or ours where it came back from the network unasked."""

    at: datetime
    message: Message
    versions: int
    kind: str = "said"

    @property
    def is_ours(self) -> bool:
        return self.message.direction != Direction.INBOUND


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
class Other:
    """Another ticket of the same caller."""

    ticket: Ticket
    category: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TicketPage:
    ticket: Ticket
    account: ChannelAccount
    subject: str
    subject_language: str
    caller_name: str
    caller_handle: str
    days: Sequence[Day]
    is_cut: bool
    conversation: Conversation | None
    promises: Sequence[Promise]
    promise: Promise | None
    standing: Standing
    line: Line | None
    marks: Sequence[Mark]
    targets: Mapping[str, Target]
    tasks: Sequence[Asked]
    policy: Policy
    category: Mapping[str, str]
    priority: Mapping[str, str]
    identities: Sequence[Identity]
    others: Sequence[Other]
    queued_acknowledgement: OutboundReply | None
    telling: Telling
    policy_number: int
    newest_inbound: Message | None

    @property
    def in_danger(self) -> bool:
        """Somebody may be, and nobody has said yet that they looked."""
        return any(asked.task.kind == TaskKind.DANGER for asked in self.tasks)

    @property
    def due_at_of_date(self) -> datetime | None:
        """The target that the told date rests on; None where no date was told or will be."""
        kind = self.promises[-1].kind if self.promises else self.ticket.date_means
        target = self.targets.get(TARGET_OF_PROMISE.get(kind, ""))
        return target.due_at if target is not None else None

    @property
    def first_told(self) -> datetime | None:
        """The first date told: the one that the policy's figures lead to."""
        return self.promises[-1].promised_for if self.promises else None


def ticket_visible(actor: Actor, reference: str) -> Ticket | None:
    """The ticket, or None: it is not there, or not this actor's to see. The two are not told apart."""
    return (
        tickets_visible(actor)
        .select_related("account", "team", "owner", "caller", "parent")
        .filter(reference=reference)
        .first()
    )


def token_of(row: OutboundReply | Conversation | Message) -> str:
    """Its name in addresses (tickets/tokens.py)."""
    return tokens.token(row._meta.model_name or "", row.pk)


def reply_named(ticket: Ticket, token: str) -> int | None:
    """Id of the reply of this ticket that `token` names. Call it with a ticket from `ticket_visible`."""
    return tokens.named(
        "outboundreply", OutboundReply.objects.filter(ticket=ticket).values_list("pk", flat=True), token
    )


def conversation_named(ticket: Ticket, token: str) -> int | None:
    return tokens.named(
        "conversation", Conversation.objects.filter(ticket=ticket).values_list("pk", flat=True), token
    )


def message_named(ticket: Ticket, token: str) -> int | None:
    return tokens.named("message", Message.objects.filter(ticket=ticket).values_list("pk", flat=True), token)


def ticket_page(actor: Actor, reference: str, *, now: datetime) -> TicketPage | None:
    """All that the page shows, in a fixed number of queries; None as in `ticket_visible`."""
    ticket = ticket_visible(actor, reference)
    if ticket is None:
        return None
    messages = list(
        Message.objects.filter(ticket=ticket)
        .select_related("identity", "author", "account", "conversation")
        .prefetch_related("attachments")
        .order_by("-sent_at", "-pk")[:MOST_SHOWN]
    )
    replies = list(
        OutboundReply.objects.filter(ticket=ticket)
        .select_related("author", "on_behalf_of", "conversation", "account")
        .prefetch_related("parts")
        .order_by("-pk")[:MOST_SHOWN]
    )
    events = list(
        TicketEvent.objects.filter(ticket=ticket)
        .select_related("actor_user")
        .order_by("-at", "-pk")[:MOST_SHOWN]
    )
    promises = list(
        Promise.objects.filter(ticket=ticket).select_related("reply__author").order_by("-told_at", "-pk")
    )
    conversations = list(
        Conversation.objects.filter(ticket=ticket)
        .select_related("identity", "account")
        .order_by("-last_inbound_at", "-pk")
    )
    policy = policy_of(ticket.policy_revision_id)
    targets = resolution_targets([ticket.pk]).get(ticket.pk, {})
    conversation = conversations[0] if conversations else None
    first = _first(messages)
    identity = conversation.identity if conversation is not None else None
    standing, line, marks = promise_line(ticket, promises, targets, now=now)
    return TicketPage(
        ticket=ticket,
        account=ticket.account,
        subject=without_our_handle(first.body, ticket.account.handle) if first is not None else "",
        subject_language=first.language if first is not None else "",
        caller_name=(identity.name if identity is not None else "") or ticket.caller.name,
        caller_handle=identity.handle if identity is not None else "",
        days=_days(_items(messages, replies, events, promises, _versions(messages)), now=now),
        is_cut=MOST_SHOWN in (len(messages), len(replies), len(events)),
        conversation=conversation,
        promises=promises,
        promise=next((p for p in promises if p.end == ""), None),
        standing=standing,
        line=line,
        marks=marks,
        targets=dict(sorted(targets.items(), key=lambda each: each[1].due_at)),
        tasks=tasks_open(ticket, {reply.pk: token_of(reply) for reply in replies}),
        policy=policy,
        category=category_names(policy, ticket.category),
        priority=priority_names(policy, ticket.priority),
        identities=list(Identity.objects.filter(contact_id=ticket.caller_id).order_by("pk")[:10]),
        others=[
            Other(each, category_names(policy_of(each.policy_revision_id), each.category))
            for each in tickets_visible(actor)
            .filter(caller_id=ticket.caller_id)
            .exclude(pk=ticket.pk)
            .order_by("-created_at")[:5]
        ],
        telling=telling_of(replies),
        queued_acknowledgement=next(
            (r for r in replies if r.kind == ReplyKind.ACKNOWLEDGEMENT and r.state == ReplyState.QUEUED),
            None,
        ),
        policy_number=PolicyRevision.objects.values_list("number", flat=True).get(
            pk=ticket.policy_revision_id
        ),
        newest_inbound=max(
            (m for m in messages if m.direction == Direction.INBOUND), key=lambda m: m.pk, default=None
        ),
    )


def _first(messages: Sequence[Message]) -> Message | None:
    spoken = [m for m in messages if m.direction == Direction.INBOUND and m.removed_at is None]
    return min(spoken, key=lambda m: (m.sent_at, m.pk), default=None)


def _versions(messages: Sequence[Message]) -> dict[tuple[int, str], int]:
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


def _items(
    messages: Sequence[Message],
    replies: Sequence[OutboundReply],
    events: Sequence[TicketEvent],
    promises: Sequence[Promise],
    versions: Mapping[tuple[int, str], int],
) -> list[Said | Replied | Happened]:
    shown_as_reply = {reply.pk for reply in replies}
    told = {promise.reply_id for promise in promises}
    items: list[Said | Replied | Happened] = [
        Said(m.sent_at, m, versions.get((m.account_id, m.external_id), 1))
        for m in messages
        if m.reply_id not in shown_as_reply
    ]
    for reply in replies:
        parts = sorted(reply.parts.all(), key=lambda part: part.number)
        sent = [part for part in parts if part.external_id]
        url = next((part.url for part in sent if part.url), "")
        items.append(
            Replied(
                at=reply.sent_at or reply.created_at,
                reply=reply,
                token=token_of(reply),
                url=url,
                parts_sent=len(sent),
                parts=len(parts),
                is_told=reply.pk in told,
            )
        )
    items += [Happened(event.at, event) for event in events if event.kind not in SILENT_EVENTS]
    order = {"said": 0, "happened": 1, "replied": 2}
    return sorted(items, key=lambda item: (item.at, order[item.kind], _pk(item)))


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
