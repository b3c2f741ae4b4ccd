"""Writing to the caller: an answer, a question that the date waits for, or the last word. Where it is refused, or
somebody was faster, the page comes back with the words kept."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.pages import DeskRequest, desk_page
from tickets.clock import database_now
from tickets.models import Conversation, Ticket
from tickets.selectors_ticket import conversation_named, message_named
from tickets.services.errors import Changed, Refused
from tickets.services.replies import answer_write
from tickets.services.work import ticket_resolve
from tickets.views.forms import client_key_of, text_of
from tickets.views.measure import MODES, Composer
from tickets.views.ticket import Draft, ticket_or_404, ticket_show, to_ticket


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def answer(request: DeskRequest, shown: str) -> HttpResponse:
    found = ticket_or_404(request.user, shown)
    if request.method != "POST":
        return to_ticket(found)
    text, client_key, then = text_of(request.POST), client_key_of(request.POST), _mode(request)
    thread = request.POST.get("to", "")
    conversation_id = conversation_named(found, thread)
    if conversation_id is None:
        words = _("The form is incomplete; send it again from this page.")
        return ticket_show(request, found.reference, Draft(text, client_key, words, then=then), status=422)
    try:
        _write(request, found, conversation_id, text, client_key, then)
    except Refused as refusal:
        draft = Draft(text, client_key, refused=refusal.words, then=then, thread=thread)
        return ticket_show(request, found.reference, draft, status=422)
    except Changed as change:
        draft = Draft(text, client_key, changed=change.words, then=then, thread=thread)
        return ticket_show(request, found.reference, draft, status=409)
    return to_ticket(found, f"?answered={client_key}")


def _write(
    request: DeskRequest, found: Ticket, conversation_id: int, text: str, client_key: str, then: str
) -> None:
    seen, now = message_named(found, request.POST.get("seen", "")), database_now()
    if then == "resolves":
        ticket_resolve(
            actor=request.user,
            ticket_id=found.pk,
            conversation_id=conversation_id,
            own_text=text,
            client_key=client_key,
            seen_message_id=seen,
            now=now,
        )
        messages.success(request, _("Resolved, with your words."))
        return
    answer_write(
        actor=request.user,
        ticket_id=found.pk,
        conversation_id=conversation_id,
        text=text,
        tell_date=True,
        asks=then == "asks",
        client_key=client_key,
        seen_message_id=seen,
        now=now,
    )
    if then == "asks":
        messages.success(request, _("Asked. Once it was sent, the date waits for their answer."))


@require_POST
@desk_page
def answer_measure(request: DeskRequest, shown: str) -> HttpResponse:
    """How long the message would be, as the network counts it, as JSON {share, over, words, added}."""
    found = ticket_or_404(request.user, shown)
    conversation_id = conversation_named(found, request.POST.get("to", ""))
    if conversation_id is None:
        raise Http404
    conversation = Conversation.objects.select_related("account").get(pk=conversation_id)
    composer = Composer(request.user, found, conversation, now=database_now())
    length = composer.measure(text_of(request.POST), _mode(request))
    return JsonResponse(
        {"share": length.share, "over": length.is_over, "words": length.words, "added": length.added}
    )


def _mode(request: DeskRequest) -> str:
    return next((mode for mode in MODES if mode == request.POST.get("then", "")), "")
