"""What triage is told of a message and what it answers, as plain frozen values.

The answers are named tuples: several are made for every message, at a third of the cost of a frozen class.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from priority.shapes import CallType, DateMeans

Acknowledge = Literal["recognised", "everything", "nothing"]
LanguageSource = Literal["network", "guessed", "account", "caller"]
Json = str | int | float | bool | None | Sequence["Json"] | Mapping[str, "Json"]


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """A message as triage needs it.

    text              the words of the message
    language          set by a person for this message, if it was; nothing overrules it
    network_language  the network's own code, "nl", "nl-NL", "und", or None
    account_language  of the account it came to; decides where nothing surer is known
    caller_language   known of the caller from before, or None
    addressed         it speaks to us; a search hit does not
    private           the conversation is private
    acknowledge       the account's choice: what is acknowledged without a person
    channel           slug, for the record
    at                aware; when it was sent
    caller_tags       tags of the caller; no rule of the ready policy looks at them
    chosen            key of the category that the caller chose, '' where they chose none
    """

    text: str
    language: str | None
    network_language: str | None
    account_language: str
    caller_language: str | None
    addressed: bool
    private: bool
    acknowledge: Acknowledge
    channel: str
    at: dt.datetime
    caller_tags: tuple[str, ...] = ()
    chosen: str = ""


class Reason(NamedTuple):
    """One step of a decision: a code and JSON arguments (keys and words of the policy, offsets in the
    message); never the caller's words. `why.sentence` puts it in words."""

    code: str
    args: Mapping[str, Json]

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "args": dict(self.args)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Reason:
        return cls(code=value["code"], args=value.get("args", {}))


class Decision(NamedTuple):
    """What triage decided. `triage`: respond, or pending until a person looks.

    recognised       a rule sees a request in it, whatever the account's setting made of that
    date_means       what the told date would say; praise has none, so look at `call_type` first
    extra_lines      keys of the categories whose extra line goes into the acknowledgement
    language_source  where the language comes from
    quiet            thanks, praise or a lone emoji: starts nothing, opens nothing again
    bare             so, with nothing beside it that could answer a question of ours
    team             key of the team that its category or a rule sends it to; None: the account's has it
    """

    triage: Literal["respond", "pending"]
    recognised: bool
    call_type: CallType
    category: str
    impact: str
    urgency: str
    priority: str
    date_means: DateMeans
    reasons: tuple[Reason, ...]
    tags: tuple[str, ...]
    danger: bool
    language: str
    language_source: LanguageSource
    extra_lines: tuple[str, ...]
    quiet: bool = False
    bare: bool = False
    team: str | None = None
