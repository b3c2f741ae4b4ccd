"""What opens below the promise: one form at a time, each at an address of its own, on the ticket's page."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from django.http import Http404, HttpResponse, QueryDict

from tickets.services.errors import Changed, NotFound, Refused

PanelName: TypeAlias = Literal[
    "later",
    "hold",
    "resolve",
    "assign",
    "transfer",
    "escalate",
    "properties",
    "labels",
    "redact",
    "join",
]


@dataclass(frozen=True, slots=True)
class Panel:
    """A form below the promise. `values`: what was typed, so that a refusal loses nothing; `refused`, `changed`: why
    it was not done; `more`: what else its template shows."""

    name: PanelName
    values: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""
    changed: str = ""
    client_key: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def template(self) -> str:
        return f"tickets/panels/{self.name}.html"

    @property
    def key(self) -> str:
        return self.client_key or str(uuid.uuid4())


def attempt(do: Callable[[], object], show: Callable[[str, str, int], HttpResponse]) -> HttpResponse | None:
    """Do it; None where it was done. Where it was not, what `show(refused, changed, status)` makes of it, so that what
    was typed stands there again. What the actor may not see is not there."""
    try:
        do()
    except NotFound:
        raise Http404 from None
    except Refused as refusal:
        return show(refusal.words, "", 422)
    except Changed as change:
        return show("", change.words, 409)
    return None


def values_of(form: QueryDict) -> dict[str, str]:
    """What was typed, for the form to show again."""
    return {name: str(value)[:20_000] for name, value in form.items() if name != "csrfmiddlewaretoken"}
