"""The same promises over TLS: the deadline through the handshake, and that a failed handshake sent
nothing."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from socket import create_server, socket

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from channels_social.net import DeadlineExceeded, NetError, NoConnection
from tests.channels_social.test_net import a_net

Serve = Callable[[Callable[[socket], None]], int]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_certificate(tmp_path_factory.mktemp("tls") / "stand-in.pem")


def made_certificate(path: Path) -> Path:
    """For 127.0.0.1, by nobody whom anybody trusts; key and certificate in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stand-in")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Runs a function on the first connection of a new port; returns the port."""
    listeners: list[socket] = []
    threads: list[threading.Thread] = []

    def start(conversation: Callable[[socket], None]) -> int:
        listener = create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def run() -> None:
            try:
                accepted, _ = listener.accept()
                with accepted:
                    conversation(accepted)
            except OSError:
                return

        threads.append(threading.Thread(target=run, daemon=True))
        threads[-1].start()
        return int(listener.getsockname()[1])

    yield start
    for listener in listeners:
        listener.close()
    for thread in threads:
        thread.join(timeout=5)


def wrapped(accepted: socket, certificate: Path) -> ssl.SSLSocket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context.wrap_socket(accepted, server_side=True)


def call(
    port: int, certificate: Path | None, seconds: float = 0.7, host: str = "127.0.0.1"
) -> tuple[int | NetError, float]:
    session = a_net(seconds).session()
    if certificate is not None:
        session.verify = str(certificate)
    began = time.monotonic()
    try:
        outcome: int | NetError = session.post(f"https://{host}:{port}/", data=b"x").status_code
    except NetError as error:
        outcome = error
    return outcome, time.monotonic() - began


def test_a_certificate_of_nobody_is_refused_and_nothing_was_sent(serve: Serve, certificate: Path) -> None:
    outcome, _ = call(serve(lambda accepted: wrapped(accepted, certificate).close()), None)
    assert isinstance(outcome, NoConnection)


def test_a_certificate_of_another_name_is_refused(serve: Serve, certificate: Path) -> None:
    outcome, _ = call(
        serve(lambda accepted: wrapped(accepted, certificate).close()), certificate, host="localhost"
    )
    assert isinstance(outcome, NoConnection)
    assert "Hostname mismatch" in str(outcome)


def test_an_answer_over_tls(serve: Serve, certificate: Path) -> None:
    def answer(accepted: socket) -> None:
        with wrapped(accepted, certificate) as secure:
            secure.recv(65536)
            secure.sendall(b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{}")
            secure.recv(1)

    assert call(serve(answer), certificate)[0] == 201


def test_a_silent_handshake_ends_at_the_deadline_with_nothing_sent(serve: Serve, certificate: Path) -> None:
    outcome, took = call(serve(lambda _: time.sleep(1.5)), certificate)
    assert isinstance(outcome, DeadlineExceeded)
    assert not outcome.bytes_left
    assert took <= 0.7 + 0.5


def test_a_trickling_body_ends_at_the_deadline(serve: Serve, certificate: Path) -> None:
    def trickle(accepted: socket) -> None:
        with wrapped(accepted, certificate) as secure:
            secure.recv(65536)
            secure.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
            for _ in range(60):
                secure.sendall(b" ")
                time.sleep(0.05)

    outcome, took = call(serve(trickle), certificate)
    assert isinstance(outcome, DeadlineExceeded)
    assert outcome.bytes_left
    assert took <= 0.7 + 0.5
