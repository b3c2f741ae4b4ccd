"""Posts, users, lists and events as the network writes them, by the files in `shapes/`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from sandbox import text
from sandbox.ids import iso
from sandbox.records import Post, Subscription, User, Webhook
from sandbox.shapes import ABSENT, render
from sandbox.world import EDIT_WINDOW, EDITS, World

POST_DEFAULT = ("id", "text", "edit_history_tweet_ids")
USER_DEFAULT = ("id", "name", "username")
# A rename is under way: the OpenAPI file says post, the pages and tweepy say tweet.
RENAMED = {
    "referenced_posts": "referenced_tweets",
    "edit_history_post_ids": "edit_history_tweet_ids",
}
_WINDOW_MS = int(EDIT_WINDOW.total_seconds() * 1000)


def post(world: World, item: Post, fields: Iterable[str] | None) -> dict[str, Any]:
    """A post with the asked fields beside the default ones; None gives all (events carry all)."""
    said = text.escape(item.text)
    root = world.posts[item.root]
    history = [str(version) for version in world.versions[item.root]]
    parent = world.posts.get(item.in_reply_to) if item.in_reply_to is not None else None
    referenced = [{"type": "replied_to", "id": str(item.in_reply_to)}] if item.in_reply_to is not None else []
    if item.quoted is not None:
        referenced.append({"type": "quoted", "id": str(item.quoted)})
    to_other = parent is not None and parent.author_id != item.author_id
    left = EDITS - (len(history) - 1)
    full: dict[str, Any] = render(
        "post", id=str(item.id), text=said, edit_history=history, author_id=item.author_id,
        created_at=iso(item.created_ms), conversation_id=str(item.conversation_id),
        in_reply_to_user_id=parent.author_id if parent else ABSENT, referenced=referenced or ABSENT,
        entities=entities(world, item, said) or ABSENT, display_range=[item.prefix, len(said)],
        attachments={"media_keys": [f"3_{each}" for each in item.media]} if item.media else ABSENT,
        lang=item.lang,
        edits_remaining=max(left, 0), editable=not to_other and left > 0,
        editable_until=iso(root.created_ms + _WINDOW_MS), reply_count=len(world.children.get(item.root, ())),
    )  # fmt: skip
    return full if fields is None else _chosen(full, POST_DEFAULT, fields)


def entities(world: World, item: Post, said: str) -> dict[str, Any]:
    """Mentions of handles that exist, and links; offsets in code points of the text as it is given out."""
    found: dict[str, Any] = {}
    mentions = [
        {
            "start": start,
            "end": end,
            "username": world.users[user_id].username,
            "id": user_id,
        }
        for start, end, handle in text.handles(said)
        if (user_id := world.usernames.get(handle.lower()))
    ]
    urls = [
        {
            "start": said.index(link["url"]),
            "end": said.index(link["url"]) + len(link["url"]),
            **link,
        }
        for link in item.urls
    ]
    if mentions:
        found["mentions"] = mentions
    if urls:
        found["urls"] = urls
    return found


def user(world: World, item: User, fields: Iterable[str] | None) -> dict[str, Any]:
    """A user with the asked fields beside the default ones; None gives all."""
    full: dict[str, Any] = render(
        "user", id=item.id, name=item.name, username=item.username, created_at=iso(item.created_ms),
        description=item.description, location="Merendam", protected=item.protected, followers=item.followers,
        posts=len(world.by_author.get(item.id, ())),
    )  # fmt: skip
    return full if fields is None else _chosen(full, USER_DEFAULT, fields)


def _chosen(full: dict[str, Any], default: tuple[str, ...], fields: Iterable[str]) -> dict[str, Any]:
    wanted = {*default, *(RENAMED.get(name, name) for name in fields)}
    return {name: value for name, value in full.items() if name in wanted}


def includes(
    world: World,
    posts: list[Post],
    expansions: set[str],
    post_fields: list[str],
    user_fields: list[str],
) -> Any:
    """What the expansions ask for, each once; ABSENT when nothing was asked or found."""
    found: dict[str, Any] = {}
    if "author_id" in expansions:
        authors = dict.fromkeys(item.author_id for item in posts)
        found["users"] = [user(world, world.users[author], user_fields) for author in authors]
    if {"referenced_tweets.id", "referenced_posts.id"} & expansions:
        wanted = dict.fromkeys(
            ref for item in posts for ref in (item.in_reply_to, item.quoted) if ref is not None
        )
        there = [world.posts[ref] for ref in wanted if ref in world.posts and not world.posts[ref].deleted]
        found["tweets"] = [post(world, item, post_fields) for item in there]
    return {name: value for name, value in found.items() if value} or ABSENT


def page(items: list[dict[str, Any]], extra: Any, next_token: str | None) -> Any:
    """A list answer; without items it has no data, as on the network."""
    return render(
        "page", data=items or ABSENT, includes=extra if items else ABSENT, errors=ABSENT, count=len(items),
        newest=items[0]["id"] if items else ABSENT, oldest=items[-1]["id"] if items else ABSENT,
        next=next_token or ABSENT, previous=ABSENT,
    )  # fmt: skip


def webhook(item: Webhook) -> dict[str, Any]:
    full: dict[str, Any] = render(
        "webhook_one",
        id=item.id,
        url=item.url,
        valid=item.valid,
        created_at=iso(item.created_ms),
    )
    data: dict[str, Any] = full["data"]
    return data


def subscription(item: Subscription) -> dict[str, Any]:
    full: dict[str, Any] = render(
        "subscription", id=item.id, event_type=item.event_type, user_id=item.user_id,
        created_at=iso(item.created_ms),
        updated_at=iso(item.updated_ms), tag=item.tag or ABSENT, webhook_id=item.webhook_id or ABSENT,
    )  # fmt: skip
    return full


def event(world: World, item: Subscription, about: Post) -> dict[str, Any]:
    """The envelope of one event. Its uuid is a signed 64-bit number as a string, the same however often
    delivered."""
    digest = hashlib.sha256(f"{item.id}:{item.event_type}:{about.id}".encode()).digest()
    uuid = str(int.from_bytes(digest[:8], "big", signed=True))
    tag = item.tag or ABSENT
    author = world.users[about.author_id]
    if item.event_type == "post.delete":
        gone: dict[str, Any] = render(
            "event_post_delete", event_uuid=uuid, user_id=item.user_id, tag=tag, id=str(about.id),
            author_id=about.author_id, user=user(world, author, None),
        )  # fmt: skip
        return gone
    payload = post(world, about, None)
    if about.in_reply_to is not None:
        payload["in_reply_to_tweet_id"] = str(about.in_reply_to)
    people = {} if item.event_type == "post.reply.create" else {"users": [user(world, author, None)]}
    made: dict[str, Any] = render(
        "event", event_uuid=uuid, user_id=item.user_id, event_type=item.event_type, tag=tag, payload=payload,
        includes=people,
    )  # fmt: skip
    return made
