"""What every adapter's `parse` does around its own reading: an update is somebody's bytes, and may be anything."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from channels_social.adapter import BadContent, RawEvent, UnknownEvent
from tickets.contract import Parsed

#: What reading an odd value may raise: all of it says that the content is bad, none that the adapter is.
ODD = (TypeError, ValueError, KeyError, AttributeError, IndexError, OverflowError, RecursionError)


def update_read(event: RawEvent, read: Callable[[str, Mapping[str, Any]], list[Parsed]]) -> list[Parsed]:
    """What `read` makes of the event's kind and its body, a JSON object. Raises UnknownEvent and BadContent only."""
    try:
        body = json.loads(event.body)
    except (ValueError, RecursionError) as error:
        raise BadContent(f"not JSON: {error}"[:200]) from error
    if not isinstance(body, dict):
        raise BadContent("the update is not an object")
    try:
        return read(event.kind, body)
    except (BadContent, UnknownEvent):
        raise
    except ODD as error:
        raise BadContent(f"{type(error).__name__}: {error}"[:200]) from error
