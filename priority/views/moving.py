"""Beginning a draft from something else: a file, or a ready policy. And the draft as a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.clock import database_now
from accounts.errors import Refused
from accounts.pages import DeskRequest, desk_page
from priority import diff_words, policy
from priority.policy_file import BYTES_MOST, document_of_file
from priority.presets import PRESETS, document_of, known
from priority.retired import keys_reused
from priority.services_draft import DraftChanged, draft_replace
from priority.views.base import manager_or_404, page_context, section_of, version_of
from priority.views.revisions import as_file


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def begin(request: DeskRequest) -> HttpResponse:
    """POST what=file with a file, or what=preset with its key: the draft is that from now on."""
    manager_or_404(request.user)
    if request.method != "POST":
        return _page(request)
    try:
        document, origin = _chosen(request)
        draft_replace(
            actor=request.user,
            version=version_of(request.POST),
            document=document,
            origin=origin,
            now=database_now(),
        )
    except _Broken as broken:
        return _page(request, status=422, broken=broken)
    except Refused as refused:
        return _page(request, status=422, refused=refused)
    except DraftChanged as changed:
        return _page(request, status=409, changed=changed)
    messages.success(request, _("The draft begins with it. Look at what it changes, then publish it."))
    return HttpResponseRedirect(reverse("policy"))


@require_safe
@desk_page
def draft_file(request: DeskRequest) -> HttpResponse:
    manager_or_404(request.user)
    section = section_of(request.user)
    if section.draft is None:
        raise Http404
    return as_file(section.draft.document, "policy-draft.json")


class _Broken(Exception):
    """The file is JSON and no policy: `faults` as (place, sentence)."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


def _chosen(request: DeskRequest) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    if request.POST.get("what") == "preset":
        key = request.POST.get("preset", "")
        if key not in known():
            raise Refused("preset", _("Choose one of the ready policies."))
        return document_of(key), {"kind": "preset", "key": key}
    sent = request.FILES.get("file")
    if sent is None:
        raise Refused("file", _("Choose a file first."))
    document = document_of_file(sent.read(BYTES_MOST + 1))
    found = document.get("format", policy.FORMAT)
    if found != policy.FORMAT:
        words = _(
            "The file is a policy of format %(found)s, and this desk reads %(known)d: save it anew from a "
            "desk of this version."
        )
        raise Refused("format", words % {"found": str(found)[:20], "known": policy.FORMAT})
    faults = [*policy.faults_of(document), *keys_reused(document)]
    if faults:
        raise _Broken(
            [
                (diff_words.place_words(document, fault.path), diff_words.fault_words(fault))
                for fault in faults
            ]
        )
    return document, {"kind": "imported", "name": (sent.name or "")[:120]}


def _page(request: DeskRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    section = section_of(request.user)
    context = {
        **page_context(section, "overview"),
        "presets": [(each.key, _(each.name), _(each.sentence)) for each in PRESETS],
        **more,
    }
    return render(request, "priority/begin.html", context, status=status)
