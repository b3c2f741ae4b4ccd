"""The raw updates in which a message's words came, as far as the core may know of them: that they can be emptied.

They lie one floor up; that floor hands in how (`register`), so nothing here points up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

Empty = Callable[[int, set[str]], None]

_empty: Empty | None = None


def register(empty: Empty) -> None:
    """`empty(account id, external ids)` takes the words out of every raw update of these messages, in the transaction
    of its caller. Called once, when the floor above starts."""
    global _empty
    _empty = empty


def bodies_empty(messages: Mapping[int, set[str]]) -> None:
    """By account: external ids of messages whose words are to be nowhere. Raises RuntimeError where no floor above has
    registered."""
    if _empty is None:
        raise RuntimeError("nobody empties raw updates: channels_social is not among the installed apps")
    for account_id, external_ids in sorted(messages.items()):
        _empty(account_id, external_ids)
