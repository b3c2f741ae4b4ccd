"""What shows that a reason is true, and what is missing where it is not: for the agent who chooses one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.display.words import day_and_time

_NOT_PROVEN: dict[str, LazyText | str] = {
    "waiting_for_party": gettext_lazy("Not so now: put it on hold first, then it is true."),
    "reopened": gettext_lazy("Not so: it was not opened again since it was last resolved."),
    "answer_came_late": gettext_lazy("Not so: the caller was asked nothing since the date was told."),
    "other_team": gettext_lazy(
        "Not so: no transfer since the date was told, or that team has acted already."
    ),
    "being_worked_on": gettext_lazy(
        "Not so: it has no owner, or nobody has acted within the last working day."
    ),
    "far_more_than_usual": gettext_lazy("Not so: somebody has acted, or no more came in than usual."),
    "not_started": gettext_lazy("Not so: somebody has acted on it."),
}
REASONS_IN_ORDER = (*_NOT_PROVEN, "not_finished")


def not_proven(code: str) -> str:
    return str(_NOT_PROVEN.get(code, ""))


def by_this_form() -> str:
    return _("True with this hold: its name goes where the dots are.")


def proven(code: str, args: Mapping[str, Any], proof: Mapping[str, Any], *, now: datetime) -> str:
    """The proof in words, from what is stored with the reason."""
    if code == "waiting_for_party":
        since = _time(proof.get("since"), now)
        return (
            _("Shown by: on hold since %(when)s.") % {"when": since}
            if since
            else _("Shown by: it is on hold.")
        )
    if code == "reopened":
        return _("Shown by: it was opened again, and not resolved since.")
    if code == "answer_came_late":
        return _("Shown by: the caller’s answer of %(when)s.") % {"when": _time(args.get("day"), now)}
    if code == "other_team":
        return _("Shown by: the transfer of %(when)s.") % {"when": _time(args.get("day"), now)}
    if code == "being_worked_on":
        return _("Shown by: an owner, and work on it within the last working day.")
    if code == "far_more_than_usual":
        return _("Shown by: %(opened)s came in, where %(usual)s are usual.") % {
            "opened": proof.get("opened", ""),
            "usual": proof.get("usual", ""),
        }
    if code == "not_started":
        return _("Shown by: nobody has acted since %(when)s.") % {"when": _time(proof.get("opened"), now)}
    return _("True at any open date, and it says little: better in your own words.")


def _time(stored: object, now: datetime) -> str:
    at = parse_datetime(stored) if isinstance(stored, str) else None
    return day_and_time(at, now) if at is not None else ""
