"""What the policy's pages share: the section that a page shows, the draft it is saved to, and its faults by field."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from accounts.access import may_read_policy, may_set_policy
from accounts.clock import database_now
from accounts.errors import Refused
from accounts.models import User
from accounts.pages import DeskRequest, desk_page
from priority import diff, diff_words, policy
from priority.faults import Fault
from priority.models import PolicyDraft, PolicyRevision
from priority.policy import Policy, PolicyInvalid, parse
from priority.retired import keys_reused
from priority.selectors import document_in_force, draft_current, policy_of
from priority.services_draft import Change, DraftChanged, draft_change, version_without_draft
from priority.views.tabs import page_of, tab_of, tabs, url_of


def faults_by_place(document: Mapping[str, Any]) -> Mapping[str, list[str]]:
    """Per path ("durations.P1.resolution", '' for the whole) its faults in the reader's language; empty: none."""
    return _by_place(policy.faults_of(document))


@dataclass(frozen=True)
class Section:
    """What a page of the policy is made of.

    document: the draft's, or that of the revision in force where there is no draft or the reader may not see it; after
    a save that did not fit, with what was typed put into it. version: goes into the form as it is. typed: what a
    refused form held. changed: who was first. would: what saving now would change of the draft, in words (after
    `changed`).
    """

    user: User
    in_force: PolicyRevision
    draft: PolicyDraft | None
    document: dict[str, Any]
    version: int
    may_change: bool
    typed: QueryDict | None = None
    refused: Refused | None = None
    changed: DraftChanged | None = None
    would: Sequence[str] = field(default_factory=tuple)

    @cached_property
    def policy_in_force(self) -> Policy:
        return policy_of(self.in_force.pk)

    @cached_property
    def _read(self) -> tuple[Policy | None, Sequence[Fault]]:
        """The document as a policy, or why it is none: read once for all that a page asks."""
        try:
            return parse(self.document), ()
        except PolicyInvalid as invalid:
            return None, invalid.places

    @cached_property
    def policy(self) -> Policy | None:
        """The document as a policy; None while it has faults."""
        return self._read[0]

    @cached_property
    def faults(self) -> Mapping[str, list[str]]:
        return _by_place([*self._read[1], *keys_reused(self.document)])

    @cached_property
    def fault_count(self) -> int:
        return sum(len(sentences) for sentences in self.faults.values())

    @cached_property
    def warnings(self) -> Mapping[str, list[str]]:
        return _by_place(policy.warnings(self.policy)) if self.policy is not None else {}

    @cached_property
    def _sides(self) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """The revision in force and the draft, settled."""
        in_force = self.policy_in_force.document()
        if self.draft is None:
            return in_force, in_force
        if self.draft.document == self.document:
            return in_force, self.policy.document() if self.policy is not None else self.document
        return in_force, diff.settled(self.draft.document)

    @cached_property
    def changes(self) -> Sequence[diff.Change]:
        """From the revision in force to the draft."""
        return diff.between(*self._sides)

    @cached_property
    def change_words(self) -> Sequence[str]:
        """The same in the reader's language, a line each."""
        return diff_words.sentences_of(self.changes, *self._sides)

    @cached_property
    def is_behind(self) -> bool:
        """Whether something was published since this draft was begun."""
        return self.draft is not None and self.draft.base_id != self.in_force.pk

    @cached_property
    def to_mend(self) -> Sequence[tuple[str, str, str | None]]:
        """(place, sentence, address of its page) of each fault, in reading order."""
        return self._told(self.faults)

    @cached_property
    def to_look_at(self) -> Sequence[tuple[str, str, str | None]]:
        """The same of each warning."""
        return self._told(self.warnings)

    def _told(self, found: Mapping[str, list[str]]) -> Sequence[tuple[str, str, str | None]]:
        return [
            (diff_words.place_words(self.document, path), sentence, page_of(path))
            for path, sentences in found.items()
            for sentence in sentences
        ]

    def to_mend_under(self, tab: str) -> Sequence[tuple[str, str, str | None]]:
        """Those of `to_mend` that are mended under this tab."""
        return self._told({path: found for path, found in self.faults.items() if tab_of(path) == tab})

    def fault(self, path: str) -> str:
        """The sentences at this place, as one."""
        return " ".join(self.faults.get(path, ()))


def section_of(user: User) -> Section:
    """The draft for those who change it, the revision in force for everybody else."""
    if not may_read_policy(user):
        raise Http404
    may_change = may_set_policy(user)
    draft = draft_current() if may_change else None
    in_force, standing = document_in_force()
    return Section(
        user=user,
        in_force=in_force,
        draft=draft,
        document=copy.deepcopy(draft.document) if draft is not None else standing,
        version=draft.version if draft is not None else version_without_draft(in_force),
        may_change=may_change,
    )


def version_of(form: QueryDict) -> int:
    """The version that the form was made of; one that fits no draft where it is no number."""
    typed = form.get("version", "")
    digits = typed.removeprefix("-")
    return int(typed) if digits.isascii() and digits.isdigit() and len(digits) < 10 else -(10**9)


def manager_or_404(user: User) -> None:
    if not may_set_policy(user):
        raise Http404


def page_context(section: Section, tab: str) -> dict[str, Any]:
    """What templates/priority/base.html needs."""
    return {
        "section": section,
        "tab": tab,
        "to_mend_here": section.to_mend_under(tab) if section.draft is not None else (),
        "tabs": tabs(manager=section.may_change),
        "preview_url": url_of("policy_preview"),
        "here": "policy",
        "now": database_now(),
    }


class SectionView(View):
    """One part of the policy as a page.

    GET shows it. POST makes a change of what was typed (`change`) and saves the draft with it; then the same address is
    shown again. A page that fits no more (DraftChanged) is shown with 409: the form holds what was typed, the words say
    who was first and what saving again would change. Faults never prevent a save.

    To fill in: `tab`, `template_name`, `page`, `change`; `words` if a better name for the change is at hand.
    A template extends priority/base.html; its form has {% include "priority/_version.html" %} in it, which holds the
    CSRF token and the version. Fields of who may not change are `disabled` (section.may_change).
    """

    tab: ClassVar[str]
    template_name: ClassVar[str]
    #: Whether only managers open it at all.
    managers: ClassVar[bool] = False
    http_method_names = ["get", "head", "post"]
    request: DeskRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if (request.method or "").lower() not in self.http_method_names:
            return self.http_method_not_allowed(request)
        return desk_page(self._signed_in)(request, *args, **kwargs)

    def _signed_in(self, request: DeskRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.managers:
            manager_or_404(request.user)
        return (
            self.post(request, *args, **kwargs)
            if request.method == "POST"
            else self.get(request, *args, **kwargs)
        )

    def page(self, section: Section) -> dict[str, Any]:
        """What the template shows beside `section`. Raises Http404 for a part that is not there."""
        return {}

    def change(self, form: QueryDict, section: Section) -> Change:
        """The change that the form asks for, run on a copy of the draft's document. What is typed goes in as it is: its
        faults are told at the field. Raises Refused for what no document can hold; it may raise it when run, too."""
        raise NotImplementedError(f"{type(self).__name__} says what its form changes in change().")

    def words(self, form: QueryDict, section: Section) -> str:
        """The change in a few words, for the audit of the draft; the tab's key as it is."""
        return self.tab

    def after(self, form: QueryDict, section: Section) -> str:
        """Where a saved form leads: this page, unless it is not there any more."""
        return self.request.get_full_path()

    def _say_saved(self, draft: PolicyDraft) -> None:
        count = len(policy.faults_of(draft.document))
        if not count:
            messages.success(self.request, _("Saved in the draft."))
            return
        words = ngettext(
            "Saved in the draft. %(n)d thing has to be mended before it can be published.",
            "Saved in the draft. %(n)d things have to be mended before it can be published.",
            count,
        )
        messages.warning(self.request, words % {"n": count})

    def get(self, request: DeskRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show(section_of(request.user))

    def post(self, request: DeskRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        manager_or_404(request.user)
        section = section_of(request.user)
        form = request.POST
        try:
            change = self.change(form, section)
            after, words = self.after(form, section), self.words(form, section)
            draft = draft_change(
                actor=request.user,
                version=version_of(form),
                change=change,
                words=words,
                now=database_now(),
            )
        except Refused as refused:
            return self.show(_with(section, typed=form, refused=refused), status=422)
        except DraftChanged as changed:
            return self.show(_beside(section, form, change, changed), status=409)
        if draft.version == section.version:
            messages.info(request, _("Nothing was changed, so nothing was saved."))
        else:
            self._say_saved(draft)
        return HttpResponseRedirect(after)

    def show(self, section: Section, *, status: int = 200) -> HttpResponse:
        context = {**page_context(section, self.tab), **self.page(section)}
        return render(self.request, self.template_name, context, status=status)


def to_tab(url_name: str, *args: object) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(url_name, args=args))


def _with(section: Section, **values: Any) -> Section:
    """A fresh one: what was reckoned of the other is not taken over."""
    kept = {name: getattr(section, name) for name in Section.__dataclass_fields__}
    return Section(**{**kept, **values})


def _beside(
    section: Section, form: QueryDict, change: Callable[[dict[str, Any]], None], changed: DraftChanged
) -> Section:
    """The page with what was typed put over what stands now, to be looked at and saved again."""
    document = copy.deepcopy(section.document)
    try:
        change(document)
    except Refused as refused:
        return _with(section, typed=form, refused=refused, changed=changed)
    would = diff_words.sentences(section.document, document)
    return _with(section, document=document, typed=form, changed=changed, would=would)


def _by_place(faults: Sequence[Fault]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for fault in faults:
        found.setdefault(fault.path, []).append(diff_words.fault_words(fault))
    return found
