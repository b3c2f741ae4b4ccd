"""What passes between the core and a channel's adapter: plain values, no Django, no network.

Times are aware UTC. Texts are as the caller wrote them, unescaped, not trimmed. External ids are strings
even where a network uses numbers (64 bits do not fit a browser's number).

The outcomes of a send, drawn as a tree:

    SendOutcome
    ├── NotSent        certain that nothing went: may be tried again (at `retry_after`)
    ├── Unclear        it may or may not have gone: look before anything else
    ├── Permanent      the network refused this message for good, with a code and its words
    └── Reauthorise    the account's permission is dead: nothing goes until a person renews it
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import BinaryIO, Literal, TypeAlias

Visibility: TypeAlias = Literal["public", "private"]
Manner: TypeAlias = Literal["short", "conversational", "letter"]


@dataclass(frozen=True, slots=True)
class MayReply:
    """Whether the desk may write below a message, and by which rule of the network.

    `rule` is a code that the adapter puts into words (`Channel.rule_words`), e.g. "not_summoned".
    `until` is the end of a window, None where there is none; `person_until` is until when a person may still write
    once it has closed to automatic messages, None where `until` holds for both.
    `lies`: nothing brings our words to them. They lie on the caller's page, and were sent once it was looked at; the
    receipts of such messages begin with `ON_PAGE`.
    """

    allowed: bool
    rule: str
    until: datetime | None = None
    person_until: datetime | None = None
    lies: bool = False


@dataclass(frozen=True, slots=True)
class Author:
    """Whom a network says a message is by. (kind, scope, external_id) is the identity; a handle is a label.

    `kind` names the space of ids (by default the channel's slug), `scope` what the id is unique within.
    claims: the identity that this one says it is and has not proven, written as `claim_of` does; '' where it says none.
    """

    kind: str
    external_id: str
    scope: str = ""
    handle: str = ""
    name: str = ""
    automated: bool = False
    claims: str = ""


def claim_of(kind: str, scope: str, external_id: str) -> str:
    """An identity as one string. Neither kind nor scope holds a line's end."""
    return f"{kind}\n{scope}\n{external_id}"


@dataclass(frozen=True, slots=True)
class InboundAttachment:
    """Something that hangs on a message. url: where the adapter finds it again (`Channel.attachment`).

    kind, inline_id: "inline" is shown within the message's own text, which calls it by that id; "original" is the whole
    message as it came. size: bytes, where the network tells. content_type, name: as it tells them.
    """

    external_id: str
    url: str
    content_type: str = ""
    name: str = ""
    kind: Literal["file", "inline", "original"] = "file"
    inline_id: str = ""
    size: int | None = None


#: The external ids of what a caller wrote on their page begin so.
BESIDE = "page:"
#: And the receipts of what lies there for them.
ON_PAGE = "on-page:"


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """One utterance of somebody outside, in one version.

    external_id: the utterance's own id, the same in every version of it.
    version_id, version_order: which version this is; of two versions the one with the higher order is newer.
    thread_key: the adapter makes it so that two callers never share a conversation.
    root_external_id: the first post of the thread as the network shows it.
    language: ISO 639-1 as the network gives it, None where it does not know.
    addressed: whether it speaks to us (a mention, a reply to us, a private message), not merely near us.
    addressed_by_parent: its words alone do not say so. It speaks to us if what it hangs below (`parent_external_id`)
    is ours or its author's own, and not if it is somebody else's; the core knows which. `addressed` is then the
    adapter's guess, which counts while nobody knows what it hangs below.
    named_accounts: external ids of accounts of this network that it names, in the order of their naming.
    automatic: the network (or the message's own marks) says that a program wrote it.
    reply_rule: what the network allows below this message, as known when it was read.
    subject: a line above the words, part of what they say. full_text: everything that stood there, where `text` is
    only what is new; '' where both are the same.
    Both, also_to and written_first_by are of channels whose messages have names.
    names: what later messages may call this one by. refers_to: names of messages that it hangs below, the nearest
    first. thread_proof: "conversation:<key>" where it holds what only we can have given out for that conversation.
    Names are anybody's to use and prove nothing; the proof does, and only for whoever the conversation is with.
    also_to: who else it was sent to, as a person reads it. written_first_by: who wrote it, where it was passed on.
    quiet: nothing automatic may answer it, though a person wrote it.
    asked: what they filled in beside their words: "category" (a key of the policy, which they chose), "place",
    "object_number". Words of theirs like the others.
    beside: it was written on the caller's page of ours; the network knows nothing of it, so that nothing of ours can
    hang below it, and no window or interaction begins with it. Its external id begins with `BESIDE`.
    """

    external_id: str
    thread_key: str
    author: Author
    text: str
    sent_at: datetime
    visibility: Visibility
    reply_rule: MayReply
    addressed: bool
    version_id: str
    version_order: int = 1
    addressed_by_parent: bool = False
    named_accounts: tuple[str, ...] = ()
    automatic: bool = False
    edited_at: datetime | None = None
    root_external_id: str = ""
    parent_external_id: str | None = None
    language: str | None = None
    url: str = ""
    attachments: tuple[InboundAttachment, ...] = ()
    subject: str = ""
    full_text: str = ""
    names: tuple[str, ...] = ()
    refers_to: tuple[str, ...] = ()
    thread_proof: str = ""
    also_to: tuple[str, ...] = ()
    written_first_by: str = ""
    quiet: bool = False
    asked: Mapping[str, str] = field(default_factory=dict)
    beside: bool = False


@dataclass(frozen=True, slots=True)
class MessageEdited:
    """A newer (or older) version of an utterance, from networks that tell of edits apart from the message."""

    external_id: str
    version_id: str
    version_order: int
    text: str
    edited_at: datetime
    language: str | None = None


@dataclass(frozen=True, slots=True)
class MessageRemoved:
    """The utterance is gone at the network; ours must go too, and a tombstone stays."""

    external_id: str
    removed_at: datetime
    rule: str = "removed_by_author"


@dataclass(frozen=True, slots=True)
class OwnMessage:
    """A message of our own account as the network shows it: one the desk sent, or one that a colleague wrote
    elsewhere, such as in the network's own inbox.

    external_id: where the desk sent it, the id of its receipt, so that it is recognised. thread_key: '' where the
    network does not say whom it answers; it then belongs where the message it hangs below does.
    """

    external_id: str
    text: str
    sent_at: datetime
    visibility: Visibility
    thread_key: str = ""
    parent_external_id: str | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class MessageSeen:
    """The network still shows the utterance unchanged (the answer to a look-up)."""

    external_id: str


@dataclass(frozen=True, slots=True)
class DeliveryEvent:
    """What became of a message of ours, told later by the network.

    code: the network's or the protocol's; words: its own, for people. temporary: it may still arrive. dead: nothing
    will ever reach whom it was for, so that nothing more is sent there.
    thread_proof: as of a message, where the report names none (external_id is ''): of the conversation, the message
    that went last before.
    """

    external_id: str
    state: Literal["delivered", "failed", "bounced"]
    at: datetime
    code: str = ""
    words: str = ""
    temporary: bool = False
    dead: bool = False
    thread_proof: str = ""


@dataclass(frozen=True, slots=True)
class AccountEvent:
    """Something about the whole account: permission withdrawn, restricted, renamed."""

    kind: Literal["revoked", "restricted", "restored"]
    at: datetime
    words: str = ""


@dataclass(frozen=True, slots=True)
class Ignored:
    """An update that is rightly not a message; `rule` names why ("own_message", "indicator", …)."""

    rule: str


Parsed: TypeAlias = (
    InboundMessage
    | MessageEdited
    | MessageRemoved
    | MessageSeen
    | OwnMessage
    | DeliveryEvent
    | AccountEvent
    | Ignored
)


@dataclass(frozen=True, slots=True)
class OutboundAttachment:
    """Something that goes out with a message. content_type: what we take it for. open: its bytes, anew at each call.
    id: of the desk's file, for channels that give it out by a page of ours."""

    name: str
    content_type: str
    size: int
    open: Callable[[], BinaryIO]
    id: int = 0


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """One part of one message of ours, ready for the wire.

    in_reply_to: external id of the message it hangs below (part 2 hangs below part 1).
    conversation: the key by which what comes back is proven to belong here.
    subject, refers_to: for channels whose messages have names (`Capabilities.named`): of the caller's message, and the
    names of what went before, the oldest first. attachments: of the first part alone; where files go apart
    (`FileRules.apart`), each is a part of its own, without words.
    language: of its words, ISO 639-1.
    recipient: external id of the person, for networks that address people and not threads.
    idempotency_key: the same at every try of the same part.
    after_unclear: an earlier try of this very part ended Unclear (or its process died).
    reply_rule: the rule stated when the message we answer was read.
    automatic: nobody pressed a button for this text. unprompted: it is no answer; it goes because its time has come, or
    because something changed.
    by: the first name of whoever wrote it, '' for the desk's own words.
    written: it goes in writing also where people tell the caller by voice (`Capabilities.spoken`).
    """

    text: str
    visibility: Visibility
    thread_key: str
    in_reply_to: str | None
    recipient: str
    idempotency_key: str
    reply_rule: MayReply
    automatic: bool
    after_unclear: bool = False
    part: int = 1
    parts: int = 1
    conversation: int = 0
    subject: str = ""
    refers_to: tuple[str, ...] = ()
    attachments: tuple[OutboundAttachment, ...] = ()
    language: str = ""
    unprompted: bool = False
    by: str = ""
    written: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that it went: the network's id of it and, where there is one, the address to look at it.

    told: it is with whom it was for, as far as a network can say. Where it is not, it lies ready for them: nobody was
    told anything before a DeliveryEvent "delivered" of this id says so (`Capabilities.acknowledged`).
    """

    external_id: str
    url: str = ""
    told: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class NotThere:
    """Looked, after the stated delay, at everything it could be in: it is not there."""


@dataclass(frozen=True, slots=True)
class CannotTell:
    """The network has no way to look, or looking was refused; `words` say why."""

    words: str = ""


FindResult: TypeAlias = Found | NotThere | CannotTell


class SendOutcome(Exception):
    """Base of what `Channel.send` raises when there is no receipt."""

    def __init__(self, words: str = "") -> None:
        super().__init__(words)
        self.words = words


class NotSent(SendOutcome):
    """Certain: nothing went. `retry_after` from now, None for the desk's own pace.

    `whole_account` says that the refusal concerns every message (no credits, restricted, 429 of the account);
    the account is then paused: for `retry_after`, or, where that is None, until a person says otherwise.
    """

    def __init__(
        self,
        words: str = "",
        *,
        retry_after: timedelta | None = None,
        whole_account: bool = False,
        code: str = "",
    ) -> None:
        super().__init__(words)
        self.retry_after = retry_after
        self.whole_account = whole_account
        self.code = code


class Unclear(SendOutcome):
    """Perhaps it went. `went` is True where the network's answer says that the same text stands there already."""

    def __init__(self, words: str = "", *, went: bool = False) -> None:
        super().__init__(words)
        self.went = went


class Permanent(SendOutcome):
    """The network will never take this message; `code` is stable, `words` are the network's. `dead`: nothing will ever
    reach whom it is for, so that nothing automatic is sent there any more."""

    def __init__(self, code: str, words: str = "", *, dead: bool = False) -> None:
        super().__init__(words)
        self.code = code
        self.dead = dead


class Reauthorise(SendOutcome):
    """The account's permission is dead."""


@dataclass(frozen=True, slots=True)
class FileRules:
    """What files may go with one message: how many, of how many bytes together and each (0: no bound of its own), of
    these types ("image/png", or "image/*"; empty: any). apart: each is a message of its own there, after the words."""

    most: int
    most_bytes: int
    each_bytes: int = 0
    types: tuple[str, ...] = ()
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can do. The core asks these and never a channel's name.

    max_length is in units of the adapter's `length()`; None means no limit. max_length_private: of private
    messages, where it differs.
    reply_window: how long after a caller's private message an automatic one may go; person_window: a person's.
    automated_per_interaction: automatic messages per message of the caller; None means no rule.
    find_sent_after: how long after a send `find_sent`'s NotThere counts as evidence; None: it can never tell.
    look_up_within: every message of an open conversation is looked up at least once in this time;
    None where the network itself tells of edits and deletions.
    attachments: what hangs on its messages can be had. sends_files: ours may have some, at most files_most of together
    files_most_bytes, each of file_most_bytes (0: no bound of its own), of these types ("image/png", or "image/*";
    empty: any). files_private: of private messages, where that differs.
    named: its messages have names and subjects (`InboundMessage.names`).
    spoken: people tell the caller, by voice; nothing automatic goes out, a task says what to say and by when.
    own_page: callers write on a page of this desk, which tells them number and date itself, before anything is sent.
    acknowledged: what we send lies ready until the caller's own program says that it is there, and only then was it
    sent; acknowledged_within: after so long without that, another way is looked for.
    live: callers are there while they write, and wait for whoever answers.
    """

    manner: Manner
    public: bool
    private: bool
    max_length: int | None
    max_length_private: int | None = None
    splits: bool = False
    webhooks: bool = False
    polling: bool = False
    listening: bool = False
    attachments: bool = False
    private_reply: bool = False
    idempotent_send: bool = False
    reply_window: timedelta | None = None
    person_window: timedelta | None = None
    automated_per_interaction: int | None = None
    find_sent_after: timedelta | None = None
    look_up_within: timedelta | None = None
    look_up_batch: int = 100
    tells_time: bool = True
    sends_files: bool = False
    files_most: int = 0
    files_most_bytes: int = 0
    file_most_bytes: int = 0
    file_types: tuple[str, ...] = ()
    files_private: FileRules | None = None
    named: bool = False
    spoken: bool = False
    own_page: bool = False
    acknowledged: bool = False
    acknowledged_within: timedelta = timedelta(minutes=2)
    live: bool = False
    other: Mapping[str, bool] = field(default_factory=dict)
