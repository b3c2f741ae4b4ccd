"""Pages, people, posts, comments and messages; every change is in the journal before the call returns."""

from __future__ import annotations

import secrets
import threading
from collections import defaultdict
from datetime import timedelta
from typing import Any, Protocol

from sandbox.facebook.records import CLASSES, App, Login, Message, Page, Person, Record, Story, Upload
from sandbox.facebook.tagging import tagged
from sandbox.ids import millis
from sandbox.journal import Journal
from sandbox.records import key
from sandbox.settings import FacebookSettings
from sandbox.world import NotAllowed, Unknown, World

# Messages that a colleague sends from the network's own inbox carry this app in their echo (Messenger
# Platform, handover protocol: the Page Inbox).
PAGE_INBOX = "263902037430900"
MEDIA = ("", "photo", "sticker")
EDIT_MESSAGE, MESSAGE_EDITS = timedelta(minutes=15), 5


class Listener(Protocol):
    """Who is told; called under the lock, so it may not wait."""

    def story(self, verb: str, story: Story) -> None: ...

    def reaction(self, verb: str, story: Story, person: Person, reaction: str) -> None: ...

    def message(self, message: Message) -> None: ...

    def message_edited(self, message: Message) -> None: ...

    def receipt(self, kind: str, page: Page, psid: str, messages: list[Message]) -> None: ...


class Facebook:
    """All state, under one lock. The clock and the settings are those of the town."""

    def __init__(self, journal: Journal, town: World) -> None:
        self.lock = threading.RLock()
        self.journal = journal
        self.town = town
        self.base_url = ""
        self.listener: Listener | None = None
        self._empty()
        for record in sorted(journal.records(CLASSES), key=lambda one: getattr(one, "serial", 0)):
            self._index(record)

    def _empty(self) -> None:
        self.apps: dict[str, App] = {}
        self.pages: dict[str, Page] = {}
        self.people: dict[str, Person] = {}
        self.names: dict[str, str] = {}  # a person's or Page's handle in lower case: id
        self.tokens: dict[str, Page] = {}
        self.logins: dict[str, Login] = {}  # by token
        self.psids: dict[str, tuple[str, str]] = {}  # page-scoped id: (page id, person id)
        self.stories: dict[str, Story] = {}
        self.posts: dict[str, list[Story]] = defaultdict(list)  # page id: posts, oldest first
        self.comments: dict[str, list[Story]] = defaultdict(list)  # post id: comments of any depth
        self.children: dict[str, list[Story]] = defaultdict(list)
        self.messages: dict[str, Message] = {}
        self.threads: dict[tuple[str, str], list[Message]] = defaultdict(list)
        self.pictures: set[str] = set()
        self.uploaded: dict[str, Upload] = {}
        self._last = 0

    def reset(self) -> None:
        with self.lock:
            self._empty()

    @property
    def settings(self) -> FacebookSettings:
        return self.town.settings.facebook

    def now(self) -> int:
        """Milliseconds."""
        return millis(self.town.clock())

    # ---- records ----

    def keep(self, record: Record) -> None:
        with self.lock:
            self.journal.put(record)
            self._index(record)

    def _index(self, record: Record) -> None:
        for part in record.id.split("_"):
            self._last = max(self._last, int(part) if part.isdigit() else 0)
        if isinstance(record, App):
            self.apps[record.id] = record
        elif isinstance(record, Page):
            self.pages[record.id] = record
            self.names[record.username.lower()] = record.id
            self.tokens = {token: page for token, page in self.tokens.items() if page is not record}
            self.tokens[record.token] = record
        elif isinstance(record, Login):
            self.logins = {token: one for token, one in self.logins.items() if one.id != record.id}
            self.logins[record.token] = record
        elif isinstance(record, Person):
            self.people[record.id] = record
            self.names[record.username.lower()] = record.id
            for page_id, psid in record.psids.items():
                self.psids[psid] = (page_id, record.id)
                self._last = max(self._last, int(psid))
        elif isinstance(record, Message):
            new = record.id not in self.messages
            if new:
                self.threads[record.page_id, record.person_id].append(record)
            self._last = max(self._last, record.serial)
            self.messages[record.id] = record
            self.pictures |= {record.media_id} if record.media_id and new else set()
        else:
            self._index_story(record)

    def _index_story(self, story: Story) -> None:
        if story.id not in self.stories:
            if story.parent_id is None:
                self.posts[story.page_id].append(story)
            else:
                self.comments[story.post_id].append(story)
                self.children[story.parent_id].append(story)
            self.pictures |= {story.media_id} if story.media_id else set()
        self.stories[story.id] = story

    def new_id(self) -> int:
        """Ascending, 15 digits, like the network's."""
        self._last = max(self._last + 1, self.now() * 100)
        return self._last

    def new_secret(self) -> str:
        """32 hex digits, like the network's."""
        return secrets.token_hex(16)

    # ---- who there is ----

    def page(self, who: str = "") -> Page:
        """By id, handle or name; without one the first. Unknown otherwise."""
        found = self.pages.get(who) or self.pages.get(self.names.get(who.lower(), ""))
        found = found or next((page for page in self.pages.values() if not who or page.name == who), None)
        if found is None:
            raise Unknown(f"There is no Page {who!r}." if who else "There is no Page yet; create one first.")
        return found

    def person(self, who: str) -> Person:
        """By id or handle; Unknown otherwise."""
        found = self.people.get(who) or self.people.get(self.names.get(who.lower(), ""))
        if found is None:
            raise Unknown(f"There is nobody {who!r} on Facebook.")
        return found

    def author_name(self, author_id: str) -> str:
        found = self.people.get(author_id) or self.pages.get(author_id)
        return found.name if found else ""

    def create_app(self, name: str) -> App:
        with self.lock:
            app = App(str(self.new_id()), name, self.new_secret(), secrets.token_urlsafe(24))
            self.keep(app)
            return app

    def create_page(self, username: str, name: str, lang: str, app: App) -> Page:
        with self.lock:
            self._free(username)
            page = Page(str(self.new_id()), name, username, lang, app.id, "EAA" + key(180))
            self.keep(page)
            return page

    def create_person(self, username: str, name: str, lang: str) -> Person:
        with self.lock:
            self._free(username)
            person = Person(str(self.new_id()), username, name, lang)
            self.keep(person)
            return person

    def _free(self, username: str) -> None:
        if not username or username.lower() in self.names:
            raise NotAllowed(f"The handle {username!r} is empty or taken on Facebook.")

    def psid(self, page: Page, person: Person) -> str:
        """The person's id towards this Page; made when they first meet."""
        with self.lock:
            if page.id not in person.psids:
                person.psids[page.id] = str(self.new_id())
                self.keep(person)
            return person.psids[page.id]

    # ---- posts and comments ----

    def publish(self, author_id: str, page: Page, said: str, media: str = "", outside: bool = False) -> Story:
        """A post on the Page's wall, by a visitor or by the Page."""
        with self.lock:
            self._may_write(author_id, page)
            local = self.new_id()
            said, tags = self._tagged(author_id, said, outside)
            story = Story(
                f"{page.id}_{local}", local, page.id, author_id, said, self.now(), f"{page.id}_{local}",
                media=_media(media, said), media_id=self._media_id(media), outside=outside, tags=tags,
            )  # fmt: skip
            self.keep(story)
            self._tell("add", story)
            return story

    def comment(
        self,
        author_id: str,
        parent: Story,
        said: str,
        media: str = "",
        outside: bool = False,
        media_id: str = "",
    ) -> Story:
        """A comment on a post or under a comment; too deep hangs one level up, where the settings say so. media_id: of
        a picture that was uploaded."""
        with self.lock:
            page = self.pages[parent.page_id]
            self._may_write(author_id, page)
            deepest = self.settings.max_depth
            while deepest is not None and self.depth(parent) >= max(deepest, 1):
                parent = self.stories[parent.parent_id or parent.post_id]
            serial = self.new_id()
            said, tags = self._tagged(author_id, said, outside)
            story = Story(
                f"{parent.post_id.split('_')[1]}_{serial}", serial, page.id, author_id, said, self.now(),
                parent.post_id, parent.id, _media(media, said), media_id or self._media_id(media), outside=outside,
                tags=tags, uploaded=bool(media_id),
            )  # fmt: skip
            self.keep(story)
            self._tell("add", story)
            return story

    def _tagged(self, author_id: str, said: str, outside: bool) -> tuple[str, list[dict[str, Any]]]:
        """What comes over the API stays as it is; only people and colleagues type into the composer."""
        if "@" not in said or not (author_id in self.people or outside):
            return said, []
        return tagged(said, [*self.people.values(), *self.pages.values()])

    def depth(self, story: Story) -> int:
        """0 for a post, 1 for a comment on it, and so on."""
        count = 0
        while story.parent_id is not None:
            story, count = self.stories[story.parent_id], count + 1
        return count

    def _may_write(self, author_id: str, page: Page) -> None:
        person = self.people.get(author_id)
        if person is not None and page.id in person.blocked:
            raise NotAllowed(f"{person.name} has blocked the Page {page.name}; unblock it to write there.")

    def edit(self, story: Story, said: str) -> None:
        with self.lock:
            story.text, story.tags = self._tagged(story.author_id, said, story.outside)
            story.edits, story.edited_ms = story.edits + 1, self.now()
            self.keep(story)
            self._tell("edited", story)

    def delete(self, story: Story) -> None:
        """What stands under it goes with it; the network tells of the one that was taken away."""
        with self.lock:
            self._take_away(story)
            self._tell("remove", story)

    def _take_away(self, story: Story) -> None:
        story.deleted = True
        self.keep(story)
        for child in self.children.get(story.id, []):
            if not child.deleted:
                self._take_away(child)

    def hide(self, story: Story, hidden: bool) -> None:
        with self.lock:
            if story.hidden != hidden:
                story.hidden = hidden
                self.keep(story)
                self._tell("hide" if hidden else "unhide", story)

    def react(self, person: Person, story: Story, reaction: str, verb: str = "add") -> None:
        """Nothing is kept of it; the network tells."""
        with self.lock:
            if self.listener is not None:
                self.listener.reaction(verb, story, person, reaction)

    def live(self, story_id: str) -> Story:
        """The post or comment if it is there and not deleted; Unknown otherwise."""
        story = self.stories.get(story_id)
        if story is None or story.deleted:
            raise Unknown(f"There is no post or comment {story_id}.")
        return story

    def _tell(self, verb: str, story: Story) -> None:
        if self.listener is not None:
            self.listener.story(verb, story)

    # ---- messages ----

    def write(self, person: Person, page: Page, said: str, media: str = "", reply_to: str = "") -> Message:
        """A person writes to the Page; whatever the Page sent is read by then."""
        with self.lock:
            self._may_write(person.id, page)
            self.read(person, page)
            return self._message(page, person, False, said, _media(media, said), reply_to=reply_to)

    def send(
        self,
        page: Page,
        person: Person,
        said: str,
        app_id: str,
        private_reply_to: str = "",
        file: Upload | None = None,
    ) -> Message:
        """The Page writes to a person, words or a file; the rules were checked by the caller."""
        with self.lock:
            message = self._message(
                page, person, True, said, "", app_id=app_id, private_reply_to=private_reply_to, file=file
            )
            if self.settings.receipts and self.listener is not None:
                self.listener.receipt("delivery", page, self.psid(page, person), [message])
            return message

    def _message(
        self, page: Page, person: Person, outgoing: bool, said: str, media: str, app_id: str = "",
        reply_to: str = "", private_reply_to: str = "", file: Upload | None = None,
    ) -> Message:  # fmt: skip
        self.psid(page, person)
        message = Message(
            "m_" + secrets.token_urlsafe(32).replace("-", "A"), self.new_id(), page.id, person.id, outgoing,
            said, self.now(), media, self._media_id(media), app_id, reply_to, private_reply_to,
        )  # fmt: skip
        if file is not None:
            message.media, message.media_id = "photo" if file.kind == "image" else "file", file.id
            message.file_name, message.file_size, message.file_type = file.name, file.size, file.content_type
        self.keep(message)
        if self.listener is not None:
            self.listener.message(message)
        return message

    def read(self, person: Person, page: Page) -> int:
        """The person opens the conversation. Returns how many messages were unread."""
        with self.lock:
            unread = [m for m in self.threads.get((page.id, person.id), []) if m.outgoing and not m.read]
            for message in unread:
                message.read = True
                self.keep(message)
            if unread and self.settings.receipts and self.listener is not None:
                self.listener.receipt("read", page, self.psid(page, person), unread)
            return len(unread)

    def edit_message(self, message: Message, said: str) -> None:
        """Within 15 minutes and five times, a person's own."""
        with self.lock:
            late = self.now() - message.created_ms > EDIT_MESSAGE.total_seconds() * 1000
            if message.outgoing or message.unsent or late or message.edits >= MESSAGE_EDITS:
                raise NotAllowed("A person edits their own message, for 15 minutes and five times.")
            message.text, message.edits = said, message.edits + 1
            self.keep(message)
            if self.listener is not None:
                self.listener.message_edited(message)

    def unsend(self, message: Message) -> None:
        """It vanishes from the conversation; the network tells nobody."""
        with self.lock:
            message.unsent = True
            self.keep(message)

    def said_message(self, message_id: str) -> Message:
        """The message if it is there and not unsent; Unknown otherwise."""
        message = self.messages.get(message_id)
        if message is None or message.unsent:
            raise Unknown(f"There is no message {message_id}.")
        return message

    def thread(self, page: Page, person: Person) -> list[Message]:
        """What the two wrote, oldest first."""
        return [m for m in self.threads.get((page.id, person.id), []) if not m.unsent]

    def block(self, person: Person, page: Page, blocked: bool) -> None:
        with self.lock:
            person.blocked = [one for one in person.blocked if one != page.id] + [page.id] * blocked
            self.keep(person)

    def age(self, things: list[Story | Message], seconds: float) -> None:
        """Move them so far into the past, as if they had been written then; windows are counted from there."""
        with self.lock:
            for thing in things:
                thing.created_ms -= int(seconds * 1000)
                self.keep(thing)

    def picture(self, media_id: str) -> bool:
        """Is there such a picture, and has its address not expired?"""
        return media_id in self.pictures

    def expire_pictures(self) -> int:
        """No address of a picture leads anywhere any more, as after some days. Returns how many did."""
        with self.lock:
            gone, self.pictures = len(self.pictures), set()
            return gone

    def _media_id(self, media: str) -> str:
        return str(self.new_id()) if media else ""


def _media(media: str, said: str) -> str:
    if media not in MEDIA:
        raise ValueError("media is photo, sticker or nothing.")
    if not media and not said.strip():
        raise ValueError("Say something first, or add a photo or a sticker.")
    return media
