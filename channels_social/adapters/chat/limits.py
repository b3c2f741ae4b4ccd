"""How often a chat is asked: by visitor, by network address, by site. Counted in PostgreSQL, like all our counts, so
that they hold while Redis is away.

The keys of visitors and addresses are cut short, so that no number of them fills the table; each kind of request has
its own, so that nobody who asks often shares the count of one who writes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from accounts.throttle_api import WINDOW, counts

#: Tokens that are nobody's, of one address within a minute.
GUESSES = 30
_VISITORS = 65_536


@dataclass(frozen=True, slots=True)
class Limit:
    """Within a minute. 0: not counted."""

    visitor: int
    address: int
    site: int = 0


#: A school or a town hall asks from one address.
LIMITS = {
    "session": Limit(visitor=30, address=30, site=600),
    "state": Limit(visitor=90, address=1_200),
    "messages": Limit(visitor=30, address=240, site=1_800),
    "files": Limit(visitor=12, address=60, site=300),
    "file": Limit(visitor=120, address=600),
    "seen": Limit(visitor=120, address=1_200),
    "typing": Limit(visitor=60, address=600),
    "address": Limit(visitor=6, address=30),
    "end": Limit(visitor=6, address=60),
    "preflight": Limit(visitor=0, address=1_200),
}


def wait_of(
    what: str, *, account_id: int, address: str, visitor_id: int | None, guessed: bool = False, now: datetime
) -> int:
    """Count one; 0 where it may be answered, else the seconds until it may be asked again.

    address: of the network (accounts.throttle_public.address_of). guessed: it came with a token that is nobody's.
    """
    limit = LIMITS[what]
    most = {f"chat:{what}:a:{_short(address)}": limit.address}
    if visitor_id is not None and limit.visitor:
        most[f"chat:{what}:v:{visitor_id % _VISITORS}"] = limit.visitor
    if limit.site:
        most[f"chat:{what}:s:{account_id}"] = limit.site
    if guessed:
        most[f"chat:guess:a:{_short(address)}"] = GUESSES
    waits = [
        max(1, round((began + WINDOW - now).total_seconds()))
        for key, (count, began) in counts(list(most), now=now).items()
        if count > most[key]
    ]
    return max(waits, default=0)


def _short(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()[:4]
