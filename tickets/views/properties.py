"""What a ticket is about and how it weighs: category, impact, urgency; and what later words propose."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.pages import DeskRequest, desk_page
from priority.clock import BeyondCalendar
from priority.policy import Policy
from priority.selectors import policy_of
from priority.targets import amount_of, target, told_date
from tickets.clock import database_now
from tickets.display.words import day_and_time
from tickets.models import Pause, Ticket
from tickets.services.errors import Changed, NotFound, Refused
from tickets.services.properties import proposal_accept, proposal_decline, ticket_properties_set
from tickets.views.forms import version_of
from tickets.views.panel import Panel, attempt, values_of
from tickets.views.ticket import ticket_or_404, ticket_show, to_ticket


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def properties(request: DeskRequest, shown: str) -> HttpResponse:
    found = ticket_or_404(request.user, shown)
    policy = policy_of(found.policy_revision_id)
    chosen = _chosen(request, found, policy)

    def show(refused: str = "", changed: str = "", status: int = 200) -> HttpResponse:
        more = {"properties": _form(found, policy, chosen)}
        panel = Panel("properties", values_of(request.POST), refused, changed, more=more)
        return ticket_show(request, found.reference, panel=panel, status=status)

    if request.method != "POST" or request.POST.get("show"):
        return show()
    done = attempt(
        lambda: ticket_properties_set(
            actor=request.user,
            ticket_id=found.pk,
            category=chosen["category"],
            impact=chosen["impact"],
            urgency=chosen["urgency"],
            seen_version=version_of(request.POST),
            now=database_now(),
        ),
        show,
    )
    if done is not None:
        return done
    messages.success(request, _("Changed. Our targets are counted anew."))
    return to_ticket(found)


@require_POST
@desk_page
def properties_preview(request: DeskRequest, shown: str) -> HttpResponse:
    """What would follow, as JSON {text}."""
    found = ticket_or_404(request.user, shown)
    policy = policy_of(found.policy_revision_id)
    return JsonResponse({"text": _outcome(found, policy, _chosen(request, found, policy))})


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def proposal(request: DeskRequest, shown: str) -> HttpResponse:
    """Accept what later words propose, or leave it as it is."""
    found = ticket_or_404(request.user, shown)
    if request.method != "POST":
        return to_ticket(found)
    what = request.POST.get("what")
    try:
        if what == "accept":
            proposal_accept(actor=request.user, ticket_id=found.pk, now=database_now())
            messages.success(request, _("Changed. Our targets are counted anew."))
        elif what == "decline":
            proposal_decline(actor=request.user, ticket_id=found.pk, now=database_now())
            messages.success(request, _("Left as it was."))
        else:
            messages.error(request, _("Choose what to do with the proposal."))
    except NotFound:
        messages.error(request, _("Nothing waits for a verdict here any more."))
    except (Refused, Changed) as refusal:
        messages.error(request, refusal.words)
    return to_ticket(found)


def _chosen(request: DeskRequest, found: Ticket, policy: Policy) -> dict[str, str]:
    """What the form says, else what the ticket has."""
    keys = {
        "category": {*(each.key for each in policy.categories), policy.otherwise.key},
        "impact": {each.key for each in policy.impacts},
        "urgency": {each.key for each in policy.urgencies},
    }
    return {
        name: value if (value := request.POST.get(name, "")) in known else getattr(found, name)
        for name, known in keys.items()
    }


def _form(found: Ticket, policy: Policy, chosen: dict[str, str]) -> dict[str, Any]:
    return {
        **chosen,
        "categories": [*policy.categories, policy.otherwise],
        "impacts": sorted(policy.impacts, key=lambda level: level.rank),
        "urgencies": sorted(policy.urgencies, key=lambda level: level.rank),
        "outcome": _outcome(found, policy, chosen),
    }


def _outcome(found: Ticket, policy: Policy, chosen: dict[str, str]) -> str:
    """The priority that follows and, where a date was told, the one that the caller would be told then."""
    if not chosen["impact"] or not chosen["urgency"]:
        return ""
    language = (get_language() or "en").split("-")[0]
    key = policy.matrix[chosen["impact"]][chosen["urgency"]]
    name = policy.priority(key).name
    words = name.get(language) or next(iter(name.values()))
    if key == found.priority:
        return _("It stays %(priority)s.") % {"priority": words}
    follows = _("It becomes %(priority)s.") % {"priority": words}
    if found.promised_for is None:
        return follows
    date, now = _date(found, policy, key, chosen["category"]), database_now()
    if date is None or date <= now:
        return follows + " " + _("The caller is told a new date, with the reason.")
    if date == found.promised_for:
        return follows + " " + _("The date stays as the caller was told.")
    return (
        follows + " " + _("The caller is told %(date)s, with the reason.") % {"date": day_and_time(date, now)}
    )


def _date(found: Ticket, policy: Policy, priority: str, category: str) -> datetime | None:
    """The date that a new resolution target leads to; None where none can be counted."""
    amount = amount_of(policy, kind="resolution", priority=priority, channel="", visibility="public")
    if amount is None or found.clock_started_at is None or found.promise_kind != "solved":
        return None
    pauses = Pause.objects.filter(ticket=found, ended_at__isnull=False).order_by("started_at")
    try:
        due = target(
            policy,
            kind="resolution",
            priority=priority,
            amount=amount,
            started_at=found.clock_started_at,
            pauses=[(each.started_at, each.ended_at) for each in pauses if each.ended_at is not None],
        ).due_at
        return told_date(policy, priority=priority, category=category, due_at=due)
    except BeyondCalendar:
        return None
