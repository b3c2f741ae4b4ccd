"""Who has it: take, assign, transfer. None of them moves a date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse, JsonResponse, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Team, User
from accounts.pages import DeskRequest, desk_page
from tickets.channels import measured, seen_by
from tickets.clock import database_now
from tickets.models import Ticket
from tickets.selectors import teams_visible, tickets_visible
from tickets.selectors_presence import Person, load_of, loads
from tickets.services.clock_notices import places_to_speak
from tickets.services.errors import Refused
from tickets.services.owning import ticket_assign, ticket_take
from tickets.services.transferring import ticket_transfer, transfer_word
from tickets.views.forms import client_key_of, text_of, version_of
from tickets.views.later import Preview
from tickets.views.measure import left_words
from tickets.views.panel import Panel, attempt, values_of
from tickets.views.ticket import ticket_or_404, ticket_show, to_queue, to_ticket


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def assign(request: DeskRequest, shown: str) -> HttpResponse:
    """Somebody of the ticket's team owns it: oneself, or a colleague."""
    found = ticket_or_404(request.user, shown)
    people = people_of(found)

    def show(refused: str = "", changed: str = "", status: int = 200) -> HttpResponse:
        more = {"people": people, "loads": _loads(found, people)}
        panel = Panel("assign", values_of(request.POST), refused, changed, more=more)
        return ticket_show(request, found.reference, panel=panel, status=status)

    def do() -> None:
        now = database_now()
        if request.POST.get("take"):
            ticket_take(actor=request.user, ticket_id=found.pk, now=now)
            messages.success(request, _taken(request.user, found, now))
            return
        person = next((each for each in people if each.username == request.POST.get("who")), None)
        if person is None:
            raise Refused("who", _("Choose somebody of the team from the list."))
        ticket_assign(actor=request.user, ticket_id=found.pk, user_id=person.pk, now=now)
        messages.success(request, _("Assigned to %(who)s.") % {"who": person})

    if request.method != "POST":
        return show()
    return attempt(do, show) or to_ticket(found)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def transfer(request: DeskRequest, shown: str) -> HttpResponse:
    """To another team, with a note for them, and once with a line for the caller. Where one may not see its tickets,
    one is back in the queue afterwards."""
    found = ticket_or_404(request.user, shown)
    teams = [each for each in teams_visible(request.user) if each.pk != found.team_id]
    form = request.POST

    def show(refused: str = "", changed: str = "", status: int = 200) -> HttpResponse:
        chosen = _chosen(teams, form)
        more = {"teams": teams, "preview": _word(request.user, found, chosen or teams[:1])}
        panel = Panel("transfer", values_of(form), refused, changed, client_key_of(form), more)
        return ticket_show(request, found.reference, panel=panel, status=status)

    def do() -> None:
        team = next(iter(_chosen(teams, form)), None)
        if team is None:
            raise Refused("team", _("Choose a team from the list."))
        ticket_transfer(
            actor=request.user,
            ticket_id=found.pk,
            team_key=team.key,
            note=text_of(form, "note"),
            tell=bool(form.get("tell")),
            client_key=client_key_of(form),
            seen_version=version_of(form),
            now=database_now(),
        )
        messages.success(request, _("Transferred to %(team)s. No date has moved.") % {"team": team})

    if request.method != "POST" or form.get("show"):
        return show()
    refused = attempt(do, show)
    if refused is not None:
        return refused
    return to_ticket(found) if tickets_visible(request.user).filter(pk=found.pk).exists() else to_queue()


@require_POST
@desk_page
def transfer_preview(request: DeskRequest, shown: str) -> HttpResponse:
    """What the caller would read, as JSON {text, words, over}."""
    found = ticket_or_404(request.user, shown)
    preview = _word(request.user, found, _chosen(teams_visible(request.user), request.POST))
    if preview is None:
        return JsonResponse({"text": "", "words": "", "over": False})
    return JsonResponse({"text": preview.text, "words": preview.words, "over": preview.is_over})


def _taken(user: User, found: Ticket, now: datetime) -> str:
    """That it is theirs; where they have more callers who are there now than they meant to, that, too."""
    load = load_of(user, now) if found.account.capabilities.get("live") else None
    if load is None or load.count <= load.capacity:
        return _("It is yours.")
    return _("It is yours. You have %(n)d live conversations now; you take %(most)d at once as a rule.") % {
        "n": load.count,
        "most": load.capacity,
    }


def _loads(found: Ticket, people: Sequence[User]) -> dict[int, Person]:
    """By id: how many callers who are there now each of them has; empty where the ticket is of no such account."""
    return loads(people, database_now()) if found.account.capabilities.get("live") else {}


def _chosen(teams: Sequence[Team], form: QueryDict) -> list[Team]:
    """The team that the form names; none where it names none of these."""
    return [each for each in teams if each.key == form.get("team")]


def _word(user: User, found: Ticket, teams: Sequence[Team]) -> Preview | None:
    """The line for the caller as it would go, or why none goes; None where there is nobody to tell, or no team."""
    place = places_to_speak([found.pk]).get(found.pk)
    if place is None or not teams:
        return None
    try:
        row = transfer_word(user, found, teams[0], now=database_now())
    except Refused as refusal:
        return Preview(place, refusal.words, "", True, "")
    length = measured(place.account, row.text, seen_by(place))
    return Preview(place, row.text, left_words(length), not length.fits, row.language)


def people_of(found: Ticket) -> list[User]:
    """Who may own it: the people of its team who have not left, by name."""
    return list(
        User.objects.filter(memberships__team_id=found.team_id, is_active=True).order_by(
            "display_name", "username"
        )
    )
