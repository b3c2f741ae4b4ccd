"""“Why” in the reader's language: what priority/why.py is told of people, whom a policy does not know, and why a person
weighed it otherwise than the rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.functional import Promise as LazyText
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.models import Team, User
from priority.policy import Policy
from priority.retrace import Contradiction, retrace
from tickets.display.tags import tag_words
from tickets.models import Ticket

OVERRIDE_WORDS: dict[str, LazyText | str] = {
    "misread": gettext_lazy("its words were read wrongly"),
    "told_more": gettext_lazy("the caller told more"),
    "seen": gettext_lazy("somebody has seen it on the spot"),
    "more_people": gettext_lazy("more people are hit than it seemed"),
    "fewer_people": gettext_lazy("fewer people are hit than it seemed"),
    "more_urgent": gettext_lazy("it can wait less than it seemed"),
    "less_urgent": gettext_lazy("it can wait longer than it seemed"),
    "asked_by_lead": gettext_lazy("a lead asked for it"),
}
"""By code (tickets/services/properties.py, OVERRIDES); each goes on after “because”."""


def overrides() -> list[tuple[str, str]]:
    """To choose from."""
    return [(code, str(words)) for code, words in OVERRIDE_WORDS.items()]


def override_words(code: str) -> str:
    return str(OVERRIDE_WORDS.get(code, ""))


def names_of(reasons: Iterable[Mapping[str, Any]], people: Mapping[int, User]) -> dict[str, str]:
    """What priority.why.why takes as `names`, of what these stored reasons hold. people: by id. Asks the database for
    teams, once, where a rule named one."""
    found: dict[str, str] = {}
    reasons = list(reasons)
    keys = {reason["args"]["team"] for reason in reasons if "team" in reason.get("args", {})}
    if keys:
        teams = Team.objects.filter(key__in=keys).values_list("key", "name")
        found |= {f"team:{key}": name for key, name in teams}
    for reason in reasons:
        args = reason.get("args", {})
        user = people.get(args.get("user", 0))
        if user is not None:
            found[f"person:{user.pk}"] = str(user)
        if args.get("why") in OVERRIDE_WORDS:
            found[f"why:{args['why']}"] = override_words(args["why"])
        if "tag" in args:
            found[f"tag:{args['tag']}"] = tag_words(args["tag"])
    return found


def contradiction(policy: Policy, ticket: Ticket) -> str:
    """What a reader has to know where the stored steps do not lead to the priority that it has; "" where they do.
    Nothing of the desk makes such a ticket, so it says that something is wrong."""
    try:
        found = retrace(policy, ticket.reasons)
    except (Contradiction, KeyError):
        return _("These steps contradict one another: do not rely on them, and tell who runs the desk.")
    if found is None or found.priority == ticket.priority:
        return ""
    names = {"steps": _name(policy, found.priority), "has": _name(policy, ticket.priority)}
    return _("These steps lead to %(steps)s, and it is %(has)s: tell who runs the desk.") % names


def _name(policy: Policy, priority: str) -> str:
    if not any(level.key == priority for level in policy.priorities):
        return priority or "–"
    names = policy.priority(priority).name
    return names.get((get_language() or "en").split("-")[0]) or next(iter(names.values()))
