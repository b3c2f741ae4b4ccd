"""Calendars that end: without the closed days of the time ahead no target and no date can be worked out, so a person is
asked for a policy that knows more years, well before callers go without."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from priority.selectors import NoPolicy, policy_current, policy_of
from priority.targets import calendars_ending
from tickets.models import AgentTask, ChannelAccount, TaskKind
from tickets.services.audit import task, tasks_done, tasks_make

REASON = "beyond_calendar"


def calendars_watch(*, now: datetime) -> int:
    """How many calendars of the policy in force end too soon. One task for each, for the lead, as often as it is
    looked; it ends by itself once a policy is published that knows enough.

    The task stands with the team of the account that was connected first: a policy belongs to no team.
    """
    try:
        revision = policy_current()
    except NoPolicy:
        return 0
    ending = calendars_ending(policy_of(revision.pk), at=now)
    asked = {f"calendar:{revision.pk}:{key}": (key, until) for key, until in ending.items()}
    account = ChannelAccount.objects.order_by("pk").only("team_id").first()
    with transaction.atomic():
        standing = AgentTask.objects.filter(kind=TaskKind.CALENDAR, done_at__isnull=True).exclude(
            cause__in=list(asked)
        )
        if known := list(standing.values_list("cause", flat=True)):
            tasks_done(causes=known, how="calendar_known", now=now)
        if account is not None:
            tasks_make(
                task(
                    TaskKind.CALENDAR,
                    reason=REASON,
                    cause=cause,
                    team_id=account.team_id,
                    due_at=until,
                    now=now,
                    for_lead=True,
                    args={"calendar": key, "until": until.isoformat()},
                )
                for cause, (key, until) in asked.items()
            )
    return len(asked)
