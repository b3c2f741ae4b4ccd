"""What every request of a chat begins with: the site, whose token it is, and the ticket that their words are on. One
statement, and PostgreSQL's clock with it: browsers ask often, and mostly nothing is new."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import accumulate

from django.db import connection, models

from accounts.models import Team
from channels_social.models import ChannelConnection, Visitor
from channels_social.visitors import is_let_in, token_hash
from tickets.models import ChannelAccount, Conversation, Promise, Ticket
from tickets.prepared import Prepared, ask
from tickets.rows import Maker, relate


@dataclass(frozen=True, slots=True)
class Asked:
    """bridge: the site, with its account and team; None where there is none. visitor: None for a token that is nobody's
    here, whatever is wrong with it. conversation, ticket: theirs, once they have said something. promise: the date that
    was told last."""

    now: datetime
    bridge: ChannelConnection | None = None
    visitor: Visitor | None = None
    conversation: Conversation | None = None
    ticket: Ticket | None = None
    promise: Promise | None = None


#: Each with the letter that stands for it in the statement.
_KINDS: tuple[tuple[str, type[models.Model]], ...] = (
    ("k", ChannelConnection),
    ("a", ChannelAccount),
    ("g", Team),
    ("v", Visitor),
    ("c", Conversation),
    ("t", Ticket),
    ("p", Promise),
)
_FROM = """
  FROM (VALUES (1)) one (row)
  LEFT JOIN (tickets_channelaccount a
             JOIN channels_social_channelconnection k ON k.account_id = a.id AND k.disconnected_at IS NULL
             JOIN accounts_team g ON g.id = a.team_id)
    ON a.channel = %(channel)s AND a.external_id = %(site)s
  LEFT JOIN channels_social_visitor v ON v.account_id = a.id AND v.token_hash = %(token)s
  LEFT JOIN tickets_conversation c ON c.account_id = v.account_id AND c.thread_key = v.external_id
  LEFT JOIN tickets_ticket t ON t.id = c.ticket_id
  LEFT JOIN LATERAL (
       SELECT told.* FROM tickets_promise told
        WHERE told.ticket_id = t.id
          AND NOT (told."end" = 'withdrawn' AND told.end_reason IN ('bounced', 'failed', 'not_delivered'))
        ORDER BY told.told_at DESC, told.id DESC LIMIT 1) p ON true
"""
_TYPES = {"channel": "text", "site": "text", "token": "bytea"}


@cache
def _question() -> tuple[Prepared, tuple[tuple[Maker, int, int], ...]]:
    quote = connection.ops.quote_name
    columns = [
        f"{letter}.{quote(str(field.column))}"
        for letter, kind in _KINDS
        for field in kind._meta.concrete_fields
    ]
    ends = [*accumulate(len(kind._meta.concrete_fields) for _, kind in _KINDS)]
    makers = tuple(
        (Maker(kind), start, end) for (_, kind), start, end in zip(_KINDS, (0, *ends), ends, strict=False)
    )
    return Prepared(f"SELECT clock_timestamp(), {', '.join(columns)}{_FROM}", _TYPES), makers


def asked(channel: str, site: str, token: str) -> Asked:
    """channel: the slug of the chat's adapter. site: the account's external id. token: '' where none came."""
    site = "" if "\0" in site else site  # which no database stores
    question, makers = _question()
    [(now, *columns)] = ask(question, {"channel": channel, "site": site, "token": token_hash(token)})
    bridge, account, team, visitor, conversation, ticket, promise = (
        make(columns[start:end]) if columns[start] is not None else None for make, start, end in makers
    )
    if bridge is None:
        return Asked(now)
    relate(bridge, ChannelConnection._meta.get_field("account"), account)  # type: ignore[arg-type]
    relate(account, ChannelAccount._meta.get_field("team"), team)  # type: ignore[arg-type]
    if visitor is None or not is_let_in(visitor, now):
        return Asked(now, bridge)
    relate(visitor, Visitor._meta.get_field("account"), account)  # type: ignore[arg-type]
    return Asked(now, bridge, visitor, conversation, ticket, promise)
