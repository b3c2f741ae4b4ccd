"""One message, whole: everything that was written, and as it looked in its author's program.

Its HTML is a stranger's. It is cleaned (html_pages.py), has an address of its own, is told by that address's policy
that it may run, load and send nothing, and stands in a frame that is nobody's origin.
"""

from __future__ import annotations

from csp.constants import NONE
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.access import is_staff_of_desk
from accounts.models import User
from accounts.pages import DeskRequest, desk_page
from tickets import tokens
from tickets.clock import database_now
from tickets.filetypes import PICTURES
from tickets.html_pages import Look, look_of, original_of, pictures_of
from tickets.models import Attachment, Message, Ticket
from tickets.reference import read
from tickets.selectors_attachments import attachment_named
from tickets.selectors_talk import hung_of
from tickets.selectors_ticket import message_named, ticket_visible
from tickets.tokens import token
from tickets.views.attachments import NOTHING
from tickets.views.ticket import ticket_or_404

_SALT = "tickets.look"
#: Seconds in which the pictures of a look are fetched; after that it is opened anew.
_PROOF_HOLDS = 900
_SANDBOX = ("allow-popups", "allow-popups-to-escape-sandbox")
"""Links open in a window of their own, when a person follows them. No scripts, no forms, no origin."""


@require_safe
@desk_page
def message(request: DeskRequest, shown: str, token: str) -> HttpResponse:
    """The page; for the script of the ticket's page, the part that it asks for (X-Part: words, look)."""
    found, said, rows = _message(request.user, shown, token)
    context = {
        "t": found,
        "m": said,
        "token": token,
        "now": database_now(),
        "whole": said.full_text or said.body,
        "original": _original(rows),
        "files": [hung_of(each) for each in rows if each.kind != "original"],
        "sandbox": " ".join(_SANDBOX),
    }
    part = request.headers.get("X-Part", "")
    if part in ("words", "look"):
        return render(request, f"tickets/message/_{part}.html", context)
    return render(request, "tickets/message.html", context)


@require_safe
@desk_page
def look(request: DeskRequest, shown: str, token: str) -> HttpResponse:
    """What its author's program would show, for a frame."""
    found, said, rows = _message(request.user, shown, token)
    original = original_of(rows)
    if original is None:
        raise Http404
    try:
        made = look_of(said, original, _addresses(request.user, found, rows))
    except FileNotFoundError as lost:
        raise Http404 from lost
    response = render(request, "tickets/message/look.html", {"look": made, "m": said})
    return _harmless(request, response, found, made)


def _harmless(request: DeskRequest, response: HttpResponse, found: Ticket, made: Look) -> HttpResponse:
    pictures = request.build_absolute_uri(reverse("look_picture", args=[found.shown_reference, "-"]))[:-2]
    # As csp.decorators.csp does, whose types know no view with arguments.
    response._csp_config = {  # type: ignore[attr-defined]
        "default-src": [NONE],
        "img-src": [pictures] if made.html else [NONE],
        "style-src": ["'unsafe-inline'"],
        "base-uri": [NONE],
        "form-action": [NONE],
        "frame-ancestors": ["'self'"],
        "sandbox": list(_SANDBOX),
    }
    response["Referrer-Policy"] = "no-referrer"
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["X-Content-Type-Options"] = "nosniff"
    # Or the names of hosts that links lead to are looked up before anybody follows one.
    response["X-DNS-Prefetch-Control"] = "off"
    return response


def _addresses(user: User, found: Ticket, rows: list[Attachment]) -> dict[str, str]:
    """Of the pictures within. The frame is nobody's origin, so no cookie goes with what it asks for: each address
    proves for a while who may see it."""
    return {
        name: reverse("look_picture", args=[found.shown_reference, proof_of(user, row)])
        for name, row in pictures_of(rows).items()
    }


def proof_of(user: User, row: Attachment) -> str:
    """Names the two as addresses do, and when."""
    return signing.dumps([token("user", user.pk), token("attachment", row.pk)], salt=_SALT)


@require_safe
@login_not_required
@never_cache
def look_picture(request: HttpRequest, shown: str, proof: str) -> FileResponse:  # noqa: ARG001 - the decorators' shape
    """A picture within a look, for whom the look was made, while they may see its ticket. All else is 404."""
    try:
        who, what = signing.loads(proof, salt=_SALT, max_age=_PROOF_HOLDS)
    except signing.BadSignature as wrong:
        raise Http404 from wrong
    active = User.objects.filter(is_active=True)
    user_id = tokens.named("user", active.values_list("pk", flat=True), who)
    user, reference = active.filter(pk=user_id or 0).first(), read(shown)
    found = (
        ticket_visible(user, reference)
        if user is not None and is_staff_of_desk(user) and reference is not None
        else None
    )
    row = attachment_named(found, what) if found is not None else None
    if row is None or row.content_type not in PICTURES:
        raise Http404
    try:
        file = default_storage.open(row.storage_key, "rb")
    except FileNotFoundError as lost:
        raise Http404 from lost
    response = FileResponse(file, content_type=row.content_type)
    response._csp_config = NOTHING  # type: ignore[attr-defined]
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _message(user: User, shown: str, token: str) -> tuple[Ticket, Message, list[Attachment]]:
    """404 for what one may not see, as for what is gone."""
    found = ticket_or_404(user, shown)
    message_id = message_named(found, token)
    said = (
        Message.objects.select_related("account", "identity", "author")
        .filter(pk=message_id or 0, removed_at__isnull=True)
        .first()
    )
    if said is None:
        raise Http404
    return found, said, list(said.attachments.order_by("pk"))


def _original(rows: list[Attachment]) -> dict[str, object] | None:
    row = original_of(rows)
    return {"row": row, "token": hung_of(row).token} if row is not None else None
