"""The caller's page: open to whoever has its link, and to nobody else.

The link is the key, and an unguessable one: it stands in the place of a cookie, so that none is set and a form that
comes with it needs no other token. Every link that leads nowhere is answered alike, whatever was wrong with it: the
same queries, the same headers, the same words, which say nothing of it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts.services.organisation import organisation_name
from accounts.throttle_public import address_of, too_often
from channels_social.page_seen import page_seen
from channels_social.page_words import WORDS_MOST, words_store, words_waiting
from tickets.clock import database_now
from tickets.display.callers import caller_words
from tickets.selectors_status import status_language, status_page
from tickets.services.caller_says import caller_not_solved, caller_solved
from tickets.services.errors import NotFound, Refused
from tickets.services.on_page import file_named
from tickets.services.status_links import Opened, status_link_open
from tickets.services.texts import words_current
from tickets.texts.shapes import Words
from tickets.views.attachments import saved_or_shown

NOT_KEPT, NOT_FOUND_BY_SEARCH = "no-store, private, max-age=0", "noindex, nofollow, noarchive"
#: Within a minute.
READ_OF_ADDRESS, READ_OF_LINK, SAID_OF_LINK = 120, 60, 12
#: Marks that one page sends back: more than lie there.
_MARKS_MOST = 200
#: What a page says after a press, by what stands in its address.
_DONE = frozenset({"added", "thanks_solved", "opened_again", "noted", "thanks_read"})


@dataclass(frozen=True, slots=True)
class _Asked:
    """What came with the request. typed: what was written, kept whatever becomes of it. seen: marks of what its browser
    has shown."""

    token: str
    language: str
    typed: str
    key: str
    solved: str
    done: str
    seen: frozenset[str]
    now: datetime


@login_not_required
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def status(request: HttpRequest, token: str) -> HttpResponse:
    """1. Counted, by address and by link; too often: 429, and what was typed stands on the page.
    2. The link is looked up; one that leads nowhere: 404.
    3. A form's words are stored, or its button is taken; then back to the page.
    """
    asked = _asked(request, token)
    wait = _wait(request, asked)
    opened = status_link_open(token, now=asked.now)
    if wait:
        return _bare(asked, "callers/too_often.html", status=429, wait=wait)
    if opened is None:
        return _bare(asked, "callers/gone.html", status=404)
    words = words_current(asked.now)[1]
    language = status_language(opened, words, asked.language)
    if request.method != "POST":
        return _page(asked, opened, words, language)
    try:
        with translation.override(language):
            done = _do(asked, opened)
    except NotFound:
        return _bare(asked, "callers/gone.html", status=404)
    except Refused as refused:
        return _page(asked, opened, words, language, refused=refused)
    answer = HttpResponse(status=303)
    answer["Location"] = f"{request.path}?in={language}&done={done}"
    return _headed(answer, language)


@login_not_required
@require_safe
def status_file(request: HttpRequest, token: str, name: str) -> HttpResponse | FileResponse:
    """A file of what lies on the page, for whoever has its link; 404 for anything else, as for a link that leads
    nowhere."""
    asked = _asked(request, token)
    wait = _wait(request, asked)
    opened = status_link_open(token, now=asked.now)
    if wait:
        return _bare(asked, "callers/too_often.html", status=429, wait=wait)
    found = file_named(opened, name, now=asked.now) if opened is not None else None
    try:
        stands = default_storage.open(found.storage_key, "rb") if found is not None else None
    except FileNotFoundError:
        stands = None
    if found is None or stands is None:
        return _bare(asked, "callers/gone.html", status=404)
    answer = saved_or_shown(stands, name=found.name, content_type=found.content_type)
    answer["Cache-Control"], answer["X-Robots-Tag"] = NOT_KEPT, NOT_FOUND_BY_SEARCH
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def _asked(request: HttpRequest, token: str) -> _Asked:
    wanted = request.GET.get("in", "")
    return _Asked(
        token=token,
        language=wanted if wanted in dict(settings.LANGUAGES) else "",
        typed=request.POST.get("add", ""),
        key=request.POST.get("key", ""),
        solved=request.POST.get("solved", ""),
        done=request.GET.get("done", ""),
        seen=frozenset(request.POST.getlist("seen")[:_MARKS_MOST]),
        now=database_now(),
    )


def _wait(request: HttpRequest, asked: _Asked) -> int:
    """Seconds until it may be asked again; 0: now."""
    by_address = too_often(f"page:address:{address_of(request)}", READ_OF_ADDRESS, now=asked.now)
    says = request.method == "POST" and not asked.seen
    most = SAID_OF_LINK if says else READ_OF_LINK
    name = "said" if says else "seen" if asked.seen else "read"
    by_link = too_often(f"page:{name}:{asked.token.lower()}", most, now=asked.now)
    return max(by_address, by_link)


def _do(asked: _Asked, opened: Opened) -> str:
    """What was pressed, or shown; the code of what the page says then. Raises NotFound, Refused."""
    if asked.seen:
        return "thanks_read" if page_seen(opened=opened, marks=asked.seen, now=asked.now) else ""
    if asked.solved == "yes":
        caller_solved(opened=opened, now=asked.now)
        return "thanks_solved"
    if asked.solved == "no":
        was_open = opened.ticket.is_open
        caller_not_solved(opened=opened, now=asked.now)
        return "noted" if was_open else "opened_again"
    words_store(opened=opened, text=asked.typed, key=asked.key, now=asked.now)
    return "added"


def _page(
    asked: _Asked, opened: Opened, words: Words, language: str, *, refused: Refused | None = None
) -> HttpResponse:
    account = opened.conversation.account
    with translation.override(language), timezone.override(ZoneInfo(account.zone)):
        page = status_page(opened, words=words, language=language, now=asked.now)
        context: dict[str, Any] = {
            "page": page,
            "say": page.say,
            "language": language,
            "name": account.name,
            "waiting": words_waiting(opened) if page.shows_words else (),
            "key": secrets.token_hex(16),
            "typed": asked.typed,
            "words_most": WORDS_MOST,
            "refused": refused,
            "done": page.say[asked.done] if asked.done in _DONE and refused is None else "",
            # The account's own first, as on its form.
            "languages": sorted(settings.LANGUAGES, key=lambda each: each[0] != account.language),
        }
        html = render_to_string("callers/status.html", context, request=None)
    return _headed(HttpResponse(html, status=422 if refused else 200), language)


def _bare(asked: _Asked, template: str, *, status: int, wait: int = 0) -> HttpResponse:
    """A page that knows of no link. Its language: the one asked for, else the browser's."""
    language = asked.language or (translation.get_language() or settings.LANGUAGE_CODE)
    with translation.override(language):
        context = {
            "say": caller_words("formal"),
            "language": language,
            "name": organisation_name(),
            "typed": asked.typed[:WORDS_MOST],
            "key": asked.key,
            "solved": asked.solved,
            "languages": settings.LANGUAGES,
        }
        html = render_to_string(template, context, request=None)
    answer = _headed(HttpResponse(html, status=status), language)
    if wait:
        answer["Retry-After"] = str(wait)
    return answer


def _headed(answer: HttpResponse, language: str) -> HttpResponse:
    """Kept by nobody, found by no search, and its address told to no other page."""
    answer["Cache-Control"], answer["X-Robots-Tag"] = NOT_KEPT, NOT_FOUND_BY_SEARCH
    answer["Referrer-Policy"] = "no-referrer"
    answer["Content-Language"] = language
    return answer
