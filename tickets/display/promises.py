"""The history of a promise in words: how it was told, why it moved, and how it ended."""

from __future__ import annotations

from datetime import datetime

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.display.words import day_and_time, span
from tickets.models import Promise, PromiseEnd, ReplyKind

_BY_DESK: dict[str, LazyText | str] = {
    ReplyKind.ACKNOWLEDGEMENT.value: gettext_lazy("told %(when)s, in the acknowledgement"),
    ReplyKind.OVERDUE.value: gettext_lazy("told %(when)s, in the overdue notice"),
    ReplyKind.DATE_CHANGED.value: gettext_lazy("told %(when)s, in the date-changed notice"),
}
_BY_PERSON: dict[str, LazyText | str] = {
    ReplyKind.ACKNOWLEDGEMENT.value: gettext_lazy(
        "told %(when)s, in the acknowledgement that %(who)s released"
    ),
    ReplyKind.ANSWER.value: gettext_lazy("told %(when)s, in an answer by %(who)s"),
    ReplyKind.DELAY.value: gettext_lazy("told %(when)s, in a delay notice by %(who)s"),
    ReplyKind.OVERDUE.value: gettext_lazy("told %(when)s, in the overdue notice that %(who)s released"),
    ReplyKind.DATE_CHANGED.value: gettext_lazy(
        "told %(when)s, in the date-changed notice that %(who)s released"
    ),
}
_WITHDRAWN: dict[str, LazyText | str] = {
    "no_answer": gettext_lazy("Withdrawn %(when)s: the caller never answered."),
    "no_longer_needed": gettext_lazy("Withdrawn %(when)s: the caller needs it no more."),
    "double": gettext_lazy("Withdrawn %(when)s: another ticket deals with it."),
    "merged": gettext_lazy("Withdrawn %(when)s: it was joined with another."),
    "bounced": gettext_lazy("Withdrawn %(when)s: the message that told it came back."),
    "failed": gettext_lazy("Withdrawn %(when)s: the message that told it did not arrive."),
    "not_delivered": gettext_lazy(
        "Withdrawn %(when)s: the message that told it came back, so nobody was told."
    ),
}
_KEPT: dict[str, LazyText | str] = {
    "answered": gettext_lazy("Kept: answered %(span)s before the date."),
    "started": gettext_lazy("Kept: begun %(span)s before the date."),
    "resolved": gettext_lazy("Kept: done %(span)s before the date."),
}

_MISSED: dict[str, LazyText | str] = {
    "answered": gettext_lazy("Missed: by then it was neither answered nor another date told."),
    "started": gettext_lazy("Missed: by then it was neither begun nor another date told."),
    "solved": gettext_lazy("Missed: by then it was neither done nor another date told."),
}


def told_words(promise: Promise, *, now: datetime) -> str:
    """When it was told, in which message, and by whom where it was a person."""
    when, who = day_and_time(promise.told_at, now), promise.reply.author
    words = (_BY_PERSON if who is not None else _BY_DESK).get(promise.reply.kind)
    if words is None:
        words = _("told %(when)s by %(who)s") if who is not None else _("told %(when)s")
    return str(words) % {"when": when, "who": who}


def end_words(promise: Promise, *, now: datetime) -> str:
    """How it ended, as a sentence; "" while it is open."""
    ended = promise.ended_at
    if promise.end == "" or ended is None:
        return ""
    early = span(promise.promised_for - ended)
    when = day_and_time(ended, now)
    if promise.end == PromiseEnd.KEPT:
        words = _KEPT.get(promise.end_reason) or _("Kept: %(span)s before the date.")
        return str(words) % {"span": early}
    if promise.end == PromiseEnd.RENEWED:
        return _("Renewed %(span)s before the date.") % {"span": early}
    if promise.end == PromiseEnd.SUSPENDED:
        return _("It waits for the caller’s answer since %(when)s; they were told so.") % {"when": when}
    if promise.end == PromiseEnd.MISSED:
        return str(_MISSED.get(promise.kind, _MISSED["solved"]))
    words = _WITHDRAWN.get(promise.end_reason) or _("Withdrawn %(when)s: the caller needs it no more.")
    return str(words) % {"when": when}
