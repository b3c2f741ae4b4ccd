"""Being signed in to a mailbox by IMAP (imap-tools on sockets of ours), and what its server's answers mean."""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from imap_tools.errors import ImapToolsError, UnexpectedCommandStatusError
from imap_tools.mailbox import BaseMailBox

from channels_social.adapters.email import oauth, place
from channels_social.adapters.email.words import rule_words
from channels_social.net import DeadlineExceeded, Net, NetError
from channels_social.net_lines import LineIMAP, line_call

INBOX = "INBOX"
#: Refusals that pass: the server says so, in a code of RFC 5530 or in words.
_PASSES = re.compile(
    r"(?i)\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG|CORRUPTION|THROTTLED)\]|try again|temporar|too many|unavailable|"
    r"busy|later\b|internal|not connected|system error|rate limit|exceeded"
)
_KEY = re.compile(r"(?i)\[(AUTHENTICATIONFAILED|AUTHORIZATIONFAILED|EXPIRED)\]")
_FULL = re.compile(r"(?i)\[OVERQUOTA\]|quota")
_SECRETS = 300
_BUSY_PAUSE = 60.0


class Trouble(Exception):
    """A mailbox that could not be read. code: with words in words.py. said: the server's, or the library's, own words.
    key: it takes our user and key no longer. retry_after: seconds, None for the usual pace."""

    def __init__(
        self, code: str, said: str = "", *, key: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(f"{code}: {said}".rstrip(": "))
        self.code, self.said, self.key, self.retry_after = code, said[:_SECRETS], key, retry_after

    def words(self, language: str) -> str:
        ours = rule_words(self.code, language)
        return f"{ours} ({self.said})" if ours and self.said else ours or self.said or self.code


class Mailbox(BaseMailBox):
    """imap-tools' mailbox; every use of it stands inside a `line_call`."""

    client: LineIMAP

    def __init__(self, server: place.Server) -> None:
        self._server = server
        super().__init__()

    def _get_mailbox_client(self) -> LineIMAP:
        return LineIMAP(self._server.host, self._server.port, security=self._server.security)

    def open_folder(self, name: str, *, to_change: bool) -> dict[str, int]:
        """Make it the one that is read; its UIDVALIDITY, UIDNEXT and EXISTS. Raises Trouble where there is none."""
        try:
            self.folder.set(name, readonly=not to_change)
        except UnexpectedCommandStatusError as error:
            raise Trouble("no_folder", f"{name}: {_said(error)}") from error
        told = {}
        for key in ("UIDVALIDITY", "UIDNEXT", "EXISTS"):
            value = (self.client.response(key)[1] or [None])[-1]
            told[key] = int(value) if isinstance(value, bytes) and value.isdigit() else 0
        return told

    def has(self, capability: str) -> bool:
        return capability in self.client.capabilities

    def leave(self) -> None:
        """Say goodbye, or only hang up where the line is broken. Inside a call."""
        with suppress(NetError, OSError, imaplib.IMAP4.error, ImapToolsError):
            self.client.logout()
        self.hang_up()

    def hang_up(self) -> None:
        with suppress(OSError, ValueError):
            self.client.shutdown()


@contextmanager
def troubles() -> Iterator[None]:
    """Whatever breaks inside is Trouble."""
    try:
        yield
    except Trouble:
        raise
    except place.BadSettings as error:
        raise Trouble(error.code, error.words) from error
    except oauth.NoToken as error:
        raise Trouble("key_refused" if error.key else "no_token", error.words, key=error.key) from error
    except DeadlineExceeded as error:
        raise Trouble("too_slow", str(error)) from error
    except NetError as error:
        code = "certificate" if _certificate(error) else "no_connection_in"
        raise Trouble(code, str(error)) from error
    except (imaplib.IMAP4.error, ImapToolsError) as error:
        raise _of_answer(_said(error)) from error


@contextmanager
def opened(
    net: Net, settings: Mapping[str, str], *, credentials: Mapping[str, str] | None = None
) -> Iterator[Mailbox]:
    """A signed-in mailbox within one call of the account's deadline. Raises Trouble."""
    with troubles(), line_call(net):
        box = signed_in(net, settings, credentials=credentials)
        try:
            yield box
        except BaseException:
            box.hang_up()
            raise
        box.leave()


def signed_in(
    net: Net, settings: Mapping[str, str], *, credentials: Mapping[str, str] | None = None
) -> Mailbox:
    """A mailbox on a line of its own. Inside a call; raises what `troubles` translates, and Trouble."""
    given = net.credentials if credentials is None else credentials
    server = place.imap_server(settings)
    # Before the line is opened: whoever hands out keys may be slow.
    token = oauth.access_token(net, given)
    box = Mailbox(server)
    try:
        if not token:
            _by_password(box, server.user, given.get("password", ""))
        elif not _by_token(box, server.user, token):
            # It ended before its time, or was taken back: another one, once.
            token = oauth.access_token(net, given, instead_of=token)
            box.hang_up()
            box = Mailbox(server)
            _by_token(box, server.user, token, once=False)
    except BaseException:
        box.hang_up()
        raise
    return box


def _by_password(box: Mailbox, user: str, password: str) -> None:
    if not password:
        raise Trouble("no_password", key=True)
    client = box.client
    if client.state == "AUTH":
        return
    try:
        if box.has("AUTH=PLAIN"):
            box.login_utf8(user, password, initial_folder=None)
        elif box.has("LOGINDISABLED"):
            raise Trouble("no_sign_in")
        else:
            box.login(user, password, initial_folder=None)
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, UnexpectedCommandStatusError) as error:
        raise _refused(_said(error)) from error
    except UnicodeEncodeError as error:
        raise Trouble("no_sign_in", "the server takes ASCII alone in users and passwords") from error
    _capabilities(box)


def _by_token(box: Mailbox, user: str, token: str, *, once: bool = True) -> bool:
    """False where the server does not take it; without `once` that is Trouble."""
    told: list[str] = []

    def answer(challenge: bytes) -> bytes:
        # A second question is why it says no; it is answered with nothing.
        if told:
            told.append(challenge.decode("utf-8", "replace"))
            return b""
        told.append("")
        return oauth.xoauth2(user, token)

    try:
        box.client.authenticate("XOAUTH2", answer)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        said = f"{_said(error)} {' '.join(told)}".strip()
        if _PASSES.search(said) and not _KEY.search(said):
            raise Trouble("busy_in", said, retry_after=_BUSY_PAUSE) from error
        if not once:
            raise Trouble("key_refused", said, key=True) from error
        return False
    _capabilities(box)
    return True


def _capabilities(box: Mailbox) -> None:
    """Many servers say all they can only to who is signed in."""
    kind, told = box.client.capability()
    if kind == "OK" and told and isinstance(told[-1], bytes):
        box.client.capabilities = tuple(told[-1].decode("ascii", "replace").upper().split())


def _refused(said: str) -> Trouble:
    if _PASSES.search(said) and not _KEY.search(said):
        return Trouble("busy_in", said, retry_after=_BUSY_PAUSE)
    return Trouble("key_refused", said, key=True)


def _of_answer(said: str) -> Trouble:
    if _FULL.search(said):
        return Trouble("mailbox_full", said)
    if _PASSES.search(said):
        return Trouble("busy_in", said, retry_after=_BUSY_PAUSE)
    return Trouble("server_says", said)


def _said(error: BaseException) -> str:
    """The server's words, without Python's."""
    if isinstance(error, UnexpectedCommandStatusError):
        words = [one for one in error.command_result[1] or () if isinstance(one, bytes)]
        return b" ".join(words).decode("utf-8", "replace")[:_SECRETS]
    return str(error)[:_SECRETS]


def _certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__
    return False
