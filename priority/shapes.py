"""What every part of the policy document is built from: strict frozen models, keys, words per language."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from priority.faults import Wrong, gettext_noop

DAY_MINUTES = 24 * 60

Key = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,39}$")]
TeamKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
"""The key of a team of the desk; a policy names teams and knows nothing else of them."""
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
Minutes = Annotated[int, Field(ge=1, le=366 * DAY_MINUTES)]
Line = Annotated[str, Field(min_length=1, max_length=400)]
Texts = Mapping[Language, Line]
"""A text per language of the policy, e.g. {"en": "Water and sewers", "nl": "Water en riool"}."""

CallType = Literal["question", "complaint", "fault_report", "request", "praise"]
DateMeans = Literal["answered", "started", "solved"]
TargetKind = Literal["first_response", "next_response", "start", "progress", "resolution"]
Visibility = Literal["public", "private"]
Dimension = Literal["impact", "urgency"]

_CLOCK = re.compile(r"^([01]\d|2[0-4]):([0-5]\d)$")


def minutes_of(clock: str) -> int:
    """Minutes since midnight of "HH:MM"; "24:00" is the end of the day. Raises ValueError."""
    found = _CLOCK.match(clock)
    if found is None or (found[1] == "24" and found[2] != "00"):
        raise Wrong(
            gettext_noop("“%(value)s” is no time of day: write it as HH:MM, from 00:00 to 24:00."),
            value=clock,
        )
    return int(found[1]) * 60 + int(found[2])


def _clock(value: str) -> str:
    minutes_of(value)
    return value


ClockTime = Annotated[str, AfterValidator(_clock)]


class Model(BaseModel):
    """Frozen and strict; an unknown field is an error, so a misspelt one is never silently ignored."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Share(Model):
    """A share as two whole numbers, because a float has no one canonical form."""

    parts: Annotated[int, Field(ge=0)]
    of: Annotated[int, Field(ge=1)]

    def apply(self, amount: dt.timedelta) -> dt.timedelta:
        return amount * self.parts / self.of


def minutes(count: int) -> dt.timedelta:
    return dt.timedelta(minutes=count)
