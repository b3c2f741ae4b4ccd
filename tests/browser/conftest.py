"""A real browser before a real server. Without Chromium these tests are skipped, except in CI, where they must run."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from django.conf import settings
from django.core.servers.basehttp import WSGIRequestHandler
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests import desk

#: Each window would load the drop-down of its address line, half a second of a processor for what nobody here sees.
_NOBODY_SEES = ["WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup"]
#: What Playwright itself switches off: of two lists Chromium reads the last.
_OFF_BY_PLAYWRIGHT = [
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled",
    "PreconnectToSearch",
]  # fmt: skip


def arguments(*off: str) -> list[str]:
    """Of Chromium; off: what else of its features is switched off."""
    features = ",".join([*_OFF_BY_PLAYWRIGHT, *_NOBODY_SEES, *off])
    return ["--no-sandbox", f"--disable-features={features}"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium of the system (or CHROMIUM=path), else the one that `playwright install chromium` fetched."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    # Playwright keeps an event loop in this thread; Django would take every query for an accident.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    try:
        with sync_playwright() as playwright:
            try:
                started = playwright.chromium.launch(executable_path=path, args=arguments())
            except Error as error:
                if os.environ.get("CI"):
                    raise
                pytest.skip(
                    f"no Chromium here (set CHROMIUM=path, or: playwright install chromium): {error.message[:80]}"
                )
            yield started
            started.close()
    finally:
        if before is None:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
        else:
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@pytest.fixture(autouse=True, scope="session")
def one_request_a_connection() -> Iterator[None]:
    """A browser keeps connections, and with each a thread of the server and its line to the database, which is then
    still in use when it is to be dropped."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WSGIRequestHandler, "protocol_version", "HTTP/1.0")
        yield


@pytest.fixture(autouse=True)
def answered(live_server: LiveServer) -> Iterator[None]:
    """A page that is left sends its draft, and what it asked for last is still being answered: that ends before the
    database does. (The server's threads live as long as the browser's connections; other servers of this process have
    threads, too, that end when they like.)"""
    yield
    server = live_server.thread.httpd
    ends = time.monotonic() + 10
    while time.monotonic() < ends and any(_works_for(each, server) for each in threading.enumerate()):
        time.sleep(0.02)


def _works_for(thread: threading.Thread, server: object) -> bool:
    return getattr(getattr(thread, "_target", None), "__self__", None) is server


@dataclass
class Desk:
    """A signed-in agent's window. `complaints`: what the browser's console had to say against the page."""

    page: Page
    url: str
    noor: User
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        self.page.goto(self.url + path)
        self.page.wait_for_load_state("networkidle")

    def until(self, seen: Callable[[], bool]) -> None:
        for _ in range(100):
            if seen():
                return
            self.page.wait_for_timeout(50)
        pytest.fail("it did not come about within 5 s")

    def fits(self) -> None:
        width = self.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert width[0] <= width[1], self.page.url


def signed_in(context: BrowserContext, url: str, user: User) -> None:
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url, "httpOnly": True}])


@pytest.fixture(params=["wide", "narrow"])
def window(request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer) -> Iterator[Desk]:
    """Signed in as noor of the front desk, at 1440 or 390 pixels. (Through the form: test_shift.py.)"""
    desk.seeded()
    noor = desk.user("noor", teams=[desk.team("front")])
    size = {"width": 1440, "height": 900} if request.param == "wide" else {"width": 390, "height": 844}
    context = browser.new_context(viewport=size, locale="en-GB")  # type: ignore[arg-type]
    page = context.new_page()
    opened = Desk(page, live_server.url, noor)
    page.on("console", lambda said: opened.complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    signed_in(context, live_server.url, noor)
    page.goto(live_server.url + "/")
    yield opened
    context.close()
