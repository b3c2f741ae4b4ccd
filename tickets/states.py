"""The one table of transitions: which status a ticket has after a cause, and which state a reply may go to. Pure.

A status is changed by naming what happened, never by setting a value: `after(status, cause)` gives the new one, or
raises `NotPossible`. New causes come in here first.
"""

from __future__ import annotations

from collections.abc import Mapping

#: (status, cause) → status. What stands not here cannot happen.
TICKET: Mapping[tuple[str, str], str] = {
    # a person's answer went out
    ("new", "answered"): "open",
    ("open", "answered"): "open",
    ("waiting_on_caller", "answered"): "waiting_on_caller",
    ("on_hold", "answered"): "on_hold",
    ("resolved", "answered"): "resolved",
    ("closed", "answered"): "closed",
    # nobody is to be answered: a person said so, or the caller took every word back
    ("new", "put_away"): "closed",
    ("open", "put_away"): "closed",
    ("closed", "put_away"): "closed",
    # it was put away, and words came that are not: nobody has looked at them yet
    ("closed", "spoke_again"): "new",
    ("resolved", "spoke_again"): "open",
    ("new", "spoke_again"): "new",
    ("open", "spoke_again"): "open",
    # a person watches it: nothing is said or owed, and they look again
    ("new", "watched"): "new",
    ("open", "watched"): "open",
    ("closed", "watched"): "open",
    # the verdict is taken back before anything came of it
    ("new", "undone_to_new"): "new",
    ("open", "undone_to_open"): "open",
    ("closed", "undone_to_new"): "new",
    ("closed", "undone_to_open"): "open",
    # so is one press over several
    ("closed", "put_back_new"): "new",
    ("closed", "put_back_open"): "open",
    ("closed", "put_back_closed"): "closed",
    # a person decides that it is answered after all
    ("new", "respond"): "new",
    ("open", "respond"): "open",
    ("closed", "respond"): "open",
    # the answer that resolved it did not arrive
    ("resolved", "not_delivered"): "open",
    # the message that asks the caller something went out: their turn
    ("new", "asked"): "waiting_on_caller",
    ("open", "asked"): "waiting_on_caller",
    ("waiting_on_caller", "asked"): "waiting_on_caller",
    ("on_hold", "asked"): "waiting_on_caller",
    # the caller has spoken
    ("waiting_on_caller", "spoke_again"): "open",
    ("on_hold", "spoke_again"): "on_hold",
    # it waits for somebody who is neither the caller nor us
    ("new", "held"): "on_hold",
    ("open", "held"): "on_hold",
    ("on_hold", "held"): "on_hold",
    ("on_hold", "went_on"): "open",
    ("waiting_on_caller", "went_on"): "open",
    # done
    ("new", "resolved"): "resolved",
    ("open", "resolved"): "resolved",
    ("waiting_on_caller", "resolved"): "resolved",
    ("on_hold", "resolved"): "resolved",
    # a colleague opens it again
    ("resolved", "reopened"): "open",
    ("closed", "reopened"): "open",
    # the caller never answered, and was told that we close it; or its days for opening it again are over
    ("waiting_on_caller", "unanswered"): "closed",
    ("resolved", "settled"): "closed",
    # too old to go on: a new ticket follows it
    ("resolved", "followed"): "closed",
    ("closed", "followed"): "closed",
    # joined with another ticket of the same person, and parted from it again: as it was before
    ("new", "joined"): "closed",
    ("open", "joined"): "closed",
    ("waiting_on_caller", "joined"): "closed",
    ("on_hold", "joined"): "closed",
    ("closed", "parted_new"): "new",
    ("closed", "parted_open"): "open",
    ("closed", "parted_waiting_on_caller"): "waiting_on_caller",
    ("closed", "parted_on_hold"): "on_hold",
}

#: state → states it may go to next (channels_social/delivery*.py, tickets/services/replies.py).
REPLY: Mapping[str, frozenset[str]] = {
    "queued": frozenset({"sending", "superseded", "held"}),
    "sending": frozenset({"sent", "queued", "waiting", "handed", "held", "superseded", "failed"}),
    "waiting": frozenset({"sent", "queued", "handed", "unknown"}),
    "handed": frozenset({"sent", "queued"}),
    "held": frozenset({"queued", "superseded"}),
    "unknown": frozenset({"sent", "queued", "superseded"}),
    "superseded": frozenset({"queued"}),  # the request came back before anything went
    "failed": frozenset(),
    "sent": frozenset(),
}


class NotPossible(ValueError):
    """This cannot happen to a ticket in this status."""


def after(status: str, cause: str) -> str:
    """The status that follows. Raises NotPossible with both named."""
    try:
        return TICKET[(status, cause)]
    except KeyError:
        raise NotPossible(f"{cause!r} cannot happen to a ticket that is {status!r}") from None
