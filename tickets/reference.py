"""References: what a ticket is called towards people. They grant nothing.

7 random characters of Crockford's base32 (no I, L, O, U) and a check character: the sum of the values, each
weighted by its place, modulo 31, which is prime, so one wrong character or two swapped neighbours show.
Crockford's own check uses five symbols beyond the 32 that nobody can type on a telephone.
"""

from __future__ import annotations

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUE = {character: value for value, character in enumerate(ALPHABET)} | {
    "I": 1,
    "L": 1,
    "O": 0,
}
_PRIME = 31


def _check(seven: str) -> str:
    return ALPHABET[sum((place + 1) * _VALUE[c] for place, c in enumerate(seven)) % _PRIME]


def make() -> str:
    """A new reference of 8 characters, without its hyphen. 32^7 are possible: the UNIQUE column catches the rest."""
    seven = "".join(secrets.choice(ALPHABET) for _ in range(7))
    return seven + _check(seven)


def as_shown(reference: str) -> str:
    """`K7QM4T2X` as `K7QM-4T2X`."""
    return f"{reference[:4]}-{reference[4:]}"


def read(typed: str) -> str | None:
    """What a person typed as a stored reference (hyphen, case, I/L/O forgiven), None if it is none."""
    plain = "".join(c for c in typed.upper() if c not in "- ")
    if len(plain) != 8 or any(c not in _VALUE for c in plain):
        return None
    plain = "".join(ALPHABET[_VALUE[c]] for c in plain)
    return plain if _check(plain[:7]) == plain[7] else None
