"""A manager who connects accounts, with the sandbox's own pages in between."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import User
from channels_social.models import ChannelApp, ConnectAttempt
from channels_social.registrations import callback_address, registration_save
from sandbox.client import Sandbox
from tests import desk
from tickets.clock import database_now
from tickets.models import ChannelAccount

Json = dict[str, Any]
SETUP = {
    "team": "front",
    "language": "nl",
    "zone": "Europe/Amsterdam",
    "sign_off": "^Merendam",
    "mode": "customer_service",
    "acknowledge": "everything",
    "how": "released",
    "note": "",
}
SCOPES = (
    "pages_show_list",
    "pages_read_engagement",
    "pages_read_user_content",
    "pages_manage_metadata",
    "pages_manage_engagement",
    "pages_messaging",
)


@dataclass
class Manager:
    """Mila, her window, and the town."""

    mila: User
    client: Client
    town: Sandbox
    url: str

    def x_registered(self) -> ChannelApp:
        app = self.town.state()["apps"][0]
        self.town.register_callback(app["id"], callback_address("x"))
        given = {
            name: app[name] for name in ("client_id", "client_secret", "consumer_key", "consumer_secret")
        }
        given |= {"bearer_token": app["bearer_token"], "base_url": self.url}
        return registration_save(actor=self.mila, slug="x", given=given, now=database_now())

    def page_registered(self) -> ChannelApp:
        app = self.town.state()["facebook"]["apps"][0]
        self.town.facebook.register_callback(app["id"], callback_address("facebook"))
        given = {
            "app_id": app["id"],
            "app_secret": app["secret"],
            "verify_token": app["verify_token"],
            "base_url": self.url,
        }
        return registration_save(actor=self.mila, slug="facebook", given=given, now=database_now())

    def begun(self, slug: str, again: str = "") -> ConnectAttempt:
        answer = self.client.post(reverse("account_connect_begin", args=[slug]), {"again": again})
        assert answer.status_code == 302
        return ConnectAttempt.objects.latest("pk")

    def pressed(self, attempt: ConnectAttempt, what: str = "allow", **other: Any) -> str:
        """Where the network's page sends them back to: path and query of our own address."""
        page = requests.get(attempt.address, timeout=5)
        assert page.status_code == 200, page.text
        form: Json = {
            html.unescape(name): html.unescape(value)
            for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
        }
        form |= {"press": what, "allow": list(SCOPES), **other}
        parts = urlsplit(attempt.address)
        address = f"{parts.scheme}://{parts.netloc}{parts.path}"
        sent = requests.post(address, data=form, timeout=5, allow_redirects=False)
        assert sent.status_code == 303, sent.text
        back = urlsplit(sent.headers["Location"])
        assert f"{back.scheme}://{back.netloc}" == settings.PUBLIC_URL
        return f"{back.path}?{back.query}"

    def returned(self, slug: str, again: str = "", **other: Any) -> str:
        """The address on which one chooses, after the way there and back."""
        attempt = self.begun(slug, again)
        answer = self.client.get(self.pressed(attempt, **other))
        assert answer.status_code == 302
        return str(answer.headers["Location"])

    def x_user(self) -> Json:
        return {"user": self.town.state()["accounts"][0]["user_id"]}

    def pages(self) -> Json:
        return {"page": [page["page_id"] for page in self.town.state()["facebook"]["pages"]]}


def manager(town: Sandbox) -> Manager:
    """A town with one account and one Page, and somebody who may connect them."""
    town.reset()
    town.create_app()
    town.create_account("MerendamHelpt", "Gemeente Merendam", "nl")
    town.create_user("anouk", "Anouk de Wit")
    town.facebook.create_app()
    town.facebook.create_page("merendam", "Merendam", "nl")
    town.facebook.create_person("marleen", "Marleen Kuipers", "nl")
    desk.seeded()
    mila = desk.user("mila", teams=[desk.team()], manager=True)
    client = Client()
    client.force_login(mila)
    return Manager(mila, client, town, town.base_url)


def connected(manager: Manager, slug: str = "x", **other: Any) -> ChannelAccount:
    """One press after the other, to the end."""
    if slug == "x":
        manager.x_registered()
        address, key = manager.returned("x", **manager.x_user()), manager.x_user()["user"]
    else:
        manager.page_registered()
        address, key = manager.returned("facebook", **manager.pages()), manager.pages()["page"][0]
    answer = manager.client.post(address, {**SETUP, "account": [key], **other})
    assert answer.status_code == 302, answer.content.decode()
    return ChannelAccount.objects.get(external_id=key)
