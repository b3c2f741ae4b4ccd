"""What an agent notes about a ticket and its caller that weighs nothing: place, tags, the caller's language."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from tickets import bulk
from tickets.asked_for import OBJECT_NUMBER, object_number
from tickets.models import OPEN_STATUSES, Contact, LanguageSource, OutboundReply, ReplyState, Ticket
from tickets.services.audit import event, event_record
from tickets.services.errors import Refused
from tickets.services.locked import as_seen, ticket_locked, ticket_seen
from tickets.services.texts import words_current

PLACE_MOST = 200
NUMBER_MOST = 60
TAG_MOST = 40
TAGS_MOST = 12


def tags_read(text: str) -> list[str]:
    """Tags from what was typed, between commas or on lines: small letters, one space between words, no mark ahead;
    each once, in the order of the alphabet. Raises Refused where one is too long, or there are too many."""
    plain = unicodedata.normalize("NFC", text.replace("\0", "")).replace("\n", ",")
    tags = sorted(
        {tag for part in plain.split(",") if (tag := " ".join(part.lower().strip(" #\t\r").split()))}
    )
    for tag in tags:
        if len(tag) > TAG_MOST:
            raise Refused(
                "tags",
                _("“%(tag)s” is too long for a tag: at most %(most)s characters.")
                % {"tag": tag[:TAG_MOST], "most": TAG_MOST},
            )
    if len(tags) > TAGS_MOST:
        raise Refused("tags", _("At most %(most)s tags, please.") % {"most": TAGS_MOST})
    return tags


def ticket_labels_set(
    *,
    actor: User,
    ticket_id: int,
    place: str,
    tags: str,
    number: str | None = None,
    seen_version: int | None,
    now: datetime,
) -> Ticket:
    """Place, tags and the number on the object (None: left as it is), as they were typed. Raises NotFound, Refused,
    Changed. Once a person has set the tags, the rule leaves them alone."""
    with transaction.atomic():
        ticket = ticket_locked(actor, ticket_id)
        as_seen(ticket, seen_version)
        where = " ".join(place.replace("\0", "").split())
        if len(where) > PLACE_MOST:
            raise Refused(
                "place", _("The place is too long: at most %(most)s characters.") % {"most": PLACE_MOST}
            )
        wanted = tags_read(tags)
        was = object_number(ticket)
        on_it = was if number is None else " ".join(number.replace("\0", "").split())
        if len(on_it) > NUMBER_MOST:
            raise Refused(
                "number", _("The number is too long: at most %(most)s characters.") % {"most": NUMBER_MOST}
            )
        if (where, wanted, on_it) == (ticket.place, ticket.tags, was):
            return ticket
        args: dict[str, object] = {"place": where != ticket.place}
        if on_it != was:
            args["number"] = True
            ticket.custom = {**ticket.custom, OBJECT_NUMBER: on_it}
        if wanted != ticket.tags:
            args |= {
                "added": sorted(set(wanted) - set(ticket.tags)),
                "taken": sorted(set(ticket.tags) - set(wanted)),
            }
            ticket.tags_by = "person"
        ticket.place, ticket.tags = where, wanted
        ticket.version += 1
        bulk.update([ticket], ("place", "tags", "tags_by", "custom", "version"))
        event_record("labels_set", actor=actor, now=now, ticket_id=ticket.pk, args=args)
    return ticket


def caller_language_set(*, actor: User, ticket_id: int, language: str, now: datetime) -> Ticket:
    """The language in which this caller is written to from now on, on all their open tickets. Raises NotFound, Refused.

    1. Refused: a language that there are no words in.
    2. The contact is locked, then their open tickets by id: the contact keeps it for what they say next, the tickets
       for the notices to come.
    3. What waits to go by itself goes in it; what a person wrote stays as it was written.
    """
    if language not in words_current(now)[1].languages:
        raise Refused("language", _("Choose a language that there are words in."))
    with transaction.atomic():
        caller_id = ticket_seen(actor, ticket_id).caller_id
        contact = Contact.objects.select_for_update(no_key=True).get(pk=caller_id)
        mine = Ticket.objects.filter(caller_id=caller_id)
        rows = list(
            (mine.filter(status__in=OPEN_STATUSES) | mine.filter(pk=ticket_id))
            .select_for_update(of=("self",), no_key=True)
            .order_by("pk")
        )
        contact.language, contact.language_source = language, LanguageSource.SET
        contact.save(update_fields=["language", "language_source"])
        changed = [
            row for row in rows if (row.language, row.language_source) != (language, LanguageSource.SET)
        ]
        for row in changed:
            row.language, row.language_source = language, LanguageSource.SET
            row.version += 1
        bulk.update(changed, ("language", "language_source", "version"))
        _rows_follow((row.pk for row in changed), language)
        bulk.insert(
            [
                event("language_set", actor=actor, now=now, ticket_id=row.pk, args={"language": language})
                for row in changed
            ],
            keys=False,
        )
    return ticket_seen(actor, ticket_id)


def _rows_follow(ticket_ids: Iterable[int], language: str) -> None:
    """Automatic rows that are not worded yet."""
    OutboundReply.objects.filter(
        ticket_id__in=list(ticket_ids),
        is_automatic=True,
        state__in=[ReplyState.QUEUED, ReplyState.HELD],
        send_started_at__isnull=True,
    ).exclude(parts__external_id__gt="").update(language=language)
