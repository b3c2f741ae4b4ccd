"""Addresses as they stand in From, To and the like: broken quotes, comments, groups, names without brackets."""

from __future__ import annotations

from dataclasses import dataclass

from channels_social.adapters.email.charsets import one_line, without_turns
from channels_social.adapters.email.headers import MOST_ADDRESSES, words_decode

LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Address:
    """address: as written, '' where there is none. name: decoded, '' where there is none."""

    address: str
    name: str = ""

    @property
    def key(self) -> str:
        """By which two addresses are the same."""
        return self.address.lower()


NOBODY = Address("")


def addresses_read(text: str) -> list[Address]:
    """Every address of a field whose encoded words are not decoded yet (a decoded comma parts nothing)."""
    reader = _Reader()
    for sign in text[:100_000]:
        reader.take(sign)
        if len(reader.found) >= MOST_ADDRESSES:
            break
    reader.finish()
    found = [one for one in reader.found if one.address]
    if not found and "@" in text:
        found = _rescued(text[:100_000])
    return found


def is_address(text: str) -> bool:
    local, _, domain = text.rpartition("@")
    return (
        bool(local and domain)
        and len(text) <= 320
        and not any(sign.isspace() or sign in "<>(),;:\"'\\" for sign in domain)
        and not any(sign.isspace() or sign in "<>(),;" for sign in local.strip('"'))
    )


class _Reader:
    """One pass over the signs of a field."""

    def __init__(self) -> None:
        self.found: list[Address] = []
        self.words: list[str] = []
        self.comment: list[str] = []
        self.angle: list[str] | None = None
        self.in_angle = self.quoted = self.escaped = False
        self.depth = 0

    def take(self, sign: str) -> None:
        if self.escaped:
            self.escaped = False
            self._put(sign)
        elif sign == "\\" and (self.quoted or self.depth):
            self.escaped = True
        elif self.depth:
            self.depth += (sign == "(") - (sign == ")")
            if self.depth:
                self.comment.append(sign)
        elif sign == '"' and not self.in_angle:
            self.quoted = not self.quoted
        elif self.quoted:
            self._put(sign)
        elif self.in_angle:
            if sign == ">":
                self.in_angle = False
            else:
                self._put(sign)
        elif sign == "(":
            self.depth = 1
        elif sign == "<":
            self.in_angle, self.angle = True, []
        elif sign in ",;":
            self.finish()
        elif sign == ":" and self.angle is None and "@" not in self.words:
            # What stood before it is the name of a group.
            self.words = []
        else:
            self._put(sign)

    def _put(self, sign: str) -> None:
        if self.depth:
            self.comment.append(sign)
        elif self.in_angle and self.angle is not None:
            self.angle.append(sign)
        else:
            self.words.append(sign)

    def finish(self) -> None:
        """What was read so far is one address."""
        words, comment = "".join(self.words).strip(), "".join(self.comment).strip()
        if self.angle is not None:
            address = "".join("".join(self.angle).split()).removeprefix("mailto:")
            if is_address(address):
                self.found.append(Address(without_turns(address), _name(words or comment)))
            elif is_address(words):
                self.found.append(Address(words, _name(comment)))
        elif is_address(words):
            self.found.append(Address(without_turns(words), _name(comment)))
        elif "@" in words:
            *before, last = words.split()
            if is_address(last):
                self.found.append(Address(last, _name(" ".join(before) or comment)))
        self.words, self.comment, self.angle = [], [], None
        self.in_angle = self.quoted = self.escaped = False
        self.depth = 0


def _name(text: str) -> str:
    return without_turns(one_line(words_decode(text)))[:LONGEST_NAME]


def _rescued(text: str) -> list[Address]:
    """Addresses in angle brackets, whatever the quotes around them do."""
    found: list[Address] = []
    for piece in text.split("<")[1:MOST_ADDRESSES]:
        address = piece.partition(">")[0].strip()
        if is_address(address):
            name = text.partition("<")[0].strip().strip('"') if not found else ""
            found.append(Address(address, _name(name)))
    return found
