"""What one is told: the page behind the bell, marking as read, and what one wants to be told, and how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.pages import DeskRequest, desk_page
from tickets.clock import database_now
from tickets.display.told import SIGNS, bell_answer, told_words, unread_words
from tickets.display.words import long_day
from tickets.models import Digest, Notification, ToldKind
from tickets.models.notification import WAKING
from tickets.reference import read
from tickets.selectors import tickets_visible
from tickets.selectors_notifications import (
    bell,
    told_named,
    told_page,
    unreached_last,
    waits_since,
    waking_teams,
    wishes_of,
)
from tickets.services.errors import Refused
from tickets.services.told import told_read, wishes_set

HOURS = range(24)


@require_safe
@desk_page
def notifications(request: DeskRequest) -> HttpResponse:
    """`?after=` a place of the page before."""
    now, after = database_now(), request.GET.get("after", "")
    found = told_page(request.user, after=after)
    context = {
        "days": _days(found.rows, now),
        "unread": unread_words(found.unread) if found.unread else "",
        "next_page": f"{reverse('notifications')}?after={found.next}" if found.next else "",
        "is_empty": not found.rows and not after,
        "here": "notifications",
        "now": now,
    }
    return render(request, "tickets/notifications.html", context)


def _days(
    rows: Sequence[tuple[Notification, str]], now: datetime
) -> list[tuple[str, list[tuple[Notification, str, str, str]]]]:
    """(heading, [(notification, its name, its words, its sign)]) by day in the reader's zone."""
    days: list[tuple[str, list[tuple[Notification, str, str, str]]]] = []
    for row, name in rows:
        heading = long_day(row.created_at, now)
        if not days or days[-1][0] != heading:
            days.append((heading, []))
        days[-1][1].append((row, name, told_words(row), SIGNS[row.kind]))
    return days


@require_POST
@desk_page
def notification_open(request: DeskRequest, token: str) -> HttpResponse:
    """Read, and on to its ticket."""
    found = told_named(request.user, token)
    if found is None:
        raise Http404
    told_read(actor=request.user, now=database_now(), ids=[found.pk])
    return HttpResponseRedirect(reverse("ticket", args=[found.ticket.shown_reference]))


@require_POST
@desk_page
def notifications_read(request: DeskRequest) -> HttpResponse:
    """which=<one>, ticket=<number> (all of that ticket), or all=yes. To who asks for JSON the bell as it is then."""
    user, now = request.user, database_now()
    which, shown = request.POST.get("which", ""), request.POST.get("ticket", "")
    if which:
        found = told_named(user, which)
        if found is None:
            raise Http404
        told_read(actor=user, now=now, ids=[found.pk])
    elif shown:
        seen = tickets_visible(user).filter(reference=read(shown) or "").values_list("pk", flat=True).first()
        if seen is None:
            raise Http404
        told_read(actor=user, now=now, ticket_id=seen)
    elif request.POST.get("all") == "yes":
        marked = told_read(actor=user, now=now)
        words = ngettext("%(n)d is read now.", "%(n)d are read now.", marked) % {"n": marked}
        if marked and not _asks_json(request):
            messages.success(request, words)
    if _asks_json(request):
        return JsonResponse(bell_answer(bell(user)))
    return HttpResponseRedirect(reverse("notifications"))


def _asks_json(request: DeskRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def me_notifications(request: DeskRequest) -> HttpResponse:
    if request.method != "POST":
        return _wishes_page(request)
    hour = request.POST.get("digest_hour", "")
    try:
        wishes_set(
            actor=request.user,
            page=request.POST.getlist("page"),
            browser=request.POST.getlist("browser"),
            mail=request.POST.getlist("mail"),
            digest=request.POST.get("digest", ""),
            digest_hour=int(hour) if hour.isascii() and hour.isdigit() and len(hour) < 3 else -1,
        )
    except Refused as refusal:
        return _wishes_page(request, typed=request.POST, refusal=refusal, status=422)
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(reverse("me_notifications"))


def _wishes_page(
    request: DeskRequest,
    *,
    typed: Mapping[str, Any] | None = None,
    refusal: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    user, now = request.user, database_now()
    wishes = wishes_of(user)
    if typed is None:
        on = {"page": wishes.page, "browser": wishes.browser, "mail": wishes.mail}
        digest, hour = wishes.digest, wishes.digest_hour
    else:
        on = {way: request.POST.getlist(way) for way in ("page", "browser", "mail")}
        digest, hour = typed.get("digest", ""), wishes.digest_hour
    kinds = [
        {
            "kind": kind.value,
            "words": kind.label,
            "page": kind in on["page"],
            "browser": kind in on["browser"],
            "mail": kind in on["mail"],
            "wakes": kind in WAKING,
        }
        for kind in ToldKind
    ]
    context = {
        "kinds": kinds,
        "digests": Digest.choices,
        "digest": digest,
        "hours": HOURS,
        "digest_hour": hour,
        "goes_out": settings.MAILS_GO_OUT,
        "waits_since": waits_since(user, now=now),
        "unreached": unreached_last(user, now=now),
        "teams": waking_teams(user),
        "refusal": refusal,
        "here": "me",
        "now": now,
    }
    return render(request, "tickets/me_notifications.html", context, status=status)
