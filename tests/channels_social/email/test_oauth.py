"""Tokens in place of a password: given out by the sandbox's sign-in service, looked at by a real mail server."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from pytest_django import Settings

from channels_social import inbox
from channels_social.adapter import AccountView, AppView, Candidate, PollFailed
from channels_social.adapters.email import oauth
from channels_social.adapters.email.channel import Email
from channels_social.attempts import attempt_begin, attempt_returned
from channels_social.connect_setup import Setup, accounts_connect
from channels_social.listening import Listeners
from channels_social.models import ChannelApp, ChannelConnection, InboundEvent
from channels_social.net import Net
from sandbox.mail.keys import CLIENT, Grant, Keys
from sandbox.server import RunningSandbox
from tests import desk
from tests.channels_social import dovecot as real
from tests.channels_social.dovecot import USER, Dovecot, mail, wait_until
from tests.channels_social.email.mail_desk import heard, mail_account, polled
from tickets.clock import database_now
from tickets.models import ChannelMode

BACK = "https://desk.example.org/accounts/connect/back/"
SCOPE = " ".join(oauth.OUTLOOK + one for one in oauth.PERMISSIONS)


@pytest.fixture(scope="module")
def server(running: RunningSandbox) -> Iterator[Dovecot]:
    real.here()
    made = Dovecot(keys_at=f"{running.base_url}/mail-keys/introspect").start()
    yield made
    made.close()


@pytest.fixture
def keys(running: RunningSandbox) -> Iterator[Keys]:
    found = running.network.mail_keys
    found.clear()
    yield found
    found.clear()


def app_settings(server: Dovecot, base_url: str) -> dict[str, str]:
    """Our registration; Microsoft 365 stands here."""
    return {"client_id": CLIENT[0], "base_url": base_url, **server.settings, "smtp_port": "9"}


def app(server: Dovecot, base_url: str) -> AppView:
    return AppView({"client_secret": [CLIENT[1]]}, app_settings(server, base_url))


class Held:
    """An account's credentials, and how they are replaced."""

    def __init__(self, base_url: str, **credentials: str) -> None:
        self.now = {
            "client_id": CLIENT[0],
            "client_secret": CLIENT[1],
            "base_url": base_url,
            **credentials,
        }
        self.net = Net(
            deadline=timedelta(seconds=20),
            allow_private=True,
            read_credentials=lambda: dict(self.now),
            rotate=self._rotate,
        )

    def _rotate(self, old: Any, new: Any) -> Any:
        if all(self.now.get(name) == old.get(name) for name in new):
            self.now.update(new)
        return dict(self.now)


def signed_in_at_the_page(server: Dovecot, base_url: str, press: str = "allow") -> list[Candidate]:
    """A manager's way: to the page, a press, and back."""
    net = Held(base_url).net
    there = Email.connect_begin(app(server, base_url), net, BACK, "state-1")
    given = dict(parse_qsl(urlsplit(there.address).query))
    assert requests.get(there.address, timeout=10).status_code == 200
    pressed = requests.post(
        there.address.partition("?")[0],
        data={**given, "press": press, "address": USER.upper()},
        allow_redirects=False,
        timeout=10,
    )
    back = dict(parse_qsl(urlsplit(pressed.headers["Location"]).query))
    assert back.pop("state") == "state-1"
    return Email.connect_finish(app(server, base_url), net, BACK, back, there.remembered)


def test_a_mailbox_is_connected_at_the_page_and_read(server: Dovecot, keys: Keys, base_url: str) -> None:
    (found,) = signed_in_at_the_page(server, base_url)
    assert (found.external_id, found.usable, found.missing) == (USER, True, ())
    assert datetime.fromisoformat(found.credentials["token_ends_at"]) > datetime.now(UTC)
    assert found.settings["imap_host"] == server.settings["imap_host"]
    settings = {**app_settings(server, base_url), **found.settings, "user": USER}
    held = Held(base_url, **found.credentials)
    server.put(mail(1))
    account = AccountView(1, USER, USER, "Desk", "en", settings)
    events, _, _ = Email(account, held.net).poll({"since": "2020-01-01T00:00:00+00:00", "unread": "yes"})
    assert events
    assert keys.renewals == 0


def test_a_key_near_its_end_is_renewed_before_it_is_used(keys: Keys, base_url: str) -> None:
    pair = keys.give(_grant())
    soon = (datetime.now(UTC) + timedelta(minutes=2)).isoformat()
    held = Held(
        base_url, access_token=pair["access_token"], refresh_token=pair["refresh_token"], token_ends_at=soon
    )
    token = oauth.access_token(held.net, held.now)
    assert token == held.now["access_token"] != pair["access_token"]
    assert keys.whose(token) == USER
    assert oauth.access_token(held.net, held.now) == token
    assert keys.renewals == 1


def test_of_two_who_renew_the_first_ones_key_counts(keys: Keys, base_url: str) -> None:
    pair = keys.give(_grant())
    held = Held(base_url, access_token=pair["access_token"], refresh_token=pair["refresh_token"])
    before = dict(held.now)
    first = oauth.access_token(held.net, before, instead_of=pair["access_token"])
    # The other has read the old ones.
    second = oauth.access_token(held.net, before, instead_of=pair["access_token"])
    assert first == second == held.now["access_token"]
    assert keys.renewals == 1


@pytest.mark.parametrize(
    ("error", "person"),
    [
        ("invalid_grant", True),
        ("interaction_required", True),
        ("invalid_client", True),
        ("temporarily_unavailable", False),
    ],
)
def test_why_it_is_not_renewed(keys: Keys, base_url: str, error: str, person: bool) -> None:
    pair = keys.give(_grant())
    keys.refuse = error
    held = Held(base_url, access_token="old", refresh_token=pair["refresh_token"])
    with pytest.raises(oauth.NoToken) as failed:
        oauth.access_token(held.net, held.now, instead_of="old")
    assert failed.value.key is person
    assert pair["refresh_token"] not in failed.value.words


def test_where_nobody_gives_out_keys_it_is_tried_again(base_url: str) -> None:
    held = Held(f"http://127.0.0.1:{real.free_port()}", access_token="old", refresh_token="r")
    with pytest.raises(oauth.NoToken) as failed:
        oauth.access_token(held.net, held.now, instead_of="old")
    assert not failed.value.key


def test_a_key_that_was_taken_back_needs_a_person(server: Dovecot, keys: Keys, base_url: str) -> None:
    held = Held(base_url, access_token="none of yours")
    account = AccountView(1, USER, USER, "Desk", "en", {**server.settings})
    with pytest.raises(PollFailed, match="Connect the mailbox again") as failed:
        Email(account, held.net).poll({})
    assert failed.value.reauthorise
    assert "none of yours" not in failed.value.words


def test_what_is_said_first() -> None:
    assert base64.b64encode(
        oauth.xoauth2("somebody@example.com", "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg")
    ) == (
        b"dXNlcj1zb21lYm9keUBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0"
        b"Q2cBAQ=="
    )


@pytest.mark.django_db(transaction=True)
def test_a_key_that_ends_while_one_listens_is_renewed(
    server: Dovecot, keys: Keys, base_url: str, listeners: Listeners
) -> None:
    desk.seeded()
    pair = keys.give(_grant())
    account = _account(server, base_url, pair)
    wait_until(lambda: _listening(server))
    server.admin("expunge", "-u", USER, "mailbox", "*", "all")
    keys.end()
    # As servers do when the key of a line has ended.
    server.admin("kick", USER)
    wait_until(lambda: ChannelConnection.objects.get().credentials["access_token"] != pair["access_token"])
    wait_until(lambda: _listening(server))
    server.put(mail(7))
    wait_until(lambda: InboundEvent.objects.exists())
    assert keys.renewals == 1
    assert not ChannelConnection.objects.get().needs_person

    keys.refuse = "invalid_grant"
    keys.end()
    server.admin("kick", USER)
    bridge = wait_until(lambda: ChannelConnection.objects.filter(needs_person=True).first())
    assert (bridge.needs_person_code, bridge.account_id) == ("reauthorise", account.pk)
    assert "AADSTS700082" in bridge.needs_person_words
    inbox.events_process(account.pk)
    assert heard() == ["m7"]


def _account(server: Dovecot, base_url: str, pair: dict[str, Any]) -> Any:
    return mail_account(
        server,
        app_secrets={"client_secret": [CLIENT[1]]},
        app_settings=app_settings(server, base_url),
        credentials={"access_token": pair["access_token"], "refresh_token": pair["refresh_token"]},
    )


def _listening(server: Dovecot) -> bool:
    return USER in server.admin("who", "-1", USER)


def _grant() -> Grant:
    return Grant(USER, SCOPE)


@pytest.mark.django_db(transaction=True)
def test_a_manager_connects_a_mailbox_at_the_page_and_it_is_read(
    server: Dovecot, keys: Keys, base_url: str, settings: Settings
) -> None:
    settings.NETWORKS_MAY_BE_PRIVATE = True
    desk.seeded()
    manager = desk.user("manager", teams=[desk.team()], manager=True, admin=True)
    now = database_now()
    ours = ChannelApp.objects.create(
        channel="email",
        name="mail",
        hook_key="mail",
        secrets={"client_secret": [CLIENT[1]]},
        settings=app_settings(server, base_url),
        created_at=now,
    )
    begun = attempt_begin(actor=manager, app=ours, session_key="s", now=now)
    given = dict(parse_qsl(urlsplit(begun.address).query))
    pressed = requests.post(
        begun.address.partition("?")[0],
        data={**given, "press": "allow", "address": USER},
        allow_redirects=False,
        timeout=10,
    )
    back = dict(parse_qsl(urlsplit(pressed.headers["Location"]).query))
    attempt = attempt_returned(actor=manager, slug="email", session_key="s", query=back, now=now)
    setup = Setup(team=desk.team().key, mode=ChannelMode.CUSTOMER_SERVICE)
    (account,) = accounts_connect(actor=manager, attempt=attempt, chosen=[USER], setup=setup, now=now)
    bridge = ChannelConnection.objects.get(account=account)
    assert bridge.settings["address"] == USER
    assert bridge.settings["smtp_security"] == "none"
    assert bridge.credentials.keys() == {"access_token", "refresh_token", "token_ends_at"}
    # What the first poll finds unread is read.
    server.admin("expunge", "-u", USER, "mailbox", "*", "all")
    server.put(mail(31))
    assert polled(account) == ["m31"]
