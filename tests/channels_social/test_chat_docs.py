"""The examples of docs/api-chat.md, run as they stand; its table of limits, and its list of addresses."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.servers.basehttp import WSGIRequestHandler
from pytest_django.live_server_helper import LiveServer

from channels_social.adapters.chat.api_urls import urlpatterns
from channels_social.adapters.chat.limits import GUESSES, LIMITS
from channels_social.models import Visitor
from tests import desk
from tests.channels_social.chat_desk import SECRET, SITE, WORDS, chat
from tests.channels_social.form_desk import PNG
from tickets.models import Message

TEXT = (Path(settings.BASE_DIR) / "docs" / "api-chat.md").read_text()


@pytest.fixture
def one_request_a_connection() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WSGIRequestHandler, "protocol_version", "HTTP/1.0")
        yield


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("one_request_a_connection")
def test_its_examples_do_what_it_says(live_server: LiveServer, tmp_path: Path) -> None:
    bash = shutil.which("bash")
    if bash is None or shutil.which("curl") is None or shutil.which("openssl") is None:
        pytest.skip("bash, curl or openssl is not here")
    desk.seeded()
    chat(secret=SECRET, sites="https://www.example.org")
    (tmp_path / "lamp.png").write_bytes(PNG)
    script = "\n".join(re.findall(r"```sh\n(.*?)```", TEXT, re.S))
    script = script.replace(
        "https://desk.example.org/api/chat/v1/SITE", f"{live_server.url}/api/chat/v1/{SITE}"
    )
    ran = subprocess.run(
        [bash, "-euo", "pipefail", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert Message.objects.get(direction="in").body == WORDS
    ended, signed = Visitor.objects.order_by("pk")
    assert ended.ended_at is not None
    assert (signed.proven_id, signed.name, signed.language) == ("4711", "Aylin Demir", "nl")


def test_its_limits_are_those_that_hold() -> None:
    rows = dict(re.findall(r"^\| (.+?) \| (.*)\|$", TEXT.partition("## How often")[2], re.M))
    for what, limit in LIMITS.items():
        name = {"file": "a file"}.get(what, f"`{what}`")
        if what == "preflight":
            continue
        told = [cell.strip().replace(",", "") or "0" for cell in rows[name].split("|")][:3]
        visitor = 0 if what == "file" else limit.visitor  # nobody shows who asks for a file
        assert told == [str(visitor), str(limit.address), str(limit.site)], what
    assert str(GUESSES) in rows["tokens that open nothing"]


def test_it_names_every_address() -> None:
    for each in urlpatterns:
        name = str(each.pattern).removeprefix("api/chat/v1/<str:site>/").partition("/")[0]
        assert re.search(rf"`(GET|POST|DELETE) {name}", TEXT), name
