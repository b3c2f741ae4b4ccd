"""What every table here shares: enums that the database checks, too."""

from __future__ import annotations

from accounts.enums import one_of

__all__ = ["one_of"]
