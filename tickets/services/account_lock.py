"""An account of ours, locked for whoever may set it up."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from accounts.access import may_set_policy
from accounts.actors import Actor, System
from accounts.models import User
from tickets.models import ChannelAccount
from tickets.selectors_accounts import accounts_run
from tickets.services.errors import NotFound

_LOOK_AGAIN = """
UPDATE tickets_ticket SET next_at = %(now)s
 WHERE id IN (SELECT t.id FROM tickets_ticket t
               WHERE t.promised_for IS NOT NULL AND t.at_risk_at <= %(now)s AND t.next_at > %(now)s
                 AND t.status IN ('new', 'open', 'waiting_on_caller', 'on_hold')
                 AND (%(account)s::bigint IS NULL OR EXISTS (
                      SELECT 1 FROM tickets_conversation c WHERE c.ticket_id = t.id AND c.account_id = %(account)s))
               ORDER BY t.id FOR NO KEY UPDATE SKIP LOCKED)
"""


def account_locked(actor: Actor, account_id: int) -> ChannelAccount:
    """Inside a transaction. Raises NotFound where there is no such account, or it is not this actor's to run."""
    found = accounts_run(actor).select_for_update(of=("self",)).filter(pk=account_id).first()
    if found is None:
        raise NotFound
    return found


def runs_the_desk(actor: Actor) -> None:
    """Raises NotFound where this actor sets nothing for the whole desk (accounts.access, rule 4)."""
    if not (
        isinstance(actor, System) or (isinstance(actor, User) and actor.is_active and may_set_policy(actor))
    ):
        raise NotFound


def dates_looked_at_again(*, account_id: int | None, now: datetime) -> int:
    """The next sweep looks at once at every told date that is at risk (of one account, or all): what keeps its notice
    back may have changed, and a person is to know before the date. Returns how many tickets.

    A ticket that somebody holds is left: whoever changes its facts sets its clock, and that looks again, too.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOOK_AGAIN, {"now": now, "account": account_id})
        return int(cursor.rowcount)
