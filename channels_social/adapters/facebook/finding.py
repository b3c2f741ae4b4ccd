"""Whether a message of ours stands at Facebook: below the comment it answers, or in the Messenger conversation.

NotThere only when the whole span was read; anything odd is CannotTell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from channels_social.adapter import AccountView, BadContent
from channels_social.adapters.facebook.feed import comment_url
from channels_social.adapters.facebook.graph import BadVersion, Graph, GraphError, MissingCredentials
from channels_social.adapters.facebook.outcome import words_of
from channels_social.adapters.facebook.reading import COMMENT, MESSAGE
from channels_social.adapters.facebook.values import (
    as_dict,
    as_list,
    comparable,
    identifier,
    is_object_id,
    message_id,
    moment,
    object_id,
)
from channels_social.net import BadBaseURL, NetError
from tickets.contract import CannotTell, FindResult, Found, NotThere, OutboundMessage, Receipt

GraphMaker = Callable[[], Graph]
CLOCK_SKEW = timedelta(minutes=2)
MOST_PAGES = 10


class _Unusable(Exception):
    """An answer from which nothing follows; the words say why."""


def find_sent(
    make: GraphMaker, account: AccountView, message: OutboundMessage, since: datetime
) -> FindResult:
    look = _in_inbox if message.visibility == "private" else _below_post
    try:
        return look(make(), account, message, since - CLOCK_SKEW)
    except GraphError as error:
        return CannotTell(words_of(error))
    except (_Unusable, NetError, MissingCredentials, BadBaseURL, BadVersion, BadContent) as error:
        return CannotTell(str(error))


def _below_post(graph: Graph, account: AccountView, message: OutboundMessage, start: datetime) -> FindResult:
    """Read every comment of the post since `start`, at whichever depth: below a reply Facebook may hang ours
    elsewhere than asked.

    1. Ours, with the same words, below the very comment: found.
    2. Ours, with the same words, below what that comment itself hangs below: it may be this one, or the same words
       to somebody else beside. Nobody can tell.
    """
    post = message.thread_key.partition(":")[0]
    to, wanted, beside = message.in_reply_to or post, comparable(message.text), set[str]()
    if not is_object_id(post) or not is_object_id(to):
        raise _Unusable(f"{message.thread_key:.80} names no post")
    asked = {"fields": COMMENT, "filter": "stream", "order": "reverse_chronological"}
    for one in _since(graph, post, "comments", start, asked):
        if _by(one) != account.external_id or comparable(one.get("message")) != wanted:
            continue
        below = identifier(as_dict(one.get("parent")).get("id")) or post
        own_id = object_id(one.get("id"), "id")
        if below == to:
            return Found(Receipt(own_id, comment_url(post, own_id)))
        beside.add(below)
    if beside and to != post:
        above = graph.get_object(to, fields="parent{id}")
        if identifier(as_dict(above.get("parent")).get("id")) in beside:
            return CannotTell(
                "the same words of ours stand in this thread, and not clearly below this comment"
            )
    return NotThere()


def _in_inbox(graph: Graph, account: AccountView, message: OutboundMessage, start: datetime) -> FindResult:
    answer = graph.get_connections(
        account.external_id, "conversations", platform="messenger", user_id=message.recipient, fields="id"
    )
    talks = [identifier(as_dict(one).get("id")) for one in as_list(answer.get("data"))]
    if not talks or not all(talks):
        raise _Unusable("Facebook shows no conversation with this person")
    if message.attachments:
        return _file_in(graph, account, message, talks, start)
    wanted = comparable(message.text)
    for talk in talks:
        for one in _since(graph, talk, "messages", start, {"fields": MESSAGE}):
            if not _by(one):  # of all but the latest 20 messages Facebook tells no more than id and time
                raise _Unusable("Facebook no longer tells the words of every message since then")
            if _by(one) == account.external_id and comparable(one.get("message")) == wanted:
                return Found(Receipt(message_id(one.get("id"), "id")))
    return NotThere()


def _file_in(
    graph: Graph, account: AccountView, message: OutboundMessage, talks: list[str], start: datetime
) -> FindResult:
    """A file without words, sent after the part before it. Facebook keeps a file's size, and its name where it is no
    picture; one that has neither may be this one or not."""
    file, others = message.attachments[0], 0
    for talk in talks:
        for one in _since(graph, talk, "messages", start, {"fields": MESSAGE}):
            if identifier(one.get("id")) == message.in_reply_to:
                break
            if not _by(one):
                raise _Unusable("Facebook no longer tells what every message since then brought")
            hung = [as_dict(each) for each in as_list(as_dict(one.get("attachments")).get("data"))]
            if _by(one) != account.external_id or not hung or comparable(one.get("message")):
                continue
            if any(each.get("size") == file.size or each.get("name") == file.name for each in hung):
                return Found(Receipt(message_id(one.get("id"), "id")))
            others += 1
    if others:
        return CannotTell("a file of ours stands in this conversation, and Facebook does not tell which")
    return NotThere()


def _since(
    graph: Graph, own_id: str, edge: str, start: datetime, asked: Mapping[str, Any]
) -> Iterator[Mapping[str, Any]]:
    """What was written from `start` on, newest first, page by page. Raises _Unusable where not all can be read."""
    after = None
    for _ in range(MOST_PAGES):
        answer = graph.get_connections(own_id, edge, limit=100, after=after, **asked)
        listed = answer.get("data")
        if not isinstance(listed, list):
            raise _Unusable(f"Facebook answered {edge} without `data`")
        for one in map(as_dict, listed):
            at = moment(one.get("created_time"), "created_time")
            if at >= start:
                yield one
        paging = as_dict(answer.get("paging"))
        if not paging.get("next") or (listed and at < start):
            return
        after = as_dict(paging.get("cursors")).get("after")
        if not isinstance(after, str) or not after:
            raise _Unusable(f"Facebook has more of {edge} and does not say where")
    raise _Unusable(f"more than {MOST_PAGES * 100} since then")


def _by(one: Mapping[str, Any]) -> str:
    return identifier(as_dict(one.get("from")).get("id"))
