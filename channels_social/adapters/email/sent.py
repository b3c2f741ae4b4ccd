"""The folder of what was sent: whether a mail of ours lies in it, and putting it there."""

from __future__ import annotations

import imaplib
import logging
from collections.abc import Mapping
from datetime import datetime

from channels_social.adapter import AccountView
from channels_social.adapters.email.compose import Composed
from channels_social.adapters.email.mailbox import Mailbox, Trouble, opened
from channels_social.adapters.email.place import BadSettings, sent_copy
from channels_social.net import Net
from tickets.contract import CannotTell, FindResult, Found, NotThere, Receipt

log = logging.getLogger(__name__)

#: How our Message-IDs begin: the first bytes of a conversation's number, of which there are fewer than 2^40.
_OURS = "<aaaa"
#: Larger ones are not copied: the copy has to be held in memory.
COPY_MOST = 8 * 1024 * 1024


def find(net: Net, account: AccountView, message_id: str, *, by_server: bool) -> FindResult:
    """Whether it lies there. That it does not is evidence only where the server keeps what it sends by itself
    (by_server), and has shown that it does: another mail of ours is there."""
    try:
        sent_copy(account.settings)
        with opened(net, account.settings) as box:
            name = _folder(box, account.settings)
            if not name:
                return CannotTell("the mailbox has no folder of what was sent")
            box.open_folder(name, to_change=False)
            if _there(box, f"<{message_id}>"):
                return Found(Receipt(message_id))
            if not by_server:
                return CannotTell(f"it is not in {name}, where not every mail that was sent is kept")
            if not _there(box, _OURS):
                return CannotTell(
                    f"{name} holds no mail of ours yet: nobody knows whether the server keeps them there"
                )
            return NotThere()
    except BadSettings as error:
        return CannotTell(error.words)
    except Trouble as trouble:
        return CannotTell(trouble.words(account.language))


def keep(net: Net, account: AccountView, mail: Composed, *, now: datetime) -> bool:
    """Put a copy there. It has been sent by now: that it could not be kept is no trouble of the message's."""
    if mail.size > COPY_MOST:
        return False
    try:
        with opened(net, account.settings) as box:
            name = _folder(box, account.settings)
            if name:
                box.append(b"".join(mail.chunks()), name, dt=now, flag_set=("\\Seen",))
            return bool(name)
    except (Trouble, OSError) as trouble:
        log.warning("account %s: what was sent could not be kept: %s", account.id, type(trouble).__name__)
        return False


def _folder(box: Mailbox, settings: Mapping[str, str]) -> str:
    """As the account says, else as the server does (RFC 6154); '' where neither."""
    told = settings.get("sent_folder", "").strip()
    if told:
        return told
    return next((one.name for one in box.folder.list() if "\\Sent" in one.flags), "")


def _there(box: Mailbox, message_id: str) -> bool:
    kind, found = box.client.uid("SEARCH", "HEADER", "MESSAGE-ID", f'"{message_id}"')
    if kind != "OK" or not found or found[0] is None:
        raise imaplib.IMAP4.error(f"SEARCH: {kind} {found!r}"[:200])
    return bool(found[0].split())
