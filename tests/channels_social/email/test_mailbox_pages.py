"""A manager connects a mailbox on the pages, with a real server: what has choices is chosen, of the folders that the
guided test found; what a provider is given stands there word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from channels_social.adapters.email.channel import Email
from channels_social.models import ChannelConnection
from channels_social.registrations import hook_address, registration_save
from tests import desk
from tests.channels_social import dovecot as real
from tests.channels_social.connect_desk import SETUP
from tests.channels_social.dovecot import PASSWORD, USER, Dovecot
from tests.channels_social.email.post import Post, office
from tickets.clock import database_now
from tickets.models import ChannelAccount
from tickets.tokens import token

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def running() -> Iterator[Dovecot]:
    real.here()
    server = Dovecot().start()
    yield server
    server.close()


@pytest.fixture
def given(running: Dovecot, settings: Settings, client: Client) -> Iterator[dict[str, Any]]:
    """What a manager fills in; who is signed in is one."""
    settings.NETWORKS_MAY_BE_PRIVATE = True
    running.person(USER, PASSWORD)
    desk.seeded()
    mila = desk.user("mila", teams=[desk.team()], manager=True)
    client.force_login(mila)
    registration_save(actor=mila, slug="email", given={}, now=database_now())
    post = Post(user=USER, password=PASSWORD)
    with office(post, authenticator=post.authenticator, auth_require_tls=False) as port:
        yield {
            **{one.name: "" for one in Email.account_fields if not one.later},
            **running.settings,
            "password": PASSWORD,
            "smtp_host": "127.0.0.1",
            "smtp_port": str(port),
            "smtp_security": "none",
            "aliases": f"info@haverdam.example\r\n{USER.partition('@')[0]}@old.example",
            "signature_nl": "Gemeente Haverdam\r\nMarkt 1",
        }


def page_of(client: Client, name: str, *args: str) -> str:
    return client.get(reverse(name, args=args)).content.decode()


def chosen(page: str, name: str) -> list[tuple[str, str]]:
    """Values that may be chosen there, and their words."""
    found = re.search(rf'<select id="[^"]*" name="{name}"[^>]*>(.*?)</select>', page, re.DOTALL)
    assert found, name
    return re.findall(r'<option(?: value="([^"]*)")?[^>]*>([^<]*)', found[1])


def to_the_choice(client: Client, given: dict[str, Any], **more: str) -> str:
    answer = client.post(reverse("account_connect_keys", args=["email"]), {**given, **more})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer.headers["Location"])


def test_what_has_choices_is_chosen_and_folders_wait_for_the_test(
    client: Client, given: dict[str, Any]
) -> None:
    page = page_of(client, "account_connect_network", "email")
    assert [value for value, _words in chosen(page, "imap_security")] == ["tls", "starttls", "none"]
    assert [value for value, _words in chosen(page, "provider")] == ["", "mailgun", "postmark"]
    assert '<textarea id="k-aliases" name="aliases"' in page
    assert '<textarea id="k-signature_nl" name="signature_nl"' in page
    assert 'name="folder"' not in page
    refused = client.post(reverse("account_connect_keys", args=["email"]), {**given, "sent_copy": "somebody"})
    assert refused.status_code == 422
    assert "Choose from the list" in refused.content.decode()


def test_the_folders_that_it_saw_are_offered_and_kept(client: Client, given: dict[str, Any]) -> None:
    where = to_the_choice(client, given)
    page = client.get(where).content.decode()
    folders = [words for _value, words in chosen(page, "done_folder")]
    assert folders[0].startswith("Nowhere")
    assert {"INBOX", "Sent"} <= set(folders)
    setup = {**SETUP, "account": [USER], "mode": "collect_feedback"}
    wrong = client.post(where, {**setup, "done_folder": "Made up"})
    assert wrong.status_code == 422
    assert "Choose from the list" in wrong.content.decode()
    answer = client.post(where, {**setup, "done_folder": "Sent", "folder": "", "sent_folder": ""})
    assert answer.status_code == 302, answer.content.decode()
    account = ChannelAccount.objects.get(external_id=USER)
    settings = ChannelConnection.objects.get(account=account).settings
    assert (settings["done_folder"], settings["address"]) == ("Sent", USER)
    assert "folder" not in settings
    assert Email.also_called(settings) == {
        USER, "info@haverdam.example", f"{USER.partition('@')[0]}@old.example",
    }  # fmt: skip
    name = token("channelaccount", account.pk)
    page = page_of(client, "account", name)
    assert "by hand" not in page, "no provider is registered that could call"
    assert "had its signature" not in page
    assert "is changed by connecting it again" in page
    looked = client.post(reverse("account_check", args=[name]), follow=True).content.decode()
    assert "It sees: " in looked
    assert "INBOX" in looked

    where = to_the_choice(client, given, again=name)
    assert "<option selected>Sent</option>" in client.get(where).content.decode(), "as it stands"
    client.post(where, {**setup, "done_folder": ""})
    assert "done_folder" not in ChannelConnection.objects.get(account=account).settings


def test_its_own_keys_come_first_and_need_no_registration(client: Client, given: dict[str, Any]) -> None:
    from channels_social.models import ChannelApp

    ChannelApp.objects.filter(channel="email").delete()
    page = page_of(client, "account_connect_network", "email")
    assert page.index('id="keys"') < page.index('id="pages"') < page.index('id="registration"')
    assert "First, once" not in page
    keys = page[page.index('id="keys"') : page.index('id="pages"')]
    assert "<details" not in keys
    assert 'name="imap_host"' in keys
    listed = page_of(client, "account_connect")
    assert "You sign in on its own page" not in listed
    assert listed.count("First, once") + listed.count("Once, first") == 2, "X and Facebook"
    where = to_the_choice(client, given)
    assert USER in client.get(where).content.decode()


def test_what_to_set_at_a_provider_stands_there(client: Client, given: dict[str, Any]) -> None:
    from channels_social.models import ChannelApp

    page = page_of(client, "account_connect_network", "email")
    address = hook_address(ChannelApp.objects.get(channel="email"))
    assert f"{address}?mime" in page
    assert address.replace("://", "://user:password@") in page
    assert "Include raw email content" in page
    setup = {**SETUP, "account": [USER], "mode": "collect_feedback"}
    client.post(to_the_choice(client, given), setup)
    mila = User.objects.get(username="mila")
    registration_save(actor=mila, slug="email", given={"mailgun_signing_key": "k"}, now=database_now())
    name = token("channelaccount", ChannelAccount.objects.get(external_id=USER).pk)
    account = page_of(client, "account", name)
    assert "by hand" in account
    assert "had its signature" in account
    assert "The desk registers its webhook by itself" not in page
