"""System checks of the project's own: what would work on a laptop and hurt in production."""

from __future__ import annotations

from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security)
def encryption_keys(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Every key of FIELD_ENCRYPTION_KEYS is one that Fernet takes."""
    problems: list[CheckMessage] = []
    for number, key in enumerate(settings.FIELD_ENCRYPTION_KEYS, start=1):
        try:
            Fernet(key)
        except ValueError:
            problems.append(
                Error(
                    f"Key {number} of FIELD_ENCRYPTION_KEYS is not a Fernet key.",
                    hint=".env.example says how to make one.",
                    id="servicedesk.E001",
                )
            )
    return problems


@register(Tags.security, deploy=True)
def not_a_demo(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A desk that real callers reach is neither a demo nor served without TLS."""
    problems: list[CheckMessage] = []
    if settings.DEMO:
        problems.append(Error("DEMO is on: the log-ins of a demo are public.", id="servicedesk.E002"))
    if not settings.PUBLIC_URL.startswith("https://"):
        problems.append(Error("PUBLIC_URL does not begin with https://.", id="servicedesk.E003"))
    if not settings.STATIC_COLLECTED:
        problems.append(
            Error("STATIC_COLLECTED is off: run collectstatic and set it.", id="servicedesk.E004")
        )
    if not settings.FILES_DIR:
        problems.append(
            Error(
                "FILES_DIR is not set: a folder that every process reads and writes.", id="servicedesk.E005"
            )
        )
    return problems
