"""The tabs over the policy's pages. One whose page is not there is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Tab:
    """A page. managers: shown to managers only, because it shows or makes the draft."""

    key: str
    label: LazyText | str
    url_name: str
    managers: bool = False


TABS: Sequence[Tab] = (
    Tab("overview", _("Overview"), "policy"),
    Tab("matrix", _("Matrix"), "policy_matrix"),
    Tab("durations", _("Durations"), "policy_durations"),
    Tab("periods", _("Periods"), "policy_periods"),
    Tab("calendars", _("Calendars"), "policy_calendars"),
    Tab("categories", _("Categories"), "policy_categories"),
    Tab("rules", _("Rules"), "policy_rules"),
    Tab("words", _("Words"), "policy_words", managers=True),
    Tab("texts", _("Texts"), "policy_texts"),
    Tab("try", _("Try it"), "policy_try", managers=True),
    Tab("preview", _("Preview"), "policy_preview", managers=True),
    Tab("revisions", _("Revisions"), "policy_revisions"),
)


#: Which page shows a part of the document.
_PAGES: Mapping[str, str] = {
    **dict.fromkeys(("impacts", "urgencies", "priorities", "languages", "name"), "policy_levels"),
    "matrix": "policy_matrix",
    **dict.fromkeys(("durations", "own_durations", "overrides"), "policy_durations"),
    **dict.fromkeys(("calendars", "team_calendars", "zone"), "policy_calendars"),
    **dict.fromkeys(("categories", "otherwise"), "policy_categories"),
    "rules": "policy_rules",
    "signs": "policy_words",
    **dict.fromkeys(("periods", "reminders", "caps", "at_risk", "renewals"), "policy_periods"),
}


@dataclass(frozen=True, slots=True)
class ShownTab:
    key: str
    label: str
    url: str


def tabs(*, manager: bool) -> list[ShownTab]:
    """Those whose address is known and whose page this reader may open."""
    shown = []
    for tab in TABS:
        if tab.managers and not manager:
            continue
        url = url_of(tab.url_name)
        if url is not None:
            shown.append(ShownTab(tab.key, str(tab.label), url))
    return shown


def url_of(name: str) -> str | None:
    """The address of this name, None where there is none."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return None


#: Which page shows one entry of a list.
_ENTRIES: Mapping[str, str] = {
    "calendars": "policy_calendar",
    "categories": "policy_category",
    "rules": "policy_rule",
}
#: Pages that stand under the tab of another one.
_UNDER: Mapping[str, str] = {"policy_levels": "matrix"}


def page_of(path: str) -> str | None:
    """The address of the page that shows this place of the document, None where no page does."""
    listed, _dot, rest = path.partition(".")
    key = rest.partition(".")[0]
    if listed in _ENTRIES and key and not key.isdigit():
        try:
            return reverse(_ENTRIES[listed], args=[key])
        except NoReverseMatch:
            pass
    name = _PAGES.get(listed)
    return url_of(name) if name is not None else None


def tab_of(path: str) -> str | None:
    """The tab under which this place of the document is changed."""
    name = _PAGES.get(path.partition(".")[0])
    return _UNDER.get(name or "") or next((tab.key for tab in TABS if tab.url_name == name), None)
