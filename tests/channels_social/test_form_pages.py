"""A form as whoever fills it in meets it: sent once, answered at once, and nothing typed is ever lost."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from channels_social.adapter import BadContent
from channels_social.adapters.form import receive, submission, views
from channels_social.attachments import attachments_fetch
from channels_social.inbox import events_process
from channels_social.models import EventKey, EventState, InboundEvent
from tests import desk
from tests.channels_social.form_desk import KEY, PNG, WORDS, form, key_on, page, photo, send
from tickets.asked_for import object_number
from tickets.clock import database_now
from tickets.models import (
    Attachment,
    AttachmentState,
    ChannelAccount,
    ChannelMode,
    Identity,
    Message,
    OutboundReply,
    Promise,
    ReplyState,
    StatusLink,
    Ticket,
)
from tickets.texts.dates import date_words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def account() -> ChannelAccount:
    desk.seeded()
    return form()


@pytest.fixture
def caller() -> Client:
    return Client(enforce_csrf_checks=True)


def read(caller: Client, answer: object) -> str:
    """The page that one lands on."""
    there = answer["Location"]  # type: ignore[index]
    found = caller.get(there)
    assert found.status_code == 200
    assert found["Cache-Control"] == "no-store"
    return found.content.decode()


def test_number_and_date_stand_on_the_next_page_and_are_told(caller: Client, account: ChannelAccount) -> None:
    answer = send(caller)
    assert answer.status_code == 303
    ticket = Ticket.objects.get()
    assert not Promise.objects.exists(), "nobody has read it yet"
    shown = read(caller, answer)
    promise = Promise.objects.get(ticket=ticket)
    date = date_words(promise.promised_for, zone=account.zone, language="en", now=database_now())
    assert ticket.shown_reference in shown
    assert date in shown
    assert "noindex" in shown
    assert promise.reply.state == ReplyState.SENT
    assert date in Message.objects.get(reply=promise.reply).body


def test_read_again_it_says_the_same_and_tells_nothing_anew(caller: Client) -> None:
    answer = send(caller)
    first, second = read(caller, answer), read(caller, answer)
    assert re.findall(r"<time[^>]*>", first) == re.findall(r"<time[^>]*>", second)
    assert Promise.objects.count() == 1
    assert StatusLink.objects.count() == 1


def test_the_link_on_it_leads_to_the_callers_page(caller: Client) -> None:
    shown = read(caller, send(caller))
    assert re.search(r'href="[^"]+/s/[^"]+/"', shown)


def test_sent_twice_it_is_there_once(caller: Client) -> None:
    key = key_on(page(caller))
    first, second = send(caller, page=key), send(caller, page=key)
    assert first["Location"] == second["Location"]
    assert (Ticket.objects.count(), Message.objects.filter(direction="in").count()) == (1, 1)
    assert read(caller, first) == read(caller, second)


def test_other_words_from_the_same_page_are_another_message(caller: Client) -> None:
    key = key_on(page(caller))
    send(caller, page=key)
    send(caller, page=key, words=f"{WORDS} And the bin is full.")
    assert Ticket.objects.count() == 2


def test_the_same_words_from_two_pages_are_two(caller: Client) -> None:
    send(caller)
    send(caller)
    assert Ticket.objects.count() == 2


def test_a_name_and_an_address_are_kept_as_a_claim(caller: Client) -> None:
    form("b" * 16, through="desk@merendam.example")
    answer = send(caller, "b" * 16, name="Aylin  Demir", address="A.Demir@voorbeeld.example")
    identity = Identity.objects.get()
    assert identity.name == "Aylin Demir"
    assert identity.external_id.endswith("#A.Demir@voorbeeld.example")
    shown = read(caller, answer)
    assert "by e-mail, too" in shown
    ack = OutboundReply.objects.get(dedupe_key__startswith="ack:")
    assert (ack.state, ack.not_before) == (ReplyState.QUEUED, None)


def test_who_left_no_address_is_told_so(caller: Client) -> None:
    shown = read(caller, send(caller))
    assert "nobody can write to you" in shown
    row = OutboundReply.objects.get()
    assert (row.dedupe_key, row.state) == (f"ack:{Ticket.objects.get().pk}", ReplyState.SENT)


def test_what_was_filled_in_beside_the_words_stands_on_the_ticket(caller: Client) -> None:
    send(caller, category="waste", place="Kade 12", object_number="L-1", words="It is full, could you come?")
    ticket = Ticket.objects.get()
    assert (ticket.category, ticket.place, object_number(ticket)) == ("waste", "Kade 12", "L-1")


def test_a_category_that_is_none_is_left_out(caller: Client) -> None:
    send(caller, category="dragons")
    assert Ticket.objects.get().category == "lighting"
    assert "category" not in Message.objects.get(direction="in").asked


def test_files_are_kept_as_those_of_other_channels(caller: Client, account: ChannelAccount) -> None:
    send(caller, files=[photo(), photo("../../x.png", PNG + b"1")])
    assert attachments_fetch(account.pk).ended == 2
    found = list(Attachment.objects.order_by("pk"))
    assert [(each.name, each.state, each.content_type) for each in found] == [
        ("lamp.png", AttachmentState.KEPT, "image/png"),
        ("x.png", AttachmentState.KEPT, "image/png"),
    ]
    with default_storage.open(found[1].storage_key) as kept:
        assert kept.read() == PNG + b"1"


@pytest.mark.parametrize(
    ("fields", "said", "field"),
    [
        ({"words": " \n "}, "Write in a few words", "words"),
        ({"words": "x" * 10_001}, "too long", "words"),
        ({"address": "not an address"}, "no e-mail address", "address"),
        ({"name": "x" * 201}, "too long", "name"),
        ({"files": [photo(f"{n}.png") for n in range(6)]}, "at most 5", "files"),
    ],
)
def test_what_cannot_be_taken_is_said_and_all_of_it_is_shown_again(
    caller: Client, fields: dict[str, Any], said: str, field: str
) -> None:
    form("b" * 16, through="desk@merendam.example")
    filled: dict[str, Any] = {
        "name": "Aylin",
        "address": "a@voorbeeld.example",
        "category": "lighting",
        **fields,
    }
    answer = send(caller, "b" * 16, **filled)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert said in html
    assert f'href="#{field}"' in html
    for name in ("name", "address", "words"):
        value = filled.get(name, WORDS)
        assert str(value).strip() in html
    assert 'value="lighting" data-asks="place object_number" selected' in html
    assert not InboundEvent.objects.exists()


def test_files_that_are_too_large_together_are_refused_in_words(caller: Client, settings: Any) -> None:
    settings.ATTACHMENT_MOST_BYTES = 1_000
    answer = send(caller, files=[photo("a.png", b"a" * 600), photo("b.png", b"b" * 600)])
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "at most 1 kB" in html
    assert WORDS in html
    assert "Choose the files again" in html


def test_what_is_far_too_large_is_not_read_at_all(caller: Client, settings: Any) -> None:
    settings.ATTACHMENT_MOST_BYTES = 100
    answer = send(caller, files=[photo("a.png", b"a" * 900)])
    assert answer.status_code == 413
    assert "Go back in your browser" in answer.content.decode()


def test_the_trap_is_said_and_a_person_gets_past_it(caller: Client) -> None:
    key = key_on(page(caller))
    answer = send(caller, page=key, website="https://spam.example")
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "A field that nobody sees" in html
    assert WORDS in html
    assert "spam.example" not in html
    assert not InboundEvent.objects.exists()
    assert send(caller, page=key).status_code == 303


def test_too_much_from_one_place_is_said_and_nothing_is_lost(
    caller: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MOST_OF_ONE", 2)
    keys = [key_on(page(caller)) for _ in range(3)]
    answers = [send(caller, page=key, words=f"{WORDS} {key}") for key in keys]
    assert [each.status_code for each in answers] == [303, 303, 429]
    html = answers[2].content.decode()
    assert "A lot was sent here" in html
    assert keys[2] in html
    assert f"{WORDS} {keys[2]}" in html
    assert 1 <= int(answers[2]["Retry-After"]) <= 60
    assert Ticket.objects.count() == 2
    # What was taken once is not counted again: its page is shown, however much else was sent.
    assert send(caller, page=keys[0], words=f"{WORDS} {keys[0]}").status_code == 303
    elsewhere = Client(REMOTE_ADDR="192.0.2.9")
    assert send(elsewhere).status_code == 303


def test_too_much_from_everywhere_is_said(caller: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "MOST_OF_ALL", 2)
    answers = [send(Client(REMOTE_ADDR=f"192.0.2.{n}")) for n in range(3)]
    assert [each.status_code for each in answers] == [303, 303, 429]


def test_a_page_without_its_key_is_sent_once_more(caller: Client) -> None:
    answer = send(caller, page="x")
    assert answer.status_code == 422
    html = answer.content.decode()
    assert WORDS in html
    assert send(caller, page=key_on(html)).status_code == 303


def test_a_form_that_takes_nothing_says_so_and_gives_the_words_back(
    caller: Client, account: ChannelAccount
) -> None:
    key = key_on(page(caller))
    ChannelAccount.objects.update(mode=ChannelMode.OFF)
    assert "takes nothing now" in page(caller)
    answer = send(caller, page=key)
    assert answer.status_code == 409
    assert WORDS in answer.content.decode()


@pytest.mark.parametrize("address", ["/f/none/", "/f/none/" + "0" * 40 + "/", f"/f/{KEY}/" + "0" * 40 + "/"])
def test_what_is_not_there_is_404(caller: Client, address: str) -> None:
    assert caller.get(address).status_code == 404


def test_a_receipt_ends(caller: Client) -> None:
    answer = send(caller)
    EventKey.objects.update(seen_at=database_now() - receive.READ_FOR - timedelta(minutes=1))
    assert caller.get(answer["Location"]).status_code == 404


def test_languages_follow_the_address_then_the_browser_then_the_form(caller: Client) -> None:
    form("b" * 16, languages="nl en")
    assert '<html lang="nl">' in page(caller, "b" * 16)
    english = caller.get(f"/f/{'b' * 16}/", headers={"accept-language": "en-GB,nl;q=0.5"}).content.decode()
    assert "Report something" in english
    assert '<html lang="nl">' in page(caller, KEY, lang="nl")
    form("c" * 16, languages="nl")
    only = page(caller, "c" * 16, lang="en")
    assert '<html lang="nl">' in only
    assert "langs" not in only


def test_it_is_read_in_the_language_it_was_shown_in(caller: Client) -> None:
    key = key_on(page(caller, lang="nl"))
    answer = send(caller, to=f"/f/{KEY}/?lang=nl", page=key, words="De lantaarnpaal is kapot, kunt u komen?")
    assert "lang=nl" in answer["Location"]
    assert Message.objects.get(direction="in").language == "nl"
    assert '<html lang="nl">' in read(caller, answer)


def test_only_named_sites_may_show_it_in_a_frame(caller: Client) -> None:
    closed = caller.get(f"/f/{KEY}/")
    assert "frame-ancestors 'none'" in closed["Content-Security-Policy"]
    form("b" * 16, sites="https://www.merendam.example https://*.merendam.example")
    for address in (f"/f/{'b' * 16}/",):
        policy = caller.get(address)["Content-Security-Policy"]
        assert "frame-ancestors https://www.merendam.example https://*.merendam.example;" in f"{policy};"
        assert "'none'" not in policy.split("frame-ancestors")[1].split(";")[0]
    answer = send(caller, "b" * 16, to=f"/f/{'b' * 16}/?frame=1")
    assert "frame=1" in answer["Location"]
    shown = caller.get(answer["Location"])
    assert "X-Frame-Options" not in shown
    assert 'target="_blank"' in shown.content.decode()


def test_nothing_is_set_in_the_browser(caller: Client) -> None:
    read(caller, send(caller))
    assert not caller.cookies


def test_while_another_reads_it_the_page_says_that_it_is_kept(
    caller: Client, account: ChannelAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receive, "PATIENCE", 0.0)
    monkeypatch.setattr(receive, "events_process", lambda _pk, **_: type("Nothing", (), {"events": 0}))
    answer = send(caller, is_read=False)
    assert InboundEvent.objects.get().state == EventState.PENDING
    waits = read(caller, answer)
    assert "in a moment" in waits
    assert 'http-equiv="refresh"' in waits
    monkeypatch.undo()
    events_process(account.pk)
    assert Ticket.objects.get().shown_reference in read(caller, answer)


def test_what_could_not_be_read_is_kept_and_said_so(caller: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submission, "read", _broken)
    answer = send(caller)
    InboundEvent.objects.update(state=EventState.QUARANTINED)
    assert "kept safe" in read(caller, answer)


def _broken(_body: bytes) -> object:
    raise BadContent("odd")


def test_the_words_are_on_the_disk_and_the_page_reads_them(caller: Client) -> None:
    answer = send(caller, is_read=False)
    assert InboundEvent.objects.get().state == EventState.PENDING
    assert not Ticket.objects.exists()
    shown = read(caller, answer)
    assert Ticket.objects.get().shown_reference in shown
    assert Promise.objects.count() == 1
