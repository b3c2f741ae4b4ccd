"""Who may open a socket: by its Origin, and by the session that Django's cookie names. Reads only; called in threads.

A session that ends (signed out, signed out elsewhere, another password, no longer working here) ends its sockets with
the next `still_in`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.http import parse_cookie
from django.http.request import validate_host
from django.utils.crypto import constant_time_compare

from accounts.access import is_staff_of_desk
from accounts.models import User

PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Entrant:
    """Somebody who is signed in. kept: of the session and the person, what was looked at; as long as that is the same,
    so is the answer."""

    user_id: int
    name: str
    initials: str
    session_key: str
    kept: tuple[str, str]


def origin_is_ours(origin: str | None) -> bool:
    """Whether a page of this desk asks. Browsers send the cookie to a socket whatever page opened it, and do not ask
    first as they do elsewhere. The scheme and the port are those of PUBLIC_URL, since cookies are not bound to a port;
    the host its own, or another of ALLOWED_HOSTS."""
    asked, ours = _parts(origin or ""), _parts(settings.PUBLIC_URL)
    if asked is None or ours is None:
        return False
    if (asked.scheme, _port(asked)) != (ours.scheme, _port(ours)):
        return False
    named = [host for host in settings.ALLOWED_HOSTS if host != "*"]
    host = asked.hostname or ""
    return host == ours.hostname or validate_host(f"[{host}]" if ":" in host else host, named)


def _parts(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        found = parts.scheme in PORTS and bool(parts.hostname) and _port(parts) > 0
    except ValueError:
        return None
    return parts if found else None


def _port(parts: SplitResult) -> int:
    return parts.port or PORTS[parts.scheme]


def session_key_of(cookies: Iterable[str]) -> str:
    """Of the request's Cookie headers; '' where there is none of ours."""
    for line in cookies:
        if key := parse_cookie(line).get(settings.SESSION_COOKIE_NAME):
            return key
    return ""


def entrant_of(session_key: str, *, now: datetime) -> Entrant | None:
    """Who is signed in there, or None. Two statements."""
    return _entrants([session_key], {}, now).get(session_key) if session_key else None


def still_in(entrants: Iterable[Entrant], *, now: datetime) -> dict[Entrant, Entrant]:
    """Of these, who is signed in still, each as they are now. Two statements, however many."""
    asked = list(entrants)
    known = {one.session_key: one for one in asked}
    found = _entrants(known.keys(), known, now)
    return {
        one: after
        for one in asked
        if (after := found.get(one.session_key)) is not None and after.user_id == one.user_id
    }


def _entrants(keys: Iterable[str], known: Mapping[str, Entrant], now: datetime) -> dict[str, Entrant]:
    """By session key. A session that is as it was known is not read again, which is slow."""
    sessions = dict(
        Session.objects.filter(session_key__in=list(keys), expire_date__gt=now).values_list(
            "session_key", "session_data"
        )
    )
    proofs: dict[str, tuple[int, str]] = {}
    for key, data in sessions.items():
        before = known.get(key)
        if before is not None and before.kept[0] == data:
            proofs[key] = (before.user_id, "")
        elif (read := _read(data)) is not None:
            proofs[key] = read
    users = User.objects.in_bulk({user_id for user_id, _ in proofs.values()})
    found = {}
    for key, (user_id, proof) in proofs.items():
        user = users.get(user_id)
        if user is None or not is_staff_of_desk(user):
            continue
        kept, before = (sessions[key], user.password), known.get(key)
        if before is None or before.kept != kept:
            read = (user_id, proof) if proof else _read(sessions[key])
            if read is None or not _is_proof(user, read[1]):
                continue
        found[key] = Entrant(user.pk, str(user), user.initials, key, kept)
    return found


def _read(data: str) -> tuple[int, str] | None:
    """The person of a session, and the proof that it is of their password."""
    told = SessionStore().decode(data)
    if told.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    try:
        return int(told[SESSION_KEY]), str(told[HASH_SESSION_KEY])
    except (KeyError, TypeError, ValueError):
        return None


def _is_proof(user: User, proof: str) -> bool:
    """As django.contrib.auth.get_user has it. That writes, too, which needs an answer to put a cookie in."""
    return any(
        constant_time_compare(proof, good)
        for good in (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    )
