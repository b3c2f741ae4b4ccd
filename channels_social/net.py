"""What an adapter may use of the network: credentials, and an HTTP session with a total deadline.

Client libraries (a network's own package) get the session of `Net.session` in place of their own, so that a
base URL in the account's settings leads the *real* client elsewhere, its signature still being over the
real URL.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPException
from http.cookiejar import DefaultCookiePolicy
from typing import Any, BinaryIO
from urllib.parse import urljoin, urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from requests.cookies import RequestsCookieJar
from requests.hooks import default_hooks
from requests.structures import CaseInsensitiveDict
from requests.utils import default_headers
from urllib3 import PoolManager
from urllib3.exceptions import HTTPError

from channels_social.net_wire import (
    POOLS,
    AddressRefused,
    Broken,
    Call,
    DeadlineExceeded,
    NetError,
    NoConnection,
    TooLarge,
    calling,
    current,
)

__all__ = [
    "AddressRefused",
    "BadBaseURL",
    "Broken",
    "DeadlineExceeded",
    "Net",
    "NetError",
    "NoConnection",
    "Session",
    "TooLarge",
]

Credentials = Mapping[str, str]
MAX_RESPONSE_BYTES = 8 * 1024 * 1024
_REDIRECTS = 3


class BadBaseURL(ValueError):
    """A base URL of an account that nothing can be sent to."""


def check_base_url(url: str) -> str:
    """The base URL without its last slash; raises BadBaseURL with what to write instead."""
    parts = urlsplit(url)
    if (
        parts.scheme not in {"http", "https"}
        or not parts.hostname
        or parts.query
        or parts.fragment
        or parts.username
    ):
        raise BadBaseURL(
            f"the base URL {url!r} should look like https://api.example.org or http://127.0.0.1:8900/x"
        )
    return url.rstrip("/")


class Net:
    """The network as one account may use it.

    deadline: the whole time of one call, from name look-up to the last byte of the answer.
    allow_private: whether private and loopback addresses may be reached (a stand-in on the same machine).
    read_credentials: reads the account's secrets, and the app's, from where they are stored, each time anew.
    rotate: stores new secrets for old under a row lock and returns those that won.
    settings: the account's settings, for channels that need them below the session.
    """

    def __init__(
        self,
        *,
        deadline: timedelta,
        allow_private: bool,
        read_credentials: Callable[[], Credentials],
        rotate: Callable[[Credentials, Credentials], Credentials],
        settings: Mapping[str, str] | None = None,
    ) -> None:
        if deadline <= timedelta(0):
            raise ValueError("the deadline of a call must be longer than nothing")
        self.deadline = deadline
        self.allow_private = allow_private
        self.settings: Mapping[str, str] = settings or {}
        self._read_credentials = read_credentials
        self._rotate = rotate
        self._ends: float | None = None

    @property
    def credentials(self) -> Credentials:
        """Read anew at every access: a worker of yesterday must not use a token that was replaced today."""
        return self._read_credentials()

    def rotate(self, old: Credentials, new: Credentials) -> Credentials:
        """Stores `new` where `old` still stands; returns what stands there now, ours or another worker's."""
        return self._rotate(old, new)

    @contextmanager
    def one_deadline(self) -> Iterator[None]:
        """All requests inside share one deadline: for a call of ours that takes several requests."""
        if self._ends is not None:
            yield
            return
        self._ends = time.monotonic() + self.deadline.total_seconds()
        try:
            yield
        finally:
            self._ends = None

    def session(self, rebase: Mapping[str, str] | None = None) -> Session:
        """A session; `rebase` maps a real prefix ("https://api.example.org") to the base URL that takes its
        place.

        Sessions are cheap: the connections below them belong to the process and are shared.
        """
        session = Session(self)
        for scheme in ("https://", "http://"):
            session.mount(scheme, _adapter(None, self.allow_private))
        for real, base in (rebase or {}).items():
            session.mount(real, _adapter(check_base_url(base), self.allow_private))
        return session

    def download(
        self, url: str, into: BinaryIO, *, most: int, allowed: Callable[[str], bool], seconds: float = 120.0
    ) -> requests.Response:
        """The answer to a GET; the body of a 200 goes into `into` as it arrives, up to `most` bytes.

        `allowed` is asked of each address, also of those that it redirects to (three at most). Raises AddressRefused
        where it says no, else NetError as any request does.
        """
        session = self.session()
        ends = time.monotonic() + seconds
        for _step in range(_REDIRECTS + 1):
            if not allowed(url):
                raise AddressRefused(f"{urlsplit(url).hostname} is none of the hosts of this network")
            call = Call(ends=ends, allow_private=self.allow_private, into=into, most=most)
            answer = session.send_as(session.prepare_request(requests.Request("GET", url)), call)
            if not answer.is_redirect:
                return answer
            url = urljoin(url, answer.headers["Location"])
        raise Broken("it redirects without an end")

    def open_call(self, *, seconds: float | None = None) -> Call:
        """A call that begins now; `seconds` in place of the account's deadline, for one that is meant to wait."""
        whole = self.deadline.total_seconds() if seconds is None else seconds
        ends = self._ends if self._ends is not None else time.monotonic() + whole
        return Call(ends=ends, allow_private=self.allow_private)


class Session(requests.Session):
    """A session that follows no redirect, keeps no cookie, reads no environment, and raises only NetError.

    `last_response` is the answer of the last request, for callers whose client library loses it.
    """

    def __init__(self, net: Net) -> None:
        # Not by its own `__init__`, which opens two pools for each session: ours are the process's (`Net.session`).
        self.headers = default_headers()  # type: ignore[assignment]  # what requests itself puts there
        self.auth, self.cert, self.verify, self.stream = None, None, True, False
        self.proxies, self.params = {}, {}
        self.hooks = default_hooks()
        self.max_redirects = requests.sessions.DEFAULT_REDIRECT_LIMIT
        self.adapters = OrderedDict()
        self.net = net
        self.trust_env = False
        # Connections are shared by accounts; what tells one from another must come with each request.
        self.cookies = RequestsCookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
        self.last_response: requests.Response | None = None

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """As any session does, without merging cookies, of which there are none."""
        if request.cookies:
            return super().prepare_request(request)
        prepared = _WithoutCookies()
        prepared.prepare(
            method=(request.method or "").upper(),
            url=request.url,
            files=request.files,
            data=request.data,
            json=request.json,
            headers=_merge(request.headers, self.headers, dict_class=CaseInsensitiveDict),
            params=_merge(request.params, self.params),
            auth=_merge(request.auth, self.auth),
            hooks=_merge_hooks(request.hooks, self.hooks),
        )
        return prepared

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002
        return None

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        return self.send_as(request, self.net.open_call(), **kwargs)

    def send_as(self, request: requests.PreparedRequest, call: Call, **kwargs: Any) -> requests.Response:
        """The same, held to this call."""
        self.last_response = None
        kwargs["timeout"] = None  # the sockets know better
        with calling(call):
            try:
                self.last_response = super().send(request, **kwargs)
            except NetError:
                raise
            except (requests.RequestException, HTTPError, HTTPException, OSError, ValueError) as error:
                raise _translated(error, call) from error
        return self.last_response


#: Functions of requests without types.
_merge: Any = requests.sessions.merge_setting
_merge_hooks: Any = requests.sessions.merge_hooks


class _WithoutCookies(requests.PreparedRequest):
    def prepare_cookies(self, cookies: Any) -> None:
        self._cookies = cookies


#: What stands behind the "?" of an address may be a proof or a token; these words are stored, and shown.
_WITHOUT_QUERY = re.compile(r"\?[^\s'\")]+")


def _translated(error: Exception, call: Call) -> NetError:
    """Our own error for whatever the libraries raise; what counts is the clock and whether bytes had left."""
    refused = _cause(error, AddressRefused)
    if refused is not None:
        return refused
    if call.over():
        return DeadlineExceeded("the call took longer than its deadline", bytes_left=call.bytes_left)
    words = _WITHOUT_QUERY.sub("?…", f"{type(error).__name__}: {error}")[:300]
    return Broken(words) if call.bytes_left else NoConnection(words)


def _cause(error: BaseException | None, kind: type[AddressRefused]) -> AddressRefused | None:
    for _ in range(8):
        if error is None or isinstance(error, kind):
            return error
        error = error.__cause__ or error.__context__
    return None


class RebaseAdapter(HTTPAdapter):
    """Sends to another base URL, after the request was signed for the real one, and bounds the answer."""

    def __init__(self, base: str | None) -> None:
        self._base = urlsplit(base) if base else None
        super().__init__(pool_connections=4, pool_maxsize=10)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:
        self.poolmanager = PoolManager(
            num_pools=connections,
            maxsize=maxsize,
            block=block,
            **kwargs,
        )
        self.poolmanager.pool_classes_by_scheme = POOLS

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        if self._base is not None:
            url = urlsplit(request.url or "")
            path = self._base.path.rstrip("/") + (url.path or "/")
            request.url = urlunsplit((self._base.scheme, self._base.netloc, path, url.query, ""))
        kwargs["stream"] = True
        response = super().send(request, *args, **kwargs)
        _read_all(response)
        return response


def _read_all(response: requests.Response) -> None:
    """Reads the body inside the call, to the bound. The decoded bytes count: a small answer may unpack to a
    huge one."""
    taken: list[bytes] = []
    size = 0
    call = current()
    into = call.into if response.status_code == 200 else None
    most = MAX_RESPONSE_BYTES if into is None else call.most
    for chunk in response.raw.stream(64 * 1024, decode_content=True):
        size += len(chunk)
        if size > most:
            response.raw.close()
            raise TooLarge(f"the answer is longer than {most} bytes")
        if into is None:
            taken.append(chunk)
        else:
            into.write(chunk)
    response._content = b"".join(taken)
    response._content_consumed = True  # type: ignore[attr-defined]


_adapters: dict[tuple[str | None, bool], RebaseAdapter] = {}
_adapters_lock = threading.Lock()


def _adapter(base: str | None, allow_private: bool) -> RebaseAdapter:
    """The process's adapter for a base URL. A pool opened by one that may reach private addresses is never
    lent to one that may not."""
    with _adapters_lock:
        key = (base, allow_private)
        if key not in _adapters:
            _adapters[key] = RebaseAdapter(base)
        return _adapters[key]


def _forget_connections() -> None:
    """After a fork: a connection used by two processes would mix their answers."""
    global _adapters_lock
    _adapters_lock = threading.Lock()
    _adapters.clear()


os.register_at_fork(after_in_child=_forget_connections)
