"""What weighs nothing: place and tags of a ticket, and the language in which its caller is written to."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.pages import DeskRequest, desk_page
from tickets.asked_for import object_number
from tickets.clock import database_now
from tickets.display.tags import tags_as_kept, tags_line
from tickets.selectors_labels import tags_in_use
from tickets.services.labels import NUMBER_MOST, TAG_MOST, TAGS_MOST, caller_language_set, ticket_labels_set
from tickets.services.texts import words_current
from tickets.views.forms import text_of, version_of
from tickets.views.panel import Panel, attempt, values_of
from tickets.views.ticket import ticket_or_404, ticket_show, to_ticket


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def labels(request: DeskRequest, shown: str) -> HttpResponse:
    """One form for the three; each is set where it is another one."""
    found = ticket_or_404(request.user, shown)
    form = request.POST
    languages = words_current(database_now())[1].languages

    def show(refused: str = "", changed: str = "", status: int = 200) -> HttpResponse:
        values = values_of(form) or {
            "place": found.place,
            "number": object_number(found),
            "tags": tags_line(found.tags),
            "language": found.language,
        }
        more = {
            "languages": languages,
            "in_use": tags_in_use(found.team_id),
            "ticked": form.getlist("tag"),
            "tags_most": TAGS_MOST,
            "tag_most": TAG_MOST,
            "number_most": NUMBER_MOST,
        }
        panel = Panel("labels", values, refused, changed, more=more)
        return ticket_show(request, found.reference, panel=panel, status=status)

    def do() -> None:
        now, language = database_now(), form.get("language", "")
        # What is ticked stands beside what is typed.
        tags = ",".join([tags_as_kept(text_of(form, "tags")), *form.getlist("tag")])
        ticket_labels_set(
            actor=request.user,
            ticket_id=found.pk,
            place=text_of(form, "place"),
            tags=tags,
            number=form.get("number"),
            seen_version=version_of(form),
            now=now,
        )
        if language and language != found.language:
            caller_language_set(actor=request.user, ticket_id=found.pk, language=language, now=now)
            messages.success(request, _("Noted. The next notices go in that language."))
        else:
            messages.success(request, _("Noted."))

    if request.method != "POST":
        return show()
    return attempt(do, show) or to_ticket(found)
