"""Reading a preview for a page: its sums in the reader's words, the tickets that they may see, the notices as callers
would read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from priority.policy import Policy, PolicyInvalid, digest, parse
from priority.preview import Source
from priority.selectors import document_in_force, draft_current
from reports.models import PolicyPreview, PreviewState
from reports.tally import DAYS, LATER, PAST, Tally, Unreadable, WorstRow
from tickets.display.codes import held_words
from tickets.models import Conversation, Identity, OutboundReply, ReplyKind, Ticket
from tickets.selectors import teams_visible, tickets_visible
from tickets.services.clock_notices import places_to_speak
from tickets.services.notice_words import notice_render
from tickets.services.reasons import reasons_proven
from tickets.services.texts import words_current
from tickets.texts.render import CannotFill

SHOWN = 10
STAYS: Mapping[str, LazyText | str] = {
    "key_gone": gettext_lazy("its category, impact or urgency is not in the new policy"),
    "beyond_calendar": gettext_lazy("the new calendars do not reach far enough"),
    "cannot_tell": gettext_lazy("the notice about its last change was refused, or may not have gone"),
    "not_certain": gettext_lazy("it is not certain whether its caller was told a date"),
    "under_way": gettext_lazy("a message that tells a date is on its way"),
    "desk_error": gettext_lazy("the desk could not work it out"),
}
SOURCES: Mapping[Source, LazyText | str] = {
    "words": gettext_lazy("from the words"),
    "stored": gettext_lazy("from stored facts: the words are gone, or say something else now"),
    "person": gettext_lazy("a person chose it, and it stays"),
}


@dataclass(frozen=True, slots=True)
class Worst:
    """A told date that would move: from `old` to `date`, by `minutes`. notice: as its caller would read it; '' where no
    text can be made. kept_back: what keeps it from going by itself, in words."""

    reference: str
    language: str
    was: str
    priority: str
    old: datetime
    date: datetime
    minutes: int
    source: LazyText | str
    kept_back: str
    notice: str

    @property
    def earlier(self) -> bool:
        return self.date < self.old

    @property
    def days(self) -> int:
        return self.minutes // (24 * 60)

    @property
    def hours(self) -> int:
        return self.minutes % (24 * 60) // 60


@dataclass(frozen=True, slots=True)
class Line:
    """What is due on a day, before and after; `share`: of the tallest, in hundredths."""

    day: date | None
    words: str
    before: int
    after: int
    before_share: int
    after_share: int


@dataclass(frozen=True, slots=True)
class Load:
    team: str
    lines: Sequence[Line]

    @property
    def moves(self) -> int:
        """Tickets that are due on another day."""
        return sum(abs(line.after - line.before) for line in self.lines) // 2


@dataclass(frozen=True, slots=True)
class Preview:
    """fits: it is of the draft as it stands. moves: (from, to, tickets), the most first."""

    row: PolicyPreview
    tally: Tally
    fits: bool
    moves: Sequence[tuple[str, str, int]]
    held: Sequence[tuple[str, int]]
    stays: Sequence[tuple[LazyText | str, int]]
    loads: Sequence[Load]
    worst: Sequence[Worst]

    @property
    def done(self) -> bool:
        return self.row.state == PreviewState.DONE

    @property
    def held_count(self) -> int:
        return sum(self.tally.held.values())

    @property
    def stays_count(self) -> int:
        return sum(self.tally.stays.values())


def preview_newest(user: User, now: datetime) -> Preview | None:
    """The preview that was asked for last; its worst ten and loads are of teams that this reader sees. None where none
    was, or where another version of the desk stored what this one cannot read."""
    row = PolicyPreview.objects.select_related("asked_by", "base").order_by("-pk").first()
    if row is None:
        return None
    try:
        tally, policy = Tally.of(row.tally), parse(row.document)
    except (Unreadable, PolicyInvalid):
        return None
    done = row.state == PreviewState.DONE
    in_force, document = document_in_force()
    draft = draft_current()
    wanted = digest(draft.document if draft is not None else document)
    return Preview(
        row,
        tally,
        fits=row.sha256 == wanted and row.base_id == in_force.pk,
        moves=[(*_pair(pair), number) for pair, number in tally.moves.most_common()],
        held=[(held_words(rule), number) for rule, number in tally.held.most_common()],
        stays=[(STAYS.get(why, why), number) for why, number in tally.stays.most_common()],
        loads=_loads(tally, user, row.now, policy) if done else (),
        worst=_worst(tally, user, row.now, now) if done else (),
    )


def progress_of(row: PolicyPreview) -> int:
    """In hundredths."""
    return 100 if row.state == PreviewState.DONE else min(99, 100 * row.looked // max(1, row.total))


def _pair(moved: str) -> tuple[str, str]:
    was, _arrow, comes = moved.partition(">")
    return was, comes


def _loads(tally: Tally, user: User, now: datetime, policy: Policy) -> list[Load]:
    """By team that the reader sees, those first whose load moves most; every day of the next two weeks."""
    names = {str(team.pk): team.name for team in teams_visible(user)}
    today = now.astimezone(ZoneInfo(policy.zone)).date()
    days = [(today + timedelta(days=ahead)).isoformat() for ahead in range(DAYS)]
    found = []
    for team, by_day in tally.load.items():
        if team not in names:
            continue
        tallest = max((max(pair) for pair in by_day.values()), default=1) or 1
        lines = []
        for key in (PAST, *days, LATER):
            before, after = by_day.get(key, (0, 0))
            if before or after:
                lines.append(
                    Line(
                        parse_date(key) if key not in (PAST, LATER) else None,
                        _("already past") if key == PAST else _("later"),
                        before,
                        after,
                        100 * before // tallest,
                        100 * after // tallest,
                    )
                )
        found.append(Load(names[team], lines))
    return sorted(found, key=lambda load: (-load.moves, load.team))


def _worst(tally: Tally, user: User, at: datetime, now: datetime) -> list[Worst]:
    """Those that move most, of tickets that the reader may see; by reference where they move alike."""
    rows = {-one[1]: one for one in tally.worst}
    tickets = {ticket.pk: ticket for ticket in tickets_visible(user).filter(pk__in=list(rows))}
    ordered = sorted(tickets.values(), key=lambda ticket: (-rows[ticket.pk][0], ticket.reference))[:SHOWN]
    notices = _notices(ordered, rows, now)
    found = []
    for ticket in ordered:
        minutes, _pk, was, comes, old, date_new, source, rule, *_rest = rows[ticket.pk]
        found.append(
            Worst(
                reference=ticket.shown_reference,
                language=ticket.language,
                was=was,
                priority=comes,
                old=parse_datetime(old) or at,
                date=parse_datetime(date_new) or at,
                minutes=minutes,
                source=SOURCES[source],
                kept_back=held_words(rule) if rule else "",
                notice=notices.get(ticket.pk, ""),
            )
        )
    return found


def _notices(tickets: Sequence[Ticket], rows: Mapping[int, WorstRow], now: datetime) -> dict[int, str]:
    """What each caller would read, in the words of today."""
    places = places_to_speak(ticket.pk for ticket in tickets)
    people = Identity.objects.in_bulk({place.identity_id for place in places.values()})
    proven = reasons_proven([t for t in tickets if not rows[t.pk][8]], now, volume=False)
    revision_id, _words = words_current(now)
    found = {}
    for ticket in tickets:
        place = places.get(ticket.pk)
        if place is None:
            continue
        place.identity = people[place.identity_id]
        try:
            found[ticket.pk] = _notice(ticket, place, rows[ticket.pk], proven, revision_id, now)
        except CannotFill:
            continue
    return found


def _notice(
    ticket: Ticket,
    place: Conversation,
    row: WorstRow,
    proven: Mapping[int, Sequence[Any]],
    revision_id: int,
    now: datetime,
) -> str:
    reason, args = row[8], row[9]
    if not reason and row[5] < row[4]:
        reason = "sooner"
    elif not reason:
        reason, args = proven[ticket.pk][0].code, proven[ticket.pk][0].args
    reply = OutboundReply(
        kind=ReplyKind.DATE_CHANGED,
        ticket=ticket,
        language=ticket.language,
        args={"reason": reason, "reason_args": dict(args)},
        tells_kind=row[10],
        template_revision_id=revision_id,
    )
    return notice_render(
        reply,
        "date_changed_notice",
        ticket=ticket,
        conversation=place,
        now=now,
        old=parse_datetime(row[4]),
        date=parse_datetime(row[5]),
    )
