"""How the parts of a policy document are called, in the reader's language: its places and its values.

A place or a value that is not known here is shown as it stands in the document: never wrong, never silent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from django.utils.dates import WEEKDAYS as DAY_NAMES
from django.utils.formats import date_format
from django.utils.functional import Promise as LazyText
from django.utils.translation import get_language_info, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext as _

from priority.calendars import WEEKDAYS
from priority.faults import AMOUNTS
from priority.lengths import in_language, length

Label: TypeAlias = LazyText | str

#: Parts whose name stands at the beginning of a place.
PARTS: Final[Mapping[str, Label]] = {
    "name": gettext_lazy("Name of the policy"),
    "languages": gettext_lazy("Languages"),
    "zone": gettext_lazy("Time zone"),
    "matrix": gettext_lazy("Matrix"),
    "impacts": gettext_lazy("Impacts"),
    "urgencies": gettext_lazy("Urgencies"),
    "priorities": gettext_lazy("Priorities"),
    "calendars": gettext_lazy("Calendars"),
    "categories": gettext_lazy("Categories"),
    "rules": gettext_lazy("Rules"),
    "durations": gettext_lazy("Durations"),
    "own_durations": gettext_lazy("Durations of a category or call type"),
    "overrides": gettext_lazy("Durations on a channel"),
    "team_calendars": gettext_lazy("Calendars of teams"),
    "at_risk": gettext_lazy("At risk"),
    "renewals": gettext_lazy("Automatic renewals"),
    "otherwise": gettext_lazy("What fits no category"),
    "signs": gettext_lazy("Signs in a message"),
    "periods": gettext_lazy("Periods"),
    "reminders": gettext_lazy("Waiting for the caller"),
    "caps": gettext_lazy("Most automatic messages"),
}
#: One entry of a list, before its name.
ENTRIES: Final[Mapping[str, Label]] = {
    "impacts": gettext_lazy("Impact %(name)s"),
    "urgencies": gettext_lazy("Urgency %(name)s"),
    "priorities": gettext_lazy("Priority %(name)s"),
    "calendars": gettext_lazy("Calendar “%(name)s”"),
    "categories": gettext_lazy("Category “%(name)s”"),
    "rules": gettext_lazy("Rule “%(name)s”"),
    "durations": gettext_lazy("Durations of %(name)s"),
    "own_durations": gettext_lazy("Durations of %(name)s"),
    "overrides": gettext_lazy("Durations on the channel %(name)s"),
    "team_calendars": gettext_lazy("Team %(name)s"),
    "renewals": gettext_lazy("Automatic renewals with %(name)s"),
    "closed": gettext_lazy("closed on %(name)s"),
    "early": gettext_lazy("closing early on %(name)s"),
}
FIELDS: Final[Mapping[str, Label]] = {
    "name": gettext_lazy("name"),
    "sentence": gettext_lazy("what it means"),
    "rank": gettext_lazy("rank"),
    "key": gettext_lazy("key"),
    "zone": gettext_lazy("time zone"),
    "calendar": gettext_lazy("calendar"),
    "round_the_clock": gettext_lazy("round the clock"),
    "working_day": gettext_lazy("length of a working day"),
    "week": gettext_lazy("week"),
    "closed": gettext_lazy("closed days"),
    "closed_years": gettext_lazy("years whose closed days are known"),
    "early": gettext_lazy("early closing"),
    "closes": gettext_lazy("closes"),
    "date": gettext_lazy("date"),
    "own": gettext_lazy("a closed day of our own"),
    "holidays": gettext_lazy("holidays"),
    "country": gettext_lazy("country"),
    "region": gettext_lazy("region"),
    "but": gettext_lazy("open all the same on"),
    "also": gettext_lazy("closed also on"),
    "first_response": gettext_lazy("first human response"),
    "next_response": gettext_lazy("next response"),
    "remind_silent_after": gettext_lazy("who is there and says nothing is reminded after"),
    "close_silent_after": gettext_lazy("who is there and says nothing is closed after"),
    "start": pgettext_lazy("duration", "start"),
    "resolution": gettext_lazy("solved within"),
    "progress": gettext_lazy("progress update"),
    "at_risk_before": gettext_lazy("at risk before the target"),
    "renewal_step": gettext_lazy("how far a renewal moves the date"),
    "renewals_most": gettext_lazy("most automatic renewals"),
    "told": gettext_lazy("told dates are rounded up"),
    "date_means": gettext_lazy("what the date means"),
    "share": gettext_lazy("share of the duration"),
    "at_most_working_days": gettext_lazy("at most, in working days"),
    "at_least": gettext_lazy("at least"),
    "most": gettext_lazy("most"),
    "parent": gettext_lazy("below"),
    "impact": gettext_lazy("impact"),
    "urgency": gettext_lazy("urgency"),
    "priority": gettext_lazy("priority"),
    "call_type": gettext_lazy("call type"),
    "danger": gettext_lazy("is a danger"),
    "extra_line": gettext_lazy("what the acknowledgement says beside the date"),
    "team": gettext_lazy("team"),
    "asks": gettext_lazy("what is asked"),
    "words": gettext_lazy("words"),
    "unless": gettext_lazy("words that make it harmless"),
    "double": gettext_lazy("words that mean something else in that language"),
    "soon": gettext_lazy("words for soon"),
    "weekdays": gettext_lazy("days of the week"),
    "stems": gettext_lazy("in all forms"),
    "compounds": gettext_lazy("also inside longer words"),
    "whole": gettext_lazy("exactly as written"),
    "question_marks": gettext_lazy("question marks"),
    "learned": gettext_lazy("how it is said"),
    "weights": gettext_lazy("what that was learned from"),
    "answer": gettext_lazy("when it is answered at once"),
    "question": gettext_lazy("of a question"),
    "wish": gettext_lazy("of a wish"),
    "fault": gettext_lazy("of a fault"),
    "praise": gettext_lazy("of praise"),
    "thanks": gettext_lazy("of thanks"),
    "venting": gettext_lazy("of venting"),
    "chatter": gettext_lazy("of talk among people"),
    "direct": gettext_lazy("of asking us directly"),
    "place": gettext_lazy("of a place"),
    "since": gettext_lazy("of how long or since when"),
    "lack": gettext_lazy("of what is not or no longer"),
    "maybe": gettext_lazy("of what may be a report"),
    "common": gettext_lazy("of what people chat about"),
    "case": gettext_lazy("of one's own case"),
    "on": gettext_lazy("switched on"),
    "kind": gettext_lazy("kind"),
    "category": gettext_lazy("category"),
    "categories": gettext_lazy("categories"),
    "channel": gettext_lazy("channel"),
    "channels": gettext_lazy("channels"),
    "visibility": gettext_lazy("public or private"),
    "languages": gettext_lazy("languages"),
    "time": gettext_lazy("when it is said"),
    "within": gettext_lazy("inside or outside the hours"),
    "starts": gettext_lazy("from"),
    "ends": gettext_lazy("until"),
    "effects": gettext_lazy("what it does"),
    "dimension": gettext_lazy("raises"),
    "steps": gettext_lazy("levels"),
    "with_fault": gettext_lazy("only beside a word for a fault"),
    "within_days": gettext_lazy("within how many days"),
    "tag": gettext_lazy("tag"),
    "tags": gettext_lazy("tags"),
    "triage_calendar": gettext_lazy("calendar of triage"),
    "triage": gettext_lazy("triage within"),
    "answer_first_wait": gettext_lazy("how long a person's answer is waited for"),
    "too_late_to_acknowledge": gettext_lazy("share after which it is too late to acknowledge"),
    "lead_if_untouched": gettext_lazy("share after which the lead is told of an untouched ticket"),
    "reopen_days": gettext_lazy("days in which a solved ticket opens again"),
    "notice_lead": gettext_lazy("how long before the date a notice goes"),
    "transfers_most": gettext_lazy("transfers before the leads look"),
    "look_again_days": gettext_lazy("days after which a watched post is looked at again"),
    "remind_after_working_days": gettext_lazy("reminded after so many working days"),
    "close_after_working_days": gettext_lazy("closed after so many working days"),
    "per_contact_per_hour": gettext_lazy("to one contact in an hour"),
    "per_contact_per_day": gettext_lazy("to one contact in a day"),
    "per_ticket": gettext_lazy("on one ticket"),
}
CHOICES: Final[Mapping[str, Mapping[str, Label]]] = {
    "call_type": {
        "question": gettext_lazy("question"),
        "complaint": gettext_lazy("complaint"),
        "fault_report": gettext_lazy("fault report"),
        "request": gettext_lazy("request"),
        "praise": gettext_lazy("praise"),
    },
    "date_means": {
        "answered": gettext_lazy("answered by"),
        "started": gettext_lazy("started by"),
        "solved": gettext_lazy("solved by"),
    },
    "visibility": {"public": gettext_lazy("public"), "private": gettext_lazy("private")},
    "dimension": {"impact": gettext_lazy("impact"), "urgency": gettext_lazy("urgency")},
    "within": {
        "open": gettext_lazy("inside opening hours"),
        "closed": gettext_lazy("outside opening hours"),
    },
    "answer": {
        "careful": gettext_lazy("where it is sure"),
        "ready": gettext_lazy("where it is likely"),
    },
    "weights": {"town-1": gettext_lazy("posts to a city")},
    "asks": {
        "place": gettext_lazy("place"),
        "object_number": gettext_lazy("object number"),
        "photo": gettext_lazy("photo"),
    },
}
#: What a field says that is left out.
DEFAULTS: Final[Mapping[str, Any]] = {
    "on": True,
    "danger": False,
    "round_the_clock": False,
    "with_fault": False,
    "own": False,
    "steps": 1,
    "transfers_most": 2,
    "look_again_days": 1,
}
_LEVELS: Final[Mapping[str, str]] = {"impact": "impacts", "urgency": "urgencies", "priority": "priorities"}
_REFERENCES: Final[Mapping[str, str]] = {
    **_LEVELS,
    "calendar": "calendars",
    "triage_calendar": "calendars",
    "category": "categories",
    "parent": "categories",
    "categories": "categories",
}


@dataclass(frozen=True, slots=True)
class Names:
    """What keys are called in a document, and in another where the first does not have them."""

    documents: Sequence[Mapping[str, Any]]

    def entry(self, listed: str, key: str) -> Mapping[str, Any]:
        field = {"durations": "priority"}.get(listed, "key")
        for document in self.documents:
            entries = document.get(listed)
            for entry in entries if isinstance(entries, list) else ():
                if isinstance(entry, Mapping) and entry.get(field) == key:
                    return entry
            other = document.get("otherwise")
            if listed == "categories" and isinstance(other, Mapping) and other.get("key") == key:
                return other
        return {}

    def of(self, listed: str, key: str) -> str:
        """The entry's name in the reader's language, else its key."""
        name = self.entry(listed, key).get("name")
        return (in_language(name) if isinstance(name, Mapping) else "") or key

    def working_day(self, calendar: str) -> int | None:
        """Minutes; None where the clock never stops, or it can't be told."""
        found = self.entry("calendars", calendar)
        day = found.get("working_day")
        return day if isinstance(day, int) and day > 0 and not found.get("round_the_clock") else None


def language_name(code: str) -> str:
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code


def day_name(key: str) -> str:
    return str(DAY_NAMES[WEEKDAYS.index(key)]) if key in WEEKDAYS else key


def date_name(text: str) -> str:
    try:
        return date_format(dt.date.fromisoformat(text), "j F Y")
    except ValueError:
        return text


def value_words(names: Names, path: Sequence[str], value: Any) -> str:
    """A value at this place: an amount of time, a name instead of a key, yes or no; a list or a group joined."""
    field = path[-1] if path else ""
    if value is None or value in ("", [], {}):
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return _amount(names, path, value) if field in AMOUNTS else str(value)
    if isinstance(value, list):
        return ", ".join(value_words(names, path, each) for each in value)
    if isinstance(value, Mapping):
        return _group_words(names, path, value)
    return _text_words(names, path, str(value))


def _text_words(names: Names, path: Sequence[str], text: str) -> str:
    field = path[-1] if path else ""
    if len(path) > 2 and path[0] == "matrix":
        return names.of("priorities", text)
    if field in CHOICES and text in CHOICES[field]:
        return str(CHOICES[field][text])
    if field in _REFERENCES:
        return names.of(_REFERENCES[field], text)
    if field == "level":
        return next(
            (found for each in ("impacts", "urgencies") if (found := names.of(each, text)) != text), text
        )
    if field == "languages":
        return language_name(text)
    if field == "weekdays":
        return day_name(text)
    if field == "date":
        return date_name(text)
    return (
        text
        if field in ("opens", "closes", "starts", "ends", "zone", "channels", "team", "key")
        else f"“{text}”"
    )


def _amount(names: Names, path: Sequence[str], minutes: int) -> str:
    if not minutes:
        return _("none")
    calendar = ""
    if path[0] == "durations" and len(path) > 1:
        calendar = str(names.entry("durations", path[1]).get("calendar", ""))
    return length(minutes, names.working_day(calendar) if calendar and path[-1] != "working_day" else None)


def _group_words(names: Names, path: Sequence[str], value: Mapping[str, Any]) -> str:
    special = next((words for fits, words in _GROUPS if fits(value)), None)
    if special is not None:
        return special(names, value)
    if all(isinstance(each, str) for each in value.values()) and all(len(key) <= 3 for key in value):
        return f"“{in_language(value)}”"
    shown = [
        f"{label_of(key)} {value_words(names, (*path, key), inner)}"
        for key, inner in value.items()
        if key not in ("key", "kind", "rank") and inner not in ("", [], {})
    ]
    return "; ".join(shown)


def label_of(field: str) -> str:
    if field in WEEKDAYS:
        return day_name(field)
    found = FIELDS.get(field)
    return str(found) if found is not None else language_name(field) if len(field) <= 3 else field


def _share(_names: Names, value: Mapping[str, Any]) -> str:
    return f"{value['parts']}/{value['of']}"


def _interval(_names: Names, value: Mapping[str, Any]) -> str:
    return f"{value['opens']}–{value['closes']}"


def _every(_names: Names, value: Mapping[str, Any]) -> str:
    minutes = value["minutes"]
    if isinstance(minutes, int):
        return _("to every %(length)s") % {"length": length(minutes, None)}
    return str(minutes)


def _at(_names: Names, value: Mapping[str, Any]) -> str:
    times = value["times"]
    return _("to %(times)s") % {"times": ", ".join(map(str, times)) if isinstance(times, list) else times}


def _effect(names: Names, value: Mapping[str, Any]) -> str:
    do, steps = value["do"], value.get("steps", 1)
    if do in ("raise", "lower") and isinstance(steps, int):
        dimension = value_words(names, ("dimension",), value.get("dimension"))
        one = (
            ngettext("raises %(what)s by %(n)d level", "raises %(what)s by %(n)d levels", steps)
            if do == "raise"
            else ngettext("lowers %(what)s by %(n)d level", "lowers %(what)s by %(n)d levels", steps)
        )
        return one % {"what": dimension, "n": steps}
    if do == "set":
        dimension = str(value.get("dimension", ""))
        level = names.of(_LEVELS.get(dimension, ""), str(value.get("level", "")))
        what = value_words(names, ("dimension",), dimension)
        return _("sets %(what)s to %(level)s") % {"what": what, "level": level}
    if do == "tag":
        return _("puts on the tag %(tag)s") % {"tag": value.get("tag", "")}
    if do == "team":
        return _("sends it to the team %(team)s") % {"team": value.get("team", "")}
    return str(do)


_GROUPS: Final[
    Sequence[tuple[Callable[[Mapping[str, Any]], bool], Callable[[Names, Mapping[str, Any]], str]]]
] = (
    (lambda value: value.keys() == {"parts", "of"}, _share),
    (lambda value: value.keys() == {"opens", "closes"}, _interval),
    (lambda value: value.keys() == {"kind", "minutes"}, _every),
    (lambda value: value.keys() == {"kind", "times"}, _at),
    (lambda value: "do" in value, _effect),
)
