"""The policy: one validated document that says how a ticket gets its priority, its durations and its date.

Pure. A document is JSON; `parse` makes it a `Policy` or raises `PolicyInvalid` with every fault named, and
`canonical` gives the one form of it that is hashed. A `Policy` never changes: a change is a new revision.
Every least amount, step and rounding stands in the document, none in code.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from priority import crosscheck
from priority.calendars import Calendar, Zone
from priority.shapes import (
    CallType,
    ClockTime,
    DateMeans,
    Key,
    Language,
    Minutes,
    Model,
    Share,
    Texts,
    Visibility,
)
from priority.wording import Category, Rule, Signs


class PolicyInvalid(ValueError):
    """The document is no policy; `faults` says where and what, one line each."""

    def __init__(self, faults: Collection[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("This policy can't be used:\n" + "\n".join(f"- {fault}" for fault in self.faults))


class Level(Model):
    """An impact, urgency or priority. Rank 1 is the highest; keys are never reused for another meaning."""

    key: Key
    rank: Annotated[int, Field(ge=1, le=99)]
    name: Texts
    sentence: Texts | None = None


class StepRounding(Model):
    """Up to the next whole number of minutes since local midnight: 15 a quarter, 60 an hour."""

    kind: Literal["step"]
    minutes: Annotated[int, Field(ge=1, le=24 * 60)]


class TimesRounding(Model):
    """Up to the next of these local times on a day that the calendar is open."""

    kind: Literal["times"]
    times: Annotated[tuple[ClockTime, ...], Field(min_length=1)]


Rounding = Annotated[StepRounding | TimesRounding, Field(discriminator="kind")]


class Duration(Model):
    """How long each target of a priority lasts, in minutes of `calendar`; None: it has none of this kind."""

    priority: Key
    calendar: Key
    first_response: Minutes
    next_response: Minutes
    start: Minutes | None = None
    resolution: Minutes
    progress: Minutes | None = None
    at_risk_before: Minutes
    renewal_step: Minutes
    told: Rounding
    date_means: DateMeans = "solved"


class Override(Model):
    """First and next response on one channel, for one priority or (None) all; resolution never differs."""

    channel: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
    visibility: Visibility | None = None
    priority: Key | None = None
    first_response: Minutes | None = None
    next_response: Minutes | None = None


class AtRisk(Model):
    """At risk before a target that has no figure of its own: `share` of its duration, within these bounds.

    `at_most_working_days` counts working days of the duration's calendar; `at_least` is minutes.
    """

    share: Share
    at_most_working_days: Annotated[int, Field(ge=1, le=99)]
    at_least: Minutes


class RenewalLimit(Model):
    """How many automatic renewals an account with this capability may have."""

    capability: Key
    most: Annotated[int, Field(ge=0, le=99)]


class Reminders(Model):
    """While we wait for the caller, in working days of `calendar`: remind, remind, close with word."""

    calendar: Key
    remind_after_working_days: tuple[Annotated[int, Field(ge=1, le=366)], ...]
    close_after_working_days: Annotated[int, Field(ge=1, le=366)]


class Caps(Model):
    """Most automatic messages."""

    per_contact_per_hour: Annotated[int, Field(ge=0)]
    per_contact_per_day: Annotated[int, Field(ge=0)]
    per_ticket: Annotated[int, Field(ge=0)]


class Periods(Model):
    """The other periods; minutes unless the name says days. `triage` runs in `triage_calendar`. transfers_most: a
    ticket that is transferred more often goes before the leads. look_again_days: what *watch* proposes. Both came
    later than the others: a document that leaves them out means these figures."""

    triage_calendar: Key
    triage: Minutes
    answer_first_wait: Annotated[int, Field(ge=0, le=24 * 60)]
    too_late_to_acknowledge: Share
    lead_if_untouched: Share
    reopen_days: Annotated[int, Field(ge=0, le=366)]
    notice_lead: Annotated[int, Field(ge=0, le=24 * 60)]
    transfers_most: Annotated[int, Field(ge=1, le=99)] = 2
    look_again_days: Annotated[int, Field(ge=1, le=99)] = 1


class Otherwise(Model):
    """What a message is where no category matched."""

    key: Key
    name: Texts
    impact: Key
    urgency: Key
    call_type: CallType


class Policy(Model):
    """The whole document. Lists keep their order: of categories and rules it has a meaning."""

    format: Literal[1]
    name: Texts
    languages: Annotated[tuple[Language, ...], Field(min_length=1)]
    zone: Zone
    impacts: Annotated[tuple[Level, ...], Field(min_length=1)]
    urgencies: Annotated[tuple[Level, ...], Field(min_length=1)]
    priorities: Annotated[tuple[Level, ...], Field(min_length=1)]
    matrix: Mapping[Key, Mapping[Key, Key]]
    calendars: Annotated[tuple[Calendar, ...], Field(min_length=1)]
    durations: tuple[Duration, ...]
    overrides: tuple[Override, ...] = ()
    at_risk: AtRisk
    renewals: tuple[RenewalLimit, ...]
    categories: tuple[Category, ...]
    otherwise: Otherwise
    signs: Signs
    rules: tuple[Rule, ...]
    periods: Periods
    reminders: Reminders
    caps: Caps

    def impact(self, key: str) -> Level:
        return self._index["impact"][key]

    def urgency(self, key: str) -> Level:
        return self._index["urgency"][key]

    def priority(self, key: str) -> Level:
        return self._index["priority"][key]

    def calendar(self, key: str) -> Calendar:
        return self._calendars[key]

    def duration(self, priority: str) -> Duration:
        return self._durations[priority]

    def category(self, key: str) -> Category | Otherwise:
        return self._categories[key]

    @cached_property
    def sha256(self) -> str:
        return digest(self.document())

    def document(self) -> dict[str, Any]:
        """The document as JSON values; `parse(policy.document()) == policy`."""
        return self.model_dump(mode="json", exclude_defaults=True)

    @cached_property
    def _index(self) -> dict[str, dict[str, Level]]:
        return {
            "impact": {level.key: level for level in self.impacts},
            "urgency": {level.key: level for level in self.urgencies},
            "priority": {level.key: level for level in self.priorities},
        }

    @cached_property
    def _calendars(self) -> dict[str, Calendar]:
        return {calendar.key: calendar for calendar in self.calendars}

    @cached_property
    def _durations(self) -> dict[str, Duration]:
        return {duration.priority: duration for duration in self.durations}

    @cached_property
    def _categories(self) -> dict[str, Category | Otherwise]:
        found: dict[str, Category | Otherwise] = {category.key: category for category in self.categories}
        found[self.otherwise.key] = self.otherwise
        return found


def canonical(document: Mapping[str, Any]) -> str:
    """The one text of a document: keys sorted, no spaces, no escapes, no NaN."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(document: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical text in UTF-8, 64 hex digits."""
    return hashlib.sha256(canonical(document).encode()).hexdigest()


def parse(document: Mapping[str, Any]) -> Policy:
    """The policy of a JSON document (dicts, lists, strings). Raises PolicyInvalid with every fault."""
    try:
        policy = Policy.model_validate_json(canonical(document))
    except ValidationError as error:
        raise PolicyInvalid([_fault(detail) for detail in error.errors()]) from None
    except (TypeError, ValueError) as error:
        raise PolicyInvalid([f"it is no JSON document: {error}"]) from None
    faults = crosscheck.faults(policy)
    if faults:
        raise PolicyInvalid(faults)
    return policy


def warnings(policy: Policy) -> tuple[str, ...]:
    """What a manager should look at, though the policy can be used."""
    return tuple(crosscheck.warnings(policy))


def _fault(detail: Mapping[str, Any]) -> str:
    where = ".".join(str(part) for part in detail["loc"]) or "document"
    return f"{where}: {detail['msg']}"
