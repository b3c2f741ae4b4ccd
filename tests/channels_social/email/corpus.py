"""The recorded mails with what should become of each, and a desk without a database that reads and places them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from channels_social.adapters.email.machines import REPORTS
from channels_social.adapters.email.reading import Desk, Mail, mail_read
from channels_social.adapters.email.thread import message_id_make, reply_address_make

HOME = Path(__file__).resolve().parents[2] / "fixtures" / "mail"
SECRET = "the corpus' own secret"
REFERENCE = "7KQ2-M3XA"
OUR_DESK = Desk(frozenset({"desk@haverdam.example", "info@haverdam.example"}), (SECRET,))
NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
NAMES = sorted(path.stem for path in HOME.glob("*.json"))


@cache
def expected(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (HOME / f"{name}.json").read_text(encoding="utf-8").replace("@@OUR_REF@@", REFERENCE)
    )
    return found


def number_of(name: str) -> int:
    """The number of the conversation that this mail would begin."""
    return 1 + int(hashlib.sha256(name.encode()).hexdigest()[:10], 16)


def raw_of(name: str) -> bytes:
    """The mail's bytes, our id and our address in it filled in."""
    after = expected(name)["after"]
    ours = number_of(after[0] if after else name)
    message_id = message_id_make(
        ours, SECRET, random=hashlib.sha256(name.encode()).hexdigest()[:12], domain="haverdam.example"
    )
    address = reply_address_make("desk@haverdam.example", ours, SECRET)
    raw = (HOME / f"{name}.eml").read_bytes()
    for sign, value in (("@@OUR_ID@@", message_id), ("@@OUR_REPLY@@", address), ("@@OUR_REF@@", REFERENCE)):
        raw = raw.replace(sign.encode(), value.encode())
    return raw


@cache
def mail_of(name: str) -> Mail:
    return mail_read(raw_of(name), OUR_DESK, received_at=NOW)


@dataclass
class Placed:
    """A desk's conversations: who writes in each, and the names that are known."""

    keys: dict[str, int] = field(default_factory=dict)
    names: dict[str, tuple[int, str]] = field(default_factory=dict)
    senders: dict[int, str] = field(default_factory=dict)

    def place(self, name: str, mail: Mail) -> tuple[str, int]:
        """new, joins or participant, and the conversation: as the desk is to place it."""
        target = mail.thread.conversation if mail.thread.conversation in self.senders else None
        key = mail.thread.key
        own_name = mail.thread.names[0] if mail.thread.names else ""
        taken = (
            own_name in self.names
            and self.names[own_name][1] != mail.external_id
            and not mail.thread.refers_to
        )
        if taken:
            key = f"{key}|{mail.external_id}"
        if target is None and key in self.keys:
            target = self.keys[key]
        if target is None:
            target = next((self.names[one][0] for one in mail.thread.refers_to if one in self.names), None)
        if target is None:
            how, number = "new", number_of(name)
            self.senders[number] = mail.sender.key
        elif self.senders[target] == mail.sender.key or mail.machine in REPORTS:
            how, number = "joins", target
        else:
            how, number = "participant", target
        self.keys.setdefault(key, number)
        for one in mail.thread.names:
            self.names.setdefault(one, (number, mail.external_id))
        return how, number


def placed(name: str) -> tuple[str, int, Placed]:
    """How a mail is placed after those that came before it."""
    desk = Placed()
    for before in expected(name)["after"]:
        desk.place(before, mail_of(before))
    how, number = desk.place(name, mail_of(name))
    return how, number, desk


def collapsed(text: str) -> str:
    return " ".join(text.split())
