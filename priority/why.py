"""Why this priority, and why this date: stored reasons and the policy's figures in the reader's language.

Pure, and made from stored facts alone: the words shown are the policy's own, never the caller's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal
from zoneinfo import ZoneInfo

from priority import clock
from priority.calendars import Calendar
from priority.facts import Reason
from priority.matrix import priority_of
from priority.policy import Policy, Rounding
from priority.rounding import rounded_up
from priority.shapes import DateMeans, Texts, Visibility, minutes
from priority.targets import date_means, response_minutes
from priority.why_words import DAY_NAMES, LANGUAGES, MONTHS, SENTENCES, WEEKDAYS

DECIDED = ("set_by_person", "accepted")
"""Codes of what a person decided, with `user` (id) and `at` (ISO 8601)."""


@dataclass(frozen=True, slots=True)
class Stood:
    """While the clock of our targets stood still, and what for. ended_at None: it stands still now."""

    kind: Literal["waiting", "hold"]
    started_at: dt.datetime
    ended_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Why:
    """priority: one sentence per step that led to the priority. duration: what that priority is given.

    sums: how the target came out, a line per span of open time that counts, what does not count and closed dates in
    between, the total. rounding: from the target to a date that is told, and the first that was, where it is another.
    The last three are empty where there is no date.
    """

    priority: tuple[str, ...]
    duration: str = ""
    sums: tuple[str, ...] = ()
    rounding: str = ""

    def sentences(self) -> tuple[str, ...]:
        """All of it in reading order."""
        rest = (self.duration, *self.sums, self.rounding)
        return (*self.priority, *(line for line in rest if line))


def why(
    policy: Policy,
    *,
    reasons: Iterable[Reason | Mapping[str, Any]],
    priority: str,
    category: str,
    language: str,
    started_at: dt.datetime | None = None,
    due_at: dt.datetime | None = None,
    told_at: dt.datetime | None = None,
    channel: str = "",
    visibility: Visibility = "public",
    revision: int | None = None,
    stood: Sequence[Stood] = (),
    names: Mapping[str, str] | None = None,
    call_type: str = "",
    calendar: str = "",
) -> Why:
    """The explanation of a ticket's priority and, with `started_at` and `due_at`, of its date.

    `reasons` as `decide` gave them, or as stored JSON; `due_at` the target that the date rests on, worked out over what
    of `stood` has ended; `told_at` the first date that the caller was told. Times are shown in the zone of the
    calendar that the target runs on: `calendar` is its key, '' for that of the durations. A language without sentences
    is answered in English. `names`: what the policy knows by keys alone: teams and channels as they are called today,
    by "team:<key>" and "channel:<slug>"; people by "person:<id>"; and why a person set it, by "why:<code>".
    """
    words = _Words(policy, language, revision, names)
    stands = any(one.ended_at is None and due_at is not None and one.started_at < due_at for one in stood)
    told = [reason if isinstance(reason, Reason) else Reason.from_json(reason) for reason in reasons]
    steps = tuple(words.steps(told))
    if started_at is None or due_at is None:
        return Why(steps)
    duration = policy.duration(priority, category, call_type)
    runs_on = policy.calendar(calendar or duration.calendar)
    means = date_means(policy, priority=priority, category=category)
    given = {
        "answered": response_minutes(
            policy, "first_response", priority, channel, visibility, category=category, call_type=call_type
        ),
        "started": duration.start or duration.resolution,
        "solved": duration.resolution,
    }[means]
    return Why(
        priority=steps,
        duration=words.duration(means, priority, minutes(given), runs_on),
        sums=tuple(words.sums(runs_on, started_at, due_at, stood)),
        rounding=words.rounding(runs_on, duration.told, None if stands else due_at, told_at)
        if told_at
        else "",
    )


class _Words:
    """Sentences in one language over one policy."""

    def __init__(
        self, policy: Policy, language: str, revision: int | None, names: Mapping[str, str] | None = None
    ) -> None:
        self.policy = policy
        self.names = names or {}
        self.tongue = language if language in SENTENCES else "en"
        self.revision = revision
        self.rules = {rule.key: rule for rule in policy.rules}

    def say(self, key: str, **args: object) -> str:
        return SENTENCES[self.tongue][key].format_map(args)

    def name(self, texts: Texts) -> str:
        return texts.get(self.tongue) or next(iter(texts.values()))

    def steps(self, reasons: list[Reason]) -> Iterable[str]:
        read: Reason | None = None
        for reason in reasons:
            if reason.code == "set_by_person":
                break
            read = reason if reason.code == "matrix" else read
        # What a person decided stands first: it is what holds, and the steps of the rules are what it replaced.
        decided = [reason for reason in reasons if reason.code in DECIDED and "at" in reason.args]
        for reason in reversed(decided):
            yield self._decided(reason, read)
        rest = [reason for reason in reasons if reason not in decided]
        for code, group in groupby(rest, key=lambda reason: reason.code):
            same = list(group)
            if code == "category":
                quoted = list(dict.fromkeys(_quoted(str(reason.args["word"])) for reason in same))
                yield self.say("category", **{**self._facts(same[0]), "words": self._listed(quoted)})
            else:
                yield from (self._step(reason) for reason in same)

    def _decided(self, reason: Reason, read: Reason | None) -> str:
        """Who set it, when, why, what the matrix makes of it and of what the words alone gave."""
        args = self._facts(reason)
        at = dt.datetime.fromisoformat(str(reason.args["at"])).astimezone(ZoneInfo(self.policy.zone))
        args["when"] = self.moment(at)
        args["who"] = self.names.get(f"person:{reason.args['user']}") or self.say("somebody")
        if reason.code == "accepted":
            return self.say("accepted", **args)
        cell = priority_of(
            self.policy, impact=str(reason.args["impact"]), urgency=str(reason.args["urgency"])
        )
        args["priority"] = self.name(self.policy.priority(cell).name)
        args["why"] = self.names.get(f"why:{reason.args['why']}", str(reason.args["why"]))
        line = self.say("set_because", **args)
        if read is None:
            return line
        was = self.name(self.policy.priority(str(read.args["priority"])).name)
        return f"{line} {self.say('set_read', priority=was)}"

    def _step(self, reason: Reason) -> str:
        args = self._facts(reason)
        code = reason.code
        if (
            not reason.args.get("word")
            and not reason.args.get("said")
            and f"{code}_plain" in SENTENCES[self.tongue]
        ):
            code += "_plain"
        elif code == "account_choice":
            code = f"account_{reason.args['acknowledge']}"
        elif code == "matrix" and self.revision is not None:
            return self.say("matrix_in", **args, revision=self.revision)
        if code not in SENTENCES[self.tongue]:
            return self.say("unknown", code=reason.code)
        sentence = self.say(code, **args)
        conditions = [self._condition(one) for one in args.get("because", ())]
        return (
            self.say("because", sentence=sentence, conditions=self._listed(conditions))
            if conditions
            else sentence
        )

    def _condition(self, held: Mapping[str, Any]) -> str:
        """One condition of a rule that held, as it was stored."""
        args: dict[str, Any] = dict(held)
        if "word" in args:
            args["word"] = _quoted(args["word"])
        if "category" in args:
            args["category"] = self.name(self.policy.category(args["category"]).name)
        if "calendar" in args:
            args["calendar"] = self.name(self.policy.calendar(args["calendar"]).name)
        if "language" in args:
            args["language"] = LANGUAGES[self.tongue].get(args["language"], args["language"])
        if "channel" in args:
            args["channel"] = self.names.get(f"channel:{args['channel']}", args["channel"])
        if "weekday" in args:
            args["weekday"] = DAY_NAMES[self.tongue][args["weekday"]]
        return self.say(f"if_{held['kind']}", **args)

    def _facts(self, reason: Reason) -> dict[str, Any]:
        """The reason's arguments with keys turned into names."""
        args: dict[str, Any] = dict(reason.args)
        if "word" in args:
            args["words"] = _quoted(args["word"])
        for kind in ("impact", "urgency"):
            if kind in args:
                args[kind] = self._level(kind, args[kind])
        if "dimension" in args:
            args["from"] = self._level(args["dimension"], args["from"])
            args["to"] = self._level(args["dimension"], args["to"])
            args["dimension"] = self.say(args["dimension"])
        if "priority" in args:
            args["priority"] = self.name(self.policy.priority(args["priority"]).name)
        if "category" in args:
            category = self.policy.category(args["category"])
            args["category"] = self.name(category.name)
            args.setdefault("impact", self._level("impact", category.impact))
            args.setdefault("urgency", self._level("urgency", category.urgency))
        if "rule" in args and args["rule"] in self.rules:
            args["rule"] = self.name(self.rules[args["rule"]].name)
        if "team" in args:
            args["team"] = self.names.get(f"team:{args['team']}", args["team"])
        if "tag" in args:
            args["tag"] = self.names.get(f"tag:{args['tag']}", args["tag"])
        for kind in ("sign", "by"):
            if kind in args:
                args[kind] = self.say(args[kind])
        if reason.code == "beside":
            args["language"] = LANGUAGES[self.tongue].get(args["language"], args["language"])
        if "said" in args:
            args["said"] = self._listed([_quoted(word) for word in args["said"]])
        if "hints" in args:
            args["hints"] = self._listed([self._hint(hint) for hint in args["hints"]])
        if "others" in args:
            args["others"] = self._listed([self._other(other) for other in args["others"]])
        return args

    def _hint(self, hint: Mapping[str, Any]) -> str:
        if "word" not in hint:
            return self.say("mark_hint")
        return self.say("hint", words=_quoted(str(hint["word"])), kind=self.say(str(hint["kind"])))

    def _other(self, other: Mapping[str, str]) -> str:
        category, priority = self.policy.category(other["category"]), self.policy.priority(other["priority"])
        return f"{self.name(category.name)} ({self.name(priority.name)})"

    def _level(self, dimension: str, key: str) -> str:
        level = self.policy.impact(key) if dimension == "impact" else self.policy.urgency(key)
        return self.name(level.name)

    def _listed(self, parts: list[str]) -> str:
        if len(parts) < 2:
            return "".join(parts)
        return ", ".join(parts[:-1]) + self.say("and") + parts[-1]

    def duration(self, means: DateMeans, priority: str, given: dt.timedelta, calendar: Calendar) -> str:
        day = minutes(calendar.working_day)
        days = ""
        if not calendar.round_the_clock and given % day == dt.timedelta():
            count = given // day
            days = self.say("one_day") if count == 1 else self.say("days", count=count)
        return self.say(
            means,
            priority=self.name(self.policy.priority(priority).name),
            amount=self.amount(given),
            calendar=self.name(calendar.name),
            days=days,
        )

    def sums(
        self, calendar: Calendar, started_at: dt.datetime, due_at: dt.datetime, stood: Sequence[Stood]
    ) -> Iterable[str]:
        """Spans of open time that count in order; three or more alike in a row become one line."""
        zone = ZoneInfo(calendar.zone)
        counted, lines = self._counted(calendar, started_at, due_at, stood)
        spans = [
            (start.astimezone(zone), end.astimezone(zone), end - start, stop) for start, end, stop in counted
        ]
        for each, group in groupby(spans, key=lambda s: (s[2], s[0].time(), s[1].time(), s[3])):
            alike = [span[:3] for span in group]
            length = each[0]
            if len(alike) > 2:
                line = self.say(
                    "run",
                    **{"from": self.day(alike[0][0]), "to": self.day(alike[-1][0])},
                    count=len(alike),
                    each=self.amount(length),
                    amount=self.amount(length * len(alike)),
                )
                lines.append((alike[0][0], line))
            else:
                lines += [(start, self._span(start, end, length)) for start, end, length in alike]
        first, last = started_at.astimezone(zone).date(), due_at.astimezone(zone).date()
        for closed in calendar.closed:
            if first <= closed.date <= last and calendar.week.days()[closed.date.weekday()]:
                day = dt.datetime.combine(closed.date, dt.time(), zone)
                lines.append((day, self.say("closed", day=self.day(day), name=self.name(closed.name))))
        for early in calendar.early:
            if first <= early.date <= last and calendar.intervals_on(early.date):
                day = dt.datetime.combine(early.date, dt.time(), zone)
                said = {"day": self.day(day), "time": early.closes, "name": self.name(early.name)}
                lines.append((day, self.say("early", **said)))
        lines.sort(key=lambda line: line[0])
        yield from (line for _, line in lines)
        if len(spans) > 1 and not any(one.ended_at is None and one.started_at < due_at for one in stood):
            total = sum((span[2] for span in spans), dt.timedelta())
            yield self.say("due", amount=self.amount(total), at=self.moment(due_at.astimezone(zone)))

    def _counted(
        self, calendar: Calendar, started_at: dt.datetime, due_at: dt.datetime, stood: Sequence[Stood]
    ) -> tuple[list[tuple[dt.datetime, dt.datetime, int]], list[tuple[dt.datetime, str]]]:
        """(open spans outside what has ended of `stood`, each with how often the clock had stood still before; a line
        for each time that it did in open hours). Where it stands still now the spans end there."""
        zone = ZoneInfo(calendar.zone)
        spans: list[tuple[dt.datetime, dt.datetime, int]] = []
        lines: list[tuple[dt.datetime, str]] = []
        at = started_at
        for number, stop in enumerate(sorted(stood, key=lambda one: one.started_at)):
            begins, ends = max(stop.started_at, at), min(stop.ended_at or due_at, due_at)
            if begins >= ends:
                continue
            spans += [(start, end, number) for start, end in clock.spans(calendar, at, begins)]
            at = ends
            if stop.ended_at is None:
                left = self.amount(clock.between(calendar, begins, due_at))
                since = {"from": self.moment(begins.astimezone(zone)), "amount": left}
                lines.append((begins.astimezone(zone), self.say(f"stands_{stop.kind}", **since)))
            elif clock.between(calendar, begins, ends) > dt.timedelta():
                times = {
                    "from": self.moment(begins.astimezone(zone)),
                    "to": self.moment(ends.astimezone(zone)),
                }
                lines.append((begins.astimezone(zone), self.say(f"stood_{stop.kind}", **times)))
        spans += [(start, end, len(stood)) for start, end in clock.spans(calendar, at, due_at)]
        return spans, lines

    def _span(self, start: dt.datetime, end: dt.datetime, length: dt.timedelta) -> str:
        same_day = start.date() == end.date()
        return self.say(
            "span",
            **{"from": self.moment(start), "to": f"{end:%H:%M}" if same_day else self.moment(end)},
            amount=self.amount(length),
        )

    def rounding(
        self,
        calendar: Calendar,
        rounding: Rounding,
        due_at: dt.datetime | None,
        told_at: dt.datetime,
    ) -> str:
        """`due_at` None: the clock stands still, and nobody can tell yet."""
        zone = ZoneInfo(calendar.zone)
        first = self.say("told_first", at=self.moment(told_at.astimezone(zone)))
        if due_at is None:
            return first
        try:
            date = rounded_up(calendar, rounding, due_at)
        except clock.BeyondCalendar:
            date = told_at
        line = self.say("exact" if date == due_at else "rounded", at=self.moment(date.astimezone(zone)))
        if date == told_at:
            return line
        return f"{line}; {first}"

    def day(self, day: dt.date) -> str:
        return f"{WEEKDAYS[self.tongue][day.weekday()]} {day.day} {MONTHS[self.tongue][day.month - 1]}"

    def moment(self, at: dt.datetime) -> str:
        return f"{self.day(at)} {at:%H:%M}"

    def amount(self, amount: dt.timedelta) -> str:
        """6 h 20, 10 h, 45 min; seconds round down, as they do on a page."""
        total = int(amount.total_seconds()) // 60
        hours, rest = divmod(total, 60)
        if not hours:
            return f"{rest} {self.say('minute')}"
        return f"{hours} {self.say('hour')}" + (f" {rest:02}" if rest else "")


def _quoted(word: str) -> str:
    return f"“{word.replace('*', '…')}”"
