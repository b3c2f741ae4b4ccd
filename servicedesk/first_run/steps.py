"""The steps in their order, and where somebody stands in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

#: The first one is taken by the address from the terminal; the others have this name in theirs.
ACCOUNT = "account"
STEPS: Sequence[tuple[str, LazyText | str]] = (
    (ACCOUNT, _("You")),
    ("organisation", _("Your organisation")),
    ("team", _("First team")),
    ("hours", _("Opening hours")),
    ("policy", _("Policy")),
    ("channel", _("Channel")),
    ("test", _("Test")),
)
NAMES = tuple(name for name, _label in STEPS)
#: Steps that have a page of their own.
PAGES = NAMES[1:]


@dataclass(frozen=True, slots=True)
class Shown:
    """A step in the list beside the form. state: done, here or ahead; open: whether its page may be opened now."""

    name: str
    label: str
    state: str
    open: bool


def reached(stored: str) -> str:
    """The furthest step that may be opened: the stored one, else the first page."""
    return stored if stored in PAGES else PAGES[0]


def after(step: str) -> str:
    """The one that follows, or the last one itself."""
    return NAMES[min(NAMES.index(step) + 1, len(NAMES) - 1)]


def before(step: str) -> str | None:
    """The page one goes back to; None on the first one."""
    index = PAGES.index(step)
    return PAGES[index - 1] if index else None


def shown(here: str, furthest: str) -> list[Shown]:
    at = NAMES.index(furthest) if furthest in NAMES else 0
    return [
        Shown(
            name,
            str(label),
            "here" if name == here else "done" if number < at else "ahead",
            name in PAGES and number <= at,
        )
        for number, (name, label) in enumerate(STEPS)
    ]
