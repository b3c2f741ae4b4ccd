"""The composer's counter: the message as it would go, with what the desk adds, counted as the network counts."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from tickets.channels import Length, measured, parts_of, seen_by
from tickets.models import Conversation, OutboundReply, ReplyEffect, Ticket
from tickets.services.notice_words import answer_text
from tickets.services.replies import MOST_CHARACTERS, answer_row

MODES = ("", "asks", "resolves")
"""What a message is for: an answer; a question, and the date waits; the last word, and it is resolved."""
NOTE = "note"
"""Words for colleagues: nobody sends them, so nothing is added, and no network counts."""


@dataclass(frozen=True, slots=True)
class Measure:
    """`share` of the ring that is filled, 0 to 100; `is_over`: it would be refused; `words` say it; `added` by us."""

    share: int
    is_over: bool
    words: str
    added: str


class Composer:
    """A message that is being written here. What depends on the ticket is asked once, however many modes are shown."""

    def __init__(self, actor: User, ticket: Ticket, conversation: Conversation, *, now: datetime) -> None:
        self._ticket, self._conversation, self._now = ticket, conversation, now
        self._row = answer_row(actor, ticket, conversation, "", True, "answer:", now)

    def whole(self, text: str, then: str) -> str:
        """The words with what the desk puts below them: number and date while the caller has none, that the date waits
        where something is asked, and the account's sign-off."""
        reply: OutboundReply = copy(self._row)
        reply.text = text[:MOST_CHARACTERS].strip()
        reply.effect = ReplyEffect.ASKS if then == "asks" else ""
        if then == "resolves":
            reply.tells_for, reply.tells_kind, reply.tells_reason = None, "", ""
        return answer_text(reply, ticket=self._ticket, account=self._conversation.account, now=self._now)

    def added(self) -> dict[str, str]:
        """By mode, under the name that the page has for it."""
        return {mode or "plain": self.whole("", mode) for mode in MODES}

    def parts(self, text: str, then: str) -> list[str]:
        """The messages that would go out, in their order, as the network would show them."""
        whole = self.whole(text, then)
        return parts_of(self._conversation.account, whole, seen_by(self._conversation)) if whole else []

    def measure(self, text: str, then: str) -> Measure:
        if then == NOTE:
            return Measure(0, False, "", "")
        length = measured(self._conversation.account, self.whole(text, then), seen_by(self._conversation))
        share = 0 if length.limit is None else min(100, length.used * 100 // max(length.limit, 1))
        return Measure(share, not length.fits, left_words(length), self.whole("", then))


def left_words(length: Length) -> str:
    """How much is left, or into how many messages it goes; "" where there is no limit."""
    if length.limit is None:
        return ""
    if length.parts > 1:
        return ngettext("in %(n)d message", "in %(n)d messages", length.parts) % {"n": length.parts}
    return _("%(left)d left") % {"left": length.limit - length.used}
