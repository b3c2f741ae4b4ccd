"""What the core may ask of an account's channel: how it counts lengths, and what its rules are called.

Channels live one floor up; that floor hands their answers in when it starts (`register`), so nothing here
points up.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings

from tickets.contract import Visibility
from tickets.models import ChannelAccount, Conversation


class ChannelFacts(Protocol):
    """`limit` None: no limit; `splits`: a longer text goes in several parts."""

    def limit(self, visibility: Visibility) -> int | None: ...
    @property
    def splits(self) -> bool: ...
    def length(self, text: str) -> int: ...
    def split(self, text: str, limit: int) -> Sequence[str]: ...
    def rule_words(self, rule: str, language: str) -> str: ...


@dataclass(frozen=True, slots=True)
class ChannelKind:
    """A channel that the desk knows, whether an account of ours is there or not; `facts` as it states them itself."""

    slug: str
    label: str
    manner: str
    public: bool
    private: bool
    facts: ChannelFacts


@dataclass(frozen=True, slots=True)
class FileLimits:
    """What files may go with one message of ours: how many, how many bytes together and each, of which types
    ("image/png", "image/*"; none named: any). apart: each goes as a message of its own, after the words."""

    most: int
    most_bytes: int
    types: tuple[str, ...]
    each_bytes: int = 0
    apart: bool = False

    def takes(self, content_type: str) -> bool:
        return not self.types or any(
            content_type == each or (each.endswith("/*") and content_type.startswith(each[:-1]))
            for each in self.types
        )


MOST_FILES = 20


def file_limits(account: ChannelAccount, visibility: Visibility = "public") -> FileLimits | None:
    """None where no files go out from this account, in messages that are seen so."""
    stated = account.capabilities
    own = stated.get("files_private") if visibility == "private" else None
    if own is None:
        if not stated.get("sends_files"):
            return None
        own = {
            "most": stated.get("files_most"),
            "most_bytes": stated.get("files_most_bytes"),
            "each_bytes": stated.get("file_most_bytes"),
            "types": stated.get("file_types"),
        }
    most_bytes = min(
        int(own.get("most_bytes") or settings.ATTACHMENT_MOST_BYTES), settings.ATTACHMENT_MOST_BYTES
    )
    return FileLimits(
        most=min(int(own.get("most") or MOST_FILES), MOST_FILES),
        most_bytes=most_bytes,
        types=tuple(own.get("types") or ()),
        each_bytes=min(int(own.get("each_bytes") or most_bytes), most_bytes),
        apart=bool(own.get("apart")),
    )


@dataclass(frozen=True, slots=True)
class Length:
    """`used` of `limit` in the channel's own units; `parts` is how many messages it becomes; `fits` else
    refused."""

    used: int
    limit: int | None
    parts: int
    fits: bool


class Above(Protocol):
    """What the floor above answers: the facts by the id of an account, those of the accounts that are connected, and
    every channel that the desk knows."""

    def find(self, account_id: int) -> ChannelFacts: ...
    def find_all(self, account_ids: Collection[int]) -> Mapping[int, ChannelFacts]: ...
    def kinds(self) -> Sequence[ChannelKind]: ...
    def page_of(self, channel: str, original: bytes) -> str: ...


_above: Above | None = None


def register(above: Above) -> None:
    """Called once, when the floor above starts."""
    global _above
    _above = above


def kinds() -> Sequence[ChannelKind]:
    """Every channel that the desk knows, in a set order."""
    return _registered().kinds()


def facts_of_all(account_ids: Collection[int]) -> Mapping[int, ChannelFacts]:
    """By account, those that are connected. One statement."""
    return _registered().find_all(account_ids) if account_ids else {}


def _registered() -> Above:
    if _above is None:
        raise RuntimeError("no channels are registered: channels_social is not among the installed apps")
    return _above


def page_of(account: ChannelAccount, original: bytes) -> str:
    """The HTML of a message, out of the whole message as it came; "" where it has none. Nobody has cleaned it."""
    return _registered().page_of(account.channel, original)


def facts_of(account: ChannelAccount) -> ChannelFacts:
    """Raises RuntimeError where no floor above has registered."""
    return _registered().find(account.pk)


def measured(account: ChannelAccount, text: str, visibility: Visibility = "public") -> Length:
    """The length of a whole text on this account, against the account's own limit where a manager set one."""
    facts = facts_of(account)
    limit, used = limit_of(account, facts.limit(visibility), visibility), facts.length(text)
    if limit is None or used <= limit:
        return Length(used, limit, 1, True)
    if not facts.splits:
        return Length(used, limit, 1, False)
    parts = facts.split(text, limit)
    return Length(used, limit, len(parts), all(facts.length(part) <= limit for part in parts))


def parts_of(account: ChannelAccount, text: str, visibility: Visibility = "public") -> list[str]:
    """The messages that a whole text goes in here, as its channel would split it; one where it fits, or cannot be."""
    facts = facts_of(account)
    limit = limit_of(account, facts.limit(visibility), visibility)
    if limit is None or not facts.splits or facts.length(text) <= limit:
        return [text]
    return list(facts.split(text, limit))


def seen_by(conversation: Conversation) -> Visibility:
    """The conversation's visibility, as channels know it."""
    return "public" if conversation.visibility == "public" else "private"


def lies_on_page(conversation: Conversation) -> bool:
    """Whether nothing brings our words there to the caller, so that they lie on the caller's page (`MayReply.lies`)."""
    return bool(conversation.reply_rule.get("lies"))


def limit_of(account: ChannelAccount, stated: int | None, visibility: Visibility) -> int | None:
    """The longest part: what a manager set for the account (`caps`), else what its channel states."""
    own = account.caps.get("max_length_private" if visibility == "private" else "max_length")
    return int(own) if own else stated


def rule_words(account: ChannelAccount, rule: str, language: str) -> str:
    """A network's rule in words for an agent; the bare code where the channel has no words for it."""
    return facts_of(account).rule_words(rule, language) or rule
