"""`python -m priority.learned.teach NAME`: learns weights from the labelled posts, writes NAME.json, says how sure.

A linear support vector machine with squared loss, by dual coordinate descent (Hsieh et al. 2008, "A dual coordinate
descent method for large-scale linear SVM"): the same posts make the same weights, and nothing has to be installed.
From what sum on a message asks, and is sure, comes from posts of writers left out in turn: no writer is judged by
weights that were learned from his own posts. Takes some minutes; the desk itself never runs it.
"""

from __future__ import annotations

import copy
import datetime as dt
import json
import random
import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt
from multiprocessing import Pool
from pathlib import Path

from priority import seed
from priority.facts import TicketFacts
from priority.learned.grams import pairs, parts, words_in
from priority.matcher import matcher_of
from priority.policy import parse
from priority.triage import decide
from priority.wording import UNLEARNED

POSTS = Path(__file__).parent / "posts"
ORDINARY = frozenset(
    {
        "hours", "hurry", "kept", "kept_new", "kept_old", "kept_second", "months", "people",
        "plain", "plainer", "streets", "subjects", "threads", "week",
    }
)  # fmt: skip
"""Lists written as a real week's stream would be; the others are harder on purpose: they teach, but set no edge."""

LOSS = 0.02
"""What an error costs beside the size of the weights: small, as there are more grams than posts."""
ROUNDS = 40
PART, SIGN = 0.3, 0.4
"""A part of a word and a sign of the policy beside a word, which counts 1."""
LEAST_SEEN = 2
SMALLEST = 2
"""Thousandths; smaller weights are left out of the file."""

ASKS_OF_REST = 0.10
ANSWERED_OF_REST = {"careful": 0.02, "ready": 0.05}
"""Share of posts that ask nothing at which the edges are set, seen over writers left out. Of a hundred or two of them
three in a hundred are not to be answered: the edge lies lower, as lists differ by chance."""


@dataclass(frozen=True, slots=True)
class Post:
    listed: str
    text: str
    asks: bool
    signs: frozenset[str]
    signed: bool


@dataclass(frozen=True)
class Learned:
    start: float
    signs: Mapping[str, float]
    grams: Mapping[str, float]
    parts: Mapping[str, float]

    def score(self, features: Features) -> float:
        total = sum(self.grams.get(gram, 0.0) for gram in features.grams)
        total += sum(count * self.parts.get(part, 0.0) for part, count in features.parts.items())
        return self.start + sum(self.signs.get(sign, 0.0) for sign in features.signs) + total * features.share


@dataclass(frozen=True, slots=True)
class Features:
    """`share`: what a gram counts in a text of this length."""

    grams: frozenset[str]
    parts: Mapping[str, int]
    signs: frozenset[str]
    share: float


def posts_read(folder: Path = POSTS) -> list[Post]:
    """All labelled posts, each text once; the first list by name keeps it."""
    document = copy.deepcopy(dict(seed.read()))
    for name in ("learned", *UNLEARNED):
        document["signs"].pop(name, None)
    policy = parse(document)
    matcher = matcher_of(policy)
    found: dict[str, Post] = {}
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            post = json.loads(line)
            text = post["text"]
            if text not in found:
                signs = matcher.find(text).signs
                signed = decide(policy, _facts(text, post["language"])).recognised
                found[text] = Post(file.stem, text, bool(post["request"]), signs, signed)
    return list(found.values())


def _facts(text: str, language: str) -> TicketFacts:
    """As from a network that names no language; what is mixed at an account in Dutch."""
    return TicketFacts(
        text=text,
        language=None,
        network_language=None,
        account_language="en" if language == "en" else "nl",
        caller_language=None,
        addressed=True,
        private=False,
        acknowledge="recognised",
        channel="",
        at=dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC),
    )


def features_of(post: Post) -> Features:
    words = words_in(post.text)
    inside: Counter[str] = Counter()
    for word in set(words):
        inside.update(parts(word))
    return Features(frozenset({*words, *pairs(words)}), inside, post.signs, 1 / sqrt(max(1, len(words))))


def learn(posts: Sequence[tuple[Features, bool]]) -> Learned:
    """Weights for these posts; the same posts in the same order make the same weights."""
    seen: Counter[str] = Counter()
    for features, _ in posts:
        seen.update(f"g{gram}" for gram in features.grams)
        seen.update(f"p{part}" for part in features.parts)
        seen.update(f"s{sign}" for sign in features.signs)
    places = {gram: place for place, gram in enumerate(sorted(g for g, n in seen.items() if n >= LEAST_SEEN))}
    rarity = {gram: log((1 + len(posts)) / (1 + seen[gram])) + 1 for gram in places}
    scale = {gram: {"g": rarity[gram], "p": PART * rarity[gram], "s": SIGN}[gram[0]] for gram in places}
    rows = [_row(features, places, scale) for features, _ in posts]
    weights = _descend(rows, [1.0 if asks else -1.0 for _, asks in posts], len(places) + 1)
    by_kind: dict[str, dict[str, float]] = {"g": {}, "p": {}, "s": {}}
    for gram, place in places.items():
        by_kind[gram[0]][gram[1:]] = weights[place] * scale[gram]
    return Learned(weights[len(places)], by_kind["s"], by_kind["g"], by_kind["p"])


def _row(
    features: Features, places: Mapping[str, int], scale: Mapping[str, float]
) -> tuple[array[int], array[float]]:
    """(places, values) of a post, the last one the constant."""
    named: list[tuple[str, float]] = [(f"g{gram}", features.share) for gram in sorted(features.grams)]
    named += [(f"p{part}", count * features.share) for part, count in sorted(features.parts.items())]
    named += [(f"s{sign}", 1.0) for sign in sorted(features.signs)]
    known = [(places[gram], value * scale[gram]) for gram, value in named if gram in places]
    known.append((len(places), 1.0))
    return array("l", (place for place, _ in known)), array("d", (value for _, value in known))


def _descend(
    rows: Sequence[tuple[array[int], array[float]]], labels: Sequence[float], size: int
) -> list[float]:
    weights = [0.0] * size
    alphas = [0.0] * len(rows)
    slack = 1 / (2 * LOSS)
    squares = [sum(value * value for value in values) + slack for _, values in rows]
    order = list(range(len(rows)))
    chance = random.Random(1)  # noqa: S311  # an order, the same each time
    for _ in range(ROUNDS):
        chance.shuffle(order)
        for number in order:
            (at, values), label = rows[number], labels[number]
            margin = sum(weights[place] * value for place, value in zip(at, values, strict=True))
            gradient = label * margin - 1 + alphas[number] * slack
            alpha = max(alphas[number] - gradient / squares[number], 0.0)
            step = (alpha - alphas[number]) * label
            if step:
                alphas[number] = alpha
                for place, value in zip(at, values, strict=True):
                    weights[place] += step * value
    return weights


def left_out(posts: Sequence[Post], features: Sequence[Features]) -> list[tuple[Post, float]]:
    """The posts of ordinary lists, each with its score by weights that were learned without its list."""
    with Pool() as pool:
        scored = pool.starmap(_without, [(listed, posts, features) for listed in sorted(ORDINARY)])
    return [one for of_list in scored for one in of_list]


def _without(listed: str, posts: Sequence[Post], features: Sequence[Features]) -> list[tuple[Post, float]]:
    both = list(zip(posts, features, strict=True))
    learned = learn([(one, post.asks) for post, one in both if post.listed != listed])
    return [(post, learned.score(one)) for post, one in both if post.listed == listed]


def edge(scores: Iterable[float], share: float) -> float:
    """The sum that this share of the scores reaches."""
    falling = sorted(scores, reverse=True)
    return falling[int(share * len(falling))] + 1e-9


def edges_of(scored: Sequence[tuple[Post, float]]) -> dict[str, float]:
    """From what sum on a message asks; and is sure, per answer, with signs that show it and without: the pair of edges
    by which most requests are answered, and of the rest no more than the answer's share."""
    rest = [(post, score) for post, score in scored if not post.asks]
    asks = edge((score for _, score in rest), ASKS_OF_REST)
    edges = {"asks": asks}
    signed, plain = ([score for post, score in rest if post.signed is of] for of in (True, False))
    requests = [(post, score) for post, score in scored if post.asks]
    for answer, share in ANSWERED_OF_REST.items():
        most = int(share * len(rest))
        best = (-1, 0.0, 0.0)
        falling = sorted(plain, reverse=True)
        for lower in sorted({asks, *(score + 1e-9 for score in signed if score >= asks)}):
            wrong = sum(score >= lower for score in signed)
            if wrong <= most:
                upper = max(falling[most - wrong] + 1e-9, lower)
                right = sum(score >= (lower if post.signed else upper) for post, score in requests)
                best = max(best, (right, lower, upper))
        edges |= {f"{answer}_signed": best[1], answer: best[2]}
    return edges


def _file(learned: Learned, edges: Mapping[str, float], posts: int) -> str:
    def thousandths(weights: Mapping[str, float]) -> dict[str, int]:
        rounded = {gram: round(1000 * weight) for gram, weight in sorted(weights.items())}
        return {gram: weight for gram, weight in rounded.items() if abs(weight) >= SMALLEST}

    held = {
        "about": f"Learned from {posts} labelled posts by priority/learned/teach.py.",
        "edges": {name: round(1000 * value) for name, value in edges.items()},
        "start": round(1000 * learned.start),
        "signs": thousandths(learned.signs),
        "grams": thousandths(learned.grams),
        "parts": thousandths(learned.parts),
    }
    return json.dumps(held, ensure_ascii=False, indent=0) + "\n"


def _reaches(edges: Mapping[str, float], said: str, post: Post, score: float) -> bool:
    return score >= edges[f"{said}_signed" if post.signed and said != "asks" else said]


def main(name: str) -> None:
    posts = posts_read()
    features = [features_of(post) for post in posts]
    scored = left_out(posts, features)
    edges = edges_of(scored)
    learned = learn([(one, post.asks) for post, one in zip(posts, features, strict=True)])
    (POSTS.parent / f"{name}.json").write_text(_file(learned, edges, len(posts)), encoding="utf-8")
    for listed in (*sorted(ORDINARY), ""):
        for asks, whose in ((True, "requests"), (False, "the rest")):
            some = [one for one in scored if one[0].asks == asks and listed in ("", one[0].listed)]
            shares = ", ".join(
                f"{said} {100 * sum(_reaches(edges, said, *one) for one in some) / len(some):.1f} %"
                for said in ("asks", *ANSWERED_OF_REST)
            )
            sys.stdout.write(f"{listed or 'all of these':12} {whose} {len(some):5}: {shares}\n")


if __name__ == "__main__":
    main(sys.argv[1])
