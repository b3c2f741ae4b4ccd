"""What a page of the queue shows: a sentence of choices, as it stands in the address. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Literal, TypeAlias
from urllib.parse import urlencode

ANY_TEAM = "any"
ME, NOBODY = "me", "nobody"
"""A user of such a name cannot be chosen as owner, only found by their team."""

Show: TypeAlias = Literal["open", "at_risk", "late", "waiting", "triage", "held", "unsure"]
"""open: all that is open; at_risk: its date is near or has passed; late: has passed; waiting: for the caller or for
somebody else; triage: waits for a verdict; held, unsure: a message of ours waits for a person."""
SHOWS: tuple[Show, ...] = ("open", "at_risk", "late", "waiting", "triage", "held", "unsure")

_MOST = 150


@dataclass(frozen=True, slots=True)
class Wanted:
    """`team`: a team's key, "" for the reader's own teams, ANY_TEAM for every team they may see. `owner`: "" for
    anyone, ME, NOBODY, or a user's name. The others: a key each, "" for any. What is no key of anything finds nothing.
    """

    show: Show = "open"
    team: str = ""
    owner: str = ""
    channel: str = ""
    category: str = ""
    priority: str = ""
    language: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Wanted:
        """From an address. `?show=mine` is what I own, as `?owner=me` is."""
        said = query.get("show", "")
        show: Show = next((each for each in SHOWS if each == said), "open")
        given = {
            each.name: query.get(each.name, "").replace("\0", "")[:_MOST]
            for each in fields(cls)
            if each.name != "show"
        }
        if said == "mine" and not given["owner"]:
            given["owner"] = ME
        return cls(show=show, **given)

    @property
    def is_narrowed(self) -> bool:
        """Whether there is a choice beside show, team and owner."""
        return bool(self.channel or self.category or self.priority or self.language)

    @property
    def is_plain(self) -> bool:
        """The queue of a team or of one's teams, with nothing chosen beside it."""
        return self.show == "open" and not self.owner and not self.is_narrowed

    def query(self, **more: str) -> str:
        """The address after its "?", "" for the plain queue; `more` is added, as `after`."""
        said = {each.name: getattr(self, each.name) for each in fields(self)}
        if said["show"] == "open":
            said["show"] = ""
        return urlencode({name: value for name, value in {**said, **more}.items() if value})

    def but(self, *, show: Show) -> Wanted:
        return replace(self, show=show)
