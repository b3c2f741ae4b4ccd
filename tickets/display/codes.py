"""Codes of history, tasks, holds and promises in the reader's words. What is stored stays a code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from tickets.models import AgentTask, CallType, TaskKind, TicketEvent, Triage

Words = Mapping[str, "LazyText | str"]

NO_REPLY_REASONS: dict[str, LazyText | str] = {
    "venting": gettext_lazy("it vents, and asks for nothing"),
    "spam": gettext_lazy("it is spam"),
    "not_ours": gettext_lazy("it is not ours to deal with"),
    "for_communications": gettext_lazy("it is for communications"),
}
"""What an agent may choose; the code is stored on the ticket."""

_TRIAGE_REASONS: Words = NO_REPLY_REASONS | {
    "removed_by_author": gettext_lazy("its author removed it"),
    "not_addressed": gettext_lazy("none of it is said to us"),
}

_EVENTS: Words = {
    "opened": gettext_lazy("opened"),
    "closed": gettext_lazy("closed"),
    "reopened": gettext_lazy("opened again"),
    "answered": gettext_lazy("answered"),
    "acknowledged": gettext_lazy("acknowledged, with a date"),
    "notified": gettext_lazy("a notice was sent"),
    "answer_written": gettext_lazy("wrote an answer"),
    "later_said": gettext_lazy("wrote that it will be later, with a new date"),
    "reply_held": gettext_lazy("a message of ours is held"),
    "reply_released": gettext_lazy("released a held message"),
    "reply_dropped": gettext_lazy("dropped a message of ours"),
    "reply_superseded": gettext_lazy("a message of ours was no longer needed"),
    "reply_failed": gettext_lazy("the network refused a message of ours"),
    "reply_unknown": gettext_lazy("not certain whether a message of ours was sent"),
    "reply_went": gettext_lazy("said that an uncertain message did go out"),
    "reply_again": gettext_lazy("had an uncertain message sent again"),
    "message_delivered": gettext_lazy("the network says that our message arrived"),
    "message_failed": gettext_lazy("the network says that our message did not arrive"),
    "message_bounced": gettext_lazy("our message came back"),
    "message_edited": gettext_lazy("the caller changed a message"),
    "message_removed": gettext_lazy("the caller removed a message"),
    "opted_out": gettext_lazy("the caller wants no automatic messages"),
    "opted_in": gettext_lazy("the caller may be sent automatic messages again"),
    "caller_answered": gettext_lazy("the caller has answered"),
    "called_again": gettext_lazy("the caller has called again about it, elsewhere"),
    "parted": gettext_lazy("made a ticket of its own of one of the caller’s conversations"),
    "answered_elsewhere": gettext_lazy("a colleague answered, outside the desk; no date was told there"),
    "target_breached": gettext_lazy("a deadline of ours has passed"),
    "promise_missed": gettext_lazy("a told date has passed without a word"),
    "resolved": gettext_lazy("resolved it"),
    "held": gettext_lazy("put it on hold"),
    "went_on": gettext_lazy("went on with it"),
    "taken": gettext_lazy("took it"),
    "assigned": gettext_lazy("gave it to a colleague"),
    "transferred": gettext_lazy("transferred it to another team"),
    "properties_set": gettext_lazy("set category, impact and urgency"),
    "proposal_declined": gettext_lazy("left it as it was"),
    "reply_not": gettext_lazy("said that an uncertain message did not go out"),
}

_MACHINES: Words = {
    "automatic": gettext_lazy("a message came that a program wrote, says the network; it starts nothing"),
    "automated_sender": gettext_lazy("a message came from a sender that is not a person; it starts nothing"),
    "answers_itself": gettext_lazy(
        "a message came that answers ours by itself: at once, and much like one before; it starts nothing"
    ),
}
"""Why a message is taken for a machine's."""

_TASKS: Words = {
    TaskKind.DANGER.value: gettext_lazy("Somebody may be in danger. Look at it now."),
    TaskKind.RELEASE.value: gettext_lazy("A held message waits for you: release it or drop it."),
    TaskKind.NOT_CERTAIN.value: gettext_lazy("It is not certain whether a message was sent. Look, and say."),
    TaskKind.REFUSED.value: gettext_lazy("The network refused a message. The caller was not told."),
    TaskKind.NOT_TOLD.value: gettext_lazy("The caller was told no date. Answer, and the date goes with it."),
    TaskKind.TRIAGE_LATE.value: gettext_lazy(
        "It has waited too long in triage. Decide: respond, or no reply needed."
    ),
    TaskKind.ACCOUNT.value: gettext_lazy(
        "The account of this ticket needs a person before anything can be sent."
    ),
    TaskKind.UNREAD.value: gettext_lazy("Something that arrived could not be read."),
    TaskKind.PROPOSAL.value: gettext_lazy(
        "New words make it look more urgent than the date that was told. Read them, and decide."
    ),
    TaskKind.NOTICE.value: gettext_lazy(
        "The caller has to hear from you before the date: it cannot be said by itself."
    ),
    TaskKind.REASON.value: gettext_lazy(
        "All that can be told by itself is that it is not finished. Say why it takes longer."
    ),
    TaskKind.PROGRESS.value: gettext_lazy("An update for the caller is due."),
    TaskKind.ASK_AGAIN.value: gettext_lazy("Ask again how it stands."),
    TaskKind.REMIND.value: gettext_lazy("The caller has not answered, and cannot be reminded by itself."),
}

_HELD: Words = {
    "account_mode": gettext_lazy("the account’s channel mode lets nobody be answered"),
    "message_removed": gettext_lazy("the message it answers was removed"),
    "opted_out": gettext_lazy("this person asked for no messages"),
    "automated_sender": gettext_lazy("the sender is not a person"),
    "automated_per_interaction": gettext_lazy(
        "no more automatic messages are allowed until the caller writes again"
    ),
    "contact_cap_hour": gettext_lazy("this person has had as many automatic messages as we allow in an hour"),
    "contact_cap_day": gettext_lazy("this person has had as many automatic messages as we allow in a day"),
    "ticket_cap": gettext_lazy("this ticket has had as many automatic messages as we allow"),
    "account_stopped": gettext_lazy("nothing can leave the account until a person has looked at it"),
    "released": gettext_lazy("notices of this account are released by an agent"),
    "undecided": gettext_lazy(
        "nobody has chosen yet how notices of this account go; until then an agent releases them"
    ),
    "window": gettext_lazy("the time in which the network takes messages here is over"),
    "renewals": gettext_lazy("as many new dates have been told by themselves as the policy allows"),
    "date_passed": gettext_lazy("the date that it tells has passed"),
    "no_date": gettext_lazy("there is no date to tell: nothing in the policy gives one"),
    "no_text": gettext_lazy("there are no words for this notice in a language the caller reads"),
    "not_taken": gettext_lazy("the network did not take it, however often it was tried"),
    "desk_error": gettext_lazy("the desk itself could not send it"),
}

_SUPERSEDED: Words = {
    "answered_first": gettext_lazy("a person answered first"),
    "already_told": gettext_lazy("the caller was told a date already"),
    "not_wanted": gettext_lazy("no reply was needed any more"),
    "ticket_closed": gettext_lazy("the ticket was closed"),
    "resolved": gettext_lazy("it was resolved"),
    "reopened": gettext_lazy("it was opened again"),
    "another_date": gettext_lazy("another message tells the caller a date"),
    "same_date": gettext_lazy("the date is still the one that the caller was told"),
    "date_waits": gettext_lazy("the date waits for the caller’s answer"),
    "promise_ended": gettext_lazy("the date that it is about no longer counts"),
    "caller_answered": gettext_lazy("the caller has answered"),
    "asked": gettext_lazy("the caller was asked something, and the date waits"),
    "later_said": gettext_lazy("a person told the caller a later date"),
    "too_late": gettext_lazy("it was too late to acknowledge: the date would have been near or past"),
    "dropped": gettext_lazy("a person dropped it"),
    "not_sent": gettext_lazy("a person said that it did not go, and that it need not"),
}

_TASK_REASONS: Words = {
    "danger_words": gettext_lazy("Words of danger stand in what the caller said."),
    "failed": gettext_lazy("The network says that it did not arrive."),
    "notices_undecided": gettext_lazy("Choose how its notices go: by themselves, or released by an agent."),
    "bounced": gettext_lazy("It came back."),
    "refused": gettext_lazy("The network gave no reason."),
}
"""Why a task was made, where its own sentence does not say it and it is no rule of a network."""

_TASK_ENDS: Words = {
    TaskKind.DANGER.value: gettext_lazy("I have looked at it"),
    TaskKind.REFUSED.value: gettext_lazy("Done"),
    TaskKind.NOT_TOLD.value: gettext_lazy("Done"),
    TaskKind.PROPOSAL.value: gettext_lazy("I have read them"),
    TaskKind.PROGRESS.value: gettext_lazy("Done"),
    TaskKind.ASK_AGAIN.value: gettext_lazy("I have asked"),
    TaskKind.REMIND.value: gettext_lazy("Done"),
}
"""The button that ends a task by hand."""

REASONS: dict[str, LazyText | str] = {
    "known_incident": gettext_lazy("part of a known incident"),
    "waiting_for_party": gettext_lazy("waiting for another party"),
    "reopened": gettext_lazy("opened again"),
    "answer_came_late": gettext_lazy("the caller’s answer came late"),
    "other_team": gettext_lazy("went to another team"),
    "being_worked_on": gettext_lazy("being worked on"),
    "far_more_than_usual": gettext_lazy("far more messages than usual"),
    "not_started": gettext_lazy("not started"),
    "not_finished": gettext_lazy("not finished"),
    "more_urgent": gettext_lazy("more urgent than first thought"),
    "fewer_people": gettext_lazy("affects fewer people than first thought"),
    "desk_closed": gettext_lazy("the desk is closed on that day"),
    "have_your_answer": gettext_lazy("the caller has answered"),
    "sooner": gettext_lazy("sooner than was told"),
    "own_words": gettext_lazy("in the agent’s own words"),
}
"""Why a date is another one, for people of the desk; callers read the sentence of the texts."""

_PROMISE_REASONS: Words = REASONS | {
    "acknowledged": gettext_lazy("told in the acknowledgement"),
    "acknowledgement": gettext_lazy("told in the acknowledgement"),
    "answered": gettext_lazy("told in an answer"),
    "answer": gettext_lazy("told in an answer"),
}


def event_words(event: TicketEvent) -> str:
    """A line of history; "" for a kind that has no words, and then no line."""
    if event.kind == "triaged":
        return _triaged(event.args)
    if event.kind == "opened" and event.args.get("follows"):
        return _("opened, after a ticket that was too old to go on")
    if event.kind == "opened" and event.args.get("parted"):
        return _("opened: it was taken for the same call before")
    if event.kind == "machine":
        return str(_MACHINES.get(str(event.args.get("rule", "")), _MACHINES["automatic"]))
    if event.kind == "reopened" and event.args.get("rule") == "spoke_again":
        return _("opened again: the caller wrote that it is not over")
    if event.kind == "task_done":
        return _task_done(str(event.args.get("kind", "")))
    if event.kind == "reopened" and event.args.get("rule") == "not_delivered":
        return _("opened again: a message of ours did not reach the caller")
    words = _EVENTS.get(event.kind)
    return str(words) if words is not None else ""


def _triaged(args: Mapping[str, Any]) -> str:
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


def triage_reason(code: str) -> str:
    return str(_TRIAGE_REASONS.get(code, code))


def task_words(task: AgentTask) -> str:
    return str(_TASKS[task.kind])


def task_reason(task: AgentTask) -> str:
    """Why it was made, as a sentence; "" where its own words say it all, or only the network can."""
    if task.kind in (TaskKind.RELEASE, TaskKind.NOTICE, TaskKind.REMIND):
        return _sentence(_HELD.get(task.reason, ""))
    if task.kind == TaskKind.NOT_TOLD:
        return _sentence(_SUPERSEDED.get(task.reason) or _HELD.get(task.reason, ""))
    return str(_TASK_REASONS.get(task.reason, ""))


def task_end(task: AgentTask) -> str:
    """What the button says that ends it; "" where it ends by itself."""
    return str(_TASK_ENDS.get(task.kind, ""))


def task_done_words(task: AgentTask, user: User) -> str:
    """What is said to whoever pressed the button; somebody else may have been first."""
    if task.done_by_id != user.pk:
        return _("This was done already.")
    if task.kind == TaskKind.DANGER:
        return _("Noted: you have looked at it.")
    return _("Noted: it is done.")


def _task_done(kind: str) -> str:
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


def _sentence(words: LazyText | str) -> str:
    text = str(words)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def held_words(code: str) -> str:
    """The rule that keeps a message back, where it is one of ours; "" for a rule of a network."""
    return str(_HELD.get(code, ""))


def superseded_words(code: str) -> str:
    return str(_SUPERSEDED.get(code, ""))


def promise_reason(code: str) -> str:
    return str(_PROMISE_REASONS.get(code, ""))


def call_type(code: str) -> str:
    return str(CallType(code).label) if code else ""
