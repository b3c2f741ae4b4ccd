"""What became of every told date, worked out from the messages that were sent and from the history, one event after
the other; and that Promises kept counts the same, to the unit. No row of Promise and no task's age is read here but to
ask whether a person had been asked."""

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
    ticket: Ticket
    at: datetime
    kind: str
    told: datetime
    notice: datetime
    end: str = ""
    noticed: datetime | None = None

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


def dates_of(ticket: Ticket) -> list[Date]:
    """Every date its caller was told, and what became of it."""
    found: list[Date] = []
    lead = timedelta(minutes=policy_of(ticket.policy_revision_id).periods.notice_lead)
    over_since: datetime | None = None
    for line in TicketEvent.objects.filter(ticket=ticket).order_by("pk"):
        standing = next((one for one in found if one.end == ""), None)
        if line.kind == "resolved":
            newest = max(found, key=lambda one: one.told, default=None)
            if line.args["how"].removeprefix("without_a_word:") not in NOT_OWED:
                if standing is not None:
                    standing.ends("kept", line.at)
            elif newest is not None and newest.end in ("", "suspended"):
                newest.ends("withdrawn", line.at)
            over_since = line.at
        elif line.kind == "closed":
            over_since = over_since or line.at
        elif line.kind == "reopened":
            over_since = None
        elif line.kind == "promise_missed" and standing is not None:
            standing.end = "missed"
            standing.noticed = datetime.fromisoformat(line.args["noticed_at"])
        elif line.kind in TOLD:
            _sent(found, standing, ticket, line, lead, over_since)
    return found


def _sent(
    found: list[Date],
    standing: Date | None,
    ticket: Ticket,
    line: TicketEvent,
    lead: timedelta,
    over_since: datetime | None,
) -> None:
    reply = OutboundReply.objects.get(pk=line.args["reply"])
    assert reply.state == "sent", f"{line.kind}, and the message is {reply.state}"
    at = reply.sent_at
    assert at is not None
    by_person = reply.kind in ("answer", "resolution_notice") and not reply.is_automatic
    if by_person and standing is not None and standing.kind == "answered" and standing.told <= at:
        standing.ends("kept", at)
        standing = None
    if reply.tells_for is not None and (
        standing is None or (standing.at, standing.kind) != (reply.tells_for, reply.tells_kind)
    ):
        new = Date(ticket, reply.tells_for, reply.tells_kind, at, reply.tells_for - lead)
        later = min((one.told for one in found if one.told > at), default=None)
        if later is not None:
            new.ends("renewed", later)
        else:
            if standing is not None:
                standing.ends("renewed", at)
            standing = new
            if over_since is not None:
                new.ends("kept", max(at, over_since))
                standing = None
        found.append(new)
    if line.args.get("effect") == "asks" and over_since is None and standing is not None:
        standing.ends("suspended", at)
    if line.args.get("effect") == "closes":
        newest = max(found, key=lambda one: one.told, default=None)
        if newest is not None and newest.end in ("", "suspended"):
            newest.ends("withdrawn", at)


def silent(one: Date, now: datetime) -> bool:
    passed = one.end == "missed" or (one.end == "" and one.at < now - LATE)
    if not passed:
        return False
    for task in AgentTask.objects.filter(ticket=one.ticket, kind__in=ASKED, created_at__lte=one.at):
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
                counted[name][key, "silent"] += silent(one, now)
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
    """Figures that are not the same, and for each ticket whose dates are not, both and its history."""
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
