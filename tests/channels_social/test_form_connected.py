"""A form made by hand on the accounts' pages: where it stands, who may show it, what is handed out for it."""

from __future__ import annotations

import pytest
from django.test import Client

from channels_social.models import ChannelConnection
from tests import desk
from tests.channels_social.connect_desk import SETUP
from tests.channels_social.test_form_by_mail import MAILBOX, mailbox
from tickets.models import ChannelAccount
from tickets.tokens import token

pytestmark = pytest.mark.django_db
FILLED = {"name": "Gemeente Merendam", "languages": "nl en", "through": "", "sites": ""}


@pytest.fixture
def manager() -> Client:
    desk.seeded()
    mona = desk.user("mona", teams=[desk.team("front")], manager=True)
    client = Client()
    client.force_login(mona)
    return client


def made(manager: Client, **filled: str) -> ChannelAccount:
    answer = manager.post("/accounts/connect/form/keys/", {**FILLED, **filled})
    assert answer.status_code == 302, answer.content.decode()
    page = manager.get(answer["Location"]).content.decode()
    key = page.split('name="account" value="')[1].split('"')[0]
    answer = manager.post(answer["Location"], {**SETUP, "account": [key]})
    assert answer.status_code == 302, answer.content.decode()
    return ChannelAccount.objects.get(channel="form", external_id=key)


def page_of(manager: Client, account: ChannelAccount) -> str:
    return manager.get(f"/accounts/{token('channelaccount', account.pk)}/").content.decode()


def test_it_is_there_at_once_and_its_address_is_handed_out(manager: Client) -> None:
    account = made(manager)
    shown = page_of(manager, account)
    assert f"/f/{account.external_id}/" in shown
    assert "data-desk-form" not in shown, "no site may show it"
    caller = Client()
    assert "Gemeente Merendam" in caller.get(f"/f/{account.external_id}/").content.decode()


def test_with_sites_there_is_a_piece_for_them(manager: Client) -> None:
    account = made(manager, sites="https://www.merendam.example/ https://www.merendam.example")
    shown = page_of(manager, account)
    assert "data-desk-form" in shown
    assert "js/form-frame.js" in shown
    policy = Client().get(f"/f/{account.external_id}/")["Content-Security-Policy"]
    assert policy.count("https://www.merendam.example") == 1


@pytest.mark.parametrize(
    ("filled", "said"),
    [
        ({"name": " "}, "Fill in"),
        ({"languages": "nl fr"}, "Write the languages as"),
        ({"sites": "www.merendam.example"}, "Write each site"),
        ({"sites": "https://x.example/path"}, "Write each site"),
        ({"sites": "https://x.example; script-src *"}, "Write each site"),
        ({"through": "nobody@merendam.example"}, "is connected here"),
    ],
)
def test_what_cannot_be_used_is_said_and_nothing_typed_is_lost(
    manager: Client, filled: dict[str, str], said: str
) -> None:
    answer = manager.post("/accounts/connect/form/keys/", {**FILLED, **filled})
    assert answer.status_code == 422
    html = answer.content.decode()
    assert said in html
    for value in {**FILLED, **filled}.values():
        assert value.strip() in html
    assert not ChannelAccount.objects.exists()


def test_connected_again_it_keeps_its_address_and_takes_what_was_changed(manager: Client) -> None:
    mailbox()
    account = made(manager, through=MAILBOX, sites="https://a.example")
    again = token("channelaccount", account.pk)
    shown = manager.get("/accounts/connect/form/", {"again": again}).content.decode()
    for value in (MAILBOX, "https://a.example", "nl en"):
        assert f'value="{value}"' in shown
    changed = {**FILLED, "through": MAILBOX.upper(), "again": again}
    answer = manager.post("/accounts/connect/form/keys/", changed)
    assert answer.status_code == 302, answer.content.decode()
    answer = manager.post(answer["Location"], {"account": [account.external_id], "again": again})
    assert answer.status_code == 302, answer.content.decode()
    assert ChannelAccount.objects.filter(channel="form").count() == 1
    settings = ChannelConnection.objects.get(account=account).settings
    assert settings["through"] == MAILBOX.upper()
    assert "sites" not in settings
