"""What the network remembers of Pages and Messenger: plain records that go to and come from JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass
class App:
    """A registration of a developer. `callback_url` and `fields`: its webhook for the object page, once the
    challenge was passed. `verify_token` is what the dashboard's form holds and the challenge names."""

    KIND: ClassVar[str] = "fb_app"
    id: str
    name: str
    secret: str
    verify_token: str
    old_secrets: list[str] = field(default_factory=list)
    callback_url: str = ""
    callbacks: list[str] = field(default_factory=list)  # of the sign-in, letter by letter
    fields: list[str] = field(default_factory=list)


@dataclass
class Page:
    """An organisation's Page, the token that its app was given, and what the app subscribed to. `dead`: the
    subcode with which the token is refused, 0 for none. `granted`: the permissions that somebody gave when they signed
    in, None for all that the app has."""

    KIND: ClassVar[str] = "fb_page"
    id: str
    name: str
    username: str
    lang: str
    app_id: str
    token: str
    subscribed: list[str] = field(default_factory=list)
    dead: int | None = None
    granted: list[str] | None = None
    category: str = "Government organisation"


@dataclass
class Login:
    """What a colleague of the Pages gave the app on Facebook's dialog: a token of theirs, for some Pages and
    permissions. `dead` once they took it back."""

    KIND: ClassVar[str] = "fb_login"
    id: str
    app_id: str
    name: str
    token: str
    pages: list[str]
    scopes: list[str]
    ends_ms: int
    dead: bool = False


@dataclass
class Person:
    """Somebody in town. `id` is what a comment's `from` names; each Page knows the same person in Messenger by
    another id, made when they first meet there."""

    KIND: ClassVar[str] = "fb_person"
    id: str
    username: str
    name: str
    lang: str
    psids: dict[str, str] = field(default_factory=dict)  # page id: page-scoped id
    blocked: list[str] = field(default_factory=list)  # page ids


@dataclass
class Story:
    """A post or a comment. For a post `post_id` is its own id and `parent_id` is None; a top-level comment's
    parent is the post."""

    KIND: ClassVar[str] = "fb_story"
    id: str
    serial: int
    page_id: str
    author_id: str
    text: str
    created_ms: int
    post_id: str
    parent_id: str | None = None
    media: str = ""  # photo, sticker or nothing
    media_id: str = ""
    edits: int = 0
    edited_ms: int = 0
    hidden: bool = False
    deleted: bool = False
    outside: bool = False  # written as the Page by a colleague on the network itself
    tags: list[dict[str, Any]] = field(default_factory=list)  # {id, name, type, offset, length}
    private_reply: str = ""  # the message that was sent to its author in answer
    uploaded: bool = False  # its media came over the API

    @property
    def is_post(self) -> bool:
        return self.parent_id is None


@dataclass
class Message:
    """One message between a person and a Page. `private_reply_to`: the story that allowed it."""

    KIND: ClassVar[str] = "fb_message"
    id: str
    serial: int
    page_id: str
    person_id: str
    outgoing: bool  # from the Page
    text: str
    created_ms: int
    media: str = ""
    media_id: str = ""
    app_id: str = ""
    reply_to: str = ""
    private_reply_to: str = ""
    edits: int = 0
    unsent: bool = False
    read: bool = False
    file_name: str = ""  # of media that came over the API
    file_size: int = 0
    file_type: str = ""


@dataclass
class Upload:
    """A file that a Page uploaded for a message. Not kept: a restart ends it."""

    id: str
    page_id: str
    kind: str  # image, video, audio, file
    name: str
    size: int
    content_type: str


Record = App | Page | Login | Person | Story | Message
CLASSES: dict[str, type[Record]] = {one.KIND: one for one in (App, Page, Login, Person, Story, Message)}
