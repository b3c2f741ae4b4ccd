"""EMAIL_URL and EMAIL_FROM, small and strict: the server by which the desk writes to colleagues.

    smtps://user:password@mail.example.org:465        TLS from the first byte
    smtp+starttls://user:password@mail.example.org    TLS after STARTTLS; port 587
    smtp://127.0.0.1:1025                             without TLS: this computer, or a private network, no password

What callers are told does not go this way: that is a channel account's.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import Literal, TypeAlias
from urllib.parse import unquote

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

from servicedesk.env import split_url

Tls: TypeAlias = Literal["at once", "asked for", "none"]

#: Scheme → its usual port, and how it comes to TLS.
SCHEMES: dict[str, tuple[int, Tls]] = {
    "smtps": (465, "at once"),
    "smtp+starttls": (587, "asked for"),
    "smtp": (25, "none"),
}


@dataclass(frozen=True, slots=True)
class MailServer:
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    tls: Tls


def parse_email_url(url: str, *, name: str = "EMAIL_URL") -> MailServer:
    """Raises ImproperlyConfigured, without the password in its words."""
    parts = split_url(name, url, tuple(SCHEMES))
    host = parts.hostname or ""
    if not host:
        raise ImproperlyConfigured(f"{name} names no host, as in smtps://user:password@mail.example.org.")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ImproperlyConfigured(
            f"{name} ends after host and port; write '/', '?' and '#' in a password as %2F, %3F and %23."
        )
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise ImproperlyConfigured(f"{name} holds a user without a password, or a password without a user.")
    if parts.scheme == "smtp" and user and not _is_near(host):
        raise ImproperlyConfigured(
            f"{name} would send a password without TLS; write smtps:// or smtp+starttls://."
        )
    port, tls = SCHEMES[parts.scheme]
    return MailServer(host=host, port=parts.port or port, user=user, password=password, tls=tls)


def parse_sender(value: str, *, name: str = "EMAIL_FROM") -> str:
    """One address, with or without a name before it. Raises ImproperlyConfigured."""
    address = parseaddr(value)[1]
    try:
        validate_email(address)
    except ValidationError as error:
        raise ImproperlyConfigured(
            f"{name} is no mail address; write it as Service desk <desk@example.org>."
        ) from error
    if value.strip() != address and not value.rstrip().endswith(f"<{address}>"):
        raise ImproperlyConfigured(f"{name} is one address, with a name before it or none.")
    return value.strip()


def _is_near(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_private
