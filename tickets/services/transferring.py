"""To another team, with a note. No date moves; the caller may be told once, in a line, who has it now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Team, User
from priority.selectors import policy_of
from tickets import bulk
from tickets.models import (
    AgentTask,
    OutboundReply,
    ReplyKind,
    ReplyState,
    TaskKind,
    Ticket,
    TicketEvent,
    ToldKind,
    Triage,
)
from tickets.selectors import teams_visible
from tickets.services.audit import event_record, task, tasks_make
from tickets.services.clock_notices import places_to_speak
from tickets.services.clock_work import clock_set, targets_again
from tickets.services.errors import NotFound, Refused
from tickets.services.locked import as_seen, ticket_locked
from tickets.services.notes import note_write
from tickets.services.notice_words import notice_render
from tickets.services.notifying import Tell, highest_told, is_highest, leads_told, told
from tickets.services.replies import length_checked, may_answer
from tickets.texts.document import not_for_callers
from tickets.texts.render import CannotFill
from tickets.wake import DELIVER, wake

_SAVED = ("owner", "team", "came_over", "version")
#: Of these nothing reached the caller: it may be said anew.
_NOT_SAID = (ReplyState.SUPERSEDED, ReplyState.FAILED)


def ticket_transfer(
    *,
    actor: User,
    ticket_id: int,
    team_key: str,
    now: datetime,
    note: str = "",
    tell: bool = False,
    client_key: str = "",
    seen_version: int | None = None,
) -> Ticket:
    """To a team that the actor may see. Raises NotFound, also for a team that is not there for the actor; Refused;
    Changed.

    1. The note, if any, for those who get it.
    2. What is asked of people about it is asked of that team, by the time by which it was; an owner who is not in it
       lets go. No date moves; targets of responses are worked out anew where either team has a calendar of its own.
    3. `tell`: the caller reads in a line who has it now (`transfer_word`).
    4. What cannot wait wakes that team, too (`_told_there`).
    5. Transferred more often than the policy says: the leads of both teams are asked to look, with its way.
    """
    with transaction.atomic():
        ticket = ticket_locked(actor, ticket_id)
        team = next((team for team in teams_visible(actor) if team.key == team_key), None)
        if team is None:
            raise NotFound
        if team.pk == ticket.team_id:
            return ticket
        as_seen(ticket, seen_version)
        if not ticket.is_open:
            raise Refused("closed", _("This is over. Open it again before you transfer it."))
        word = transfer_word(actor, ticket, team, now=now) if tell else None
        if note.strip():
            note_write(actor=actor, ticket_id=ticket.pk, text=note, client_key=client_key, now=now)
            ticket.refresh_from_db(fields=["version"])
        old = Team.objects.get(pk=ticket.team_id)
        ticket.team = team
        if ticket.owner_id is not None and not team.memberships.filter(user_id=ticket.owner_id).exists():
            ticket.owner_id = None
        ticket.came_over = ticket.owner_id is None
        AgentTask.objects.filter(ticket_id=ticket.pk, done_at__isnull=True).exclude(
            kind=TaskKind.TRANSFERS
        ).update(team=team, user_id=ticket.owner_id)
        ticket.version += 1
        bulk.update([ticket], _SAVED)
        if policy_of(ticket.policy_revision_id).team_calendars:
            targets_again([ticket])
        args: dict[str, object] = {"from": old.pk, "team": team.pk}
        args |= {"from_name": _named(old), "team_name": _named(team)}
        if word is not None:
            word.save(force_insert=True)
            args["reply"] = word.pk
            wake(DELIVER, word.account_id)
        event_record("transferred", actor=actor, now=now, ticket_id=ticket.pk, args=args)
        tasks_make(_leads_asked(ticket, old, team, now))
        _told_there(ticket, actor, now)
        clock_set([ticket], now)
    return ticket


def _told_there(ticket: Ticket, actor: User, now: datetime) -> None:
    """The team that gets it hears what cannot wait as if it had begun there, and its leads what they are asked; nobody
    twice, however often it comes and goes."""
    asked = AgentTask.objects.filter(ticket_id=ticket.pk, done_at__isnull=True, team_id=ticket.team_id)
    asked = asked.filter(Q(kind=TaskKind.DANGER) | Q(for_lead=True)).exclude(kind=TaskKind.TRANSFERS)
    causes = dict(asked.values_list("cause", "kind"))
    leads_told(sorted(causes), by=actor.pk, now=now)
    if not ticket.came_over:
        return
    cause = f"transferred:{ticket.pk}:{ticket.version}"
    told([Tell(ToldKind.TRANSFERRED, ticket.pk, cause, by=actor.pk)], now=now)
    waits = ticket.triage in (Triage.PENDING, Triage.RESPOND) and ticket.first_response_at is None
    if not waits or not ticket.priority or TaskKind.DANGER in causes.values():
        return  # danger that is open is told as such
    if is_highest(policy_of(ticket.policy_revision_id), ticket.priority_rank):
        highest_told([ticket.pk], by=actor.pk, now=now)


def transfer_word(actor: User, ticket: Ticket, team: Team, *, now: datetime) -> OutboundReply:
    """The unsaved line that tells the caller who has it now, as it will go. Raises Refused: said already on this
    ticket, a team that is not named to people outside, nobody may write there."""
    before = OutboundReply.objects.filter(ticket_id=ticket.pk, kind=ReplyKind.TRANSFER)
    states = list(before.values_list("state", flat=True))
    if any(state not in _NOT_SAID for state in states):
        raise Refused(
            "said", _("The caller has been told once who has it; this transfer goes without a word.")
        )
    if team.is_private or not_for_callers(team.name, sorry=False):
        raise Refused("team", _("This team is not named to people outside; transfer it without a word."))
    place = places_to_speak([ticket.pk]).get(ticket.pk)
    if place is None:
        raise Refused("nowhere", _("There is no conversation left in which the caller could be told."))
    may_answer(ticket, place, now)
    row = OutboundReply(
        account_id=place.account_id,
        conversation=place,
        ticket=ticket,
        dedupe_key=f"transferred:{ticket.pk}:{len(states) + 1}",
        kind=ReplyKind.TRANSFER,
        is_automatic=False,
        author=actor,
        args={"team": team.pk},
        language=ticket.language or place.account.language,
        in_reply_to=place.reply_to,
        precedence=0,
        next_try_at=now,
        created_at=now,
    )
    try:
        row.text = notice_render(
            row,
            "transfer_notice",
            ticket=ticket,
            conversation=place,
            now=now,
            team=team.name,
            date_stays=ticket.promised_for is not None,
        )
    except CannotFill as error:
        raise Refused("no_text", _("There are no words for this in the caller's language.")) from error
    length_checked(place, row.text)
    return row


def _leads_asked(ticket: Ticket, old: Team, new: Team, now: datetime) -> list[AgentTask]:
    """Tasks for the leads of both teams, where this transfer is one too many."""
    way = list(TicketEvent.objects.filter(ticket_id=ticket.pk, kind="transferred").order_by("at", "pk"))
    if len(way) <= policy_of(ticket.policy_revision_id).periods.transfers_most:
        return []
    args = {"way": _way(way)}
    return [
        task(
            TaskKind.TRANSFERS,
            reason="transfers",
            cause=f"transfers:{ticket.pk}:{len(way)}:{team.pk}",
            team_id=team.pk,
            ticket_id=ticket.pk,
            for_lead=True,
            due_at=now,
            now=now,
            args=args,
        )
        for team in (old, new)
    ]


def _way(way: Sequence[TicketEvent]) -> list[dict[str, object]]:
    """Each team that it went to and when, the one where it began ahead: [{"team": name, "at": ISO 8601 or ""}]."""
    begun: list[dict[str, object]] = [{"team": way[0].args.get("from_name", ""), "at": ""}] if way else []
    return begun + [{"team": step.args.get("team_name", ""), "at": step.at.isoformat()} for step in way]


def _named(team: Team) -> str:
    """What history says of it; a private team is not named to those who come after."""
    return "" if team.is_private else team.name
