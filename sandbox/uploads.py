"""What clients upload: pictures and files with their bytes, told apart by how they begin."""

from __future__ import annotations

import threading
from pathlib import Path

_BEGIN = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
)
OTHER = "application/octet-stream"


def kind_of(content: bytes) -> str:
    """Its media type; OTHER where its beginning says nothing."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for begin, kind in _BEGIN if content.startswith(begin)), OTHER)


class Uploads:
    """By id, in a folder that outlives the process, or in memory without one."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._here: dict[str, bytes] = {}

    def put(self, media_id: str, content: bytes) -> None:
        with self._lock:
            if self._folder is None:
                self._here[media_id] = content
                return
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            (self._folder / media_id).write_bytes(content)

    def get(self, media_id: str) -> bytes | None:
        """None where there is no such upload. `media_id`: digits, so that no path comes of it."""
        if not media_id.isascii() or not media_id.isdigit():
            return None
        with self._lock:
            if self._folder is None:
                return self._here.get(media_id)
            place = self._folder / media_id
            return place.read_bytes() if place.is_file() else None

    def clear(self) -> None:
        with self._lock:
            self._here.clear()
            for place in self._folder.glob("*") if self._folder is not None else ():
                place.unlink()
