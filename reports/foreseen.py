"""What publishing the draft would do, in two sentences, for those who publish it: of the newest preview that is of the
draft as it stands."""

from __future__ import annotations

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from priority.known import Foreseen
from priority.policy import digest
from priority.selectors import document_in_force, draft_current
from reports.models import PolicyPreview, PreviewState
from reports.tally import Tally, Unreadable


def foreseen() -> Foreseen | None:
    row = PolicyPreview.objects.defer("document").order_by("-pk").first()
    draft = draft_current()
    if row is None or draft is None or row.state != PreviewState.DONE:
        return None
    in_force, _document = document_in_force()
    if row.sha256 != digest(draft.document) or row.base_id != in_force.pk:
        return None
    try:
        tally = Tally.of(row.tally)
    except Unreadable:
        return None
    changed = ngettext(
        "%(n)d of %(open)d open tickets changes priority, as they were at %(time)s.",
        "%(n)d of %(open)d open tickets change priority, as they were at %(time)s.",
        tally.priority_open,
    )
    time = date_format(localtime(row.now), "H:i")
    return Foreseen(
        whole=changed % {"n": tally.priority_open, "open": tally.open, "time": time},
        new=_outside(tally.outside),
        open=_told(tally.told, sum(tally.held.values())),
    )


def _outside(number: int) -> str:
    if not number:
        return ""
    words = ngettext(
        "%(n)d told date then lies outside opening hours, and stands",
        "%(n)d told dates then lie outside opening hours, and stand",
        number,
    )
    return words % {"n": number}


def _told(told: int, held: int) -> str:
    if not told and not held:
        return _("no caller is told anything new")
    words = ngettext("%(n)d caller is told a new date", "%(n)d callers are told a new date", told) % {
        "n": told
    }
    if held:
        more = ngettext(
            "%(n)d more waits for a person to release it",
            "%(n)d more wait for a person to release them",
            held,
        )
        words += ", " + more % {"n": held}
    return words
