"""What is read from X on our own account: mentions, what became of posts, and whether a post of ours stands
there."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from channels_social.adapter import AccountView, BadContent, PollFailed, RawEvent
from channels_social.adapters.x.client import Client, Failed, MissingCredentials
from channels_social.adapters.x.outcome import until_reset, words_of
from channels_social.adapters.x.parse import GONE, LOOKED_UP, POLLED
from channels_social.adapters.x.post import moment, post_url
from channels_social.adapters.x.text import comparable
from channels_social.adapters.x.webhook import canonical, event_key, identifier
from channels_social.net import BadBaseURL
from tickets.contract import CannotTell, FindResult, Found, NotThere, OutboundMessage, Receipt

ClientMaker = Callable[[], Client]

# X puts a post into a timeline some time after it made its id, and not in order. A cursor that stood
# exactly on the newest id would pass by one that shows late; what is read again costs nothing (the inbox
# knows it; X bills a post once a day). Not further back than one page, though: after a flood every poll would
# read the flood again.
OVERLAP = timedelta(minutes=5)
# The first poll of a new account: not the years before, and nothing lost of the minutes while it was being
# set up.
FIRST_LOOK_BACK = timedelta(hours=1)
CLOCK_SKEW = timedelta(minutes=2)
MOST_PAGES = 10


def poll(
    make: ClientMaker, account: AccountView, cursor: Mapping[str, str]
) -> tuple[list[RawEvent], dict[str, str], bool]:
    """One page of mentions.

    1. The cursor holds `since_id` (or, before the first mention, `start_time`); while there are more pages
       also `token`, the `newest` id and the `floor` (the lowest of the first page), so that another worker
       goes on where this one stopped.
    2. Pages come newest first: `since_id` moves only when the last page was read, to `OVERLAP` behind the
       newest, or to the floor, whichever is later.
    3. A token that X no longer takes begins the span anew; the inbox drops what it has.
    """
    start = cursor.get("start_time") or (datetime.now(UTC) - FIRST_LOOK_BACK).isoformat(timespec="seconds")
    base = {"since_id": cursor["since_id"]} if cursor.get("since_id") else {"start_time": start}
    paging: dict[str, Any] = dict(base)
    if "start_time" in paging:
        paging["start_time"] = datetime.fromisoformat(start)
    if cursor.get("token"):
        paging["pagination_token"] = cursor["token"]
    try:
        answer = _ask(make, lambda client: client.mentions(account.external_id, **paging))
    except PollFailed as error:
        if cursor.get("token") and isinstance(error.__cause__, Failed) and error.__cause__.status == 400:
            return [], base, True
        raise
    # Also what has no shape we know: it becomes an event that `parse` refuses, and a person sees it.
    posts, meta = [_dict(post) for post in _list(answer.get("data"))], answer.get("meta")
    if not isinstance(meta, dict):
        raise PollFailed("X answered the poll without `meta`")
    users = {
        identifier(_dict(user).get("id")): user for user in _list(_dict(answer.get("includes")).get("users"))
    }
    events = [
        RawEvent(
            account.external_id,
            event_key(POLLED, _id(post), canonical(post)),
            POLLED,
            canonical({"post": post, "user": users.get(identifier(post.get("author_id")))}),
        )
        for post in posts
    ]
    ids = [int(_id(post)) for post in posts if _id(post)]
    newest = max([*ids, int(cursor.get("newest") or 0)])
    floor = int(cursor.get("floor") or 0)
    token = meta.get("next_token")
    if isinstance(token, str) and token:
        low = floor or min(ids, default=0)
        return events, {**base, "token": token, "newest": str(newest), "floor": str(low)}, True
    if not newest:
        return events, base, False
    return events, {"since_id": str(max(_behind(newest), floor, int(base.get("since_id", "0"))))}, False


def _behind(newest: int) -> int:
    """An id a little older than the newest: ids hold milliseconds above their lowest 22 bits."""
    back = int(OVERLAP.total_seconds() * 1000) << 22
    return newest - back if newest > back else max(1, newest - 100)


def look_up(make: ClientMaker, account: AccountView, external_ids: Sequence[str]) -> list[RawEvent]:
    """What became of posts, asked by the id of their first version.

    1. Ask for all. X answers with the version that was asked, and the ids of all its versions.
    2. Ask once more for the newest version where that is another.
    3. A post that X names in `errors` as not found is gone; one that it no longer lets us see (author
       protected or suspended) is gone too, by another rule. One that X names nowhere is left alone.
    """
    wanted = list(dict.fromkeys(external_ids))[:100]
    if not wanted:
        return []
    posts, errors = _versions(make, wanted)
    first_of = {_id(post): _history(post)[0] for post in posts}
    newest = {_history(post)[-1]: _history(post)[0] for post in posts if _history(post)[-1] not in first_of}
    if newest:
        later, later_errors = _versions(make, list(newest))
        posts += later
        errors += [{**error, "_first": newest.get(_resource(error))} for error in later_errors]
    latest: dict[str, Mapping[str, Any]] = {}
    for post in posts:
        held = latest.get(_history(post)[0])
        if held is None or int(_id(post)) > int(_id(held)):
            latest[_history(post)[0]] = post
    gone = {str(error.get("_first") or _resource(error)): error for error in errors}
    for first in gone:
        latest.pop(first, None)
    events = [
        RawEvent(
            account.external_id,
            event_key(LOOKED_UP, first, canonical(post)),
            LOOKED_UP,
            canonical({"post": post}),
        )
        for first, post in latest.items()
    ]
    return events + [_gone(account, first, error) for first, error in gone.items() if first in wanted]


def _versions(make: ClientMaker, ids: Sequence[str]) -> tuple[list[Mapping[str, Any]], list[dict[str, Any]]]:
    answer = _ask(make, lambda client: client.posts(ids))
    errors = [dict(_dict(error)) for error in _list(answer.get("errors"))]
    if "data" not in answer and not errors:
        raise PollFailed("X answered the look-up with neither `data` nor `errors`")
    return _posts(answer), [error for error in errors if _resource(error)]


def _gone(account: AccountView, external_id: str, error: Mapping[str, Any]) -> RawEvent:
    kind = f"{error.get('type', '')} {error.get('title', '')}".lower()
    detail = str(error.get("detail", ""))[:200]
    if (
        "not-authorized" in kind
        or "authorization" in kind
        or "suspended" in detail.lower()
        or "forbidden" in kind
    ):
        rule = "no_longer_visible"
    elif "not-found" in kind or "not found" in kind:
        rule = "removed_by_author"
    else:  # an answer never heard of: kept for a person, and nothing is removed for it
        body = canonical(
            {"id": external_id, "error": {key: str(value)[:300] for key, value in error.items()}}
        )
        return RawEvent(
            account.external_id, event_key("look_up.error", external_id, body), "look_up.error", body
        )
    looked_at = datetime.now(UTC).isoformat(timespec="seconds")
    body = canonical({"id": external_id, "rule": rule, "detail": detail, "looked_at": looked_at})
    # Without the moment: looked up again tomorrow it is the same news.
    return RawEvent(account.external_id, f"{GONE}:{external_id}:{rule}", GONE, body)


def find_sent(
    make: ClientMaker, account: AccountView, message: OutboundMessage, since: datetime
) -> FindResult:
    """Whether our post stands in our own timeline: below the same post, after `since`, with the same words.

    NotThere only when every page of the span was read; anything odd is CannotTell.
    """
    start = since - CLOCK_SKEW
    wanted = comparable(message.text)
    token: str | None = None
    for _ in range(MOST_PAGES):
        try:
            answer = _own_page(make, account, start, token)
            for post in _posts(answer):
                if _is_ours(post, message, wanted, start):
                    return Found(Receipt(_id(post), post_url(account.handle, _id(post))))
        except (PollFailed, BadContent) as error:
            return CannotTell(str(error))
        meta = answer.get("meta")
        if not isinstance(meta, dict) or answer.get("errors"):
            return CannotTell("X answered only in part: whether that was all is not known")
        token = meta.get("next_token") or None
        if token is None:
            return NotThere()
    return CannotTell(f"more than {MOST_PAGES * 100} posts since then")


def _own_page(make: ClientMaker, account: AccountView, start: datetime, token: str | None) -> dict[str, Any]:
    return _ask(make, lambda client: client.own_posts(account.external_id, start, token))


def _is_ours(post: Mapping[str, Any], message: OutboundMessage, wanted: str, start: datetime) -> bool:
    if post.get("created_at") is not None and moment(post["created_at"], "created_at") < start:
        return False
    references = {
        _dict(one).get("type"): _dict(one).get("id") for one in _list(post.get("referenced_tweets"))
    }
    if identifier(references.get("replied_to")) != (message.in_reply_to or ""):
        return False
    long = _dict(post.get("note_tweet"))
    entities = _dict(long.get("entities") or post.get("entities"))
    stored = long.get("text") or post.get("text")
    return isinstance(stored, str) and comparable(stored, map(_dict, _list(entities.get("urls")))) == wanted


def _ask(make: ClientMaker, question: Callable[[Client], dict[str, Any]]) -> dict[str, Any]:
    """An answer to a question that changes nothing; raises PollFailed with X's words."""
    try:
        return question(make())
    except MissingCredentials as error:
        raise PollFailed(str(error), reauthorise=True) from error
    except BadBaseURL as error:
        raise PollFailed(str(error)) from error
    except Failed as failed:
        if failed.error is not None:
            raise PollFailed(str(failed.error)) from failed
        words = words_of(failed.status, failed.body)
        wait = until_reset(failed.headers, time.time()).total_seconds() if failed.status == 429 else None
        raise PollFailed(words, retry_after=wait, reauthorise=failed.status == 401) from failed


def _posts(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [post for post in map(_dict, _list(answer.get("data"))) if _id(post)]


def _id(post: Mapping[str, Any]) -> str:
    found = identifier(post.get("id"))
    return found if found.isdigit() else ""


def _history(post: Mapping[str, Any]) -> list[str]:
    listed = _list(post.get("edit_history_tweet_ids", post.get("edit_history_post_ids")))
    return [one for one in map(identifier, listed) if one.isdigit()] or [_id(post)]


def _resource(error: Mapping[str, Any]) -> str:
    return identifier(error.get("resource_id")) or identifier(error.get("value"))


def _dict(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> Iterable[Any]:
    return value if isinstance(value, list) else []
