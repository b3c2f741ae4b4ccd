"""Keeping what somebody is writing: while they type, when they leave, and by a button where there is no script."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.pages import DeskRequest, desk_page
from tickets.clock import database_now
from tickets.display.words import day_and_time
from tickets.models import DraftKind, Ticket
from tickets.selectors_ticket import conversation_named
from tickets.services.drafts import WrittenElsewhere, draft_save, draft_stamp
from tickets.services.errors import Refused
from tickets.views.composing import Typed
from tickets.views.measure import NOTE
from tickets.views.reply_files import files_taken
from tickets.views.ticket import ticket_or_404, ticket_show, to_ticket
from tickets.views.typed import typed_of


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def draft(request: DeskRequest, shown: str) -> HttpResponse:
    """For the script JSON {kept, sent, words, stamp}: kept as a draft, or not, since these words were sent; 409 {text,
    stamp} where another window has kept other words. For a plain form the ticket again, with the words in its
    composer."""
    found = ticket_or_404(request.user, shown)
    if request.method != "POST":
        return to_ticket(found)
    typed, now = typed_of(request), database_now()
    kind = DraftKind.NOTE if typed.then == NOTE else DraftKind.ANSWER
    try:
        if kind == DraftKind.ANSWER:
            files_taken(request, found, typed)
        kept = draft_save(
            actor=request.user,
            ticket_id=found.pk,
            kind=kind,
            text=typed.text,
            purpose="" if typed.then == NOTE else typed.then,
            conversation_id=conversation_named(found, typed.thread),
            client_key=typed.client_key,
            seen=request.POST.get("kept"),
            now=now,
        )
    except WrittenElsewhere as other:
        return _elsewhere(request, found, typed, other)
    except Refused as refusal:
        messages.error(request, refusal.words)
        return ticket_show(request, found.reference, typed, status=422)
    if request.headers.get("Accept") == "application/json":
        words = (
            _("Draft kept %(when)s") % {"when": day_and_time(kept.updated_at, now)}
            if kept is not None
            else ""
        )
        sent = kept is None and bool(typed.text.strip())
        stamp = draft_stamp(kept)
        return JsonResponse({"kept": kept is not None, "sent": sent, "words": words, "stamp": stamp})
    if kept is not None:
        messages.success(request, _("Kept as a draft; only you see it."))
    return to_ticket(found, f"?draft={kind}")


def _elsewhere(request: DeskRequest, found: Ticket, typed: Typed, other: WrittenElsewhere) -> HttpResponse:
    """Both are kept: these in the form, the others at the desk until this form, which has seen them now, is kept."""
    stamp = draft_stamp(other.draft)
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"text": other.draft.text, "stamp": stamp}, status=409)
    messages.error(request, f"{other.words} {_('Keep yours again to put them in their place.')}")
    return ticket_show(request, found.reference, replace(typed, kept=stamp), status=409)
