"""Tags in use, for whoever is about to tag something."""

from __future__ import annotations

from collections import Counter

from tickets.models import OPEN_STATUSES, Ticket

#: So many of the team's open tickets are looked at, those that are due first, and so many tags are proposed.
LOOKED_AT, PROPOSED = 500, 12


def tags_in_use(team_id: int) -> list[str]:
    """What the team's open tickets are tagged with, the commonest first. One statement, by an index of the queue."""
    newest = Ticket.objects.filter(team_id=team_id, status__in=OPEN_STATUSES).order_by("queue_at", "pk")
    counted = Counter(tag for tags in newest.values_list("tags", flat=True)[:LOOKED_AT] for tag in tags)
    return [tag for tag, _count in sorted(counted.items(), key=lambda each: (-each[1], each[0]))[:PROPOSED]]
