"""What a visitor's window shows: the lines of both sides, the date that was told, whether somebody is there.

Mostly nothing is new, and then nothing is asked of the database beyond what the request began with. Lines come after
the last number that the browser has; they are found in one statement, however many there are.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from channels_social.adapter import BadContent
from channels_social.adapters.chat.asked import Asked
from channels_social.adapters.chat.files import file_most, key_of, our_name, own_name
from channels_social.adapters.chat.said import FILES_MOST, WORDS_MOST, message_id, read_words
from channels_social.inbox import body_of
from channels_social.ingest import key_of as event_key_of
from channels_social.models import ChannelConnection, EventState, InboundEvent, Visitor
from tickets.display.callers import caller_words
from tickets.models import AttachmentState, CallType, ChannelAccount, PromiseEnd, PromiseKind, Ticket
from tickets.prepared import Prepared, ask
from tickets.selectors_presence import There, there
from tickets.selectors_status import caller_form
from tickets.texts.dates import date_words, day_words

#: So many lines at once, the latest; older ones were read.
LINES_MOST = 300
#: Seconds for which a process remembers whether somebody is there: windows ask far more often than people come and go.
THERE_KEPT = 2.0
_KNOWN_MOST = 1_000
Json = dict[str, Any]


def state_of(asked: Asked, after: int, *, live: str) -> Json:
    """For a visitor who is let in; in the active language. after: the last number that they have. live: where news are
    to be had at once, '' where nowhere."""
    bridge, visitor, now = asked.bridge, asked.visitor, asked.now
    if bridge is None or visitor is None:
        raise ValueError("a state is a visitor's")
    account, lines, last = bridge.account, list[Json](), min(after, visitor.last_number)
    if after < visitor.last_number:
        lines, last = lines_after(bridge, visitor, after, now)
    return {
        "name": bridge.settings.get("name") or account.name,
        "language": visitor.language,
        "here": here_of(asked, account),
        "promise": _promise(asked, account),
        "lines": lines,
        "last": last,
        "seen": visitor.acked_through,
        "address": visitor.address,
        "consent": consent_words(),
        "proven": bool(visitor.proven_id),
        "ended": visitor.ended_at is not None,
        "sends": account.receives,
        "most": {"text": WORDS_MOST, "files": FILES_MOST, "file_bytes": file_most()},
        "live": live,
    }


def consent_words() -> str:
    """What somebody agrees to who leaves an address."""
    return _(
        "When I am not here, send answers and news about this to my e-mail address. I can take this back here at any "
        "time."
    )


# -- lines -----------------------------------------------------------------------------------------------------

#: A line of ours that goes another way is not shown until it went; lines after it are handed out again until then.
_LINES = Prepared(
    """
WITH hidden AS (
    SELECT min(number) AS number FROM channels_social_visitorline
     WHERE visitor_id = %(visitor)s AND number > %(after)s AND withdrawn_at IS NOT NULL AND mailed_at IS NULL)
SELECT n, ours, name, text, at, client_id, automatic, files, message_id, gone, (SELECT number FROM hidden)
  FROM (SELECT number AS n, true AS ours, name, text, created_at AS at, '' AS client_id, automatic, files,
               0::bigint AS message_id, false AS gone
          FROM channels_social_visitorline
         WHERE visitor_id = %(visitor)s AND number > %(after)s
           AND (withdrawn_at IS NULL OR mailed_at IS NOT NULL)
        UNION ALL
        SELECT w.number, false, '', coalesce(m.body, ''), w.said_at, w.client_id, false,
               (SELECT jsonb_agg(jsonb_build_object('pk', a.id, 'name', a.name, 'type', a.content_type,
                                                    'size', a.size, 'state', a.state) ORDER BY a.id)
                  FROM tickets_attachment a WHERE a.message_id = m.id),
               m.id, m.removed_at IS NOT NULL
          FROM channels_social_visitorwords w
          LEFT JOIN tickets_message m
            ON m.account_id = %(account)s AND m.external_id = %(whose)s || ':' || w.client_id
         WHERE w.visitor_id = %(visitor)s AND w.number > %(after)s) line
 ORDER BY n DESC LIMIT %(most)s
""",
    {"visitor": "bigint", "after": "bigint", "account": "bigint", "whose": "text", "most": "int"},
)


def lines_after(
    bridge: ChannelConnection, visitor: Visitor, after: int, now: datetime
) -> tuple[list[Json], int]:
    """The lines of both sides after a number, in their order, at most the latest `LINES_MOST`; and the number to ask
    after next."""
    values = {
        "visitor": visitor.pk,
        "after": after,
        "account": visitor.account_id,
        "whose": visitor.external_id,
        "most": LINES_MOST,
    }
    rows = list(reversed(ask(_LINES, values)))
    waiting = _waiting(visitor, [row[5] for row in rows if not row[1] and row[8] is None])
    found, hidden = [], None
    for n, ours, name, text, at, client_id, automatic, files, _pk, gone, hides in rows:
        hidden = hides
        line: Json = {
            "n": n,
            "by": ("desk" if automatic else "agent") if ours else "visitor",
            "name": name,
            "text": text,
            "at": at.astimezone(UTC).isoformat(),
            "automatic": automatic,
            "files": _our_files(bridge, visitor, files, now)
            if ours
            else _own_files(bridge, visitor, files, now),
        }
        if not ours:
            line |= {"client_id": client_id} | waiting.get(client_id, {})
        if gone:
            line["gone"] = True
        found.append(line)
    if not found:
        return [], after
    last = max(visitor.last_number, found[-1]["n"])
    return found, last if hidden is None else min(last, hidden - 1)


def _waiting(visitor: Visitor, client_ids: Sequence[str]) -> Mapping[str, Json]:
    """Text and files of words that are kept, and that nobody has read yet; by client id."""
    if not client_ids:
        return {}
    keys = {event_key_of(f"said:{message_id(visitor.external_id, each)}"): each for each in client_ids}
    events = InboundEvent.objects.filter(
        account_id=visitor.account_id,
        key__in=list(keys),
        state__in=[EventState.PENDING, EventState.QUARANTINED],
    )
    found: dict[str, Json] = {}
    for event in events:
        try:
            said = read_words(body_of(event))
        except (BadContent, FileNotFoundError):
            continue
        files = [
            {"name": each.name, "size": each.size, "type": each.content_type, "url": ""}
            for each in said.files
        ]
        found[keys[bytes(event.key)]] = {"text": said.text, "files": files}
    return found


def _our_files(bridge: ChannelConnection, visitor: Visitor, files: str | None, now: datetime) -> list[Json]:
    return [
        {
            "name": each["name"],
            "size": each["size"],
            "type": each["type"],
            "url": _address(bridge, visitor, our_name(int(each["id"])), now),
        }
        for each in _read(files)
    ]


def _own_files(bridge: ChannelConnection, visitor: Visitor, files: str | None, now: datetime) -> list[Json]:
    return [
        {
            "name": each["name"],
            "size": each["size"] or 0,
            "type": each["type"],
            "url": _address(bridge, visitor, own_name(each["pk"]), now)
            if each["state"] == AttachmentState.KEPT
            else "",
        }
        for each in _read(files)
    ]


def _read(files: str | None) -> list[Json]:
    return list(json.loads(files)) if files else []


def _address(bridge: ChannelConnection, visitor: Visitor, name: str, now: datetime) -> str:
    args = [bridge.account.external_id, visitor.external_id, name, key_of(visitor, name, now)]
    return reverse("chat_api_file", args=args)


# -- the date --------------------------------------------------------------------------------------------------


def _promise(asked: Asked, account: ChannelAccount) -> Json | None:
    """The date that stands, or, once it is solved, when that was. None where none was told, or it waits for them.
    Callers never read *at risk*."""
    ticket, promise, now = asked.ticket, asked.promise, asked.now
    if ticket is None:
        return None
    say = caller_words(caller_form(account))
    mine = (
        f"{say['question' if ticket.call_type == CallType.QUESTION else 'report']} {ticket.shown_reference}"
    )
    if not ticket.is_open:
        if ticket.resolved_at is None:
            return None
        return _dated(ticket, account, "kept", f"{mine}. {say['was_solved']}", ticket.resolved_at, now)
    if promise is None or promise.end not in ("", PromiseEnd.MISSED):
        return None
    if promise.promised_for <= now:
        return _dated(ticket, account, "late", f"{mine}. {say['passed']}", promise.promised_for, now)
    what = f"{mine}, {PromiseKind(promise.kind).label}"
    return _dated(ticket, account, "on-track", what, promise.promised_for, now)


def _dated(
    ticket: Ticket, account: ChannelAccount, state: str, what: str, at: datetime, now: datetime
) -> Json:
    """day, time: the date in words, each of which stays whole."""
    language = get_language() or account.language
    whole = date_words(at, zone=account.zone, language=language, now=now)
    day = day_words(at, zone=account.zone, language=language, now=now)
    rest = whole.removeprefix(day)
    return {
        "reference": ticket.shown_reference,
        "what": what,
        "date": at.astimezone(UTC).isoformat(),
        "day": f"{day}," if rest.startswith(",") else day,
        "time": rest.lstrip(",").strip(),
        "state": state,
    }


# -- whether somebody is there ---------------------------------------------------------------------------------


def here_of(asked: Asked, account: ChannelAccount) -> Json:
    """Also for somebody of whom nothing is known yet; in the active language."""
    if not account.receives:
        return {"somebody": False, "words": _("This chat is closed now.")}
    if not account.answers:
        return {"somebody": False, "words": _("Messages are read here, and not answered.")}
    found = _there(account, asked)
    if not found.somebody:
        return {"somebody": False, "words": _nobody(asked, account)}
    values = {"name": found.name}
    if found.until is None:
        words = _("%(name)s is here") if found.name else _("Somebody is here")
    else:
        values["time"] = found.until.astimezone(ZoneInfo(account.zone)).strftime("%H:%M")
        words = _("%(name)s is here, until %(time)s") if found.name else _("Somebody is here, until %(time)s")
    return {"somebody": True, "words": words % values}


def _nobody(asked: Asked, account: ChannelAccount) -> str:
    """With the date, where one was told."""
    nobody, promise = _("Nobody is here just now."), asked.promise
    stands = promise is not None and promise.end == "" and promise.promised_for > asked.now
    if asked.ticket is None or not asked.ticket.is_open or promise is None or not stands:
        return f"{nobody} {_('What is written here is kept, and read as soon as somebody is back.')}"
    language = get_language() or account.language
    date = date_words(promise.promised_for, zone=account.zone, language=language, now=asked.now)
    return f"{nobody} {caller_words(caller_form(account))[promise.kind]} {date}."


_known: dict[tuple[int, int | None, int | None], tuple[float, There]] = {}


def _there(account: ChannelAccount, asked: Asked) -> There:
    """Of who has their open ticket, where they have one: what was transferred, those it came to answer. Of a private
    team nobody outside hears a name before one of them has written."""
    ticket = asked.ticket if asked.ticket is not None and asked.ticket.is_open else None
    owner_id, team_id = (ticket.owner_id, ticket.team_id) if ticket is not None else (None, None)
    key, clock = (account.pk, owner_id, team_id), time.monotonic()
    kept = _known.get(key)
    if kept is not None and kept[0] > clock:
        return kept[1]
    found = there(account, asked.now, owner_id=owner_id, team_id=team_id)
    if ticket is not None and ticket.team_id != account.team_id and ticket.team.is_private:
        found = replace(found, name="")
    if len(_known) > _KNOWN_MOST:
        _known.clear()
    _known[key] = (clock + THERE_KEPT, found)
    return found
