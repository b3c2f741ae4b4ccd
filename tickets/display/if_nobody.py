"""What will happen if nobody does what a task asks for: in the reader's words, with the date that it costs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.display.words import day_and_time
from tickets.models import AgentTask, TaskKind

IF_NOBODY: Mapping[str, LazyText | str] = {
    TaskKind.DANGER.value: gettext_lazy("It stays above everything else, and nobody has been warned."),
    TaskKind.RELEASE.value: gettext_lazy("The message is not sent, and the caller hears nothing of it."),
    TaskKind.NOT_CERTAIN.value: gettext_lazy(
        "It is never sent again by itself. If it did not go, the caller does not know."
    ),
    TaskKind.REFUSED.value: gettext_lazy("The caller does not get it; nothing tries it again."),
    TaskKind.NOT_TOLD.value: gettext_lazy("The caller goes on waiting without a date."),
    TaskKind.NOT_THERE.value: gettext_lazy("The caller hears nothing unless they come back by themselves."),
    TaskKind.UNSENT.value: gettext_lazy("The caller does not hear that it is done."),
    TaskKind.TRIAGE_LATE.value: gettext_lazy(
        "The caller hears nothing: nobody has decided whether to answer."
    ),
    TaskKind.ACCOUNT.value: gettext_lazy(
        "Nothing leaves this account; every message and notice of it waits."
    ),
    TaskKind.UNREAD.value: gettext_lazy("What was said there reaches no ticket, and nobody answers it."),
    TaskKind.PROPOSAL.value: gettext_lazy(
        "Priority and date stay as they are, however urgent it has become."
    ),
    TaskKind.NOTICE.value: gettext_lazy("No notice goes by itself: the date passes without a word."),
    TaskKind.REASON.value: gettext_lazy("The notice says no more than that it is not finished yet."),
    TaskKind.PROGRESS.value: gettext_lazy("The caller hears nothing until the date they were told."),
    TaskKind.ASK_AGAIN.value: gettext_lazy(
        "It stays on hold, and our targets stand still; the told date does not."
    ),
    TaskKind.REMIND.value: gettext_lazy(
        "The caller is not reminded, and it goes on waiting for their answer."
    ),
    TaskKind.CALENDAR.value: gettext_lazy("From the end of the calendar on no caller can be told a date."),
    TaskKind.ESCALATED.value: gettext_lazy("The colleague who asked waits, and so does the caller."),
    TaskKind.SOMEBODY_ELSE.value: gettext_lazy(
        "Nobody answers them; for the caller nothing changes, whatever stands there."
    ),
    TaskKind.TRANSFERS.value: gettext_lazy("It may go on from team to team; its dates run all the same."),
}

_WITH_DATE = frozenset(
    {
        TaskKind.RELEASE,
        TaskKind.NOTICE,
        TaskKind.REFUSED,
        TaskKind.NOT_CERTAIN,
        TaskKind.NOT_THERE,
        TaskKind.ESCALATED,
    }
)


def if_nobody(task: AgentTask, promised_for: datetime | None, now: datetime) -> str:
    """`promised_for`: the date that its caller was told and that stands."""
    if task.kind == TaskKind.NOT_TOLD and task.reason == "date_passed":
        return _("The date has passed; the caller goes on waiting, and nobody has said why.")
    words = str(IF_NOBODY[task.kind])
    if promised_for is None or task.kind not in _WITH_DATE:
        return words
    when = day_and_time(promised_for, now)
    if promised_for <= now:
        return f"{words} " + _("The date they were told has passed: %(when)s.") % {"when": when}
    return f"{words} " + _("They were told %(when)s.") % {"when": when}
