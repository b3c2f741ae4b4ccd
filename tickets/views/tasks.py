"""What asks for a person: mine, my teams', the lead's; soonest due first, with what happens if nobody acts."""

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
from tickets.clock import database_now
from tickets.display.words import long_day
from tickets.selectors_tasks import WHOSE, TaskPlace, TaskRow, Whose, tasks_page


@require_safe
@desk_page
def tasks(request: DeskRequest) -> HttpResponse:
    """`?whose=` mine, teams or lead, else the first of them on which something stands; `?after=` a place."""
    now = database_now()
    wanted: Whose | None = next((each for each in WHOSE if each == request.GET.get("whose")), None)
    after = TaskPlace.read(request.GET.get("after", ""))
    whose: Whose = wanted or "mine"
    found = tasks_page(request.user, whose, after=after, now=now)
    if wanted is None and not found.rows and any(found.counts.values()):
        whose = next(each for each in WHOSE if found.counts[each])
        found = tasks_page(request.user, whose, now=now)
    names = {"mine": _("Asked of me"), "teams": _("Of my teams"), "lead": _("Of the lead")}
    tabs = [(each, names[each], found.counts[each], _page(each)) for each in WHOSE]
    return render(
        request,
        "tickets/tasks.html",
        {
            "days": _days(found.rows, now),
            "whose": whose,
            # The lead's list is no use to who leads nobody, unless something stands there.
            "tabs": [tab for tab in tabs if tab[0] != "lead" or tab[2] or request.user.is_manager],
            "is_empty": not found.rows and after is None,
            "next_page": _page(whose, after=str(found.next)) if found.next else "",
            "here": "tasks",
            "now": now,
        },
    )


def _page(whose: str, **more: str) -> str:
    return f"{reverse('tasks')}?{urlencode({'whose': whose, **more})}"


def _days(rows: Sequence[TaskRow], now: datetime) -> list[tuple[str, bool, list[TaskRow]]]:
    """(heading, whether they are late, rows): what is due already first, then by day in the reader's zone."""
    days: list[tuple[str, bool, list[TaskRow]]] = []
    for row in rows:
        heading = _("Due already") if row.is_late else long_day(row.task.due_at, now)
        if not days or days[-1][0] != heading:
            days.append((heading, row.is_late, []))
        days[-1][2].append(row)
    return days
