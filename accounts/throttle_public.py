"""How often a page that anybody may open is asked: by the address of whoever asks, and by what they ask for.

Counted in PostgreSQL like all our counts. The keys are hashes cut short, so that no number of addresses or of made-up
links fills the table; two that meet in one key share its count, which is wide enough for both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest

from accounts.throttle_api import WINDOW, counts


def address_of(request: HttpRequest) -> str:
    """Of whoever asks: the proxy's last word where there is a proxy of ours. Of IPv6 the network, which one person
    has whole."""
    asked_from = request.META.get("REMOTE_ADDR", "")
    if settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        asked_from = request.headers.get("X-Forwarded-For", asked_from).rpartition(",")[2].strip()
    try:
        address = ip_address(asked_from)
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        return address.exploded[:19]
    return str(address)


def too_often(counted: str, most: int, *, now: datetime) -> int:
    """Count one; 0 where it may be answered, else the seconds until the next minute of this count begins.
    counted: "page:link:<whatever it is>"."""
    return any_too_often({counted: most}, now=now)


def any_too_often(most: Mapping[str, int], *, whole: Mapping[str, int] | None = None, now: datetime) -> int:
    """Count one of each, by what is counted; 0 where none is beyond its most, else the longest wait.
    whole: of what nobody outside makes up, such as all that one page is sent; that meets nobody else's key."""
    keys = {
        f"public:{hashlib.sha256(counted.encode()).hexdigest()[:4]}": each for counted, each in most.items()
    }
    keys |= {f"public:whole:{counted}": each for counted, each in (whole or {}).items()}
    waits = [
        max(1, round((began + WINDOW - now).total_seconds()))
        for key, (count, began) in counts(list(keys), now=now).items()
        if count > keys[key]
    ]
    return max(waits, default=0)
