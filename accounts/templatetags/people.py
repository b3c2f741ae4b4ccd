"""What every page asks about the first run."""

from __future__ import annotations

from django import template

from accounts.models import User
from accounts.services.organisation import first_run_open

register = template.Library()


@register.simple_tag
def first_run_waits(user: object) -> bool:
    """Whether this administrator has a first run to go on with. One look-up by key, for administrators alone."""
    return isinstance(user, User) and user.is_admin and user.is_manager and first_run_open()
