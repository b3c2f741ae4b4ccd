"""The small signs beside a ticket's words in the queue: what it asks for, that its caller called again, what it
waits for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy

from tickets.display.phrases import gettext as _
from tickets.display.words import day, day_and_time, span
from tickets.live_now import Live
from tickets.models import LOOK_AGAIN, HoldKind, Status, TaskKind, Ticket, Triage

Weight: TypeAlias = Literal["", "strong", "needs"]


@dataclass(frozen=True, slots=True)
class Bit:
    """`weight`: needs is what has gone wrong or will, strong is worth a look, "" is there to know."""

    icon: str
    words: str
    weight: Weight


_OF_TASKS: dict[str, tuple[str, LazyText | str, Weight]] = {
    TaskKind.DANGER.value: ("breached", gettext_lazy("danger"), "needs"),
    TaskKind.NOT_CERTAIN.value: ("question", gettext_lazy("not certain whether it was sent"), "needs"),
    TaskKind.REFUSED.value: ("failed", gettext_lazy("a message was refused"), "needs"),
    TaskKind.NOTICE.value: ("held", gettext_lazy("a notice waits for you"), "needs"),
    TaskKind.RELEASE.value: ("held", gettext_lazy("a held message waits for you"), "needs"),
    TaskKind.NOT_TOLD.value: ("no-date", gettext_lazy("the caller was told no date"), "needs"),
    TaskKind.NOT_THERE.value: ("waits", gettext_lazy("the caller has not come back"), "needs"),
    TaskKind.UNSENT.value: ("failed", gettext_lazy("words of ours fell away"), "needs"),
    TaskKind.ACCOUNT.value: ("plug", gettext_lazy("its account needs a person"), "needs"),
    TaskKind.REASON.value: ("edit", gettext_lazy("say why it takes longer"), "strong"),
    TaskKind.PROGRESS.value: ("clock", gettext_lazy("an update is due"), "strong"),
    TaskKind.ASK_AGAIN.value: ("again", gettext_lazy("ask again how it stands"), "strong"),
    TaskKind.REMIND.value: ("waits", gettext_lazy("remind the caller"), "strong"),
    TaskKind.ESCALATED.value: ("hand", gettext_lazy("before the lead"), "strong"),
    TaskKind.TRANSFERS.value: ("again", gettext_lazy("transferred often"), "strong"),
    TaskKind.SOMEBODY_ELSE.value: ("people", gettext_lazy("somebody else wrote"), "strong"),
    TaskKind.PROPOSAL.value: ("edit", gettext_lazy("new words may change it"), "strong"),
}
"""In the order in which they are shown. Too long in triage stands in the row's clock already."""


def bits_of(
    ticket: Ticket, asks: Collection[str], *, was_told: bool, has_draft: bool = False, now: datetime
) -> list[Bit]:
    """What stands beside the words, the most pressing first. `was_told`: a date was told; then the task that says that
    the caller was not told means that it passed. `has_draft`: the reader has begun to write."""
    bits = []
    if asks:
        bits = [
            Bit(icon, str(words), weight) for kind, (icon, words, weight) in _OF_TASKS.items() if kind in asks
        ]
    if was_told:
        passed = Bit("breached", _("the date passed without a word"), "needs")
        bits = [passed if bit.icon == "no-date" else bit for bit in bits]
    if has_draft:
        bits.append(Bit("edit", _("your draft"), "strong"))
    if ticket.is_danger and TaskKind.DANGER not in asks:
        bits.append(Bit("", _("danger, looked at"), "strong"))
    if ticket.calls > 1:
        bits.append(Bit("again", _("called again ×%(n)d") % {"n": ticket.calls - 1}, "strong"))
    if ticket.came_over and TaskKind.TRANSFERS not in asks:
        bits.append(Bit("right", _("came by transfer"), "strong"))
    if ticket.triage_reason == LOOK_AGAIN and ticket.triage == Triage.PENDING:
        bits.append(Bit("eye", _("watched until now: look again"), "strong"))
    elif ticket.triage == Triage.WATCH and ticket.triage_due_at is not None:
        when = day_and_time(ticket.triage_due_at, now)
        bits.append(Bit("eye", _("watched, look again %(when)s") % {"when": when}, ""))
    waits = waits_words(ticket, now=now)
    if waits:
        bits.append(Bit("waits", waits, ""))
    return bits


def live_bit(live: Live, *, now: datetime) -> Bit:
    """That its caller is there now, and how long they have waited for us."""
    if live.since is None:
        return Bit("chat", _("live, answered"), "strong")
    return Bit("chat", _("live, has waited %(span)s") % {"span": span(now - live.since)}, "needs")


def waits_words(ticket: Ticket, *, now: datetime) -> str:
    """What a ticket that stands still waits for, since when, and when we ask again; "" for one that does not."""
    if ticket.status == Status.WAITING:
        if ticket.waiting_since is None:
            return _("waits for the caller’s answer")
        return _("asked the caller %(when)s") % {"when": day_and_time(ticket.waiting_since, now)}
    if ticket.status != Status.ON_HOLD:
        return ""
    what = ticket.hold_for or str(HoldKind(ticket.hold_kind).label if ticket.hold_kind else "")
    if ticket.hold_ask_again_at is not None:
        return _("on hold: %(what)s, ask again %(when)s") % {
            "what": what,
            "when": day(ticket.hold_ask_again_at, now),
        }
    if ticket.hold_since is not None:
        return _("on hold: %(what)s, since %(when)s") % {"what": what, "when": day(ticket.hold_since, now)}
    return _("on hold: %(what)s") % {"what": what}
