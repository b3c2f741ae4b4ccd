"""Sets of UIDs say exactly which mails they are of, however they were joined and cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from channels_social.adapters.email.marking import _DONE_LENGTH, _SET_LENGTH, joined, sets

UIDS = st.sets(st.integers(1, 300), max_size=80)


def of(ranges: str) -> set[int]:
    spans = [one.split(":") for one in ranges.split(",") if one]
    return {uid for span in spans for uid in range(int(span[0]), int(span[-1]) + 1)}


@given(UIDS, UIDS)
def test_what_is_joined_is_both(first: set[int], second: set[int]) -> None:
    ranges = joined(joined("", first), second)
    assert of(ranges) == first | second
    # As few ranges as there can be.
    assert ranges.count(",") + bool(ranges) == len({uid for uid in of(ranges) if uid - 1 not in of(ranges)})


@given(st.sets(st.integers(1, 2**32 - 1), min_size=300, max_size=700))
def test_what_is_cut_is_all_of_it_and_short_enough(uids: set[int]) -> None:
    ranges = joined("", uids)
    assert len(ranges) <= _DONE_LENGTH
    pieces = list(sets(ranges))
    assert ",".join(pieces) == ranges
    assert all(0 < len(piece) <= _SET_LENGTH for piece in pieces)
    if len(ranges) < _DONE_LENGTH - 30:
        assert of(ranges) == uids


def test_nothing_is_no_set() -> None:
    assert (joined("", []), list(sets(""))) == ("", [])
    assert joined("3,7:9", [8, 10, 4]) == "3:4,7:10"
