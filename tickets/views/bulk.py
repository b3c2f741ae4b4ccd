"""What is done to several tickets of the queue with one press, and taking it back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.pages import DeskRequest, desk_page
from tickets.clock import database_now
from tickets.reference import read
from tickets.selectors import teams_visible
from tickets.services.errors import NotFound, Refused
from tickets.services.together import (
    Left,
    Outcome,
    Seen,
    tickets_assign,
    tickets_properties_set,
    tickets_put_away,
    tickets_transfer,
)
from tickets.services.together_release import Released, tickets_release
from tickets.services.together_undo import bulk_undo
from tickets.views.panel import values_of
from tickets.views.queue import queue_show
from tickets.views.undo_bar import undo_offer, undo_over
from tickets.wanted import Wanted

_NAMED_MOST = 20
"""Tickets that were left are named up to here; one more line says how many there are beyond."""


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def together(request: DeskRequest) -> HttpResponse:
    """`ticket`: "<reference>.<version>" of each that was chosen; `what` is done. Its address holds the view's choices,
    as the queue's does, and leads back there."""
    if request.method != "POST":
        return to_view(request)
    chosen = chosen_of(request.POST)
    # Enter on a box presses a form's first button: the page stands as it was.
    if request.POST.get("what") == "look":
        return queue_show(request, chosen={each.reference for each in chosen})
    try:
        _do(request, request.POST.get("what", ""), chosen)
    except (Refused, NotFound) as refusal:
        words = refusal.words if isinstance(refusal, Refused) else _("Choose a team from the list.")
        return queue_show(
            request,
            chosen={each.reference for each in chosen},
            refused=words,
            values=values_of(request.POST),
            status=422,
        )
    return to_view(request)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def together_undo(request: DeskRequest) -> HttpResponse:
    if request.method != "POST":
        return to_view(request)
    token = request.POST.get("token", "")[:40]
    try:
        outcome = bulk_undo(actor=request.user, token=token, now=database_now())
    except NotFound:
        raise Http404 from None
    except Refused as refusal:
        messages.error(request, refusal.words)
    else:
        n = len(outcome.done)
        done = ngettext("%(n)d ticket is as it was.", "%(n)d tickets are as they were.", n) % {"n": n}
        _say(request, done if n else "", outcome.left)
    undo_over(request, token)
    return to_view(request)


def to_view(request: DeskRequest) -> HttpResponseRedirect:
    """Back to the page of the queue on which it was pressed."""
    asked = Wanted.read(request.GET).query(after=request.GET.get("after", "")[:60])
    return HttpResponseRedirect(f"{reverse('queue')}?{asked}" if asked else reverse("queue"))


def chosen_of(form: QueryDict) -> list[Seen]:
    """What is no ticket is left out."""
    chosen = {}
    for value in form.getlist("ticket"):
        typed, _dot, version = value.partition(".")
        reference = read(typed[:12])
        if reference is not None:
            is_number = version.isascii() and version.isdigit() and len(version) < 10
            chosen[reference] = Seen(reference, int(version) if is_number else None)
    return list(chosen.values())


def _do(request: DeskRequest, what: str, chosen: Sequence[Seen]) -> None:
    actor, form, now = request.user, request.POST, database_now()
    if what == "assign":
        user = _user(actor, form.get("who", ""))
        done = tickets_assign(actor=actor, chosen=chosen, user_id=user.pk if user else None, now=now)
        _done(request, done, _assigned(len(done.done), user, actor))
    elif what == "transfer":
        key = form.get("to_team", "")
        done = tickets_transfer(actor=actor, chosen=chosen, team_key=key, now=now)
        name = next((team.name for team in teams_visible(actor) if team.key == key), key)
        n = len(done.done)
        words = ngettext("%(n)d ticket transferred to %(team)s.", "%(n)d tickets transferred to %(team)s.", n)
        _done(request, done, words % {"n": n, "team": name})
    elif what == "properties":
        done = tickets_properties_set(
            actor=actor,
            chosen=chosen,
            category=form.get("set_category", ""),
            impact=form.get("set_impact", ""),
            urgency=form.get("set_urgency", ""),
            why=form.get("set_why", ""),
            now=now,
        )
        n = len(done.done)
        _done(request, done, ngettext("%(n)d ticket changed.", "%(n)d tickets changed.", n) % {"n": n})
    elif what == "no_reply":
        done = tickets_put_away(actor=actor, chosen=chosen, reason=form.get("reason", ""), now=now)
        n = len(done.done)
        words = ngettext("%(n)d ticket put away.", "%(n)d tickets put away.", n)
        _done(request, done, words % {"n": n})
    elif what == "release":
        released = tickets_release(actor=actor, chosen=chosen, now=now)
        _say(request, _released(released), released.left)
    else:
        raise Refused("what", _("Choose what to do with the chosen tickets."))


def _user(actor: User, who: str) -> User | None:
    if who == "nobody":
        return None
    if who == "me":
        return actor
    found = User.objects.filter(username=who, is_active=True, memberships__team__in=teams_visible(actor))
    user = found.distinct().first()
    if user is None:
        raise Refused("who", _("Choose somebody from the list."))
    return user


def _assigned(n: int, user: User | None, actor: User) -> str:
    if user is None:
        return ngettext("%(n)d ticket has no owner now.", "%(n)d tickets have no owner now.", n) % {"n": n}
    if user.pk == actor.pk:
        return ngettext("%(n)d ticket is yours.", "%(n)d tickets are yours.", n) % {"n": n}
    words = ngettext("%(n)d ticket assigned to %(who)s.", "%(n)d tickets assigned to %(who)s.", n)
    return words % {"n": n, "who": user}


def _released(released: Released) -> str:
    n = len(released.released)
    if not n:
        return ""
    words = ngettext("%(n)d ticket: released.", "%(n)d tickets: released.", n) % {"n": n}
    if released.as_automatic:
        return " ".join(
            [
                words,
                _(
                    "To several callers at once it counts as automatic; what the rules keep back stands here again."
                ),
            ]
        )
    return " ".join([words, _("It is checked once more, then sent.")])


def _done(request: DeskRequest, outcome: Outcome, words: str) -> None:
    """What can be taken back is said by the bar that takes it back."""
    said = words if outcome.done else ""
    if outcome.action is not None:
        undo_offer(request, outcome.action, said)
        said = ""
    _say(request, said, outcome.left)


def _say(request: DeskRequest, done: str, left: Sequence[Left]) -> None:
    if done:
        messages.success(request, done)
    if left:
        n = len(left)
        words = ngettext("%(n)d was left as it is.", "%(n)d were left as they are.", n) % {"n": n}
        messages.warning(request, " ".join([words, *_because(left)]))


def _because(left: Iterable[Left]) -> list[str]:
    """ "K7QM-4T2X, 8RWD-0N6H: the caller was told a date." for each reason there is."""
    by_words: dict[str, list[str]] = {}
    for each in left:
        by_words.setdefault(each.words, []).append(each.shown)
    said = []
    for words, shown in by_words.items():
        named = ", ".join(shown[:_NAMED_MOST])
        if len(shown) > _NAMED_MOST:
            named = _("%(named)s and %(n)d more") % {"named": named, "n": len(shown) - _NAMED_MOST}
        said.append(f"{named}: {capfirst(words)}")
    return said
