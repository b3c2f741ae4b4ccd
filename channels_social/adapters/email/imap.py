"""Reading a mailbox by IMAP."""

from __future__ import annotations

import imaplib
from collections.abc import Mapping
from datetime import UTC, datetime

from channels_social.adapter import AccountView, PollFailed, RawEvent
from channels_social.adapters.email import inbound, place
from channels_social.net import Net, NetError
from channels_social.net_lines import LineIMAP, line_call

_PAGE = 20


def poll(
    net: Net, account: AccountView, cursor: Mapping[str, str]
) -> tuple[list[RawEvent], dict[str, str], bool]:
    """The mails behind the cursor: {"validity": the folder's UIDVALIDITY, "uid": the last that was handed over}."""
    try:
        server = place.imap_server(account.settings)
        with line_call(net):
            session = LineIMAP(server.host, server.port, security=server.security)
            try:
                return _read(session, net, server, account, cursor)
            finally:
                session.shutdown()
    except place.BadSettings as error:
        raise PollFailed(error.words) from error
    except NetError as error:
        raise PollFailed(str(error)) from error
    except imaplib.IMAP4.error as error:
        raise PollFailed(str(error)[:300]) from error


def _read(
    session: LineIMAP, net: Net, server: place.Server, account: AccountView, cursor: Mapping[str, str]
) -> tuple[list[RawEvent], dict[str, str], bool]:
    try:
        session.login(server.user, net.credentials.get("password", ""))
    except imaplib.IMAP4.error as error:
        raise PollFailed(str(error)[:300], reauthorise=True) from error
    session.select("INBOX", readonly=True)
    validity = str((session.response("UIDVALIDITY")[1] or [b""])[0] or b"", "ascii")
    last = int(cursor.get("uid", "0")) if cursor.get("validity") == validity else 0
    _kind, found = session.uid("SEARCH", f"UID {last + 1}:*")
    uids = sorted(int(one) for one in (found[0] or b"").split() if int(one) > last)
    events = []
    for uid in uids[:_PAGE]:
        _kind, pieces = session.uid("FETCH", str(uid), "(BODY.PEEK[])")
        raw = next((piece[1] for piece in pieces if isinstance(piece, tuple)), None)
        if raw is not None:
            envelope = inbound.Envelope(datetime.now(UTC), folder="INBOX")
            events.append(inbound.event_of(account.external_id, raw, envelope))
        last = uid
    return events, {"validity": validity, "uid": str(last)}, len(uids) > _PAGE
