"""Files that go out with an answer: put beside what is being written, taken away again, looked at."""

from __future__ import annotations

from dataclasses import replace

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import Q
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.pages import DeskRequest, desk_page
from tickets import tokens
from tickets.clock import database_now
from tickets.display.files import size_words
from tickets.models import ReplyFile, Ticket
from tickets.selectors_talk import sent_of
from tickets.selectors_ticket import conversation_named
from tickets.services.errors import NotFound, Refused
from tickets.services.reply_files import reply_file_add, reply_file_remove
from tickets.uploads import too_large
from tickets.views.attachments import saved_or_shown
from tickets.views.composing import Typed
from tickets.views.ticket import ticket_or_404, ticket_show, to_ticket
from tickets.views.typed import typed_of


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def files(request: DeskRequest, shown: str) -> HttpResponse:
    """POST `file` puts files there, `remove` takes one away. For the script (X-Part: files) the list as part of the
    page, else the page with all that was typed."""
    found = ticket_or_404(request.user, shown)
    if request.method != "POST":
        return to_ticket(found)
    typed, refused = typed_of(request), ""
    try:
        files_taken(request, found, typed)
        if wanted := request.POST.get("remove", ""):
            reply_file_remove(
                actor=request.user, ticket_id=found.pk, file_id=_mine(request.user, found, wanted)
            )
    except Refused as refusal:
        refused = refusal.words
    except NotFound:
        refused = _("That file is no longer here.")
    status = 422 if refused else 200
    if request.headers.get("X-Part") != "files":
        return ticket_show(request, found.reference, replace(typed, refused=refused), status=status)
    rows = ReplyFile.objects.filter(author=request.user, ticket=found, reply__isnull=True).order_by("pk")
    context = {"t": found, "own_files": [sent_of(each) for each in rows], "files_refused": refused}
    return render(request, "tickets/composer/_file_list.html", context, status=status)


def files_taken(request: DeskRequest, found: Ticket, typed: Typed) -> list[int]:
    """Ids of the files that the form itself brings, now beside the draft. Raises Refused; those before it stay."""
    brought = request.FILES.getlist("file")
    if too_large(request):
        raise Refused(
            "files",
            _("That is too large: the files of one message may have %(most)s together.")
            % {"most": size_words(settings.ATTACHMENT_MOST_BYTES)},
        )
    now = database_now()
    place = conversation_named(found, typed.thread) or 0
    return [
        reply_file_add(actor=request.user, ticket_id=found.pk, conversation_id=place, file=each, now=now).pk
        for each in brought
    ]


def files_wanted(user: User, found: Ticket, typed: Typed) -> list[int]:
    """Ids of the files that the form shows; 0 for one that is gone."""
    return [_mine(user, found, each) for each in typed.files]


def _mine(user: User, found: Ticket, wanted: str) -> int:
    mine = ReplyFile.objects.filter(author=user, ticket=found, reply__isnull=True)
    return tokens.named("replyfile", mine.values_list("pk", flat=True), wanted) or 0


@require_safe
@desk_page
def file(request: DeskRequest, shown: str, token: str) -> FileResponse:
    """One that goes, or went, out with a message of the ticket; one beside a draft only to whoever put it there."""
    found = ticket_or_404(request.user, shown)
    here = ReplyFile.objects.filter(Q(reply__isnull=False) | Q(author=request.user), ticket=found)
    named = tokens.named("replyfile", here.values_list("pk", flat=True), token)
    row = here.filter(pk=named or 0).first()
    if row is None:
        raise Http404
    try:
        stands = default_storage.open(row.storage_key, "rb")
    except FileNotFoundError as lost:
        raise Http404 from lost
    return saved_or_shown(stands, name=row.name, content_type=row.content_type)
