"""From a real mailbox to messages: heard at once, read once, whatever breaks on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import OperationalError, connection
from pytest_django import Settings

from channels_social import listening, polling
from channels_social.attachments import attachments_fetch
from channels_social.inbox import events_process
from channels_social.ingest import events_store
from channels_social.listening import Listeners, Pause
from channels_social.models import ChannelConnection, InboundEvent
from tests import desk
from tests.channels_social import dovecot as real
from tests.channels_social.dovecot import PASSWORD, USER, Dovecot, mail, wait_until
from tests.channels_social.email.mail_desk import heard, mail_account, polled
from tickets.models import Attachment, Message, Ticket

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def running() -> Iterator[Dovecot]:
    real.here()
    server = Dovecot().start()
    yield server
    server.close()


@pytest.fixture
def server(running: Dovecot, settings: Settings, tmp_path: Path) -> Dovecot:
    settings.MEDIA_ROOT = str(tmp_path / "files")
    desk.seeded()
    running.person(USER, PASSWORD)
    running.admin("expunge", "-u", USER, "mailbox", "*", "all")
    return running


def stored(number: int) -> bool:
    return InboundEvent.objects.count() == number


def signed_in(server: Dovecot) -> bool:
    """Whether somebody waits for news."""
    return "imap" in server.admin("who", "-1", USER).replace("username", "")


def test_a_mail_is_heard_within_seconds_and_becomes_a_ticket(server: Dovecot, listeners: Listeners) -> None:
    account = mail_account(server)
    wait_until(lambda: signed_in(server))
    began = time.monotonic()
    server.put(mail(1, "The lamp in our street is broken. When is it mended?"))
    wait_until(lambda: stored(1))
    assert time.monotonic() - began < 5
    events_process(account.pk)
    assert heard() == ["m1"]
    assert Ticket.objects.count() == 1
    # Marked once it was stored.
    wait_until(lambda: server.count(what="SEEN") == 1)


def test_the_line_is_opened_again_after_the_server_was_killed(server: Dovecot, listeners: Listeners) -> None:
    mail_account(server)
    wait_until(lambda: signed_in(server))
    server.stop(signal.SIGKILL)
    wait_until(lambda: ChannelConnection.objects.get().last_error_words)
    assert "bereikbaar" in ChannelConnection.objects.get().last_error_words
    server.start()
    server.put(mail(1))
    wait_until(lambda: stored(1))
    server.put(mail(2))
    wait_until(lambda: stored(2))
    assert not ChannelConnection.objects.get().needs_person


@pytest.mark.slow
def test_another_password_stops_it_until_a_person_has_looked(server: Dovecot, listeners: Listeners) -> None:
    account = mail_account(server)
    wait_until(lambda: signed_in(server))
    server.person(USER, "second")
    server.stop()
    server.start()
    bridge = wait_until(lambda: ChannelConnection.objects.filter(needs_person=True).first())
    assert bridge.needs_person_code == "reauthorise"
    assert "wachtwoord" in bridge.needs_person_words
    wait_until(lambda: not listeners.running)
    server.put(mail(1))
    ChannelConnection.objects.filter(account=account).update(
        credentials={"password": "second"}, needs_person=False
    )
    wait_until(lambda: stored(1))


def test_an_account_that_is_closed_is_heard_no_more(server: Dovecot, listeners: Listeners) -> None:
    account = mail_account(server)
    wait_until(lambda: listeners.running)
    account.mode = "off"
    account.save()
    wait_until(lambda: not listeners.running)


def test_while_the_database_is_away_nothing_ends(
    server: Dovecot, listeners: Listeners, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail_account(server)
    wait_until(lambda: signed_in(server))

    asked: list[object] = []

    def away(*_: object) -> Any:
        asked.append(1)
        raise OperationalError("away")

    with monkeypatch.context() as broken:
        broken.setattr(listening, "account_poll_now", away)
        broken.setattr(listening, "accounts_listened_to", away)
        server.put(mail(1))
        wait_until(lambda: len(asked) > 5)
    wait_until(lambda: stored(1))


def test_pauses_grow_and_begin_anew_after_a_good_while() -> None:
    pause = Pause()
    waits = [pause.after(0.1, None) for _ in range(12)]
    assert 0.7 <= waits[0] <= 1.3
    assert waits[3] > waits[0]
    assert max(waits) <= listening.LONGEST_PAUSE * 1.3
    assert pause.after(120, None) <= 1.3
    assert pause.after(0.1, 900.0) == 900.0


def test_two_readers_at_once_double_nothing(server: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    account = mail_account(server)
    server.put(mail(1))
    store = events_store
    other: list[int] = []

    def meanwhile(*arguments: Any, **more: Any) -> Any:
        if not other:
            other.append(1)
            server.put(mail(2))
            thread = threading.Thread(target=_poll_alone, args=[account.pk])
            thread.start()
            thread.join(30)
        return store(*arguments, **more)

    monkeypatch.setattr(polling, "events_store", meanwhile)
    polling.account_poll_now(account.pk)
    assert InboundEvent.objects.count() == 2
    # The other was further: its cursor stands.
    assert ChannelConnection.objects.get().cursor["uid"] == str(_last_uid(server))
    assert polled(account) == ["m1", "m2"]


def _poll_alone(account_id: int) -> None:
    try:
        polling.account_poll_now(account_id)
    finally:
        connection.close()


def _last_uid(server: Dovecot) -> int:
    with server.other() as box:
        return int(box.uid("SEARCH", "ALL")[1][0].split()[-1])


def test_a_crash_between_fetch_and_commit_loses_nothing(
    server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = mail_account(server)
    server.put(mail(1))

    def dies(*_: Any, **__: Any) -> None:
        raise RuntimeError("the process dies here")

    with monkeypatch.context() as broken:
        broken.setattr(polling, "events_store", dies)
        with pytest.raises(RuntimeError):
            polling.account_poll_now(account.pk)
    assert (server.count(what="SEEN"), InboundEvent.objects.count()) == (0, 0)
    assert polled(account) == ["m1"]
    assert server.count(what="SEEN") == 1


def test_another_uidvalidity_doubles_no_message(server: Dovecot) -> None:
    account = mail_account(server)
    for number in (1, 2):
        server.put(mail(number))
    assert polled(account) == ["m1", "m2"]
    server.admin("mailbox", "update", "--uid-validity", "77", "-u", USER, "INBOX")
    server.put(mail(3))
    assert polled(account) == ["m1", "m2", "m3"]
    # Keys of events are forgotten after some weeks: then the message itself knows.
    InboundEvent.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM channels_social_eventkey")
    server.admin("mailbox", "update", "--uid-validity", "78", "-u", USER, "INBOX")
    assert polled(account) == ["m1", "m2", "m3"]
    assert Message.objects.count() == 3


def test_the_mail_and_its_files_are_kept(server: Dovecot) -> None:
    account = mail_account(server)
    # So large that it lies in storage.
    raw = mail(
        1,
        "See the picture.\r\n--b\r\nContent-Type: image/png; name=lamp.png\r\n"
        "Content-Disposition: attachment\r\n\r\n\x89PNG",
        size=400_000,
        MIME_Version="1.0",
        Content_Type="multipart/mixed; boundary=b",
    ).replace(b"\r\n\r\nSee", b"\r\n\r\n--b\r\n\r\nSee", 1)
    server.put(raw)
    polled(account)
    assert InboundEvent.objects.get().body_key
    attachments_fetch(account.pk)
    kept = {one.kind: one for one in Attachment.objects.all()}
    assert {one.state for one in kept.values()} == {"kept"}
    with default_storage.open(kept["original"].storage_key) as stands:
        assert stands.read() == raw
    assert kept["file"].name == "lamp.png"


def test_a_mail_without_bytes_is_put_aside_for_a_person(
    server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from channels_social.adapters.email import imap

    account = mail_account(server)
    server.put(mail(1))
    server.put(mail(2))
    monkeypatch.setattr(imap, "_bodies", lambda *_: {})
    assert polled(account) == []
    assert list(InboundEvent.objects.values_list("state", flat=True)) == ["quarantined"] * 2


@pytest.mark.slow
def test_the_process_hears_and_stops_within_a_second(server: Dovecot) -> None:
    account = mail_account(server)
    process = subprocess.Popen(
        [sys.executable, "manage.py", "desk_listen"],
        cwd=Path(__file__).resolve().parents[3],
        env={**os.environ, **desk_environment()},
        stderr=subprocess.PIPE,
    )
    try:
        wait_until(lambda: signed_in(server), 60)
        server.put(mail(1))
        wait_until(lambda: stored(1))
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        # A second, and what a busy machine takes to end a process.
        assert time.monotonic() - began < 3
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()
    finally:
        process.kill()
        process.wait(10)
        if process.stderr is not None:
            process.stderr.close()
    assert polled(account) == ["m1"]


def desk_environment() -> dict[str, str]:
    """Of the tests' own database."""
    told = connection.settings_dict
    host, port = told["HOST"], told["PORT"]
    where = f"?host={host}" if str(host).startswith("/") else ""
    at = "" if where else f"{host}:{port}"
    who = told["USER"] + (f":{told['PASSWORD']}" if told["PASSWORD"] else "")
    return {"DATABASE_URL": f"postgresql://{who}@{at}/{told['NAME']}{where}"}
