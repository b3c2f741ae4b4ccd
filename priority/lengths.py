"""Amounts of time and texts per language, in the reader's words."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _


def in_language(texts: Mapping[str, str]) -> str:
    """The text in the reader's language, else in the first that there is, else ''."""
    language = (get_language() or "en").split("-")[0]
    return texts.get(language) or next(iter(texts.values()), "")


def length(minutes: int, working_day: int | None) -> str:
    """3 working days, 4 hours, 15 minutes. working_day: its minutes, None where the clock never stops."""
    if working_day is not None and minutes % working_day == 0:
        days = minutes // working_day
        return ngettext("%(n)d working day", "%(n)d working days", days) % {"n": days}
    hours, rest = divmod(minutes, 60)
    if hours and not rest:
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    if hours:
        return _("%(hours)d h %(minutes)02d") % {"hours": hours, "minutes": rest}
    return ngettext("%(n)d minute", "%(n)d minutes", rest) % {"n": rest}
