"""Say it will be later: why, when, and what the caller will read, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.pages import DeskRequest, desk_page
from priority.clock import BeyondCalendar, next_opening
from priority.policy import TimesRounding
from priority.selectors import policy_of
from priority.targets import told_date
from tickets.channels import measured, seen_by
from tickets.clock import database_now
from tickets.display import proofs, words
from tickets.models import Conversation, Promise, Ticket
from tickets.selectors_came import seen_named
from tickets.services.clock_notices import places_to_speak
from tickets.services.durations import date_calendar, duration_of, of
from tickets.services.errors import NotFound, Refused
from tickets.services.later import LaterProposal, LaterSaid, later_proposal, later_say
from tickets.services.notice_words import OWN_WORDS, language_of
from tickets.services.reasons import reasons_proven
from tickets.services.texts import words_current
from tickets.texts.document import PLACEHOLDER
from tickets.views.ahead import waiting_ahead
from tickets.views.forms import client_key_of, moment_of, open_days, text_of
from tickets.views.measure import left_words
from tickets.views.panel import Panel, attempt, values_of
from tickets.views.ticket import ticket_or_404, ticket_show, to_ticket

WAITS_FOR = "waiting_for_party"
Day: TypeAlias = date


@dataclass(frozen=True, slots=True)
class Choice:
    """A reason to choose. `because`: what proves it, or what is missing; only a proven one can be chosen."""

    code: str
    words: str
    is_proven: bool
    because: str


@dataclass(frozen=True, slots=True)
class LaterForm:
    """What the form shows: the reasons, the one chosen, the date proposed and the one chosen, as the policy rounds it.
    `hours`: times of day that need no rounding."""

    reasons: list[Choice]
    reason: str
    own_words: str
    kind: str
    language: str
    proposed: datetime
    date: datetime
    day: Day
    hour: str
    days: list[Day]
    hours: Sequence[str]

    @property
    def not_proven(self) -> list[Choice]:
        return [each for each in self.reasons if not each.is_proven]


@dataclass(frozen=True, slots=True)
class Preview:
    """The text as the caller will read it there, and its length as the network counts."""

    place: Conversation
    text: str
    words: str
    is_over: bool
    language: str


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def later(request: DeskRequest, shown: str) -> HttpResponse:
    """The form; sent with `show`, the same form with what the caller would read."""
    found = ticket_or_404(request.user, shown)

    def show(refused: str = "", changed: str = "", status: int = 200) -> HttpResponse:
        more = later_context(request.user, found, request.POST, now=database_now())
        why_not = refused or more.pop("refused", "")
        panel = Panel("later", values_of(request.POST), why_not, changed, client_key_of(request.POST), more)
        return ticket_show(request, found.reference, panel=panel, status=status)

    def do() -> None:
        now = database_now()
        said = later_read(request.POST)
        if said is None:
            raise Refused("date", _("Choose a day and a time."))
        seen = seen_named(found, request.POST.get("seen", ""))
        said_so = later_say(
            actor=request.user,
            ticket_id=found.pk,
            reason=said.reason,
            own_words=said.own_words,
            date=said.date,
            client_key=client_key_of(request.POST),
            seen_message_id=seen.message_id,
            seen_reply_id=seen.reply_id,
            seen_join_id=seen.join_id,
            now=now,
        )
        if said_so.undo_until is None:  # else the bar that takes it back says what becomes of it
            messages.success(
                request,
                _("It goes out now: the reason, and the new date. It stands above once that was sent."),
            )

    if request.method != "POST" or request.POST.get("show"):
        return show()
    return attempt(do, show) or to_ticket(found)


@require_POST
@desk_page
def later_preview(request: DeskRequest, shown: str) -> HttpResponse:
    """What the caller would read, as JSON {text, words, over, date: {iso, day, hour, proposed}}."""
    found = ticket_or_404(request.user, shown)
    now = database_now()
    return preview_answer(later_context(request.user, found, request.POST, now=now), now)


def preview_answer(more: Mapping[str, Any], now: datetime) -> JsonResponse:
    form, preview = more.get("later"), more.get("preview")
    if not isinstance(form, LaterForm) or not isinstance(preview, Preview):
        return JsonResponse({"text": more.get("refused", ""), "words": "", "over": False})
    return JsonResponse(
        {
            "text": preview.text,
            "words": preview.words,
            "over": preview.is_over,
            "date": {
                "iso": form.date.isoformat(),
                "day": words.day(form.date, now),
                "hour": words.clock(form.date),
                "value": form.day.isoformat(),
                "proposed": form.date == form.proposed,
            },
        }
    )


def later_read(form: QueryDict) -> LaterSaid | None:
    """What the form says; None where its date is none."""
    at = moment_of(form)
    return LaterSaid(form.get("reason", ""), at, text_of(form, "own_words")) if at is not None else None


@dataclass(frozen=True, slots=True)
class WithHold:
    """A hold put in the same form: whom it waits for is proven by it, and the date lies after `ask_again_at`."""

    party: str
    ask_again_at: datetime
    is_named_to_callers: bool


def later_context(
    user: User, found: Ticket, form: QueryDict, *, now: datetime, hold: WithHold | None = None
) -> dict[str, Any]:
    """What the form's template shows: "later" and "preview"; "refused" alone where nothing can be told."""
    try:
        proposal = later_proposal(actor=user, ticket_id=found.pk, now=now)
    except NotFound:
        raise Http404 from None
    except Refused as refusal:
        return {"refused": refusal.words}
    shown = _form(found, proposal, form, now=now, hold=hold)
    return {"later": shown, "preview": _preview(user, found, proposal, shown, hold, now)}


def _preview(
    user: User, found: Ticket, proposal: LaterProposal, shown: LaterForm, hold: WithHold | None, now: datetime
) -> Preview:
    """The text to the letter, or why it cannot be told so."""
    place = places_to_speak([found.pk])[found.pk]
    try:
        if hold is not None and shown.reason == WAITS_FOR:
            text = waiting_ahead(found, user, place, hold.party, proposal.old, shown.date, now=now)
        else:
            text = proposal.preview(shown.reason, shown.date, shown.own_words)
    except Refused as refusal:
        return Preview(place, refusal.words, "", True, "")
    length = measured(place.account, text, seen_by(place))
    return Preview(place, text, left_words(length), not length.fits, shown.language)


def _form(
    found: Ticket, proposal: LaterProposal, form: QueryDict, *, now: datetime, hold: WithHold | None
) -> LaterForm:
    reasons = _choices(found, proposal, now=now, hold=hold)
    chosen = form.get("reason", "")
    if chosen != OWN_WORDS and not any(each.code == chosen and each.is_proven for each in reasons):
        chosen = next((each.code for each in reasons if each.is_proven), OWN_WORDS)
    policy = policy_of(found.policy_revision_id)
    duration, calendar = duration_of(found), date_calendar(found)
    proposed = proposal.proposed
    try:
        if hold is not None and proposed <= hold.ask_again_at:
            opening = next_opening(calendar, hold.ask_again_at + timedelta(minutes=1))
            proposed = told_date(policy, due_at=opening, calendar=calendar.key, **of(found))
        at = moment_of(form) or proposed
        if hold is not None and at <= hold.ask_again_at:
            at = proposed
        at = told_date(policy, due_at=at, calendar=calendar.key, **of(found))
    except BeyondCalendar:
        at = proposed
    local = timezone.localtime(at)
    newest = Promise.objects.filter(ticket=found).order_by("-told_at", "-pk").first()
    return LaterForm(
        reasons=reasons,
        reason=chosen,
        own_words=text_of(form, "own_words"),
        kind=newest.kind if newest is not None else "",
        language=language_of(words_current(now)[1], found.language, found.account.language),
        proposed=proposed,
        date=at,
        day=local.date(),
        hour=local.strftime("%H:%M"),
        days=open_days(calendar, proposal.earliest, also=[local.date()]),
        hours=duration.told.times if isinstance(duration.told, TimesRounding) else (),
    )


def _choices(found: Ticket, proposal: LaterProposal, *, now: datetime, hold: WithHold | None) -> list[Choice]:
    """Every reason in the order in which they are tried, each with its proof or with what is missing."""
    sentences = dict(proposal.reasons)
    proven = {one.code: one for one in reasons_proven([found], now)[found.pk]}
    texts = words_current(now)[1]
    language = language_of(texts, found.language, found.account.language)
    made = []
    for code in proofs.REASONS_IN_ORDER:
        one = proven.get(code)
        if code in sentences and one is not None:
            because = proofs.proven(code, one.args, one.proof, now=now)
            made.append(Choice(code, sentences[code], True, because))
        elif code in texts.reasons:
            plain = PLACEHOLDER.sub("…", texts.reasons[code][language]).replace("….", "…")
            by_form = code == WAITS_FOR and hold is not None and hold.is_named_to_callers
            because = proofs.by_this_form() if by_form else proofs.not_proven(code)
            made.append(Choice(code, plain, by_form, because))
    return made
