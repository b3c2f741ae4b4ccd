"""A webhook's request is as long as its channel allows: over it 413, counted, and none of it read."""

from __future__ import annotations

import io
from typing import Any
from unittest import mock

import pytest
from django.test import Client

from channels_social.models import ChannelApp, InboundEvent
from channels_social.registry import channel
from tests import desk
from tests.desk import hook
from tickets.clock import database_now

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seeded")]
ASKED = "@desk1111 the ticket machine at Central swallowed my card"


def limit(size: int) -> Any:
    return mock.patch.object(channel("x"), "body_limit", size)


def test_as_long_as_allowed_it_is_taken_and_a_byte_longer_it_is_not(client: Client) -> None:
    desk.account()
    body = desk.mentioned(desk.post(5, ASKED))
    with limit(len(body) - 1):
        assert hook(client, body) == 413
    app = ChannelApp.objects.get()
    assert (app.too_large, app.bad_signatures, InboundEvent.objects.count()) == (1, 0, 0)
    assert app.last_too_large_at is not None
    assert app.last_too_large_at <= database_now()
    with limit(len(body)):
        assert hook(client, body) == 200
    assert (ChannelApp.objects.get().too_large, InboundEvent.objects.count()) == (1, 1)


def test_a_large_one_is_taken_where_the_channel_says_so_whatever_a_form_of_ours_may_be(
    client: Client,
) -> None:
    """Django's own limit would answer 400 to a batch of 5 MB and a byte."""
    desk.account()
    body = desk.mentioned(desk.post(5, ASKED))
    body = body[:-1] + b" " * (6 * 1024 * 1024) + body[-1:]
    assert hook(client, body) == 413
    with limit(8 * 1024 * 1024):
        assert hook(client, body) == 200
    assert InboundEvent.objects.get().size < 100_000


def test_none_of_what_is_too_large_is_read(client: Client) -> None:
    desk.account()
    sent = Unread()
    assert (called(client, 10**10, sent, ""), sent.asked) == (413, [])


def test_of_one_that_is_allowed_no_byte_beyond_what_it_said_is_read(client: Client) -> None:
    desk.account()
    body = desk.mentioned(desk.post(5, ASKED))
    sent = io.BytesIO(body + b"x" * 1000)
    assert (called(client, len(body), sent, desk.signed(body)), sent.tell()) == (200, len(body))


def test_of_one_that_broke_off_nothing_is_looked_at(client: Client) -> None:
    """Even where what arrived of it would be signed: not every network signs all that it sends."""
    desk.account()
    body = desk.mentioned(desk.post(5, ASKED))
    assert called(client, len(body) + 10, io.BytesIO(body), desk.signed(body)) == 400
    assert InboundEvent.objects.count() == 0
    assert ChannelApp.objects.get().bad_signatures == 0


def called(client: Client, length: int, sent: io.IOBase, signature: str) -> int:
    """The webhook's answer to a request that says it is so long and brings this."""
    more: Any = {
        "CONTENT_LENGTH": str(length),
        "wsgi.input": sent,
        "HTTP_X_TWITTER_WEBHOOKS_SIGNATURE": signature,
    }
    return client.generic("POST", "/hooks/x/hook/", b"", "application/json", **more).status_code


class Unread(io.RawIOBase):
    def __init__(self) -> None:
        super().__init__()
        self.asked: list[int] = []

    def read(self, size: int = -1) -> bytes:
        self.asked.append(size)
        return b""
