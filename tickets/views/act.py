"""What one does on a ticket's page: triage, answer, decide about a message. All of it leads back to the page."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.pages import DeskRequest, desk_page
from tickets.clock import database_now
from tickets.display.codes import NO_REPLY_REASONS, task_done_words
from tickets.models import Conversation, Triage
from tickets.selectors_tasks import task_named
from tickets.selectors_ticket import conversation_named, message_named, reply_named
from tickets.services.errors import Changed, Refused
from tickets.services.replies import answer_write, reply_drop, reply_release, reply_resolve_unknown
from tickets.services.tasks import task_done
from tickets.services.triage import ticket_triage
from tickets.views.measure import measure
from tickets.views.ticket import Draft, ticket_or_404, ticket_show, to_ticket

MOST_LETTERS = 20_000


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def triage(request: DeskRequest, shown: str) -> HttpResponse:
    """Respond, or no reply needed with a reason. A GET (a reload after an error) leads to the ticket."""
    found = ticket_or_404(request.user, shown)
    if request.method != "POST":
        return to_ticket(found)
    verdict = request.POST.get("verdict", "")
    reason = request.POST.get("reason", "")
    if verdict not in (Triage.RESPOND, Triage.NO_REPLY) or (reason and reason not in NO_REPLY_REASONS):
        messages.error(request, _("Choose respond, or no reply needed with a reason from the list."))
        return to_ticket(found)
    try:
        ticket_triage(
            actor=request.user,
            ticket_id=found.pk,
            verdict=Triage(verdict),
            reason=reason,
            now=database_now(),
            seen_version=_seen(request),
        )
    except (Refused, Changed) as answer_:
        messages.error(request, answer_.words)
    else:
        if verdict == Triage.RESPOND:
            messages.success(request, _("It will be answered. Write now, and the date goes with your words."))
        else:
            messages.success(request, _("Put away: no reply needed. New words of the caller bring it back."))
    return to_ticket(found)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def answer(request: DeskRequest, shown: str) -> HttpResponse:
    """Write an answer. Where it is refused, or somebody was faster, the page comes back with the words kept."""
    found = ticket_or_404(request.user, shown)
    if request.method != "POST":
        return to_ticket(found)
    text = _text(request)
    client_key = _client_key(request)
    conversation_id = conversation_named(found, request.POST.get("to", ""))
    if conversation_id is None:
        words = _("The form is incomplete; send it again from this page.")
        return ticket_show(request, found.reference, Draft(text, client_key, refused=words), status=422)
    try:
        answer_write(
            actor=request.user,
            ticket_id=found.pk,
            conversation_id=conversation_id,
            text=text,
            tell_date=True,
            client_key=client_key,
            seen_message_id=message_named(found, request.POST.get("seen", "")),
            now=database_now(),
        )
    except Refused as refusal:
        draft = Draft(text=text, client_key=client_key, refused=refusal.words)
        return ticket_show(request, found.reference, draft, status=422)
    except Changed as change:
        draft = Draft(text=text, client_key=client_key, changed=change.words)
        return ticket_show(request, found.reference, draft, status=409)
    return to_ticket(found, f"?answered={client_key}")


@require_POST
@desk_page
def answer_measure(request: DeskRequest, shown: str) -> HttpResponse:
    """How long the answer would be, as the network counts it, as JSON {share, over, words}."""
    found = ticket_or_404(request.user, shown)
    conversation_id = conversation_named(found, request.POST.get("to", ""))
    if conversation_id is None:
        raise Http404
    conversation = Conversation.objects.select_related("account").get(pk=conversation_id)
    length = measure(request.user, found, conversation, _text(request), now=database_now())
    return JsonResponse({"share": length.share, "over": length.is_over, "words": length.words})


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
    if what == "again":
        reply_resolve_unknown(actor=request.user, reply_id=reply_id, verdict="again", now=now)
        return _("It is sent once more.")
    if what == "release":
        reply_release(actor=request.user, reply_id=reply_id, now=now)
        return _("Released: it is checked once more, then sent.")
    if what == "drop":
        reply_drop(actor=request.user, reply_id=reply_id, now=now)
        return _("Dropped: it will not be sent.")
    raise Refused("what", _("Choose what to do with this message."))


def _seen(request: DeskRequest) -> int | None:
    seen = request.POST.get("seen", "")
    return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None


def _text(request: DeskRequest) -> str:
    """The words with the line breaks that people mean: browsers send CR LF, networks count each sign."""
    return request.POST.get("text", "").replace("\r\n", "\n")[:MOST_LETTERS]


def _client_key(request: DeskRequest) -> str:
    """The form's own key, so that the same form sent twice is one answer; a new one where it is none of ours."""
    try:
        return str(uuid.UUID(request.POST.get("client_key", "")))
    except ValueError:
        return str(uuid.uuid4())
