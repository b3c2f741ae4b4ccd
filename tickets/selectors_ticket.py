"""One ticket as its page shows it: what was said, what became of it, what was promised, what asks for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.actors import Actor
from accounts.models import User
from priority.policy import Policy
from priority.selectors import policy_of, revision_of
from priority.why import Stood
from priority.wording import Ask
from tickets import tokens
from tickets.asked_for import missing_of, object_number, photo_among
from tickets.bulk import read
from tickets.channels import file_limits, seen_by
from tickets.display.line import Line, Mark, Standing
from tickets.display.words import without_our_handle
from tickets.models import (
    ChannelAccount,
    Conversation,
    Direction,
    Identity,
    Message,
    OutboundReply,
    Pause,
    PauseKind,
    Promise,
    ReplyFile,
    ReplyKind,
    ReplyState,
    Status,
    StatusLink,
    Target,
    TaskKind,
    Ticket,
    TicketEvent,
)
from tickets.selectors import (
    TARGET_OF_PROMISE,
    category_names,
    priority_names,
    tickets_visible,
)
from tickets.selectors_came import seen_shown
from tickets.selectors_promise import Telling, Told, promise_line, telling_of, told_of
from tickets.selectors_reasons import NoReply, no_reply_reasons
from tickets.selectors_talk import Around, Day, Thread, days_of, threads_of
from tickets.selectors_tasks import Asked, tasks_open
from tickets.selectors_ticket_rows import (
    MOST_SHOWN,
    attachments_on,
    conversations_on,
    copies_on,
    events_on,
    files_on,
    links_on,
    messages_on,
    opt_outs_on,
    parts_on,
    promises_on,
    replies_on,
    targets_on,
    ticket_of,
)
from tickets.services.clock_work import pauses_of
from tickets.services.join_rule import contacts_of_person


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
    threads: Sequence[Thread]
    thread: Thread | None
    is_one_thread: bool
    promises: Sequence[Promise]
    dates: Sequence[Told]
    promise: Promise | None
    standing: Standing
    line: Line | None
    marks: Sequence[Mark]
    targets: Mapping[str, Target]
    pauses: Sequence[Pause]
    tasks: Sequence[Asked]
    policy: Policy
    category: Mapping[str, str]
    priority: Mapping[str, str]
    identities: Sequence[Identity]
    others: Sequence[Other]
    queued_acknowledgement: OutboundReply | None
    held: OutboundReply | None
    telling: Telling
    policy_number: int
    newest_inbound: Message | None
    seen: str
    no_reply: NoReply
    history: Sequence[TicketEvent]
    missing: Sequence[Ask]
    own_files: Sequence[ReplyFile]
    links: Sequence[StatusLink]

    @property
    def conversation(self) -> Conversation | None:
        """Where an answer would go: the one that was chosen, else where the caller spoke last."""
        return self.thread.conversation if self.thread is not None else None

    @property
    def people(self) -> Sequence[Thread]:
        """One conversation of each person with each account: what they want of automatic messages hangs on the two."""
        found: dict[tuple[int, int], Thread] = {}
        for each in self.threads:
            found.setdefault((each.conversation.identity_id, each.conversation.account_id), each)
        return list(found.values())

    @property
    def object_number(self) -> str:
        return object_number(self.ticket)

    @property
    def waits_for_us(self) -> bool:
        """The caller has said something that nobody has answered yet."""
        return self.ticket.status != Status.WAITING and any(
            self.targets[kind].met_at is None
            for kind in ("first_response", "next_response")
            if kind in self.targets
        )

    @property
    def in_danger(self) -> bool:
        """Somebody may be, and nobody has said yet that they looked."""
        return any(asked.task.kind == TaskKind.DANGER for asked in self.tasks)

    @property
    def target_of_date(self) -> Target | None:
        """The target that the told date rests on; None where no date was told or will be."""
        kind = self.promises[-1].kind if self.promises else self.ticket.date_means
        return self.targets.get(TARGET_OF_PROMISE.get(kind, ""))

    @property
    def stood(self) -> list[Stood]:
        """While the clock of that target stood still; one that was met is not moved by what came later."""
        target = self.target_of_date
        met = target.met_at if target is not None else None
        counts = [p for p in self.pauses if met is None or (p.ended_at is not None and p.ended_at <= met)]
        return [
            Stood("hold" if p.kind == PauseKind.HOLD else "waiting", p.started_at, p.ended_at) for p in counts
        ]

    @property
    def first_told(self) -> datetime | None:
        """The first date told: the one that the policy's figures lead to."""
        return self.promises[-1].promised_for if self.promises else None


def ticket_visible(actor: Actor, reference: str) -> Ticket | None:
    """The ticket, or None: it is not there, or not this actor's to see. The two are not told apart."""
    if isinstance(actor, User) and actor.is_active:
        return ticket_of(actor, reference)
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


def link_named(ticket: Ticket, token: str) -> int | None:
    """Also of one that was taken back."""
    mine = StatusLink.objects.filter(conversation__ticket=ticket).values_list("pk", flat=True)
    return tokens.named("statuslink", mine, token)


def message_named(ticket: Ticket, token: str) -> int | None:
    return tokens.named("message", Message.objects.filter(ticket=ticket).values_list("pk", flat=True), token)


def ticket_page(actor: Actor, reference: str, *, thread: str = "", now: datetime) -> TicketPage | None:
    """All that the page shows, in a fixed number of queries; None as in `ticket_visible`. `thread`: token of the one
    conversation that is to be shown; all of them where it names none."""
    ticket = ticket_visible(actor, reference)
    if ticket is None:
        return None
    # Before the words: what is joined in between is shown, and counts as not seen.
    events = events_on(ticket)
    messages, replies = messages_on(ticket), replies_on(ticket)
    promises, conversations = promises_on(ticket), conversations_on(ticket)
    attachments = attachments_on(ticket)
    sends = any(file_limits(each.account, seen_by(each)) for each in conversations)
    files = files_on(actor, ticket) if sends and isinstance(actor, User) else []
    policy = policy_of(ticket.policy_revision_id)
    targets = targets_on(ticket)
    threads = threads_of(conversations, messages, opt_outs_on(ticket))
    chosen = next((each for each in threads if each.token == thread), None)
    # Where nobody has chosen, one writes to the caller, whoever spoke last.
    with_caller = [each for each in threads if not each.is_participant]
    current = chosen or next(iter(with_caller or threads), None)
    first = _first(messages)
    about = chosen if chosen in with_caller else next(iter(with_caller or threads), None)
    identity = about.conversation.identity if about is not None else None
    person = contacts_of_person(ticket.caller_id)
    standing, line, marks = promise_line(ticket, promises, now=now)
    return TicketPage(
        ticket=ticket,
        account=ticket.account,
        subject=subject_of(first) if first is not None else "",
        subject_language=first.language if first is not None else "",
        caller_name=(identity.name if identity is not None else "") or ticket.caller.name,
        caller_handle=identity.handle if identity is not None else "",
        days=days_of(
            messages,
            replies,
            events,
            promises,
            around=Around(
                parts=parts_on(ticket),
                copies=copies_on(ticket),
                attachments=attachments,
                files=_by_reply(files),
                participants=frozenset(each.conversation.pk for each in threads if each.is_participant),
            ),
            only=chosen.conversation if chosen else None,
            now=now,
        ),
        is_cut=MOST_SHOWN in (len(messages), len(replies), len(events)),
        threads=threads,
        thread=current,
        is_one_thread=chosen is not None,
        promises=promises,
        dates=told_of(promises, account=ticket.account, now=now),
        promise=next((p for p in promises if p.end == ""), None),
        standing=standing,
        line=line,
        marks=marks,
        targets=dict(sorted(targets.items(), key=lambda each: each[1].due_at)),
        pauses=pauses_of([ticket.pk]).get(ticket.pk, []),
        tasks=tasks_open(
            ticket,
            {reply.pk: token_of(reply) for reply in replies},
            {r.promise_id: token_of(r) for r in replies if r.promise_id and r.state == ReplyState.HELD},
        ),
        policy=policy,
        category=category_names(policy, ticket.category),
        priority=priority_names(policy, ticket.priority),
        identities=read(
            Identity, "WHERE contact_id = ANY(%s) ORDER BY id LIMIT 10", [person], types=("bigint[]",)
        ),
        others=[
            Other(each, category_names(policy_of(each.policy_revision_id), each.category))
            for each in tickets_visible(actor)
            .filter(caller_id__in=person)
            .exclude(pk=ticket.pk)
            .order_by("-created_at")[:5]
        ],
        telling=telling_of(replies),
        held=next((r for r in replies if r.state == ReplyState.HELD), None),
        queued_acknowledgement=next(
            (r for r in replies if r.kind == ReplyKind.ACKNOWLEDGEMENT and r.state == ReplyState.QUEUED),
            None,
        ),
        policy_number=revision_of(ticket.policy_revision_id).number,
        newest_inbound=max(
            (m for m in messages if m.direction == Direction.INBOUND), key=lambda m: m.pk, default=None
        ),
        seen=seen_shown(messages, replies, _joins(events)),
        no_reply=no_reply_reasons(),
        history=events,
        missing=missing_of(ticket, has_photo=photo_among(messages, attachments)),
        own_files=[each for each in files if each.reply_id is None],
        links=links_on(ticket),
    )


def _joins(events: Sequence[TicketEvent]) -> list[int] | None:
    """Ids of what was joined into it, as far as these tell."""
    found = [event.args["join"] for event in events if event.kind == "joined"]
    return found if found or len(events) < MOST_SHOWN else None


def subject_of(first: Message) -> str:
    """What it is about: the line that its author put above it, else its words."""
    return first.subject or without_our_handle(first.body, first.account.handle)


def _by_reply(files: Sequence[ReplyFile]) -> dict[int, list[ReplyFile]]:
    found: dict[int, list[ReplyFile]] = {}
    for each in files:
        if each.reply_id is not None:
            found.setdefault(each.reply_id, []).append(each)
    return found


def _first(messages: Sequence[Message]) -> Message | None:
    spoken = [
        m
        for m in messages
        if m.direction == Direction.INBOUND and m.removed_at is None and not m.by_participant
    ]
    return min(spoken, key=lambda m: (m.sent_at, m.pk), default=None)
