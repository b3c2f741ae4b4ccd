"""What tests of the forms on a ticket's page share: moments of a set week, and the fields of the form that is open."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.test import Client

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
LIGHTS = "@desk the traffic light at Havenstraat is dark, can you repair it?"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026, on Amsterdam's clock; the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=AMSTERDAM).astimezone(UTC)


def fields(page: Client, where: str) -> dict[str, str]:
    """The open form's own fields, as the page made them."""
    shown = page.get(where).content.decode()
    form = re.search(r'<form class="later.*?</form>', shown, re.S)
    assert form is not None, where
    made = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0]))
    made.update(
        (name, value)
        for name, value in re.findall(r'type="radio" name="([^"]+)" value="([^"]*)" checked', form[0])
    )
    made.update(re.findall(r'<input type="time" name="([^"]+)" value="([^"]*)"', form[0]))
    for name, inside in re.findall(
        r'<select(?: id="[^"]+")? name="([^"]+)"[^>]*>(.*?)</select>', form[0], re.S
    ):
        chosen = re.search(r'<option value="([^"]*)" selected', inside)
        made[name] = chosen[1] if chosen else ""
    made.pop("csrfmiddlewaretoken", None)
    return made
