"""The policy: one validated document that says how a ticket gets its priority, its durations and its date.

Pure. A document is JSON; `parse` makes it a `Policy` or raises `PolicyInvalid` with every fault named, and
`canonical` gives the one form of it that is hashed. A `Policy` never changes: a change is a new revision.
Every least amount, step and rounding stands in the document, none in code.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from priority import crosscheck, crosscheck_words
from priority.calendars import Calendar, Zone
from priority.faults import Fault, gettext_noop, of_details
from priority.shapes import (
    CallType,
    ClockTime,
    DateMeans,
    Key,
    Language,
    Minutes,
    Model,
    Share,
    TeamKey,
    Texts,
    Visibility,
)
from priority.wording import Category, Rule, Signs


class PolicyInvalid(ValueError):
    """The document is no policy. `places`: each fault with its path and its sentence; `faults`: the same, one line
    each."""

    def __init__(self, places: Collection[Fault | str]) -> None:
        self.places = tuple(Fault("", place) if isinstance(place, str) else place for place in places)
        self.faults = tuple(str(fault) for fault in self.places)
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


Renewals = Annotated[int, Field(ge=0, le=99)]
Rounding = Annotated[StepRounding | TimesRounding, Field(discriminator="kind")]


class Duration(Model):
    """How long each target of a priority lasts, in minutes of `calendar`; None: it has none of this kind.

    renewals_most: most automatic renewals, where that is fewer than the account's capability allows.
    """

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
    renewals_most: Renewals | None = None


#: 0: none of this kind, where the priority has one.
MinutesOrNone = Annotated[int, Field(ge=0, le=366 * 24 * 60)]


class OwnDuration(Model):
    """What one category or one call type has of its own, for one priority or (None) all: each figure given here stands
    in place of the priority's. A category's wins over its parent's, that over a call type's, and one for a priority
    over one for all."""

    category: Key | None = None
    call_type: CallType | None = None
    priority: Key | None = None
    calendar: Key | None = None
    first_response: Minutes | None = None
    next_response: Minutes | None = None
    start: Minutes | None = None
    resolution: Minutes | None = None
    progress: MinutesOrNone | None = None
    at_risk_before: Minutes | None = None
    renewal_step: Minutes | None = None
    told: Rounding | None = None
    renewals_most: Renewals | None = None

    def given(self) -> dict[str, Any]:
        """The figures that stand in place of others, by field of `Duration`."""
        found = {name: getattr(self, name) for name in OWN_FIGURES}
        given = {name: value for name, value in found.items() if value is not None}
        return {**given, "progress": None} if self.progress == 0 else given


#: What a category or call type can have of its own.
OWN_FIGURES = (
    *("calendar", "first_response", "next_response", "start", "resolution", "progress"),
    *("at_risk_before", "renewal_step", "told", "renewals_most"),
)


class TeamCalendar(Model):
    """The calendar on which the response targets of this team's tickets run; a told date never runs on it."""

    team: TeamKey
    calendar: Key


class Override(Model):
    """First and next response on one channel, for one priority or (None) all; resolution never differs. It wins over
    what the priority, a category or a call type has.

    remind_silent_after, close_silent_after: where callers are there while they write, after how many minutes of the
    clock on the wall one who was asked something and says nothing is reminded, and is told that we close it. None: in
    the working days of `reminders`, as everywhere.
    """

    channel: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
    visibility: Visibility | None = None
    priority: Key | None = None
    first_response: Minutes | None = None
    next_response: Minutes | None = None
    remind_silent_after: Minutes | None = None
    close_silent_after: Minutes | None = None


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


#: Of the documents that this desk writes and reads; another one is said by its number.
FORMAT = 1


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
    own_durations: tuple[OwnDuration, ...] = ()
    overrides: tuple[Override, ...] = ()
    team_calendars: tuple[TeamCalendar, ...] = ()
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

    def duration(self, priority: str, category: str = "", call_type: str = "") -> Duration:
        """What a ticket with these properties is given: the priority's, with what its category or call type has of its
        own in place. Raises KeyError for a priority that the policy does not hold."""
        if not self.own_durations:
            return self._durations[priority]
        key = (priority, category, call_type)
        found = self._given.get(key)
        if found is None:
            found = self._given[key] = self._overlaid(*key)
        return found

    def _overlaid(self, priority: str, category: str, call_type: str) -> Duration:
        """Layer over layer, the strongest last. The same where no layer fits: the priority's own object."""
        plain = self._durations[priority]
        parent = getattr(self._categories.get(category), "parent", None)
        layers = [("call_type", call_type), ("category", parent), ("category", category)]
        given: dict[str, Any] = {}
        for dimension, wanted in layers:
            for which in (None, priority):
                for own in self.own_durations:
                    if wanted and getattr(own, dimension) == wanted and own.priority == which:
                        given |= own.given()
        return plain.model_copy(update=given) if given else plain

    def team_calendar(self, team: str) -> str | None:
        """The key of the calendar that this team's response targets run on; None: the duration's."""
        return self._team_calendars.get(team)

    def category(self, key: str) -> Category | Otherwise:
        return self._categories[key]

    @cached_property
    def sha256(self) -> str:
        return digest(self.document())

    def document(self) -> dict[str, Any]:
        """The document as JSON values; `parse(policy.document()) == policy`."""
        return self.model_dump(mode="json", exclude_defaults=True)

    @cached_property
    def crossed(self) -> Sequence[Fault]:
        """What does not fit together in it; a policy that `parse` gives has none."""
        return crosscheck.faults(self)

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
    def _given(self) -> dict[tuple[str, str, str], Duration]:
        return {}

    @cached_property
    def _team_calendars(self) -> dict[str, str]:
        return {one.team: one.calendar for one in self.team_calendars}

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
    policy, places = _read(document)
    if policy is None or places:
        raise PolicyInvalid(places)
    return policy


def faults_of(document: Mapping[str, Any]) -> tuple[Fault, ...]:
    """Why the document can't be used, in reading order; empty: it can. Never raises."""
    return tuple(_read(document)[1])


def warnings(policy: Policy) -> tuple[Fault, ...]:
    """What a manager should look at, though the policy can be used."""
    return tuple(crosscheck.warnings(policy))


def _read(document: Mapping[str, Any]) -> tuple[Policy | None, Sequence[Fault]]:
    try:
        policy = _validated(canonical(document))
    except ValidationError as error:
        found = of_details(document, error.errors())
        # Said at once, and not only when all else is mended.
        return None, [*found, *crosscheck_words.missing_texts(document, {fault.path for fault in found})]
    except (TypeError, ValueError) as error:
        text = gettext_noop("This is no JSON document: %(words)s.")
        return None, [Fault("", text, {"words": str(error)})]
    return policy, policy.crossed


# A draft is read at each of its pages; a policy never changes, so the same text is the same one.
@lru_cache(maxsize=8)
def _validated(text: str) -> Policy:
    return Policy.model_validate_json(text)
