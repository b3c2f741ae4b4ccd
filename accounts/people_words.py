"""What the audit of people and teams says, and roles, in the reader's words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import StaffEvent, User

_WHAT: Mapping[str, LazyText | str] = {
    "name": gettext_lazy("name"),
    "display_name": gettext_lazy("name"),
    "email": gettext_lazy("mail address"),
    "language": gettext_lazy("language"),
    "zone": gettext_lazy("time zone"),
    "theme": gettext_lazy("light or dark"),
    "density": gettext_lazy("height of rows"),
    "single_keys": gettext_lazy("single keys"),
}

_EVENTS: Mapping[str, LazyText | str] = {
    "person_joined": gettext_lazy("accepted the invitation"),
    "person_left": gettext_lazy("ended the access"),
    "person_back": gettext_lazy("gave access again"),
    "password_changed": gettext_lazy("changed the password"),
    "password_link": gettext_lazy("made a link for a new password"),
    "password_by_link": gettext_lazy("chose a new password by the link"),
    "signed_out_there": gettext_lazy("signed out on another device"),
    "desk_claimed": gettext_lazy("began this desk"),
}


def event_words(event: StaffEvent) -> str:
    """A line of history; "" for a kind that has no words on a person's page, and then no line."""
    special = _SPECIAL.get(event.kind)
    if special is not None:
        return special(event, event.args)
    return str(_EVENTS.get(event.kind, ""))


def roles(user: User, *, leads: bool) -> str:
    """Manager, administrator; agent where there is nothing else to say."""
    found = []
    if user.is_admin:
        found.append(_("Administrator"))
    if user.is_manager:
        found.append(_("Manager"))
    if leads:
        found.append(_("Lead"))
    return ", ".join(found) or _("Agent")


def _changed(_event: StaffEvent, args: Mapping[str, Any]) -> str:
    said = []
    plain = [str(_WHAT[key]) for key in args.get("what", ()) if key in _WHAT]
    if plain:
        said.append(_("changed: %(what)s") % {"what": ", ".join(plain)})
    if "manager" in args:
        said.append(_("made a manager") if args["manager"] else _("no longer a manager"))
    if "admin" in args:
        said.append(_("made an administrator") if args["admin"] else _("no longer an administrator"))
    return "; ".join(said)


def _joined(event: StaffEvent, args: Mapping[str, Any]) -> str:
    team = str(event.team or "")
    return (
        _("into %(team)s, as its lead") % {"team": team}
        if args.get("lead")
        else _("into %(team)s") % {"team": team}
    )


def _lead(event: StaffEvent, args: Mapping[str, Any]) -> str:
    team = str(event.team or "")
    return (
        _("leads %(team)s") % {"team": team}
        if args.get("lead")
        else _("no longer leads %(team)s") % {"team": team}
    )


def _woken(event: StaffEvent, args: Mapping[str, Any]) -> str:
    team = str(event.team or "")
    return (
        _("woken at any hour for %(team)s") % {"team": team}
        if args.get("woken")
        else _("no longer woken for %(team)s") % {"team": team}
    )


_SPECIAL: Mapping[str, Callable[[StaffEvent, Mapping[str, Any]], str]] = {
    "person_changed": _changed,
    "me_changed": _changed,
    "team_joined": _joined,
    "team_left": lambda event, _args: _("out of %(team)s") % {"team": str(event.team or "")},
    "team_lead": _lead,
    "woken_set": _woken,
}
