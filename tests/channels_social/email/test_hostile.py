"""Mail servers that are slow, broken or hostile: every call ends in time, and says in words what happened."""

from __future__ import annotations

import socket
import time
from datetime import UTC, datetime, timedelta

import pytest

from channels_social.adapter import AccountView, PollFailed, RawEvent
from channels_social.adapters.email import imap, standing
from channels_social.adapters.email.inbound import opened
from channels_social.net import Net
from tests.channels_social.dovecot import mail
from tests.channels_social.email.hostile import Hostile, Said, dripping

SINCE = {"since": "2020-01-01T00:00:00+00:00", "unread": "yes"}
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def account(server: Hostile, **settings: str) -> AccountView:
    return AccountView(1, "desk", "desk", "Desk", "en", {**server.settings, **settings})


def net(seconds: float) -> Net:
    return Net(
        deadline=timedelta(seconds=seconds),
        allow_private=True,
        read_credentials=lambda: {"password": "secret"},
        rotate=lambda _old, new: new,
    )


def polled(server: Hostile, seconds: float = 5.0, **settings: str) -> list[RawEvent]:
    return imap.poll(net(seconds), account(server, **settings), SINCE, now=NOW)[0]


def body(raw: bytes, part: str = "BODY[]") -> bytes:
    return b"* 1 FETCH (UID 7 %s {%d}\r\n%s)\r\n{tag} OK done\r\n" % (part.encode(), len(raw), raw)


def test_the_script_is_a_mail_server() -> None:
    with Hostile([("UID FETCH 7 .*BODY", body(mail(1)))]) as server:
        (event,) = polled(server)
    assert opened(event.body)[1] == mail(1)


@pytest.mark.parametrize(
    ("rules", "greeting"),
    [
        ([], dripping(b"* OK here and quite at leisure, as you see, for a good long while\r\n", 0.1)),
        ([("LOGIN", dripping(b"* OK going on\r\n" * 50, 0.05))], b"* OK here\r\n"),
        ([("UID SEARCH", dripping(b"* SEARCH " + b"7 " * 500, 0.02))], b"* OK here\r\n"),
        (
            [("UID FETCH 7 .*RFC822.SIZE", dripping(b"* 1 FETCH (UID 7 " + b" " * 500, 0.02))],
            b"* OK here\r\n",
        ),
    ],
)
def test_a_server_that_drips_ends_with_the_deadline(rules: list[tuple[str, Said]], greeting: Said) -> None:
    began = time.monotonic()
    with Hostile(rules, greeting) as server, pytest.raises(PollFailed, match="too slowly") as failed:
        polled(server, 1.0)
    assert 0.9 < time.monotonic() - began < 3
    assert not failed.value.reauthorise


def test_of_a_mail_that_comes_too_slowly_the_beginning_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "BEGINNING", 200)
    raw = mail(1, size=3_000)
    rules: list[tuple[str, Said]] = [
        (r"UID FETCH 7 .*BODY\.PEEK\[\]<0", body(raw[:200], "BODY[]<0>")),
        (r"UID FETCH 7 .*BODY\.PEEK\[\]", dripping(body(raw), 0.02)),
    ]
    with Hostile(rules) as server:
        (event,) = polled(server, 1.0)
    envelope, taken = opened(event.body)
    assert taken == raw[:200]
    assert envelope.cut == 3000


@pytest.mark.parametrize(
    ("rules", "greeting", "words"),
    [
        ([], b"* BYE too many connections\r\n", "lets nobody read"),
        ([], b"HTTP/1.1 400 Bad Request\r\n\r\n", "could not be reached"),
        ([("LOGIN", b"{tag} NO [UNAVAILABLE] Temporary failure\r\n")], b"* OK here\r\n", "lets nobody read"),
        ([("LOGIN", b"{tag} NO LOGIN failed.\r\n")], b"* OK here\r\n", "no longer takes"),
        ([("SELECT", b"{tag} NO [NONEXISTENT] no\r\n")], b"* OK here\r\n", "not in the mailbox"),
        ([("UID SEARCH", b"{tag} NO [SERVERBUG] oh\r\n")], b"* OK here\r\n", "refuses to be read"),
        ([("UID SEARCH", b"* SEARCH 7\r\n{tag} BAD what\r\n")], b"* OK here\r\n", "refuses to be read"),
        (
            [("UID FETCH", b"* 1 FETCH (UID 7 BODY[] {99999999999}\r\n")],
            b"* OK here\r\n",
            "could not be reached",
        ),
        (
            [("UID FETCH 7 .*BODY", b"* 1 FETCH (UID 7 BODY[] {3000}\r\nonly this")],
            b"* OK here\r\n",
            "too slowly",
        ),
    ],
)
def test_what_is_wrong_is_said(rules: list[tuple[str, Said]], greeting: Said, words: str) -> None:
    with Hostile(rules, greeting) as server, pytest.raises(PollFailed, match=words):
        polled(server, 1.0)


def test_a_line_without_an_end_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("channels_social.net_lines._LONGEST_LINE", 100_000)

    def endless(line: socket.socket, _tag: bytes) -> None:
        while True:
            line.sendall(b"* SEARCH " + b"7" * 60_000)

    with Hostile([("UID SEARCH", endless)]) as server, pytest.raises(PollFailed, match="has no end"):
        polled(server)


def test_what_hangs_up_in_the_middle_is_said() -> None:
    def cut(line: socket.socket, _tag: bytes) -> None:
        line.sendall(b"* 1 FETCH (UID 7 BODY[] {3000}\r\nonly this")
        line.shutdown(socket.SHUT_RDWR)

    with Hostile([("UID FETCH 7 .*BODY", cut)]) as server, pytest.raises(PollFailed, match="in the middle"):
        polled(server)


@pytest.mark.parametrize(
    "answer",
    [
        # Another mail's facts between, flags that somebody set meanwhile, the id behind the literal, a quoted body.
        b"* 2 FETCH (FLAGS (\\Seen) UID 9)\r\n* 1 FETCH (UID 7 BODY[] {5}\r\nhello)\r\n{tag} OK done\r\n",
        b"* 1 FETCH (BODY[] {5}\r\nhello UID 7)\r\n* 2 FETCH (FLAGS (\\Seen) UID 9)\r\n{tag} OK done\r\n",
        b"* 4 EXISTS\r\n* 1 FETCH (FLAGS () BODY[] {5}\r\nhello UID 7)\r\n{tag} NO [EXPUNGEISSUED] some are gone\r\n",
    ],
)
def test_answers_in_another_order_are_understood(answer: bytes) -> None:
    with Hostile([("UID FETCH 7 .*BODY", answer)]) as server:
        (event,) = polled(server)
    assert opened(event.body)[1] == b"hello"


def test_what_the_server_has_and_does_not_give_is_put_aside_by_itself() -> None:
    with Hostile([("UID FETCH 7 .*BODY", b"* 1 FETCH (UID 7 BODY[] NIL)\r\n{tag} OK done\r\n")]) as server:
        (event,) = polled(server)
    assert event.dedupe_key == "mail:none:INBOX:5:7"
    assert event.body.endswith(b"}\n")


def test_words_before_tls_are_not_taken_for_the_servers() -> None:
    starts = b"{tag} OK begin\r\n* CAPABILITY IMAP4rev1 X-INJECTED\r\n"
    with Hostile([("STARTTLS", starts)]) as server, pytest.raises(PollFailed, match="before TLS"):
        polled(server, imap_security="starttls")
    assert "LOGIN" not in "".join(server.heard)


def test_without_tls_where_it_is_asked_for_nothing_is_said() -> None:
    with (
        Hostile([("STARTTLS", b"{tag} NO not here\r\n")]) as server,
        pytest.raises(PollFailed, match="STARTTLS"),
    ):
        polled(server, imap_security="starttls")
    assert not [one for one in server.heard if one.startswith("LOGIN")]
    with Hostile() as server, pytest.raises(PollFailed):
        polled(server, imap_security="tls")
    assert not [one for one in server.heard if one.startswith("LOGIN")]


def test_a_private_address_is_not_reached_where_it_is_not_meant() -> None:
    public = Net(
        deadline=timedelta(seconds=5),
        allow_private=False,
        read_credentials=lambda: {"password": "secret"},
        rotate=lambda _old, new: new,
    )
    with Hostile() as server, pytest.raises(PollFailed, match="not a public address"):
        imap.poll(public, account(server), SINCE, now=NOW)
    assert server.heard == []


@pytest.mark.parametrize(
    "refusal", [b"{tag} NO not now\r\n", b"{tag} BAD what\r\n", b"* BYE so\r\n{tag} OK\r\n"]
)
def test_a_server_that_says_idle_and_does_not_mean_it(refusal: bytes) -> None:
    rules: list[tuple[str, Said]] = [
        ("CAPABILITY", b"* CAPABILITY IMAP4rev1 IDLE\r\n{tag} OK done\r\n"),
        ("IDLE", refusal),
    ]
    heard: list[int] = []
    with Hostile(rules) as server, pytest.raises(PollFailed):
        standing.listen(net(2), account(server), lambda: len(heard) > 3, lambda: heard.append(1))
    assert heard == [1]


def test_an_end_by_the_server_while_one_waits_is_noticed_at_once() -> None:
    def bye(line: socket.socket, tag: bytes) -> None:
        line.sendall(b"+ idling\r\n")
        time.sleep(0.3)
        line.sendall(b"* BYE [UNAVAILABLE] session expired\r\n")
        line.shutdown(socket.SHUT_RDWR)

    rules: list[tuple[str, Said]] = [
        ("CAPABILITY", b"* CAPABILITY IMAP4rev1 IDLE\r\n{tag} OK done\r\n"),
        ("IDLE", bye),
    ]
    began = time.monotonic()
    with Hostile(rules) as server, pytest.raises(PollFailed) as failed:
        standing.listen(net(5), account(server), lambda: False, lambda: None)
    assert time.monotonic() - began < 3
    assert not failed.value.reauthorise


def test_what_comes_with_the_answer_to_idle_is_heard() -> None:
    rules: list[tuple[str, Said]] = [
        ("CAPABILITY", b"* CAPABILITY IMAP4rev1 IDLE\r\n{tag} OK done\r\n"),
        ("IDLE", b"* 2 EXISTS\r\n+ idling\r\n"),
        ("DONE", b"{tag} OK done\r\n"),
    ]
    heard: list[int] = []
    with Hostile(rules) as server:
        standing.listen(net(5), account(server), lambda: len(heard) > 2, lambda: heard.append(1))
    assert len(heard) == 3
