"""The deadline, what it says of bytes that left, addresses that are refused, and how connections are kept."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Mapping
from datetime import timedelta

import pytest
import requests

from channels_social import net as net_module
from channels_social import net_wire
from channels_social.net import (
    AddressRefused,
    BadBaseURL,
    Broken,
    DeadlineExceeded,
    Net,
    NetError,
    NoConnection,
    TooLarge,
)
from tests.channels_social.scripted import Answer, Behaviour, Scripted, nobody_listens

REAL = "https://api.example.org"


def a_net(seconds: float = 5.0, *, private: bool = True, stored: dict[str, str] | None = None) -> Net:
    values = stored if stored is not None else {}

    def rotate(old: Mapping[str, str], new: Mapping[str, str]) -> Mapping[str, str]:
        if dict(old) == values:
            values.update(new)
        return dict(values)

    return Net(
        deadline=timedelta(seconds=seconds),
        allow_private=private,
        read_credentials=lambda: dict(values),
        rotate=rotate,
        settings={},
    )


@pytest.mark.parametrize("behaviour", ["hang", "trickle_headers", "trickle_body"])
def test_the_whole_call_ends_at_the_deadline(behaviour: Behaviour) -> None:
    with Scripted([Answer(behaviour=behaviour)]) as server:
        session = a_net(0.6).session()
        began = time.monotonic()
        with pytest.raises(DeadlineExceeded) as caught:
            session.post(server.url, data=b"x")
        took = time.monotonic() - began
    assert 0.5 <= took <= 0.6 + 0.5
    assert caught.value.bytes_left


def test_a_listener_that_never_accepts_ends_at_the_deadline_with_nothing_sent() -> None:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    fillers = []
    try:
        for _ in range(8):  # fill the queue of connections, so that the next one gets no answer
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
            fillers.append(filler)
        began = time.monotonic()
        with pytest.raises(NetError) as caught:
            a_net(0.5).session().post(f"http://127.0.0.1:{listener.getsockname()[1]}", data=b"x")
        assert time.monotonic() - began <= 1.0
    finally:
        for filler in fillers:
            filler.close()
        listener.close()
    assert isinstance(caught.value, NoConnection) or (
        isinstance(caught.value, DeadlineExceeded) and not caught.value.bytes_left
    )


def test_a_name_that_is_never_resolved_ends_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()

    def silent(*_: object, **__: object) -> list[object]:
        release.wait(10)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    began = time.monotonic()
    with pytest.raises(DeadlineExceeded) as caught:
        a_net(0.4).session().get("http://slow.example.org/")
    took = time.monotonic() - began
    release.set()
    assert took <= 0.9
    assert not caught.value.bytes_left


def test_requests_inside_one_deadline_share_it() -> None:
    with Scripted([Answer(), Answer(behaviour="trickle_body")]) as server:
        net = a_net(0.8)
        session = net.session()
        began = time.monotonic()
        with net.one_deadline():
            time.sleep(0.4)
            session.get(server.url)
            with pytest.raises(DeadlineExceeded):
                session.get(server.url)
        assert time.monotonic() - began <= 0.8 + 0.5


def test_nobody_there_is_certain() -> None:
    with pytest.raises(NoConnection):
        a_net().session().post(nobody_listens(), data=b"x")


@pytest.mark.parametrize("behaviour", ["close_unread", "close_read", "cut"])
def test_what_breaks_after_the_first_byte_is_broken(behaviour: Behaviour) -> None:
    with Scripted([Answer(behaviour=behaviour)]) as server, pytest.raises(Broken):
        a_net().session().post(server.url, data=b"x")


def test_an_endless_answer_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(net_module, "MAX_RESPONSE_BYTES", 1_000_000)
    with Scripted([Answer(behaviour="endless")]) as server, pytest.raises(TooLarge):
        a_net().session().get(server.url)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.8",
        "172.16.3.4",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104
        "224.0.0.1",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
def test_private_addresses_are_refused(address: str) -> None:
    assert not net_wire.address_allowed(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses_are_allowed(address: str) -> None:
    assert net_wire.address_allowed(address)


def test_a_name_that_leads_to_loopback_is_refused_before_a_connection() -> None:
    with Scripted([Answer()]) as server:
        for url in (server.url, f"http://localhost:{server.port}"):
            with pytest.raises(AddressRefused, match="allow private addresses"):
                a_net(private=False).session().get(url)
        assert server.seen == []


def test_the_address_that_was_checked_is_the_one_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that answers publicly first and privately afterwards (rebinding) is asked once only."""
    asked: list[str] = []
    connected: list[object] = []

    def rebinding(host: str, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
        asked.append(host)
        address = "93.184.216.34" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def connect(_: socket.socket, address: object) -> None:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(net_wire.TimedSocket, "connect", connect)
    with pytest.raises(NoConnection):
        a_net(private=False).session().get("http://rebind.example.org/")
    assert connected == [("93.184.216.34", 80)]
    assert asked == ["rebind.example.org"]


def test_a_pool_that_may_reach_private_addresses_is_not_lent() -> None:
    with Scripted([Answer()]) as server:
        assert a_net(private=True).session({REAL: server.url}).get(f"{REAL}/a").status_code == 200
        with pytest.raises(AddressRefused):
            a_net(private=False).session({REAL: server.url}).get(f"{REAL}/a")


def test_redirects_are_not_followed() -> None:
    with Scripted([Answer(status=302, headers={"location": "http://169.254.169.254/"})]) as server:
        assert a_net().session().get(server.url).status_code == 302
        assert len(server.seen) == 1


def test_the_base_url_takes_the_place_of_the_real_one() -> None:
    with Scripted([Answer()]) as server:
        session = a_net().session({REAL: f"{server.url}/stand-in/"})
        session.get(f"{REAL}/2/posts", params={"a": "1 2"})
    assert (server.seen[0].path, server.seen[0].query) == ("/stand-in/2/posts", {"a": "1 2"})


@pytest.mark.parametrize(
    "base", ["", "ftp://a", "api.example.org", "http://", "http://a/?b=1", "http://u:p@a"]
)
def test_a_base_url_that_leads_nowhere_is_refused(base: str) -> None:
    with pytest.raises(BadBaseURL, match="should look like"):
        a_net().session({REAL: base})


def test_connections_are_shared_by_sessions_of_the_process() -> None:
    with Scripted([Answer()]) as server:
        for _ in range(3):
            a_net().session({REAL: server.url}).get(f"{REAL}/a")
        assert {seen.connection for seen in server.seen} == {1}


def test_a_connection_that_the_server_closed_is_not_used_again() -> None:
    with Scripted([Answer(close=True)]) as server:
        session = a_net().session()
        for _ in range(3):
            assert session.post(server.url, data=b"x").status_code == 200
            time.sleep(0.05)
        assert {seen.connection for seen in server.seen} == {1, 2, 3}


def test_a_connection_that_rested_too_long_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(net_wire, "IDLE_SECONDS", 0.1)
    with Scripted([Answer()]) as server:
        session = a_net().session()
        session.get(server.url)
        time.sleep(0.2)
        session.get(server.url)
        assert {seen.connection for seen in server.seen} == {1, 2}


def test_a_forked_process_opens_its_own_connections() -> None:
    with Scripted([Answer()]) as server:
        net = a_net()
        net.session().get(server.url)
        child = os.fork()
        if child == 0:
            try:
                net.session().get(server.url)
                os._exit(0)
            except BaseException:  # noqa: BLE001 - the child must never run the tests that follow
                os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        net.session().get(server.url)
        assert [seen.connection for seen in server.seen] == [1, 2, 1]


def test_cookies_and_the_environment_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", nobody_listens())
    with Scripted([Answer(headers={"set-cookie": "who=account-1"})]) as server:
        session = a_net().session()
        session.get(server.url)
        session.get(server.url)
    assert all("cookie" not in seen.headers for seen in server.seen)


def test_credentials_are_read_anew_and_rotated_once() -> None:
    stored = {"token": "old"}
    net = a_net(stored=stored)
    assert net.credentials == {"token": "old"}
    assert net.rotate({"token": "old"}, {"token": "new"}) == {"token": "new"}
    assert net.rotate({"token": "old"}, {"token": "late"}) == {"token": "new"}
    assert net.credentials == {"token": "new"}


def test_its_errors_are_those_of_requests() -> None:
    with pytest.raises(requests.RequestException):
        a_net().session().get(nobody_listens())


def test_a_session_has_all_that_one_of_requests_has_and_says_the_same() -> None:
    """It is not made by its own `__init__`, nor prepares a request by its own method: a new release may add to them."""
    ours, theirs = a_net().session(), requests.Session()
    theirs.trust_env = False
    assert vars(theirs).keys() <= vars(ours).keys()
    for name in vars(theirs).keys() - {"adapters", "cookies"}:
        assert vars(ours)[name] == vars(theirs)[name], name
    asked = requests.Request(
        "post",
        f"{REAL}/2?a=1",
        params={"b": "é"},
        json={"text": "é"},
        headers={"X-One": "1", "accept": "x/y"},
    )
    mine, his = ours.prepare_request(asked), theirs.prepare_request(asked)
    assert (mine.method, mine.url, mine.body) == (his.method, his.url, his.body)
    assert mine.headers == his.headers
    assert mine.hooks == his.hooks
    assert ours.headers is not a_net().session().headers


def test_a_cookie_that_is_given_goes_with_its_request() -> None:
    asked = requests.Request("GET", REAL, cookies={"one": "1"})
    assert a_net().session().prepare_request(asked).headers["Cookie"] == "one=1"
