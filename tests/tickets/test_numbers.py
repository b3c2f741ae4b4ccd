"""Numbers that identify a person are dots wherever rows are listed; what is no such number stays readable."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tickets.display.numbers import DOT, hidden
from tickets.reference import as_shown, make, read
from tickets.selectors_rows import WORDS, shown_words

DIGITS = "0123456789"
WORDS_AROUND = st.sampled_from(["", "ik heet Jan en ", "zie ", "(", "nr. ", "bestelling ", "op "])
AFTER = st.sampled_from(["", ".", ", dank", ")", " alstublieft", "?", "\n"])


def stays(before: str, what: str, after: str) -> None:
    text = f"{before}{what}{after}"
    assert hidden(text) == text


@given(WORDS_AROUND, st.text(DIGITS, min_size=1, max_size=7), AFTER)
def test_short_numbers_stay(before: str, number: str, after: str) -> None:
    """House numbers, lines, amounts, order numbers of up to seven digits."""
    stays(before, number, after)


@given(
    WORDS_AROUND,
    st.sampled_from(["ORD", "B", "ZAAK", "M2", "INV_"]),
    st.text(DIGITS, min_size=4, max_size=14),
    AFTER,
)
def test_order_numbers_that_begin_with_letters_stay(
    before: str, letters: str, number: str, after: str
) -> None:
    stays(before, f"{letters}{number}", after)


@given(
    st.sampled_from(["bestelling ", "bestelnummer: ", "ordernr. ", "order #", "zaaknummer ", "Invoice no. "]),
    st.integers(10**7, 10**11),
)
def test_long_order_numbers_stay_where_they_are_called_so(before: str, number: int) -> None:
    """But for those that might as well be a BSN or a card's number: better one too many hidden."""
    digits = str(number)
    if _eleven_test(digits) or _luhn_test(digits):
        assert not any(sign in DIGITS for sign in hidden(before + digits))
    else:
        stays(before, digits, "")
    assert not any(sign in DIGITS for sign in hidden(f"mijn nummer {digits}")), "not called so"


def _eleven_test(digits: str) -> bool:
    nine = digits.zfill(9)
    return len(nine) == 9 and (sum(int(nine[n]) * (9 - n) for n in range(8)) - int(nine[8])) % 11 == 0


def _luhn_test(digits: str) -> bool:
    total = 0
    for n, sign in enumerate(digits[::-1]):
        total += int(sign) if n % 2 == 0 else sum(map(int, str(2 * int(sign))))
    return len(digits) >= 12 and total % 10 == 0


@given(
    WORDS_AROUND,
    st.dates(date(1990, 1, 1), date(2060, 12, 31)),
    st.sampled_from(["%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y-%m-%d", "%Y/%m/%d", "%-d-%-m-%Y"]),
    AFTER,
)
def test_dates_stay(before: str, day: date, shape: str, after: str) -> None:
    stays(before, day.strftime(shape), after)


@given(WORDS_AROUND, st.integers(0, 23), st.integers(0, 59), st.sampled_from([":", "."]), AFTER)
def test_times_stay(before: str, hour: int, minute: int, mark: str, after: str) -> None:
    stays(before, f"{hour}{mark}{minute:02d}", after)


@given(WORDS_AROUND, st.builds(make), AFTER)
def test_our_own_references_stay(before: str, reference: str, after: str) -> None:
    """Also one that is made of digits alone: its check character tells it from a telephone number."""
    stays(before, as_shown(reference), after)


@given(WORDS_AROUND, st.text(DIGITS, min_size=7, max_size=7), AFTER)
def test_a_reference_of_digits_alone_stays(before: str, seven: str, after: str) -> None:
    reference = next((seven + check for check in DIGITS if read(seven + check)), None)
    if reference is not None:
        stays(before, as_shown(reference), after)


@given(st.text(), st.text())
def test_length_and_letters_stay(before: str, after: str) -> None:
    text = f"{before} 06-12345678 {after}"
    found = hidden(text)
    assert len(found) == len(text)
    assert all(new in (old, DOT) for old, new in zip(text, found, strict=True))
    assert hidden(found) == found


@given(
    st.text("abcde ", max_size=WORDS + 40),
    st.sampled_from(
        ["123456782", "NL91 ABNA 0417 1643 00", "4111 1111 1111 1111", "06-12345678", "+31 6 1234 5678"]
    ),
    st.text("abcde ", max_size=60),
)
def test_a_row_shows_none_wherever_it_is_cut(before: str, number: str, after: str) -> None:
    shown = shown_words(f"@desk {before} {number} {after}", "desk")
    assert not any(sign in DIGITS for sign in shown)
    assert len(shown) <= WORDS
