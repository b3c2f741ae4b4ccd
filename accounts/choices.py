"""Lists that pages about people offer."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import get_language_info


def languages() -> list[tuple[str, str]]:
    """(code, its own name), so that everybody finds theirs."""
    return [(code, get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES]
