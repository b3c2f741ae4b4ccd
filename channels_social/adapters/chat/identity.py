"""Whom the host site says its visitor is: signed by its server with a secret that only it and this desk have. Pure.

    base64url(JSON {"id", "name", "email"?, "exp"}) + "." + HMAC-SHA256 of the part before the dot, in hex

`id`: the site's own id of a person who is signed in there; it is believed, since the site vouches for it. `exp`:
seconds since 1970, at most a day ahead, so that what was once overheard is worth nothing tomorrow.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from channels_social.adapters.email.addresses import is_address
from channels_social.own_updates import plain

MOST = 4_096
LIVES = timedelta(days=1)
ID_MOST, NAME_MOST, ADDRESS_MOST = 190, 200, 254


class BadIdentity(Exception):
    """code: "no_secret" (the site has none), "not_signed" (the signature is none of its secrets'), "shape", "expired",
    "too_long" (it would hold for more than a day)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Proven:
    id: str
    name: str = ""
    address: str = ""


def sign(told: dict[str, Any], secret: str) -> str:
    """As the host site's server does it."""
    body = base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()
    return f"{body}.{_signature(body, secret)}"


def proven(identity: str, secrets: Sequence[str], now: datetime) -> Proven:
    """Who it is. secrets: the one in use, and the one before during rotation; each is tried, whichever fits. Raises
    BadIdentity; nothing is read before the signature has been looked at."""
    ours = [secret for secret in secrets if secret]
    if not ours:
        raise BadIdentity("no_secret")
    body, dot, signature = identity.rpartition(".")
    given = signature.lower().encode("utf-8", "replace")
    fits = [hmac.compare_digest(_signature(body, secret).encode(), given) for secret in ours]
    if not dot or len(identity) > MOST or not any(fits):
        raise BadIdentity("not_signed")
    told = _told(body)
    _in_time(told.get("exp"), now)
    return _who(told)


def _signature(body: str, secret: str) -> str:
    return hmac.new(secret.encode(), body.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _told(body: str) -> dict[str, Any]:
    try:
        told = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (ValueError, binascii.Error, RecursionError) as error:
        raise BadIdentity("shape") from error
    if not isinstance(told, dict):
        raise BadIdentity("shape")
    return told


def _in_time(exp: object, now: datetime) -> None:
    if isinstance(exp, bool) or not isinstance(exp, int | float):
        raise BadIdentity("shape")
    ahead = exp - now.timestamp()
    if not ahead > 0:
        raise BadIdentity("expired")
    if ahead > LIVES.total_seconds():
        raise BadIdentity("too_long")


def _who(told: dict[str, Any]) -> Proven:
    number = told.get("id")
    who = str(number) if isinstance(number, int) and not isinstance(number, bool) else number
    name, address = told.get("name", ""), told.get("email", "")
    if not isinstance(who, str) or not isinstance(name, str) or not isinstance(address, str):
        raise BadIdentity("shape")
    if not 0 < len(who) <= ID_MOST or not who.isprintable() or who != who.strip():
        raise BadIdentity("shape")
    named = " ".join(plain(name).split())[:NAME_MOST]
    usable = len(address) <= ADDRESS_MOST and is_address(address)
    return Proven(who, named, address if usable else "")
