"""What a person decides about a message of ours, and about a task."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.pages import DeskRequest, desk_page
from tickets.clock import database_now
from tickets.display.codes import task_done_words
from tickets.selectors_tasks import task_named
from tickets.selectors_ticket import reply_named
from tickets.services.errors import Changed, Refused
from tickets.services.replies import reply_drop, reply_release, reply_resolve_unknown
from tickets.services.reply_decisions import reply_not_reached
from tickets.services.tasks import task_done
from tickets.views.ticket import ticket_or_404, to_ticket


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def reply_decide(request: DeskRequest, shown: str, token: str) -> HttpResponse:
    """A person decides about a message that is held, or of which it is not certain whether it was sent."""
    found = ticket_or_404(request.user, shown)
    reply_id = reply_named(found, token)
    if reply_id is None:
        raise Http404
    if request.method != "POST":
        return to_ticket(found)
    try:
        messages.success(request, _decide(request, reply_id))
    except (Refused, Changed) as refusal:
        messages.error(request, refusal.words)
    return to_ticket(found, f"#reply-{token}")


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def task_end(request: DeskRequest, shown: str, token: str) -> HttpResponse:
    """A person says that a task is done."""
    found = ticket_or_404(request.user, shown)
    task_id = task_named(found, token)
    if task_id is None:
        raise Http404
    if request.method != "POST":
        return to_ticket(found)
    try:
        done = task_done(
            actor=request.user, task_id=task_id, how=request.POST.get("how", ""), now=database_now()
        )
    except Refused as refusal:
        messages.error(request, refusal.words)
    else:
        messages.success(request, task_done_words(done, request.user))
    return to_ticket(found)


def _decide(request: DeskRequest, reply_id: int) -> str:
    now = database_now()
    what = request.POST.get("what")
    if what == "went":
        reply_resolve_unknown(actor=request.user, reply_id=reply_id, verdict="went", now=now)
        return _("Noted: it went out. What it told the caller counts.")
    if what == "not":
        reply_resolve_unknown(actor=request.user, reply_id=reply_id, verdict="not", now=now)
        return _("Noted: it did not go out, and it will not be sent.")
    if what == "again":
        reply_resolve_unknown(actor=request.user, reply_id=reply_id, verdict="again", now=now)
        return _("It is sent once more.")
    if what == "release":
        reply_release(actor=request.user, reply_id=reply_id, now=now)
        return _("Released: it is checked once more, then sent.")
    if what == "not_reached":
        reply_not_reached(actor=request.user, reply_id=reply_id, now=now)
        return _("Noted: nobody answered. Try again in half an hour; the task waits until then.")
    if what == "drop":
        reply_drop(actor=request.user, reply_id=reply_id, now=now)
        return _("Dropped: it will not be sent.")
    raise Refused("what", _("Choose what to do with this message."))
