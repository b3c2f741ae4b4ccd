"""How many messy public posts the ready policy recognises, and how many that ask nothing it would answer.

`recognition/kept_apart.jsonl` holds 300 posts, half of them requests, written and labelled by somebody who had read
neither the lists of signs nor the posts that the weights were learned from, after whom nobody learned anew: it was
measured once, and its figures are what to expect of posts that nobody has seen. Its misses are told only where
RECOGNITION_MISSES is set, for a report, because who reads them would refine by them. Whoever learns anew
(priority/learned/teach.py) takes it among the posts there and has a new one written.

A line: {"text", "language": "en", "nl" or "mixed" (or hard to tell), "request": is anything asked, "category": a free
word for people}. A post arrives as from a network that names no language; "mixed" ones at an account in Dutch.
"""

from __future__ import annotations

import json
import logging
import os
from collections import Counter
from pathlib import Path

import pytest

from priority import seed
from priority.facts import Decision
from priority.learned import teach
from priority.learned.weights import weights_of
from tests.priority.support import CITY, triaged

KEPT_APART = Path(__file__).parent / "recognition" / "kept_apart.jsonl"

LEAST_RECOGNISED = 80
"""Of a hundred requests: they are seen as such, whether answered at once or shown to a person as a request."""
LEAST_ANSWERED = 60
"""Of a hundred requests: answered at once, without a person."""
MOST_ANSWERED = 3
"""Of a hundred posts that ask nothing."""


def kept_apart() -> list[dict[str, str | bool]]:
    return [json.loads(line) for line in KEPT_APART.read_text(encoding="utf-8").splitlines()]


def decided(post: dict[str, str | bool]) -> Decision:
    account = "en" if post["language"] == "en" else "nl"
    return triaged(str(post["text"]), None, CITY, account_language=account)


def test_requests_are_recognised_and_the_rest_is_left_to_people() -> None:
    judged = [(post, decided(post)) for post in kept_apart()]
    requests = [one for one in judged if one[0]["request"]]
    rest = [one for one in judged if not one[0]["request"]]
    missed = [f"not recognised: {post['text']}" for post, said in requests if not said.recognised]
    wrongly = [f"answered: {post['text']}" for post, said in rest if said.triage == "respond"]
    recognised = 100 * (1 - len(missed) / len(requests))
    at_once = 100 * sum(said.triage == "respond" for _, said in requests) / len(requests)
    answered = 100 * len(wrongly) / len(rest)
    figures = (
        f"{recognised:.1f} % of requests recognised, {at_once:.1f} % answered at once; "
        f"{answered:.1f} % of the rest answered"
    )
    report = "\n  ".join([figures, *(missed + wrongly if os.environ.get("RECOGNITION_MISSES") else ())])
    logging.getLogger(__name__).info("%s", report)
    assert recognised >= LEAST_RECOGNISED, report
    assert at_once >= LEAST_ANSWERED, report
    assert answered <= MOST_ANSWERED, report


def test_half_of_what_is_kept_apart_asks_and_nothing_was_learned_from_it() -> None:
    posts = kept_apart()
    assert Counter(post["request"] for post in posts) == {True: 150, False: 150}
    taught = {
        json.loads(line)["text"]
        for file in teach.POSTS.glob("*.jsonl")
        for line in file.read_text(encoding="utf-8").splitlines()
    }
    texts = {post["text"] for post in posts}
    assert len(texts) == len(posts)
    assert not texts & taught


@pytest.mark.slow
def test_the_weights_are_what_the_posts_teach() -> None:
    posts = teach.posts_read()
    features = [teach.features_of(post) for post in posts]
    learned = teach.learn([(one, post.asks) for post, one in zip(posts, features, strict=True)])
    shipped = weights_of(seed.read()["signs"]["learned"]["weights"])
    for post, one in list(zip(posts, features, strict=True))[::20]:
        score = learned.score(one)
        if abs(1000 * score - shipped.edges["asks"]) > 100:
            said = shipped.read(post.text, post.signs, "careful", post.signed)
            assert said.asks == (1000 * score >= shipped.edges["asks"]), post.text
