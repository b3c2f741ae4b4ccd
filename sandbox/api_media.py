"""The network's upload of pictures: one call, JSON with base64 or a form of parts; an id that a post may name for a
day.

Source: docs.x.com, media upload and its best practices, 2026-08: JPEG, PNG, WEBP, BMP, TIFF up to 5 MB in one shot;
films and moving GIFs go in pieces, which is not built here."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from sandbox.auth import Caller
from sandbox.ids import millis
from sandbox.network import Network
from sandbox.policing import invalid
from sandbox.records import Upload
from sandbox.shapes import render as fill
from sandbox.uploads import kind_of
from sandbox.wire import Reply, Request, json_reply

LARGEST = 5 * 1024 * 1024
LIVES_MS = 24 * 60 * 60 * 1000
TYPES = ("image/jpeg", "image/png", "image/webp", "image/bmp", "image/tiff")
CATEGORIES = ("tweet_image", "dm_image", "subtitles")
MOST = 4


def upload(network: Network, caller: Caller, request: Request, _: re.Match[str]) -> Reply:
    """POST /2/media/upload."""
    content, category = _given(request)
    owner = caller.account.user_id if caller.account else ""
    if category not in CATEGORIES:
        raise invalid(
            "media_category",
            category,
            f"The `media_category` [{category}] is not one of {', '.join(CATEGORIES)}",
        )
    kind = kind_of(content)
    if kind not in TYPES:
        raise invalid("media", "", "media type unrecognized.")
    if len(content) > LARGEST:
        raise invalid("media", "", f"Image file size must be <= {LARGEST} bytes")
    world = network.world
    media_id = str(world.new_id())
    network.uploads.put(media_id, content)
    world.uploaded[media_id] = Upload(media_id, owner, kind, millis(world.clock()))
    answer = fill(
        "media_uploaded", id=media_id, key=f"3_{media_id}", size=len(content), expires=LIVES_MS // 1000
    )
    return json_reply(200, answer)


def _given(request: Request) -> tuple[bytes, str]:
    """The bytes and what they are for, of either form. Refused where there are none."""
    if "multipart/form-data" in request.headers.get("content-type", ""):
        parts = request.parts
        if "media" not in parts:
            raise invalid("media", "", "The `media` field is required.")
        category = (
            parts["media_category"].content.decode("utf-8", "replace") if "media_category" in parts else ""
        )
        return parts["media"].content, category
    try:
        body: dict[str, Any] = request.json()
        content = base64.b64decode(str(body.get("media", "")), validate=True)
    except (ValueError, binascii.Error) as error:
        raise invalid("media", "", f"The `media` field is no base64: {error}") from error
    if not content:
        raise invalid("media", "", "The `media` field is required.")
    return content, str(body.get("media_category", ""))


def named(network: Network, user_id: str, given: Any) -> list[Upload]:
    """The uploads that a post's `media` names: the author's own, at most four, not yet over. Refused otherwise."""
    ids = given.get("media_ids") if isinstance(given, dict) else None
    if not isinstance(ids, list) or not 1 <= len(ids) <= MOST:
        raise invalid("media.media_ids", str(ids), f"media.media_ids must have 1 to {MOST} ids")
    now, found = millis(network.world.clock()), []
    for one in ids:
        there = network.world.uploaded.get(str(one))
        if there is None or there.user_id != user_id or now - there.created_ms > LIVES_MS:
            raise invalid("media.media_ids", str(one), "Your media IDs are invalid.")
        found.append(there)
    return found
