from tickets.models.account import Acknowledge, ChannelAccount, ChannelMode
from tickets.models.contact import Contact, Identity, LanguageSource
from tickets.models.conversation import Conversation, Visibility
from tickets.models.event import TicketEvent
from tickets.models.message import (
    Attachment,
    AttachmentState,
    Direction,
    Message,
    MessageKind,
    MessageTombstone,
    MessageVersion,
)
from tickets.models.outbox import (
    UNSETTLED,
    OutboundPart,
    OutboundReply,
    ReplyKind,
    ReplyState,
    TextRevision,
)
from tickets.models.promise import Promise, PromiseEnd, PromiseKind, Target, TargetKind
from tickets.models.task import AgentTask, TaskKind
from tickets.models.ticket import (
    OPEN_STATUSES,
    CallType,
    HoldKind,
    Status,
    Ticket,
    Triage,
)

__all__ = [
    "OPEN_STATUSES",
    "UNSETTLED",
    "Acknowledge",
    "AgentTask",
    "Attachment",
    "AttachmentState",
    "CallType",
    "ChannelAccount",
    "ChannelMode",
    "Contact",
    "Conversation",
    "Direction",
    "HoldKind",
    "Identity",
    "LanguageSource",
    "Message",
    "MessageKind",
    "MessageTombstone",
    "MessageVersion",
    "OutboundPart",
    "OutboundReply",
    "Promise",
    "PromiseEnd",
    "PromiseKind",
    "ReplyKind",
    "ReplyState",
    "Status",
    "Target",
    "TargetKind",
    "TaskKind",
    "TextRevision",
    "Ticket",
    "TicketEvent",
    "Triage",
    "Visibility",
]
