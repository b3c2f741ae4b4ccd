"""The texts of the policy: the list of them, and one of them to write, check, preview and put back.

Everybody of the desk reads them; managers change them. What is saved is in use at once, as a new revision.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import may_set_policy
from accounts.pages import DeskRequest, desk_page
from priority.views.base import page_context, section_of
from tickets.clock import database_now
from tickets.display import texts as words_for
from tickets.display.codes import REASONS
from tickets.selectors_texts import (
    history_of,
    is_ready_made,
    known_longest,
    published_last,
    revision_in_force,
    revision_numbered,
    spots_by_manner,
    words_of,
)
from tickets.services.errors import Refused
from tickets.services.texts import (
    REASON_MOST,
    TextChanged,
    TextRefused,
    text_check,
    text_cleaned,
    text_save,
    words_current,
)
from tickets.texts.diff import pieces
from tickets.texts.document import Words, seed
from tickets.texts.fits import all_misfits
from tickets.texts.places import Place, Text, place_at, places, text_at
from tickets.texts.shapes import FORMS, MANNERS, NoticeKind
from tickets.views.forms import text_of
from tickets.views.text_columns import columns


class _Row(NamedTuple):
    """A text in the list. said: a line, as it reads in the reader's language."""

    words: str
    place: Place
    address: str
    changed: bool
    said: str


@require_safe
@desk_page
def texts(request: DeskRequest) -> HttpResponse:
    """By kind and manner; what is not as it came with the desk is marked."""
    now = database_now()
    words = words_current(now)[1]
    found = sorted(places(words), key=_order)
    language = _reading(words)
    kinds: dict[str, list[_Row]] = {}
    groups: dict[str, list[_Row]] = {}
    for place in found:
        into, key = (groups, place.path.partition(".")[0]) if place.path else (kinds, place.kind)
        said = text_at(words, place)[language].get("line", "")
        changed = not is_ready_made(words, place)
        row = _Row(words_for.place_words(place), place, _address(place), changed, said)
        into.setdefault(key, []).append(row)
    context = {
        **page_context(section_of(request.user), "texts"),
        "kinds": [(*words_for.KINDS[kind], rows) for kind, rows in kinds.items()],  # type: ignore[index]
        "manners": [words_for.MANNERS[manner] for manner in MANNERS],
        "groups": [(words_for.GROUPS[group], rows) for group, rows in groups.items()],
        "in_force": revision_in_force(),
        "language": language,
        "too_long": _too_long(words),
        "published": [
            (
                each.revision,
                [(_named(place), _address(place)) for place in each.places[:_NAMED]],
                len(each.places) - _NAMED,
            )
            for each in published_last(words)
        ],
        "changed": sum(row.changed for rows in (*kinds.values(), *groups.values()) for row in rows),
    }
    return render(request, "tickets/texts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def text(request: DeskRequest, kind: str, rest: str) -> HttpResponse:
    """One text: GET shows it; POST checks, saves, or puts an earlier wording back."""
    now = database_now()
    words = words_current(now)[1]
    place = place_at(words, kind, rest)
    if place is None:
        raise Http404
    if request.method != "POST":
        return _show(request, words, place, text_at(words, place))
    if not may_set_policy(request.user):
        raise Http404
    what = request.POST.get("what", "")
    if what.startswith("restore:"):
        return _restore(request, words, place, what.partition(":")[2])
    typed = _typed(request, words, place)
    if what == "check":
        return _show(request, words, place, typed, checked=True)
    return _save(request, words, place, typed, reason=request.POST.get("reason", ""))


@require_http_methods(["POST"])
@desk_page
def text_ahead(request: DeskRequest, kind: str, rest: str) -> HttpResponse:
    """What is wrong with what is being typed, and how it reads; for the page that is open. Writes nothing."""
    if not may_set_policy(request.user):
        raise Http404
    now = database_now()
    words = words_current(now)[1]
    place = place_at(words, kind, rest)
    if place is None:
        raise Http404
    typed = text_cleaned(place, _typed(request, words, place))
    faults, misfits = text_check(words, place, typed)
    found = columns(words, place, typed, faults, misfits, now=now)
    return render(request, "tickets/_texts_ahead_all.html", {"columns": found})


def _save(
    request: DeskRequest, words: Words, place: Place, typed: Text, *, reason: str, restored: int = -1
) -> HttpResponse:
    seen = request.POST.get("seen", "")
    try:
        revision = text_save(
            actor=request.user,
            place=place,
            text=typed,
            seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0,
            reason=reason,
            now=database_now(),
        )
    except TextRefused as refusal:
        return _show(request, words, place, typed, refused=refusal, checked=True, status=422)
    except TextChanged as change:
        # Saved again it goes over what stands now, which the page shows beside it.
        return _show(request, words_current(database_now())[1], place, typed, changed=change, status=409)
    except Refused as refusal:
        return _show(request, words, place, typed, refused=refusal, status=422)
    said = (
        _("Put back. It is in use from now on, as revision %(number)s of the texts.")
        if restored >= 0
        else _("In use from now on, as revision %(number)s of the texts.")
    )
    messages.success(request, said % {"number": revision.number})
    return HttpResponseRedirect(_address(place))


def _restore(request: DeskRequest, words: Words, place: Place, number: str) -> HttpResponse:
    """0: the ready-made words. A tongue that the revision did not have yet keeps what stands now."""
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise Http404
    revision = revision_numbered(int(number)) if int(number) else None
    if int(number) and revision is None:
        raise Http404
    earlier = text_at(words_of(revision.pk) if revision is not None else seed(), place)
    standing = text_at(words, place)
    wanted = {
        key: fields if place.path or any(fields.values()) else standing[key]
        for key, fields in earlier.items()
        if key in standing
    }
    reason = (
        _("Put back as in revision %(number)s.") % {"number": number}
        if revision is not None
        else _("Put back as it came with the desk.")
    )
    return _save(request, words, place, {**standing, **wanted}, reason=reason, restored=int(number))


def _show(
    request: DeskRequest,
    words: Words,
    place: Place,
    typed: Text,
    *,
    refused: Refused | None = None,
    changed: TextChanged | None = None,
    checked: bool = False,
    status: int = 200,
) -> HttpResponse:
    now = database_now()
    cleaned = text_cleaned(place, typed)
    faults, misfits = text_check(words, place, cleaned)
    must, may = place.placeholders()
    history, older = history_of(place)
    context: dict[str, Any] = {
        **page_context(section_of(request.user), "texts"),
        "place": place,
        "title": words_for.place_words(place),
        "manner": words_for.MANNERS.get(place.manner, ""),
        "about": "" if place.path else words_for.KINDS[place.kind][1],  # type: ignore[index]
        "columns": columns(words, place, typed, faults, misfits, now=now, cleaned=cleaned),
        "must": [(f"{{{name}}}", words_for.PLACEHOLDERS[name]) for name in must],
        "may": [(f"{{{name}}}", words_for.PLACEHOLDERS[name]) for name in may],
        "faulty": len(faults) + len(misfits),
        "checked": checked,
        "refused": refused,
        "changed": changed,
        "standing": _compared(place, words, changed.standing, cleaned) if changed is not None else (),
        "seen": _seen(),
        "reason": request.POST.get("reason", "")[:REASON_MOST],
        "reason_most": REASON_MOST,
        "ready": is_ready_made(words, place),
        "history": [(each, _compared(place, words, each.before, each.text)) for each in history],
        "older": older,
        "forms": [
            " / ".join(spoken.values()) for language, spoken in FORMS.items() if language in words.languages
        ],
        "address": _address(place),
        "ahead": reverse("policy_text_ahead", args=[place.kind, place.path or place.manner]),
    }
    return render(request, "tickets/text.html", context, status=status)


def _compared(
    place: Place, words: Words, old: Text, new: Text
) -> list[tuple[str, str, list[tuple[str, Any]]]]:
    """(name of the tongue, its language, [(field, pieces)]) of the fields that differ; all of a first wording."""
    found = []
    for key in place.tongues(words.languages):
        fields = []
        for name in place.fields:
            before, after = old.get(key, {}).get(name, ""), new.get(key, {}).get(name, "")
            if before != after:
                fields.append((str(words_for.FIELDS[name]), pieces(before, after)))
        if fields:
            found.append((words_for.tongue_words(key, place.manner), key[:2], fields))
    return found


_NAMED = 3
_KINDS, _REASONS = list(words_for.KINDS), [f"reasons.{code}" for code in REASONS]


def _too_long(words: Words) -> list[tuple[str, str, str]]:
    """Texts in use that do not fit any more, because a sign-off, a team's name or a category's line has grown, or an
    account has less room: (its name, its address, by how much and where), each once."""
    found: dict[Place, tuple[str, str, str]] = {}
    for each in all_misfits(words, spots_by_manner(), known_longest()):
        place = Place(*each.where.split(".")[1:3])
        found.setdefault(place, (_named(place), _address(place), words_for.misfit_words(each)))
    return list(found.values())


def _named(place: Place) -> str:
    manner = words_for.MANNERS.get(place.manner)
    return f"{words_for.place_words(place)}, {manner}" if manner else words_for.place_words(place)


def _order(place: Place) -> int:
    """Kinds and reasons as people know their order; other lines as they come."""
    if place.path:
        return _REASONS.index(place.path) if place.path in _REASONS else len(_REASONS)
    return _KINDS.index(cast(NoticeKind, place.kind))


def _reading(words: Words) -> str:
    """The reader's language, if the texts have it."""
    mine = (get_language() or "en").split("-")[0]
    return mine if mine in words.languages else words.languages[0]


def _seen() -> int:
    revision = revision_in_force()
    return revision.number if revision is not None else 0


def _typed(request: DeskRequest, words: Words, place: Place) -> Mapping[str, Mapping[str, str]]:
    return {
        key: {name: text_of(request.POST, f"{key}:{name}") for name in place.fields}
        for key in place.tongues(words.languages)
    }


def _address(place: Place) -> str:
    return reverse("policy_text", args=[place.kind, place.path or place.manner])
