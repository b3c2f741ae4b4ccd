"""Who of those with an open page may see which tickets: one statement for all of them.

The rule is `tickets_visible` (accounts.access rules 1 and 2), asked from the tickets' side: a ticket of no private team
is everybody's, another its team's. tests/tickets/test_selectors_live.py holds the two equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tickets.prepared import Prepared, ask


@dataclass(frozen=True, slots=True)
class Seen:
    """A ticket, and which of the viewers may see it; `by` None: all who are `Sight.active`."""

    pk: int
    reference: str
    version: int
    by: frozenset[int] | None


@dataclass(frozen=True, slots=True)
class Sight:
    """active: of the viewers, who works here still; the others see nothing."""

    active: frozenset[int] = frozenset()
    tickets: Sequence[Seen] = field(default_factory=tuple)

    def viewers(self, ticket: Seen) -> frozenset[int]:
        return self.active if ticket.by is None else ticket.by


_SIGHT = Prepared(
    "WITH viewer AS MATERIALIZED (SELECT id FROM accounts_user WHERE id = ANY(%(viewers)s) AND is_active)"
    " SELECT 0, '', 0, ARRAY(SELECT id FROM viewer)"
    " UNION ALL"
    " SELECT t.id, t.reference, t.version, CASE WHEN team.is_private THEN ARRAY("
    "SELECT m.user_id FROM accounts_membership m JOIN viewer ON viewer.id = m.user_id WHERE m.team_id = team.id"
    ") END"
    " FROM tickets_ticket t JOIN accounts_team team ON team.id = t.team_id"
    " WHERE t.id = ANY(%(ids)s) OR t.reference = ANY(%(references)s)",
    {"viewers": "bigint[]", "ids": "bigint[]", "references": "text[]"},
)


def sight(viewers: Iterable[int], *, ids: Iterable[int] = (), references: Iterable[str] = ()) -> Sight:
    """Tickets named by id or by reference, each once; what is not there is left out. One statement, however many."""
    given = {"viewers": sorted(set(viewers)), "ids": sorted(set(ids)), "references": sorted(set(references))}
    (_, _, _, active), *rows = sorted(ask(_SIGHT, given), key=lambda row: row[0])
    return Sight(
        frozenset(active),
        [
            Seen(pk, reference, version, None if by is None else frozenset(by))
            for pk, reference, version, by in rows
        ],
    )
