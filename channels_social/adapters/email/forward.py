"""Who wrote a mail first that another passed on: of the mail that hangs on it, or of the block of fields that the
program put above it. Named only where an address stands in it; the block is text, and anybody can type one."""

from __future__ import annotations

from channels_social.adapters.email import quote_words as words
from channels_social.adapters.email.addresses import NOBODY, Address, addresses_read
from channels_social.adapters.email.lines import Line

_PREFIXES = ("fwd:", "fw:", "doorst:", "doorst.:", "wg:", "tr:", "rv:", "enc:", "vb:", "pd:", "vs:", "i:")


def says_forwarded(subject: str) -> bool:
    return subject.strip().lower().replace(" :", ":").startswith(_PREFIXES)


def first_sender(lines: list[Line], *, subject: str) -> Address:
    """Of the innermost block; NOBODY where there is none, or where it names no address."""
    forwarded = says_forwarded(subject)
    found: Address | None = None
    for at, line in enumerate(lines):
        if words.forward_line(line.text):
            forwarded = True
        if words.header_key(line.text) == "from" and _is_block(lines, at):
            senders = addresses_read(words.header_value(line.text).replace("[mailto:", "<").replace("]", ">"))
            found = senders[0] if senders else NOBODY
    return found if forwarded and found is not None else NOBODY


def _is_block(lines: list[Line], at: int) -> bool:
    kinds = {words.header_key(line.text) for line in lines[at : at + 10] if line.text.strip()}
    return len(kinds & {"date", "to", "subject"}) >= 2
