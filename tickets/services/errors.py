"""What a service says when it will not do a thing: the same on every floor (accounts/errors.py)."""

from __future__ import annotations

from accounts.errors import Changed, NotFound, Refused

__all__ = ["Changed", "NotFound", "Refused"]
