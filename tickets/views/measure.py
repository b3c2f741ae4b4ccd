"""The composer's counter: the answer as it would go, with what the desk adds, counted as the network counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from tickets.models import Conversation, OutboundReply, ReplyKind, Ticket
from tickets.services.notices import answer_text
from tickets.services.promises import date_to_tell
from tickets.services.replies import answer_length, date_line_wanted


@dataclass(frozen=True, slots=True)
class Measure:
    """`share` of the ring that is filled, 0 to 100; `is_over`: it would be refused; `words` say it; `added` by us."""

    share: int
    is_over: bool
    words: str
    added: str


def measure(actor: User, ticket: Ticket, conversation: Conversation, text: str, *, now: datetime) -> Measure:
    """Raises NotFound where the actor may not see the ticket."""
    length = answer_length(
        actor=actor, ticket_id=ticket.pk, conversation_id=conversation.pk, text=text, tell_date=True, now=now
    )
    if length.limit is None:
        return Measure(0, False, "", _added(actor, ticket, conversation, now))
    share = min(100, length.used * 100 // max(length.limit, 1))
    if length.parts > 1:
        words = ngettext("in %(n)d message", "in %(n)d messages", length.parts) % {"n": length.parts}
    else:
        words = _("%(left)d left") % {"left": length.limit - length.used}
    return Measure(share, not length.fits, words, _added(actor, ticket, conversation, now))


def _added(actor: User, ticket: Ticket, conversation: Conversation, now: datetime) -> str:
    """The line with number and date, while the caller was told none, and the account's sign-off."""
    tell = date_to_tell(ticket) if date_line_wanted(ticket, now=now) else None
    reply = OutboundReply(
        account=conversation.account,
        conversation=conversation,
        ticket=ticket,
        kind=ReplyKind.ANSWER,
        is_automatic=False,
        author=actor,
        language=ticket.language or conversation.account.language,
        tells_for=tell.date if tell is not None else None,
        tells_kind=tell.kind if tell is not None else "",
    )
    return answer_text(reply, ticket=ticket, account=conversation.account, now=now)
