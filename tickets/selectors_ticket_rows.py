"""The rows around one ticket, as its page and the addresses below it ask for them: statements written once
(compiled.py), since Django needs longer to write each of these than PostgreSQL to answer all of them."""

from __future__ import annotations

from functools import cache

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q

from accounts.models import User
from tickets.compiled import SAMPLE_REFERENCE, SAMPLE_TICKET, SAMPLE_USER, CompiledRows
from tickets.models import (
    AgentTask,
    Attachment,
    Conversation,
    Direction,
    Draft,
    Message,
    MessageCopy,
    OptOut,
    OutboundPart,
    OutboundReply,
    Promise,
    ReplyFile,
    ReplyState,
    StatusLink,
    Target,
    Ticket,
    TicketEvent,
    TicketJoin,
)
from tickets.selectors import tickets_visible

NEWEST_FIRST = ("part", F("last_inbound_at").desc(nulls_last=True), "pk")
"""Where the caller spoke last, then their others; somebody else's in the thread after these ("caller" comes first)."""
"""Conversations, the one in which the caller spoke last ahead: there a notice goes."""
MOST_SHOWN = 500
"""Messages, replies and events each, the newest; a longer history says so."""


_OF_MESSAGE = (
    *(
        "account_id",
        "conversation_id",
        "ticket_id",
        "external_id",
        "direction",
        "visibility",
        "kind",
        "reply_id",
    ),
    *("body", "language", "addressed", "machine_rule", "url", "sent_at", "edited_at", "removed_at"),
    *("subject", "also_to", "written_first_by", "is_quiet"),
    *("removed_rule", "identity__name", "identity__handle", "author__display_name", "author__username"),
    *("account__channel", "account__name", "account__handle"),
    "by_participant",
)


@cache
def _ticket() -> CompiledRows[Ticket]:
    found = tickets_visible(SAMPLE_USER).filter(reference=SAMPLE_REFERENCE)
    return CompiledRows(found.select_related("account", "team", "owner", "caller", "parent"))


def ticket_of(user: User, reference: str) -> Ticket | None:
    """The ticket, where this user may see it, with its account, team, owner, caller and parent."""
    return next(iter(_ticket().fetch(user=user.pk, reference=reference)), None)


@cache
def _messages() -> CompiledRows[Message]:
    found = Message.objects.filter(ticket_id=SAMPLE_TICKET)
    beside = (
        found.select_related("identity", "author", "account")
        .only(*_OF_MESSAGE)
        .annotate(has_more=ExpressionWrapper(~Q(full_text=""), output_field=BooleanField()))
    )
    return CompiledRows(beside.order_by("-sent_at", "-pk")[:MOST_SHOWN])


def messages_on(ticket: Ticket) -> list[Message]:
    """The newest first, with who said each and to which account: of all these, what the page shows. `has_more`: more
    was written than `body` holds."""
    return _messages().fetch(ticket=ticket.pk)


@cache
def _attachments() -> CompiledRows[Attachment]:
    return CompiledRows(Attachment.objects.filter(message__ticket_id=SAMPLE_TICKET).order_by("pk"))


def attachments_on(ticket: Ticket) -> dict[int, list[Attachment]]:
    """By the message that they came with."""
    found: dict[int, list[Attachment]] = {}
    for each in _attachments().fetch(ticket=ticket.pk):
        found.setdefault(each.message_id, []).append(each)
    return found


@cache
def _files() -> CompiledRows[ReplyFile]:
    here = ReplyFile.objects.filter(ticket_id=SAMPLE_TICKET)
    mine = here.filter(Q(reply__isnull=False) | Q(author_id=SAMPLE_USER.pk))
    return CompiledRows(mine.order_by("pk"))


def files_on(user: User, ticket: Ticket) -> list[ReplyFile]:
    """Those that went, or go, out with messages, and those that this user has put beside their draft."""
    return _files().fetch(user=user.pk, ticket=ticket.pk)


@cache
def _copies() -> CompiledRows[MessageCopy]:
    first = Message.objects.filter(
        ticket_id=SAMPLE_TICKET,
        direction=Direction.INBOUND,
        account_id=OuterRef("first_account_id"),
        external_id=OuterRef("external_id"),
    )
    found = MessageCopy.objects.filter(Exists(first)).select_related("account")
    return CompiledRows(found.order_by("received_at", "pk"))


def copies_on(ticket: Ticket) -> list[MessageCopy]:
    """Of what its callers said: the same utterance as it reached others of our accounts, with these."""
    return _copies().fetch(ticket=ticket.pk)


@cache
def _replies() -> CompiledRows[OutboundReply]:
    found = OutboundReply.objects.filter(conversation__ticket_id=SAMPLE_TICKET)
    beside = found.select_related("author", "on_behalf_of", "conversation", "account")
    return CompiledRows(beside.order_by("-pk")[:MOST_SHOWN])


def replies_on(ticket: Ticket) -> list[OutboundReply]:
    """In its conversations, the newest first."""
    return _replies().fetch(ticket=ticket.pk)


@cache
def _parts() -> CompiledRows[OutboundPart]:
    found = OutboundPart.objects.filter(reply__conversation__ticket_id=SAMPLE_TICKET)
    return CompiledRows(found.order_by("reply_id", "number"))


def parts_on(ticket: Ticket) -> dict[int, list[OutboundPart]]:
    """By reply, in their order."""
    found: dict[int, list[OutboundPart]] = {}
    for each in _parts().fetch(ticket=ticket.pk):
        found.setdefault(each.reply_id, []).append(each)
    return found


@cache
def _joins() -> CompiledRows[TicketJoin]:
    found = TicketJoin.objects.filter(Q(into_id=SAMPLE_TICKET) | Q(joined_id=SAMPLE_TICKET))
    standing = found.filter(undone_at__isnull=True).select_related("by", "consent_message")
    return CompiledRows(standing.order_by("-pk"))


def joins_on(ticket: Ticket) -> list[TicketJoin]:
    """Those that stand, the newest first, at either end."""
    return _joins().fetch(ticket=ticket.pk)


@cache
def _undoable() -> CompiledRows[OutboundReply]:
    mine = OutboundReply.objects.filter(ticket_id=SAMPLE_TICKET, author_id=SAMPLE_USER.pk)
    found = mine.filter(state=ReplyState.QUEUED, undo_until__isnull=False)
    return CompiledRows(found.order_by("-pk")[:1])


def undoable_on(user: User, ticket: Ticket) -> OutboundReply | None:
    """The newest message of this user that nobody may send yet."""
    return next(iter(_undoable().fetch(user=user.pk, ticket=ticket.pk)), None)


@cache
def _events() -> CompiledRows[TicketEvent]:
    found = TicketEvent.objects.filter(ticket_id=SAMPLE_TICKET).select_related("actor_user")
    return CompiledRows(found.order_by("-at", "-pk")[:MOST_SHOWN])


def events_on(ticket: Ticket) -> list[TicketEvent]:
    """The newest first, with who did each."""
    return _events().fetch(ticket=ticket.pk)


@cache
def _promises() -> CompiledRows[Promise]:
    found = Promise.objects.filter(ticket_id=SAMPLE_TICKET).select_related("reply__author")
    return CompiledRows(found.order_by("-told_at", "-pk"))


def promises_on(ticket: Ticket) -> list[Promise]:
    """The one told last ahead, with the message that told each."""
    return _promises().fetch(ticket=ticket.pk)


@cache
def _conversations() -> CompiledRows[Conversation]:
    found = Conversation.objects.filter(ticket_id=SAMPLE_TICKET).select_related("identity", "account")
    return CompiledRows(found.order_by(*NEWEST_FIRST))


def conversations_on(ticket: Ticket) -> list[Conversation]:
    """The one in which the caller spoke last ahead, those of somebody else in the thread at the end."""
    return _conversations().fetch(ticket=ticket.pk)


@cache
def _opt_outs() -> CompiledRows[OptOut]:
    spoken = Conversation.objects.filter(
        ticket_id=SAMPLE_TICKET, identity_id=OuterRef("identity_id"), account_id=OuterRef("account_id")
    )
    found = OptOut.objects.filter(Exists(spoken), ended_at__isnull=True)
    return CompiledRows(found.select_related("recorded_by"))


def links_on(ticket: Ticket) -> list[StatusLink]:
    """Links to the caller's page that lead to this ticket, the newest first."""
    here = StatusLink.objects.filter(conversation__ticket_id=ticket.pk, revoked_at__isnull=True)
    return list(here.order_by("-created_at", "-pk"))


def opt_outs_on(ticket: Ticket) -> list[OptOut]:
    """Of its callers, towards the accounts that they spoke to here."""
    return _opt_outs().fetch(ticket=ticket.pk)


@cache
def _targets() -> CompiledRows[Target]:
    return CompiledRows(
        Target.objects.filter(ticket_id=SAMPLE_TICKET, ended_at__isnull=True).order_by("cycle")
    )


def targets_on(ticket: Ticket) -> dict[str, Target]:
    """By kind: the targets that still apply, the newest cycle of each."""
    return {target.kind: target for target in _targets().fetch(ticket=ticket.pk)}


@cache
def _tasks() -> CompiledRows[AgentTask]:
    found = AgentTask.objects.filter(ticket_id=SAMPLE_TICKET, done_at__isnull=True).select_related("team")
    return CompiledRows(found.order_by("due_at", "pk"))


def open_tasks_on(ticket: Ticket) -> list[AgentTask]:
    """What is due first ahead, with the team that is asked."""
    return _tasks().fetch(ticket=ticket.pk)


@cache
def _drafts() -> CompiledRows[Draft]:
    mine = Draft.objects.filter(user_id=SAMPLE_USER.pk, ticket_id=SAMPLE_TICKET)
    return CompiledRows(mine.select_related("conversation"))


def drafts_on(user: User, ticket: Ticket) -> dict[str, Draft]:
    """This user's drafts on one ticket that they see, by kind."""
    return {row.kind: row for row in _drafts().fetch(user=user.pk, ticket=ticket.pk)}
