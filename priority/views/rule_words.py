"""A rule in words, as the list of rules has it: when it holds, and what it does. Of documents that may have faults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.functional import Promise as LazyText
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from accounts.models import User
from priority.edits import count_of, entries, words_of
from priority.known import channels
from priority.selectors_choices import teams_named
from priority.views.levels import language_name, languages_of
from priority.views.parts import name_of

_SHOWN = 4
WEEKDAYS: Final[Mapping[str, LazyText | str]] = {
    "monday": gettext_lazy("Monday"),
    "tuesday": gettext_lazy("Tuesday"),
    "wednesday": gettext_lazy("Wednesday"),
    "thursday": gettext_lazy("Thursday"),
    "friday": gettext_lazy("Friday"),
    "saturday": gettext_lazy("Saturday"),
    "sunday": gettext_lazy("Sunday"),
}


class Names:
    """What keys are called, read once for a page."""

    def __init__(self, document: Mapping[str, Any], reader: User) -> None:
        self.document = document
        self.teams = teams_named(reader)
        self.channels = dict(channels())
        self.languages = languages_of(document)

    def of(self, listed: str, key: object) -> str:
        rows = self.document.get(listed)
        found = [each for each in rows if isinstance(each, Mapping)] if isinstance(rows, list) else []
        if listed == "categories" and isinstance(self.document.get("otherwise"), Mapping):
            found.append(self.document["otherwise"])
        return next((name_of(each) for each in found if each.get("key") == key), str(key))

    def level(self, dimension: object, key: object) -> str:
        return self.of("impacts" if dimension == "impact" else "urgencies", key)


def conditions(rule: Mapping[str, Any], names: Names) -> list[str]:
    """Each a clause that can follow "when"."""
    kind = rule.get("kind")
    said = []
    words = _words(rule.get("words"), names.languages)
    if words and kind == "danger":
        said.append(_("it says %(words)s, or a word of a category of danger") % {"words": words})
    elif words:
        said.append(_("it says %(words)s") % {"words": words})
    if kind == "travel":
        days = rule.get("within_days")
        said.append(_("within %(days)s days") % {"days": days})
        said.append(
            _("the subject is %(subjects)s") % {"subjects": names.of("categories", rule.get("category"))}
        )
    if kind == "caller_tag":
        tags = ", ".join(str(tag) for tag in rule.get("tags") or ())
        said.append(
            _("the caller has the tag %(tags)s") % {"tags": tags}
            if tags
            else _("the caller has a tag; none is named yet")
        )
    if rule.get("with_fault"):
        said.append(_("a word for a fault stands there, too"))
    subjects = _some(rule.get("categories"))
    if subjects:
        listed = _or([names.of("categories", key) for key in subjects])
        said.append(_("the subject is %(subjects)s") % {"subjects": listed})
    places = _some(rule.get("channels"))
    if places:
        said.append(
            _("it came by %(channels)s")
            % {"channels": _or([names.channels.get(each, each) for each in places])}
        )
    if rule.get("visibility") == "public":
        said.append(_("it was said in public"))
    elif rule.get("visibility") == "private":
        said.append(_("it was said in private"))
    tongues = _some(rule.get("languages"))
    if tongues:
        said.append(
            _("it is written in %(languages)s")
            % {"languages": _or([language_name(each) for each in tongues])}
        )
    time = rule.get("time")
    if isinstance(time, Mapping):
        said += _moment(time, names)
    return said


def _moment(time: Mapping[str, Any], names: Names) -> list[str]:
    said = []
    if time.get("calendar"):
        calendar = {"calendar": names.of("calendars", time["calendar"])}
        said.append(
            _("it was said within %(calendar)s") % calendar
            if time.get("within") == "open"
            else _("it was said outside %(calendar)s") % calendar
        )
    days = _some(time.get("weekdays"))
    if days:
        said.append(_("on %(days)s") % {"days": _or([str(WEEKDAYS.get(day, day)) for day in days])})
    if time.get("starts") or time.get("ends"):
        said.append(
            _("between %(starts)s and %(ends)s")
            % {"starts": time.get("starts", "…"), "ends": time.get("ends", "…")}
        )
    return said


def effects(rule: Mapping[str, Any], names: Names) -> list[str]:
    """Each a sentence without its end."""
    kind = rule.get("kind")
    if kind in ("danger", "travel"):
        least = {"level": names.level("urgency", rule.get("urgency"))}
        said = [_("urgency is %(level)s at least") % least]
        if kind == "danger":
            said.append(
                _("the subject is %(subjects)s") % {"subjects": names.of("categories", rule.get("category"))}
            )
        return said
    if kind in ("raise", "caller_tag"):
        return [_moved("raise", rule.get("dimension"), rule.get("steps", 1))]
    if kind == "tag":
        return [_("it gets the tag %(tag)s") % {"tag": rule.get("tag", "")}]
    found = rule.get("effects")
    return (
        [_effect(each, names) for each in found if isinstance(each, Mapping)]
        if isinstance(found, list)
        else []
    )


def _effect(effect: Mapping[str, Any], names: Names) -> str:
    do, dimension = effect.get("do"), effect.get("dimension")
    if do == "tag":
        return _("it gets the tag %(tag)s") % {"tag": effect.get("tag", "")}
    if do == "team":
        team = names.teams.get(str(effect.get("team")), str(effect.get("team")))
        return _("it goes to the team %(team)s") % {"team": team}
    if do == "set":
        level = {"level": names.level(dimension, effect.get("level"))}
        return (
            _("impact is %(level)s") % level if dimension == "impact" else _("urgency is %(level)s") % level
        )
    return _moved(str(do), dimension, effect.get("steps", 1))


def _moved(do: str, dimension: object, steps: object) -> str:
    count = steps if isinstance(steps, int) else 1
    if do == "raise" and dimension == "impact":
        text = ngettext("impact goes up one level", "impact goes up %(n)s levels", count)
    elif do == "raise":
        text = ngettext("urgency goes up one level", "urgency goes up %(n)s levels", count)
    elif dimension == "impact":
        text = ngettext("impact goes down one level", "impact goes down %(n)s levels", count)
    else:
        text = ngettext("urgency goes down one level", "urgency goes down %(n)s levels", count)
    return text % {"n": count}


def _words(lists: object, languages: Sequence[str]) -> str:
    """The first few words in the reader's language, and how many there are in all."""
    total = sum(count_of(lists, language) for language in languages)
    if not total:
        return ""
    mine = (get_language() or "en").split("-")[0]
    tongue = next((each for each in (mine, *languages) if count_of(lists, each)), mine)
    # Whole words read best; parts of words and stems come after.
    first = [word for kind in ("whole", "stems", "compounds") for word in words_of(lists, tongue, kind)][
        :_SHOWN
    ]
    quoted = ", ".join(f"“{word.replace('*', '…')}”" for word in first)
    if total == len(first):
        return quoted
    more = ngettext("%(words)s or one word more", "%(words)s or one of %(n)s words more", total - len(first))
    return more % {"words": quoted, "n": total - len(first)}


def _or(parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return _("%(first)s or %(last)s") % {"first": ", ".join(parts[:-1]), "last": parts[-1]}


def _some(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []


def rules_of(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    return entries(document, "rules")
