"""What an answer of X to a send means. The answer decides, not the client library's exception: that one is
lost where a body is no JSON object, and codes are empty on v2, so texts must be matched.

Sources: docs.x.com (response codes, rate limits), the wordings of 2026-07 and before.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from channels_social.net import Broken, DeadlineExceeded, NetError, NoConnection
from tickets.contract import NotSent, Permanent, Reauthorise, SendOutcome, Unclear

#: X counts in windows of 15 minutes; where a 429 names no reset, a whole window is waited.
RATE_WINDOW = timedelta(minutes=15)
_LONGEST_PAUSE = timedelta(hours=24)

_DUPLICATE = re.compile(r"duplicate content|already (?:said|sent|posted)", re.IGNORECASE)
_NOT_SUMMONED = re.compile(
    r"only reply to or quote|not been mentioned|reply to this conversation is not allowed", re.IGNORECASE
)
_PARENT_GONE = re.compile(
    r"deleted or not visible|user has been suspended|could not find (?:tweet|post)|no status found",
    re.IGNORECASE,
)
_BLOCKED = re.compile(r"been blocked|author .{0,40}blocked|blocked by the author", re.IGNORECASE)
_TOO_LONG = re.compile(r"shorter|too long|character limit", re.IGNORECASE)
# Ours, not the author's: "User has been suspended" speaks of whom we answer, and stops nothing else.
_RESTRICTED = re.compile(
    r"your account.{0,60}(?:suspended|locked|restricted)|this account is (?:temporarily )?locked"
    r"|protect our users from spam",
    re.I,
)
_APP = re.compile(
    r"unsupported.authentication|app permissions|client.not.enrolled|client.forbidden|access level",
    re.IGNORECASE,
)
_PROCESSED_ELSEWHERE = {307, 308}


def of_answer(
    status: int, headers: Mapping[str, str], body: bytes, *, after_unclear: bool, now: float
) -> SendOutcome:
    """The outcome of an answer that carried no receipt. `now` in seconds since 1970."""
    words = words_of(status, body)
    if status == 401:
        return Reauthorise(words)
    if status == 402:
        return NotSent(words, whole_account=True, code="credits")
    if status == 429:
        return NotSent(words, retry_after=until_reset(headers, now), whole_account=True, code="rate_limit")
    if status == 403:
        return _forbidden(words, after_unclear)
    if status == 408:
        return Unclear(words)
    if 400 <= status < 500:
        gone = status == 404 or _PARENT_GONE.search(words)
        return Permanent("parent_gone" if gone else "bad_request", words)
    if status in _PROCESSED_ELSEWHERE:
        return NotSent(
            f"{words}; the account's base URL must be the new address", whole_account=True, code="moved"
        )
    return Unclear(words)


def _forbidden(words: str, after_unclear: bool) -> SendOutcome:
    if _DUPLICATE.search(words):
        # Our own text stands there already: after an unclear try that is the proof that it went.
        return Unclear(words, went=True) if after_unclear else Permanent("duplicate", words)
    if _RESTRICTED.search(words):
        return NotSent(words, whole_account=True, code="restricted")
    if _APP.search(words):
        return NotSent(words, whole_account=True, code="app_permissions")
    for pattern, code in (
        (_NOT_SUMMONED, "not_summoned"),
        (_PARENT_GONE, "parent_gone"),
        (_BLOCKED, "blocked"),
        (_TOO_LONG, "too_long"),
    ):
        if pattern.search(words):
            return Permanent(code, words)
    return Permanent("forbidden", words)


def of_network(error: NetError) -> SendOutcome:
    """The outcome of a call that got no answer."""
    if isinstance(error, NoConnection) or (isinstance(error, DeadlineExceeded) and not error.bytes_left):
        return NotSent(str(error), code="no_connection")
    if isinstance(error, Broken | DeadlineExceeded):
        return Unclear(str(error))
    return Unclear(f"{type(error).__name__}: {error}")


def until_reset(headers: Mapping[str, str], now: float) -> timedelta:
    """How long a 429 asks to wait: the latest reset of the limits that are used up, within a day.

    The window of 15 minutes always has its headers; those of 24 hours count where nothing remains of them.
    """
    resets = []
    retry = headers.get("retry-after", "")
    if retry.isascii() and retry.isdigit() and len(retry) < 7:
        resets.append(float(retry))
    for limit in ("x-rate-limit", "x-app-limit-24hour", "x-user-limit-24hour"):
        reset = headers.get(f"{limit}-reset", "")
        used_up = limit == "x-rate-limit" or headers.get(f"{limit}-remaining") == "0"
        if used_up and reset.isascii() and reset.isdigit() and len(reset) < 13:
            resets.append(float(reset) - now + 1)
    if not resets:
        return RATE_WINDOW
    return min(_LONGEST_PAUSE, timedelta(seconds=max(1.0, *resets)))


def words_of(status: int, body: bytes) -> str:
    """X's words for a person: title, detail and messages of a JSON answer, or the bare beginning of
    another."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        text = re.sub(r"<[^>]{0,500}>|\s+", " ", body[:2000].decode("utf-8", "replace"))
        return f"{status}: {' '.join(text.split())[:200]}".rstrip(": ")
    said: list[str] = []
    _collect(answer, said, depth=3)
    return f"{status}: {'; '.join(dict.fromkeys(said))[:400]}".rstrip(": ")


def _collect(value: Any, said: list[str], depth: int) -> None:
    if depth == 0:
        return
    if isinstance(value, list):
        for one in value[:5]:
            _collect(one, said, depth - 1)
    elif isinstance(value, dict):
        for name in ("title", "detail", "message", "reason", "error"):
            if isinstance(value.get(name), str):
                said.append(value[name][:300])
        _collect(value.get("errors"), said, depth - 1)
    elif isinstance(value, str):
        said.append(value[:300])
