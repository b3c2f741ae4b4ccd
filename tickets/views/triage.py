"""Triage by hand: respond, or no reply needed."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.pages import DeskRequest, desk_page
from tickets.clock import database_now
from tickets.display.codes import NO_REPLY_REASONS
from tickets.models import Triage
from tickets.services.errors import Changed, Refused
from tickets.services.triage import ticket_triage
from tickets.views.forms import version_of
from tickets.views.ticket import ticket_or_404, to_ticket


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def triage(request: DeskRequest, shown: str) -> HttpResponse:
    """Respond, or no reply needed with a reason. A GET (a reload after an error) leads to the ticket."""
    found = ticket_or_404(request.user, shown)
    if request.method != "POST":
        return to_ticket(found)
    verdict = request.POST.get("verdict", "")
    reason = request.POST.get("reason", "")
    if verdict not in (Triage.RESPOND, Triage.NO_REPLY) or (reason and reason not in NO_REPLY_REASONS):
        messages.error(request, _("Choose respond, or no reply needed with a reason from the list."))
        return to_ticket(found)
    try:
        ticket_triage(
            actor=request.user,
            ticket_id=found.pk,
            verdict=Triage(verdict),
            reason=reason,
            now=database_now(),
            seen_version=version_of(request.POST),
        )
    except (Refused, Changed) as answer_:
        messages.error(request, answer_.words)
    else:
        if verdict == Triage.RESPOND:
            messages.success(request, _("It will be answered. Write now, and the date goes with your words."))
        else:
            messages.success(request, _("Put away: no reply needed. New words of the caller bring it back."))
    return to_ticket(found)
