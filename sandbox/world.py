"""The network's memory: who exists, who said what, under whom; and the indexes its lists are read from."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Protocol

from sandbox import records, text
from sandbox.ids import Clock, Snowflakes, millis, real_clock
from sandbox.journal import Journal
from sandbox.records import CLASSES, Account, App, Post, Record, Subscription, Upload, User, Webhook
from sandbox.settings import Settings
from sandbox.tongue import language_of

EDIT_WINDOW = timedelta(minutes=30)
EDITS = 5


class Listener(Protocol):
    """Who is told of new and deleted posts; called under the world's lock, so it may not wait."""

    def announce(self, post: Post) -> None: ...

    def announce_deleted(self, post: Post) -> None: ...


class Unknown(ValueError):
    """Something named in a call does not exist; the text says what."""


class NotAllowed(ValueError):
    """The network's own rule forbids it; the text says which."""


class World:
    """All state, under one lock; every change is in the journal before the call returns."""

    def __init__(self, journal: Journal, clock: Clock = real_clock) -> None:
        self.lock = threading.RLock()
        self.journal = journal
        self.clock = clock
        self.listeners: list[Listener] = []
        self._empty()
        for record in journal.records(CLASSES):
            self._index(record)
        saved = journal.noted("settings")
        if isinstance(saved, dict):
            self.settings.update(saved)

    def _empty(self) -> None:
        self.settings = Settings()
        self.apps: dict[str, App] = {}
        self.accounts: dict[str, Account] = {}
        self.users: dict[str, User] = {}
        self.usernames: dict[str, str] = {}
        self.posts: dict[int, Post] = {}
        self.versions: dict[int, list[int]] = defaultdict(list)
        self.by_author: dict[str, list[int]] = defaultdict(list)
        self.mentioning: dict[str, list[int]] = defaultdict(list)
        self.children: dict[int, list[int]] = defaultdict(list)
        self.conversations: dict[int, list[int]] = defaultdict(list)
        self.webhooks: dict[str, Webhook] = {}
        self.subscriptions: dict[str, Subscription] = {}
        self.tokens: dict[str, Account | App] = {}
        self.same_text: dict[tuple[str, str], int] = {}
        self.uploaded: dict[str, Upload] = {}
        self.flakes = Snowflakes()

    def reset(self) -> None:
        """Forget everything, settings too; the journal is emptied by the network, for all its parts."""
        with self.lock:
            self._empty()

    # ---- records ----

    def keep(self, record: Record) -> None:
        """Store a new or changed record."""
        with self.lock:
            self.journal.put(record)
            self._index(record)

    def drop(self, record: Webhook | Subscription) -> None:
        with self.lock:
            self.journal.remove(record)
            (self.webhooks if isinstance(record, Webhook) else self.subscriptions).pop(record.id, None)

    def _index(self, record: Record) -> None:
        if isinstance(record, Post):
            if record.id not in self.posts:
                self._index_post(record)
            self.posts[record.id] = record
            return
        self.flakes.last = max(self.flakes.last, *(int(part) for part in record.id.split(":")))
        if isinstance(record, App):
            self.apps[record.id] = record
            self.tokens = {t: o for t, o in self.tokens.items() if o is not record}
            self.tokens |= {record.consumer_key: record, record.bearer_token: record}
        elif isinstance(record, Account):
            self.accounts[record.id] = record
            self.tokens = {t: o for t, o in self.tokens.items() if o is not record}
            self.tokens |= dict.fromkeys(
                (record.access_token, record.user_token, record.refresh_token), record
            )
        elif isinstance(record, User):
            self.users[record.id] = record
            self.usernames[record.username.lower()] = record.id
        elif isinstance(record, Webhook):
            self.webhooks[record.id] = record
        else:
            self.subscriptions[record.id] = record

    def _index_post(self, post: Post) -> None:
        self.flakes.last = max(self.flakes.last, post.id)
        self.versions[post.root].append(post.id)
        self.by_author[post.author_id].append(post.id)
        for user_id in {*post.mentions, *post.implicit}:
            self.mentioning[user_id].append(post.id)
        self.conversations[post.conversation_id].append(post.id)
        if post.in_reply_to is not None and post.id == post.root:
            parent = self.posts.get(post.in_reply_to)
            self.children[parent.root if parent else post.in_reply_to].append(post.id)
        self.same_text[post.author_id, _as_typed(post).casefold()] = post.id

    def new_id(self) -> int:
        return self.flakes.next(millis(self.clock()))

    def user(self, who: str) -> User:
        """By id or by handle (with or without @); Unknown otherwise."""
        found = self.users.get(who) or self.users.get(self.usernames.get(who.lstrip("@").lower(), ""))
        if found is None:
            raise Unknown(f"There is no user {who!r}.")
        return found

    def app(self, app_id: str | None = None) -> App:
        """By id; without one the first app."""
        found = self.apps.get(app_id) if app_id else next(iter(self.apps.values()), None)
        if found is None:
            raise Unknown(
                f"There is no app {app_id!r}." if app_id else "There is no app yet; create one first."
            )
        return found

    def create_app(self, name: str) -> App:
        with self.lock:
            app = App(
                str(self.new_id()),
                name,
                records.key(25),
                records.key(50),
                records.bearer(),
            )
            self.keep(app)
            return app

    def create_user(
        self,
        username: str,
        name: str,
        lang: str = "en",
        desk: bool = False,
        description: str = "",
    ) -> User:
        with self.lock:
            if username.lower() in self.usernames:
                raise NotAllowed(f"The handle @{username} is taken.")
            if text.handles(f"@{username}") != [(0, len(username) + 1, username)]:
                raise NotAllowed("A handle has 1 to 15 letters, digits or underscores.")
            now = millis(self.clock())
            user = User(str(self.new_id()), username, name, lang, now, description, desk=desk)
            self.keep(user)
            return user

    def create_account(self, user: User, app: App) -> Account:
        """Let an app act for a user: the tokens that a consent would give."""
        with self.lock:
            account = Account(
                f"{user.id}:{app.id}", user.id, app.id, records.user_token(user.id),
                records.key(45), records.key(90), records.key(90),
            )  # fmt: skip
            self.keep(account)
            if app.owner_id is None:
                app.owner_id = user.id
                self.keep(app)
            return account

    # ---- posts ----

    def publish(
        self,
        author: User,
        said: str,
        in_reply_to: int | None = None,
        quoted: int | None = None,
        lang: str | None = None,
        media: Sequence[Upload] = (),
    ) -> Post:
        """Store a post and tell who listens.

        1. The parent must be there. 2. A reply starts with the people it answers (prefix; implicit mentions).
        3. Links are shortened; pictures get one below the words. 4. Mentions are those handles that exist. 5. Store,
        index, tell.
        """
        with self.lock:
            parent = self.live(in_reply_to) if in_reply_to is not None else None
            if quoted is not None:
                self.live(quoted)
            prefix, implicit = self.prefix(author, parent, said)
            short = text.shorten(said)
            mentions = [
                self.usernames[h.lower()] for _, _, h in text.handles(said) if h.lower() in self.usernames
            ]
            now = millis(self.clock())
            post_id = self.flakes.next(now)
            below = text.pictures(author.username, post_id, [each.id for each in media])
            post = Post(
                id=post_id, root=post_id, author_id=author.id, text=prefix + short.text + below.text,
                prefix=len(prefix),
                created_ms=now, conversation_id=parent.conversation_id if parent else post_id,
                in_reply_to=in_reply_to, quoted=quoted, mentions=list(dict.fromkeys(mentions)),
                implicit=[u for u in implicit if u not in mentions],
                lang=lang or language_of(said), urls=short.urls + below.urls, media=[each.id for each in media],
            )  # fmt: skip
            self.keep(post)
            for listener in self.listeners:
                listener.announce(post)
            return post

    def prefix(self, author: User, parent: Post | None, said: str) -> tuple[str, list[str]]:
        """The handles a reply starts with and their ids: the parent's author and whom the parent named, not
        oneself, not those with whom the author's words already begin."""
        if parent is None:
            return "", []
        typed = {handle.lower() for _, _, handle in text.handles(said)}
        ids = [parent.author_id, *parent.implicit, *parent.mentions]
        wanted = [
            self.users[user_id]
            for user_id in dict.fromkeys(ids)
            if user_id != author.id and self.users[user_id].username.lower() not in typed
        ]
        return "".join(f"@{user.username} " for user in wanted), [user.id for user in wanted]

    def edit(self, post_id: int, said: str, force: bool = False) -> Post:
        """A new version with a new id. The network's rules (30 minutes, 5 times, no replies to others) hold
        unless forced."""
        with self.lock:
            old = self.newest(self.live(post_id))
            root = self.posts[old.root]
            parent = self.posts.get(old.in_reply_to) if old.in_reply_to is not None else None
            now = millis(self.clock())
            if not force:
                if parent is not None and parent.author_id != old.author_id:
                    raise NotAllowed("The network lets nobody edit a reply to somebody else.")
                if now - root.created_ms > EDIT_WINDOW.total_seconds() * 1000:
                    raise NotAllowed("A post can be edited for 30 minutes.")
                if len(self.versions[old.root]) > EDITS:
                    raise NotAllowed(f"A post can be edited {EDITS} times.")
            short = text.shorten(said)
            mentions = [
                self.usernames[h.lower()] for _, _, h in text.handles(said) if h.lower() in self.usernames
            ]
            new = Post(
                id=self.flakes.next(now), root=old.root, author_id=old.author_id,
                text=old.text[: old.prefix] + short.text, prefix=old.prefix, created_ms=now,
                conversation_id=old.conversation_id, in_reply_to=old.in_reply_to, quoted=old.quoted,
                mentions=list(dict.fromkeys(mentions)), implicit=old.implicit, lang=language_of(said), urls=short.urls,
            )  # fmt: skip
            self.keep(new)
            return new

    def delete(self, post_id: int) -> None:
        """Deleting any version deletes the whole chain, as on the network."""
        with self.lock:
            post = self.live(post_id)
            for version in self.versions[post.root]:
                found = self.posts[version]
                found.deleted = True
                self.keep(found)
            for listener in self.listeners:
                listener.announce_deleted(post)

    def live(self, post_id: int) -> Post:
        """The post, if it is there and not deleted; Unknown otherwise."""
        post = self.posts.get(post_id)
        if post is None or post.deleted:
            raise Unknown(f"There is no post {post_id}.")
        return post

    def newest(self, post: Post) -> Post:
        """The latest version of the post's chain."""
        return self.posts[self.versions[post.root][-1]]

    def newest_first(self, ids: list[int], below: int | None = None) -> Iterator[Post]:
        """Newest versions of what is not deleted, from an ascending list of ids."""
        end = len(ids) if below is None else bisect_left(ids, below)
        for index in range(end - 1, -1, -1):
            post = self.posts[ids[index]]
            if not post.deleted and self.versions[post.root][-1] == post.id:
                yield post

    def replies(self, post_id: int) -> list[Post]:
        """Direct replies to any version of a post, oldest first, in their newest version."""
        with self.lock:
            root = self.posts[post_id].root if post_id in self.posts else post_id
            found = [self.newest(self.posts[child]) for child in self.children.get(root, [])]
            return [post for post in found if not post.deleted]


def _as_typed(post: Post) -> str:
    """The text with its links as the author wrote them; duplicates are told by that."""
    said = post.text
    for link in post.urls:
        said = said.replace(
            *((" " + link["url"], "") if "media_key" in link else (link["url"], link["display_url"]))
        )
    return said
