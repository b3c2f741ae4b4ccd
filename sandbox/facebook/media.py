"""Pictures that people send, drawn on the spot, and files that Pages uploaded: so that attachments can really be
fetched; expired ones are gone.

The fault script sees these calls too."""

from __future__ import annotations

import re
import struct
import zlib
from functools import cache
from typing import TYPE_CHECKING, Any

from sandbox.uploads import kind_of
from sandbox.wire import Reply, Request

if TYPE_CHECKING:
    from sandbox.network import Network

_PATH = re.compile(r"/media/(?P<id>\d{1,19})/(?P<kind>photo|sticker|file)\.png$")
Ink = tuple[int, int, int]
WIDTH, HEIGHT = 320, 240
COLOUR_AND_ALPHA = 6
INKS: list[Ink] = [(31, 63, 168), (0, 96, 111), (138, 74, 0), (27, 106, 59), (108, 47, 125)]


def answer(network: Network, request: Request, entry: dict[str, Any]) -> Reply:
    """The picture as PNG; 404 where there is none or its address has expired, 403 for another method."""
    hit = _PATH.match(request.path)
    entry["auth"] = {"ok": True, "kind": "none", "as": "anybody"}
    if request.method != "GET" or hit is None:
        return Reply(404, b"Content not found", "text/plain")
    return shown(network, hit["id"], hit["kind"])


def shown(network: Network, media_id: str, kind: str) -> Reply:
    """The same for the town's own pages, which the network does not see. What was uploaded is shown as it came."""
    with network.facebook.lock:
        known = network.facebook.picture(media_id)
    if not known:
        return Reply(404, b"URL signature expired", "text/plain")
    if (content := network.uploads.get(media_id)) is not None:
        return Reply(200, content, kind_of(content))
    return Reply(200, drawn(kind, int(media_id) % len(INKS)), "image/png")


@cache
def drawn(kind: str, ink: int) -> bytes:
    """A photo is a row of gables at dusk, a sticker a face on nothing; both small and valid PNG."""
    width = HEIGHT if kind == "sticker" else WIDTH
    paint = _face if kind == "sticker" else _street
    rows = bytearray()
    for y in range(HEIGHT):
        rows.append(0)  # no filter
        for x in range(width):
            rows.extend(paint(x, y, INKS[ink]))
    head = struct.pack(">IIBBBBB", width, HEIGHT, 8, COLOUR_AND_ALPHA, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _street(x: int, y: int, ink: Ink) -> tuple[int, ...]:
    if _house(x, y):
        return (*(part // 2 for part in ink), 255)
    return (*(min(part + (255 - part) * y // HEIGHT, 255) for part in ink), 255)


def _face(x: int, y: int, _: Ink) -> tuple[int, ...]:
    """A round with two eyes and a smile."""
    x, y = x - HEIGHT // 2, y - HEIGHT // 2
    far = x * x + y * y
    if far > 112**2:
        return (0, 0, 0, 0)
    eye = (abs(x) - 38) ** 2 + (y + 26) ** 2 < 13**2
    smile = 58**2 < far < 72**2 and y > 16
    return (21, 32, 29, 255) if eye or smile or far > 104**2 else (240, 184, 80, 255)


def _house(x: int, y: int) -> bool:
    """A row of gables."""
    place = x % 80
    return y > 150 - max(40 - abs(place - 40), 0) and place > 4


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
