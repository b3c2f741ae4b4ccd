"""A mail as it looked: its HTML is found in every mail of the corpus, cleaned, and shown with its pictures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from channels_social import inbox, ingest
from channels_social.adapters.email.inbound import Envelope, event_of
from channels_social.adapters.email.page import page_of
from channels_social.attachments import attachments_fetch
from tests import desk
from tests.channels_social.email.corpus import NAMES, mail_of, raw_of
from tickets.clock import database_now
from tickets.html_cleaner import cleaned
from tickets.models import ChannelAccount, Conversation, Message
from tickets.selectors_ticket import token_of

_WORD = re.compile(r"[^\W\d_]{5,}")
#: With plain words in parts of their own beside the HTML: these stand in the words of the message alone.
PLAIN_BESIDE = {"107-bounce-gmail", "169-nested-five-inline-pdf"}
_TAG = re.compile(r"<[^>]*>")


def words_of(text: str) -> set[str]:
    return {each.lower() for each in _WORD.findall(text)}


@pytest.mark.parametrize("name", NAMES)
def test_every_mails_look_is_found_and_says_what_the_mail_says(name: str) -> None:
    mail, html = mail_of(name), page_of(raw_of(name))
    assert bool(html) <= bool(mail.html_parts)
    if not html or name in PLAIN_BESIDE:
        return
    safe = cleaned(html, {}, {"picture": ""})["html"]
    wanted, there = words_of(mail.full_text), words_of(_TAG.sub(" ", safe))
    lost = {each for each in wanted - there if not any(each in one or one in each for one in there)}
    assert len(lost) <= max(2, len(wanted) // 10), lost
    assert "http-equiv" not in safe
    assert not re.search(r"<(script|style|iframe|form|input|meta|link|base)\b", safe)


@pytest.mark.parametrize(
    "raw",
    [b"", b"\r\n", b"\xff" * 500, b"Content-Type: text/html\n\n", b"Content-Type: multipart/mixed\n\nx"],
)
def test_what_is_no_mail_has_none(raw: bytes) -> None:
    assert page_of(raw) == ""


def test_more_than_is_shown_is_cut() -> None:
    raw = b"From: a@b.example\nContent-Type: text/html; charset=utf-8\n\n" + b"<p>word</p>" * 400_000
    assert len(page_of(raw)) <= 2_000_000


@pytest.mark.django_db(transaction=True)
def test_from_the_mailbox_to_the_frame(client: Client, settings: Settings, tmp_path: Path) -> None:
    """A picture that was pasted into the text: it hangs there within the look, by an address that needs no cookie."""
    settings.MEDIA_ROOT = str(tmp_path)
    desk.seeded()
    account = desk.account("desk@haverdam.example", settings={"address": "desk@haverdam.example"})
    ChannelAccount.objects.filter(pk=account.pk).update(channel="email", manner="letter")
    event = event_of("desk@haverdam.example", raw_of("177-pasted-picture"), Envelope(database_now()))
    ingest.events_store([(account.pk, event)], source="poll", now=database_now())
    inbox.events_process(account.pk)
    assert attachments_fetch(account.pk).ended >= 2
    said = Message.objects.select_related("ticket").get()
    assert said.ticket is not None
    assert {row.state for row in said.attachments.all()} == {"kept"}
    client.force_login(desk.user("noor", teams=[desk.team()]))
    page = client.get(reverse("ticket", args=[said.ticket.shown_reference])).content.decode()
    assert "As it looked" in page
    look = client.get(
        reverse("message_look", args=[said.ticket.shown_reference, token_of(said)])
    ).content.decode()
    addresses = re.findall(r'<img src="(/t/[^"]+)"', look)
    assert addresses
    for address in addresses:
        got = Client().get(address)
        assert (got.status_code, got["Content-Type"][:6]) == (200, "image/")
        assert b"".join(got)
    assert Conversation.objects.get().visibility == "private"
