"""The page of saved replies: everybody reads them; leads write those of their team, managers all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Team
from accounts.pages import DeskRequest, desk_page
from priority.selectors import policy_current, policy_of
from tickets.clock import database_now
from tickets.models import SavedReply
from tickets.selectors_saved_replies import (
    may_write_any,
    saved_replies_page,
    saved_reply_named,
    teams_to_write_for,
    texts_of,
    token_of,
)
from tickets.services.errors import Changed, Refused
from tickets.services.saved_replies import may_write, saved_reply_archive, saved_reply_write
from tickets.services.saved_reply_use import PLACEHOLDERS, filled
from tickets.services.texts import words_current
from tickets.texts.dates import LANGUAGES, date_words
from tickets.texts.document import MANNERS
from tickets.views.forms import text_of, version_of

EVERYBODY = "everybody"


@dataclass(frozen=True, slots=True)
class Field:
    """The words in one language and manner: as they are typed, and as a caller would read them."""

    name: str
    language: str
    manner: str
    text: str
    sample: str

    @property
    def label(self) -> str:
        return str(_MANNER_WORDS[self.manner]())


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in the form."""

    title: str = ""
    team: str = EVERYBODY
    categories: Sequence[str] = ()
    texts: Mapping[tuple[str, str], str] = field(default_factory=dict)
    refused: str = ""
    changed: str = ""
    shown: bool = False


_MANNER_WORDS: Mapping[str, Callable[[], str]] = {
    "": lambda: _("Wherever nothing else is written"),
    "short": lambda: _("Where messages are short"),
    "conversational": lambda: _("Where it is a conversation"),
    "letter": lambda: _("As a letter"),
}


@require_safe
@desk_page
def saved_replies(request: DeskRequest) -> HttpResponse:
    archived, query = request.GET.get("show") == "archived", request.GET.get("q", "")
    policy = policy_of(policy_current().pk)
    context = {
        "shelves": saved_replies_page(request.user, archived=archived, query=query),
        "categories": {each.key: each.name for each in policy.categories},
        "may_write_any": may_write_any(request.user),
        "archived": archived,
        "query": query,
        "here": "saved_replies",
        "now": database_now(),
    }
    return render(request, "tickets/saved_replies.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def saved_reply_new(request: DeskRequest) -> HttpResponse:
    if not may_write_any(request.user):
        raise Http404
    return _form(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def saved_reply(request: DeskRequest, name: str) -> HttpResponse:
    row = _named(request, name)
    return _form(request, row)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def saved_reply_archived(request: DeskRequest, name: str) -> HttpResponse:
    """Offer it to nobody any more, or to everybody again."""
    row = _named(request, name)
    if request.method != "POST":
        return HttpResponseRedirect(reverse("saved_reply", args=[name]))
    archived = request.POST.get("what") != "restore"
    try:
        saved_reply_archive(actor=request.user, saved_id=row.pk, archived=archived, now=database_now())
    except Refused as refusal:
        messages.error(request, refusal.words)
        return HttpResponseRedirect(reverse("saved_reply", args=[name]))
    words = _("Archived: nobody is offered it any more.") if archived else _("It is offered again.")
    messages.success(request, words)
    return HttpResponseRedirect(reverse("saved_replies"))


def _named(request: DeskRequest, name: str) -> SavedReply:
    row = saved_reply_named(request.user, name)
    if row is None:
        raise Http404
    return row


def _form(request: DeskRequest, row: SavedReply | None) -> HttpResponse:
    if request.method != "POST":
        return _show(request, row, _stored(row))
    written = _written(request)
    if request.POST.get("what") == "preview":
        return _show(request, row, _with(written, shown=True))
    team_id, known = _team(request, written.team)
    if not known:
        return _show(request, row, _with(written, refused=_("Choose a team.")), status=422)
    try:
        saved_reply_write(
            actor=request.user,
            saved_id=row.pk if row is not None else None,
            title=written.title,
            team_id=team_id,
            categories=written.categories,
            texts=written.texts,
            seen_version=version_of(request.POST),
            now=database_now(),
        )
    except Refused as refusal:
        return _show(request, row, _with(written, refused=refusal.words), status=422)
    except Changed as change:
        return _show(request, row, _with(written, changed=change.words), status=409)
    messages.success(request, _("Kept. It is offered from now on."))
    return HttpResponseRedirect(reverse("saved_replies"))


def _show(
    request: DeskRequest, row: SavedReply | None, written: Written, *, status: int = 200
) -> HttpResponse:
    now = database_now()
    policy = policy_of(policy_current().pk)
    teams = teams_to_write_for(request.user)
    editable = row is None or may_write(request.user, row.team_id)
    context: dict[str, Any] = {
        "row": row,
        "name": token_of(row) if row is not None else "",
        "written": written,
        "groups": _fields(written, now),
        "categories": [(each.key, each.name, each.key in written.categories) for each in policy.categories],
        "teams": [(team.key, team.name, team.key == written.team) for team in teams],
        "for_everybody": request.user.is_manager,
        "everybody": EVERYBODY,
        "placeholders": [(f"{{{name}}}", words) for name, words in _placeholder_words().items()],
        "may_write": editable,
        "here": "saved_replies",
        "now": now,
    }
    return render(request, "tickets/saved_reply.html", context, status=status)


def _fields(written: Written, now: datetime) -> list[tuple[str, str, list[Field]]]:
    """(language, its name, its fields), the desk's languages in their order, then others it was written in."""
    languages = dict.fromkeys([*words_current(now)[1].languages, *(code for code, _m in written.texts)])
    found = []
    for code in languages:
        fields = [
            Field(
                name=f"text:{code}:{manner}",
                language=code,
                manner=manner,
                text=written.texts.get((code, manner), ""),
                sample=_sample(written.texts.get((code, manner), ""), code, now) if written.shown else "",
            )
            for manner in ("", *MANNERS)
        ]
        found.append((code, _language_name(code), fields))
    return found


def _sample(text: str, language: str, now: datetime) -> str:
    """As a caller called Anouk would read it."""
    known = language if language in LANGUAGES else "en"
    date = date_words(now + timedelta(days=1), zone="Europe/Amsterdam", language=known, now=now)
    values = {"name": "Anouk", "reference": "K7QM-4T2X", "date": date, "sign_off": "^Merendam"}
    return filled(text, values)


def _written(request: DeskRequest) -> Written:
    form = request.POST
    texts = {}
    for name in form:
        parts = name.split(":")
        if len(parts) == 3 and parts[0] == "text":
            texts[parts[1][:8], parts[2][:16]] = text_of(form, name)
    return Written(
        title=form.get("title", "")[:200],
        team=form.get("team", EVERYBODY)[:40],
        categories=[key[:60] for key in form.getlist("category")][:50],
        texts=texts,
    )


def _with(written: Written, *, refused: str = "", changed: str = "", shown: bool = False) -> Written:
    return Written(written.title, written.team, written.categories, written.texts, refused, changed, shown)


def _stored(row: SavedReply | None) -> Written:
    if row is None:
        return Written()
    texts = {(text.language, text.manner): text.text for text in texts_of([row.pk])[row.pk]}
    team: Team | None = row.team
    return Written(row.title, team.key if team is not None else EVERYBODY, row.categories, texts, shown=True)


def _team(request: DeskRequest, key: str) -> tuple[int | None, bool]:
    if key == EVERYBODY:
        return None, True
    team = next((each for each in teams_to_write_for(request.user) if each.key == key), None)
    return (team.pk if team is not None else None), team is not None


def _language_name(code: str) -> str:
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code.upper()


def _placeholder_words() -> Mapping[str, str]:
    words = {
        "name": _("the caller’s name"),
        "reference": _("the number they know"),
        "date": _("the date that they were told, or are told with this answer"),
        "place": _("the place that was noted"),
        "object_number": _("the number on the object that was noted"),
        "missing": _("what the category asks and is not known yet: “the exact place and a photo”"),
        "sign_off": _("the account’s sign-off; it is added by itself below an answer"),
    }
    return {name: words[name] for name in PLACEHOLDERS}
