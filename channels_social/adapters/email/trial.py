"""A mailbox tried from end to end: a mail to itself by the server for sending, found by the one for reading, and taken
away."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping

from channels_social.adapter import AccountView, AskFailed
from channels_social.adapters.email.mailbox import INBOX, Trouble, opened
from channels_social.net import Net
from tickets.contract import MayReply, NotSent, OutboundMessage, Reauthorise, SendOutcome

#: A mail to oneself is back in seconds; a server that looks at each for longer is no fault of the settings.
PATIENCE, PAUSE = 20.0, 1.0
#: What is said while a mailbox is being connected: it never worked before, and nothing is tried again by itself.
AT_FIRST: Mapping[str, str] = {
    "key_refused": "key_refused_first",
    "no_connection_in": "not_reached_in",
    "no_connection": "not_reached_out",
    "busy_in": "not_now",
    "too_slow": "not_now",
    "no_token": "not_now",
}
WORDS: Mapping[str, str] = {
    "en": "The desk writes a mail to this mailbox by the server for sending, waits until it is found by the server for "
    "reading, and takes it away. Nobody else gets it.",
    "nl": "De balie schrijft deze mailbox een mail via de server voor verzenden, wacht tot die via de server voor "
    "lezen gevonden wordt, en haalt hem weg. Niemand anders krijgt hem.",
}
_NOT_BACK: Mapping[str, str] = {
    "en": "The mail was sent, but it was not found in the mailbox within {seconds} seconds. Look there: it may lie in "
    "another folder, or still be on its way.",
    "nl": "De mail is verstuurd, maar binnen {seconds} seconden niet in de mailbox gevonden. Kijk daar: misschien ligt "
    "hij in een andere map, of is hij nog onderweg.",
}


def mail_to_self(account: AccountView, address: str, text: str) -> OutboundMessage:
    return OutboundMessage(
        text=text,
        visibility="private",
        thread_key="trial",
        in_reply_to=None,
        recipient=address,
        idempotency_key=f"trial:{uuid.uuid4()}",
        reply_rule=MayReply(True, "mail"),
        automatic=True,
        subject=text,
        language=account.language,
    )


def failed(outcome: SendOutcome, words: str) -> AskFailed:
    """Why it could not be sent. words: ours for its code."""
    said = f"{words} ({outcome.words})" if words and outcome.words else words or outcome.words
    return AskFailed(said or type(outcome).__name__, reauthorise=isinstance(outcome, Reauthorise))


def code_of(outcome: SendOutcome) -> str:
    return outcome.code if isinstance(outcome, NotSent) else getattr(outcome, "code", "")


def fetched_back(net: Net, account: AccountView, message_id: str) -> None:
    """Until it is found, and taken away. Raises AskFailed."""
    ends = time.monotonic() + PATIENCE
    try:
        while not _taken(net, account, message_id):
            if time.monotonic() >= ends:
                language = account.language if account.language in _NOT_BACK else "en"
                raise AskFailed(_NOT_BACK[language].format(seconds=int(PATIENCE)))
            time.sleep(PAUSE)
    except Trouble as trouble:
        raise AskFailed(trouble.words(account.language), reauthorise=trouble.key) from trouble


def _taken(net: Net, account: AccountView, message_id: str) -> bool:
    with opened(net, account.settings) as box:
        box.open_folder(account.settings.get("folder", "").strip() or INBOX, to_change=True)
        kind, told = box.client.uid("SEARCH", f'HEADER Message-ID "{message_id}"')
        uids = [one for line in told if isinstance(line, bytes) for one in line.split()]
        if kind != "OK" or not uids:
            return False
        uid_set = b",".join(uids).decode("ascii")
        box.client.uid("STORE", uid_set, "+FLAGS.SILENT", r"(\Seen \Deleted)")
        if box.has("UIDPLUS"):
            # Without it, one would take away what somebody else has marked, too.
            box.client.uid("EXPUNGE", uid_set)
        return True
