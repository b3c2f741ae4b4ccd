"""Before the lead: an agent asks, and a lead says what is to be done."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import may_lead
from accounts.pages import DeskRequest, desk_page
from tickets.clock import database_now
from tickets.display.codes import ESCALATION_REASONS
from tickets.services.escalating import escalation_answer, ticket_escalate
from tickets.views.forms import client_key_of, text_of, version_of
from tickets.views.panel import Panel, attempt, values_of
from tickets.views.ticket import ticket_or_404, ticket_show, to_ticket


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def escalate(request: DeskRequest, shown: str) -> HttpResponse:
    """The form of whoever asks; sent with `answer`, that of the lead who answers."""
    found = ticket_or_404(request.user, shown)
    form = request.POST
    asked = found.tasks.filter(kind="escalated", done_at__isnull=True).exists()

    def show(refused: str = "", changed: str = "", status: int = 200) -> HttpResponse:
        more = {
            "reasons": ESCALATION_REASONS.items(),
            "asked": asked,
            "may_lead": may_lead(request.user, found.team_id),
        }
        panel = Panel("escalate", values_of(form), refused, changed, client_key_of(form), more)
        return ticket_show(request, found.reference, panel=panel, status=status)

    def do() -> None:
        words, key, now = text_of(form, "words"), client_key_of(form), database_now()
        if form.get("answer"):
            escalation_answer(actor=request.user, ticket_id=found.pk, text=words, client_key=key, now=now)
            messages.success(request, _("Said in a note; it is no more before the lead."))
            return
        ticket_escalate(
            actor=request.user,
            ticket_id=found.pk,
            reason=form.get("reason", ""),
            text=words,
            client_key=key,
            seen_version=version_of(form),
            now=now,
        )
        messages.success(request, _("It is before the lead of %(team)s now.") % {"team": found.team})

    if request.method != "POST":
        return show()
    return attempt(do, show) or to_ticket(found)
