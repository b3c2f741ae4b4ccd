"""What a service is called with, so that a ticket's page shows something else afterwards: one small case each."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.db import transaction

from accounts.models import Team, User
from tests import desk
from tests.tickets import policies, pressed
from tests.tickets.at_work import LIGHTS, at
from tests.tickets.said import VENTING, acknowledge, answer, hear, utterance
from tickets.contract import DeliveryEvent
from tickets.models import (
    AgentTask,
    ChannelAccount,
    Conversation,
    OutboundPart,
    OutboundReply,
    StatusLink,
    TaskKind,
    Ticket,
    Triage,
)
from tickets.services.caller_says import caller_not_solved, caller_solved
from tickets.services.delivered import deliveries_reported
from tickets.services.escalating import escalation_answer, ticket_escalate
from tickets.services.intake import messages_receive
from tickets.services.joining import ticket_join
from tickets.services.joining_undo import ticket_join_undo
from tickets.services.labels import caller_language_set, ticket_labels_set
from tickets.services.later import later_proposal, later_say
from tickets.services.notes import note_write
from tickets.services.opt_out import opt_in_record, opt_out_record
from tickets.services.outcomes import reply_failed, reply_held, reply_superseded, reply_unknown
from tickets.services.owning import ticket_assign, ticket_take
from tickets.services.parting import conversation_part
from tickets.services.policy_rollout import rollouts_work
from tickets.services.properties import proposal_accept, proposal_decline, ticket_properties_set
from tickets.services.redacting import message_redact
from tickets.services.reply_decisions import (
    reply_drop,
    reply_not_reached,
    reply_release,
    reply_resolve_unknown,
)
from tickets.services.shown import shown
from tickets.services.status_links import (
    Opened,
    status_link_make,
    status_link_open,
    status_link_revoke,
)
from tickets.services.sweep import sweep_due, tasks_to_lead
from tickets.services.tasks import task_done
from tickets.services.together import (
    Seen,
)
from tickets.services.transferring import ticket_transfer
from tickets.services.triage import ticket_triage, triage_overdue, triage_undo
from tickets.services.undo import replies_let_go, reply_undo
from tickets.services.work import ticket_go_on, ticket_hold, ticket_reopen

NOW = at(23, 10)


@dataclass
class Scene:
    """A ticket that was told a date; noor, who may do everything in its team."""

    noor: User
    ticket: Ticket
    roads: Team

    @property
    def account(self) -> ChannelAccount:
        return self.ticket.account

    @property
    def who(self) -> dict[str, Any]:
        return {"actor": self.noor, "ticket_id": self.ticket.pk, "now": NOW}

    def seen(self, ticket: Ticket | None = None) -> list[Seen]:
        one = Ticket.objects.get(pk=(ticket or self.ticket).pk)
        return [Seen(one.reference, one.version)]

    def vents(self) -> Ticket:
        """Another, that waits for triage."""
        return hear(self.account, 90, VENTING, by="bram", at=at(23, 9))

    def asks(self) -> Ticket:
        """Another, whose acknowledgement has not gone."""
        return hear(self.account, 91, LIGHTS, by="kees", at=at(23, 9))

    def row(self, **columns: Any) -> OutboundReply:
        """An acknowledgement in the state that is wanted."""
        asks = self.asks()
        OutboundReply.objects.filter(ticket=asks).update(**columns)
        return OutboundReply.objects.select_related("ticket", "conversation").get(ticket=asks)

    def task(self, kind: TaskKind, **columns: Any) -> AgentTask:
        made = {
            "reason": "test",
            "cause": f"{kind}:1",
            "team": self.ticket.team,
            "due_at": NOW,
            "created_at": NOW,
        }
        return AgentTask.objects.create(kind=kind, ticket=self.ticket, **{**made, **columns})


def key() -> str:
    return str(uuid.uuid4())


Case: TypeAlias = Callable[[Scene], tuple[Ticket, Callable[[], object]]]
CASES: dict[str, Case] = {}


def case(name: str) -> Callable[[Case], Case]:
    """`module.function` of the service. The case gives the ticket whose page shows something else, and the call."""

    def kept(made: Case) -> Case:
        assert name not in CASES, name
        CASES[name] = made
        return made

    return kept


def _simple(name: str, do: Callable[..., object], **more: Any) -> None:
    """A service that takes actor, ticket_id and now, on the ticket of the scene."""

    def made(scene: Scene) -> tuple[Ticket, Callable[[], object]]:
        given = {each: value() if callable(value) else value for each, value in more.items()}
        return scene.ticket, lambda: do(**scene.who, **given)

    CASES[name] = made


_simple("owning.ticket_take", ticket_take)
_simple("labels.ticket_labels_set", ticket_labels_set, place="Kade", tags="lights", seen_version=None)
_simple("labels.caller_language_set", caller_language_set, language="nl")
_simple("notes.note_write", note_write, text="The part is here.", client_key=key)
_simple("transferring.ticket_transfer", ticket_transfer, team_key="roads")
_simple("escalating.ticket_escalate", ticket_escalate, reason="date", text="Help.", client_key=key)
_simple(
    "work.ticket_hold", ticket_hold, kind="decision", waits_for="the board", ask_again_at=at(23, 15), later=None,
    seen_version=None,
)  # fmt: skip


@case("owning.ticket_assign")
def _assign(scene: Scene) -> Any:
    daan = desk.user("daan", teams=[scene.ticket.team])
    return scene.ticket, lambda: ticket_assign(**scene.who, user_id=daan.pk)


@case("properties.ticket_properties_set")
def _properties(scene: Scene) -> Any:
    ticket = scene.ticket
    return ticket, lambda: ticket_properties_set(
        **scene.who,
        category=ticket.category,
        impact="low",
        urgency="low",
        why="less_urgent",
        call_type="question",
        seen_version=None,
    )


def _proposed(scene: Scene, do: Callable[..., object]) -> Any:
    proposal = {
        "category": scene.ticket.category, "impact": "high", "urgency": "high", "priority": "P1", "reasons": [],
        "message": 1,
    }  # fmt: skip
    Ticket.objects.filter(pk=scene.ticket.pk).update(proposal=proposal)
    return scene.ticket, lambda: do(**scene.who)


case("properties.proposal_accept")(lambda scene: _proposed(scene, proposal_accept))
case("properties.proposal_decline")(lambda scene: _proposed(scene, proposal_decline))


@case("escalating.escalation_answer")
def _escalation_answer(scene: Scene) -> Any:
    scene.task(TaskKind.ESCALATED, for_lead=True)
    return scene.ticket, lambda: escalation_answer(**scene.who, text="Do it.", client_key=key())


@case("redacting.message_redact")
def _redact(scene: Scene) -> Any:
    message = scene.ticket.messages.filter(direction="in").get()
    return scene.ticket, lambda: message_redact(
        actor=scene.noor, message_id=message.pk, reason="abuse", now=NOW
    )


def _identity(scene: Scene) -> dict[str, Any]:
    place = scene.ticket.conversations.get()
    return {"actor": scene.noor, "identity_id": place.identity_id, "account_id": place.account_id, "now": NOW}


case("opt_out.opt_out_record")(lambda scene: (scene.ticket, lambda: opt_out_record(**_identity(scene))))


@case("opt_out.opt_in_record")
def _opt_in(scene: Scene) -> Any:
    opt_out_record(**_identity(scene))
    return scene.ticket, lambda: opt_in_record(**_identity(scene))


@case("later.later_say")
def _later(scene: Scene) -> Any:
    proposal = later_proposal(actor=scene.noor, ticket_id=scene.ticket.pk, now=NOW)
    return scene.ticket, lambda: later_say(
        **scene.who, reason=proposal.reasons[0][0], own_words="", date=proposal.proposed, client_key=key(),
        seen_message_id=None,
    )  # fmt: skip


@case("replies.answer_write")
def _answer(scene: Scene) -> Any:
    return scene.ticket, lambda: pressed.write(scene.ticket, scene.noor)


@case("resolving.ticket_resolve")
def _resolve(scene: Scene) -> Any:
    return scene.ticket, lambda: pressed.resolve(scene.ticket, scene.noor)


@case("undo.reply_undo")
def _reply_undo(scene: Scene) -> Any:
    row = pressed.write(scene.ticket, scene.noor)
    return scene.ticket, lambda: reply_undo(actor=scene.noor, reply_id=row.pk, now=row.created_at)


@case("undo.replies_let_go")
def _let_go(scene: Scene) -> Any:
    row = pressed.write(scene.ticket, scene.noor)
    pressed.time_is_over(row)
    return scene.ticket, lambda: replies_let_go(now=row.undo_until or NOW)


@case("work.ticket_go_on")
def _go_on(scene: Scene) -> Any:
    answer(scene.ticket, at=NOW, asks=True)
    return scene.ticket, lambda: ticket_go_on(**scene.who)


@case("work.ticket_reopen")
def _reopen(scene: Scene) -> Any:
    Ticket.objects.filter(pk=scene.ticket.pk).update(status="resolved", resolved_at=NOW)
    return scene.ticket, lambda: ticket_reopen(**scene.who)


def _verdict(ticket: Ticket, scene: Scene) -> Ticket:
    return ticket_triage(
        actor=scene.noor, ticket_id=ticket.pk, verdict=Triage.NO_REPLY, reason="venting", now=NOW
    )


@case("triage.ticket_triage")
def _triage(scene: Scene) -> Any:
    vents = scene.vents()
    return vents, lambda: _verdict(vents, scene)


@case("triage.triage_undo")
def _triage_undo(scene: Scene) -> Any:
    done = _verdict(scene.vents(), scene)
    return done, lambda: triage_undo(actor=scene.noor, ticket_id=done.pk, seen_version=done.version, now=NOW)


@case("triage.triage_overdue")
def _overdue(scene: Scene) -> Any:
    return scene.vents(), lambda: triage_overdue(now=at(23, 12))


@case("intake.messages_receive")
def _receive(scene: Scene) -> Any:
    def do() -> None:
        with transaction.atomic():
            messages_receive(scene.account, [utterance(92, "Any news?", thread=1, at=NOW)], now=NOW)

    return scene.ticket, do


def _both(scene: Scene) -> dict[str, Any]:
    other = scene.asks()
    return {
        "actor": scene.noor, "ticket_id": scene.ticket.pk, "other_id": other.pk, "one_person": True,
        "consent_message_id": None, "seen": None, "now": NOW,
    }  # fmt: skip


@case("joining.ticket_join")
def _join(scene: Scene) -> Any:
    given = _both(scene)
    return scene.ticket, lambda: ticket_join(**given)


@case("joining_undo.ticket_join_undo")
def _join_undo(scene: Scene) -> Any:
    row = ticket_join(**_both(scene))
    return scene.ticket, lambda: ticket_join_undo(actor=scene.noor, join_id=row.pk, now=NOW)


@case("parting.conversation_part")
def _part(scene: Scene) -> Any:
    other = scene.asks()
    place = other.conversations.get()
    OutboundReply.objects.filter(ticket=other).delete()
    Conversation.objects.filter(pk=place.pk).update(ticket=scene.ticket, joined_at=NOW)
    place.messages.update(ticket=scene.ticket)
    return scene.ticket, lambda: conversation_part(actor=scene.noor, conversation_id=place.pk, now=NOW)


@case("outcomes.reply_sent")
def _sent(scene: Scene) -> Any:
    asks = scene.asks()
    return asks, lambda: acknowledge(asks, at=NOW)


def _outcome(do: Callable[..., object], **more: Any) -> Case:
    def made(scene: Scene) -> Any:
        row = scene.row(state="sending", lease_token=uuid.uuid4(), lease_until=NOW)
        return row.ticket, lambda: do(row, ticket=row.ticket, now=NOW, **more)

    return made


case("outcomes.reply_held")(_outcome(reply_held, rule="window", due_at=NOW))
case("outcomes.reply_superseded")(_outcome(reply_superseded, reason="too_late", not_told=True))
case("outcomes.reply_failed")(_outcome(reply_failed))
case("outcomes.reply_unknown")(_outcome(reply_unknown))


def _link(scene: Scene) -> str:
    """A caller's link, in what we write to them."""
    return status_link_make(scene.ticket.conversations.get(), now=NOW)


case("status_links.status_link_make")(lambda scene: (scene.ticket, lambda: _link(scene)))


@case("status_links.status_link_revoke")
def _link_revoke(scene: Scene) -> Any:
    _link(scene)
    link = StatusLink.objects.get()
    return scene.ticket, lambda: status_link_revoke(**scene.who, link_id=link.pk)


def _opened(scene: Scene) -> Opened:
    opened = status_link_open(_link(scene).rstrip("/").rpartition("/")[2], now=NOW)
    assert opened is not None
    return opened


@case("caller_says.caller_solved")
def _solved(scene: Scene) -> Any:
    opened = _opened(scene)
    return scene.ticket, lambda: caller_solved(opened=opened, now=NOW)


@case("caller_says.caller_not_solved")
def _not_solved(scene: Scene) -> Any:
    opened = _opened(scene)
    caller_solved(opened=opened, now=NOW)
    return scene.ticket, lambda: caller_not_solved(opened=_opened(scene), now=NOW)


@case("shown.shown")
def _shown(scene: Scene) -> Any:
    asks = scene.asks()
    message = asks.messages.get()
    return asks, lambda: shown(account_id=asks.account_id, external_id=message.external_id, now=NOW)


@case("reply_decisions.reply_not_reached")
def _not_reached(scene: Scene) -> Any:
    row = scene.row(state="held", held_reason="by_voice")
    ChannelAccount.objects.filter(pk=row.account_id).update(capabilities={"spoken": True})
    return row.ticket, lambda: reply_not_reached(actor=scene.noor, reply_id=row.pk, now=NOW)


@case("reply_decisions.reply_release")
def _release(scene: Scene) -> Any:
    row = scene.row(state="held", held_reason="window", held_by="desk")
    return row.ticket, lambda: reply_release(actor=scene.noor, reply_id=row.pk, now=NOW)


@case("reply_decisions.reply_drop")
def _drop(scene: Scene) -> Any:
    row = scene.row(state="held", held_reason="window", held_by="desk")
    return row.ticket, lambda: reply_drop(actor=scene.noor, reply_id=row.pk, now=NOW)


@case("reply_decisions.reply_resolve_unknown")
def _resolve_unknown(scene: Scene) -> Any:
    row = scene.row(state="unknown", text="Thanks.", send_started_at=NOW)
    OutboundPart.objects.create(reply=row, number=1, text="Thanks.", send_started_at=NOW)
    return row.ticket, lambda: reply_resolve_unknown(
        actor=scene.noor, reply_id=row.pk, verdict="went", now=NOW
    )


@case("delivered.deliveries_reported")
def _delivered(scene: Scene) -> Any:
    ours = scene.ticket.messages.get(direction="out")
    told = DeliveryEvent(ours.external_id, "bounced", NOW)

    def do() -> None:
        with transaction.atomic():
            deliveries_reported(account_id=scene.account.pk, events=[told], now=NOW)

    return scene.ticket, do


@case("tasks.task_done")
def _task_done(scene: Scene) -> Any:
    made = scene.task(TaskKind.PROGRESS)
    return scene.ticket, lambda: task_done(actor=scene.noor, task_id=made.pk, how="done", now=NOW)


@case("policy_rollout.rollouts_work")
def _policy_follows(scene: Scene) -> Any:
    policies.published(policies.duration(scene.ticket.priority, resolution=1234), now=NOW)
    return scene.ticket, lambda: rollouts_work(now=NOW)


@case("sweep.sweep_due")
def _sweep(scene: Scene) -> Any:
    return scene.ticket, lambda: sweep_due(now=at(24, 9, 1))


@case("sweep.tasks_to_lead")
def _to_lead(scene: Scene) -> Any:
    scene.task(TaskKind.RELEASE, lead_at=NOW)
    return scene.ticket, lambda: tasks_to_lead(now=NOW)


def tells(before: int, ticket: Ticket) -> bool:
    return Ticket.objects.values_list("version", flat=True).get(pk=ticket.pk) > before
