"""The link to the caller's page, by mail, for somebody who told an address where we only speak.

Whose address it is nobody has proven: the letter holds none of their words, and no date, which they hear or read on the
page. It goes once; what binds automatic messages binds it, the cap of an address among them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from tickets.models import Conversation, OutboundReply, ReplyKind, ReplyState, Ticket
from tickets.services.audit import tickets_changed
from tickets.services.clock_notices import notice, notices_put
from tickets.services.status_links import stand_in
from tickets.texts.shapes import usual_form

#: One that has not begun to go, or of which a person decides: it leads wherever its conversation is.
LETTER_WAITS = Q(kind=ReplyKind.LINK, state__in=[ReplyState.QUEUED, ReplyState.HELD])
#: And one that nothing else waits for.
LETTER_AT_REST = LETTER_WAITS | Q(kind=ReplyKind.LINK, state=ReplyState.UNKNOWN)


def letters_stay(**where: Any) -> None:
    """Until the end of the transaction none of these begins to go: they move with their conversation."""
    list(OutboundReply.objects.select_for_update(of=("self",)).filter(LETTER_WAITS, **where).order_by("pk"))


def link_letter_put(*, ticket: Ticket, conversation: Conversation, now: datetime) -> list[OutboundReply]:
    """Queued, once for a conversation; the row, where it is new."""
    row = notice(ReplyKind.LINK, ticket, conversation, key=f"link:{conversation.pk}", now=now)
    row.language = row.language if row.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    row.text = _words(ticket, conversation, row.language)
    row.in_reply_to = ""
    new = notices_put([row])
    if new:
        tickets_changed([ticket.pk])
    return new


def _words(ticket: Ticket, conversation: Conversation, language: str) -> str:
    account = conversation.account
    with override(language):
        if (account.form_of_address or usual_form(account.manner)) == "familiar":
            said = pgettext(
                "familiar",
                "You called us and gave us this address. What you told us has the number %(ref)s. On this page you see "
                "how it stands and the date that we tell you, and you can add something: %(link)s",
            )
            mistaken = pgettext(
                "familiar",
                "You did not call us? Then this address was misheard, and you need not do anything.",
            )
        else:
            said = _(
                "You called us and gave us this address. What you told us has the number %(ref)s. On this page you see "
                "how it stands and the date that we tell you, and you can add something: %(link)s"
            )
            mistaken = _("You did not call us? Then this address was misheard, and you need not do anything.")
    said = said % {"ref": ticket.shown_reference, "link": stand_in()}
    return "\n\n".join(part for part in (said, mistaken, account.sign_off) if part)
