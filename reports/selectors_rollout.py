"""A revision that goes over the open tickets: how far it is, and which of its notices wait for what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count
from django.utils.functional import Promise as LazyText

from reports.selectors_preview import STAYS
from tickets.display.codes import held_words
from tickets.models import OutboundReply, PolicyRollout, ReplyKind
from tickets.models.outbox import UNSETTLED, ReplyState


@dataclass(frozen=True, slots=True)
class Rollout:
    """A revision on its way over the open tickets, or that has gone over them last. notices: callers who get a new
    date by it. leaving: of these, notices that go by themselves, at a pace. held: by what keeps them, those that wait
    for a person, as it is now."""

    row: PolicyRollout
    number: int
    leaving: int
    held: Sequence[tuple[str, int]]
    stays: Sequence[tuple[LazyText | str, int]]

    @property
    def followed(self) -> int:
        return int(self.row.counts.get("followed", 0))

    @property
    def notices(self) -> int:
        return int(self.row.counts.get("date_told", 0)) + int(self.row.counts.get("date_held", 0))

    @property
    def waiting(self) -> int:
        return sum(number for _words, number in self.held)

    @property
    def over(self) -> int:
        """Sent, refused, or not needed any more."""
        return max(0, self.notices - self.leaving - self.waiting)

    @property
    def percent(self) -> int:
        return 100 * self.over // max(1, self.notices)


def rolling() -> int | None:
    """The number of the revision that is on its way over the open tickets; None where none is."""
    under_way = PolicyRollout.objects.filter(done_at__isnull=True).order_by("-pk")
    return under_way.values_list("revision__number", flat=True).first()


def rollout_newest() -> Rollout | None:
    row = PolicyRollout.objects.select_related("revision").defer("revision__document").order_by("-pk").first()
    if row is None:
        return None
    # What waits has an index of its own, however many have been sent.
    waits = (
        OutboundReply.objects.filter(
            state__in=[*UNSETTLED, ReplyState.HELD],
            kind=ReplyKind.DATE_CHANGED,
            created_at__gte=row.created_at,
            ticket__policy_revision_id=row.revision_id,
        )
        .values_list("state", "held_reason")
        .annotate(number=Count("pk"))
    )
    leaving = 0
    held: dict[str, int] = {}
    for state, rule, number in waits:
        if state == ReplyState.HELD:
            held[rule] = held.get(rule, 0) + number
        else:
            leaving += number
    return Rollout(
        row,
        row.revision.number,
        leaving,
        [(held_words(rule), number) for rule, number in sorted(held.items(), key=lambda each: -each[1])],
        [(STAYS.get(why, why), number) for why, number in sorted(row.stays.items())],
    )
