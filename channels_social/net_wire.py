"""Sockets that keep a total deadline, refuse private addresses and know whether a byte has left.

A time-out of an HTTP library counts from the last byte, so a server that trickles holds a worker for ever.
Here every receive and send on a socket first sets the time that is left of the whole call, TLS handshake
and name look-up included. No thread watches and nothing survives a fork.

    NetError (a requests.RequestException, so that client libraries treat it as their own)
    ├── NoConnection        certain: no byte of the request has left
    │   └── AddressRefused  the name leads to an address that this account may not reach
    ├── Broken              bytes had left, then it broke: what the other side did is not known
    │   └── TooLarge        the answer was longer than the bound
    └── DeadlineExceeded    the call's total time is over; `bytes_left` says whether anything had left
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, BinaryIO

import requests
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError
from urllib3.util.ssl_ import create_urllib3_context

# A server may close a connection that has been idle; a request that meets the close on its way is lost
# without a trace, and a send would end Unclear for nothing. Common servers wait 5 s or longer.
IDLE_SECONDS = 3.0


class NetError(requests.RequestException):
    """Base of what a call over the network raises."""


class NoConnection(NetError):
    """Nothing of the request was sent."""


class AddressRefused(NoConnection):
    """The name resolves only to private, loopback, link-local or otherwise special addresses."""


class Broken(NetError):
    """The connection broke after bytes of the request could have left."""


class TooLarge(Broken):
    """The answer is longer than the bound."""


class DeadlineExceeded(NetError):
    """The total time of the call is over. With `bytes_left` False nothing of the request was sent."""

    def __init__(self, words: str, *, bytes_left: bool) -> None:
        super().__init__(words)
        self.bytes_left = bytes_left


@dataclass(slots=True)
class Call:
    """One request on its way. `ends` is on the monotonic clock. into, most: where the body of a successful answer goes
    as it arrives, and how many bytes of it; without, it is kept in memory."""

    ends: float
    allow_private: bool
    bytes_left: bool = False
    into: BinaryIO | None = None
    most: int = 0

    def remaining(self) -> float:
        """Seconds until the deadline; raises TimeoutError when there are none."""
        left = self.ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the call's total time is over")
        return left

    def over(self) -> bool:
        return time.monotonic() >= self.ends


class _Current(threading.local):
    call: Call | None = None


_current = _Current()


@contextmanager
def calling(call: Call) -> Iterator[Call]:
    """Makes `call` the one that this thread's sockets obey."""
    before, _current.call = _current.call, call
    try:
        yield call
    finally:
        _current.call = before


def current() -> Call:
    """The call of this thread. A socket of ours never works outside one."""
    if _current.call is None:
        raise RuntimeError("this session works only through Net.session(): no call with a deadline is open")
    return _current.call


class TimedSocket(socket.socket):
    """A plain socket on which each step gets what is left of the call's time."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(current().remaining())
        return super().recv_into(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        call = current()
        self.settimeout(call.remaining())
        call.bytes_left = True
        super().sendall(*args, **kwargs)


class TimedSSLSocket(ssl.SSLSocket):
    """The same over TLS. CPython keeps one time-out over a whole handshake and over a whole record."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(current().remaining())
        return super().recv_into(*args, **kwargs)

    def send(self, *args: Any, **kwargs: Any) -> int:  # sendall of a TLS socket is a loop over send
        call = current()
        self.settimeout(call.remaining())
        call.bytes_left = True
        return super().send(*args, **kwargs)

    def do_handshake(self, block: bool = False) -> None:
        self.settimeout(current().remaining())
        super().do_handshake(block)


def address_allowed(address: str) -> bool:
    """Whether an address is a public one, also where a v4 address is wrapped in a v6 one."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        nat64 = ipaddress.IPv4Address(ip.packed[-4:]) if ip in ipaddress.ip_network("64:ff9b::/96") else None
        inner = ip.ipv4_mapped or ip.sixtofour or nat64 or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return inner.is_global and not inner.is_multicast
    return ip.is_global and not ip.is_multicast


AddressInfo = tuple[int, int, int, str, Any]


def resolve(host: str, port: int, call: Call) -> list[AddressInfo]:
    """Every address of a name, within the call's time: getaddrinfo itself knows no time-out."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        return list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST))
    answer: SimpleQueue[list[AddressInfo] | OSError] = SimpleQueue()

    def ask() -> None:
        try:
            answer.put(list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
        except (OSError, UnicodeError) as error:
            answer.put(error if isinstance(error, OSError) else OSError(f"not a host name: {host!r}"))

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        found = answer.get(timeout=call.remaining())
    except Empty:
        raise TimeoutError(f"no answer about the name {host} in time") from None
    if isinstance(found, OSError):
        raise found
    return found


def connect(host: str, port: int, options: Any, call: Call) -> socket.socket:
    """A connection to the first address that may be reached and answers.

    The address that was checked is the one that is connected to: a name that changes its answer in between
    (DNS rebinding) gains nothing. Each address gets its share of the time that is left.
    """
    found = resolve(host, port, call)
    allowed = [info for info in found if call.allow_private or address_allowed(str(info[4][0]))]
    if not allowed:
        addresses = ", ".join(sorted({str(info[4][0]) for info in found})) or "no address"
        raise AddressRefused(
            f"{host} leads to {addresses}, which is not a public address; "
            "allow private addresses for this account if that is meant"
        )
    last: OSError = OSError(f"no address of {host} answers")
    for index, (family, kind, protocol, _, address) in enumerate(allowed):
        sock = TimedSocket(family, kind, protocol)
        try:
            for option in options or ():
                sock.setsockopt(*option)
            sock.settimeout(call.remaining() / (len(allowed) - index))
            sock.connect(address)
        except OSError as error:
            sock.close()
            last = error
            continue
        except BaseException:  # also when the process is told to end: the socket is nobody's yet
            sock.close()
            raise
        sock.settimeout(call.remaining())
        return sock
    raise last


class _TimedHTTP(HTTPConnection):
    idle_since: float = 0.0

    def _new_conn(self) -> socket.socket:
        return _open(self)


class _TimedHTTPS(HTTPSConnection):
    idle_since: float = 0.0

    def connect(self) -> None:
        # A context of its own for each connection: authorities are loaded into it, and must not leak to others.
        self.ssl_context = create_urllib3_context()
        self.ssl_context.sslsocket_class = TimedSSLSocket
        super().connect()

    def _new_conn(self) -> socket.socket:
        return _open(self)


def _open(connection: HTTPConnection) -> socket.socket:
    try:
        host = str(connection._dns_host)
        return connect(
            host.strip("[]"),
            int(connection.port or 0),
            connection.socket_options,
            current(),
        )
    except OSError as error:
        if isinstance(error, NetError):
            raise
        raise NewConnectionError(connection, f"no connection to {connection.host}: {error}") from error


class _TimedPool(HTTPConnectionPool):
    ConnectionCls = _TimedHTTP

    def _get_conn(self, timeout: float | None = None) -> Any:
        return _fresh(super()._get_conn(timeout))

    def _put_conn(self, conn: Any) -> None:
        _rest(conn)
        super()._put_conn(conn)


class _TimedTLSPool(HTTPSConnectionPool):
    ConnectionCls = _TimedHTTPS

    def _get_conn(self, timeout: float | None = None) -> Any:
        return _fresh(super()._get_conn(timeout))

    def _put_conn(self, conn: Any) -> None:
        _rest(conn)
        super()._put_conn(conn)


def _fresh(connection: Any) -> Any:
    """Closes a connection that rested too long (it opens again by itself). urllib3 has looked for a FIN."""
    if connection.sock is not None and time.monotonic() - connection.idle_since > IDLE_SECONDS:
        connection.close()
    return connection


def _rest(connection: Any) -> None:
    if connection is not None:
        connection.idle_since = time.monotonic()


POOLS = {"http": _TimedPool, "https": _TimedTLSPool}
