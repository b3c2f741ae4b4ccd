"""A manager connects accounts by pressing the buttons: the desk's, and those of the networks' own pages at the sandbox.
Then somebody in town speaks, and is heard."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from accounts.models import User
from channels_social.models import ChannelConnection, InboundEvent
from sandbox.client import Sandbox
from sandbox.server import RunningSandbox, start
from tests.browser.conftest import Desk
from tests.channels_social.connect_desk import Manager
from tests.channels_social.connect_desk import manager as a_manager
from tickets.models import ChannelAccount, OutboundReply

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def running() -> Iterator[RunningSandbox]:
    sandbox = start()
    yield sandbox
    sandbox.stop()
    time.sleep(0.5)  # the desk's threads that its webhooks kept open see the end, and let go of the database


@pytest.fixture
def manager(window: Desk, running: RunningSandbox, settings: Any) -> Iterator[Manager]:
    """Noor, who is signed in in the window, runs the channels; the desk is where the sandbox's webhooks reach it."""
    settings.NETWORKS_MAY_BE_PRIVATE = True
    settings.PUBLIC_URL = window.url
    User.objects.filter(pk=window.noor.pk).update(is_manager=True)
    town = Sandbox(running.base_url)
    yield a_manager(town)
    town.reset()
    town.close()


def fits(window: Desk) -> None:
    width = window.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert width[0] <= width[1], window.page.url


def fill(window: Desk, values: dict[str, str]) -> None:
    for name, value in values.items():
        window.page.fill(f"#r-{name}", value)
    fits(window)
    window.page.click("text=Store the registration")
    window.page.wait_for_load_state("networkidle")


def there(window: Desk, network: str, press: str) -> None:
    """Over the network's page and back."""
    page = window.page
    page.click("button:has-text('Begin')")
    page.wait_for_load_state("networkidle")
    fits(window)
    page.click(f"text=Go to {network}")
    page.wait_for_selector(f"text={press}")
    fits(window)
    page.click(f"text={press}")
    page.wait_for_selector("#choose")
    assert "code=" not in page.url
    fits(window)


def test_an_account_is_connected_by_its_buttons_and_a_post_is_acknowledged(
    window: Desk, manager: Manager
) -> None:
    page, town = window.page, manager.town
    app = town.state()["apps"][0]
    window.open(reverse("accounts"))
    page.click("text=Connect an account")
    page.click(".networks a:has-text('X')")
    page.wait_for_load_state("networkidle")
    callback = page.locator("code.copy").first.inner_text()
    town.register_callback(app["id"], callback)
    names = ("client_id", "client_secret", "consumer_key", "consumer_secret", "bearer_token")
    fill(window, {**{name: app[name] for name in names}, "base_url": manager.url})

    there(window, "X", "Authorize app")
    page.check("input[name=how][value=released]")
    page.check("input[name=acknowledge][value=everything]")
    page.fill("#c-sign", "^Merendam")
    page.click("text=Connect, and take a first look")
    page.wait_for_selector("#health")
    told = page.inner_text("main")
    assert "is connected, and a first look at it worked." in told
    assert "Our webhook stands with 3 subscriptions" in told
    fits(window)

    said = town.post("anouk", "@MerendamHelpt the lift at the station is broken, when is it mended?")
    account = ChannelAccount.objects.get()
    desk_reads(account, by="webhook")
    (reply,) = town.wait_for_reply(said["id"])
    assert "^Merendam" in reply["text"]
    assert ChannelConnection.objects.get().polled_at is None, "the webhook brought it, no poll"

    page.click("text=Test it, without a word to anybody")
    page.wait_for_selector("text=The test worked")
    page.click("text=Send a test post")
    page.click("text=Send it, and take it away")
    page.wait_for_selector("text=The test post went out and was taken away again.")
    assert not [one for one in town.posts(by="MerendamHelpt") if "Test 1, 2, 3" in one["text"]]

    page.click("text=See what disconnecting does")
    page.wait_for_selector("text=1 caller was told a date that is still to be kept.")
    fits(window)
    page.click("text=Disconnect it, and make 1 task")
    page.wait_for_selector("text=Disconnected since")
    assert town.state()["subscriptions"] == []
    # What the browser says of a favicon or of Chromium itself is none of the page's; a broken policy would be here.
    assert [one for one in window.complaints if "Content Security Policy" in one] == []


def test_a_page_is_connected_and_a_comment_is_acknowledged(window: Desk, manager: Manager) -> None:
    page, town = window.page, manager.town
    app = town.state()["facebook"]["apps"][0]
    window.open(reverse("account_connect_network", args=["facebook"]))
    town.facebook.register_callback(app["id"], page.locator("code.copy").first.inner_text())
    secrets = {"app_id": app["id"], "app_secret": app["secret"], "verify_token": app["verify_token"]}
    fill(window, {**secrets, "base_url": manager.url})

    there(window, "Facebook", "Continue")
    page.check("input[name=acknowledge][value=everything]")
    page.click("text=Connect, and take a first look")
    page.wait_for_selector("#health")
    assert "Our webhook stands with 10 subscriptions" in page.inner_text("main")

    post = town.facebook.post("marleen", "The rubbish at the Kade was not collected, when will it be?")
    desk_reads(ChannelAccount.objects.get(), by="webhook")
    (answer,) = town.facebook.wait_for_answer(post["id"])
    assert answer["text"]
    assert OutboundReply.objects.get().state == "sent"


def desk_reads(account: ChannelAccount, *, by: str) -> None:
    """What the workers do, once the webhook has come in."""
    end = time.monotonic() + 10
    while not InboundEvent.objects.filter(account_id=account.pk, source=by).exists():
        assert time.monotonic() < end, "the webhook did not come in"
        time.sleep(0.05)
    ChannelConnection.objects.update(poll_due_at=None)
    call_command("desk_tick", verbosity=0)
