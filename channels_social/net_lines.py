"""Connections that speak in lines (SMTP, IMAP) under the same rules as the HTTP session: a total deadline per call, no
private addresses, and the knowledge whether a byte has left.

The standard library's clients do the talking; here they only get sockets of ours. Every use of one stands inside
`Net.call()`, whose time it obeys: a connection that is kept (IMAP) gets a new one for each thing it is asked.
"""

from __future__ import annotations

import imaplib
import select
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Literal, TypeAlias

from channels_social import crash_points
from channels_social.net import Net
from channels_social.net_wire import (
    AddressRefused,
    Broken,
    Call,
    DeadlineExceeded,
    NetError,
    NoConnection,
    TimedSSLSocket,
    calling,
    connect,
    current,
)

#: "tls": from the first byte on; "starttls": before anything secret is said; "none": only where it was chosen so.
Security: TypeAlias = Literal["tls", "starttls", "none"]


def tls_context() -> ssl.SSLContext:
    """Certificates are always looked at; sockets made by it obey the call."""
    context = ssl.create_default_context()
    context.sslsocket_class = TimedSSLSocket
    return context


@contextmanager
def line_call(net: Net, *, seconds: float | None = None) -> Iterator[Call]:
    """One deadline for everything inside; whatever breaks there is a NetError. Answers of the server (SMTPException
    with a code, IMAP4.error) go through as they are: they are no trouble of the network."""
    call = net.open_call(seconds=seconds)
    with calling(call):
        try:
            yield call
        except NetError:
            raise
        except smtplib.SMTPServerDisconnected as error:
            raise _translated(error, call) from error
        except smtplib.SMTPException:  # an OSError, too
            raise
        except (OSError, EOFError, imaplib.IMAP4.abort) as error:
            raise _translated(error, call) from error


def _translated(error: Exception, call: Call) -> NetError:
    if isinstance(error.__cause__, AddressRefused):
        return error.__cause__
    if call.over() or isinstance(error, TimeoutError):
        return DeadlineExceeded("the call took longer than its deadline", bytes_left=call.bytes_left)
    words = f"{type(error).__name__}: {error}"[:300]
    return Broken(words) if call.bytes_left else NoConnection(words)


def _open(host: str, port: int) -> socket.socket:
    return connect(host, port, None, current())


@contextmanager
def _closed_if_it_fails(close: Callable[[], None]) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with suppress(OSError):
            close()
        raise


class LineSMTP(smtplib.SMTP):
    """smtplib's client on a socket of ours. `dot_left`: whether the end of a message may have reached the server: from
    then on only its answer tells what became of it."""

    def __init__(self, host: str, port: int, *, security: Security, local_hostname: str) -> None:
        self.dot_left = False
        self._context = tls_context() if security != "none" else None
        self._security = security
        super().__init__(host, port, local_hostname=local_hostname)
        if security == "starttls":
            with _closed_if_it_fails(self.close):
                self.ehlo()
                self.starttls(context=self._context)
                self.ehlo()

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ARG002 - the call knows better
        plain = _open(host, port)
        if self._security != "tls" or self._context is None:
            return plain
        return self._context.wrap_socket(plain, server_hostname=host)

    @property
    def is_plain(self) -> bool:
        """Whether anybody on the way can read along."""
        return not isinstance(self.sock, ssl.SSLSocket)

    def getreply(self) -> tuple[int, bytes]:
        """As smtplib's; an answer without an end is none."""
        if self.file is None and self.sock is not None:
            self.file = self.sock.makefile("rb")
        whole = self.file
        counted: Any = _Counted(whole)
        self.file = counted
        try:
            return super().getreply()
        finally:
            # Where it broke, smtplib has closed it and forgotten it.
            if self.file is counted:
                self.file = whole

    def hand_over(self, chunks: Iterable[bytes]) -> tuple[int, bytes]:
        """DATA, piece by piece, in two steps, so that it is known whether the last was begun: the server's last answer.
        Raises SMTPDataError where it does not want to hear it. Pieces end where a line ends."""
        self.putcmd("data")
        code, words = self.getreply()
        if code != _GO_ON:
            raise smtplib.SMTPDataError(code, words)
        for chunk in chunks:
            self.send(_dotted(chunk))
        crash_points.reached("lines_before_end")
        self.dot_left = True
        self.send(b".\r\n")
        crash_points.reached("lines_after_end")
        code, words = self.getreply()
        # Only an answer that is one makes it certain: until then it may be there.
        self.dot_left = code // 100 not in _ANSWERS
        return code, words


_GO_ON = 354
#: By its first digit: yes, not now, no.
_ANSWERS = (2, 4, 5)
_MOST_LINES = 200


class _Counted:
    """A server's lines, so many and no more."""

    def __init__(self, file: Any) -> None:
        self._file, self._left = file, _MOST_LINES

    def readline(self, size: int = -1) -> bytes:
        self._left -= 1
        if self._left < 0:
            raise OSError("the server's answer has no end")
        return bytes(self._file.readline(size))

    def close(self) -> None:
        self._file.close()


def _dotted(text: bytes) -> bytes:
    """A line that begins with a dot gets a second one (RFC 5321, 4.5.2)."""
    doubled = text.replace(b"\r\n.", b"\r\n..")
    return b"." + doubled if doubled.startswith(b".") else doubled


#: Longer than any answer to a search in a folder of a million mails, and than any mail that is asked for whole.
_LONGEST_LINE = 10_000_000
_LONGEST_LITERAL = 100_000_000
_AT_ONCE = 65_536


class LineIMAP(imaplib.IMAP4):
    """imaplib's client on a socket of ours. It keeps by itself what it has received and not yet read, so that one knows
    whether something waits (`waiting`) without reading on."""

    def __init__(self, host: str, port: int, *, security: Security) -> None:
        self._held = bytearray()
        self._security = security
        self._context = tls_context() if security != "none" else None
        super().__init__(host, port)
        if security == "starttls":
            try:
                self.starttls(self._context)
            except BaseException:
                # Where TLS did not begin, its socket is closed already.
                with suppress(OSError):
                    self.shutdown()
                raise

    def _create_socket(self, timeout: float | None) -> socket.socket:  # noqa: ARG002 - the call knows better
        plain = _open(self.host, self.port)
        # Whoever waits for news on a line whose other end lost its power would wait for ever.
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if self._security != "tls" or self._context is None:
            return plain
        return self._context.wrap_socket(plain, server_hostname=self.host)

    def starttls(self, ssl_context: ssl.SSLContext | None = None) -> Any:
        """As imaplib's; what the server said before TLS began and nobody has read yet is not taken for its word."""
        told, words = self._simple_command("STARTTLS")
        if told != "OK":
            raise self.error(f"STARTTLS: {words[-1]!r}")
        if self._held:
            raise self.abort("more was said before TLS began than is allowed")
        context = ssl_context or tls_context()
        self.sock = context.wrap_socket(self.sock, server_hostname=self.host)
        self.file = self.sock.makefile("rb")
        self._get_capabilities()
        return told, words

    def read(self, size: int) -> bytes:
        if size > _LONGEST_LITERAL:
            raise self.abort(f"a literal of {size} bytes")
        if len(self._held) >= size:
            return self._taken(size)
        whole = bytearray(size)
        at = len(self._held)
        whole[:at] = self._taken(at)
        view = memoryview(whole)
        while at < size:
            got = self.sock.recv_into(view[at : at + 1_048_576])
            if not got:
                raise self.abort("the server hung up in the middle of a literal")
            at += got
        view.release()
        return bytes(whole)

    def readline(self) -> bytes:
        seen = 0
        while (at := self._held.find(b"\n", seen)) < 0:
            seen = len(self._held)
            if seen > _LONGEST_LINE:
                raise self.error("a line of the server has no end")
            part = bytearray(_AT_ONCE)
            got = self.sock.recv_into(part)
            if not got:
                return self._taken(len(self._held))
            self._held += part[:got]
        return self._taken(at + 1)

    def _taken(self, size: int) -> bytes:
        taken = bytes(self._held[:size])
        del self._held[:size]
        return taken

    def waiting(self, seconds: float) -> bool:
        """Whether the server has said something that nobody has read; looks for it so long. Needs no call."""
        if self._held or (isinstance(self.sock, ssl.SSLSocket) and self.sock.pending()):
            return True
        poller = select.poll()
        poller.register(self.sock.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
        return bool(poller.poll(seconds * 1_000))
