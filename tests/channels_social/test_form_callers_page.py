"""From a form to the caller's page: by the form's own link and by the one in the letter, which goes to an address that
may be somebody else's."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from channels_social.delivery import deliver
from channels_social.inbox import events_process
from tests.channels_social.form_desk import WORDS, form, send
from tests.channels_social.test_form_by_mail import MAILBOX, mailbox, sent
from tickets.contract import OutboundMessage
from tickets.models import Identity, Message, StatusLink, Ticket

__all__ = ["sent"]
pytestmark = pytest.mark.django_db
TYPED = {"name": "Win a prize", "address": "somebody@voorbeeld.example"}


def link_in(text: str) -> str:
    found = re.search(r"/s/[a-z2-7]{32}/", text)
    assert found is not None, text
    return found[0]


def filled_in(**typed: Any) -> str:
    """What the form's own next page says."""
    caller = Client()
    return caller.get(send(caller, **typed)["Location"]).content.decode()


def shown(path: str) -> str:
    answer = Client().get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_what_was_typed_with_an_address_reaches_nobody_there(sent: list[OutboundMessage]) -> None:
    mailbox()
    account = form(through=MAILBOX)
    own = link_in(filled_in(**TYPED))
    deliver(account.pk)
    [letter] = sent
    there = link_in(letter.text)
    assert there != own
    words = f"{letter.subject}\n{letter.text}\n{shown(there)}"
    for part in (WORDS, "Kade 12", "prize"):
        assert part not in words
    assert "The dates we gave you" in words
    assert WORDS in shown(own)
    assert "prize" not in shown(own)
    assert StatusLink.objects.count() == 2


def test_its_owner_has_written_and_reads_all_of_it(sent: list[OutboundMessage]) -> None:
    mailbox()
    account = form(through=MAILBOX)
    filled_in(**TYPED)
    deliver(account.pk)
    Identity.objects.update(claims="")
    assert WORDS in shown(link_in(sent[0].text))


def test_without_an_address_the_page_is_all_there_is(sent: list[OutboundMessage]) -> None:
    account = form()
    path = link_in(filled_in())
    html = shown(path)
    assert "We can’t write to you" in html
    assert "you’ll hear from us by then" not in html
    assert "The dates we gave you" in html
    assert WORDS in html
    key = re.search(r'name="key" value="(\w+)"', html)
    assert key is not None
    assert Client().post(path, {"add": "It flickers now.", "key": key[1]}).status_code == 303
    events_process(account.pk)
    assert Message.objects.get(body="It flickers now.").ticket == Ticket.objects.get()
    assert "It flickers now." in shown(path)
    assert Client().post(path, {"solved": "yes"}).status_code == 303
    assert Ticket.objects.get().resolved_how == "caller"
    assert sent == []
