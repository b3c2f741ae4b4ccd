"""A mailbox writes to itself and reads it back: through SMTP and IMAP, with words where one of them does not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from channels_social.adapter import AccountView, AskFailed
from channels_social.adapters.email import trial
from channels_social.adapters.email.channel import Email
from channels_social.net import Net
from sandbox.mail.office import PASSWORD
from sandbox.mail.writing import DESK
from sandbox.server import RunningSandbox, start
from tests.channels_social.scripted import nobody_listens


@pytest.fixture(scope="module")
def running() -> Iterator[RunningSandbox]:
    sandbox = start(post_office=True)
    yield sandbox
    sandbox.stop()


@pytest.fixture
def town(running: RunningSandbox) -> RunningSandbox:
    running.network.office.reset()
    return running


def mailbox(town: RunningSandbox, password: str = PASSWORD, **settings: str) -> Email:
    office = town.network.office
    told = {
        "address": DESK,
        "imap_host": "127.0.0.1",
        "imap_port": str(office.imap_port),
        "imap_security": "none",
        "smtp_host": "127.0.0.1",
        "smtp_port": str(office.smtp_port),
        "smtp_security": "none",
        **settings,
    }
    net = Net(
        deadline=timedelta(seconds=5),
        allow_private=True,
        read_credentials=lambda: {"password": password},
        rotate=lambda _old, new: new,
        settings=told,
    )
    return Email(AccountView(1, DESK, DESK, "Gemeente Merendam", "en", told), net)


def test_it_comes_back_and_nothing_of_it_stays(town: RunningSandbox) -> None:
    box = mailbox(town)
    box.try_out("Test 1, 2, 3")
    assert town.network.office.of(DESK) == []
    assert box.check().read == 0


def test_it_was_sent_and_is_not_found(town: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "PATIENCE", 0.0)
    with pytest.raises(AskFailed, match="not found in the mailbox"):
        mailbox(town, folder="Archive").try_out("Test 1, 2, 3")


def test_a_wrong_password_is_said(town: RunningSandbox) -> None:
    with pytest.raises(AskFailed) as failed:
        mailbox(town, password="wrong").try_out("Test 1, 2, 3")
    assert failed.value.reauthorise


def test_nobody_there_is_said(town: RunningSandbox) -> None:
    port = nobody_listens().rpartition(":")[2].strip("/")
    with pytest.raises(AskFailed) as failed:
        mailbox(town, smtp_port=port).try_out("Test 1, 2, 3")
    assert failed.value.words


@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_manager_is_told_before_what_it_does(language: str) -> None:
    assert Email.try_out_words(language)
    assert Email.try_out_words("en") != Email.try_out_words("nl")
