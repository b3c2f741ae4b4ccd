"""The city's own site: of another origin than the town and the desk, strict, and with the desk's one line on it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import requests

from sandbox.client import Sandbox
from sandbox.server import RunningSandbox, start

DESK = "http://127.0.0.1:8000"


@pytest.fixture
def running() -> Iterator[RunningSandbox]:
    found = start(desk_url=DESK, city_site=True)
    yield found
    found.stop()


def test_the_chat_stands_on_it_and_its_policy_lets_only_the_desk_in(running: RunningSandbox) -> None:
    url = Sandbox(running.base_url).state()["site"]["url"]
    assert url != running.base_url
    for path, language in (("/", "nl"), ("/en", "en")):
        page = requests.get(url + path, timeout=5)
        assert page.status_code == 200
        assert (
            f'<script src="{DESK}/chat/merendam/widget.js" data-lang="{language}" async></script>'
            in page.text
        )
        assert not re.search(r"\sstyle=|<style|<script>|\son\w+=", page.text)
        policy = page.headers["Content-Security-Policy"]
        assert f"script-src {DESK}; frame-src {DESK}; style-src 'self'" in policy
        assert "unsafe" not in policy
        for linked in re.findall(r'(?:href|src)="(/static/[^"]+)', page.text):
            assert requests.get(url + linked, timeout=5).status_code == 200


def test_it_answers_to_nothing_else(running: RunningSandbox) -> None:
    url = running.network.site_url
    assert requests.get(f"{url}/_sandbox/state", timeout=5).status_code == 404
    assert requests.get(url, headers={"Host": "city.example"}, timeout=5).status_code == 421
    start_page = requests.get(running.base_url, timeout=5).text
    assert f'href="{url}/en"' in start_page


def test_every_page_of_the_town_leads_to_every_place(running: RunningSandbox) -> None:
    everywhere = [
        *("/timeline", "/page", "/inbox", "/mail"),
        *(f"{DESK}/f/merendam/", f"{running.network.site_url}/en", f"{DESK}/call/", DESK),
    ]
    for path in ("/", "/timeline", "/page", "/inbox"):
        shown = requests.get(running.base_url + path, timeout=5).text
        banner = shown.partition("</header>")[0]
        assert [each for each in everywhere if f'href="{each}"' not in banner] == []


def test_without_a_desk_there_is_no_chat_on_it() -> None:
    running = start(city_site=True)
    try:
        page = requests.get(running.network.site_url, timeout=5)
        assert "<script" not in page.text
        assert "script-src 'none'" in page.headers["Content-Security-Policy"]
    finally:
        running.stop()
