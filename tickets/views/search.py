"""Search: what was said, by words, phrases, exclusions, reference, name and handle."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.pages import DeskRequest, desk_page
from tickets import selectors_search as selectors
from tickets.clock import database_now
from tickets.reference import as_shown
from tickets.search import MOST_TERMS, MOST_TYPED, query_of
from tickets.selectors import tickets_visible


@require_safe
@desk_page
def search(request: DeskRequest) -> HttpResponse:
    """`?q=` what is looked for; `?after=` a place. A whole reference opens its ticket, if one may see it."""
    typed = request.GET.get("q", "").strip()
    query = query_of(typed)
    if query.reference and tickets_visible(request.user).filter(reference=query.reference).exists():
        return redirect("ticket", as_shown(query.reference))
    now = database_now()
    after = selectors.Place.read(request.GET.get("after", ""))
    found = selectors.search(request.user, query, after=after, now=now)
    state: str = found.state
    if not query.terms:
        state = "empty"
    elif query.only_excludes:
        state = "only_excludes"
    following = {"q": typed, "after": str(found.next or "")}
    return render(
        request,
        "tickets/search.html",
        {
            "typed": typed[:MOST_TYPED],
            "query": query,
            "most_terms": MOST_TERMS,
            "most_typed": MOST_TYPED,
            "found": found,
            "state": state,
            "is_first": after is None,
            "next_page": f"{reverse('search')}?{urlencode(following)}" if found.next else "",
            "again": f"{reverse('search')}?{urlencode({'q': typed})}",
            "here": "search",
            "now": now,
        },
        # Whoever watches the desk from outside is told, too: we could not look.
        status=503 if state == "out_of_order" else 200,
    )
