"""Do anything, and all keys: as pages of their own, and as the parts of them that a script asks for."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.pages import DeskRequest, desk_page
from tickets import selectors_search as selectors
from tickets.clock import database_now
from tickets.display.keys import KEYS
from tickets.search import MOST_TYPED


@require_safe
@desk_page
def palette(request: DeskRequest) -> HttpResponse:
    """`?q=` what is typed: places and tickets that fit it. `?part=1`: only these, for the list that stands open."""
    typed = request.GET.get("q", "").strip()[:MOST_TYPED]
    now = database_now()
    found = selectors.glance(request.user, typed, now=now)
    is_part = request.GET.get("part") == "1"
    return render(
        request,
        "tickets/_palette_found.html" if is_part else "tickets/palette.html",
        {"typed": typed, "found": found, "most_typed": MOST_TYPED, "here": "palette", "now": now},
    )


@require_safe
@desk_page
def keys(request: DeskRequest) -> HttpResponse:
    is_part = request.GET.get("part") == "1"
    return render(
        request, "tickets/_keys.html" if is_part else "tickets/keys.html", {"groups": KEYS, "here": "keys"}
    )
