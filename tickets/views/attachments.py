"""What hung on a message, from storage to whoever may see its ticket: a picture to be shown, all else to be saved."""

from __future__ import annotations

from csp.constants import NONE
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404
from django.views.decorators.http import require_safe

from accounts.pages import DeskRequest, desk_page
from tickets.filetypes import PICTURES, UNKNOWN
from tickets.selectors_attachments import attachment_named
from tickets.views.ticket import ticket_or_404

#: Were a file ever shown as a page in spite of all the rest, it could run nothing, load nothing and send nothing.
NOTHING = {
    "default-src": [NONE],
    "frame-ancestors": [NONE],
    "form-action": [NONE],
    "sandbox": True,
}


@require_safe
@desk_page
def attachment(request: DeskRequest, shown: str, token: str) -> FileResponse:
    """404 for what is not kept, as for what is not there. Only the pictures of `PICTURES` are shown where they are
    asked for; whatever else, also a page or a drawing with scripts, is saved as a file."""
    found = attachment_named(ticket_or_404(request.user, shown), token)
    if found is None:
        raise Http404
    try:
        file = default_storage.open(found.storage_key, "rb")
    except FileNotFoundError as lost:
        raise Http404 from lost
    return saved_or_shown(file, name=found.name or f"file-{found.pk}", content_type=found.content_type)


def saved_or_shown(file: File[bytes], *, name: str, content_type: str) -> FileResponse:
    """Only the pictures of `PICTURES` are shown; whatever else is saved, and can do nothing wherever it is shown."""
    shows = content_type in PICTURES
    response = FileResponse(
        file, as_attachment=not shows, filename=name, content_type=content_type if shows else UNKNOWN
    )
    # As csp.decorators.csp does, whose types know no view with arguments.
    response._csp_config = NOTHING  # type: ignore[attr-defined]
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
