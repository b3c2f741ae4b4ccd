from tickets.models.account import Acknowledge, ChannelAccount, ChannelMode, Notices
from tickets.models.contact import Contact, Identity, LanguageSource, OptOut
from tickets.models.conversation import Conversation, Visibility
from tickets.models.event import TicketEvent
from tickets.models.join import JoinWhy, TicketJoin
from tickets.models.message import (
    Attachment,
    AttachmentState,
    Direction,
    Message,
    MessageCopy,
    MessageKind,
    MessageTombstone,
    MessageUnplaced,
    MessageVersion,
)
from tickets.models.outbox import (
    UNSETTLED,
    OutboundPart,
    OutboundReply,
    ReplyEffect,
    ReplyKind,
    ReplyState,
    TextRevision,
)
from tickets.models.promise import (
    Pause,
    PauseKind,
    Promise,
    PromiseEnd,
    PromiseKind,
    Target,
    TargetKind,
)
from tickets.models.switch import DeskSwitch
from tickets.models.task import AgentTask, TaskKind
from tickets.models.ticket import (
    OPEN_STATUSES,
    CallType,
    HoldKind,
    Status,
    Ticket,
    Triage,
)
from tickets.models.verdict import NoReplyReason
from tickets.models.words import MessageWords, SearchMark

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
    "DeskSwitch",
    "Direction",
    "HoldKind",
    "Identity",
    "JoinWhy",
    "LanguageSource",
    "Message",
    "MessageCopy",
    "MessageKind",
    "MessageTombstone",
    "MessageUnplaced",
    "MessageVersion",
    "MessageWords",
    "NoReplyReason",
    "Notices",
    "OptOut",
    "OutboundPart",
    "OutboundReply",
    "Pause",
    "PauseKind",
    "Promise",
    "PromiseEnd",
    "PromiseKind",
    "ReplyEffect",
    "ReplyKind",
    "ReplyState",
    "SearchMark",
    "Status",
    "Target",
    "TargetKind",
    "TaskKind",
    "TextRevision",
    "Ticket",
    "TicketEvent",
    "TicketJoin",
    "Triage",
    "Visibility",
]
