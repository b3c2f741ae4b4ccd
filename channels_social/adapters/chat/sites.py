"""Which pages may show a chat and speak for its visitors: those of the desk itself, and of the sites that its account
names. An origin is compared whole: scheme, host and port; `https://*.example.org` stands for whatever lies below it."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings as desk
from django.http import HttpRequest

from channels_social.adapter import ConnectFailed
from channels_social.own_pages import languages_of, sites_of

_PORTS = {"http": 80, "https": 443}


def is_ours(origin: str, request: HttpRequest) -> bool:
    """Of this desk, as it is called or as it was asked for (a host that `ALLOWED_HOSTS` names)."""
    return _same(origin, desk.PUBLIC_URL) or _same(origin, f"{request.scheme}://{request.get_host()}")


def may_ask(origin: str, settings: Mapping[str, str]) -> bool:
    """settings: of the chat's account. Nothing for one that is not written as it should be."""
    try:
        return any(_fits(origin, site) for site in sites_of(settings))
    except ConnectFailed:
        return False


def language_of(wanted: str, settings: Mapping[str, str]) -> str:
    """Of the chat's languages the one that is asked for ("nl-BE" is nl), else the usual one."""
    try:
        shown = languages_of(settings)
    except ConnectFailed:
        shown = (desk.LANGUAGE_CODE,)
    code = wanted.strip().lower().replace("_", "-").partition("-")[0]
    return code if code in shown else shown[0]


def _same(one: str, other: str) -> bool:
    parts = _parts(one)
    return parts is not None and parts == _parts(other)


def _fits(origin: str, site: str) -> bool:
    if "*." not in site:
        return _same(origin, site)
    parts, above = _parts(origin), _parts(site.replace("*.", "", 1))
    if parts is None or above is None:
        return False
    return (parts[0], parts[2]) == (above[0], above[2]) and parts[1].endswith(f".{above[1]}")


def _parts(origin: str) -> tuple[str, str, int] | None:
    """(scheme, host, port); None for what is no origin, such as "null"."""
    try:
        told = urlsplit(origin.strip().lower().rstrip("/"))
        port = told.port or _PORTS[told.scheme]
    except (ValueError, KeyError):
        return None
    if not told.hostname or told.path or told.query or told.fragment or told.username is not None:
        return None
    return told.scheme, told.hostname, port
