"""By which secret our Message-IDs and reply addresses are signed: the desk's own, so that what comes back to one
mailbox proves a conversation that another began."""

from __future__ import annotations

import base64
import hmac

from django.conf import settings

_PURPOSE = b"servicedesk mail tokens 1"
_IDS = b"servicedesk mail ids 1:"


def token_secrets() -> tuple[str, ...]:
    """Newest first. The older ones are only read: they stand in mails that people answer later."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return tuple(hmac.digest(key.encode(), _PURPOSE, "sha256").hex() for key in keys)


def id_of(idempotency_key: str, secret: str) -> str:
    """What tells one mail of ours from another: the same at each try of the same, and nothing that one can guess."""
    made = hmac.digest(secret.encode(), _IDS + idempotency_key.encode(), "sha256")[:15]
    return base64.b32encode(made).decode("ascii").lower()
