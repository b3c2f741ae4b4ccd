"""A line of a ticket's history in the reader's words. What is stored are codes and their arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.display.codes import (
    ESCALATION_REASONS,
    REASONS,
    REDACT_REASONS,
    WITHOUT_A_WORD,
    Names,
    call_type,
    triage_reason,
)
from tickets.display.tags import tags_line
from tickets.display.why import override_words
from tickets.display.words import day_and_time
from tickets.models import BulkWhat, HoldKind, TargetKind, TaskKind, TicketEvent, Triage
from tickets.reference import as_shown

_EVENTS: Mapping[str, LazyText | str] = {
    "answered": gettext_lazy("answered"),
    "acknowledged": gettext_lazy("acknowledged, with a date"),
    "notified": gettext_lazy("a notice was sent"),
    "answer_written": gettext_lazy("wrote an answer"),
    "answer_undone": gettext_lazy("took a message back before it was sent"),
    "noted": gettext_lazy("wrote a note"),
    "answered_elsewhere": gettext_lazy("a colleague answered, outside the desk; no date was told there"),
    "reply_held": gettext_lazy("a message of ours is held"),
    "reply_handed": gettext_lazy("a message of ours lies ready for the caller"),
    "reply_unread": gettext_lazy("nobody has read the message that lies ready for the caller"),
    "reply_taken_back": gettext_lazy("a message that nobody had read was taken back, and goes anew"),
    "reply_released": gettext_lazy("released a held message"),
    "not_reached": gettext_lazy("nobody answered: the caller was not told"),
    "reply_dropped": gettext_lazy("dropped a message of ours"),
    "reply_superseded": gettext_lazy("a message of ours was no longer needed"),
    "reply_failed": gettext_lazy("the network refused a message of ours"),
    "reply_unknown": gettext_lazy("not certain whether a message of ours was sent"),
    "reply_went": gettext_lazy("said that an uncertain message did go out"),
    "reply_not": gettext_lazy("said that an uncertain message did not go out"),
    "reply_again": gettext_lazy("had an uncertain message sent again"),
    "message_delivered": gettext_lazy("the network says that our message arrived"),
    "message_delayed": gettext_lazy("our message has not arrived yet; it is still being tried"),
    "participant_wrote": gettext_lazy("somebody else in the thread wrote"),
    "claim_proven": gettext_lazy("the caller has written from the address that they gave"),
    "message_edited": gettext_lazy("the caller changed a message"),
    "message_removed": gettext_lazy("the caller removed a message"),
    "opted_out": gettext_lazy("the caller wants no automatic messages"),
    "opted_in": gettext_lazy("the caller gets automatic messages again"),
    "caller_not_solved": gettext_lazy("the caller says that it is not solved yet"),
    "address_left": gettext_lazy("the caller left an address for when they are away"),
    "address_dead": gettext_lazy(
        "nobody is at the address that the caller left: answers lie in the chat again"
    ),
    "address_taken_back": gettext_lazy("the caller took the address back that they had left"),
    "visitor_blocked": gettext_lazy("blocked the visitor"),
    "visitor_unblocked": gettext_lazy("let the visitor write again"),
    "link_given": gettext_lazy("gave the caller a link to their page"),
    "link_revoked": gettext_lazy("took back the link to the caller’s page"),
    "called_again": gettext_lazy("the caller called again, in another conversation"),
    "parted": gettext_lazy("made a ticket of its own of one of the caller’s conversations"),
    "caller_answered": gettext_lazy("the caller has answered; our targets run again"),
    "machine": gettext_lazy("a text was filed as a machine’s"),
    "taken": gettext_lazy("took it"),
    "went_on": gettext_lazy("went on with it; our targets run again"),
    "escalation_answered": gettext_lazy("told the agent who asked what is to be done"),
    "verdict_undone": gettext_lazy("took the verdict back; it waits for triage again"),
    "proposal_accepted": gettext_lazy("accepted what the new words propose"),
    "proposal_declined": gettext_lazy("left it as it was, whatever the new words propose"),
}


def event_words(event: TicketEvent, *, now: datetime, reasons: Names | None = None) -> str:
    """A line of history; "" for a kind that has no words, and then no line. `reasons`: the managers’ list of why no
    reply is needed, key → language → words."""
    if event.kind == "triaged":
        return _triaged(event.args, now, reasons or {})
    if event.kind == "assigned":
        return _assigned(event)
    special = _SPECIAL.get(event.kind)
    if special is not None:
        return special(event.args, now)
    return str(_EVENTS.get(event.kind, ""))


def _assigned(event: TicketEvent) -> str:
    if event.args.get("user") is None:
        return _("took the owner off it")
    if event.args["user"] == event.actor_user_id:
        return _("took it")
    return _("gave it to somebody else")


def _opened(args: Mapping[str, Any], _now: datetime) -> str:
    if args.get("follows"):
        return _("opened, after a ticket that was too old to go on")
    if args.get("parted"):
        return _("opened: it was taken for the same call before")
    return _("opened")


def _came_back(args: Mapping[str, Any], _now: datetime) -> str:
    if args.get("withdrawn"):
        return _("our message came back: the date that stood in it was told to nobody")
    return _("our message came back")


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
    if args.get("rule") == "caller_says":
        return _("opened again: the caller says that it is not solved")
    if args.get("rule") == "by_hand":
        return _("opened it again")
    return _("opened again: a message of ours did not reach the caller")


def _resolved(args: Mapping[str, Any], _now: datetime) -> str:
    how = str(args.get("how", ""))
    if how == "answer":
        return _("resolved it, with an answer")
    if how == "caller":
        return _("resolved: the caller says that it is solved")
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


def _triaged(args: Mapping[str, Any], now: datetime, reasons: Names) -> str:
    verdict = args.get("triage")
    if verdict == Triage.RESPOND:
        if args.get("by") == "person":
            return _("chose to respond: %(priority)s") % {"priority": args.get("priority", "")}
        return _("recognised as something to answer: %(priority)s") % {"priority": args.get("priority", "")}
    if verdict == Triage.WATCH:
        again = parse_datetime(str(args.get("look_again_at", "")))
        when = day_and_time(again, now) if again is not None else ""
        return _("chose to watch it, and to look again %(when)s") % {"when": when}
    reason = triage_reason(str(args.get("reason") or ""), reasons)
    if verdict == Triage.NO_REPLY:
        if args.get("by") == "person":
            return _("decided that no reply is needed: %(reason)s") % {"reason": reason}
        return _("no reply needed: %(reason)s") % {"reason": reason} if reason else _("no reply needed")
    return _("waits for triage: %(reason)s") % {"reason": reason} if reason else _("waits for triage")


def _transferred(args: Mapping[str, Any], _now: datetime) -> str:
    before, after = args.get("from_name"), args.get("team_name")
    if before and after:
        words = _("transferred it from %(before)s to %(after)s") % {"before": before, "after": after}
    elif after:
        words = _("transferred it to %(after)s") % {"after": after}
    else:
        words = _("transferred it to another team")
    return _("%(words)s, and told the caller") % {"words": words} if args.get("reply") else words


def _escalated(args: Mapping[str, Any], _now: datetime) -> str:
    reason = str(ESCALATION_REASONS.get(str(args.get("reason", "")), ""))
    return _("put it before the lead: %(reason)s") % {"reason": f"{reason[:1].lower()}{reason[1:]}"}


def _call_type_set(args: Mapping[str, Any], _now: datetime) -> str:
    code = str(args.get("call_type", ""))
    return _("said what it is: %(what)s") % {"what": call_type(code)}


def _labels_set(args: Mapping[str, Any], _now: datetime) -> str:
    said = [_("noted the place")] if args.get("place") else []
    if args.get("number"):
        said.append(_("noted the number on it"))
    if args.get("added"):
        said.append(_("tagged it %(tags)s") % {"tags": tags_line(args["added"])})
    if args.get("taken"):
        said.append(_("took the tag %(tags)s off") % {"tags": tags_line(args["taken"])})
    return "; ".join(said) or _("noted the place")


def _language_set(args: Mapping[str, Any], _now: datetime) -> str:
    language = str(args.get("language", "")).upper()
    return _("said that the caller is written to in %(language)s") % {"language": language}


def _redacted(args: Mapping[str, Any], _now: datetime) -> str:
    reason = REDACT_REASONS.get(str(args.get("reason", "")), "")
    return _("took the words of a message out: %(reason)s") % {"reason": reason}


def _properties(args: Mapping[str, Any], _now: datetime) -> str:
    priority, why = args.get("priority"), override_words(str(args.get("why", "")))
    if not priority:
        return _("changed category, impact or urgency")
    if why:
        words = _("changed category, impact or urgency: %(priority)s, because %(why)s")
        return words % {"priority": priority, "why": why}
    return _("changed category, impact or urgency: %(priority)s") % {"priority": priority}


def _policy_followed(args: Mapping[str, Any], _now: datetime) -> str:
    """A ticket that a newer revision was published for, too."""
    said = {"number": args.get("to", ""), "priority": args.get("priority", ""), "was": args.get("was", "")}
    if args.get("was"):
        return _("follows revision %(number)s of the policy: %(priority)s, was %(was)s") % said
    return _("follows revision %(number)s of the policy") % said


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
    if kind == TaskKind.SOMEBODY_ELSE:
        return _("read what somebody else in the thread wrote")
    return _("ended the task: a message did not reach the caller")


def _routed(args: Mapping[str, Any], _now: datetime) -> str:
    if args.get("team_name"):
        return _("went to the team %(team)s, by the policy’s rules") % {"team": args["team_name"]}
    return _("went to another team, by the policy’s rules")


def _bulk_undone(args: Mapping[str, Any], _now: datetime) -> str:
    what = args.get("what")
    if what == BulkWhat.ASSIGN:
        return _("took back what was assigned to several at once: who had it has it again")
    if what == BulkWhat.TRANSFER:
        return _("took back a transfer of several at once: the team that had it has it again")
    if what == BulkWhat.PROPERTIES:
        return _("took back category, impact and urgency that were set on several at once")
    return _("took back that no reply was needed, said of several at once")


def _joined(args: Mapping[str, Any], _now: datetime) -> str:
    return _("joined %(reference)s with it") % {"reference": as_shown(str(args.get("ticket", "")))}


def _joined_into(args: Mapping[str, Any], _now: datetime) -> str:
    return _("joined it with %(reference)s, where it goes on") % {
        "reference": as_shown(str(args.get("ticket", "")))
    }


def _join_undone(args: Mapping[str, Any], _now: datetime) -> str:
    return _("took the joining with %(reference)s back") % {
        "reference": as_shown(str(args.get("ticket", "")))
    }


_SPECIAL: Mapping[str, Callable[[Mapping[str, Any], datetime], str]] = {
    "let_go": _let_go,
    "message_bounced": _came_back,
    "message_failed": _came_back,
    "opened": _opened,
    "closed": _closed,
    "reopened": _reopened,
    "resolved": _resolved,
    "held": _held,
    "later_said": _later_said,
    "target_breached": _breached,
    "promise_missed": _missed,
    "joined": _joined,
    "joined_into": _joined_into,
    "join_undone": _join_undone,
    "transferred": _transferred,
    "routed": _routed,
    "escalated": _escalated,
    "call_type_set": _call_type_set,
    "labels_set": _labels_set,
    "language_set": _language_set,
    "message_redacted": _redacted,
    "properties_set": _properties,
    "policy_followed": _policy_followed,
    "properties_changed": _properties,
    "task_done": _task_done,
    "bulk_undone": _bulk_undone,
}
