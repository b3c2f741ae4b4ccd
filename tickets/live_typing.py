"""That one of us types to a caller who is there. Kept nowhere; whom it reaches is known one floor up."""

from __future__ import annotations

from collections.abc import Callable

from accounts.models import User
from tickets.models import Conversation, Ticket
from tickets.selectors_presence import first_name
from tickets.services.clock_notices import places_to_speak

#: Each is called as (the conversation in which the caller spoke last, the name by which callers know who types).
#: Floors above put theirs here in AppConfig.ready.
TYPES: list[Callable[[Conversation, str], None]] = []


def agent_types(ticket: Ticket, user: User) -> None:
    """Nothing where the caller cannot be there. `ticket`: one that the user sees."""
    if not ticket.is_open:
        return
    place = places_to_speak([ticket.pk]).get(ticket.pk)
    if place is not None and place.account.capabilities.get("live") and place.account.answers:
        for tell in TYPES:
            tell(place, first_name(str(user)))
