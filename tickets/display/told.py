"""What a colleague is told, in their words: of the kind, the ticket's number, its priority and team; nothing else.

On the page, in the browser's own notification and in a mail it is the same sentence. No caller's word is in it, since
it is read on locked screens and goes through mailboxes that are not ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from priority.selectors import policy_of
from tickets.display.phrases import in_my_language
from tickets.display.words import capped
from tickets.models import Notification, Ticket, ToldKind
from tickets.selectors_notifications import BELL_CAP, Bell
from tickets.tokens import token


def told_words(told: Notification) -> str:
    """One sentence. `told.ticket` with its team at hand."""
    ticket = told.ticket
    names = {"number": ticket.shown_reference, "team": ticket.team.name, "priority": priority_name(ticket)}
    if told.kind == ToldKind.P1 and names["priority"]:
        return _("%(priority)s · %(number)s waits for you") % names
    if told.kind == ToldKind.DANGER:
        return _("Danger · %(number)s: look at it now") % names
    if told.kind == ToldKind.UNTAKEN:
        return _("Nobody has taken %(number)s, and an answer is due") % names
    if told.kind == ToldKind.UNREACHED:
        return _("Whoever was to be woken for %(number)s may not know of it") % names
    if told.kind == ToldKind.GIVEN:
        return _("%(number)s was given to you") % names
    if told.kind == ToldKind.SAID:
        return _("The caller has said more on %(number)s") % names
    if told.kind == ToldKind.AT_RISK:
        return _("The date told on %(number)s is at risk") % names
    if told.kind == ToldKind.TASK:
        return _("%(number)s asks something of you") % names
    if told.kind == ToldKind.TRANSFERRED:
        return _("%(number)s came to your team: %(team)s") % names
    return _("%(number)s waits for you") % names


SIGNS: Mapping[str, str] = {
    ToldKind.P1: "bolt",
    ToldKind.DANGER: "breached",
    ToldKind.UNTAKEN: "nobody",
    ToldKind.UNREACHED: "nobody",
    ToldKind.GIVEN: "hand",
    ToldKind.SAID: "chat",
    ToldKind.AT_RISK: "at-risk",
    ToldKind.TASK: "flag",
    ToldKind.TRANSFERRED: "right",
}
"""By kind: its sign in the sprite."""


def priority_name(ticket: Ticket) -> str:
    """P1, as the ticket's policy calls it; "" where it has none."""
    if not ticket.priority:
        return ""
    return in_my_language(policy_of(ticket.policy_revision_id).priority(ticket.priority).name)


def unread_words(count: int) -> str:
    return ngettext("%(n)s unread", "%(n)s unread", count) % {"n": capped(count, BELL_CAP)}


def bell_answer(found: Bell) -> dict[str, Any]:
    """What a page's script is told: {"count", "figure": as it is shown, "words", "newest": [{"name", "words", "to",
    "at": seconds since 1970}]}, the newest ahead."""
    figure = capped(found.count, BELL_CAP)
    return {
        "count": found.count,
        "figure": figure if found.count else "",
        "words": unread_words(found.count),
        "newest": [
            {
                "name": token("notification", each.pk),
                "words": told_words(each),
                "to": reverse("ticket", args=[each.ticket.shown_reference]),
                "at": each.created_at.timestamp(),
            }
            for each in found.newest
        ],
    }
