"""The page Promises kept as it is drawn: figures with their links, columns by week, rows by account, team, category."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.utils import formats
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from accounts.models import Team
from priority.policy import Otherwise, Policy
from priority.wording import Category
from reports.selectors_promises import NO_CATEGORY, Figures, Period
from tickets.display.words import short_day
from tickets.models import ChannelAccount
from tickets.templatetags.desk import in_my_language
from tickets.tokens import token

#: (outcome, what it is called, what it means), in the order of the page.
TILES: Sequence[tuple[str, str | LazyText, str | LazyText]] = (
    ("kept", gettext_lazy("kept"), gettext_lazy("Answered, begun or solved by the date, as was promised.")),
    (
        "before",
        gettext_lazy("renewed before the date"),
        gettext_lazy("The caller was told another date, with the reason, before the overdue notice was due."),
    ),
    (
        "at",
        gettext_lazy("renewed at the date"),
        gettext_lazy("The overdue notice told another date, just in time."),
    ),
    ("missed", gettext_lazy("missed"), gettext_lazy("The date passed, and nothing new was told by then.")),
    (
        "silent",
        gettext_lazy("silent"),
        gettext_lazy("Of those that passed: nobody here was asked or told either. This is to be 0."),
    ),
    (
        "withdrawn",
        gettext_lazy("withdrawn"),
        gettext_lazy("No longer owed: joined, came back, or not needed any more."),
    ),
    (
        "suspended",
        gettext_lazy("waiting for the caller"),
        gettext_lazy("Suspended aloud: the caller was asked something."),
    ),
    (
        "running",
        pgettext_lazy("a told date", "running"),
        gettext_lazy("The date stands; what becomes of it is still open."),
    ),
)
OUTCOME_WORDS: Mapping[str, str | LazyText] = {
    **{outcome: label for outcome, label, _means in TILES},
    "decided": gettext_lazy("kept, renewed or missed"),
    "renewed": gettext_lazy("renewed in time"),
}
#: What a column and a bar are made of, from the ground up.
STACK = ("kept", "before", "at", "missed")

_HEIGHT, _FOOT, _TOP = 160, 24, 14
_LABELS = 7


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure, and where its dates are listed ('' for none)."""

    outcome: str
    count: int
    to: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a bar: x and width in percent. A part of a column: y and height in pixels."""

    outcome: str
    start: str
    size: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table. share: kept of those decided, in percent; None where none is."""

    name: str
    all: Cell
    cells: Sequence[Cell]
    share: int | None
    bar: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class Column:
    """A week. x, width, middle in percent of the picture; label '' where there is no room for one."""

    x: str
    width: str
    middle: str
    label: str
    pieces: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class Picture:
    """grid: (height in pixels, how many it stands for)."""

    height: int
    ground: int
    columns: Sequence[Column]
    grid: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Linked:
    """Writes links to the dates behind a figure."""

    address: str
    period: Period
    narrowed: Mapping[str, str] = field(default_factory=dict)

    def cell(self, outcome: str, count: int, **also: str) -> Cell:
        """outcome '': all of them."""
        return self.said(outcome, count, **also) if count else Cell(outcome, 0, "")

    def said(self, outcome: str, count: int, **also: str) -> Cell:
        """The same for a sentence, where also a 0 leads somewhere."""
        return Cell(outcome, count, f"{self.address}?{self.query(outcome, **also)}")

    def query(self, outcome: str, **also: str) -> str:
        said = {**when(self.period), **self.narrowed, "outcome": outcome, **also}
        return urlencode({name: value for name, value in said.items() if value})


def when(period: Period) -> dict[str, str]:
    return {"until": period.last.isoformat(), "weeks": str(period.weeks)}


def total(rows: Iterable[Figures]) -> Figures:
    found = Figures()
    for each in rows:
        found.add(each)
    return found


def share(figures: Figures) -> int | None:
    """Kept of those decided, in whole percent rounded down: 100 only where all were."""
    return figures.of("kept") * 100 // figures.decided if figures.decided else None


def line(name: str, figures: Figures, cell: Callable[[str, int], Cell], widest: int) -> Line:
    """`widest`: decided dates that fill the whole width of the bar."""
    cells = [cell(outcome, figures.of(outcome)) for outcome, _label, _means in TILES]
    bar, x = [], 0.0
    for outcome in STACK:
        width = 100 * figures.of(outcome) / widest if widest else 0
        if width:
            bar.append(Piece(outcome, f"{x:.3f}", f"{width:.3f}"))
        x += width
    return Line(name, cell("", figures.all), cells, share(figures), bar)


def weeks(found: Mapping[date, Figures], linked: Linked, now: datetime) -> list[Line]:
    """Every week of the period, newest first, those without any date too."""
    widest = max((each.decided for each in found.values()), default=0)
    lines = []
    for monday in reversed(linked.period.mondays):
        one = Linked(linked.address, Period(monday, 1, linked.period.zone), linked.narrowed)
        lines.append(line(short_day(monday, now), found.get(monday, Figures()), one.cell, widest))
    return lines


def lines(
    found: Mapping[Any, Figures], names: Mapping[Any, tuple[str, str]], linked: Linked, of: str
) -> list[Line]:
    """names: by key of the group, what it is called and what stands for it in an address. Most dates first."""
    widest = max((each.decided for each in found.values()), default=0)
    drawn = []
    for key, figures in found.items():
        name, said = names[key]

        def cell(outcome: str, count: int, said: str = said) -> Cell:
            return linked.cell(outcome, count, **{of: said})

        drawn.append(line(name, figures, cell, widest))
    return sorted(drawn, key=lambda each: (-each.all.count, each.name.casefold()))


def picture(found: Mapping[date, Figures], period: Period) -> Picture | None:
    """Columns by week; None where no date of the period is decided."""
    highest = max((each.decided for each in found.values()), default=0)
    if not highest:
        return None
    top = nice(highest)
    room = _HEIGHT - _FOOT - _TOP
    ground = _HEIGHT - _FOOT
    left, each_width = 6.0, 94.0 / period.weeks
    step = -(-period.weeks // _LABELS)
    columns = []
    for number, monday in enumerate(period.mondays):
        figures = found.get(monday, Figures())
        pieces, y = [], float(ground)
        for outcome in STACK:
            height = room * figures.of(outcome) / top
            y -= height
            if height:
                pieces.append(Piece(outcome, f"{y:.2f}", f"{height:.2f}"))
        x = left + number * each_width
        labelled = (period.weeks - 1 - number) % step == 0
        columns.append(
            Column(
                x=f"{x + each_width * 0.15:.3f}",
                width=f"{each_width * 0.7:.3f}",
                middle=f"{x + each_width / 2:.3f}",
                label=formats.date_format(monday, pgettext("date format", "j M")) if labelled else "",
                pieces=pieces,
            )
        )
    grid = [(f"{ground - room * part / top:.2f}", part) for part in ([top // 2, top] if top > 1 else [top])]
    return Picture(_HEIGHT, ground, columns, grid)


def nice(highest: int) -> int:
    """The next of 1, 2, 4, 6, 10, 20, 40, 60, 100, … so that the middle line is a whole number, too."""
    unit = 1
    while True:
        for times in (1, 2, 4, 6):
            if unit * times >= highest:
                return unit * times
        unit *= 10


def account_names(keys: Iterable[int]) -> dict[Any, tuple[str, str]]:
    found = ChannelAccount.objects.filter(pk__in=list(keys)).values_list("pk", "name")
    return {pk: (name, token("channelaccount", pk)) for pk, name in found}


def team_names(keys: Iterable[int]) -> dict[Any, tuple[str, str]]:
    found = Team.objects.filter(pk__in=list(keys)).values_list("pk", "name", "key")
    return {pk: (name, key) for pk, name, key in found}


def category_words(keys: Iterable[str], policy: Policy) -> dict[Any, tuple[str, str]]:
    """A key that the policy in force no longer has is shown as it is."""
    every: tuple[Category | Otherwise, ...] = (*policy.categories, policy.otherwise)
    known = {each.key: in_my_language(each.name) for each in every}
    return {key: (known.get(key, key), key) if key else (_("No category"), NO_CATEGORY) for key in keys}
