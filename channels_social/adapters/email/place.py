"""Where a mailbox is and how its settings say so. What is written there by hand is checked before it is used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import idna

from channels_social.adapters.email.addresses import is_address
from channels_social.net_lines import Security

#: Who puts our mails into the folder of those that were sent: the server by itself, the desk, or nobody.
SentCopy: TypeAlias = Literal["server", "desk", "none"]
#: Message-IDs of ours hold the address's domain, and are stored (255 signs).
LONGEST_ADDRESS = 150
_PORTS: Mapping[str, Mapping[Security, int]] = {
    "imap": {"tls": 993, "starttls": 143, "none": 143},
    "smtp": {"tls": 465, "starttls": 587, "none": 25},
}


class BadSettings(ValueError):
    """A setting of the mailbox that cannot be. code: the setting's name."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code
        self.words = words


@dataclass(frozen=True, slots=True)
class Server:
    """Where one of the two protocols is spoken. user: '' where one need not sign in."""

    host: str
    port: int
    security: Security
    user: str


def imap_server(settings: Mapping[str, str]) -> Server:
    """Where mail is read. Raises BadSettings."""
    return _server("imap", settings, _value(settings, "user") or _value(settings, "address"))


def smtp_server(settings: Mapping[str, str]) -> Server:
    """Where mail is handed over; by the mailbox's own user unless it has another, "-" for none. Raises BadSettings."""
    user = _value(settings, "smtp_user") or _value(settings, "user") or _value(settings, "address")
    return _server("smtp", settings, "" if user == "-" else user)


def sent_copy(settings: Mapping[str, str]) -> SentCopy:
    told = _value(settings, "sent_copy") or "none"
    if told not in get_args(SentCopy):
        raise BadSettings("sent_copy", f"who keeps sent mails is {told!r}; write server, desk or none")
    return told  # type: ignore[return-value]  # one of them, as was just looked at


def plus_addresses(settings: Mapping[str, str]) -> bool:
    """Whether what is sent to address+something reaches the mailbox."""
    return _value(settings, "plus_addresses").lower() not in ("no", "off", "0", "false")


def address_of(settings: Mapping[str, str], fallback: str) -> str:
    """The mailbox's own address, its domain in ASCII. Raises BadSettings."""
    return address_checked(_value(settings, "address") or fallback)


def address_checked(address: str) -> str:
    """An address whose domain is in ASCII, its local part as it was written. Raises BadSettings."""
    local, _, domain = address.strip().rpartition("@")
    if len(address) > LONGEST_ADDRESS or not is_address(f"{local}@{domain}") or "\0" in address:
        raise BadSettings("address", f"{address[:80]!r} is no address; write it as desk@example.org")
    return f"{local}@{ascii_domain(domain)}"


def ascii_domain(domain: str) -> str:
    """As mail servers write it (RFC 5891). Raises BadSettings."""
    if domain.isascii():
        return domain.lower()
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise BadSettings("address", f"{domain[:80]!r} is no domain: {error}") from error


def _server(protocol: str, settings: Mapping[str, str], user: str) -> Server:
    host = _value(settings, f"{protocol}_host")
    if not host or any(sign.isspace() or sign in "/@" for sign in host):
        raise BadSettings(
            f"{protocol}_host", f"the server is {host!r}; write its name, such as mail.example.org"
        )
    security = _security(settings, protocol)
    port = _value(settings, f"{protocol}_port") or str(_PORTS[protocol][security])
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
        raise BadSettings(f"{protocol}_port", f"the port is {port!r}; write a number from 1 to 65535")
    return Server(host, int(port), security, user)


def _security(settings: Mapping[str, str], protocol: str) -> Security:
    told = _value(settings, f"{protocol}_security") or "tls"
    if told not in get_args(Security):
        raise BadSettings(f"{protocol}_security", f"the security is {told!r}; write tls, starttls or none")
    return told  # type: ignore[return-value]  # one of them, as was just looked at


def _value(settings: Mapping[str, str], name: str) -> str:
    return str(settings.get(name, "")).strip()
