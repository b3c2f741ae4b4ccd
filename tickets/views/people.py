"""About the caller: that they want no automatic messages, and a conversation that is about something else."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.pages import DeskRequest, desk_page
from tickets.clock import database_now
from tickets.models import Conversation, Ticket
from tickets.selectors_ticket import conversation_named, link_named
from tickets.services.errors import Changed, Refused
from tickets.services.opt_out import opt_in_record, opt_out_record
from tickets.services.parting import conversation_part
from tickets.services.status_links import status_link_revoke
from tickets.views.ticket import ticket_or_404, to_ticket


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def opt_out(request: DeskRequest, shown: str, token: str) -> HttpResponse:
    """Record that the person of a conversation wants no automatic messages from its account, or took that back."""
    found = ticket_or_404(request.user, shown)
    conversation = _conversation_or_404(found, token)
    if request.method != "POST":
        return to_ticket(found)
    pair = {"identity_id": conversation.identity_id, "account_id": conversation.account_id}
    what = request.POST.get("what")
    if what == "out":
        opt_out_record(actor=request.user, **pair, now=database_now())
        messages.success(request, _("Recorded: they get no automatic messages from this account."))
    elif what == "in":
        opt_in_record(actor=request.user, **pair, now=database_now())
        messages.success(request, _("Recorded: they took it back, and get automatic messages again."))
    else:
        messages.error(request, _("Choose what to record."))
    return to_ticket(found)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def link_revoke(request: DeskRequest, shown: str, token: str) -> HttpResponse:
    """Take back a link to the caller's page."""
    found = ticket_or_404(request.user, shown)
    link_id = link_named(found, token)
    if link_id is None:
        raise Http404
    if request.method == "POST":
        status_link_revoke(actor=request.user, ticket_id=found.pk, link_id=link_id, now=database_now())
        messages.success(request, _("Taken back: that link leads nowhere any more."))
    return to_ticket(found)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def part(request: DeskRequest, shown: str, token: str) -> HttpResponse:
    """A conversation that joined becomes a ticket of its own."""
    found = ticket_or_404(request.user, shown)
    conversation = _conversation_or_404(found, token)
    if request.method != "POST":
        return to_ticket(found)
    try:
        made = conversation_part(actor=request.user, conversation_id=conversation.pk, now=database_now())
    except (Refused, Changed) as refusal:
        messages.error(request, refusal.words)
        return to_ticket(found)
    messages.success(
        request,
        _("Parted from %(reference)s: this is a ticket of its own.") % {"reference": found.shown_reference},
    )
    return to_ticket(made)


def _conversation_or_404(found: Ticket, token: str) -> Conversation:
    conversation_id = conversation_named(found, token)
    if conversation_id is None:
        raise Http404
    return Conversation.objects.get(pk=conversation_id)
