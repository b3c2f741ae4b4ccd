"""A mailbox looked at: whether we are let in, what it holds, and hearing when something is new."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from typing import Any

from channels_social.adapter import AccountView, AskFailed, Checked, PollFailed
from channels_social.adapters.email.mailbox import INBOX, Mailbox, Trouble, opened, signed_in, troubles
from channels_social.net import Net
from channels_social.net_lines import line_call

#: Servers hang up after half an hour without a word, some after ten minutes, and lines through a translator of
#: addresses are forgotten sooner still.
RENEW_SECONDS = 9 * 60.0
#: How often one looks whether to stop; where a server cannot tell of news by itself, how often it is asked.
LOOK_SECONDS, ASK_SECONDS = 0.25, 30.0
_FULL = 0.98
MOST_FOLDERS = 500
_HEARD = ("EXISTS", "RECENT")


def folders(net: Net, settings: Mapping[str, str], credentials: Mapping[str, str]) -> list[str]:
    """Names of the folders that there are, for who connects it. Raises Trouble."""
    with opened(net, settings, credentials=credentials) as box:
        _look(box, settings)
        return _names(box)


def check(net: Net, account: AccountView) -> Checked:
    """Sign in and look; how many mails nobody has read. Raises AskFailed."""
    try:
        with opened(net, account.settings) as box:
            return Checked(read=_look(box, account.settings), saw=tuple(_names(box)))
    except Trouble as trouble:
        raise AskFailed(trouble.words(account.language), reauthorise=trouble.key) from trouble


def _names(box: Mailbox) -> list[str]:
    return [one.name for one in box.folder.list() if r"\Noselect" not in one.flags][:MOST_FOLDERS]


def _look(box: Mailbox, settings: Mapping[str, str]) -> int:
    name = settings.get("folder", "").strip() or INBOX
    box.open_folder(name, to_change=False)
    if box.has("QUOTA"):
        _room(box, name)
    kind, told = box.client.uid("SEARCH", "UNSEEN")
    unread = [one for line in told if isinstance(line, bytes) for one in line.split()]
    return len(unread) if kind == "OK" else 0


def _room(box: Mailbox, name: str) -> None:
    """Raises Trouble where the mailbox is full."""
    kind, told = box.client.getquotaroot(f'"{name}"')
    if kind != "OK":
        return
    for line in told[-1] if told and isinstance(told[-1], list) else ():
        # "User quota" (STORAGE 10 512 MESSAGE 3 100)
        words = (
            line.decode("utf-8", "replace").rpartition("(")[2].rstrip(") ").split()
            if isinstance(line, bytes)
            else []
        )
        for used, most in zip(words[1::3], words[2::3], strict=False):
            if used.isdigit() and most.isdigit() and int(most) and int(used) >= int(most) * _FULL:
                raise Trouble("mailbox_full", f"{used} / {most}")


def listen(net: Net, account: AccountView, stop: Callable[[], bool], news: Callable[[], None]) -> None:
    """Call `news` once, and whenever something may be new, until `stop()`. Raises PollFailed where the line breaks."""
    try:
        _listen(net, account, stop, news)
    except Trouble as trouble:
        raise PollFailed(
            trouble.words(account.language), retry_after=trouble.retry_after, reauthorise=trouble.key
        ) from trouble


def _listen(net: Net, account: AccountView, stop: Callable[[], bool], news: Callable[[], None]) -> None:
    name = account.settings.get("folder", "").strip() or INBOX
    with troubles():
        with line_call(net):
            box = signed_in(net, account.settings)
        try:
            with line_call(net):
                box.open_folder(name, to_change=False)
            # Only now: what comes from here on is heard.
            news()
            while not stop():
                if (_idle if box.has("IDLE") else _ask)(net, box, stop) and not stop():
                    news()
        finally:
            box.hang_up()


def _idle(net: Net, box: Mailbox, stop: Callable[[], bool]) -> bool:
    """Whether something came, once the server has said anything or it was time to begin anew (RFC 2177)."""
    client = box.client
    with line_call(net):
        client.untagged_responses.clear()
        tag = client._command("IDLE")
        while client._get_response() is not None:
            if client.tagged_commands[tag] is not None:
                refused: Any = client.tagged_commands.pop(tag)
                words = refused[1]
                raise client.error(f"IDLE: {words[-1]!r}")
    # Not all at the same moment.
    until = time.monotonic() + RENEW_SECONDS * random.uniform(0.9, 1)  # noqa: S311 - jitter, not a secret
    while not _heard(box) and time.monotonic() < until:
        if stop():
            return False
        if client.waiting(LOOK_SECONDS):
            break
    with line_call(net):
        client.send(b"DONE\r\n")
        while client.tagged_commands[tag] is None:
            client._get_response()
        ended: Any = client.tagged_commands.pop(tag)
        if ended[0] != "OK":
            raise client.error(f"IDLE: {ended[1][-1]!r}")
    return _heard(box)


def _ask(net: Net, box: Mailbox, stop: Callable[[], bool]) -> bool:
    until = time.monotonic() + ASK_SECONDS
    while time.monotonic() < until:
        if stop():
            return False
        if box.client.waiting(LOOK_SECONDS):
            break
    with line_call(net):
        box.client.untagged_responses.clear()
        box.client.noop()
    return _heard(box)


def _heard(box: Mailbox) -> bool:
    return any(one in box.client.untagged_responses for one in _HEARD)
