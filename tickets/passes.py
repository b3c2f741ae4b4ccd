"""What floors that the channels do not know have done in a pass of everything that runs by itself (`desk_tick`)."""

from __future__ import annotations

from collections.abc import Callable

#: (what was done, how many of it). Floors above put theirs here in AppConfig.ready.
PASSES: list[tuple[str, Callable[[], int]]] = []
