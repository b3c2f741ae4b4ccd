"""Taking the words of a message out: first what will be gone is shown, then it is done."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import may_redact
from accounts.pages import DeskRequest, desk_page
from tickets.clock import database_now
from tickets.display.codes import REDACT_REASONS
from tickets.models import Message
from tickets.selectors_ticket import message_named
from tickets.services.errors import Refused
from tickets.services.redacting import message_redact
from tickets.views.panel import Panel, attempt, values_of
from tickets.views.ticket import ticket_or_404, ticket_show, to_ticket


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def redact(request: DeskRequest, shown: str, token: str) -> HttpResponse:
    """Only sent with `sure` anything is done."""
    found = ticket_or_404(request.user, shown)
    message_id = message_named(found, token)
    if message_id is None:
        raise Http404
    message = Message.objects.select_related("identity", "author").get(pk=message_id)
    form = request.POST

    def show(refused: str = "", changed: str = "", status: int = 200) -> HttpResponse:
        more = {
            "message": message,
            "token": token,
            "files": message.attachments.count(),
            "reasons": REDACT_REASONS.items(),
            "may": may_redact(request.user, team_id=found.team_id, owner_id=found.owner_id),
        }
        panel = Panel("redact", values_of(form), refused, changed, more=more)
        return ticket_show(request, found.reference, panel=panel, status=status)

    def do() -> None:
        if not form.get("sure"):
            raise Refused("sure", _("Say that you are sure: nobody can bring the words back."))
        message_redact(
            actor=request.user, message_id=message.pk, reason=form.get("reason", ""), now=database_now()
        )
        messages.success(request, _("The words are gone from the desk. At the network they stand as before."))

    if request.method != "POST":
        return show()
    return attempt(do, show) or to_ticket(found)
