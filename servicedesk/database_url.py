"""DATABASE_URL and REDIS_URL taken apart, small and strict.

    postgresql://user:password@host:5432/name            TCP
    postgresql://user:password@/name?host=/run/postgres   a Unix socket's folder
    redis://:password@host:6379/0                         rediss:// for TLS, unix:///path?db=0 for a socket

Only the query parameters named here are taken; another one is refused, since a typing error in `sslmode` must not
silently mean "no TLS".
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote

from django.core.exceptions import ImproperlyConfigured

from servicedesk.env import split_url

POSTGRES_OPTIONS = frozenset(
    {"sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout", "target_session_attrs"}
)


def parse_database_url(url: str, *, name: str = "DATABASE_URL") -> dict[str, Any]:
    """Django's ENGINE, NAME, USER, PASSWORD, HOST, PORT and OPTIONS. Raises ImproperlyConfigured without the value."""
    parts = split_url(name, url, ("postgresql", "postgres"))
    database = unquote(parts.path.removeprefix("/"))
    if not database or "/" in database:
        raise ImproperlyConfigured(f"{name} names no database; it ends in /name.")
    if parts.fragment:
        raise ImproperlyConfigured(f"{name} holds a bare '#'; write it as %23.")
    options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    socket_folder = options.pop("host", None)
    unknown = sorted(set(options) - POSTGRES_OPTIONS)
    if unknown:
        raise ImproperlyConfigured(f"{name} holds unknown parameters: {', '.join(unknown)}.")
    if socket_folder and parts.hostname:
        raise ImproperlyConfigured(f"{name} names a host twice, before the path and as ?host=.")
    if socket_folder and not socket_folder.startswith("/"):
        raise ImproperlyConfigured(f"{name}: ?host= is for the absolute path of a socket's folder.")
    host = socket_folder or unquote(parts.hostname or "")
    if not host:
        raise ImproperlyConfigured(f"{name} names no host; write localhost, or ?host=/folder of the socket.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": database,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }


def parse_redis_url(url: str, *, name: str = "REDIS_URL") -> tuple[str, str]:
    """(URL for redis-py, URL for Celery): they spell a Unix socket differently, and Celery wants TLS said."""
    parts = split_url(name, url, ("redis", "rediss", "unix"))
    if parts.scheme == "unix":
        if parts.hostname or not parts.path.startswith("/"):
            raise ImproperlyConfigured(f"{name}: unix:// is followed by an absolute path.")
        query = dict(parse_qsl(parts.query))
        database = query.get("db", "0")
        password = f":{parts.password}@" if parts.password else ""
        return url, f"redis+socket://{password}{parts.path}?virtual_host={database}"
    if not parts.hostname:
        raise ImproperlyConfigured(f"{name} names no host.")
    database = parts.path.removeprefix("/") or "0"
    if not (database.isascii() and database.isdigit()):
        raise ImproperlyConfigured(f"{name} ends in /0 or another database number, not in {parts.path!r}.")
    if parts.scheme == "rediss" and "ssl_cert_reqs" not in parts.query:
        separator = "&" if parts.query else "?"
        return url, f"{url}{separator}ssl_cert_reqs=CERT_REQUIRED"
    return url, url
