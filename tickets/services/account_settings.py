"""What a manager sets of an account: its channel mode, what is acknowledged by itself, its sign-off and language.

How its notices go stands in `notices_choice.py`, stopping all automatic messages in `stops.py`.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actors import Actor
from accounts.models import Team, User
from priority.selectors import policy_of
from priority.targets import lead_at
from tickets import bulk
from tickets.models import (
    Acknowledge,
    AgentTask,
    ChannelAccount,
    ChannelMode,
    FormOfAddress,
    Promise,
    TaskKind,
    Ticket,
)
from tickets.selectors import teams_shown
from tickets.selectors_accounts import promises_from
from tickets.services.account_lock import account_locked, dates_looked_at_again
from tickets.services.audit import event_record, task, tasks_make, tickets_changed
from tickets.services.clock_work import clock_set
from tickets.services.durations import of
from tickets.services.errors import Changed, Refused
from tickets.services.notices_choice import notices_choices_ask

#: The rule by which nothing leaves an account in a mode that answers nobody (`notices.standing_rule`).
RULE = "account_mode"


def account_mode_set(
    *, actor: Actor, account_id: int, mode: str, seen_promises: int, now: datetime
) -> ChannelAccount:
    """Set the channel mode. `seen_promises`: how many open promises the actor was told would become tasks.

    1. The actor runs the account, which is locked; the mode it has already changes nothing.
    2. Where nobody is answered from here any more: each open promise whose notices would go from here becomes a
       person's task now, due when its notice would be. More of them than the actor was told: Changed, nothing is done.
    3. Where answering begins: those tasks that nobody has done are withdrawn, since notices go again; a person is
       asked how they go, where the network limits them and nobody has chosen.
    4. Mode and history; dates that are at risk are looked at again at once.
    Raises NotFound, Refused, Changed.
    """
    if mode not in ChannelMode.values:
        raise Refused("mode", _("Choose one of the modes."))
    with transaction.atomic():
        account = account_locked(actor, account_id)
        before, account.mode = account.mode, ChannelMode(mode)
        if account.mode == before:
            return account
        answered_before = before == ChannelMode.CUSTOMER_SERVICE
        tasks = 0
        if answered_before and not account.answers:
            tasks = _promises_ask(account, seen_promises, now)
        account.save(update_fields=["mode"])
        if account.answers and not answered_before:
            tasks = -_asked_withdraw(account, now)
            notices_choices_ask(now=now)
        args = {"from": str(before), "to": str(account.mode), "tasks": tasks}
        event_record("account_mode_set", actor=actor, now=now, account_id=account.pk, args=args)
        dates_looked_at_again(account_id=account.pk, now=now)
    return account


def _promises_ask(account: ChannelAccount, seen: int, now: datetime) -> int:
    found = promises_from(account.pk)
    if len(found) > seen:
        words = ngettext(
            "Meanwhile %(n)s caller has a date that is still to be kept. Look once more, then decide.",
            "Meanwhile %(n)s callers have a date that is still to be kept. Look once more, then decide.",
            len(found),
        )
        raise Changed("promises", words % {"n": len(found)})
    tickets = _tickets_locked(list(found))
    promises = Promise.objects.in_bulk([promise for pk, promise in found.items() if pk in tickets])
    tasks_make(
        _task(account, tickets[each.ticket_id], each, now) for each in promises.values() if not each.end
    )
    tickets_changed(tickets)
    clock_set(tickets.values(), now)
    return len(promises)


def _task(account: ChannelAccount, ticket: Ticket, promise: Promise, now: datetime) -> AgentTask:
    """The one that the sweep would make when the date is at risk (the same cause): made ahead."""
    made = task(
        TaskKind.NOTICE,
        reason=RULE,
        cause=f"notice:{promise.pk}",
        team_id=ticket.team_id,
        ticket_id=ticket.pk,
        account_id=account.pk,
        user_id=ticket.owner_id,
        due_at=promise.notice_at,
        now=now,
        args={"promise": promise.pk},
    )
    policy = policy_of(ticket.policy_revision_id)
    made.lead_at = lead_at(policy, since=max(now, promise.at_risk_at), **of(ticket))
    return made


def _asked_withdraw(account: ChannelAccount, now: datetime) -> int:
    """Deleted, not done: the sweep takes a task of that cause, done or not, as proof that a person was asked."""
    mine = AgentTask.objects.filter(
        account_id=account.pk,
        kind=TaskKind.NOTICE,
        reason=RULE,
        done_at__isnull=True,
        ticket__isnull=False,
        args__reply__isnull=True,
    )
    tickets = _tickets_locked(
        sorted({pk for pk in mine.values_list("ticket_id", flat=True) if pk is not None})
    )
    withdrawn, _of_kinds = mine.filter(ticket_id__in=list(tickets)).delete()
    tickets_changed(tickets)
    clock_set(tickets.values(), now)
    return withdrawn


def _tickets_locked(ids: list[int]) -> dict[int, Ticket]:
    if not ids:
        return {}
    rows = bulk.read(Ticket, "WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [sorted(ids)])
    return {row.pk: row for row in rows}


def account_settings_set(
    *,
    actor: Actor,
    account_id: int,
    acknowledge: str,
    sign_off: str,
    language: str,
    team_key: str = "",
    form_of_address: str | None = None,
    now: datetime,
) -> ChannelAccount:
    """Set what is acknowledged by itself, the sign-off (may be empty), the language of whoever's is not known, how
    people are addressed where a language has two ways ('': as is usual in the account's manner), and which team its new
    tickets go to (those that are there stay where they are). A team '' or a form of address None leaves that as it is.
    Acknowledgements that wait to go already go. Raises NotFound, Refused."""
    sign_off = " ".join(sign_off.replace("\0", "").split())
    if acknowledge not in Acknowledge.values:
        raise Refused("acknowledge", _("Choose what is acknowledged by itself."))
    most = ChannelAccount._meta.get_field("sign_off").max_length or 0
    if len(sign_off) > most:
        raise Refused(
            "sign_off", _("The sign-off is too long: at most %(most)s characters.") % {"most": most}
        )
    if form_of_address is not None and form_of_address not in FormOfAddress.values:
        raise Refused("form_of_address", _("Choose how callers are addressed."))
    if language not in dict(settings.LANGUAGES):
        raise Refused("language", _("Choose a language from the list."))
    wanted = {"acknowledge": acknowledge, "sign_off": sign_off, "language": language}
    if form_of_address is not None:
        wanted["form_of_address"] = form_of_address
    with transaction.atomic():
        account = account_locked(actor, account_id)
        changed = sorted(name for name, value in wanted.items() if getattr(account, name) != value)
        for name in changed:
            setattr(account, name, wanted[name])
        if team_key and team_key != account.team.key:
            account.team = _team_locked(actor, team_key)
            changed.append("team")
            # What is asked about the account itself is asked of those who have it now.
            AgentTask.objects.filter(account=account, ticket__isnull=True, done_at__isnull=True).update(
                team=account.team, user=None
            )
        if not changed:
            return account
        account.save(update_fields=changed)
        event_record(
            "account_settings_set", actor=actor, now=now, account_id=account.pk, args={"changed": changed}
        )
    return account


def _team_locked(actor: Actor, key: str) -> Team:
    """A team that is there for the actor; locked, so that it cannot be taken away meanwhile."""
    teams = teams_shown(actor) if isinstance(actor, User) else Team.objects.filter(closed_at__isnull=True)
    team = teams.select_for_update(of=("self",), no_key=True).filter(key=key).first()
    if team is None:
        raise Refused("team", _("Choose the team that answers here."))
    return team
