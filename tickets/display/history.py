"""A line of a ticket's history in the reader's words. What is stored are codes and their arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.display.codes import REASONS, WITHOUT_A_WORD, triage_reason
from tickets.display.words import day_and_time
from tickets.models import HoldKind, TargetKind, TaskKind, TicketEvent, Triage

_EVENTS: Mapping[str, LazyText | str] = {
    "answered": gettext_lazy("answered"),
    "acknowledged": gettext_lazy("acknowledged, with a date"),
    "notified": gettext_lazy("a notice was sent"),
    "answer_written": gettext_lazy("wrote an answer"),
    "answer_undone": gettext_lazy("took a message back before it was sent"),
    "noted": gettext_lazy("wrote a note"),
    "answered_elsewhere": gettext_lazy("a colleague answered, outside the desk; no date was told there"),
    "reply_held": gettext_lazy("a message of ours is held"),
    "reply_released": gettext_lazy("released a held message"),
    "reply_dropped": gettext_lazy("dropped a message of ours"),
    "reply_superseded": gettext_lazy("a message of ours was no longer needed"),
    "reply_failed": gettext_lazy("the network refused a message of ours"),
    "reply_unknown": gettext_lazy("not certain whether a message of ours was sent"),
    "reply_went": gettext_lazy("said that an uncertain message did go out"),
    "reply_not": gettext_lazy("said that an uncertain message did not go out"),
    "reply_again": gettext_lazy("had an uncertain message sent again"),
    "message_delivered": gettext_lazy("the network says that our message arrived"),
    "message_failed": gettext_lazy("the network says that our message did not arrive"),
    "message_bounced": gettext_lazy("our message came back"),
    "message_edited": gettext_lazy("the caller changed a message"),
    "message_removed": gettext_lazy("the caller removed a message"),
    "opted_out": gettext_lazy("the caller wants no automatic messages"),
    "opted_in": gettext_lazy("the caller gets automatic messages again"),
    "called_again": gettext_lazy("the caller called again, in another conversation"),
    "parted": gettext_lazy("made a ticket of its own of one of the caller’s conversations"),
    "caller_answered": gettext_lazy("the caller has answered; our targets run again"),
    "machine": gettext_lazy("a text was filed as a machine’s"),
    "taken": gettext_lazy("took it"),
    "assigned": gettext_lazy("gave it to somebody else"),
    "transferred": gettext_lazy("transferred it to another team"),
    "went_on": gettext_lazy("went on with it; our targets run again"),
    "proposal_accepted": gettext_lazy("accepted what the new words propose"),
    "proposal_declined": gettext_lazy("left it as it was, whatever the new words propose"),
}


def event_words(event: TicketEvent, *, now: datetime) -> str:
    """A line of history; "" for a kind that has no words, and then no line."""
    special = _SPECIAL.get(event.kind)
    if special is not None:
        return special(event.args, now)
    return str(_EVENTS.get(event.kind, ""))


def _opened(args: Mapping[str, Any], _now: datetime) -> str:
    if args.get("follows"):
        return _("opened, after a ticket that was too old to go on")
    if args.get("parted"):
        return _("opened: it was taken for the same call before")
    return _("opened")


def _let_go(args: Mapping[str, Any], _now: datetime) -> str:
    if args.get("why") == "left":
        return _("has no owner any more: whoever had it has left the desk")
    return _("has no owner any more: whoever had it does not see this team’s tickets now")


def _closed(args: Mapping[str, Any], _now: datetime) -> str:
    if args.get("rule") == "no_answer":
        return _("closed: the caller never answered, and was told so")
    if args.get("rule") == "settled":
        return _("closed: its days for being opened again are over")
    return _("closed")


def _reopened(args: Mapping[str, Any], _now: datetime) -> str:
    if args.get("rule") == "spoke_again":
        return _("opened again: the caller wrote")
    if args.get("rule") == "by_hand":
        return _("opened it again")
    return _("opened again: a message of ours did not reach the caller")


def _resolved(args: Mapping[str, Any], _now: datetime) -> str:
    how = str(args.get("how", ""))
    if how == "answer":
        return _("resolved it, with an answer")
    if how.startswith("without_a_word:"):
        because = WITHOUT_A_WORD.get(how.partition(":")[2], "")
        return _("resolved it without a word: %(reason)s") % {"reason": because}
    return _("resolved it, and said what was done")


def _held(args: Mapping[str, Any], now: datetime) -> str:
    kind = args.get("kind")
    what = str(HoldKind(kind).label) if kind in HoldKind.values else ""
    again = parse_datetime(str(args.get("ask_again_at", "")))
    if again is None:
        return _("put it on hold: %(what)s") % {"what": what}
    return _("put it on hold: %(what)s; asks again %(when)s") % {
        "what": what,
        "when": day_and_time(again, now),
    }


def _later_said(args: Mapping[str, Any], now: datetime) -> str:
    date = parse_datetime(str(args.get("date", "")))
    reason = REASONS.get(str(args.get("reason", "")), "")
    if date is None:
        return _("wrote that it will be later, with a new date")
    return _("wrote that it will be later: %(when)s (%(reason)s)") % {
        "when": day_and_time(date, now),
        "reason": reason,
    }


def _breached(args: Mapping[str, Any], _now: datetime) -> str:
    kind = args.get("kind")
    what = str(TargetKind(kind).label) if kind in TargetKind.values else ""
    return _("our target has passed: %(what)s") % {"what": what}


def _missed(args: Mapping[str, Any], now: datetime) -> str:
    date = parse_datetime(str(args.get("promised_for", "")))
    when = day_and_time(date, now) if date is not None else ""
    return _("the date that was told has passed without a word: %(when)s") % {"when": when}


def _triaged(args: Mapping[str, Any], _now: datetime) -> str:
    verdict = args.get("triage")
    if verdict == Triage.RESPOND:
        if args.get("by") == "person":
            return _("chose to respond: %(priority)s") % {"priority": args.get("priority", "")}
        return _("recognised as a request: %(priority)s") % {"priority": args.get("priority", "")}
    if verdict == Triage.NO_REPLY:
        reason = triage_reason(str(args.get("reason", "")))
        if args.get("by") == "person":
            return _("decided that no reply is needed: %(reason)s") % {"reason": reason}
        return _("no reply needed: %(reason)s") % {"reason": reason} if reason else _("no reply needed")
    return _("waits for triage")


def _properties(args: Mapping[str, Any], _now: datetime) -> str:
    priority = args.get("priority")
    if not priority:
        return _("changed category, impact or urgency")
    return _("changed category, impact or urgency: %(priority)s") % {"priority": priority}


def _task_done(args: Mapping[str, Any], _now: datetime) -> str:
    kind = args.get("kind")
    if kind == TaskKind.DANGER:
        return _("looked at it, as somebody may be in danger")
    if kind == TaskKind.PROPOSAL:
        return _("read the new words, and left the date as it was")
    if kind == TaskKind.NOT_TOLD:
        return _("ended the task: the caller was told no date")
    if kind == TaskKind.PROGRESS:
        return _("ended the task: an update was due")
    if kind == TaskKind.ASK_AGAIN:
        return _("asked again how it stands")
    if kind == TaskKind.REMIND:
        return _("ended the task: the caller was to be reminded")
    return _("ended the task: a message did not reach the caller")


_SPECIAL: Mapping[str, Callable[[Mapping[str, Any], datetime], str]] = {
    "let_go": _let_go,
    "opened": _opened,
    "closed": _closed,
    "reopened": _reopened,
    "resolved": _resolved,
    "held": _held,
    "later_said": _later_said,
    "target_breached": _breached,
    "promise_missed": _missed,
    "triaged": _triaged,
    "properties_set": _properties,
    "properties_changed": _properties,
    "task_done": _task_done,
}
