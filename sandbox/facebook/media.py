"""Pictures that people send: drawn on the spot, so that attachments can really be fetched; expired ones are gone.

The fault script sees these calls too."""

from __future__ import annotations

import re
import struct
import zlib
from functools import cache
from typing import TYPE_CHECKING, Any

from sandbox.wire import Reply, Request

if TYPE_CHECKING:
    from sandbox.network import Network

_PATH = re.compile(r"/media/(?P<id>\d{1,19})/(?P<kind>photo|sticker)\.png$")
WIDTH, HEIGHT = 320, 240
INKS = [(31, 63, 168), (0, 96, 111), (138, 74, 0), (27, 106, 59), (108, 47, 125)]


def answer(network: Network, request: Request, entry: dict[str, Any]) -> Reply:
    """The picture as PNG; 404 where there is none or its address has expired, 403 for another method."""
    hit = _PATH.match(request.path)
    entry["auth"] = {"ok": True, "kind": "none", "as": "anybody"}
    if request.method != "GET" or hit is None:
        return Reply(404, b"Content not found", "text/plain")
    with network.facebook.lock:
        known = network.facebook.picture(hit["id"])
    if not known:
        return Reply(404, b"URL signature expired", "text/plain")
    return Reply(200, drawn(hit["kind"], int(hit["id"]) % len(INKS)), "image/png")


@cache
def drawn(kind: str, ink: int) -> bytes:
    """A photo is a street at dusk, a sticker a thumb-like round on nothing; both small and valid PNG."""
    rows = b"".join(b"\0" + bytes(_row(kind, INKS[ink], y)) for y in range(HEIGHT))
    colour = 6
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, colour, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _row(kind: str, ink: tuple[int, int, int], y: int) -> list[int]:
    row: list[int] = []
    for x in range(WIDTH):
        if kind == "sticker":
            inside = (x - WIDTH // 2) ** 2 + (y - HEIGHT // 2) ** 2 < 90**2
            row.extend((*ink, 255 if inside else 0))
        elif _house(x, y):
            row.extend((*(part // 2 for part in ink), 255))
        else:
            row.extend((*(min(part + (255 - part) * y // HEIGHT, 255) for part in ink), 255))
    return row


def _house(x: int, y: int) -> bool:
    """A row of gables."""
    place = x % 80
    return y > 150 - max(40 - abs(place - 40), 0) and place > 4


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
