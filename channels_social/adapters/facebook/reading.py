"""What is read from Facebook on our own Page: posts and comments, and the inbox."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from channels_social.adapter import AccountView, BadContent, PollFailed, RawEvent
from channels_social.adapters.facebook.graph import BadVersion, Graph, GraphError, MissingCredentials
from channels_social.adapters.facebook.outcome import DEAD_TOKEN, THROTTLED, regained, words_of
from channels_social.adapters.facebook.parse import POLLED_COMMENT, POLLED_MESSAGE, POLLED_POST
from channels_social.adapters.facebook.values import (
    as_dict,
    as_list,
    canonical,
    event_key,
    identifier,
    moment,
)
from channels_social.net import BadBaseURL, NetError

GraphMaker = Callable[[], Graph]

# Read again at each round: what shows late, and clocks that do not agree. The inbox drops what it has.
OVERLAP = timedelta(minutes=5)
FIRST_LOOK_BACK = timedelta(hours=1)
#: Posts come newest first, and people comment below older ones: so far back each round looks.
HORIZON = timedelta(days=14)
REFUSED = "poll.refused"

COMMENT = "id,message,from,created_time,parent{id},message_tags,attachment"
POST = "id,message,from,created_time,message_tags,full_picture"
MESSAGE = "id,message,from,to,created_time,attachments,sticker"
PAGE = 25
_STREAM = f"comments.filter(stream).order(reverse_chronological).limit({PAGE})"
#: What says whether an update is another one: addresses of pictures are signed anew at each call.
_SAME = ("id", "message", "from", "to", "created_time", "parent", "sticker")


@dataclass(slots=True)
class Round:
    """A round of reading, between two calls: it goes through the feed, then the inbox, a page a call.

    since: what was said before is known. began: when the round began; the next one reads from `OVERLAP` before it.
    stage: feed or inbox. after: the next page of the stage's list. todo: further pages of single posts and
    conversations, each (kind, id, page).
    """

    since: datetime
    began: datetime
    stage: str = "feed"
    after: str = ""
    todo: list[list[str]] = field(default_factory=list)

    @staticmethod
    def of(cursor: Mapping[str, str], now: datetime) -> Round:
        since = cursor.get("since")
        found = Round(
            since=datetime.fromisoformat(since) if since else now - FIRST_LOOK_BACK,
            began=datetime.fromisoformat(cursor["began"]) if cursor.get("began") else now,
            stage=cursor.get("stage", ""),
            after=cursor.get("after", ""),
            todo=json.loads(cursor.get("todo", "[]")),
        )
        if found.stage != "inbox":
            found.stage = "feed"
        return found

    def cursor(self) -> dict[str, str]:
        told = {"since": _iso(self.since)}
        if self.stage:
            told |= {"began": _iso(self.began), "stage": self.stage}
        if self.after:
            told["after"] = self.after
        if self.todo:
            told["todo"] = json.dumps(self.todo)
        return told

    def next_stage(self) -> None:
        if self.stage == "feed":
            self.stage = "inbox"
        else:
            self.stage, self.since = "", max(self.since, self.began - OVERLAP)


def poll(
    make: GraphMaker, account: AccountView, cursor: Mapping[str, str], now: datetime
) -> tuple[list[RawEvent], dict[str, str], bool]:
    """One call: a page of the feed with its comments, of the inbox with its messages, or of one of these.

    1. A round goes through both lists as far back as something new can stand. Only its end moves `since`.
    2. A post or conversation with more that is new than its first page shows is remembered, and read page by page.
    3. A page that Facebook no longer gives ends that list for this round; the next round reads from the same `since`.
    4. A list that the Page may not read is told to a person once, and the round goes on.
    Raises PollFailed.
    """
    round_ = Round.of(cursor, now)
    reader = _Reader(make, account, round_.since, now)
    followed = round_.todo.pop(0) if round_.todo else None
    try:
        if followed is not None:
            reader.more_of(round_, followed)
        elif round_.stage == "feed":
            reader.feed(round_)
        else:
            reader.inbox(round_)
    except GraphError as error:
        passing = not 400 <= error.status < 500
        if _dead(error) or _throttled(error) or passing:
            raise _failed(error, account) from error
        if followed is None and round_.after:
            round_.began = min(round_.began, round_.since + OVERLAP)
            round_.after = ""
        elif followed is None:
            reader.events.append(_refused(account, round_.stage, error))
    except (NetError, MissingCredentials, BadBaseURL, BadVersion) as error:
        raise PollFailed(str(error), reauthorise=isinstance(error, MissingCredentials)) from error
    if not round_.after and not round_.todo:
        round_.next_stage()
    return reader.events, round_.cursor(), bool(round_.stage)


class _Reader:
    def __init__(self, make: GraphMaker, account: AccountView, since: datetime, now: datetime) -> None:
        self._make, self._account, self._since, self._now = make, account, since, now
        self.events: list[RawEvent] = []

    def feed(self, round_: Round) -> None:
        answer = self._page(
            self._account.external_id,
            "feed",
            fields=f"{POST},{_STREAM}{{{COMMENT}}}",
            limit=PAGE,
            after=round_.after or None,
        )
        posts = [as_dict(post) for post in as_list(answer.get("data"))]
        for post in posts:
            self._take(POLLED_POST, {key: value for key, value in post.items() if key != "comments"})
            self._comments(round_, identifier(post.get("id")), as_dict(post.get("comments")))
        old = bool(posts) and not self._since_then(posts[-1], self._since - HORIZON)
        round_.after = "" if old else _next(answer)

    def inbox(self, round_: Round) -> None:
        answer = self._page(
            self._account.external_id,
            "conversations",
            platform="messenger",
            fields=f"id,updated_time,messages.limit({PAGE}){{{MESSAGE}}}",
            limit=PAGE,
            after=round_.after or None,
        )
        talks = [as_dict(talk) for talk in as_list(answer.get("data"))]
        for talk in talks:
            self._messages(round_, identifier(talk.get("id")), as_dict(talk.get("messages")))
        old = bool(talks) and not self._since_then(talks[-1], self._since, "updated_time")
        round_.after = "" if old else _next(answer)

    def more_of(self, round_: Round, followed: list[str]) -> None:
        kind, own_id, after = followed
        if kind == "post":
            order = {"filter": "stream", "order": "reverse_chronological"}
            self._comments(
                round_,
                own_id,
                self._page(own_id, "comments", fields=COMMENT, limit=PAGE, after=after, **order),
            )
        else:
            self._messages(
                round_, own_id, self._page(own_id, "messages", fields=MESSAGE, limit=PAGE, after=after)
            )

    def _comments(self, round_: Round, post: str, listed: Mapping[str, Any]) -> None:
        comments = [as_dict(one) for one in as_list(listed.get("data"))]
        for one in comments:
            self._take(POLLED_COMMENT, one, post)
        self._follow(round_, "post", post, comments, listed)

    def _messages(self, round_: Round, talk: str, listed: Mapping[str, Any]) -> None:
        messages = [as_dict(one) for one in as_list(listed.get("data"))]
        for one in messages:
            self._take(POLLED_MESSAGE, one)
        self._follow(round_, "talk", talk, messages, listed)

    def _follow(
        self, round_: Round, kind: str, own_id: str, read: list[Mapping[str, Any]], listed: Mapping[str, Any]
    ) -> None:
        """Newest first: where even the last one read is new, there is more behind it. A list inside another one does
        not always say that it goes on; a full page says so too."""
        after = _next(listed, even_so=len(read) >= PAGE)
        if after and own_id and read and self._since_then(read[-1], self._since):
            round_.todo.append([kind, own_id, after])

    def _take(self, kind: str, found: Mapping[str, Any], post: str = "") -> None:
        if not self._since_then(found, self._since):
            return
        body: dict[str, Any] = {"found": found, "read_at": _iso(self._now)}
        if post:
            body["post"] = post
        own_id = identifier(found.get("id"))
        same = canonical({name: found.get(name) for name in _SAME})
        self.events.append(
            RawEvent(self._account.external_id, event_key(kind, own_id, same), kind, canonical(body))
        )

    def _since_then(self, found: Mapping[str, Any], since: datetime, name: str = "created_time") -> bool:
        """Also what has no time we can read: it becomes an event that `parse` refuses, and a person sees it."""
        try:
            return moment(found.get(name), name) >= since
        except BadContent:
            return True

    def _page(self, own_id: str, edge: str, **asked: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._make().get_connections(own_id, edge, **asked)
        if not isinstance(answer.get("data"), list):
            raise PollFailed(f"Facebook answered {edge} without `data`")
        return answer


def _next(listed: Mapping[str, Any], *, even_so: bool = False) -> str:
    paging = as_dict(listed.get("paging"))
    return _token(as_dict(paging.get("cursors")).get("after")) if paging.get("next") or even_so else ""


def _token(value: object) -> str:
    """A page's token: opaque, printable, bounded."""
    return (
        value
        if isinstance(value, str) and value.isascii() and value.isprintable() and len(value) < 2_000
        else ""
    )


def _dead(error: GraphError) -> bool:
    return error.code in DEAD_TOKEN or (error.status == 401 and error.code is None)


def _throttled(error: GraphError) -> bool:
    return error.code in THROTTLED or error.status == 429


def _failed(error: GraphError, account: AccountView) -> PollFailed:
    wait = regained(error.headers, account.external_id).total_seconds() if _throttled(error) else None
    return PollFailed(words_of(error), retry_after=wait, reauthorise=_dead(error))


def _refused(account: AccountView, stage: str, error: GraphError) -> RawEvent:
    """What the Page may not read, as an event that nobody can parse: a person sees it, once."""
    body = canonical({"stage": stage, "words": words_of(error)})
    same = canonical({"stage": stage, "code": error.code, "subcode": error.subcode})
    return RawEvent(account.external_id, event_key(REFUSED, stage, same), REFUSED, body)


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
