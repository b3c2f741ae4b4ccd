"""Laws of triage: for any text, in any order of the word lists, and fast."""

from __future__ import annotations

import datetime as dt
import json
import random
import time
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from priority.learned.weights import weights_of
from priority.policy import Policy, parse
from priority.triage import decide
from tests.priority.examples import REQUESTS
from tests.priority.support import CITY, MONDAY, POLICY, facts, triaged


def words_in(policy: Policy) -> set[str]:
    found: set[str] = set()

    def walk(value: object) -> None:
        if isinstance(value, dict):
            found.update(value)
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)
        elif isinstance(value, str):
            found.add(value)

    walk(policy.document())
    return found | {"network", "guessed", "account", "caller", "impact", "urgency"}


texts = st.one_of(
    st.text(max_size=120),
    st.lists(
        st.sampled_from(
            [
                "tram",
                "BRAND",
                "brand",
                "new",
                "lol",
                "mooi",
                "Verkeerslichten",
                "kapot",
                "é",
                "ﬁre",
                "ﬁ",
                "ǆ",
                "İ",
                "ß",
                "fire",
                "🔥",
                "the",
                "de",
                "?",
                "!",
                "'",
                "bin",
                "#LantaarnPaal",
                "can't",
                "can’t",
                "@x",
                "http://a.b",
                "wheelchair",
                "éénmaal",
                "thanks",
                "weer",
            ]
        ),
        max_size=14,
    ).map(" ".join),
)


@settings(max_examples=200, deadline=None)
@given(texts, st.sampled_from(["en", "nl", "und", None]), st.booleans())
@example("e\u0301e\u0301n ﬁre \u202e brand", "und", False)
@example("\ud800 brand \x00 fire", None, False)
def test_any_text_is_decided_alike_twice_with_offsets_inside_it_and_no_word_of_the_caller(
    text: str, network: str | None, private: bool
) -> None:
    given_facts = facts(text, network, private=private)
    decision = decide(CITY, given_facts)
    assert decision == decide(CITY, given_facts)
    known = words_in(CITY)
    learned = weights_of("town-1").grams
    for stored in (reason.as_json() for reason in decision.reasons):
        assert json.loads(json.dumps(stored)) == stored
        args: dict[str, Any] = stored["args"]
        if "at" in args:
            start, end = args["at"]
            assert 0 <= start < end <= len(text)
        assert all(word in learned for word in args.get("said", ()))
        for key, value in args.items():
            assert not isinstance(value, str) or value in known, (key, value)


def test_offsets_point_at_the_callers_own_letters() -> None:
    text = "Één 🔥 e\u0301n: ﬁre! Brand @desk VERKEERSLICHTEN"
    decision = triaged(text, "nl")
    stored: list[dict[str, Any]] = [reason.as_json()["args"] for reason in decision.reasons]
    told = {args["word"]: text[slice(*args["at"])] for args in stored if "at" in args}
    assert told["fire"] == "ﬁre"
    assert "Brand" in text[: text.index("@")]


@pytest.mark.parametrize("policy", [CITY, POLICY], ids=["learned", "by signs"])
@settings(max_examples=5, deadline=None)
@given(seed_of_order=st.integers(0, 10**6), text=st.sampled_from([row[0] for row in REQUESTS]))
def test_the_order_of_word_lists_and_who_writes_change_nothing(
    policy: Policy, seed_of_order: int, text: str
) -> None:
    order = random.Random(seed_of_order)
    document = policy.document()
    for category in document["categories"]:
        for lists in category["words"].values():
            for words in lists.values():
                order.shuffle(words)
    for sign in ("question", "wish", "fault", "praise", "venting"):
        for lists in document["signs"][sign].values():
            for words in lists.values():
                order.shuffle(words)
    shuffled = parse(document)
    for network in ("en", "nl"):
        one, other = triaged(text, network, policy), triaged(text, network, policy=shuffled)
        assert one == other
        assert one == triaged(text, network, policy, channel="elsewhere", at=MONDAY + dt.timedelta(minutes=5))


@pytest.mark.parametrize(
    "text",
    [
        "a" * 10_000,
        "brand " * 1_700,
        "@" * 10_000,
        "a@" * 5_000,
        "http://" * 1_500,
        "can't " * 1_700,
        "swallowed a b c d " * 600,
        "\u0301" * 10_000,
        "ﷺ" * 10_000,
        "verkeers" * 1_250,
        "".join(chr(code) for code in range(0x20, 0x2720)),
    ],
    ids=lambda text: ascii(text[:8]),
)
def test_hostile_text_of_10_kb_is_never_slow(text: str) -> None:
    triaged("warm")
    start = time.perf_counter()
    triaged(text, "und")
    # Some 10 ms here; what must not happen is seconds.
    assert time.perf_counter() - start < 0.5
