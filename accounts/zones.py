"""Time zones that people choose from: the places of the IANA list, as a browser offers them."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

_AREAS = (
    "Africa/",
    "America/",
    "Antarctica/",
    "Arctic/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
)


@cache
def zones() -> tuple[str, ...]:
    """Every place, by name, and UTC; not the old and technical names (EST5EDT, Etc/GMT+3, …)."""
    return (*sorted(name for name in available_timezones() if name.startswith(_AREAS)), "UTC")


@cache
def _known() -> frozenset[str]:
    return frozenset(available_timezones())


def is_zone(name: str) -> bool:
    """Also for the old names, which somebody may have been given before."""
    return name in _known()
