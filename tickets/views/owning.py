"""Who has it: take, assign, transfer. None of them moves a date."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.pages import DeskRequest, desk_page
from tickets.clock import database_now
from tickets.models import Ticket
from tickets.selectors import teams_visible, tickets_visible
from tickets.services.errors import Refused
from tickets.services.owning import ticket_assign, ticket_take, ticket_transfer
from tickets.views.panel import Panel, attempt, values_of
from tickets.views.ticket import ticket_or_404, ticket_show, to_queue, to_ticket


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def assign(request: DeskRequest, shown: str) -> HttpResponse:
    """Somebody of the ticket's team owns it: oneself, or a colleague."""
    found = ticket_or_404(request.user, shown)
    people = people_of(found)

    def show(refused: str = "", changed: str = "", status: int = 200) -> HttpResponse:
        panel = Panel("assign", values_of(request.POST), refused, changed, more={"people": people})
        return ticket_show(request, found.reference, panel=panel, status=status)

    def do() -> None:
        now = database_now()
        if request.POST.get("take"):
            ticket_take(actor=request.user, ticket_id=found.pk, now=now)
            messages.success(request, _("It is yours."))
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
    """To another team. Where one may not see its tickets, one is back in the queue afterwards."""
    found = ticket_or_404(request.user, shown)
    teams = [each for each in teams_visible(request.user) if each.pk != found.team_id]

    def show(refused: str = "", changed: str = "", status: int = 200) -> HttpResponse:
        panel = Panel("transfer", values_of(request.POST), refused, changed, more={"teams": teams})
        return ticket_show(request, found.reference, panel=panel, status=status)

    def do() -> None:
        team = next((each for each in teams if each.key == request.POST.get("team")), None)
        if team is None:
            raise Refused("team", _("Choose a team from the list."))
        ticket_transfer(actor=request.user, ticket_id=found.pk, team_key=team.key, now=database_now())
        messages.success(request, _("Transferred to %(team)s. No date has moved.") % {"team": team})

    if request.method != "POST":
        return show()
    refused = attempt(do, show)
    if refused is not None:
        return refused
    return to_ticket(found) if tickets_visible(request.user).filter(pk=found.pk).exists() else to_queue()


def people_of(found: Ticket) -> list[User]:
    """Who may own it: the people of its team who have not left, by name."""
    return list(
        User.objects.filter(memberships__team_id=found.team_id, is_active=True).order_by(
            "display_name", "username"
        )
    )
