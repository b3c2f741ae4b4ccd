"""Writing on a ticket: to the caller an answer, a question that the date waits for, or the last word; a note to
colleagues. Where it is refused, or somebody was faster, the page comes back with the words kept."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.pages import DeskRequest, desk_page
from tickets.clock import database_now
from tickets.models import Conversation, Ticket
from tickets.selectors_came import Seen, seen_named
from tickets.selectors_saved_replies import saved_reply_named
from tickets.selectors_ticket import (
    conversation_named,
    reply_named,
    token_of,
)
from tickets.selectors_ticket_rows import NEWEST_FIRST
from tickets.services.errors import Changed, Refused
from tickets.services.locked import ANSWERED, NEW_MESSAGE
from tickets.services.notes import note_write
from tickets.services.owning import answerer_takes
from tickets.services.replies import SENT_OTHERWISE, answer_write
from tickets.services.reply_files import files_drop
from tickets.services.resolving import ticket_resolve
from tickets.services.undo import reply_undo
from tickets.views.composing import Typed, pending, picks
from tickets.views.measure import NOTE, Composer
from tickets.views.reply_files import files_taken, files_wanted
from tickets.views.ticket import ticket_or_404, ticket_show, to_ticket
from tickets.views.typed import typed_of


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def answer(request: DeskRequest, shown: str) -> HttpResponse:
    found = ticket_or_404(request.user, shown)
    if request.method != "POST":
        return to_ticket(found)
    typed = typed_of(request)
    conversation_id = conversation_named(found, typed.thread)
    if conversation_id is None and typed.then != NOTE:
        words = _("The form is incomplete; send it again from this page.")
        return _again(request, found, typed, refused=words)
    try:
        _write(request, found, conversation_id, typed)
    except Refused as refusal:
        return _again(request, found, typed, refused=refusal.words)
    except Changed as change:
        if change.what == SENT_OTHERWISE:
            typed = replace(typed, client_key="")  # sent again, it is another message
        if change.what in (NEW_MESSAGE, ANSWERED):
            typed = replace(typed, since=_mark(request))
        return _again(request, found, typed, changed=change.words)
    return to_ticket(found, f"?answered={typed.client_key}")


def _again(
    request: DeskRequest, found: Ticket, typed: Typed, *, refused: str = "", changed: str = ""
) -> HttpResponse:
    back = replace(typed, refused=refused, changed=changed)
    return ticket_show(request, found.reference, back, status=409 if changed else 422)


def _mark(request: DeskRequest) -> str:
    """Of what stood before them when they pressed: of the page, or of what came since and was shown with the choice to
    send all the same."""
    return (request.POST.get("anyway") or request.POST.get("seen", ""))[:100]


def _seen(request: DeskRequest, found: Ticket) -> Seen:
    return seen_named(found, _mark(request))


def _write(request: DeskRequest, found: Ticket, conversation_id: int | None, typed: Typed) -> None:
    user = request.user
    if typed.then == NOTE:
        now = database_now()
        note_write(
            actor=user,
            ticket_id=found.pk,
            text=typed.text,
            client_key=typed.client_key,
            conversation_id=conversation_id,
            now=now,
        )
        return
    wanted, brought = files_wanted(user, found, typed), files_taken(request, found, typed)
    now, files = database_now(), [*wanted, *brought]
    seen, saved = _seen(request, found), saved_reply_named(user, typed.saved)
    if typed.then == "resolves":
        ticket_resolve(
            actor=user,
            ticket_id=found.pk,
            conversation_id=conversation_id,
            own_text=typed.text,
            client_key=typed.client_key,
            seen_message_id=seen.message_id,
            seen_reply_id=seen.reply_id,
            seen_join_id=seen.join_id,
            saved=saved.pk if saved is not None else None,
            files=files,
            now=now,
        )
    else:
        answer_write(
            actor=user,
            ticket_id=found.pk,
            conversation_id=conversation_id or 0,
            text=typed.text,
            tell_date=True,
            asks=typed.then == "asks",
            client_key=typed.client_key,
            seen_message_id=seen.message_id,
            seen_reply_id=seen.reply_id,
            seen_join_id=seen.join_id,
            saved=saved.pk if saved is not None else None,
            files=files,
            now=now,
        )
        answerer_takes(actor=user, ticket_id=found.pk, now=now)
    files_drop(actor=user, file_ids=brought)
    if pending(user, found, now=now) is not None:
        return  # the bar that takes it back says what becomes of it
    if typed.then == "resolves":
        messages.success(request, _("Resolved, with your words."))
    elif typed.then == "asks":
        messages.success(request, _("Asked. Once it was sent, the date waits for their answer."))


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def undo(request: DeskRequest, shown: str, token: str) -> HttpResponse:
    """Take back what was just sent; its words stand in the composer again."""
    found = ticket_or_404(request.user, shown)
    reply_id = reply_named(found, token)
    if reply_id is None:
        raise Http404
    if request.method != "POST":
        return to_ticket(found)
    try:
        draft = reply_undo(actor=request.user, reply_id=reply_id, now=database_now())
    except (Refused, Changed) as refusal:
        messages.error(request, refusal.words)
        return to_ticket(found)
    if draft is None:
        messages.success(request, _("Taken back; nobody has read it. The date that was told stands."))
        return to_ticket(found)
    messages.success(request, _("Taken back; nobody has read it. Your words stand in the composer again."))
    return to_ticket(found, "?draft=answer")


@require_POST
@desk_page
def answer_measure(request: DeskRequest, shown: str) -> HttpResponse:
    """How long the message would be, as the network counts it, as JSON {share, over, words, added}."""
    found = ticket_or_404(request.user, shown)
    typed = typed_of(request)
    length = _composer(request, found, typed).measure(typed.text, typed.then)
    return JsonResponse(
        {"share": length.share, "over": length.is_over, "words": length.words, "added": length.added}
    )


@require_POST
@desk_page
def answer_preview(request: DeskRequest, shown: str) -> HttpResponse:
    """The messages as the network would show them: that part of the page for the script, else the page with it open."""
    found = ticket_or_404(request.user, shown)
    typed = typed_of(request)
    if request.headers.get("X-Part") != "preview":
        return ticket_show(request, found.reference, replace(typed, preview=True))
    place = _place(found, typed)
    composer = Composer(request.user, found, place, now=database_now())
    context = {"parts": composer.parts(typed.text, typed.then), "account": place.account, "t": found}
    return render(request, "tickets/composer/_parts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def saved_reply_pick(request: DeskRequest, shown: str) -> HttpResponse:
    """GET: saved replies that fit, and hold `q`, as part of the page. POST: the page with the chosen one put in."""
    found = ticket_or_404(request.user, shown)
    if request.method != "POST":
        place = _place(found, Typed(thread=request.GET.get("to", "") or _newest(found)))
        query = request.GET.get("q", "")
        offered = picks(request.user, found, place, query=query, now=database_now())
        return render(request, "tickets/composer/_picks.html", {"picks": offered, "t": found, "query": query})
    typed = typed_of(request)
    place = _place(found, typed)
    wanted = saved_reply_named(request.user, request.POST.get("pick", ""))
    offered = picks(request.user, found, place, query=wanted.title if wanted else "", now=database_now())
    chosen = next((each for each in offered if wanted and each.offered.reply.pk == wanted.pk), None)
    if chosen is None:
        return _again(request, found, typed, refused=_("That saved reply is no longer offered."))
    text = "\n".join(part for part in (typed.text.rstrip(), chosen.text) if part)
    return ticket_show(request, found.reference, replace(typed, text=text, saved=chosen.offered.token))


def _composer(request: DeskRequest, found: Ticket, typed: Typed) -> Composer:
    return Composer(request.user, found, _place(found, typed), now=database_now())


def _place(found: Ticket, typed: Typed) -> Conversation:
    conversation_id = conversation_named(found, typed.thread)
    if conversation_id is None:
        raise Http404
    return Conversation.objects.select_related("account", "identity").get(pk=conversation_id)


def _newest(found: Ticket) -> str:
    """Token of the conversation in which the caller spoke last; "" where there is none."""
    place = Conversation.objects.filter(ticket=found).order_by(*NEWEST_FIRST).first()
    return token_of(place) if place is not None else ""
