"""*Could not be read*: what arrived and broke the reader, why, and a button that reads it once more."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import may_see_quarantine
from accounts.pages import DeskRequest, desk_page
from channels_social import selectors
from channels_social.inbox import event_replay
from tickets.clock import database_now
from tickets.services.errors import Refused


@require_safe
@desk_page
def quarantine(request: DeskRequest) -> HttpResponse:
    if not may_see_quarantine(request.user):
        raise Http404
    return render(
        request,
        "channels_social/quarantine.html",
        {
            "unread": selectors.quarantine_page(request.user),
            "count": selectors.quarantine_count(request.user),
            "now": database_now(),
            "here": "quarantine",
        },
    )


@require_POST
@desk_page
def quarantine_replay(request: DeskRequest, name: str) -> HttpResponse:
    event = selectors.quarantine_named(request.user, name)
    if event is None:
        raise Http404
    try:
        event_replay(actor=request.user, event_id=event.pk, now=database_now())
    except Refused as refusal:
        messages.error(request, refusal.words)
    else:
        messages.success(request, _("It is being read once more. If it breaks again it comes back here."))
    return HttpResponseRedirect(reverse("quarantine"))
