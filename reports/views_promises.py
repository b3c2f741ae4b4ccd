"""Promises kept: the page, the dates behind each of its figures, and the same as a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import may_read_reports
from accounts.models import Team, User
from accounts.pages import DeskRequest, desk_page
from priority.policy import Policy
from priority.selectors import policy_current, policy_of
from reports import kept_page as drawn
from reports.csv_lines import csv_lines
from reports.narrowing import FORM, Narrowed, narrowed, offers
from reports.selectors_promises import (
    PAGE,
    Figures,
    Period,
    Told,
    dates,
    every_date,
    period_to,
    place_of,
    promises_kept,
)
from tickets.clock import database_now
from tickets.display.words import promise_kind
from tickets.models import ChannelAccount, PromiseKind
from tickets.reference import as_shown

WEEKS = (4, 12, 26, 52)
_MOST_WEEKS = 104
_FIRST, _LAST = date(2000, 1, 3), date(2999, 12, 27)


@dataclass(frozen=True, slots=True)
class Asked:
    """A reader, the period they ask about, and now. wrong: what could not be read of it; then it is the usual one."""

    user: User
    policy: Policy
    period: Period
    now: datetime
    today: date
    wrong: str


def asked_of(request: DeskRequest) -> Asked:
    """GET until (a day) and weeks. Raises Http404 for who may not read reports, and for what no column can hold."""
    if not may_read_reports(request.user) or any("\0" in value for value in request.GET.values()):
        raise Http404
    policy, now = policy_of(policy_current().pk), database_now()
    today = now.astimezone(ZoneInfo(policy.zone)).date()
    until, weeks, wrong = today, WEEKS[1], ""
    if said := request.GET.get("until", ""):
        day = _day(said)
        if day is None:
            wrong = _("That is no day: write it as 2026-11-30, or choose it.")
        until = day or today
    if said := request.GET.get("weeks", ""):
        if said.isascii() and said.isdigit() and len(said) <= 3 and 0 < int(said) <= _MOST_WEEKS:
            weeks = int(said)
        else:
            wrong = wrong or _("Choose from 1 to %(most)s weeks.") % {"most": _MOST_WEEKS}
    period = period_to(until, weeks=weeks, zone=policy.zone)
    return Asked(request.user, policy, period, now, today, wrong)


def _day(said: str) -> date | None:
    try:
        day = date.fromisoformat(said)
    except ValueError:
        return None
    return day if _FIRST <= day <= _LAST else None


@require_safe
@desk_page
def promises_kept_page(request: DeskRequest) -> HttpResponse:
    asked = asked_of(request)
    those = narrowed(request, asked.user, asked.policy, FORM)
    found = promises_kept(asked.user, asked.period, wanted=those.wanted, now=asked.now)
    linked = drawn.Linked(reverse("promises_dates"), asked.period, those.said)
    whole = drawn.total(found["week"].values())
    names = {
        "account": drawn.account_names(found["account"]),
        "team": drawn.team_names(found["team"]),
        "category": drawn.category_words(found["category"], asked.policy),
    }
    titles = {
        "account": (_("By channel account"), _("Channel account")),
        "team": (_("By team"), _("Team")),
        "category": (_("By category"), _("Category")),
    }
    context: dict[str, Any] = {
        **shared(asked, "promises_kept"),
        "words": those.words,
        "offers": offers(asked.user, asked.policy, those, FORM),
        "last": _last_week(asked, those, found["week"]),
        "tiles": [
            (linked.cell(outcome, whole.of(outcome)), label, means) for outcome, label, means in drawn.TILES
        ],
        "share": drawn.share(whole),
        "whole": linked.cell("", whole.all),
        "decided": linked.cell("decided", whole.decided),
        "stack": [(each, drawn.OUTCOME_WORDS[each]) for each in drawn.STACK],
        "heads": [(outcome, label) for outcome, label, _means in drawn.TILES],
        "picture": drawn.picture(found["week"], asked.period),
        "by_week": drawn.weeks(found["week"], linked, asked.now),
        "groups": [
            (name, *titles[name], drawn.lines(found[name], names[name], linked, name))
            for name in titles
            if name not in those.said
        ],
        "csv": f"{reverse('promises_csv')}?{linked.query('')}",
    }
    return render(request, "reports/promises.html", context, status=422 if asked.wrong else 200)


def shared(asked: Asked, here: str) -> dict[str, Any]:
    """What the pages of both reports know. here: the rail's place."""
    period = asked.period
    return {
        "here": here,
        "now": asked.now,
        "period": period,
        "from_day": period.first,
        "until_day": period.last,
        "choices": sorted({*WEEKS, period.weeks}),
        "wrong": asked.wrong,
    }


def _last_week(asked: Asked, those: Narrowed, by_week: dict[date, Figures]) -> dict[str, Any]:
    """The sentence: the last whole week by today, whatever period the page shows."""
    week = period_to(asked.today - timedelta(days=7), weeks=1, zone=asked.policy.zone)
    if week.first in asked.period.mondays:
        figures = by_week.get(week.first, Figures())
    else:
        there = promises_kept(asked.user, week, wanted=those.wanted, now=asked.now)
        figures = drawn.total(there["week"].values())
    linked = drawn.Linked(reverse("promises_dates"), week, those.said)
    shown = ("kept", "decided", "renewed", "missed", "silent")
    return {outcome: linked.said(outcome, figures.of(outcome)) for outcome in shown}


@dataclass(frozen=True, slots=True)
class Row:
    """A date of the list, in words."""

    told: Told
    kind: str
    outcome: str


@require_safe
@desk_page
def promises_dates(request: DeskRequest) -> HttpResponse:
    """The dates behind a figure, earliest first. GET after: a place as `_place` writes it."""
    asked = asked_of(request)
    those = narrowed(request, asked.user, asked.policy, ("outcome", *FORM))
    after = _read_place(asked.user, request.GET.get("after", ""))
    found = dates(asked.user, asked.period, wanted=those.wanted, after=after, now=asked.now)
    query = urlencode({**drawn.when(asked.period), **those.said})
    place = urlencode({"after": _place(found[PAGE - 1])}) if len(found) > PAGE else ""
    of_page = {name: said for name, said in those.said.items() if name in FORM}
    context: dict[str, Any] = {
        **shared(asked, "promises_kept"),
        "words": those.words,
        "offers": offers(asked.user, asked.policy, those, ("outcome", *FORM)),
        "rows": [
            Row(one, promise_kind(one.kind), str(drawn.OUTCOME_WORDS[one.outcome])) for one in found[:PAGE]
        ],
        "next_page": f"?{query}&{place}" if place else "",
        "first_page": f"?{query}" if after else "",
        "csv": f"{reverse('promises_csv')}?{query}",
        "back": f"{reverse('promises_kept')}?{urlencode({**drawn.when(asked.period), **of_page})}",
    }
    return render(request, "reports/promises_dates.html", context, status=422 if asked.wrong else 200)


def _place(one: Told) -> str:
    return f"{one.promised_for.isoformat()}~{one.reference}~{one.told_at.isoformat()}"


def _read_place(user: User, said: str) -> tuple[datetime, int] | None:
    """None for what is no place: the list then begins with the first."""
    try:
        promised_for, reference, told_at = said.split("~")
        at, told = datetime.fromisoformat(promised_for), datetime.fromisoformat(told_at)
    except ValueError:
        return None
    if at.tzinfo is None or told.tzinfo is None:
        return None
    return place_of(user, promised_for=at, reference=reference, told_at=told)


@require_safe
@desk_page
def promises_csv(request: DeskRequest) -> StreamingHttpResponse:
    """The same dates as a file, all of them. Raises Http404 where the period is none."""
    asked = asked_of(request)
    if asked.wrong:
        raise Http404
    those = narrowed(request, asked.user, asked.policy, ("outcome", *FORM))
    # Words are found now: while the lines go out, the language is the next request's.
    answer = StreamingHttpResponse(
        csv_lines(_heads(asked.policy.zone), _cells(asked, those)), content_type="text/csv; charset=utf-8"
    )
    name = f"promises-{asked.period.first}-{asked.period.last}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _heads(zone: str) -> list[str]:
    return [
        _("Date (%(zone)s)") % {"zone": zone},
        _("Reference"),
        _("What for"),
        _("What became of it"),
        _("Silent"),
        _("Ended (%(zone)s)") % {"zone": zone},
        _("Told (%(zone)s)") % {"zone": zone},
        _("Channel account"),
        _("Team"),
        _("Category"),
        _("Week of"),
    ]


def _cells(asked: Asked, those: Narrowed) -> Iterator[list[str]]:
    zone = ZoneInfo(asked.policy.zone)
    outcomes = {key: str(words) for key, words in drawn.OUTCOME_WORDS.items()}
    kinds = {kind: promise_kind(kind) for kind in PromiseKind.values}
    accounts = dict(ChannelAccount.objects.values_list("pk", "name"))
    teams = dict(Team.objects.values_list("pk", "name"))
    known = {"", asked.policy.otherwise.key, *(each.key for each in asked.policy.categories)}
    categories = drawn.category_words(known, asked.policy)
    yes, no = _("yes"), _("no")

    def moment(at: datetime | None) -> str:
        return at.astimezone(zone).strftime("%Y-%m-%d %H:%M") if at is not None else ""

    def lines() -> Iterator[list[str]]:
        for one in every_date(asked.user, asked.period, wanted=those.wanted, now=asked.now):
            yield [
                moment(one.promised_for),
                as_shown(one.reference),
                kinds[one.kind],
                outcomes[one.outcome],
                yes if one.silent else no,
                moment(one.ended_at),
                moment(one.told_at),
                accounts.get(one.account, ""),
                teams.get(one.team, ""),
                categories[one.category][0] if one.category in categories else one.category,
                one.week.isoformat(),
            ]

    return lines()
