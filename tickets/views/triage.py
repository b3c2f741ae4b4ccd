"""Triage by hand: respond, watch, or no reply needed; one after the other, and a way back."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.pages import DeskRequest, desk_page
from tickets.clock import database_now
from tickets.display.words import day_and_time
from tickets.models import Ticket, Triage
from tickets.selectors_triage import triage_first, triage_round_at
from tickets.services.errors import Changed, Refused
from tickets.services.triage import ticket_triage, triage_undo
from tickets.views.forms import moment_of, version_of
from tickets.views.last_verdict import LAST, remembered
from tickets.views.ticket import ticket_or_404, to_ticket
from tickets.views.triage_round import round_named, to_list, to_next

VERDICTS = (Triage.RESPOND, Triage.WATCH, Triage.NO_REPLY)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def triage(request: DeskRequest, shown: str) -> HttpResponse:
    """The verdict, sent as `verdict`, or, for no reply needed, as `reason` alone. With `round` the next one of the list
    follows. A GET (a reload after an error) leads to the ticket."""
    found = ticket_or_404(request.user, shown)
    if request.method != "POST":
        return to_ticket(found)
    form, name = request.POST, round_named(request.POST.get("round", ""))
    reason = form.get("reason", "")
    verdict = form.get("verdict") or (Triage.NO_REPLY if reason else "")
    if verdict not in VERDICTS:
        messages.error(request, _("Choose respond, watch, or no reply needed with a reason from the list."))
        return _back(found, name)
    now = database_now()
    before = found.triage
    following = triage_round_at(request.user, name, found).following if name else ""
    try:
        done = ticket_triage(
            actor=request.user,
            ticket_id=found.pk,
            verdict=Triage(verdict),
            reason=reason,
            look_again_at=_look_again_at(form) if verdict == Triage.WATCH else None,
            now=now,
            seen_version=version_of(form),
        )
    except (Refused, Changed) as answer_:
        messages.error(request, answer_.words)
        return _back(found, name)
    request.session.pop(LAST, None)
    if before == Triage.PENDING:
        request.session[LAST] = remembered(done, name, now)
    if not name:
        messages.success(request, _said(done, now))
        return to_ticket(done)
    return _onward(request, name, following)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def undo(request: DeskRequest, shown: str) -> HttpResponse:
    """The last verdict is taken back, and its ticket opened again."""
    found = ticket_or_404(request.user, shown)
    name = round_named(request.POST.get("round", ""))
    version = version_of(request.POST)
    if request.method != "POST":
        return to_ticket(found)
    request.session.pop(LAST, None)
    try:
        triage_undo(actor=request.user, ticket_id=found.pk, seen_version=version or 0, now=database_now())
    except (Refused, Changed) as refusal:
        messages.error(request, refusal.words)
    else:
        messages.success(request, _("Taken back: it waits for triage again."))
    return _back(found, name)


def _look_again_at(form: QueryDict) -> datetime | None:
    """One of the proposals, sent as its instant, or a day and a time of one's own."""
    given = form.get("look_again_at", "")
    if given == "own" or not given:
        return moment_of(form, "look_day", "look_hour")
    try:
        at = parse_datetime(given)
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None


def _onward(request: DeskRequest, name: str, following: str) -> HttpResponse:
    """To the next one: the one behind this, else the first that still waits, else the list, where nothing does."""
    if following:
        return HttpResponseRedirect(to_next(following, name))
    first = triage_first(request.user, name)
    return HttpResponseRedirect(to_next(first.reference, name) if first is not None else to_list(name))


def _back(found: Ticket, name: str) -> HttpResponse:
    return HttpResponseRedirect(to_next(found.reference, name)) if name else to_ticket(found)


def _said(done: Ticket, now: datetime) -> str:
    if done.triage == Triage.RESPOND:
        return _("It will be answered. Write now, and the date goes with your words.")
    if done.triage == Triage.WATCH and done.triage_due_at is not None:
        return _("Watched: it stands in triage again %(when)s, or with the caller’s next word.") % {
            "when": day_and_time(done.triage_due_at, now)
        }
    return _("Put away: no reply needed. New words of the caller bring it back.")
