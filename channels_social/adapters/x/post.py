"""Posts of X in our words: from v2 (X Activity, polls, look-ups) and from v1.1 objects (Account Activity).

Both forms become one `Post` first; what it means for us is decided once.
Sources: docs.x.com data dictionary (post, user), x-api/activity/event-payloads,
account-activity/introduction.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from channels_social.adapter import AccountView, BadContent
from channels_social.adapters.x.text import clean, unescape
from tickets.contract import Author, Ignored, InboundMessage, MayReply, MessageEdited, OwnMessage

SUMMONED = MayReply(True, "summoned")
NOT_SUMMONED = MayReply(False, "not_summoned")

_SNOWFLAKE_EPOCH_MS = 1_288_834_974_657
_EDIT_WINDOW = timedelta(hours=2)
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_OLD_TIME = re.compile(r"\w{3} (\w{3}) (\d\d) (\d\d):(\d\d):(\d\d) \+0000 (\d{4})")
# Codes of an older ISO 639 that X still uses. Three letters (und, zxx, qme, qst, art, …) say "not a
# language".
_LANGUAGES = {"in": "id", "iw": "he", "ji": "yi"}


@dataclass(frozen=True, slots=True)
class Post:
    """One version of one post. `history` holds the ids of its versions, oldest first, up to the newest known.

    conversation: None where the envelope does not tell it and it cannot be derived. named: ids of those it mentions,
    in the order of their naming, or an "@" and the handle where X tells no id.
    """

    id: str
    author_id: str
    text: str
    created_at: datetime
    history: tuple[str, ...]
    conversation: str | None
    parent: str | None
    parent_author: str
    quotes_us: bool
    mentions: frozenset[str]
    mention_handles: frozenset[str]
    language: str | None
    handle: str
    name: str
    repost: bool = False
    named: tuple[str, ...] = ()

    @property
    def first(self) -> str:
        return self.history[0]

    @property
    def order(self) -> int:
        return self.history.index(self.id) + 1

    @property
    def sent_at(self) -> datetime:
        """When the first version was written, the same from whichever version it is read.

        The first id holds that moment to the millisecond; `created_at` is cut to the second, and an edit's
        is its own. Where the two do not agree the id is none of X's usual ones, and `created_at` stands.
        """
        told = snowflake_time(self.first)
        most = _EDIT_WINDOW if self.order > 1 else timedelta()
        if told and -timedelta(seconds=1) < self.created_at - told <= most:
            return told
        return self.created_at


def message(post: Post, account: AccountView) -> InboundMessage | OwnMessage | Ignored:
    """A post as an utterance to or near us."""
    ours = account.external_id
    if post.author_id == ours:
        return _own(post)
    if post.repost:
        return Ignored("repost")
    if post.conversation is None:
        return Ignored("thread_read_by_poll")
    mentioned = ours in post.mentions or account.handle.lower().lstrip("@") in post.mention_handles
    return InboundMessage(
        external_id=post.first,
        # Everyone below a post shares X's conversation id; the author in it keeps two callers apart.
        thread_key=f"{post.conversation}:{post.author_id}",
        author=Author(kind="x", external_id=post.author_id, handle=post.handle, name=post.name),
        text=post.text,
        sent_at=post.sent_at,
        visibility="public",
        reply_rule=SUMMONED if mentioned or post.quotes_us else NOT_SUMMONED,
        addressed=mentioned or post.parent_author == ours,
        version_id=post.id,
        version_order=post.order,
        edited_at=post.created_at if post.order > 1 else None,
        root_external_id=post.conversation,
        parent_external_id=post.parent,
        named_accounts=_named_accounts(post, account),
        language=post.language,
        url=post_url(post.handle, post.id),
    )


def _own(post: Post) -> OwnMessage | Ignored:
    """What we said in a thread, from the desk or from X itself. A post that answers nobody is no answer."""
    if post.parent is None or post.repost or post.order > 1:
        return Ignored("own_message")
    return OwnMessage(
        external_id=post.first,
        text=post.text,
        sent_at=post.sent_at,
        visibility="public",
        parent_external_id=post.parent,
        url=post_url(post.handle, post.id),
    )


def _named_accounts(post: Post, account: AccountView) -> tuple[str, ...]:
    ours = {f"@{account.handle.lower().lstrip('@')}": account.external_id}
    ids = (ours.get(one, one) for one in post.named)
    return tuple(dict.fromkeys(one for one in ids if not one.startswith("@")))


def edited(post: Post) -> MessageEdited:
    return MessageEdited(
        external_id=post.first,
        version_id=post.id,
        version_order=post.order,
        text=post.text,
        edited_at=post.created_at,
        language=post.language,
    )


def post_url(handle: str, post_id: str) -> str:
    return f"https://x.com/{handle or 'i'}/status/{post_id}"


def from_v2(post: Mapping[str, Any], users: list[Any], *, quotes_us: bool = False) -> Post:
    """A post of API v2. `users` is `includes.users`, which may be empty."""
    own_id = digits(post.get("id"), "id")
    history = _history(post.get("edit_history_tweet_ids", post.get("edit_history_post_ids")), own_id)
    author_id = digits(post.get("author_id"), "author_id")
    author = next((user for user in map(_user, users) if str(user.get("id", "")) == author_id), {})
    references = _references(post)
    mentions = _list(_dict(post.get("entities")).get("mentions"))
    parent = _optional(post.get("in_reply_to_tweet_id") or references.get("replied_to"))
    conversation = _optional(post.get("conversation_id")) or (None if parent else history[0])
    return Post(
        id=own_id,
        author_id=author_id,
        # Posts over 280 come cut, with the whole in note_tweet.
        text=clean(unescape(_text(_dict(post.get("note_tweet")).get("text") or post.get("text")))),
        created_at=_time(post.get("created_at"), own_id),
        history=history,
        conversation=history[0] if conversation in history else conversation,
        parent=parent,
        parent_author=str(post.get("in_reply_to_user_id") or ""),
        quotes_us=quotes_us,
        mentions=frozenset(str(_dict(one).get("id", "")) for one in mentions) - {""},
        mention_handles=_handles(mentions, "username"),
        named=_named(mentions, "id", "username", "start"),
        language=_language(post.get("lang")),
        handle=_label(author.get("username")),
        name=_label(author.get("name")),
        repost="retweeted" in references,
    )


def from_v1(post: Mapping[str, Any], ours: str) -> Post:
    """A post of API v1.1, as Account Activity sends it.

    It names no conversation. Where the post starts one, its own id is it; a reply's is not known here, and
    the poll, which always runs, brings the same post with it.
    """
    own_id = digits(post.get("id_str", post.get("id")), "id_str")
    author = _dict(post.get("user"))
    history = _history(_dict(post.get("edit_history")).get("edit_tweet_ids"), own_id)
    long = _dict(post.get("extended_tweet"))
    entities = _dict(long.get("entities") or post.get("entities"))
    mentions = _list(entities.get("user_mentions"))
    parent = _optional(post.get("in_reply_to_status_id_str"))
    known = _optional(post.get("conversation_id_str"))
    quoted = _dict(_dict(post.get("quoted_status")).get("user"))
    return Post(
        id=own_id,
        author_id=digits(author.get("id_str", author.get("id")), "user.id_str"),
        text=clean(unescape(_text(long.get("full_text") or post.get("full_text") or post.get("text")))),
        created_at=_time(post.get("timestamp_ms") or post.get("created_at"), own_id),
        history=history,
        conversation=known or (None if parent else history[0]),
        parent=parent,
        # A post that begins with our name says it "replies" to us, but hangs below nothing.
        parent_author=str(post.get("in_reply_to_user_id_str") or "") if parent else "",
        quotes_us=str(quoted.get("id_str", "")) == ours,
        mentions=frozenset(str(_dict(one).get("id_str", "")) for one in mentions) - {""},
        mention_handles=_handles(mentions, "screen_name"),
        named=_named(mentions, "id_str", "screen_name", "indices"),
        language=_language(post.get("lang")),
        handle=_label(author.get("screen_name")),
        name=_label(author.get("name")),
        repost=isinstance(post.get("retweeted_status"), dict),
    )


def digits(value: object, where: str) -> str:
    """An id of X: 1 to 20 digits. Raises BadContent."""
    found = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not re.fullmatch(r"[0-9]{1,20}", found):
        raise BadContent(f"{where} is not an id: {value!r:.80}")
    return found


def moment(value: object, where: str) -> datetime:
    """A time as X writes it: ISO 8601, v1.1's own form, or milliseconds since 1970. Raises BadContent."""
    text = str(value) if isinstance(value, str | int) else ""
    old = _OLD_TIME.fullmatch(text)
    try:
        if re.fullmatch(r"[0-9]{10,14}", text):
            return datetime.fromtimestamp(int(text) / 1000, UTC)
        if old and old[1] in _MONTHS:
            year, day, hour, minute, second = (int(old[group]) for group in (6, 2, 3, 4, 5))
            return datetime(year, _MONTHS.index(old[1]) + 1, day, hour, minute, second, tzinfo=UTC)
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise BadContent(f"{where} is not a time: {value!r:.80}") from error


def snowflake_time(post_id: str) -> datetime | None:
    """The moment in an id (X's ids hold milliseconds from 4 November 2010 in their upper bits)."""
    ms = int(post_id) >> 22
    if not 0 < ms < 2**41:
        return None
    return datetime.fromtimestamp((ms + _SNOWFLAKE_EPOCH_MS) / 1000, UTC)


def _time(value: object, post_id: str) -> datetime:
    if value is None:
        told = snowflake_time(post_id)
        if told:
            return told
    return moment(value, "created_at")


def _history(value: object, own_id: str) -> tuple[str, ...]:
    ids = [digits(one, "edit_history_tweet_ids") for one in _list(value)[:20]]
    return tuple(ids) if own_id in ids else (*ids, own_id)


def _references(post: Mapping[str, Any]) -> dict[str, object]:
    listed = _list(post.get("referenced_tweets", post.get("referenced_posts")))
    return {str(one.get("type")): one.get("id") for one in map(_dict, listed)}


def _user(value: object) -> Mapping[str, Any]:
    user = _dict(value)
    return _dict(user.get("data")) or user  # X nests some of them once more


def _handles(mentions: list[Any], field: str) -> frozenset[str]:
    named = (
        _dict(one).get(field) for one in mentions if not _dict(one).get("id") and not _dict(one).get("id_str")
    )
    return frozenset(one.lower() for one in named if isinstance(one, str) and one)


def _named(mentions: list[Any], key: str, handle: str, place: str) -> tuple[str, ...]:
    """By where they stand in the text, which X tells in one of two ways; without it, in the order of the list."""
    found = []
    for number, one in enumerate(map(_dict, mentions[:200])):
        at = one.get(place)
        at = at[0] if isinstance(at, list) and at else at
        name = one.get(handle)
        named = str(one.get(key) or "") or (f"@{name.lower()}" if isinstance(name, str) and name else "")
        if named:
            found.append((at if isinstance(at, int) else 1_000_000, number, named))
    return tuple(dict.fromkeys(named for _, _, named in sorted(found)))


def _language(value: object) -> str | None:
    code = value.lower().split("-")[0] if isinstance(value, str) else ""
    code = _LANGUAGES.get(code, code)
    return code if re.fullmatch(r"[a-z]{2}", code) else None


def _label(value: object) -> str:
    return clean(unescape(value))[:200] if isinstance(value, str) else ""


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise BadContent(f"text is not a text: {value!r:.80}")
    return value


def _optional(value: object) -> str | None:
    return None if value is None else digits(value, "a reference")


def _dict(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
