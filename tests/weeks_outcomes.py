"""What became of every told date, worked out from the messages that were sent and from the history, one event after
the other; and that Promises kept counts the same, to the unit. Rows of Promise are read by nothing but the words for
whoever has to find out why it does not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import User
from priority.selectors import policy_of
from reports.selectors_promises import GROUPS, promises_kept
from reports.selectors_promises import Period as Shown
from tickets.models import AgentTask, OutboundReply, Promise, Ticket, TicketEvent

ZONE = ZoneInfo("Europe/Amsterdam")
TOLD = ("acknowledged", "answered", "notified")
#: Resolved so, the caller needs it no more: nothing was owed.
NOT_OWED = ("no_longer_needed", "double")
ASKED = {"notice", "reason", "not_told", "not_certain", "release"}
LATE = timedelta(minutes=5)


@dataclass
class Date:
    """A told date. notice: from when on another one is told at it, not before it. end: of the report's outcomes."""

    at: datetime
    kind: str
    told: datetime
    notice: datetime
    end: str = ""

    @property
    def over(self) -> datetime:
        return self.at + timedelta(minutes=1) if self.notice >= self.at else self.at

    def ends(self, how: str, at: datetime) -> None:
        if self.end == "" and at > self.over:
            self.end = "missed"
        elif how == "renewed":
            self.end = "before" if at < self.notice else "at"
        else:
            self.end = how


@dataclass
class History:
    """One ticket's dates, as its messages and its history tell them. done: since when it is resolved. closed: it is
    over for another reason; put_away: no reply is needed."""

    ticket: Ticket
    lead: timedelta
    found: list[Date]
    done: datetime | None = None
    closed: bool = False
    put_away: bool = False

    @property
    def is_over(self) -> bool:
        return self.done is not None or self.closed or self.put_away

    @property
    def standing(self) -> Date | None:
        return next((one for one in self.found if one.end == ""), None)

    def withdraw(self, at: datetime) -> None:
        """The newest, where it stands or waits for the caller."""
        told = sorted(self.found, key=lambda one: one.told)
        if told and told[-1].end in ("", "suspended"):
            told[-1].ends("withdrawn", at)

    def happens(self, line: TicketEvent) -> None:
        standing = self.standing
        if line.kind == "resolved":
            if line.args["how"].removeprefix("without_a_word:") in NOT_OWED:
                self.withdraw(line.at)
            elif standing is not None:
                standing.ends("kept", line.at)
            self.done = line.at
        elif line.kind == "closed":
            if line.args.get("rule") == "no_answer":
                self.withdraw(line.at)
            self.closed = True
        elif line.kind == "joined_into":
            self.withdraw(line.at)
            self.closed = True
        elif line.kind == "reopened":
            self.done, self.closed, self.put_away = None, False, False
        elif line.kind == "verdict_undone":
            self.put_away = False
        elif line.kind == "triaged":
            self.put_away = line.args["triage"] == "no_reply"
            if line.args.get("by") == "person" and not self.put_away:
                self.done, self.closed = None, False
        elif line.kind == "promise_missed" and standing is not None:
            standing.end = "missed"
        elif line.kind in TOLD:
            self.hears(line)

    def hears(self, line: TicketEvent) -> None:
        """A message went: a person's answer keeps a date to answer; then the date that it tells; then what it asks."""
        reply = OutboundReply.objects.get(pk=line.args["reply"])
        at = reply.sent_at
        assert reply.state == "sent", f"{line.kind}, and the message is {reply.state}"
        assert at is not None
        standing = self.standing
        by_person = reply.kind in ("answer", "resolution_notice") and not reply.is_automatic
        if by_person and standing is not None and standing.kind == "answered" and standing.told <= at:
            standing.ends("kept", at)
        if reply.tells_for is not None:
            assert reply.tells_kind != "started", (
                "who has begun is not read here, and the ready policy asks it nowhere"
            )
            self.is_told(Date(reply.tells_for, reply.tells_kind, at, reply.tells_for - self.lead), line.at)
        if line.args.get("effect") == "asks" and not self.is_over and self.standing is not None:
            self.standing.ends("suspended", at)

    def is_told(self, new: Date, now: datetime) -> None:
        """The same once more is nothing new. One of which we hear late may have been followed by another already."""
        standing = self.standing
        if standing is not None and (standing.at, standing.kind) == (new.at, new.kind):
            return
        later = min((one.told for one in self.found if one.told > new.told), default=None)
        if later is not None:
            new.ends("renewed", later)
        else:
            if standing is not None:
                standing.ends("renewed", new.told)
            if self.is_over:
                new.ends("kept", max(new.told, self.done or now))
        self.found.append(new)


def dates_of(ticket: Ticket) -> list[Date]:
    """Every date its caller was told, and what became of it."""
    lead = timedelta(minutes=policy_of(ticket.policy_revision_id).periods.notice_lead)
    history = History(ticket, lead, [])
    for line in TicketEvent.objects.filter(ticket=ticket).order_by("pk"):
        history.happens(line)
    return history.found


def silent(ticket: Ticket, one: Date, now: datetime) -> bool:
    passed = one.end == "missed" or (one.end == "" and one.at < now - LATE)
    if not passed:
        return False
    for task in AgentTask.objects.filter(ticket=ticket, kind__in=ASKED, created_at__lte=one.at):
        made = datetime.fromisoformat(task.args.get("noticed_at") or task.created_at.isoformat())
        if made <= one.at + LATE and (task.done_at is None or task.done_at >= one.at):
            return False
    return True


def recomputed(now: datetime) -> dict[str, Counter[tuple[Any, str]]]:
    counted: dict[str, Counter[tuple[Any, str]]] = {name: Counter() for name in GROUPS}
    for ticket in Ticket.objects.all():
        for one in dates_of(ticket):
            local = one.at.astimezone(ZONE).date()
            keys = (
                local - timedelta(days=local.weekday()),
                ticket.account_id,
                ticket.team_id,
                ticket.category,
            )
            for name, key in zip(GROUPS, keys, strict=True):
                counted[name][key, one.end or "running"] += 1
                counted[name][key, "silent"] += silent(ticket, one, now)
    return {name: +rows for name, rows in counted.items()}


def reported(user: User, now: datetime) -> dict[str, Counter[tuple[Any, str]]]:
    counted: dict[str, Counter[tuple[Any, str]]] = {name: Counter() for name in GROUPS}
    first = (now - timedelta(weeks=12)).date()
    period = Shown(first - timedelta(days=first.weekday()), 52, ZONE.key)
    for name, rows in promises_kept(user, period, now=now).items():
        for key, figures in rows.items():
            counted[name].update({(key, outcome): count for outcome, count in figures.counts.items()})
            counted[name][key, "silent"] += figures.silent
    return {name: +rows for name, rows in counted.items()}


def differences(user: User, now: datetime) -> list[str]:
    """Figures that are not the same; then of every ticket both accounts, and its history."""
    there, here = reported(user, now), recomputed(now)
    found = [
        f"{name}: {rows - here[name]} / {here[name] - rows}"
        for name, rows in there.items()
        if rows != here[name]
    ]
    if not found:
        return []
    for ticket in Ticket.objects.all():
        rows = (
            Promise.objects.filter(ticket=ticket)
            .order_by("pk")
            .values_list("promised_for", "end", "ended_at", "notice_at")
        )
        found.append(f"{ticket}: rows {[*map(str, rows)]}")
        found.append(
            f"   recomputed {[(str(one.at), one.end, one.told.isoformat()) for one in dates_of(ticket)]}"
        )
        history = TicketEvent.objects.filter(ticket=ticket).order_by("pk")
        found += [f"   {line.at:%d %H:%M:%S} {line.kind} {line.args}" for line in history]
    return found
