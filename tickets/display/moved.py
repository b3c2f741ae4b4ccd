"""Where a row went that no longer belongs to what is shown, in a few words."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext as _

from accounts.models import User
from tickets.models import Status, Ticket, Triage
from tickets.wanted import ANY_TEAM, Wanted


def moved_words(ticket: Ticket | None, wanted: Wanted, reader: User, ours: Collection[int]) -> str:
    """None: the reader may not see it, or it is not there; both read alike. `ours`: ids of the reader's teams."""
    if ticket is None:
        return _("moved: it is not here any more")
    if ticket.triage == Triage.NO_REPLY:
        return _("moved: no reply needed")
    if ticket.status == Status.RESOLVED:
        return _("moved: resolved")
    if ticket.status == Status.CLOSED:
        return _("moved: closed")
    if (wanted.team and wanted.team not in (ANY_TEAM, ticket.team.key)) or (
        not wanted.team and ticket.team_id not in ours
    ):
        return _("moved: %(team)s has it now") % {"team": ticket.team}
    if wanted.owner:
        if ticket.owner is None:
            return _("moved: nobody has it now")
        if ticket.owner == reader:
            return _("moved: you have it now")
        return _("moved: %(who)s has it now") % {"who": ticket.owner}
    if wanted.show == "triage" and ticket.triage != Triage.PENDING:
        return _("moved: decided, %(what)s") % {"what": ticket.get_triage_display()}
    if wanted.show == "waiting":
        return _("moved: it waits no more")
    if wanted.show in ("held", "unsure"):
        return _("moved: this was decided")
    if wanted.show in ("at_risk", "late"):
        return _("moved: its date is not near any more")
    return _("moved: it is not among these any more")
