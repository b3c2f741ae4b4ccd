"""Codes of history, tasks, holds and promises in the reader's words. What is stored stays a code."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise as LazyText
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.models import User
from tickets.models import AgentTask, CallType, HoldKind, TaskKind

Words = Mapping[str, "LazyText | str"]
Names = Mapping[str, Mapping[str, str]]

_TRIAGE_REASONS: Words = {
    "removed_by_author": gettext_lazy("its author removed it"),
    "not_addressed": gettext_lazy("none of it is said to us"),
    "look_again": gettext_lazy("the time has come to look at it again"),
}
"""What the desk itself says; what an agent chooses is the managers’ list (tickets/selectors_reasons.py)."""

ASKED: Words = {
    "place": gettext_lazy("the place"),
    "object_number": gettext_lazy("the number on it"),
    "photo": gettext_lazy("a photo"),
}
"""What a category asks of its callers, to colleagues."""


def asked_words(ask: str) -> str:
    return str(ASKED.get(ask, ask))


ESCALATION_REASONS: dict[str, LazyText | str] = {
    "decision": gettext_lazy("It needs a decision that I may not take"),
    "date": gettext_lazy("The date will not be kept"),
    "caller": gettext_lazy("The caller is not content with how we deal with it"),
    "safety": gettext_lazy("Somebody may come to harm"),
    "other": gettext_lazy("Something else: my words say what"),
}
"""Why an agent puts a ticket before the lead (services/escalating.py)."""

REDACT_REASONS: dict[str, LazyText | str] = {
    "personal": gettext_lazy("details that say who the caller is"),
    "somebody_else": gettext_lazy("details of somebody else"),
    "abuse": gettext_lazy("abuse or threats"),
    "asked": gettext_lazy("the caller asked for it"),
    "other": gettext_lazy("another reason"),
}
"""Why words are taken out of a message (services/redacting.py)."""

WITHOUT_A_WORD: dict[str, LazyText | str] = {
    "said_already": gettext_lazy("they have read it already, in a message above"),
    "said_elsewhere": gettext_lazy("they were told elsewhere: by phone, at the counter"),
    "no_longer_needed": gettext_lazy("they need it no more"),
    "double": gettext_lazy("it is double: another ticket deals with it"),
    "nowhere_to_say_it": gettext_lazy("there is nowhere left to say it"),
}
"""Why a caller hears nothing when it is done; the code is stored on the ticket."""

HOLD_KINDS: dict[str, LazyText | str] = {
    HoldKind.SUPPLIER.value: gettext_lazy("A company or another body does its part."),
    HoldKind.PLANNED.value: gettext_lazy("Work that has a date of its own."),
    HoldKind.DECISION.value: gettext_lazy("Somebody of ours has to decide; callers do not read who."),
}

_MACHINES: Words = {
    "automatic": gettext_lazy("the network says that nobody wrote it"),
    "automated_sender": gettext_lazy("its sender is a program"),
    "answers_itself": gettext_lazy(
        "much like an earlier text of the same sender, within a minute of an automatic message of ours"
    ),
}
"""The rules by which a text is a machine’s."""

_TASKS: Words = {
    TaskKind.DANGER.value: gettext_lazy("Somebody may be in danger. Look at it now."),
    TaskKind.RELEASE.value: gettext_lazy("A held message waits for you: release it or drop it."),
    TaskKind.NOT_CERTAIN.value: gettext_lazy("It is not certain whether a message was sent. Look, and say."),
    TaskKind.REFUSED.value: gettext_lazy("The network refused a message. The caller was not told."),
    TaskKind.NOT_TOLD.value: gettext_lazy("The caller was told no date. Answer, and the date goes with it."),
    TaskKind.NOT_THERE.value: gettext_lazy(
        "The caller left before they read a message, and left no address. It waits for them; find another way by then, "
        "or say that it need not be."
    ),
    TaskKind.UNSENT.value: gettext_lazy(
        "Your message that it is done did not go. Its words stand here: read what came first, then write again."
    ),
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
        "The date comes near, and no notice goes by itself. Finish it, or tell the caller a later date."
    ),
    TaskKind.REASON.value: gettext_lazy(
        "The date comes near, and nothing shows why it takes longer. Finish it, or say why and by when."
    ),
    TaskKind.PROGRESS.value: gettext_lazy("An update is due: tell the caller where it stands."),
    TaskKind.ASK_AGAIN.value: gettext_lazy("Ask again how it stands, then go on or hold it longer."),
    TaskKind.REMIND.value: gettext_lazy(
        "The caller has not answered, and this does not go by itself: release it, or write."
    ),
    TaskKind.ESCALATED.value: gettext_lazy(
        "A colleague asks the lead. Read the note; then take it, answer the caller, or say what is to be done."
    ),
    TaskKind.TRANSFERS.value: gettext_lazy(
        "It has gone from team to team more often than the policy wants. Agree whose it is."
    ),
    TaskKind.SOMEBODY_ELSE.value: gettext_lazy(
        "Somebody else in the thread wrote. It is not proven who they are: read it, and answer them if you want to."
    ),
    TaskKind.CALENDAR.value: gettext_lazy(
        "The policy’s calendar does not know the closed days of the time ahead, and without them no date can be told. "
        "Publish a policy whose calendar has the next years."
    ),
}

_DATE_PASSED = gettext_lazy(
    "The date that the caller was told has passed, and they heard nothing. Tell them why, and the new date."
)

_CAME_BACK = gettext_lazy("A message of ours came back. Whoever it was for has not read it.")
_NOBODY_THERE = gettext_lazy("Nothing reaches them there any more.")

_HELD: Words = {
    "account_mode": gettext_lazy("the account’s channel mode lets nobody be answered"),
    "message_removed": gettext_lazy("the message it answers was removed"),
    "opted_out": gettext_lazy("this person asked for no messages"),
    "automated_sender": gettext_lazy("the sender is not a person"),
    "automated_per_interaction": gettext_lazy(
        "no more automatic messages are allowed until the caller writes again"
    ),
    "not_there": gettext_lazy("the caller left, and has not read what waits for them since"),
    "quiet": gettext_lazy("what the caller wrote went to many people, and nothing automatic answers that"),
    "address_dead": gettext_lazy(
        "a message of ours came back, and nothing reaches the caller there until they write from it again"
    ),
    "contact_cap_hour": gettext_lazy("this person has had as many automatic messages as we allow in an hour"),
    "contact_cap_day": gettext_lazy("this person has had as many automatic messages as we allow in a day"),
    "unproven_cap": gettext_lazy(
        "this address was only typed, nobody has written to us from it yet, and it has had as many messages as we send "
        "there in a day"
    ),
    "ticket_cap": gettext_lazy("this ticket has had as many automatic messages as we allow"),
    "account_stopped": gettext_lazy("nothing can leave the account until a person has looked at it"),
    "stopped": gettext_lazy("automatic messages are stopped, or were when this was to go"),
    "by_voice": gettext_lazy("people are told by voice here: say it to them, and note that you did"),
    "released": gettext_lazy("notices of this account are released by an agent"),
    "undecided": gettext_lazy(
        "nobody has chosen yet how notices of this account go; until then an agent releases them"
    ),
    "window": gettext_lazy("the time in which the network takes messages here is over"),
    "renewals": gettext_lazy("as many new dates have been told by themselves as the policy allows"),
    "date_passed": gettext_lazy("the date that it tells has passed"),
    "file_missing": gettext_lazy("a file that goes with it is no longer there: drop it, and write it again"),
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
    "transferred_on": gettext_lazy("it went to another team since"),
    "joined": gettext_lazy("its ticket was joined with another of the same person"),
    "too_late": gettext_lazy("it was too late to acknowledge: the date would have been near or past"),
    "dropped": gettext_lazy("a person dropped it"),
    "undone": gettext_lazy("whoever wrote it took it back"),
    "caller_spoke": gettext_lazy("the caller said more before it went"),
    "not_sent": gettext_lazy("a person said that it did not go, and that it need not"),
}

_TASK_REASONS: Words = {
    "danger_words": gettext_lazy("Words of danger stand in what the caller said."),
    "failed": gettext_lazy("The network says that it did not arrive."),
    "key_ends": gettext_lazy(
        "Our key ends soon. Connect the account again before that; nothing is lost by it."
    ),
    "notices_undecided": gettext_lazy("Choose how its notices go: by themselves, or released by an agent."),
    "bounced": gettext_lazy("It came back."),
    "not_delivered": gettext_lazy("It came back, so the date that stood in it was told to nobody."),
    "refused": gettext_lazy("The network gave no reason."),
}
"""Why a task was made, where its own sentence does not say it and it is no rule of a network."""

_TASK_ENDS: Words = {
    TaskKind.DANGER.value: gettext_lazy("I have looked at it"),
    TaskKind.REFUSED.value: gettext_lazy("Done"),
    TaskKind.NOT_TOLD.value: gettext_lazy("Done"),
    TaskKind.NOT_THERE.value: gettext_lazy("Done"),
    TaskKind.UNSENT.value: gettext_lazy("Done"),
    TaskKind.PROPOSAL.value: gettext_lazy("I have read them"),
    TaskKind.PROGRESS.value: gettext_lazy("Done"),
    TaskKind.ASK_AGAIN.value: gettext_lazy("I have asked"),
    TaskKind.REMIND.value: gettext_lazy("Done"),
    TaskKind.TRANSFERS.value: gettext_lazy("It stays here"),
    TaskKind.SOMEBODY_ELSE.value: gettext_lazy("I have read it"),
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
    "closes_early": gettext_lazy("the desk closes early on that day"),
    "policy_changed": gettext_lazy("the policy was changed"),
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


def triage_reason(code: str, chosen: Names) -> str:
    """Why no reply is needed, or why it waits again. `chosen`: the managers’ list, key → language → words."""
    names = chosen.get(code)
    if names:
        language = (get_language() or "en").split("-")[0]
        return names.get(language) or next(iter(names.values()))
    return str(_TRIAGE_REASONS.get(code, code))


def gone_words(rule: str, when: str) -> str:
    """What stands in the place of words that are gone. `rule`: by which they went."""
    kind, _colon, reason = rule.partition(":")
    if kind == "redacted":
        because = REDACT_REASONS.get(reason, reason)
        return _("taken out by us, %(when)s: %(reason)s; the text is nowhere here any more") % {
            "when": when,
            "reason": because,
        }
    return _("removed by its author, %(when)s; the text is gone here too") % {"when": when}


def task_words(task: AgentTask) -> str:
    if task.kind == TaskKind.REFUSED and task.cause.startswith("came_back:"):
        return str(_CAME_BACK)
    if task.kind == TaskKind.NOT_TOLD and task.reason == "date_passed":
        return str(_DATE_PASSED)
    return str(_TASKS[task.kind])


def task_reason(task: AgentTask) -> str:
    """Why it was made, as a sentence; "" where its own words say it all, or only the network can."""
    if task.kind in (TaskKind.RELEASE, TaskKind.NOTICE, TaskKind.REMIND):
        return _sentence(_HELD.get(task.reason, ""))
    if task.kind == TaskKind.NOT_TOLD and task.reason == "date_passed":
        return ""
    if task.kind in (TaskKind.NOT_TOLD, TaskKind.UNSENT):
        return _sentence(_SUPERSEDED.get(task.reason) or _HELD.get(task.reason, ""))
    if task.kind == TaskKind.ESCALATED:
        return _sentence(ESCALATION_REASONS.get(task.reason, ""))
    if task.kind == TaskKind.TRANSFERS:
        return " → ".join(step.get("team") or _("a private team") for step in task.args.get("way", ()))
    words = str(_TASK_REASONS.get(task.reason, ""))
    return f"{words} {_NOBODY_THERE}".strip() if task.args.get("dead") else words


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


def _sentence(words: LazyText | str) -> str:
    text = str(words)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def held_words(code: str) -> str:
    """The rule that keeps a message back, where it is one of ours; "" for a rule of a network."""
    return str(_HELD.get(code, ""))


def machine_words(code: str) -> str:
    """Why a text is a machine's."""
    return str(_MACHINES.get(code, code))


def superseded_words(code: str) -> str:
    return str(_SUPERSEDED.get(code, ""))


def promise_reason(code: str) -> str:
    return str(_PROMISE_REASONS.get(code, ""))


def call_type(code: str) -> str:
    return str(CallType(code).label) if code else ""
