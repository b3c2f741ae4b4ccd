"""A caller's page was shown by a browser: what lay there for them is told by that (tickets/services/on_page.py).

Only what the browser sends back counts, once it shows the page: whoever merely fetches it (a look ahead, a preview of
the link, HEAD) has read nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from channels_social import crash_points
from tickets.services.on_page import lying_read
from tickets.services.status_links import Opened


def page_seen(*, opened: Opened, marks: Collection[str], now: datetime) -> int:
    """How many of what these marks name had not been read. Raises NotFound."""
    with transaction.atomic():
        told = lying_read(opened=opened, marks=marks, now=now)
        crash_points.reached("before_seen_commit")
    return told
