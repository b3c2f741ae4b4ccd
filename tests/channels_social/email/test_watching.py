"""Looking at a mailbox, and hearing at once what is new in it, with a real server."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from channels_social.adapter import AccountView, AskFailed, ConnectFailed, PollFailed
from channels_social.adapters.email import standing
from channels_social.adapters.email.channel import Email
from channels_social.adapters.email.mailbox import Mailbox
from channels_social.net import Net
from tests.channels_social import dovecot as real
from tests.channels_social.dovecot import PASSWORD, USER, Dovecot, mail, wait_until
from tests.channels_social.email.post import Post, office


@pytest.fixture(scope="module")
def running() -> Iterator[Dovecot]:
    real.here()
    server = Dovecot().start()
    yield server
    server.close()


@pytest.fixture
def server(running: Dovecot) -> Dovecot:
    running.person(USER, PASSWORD)
    running.admin("expunge", "-u", USER, "mailbox", "*", "all")
    return running


def net(password: str = PASSWORD, seconds: float = 20.0) -> Net:
    return Net(
        deadline=timedelta(seconds=seconds),
        allow_private=True,
        read_credentials=lambda: {"password": password},
        rotate=lambda _old, new: new,
    )


def view(server: Dovecot, **settings: str) -> AccountView:
    return AccountView(1, USER, USER, "Desk", "en", {**server.settings, **settings})


class Ear:
    """Somebody who listens in another thread."""

    def __init__(self, server: Dovecot, **settings: str) -> None:
        self.heard = 0
        self.failed: PollFailed | None = None
        self._stopped = threading.Event()
        self._account = view(server, **settings)
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        try:
            standing.listen(net(), self._account, self._stopped.is_set, self._news)
        except PollFailed as failed:
            self.failed = failed

    def _news(self) -> None:
        self.heard += 1

    def stop(self) -> float:
        began = time.monotonic()
        self._stopped.set()
        self.thread.join(10)
        return time.monotonic() - began


def test_it_is_heard_within_seconds_and_stops_within_one(server: Dovecot) -> None:
    ear = Ear(server)
    wait_until(lambda: ear.heard == 1)
    began = time.monotonic()
    server.put(mail(1))
    wait_until(lambda: ear.heard == 2)
    assert time.monotonic() - began < 5
    server.put(mail(2))
    wait_until(lambda: ear.heard == 3)
    assert ear.stop() < 1
    assert ear.failed is None


def test_idle_is_begun_anew_and_nothing_between_is_missed(
    server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "RENEW_SECONDS", 0.3)
    begun: list[float] = []
    idle = standing._idle

    def counted(*arguments: object) -> bool:
        begun.append(time.monotonic())
        return idle(*arguments)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(standing, "_idle", counted)
    ear = Ear(server)
    wait_until(lambda: len(begun) > 4)
    # Time alone is no news.
    assert ear.heard == 1
    server.put(mail(1))
    wait_until(lambda: ear.heard == 2)
    assert ear.stop() < 1


def test_where_a_server_cannot_tell_it_is_asked(server: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Mailbox, "has", lambda _box, name: name == "AUTH=PLAIN")
    monkeypatch.setattr(standing, "ASK_SECONDS", 0.5)
    ear = Ear(server)
    wait_until(lambda: ear.heard == 1)
    server.put(mail(1))
    wait_until(lambda: ear.heard == 2)
    assert ear.stop() < 1


def test_a_server_that_is_killed_is_said(server: Dovecot) -> None:
    ear = Ear(server)
    wait_until(lambda: ear.heard == 1)
    server.stop(signal.SIGKILL)
    try:
        wait_until(lambda: ear.failed)
        assert ear.failed is not None
        assert not ear.failed.reauthorise
        with pytest.raises(PollFailed, match="could not be reached"):
            standing.listen(net(), view(server), lambda: False, lambda: None)
    finally:
        server.start()
        ear.stop()


def test_a_look_at_the_mailbox(server: Dovecot) -> None:
    server.put(mail(1))
    server.put(mail(2), flags=r"\Seen")
    channel = Email(view(server), net())
    assert channel.check().read == 1
    assert server.count(what="UNSEEN") == 1
    with pytest.raises(AskFailed, match="folder") as failed:
        Email(view(server, folder="Nowhere"), net()).check()
    assert not failed.value.reauthorise
    with pytest.raises(AskFailed) as failed:
        Email(view(server), net("wrong")).check()
    assert failed.value.reauthorise
    server.person(USER, PASSWORD, "userdb_quota_rule=*:bytes=600")
    with pytest.raises(AskFailed, match="full"):
        channel.check()


def test_connecting_signs_in_at_both_servers_and_sees_the_folders(server: Dovecot) -> None:
    post = Post(user=USER, password=PASSWORD)
    with office(post, authenticator=post.authenticator, auth_require_tls=False) as port:
        given = {one.name: "" for one in Email.account_fields} | server.settings | {"password": PASSWORD}
        given |= {"smtp_host": "127.0.0.1", "smtp_port": str(port), "smtp_security": "none"}
        (found,) = Email.connect_fields(real.app(), net("none"), given)
        assert (found.external_id, found.usable) == (USER, True)
        assert found.credentials == {"password": PASSWORD}
        assert {"INBOX", "Sent"} <= set(standing.folders(net(), server.settings, {"password": PASSWORD}))
        for wrong, code in (
            ({"password": "no"}, "key_refused_first"),
            ({"folder": "Nowhere"}, "no_folder"),
            ({"imap_port": str(real.free_port())}, "not_reached_in"),
            ({"imap_port": "many"}, "imap_port"),
            ({"imap_security": "starttls"}, "server_says"),
            ({"smtp_password": "no"}, "key_refused_out"),
            ({"smtp_port": str(real.free_port())}, "not_reached_out"),
            ({"smtp_security": "starttls"}, "no_greeting"),
            ({"smtp_security": "tls"}, "not_reached_out"),
        ):
            with pytest.raises(ConnectFailed) as failed:
                Email.connect_fields(real.app(), net("none"), given | wrong)
            assert failed.value.code == code
            for language in ("en", "nl"):
                words = Email.rule_words(code, language)
                assert words
                assert "again by itself" not in words
                assert "vanzelf opnieuw" not in words
    assert not post.asked, "nobody is written to"
