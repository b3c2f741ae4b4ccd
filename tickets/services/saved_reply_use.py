"""A saved reply inside an answer: its placeholders, filled for one caller; and that it was used."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import F

from accounts.models import User
from priority.wording import Ask
from tickets.asked_for import in_words, object_number
from tickets.models import Conversation, OutboundReply, Part, SavedReply, Ticket
from tickets.selectors_saved_replies import saved_replies_offered
from tickets.services.dates import date_wanted
from tickets.texts.dates import LANGUAGES, date_words
from tickets.texts.document import PLACEHOLDER
from tickets.texts.render import one_line

PLACEHOLDERS = ("name", "reference", "date", "place", "object_number", "missing", "sign_off")
#: A caller's name in a greeting is never longer.
NAME_MOST = 60
PLACE_MOST = 200
_NAMELESS = re.compile(r",? \{name\}(?=[.,;:!?]|$)", re.MULTILINE)


def placeholder_values(
    ticket: Ticket,
    conversation: Conversation,
    *,
    language: str,
    date: datetime | None,
    missing: Sequence[Ask] = (),
    now: datetime,
) -> Mapping[str, str]:
    """What each placeholder says to this caller, in a language; one that nothing is known for is not among them, but
    for the name of who gave none, which is ''.
    `date`: that of `date_to_name`; `missing`: what the category asks and nobody knows yet (tickets/asked_for.py)."""
    account = conversation.account
    values = {"sign_off": account.sign_off}
    values["name"] = one_line(conversation.identity.name or conversation.identity.handle, most=NAME_MOST)
    if conversation.part == Part.PARTICIPANT:  # they read nothing of what the caller said or was told
        return values
    values["reference"] = ticket.shown_reference
    if date is not None:
        known = language if language in LANGUAGES else "en"
        values["date"] = date_words(date, zone=account.zone, language=known, now=now)
    noted = {
        "place": one_line(ticket.place, most=PLACE_MOST),
        "object_number": one_line(object_number(ticket), most=PLACE_MOST),
        "missing": in_words(missing, language),
    }
    return values | {name: words for name, words in noted.items() if words}


def date_to_name(ticket: Ticket, *, now: datetime) -> datetime | None:
    """The date that the caller was told and that stands, else the one that an answer is going to tell."""
    if ticket.promised_for is not None:
        return ticket.promised_for
    wanted = date_wanted(ticket, now=now)
    return wanted.date if wanted is not None else None


def filled(text: str, values: Mapping[str, str]) -> str:
    """The words with what is known put in. What is not known stays as it is, to be seen and written by hand; a value is
    never read as a template. An empty value takes one space beside it along; an empty name goes where it ends a
    greeting ("Thanks, {name}."), with the comma before it, and else is written by hand, too."""
    if values.get("name") == "":
        text = _NAMELESS.sub("", text)
    for name in PLACEHOLDERS:
        if name != "name" and values.get(name) == "":
            slot = re.escape(f"{{{name}}}")
            text = re.sub(rf" {slot}|{slot} ?", "", text)
    return PLACEHOLDER.sub(lambda found: values.get(found[1]) or found[0], text).strip()


def saved_reply_used(reply: OutboundReply, saved: int | None, *, actor: User, now: datetime) -> None:
    """Note on an unsaved message which saved reply it began with, and count that. Another's, or none, is left out."""
    if saved is None or not saved_replies_offered(actor).filter(pk=saved).exists():
        return
    SavedReply.objects.filter(pk=saved).update(uses=F("uses") + 1, last_used_at=now)
    reply.args = {**reply.args, "saved": saved}


def saved_reply_unused(reply: OutboundReply) -> None:
    """The message was taken back."""
    saved = reply.args.get("saved")
    if saved is not None:
        SavedReply.objects.filter(pk=saved, uses__gt=0).update(uses=F("uses") - 1)
