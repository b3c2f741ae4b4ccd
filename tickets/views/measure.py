"""The composer's counter: the answer as it would go, with what the desk adds, counted as the network counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from tickets.channels import Length
from tickets.models import Conversation, Ticket
from tickets.services.notice_words import answer_text
from tickets.services.replies import answer_length, answer_row


@dataclass(frozen=True, slots=True)
class Measure:
    """`share` of the ring that is filled, 0 to 100; `is_over`: it would be refused; `words` say it; `added` by us."""

    share: int
    is_over: bool
    words: str
    added: str


def measure(
    actor: User, ticket: Ticket, conversation: Conversation, text: str, *, then: str = "", now: datetime
) -> Measure:
    """`then`: what the message is for ("", "asks", "resolves"). Raises NotFound where the actor may not see the
    ticket."""
    length = answer_length(
        actor=actor,
        ticket_id=ticket.pk,
        conversation_id=conversation.pk,
        text=text,
        tell_date=then != "resolves",
        asks=then == "asks",
        now=now,
    )
    if length.limit is None:
        return Measure(0, False, "", added(actor, ticket, conversation, then=then, now=now))
    share = min(100, length.used * 100 // max(length.limit, 1))
    return Measure(
        share, not length.fits, left_words(length), added(actor, ticket, conversation, then=then, now=now)
    )


def left_words(length: Length) -> str:
    """How much is left, or into how many messages it goes; "" where there is no limit."""
    if length.limit is None:
        return ""
    if length.parts > 1:
        return ngettext("in %(n)d message", "in %(n)d messages", length.parts) % {"n": length.parts}
    return _("%(left)d left") % {"left": length.limit - length.used}


def added(actor: User, ticket: Ticket, conversation: Conversation, *, then: str = "", now: datetime) -> str:
    """What the desk puts below the words: number and date while the caller has none, that the date waits where
    something is asked, and the account's sign-off."""
    asks, tells = then == "asks", then != "resolves"
    reply = answer_row(actor, ticket, conversation, "", tells, "answer:", now, asks=asks)
    reply.account = conversation.account
    return answer_text(reply, ticket=ticket, account=conversation.account, now=now)
