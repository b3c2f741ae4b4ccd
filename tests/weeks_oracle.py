"""What holds in the histories of tests/weeks.py, asked wherever it can be of what stands at the network, not of the
desk's own columns."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from django.db.models import Q

from priority import clock as business
from priority.selectors import policy_of
from priority.targets import amount_of
from tests.memory_network import Network
from tests.simulated_clock import SimulatedClock
from tickets.contract import OutboundMessage
from tickets.models import (
    AgentTask,
    Identity,
    OutboundReply,
    Pause,
    Promise,
    PromiseEnd,
    ReplyEffect,
    ReplyKind,
    ReplyState,
    Status,
    Target,
    TaskKind,
    Ticket,
    TicketEvent,
    Triage,
)
from tickets.models.outbox import UNSETTLED
from tickets.moments import passes_at
from tickets.texts.dates import date_words

#: Kinds that tell a date, or say something about one.
OF_DATES = {ReplyKind.OVERDUE, ReplyKind.DELAY, ReplyKind.DATE_CHANGED}
TOLD_BY_ITSELF = {ReplyKind.ACKNOWLEDGEMENT, *OF_DATES}


class Oracle:
    away: list[tuple[datetime, datetime]]
    clock: SimulatedClock
    network: Network
    notices: str

    # -- asked by the network at the very moment of a send -------------------------------------------------------
    def may_stand_there(self, message: OutboundMessage) -> None:
        reply = OutboundReply.objects.select_related("ticket", "conversation").get(
            dedupe_key=message.idempotency_key.rpartition("#")[0]
        )
        ticket = reply.ticket
        assert message.automatic == reply.is_automatic
        if message.automatic:
            self.automatic_is_allowed(message, reply)
        over = ticket.status in (Status.RESOLVED, Status.CLOSED)
        assert not (over and reply.kind in OF_DATES), f"{reply.kind} on a ticket that is {ticket.status}"
        if reply.kind in TOLD_BY_ITSELF:
            assert reply.tells_for is not None, f"a {reply.kind} without a date"
            assert reply.tells_for > self.clock.now, f"a {reply.kind} with a date that has passed"
            assert self.words(reply) in message.text, f"{message.text!r} does not say its date"
        if reply.kind == ReplyKind.ANSWER and not self.has_or_may_have_a_date(reply):
            assert reply.tells_for is not None, "an answer without a date to whoever was never told one"
            assert reply.tells_for > self.clock.now, "an answer with a date that has passed"
        if reply.kind == ReplyKind.ACKNOWLEDGEMENT:
            same = [m for _, m in self.network.stored if m.idempotency_key.startswith(f"ack:{ticket.pk}#")]
            others = OutboundReply.objects.filter(
                ticket=ticket, kind=ReplyKind.ACKNOWLEDGEMENT, state=ReplyState.SENT
            )
            assert not others.exclude(pk=reply.pk).exists(), "acknowledged twice"
            assert not same, "acknowledged twice"

    def has_or_may_have_a_date(self, answer: OutboundReply) -> bool:
        """A caller who answers, or whose ticket is over, is owed none now; nor is one to whom another message may have
        told one, or should have when this one was written: that has its own task."""
        ticket = answer.ticket
        others = OutboundReply.objects.filter(
            Q(is_automatic=False) | Q(state__in=[*UNSETTLED, ReplyState.UNKNOWN]),
            ticket=ticket,
            tells_for__isnull=False,
        ).exclude(pk=answer.pk)
        written_open = not TicketEvent.objects.filter(
            ticket=ticket, kind="resolved", at__lte=answer.created_at
        )
        owed = ticket.is_open and ticket.status != Status.WAITING and written_open
        return not owed or Promise.objects.filter(ticket=ticket).exists() or others.exists()

    def automatic_is_allowed(self, message: OutboundMessage, reply: OutboundReply) -> None:
        assert message.recipient not in self.out_now(), "opted out"
        acknowledges = reply.kind == ReplyKind.ACKNOWLEDGEMENT
        if self.notices in ("released", ""):
            assert acknowledges, f"a {reply.kind} by itself"
        if self.notices != "free":
            place = reply.conversation
            since = place.last_inbound_at
            mine = OutboundReply.objects.filter(
                conversation=place, is_automatic=True, state=ReplyState.SENT, sent_at__gte=since
            ).exclude(pk=reply.pk)
            most = 2 if self.notices == "automatic" else 1
            assert mine.count() < most, "more automatic messages than the network allows"

    def out_now(self) -> set[str]:
        return set(
            Identity.objects.filter(opt_outs__ended_at__isnull=True, opt_outs__isnull=False).values_list(
                "external_id", flat=True
            )
        )

    def words(self, reply: OutboundReply) -> str:
        assert reply.tells_for is not None
        return date_words(
            reply.tells_for, zone="Europe/Amsterdam", language=reply.language, now=self.clock.now
        )

    # -- what holds at every moment ------------------------------------------------------------------------------
    def holds_at_every_moment(self) -> None:
        self.heard()
        self.no_date_moves_silently()
        self.no_date_passes_in_silence()
        self.nobody_is_left_to_wonder()
        self.nothing_twice()
        self.pauses_stop_our_targets_only()

    def heard(self) -> None:
        """1. Told, or a message is on its way, or somebody was asked, or a person has answered."""
        silent = Ticket.objects.filter(
            triage=Triage.RESPOND, promises=None, tasks=None, status__in=[Status.NEW, Status.OPEN]
        ).filter(~Q(replies__state__in=[*UNSETTLED, ReplyState.UNKNOWN]))
        silent = silent.exclude(
            replies__kind__in=[ReplyKind.ANSWER, ReplyKind.RESOLUTION], replies__state="sent"
        )
        assert not silent.exists(), list(
            silent.values_list("triage_by", "replies__state", "replies__held_reason")
        )

    def no_date_moves_silently(self) -> None:
        """2. What the desk holds to be promised is what the caller has read last."""
        for ticket in Ticket.objects.filter(
            status__in=[Status.NEW, Status.OPEN, Status.ON_HOLD, Status.WAITING]
        ):
            promises = list(Promise.objects.filter(ticket=ticket).order_by("told_at", "pk"))
            assert sum(one.end == "" for one in promises) <= 1
            standing = next((one for one in promises if one.end == ""), None)
            assert ticket.promised_for == (standing.promised_for if standing else None)
            for one in promises:
                text = " ".join(one.reply.messages.order_by("pk").values_list("body", flat=True))
                stands = date_words(one.promised_for, zone="Europe/Amsterdam", language=one.reply.language,
                                    now=one.told_at)  # fmt: skip
                assert stands in text, f"promised {one.promised_for}, and the caller read {text!r}"
                if one.end == PromiseEnd.SUSPENDED:
                    asked = OutboundReply.objects.filter(
                        ticket=ticket, effect=ReplyEffect.ASKS, state=ReplyState.SENT
                    )
                    assert asked.exists(), "suspended, and nobody asked anything"
                if one.end == PromiseEnd.RENEWED:
                    assert any(other.told_at >= one.told_at and other.pk != one.pk for other in promises)
            unsure = OutboundReply.objects.filter(
                ticket=ticket, state__in=[ReplyState.SENDING, ReplyState.WAITING, ReplyState.UNKNOWN]
            )
            if standing is not None and not unsure.exists():
                last = (
                    OutboundReply.objects.filter(
                        ticket=ticket, state=ReplyState.SENT, tells_for__isnull=False
                    )
                    .order_by("sent_at", "pk")
                    .last()
                )
                assert last is not None
                assert standing.promised_for == last.tells_for

    def no_date_passes_in_silence(self) -> None:
        """3. No open promise is past its date; one that was missed had somebody asked before, where anybody ran."""
        now = self.clock.now
        for one in Promise.objects.filter(end="", promised_for__lt=now).select_related("ticket"):
            over = passes_at(one.promised_for, one.notice_at)
            began = OutboundReply.objects.filter(
                Q(send_started_at__lte=over) | Q(parts__send_started_at__lte=over),
                ticket=one.ticket,
                state__in=[*UNSETTLED, ReplyState.UNKNOWN],
            )
            assert now <= over or began.exists(), f"{one.promised_for} has passed, and it is {now}"
        for one in Promise.objects.filter(end=PromiseEnd.MISSED):
            tasks = AgentTask.objects.filter(ticket_id=one.ticket_id)
            assert tasks.exists(), "missed, and nobody was asked"
            slept = any(came < one.promised_for and went > one.at_risk_at for came, went in self.away)
            trouble = OutboundReply.objects.filter(
                Q(unclear_count__gt=0) | Q(attempts__gt=1) | Q(state__in=["failed", "unknown", "waiting"]),
                ticket_id=one.ticket_id,
            ).exists()
            if not slept and not trouble and one.told_at < one.notice_at:
                assert tasks.filter(created_at__lte=one.promised_for).exists(), (
                    f"{one.promised_for} was missed, and nobody was asked before: "
                    f"{list(tasks.values_list('kind', 'reason', 'created_at'))}"
                )

    def nobody_is_left_to_wonder(self) -> None:
        """3. Where nobody knows whether a message went, and the date that hangs on it has passed, the lead knows by
        then. Words that a person wrote and that fell away have their task."""
        now = self.clock.now
        unsure = OutboundReply.objects.filter(Q(tells_for__isnull=False) | Q(effect=ReplyEffect.ASKS))
        for reply in unsure.filter(state=ReplyState.UNKNOWN):
            standing = Promise.objects.filter(ticket_id=reply.ticket_id, end="").values_list(
                "promised_for", flat=True
            )
            dates = [*standing, *([reply.tells_for] if reply.tells_for else [])]
            if any(date <= now for date in dates):
                task = AgentTask.objects.filter(kind=TaskKind.NOT_CERTAIN, args__reply=reply.pk, done_at=None)
                assert [one.for_lead for one in task] == [True], (
                    f"{min(dates)} hangs on {reply.kind}, {reply.state}"
                )
        fallen = OutboundReply.objects.filter(kind=ReplyKind.RESOLUTION, state=ReplyState.SUPERSEDED)
        for reply in fallen.filter(held_reason__in=["reopened", "caller_spoke"]):
            assert AgentTask.objects.filter(cause=f"unsent:{reply.pk}").exists(), (
                "words fell away without a word"
            )

    def nothing_twice(self) -> None:
        """6. No part stands at the network twice."""
        assert not self.network.wrong, self.network.wrong
        stands = Counter(message.idempotency_key for _, message in self.network.stored)
        assert not [key for key, times in stands.items() if times > 1]
        sent = OutboundReply.objects.filter(state=ReplyState.SENT, parts__external_id__gt="")
        there = {key.rpartition("#")[0] for key in stands}
        assert (
            set(sent.exclude(parts__external_id__startswith="by-word").values_list("dedupe_key", flat=True))
            <= there
        )

    def pauses_stop_our_targets_only(self) -> None:
        """The open time between start and deadline is the policy's amount and the pauses that have ended."""
        for target in Target.objects.filter(met_at=None, ended_at=None, kind="resolution").select_related(
            "ticket"
        ):
            ticket = target.ticket
            policy = policy_of(ticket.policy_revision_id)
            amount = amount_of(
                policy, kind="resolution", priority=ticket.priority, channel="x", visibility="public"
            )
            calendar = policy.calendar(target.calendar)
            open_time = business.between(calendar, target.started_at, target.due_at)
            for pause in Pause.objects.filter(ticket=ticket, ended_at__isnull=False):
                assert pause.ended_at is not None
                begins, ends = max(pause.started_at, target.started_at), min(pause.ended_at, target.due_at)
                if begins < ends:
                    open_time -= business.between(calendar, begins, ends)
            assert open_time == amount, (
                f"{open_time} of open time, and the policy says {amount}: {told_of(ticket)}"
            )


def told_of(ticket: Ticket) -> list[str]:
    """What happened to it, for whoever has to find out why."""
    lines = TicketEvent.objects.filter(ticket=ticket).order_by("at", "pk")
    return [f"{line.at:%d %H:%M} {line.kind} {line.args}" for line in lines]
