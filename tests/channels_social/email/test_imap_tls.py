"""The line to a real mail server over TLS: from the first byte, or before anything secret is said."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from channels_social import net_lines
from channels_social.adapter import AccountView, PollFailed
from channels_social.adapters.email import imap, standing
from channels_social.net import Net
from tests.channels_social import dovecot as real
from tests.channels_social.dovecot import PASSWORD, USER, Dovecot, mail, wait_until
from tests.channels_social.test_net_tls import made_certificate


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_certificate(tmp_path_factory.mktemp("tls") / "stand-in.pem")


@pytest.fixture(scope="module")
def server(certificate: Path) -> Iterator[Dovecot]:
    real.here()
    made = Dovecot(certificate=certificate).start()
    yield made
    made.close()


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a public authority stood behind it."""
    usual = net_lines.tls_context

    def trusting() -> ssl.SSLContext:
        context = usual()
        context.load_verify_locations(certificate)
        return context

    monkeypatch.setattr(net_lines, "tls_context", trusting)


def view(server: Dovecot, security: str, host: str = "127.0.0.1") -> AccountView:
    port = server.tls_port if security == "tls" else server.port
    settings = {**server.settings, "imap_host": host, "imap_port": str(port), "imap_security": security}
    return AccountView(1, USER, USER, "Desk", "en", settings)


def net() -> Net:
    return Net(
        deadline=timedelta(seconds=20),
        allow_private=True,
        read_credentials=lambda: {"password": PASSWORD},
        rotate=lambda _old, new: new,
    )


def polled(account: AccountView) -> int:
    since = {"since": "2020-01-01T00:00:00+00:00", "unread": "yes"}
    return len(imap.poll(net(), account, since, now=datetime.now(UTC))[0])


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_mailbox_is_read_and_heard(server: Dovecot, trusted: None, security: str) -> None:
    before = polled(view(server, security))
    # So large that it needs many records of TLS.
    server.put(mail(1, size=300_000))
    assert polled(view(server, security)) == before + 1

    heard: list[int] = []
    stopped = threading.Event()

    def run() -> None:
        standing.listen(net(), view(server, security), stopped.is_set, lambda: heard.append(1))

    thread = threading.Thread(target=run)
    thread.start()
    wait_until(lambda: len(heard) == 1)
    server.put(mail(2))
    wait_until(lambda: len(heard) == 2)
    stopped.set()
    thread.join(5)
    assert not thread.is_alive()


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_that_nobody_trusts_is_said_and_no_password_leaves(
    server: Dovecot, security: str
) -> None:
    with pytest.raises(PollFailed, match="certificate cannot be trusted") as failed:
        polled(view(server, security))
    assert not failed.value.reauthorise


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_for_another_name_is_none(server: Dovecot, trusted: None, security: str) -> None:
    with pytest.raises(PollFailed, match="certificate cannot be trusted"):
        polled(view(server, security, host="localhost"))
