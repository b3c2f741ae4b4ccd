"""What other sites take from us to show a chat: who gets it, what it weighs, who may frame it."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from channels_social.models import ChannelConnection
from tests import desk
from tests.channels_social.chat_desk import HOST, SITE, chat
from tickets.models import ChannelAccount, ChannelMode

#: Bytes: all that a site's visitor loads for the chat, as it goes over the wire.
WEIGHT = 15_000
STATIC = Path(settings.BASE_DIR) / "static"


@pytest.fixture
def there(db: None) -> ChannelAccount:
    desk.seeded()
    made: ChannelAccount = chat(languages="en nl")
    return made


def page(path: str = f"/chat/{SITE}/", **headers: str) -> str:
    answer = Client().get(path, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_frame_is_shown_by_the_sites_that_its_account_names(there: ChannelAccount) -> None:
    answer = Client().get(f"/chat/{SITE}/")
    policy = answer["Content-Security-Policy"]
    assert f"frame-ancestors {HOST}" in policy
    assert "unsafe" not in policy
    assert "X-Frame-Options" not in answer
    assert not answer.cookies
    html = answer.content.decode()
    assert "Nobody is here just now." in html
    assert not re.search(r"\sstyle=|<style|<script>|\son\w+=", html)


def test_where_no_site_is_named_nobody_frames_it(there: ChannelAccount) -> None:
    ChannelConnection.objects.update(settings={"name": "Merendam"})
    assert "frame-ancestors 'none'" in Client().get(f"/chat/{SITE}/")["Content-Security-Policy"]


def test_its_language_is_the_one_asked_for_then_the_browsers_then_its_own(there: ChannelAccount) -> None:
    assert '<html lang="nl"' in page(f"/chat/{SITE}/?lang=nl")
    assert '<html lang="nl"' in page(accept_language="nl-BE,en;q=0.5")
    assert '<html lang="nl"' in page(f"/chat/{SITE}/?lang=fr", accept_language="nl")
    assert '<html lang="en"' in page(accept_language="fr")


def test_an_address_is_asked_for_only_where_a_mailbox_sends(there: ChannelAccount) -> None:
    assert "Leave an e-mail address" not in page()
    ChannelConnection.objects.update(settings={"name": "Merendam", "through": "desk@merendam.example"})
    assert "Leave an e-mail address" in page()


def test_a_chat_that_takes_nothing_says_so(there: ChannelAccount) -> None:
    ChannelAccount.objects.update(mode=ChannelMode.OFF)
    html = page()
    assert "This chat takes nothing now." in html
    assert '<form id="say" hidden>' in html


def test_the_script_is_handed_out_packed_and_asked_for_seldom(there: ChannelAccount) -> None:
    path = f"/chat/{SITE}/widget.js"
    answer = Client().get(path)
    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    packed = Client().get(path, headers={"accept-encoding": "br, gzip"})
    assert gzip.decompress(packed.content) == answer.content
    again = Client().get(path, headers={"if-none-match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert Client().get(f"/chat/{'f' * 16}/widget.js").status_code == 404


def test_all_of_it_weighs_less_than_it_may(there: ChannelAccount) -> None:
    """The loader, and every script and style sheet that the frame's page names."""
    linked = re.findall(r'(?:<script src|rel="stylesheet" href)="/static/([^"]+)"', page())
    assert len(linked) == 5
    weights = {
        name: len(gzip.compress((STATIC / name).read_bytes(), 9)) for name in ["js/chat-loader.js", *linked]
    }
    assert sum(weights.values()) <= WEIGHT, weights


def test_its_tokens_are_those_of_the_desk() -> None:
    """It brings its own, to weigh little; their values are the desk's."""
    told = re.compile(r"(--[a-z0-9-]+):\s*([^;]+);")
    desks: dict[str, set[str]] = {}
    for name, value in told.findall((STATIC / "css/tokens.css").read_text(encoding="utf-8")):
        desks.setdefault(name, set()).add(" ".join(value.split()))
    css = (STATIC / "css/chat.css").read_text(encoding="utf-8")
    root = css[: css.index("\n}\n")]
    for name, value in told.findall(root):
        assert " ".join(value.split()) in desks[name], name
    colours = re.compile(r"#[0-9a-f]{6,8}\b|#[0-9a-f]{3}\b")
    assert not colours.findall(css[len(root) :])
    known = set(colours.findall((STATIC / "css/tokens.css").read_text(encoding="utf-8")))
    loader = (STATIC / "js/chat-loader.js").read_text(encoding="utf-8")
    assert set(colours.findall(loader)) <= known
