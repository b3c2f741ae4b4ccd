"""How the notices of an account go after the acknowledgement, where its network limits automatic messages: by
themselves, with a note that the network agreed, or released by an agent. A manager chooses; nothing is chosen for them.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from tickets.models import ChannelAccount, Notices, TaskKind
from tickets.services.account_lock import account_locked
from tickets.services.audit import event_record, task, tasks_done, tasks_make
from tickets.services.errors import Refused

#: A note that says less says nothing.
NOTE_LEAST, NOTE_MOST = 10, 500


def account_notices_choose(
    *, actor: Actor, account_id: int, how: str, note: str, now: datetime
) -> ChannelAccount:
    """Choose `how` ("automatic" with `note`, or "released") for an account. What is held already stays held: a person
    releases it; what is queued is asked anew when it goes.

    Raises NotFound: there is no such account, or it is not the actor's to run. Refused: the network has no such rule,
    no choice was made, or *automatic* lacks the note that says how and when the network agreed.
    """
    note = " ".join(note.split())
    with transaction.atomic():
        account = account_locked(actor, account_id)
        if account.capabilities.get("automated_per_interaction") is None:
            raise Refused(
                "no_rule", _("This network does not limit automatic messages; there is nothing to choose.")
            )
        if how not in (Notices.AUTOMATIC, Notices.RELEASED):
            raise Refused("how", _("Choose automatic or released."))
        if how == Notices.AUTOMATIC and not NOTE_LEAST <= len(note) <= NOTE_MOST:
            raise Refused(
                "note",
                _("Note how and when the network agreed (%(least)s to %(most)s characters).")
                % {"least": NOTE_LEAST, "most": NOTE_MOST},
            )
        account.notices, account.notices_note = how, note[:NOTE_MOST]
        account.notices_set_by = actor if isinstance(actor, User) else None
        account.notices_set_at = now
        account.save(update_fields=["notices", "notices_note", "notices_set_by", "notices_set_at"])
        user_id = actor.pk if isinstance(actor, User) else None
        tasks_done(causes=[_cause(account)], how="chosen", now=now, user_id=user_id)
        event_record(
            "account_notices_chosen", actor=actor, now=now, account_id=account.pk, args={"how": str(how)}
        )
    return account


def notices_choices_ask(*, now: datetime) -> int:
    """Ask the lead of every account that answers callers, whose network has such a rule, and for which nobody has
    chosen; each once. Returns for how many accounts the choice is open."""
    undecided = [
        account
        for account in ChannelAccount.objects.filter(notices=Notices.UNDECIDED).order_by("pk")
        if account.answers and account.capabilities.get("automated_per_interaction") is not None
    ]
    tasks_make(
        task(
            TaskKind.ACCOUNT,
            reason="notices_undecided",
            cause=_cause(account),
            team_id=account.team_id,
            account_id=account.pk,
            due_at=now,
            now=now,
            for_lead=True,
        )
        for account in undecided
    )
    return len(undecided)


def _cause(account: ChannelAccount) -> str:
    return f"notices:{account.pk}"
