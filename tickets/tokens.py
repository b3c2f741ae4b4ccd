"""What a row of a ticket is called in addresses and forms: stable, and no primary key."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.crypto import constant_time_compare, salted_hmac


def token(kind: str, pk: int) -> str:
    """20 hexadecimal signs for the row `pk` of the model `kind` (its name in small letters)."""
    return salted_hmac(f"tickets.{kind}", str(pk), algorithm="sha256").hexdigest()[:20]


def named(kind: str, ids: Iterable[int], wanted: str) -> int | None:
    """The id among `ids` that `wanted` names, or None."""
    return next((pk for pk in ids if constant_time_compare(token(kind, pk), wanted)), None)
