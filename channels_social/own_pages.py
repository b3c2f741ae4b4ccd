"""What channels that come in by pages of ours share: in which languages and on which sites these are shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings as desk

from channels_social.adapter import ConnectFailed

#: As events name where they came from (`InboundEvent.source`).
SOURCE = "own_page"
SITES_MOST = 20
_SITE = re.compile(r"https?://(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?")


def languages_of(settings: Mapping[str, str]) -> tuple[str, ...]:
    """The usual one first. Raises ConnectFailed for one that the desk does not speak."""
    known = dict(desk.LANGUAGES)
    told = settings.get("languages", "").replace(",", " ").lower().split()
    if any(each not in known for each in told):
        raise ConnectFailed("bad_languages", " ".join(known))
    return tuple(dict.fromkeys(told)) or tuple(known)


def sites_of(settings: Mapping[str, str]) -> tuple[str, ...]:
    """Origins, as a header may hold them. Raises ConnectFailed."""
    found = []
    for each in settings.get("sites", "").replace(",", " ").lower().split():
        site = each.rstrip("/")
        if not _SITE.fullmatch(site) or not urlsplit(site.replace("*.", "")).hostname:
            raise ConnectFailed("bad_site", each[:200])
        found.append(site)
    if len(found) > SITES_MOST:
        raise ConnectFailed("bad_site", f"{len(found)} > {SITES_MOST}")
    return tuple(dict.fromkeys(found))
