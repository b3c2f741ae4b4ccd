"""Two tickets of one person become one: choose the other, see what will happen, join; and take it back."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.pages import DeskRequest, desk_page
from tickets.clock import database_now
from tickets.models import Ticket
from tickets.reference import read
from tickets.selectors_join import JoinAhead, join_ahead, join_named, joins_offered, word_named
from tickets.services.errors import Changed, Refused
from tickets.services.joining import ticket_join
from tickets.services.joining_undo import ticket_join_undo
from tickets.views.panel import Panel, attempt, values_of
from tickets.views.ticket import ticket_or_404, ticket_show, to_ticket


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def join(request: DeskRequest, shown: str) -> HttpResponse:
    """`with`: the other ticket's number, chosen, or typed as `number`. Without one: what may be chosen. With one: what
    will happen, and the button; the press does that and nothing else, or says what has changed."""
    found = ticket_or_404(request.user, shown)
    form = request.POST if request.method == "POST" else request.GET
    typed = form.get("number", "").strip() or form.get("with", "").strip()
    reference = read(typed)
    ahead = join_ahead(request.user, found, reference, now=database_now()) if reference else None

    def show(refused: str = "", changed: str = "", status: int = 200) -> HttpResponse:
        # What was worked out before it was refused may be another now.
        now = database_now()
        ahead = join_ahead(request.user, found, reference, now=now) if reference else None
        more = {"ahead": ahead, "offered": () if ahead else joins_offered(request.user, found)}
        panel = Panel("join", {**values_of(form), "typed": typed}, refused, changed, more=more)
        return ticket_show(request, found.reference, panel=panel, status=status)

    if ahead is None:
        if not typed:
            return show(_("Choose a ticket first."), status=422) if request.method == "POST" else show()
        refused = _not_there(found, typed, reference)
        return show(refused, status=422 if request.method == "POST" else 200)
    if request.method != "POST":
        return show()
    seen = _seen(ahead, form.get("seen", ""))
    if seen is None:
        return show(_("Look at what will happen, then join the two."), status=422)
    into, joined = ahead.pair.into, ahead.pair.joined

    def do() -> None:
        consent = form.get("consent", "")
        word = word_named(ahead, consent) if consent else None
        if consent and word is None:
            raise Refused("consent", _("Choose the message in which the caller says that both are theirs."))
        ticket_join(
            actor=request.user,
            ticket_id=found.pk,
            other_id=joined.pk if into.pk == found.pk else into.pk,
            one_person=bool(form.get("one_person")),
            consent_message_id=word,
            seen=seen,
            now=database_now(),
        )
        messages.success(
            request,
            _("Joined: %(joined)s goes on here, and its number leads here.")
            % {"joined": joined.shown_reference},
        )

    return attempt(do, show) or to_ticket(into)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def join_undo(request: DeskRequest, shown: str, token: str) -> HttpResponse:
    """From either of the two."""
    found = ticket_or_404(request.user, shown)
    join_id = join_named(found, token)
    if join_id is None:
        raise Http404
    if request.method != "POST":
        return to_ticket(found)
    try:
        parted = ticket_join_undo(actor=request.user, join_id=join_id, now=database_now())
    except (Refused, Changed) as refusal:
        messages.error(request, refusal.words)
        return to_ticket(found)
    messages.success(
        request,
        _("Undone: %(reference)s is a ticket of its own again.") % {"reference": parted.shown_reference},
    )
    return to_ticket(found)


def _not_there(found: Ticket, typed: str, reference: str | None) -> str:
    if reference == found.reference:
        return _("This is the ticket itself. Choose another one to join it with.")
    if reference is None:
        return _("“%(typed)s” is no number of a ticket. Numbers look like K7QM-4T2X.") % {"typed": typed[:40]}
    return _("There is no ticket with that number, or you may not see it.")


def _seen(ahead: JoinAhead, given: str) -> dict[int, int] | None:
    """By ticket, the version on which the page based what it showed; None where it showed nothing of these two."""
    stated = dict(each.partition(":")[::2] for each in given.split())
    seen = {}
    for one in (ahead.pair.into, ahead.pair.joined):
        version = stated.get(one.shown_reference, "")
        if not (version.isascii() and version.isdigit() and len(version) < 10):
            return None
        seen[one.pk] = int(version)
    return seen
