"""What came while somebody wrote, in the words of the question whether to send all the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from tickets.display.phrases import gettext as _
from tickets.display.words import span
from tickets.selectors_came import Came


def came_heading(came: Sequence[Came], now: datetime | None) -> str:
    """'' where nothing came. `now`: when it is read, where that is at once; a page that stays open says no age."""
    if not came:
        return ""
    if len(came) > 1:
        return _("%(n)d messages came while you wrote. Send anyway?") % {"n": len(came)}
    (one,) = came
    if one.kind == "caller":
        name = one.name or _("The caller")
        if now is None:
            return _("%(name)s has said more. Send anyway?") % {"name": name}
        return _("%(name)s has said more, %(span)s ago. Send anyway?") % {
            "name": name,
            "span": _age(now - one.at),
        }
    name = one.name or _("A colleague")
    if now is None:
        return _("%(name)s has answered. Send anyway?") % {"name": name}
    return _("%(name)s answered %(span)s ago. Send anyway?") % {"name": name, "span": _age(now - one.at)}


def _age(length: timedelta) -> str:
    if length < timedelta(minutes=1):
        return _("%(n)d s") % {"n": max(0, int(length.total_seconds()))}
    return span(length)
