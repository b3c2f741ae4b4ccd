"""What a policy makes of a message that nobody has sent: pure, nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from priority import clock
from priority.facts import Decision, TicketFacts
from priority.policy import Policy
from priority.preview import RESTS_ON
from priority.shapes import Visibility
from priority.targets import targets_for, told_date
from priority.triage import decide
from priority.why import why


@dataclass(frozen=True, slots=True)
class Tried:
    """By one policy. date: what its caller would be told, None where nothing is: it is not answered at once, or the
    calendar does not reach so far. why: each reason in the reader's words, in reading order."""

    decision: Decision
    call_type: str
    category: str
    priority: str
    date: datetime | None
    why: Sequence[str]
    beyond: bool = False


def tried(
    policy: Policy,
    facts: TicketFacts,
    *,
    language: str,
    revision: int | None,
    team: str = "",
    names: Mapping[str, str] | None = None,
) -> Tried:
    """`language`: the reader's; `team`: the key of the account's team."""
    decision = decide(policy, facts)
    visibility: Visibility = "private" if facts.private else "public"
    date = due_at = None
    calendar, beyond = "", False
    try:
        targets = targets_for(
            policy,
            priority=decision.priority,
            category=decision.category,
            call_type=decision.call_type,
            channel=facts.channel,
            visibility=visibility,
            started_at=facts.at,
            team=team,
        )
        row = next((one for one in targets if one.kind == RESTS_ON[decision.date_means]), None)
        if row is not None:
            due_at, calendar = row.due_at, row.calendar
            date = told_date(
                policy,
                priority=decision.priority,
                category=decision.category,
                call_type=decision.call_type,
                due_at=due_at,
                calendar=calendar,
            )
    except clock.BeyondCalendar:
        beyond = True
    responds = decision.triage == "respond"
    told = why(
        policy,
        reasons=decision.reasons,
        priority=decision.priority,
        category=decision.category,
        language=language,
        started_at=facts.at if responds else None,
        due_at=due_at if responds else None,
        told_at=date if responds else None,
        channel=facts.channel,
        visibility=visibility,
        revision=revision,
        call_type=decision.call_type,
        calendar=calendar,
        names=names,
    )
    texts = policy.category(decision.category).name
    return Tried(
        decision,
        call_type=decision.call_type,
        category=texts.get(language) or next(iter(texts.values())),
        priority=decision.priority,
        date=date if responds else None,
        why=told.sentences(),
        beyond=beyond and responds,
    )
