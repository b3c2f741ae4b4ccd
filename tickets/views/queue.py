"""The queue: open tickets of your teams by promise, To triage apart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.pages import DeskRequest, desk_page
from tickets import selectors_queue as selectors
from tickets.clock import database_now
from tickets.display.words import long_day


@require_safe
@desk_page
def queue(request: DeskRequest) -> HttpResponse:
    """`?team=` a team's key, "any" or nothing for one's own; `?show=` as in selectors.Show; `?after=` a place."""
    now = database_now()
    team = request.GET.get("team", "")[:40]
    show: selectors.Show = next((each for each in selectors.SHOWS if each == request.GET.get("show")), "open")
    after = selectors.Place.read(request.GET.get("after", ""))
    found = selectors.queue(request.user, team=team, show=show, after=after, now=now)
    chosen = next((each for each in found.teams if each.key == team), None)
    return render(
        request,
        "tickets/queue.html",
        {
            "queue": found,
            "days": _days(found.ahead, now),
            "heading": _heading(show, chosen.name if chosen else "", team),
            "total": found.triage_count if show == "triage" else found.count,
            "shows": _shows(),
            "show": show,
            "team": team,
            "teams": found.teams,
            "is_empty": not found.rows and not found.triage and not found.danger and after is None,
            "all_triage": _page(team, "triage", None),
            "all_at_risk": _page(team, "at_risk", None),
            "next_page": _page(team, show, found.next) if found.next else "",
            "here": _here(show, team),
            "now": now,
        },
    )


def _shows() -> list[tuple[selectors.Show, str]]:
    return [
        ("open", _("open tickets")),
        ("mine", _("what I own")),
        ("at_risk", _("what is at risk or late")),
        ("waiting", _("what waits or is on hold")),
        ("triage", _("what waits for triage")),
        ("held", _("held messages")),
        ("unsure", _("not certain, refused")),
    ]


def _heading(show: selectors.Show, team_name: str, team: str) -> str:
    if show == "mine":
        return _("My tickets")
    if show == "at_risk":
        return _("At risk")
    if show == "waiting":
        return _("Waiting, on hold")
    if show == "triage":
        return _("To triage")
    if show == "held":
        return _("Held messages")
    if show == "unsure":
        return _("Not certain, refused")
    if team_name:
        return team_name
    return _("All open") if team == selectors.ANY_TEAM else _("My teams")


def _here(show: selectors.Show, team: str) -> str:
    """Which line of the rail this page is."""
    if show == "mine":
        return "own"
    return show if show != "open" else team or "mine"


def _page(team: str, show: str, after: selectors.Place | None) -> str:
    wanted = {"team": team, "show": "" if show == "open" else show, "after": str(after or "")}
    return f"{reverse('queue')}?{urlencode({key: value for key, value in wanted.items() if value})}"


def _days(rows: Sequence[selectors.Row], now: datetime) -> list[tuple[str, list[selectors.Row]]]:
    """Rows under the day they are due, in the reader's zone; the order is kept."""
    days: list[tuple[str, list[selectors.Row]]] = []
    for row in rows:
        heading = long_day(row.ticket.queue_at, now)
        if not days or days[-1][0] != heading:
            days.append((heading, []))
        days[-1][1].append(row)
    return days
