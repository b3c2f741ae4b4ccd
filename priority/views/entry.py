"""One entry of a list of the policy as a page: a category, a rule. What both do alike."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.errors import Refused
from priority.edits import Listed, entry_of, entry_put, entry_remove
from priority.services_draft import Change
from priority.views.base import Section, SectionView


class EntryView(SectionView):
    """An entry by its key in the address, or a new one where the address has none. POST what=save or out.

    To fill in: `listed`, `noun` (as in the names of its addresses), `fresh`, `read` and `new_key`.
    """

    listed: ClassVar[Listed]
    noun: ClassVar[str]

    @property
    def key(self) -> str:
        """'' of a new one."""
        return str(self.kwargs.get("key", ""))

    def fresh(self, document: dict[str, Any]) -> dict[str, Any]:
        """What a new one begins with."""
        raise NotImplementedError

    def read(self, form: QueryDict, document: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
        """The form over an entry."""
        raise NotImplementedError

    def new_key(self, form: QueryDict, section: Section) -> str:
        """Raises Refused for one that no key can be made for."""
        raise NotImplementedError

    def entry(self, section: Section) -> dict[str, Any]:
        """As it stands; as it was typed where it could not be saved, or is there no more. Raises Http404."""
        document = section.document
        found = entry_of(document, self.listed, self.key)
        if section.typed is not None and (section.refused or found is None):
            return self.read(section.typed, document, dict(found or self.fresh(document)))
        if found is not None:
            return found
        if self.key:
            raise Http404
        return self.fresh(document)

    def change(self, form: QueryDict, section: Section) -> Change:
        listed, key = self.listed, self.key
        if form.get("what") == "out" and key:
            return lambda document: entry_remove(document, listed, key)
        key = key or self.new_key(form, section)

        def change(document: dict[str, Any]) -> None:
            found = entry_of(document, listed, key)
            if found is None and self.key:
                raise Refused(
                    "gone",
                    _("It was taken out of the policy meanwhile: begin a new one to keep these words."),
                )
            begun = dict(found or {**self.fresh(document), "key": key})
            entry_put(document, listed, self.read(form, document, begun))

        return change

    def after(self, form: QueryDict, section: Section) -> str:
        if form.get("what") == "out":
            return reverse(f"policy_{self.listed}")
        return reverse(f"policy_{self.noun}", args=[self.key or self.new_key(form, section)])

    def words(self, form: QueryDict, section: Section) -> str:
        return f"{self.noun} {self.key}".strip()
