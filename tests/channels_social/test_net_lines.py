"""Connections in lines: the deadline over the whole, refused addresses, and what is known when one breaks."""

from __future__ import annotations

import imaplib
import smtplib
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager

import pytest

from channels_social.net import AddressRefused, Broken, DeadlineExceeded, NetError, NoConnection
from channels_social.net_lines import LineIMAP, LineSMTP, line_call
from tests.channels_social.scripted import Rule, ScriptedLines, nobody_listens
from tests.channels_social.test_net import a_net

GREETING = Rule("", "220 ready")
RULES = {
    "EHLO": Rule("EHLO ", "250-here\n250 SIZE 1000000"),
    "MAIL": Rule("MAIL FROM:", "250 ok"),
    "RCPT": Rule("RCPT TO:", "250 ok"),
    "DATA": Rule("DATA", "354 go on", until="."),
    ".": Rule(r"\.$", "250 taken", last=True),
    "QUIT": Rule("QUIT", "221 bye", close=True),
}


def server(greeting: Rule = GREETING, **changed: Rule) -> ScriptedLines:
    return ScriptedLines(greeting, list({**RULES, **changed}.values()))


def smtp(port: int, *, host: str = "127.0.0.1") -> LineSMTP:
    return LineSMTP(host, port, security="none", local_hostname="desk.example.org")


@contextmanager
def talking(port: int, seconds: float = 2.0) -> Iterator[LineSMTP]:
    with line_call(a_net(seconds)), closing(smtp(port)) as session:
        session.ehlo()
        yield session


def handed_over(
    port: int, chunks: Iterable[bytes], *, seconds: float = 2.0, made: list[LineSMTP] | None = None
) -> LineSMTP:
    """A whole mail, by hand."""
    with talking(port, seconds) as session:
        if made is not None:
            made.append(session)
        session.mail("desk@example.org")
        session.rcpt("ann@example.com")
        session.hand_over(chunks)
    return session


def test_a_mail_goes_over_in_pieces_and_its_dots_are_doubled() -> None:
    with server() as there:
        session = handed_over(there.port, [b".first\r\n", b"second\r\n.\r\n", b"..third\r\n"])
        assert there.seen[0].body == b"..first\r\nsecond\r\n..\r\n...third\r\n"
        assert there.unknown == []
    assert not session.dot_left


@pytest.mark.parametrize("step", ["EHLO", "MAIL", "RCPT", "DATA", "."])
@pytest.mark.parametrize("behaviour", ["hang", "trickle_body", "endless"])
def test_the_whole_ends_at_the_deadline_wherever_it_stands_still(step: str, behaviour: str) -> None:
    rule = RULES[step]
    slow = Rule(rule.hear, "250-more", behaviour, rule.until, rule.last)  # type: ignore[arg-type]
    with server(**{step: slow}) as there:
        began = time.monotonic()
        with pytest.raises(NetError) as caught:
            handed_over(there.port, [b"words\r\n"], seconds=0.6)
        assert time.monotonic() - began <= 0.6 + 0.5
    if behaviour != "endless":
        assert isinstance(caught.value, DeadlineExceeded)
        assert caught.value.bytes_left


def test_an_answer_without_an_end_is_not_kept_in_memory() -> None:
    with server(EHLO=Rule("EHLO ", "250-more", "endless")) as there:
        began = time.monotonic()
        with line_call(a_net(10.0)) as call:
            with closing(smtp(there.port)) as session, pytest.raises(smtplib.SMTPServerDisconnected):
                session.ehlo()
            assert not call.over()
        assert time.monotonic() - began < 5


def test_a_server_that_drips_its_greeting_ends_at_the_deadline_and_nothing_has_left() -> None:
    with server(Rule("", "220 ready", "trickle_body")) as there:
        with pytest.raises(DeadlineExceeded) as caught, line_call(a_net(0.6)):
            smtp(there.port)
        assert not caught.value.bytes_left


def test_nobody_there_is_no_connection() -> None:
    port = int(nobody_listens().rpartition(":")[2])
    with pytest.raises(NoConnection), line_call(a_net()):
        smtp(port)
    with pytest.raises(NoConnection), line_call(a_net()):
        LineIMAP("127.0.0.1", port, security="none")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "10.1.2.3", "169.254.169.254", "::ffff:127.0.0.1"]
)
def test_private_addresses_are_refused_by_both(host: str) -> None:
    with server() as there:
        with pytest.raises(AddressRefused), line_call(a_net(private=False)):
            smtp(there.port, host=host)
        with pytest.raises(AddressRefused), line_call(a_net(private=False)):
            LineIMAP(host, there.port, security="none")
        assert there.seen == []


@pytest.mark.parametrize("step", ["EHLO", "MAIL", "RCPT", "DATA", "."])
def test_where_it_breaks_it_is_known_whether_the_dot_was_on_its_way(step: str) -> None:
    rule = RULES[step]
    with server(**{step: Rule(rule.hear, None, "close_read", rule.until, rule.last)}) as there:
        sessions: list[LineSMTP] = []
        with pytest.raises(Broken):
            handed_over(there.port, [b"words\r\n"], made=sessions)
        assert [one.dot_left for one in sessions] == ([step == "."] if step != "EHLO" else [])


def test_who_does_not_want_to_hear_it_is_told_nothing() -> None:
    with server(DATA=Rule("DATA", "554 no")) as there, talking(there.port) as session:
        with pytest.raises(smtplib.SMTPDataError):
            session.hand_over([b"words\r\n"])
        assert not session.dot_left
        assert there.seen == []


@pytest.mark.parametrize(("said", "certain"), [("250 ok", True), ("451 later", True), ("554 no", True),
                                               ("354 go on", False), ("<html>", False), ("25", False)])  # fmt: skip
def test_only_an_answer_to_the_dot_makes_it_certain(said: str, certain: bool) -> None:
    with server(**{".": Rule(r"\.$", said, last=True)}) as there, talking(there.port) as session:
        session.hand_over([b"words\r\n"])
        assert session.dot_left is not certain


def test_a_file_that_breaks_off_half_way_leaves_the_mail_without_its_end() -> None:
    def chunks() -> Iterable[bytes]:
        yield b"words\r\n"
        raise FileNotFoundError("gone")

    with server() as there:
        with pytest.raises(NetError):
            handed_over(there.port, chunks())
        time.sleep(0.1)
        assert there.seen == [], "the server never heard its end"


def test_what_a_mailbox_answers_goes_through_and_what_breaks_does_not() -> None:
    rules = [
        Rule(r"(\S+) CAPABILITY", "* CAPABILITY IMAP4rev1\n{1} OK done"),
        Rule(r"(\S+) LOGIN", "{1} NO [AUTHENTICATIONFAILED] no"),
        Rule(r"(\S+) SELECT", None, "close_read"),
        Rule(r"(\S+) NOOP", "{1} OK done", "hang"),
    ]
    with ScriptedLines(Rule("", "* OK ready"), rules) as there:
        with line_call(a_net()), closing_imap(there.port) as session:
            with pytest.raises(imaplib.IMAP4.error):
                session.login("a", "b")
            session.state = "AUTH"
            with pytest.raises(imaplib.IMAP4.abort):
                session.select()
        with pytest.raises(DeadlineExceeded), line_call(a_net(0.5)), closing_imap(there.port) as session:
            session.noop()
        with pytest.raises(NetError), line_call(a_net()), closing_imap(there.port) as session:
            raise imaplib.IMAP4.abort("the line is gone")


@contextmanager
def closing_imap(port: int) -> Iterator[LineIMAP]:
    session = LineIMAP("127.0.0.1", port, security="none")
    try:
        yield session
    finally:
        session.shutdown()
