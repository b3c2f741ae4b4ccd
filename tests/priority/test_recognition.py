"""How many messy public posts the ready policy recognises, and how many that ask nothing it would answer.

`recognition/kept_apart.jsonl` holds 200 posts, half of them requests, written and labelled by somebody who had not read
the lists of signs and words, after whom nobody refined those lists: it was measured once, when they were done, and its
figures are what to expect of posts that nobody has seen. Its misses are told only where RECOGNITION_MISSES is set, for
a report, because who reads them would refine by them. Whoever refines the lists again takes it into the tuned ones and
has a new one written.

The lists may be refined with the others before the eyes; their misses are told (pytest --log-cli-level=info):
`tuned` and `tuned_old`, 150 posts each, every other line of one list (`tuned_old` was the list kept apart until it had
been measured nine times), `tuned_more`, other posts for the refining alone, and `tuned_third`, 300 posts of which
64.7 % of the requests were recognised and 5.3 % of the rest answered before anybody refined by them.

A line: {"text", "language": "en", "nl" or "mixed" (or hard to tell), "request": is anything asked, "category": a free
word for people}. A post arrives as from a network that names no language; "mixed" ones at an account in Dutch.
"""

from __future__ import annotations

import json
import logging
import os
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import pytest

from tests.priority.support import triaged

Half = Literal["tuned", "tuned_old", "tuned_more", "tuned_third", "kept_apart"]
HALVES: tuple[Half, ...] = get_args(Half)
FOLDER = Path(__file__).parent / "recognition"

LEAST_RECOGNISED = 80
"""Of a hundred requests: the aim. Kept apart reached 82."""
MOST_ANSWERED = 7
"""Of a hundred posts that ask nothing: what kept apart reached. The aim is 3."""


@cache
def posts(half: Half) -> tuple[dict[str, Any], ...]:
    lines = (FOLDER / f"{half}.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(json.loads(line) for line in lines)


def judged(half: Half) -> list[tuple[dict[str, Any], bool, bool]]:
    """(post, recognised as a request, answered at once)."""
    found = []
    for post in posts(half):
        account = "en" if post["language"] == "en" else "nl"
        decision = triaged(post["text"], None, account_language=account)
        found.append((post, decision.recognised, decision.triage == "respond"))
    return found


def told(half: Half) -> tuple[float, float, list[str]]:
    """Percent of the requests recognised, percent of the rest answered, and the misses as lines."""
    requests = [one for one in judged(half) if one[0]["request"]]
    rest = [one for one in judged(half) if not one[0]["request"]]
    missed = [f"not recognised [{post['language']}] {post['text']}" for post, seen, _ in requests if not seen]
    wrongly = [f"answered [{post['language']}] {post['text']}" for post, _, answered in rest if answered]
    recognised = 100 * (len(requests) - len(missed)) / len(requests)
    return recognised, 100 * len(wrongly) / len(rest), missed + wrongly


@pytest.mark.parametrize("half", HALVES)
def test_requests_are_recognised_and_the_rest_is_left_to_people(half: Half) -> None:
    recognised, answered, misses = told(half)
    figures = f"{half}: {recognised:.1f} % of requests recognised, {answered:.1f} % of the rest answered"
    if half == "kept_apart" and not os.environ.get("RECOGNITION_MISSES"):
        misses = []
    report = "\n  ".join([figures, *misses])
    logging.getLogger(__name__).info("%s", report)
    assert recognised >= LEAST_RECOGNISED, report
    assert answered <= MOST_ANSWERED, report


def test_half_of_what_is_kept_apart_asks_and_no_list_holds_a_post_of_another() -> None:
    asks = Counter(post["request"] for post in posts("kept_apart"))
    assert asks == {True: 100, False: 100}
    texts = [post["text"] for half in HALVES for post in posts(half)]
    assert len(texts) == len(set(texts))
