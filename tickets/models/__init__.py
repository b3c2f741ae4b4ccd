from tickets.models.account import Acknowledge, ChannelAccount, ChannelMode, FormOfAddress, Notices
from tickets.models.contact import Contact, Identity, LanguageSource, OptOut
from tickets.models.conversation import Conversation, Part, Visibility
from tickets.models.draft import Draft, DraftKind
from tickets.models.event import TicketEvent
from tickets.models.join import JoinWhy, TicketJoin
from tickets.models.message import (
    Attachment,
    AttachmentKind,
    AttachmentState,
    Direction,
    Message,
    MessageCopy,
    MessageKind,
    MessageName,
    MessageTombstone,
    MessageUnplaced,
    MessageVersion,
)
from tickets.models.notification import (
    Digest,
    MailState,
    Notification,
    StaffMail,
    ToldKind,
    ToldWishes,
)
from tickets.models.outbox import (
    ON_ITS_WAY,
    UNSETTLED,
    OutboundPart,
    OutboundReply,
    ReplyEffect,
    ReplyKind,
    ReplyState,
    TextRevision,
)
from tickets.models.presence import CAPACITY, CAPACITY_MOST, StaffPresence
from tickets.models.promise import (
    Pause,
    PauseKind,
    Promise,
    PromiseEnd,
    PromiseKind,
    Target,
    TargetKind,
)
from tickets.models.reply_file import ReplyFile
from tickets.models.rollout import PolicyRollout, RolloutEnd
from tickets.models.saved_reply import SavedReply, SavedReplyText
from tickets.models.status_link import LinkWay, StatusLink
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
from tickets.models.together import BulkAction, BulkWhat
from tickets.models.verdict import LOOK_AGAIN, NoReplyReason
from tickets.models.words import MessageWords, SearchMark

__all__ = [
    "CAPACITY",
    "CAPACITY_MOST",
    "LOOK_AGAIN",
    "ON_ITS_WAY",
    "OPEN_STATUSES",
    "UNSETTLED",
    "Acknowledge",
    "AgentTask",
    "Attachment",
    "AttachmentKind",
    "AttachmentState",
    "BulkAction",
    "BulkWhat",
    "CallType",
    "ChannelAccount",
    "ChannelMode",
    "Contact",
    "Conversation",
    "DeskSwitch",
    "Digest",
    "Direction",
    "Draft",
    "DraftKind",
    "FormOfAddress",
    "HoldKind",
    "Identity",
    "JoinWhy",
    "LanguageSource",
    "LinkWay",
    "MailState",
    "Message",
    "MessageCopy",
    "MessageKind",
    "MessageName",
    "MessageTombstone",
    "MessageUnplaced",
    "MessageVersion",
    "MessageWords",
    "NoReplyReason",
    "Notices",
    "Notification",
    "OptOut",
    "OutboundPart",
    "OutboundReply",
    "Part",
    "Pause",
    "PauseKind",
    "PolicyRollout",
    "Promise",
    "PromiseEnd",
    "PromiseKind",
    "ReplyEffect",
    "ReplyFile",
    "ReplyKind",
    "ReplyState",
    "RolloutEnd",
    "SavedReply",
    "SavedReplyText",
    "SearchMark",
    "StaffMail",
    "StaffPresence",
    "Status",
    "StatusLink",
    "Target",
    "TargetKind",
    "TaskKind",
    "TextRevision",
    "Ticket",
    "TicketEvent",
    "TicketJoin",
    "ToldKind",
    "ToldWishes",
    "Triage",
    "Visibility",
]
