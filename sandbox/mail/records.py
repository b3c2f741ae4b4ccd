"""What the post office keeps."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import ClassVar


@dataclass
class Letter:
    """A mail in a folder of a mailbox. number: its own in the whole office, and its UID. raw: base64. at: Unix time."""

    KIND: ClassVar[str] = "letter"
    number: int
    box: str
    folder: str
    raw: str
    at: float
    flags: list[str] = field(default_factory=list)

    @property
    def id(self) -> int:
        return self.number

    @property
    def body(self) -> bytes:
        return base64.b64decode(self.raw)
