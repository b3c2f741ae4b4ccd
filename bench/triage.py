"""What triage costs: words of many rules, hostile ones, long messages. Ratios of one run, beside their bars.

Pure: no database. `python -m bench.triage` prints them; intake's own rate is `bench.intake`'s.
"""

from __future__ import annotations

import copy
import datetime as dt
import random
import time
from collections.abc import Sequence
from typing import Any

from bench.posts import SYLLABLES
from priority import seed
from priority.facts import TicketFacts
from priority.matcher import matcher_of
from priority.policy import Policy, parse
from priority.triage import decide

POSTS = (
    "the ticket machine at Central swallowed my card",
    "Verkeerslichten op de kruising doen het niet",
    "my bin was not collected this morning, when will it be?",
    "Lekkage in de straat, het water loopt de kelder in",
    "wat een mooie dag aan de haven",
    "tram 4 is not running, everyone is waiting",
)
HOSTILE: dict[str, dict[str, list[str]]] = {
    "gaps": {"whole": [" * ".join(["a"] * 12)]},
    "many gaps": {"whole": [f"a * {sign} * a * {sign} * b" for sign in "abcdefghijklmnop"]},
    "parts": {"compounds": ["aaaa", "a" * 20, "abababab"]},
}
LONG = {
    "one letter": "a " * 50_000,
    "one word": "a" * 100_000,
    "letters": "a b c d e f " * 8_000,
    "accents": "é a 🔥 " * 15_000,
    "posts": " ".join(POSTS) * 350,
}


def policy_of(rules: int, hostile: dict[str, list[str]] | None = None) -> Policy:
    """The ready policy with so many word rules more, each of six words; and one more with these words."""
    document = copy.deepcopy(seed.read())
    dice = random.Random(1)

    def word() -> str:
        return "".join(dice.choice(SYLLABLES) for _ in range(3))

    made: list[dict[str, dict[str, list[str]]]] = [
        {tongue: {"stems": [word(), word()], "whole": [f"{word()} {word()}"]} for tongue in ("en", "nl")}
        for _ in range(rules)
    ]
    made += [{"en": hostile}] if hostile else []
    for number, words in enumerate(made):
        rule: dict[str, Any] = {
            "kind": "when",
            "key": f"r{number}",
            "name": {"en": "r", "nl": "r"},
            "words": words,
        }
        document["rules"].append({**rule, "effects": [{"do": "tag", "tag": "t"}]})
    policy = parse(document)
    matcher_of(policy)
    return policy


def cost(policy: Policy, messages: Sequence[str], rounds: int) -> float:
    """Seconds of this process for one pass over the messages, the quickest of the rounds after one to warm up: what
    others do on the machine counts for little."""
    given = [_facts(text) for text in messages]
    best = float("inf")
    for number in range(rounds + 1):
        begun = time.process_time()
        for facts in given:
            decide(policy, facts)
        if number:
            best = min(best, time.process_time() - begun)
    return best


def _facts(text: str) -> TicketFacts:
    return TicketFacts(
        text=text,
        language=None,
        network_language="en",
        account_language="en",
        caller_language=None,
        addressed=True,
        private=False,
        acknowledge="recognised",
        channel="square",
        at=dt.datetime(2026, 11, 23, 10, 40, tzinfo=dt.UTC),
    )


def figures(rounds: int = 20) -> dict[str, float]:
    """What to look at: each a ratio of two costs of this run, but for the microseconds of a message."""
    messages = POSTS * 20
    few, many = cost(policy_of(200), messages, rounds), cost(policy_of(2_000), messages, rounds)
    harmless = policy_of(200, {"whole": ["harmless"]})
    worst = {
        f"{kind} on {name}": cost(hostile, [text], 3) / cost(harmless, [text], 3)
        for kind, words in HOSTILE.items()
        for hostile in (policy_of(200, words),)
        for name, text in LONG.items()
    }
    return {
        "2,000 rules beside 200": many / few,
        "hostile beside harmless, at worst": max(worst.values()),
        "microseconds a message with 200 rules": few / len(messages) * 1e6,
    }


BARS = {"2,000 rules beside 200": 3.0, "hostile beside harmless, at worst": 10.0}


def main() -> None:
    for name, figure in figures().items():
        bar = BARS.get(name)
        print(f"{name}: {figure:.2f}" + (f" (at most {bar:g})" if bar else ""))


if __name__ == "__main__":
    main()
