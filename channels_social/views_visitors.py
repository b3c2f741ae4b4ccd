"""A visitor on a ticket's page: blocked, and let in again."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.pages import DeskRequest, desk_page
from channels_social.visitors import visitor_block, visitor_unblock, visitors_on
from tickets import tokens
from tickets.clock import database_now
from tickets.views.ticket import ticket_or_404, to_ticket


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def visitor(request: DeskRequest, shown: str, token: str) -> HttpResponse:
    """`what`: "block", or "let_in". 404 for a visitor of another ticket."""
    found = ticket_or_404(request.user, shown)
    ids = [each.pk for each in visitors_on(found)]
    named = tokens.named("visitor", ids, token)
    if named is None:
        raise Http404
    if request.method != "POST":
        return to_ticket(found)
    about = {"ticket_id": found.pk, "visitor_id": named, "now": database_now()}
    what = request.POST.get("what")
    if what == "block":
        visitor_block(actor=request.user, **about)  # type: ignore[arg-type]  # each as its name says
        messages.success(request, _("Blocked: nothing that they write reaches us, and they are not told so."))
    elif what == "let_in":
        visitor_unblock(actor=request.user, **about)  # type: ignore[arg-type]
        messages.success(request, _("Let in again: they can go on where they were."))
    else:
        messages.error(request, _("Choose what to do."))
    return to_ticket(found)
