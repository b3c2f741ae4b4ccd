"""Consistency: the page, and the tickets behind its figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.pages import DeskRequest, desk_page
from priority.policy import Policy
from priority.selectors import policy_of
from priority.shapes import Texts
from priority.views.words import SIGNS
from reports import kept_page as kept
from reports import selectors_consistency as selectors
from reports.narrowing import FORM, Narrowed, narrowed, offers
from reports.selectors_consistency import PROPERTIES, Alike, Unheard
from reports.selectors_promises import NO_CATEGORY
from reports.views_promises import Asked, asked_of, shared
from tickets.display.why import override_words
from tickets.models import CallType, Ticket
from tickets.templatetags.desk import in_my_language

_GROUPS_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Spread:
    """A row: names of the properties; given and taken in words. bar: (x, width, middle) in percent of the widest."""

    names: Sequence[str]
    tickets: int
    to: str
    priorities: Sequence[str]
    given: str
    is_unlike: bool
    taken: Sequence[str]
    done: int
    bar: tuple[str, str, str] | None


@require_safe
@desk_page
def consistency(request: DeskRequest) -> HttpResponse:
    asked = asked_of(request)
    those = narrowed(request, asked.user, asked.policy, FORM)
    compared = selectors.compared(asked.user, asked.period, those.wanted)
    shown = compared.groups[:_GROUPS_SHOWN]
    widest = max((each.taken_at(90) or timedelta() for each in shown), default=timedelta())
    # Words of the policy are for every ticket: of some they say nothing.
    words = None if those.said else selectors.never_heard(asked.user, asked.period, asked.policy)
    context: dict[str, Any] = {
        **shared(asked, "consistency"),
        "narrowed": those.words,
        "offers": offers(asked.user, asked.policy, those, FORM),
        "compared": compared,
        "hidden": len(compared.groups) - len(shown),
        "unlike": sum(each.is_unlike for each in compared.groups),
        "spreads": [_spread(each, asked, those, widest) for each in shown],
        "widest": length(widest),
        "teams": _teams(asked, those),
        "words": words,
        "lists": [_list(each, asked) for each in words.lists] if words is not None else [],
    }
    return render(request, "reports/consistency.html", context, status=422 if asked.wrong else 200)


def _spread(group: Alike, asked: Asked, those: Narrowed, widest: timedelta) -> Spread:
    low, middle, high = (group.taken_at(percent) for percent in (10, 50, 90))
    bar = None
    if low is not None and middle is not None and high is not None and widest > timedelta():
        start, width = 100 * (low / widest), max(100 * ((high - low) / widest), 0.8)
        bar = (f"{start:.3f}", f"{min(width, 100 - start):.3f}", f"{100 * (middle / widest):.3f}")
    given = group.least_and_most
    said = {name: value or NO_CATEGORY for name, value in zip(PROPERTIES, group.properties, strict=True)}
    return Spread(
        names=names_of(asked.policy, group.properties),
        tickets=group.tickets,
        to=_tickets(asked, those, **said),
        priorities=[_level(asked.policy.priorities, key) for key in sorted(group.priorities)],
        given=_between(*given) if given is not None else "–",
        is_unlike=group.is_unlike,
        taken=[length(each) if each is not None else "–" for each in (low, middle, high)],
        done=len(group.taken),
        bar=bar,
    )


def names_of(policy: Policy, properties: Sequence[str]) -> list[str]:
    """Category, call type, impact and urgency in words; a key that the policy in force no longer has, as it is."""
    category, call_type, impact, urgency = properties
    return [
        kept.category_words([category], policy)[category][0],
        str(CallType(call_type).label) if call_type in CallType.values else _("no call type"),
        _level(policy.impacts, impact),
        _level(policy.urgencies, urgency),
    ]


def _level(levels: Sequence[Any], key: str) -> str:
    found: Texts | None = next((each.name for each in levels if each.key == key), None)
    return in_my_language(found) if found is not None else key


def length(span: timedelta) -> str:
    """41 min, 2 h 08; from two days on in days and hours: what it took is compared, so hours count."""
    minutes = int(span / timedelta(minutes=1))
    hours, minutes = divmod(max(minutes, 0), 60)
    if hours >= 48:
        return _("%(days)d d %(hours)d h") % {"days": hours // 24, "hours": hours % 24}
    if hours:
        return _("%(hours)d h %(minutes)02d") % {"hours": hours, "minutes": minutes}
    return _("%(minutes)d min") % {"minutes": minutes}


def open_time(span: timedelta) -> str:
    """Open hours are never put in days: a day has as many as its calendar says."""
    hours, minutes = divmod(int(span / timedelta(minutes=1)), 60)
    return _("%(hours)d h %(minutes)02d") % {"hours": hours, "minutes": minutes}


def _between(least: timedelta, most: timedelta) -> str:
    if least == most:
        return open_time(least)
    return _("%(least)s to %(most)s") % {"least": open_time(least), "most": open_time(most)}


def _tickets(asked: Asked, those: Narrowed, **said: str) -> str:
    return f"{reverse('consistency_tickets')}?{urlencode({**kept.when(asked.period), **those.said, **said})}"


def _teams(asked: Asked, those: Narrowed) -> list[dict[str, Any]]:
    found = selectors.overridden(asked.user, asked.period, those.wanted)
    names = kept.team_names([each.team for each in found])
    rows = []
    for each in found:
        name, key = names[each.team]
        rows.append(
            {
                "name": name,
                "tickets": each.tickets,
                "to": _tickets(asked, those, team=key),
                "overridden": each.overridden,
                "overridden_to": _tickets(asked, those, team=key, overridden="1"),
                "share": each.overridden * 100 // each.tickets,
                "bar": f"{100 * each.overridden / each.tickets:.3f}",
                "whys": [
                    (override_words(why) or why, count, _tickets(asked, those, team=key, overridden=why))
                    for why, count in each.whys
                ],
            }
        )
    return rows


def _list(found: Unheard, asked: Asked) -> dict[str, Any]:
    """A list of the policy with the words that were found nowhere, and where they are changed."""
    by_language: dict[str, list[str]] = {}
    for language, word in found.words:
        by_language.setdefault(language, []).append(word.replace("*", "…"))
    to, name = "", found.key
    if found.kind == "category":
        name = kept.category_words([found.key], asked.policy)[found.key][0]
        to = reverse("policy_category", args=[found.key])
    elif found.kind == "rule":
        rule = next((each for each in asked.policy.rules if each.key == found.key), None)
        name = in_my_language(rule.name) if rule is not None else found.key
        to = reverse("policy_rule", args=[found.key])
    elif found.key in SIGNS:
        name = str(SIGNS[found.key][0])
        to = reverse("policy_sign", args=[found.key]) if asked.user.is_manager else ""
    kinds = {"category": _("Category"), "rule": _("Rule"), "sign": _("Sign")}
    return {
        "kind": kinds[found.kind],
        "name": name,
        "to": to,
        "never": len(found.words),
        "total": found.total,
        "words": sorted(by_language.items()),
    }


@require_safe
@desk_page
def consistency_tickets(request: DeskRequest) -> HttpResponse:
    """The tickets behind a figure, by reference. GET those of PROPERTIES ("-": none), account, team, overridden ("1" or
    a code of why), after: a reference."""
    asked = asked_of(request)
    found, said, words = _narrowed(request, asked)
    after = request.GET.get("after", "")[:8]
    page = found.filter(reference__gt=after) if after else found
    rows = selectors.rows(page.order_by("reference")[: selectors.PAGE + 1])
    shown = rows[: selectors.PAGE]
    revisions = {row.revision: policy_of(row.revision) for row in shown}
    query = urlencode({**kept.when(asked.period), **said})
    last = urlencode({"after": shown[-1].reference}) if len(rows) > selectors.PAGE else ""
    of_page = {name: value for name, value in said.items() if name in FORM}
    context: dict[str, Any] = {
        **shared(asked, "consistency"),
        "words": words,
        "rows": [
            {
                "row": row,
                "names": names_of(revisions[row.revision], row.properties),
                "priority": _level(revisions[row.revision].priorities, row.priority),
                "given": open_time(row.given) if row.given is not None else "–",
                "taken": length(row.taken) if row.taken is not None else "–",
            }
            for row in shown
        ],
        "next_page": f"?{query}&{last}" if last else "",
        "first_page": f"?{query}" if after else "",
        "back": f"{reverse('consistency')}?{urlencode({**kept.when(asked.period), **of_page})}",
    }
    return render(request, "reports/consistency_tickets.html", context, status=422 if asked.wrong else 200)


def _narrowed(request: HttpRequest, asked: Asked) -> tuple[QuerySet[Ticket], Mapping[str, str], list[str]]:
    """(tickets, what is said of it in an address, in words). Raises Http404 for what one may not see."""
    those = narrowed(request, asked.user, asked.policy, ("account", "team"))
    found = selectors.came_in(asked.user, asked.period, those.wanted)
    said, words = those.said, those.words
    for place, name in enumerate(PROPERTIES):
        if value := request.GET.get(name, "")[:60]:
            said[name] = value
            value = "" if value == NO_CATEGORY else value
            found = found.filter(**{name: value})
            of_all = [value if at == place else "" for at in range(len(PROPERTIES))]
            words.append(names_of(asked.policy, of_all)[place] or _("none"))
    if why := request.GET.get("overridden", "")[:40]:
        said["overridden"] = why
        lines = selectors.of_people(found)
        if why != "1":
            lines = lines.filter(args__why=why)
        found = found.filter(pk__in=lines.values("ticket_id"))
        words.append(_("weighed otherwise by a person"))
        if override_words(why):
            words.append(override_words(why))
    return found, said, words
