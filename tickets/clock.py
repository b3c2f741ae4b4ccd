"""The one clock: PostgreSQL's. Read once at the edge of a request or task, and passed down as `now`."""

from __future__ import annotations

from accounts.clock import database_now

__all__ = ["database_now"]
