"""The one contract of a channel. Adding a channel is one file or package in `adapters/` that subclasses
`Channel`, and one folder of recorded requests in `tests/fixtures/channels/<slug>/`; see docs/add-a-channel.md.

`challenge`, `verify` and `split` run on our app's secrets, before an account is known, because one webhook may
carry updates of many accounts; so do `connect_begin`, `connect_finish` and `connect_fields`, since the account is what
they find out. Everything else runs for one account.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, BinaryIO, ClassVar
from urllib.parse import urlsplit

from django.utils.functional import Promise as LazyText

from channels_social.net_wire import AddressRefused, Broken, TooLarge
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

    from django.urls import URLPattern, URLResolver

    from channels_social.net import Net


#: The setting that names the account through which another one sends.
THROUGH = "through"
#: An address that needs a token that has ended answers 401 or 403 for ever.
_ENDED = frozenset({401, 403, 404, 410})


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


class ConnectFailed(Exception):
    """An account could not be connected. code: with words in the adapter's `rule_words`; words: the network's own."""

    def __init__(self, code: str, words: str = "") -> None:
        super().__init__(f"{code}: {words}".rstrip(": "))
        self.code = code
        self.words = words


class AttachmentGone(Exception):
    """What hung on a message is not to be had any more: 404, an address that has ended, a mail that was purged."""


class AttachmentRefused(Exception):
    """What hung on a message is not taken. code: "host" (not an address of this network's), "too_large"."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class AskFailed(Exception):
    """The network did not do what was asked for an account (a look at it, a subscription, a test); its own words.
    reauthorise: it no longer takes our key."""

    def __init__(self, words: str, *, reauthorise: bool = False) -> None:
        super().__init__(words)
        self.words = words
        self.reauthorise = reauthorise


@dataclass(frozen=True, slots=True)
class AppView:
    """Our registration at a network. `secrets` maps a field name to its values, newest first (two in rotation);
    `settings` holds the fields of its form that are none (base_url among them)."""

    secrets: Mapping[str, Sequence[str]]
    settings: Mapping[str, str] = field(default_factory=dict)

    def newest(self, name: str) -> str:
        """The value in use of a field of its form; '' where none is stored."""
        values = self.secrets.get(name) or (self.settings.get(name, ""),)
        return str(values[0])


@dataclass(frozen=True, slots=True)
class GoThere:
    """Where a manager goes to allow us in. remembered: what `connect_finish` needs and nobody may see; it stays on the
    server, and is no part of the address."""

    address: str
    remembered: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account that may be connected. missing: permissions that were not given, in the network's own names, each with
    words in `rule_words` under "permission.<name>"; usable: whether it can be read and answered without them.
    settings: of `account_fields` that are no secrets, those that the network itself tells. choices: what there is, for
    those that are asked later, by their names."""

    external_id: str
    name: str
    handle: str
    credentials: Mapping[str, str]
    missing: tuple[str, ...] = ()
    usable: bool = True
    settings: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hooked:
    """How updates reach us. code: '' where the webhook and all its subscriptions stand; else why they cannot, with
    words in `rule_words`, and the account is polled alone. events: what is subscribed; renewed: what had to be put
    there (again)."""

    code: str = ""
    events: tuple[str, ...] = ()
    renewed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Budget:
    """What the network still lets us do. what: "reads", "posts" or "calls"; left of `of`, until it begins anew."""

    what: str
    left: int
    of: int
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What a look at the network found: permissions missing, how many updates one page held, what is left; saw: places
    that there are, by their names there."""

    missing: tuple[str, ...] = ()
    read: int = 0
    budget: tuple[Budget, ...] = ()
    saw: tuple[str, ...] = ()


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

    account_key: the network's id of our account. or_else: which it is for where no account of ours is called so, the
    likeliest first; '' is the registration's oldest account. dedupe_key: never empty; the network's event id, else
    kind, object id and SHA-256 of the update. kind: the network's word, for people who look at it.
    """

    account_key: str
    dedupe_key: str
    kind: str
    body: bytes
    or_else: tuple[str, ...] = ()


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
    """One thing a manager fills in for an app or an account. Secrets are stored encrypted and never shown again.

    choices: (value, words) of which one is taken, the usual one first. help: a line below it. lines: it may have
    several.
    later: of an account, asked once the network has told what there is (`Candidate.choices`), which follows `choices`.
    """

    name: str
    label: str | LazyText
    secret: bool = False
    required: bool = True
    choices: tuple[tuple[str, str | LazyText], ...] = ()
    help: str | LazyText = ""
    lines: bool = False
    later: bool = False

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(value for value, _words in self.choices)


@dataclass(frozen=True, slots=True)
class HandedOut:
    """What a manager puts elsewhere: an address, or a piece for a page of their own. label: what it is, or where it
    goes; help: a line below it."""

    label: str | LazyText
    text: str
    help: str | LazyText = ""


class Channel(ABC):
    """One network, seen from one of our accounts. Instances are made per use and hold no state between calls."""

    slug: ClassVar[str]
    label: ClassVar[str | LazyText]
    capabilities: ClassVar[Capabilities]
    #: What our registration at the network is made of; what is no secret of it holds for each of its accounts.
    app_fields: ClassVar[tuple[FormField, ...]] = ()
    #: What an account is connected with by hand; empty where only the network's own pages lead to a key.
    account_fields: ClassVar[tuple[FormField, ...]] = ()
    #: Hosts from which what hangs on a message is fetched: "media.example.org", or "*.example.org" for all below it.
    attachment_hosts: ClassVar[tuple[str, ...]] = ()
    #: What hangs on a message came in its update, and is read out of that (`attachment_within`).
    attachments_within: ClassVar[bool] = False
    #: The app's fields that connecting on the network's own pages needs; empty where it has no such pages.
    sign_in_fields: ClassVar[tuple[str, ...]] = ()
    #: Where an address may be told aloud: who somebody is by it (`Author.claims`), '' where it is none to write to.
    told_claim: ClassVar[Callable[[str], str]] = staticmethod(lambda _address: "")
    #: Slugs of channels through whose accounts ours may send; the setting `THROUGH` says by its id through which. That
    #: one's adapter is then `through`.
    sends_through: ClassVar[tuple[str, ...]] = ()
    #: The longest body of one webhook request, in bytes: what the network may bring at once, and no more. A longer one
    #: is answered with 413 before any of it is read, and counted.
    body_limit: ClassVar[int] = 5 * 1024 * 1024

    def __init__(self, account: AccountView, net: Net) -> None:
        self.account = account
        self.net = net
        #: Finds the adapter of the account that ours sends through; asked only where something is sent.
        self.through_found: Callable[[], Channel | None] = lambda: None

    @property
    def through(self) -> Channel | None:
        """The adapter of the account that ours sends through; None where none is named, or it is connected no more."""
        return self.through_found()

    @classmethod
    def pages(cls) -> Sequence[URLPattern | URLResolver]:
        """Pages of its own that anybody may open, on which callers write (`capabilities.own_page`)."""
        return []

    def hand_out(self) -> Sequence[HandedOut]:
        """What leads callers to this account and a manager puts elsewhere."""
        return ()

    @classmethod
    def by_hand(cls, address: str) -> Sequence[HandedOut]:
        """What a manager sets at the network so that it brings updates to `address`."""
        return ()

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

    @classmethod
    def also_called(cls, settings: Mapping[str, str]) -> frozenset[str]:
        """Other keys by which an update may name the account that has these settings."""
        return frozenset()

    # -- connecting, before an account is known ---------------------------------------------------------------
    @classmethod
    def connect_begin(cls, app: AppView, net: Net, callback: str, state: str) -> GoThere:
        """Where the manager allows us in; the network sends them back to `callback` with `state`. Raises
        ConnectFailed."""
        raise ConnectFailed("no_pages")

    @classmethod
    def connect_finish(
        cls,
        app: AppView,
        net: Net,
        callback: str,
        query: Mapping[str, str],
        remembered: Mapping[str, str],
    ) -> list[Candidate]:
        """What came of it: `query` is what the network sent them back with, its state already looked at. Raises
        ConnectFailed, also where they said no."""
        raise ConnectFailed("no_pages")

    @classmethod
    def connect_fields(cls, app: AppView, net: Net, given: Mapping[str, str]) -> list[Candidate]:
        """The account that these values of `account_fields` belong to; `again`: the id of one that is connected again.
        Asks the network whose they are where that costs one call. Raises ConnectFailed."""
        credentials = {
            one.name: given[one.name] for one in cls.account_fields if one.secret and given[one.name]
        }
        known = given.get("external_id", "")
        handle = given.get("handle", "") or known
        return [Candidate(known, handle, handle, credentials)] if known else []

    # -- the account at the network ---------------------------------------------------------------------------
    def subscribe(self, address: str) -> Hooked:  # noqa: ARG002 - for those whose network can be told by a call
        """Look whether this account's updates are sent to `address`, and put there what is missing. Safe to repeat.
        Raises AskFailed."""
        return Hooked("by_hand")

    def check(self) -> Checked:
        """Whether our key is taken, what it permits, and one page of what is new, by the cheapest real calls; nothing
        is written and nobody is told anything. Raises AskFailed."""
        if not self.capabilities.polling:
            return Checked()
        try:
            events, _cursor, _more = self.poll({})
        except PollFailed as failed:
            raise AskFailed(failed.words, reauthorise=failed.reauthorise) from failed
        return Checked(read=len(events))

    def try_out(self, text: str) -> None:  # noqa: ARG002 - for those that have such a place
        """Put `text` where no caller is spoken to, and take it away again; `try_out_words` says where. Raises
        AskFailed."""
        raise AskFailed(f"{self.slug} offers no place to try it out")

    @classmethod
    def try_out_words(cls, language: str) -> str:
        """What `try_out` does, for the manager who confirms it; '' where the network has no such place."""
        return ""

    def leave(self) -> str:
        """Have no more updates sent, and give the key back. Returns '' when the network took it back, else a code with
        words in `rule_words`: what is left to do there. Raises AskFailed."""
        return "revoke_by_hand"

    def cursor_at(self, moment: datetime) -> dict[str, str]:  # noqa: ARG002 - for those that look back
        """The cursor of a poll that hands over nothing from before `moment`."""
        return {}

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

    def attachment(self, url: str, external_id: str, into: BinaryIO, most: int) -> None:  # noqa: ARG002 - for those whose ids lead there
        """Write the bytes of what hung on a message into `into`, at most `most`. Raises AttachmentGone,
        AttachmentRefused; NetError where it may be had another time."""
        try:
            answer = self.net.download(url, into, most=most, allowed=self._may_fetch)
        except TooLarge as error:
            raise AttachmentRefused("too_large") from error
        except AddressRefused as error:
            raise AttachmentRefused("host") from error
        if answer.status_code in _ENDED:
            raise AttachmentGone(f"HTTP {answer.status_code}")
        if answer.status_code != HTTPStatus.OK:
            raise Broken(f"HTTP {answer.status_code}")

    def attachment_within(self, event: RawEvent, url: str, into: BinaryIO, most: int) -> None:  # noqa: ARG002 - for those whose updates hold it
        """The same, out of the update that brought the message; no network. Raises AttachmentGone,
        AttachmentRefused."""
        raise AttachmentGone(f"updates of {self.slug} hold no files")

    def _may_fetch(self, url: str) -> bool:
        """Over TLS from the network's own hosts; what stands in for the network serves its own."""
        there = urlsplit(url)
        base = urlsplit(self.account.settings.get("base_url", ""))
        if base.hostname and (there.scheme, there.netloc) == (base.scheme, base.netloc):
            return True
        host = there.hostname or ""
        return there.scheme == "https" and any(
            host.endswith(each[1:]) if each.startswith("*.") else host == each
            for each in self.attachment_hosts
        )

    @classmethod
    def page_of(cls, original: bytes) -> str:
        """The message as its author's program would show it, as HTML, out of the whole message as it came; '' where it
        has none. It is a stranger's: who shows it cleans it. Raises nothing on hostile content."""
        return ""

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

    def acknowledged_at(self, message: OutboundMessage) -> datetime | None:
        """When the caller's own program said that it has what `send` laid ready; None: not yet. For channels that are
        acknowledged, like the two that follow; no network call."""
        raise NotImplementedError(f"{self.slug} is not acknowledged")

    def other_way(self, message: OutboundMessage, *, later: bool = False) -> bool:  # noqa: ARG002 - for those that know one
        """Whether what lies ready unread would reach them otherwise, if it were taken back and sent anew, now; with
        `later` also at another time than now."""
        return False

    def take_back(self, message: OutboundMessage) -> bool:
        """Let nobody have it any more, within the transaction that says what becomes of it. False: they have it."""
        raise NotImplementedError(f"{self.slug} is not acknowledged")

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

    def listen(self, stop: Callable[[], bool], news: Callable[[], None]) -> None:
        """Hold a connection open until `stop()`, looked at several times a second, and call `news` once it stands and
        whenever something may have come: it polls, in this thread. For channels that listen. Raises PollFailed where
        the connection breaks."""
        raise NotImplementedError(f"{self.slug} does not listen")
