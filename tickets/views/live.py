"""Conversations with callers who are there now, and how they come to the one who works here."""

from __future__ import annotations

import uuid
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.pages import DeskRequest, desk_page
from tickets import live_typing
from tickets.clock import database_now
from tickets.models import CAPACITY_MOST
from tickets.reference import read
from tickets.selectors_came import seen_named
from tickets.selectors_changes import MOST
from tickets.selectors_live_page import live_beside, live_page, rings
from tickets.services.ending import conversation_end
from tickets.services.errors import Changed, NotFound, Refused
from tickets.services.presence import availability_set
from tickets.views.composing import Typed, pending
from tickets.views.forms import client_key_of
from tickets.views.ticket import ticket_or_404, ticket_show, to_ticket


@require_safe
@desk_page
def live(request: DeskRequest) -> HttpResponse:
    return _page(request)


@require_POST
@desk_page
def availability(request: DeskRequest) -> HttpResponse:
    """available=on or off; capacity and sound where the form has them. Back to the page where it was pressed."""
    form, capacity = request.POST, None
    given = form.get("capacity", "").strip()
    try:
        if given:
            capacity = int(given) if given.isascii() and given.isdigit() and len(given) < 4 else 0
        availability_set(
            actor=request.user,
            available=form.get("available") == "on",
            capacity=capacity,
            sound=form["sound"] == "on" if "sound" in form else None,
        )
    except Refused as refusal:
        return _page(request, typed=given, refused=refusal.words, status=422)
    if given:
        messages.success(request, _("Saved."))
    return HttpResponseRedirect(_back(request))


@require_safe
@desk_page
def came(request: DeskRequest) -> HttpResponse:
    """`?rows=K7QM4T2X,…`: {"ring": whether one of these new rows is to be heard by who asks}."""
    asked = [read(each) for each in request.GET.get("rows", "").split(",")[:MOST]]
    found = [each for each in asked if each is not None]
    return JsonResponse({"ring": rings(request.user, found, now=database_now())})


@require_safe
@desk_page
def beside(request: DeskRequest, shown: str) -> HttpResponse:
    """The reader's other live conversations, as the page of this ticket shows them: that part alone."""
    found, now = ticket_or_404(request.user, shown), database_now()
    rows = live_beside(request.user, found, now=now)
    return render(request, "tickets/_beside.html", {"beside": rows, "t": found, "now": now})


@require_POST
@desk_page
def end(request: DeskRequest, shown: str) -> HttpResponse:
    """The last word, and it is resolved."""
    found = ticket_or_404(request.user, shown)
    seen, now = seen_named(found, request.POST.get("seen", "")[:100]), database_now()
    try:
        conversation_end(
            actor=request.user,
            ticket_id=found.pk,
            client_key=client_key_of(request.POST),
            seen_message_id=seen.message_id,
            seen_reply_id=seen.reply_id,
            seen_join_id=seen.join_id,
            now=now,
        )
    except NotFound:
        raise Http404 from None
    except (Refused, Changed) as refusal:
        is_changed = isinstance(refusal, Changed)
        back = Typed(changed=refusal.words if is_changed else "", refused="" if is_changed else refusal.words)
        return ticket_show(request, found.reference, back, status=409 if is_changed else 422)
    if pending(request.user, found, now=now) is None:
        messages.success(request, _("Ended, with a last word."))
    return to_ticket(found)


@require_POST
@desk_page
def typed(request: DeskRequest, shown: str) -> HttpResponse:
    """Somebody types an answer to a caller who is there: said, and kept nowhere."""
    found = ticket_or_404(request.user, shown)
    live_typing.agent_types(found, request.user)
    return HttpResponse(status=204)


def _page(request: DeskRequest, *, typed: str = "", refused: str = "", status: int = 200) -> HttpResponse:
    now = database_now()
    found = live_page(request.user, now=now)
    context = {
        "live": found,
        "capacity": typed or str(found.mine.capacity),
        "capacity_most": CAPACITY_MOST,
        "refused": refused,
        "rows": [*found.waiting, *found.answered],
        "here": "live",
        "now": now,
        "key": str(uuid.uuid4()),
    }
    return render(request, "tickets/live.html", context, status=status)


def _back(request: HttpRequest) -> str:
    """The page where it was pressed, where that is one of ours; a form's address shows nothing when it is asked for."""
    before = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(before, {request.get_host()}, require_https=request.is_secure()):
        where = urlsplit(before)
        if where.path != reverse("live_availability"):
            return f"{where.path}?{where.query}" if where.query else where.path
    return reverse("live")
