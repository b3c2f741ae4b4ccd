"""The one contract of a channel. Adding a channel is one file or package in `adapters/` that subclasses
`Channel`, and one folder of recorded requests in `tests/fixtures/channels/<slug>/`; see docs/add-a-channel.md.

`challenge`, `verify` and `split` run on our app's secrets, before an account is known, because one webhook may
carry updates of many accounts. Everything else runs for one account.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from tickets.contract import (
    CannotTell,
    Capabilities,
    FindResult,
    MayReply,
    OutboundMessage,
    Parsed,
    Receipt,
    Visibility,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from channels_social.net import Net


class BadSignature(Exception):
    """A webhook request that does not come from the network, or was changed on its way."""


class UnknownEvent(Exception):
    """A kind of update this adapter has never heard of. It is kept, in *could not be read*."""


class BadContent(Exception):
    """An update of a known kind whose content breaks the network's own shape; the words say where."""


class PollFailed(Exception):
    """A poll or look-up that did not work; `retry_after` in seconds, None for the usual pace."""

    def __init__(self, words: str, *, retry_after: float | None = None, reauthorise: bool = False) -> None:
        super().__init__(words)
        self.words = words
        self.retry_after = retry_after
        self.reauthorise = reauthorise


@dataclass(frozen=True, slots=True)
class AppView:
    """Our registration at a network. `secrets` maps a field name to its values, newest first (two in rotation)."""

    secrets: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """One request as it came: raw bytes, headers in lower case, query as pairs flattened to the first value."""

    method: str
    body: bytes
    headers: Mapping[str, str]
    query: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RawEvent:
    """One update of one account, unread. `body` is JSON or another bounded byte string that `parse` understands.

    account_key: the network's id of our account. dedupe_key: never empty; the network's event id, else kind,
    object id and SHA-256 of the update. kind: the network's word, for people who look at it.
    """

    account_key: str
    dedupe_key: str
    kind: str
    body: bytes


@dataclass(frozen=True, slots=True)
class AccountView:
    """Our account as an adapter sees it. `settings` holds what the account's form asked (base_url among them)."""

    id: int
    external_id: str
    handle: str
    name: str
    language: str
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FormField:
    """One thing a manager fills in for an app or an account. Secrets are stored encrypted and never shown again."""

    name: str
    label: str
    secret: bool = False
    required: bool = True


class Channel(ABC):
    """One network, seen from one of our accounts. Instances are made per use and hold no state between calls."""

    slug: ClassVar[str]
    label: ClassVar[str]
    capabilities: ClassVar[Capabilities]
    app_fields: ClassVar[tuple[FormField, ...]] = ()
    account_fields: ClassVar[tuple[FormField, ...]] = ()

    def __init__(self, account: AccountView, net: Net) -> None:
        self.account = account
        self.net = net

    @classmethod  # noqa: B027 - most adapters have nothing to do here
    def warm(cls) -> None:
        """Import now what the first call would import: a worker does so before it takes work, not during it."""

    # -- inbound, before an account is known ----------------------------------------------------------------
    @classmethod
    def challenge(cls, app: AppView, request: WebhookRequest) -> bytes | None:
        """The body that proves to the network that the address is ours; None if this is no such question."""
        return None

    @classmethod
    @abstractmethod
    def verify(cls, app: AppView, request: WebhookRequest) -> None:
        """Raise BadSignature unless the raw bytes were signed with one of the app's secrets. Constant time."""

    @classmethod
    @abstractmethod
    def split(cls, app: AppView, request: WebhookRequest) -> list[RawEvent]:
        """One RawEvent per update. Cheap; never raises on content: what is odd is left for `parse` to refuse."""

    # -- inbound, for one account ---------------------------------------------------------------------------
    @abstractmethod
    def parse(self, event: RawEvent) -> list[Parsed]:
        """What the update says. Raises UnknownEvent, or BadContent, never anything else on hostile content."""

    def poll(self, cursor: Mapping[str, str]) -> tuple[list[RawEvent], dict[str, str], bool]:
        """What is new since `cursor`, the cursor to store with it, and whether there is more at once.

        Events go through the same `parse`, with dedupe keys of their own: webhook and poll meet in one message.
        Raises PollFailed.
        """
        return [], dict(cursor), False

    def look_up(self, external_ids: Sequence[str]) -> list[RawEvent]:  # noqa: ARG002 - for those that can
        """What became of these messages, at most `capabilities.look_up_batch`. Raises PollFailed."""
        return []

    # -- outbound -------------------------------------------------------------------------------------------
    @abstractmethod
    def send(self, message: OutboundMessage) -> Receipt:
        """Put one part out. Raises NotSent, Unclear, Permanent or Reauthorise; nothing else."""

    def find_sent(self, message: OutboundMessage, since: datetime) -> FindResult:  # noqa: ARG002 - likewise
        """Whether a part whose send ended Unclear stands at the network. Raises nothing: trouble is CannotTell."""
        return CannotTell("this network offers no way to look")

    @abstractmethod
    def may_reply(self, message: OutboundMessage) -> MayReply:
        """The network's rule on this very answer, checked once more just before the send. No network call."""

    def find_sent_delay(self) -> timedelta | None:
        """How long after a send NotThere counts as evidence on this account; None: it can never tell."""
        return self.capabilities.find_sent_after

    def length_limit(self, visibility: Visibility = "public") -> int | None:
        """The longest text of one part on this account, in units of `length`; None means no limit."""
        private = self.capabilities.max_length_private if visibility == "private" else None
        return self.capabilities.max_length if private is None else private

    @classmethod
    def length(cls, text: str) -> int:
        """The length of a text as the network counts it."""
        return len(text)

    @classmethod
    def split_text(cls, text: str, limit: int) -> list[str]:
        """A text in parts that fit, in order, numbered where there is more than one."""
        return [text]

    @classmethod
    def rule_words(cls, rule: str, language: str) -> str:
        """A rule of the network (from MayReply or an outcome's code) in words for an agent; '' where unknown."""
        return ""

    @classmethod
    def notices_rule_words(cls, language: str) -> str:
        """What the network says of automatic messages, in words for the manager who chooses how notices go; needed
        where `capabilities.automated_per_interaction` is stated, '' elsewhere."""
        return ""

    def listen(self, stop: Callable[[], bool]) -> None:
        """Hold a connection open and ingest what comes until `stop()`; for channels that listen."""
        raise NotImplementedError(f"{self.slug} does not listen")
