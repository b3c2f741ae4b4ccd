"""What the network remembers: plain records that go to and come from JSON."""

from __future__ import annotations

import base64
import secrets
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclass
class App:
    """A registration of a developer: secrets, the bearer token of the app itself, and its client of OAuth 2.0 with the
    addresses that people may be sent back to."""

    KIND: ClassVar[str] = "app"
    id: str
    name: str
    consumer_key: str
    consumer_secret: str
    bearer_token: str
    owner_id: str | None = None
    old_secrets: list[str] = field(default_factory=list)
    client_id: str = field(default_factory=lambda: key(34))
    client_secret: str = field(default_factory=lambda: key(50))
    callbacks: list[str] = field(default_factory=list)


@dataclass
class Account:
    """What a user gave an app: OAuth 1.0a and OAuth 2.0 tokens. `revoked` makes all of them dead. scopes: of the OAuth
    2.0 token, empty for all; token_ends_ms: 0 for one that a script made, which does not end."""

    KIND: ClassVar[str] = "account"
    id: str  # the user's id and the app's, so that a user can be known to two apps
    user_id: str
    app_id: str
    access_token: str
    access_token_secret: str
    user_token: str
    refresh_token: str
    revoked: bool = False
    scopes: list[str] = field(default_factory=list)
    token_ends_ms: int = 0


@dataclass
class User:
    """Somebody on the network. `desk` marks an organisation that answers, for the town's pages only."""

    KIND: ClassVar[str] = "user"
    id: str
    username: str
    name: str
    lang: str
    created_ms: int
    description: str = ""
    followers: int = 12
    protected: bool = False
    desk: bool = False


@dataclass
class Post:
    """One version of a post. An edit is a new Post with a new id and the same `root` (the first version's
    id)."""

    KIND: ClassVar[str] = "post"
    id: int
    root: int
    author_id: str
    text: str  # as the network stores it: a reply starts with the people it answers
    prefix: int  # characters at the start that the network put there
    created_ms: int
    conversation_id: int
    in_reply_to: int | None
    quoted: int | None
    mentions: list[str]  # ids that the author wrote
    implicit: list[str]  # ids that only the prefix names
    lang: str
    urls: list[dict[str, str]] = field(default_factory=list)  # {url: the short form in text, expanded_url}
    deleted: bool = False
    media: list[str] = field(default_factory=list)  # ids of pictures

    @property
    def said(self) -> str:
        """The author's own words, without the prefix."""
        return self.text[self.prefix :]


@dataclass
class Upload:
    """A picture that was uploaded and may be named by a post of its owner, for a day. Not kept: a restart ends it."""

    id: str
    user_id: str
    content_type: str
    created_ms: int


@dataclass
class Webhook:
    """A registered address of an app; `valid` until a challenge fails."""

    KIND: ClassVar[str] = "webhook"
    id: str
    app_id: str
    url: str
    created_ms: int
    valid: bool = True


@dataclass
class Subscription:
    """Which events of which user go to which webhook."""

    KIND: ClassVar[str] = "subscription"
    id: str
    app_id: str
    event_type: str
    user_id: str
    webhook_id: str | None
    tag: str | None
    created_ms: int
    updated_ms: int


Record = App | Account | User | Post | Webhook | Subscription
CLASSES: dict[str, type[Record]] = {
    "app": App,
    "account": Account,
    "user": User,
    "post": Post,
    "webhook": Webhook,
    "subscription": Subscription,
}


def to_dict(record: DataclassInstance) -> dict[str, Any]:
    """The record as JSON."""
    return asdict(record)


def key(length: int = 25) -> str:
    """A consumer key or token in the network's alphabet."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    return "".join(secrets.choice(alphabet) for _ in range(length))


def user_token(user_id: str) -> str:
    """An OAuth 1.0a access token: the network puts the user's id before the dash."""
    return f"{user_id}-{key(40)}"


def bearer() -> str:
    """An app-only bearer token; the network's have this many characters and start alike."""
    return "AAAAAAAAAAAAAAAAAAAAA" + base64.urlsafe_b64encode(secrets.token_bytes(60)).decode().rstrip("=")
