"""The managers' list of why no reply is needed."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import may_set_policy
from accounts.pages import DeskRequest, desk_page
from tickets.clock import database_now
from tickets.selectors_reasons import no_reply_reasons
from tickets.services.errors import Refused
from tickets.services.no_reply_reasons import (
    NAME_MOST,
    no_reply_reason_add,
    no_reply_reason_move,
    no_reply_reason_rename,
    no_reply_reason_switch,
)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def triage_reasons(request: DeskRequest) -> HttpResponse:
    """The list; sent, a new reason."""
    if not may_set_policy(request.user):
        raise Http404
    if request.method != "POST":
        return _show(request)
    names = _names(request.POST)
    return _done(
        request,
        lambda: no_reply_reason_add(actor=request.user, names=names, now=database_now()),
        _("Added; agents can choose it now."),
    )


@require_POST
@desk_page
def triage_reason(request: DeskRequest, key: str) -> HttpResponse:
    """`what`: rename, up, down, out (offer it no more), back."""
    if not may_set_policy(request.user):
        raise Http404
    form, actor, now = request.POST, request.user, database_now()
    what = form.get("what")
    if what == "rename":
        names = _names(form)
        return _done(
            request,
            lambda: no_reply_reason_rename(actor=actor, key=key, names=names, now=now),
            _("Changed."),
            key,
        )
    if what == "up":
        return _done(request, lambda: no_reply_reason_move(actor=actor, key=key, way="up", now=now), "")
    if what == "down":
        return _done(request, lambda: no_reply_reason_move(actor=actor, key=key, way="down", now=now), "")
    if what in ("out", "back"):
        is_active = what == "back"
        said = (
            _("Agents can choose it again.") if is_active else _("No longer offered; what has it keeps it.")
        )
        return _done(
            request,
            lambda: no_reply_reason_switch(actor=actor, key=key, is_active=is_active, now=now),
            said,
        )
    messages.error(request, _("Choose what to do with the reason."))
    return _to_list()


def _done(request: DeskRequest, do: Callable[[], object], said: str, key: str = "") -> HttpResponse:
    try:
        do()
    except Refused as refusal:
        return _show(request, refusal.words, key, status=422)
    if said:
        messages.success(request, said)
    return _to_list()


def _show(request: DeskRequest, refused: str = "", key: str = "", status: int = 200) -> HttpResponse:
    """`key`: of the reason whose new words were refused; "" where it was a new one, or nothing."""
    context = {
        "reasons": no_reply_reasons(),
        "languages": [(code, name, f"name_{code}") for code, name in settings.LANGUAGES],
        "most": NAME_MOST,
        "refused": refused,
        "refused_key": key,
        "typed": request.POST,
        "here": "triage_reasons",
        "now": database_now(),
    }
    return render(request, "tickets/triage_reasons.html", context, status=status)


def _names(form: QueryDict) -> dict[str, str]:
    return {code: form.get(f"name_{code}", "")[:500] for code, _name in settings.LANGUAGES}


def _to_list() -> HttpResponse:
    return HttpResponseRedirect(reverse("triage_reasons"))
