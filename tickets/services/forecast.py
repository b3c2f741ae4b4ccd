"""What would keep an automatic notice back at a moment to come, so that a person is asked before the date. Set-based.

The rules are those that are asked again when it goes (`tickets/services/notices.py`), each by the same name:

    account_mode, account_stopped, <the network's own>, message_removed      bind a person, too
    released, undecided                     the account's notices wait for a person
    stopped                                 a manager has stopped all automatic messages, here or everywhere
    opted_out, automated_sender             nothing automatic to this person
    address_dead, quiet                     nor there, or below words that went to many
    unproven_cap                            as many as we send in a day to an address that was only typed
    window                                  the network's time for automatic messages is over by then
    not_there                               nobody reads what lies ready for them (`handed.py`); it goes all the same
    <the network's own>, `lies`             it lies on their page, and nothing tells them to look; it goes all the same
    automated_per_interaction, contact_cap_hour, contact_cap_day, ticket_cap, renewals
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from priority.policy import Policy
from priority.selectors import policy_of
from tickets.models import Conversation, Ticket
from tickets.prepared import Prepared
from tickets.services.clock_notices import places_to_speak, released_by_hand
from tickets.services.notices import (
    automatic_rule,
    renewals_most,
    rule_of,
    standing_rule,
)

#: They have left unread what lies ready for them.
NOT_THERE = "not_there"


@dataclass(frozen=True, slots=True)
class KeptBack:
    """`rule`: its name. by: whose rule ("desk", "network"). until: until when a person may write there; None: no
    window closes. lies: nothing is kept back, it lies ready for whoever looks; but a person has to know before the
    date."""

    rule: str
    by: str = "desk"
    until: datetime | None = None
    lies: bool = False


@dataclass(frozen=True, slots=True)
class _Standing:
    """What is counted for one ticket at its moment, as `notices.Counts` wants it."""

    now: datetime
    below_is_gone: bool
    is_automated: bool
    is_dead: bool
    opted_out: bool
    in_an_hour: int
    in_a_day: int
    on_ticket: int
    renewals: int
    desk_stopped: bool
    to_address: int
    away: bool


_FACTS = Prepared(
    """
SELECT w.ticket, w.at,
       c.visibility = 'public' AND NOT EXISTS (
           SELECT 1 FROM tickets_message m WHERE m.conversation_id = c.id AND m.direction = 'in'
                     AND (m.removed_at IS NULL OR starts_with(m.removed_rule, 'redacted:'))),
       i.is_automated, i.dead_at IS NOT NULL,
       EXISTS (SELECT 1 FROM tickets_optout o
                WHERE o.identity_id = c.identity_id AND o.account_id = c.account_id AND o.ended_at IS NULL),
       person.in_an_hour, person.in_a_day, mine.all_of_it, mine.renewals,
       EXISTS (SELECT 1 FROM tickets_deskswitch WHERE stopped_at IS NOT NULL),
       CASE WHEN i.claims = '' THEN 0 ELSE (
           SELECT count(*) FROM tickets_identity typed JOIN tickets_conversation k ON k.identity_id = typed.id
             JOIN tickets_outboundreply r ON r.conversation_id = k.id
            WHERE typed.claims = i.claims AND typed.claims <> '' AND NOT starts_with(r.dedupe_key, 'shown:')
              AND r.handed_at IS NULL
              AND (r.state = 'sent' OR (r.state IN ('sending', 'waiting', 'unknown') AND r.rendered_at IS NOT NULL))
              AND (r.kind = 'link_letter' OR NOT EXISTS (
                   SELECT 1 FROM tickets_channelaccount a
                    WHERE a.id = r.account_id AND a.capabilities @> '{"spoken": true}'))
              AND coalesce(r.sent_at, r.rendered_at) > w.at - interval '1 day') END,
       EXISTS (SELECT 1 FROM tickets_outboundreply r JOIN tickets_channelaccount a ON a.id = r.account_id
                WHERE r.conversation_id = c.id AND r.state = 'handed' AND r.handed_at <= %(now)s - make_interval(
                      secs => coalesce((a.capabilities ->> 'acknowledged_within_seconds')::float, 0)))
  FROM unnest(%(tickets)s, %(conversations)s, %(at)s) AS w (ticket, conversation, at)
  JOIN tickets_conversation c ON c.id = w.conversation
  JOIN tickets_identity i ON i.id = c.identity_id
 CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE said > w.at - interval '1 hour') AS in_an_hour,
              count(*) FILTER (WHERE said > w.at - interval '1 day') AS in_a_day
         FROM (SELECT CASE WHEN r.state = 'sent' THEN r.sent_at ELSE r.rendered_at END AS said
                 FROM tickets_outboundreply r
                WHERE r.conversation_id IN (SELECT id FROM tickets_conversation WHERE contact_id = c.contact_id)
                  AND r.is_automatic
                  AND (r.state = 'sent'
                       OR (r.state IN ('sending', 'waiting', 'handed', 'unknown') AND r.rendered_at IS NOT NULL))) one
       ) person
 CROSS JOIN LATERAL (
       SELECT count(*) AS all_of_it, count(*) FILTER (WHERE r.kind = 'overdue_notice') AS renewals
         FROM tickets_outboundreply r
        WHERE r.ticket_id = w.ticket AND r.is_automatic
          AND (r.state = 'sent'
               OR (r.state IN ('sending', 'waiting', 'handed', 'unknown') AND r.rendered_at IS NOT NULL))) mine
""",
    {"tickets": "bigint[]", "conversations": "bigint[]", "at": "timestamptz[]", "now": "timestamptz"},
)


def kept_back(
    tickets: Iterable[Ticket],
    at: datetime | Mapping[int, datetime],
    now: datetime,
    *,
    places: Mapping[int, Conversation] | None = None,
    policy: Policy | None = None,
    renews: bool = True,
) -> dict[int, KeptBack | None]:
    """By ticket: the first rule that would keep its overdue notice back `at` (one time, or one by ticket; a time that
    has passed counts as now); None where nothing would, as far as can be seen. `policy`: whose caps count; None: that
    of each ticket. `renews` False: of a notice that is no renewal, so that those are not counted, nor who is not there
    just now.

    1. Where each caller spoke last: there the notice would go (`places`, where they are known already).
    2. What is counted there, in one statement for all.
    3. The rules, in their order. A ticket without any conversation has nowhere to say it: `message_removed`.
    """
    rows = {ticket.pk: ticket for ticket in tickets}
    moments = {pk: max(now, at[pk] if isinstance(at, Mapping) else at) for pk in rows}
    places = places if places is not None else places_to_speak(rows)
    standing = _standing(places, moments, now)
    found: dict[int, KeptBack | None] = {pk: KeptBack("message_removed") for pk in rows}
    for pk, place in places.items():
        by = policy or policy_of(rows[pk].policy_revision_id)
        found[pk] = _rule(rows[pk], by, place, standing[pk], renews=renews)
    return found


def _rule(
    ticket: Ticket, policy: Policy, place: Conversation, facts: _Standing, *, renews: bool
) -> KeptBack | None:
    until = place.person_window_ends_at or place.window_ends_at
    rule = standing_rule(place, facts, by_person=True)
    if rule == "window":
        return KeptBack("window", until=until)
    if rule is not None:
        return KeptBack(rule)
    if place.account.stopped_code:
        return KeptBack("account_stopped", until=until)
    network = rule_of(place)
    if not network.allowed:
        return KeptBack(network.rule, by="network", until=until)
    rule = released_by_hand(place.account)
    rule = rule or standing_rule(place, facts, by_person=False)
    rule = rule or automatic_rule(place, caps=policy.caps, facts=facts)
    if rule is None and renews and facts.renewals >= renewals_most(policy, ticket, place):
        rule = "renewals"
    if rule is None and network.lies:
        return KeptBack(network.rule, by="network", lies=True)
    if rule is None and renews and facts.away:
        return KeptBack(NOT_THERE, until=until, lies=True)
    return KeptBack(rule, until=until) if rule is not None else None


def _standing(
    places: Mapping[int, Conversation], moments: Mapping[int, datetime], now: datetime
) -> dict[int, _Standing]:
    if not places:
        return {}
    ids = sorted(places)
    values: dict[str, Any] = {
        "tickets": ids,
        "conversations": [places[pk].pk for pk in ids],
        "at": [moments[pk] for pk in ids],
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FACTS.ready(), values)
        return {ticket: _Standing(*rest) for ticket, *rest in cursor.fetchall()}
