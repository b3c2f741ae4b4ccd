"""Two tickets about one thing, of one person, over whatever channels, become one; an agent says so.

What was said on the one that is closed goes on in the other: its conversations move there, so the next word of the
caller, wherever it comes, and the next of ours find one ticket. What had left stays where it was told; what had not is
not said twice. How it is undone: `joining_undo.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from tickets import bulk
from tickets.models import (
    UNSETTLED,
    Contact,
    Direction,
    Message,
    OutboundReply,
    ReplyState,
    Ticket,
    TicketJoin,
)
from tickets.selectors import tickets_visible
from tickets.services.audit import event
from tickets.services.clock_notices import lying_untrue
from tickets.services.clock_work import clock_set
from tickets.services.errors import Changed, NotFound, Refused
from tickets.services.join_rule import Pair, pair_of, persons_of
from tickets.services.joining_work import (
    GIVES_WAY,
    close,
    drafts_follow,
    go_on,
    move,
    plan_of,
    put_down,
    tasks_follow,
)
from tickets.services.link_letter import LETTER_AT_REST, LETTER_WAITS, letters_stay
from tickets.wake import DELIVER, wake


def ticket_join(
    *,
    actor: User,
    ticket_id: int,
    other_id: int,
    one_person: bool,
    consent_message_id: int | None,
    seen: Mapping[int, int] | None,
    now: datetime,
) -> TicketJoin:
    """Raises NotFound, Refused, Changed.

    1. Contacts, then both tickets, locked. Which of them goes on follows from what was told (`join_rule`), not from
       the order in which they are named. `seen`: by ticket, the version that the actor had before them.
    2. Refused: one that is over; a private team's with another team's; two callers of whom nobody says that they are
       one person (`one_person`; the caller's own word for it is `consent_message_id`); anything that may have left,
       or waits for a person, and would tell a date that no longer holds.
    3. The closed one: what it would have said falls away, its promise is withdrawn, its targets, pause and tasks end;
       its conversations with their messages go to the other.
    4. The other: the more urgent properties, the earlier start. Where that makes its date an earlier one than was told,
       the date-changed notice tells it. It waits for nobody while the closed one waited for us.
    5. History and a version on both; the row keeps what it takes to undo it.
    """
    with transaction.atomic():
        pair, person = _locked(actor, ticket_id, other_id)
        into, joined = pair.into, pair.joined
        _checked(pair, seen)
        _consent_checked(pair, consent_message_id)
        contact = _one_person(pair, person, one_person)
        _nothing_leaves(pair)
        plan = plan_of(pair, now)
        before = put_down(pair, plan)
        moved = move(pair)
        gone = close(joined, now)
        go_on(pair, plan, moved, now)
        before["joined"] |= {"replies": gone, **tasks_follow(pair, now)}
        drafts_follow(joined, into)
        lying_untrue([into.pk], now)
        row = TicketJoin.objects.create(
            into=into,
            joined=joined,
            why=pair.why,
            by=actor,
            at=now,
            contact=contact,
            consent_message_id=consent_message_id,
            before=before,
        )
        args = {"join": row.pk, "why": pair.why, "consent": consent_message_id}
        bulk.insert(
            [
                event(
                    "joined",
                    actor=actor,
                    now=now,
                    ticket_id=into.pk,
                    args=args | {"ticket": joined.reference},
                ),
                event(
                    "joined_into",
                    actor=actor,
                    now=now,
                    ticket_id=joined.pk,
                    args=args | {"ticket": into.reference},
                ),
            ],
            keys=False,
        )
        clock_set([into, joined], now)
    return row


def _locked(actor: User, *ticket_ids: int) -> tuple[Pair, dict[int, int]]:
    """Both tickets, and by caller who the person is. What one may not see is not there."""
    ids = sorted(set(ticket_ids))
    if len(ids) < 2:
        raise Refused("same", _("This is the ticket itself. Choose another one to join it with."))
    callers = dict(tickets_visible(actor).filter(pk__in=ids).values_list("pk", "caller_id"))
    if len(callers) < 2:
        raise NotFound
    contacts = {*callers.values(), *persons_of(callers.values()).values()}
    contacts_lock(contacts)
    tickets = list(
        tickets_visible(actor)
        .filter(pk__in=ids)
        .select_related("team", "account")
        .select_for_update(of=("self",), no_key=True)
        .order_by("pk")
    )
    if len(tickets) < 2:
        raise NotFound
    person = persons_of(callers.values())
    if not set(person.values()) <= contacts:
        raise Changed("person", _("A colleague has joined this caller with another. Look at it again."))
    return pair_of(tickets), person


def contacts_lock(contact_ids: set[int]) -> None:
    """Before any ticket, in order of id."""
    list(
        Contact.objects.select_for_update(no_key=True)
        .filter(pk__in=contact_ids)
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def _checked(pair: Pair, seen: Mapping[int, int] | None) -> None:
    both = (pair.into, pair.joined)
    over = next((ticket for ticket in both if not ticket.is_open), None)
    if over is not None and seen is not None and not over.is_as_of(seen.get(over.pk, 0)):
        raise Changed("over", _("This has changed in the meantime; this is how it stands now."))
    if over is not None:
        raise Refused(
            "over",
            _("%(reference)s is over. Open it again, then join the two.")
            % {"reference": over.shown_reference},
        )
    if seen is not None and not all(ticket.is_as_of(seen.get(ticket.pk, 0)) for ticket in both):
        raise Changed("ticket", _("One of the two has changed in the meantime. Look again what will happen."))
    if pair.into.team_id != pair.joined.team_id and any(ticket.team.is_private for ticket in both):
        raise Refused(
            "private_team",
            _("One of the two belongs to a private team. Transfer one, so that both are with the same team."),
        )


def _consent_checked(pair: Pair, message_id: int | None) -> None:
    if message_id is None:
        return
    said = Message.objects.filter(
        pk=message_id,
        ticket_id__in=[pair.into.pk, pair.joined.pk],
        direction=Direction.INBOUND,
        by_participant=False,
    )
    if not said.exists():
        raise Refused("consent", _("Choose the message in which the caller says that both are theirs."))


def _one_person(pair: Pair, person: Mapping[int, int], one_person: bool) -> Contact | None:
    """The contact that is joined with the other by this; None where they are one person already."""
    mine, other = person[pair.into.caller_id], person[pair.joined.caller_id]
    if mine == other:
        return None
    if not one_person:
        raise Refused(
            "two_callers", _("These are two callers. Say that they are one person, then join the two.")
        )
    contact = Contact.objects.get(pk=other)
    contact.merged_into_id = mine
    bulk.update([contact], ("merged_into",))
    return contact


def _nothing_leaves(pair: Pair) -> None:
    """What the closed one would say by itself, and has not begun to, falls away afterwards. Raises Refused where
    something of either may have left, or a colleague's word on the closed one waits."""
    into, joined = pair.into, pair.joined
    reclaimed(into)
    letters_stay(ticket=joined)
    mine = OutboundReply.objects.filter(ticket=joined, kind__in=GIVES_WAY).exclude(parts__external_id__gt="")
    not_begun = mine.filter(state=ReplyState.SENDING, send_started_at__isnull=True)
    going = OutboundReply.objects.filter(
        ticket__in=[into, joined], state__in=[ReplyState.SENDING, ReplyState.WAITING, ReplyState.UNKNOWN]
    )
    if going.exclude(pk__in=not_begun.values("pk")).exclude(LETTER_AT_REST).exists():
        raise on_its_way()
    waits = OutboundReply.objects.filter(ticket=joined, state__in=[*UNSETTLED, ReplyState.HELD])
    if waits.exclude(pk__in=mine.values("pk")).exclude(LETTER_WAITS).exists():
        raise Refused(
            "waits",
            _("What a colleague wrote waits on %(reference)s. Send it or drop it first.")
            % {"reference": joined.shown_reference},
        )


def on_its_way() -> Refused:
    return Refused(
        "on_its_way",
        _("A message to the caller is on its way here. Wait until you see what became of it."),
    )


def reclaimed(ticket: Ticket) -> None:
    """What a worker holds and has not begun to send is claimed again, and says what is true then."""
    held = OutboundReply.objects.filter(
        ticket=ticket, state=ReplyState.SENDING, send_started_at__isnull=True
    ).exclude(parts__external_id__gt="")
    back = list(held.select_for_update(of=("self",)).order_by("pk"))
    for reply in back:
        reply.state, reply.lease_token, reply.lease_until = ReplyState.QUEUED, None, None
        wake(DELIVER, reply.account_id)
    bulk.update(back, ("state", "lease_token", "lease_until"))
