"""Times, spans and codes in the reader's words. The active language and zone are the reader's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal, TypeAlias

from django.template.defaultfilters import capfirst
from django.utils import formats
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy, pgettext

from tickets.display.line import Standing, parts_of
from tickets.display.phrases import gettext as _
from tickets.display.phrases import phrases, zone

Length: TypeAlias = Literal["short", "whole"]


def day_and_time(when: datetime, now: datetime) -> str:
    """Tue 24 Nov 17:00, in the reader's zone; with the year where it is not this one."""
    return f"{day(when, now)} {clock(when)}"


def day(when: datetime, now: datetime) -> str:
    here = zone()
    local = when.astimezone(here)
    same_year = local.year == now.astimezone(here).year
    return _day(local.date(), "short" if same_year else "whole", phrases().language)


def short_day(each: date, now: datetime) -> str:
    """Tue 24 Nov: a day without a time, in the reader's zone."""
    same_year = each.year == now.astimezone(zone()).year
    return _day(each, "short" if same_year else "whole", phrases().language)


def long_day(when: datetime, now: datetime) -> str:
    """Today, Tuesday 24 November."""
    here = zone()
    local, today = when.astimezone(here).date(), now.astimezone(here).date()
    named = _long_day(local, "short" if local.year == today.year else "whole", phrases().language)
    if local == today:
        return _("Today, %(day)s") % {"day": named}
    return str(capfirst(named))  # "dinsdag 24 november" heads a list


# A page says the same few days again and again, and Django reads its format letter by letter.
@lru_cache(maxsize=1024)
def _day(each: date, length: Length, _language: str) -> str:
    # Dutch writes its months small; each language has its own way.
    short, whole = pgettext("date format", "D j M"), pgettext("date format", "D j M Y")
    return formats.date_format(each, short if length == "short" else whole)


@lru_cache(maxsize=1024)
def _long_day(each: date, length: Length, _language: str) -> str:
    return formats.date_format(each, "l j F" if length == "short" else "l j F Y")


def clock(when: datetime) -> str:
    return when.astimezone(zone()).isoformat(timespec="minutes")[11:16]


def clock_to_second(when: datetime) -> str:
    return f"{when.astimezone(zone()):%H:%M:%S}"


def span(length: timedelta) -> str:
    """41 min, 2 h 08, 3 d: what fits a narrow column and cannot be misread."""
    days, hours, minutes = parts_of(length)
    if days:
        return _("%(days)d d") % {"days": days}
    if hours:
        return _("%(hours)d h %(minutes)02d") % {"hours": hours, "minutes": minutes}
    if not minutes:
        return _("< 1 min")
    return _("%(minutes)d min") % {"minutes": minutes}


def standing(code: Standing, *, promised_for: datetime | None, now: datetime) -> str:
    """The standing of a date in words, for staff only."""
    if code == "breached" and promised_for is not None:
        return _("%(span)s over") % {"span": span(now - promised_for)}
    if code == "at-risk" and promised_for is not None:
        return _("at risk, %(span)s left") % {"span": span(promised_for - now)}
    return str(STANDINGS[code])


def standing_short(code: Standing, *, promised_for: datetime, now: datetime) -> str:
    """The same for a narrow column, whose sign says *at risk* already."""
    if code == "at-risk":
        return _("%(span)s left") % {"span": span(promised_for - now)}
    return standing(code, promised_for=promised_for, now=now)


STANDINGS: dict[str, LazyText | str] = {
    "on-track": gettext_lazy("on track"),
    "at-risk": gettext_lazy("at risk"),
    "breached": gettext_lazy("breached"),
    "kept": gettext_lazy("kept"),
    "waits": gettext_lazy("waits for answer"),
    "no-date": gettext_lazy("no date told"),
}


def clock_left(due_at: datetime, now: datetime) -> str:
    """How long a ticket may still wait in triage, or by how much it has waited too long."""
    if due_at <= now:
        return _("%(span)s too late") % {"span": span(now - due_at)}
    return _("%(span)s to triage") % {"span": span(due_at - now)}


def capped(count: int, cap: int) -> str:
    """500+ beyond the cap."""
    return f"{cap}+" if count > cap else str(count)


def promise_kind(kind: str) -> str:
    """What a date is for, before the date: "solved by"."""
    return {
        "answered": pgettext("before a date", "answered by"),
        "started": pgettext("before a date", "started by"),
        "solved": pgettext("before a date", "solved by"),
    }.get(kind, pgettext("before a date", "told"))


MOST_NAMED = 4


def also_to(names: Sequence[str]) -> str:
    """“Also to Bea, Cor”; of many the first few, and how many more."""
    shown = ", ".join(names[:MOST_NAMED])
    if len(names) > MOST_NAMED:
        return _("Also to %(names)s and %(n)s more") % {"names": shown, "n": len(names) - MOST_NAMED}
    return _("Also to %(names)s") % {"names": shown}


def became(state: str, at: datetime, now: datetime) -> str:
    """What the network told of a message of ours, after it was sent."""
    told = {
        "delivered": _("arrived %(when)s, says the network"),
        "bounced": _("It came back %(when)s: nobody has read it"),
        "delayed": _("not there yet %(when)s, and still being tried, says the network"),
        "failed": _("It did not arrive, says the network, %(when)s: nobody has read it"),
    }
    return told[state] % {"when": day_and_time(at, now)}


def without_our_handle(text: str, handle: str) -> str:
    """A caller's words without our own name before them: it stands before nearly all of them, and says nothing.

    For lists and titles only; the conversation shows the words as they were said.
    """
    if not handle:
        return text
    return _handle_before(handle).sub("", text) or text


@lru_cache(maxsize=256)
def _handle_before(handle: str) -> re.Pattern[str]:
    return re.compile(rf"^(?:\s*@{re.escape(handle)}(?![\w])[\s,:;.!-]*)+", re.IGNORECASE)


def handle(label: str) -> str:
    """A handle as people write it: @anouk. An address or a number is written as it is."""
    return label if "@" in label or not any(each.isalpha() for each in label) else f"@{label}"
