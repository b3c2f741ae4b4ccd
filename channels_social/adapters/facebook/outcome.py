"""What an answer of the Graph API to a send means: by status, code and subcode, and but once by its words.

Sources: developers.facebook.com, Graph API error handling and rate limits, Messenger Platform error codes (2026-03),
Page restrictions (2026-06).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from channels_social.adapters.facebook.graph import GraphError
from channels_social.adapters.facebook.values import as_dict, as_list, clean
from channels_social.net import DeadlineExceeded, NetError, NoConnection
from tickets.contract import NotSent, Permanent, Reauthorise, SendOutcome, Unclear

#: Limits are counted over the last hour; where none says when it ends, it is tried again after this long.
RATE_PAUSE = timedelta(minutes=10)
_LONGEST_PAUSE = timedelta(hours=24)

DEAD_TOKEN = frozenset({102, 104, 190})
# 80000 to 80014 count per Page ("business use case"), the others per app, user or Page.
THROTTLED = frozenset({4, 17, 32, 341, 613, *range(80_000, 80_015)})
_RESTRICTED = frozenset({368})
_RESTRICTED_SUBCODES = frozenset({1_893_063})
_TEMPORARY = frozenset({1, 2})
_WINDOW_CLOSED = frozenset({2_018_278, 2_534_022})
_PERSON_SUBCODES = frozenset({2_018_001, 1_545_041})
_OTHER_APP = frozenset({2_018_300})
_FILE_SUBCODES = frozenset({1_366_046, 2_018_047, 2_018_294})
_PROCESSED_ELSEWHERE = {307, 308}
# Code 100 is also that of a message it cannot take; this one stops every call of the app.
_PROOF_REFUSED = re.compile("appsecret_proof", re.IGNORECASE)


def of_answer(error: GraphError, page: str, *, after_unclear: bool) -> SendOutcome:
    """The outcome of an answer that carried no receipt.

    A status of 500 and more says nothing about what was done before it failed, whatever code comes with it.
    """
    words = words_of(error)
    status, code, subcode = error.status, error.code, error.subcode
    if status >= 500 or status == 408:
        return Unclear(words)
    if code in DEAD_TOKEN or (status == 401 and code is None):
        return Reauthorise(words)
    if code in THROTTLED or status == 429:
        return NotSent(
            words, retry_after=regained(error.headers, page), whole_account=True, code="rate_limit"
        )
    if code in _RESTRICTED or subcode in _RESTRICTED_SUBCODES:
        return NotSent(words, whole_account=True, code="restricted")
    if code == 100 and _PROOF_REFUSED.search(words):
        return NotSent(words, whole_account=True, code="app_secret")
    if status in _PROCESSED_ELSEWHERE:
        moved = f"{words}; the account's base URL must be the new address"
        return NotSent(moved, whole_account=True, code="moved")
    if code is None and not 400 <= status < 500:
        return Unclear(words)
    if code in _TEMPORARY or error.transient:
        return Unclear(words)
    if code == 506 and after_unclear:
        # Our own text stands there already: after an unclear try that is the proof that it went.
        return Unclear(words, went=True)
    return Permanent(_code_of(code, subcode), words)


def _code_of(code: int | None, subcode: int | None) -> str:
    if subcode in _WINDOW_CLOSED:
        return "window"
    if subcode in _OTHER_APP:
        return "other_app"
    if code == 551 or subcode in _PERSON_SUBCODES:
        return "person_unavailable"
    if code == 803 or (code == 100 and subcode == 33):
        return "gone"
    if code == 506:
        return "duplicate"
    if code == 1_609_005:
        return "bad_link"
    if code == 324 or subcode in _FILE_SUBCODES:
        return "file_refused"
    if code in {3, 10} or (code is not None and 200 <= code <= 299):
        return "permission"
    return "refused"


def of_network(error: NetError) -> SendOutcome:
    """The outcome of a call that got no answer."""
    if isinstance(error, NoConnection) or (isinstance(error, DeadlineExceeded) and not error.bytes_left):
        return NotSent(str(error), code="no_connection")
    return Unclear(f"{type(error).__name__}: {error}")


def regained(headers: Mapping[str, str], page: str) -> timedelta:
    """How long a throttled call asks to wait: the Page's own minutes where they are told, within a day.

    `x-business-use-case-usage`: {"<page>": [{"type", "call_count", …, "estimated_time_to_regain_access": minutes}]}.
    `x-app-usage` holds percentages and no time.
    """
    waits = []
    retry = headers.get("retry-after", "")
    if retry.isascii() and retry.isdigit() and len(retry) < 7:
        waits.append(timedelta(seconds=int(retry)))
    try:
        usage = as_dict(json.loads(headers.get("x-business-use-case-usage", "{}")[:20_000]))
    except (ValueError, RecursionError):
        usage = {}
    pages = [usage[page]] if page in usage else list(usage.values())
    for told in (one for each in pages for one in as_list(each)):
        minutes = as_dict(told).get("estimated_time_to_regain_access")
        if isinstance(minutes, int | float) and not isinstance(minutes, bool) and 0 < minutes < 100_000:
            waits.append(timedelta(minutes=minutes))
    return min(_LONGEST_PAUSE, max(waits)) if waits else RATE_PAUSE


def words_of(error: GraphError) -> str:
    """Facebook's words for a person, with status and codes: "400 (10/2018278): (#10) This message is sent …"."""
    told: Mapping[str, Any] = error.told
    numbers = "/".join(str(one) for one in (error.code, error.subcode) if one is not None)
    head = f"{error.status} ({numbers})" if numbers else str(error.status)
    said = [told.get(name) for name in ("message", "error_user_title", "error_user_msg")]
    words = "; ".join(dict.fromkeys(clean(one)[:300] for one in said if isinstance(one, str) and one))
    if not told:
        page = re.sub(r"<[^>]{0,500}>|\s+", " ", clean(error.body[:2000].decode("utf-8", "replace")))
        words = " ".join(page.split())[:200]
    return f"{head}: {words}".rstrip(": ")
