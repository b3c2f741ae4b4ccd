"""What a mail hangs below. What another wrote into a header proves nothing; our own ids and reply addresses carry a
signed token that names the conversation, and that nobody but us can have made.

A token is 32 signs of base32: eight bytes of the conversation's number and twelve of HMAC-SHA256 over it. It stands
before the first dot of our Message-IDs, and behind the plus of the addresses that we ask people to answer to.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from channels_social.adapters.email.headers import Fields, message_ids, plain

_PURPOSE = b"servicedesk mail conversation 1:"
MOST_NAMES = 20
NAME_LENGTH = 200
_TOKEN = 32
#: A Thread-Index begins with 22 bytes that its conversation shares; each answer adds five.
_INDEX_HEAD, _INDEX_STEP = 22, 5


@dataclass(frozen=True, slots=True)
class Thread:
    """names: what later mails may call this one by. refers_to: the names that it hangs below, nearest first.
    key: the same for a mail and what hangs below it, of one sender. conversation: of ours, proven; None where nothing
    proves one. ours: our own Message-IDs among what it refers to or brings back, nearest first."""

    names: tuple[str, ...]
    refers_to: tuple[str, ...]
    key: str
    conversation: int | None
    ours: tuple[str, ...]

    @property
    def proof(self) -> str:
        """For the contract: '' where nothing is proven."""
        return "" if self.conversation is None else f"conversation:{self.conversation}"


def token_make(conversation: int, secret: str) -> str:
    number = conversation.to_bytes(8, "big")
    return base64.b32encode(number + _sum(number, secret)).decode("ascii").lower()


def token_read(token: str, secrets: Sequence[str]) -> int | None:
    """The conversation that a token names; None where none of our secrets made it."""
    if len(token) != _TOKEN or not token.isascii():
        return None
    try:
        raw = base64.b32decode(token.upper())
    except (binascii.Error, ValueError):
        return None
    number, told = raw[:8], raw[8:]
    if any(hmac.compare_digest(_sum(number, secret), told) for secret in secrets):
        return int.from_bytes(number, "big")
    return None


def _sum(number: bytes, secret: str) -> bytes:
    return hmac.digest(secret.encode(), _PURPOSE + number, "sha256")[:12]


def message_id_make(conversation: int, secret: str, *, random: str, domain: str) -> str:
    """A Message-ID of ours, without its brackets. random: letters and digits, another for every mail."""
    return f"{token_make(conversation, secret)}.{random}@{domain}"


def reply_address_make(address: str, conversation: int, secret: str) -> str:
    """Where answers to this conversation go: our address with the token behind a plus."""
    local, _, domain = address.rpartition("@")
    return f"{local}+{token_make(conversation, secret)}@{domain}"


def conversation_of_id(message_id: str, secrets: Sequence[str]) -> int | None:
    return token_read(message_id.partition("@")[0].partition(".")[0], secrets)


def conversation_of_address(address: str, secrets: Sequence[str]) -> int | None:
    for piece in address.rpartition("@")[0].split("+")[1:6]:
        found = token_read(piece.partition("=")[0], secrets)
        if found is not None:
            return found
    return None


def plain_address(address: str) -> str:
    """In lower case, without what follows a plus."""
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def thread_read(
    fields: Fields,
    *,
    sender: str,
    recipients: Iterable[str],
    brought: Sequence[str],
    secrets: Sequence[str],
    fallback: str,
) -> Thread:
    """recipients: every address that it was sent to. brought: Message-IDs that a report brings back. fallback: what
    stands for its Message-ID where it has none."""
    own = message_ids(plain(fields.raw("message-id")), most=1)
    answered = message_ids(" ".join(fields.all("in-reply-to")))
    chain = message_ids(" ".join(fields.all("references")))
    nearest = list(dict.fromkeys([*answered[:3], *reversed(chain), *answered[3:]]))
    root = next(iter([*chain, *answered, *own]), fallback)
    index, below = _thread_index(plain(fields.raw("thread-index")))

    ours: list[str] = []
    conversation: int | None = None
    for address in recipients:
        if (conversation := conversation_of_address(address, secrets)) is not None:
            break
    for one in [*own, *nearest, *brought]:
        named = conversation_of_id(one, secrets)
        if named is None and one in brought:
            # What a report brings back may be our reply address.
            named = conversation_of_address(one, secrets)
        if named is not None:
            ours.append(one)
            conversation = named if conversation is None else conversation

    refers_to = [_bounded(one) for one in nearest]
    if len(refers_to) > MOST_NAMES - bool(below):
        refers_to = [*refers_to[: MOST_NAMES - 1 - bool(below)], _bounded(root)]
    return Thread(
        names=(*(_bounded(one) for one in own), *([index] if index else [])),
        refers_to=tuple(dict.fromkeys([*refers_to, *([index] if below else [])])),
        key=f"{hashlib.sha256(root.encode()).hexdigest()[:32]}:{sender}",
        conversation=conversation,
        ours=tuple(dict.fromkeys(ours)),
    )


def _bounded(one: str) -> str:
    if len(one) <= NAME_LENGTH:
        return one
    return f"{one[:100]}~{hashlib.sha256(one.encode()).hexdigest()[:40]}"


def _thread_index(text: str) -> tuple[str, bool]:
    """The name that a conversation of Outlook shares, and whether this mail answers another in it."""
    try:
        raw = base64.b64decode("".join(text.split())[:4_000], validate=True)
    except (binascii.Error, ValueError):
        return "", False
    rest = len(raw) - _INDEX_HEAD
    if rest < 0 or rest % _INDEX_STEP:
        return "", False
    return f"thread-index:{raw[:_INDEX_HEAD].hex()}", rest > 0
