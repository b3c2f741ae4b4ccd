"""The queue: open tickets of your teams by promise, To triage apart."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language_info
from django.views.decorators.http import require_safe

from accounts.pages import DeskRequest, desk_page
from tickets import selectors_queue as selectors
from tickets.clock import database_now
from tickets.display.phrases import gettext as _
from tickets.display.phrases import one_language, zone
from tickets.display.words import long_day
from tickets.drawn import draw
from tickets.reference import read
from tickets.selectors_changes import MOST, rows_again
from tickets.selectors_choices import Choices, Person, choices
from tickets.selectors_rows import Row
from tickets.views.undo_bar import undo_shown
from tickets.wanted import ANY_TEAM, ME, NOBODY, Show, Wanted


@require_safe
@desk_page
def queue(request: DeskRequest) -> HttpResponse:
    """The choices as tickets/wanted.py reads them; `?after=` a place; `?chosen=all` with every row chosen."""
    return queue_show(request)


def queue_show(
    request: DeskRequest,
    *,
    chosen: Collection[str] = (),
    refused: str = "",
    values: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page. `chosen`: references that stand chosen; `refused`: why what was asked for was not done, with `values`,
    what was typed for it."""
    now = database_now()
    wanted = Wanted.read(request.GET)
    after = selectors.Place.read(request.GET.get("after", ""))
    offered = choices(request.user)
    found = selectors.queue(request.user, wanted, after=after, now=now)
    with one_language():
        here = str(after or "")
        names = {group.key: group.name for group in offered.groups}
        if request.GET.get("chosen") == "all":
            chosen = {row.ticket.reference for row in found.all_rows}
        context = {
            "queue": found,
            "figures": found.figures,
            "days": _days(found.ahead, now),
            "heading": _heading(wanted, names.get(wanted.team, ""), offered),
            "total": found.triage_count if wanted.show == "triage" else found.count,
            "wanted": wanted,
            "choices": offered,
            "teams": [(group.key, group.name) for group in offered.groups],
            "colleagues": [
                (each.username, each.name)
                for each in _people(offered, wanted)
                if each.username != request.user.username
            ],
            "shows": _shows(),
            "languages": _languages(offered),
            "show": wanted.show,
            "team": wanted.team,
            "is_empty": not found.all_rows and after is None,
            "all_triage": _page(wanted.but(show="triage")),
            "all_at_risk": _page(wanted.but(show="at_risk")),
            "next_page": _page(wanted, after=str(found.next)) if found.next else "",
            "query": wanted.query(after=here),
            "again": _page(wanted, after=here),
            "changes": _changes(wanted, here, found, now),
            "all_chosen": _page(wanted, after=here, chosen="all"),
            "below": _below(wanted),
            "choosing": True,
            "chosen": chosen,
            "refused": refused,
            "values": values or {},
            "undo": undo_shown(request, now=now),
            "here": _here(wanted),
            "now": now,
        }
    return render(request, "tickets/queue.html", context, status=status)


@require_safe
@desk_page
def rows(request: DeskRequest) -> HttpResponse:
    """`?rows=K7QM4T2X,…`: these rows as they are now, as a fragment. What one may not see is not among them."""
    asked = [read(each) for each in request.GET.get("rows", "").split(",")[:MOST]]
    now = database_now()
    found = rows_again(request.user, [each for each in asked if each is not None], now=now)
    drawn = draw(
        "tickets/_rows.jinja.html",
        {"rows": found, "choosing": True, "chosen": (), "user": request.user, "now": now},
    )
    return HttpResponse(drawn)


def _changes(wanted: Wanted, after: str, found: selectors.Queue, now: datetime) -> str:
    """Where the page asks what has become of its rows."""
    asked = wanted.query(after=after, until=str(found.next or ""), since=str(int(now.timestamp())))
    return f"{reverse('queue_changes')}?{asked}"


def _below(wanted: Wanted) -> list[tuple[str, str, str]]:
    """Keys of what is done with the one ticket that has the focus: its form stands at an address below the ticket's.
    What waits for triage is owed nothing yet: no date is told later, and nothing is there to resolve."""
    assign = ("a", "assign/", _("assign"))
    if wanted.show == "triage":
        return [assign]
    return [
        assign,
        ("l", "later/", _("say it will be later")),
        ("e", "resolve/", _("resolve")),
    ]


def _shows() -> list[tuple[Show, str]]:
    return [
        ("open", _("open tickets")),
        ("at_risk", _("what is at risk or late")),
        ("late", _("what is late")),
        ("waiting", _("what waits or is on hold")),
        ("triage", _("what waits for triage")),
        ("held", _("held messages")),
        ("unsure", _("not certain, refused")),
    ]


def _people(offered: Choices, wanted: Wanted) -> list[Person]:
    """Colleagues of the teams that are shown, and whoever was chosen."""
    found = offered.people_of(wanted.team)
    if wanted.owner and wanted.owner not in {each.username for each in found}:
        found += [each for each in offered.people_of(ANY_TEAM) if each.username == wanted.owner]
    return found


def _languages(offered: Choices) -> list[tuple[str, str]]:
    """With the name that the reader's language has for each; the code where it has none."""
    named = []
    for code in offered.languages:
        try:
            named.append((code, str(get_language_info(code)["name_translated"])))
        except KeyError:
            named.append((code, code))
    return named


def _heading(wanted: Wanted, team_name: str, offered: Choices) -> str:
    named = {
        "at_risk": _("At risk"),
        "late": _("Late"),
        "waiting": _("Waiting, on hold"),
        "triage": _("To triage"),
        "held": _("Held messages"),
        "unsure": _("Not certain, refused"),
    }.get(wanted.show, "")
    if named:
        return named
    if wanted.owner == ME:
        return _("My tickets")
    if wanted.owner == NOBODY:
        return _("Unassigned")
    if wanted.owner:
        people = offered.people_of(ANY_TEAM)
        return next((each.name for each in people if each.username == wanted.owner), _("Nobody’s"))
    if team_name:
        return team_name
    return _("All open") if wanted.team == ANY_TEAM else _("My teams")


def _here(wanted: Wanted) -> str:
    """Which line of the rail this page is."""
    if wanted.show != "open":
        return wanted.show
    if wanted.owner == ME:
        return "own"
    if wanted.owner == NOBODY:
        return "unassigned"
    return "" if wanted.owner else wanted.team or "mine"


def _page(wanted: Wanted, **more: str) -> str:
    asked = wanted.query(**more)
    return f"{reverse('queue')}?{asked}" if asked else reverse("queue")


def _days(shown: Sequence[Row], now: datetime) -> list[tuple[str, list[Row]]]:
    """Rows under the day they are due, in the reader's zone; the order is kept."""
    here = zone()
    days: list[tuple[str, list[Row]]] = []
    latest = None
    for row in shown:
        day = row.ticket.queue_at.astimezone(here).date()
        if day != latest:
            latest = day
            days.append((long_day(row.ticket.queue_at, now), []))
        days[-1][1].append(row)
    return days
