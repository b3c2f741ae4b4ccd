"""The work on a ticket: put on hold, go on, resolve, open again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.pages import DeskRequest, desk_page
from priority import clock
from priority.calendars import Calendar
from priority.shapes import minutes
from tickets.channels import measured, seen_by
from tickets.clock import database_now
from tickets.display.codes import HOLD_KINDS, WITHOUT_A_WORD
from tickets.models import Conversation, HoldKind, Ticket
from tickets.selectors_came import seen_named
from tickets.selectors_ticket import conversation_named
from tickets.selectors_ticket_rows import NEWEST_FIRST
from tickets.services.durations import calendar_of_ticket
from tickets.services.errors import Changed, Refused
from tickets.services.work import needs_later, ticket_go_on, ticket_hold, ticket_reopen, ticket_resolve
from tickets.views.ahead import resolution_ahead
from tickets.views.forms import client_key_of, moment_of, open_days, text_of, version_of
from tickets.views.later import Preview, WithHold, later_context, later_read, preview_answer
from tickets.views.measure import left_words
from tickets.views.panel import Panel, attempt, values_of
from tickets.views.ticket import ticket_or_404, ticket_show, to_ticket


@dataclass(frozen=True, slots=True)
class HoldForm:
    """`kinds`: code, label, what it means. `day`, `hour`: when to ask again. `with_later`: it goes past the told date,
    or the agent wants to tell a later one with it."""

    kinds: list[tuple[str, str, str]]
    kind: str
    waits_for: str
    day: date
    hour: str
    days: list[date]
    with_later: bool
    ask_again_at: datetime

    def stated(self) -> WithHold:
        return WithHold(self.waits_for, self.ask_again_at, self.kind != HoldKind.DECISION)


@dataclass(frozen=True, slots=True)
class ResolveForm:
    """`how`: "line", what was done in a line; "silent", without a word, `because` a reason."""

    how: str
    what: str
    because: str
    reasons: list[tuple[str, str]]


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def hold(request: DeskRequest, shown: str) -> HttpResponse:
    """For whom, and when we ask again; past the told date with a later one, which goes in the same press."""
    found = ticket_or_404(request.user, shown)
    form = request.POST

    def show(refused: str = "", changed: str = "", status: int = 200) -> HttpResponse:
        now = database_now()
        hold_form = _hold_form(found, form, now)
        later = later_context(request.user, found, form, now=now, hold=hold_form.stated())
        later.pop("refused", None)
        more = {"hold": hold_form, **later}
        panel = Panel("hold", values_of(form), refused, changed, client_key_of(form), more)
        return ticket_show(request, found.reference, panel=panel, status=status)

    def do() -> None:
        kind = next((each for each in HoldKind if each == form.get("kind")), None)
        again = moment_of(form, "ask_day", "ask_hour")
        if kind is None or again is None:
            raise Refused("hold", _("Say what it waits for, and when you ask again."))
        later = later_read(form) if form.get("with_later") else None
        if later is None and form.get("with_later"):
            raise Refused("date", _("Choose a day and a time."))
        ticket_hold(
            actor=request.user,
            ticket_id=found.pk,
            kind=kind,
            waits_for=text_of(form, "waits_for").strip(),
            ask_again_at=again,
            later=later,
            seen_version=version_of(form),
            now=database_now(),
        )
        if later is None:
            messages.success(request, _("On hold. The date that was told stands."))
        else:
            messages.success(request, _("On hold, and the later date is sent now."))

    if not found.priority:  # never triaged, or put away
        messages.error(request, _("Choose respond first; then it can be put on hold."))
        return to_ticket(found)
    if request.method != "POST" or form.get("show"):
        return show()
    return attempt(do, show) or to_ticket(found)


@require_POST
@desk_page
def hold_preview(request: DeskRequest, shown: str) -> HttpResponse:
    """What the caller would read of the later date that goes with it, as `later.later_preview` says it."""
    found = ticket_or_404(request.user, shown)
    if not found.priority:
        raise Http404
    now = database_now()
    stated = _hold_form(found, request.POST, now).stated()
    return preview_answer(later_context(request.user, found, request.POST, now=now, hold=stated), now)


def _hold_form(found: Ticket, form: QueryDict, now: datetime) -> HoldForm:
    calendar = calendar_of_ticket(found)
    again = moment_of(form, "ask_day", "ask_hour") or found.hold_ask_again_at or _one_day_on(calendar, now)
    local = timezone.localtime(again)
    return HoldForm(
        kinds=[(kind.value, str(kind.label), str(HOLD_KINDS[kind])) for kind in HoldKind],
        kind=form.get("kind") or found.hold_kind or HoldKind.SUPPLIER,
        waits_for=text_of(form, "waits_for") if form else found.hold_for,
        day=local.date(),
        hour=local.strftime("%H:%M"),
        days=open_days(calendar, now, also=[local.date()]),
        with_later=bool(form.get("with_later")) or needs_later(found, again, now=now),
        ask_again_at=again,
    )


def _one_day_on(calendar: Calendar, now: datetime) -> datetime:
    """A working day from now, on the whole hour."""
    try:
        at = clock.add(calendar, now, minutes(calendar.working_day))
    except clock.BeyondCalendar:
        at = now + timedelta(days=1)
    return at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def go_on(request: DeskRequest, shown: str) -> HttpResponse:
    """It waits for nobody any more."""
    return _pressed(request, shown, ticket_go_on, _("It goes on. Our targets run again."))


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def reopen(request: DeskRequest, shown: str) -> HttpResponse:
    return _pressed(request, shown, ticket_reopen, _("Open again. The caller hears a new date."))


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def resolve(request: DeskRequest, shown: str) -> HttpResponse:
    """In a line what was done, which becomes the resolution notice, or without a word, with a reason."""
    found = ticket_or_404(request.user, shown)
    form = request.POST

    def show(refused: str = "", changed: str = "", status: int = 200) -> HttpResponse:
        more = {
            "resolve": ResolveForm(
                how=form.get("how") or "line",
                what=text_of(form, "what"),
                because=form.get("because", ""),
                reasons=[(code, str(said)) for code, said in WITHOUT_A_WORD.items()],
            ),
            "preview": _resolution(request, found),
        }
        panel = Panel("resolve", values_of(form), refused, changed, client_key_of(form), more)
        return ticket_show(request, found.reference, panel=panel, status=status)

    def do() -> None:
        silent = form.get("how") == "silent"
        because = form.get("because", "")
        if silent and because not in WITHOUT_A_WORD:
            raise Refused("because", _("Say why the caller hears nothing."))
        seen = seen_named(found, form.get("seen", ""))
        done = ticket_resolve(
            actor=request.user,
            ticket_id=found.pk,
            conversation_id=conversation_named(found, form.get("to", "")),
            what="" if silent else text_of(form, "what"),
            own_text="",
            without_a_word=because if silent else "",
            client_key=client_key_of(form),
            seen_message_id=seen.message_id,
            seen_reply_id=seen.reply_id,
            seen_join_id=seen.join_id,
            now=database_now(),
        )
        if silent:
            messages.success(request, _("Resolved, without a word."))
        elif not done.is_open:  # while it can be taken back, the bar that does so says what will become of it
            messages.success(request, _("Resolved. The caller hears what was done."))

    if request.method != "POST" or form.get("show"):
        return show()
    return attempt(do, show) or to_ticket(found)


@require_POST
@desk_page
def resolve_preview(request: DeskRequest, shown: str) -> HttpResponse:
    """What the caller would read, as JSON {text, words, over}."""
    found = ticket_or_404(request.user, shown)
    preview = _resolution(request, found)
    if preview is None:
        return JsonResponse({"text": "", "words": "", "over": False})
    return JsonResponse({"text": preview.text, "words": preview.words, "over": preview.is_over})


def _resolution(request: DeskRequest, found: Ticket) -> Preview | None:
    named = conversation_named(found, request.POST.get("to", ""))
    there = Conversation.objects.select_related("account", "identity").filter(ticket=found)
    place = there.filter(pk=named).first() if named else there.order_by(*NEWEST_FIRST).first()
    if place is None:
        return None
    what = text_of(request.POST, "what").strip() or "…"
    ahead = resolution_ahead(found, request.user, place, what, now=database_now())
    text = ahead.text or ahead.kept_back or ahead.falls_away
    length = measured(place.account, text, seen_by(place))
    return Preview(place, text, left_words(length), not ahead.text or not length.fits, ahead.language)


class _Service(Protocol):
    def __call__(self, *, actor: User, ticket_id: int, now: datetime) -> object: ...


def _pressed(request: DeskRequest, shown: str, do: _Service, said: str) -> HttpResponse:
    """A press without a form: done, and `said`; or its refusal is. A GET (a reload after it) leads to the ticket."""
    found = ticket_or_404(request.user, shown)
    if request.method == "POST":
        try:
            do(actor=request.user, ticket_id=found.pk, now=database_now())
        except (Refused, Changed) as refusal:
            messages.error(request, refusal.words)
        else:
            messages.success(request, said)
    return to_ticket(found)
