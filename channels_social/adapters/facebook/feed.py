"""Posts and comments on a Page in our words, from webhooks and from polls.

Both forms become one `Said` first; what it means for us is decided once. Sources: developers.facebook.com, Graph API
reference (page feed, comment), webhooks reference (page, feed).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from channels_social.adapter import AccountView
from channels_social.adapters.facebook.values import (
    as_dict,
    as_list,
    digest,
    identifier,
    is_object_id,
    label,
    moment,
    object_id,
    text,
)
from tickets.contract import Author, InboundAttachment, InboundMessage, MayReply, OwnMessage

#: Who comments, by the id that the Page sees below its posts; another space of ids than Messenger's.
KIND = "facebook"
ANYONE = MayReply(True, "comment")
_MOST_ORDER = 2**31 - 1
#: What a poll reads may be some seconds old; an edit told since then is newer than it.
_READ_LATE = 5


@dataclass(frozen=True, slots=True)
class Said:
    """A post (then `comment` is '') or a comment, in one version.

    parent: the post or comment that it hangs below, '' for a post. author: '' where Facebook does not say whom it is
    by (without pages_read_user_content). order: 1 for the version first written, else seconds since then.
    """

    post: str
    comment: str
    parent: str
    author: str
    name: str
    words: str
    sent_at: datetime
    order: int
    version: str
    edited_at: datetime | None
    tagged: tuple[str, ...]
    attachments: tuple[InboundAttachment, ...]

    @property
    def id(self) -> str:
        return self.comment or self.post


def from_webhook(value: Mapping[str, Any], at: object, *, edited: bool) -> Said:
    """The value of a feed update. `at`: the entry's time, which is when an edit was made.

    Raises BadContent. An edit that comes before what it changes is read in the same way: it holds all there is.
    """
    post = object_id(value.get("post_id"), "post_id")
    comment = object_id(value.get("comment_id"), "comment_id") if value.get("item") == "comment" else ""
    sent_at = moment(value.get("created_time"), "created_time")
    said = _said(
        post=post,
        comment=comment,
        parent=_parent(value.get("parent_id"), post) if comment else "",
        author=as_dict(value.get("from")),
        words=text(value.get("message"), "message"),
        sent_at=sent_at,
        tags=value.get("message_tags"),
        attachments=_pictures(value),
    )
    if not edited:
        return said
    edited_at = max(moment(at, "time"), sent_at)
    order = 2 + int((edited_at - sent_at).total_seconds())
    # The time is in its name: changed there, back and there again is three versions.
    version = f"{said.id}:{int(edited_at.timestamp())}:{digest(said.words)}"
    return replace(said, order=min(order, _MOST_ORDER), version=version, edited_at=edited_at)


def from_poll(found: Mapping[str, Any], post: str, read_at: object) -> Said:
    """A post of the feed, or with `post` a comment below it, as it was when it was read. Raises BadContent.

    Facebook does not say that a comment was changed. What is read counts as the version of the moment it was read;
    where it reads as it was first written it has that version's name, and is nothing new.
    """
    own_id = object_id(found.get("id"), "id")
    sent_at = moment(found.get("created_time"), "created_time")
    said = _said(
        post=post or own_id,
        comment=own_id if post else "",
        parent=_parent(as_dict(found.get("parent")).get("id"), post) if post else "",
        author=as_dict(found.get("from")),
        words=text(found.get("message"), "message"),
        sent_at=sent_at,
        tags=found.get("message_tags"),
        attachments=_polled_pictures(found),
    )
    late = int((moment(read_at, "read_at") - sent_at).total_seconds()) - _READ_LATE
    return replace(said, order=min(1 + max(0, late), _MOST_ORDER))


def message(said: Said, account: AccountView) -> InboundMessage | OwnMessage:
    """What was said, as an utterance to or near us, or as our own.

    A comment's words seldom say to whom they speak: it does to us if it hangs below a post or comment of ours or of
    its own author, which the core knows. Naming us is enough in any place; a visitor's post is always to us.
    """
    ours = account.external_id
    url = _url(said)
    if said.author == ours:
        return OwnMessage(
            external_id=said.id,
            text=said.words,
            sent_at=said.sent_at,
            visibility="public",
            parent_external_id=said.parent or None,
            url=url,
        )
    named = names_us(said.words, account) or ours in said.tagged
    # Nobody's name: each such comment is somebody of its own, so that no two callers share a conversation.
    author = said.author or f"of:{said.id}"
    return InboundMessage(
        external_id=said.id,
        thread_key=f"{said.post}:{author}",
        author=Author(kind=KIND, external_id=author, scope=ours, name=said.name),
        text=said.words,
        sent_at=said.sent_at,
        visibility="public",
        reply_rule=ANYONE,
        # Counts by itself only where `addressed_by_parent` is not: the best guess where nobody knows the parent.
        addressed=named or not said.comment or said.parent == said.post,
        addressed_by_parent=bool(said.comment) and not named,
        named_accounts=said.tagged or ((ours,) if named else ()),
        version_id=said.version,
        version_order=said.order,
        edited_at=said.edited_at,
        root_external_id=said.post,
        parent_external_id=said.parent or None,
        url=url,
        attachments=said.attachments,
    )


def names_us(words: str, account: AccountView) -> bool:
    """Whether a text names the Page: "@" and its handle or name, or its name where that is of two words or more
    (Facebook writes a tag as the bare name; a name of one word may be the town's)."""
    lower = words.casefold()
    for name in {account.handle.lstrip("@"), account.name}:
        wanted = name.strip().casefold()
        written = re.escape(wanted) if " " in wanted else f"@{re.escape(wanted)}"
        if wanted and re.search(rf"(?<!\w){written}(?!\w)", lower):
            return True
    return False


def comment_url(post: str, comment: str) -> str:
    """Where a comment can be looked at."""
    return f"https://www.facebook.com/{post}?comment_id={comment.rpartition('_')[2]}"


def _url(said: Said) -> str:
    return comment_url(said.post, said.comment) if said.comment else f"https://www.facebook.com/{said.post}"


def _said(
    *,
    post: str,
    comment: str,
    parent: str,
    author: Mapping[str, Any],
    words: str,
    sent_at: datetime,
    tags: object,
    attachments: tuple[InboundAttachment, ...],
) -> Said:
    by = identifier(author.get("id"))
    own_id = comment or post
    return Said(
        post=post,
        comment=comment,
        parent=parent,
        author=by if is_object_id(by) else "",
        name=label(author.get("name")),
        words=words,
        sent_at=sent_at,
        order=1,
        version=f"{own_id}:{digest(words)}",
        edited_at=None,
        tagged=_tagged(tags),
        attachments=attachments,
    )


def _parent(told: object, post: str) -> str:
    """What a comment hangs below; the post where nothing is told, or where the same post is named in another way."""
    if told is None:
        return post
    found = object_id(told, "parent")
    return post if found.rpartition("_")[2] == post.rpartition("_")[2] else found


def _tagged(tags: object) -> tuple[str, ...]:
    ids = [identifier(as_dict(one).get("id")) for one in as_list(tags)[:50]]
    return tuple(dict.fromkeys(one for one in ids if is_object_id(one)))


def _pictures(value: Mapping[str, Any]) -> tuple[InboundAttachment, ...]:
    """A photo, video or sticker of a feed update: an address under its own key, several of a post under `photos`."""
    own_id = identifier(value.get("comment_id")) or identifier(value.get("post_id"))
    found = [(kind, value[kind]) for kind in ("photo", "video") if value.get(kind)]
    found += [("photo", one) for one in as_list(value.get("photos"))[:20]]
    if not found and value.get("item") in {"photo", "video", "post", "status"}:
        found = (
            [(str(value["item"]), value.get("link"))]
            if value.get("photo_id") or value.get("video_id")
            else []
        )
    return attachments_of(own_id, found)


def _polled_pictures(found: Mapping[str, Any]) -> tuple[InboundAttachment, ...]:
    """A comment's attachment, or the picture of a post."""
    held = as_dict(found.get("attachment"))
    source = as_dict(as_dict(held.get("media")).get("image")).get("src") or held.get("url")
    kind = "video" if "video" in str(held.get("type", "")) else "photo"
    return attachments_of(identifier(found.get("id")), [(kind, source or found.get("full_picture"))])


def attachments_of(own_id: str, found: list[tuple[str, Any]]) -> tuple[InboundAttachment, ...]:
    """(kind, address) pairs as attachments; what is no address is left out."""
    types = {
        "photo": "image/*",
        "image": "image/*",
        "sticker": "image/*",
        "video": "video/*",
        "audio": "audio/*",
    }
    return tuple(
        InboundAttachment(f"{own_id}:{number}", address, types.get(kind, ""))
        for number, (kind, address) in enumerate(found, 1)
        if isinstance(address, str) and re.fullmatch(r"https?://[!-~]{1,1900}", address)
    )
