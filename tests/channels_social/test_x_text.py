"""Counting, cutting and comparing texts as X does."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels_social.adapters.x.text import clean, comparable, length, split_text, unescape

ADDRESS = "https://example.org/a/rather/long/path/to/something?with=a&query=string"


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("", 0),
        ("abc", 3),
        ("é", 1),
        ("e\u0301", 1),  # NFC makes one letter of it
        ("長", 2),
        ("€", 2),
        ("…", 2),
        ("👨‍👩‍👧‍👦", 2),
        (ADDRESS, 23),
        ("see www.x.nl", 27),
        ("@anna @bo_1 abc", 3),  # X puts the names of a thread there and does not count them
        ("thanks @anna", 12),
    ],
)
def test_length_is_x_own_count(text: str, weight: int) -> None:
    assert length(text) == weight


def test_a_text_that_fits_stays_as_it_is() -> None:
    assert split_text("  Thanks for telling us.\nWe look at it. ", 280) == [
        "Thanks for telling us.\nWe look at it."
    ]


def test_parts_are_numbered_and_hold_every_word_in_order() -> None:
    words = " ".join(f"word{number}" for number in range(120))
    parts = split_text(words, 280)
    assert [part.rsplit(" ", 1)[1] for part in parts] == [
        f"{n}/{len(parts)}" for n in range(1, len(parts) + 1)
    ]
    assert " ".join(part.rsplit(" ", 1)[0] for part in parts) == words


def test_more_than_nine_parts_still_fit() -> None:
    parts = split_text("seven letters " * 400, 280)
    assert len(parts) > 9
    assert all(length(part) <= 280 for part in parts)
    assert parts[9].endswith(f" 10/{len(parts)}")


def test_no_part_ends_inside_an_address() -> None:
    text = " ".join(["We closed the stop, see", ADDRESS, "and"] * 12)
    parts = split_text(text, 280)
    assert len(parts) > 1
    assert sum(part.count(ADDRESS) for part in parts) == 12


def test_an_address_inside_a_word_without_spaces_is_not_cut() -> None:
    text = "長" * 120 + ADDRESS + "長" * 200
    assert sum(ADDRESS in part for part in split_text(text, 280)) == 1


def test_a_word_longer_than_a_post_is_cut_between_whole_signs() -> None:
    family, flag = "👨‍👩‍👧‍👦", "🇳🇱"
    for sign in (family, flag):
        parts = split_text(sign * 300, 280)
        assert all(re.fullmatch(f"(?:{sign})+ \\d+/\\d+", part) for part in parts)


def test_a_limit_too_small_to_number_is_refused() -> None:
    with pytest.raises(ValueError, match="too short to number"):
        split_text("a" * 500, 20)


alphabet = st.sampled_from(
    ["word", "w", "é", "長い文", "👩‍👧", ADDRESS, "www.x.nl", "\n", "  ", "@anna", "a" * 90, "K7QM-4T2X"]
)


@settings(max_examples=40)
@given(st.lists(alphabet, min_size=1, max_size=70), st.sampled_from([60, 140, 280]))
def test_split_keeps_every_sign_and_every_limit(pieces: list[str], limit: int) -> None:
    text = " ".join(pieces).strip()
    parts = split_text(text, limit)
    assert parts == split_text(text, limit)
    assert all(length(part) <= limit for part in parts)
    bare = parts if len(parts) == 1 else [part.rsplit(" ", 1)[0] for part in parts]
    assert "".join("".join(bare).split()) == "".join(text.split())


def test_only_what_x_escapes_is_unescaped() -> None:
    assert unescape("R&amp;D &lt;b&gt; &copy &eacute; &amp;lt;") == "R&D <b> &copy &eacute; &lt;"


def test_what_no_database_takes_is_replaced() -> None:
    assert clean("a\0b\ud800c👍") == "a\ufffdb\ufffdc👍"


@pytest.mark.parametrize(
    ("ours", "stored", "links"),
    [
        ("Thanks & bye.", "@anna @bo Thanks &amp; bye.", []),
        ("Thanks,\n\nbye", "@anna Thanks,\nbye", []),
        (
            "See www.x.nl.",
            "@anna See https://t.co/AbC.",
            [{"url": "https://t.co/AbC", "expanded_url": "http://www.x.nl"}],
        ),
        ("See www.x.nl.", "@anna See https://t.co/AbC.", []),
        ("e\u0301t\u00e9", "\u00e9te\u0301", []),
    ],
)
def test_what_x_made_of_our_text_is_recognised(ours: str, stored: str, links: list[dict[str, str]]) -> None:
    assert comparable(ours) == comparable(stored, links)


def test_another_text_is_not_ours() -> None:
    assert comparable("Your number is K7QM-4T2X") != comparable("Your number is K7QM-4T2Y")
    assert comparable("See www.x.nl now") != comparable("See now")
