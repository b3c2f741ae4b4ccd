"""The rules on top of a category, in the policy's order. Pure; each leaves its reason.

A reason that moves a level says `dimension`, `from` and `to`, so that what the matrix used can be worked out from the
stored reasons alone. `because`: the conditions of the rule beside its word, as {"kind": …, …} of policy keys.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from priority.calendars import WEEKDAYS, Calendar
from priority.facts import Json, LanguageSource, Reason, TicketFacts
from priority.matcher import Found, Hit
from priority.matrix import higher, lowered, raised
from priority.policy import Policy
from priority.shapes import DAY_MINUTES, Dimension, minutes_of
from priority.wording import (
    CallerTagRule,
    Category,
    DangerRule,
    RaiseRule,
    TagRule,
    TravelRule,
    When,
    WhenRule,
)


@dataclass(slots=True)
class State:
    """A decision in the making."""

    policy: Policy
    facts: TicketFacts
    found: Found
    language: str
    source: LanguageSource
    reasons: list[Reason] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    impact: str = ""
    urgency: str = ""
    team: str | None = None
    raised_by_words: bool = False
    beside: tuple[str, ...] = ()  #: languages that parts of it are written in, beside its own

    def say(self, code: str, hit: Hit | None = None, **args: Json) -> None:
        if hit is not None:
            args |= {"language": hit.language, "word": hit.word, "at": [hit.start, hit.end]}
        self.reasons.append(Reason(code, args))

    def first(self, kind: str, key: str) -> Hit | None:
        """The first in its own language, else in one beside it."""
        if kind == "sign" and key not in self.found.signs:
            return None
        hit = self.found.first(kind, key, self.language)
        for tongue in () if hit else self.beside:
            hit = hit or self.found.first(kind, key, tongue)
        return hit

    def level(self, dimension: Dimension) -> str:
        return self.impact if dimension == "impact" else self.urgency


def rules_apply(state: State, category: Category | None, *, danger: bool) -> None:
    """Every rule of the policy that is on; of those on who the caller is also says that it is off."""
    for place in state.found.rules():
        rule = state.policy.rules[place]
        if not rule.on:
            if isinstance(rule, CallerTagRule):
                state.say("rule_off", rule=rule.key)
        elif isinstance(rule, WhenRule):
            _when(state, rule, category)
        elif isinstance(rule, DangerRule):
            if danger:
                goal = higher(state.policy, "urgency", state.urgency, rule.urgency)
                _set(state, rule.key, "urgency", goal, None)
        elif isinstance(rule, RaiseRule):
            hit = state.first("rule", rule.key)
            if hit and (not rule.with_fault or state.first("sign", "fault")):
                goal = raised(state.policy, rule.dimension, state.level(rule.dimension), steps=rule.steps)
                _set(state, rule.key, rule.dimension, goal, hit)
                state.raised_by_words = True
        elif isinstance(rule, TravelRule):
            if category and category.key == rule.category:
                _travel(state, rule)
        elif isinstance(rule, TagRule):
            hit = state.first("rule", rule.key)
            if hit:
                state.tags.append(rule.tag)
                state.say("tag", hit, rule=rule.key, tag=rule.tag)
        else:
            _caller_tag(state, rule)


def _when(state: State, rule: WhenRule, category: Category | None) -> None:
    """1. Its conditions; the first that does not hold ends it. 2. Its effects in order, each with a reason."""
    hit = state.first("rule", rule.key) if rule.has_words else None
    if rule.has_words and hit is None:
        return
    because: list[Json] = []
    if rule.with_fault:
        fault = state.first("sign", "fault")
        if fault is None:
            return
        because.append({"kind": "fault", "word": fault.word})
    if rule.categories:
        key = category.key if category else state.policy.otherwise.key
        wanted = next(
            (one for one in (key, category.parent if category else None) if one in rule.categories), None
        )
        if wanted is None:
            return
        because.append({"kind": "category", "category": wanted})
    if rule.channels:
        if state.facts.channel not in rule.channels:
            return
        because.append({"kind": "channel", "channel": state.facts.channel})
    if rule.visibility is not None:
        if (rule.visibility == "private") != state.facts.private:
            return
        because.append({"kind": rule.visibility})
    if rule.languages:
        if state.language not in rule.languages:
            return
        because.append({"kind": "language", "language": state.language})
    if rule.time is not None:
        moment = _moment(state.policy, rule.time, state.facts.at)
        if moment is None:
            return
        because += moment
    _effects(state, rule, hit, because)


def _effects(state: State, rule: WhenRule, hit: Hit | None, because: list[Json]) -> None:
    for effect in rule.effects:
        if effect.do == "tag":
            state.tags.append(effect.tag)
            state.say("tag", hit, rule=rule.key, tag=effect.tag, because=because)
        elif effect.do == "team":
            state.team = effect.team
            state.say("team", hit, rule=rule.key, team=effect.team, because=because)
        else:
            before = state.level(effect.dimension)
            if effect.do == "set":
                goal = effect.level
            elif effect.do == "raise":
                goal = raised(state.policy, effect.dimension, before, steps=effect.steps)
                state.raised_by_words = state.raised_by_words or hit is not None
            else:
                goal = lowered(state.policy, effect.dimension, before, steps=effect.steps)
            _set(state, rule.key, effect.dimension, goal, hit, because, do=effect.do)


def _moment(policy: Policy, time: When, at: dt.datetime) -> list[Json] | None:
    """What of the condition held, part by part; None where one did not."""
    held: list[Json] = []
    if time.calendar is not None and time.within is not None:
        calendar = policy.calendar(time.calendar)
        if is_open(calendar, at) != (time.within == "open"):
            return None
        held.append({"kind": time.within, "calendar": calendar.key})
    local = at.astimezone(ZoneInfo(policy.zone))
    day = local.weekday()
    if time.starts is not None and time.ends is not None:
        starts, ends, now = minutes_of(time.starts), minutes_of(time.ends), local.hour * 60 + local.minute
        if starts < ends:
            inside = starts <= now < ends
        else:
            inside = now >= starts or now < ends
            if now < ends:  # the night that began yesterday
                day = (day - 1) % 7
        if not inside:
            return None
        held.append({"kind": "hours", "starts": time.starts, "ends": time.ends})
    if time.weekdays:
        if WEEKDAYS[day] not in time.weekdays:
            return None
        held.append({"kind": "weekday", "weekday": day})
    return held


def is_open(calendar: Calendar, at: dt.datetime) -> bool:
    """Whether a calendar is open at this moment. Beyond its resolved years by its week alone: a rule that cannot know
    a holiday goes by the hours that are usual."""
    if calendar.round_the_clock:
        return True
    local = at.astimezone(ZoneInfo(calendar.zone))
    now = local.hour * 60 + local.minute
    today = local.date()
    return any(start <= now < end for start, end in calendar.intervals_on(today)) or any(
        start <= now + DAY_MINUTES < end for start, end in calendar.intervals_on(today - dt.timedelta(days=1))
    )


def _travel(state: State, rule: TravelRule) -> None:
    hit = state.first("rule", rule.key)
    if hit is None:
        return
    today = state.facts.at.astimezone(ZoneInfo(state.policy.zone)).weekday()
    near = [f"{rule.key}:{(today + ahead) % 7}" for ahead in range(rule.within_days + 1)]
    moments = [state.first("soon", rule.key), *(state.first("weekday", key) for key in near)]
    if any(moments):
        _set(state, rule.key, "urgency", higher(state.policy, "urgency", state.urgency, rule.urgency), hit)
        state.raised_by_words = True


def _caller_tag(state: State, rule: CallerTagRule) -> None:
    tag = next((tag for tag in rule.tags if tag in state.facts.caller_tags), None)
    if tag is not None:
        goal = raised(state.policy, rule.dimension, state.level(rule.dimension), steps=rule.steps)
        state.say("caller_tag", rule=rule.key, tag=tag)
        _set(state, rule.key, rule.dimension, goal, None)


_SAID = {
    # what a rule does: (code where the level moves, code where it was there already)
    "raise": ("raised", "raised_at_top"),
    "lower": ("lowered", "lowered_at_bottom"),
    "set": ("set_level", "set_already"),
}


def _set(
    state: State,
    rule: str,
    dimension: Dimension,
    goal: str,
    hit: Hit | None,
    because: list[Json] | None = None,
    *,
    do: str = "raise",
) -> None:
    """Move a level, and say so."""
    before = state.level(dimension)
    args: dict[str, Json] = {"rule": rule, "dimension": dimension, "from": before, "to": goal}
    if because:
        args["because"] = because
    state.say(_SAID[do][goal == before], hit, **args)
    if dimension == "impact":
        state.impact = goal
    else:
        state.urgency = goal
