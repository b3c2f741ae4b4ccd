"""Files on their way out: with the first part of a person's message alone, anew at each try, and never a message
without one that belongs to it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from pytest_django import Settings

from channels_social.delivery import deliver
from tests.channels_social import outbox
from tests.channels_social.outbox import Scripted
from tickets.clock import database_now
from tickets.contract import Found, NotSent, OutboundMessage, Receipt, Unclear
from tickets.models import ChannelAccount, Message, OutboundReply, ReplyFile, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scripted")]

BODY = b"%PDF-1.7 the plan"


@pytest.fixture
def ticket(settings: Settings, tmp_path: Path) -> Ticket:
    settings.MEDIA_ROOT = str(tmp_path)
    account = outbox.account()
    ChannelAccount.objects.update(capabilities={**account.capabilities, "sends_files": True})
    return outbox.ticket(account)


def answered(ticket: Ticket, text: str = "Here is the plan.") -> OutboundReply:
    row = outbox.answered(ticket, text)
    OutboundReply.objects.filter(pk=row.pk).update(undo_until=None, next_try_at=database_now())
    for name in ("plan.pdf", "map.pdf"):
        ReplyFile.objects.create(
            ticket=ticket, reply=row, author=row.author, name=name, content_type="application/pdf", size=len(BODY),
            storage_key=default_storage.save(f"replies/{name}", ContentFile(BODY)), created_at=database_now(),
        )  # fmt: skip
    return row


def test_they_go_with_the_first_part_alone(ticket: Ticket) -> None:
    row = answered(ticket, "The plan, at length. " * 20)
    deliver(ticket.account_id)
    assert len(Scripted.sent) > 1, "in parts"
    first, *others = [each for each in Scripted.sent if not each.automatic]
    assert [(each.name, each.content_type, each.size) for each in first.attachments] == [
        ("plan.pdf", "application/pdf", len(BODY)), ("map.pdf", "application/pdf", len(BODY)),
    ]  # fmt: skip
    for _time in range(2):
        with first.attachments[0].open() as file:
            assert file.read() == BODY
    assert all(each.attachments == () for each in others)
    row.refresh_from_db()
    assert row.state == "sent"


def test_one_that_is_gone_holds_the_message_and_says_so(ticket: Ticket) -> None:
    row = answered(ticket)
    default_storage.delete(row.files.order_by("pk")[1].storage_key)
    deliver(ticket.account_id)
    row.refresh_from_db()
    assert (row.state, row.held_reason) == ("held", "file_missing")
    assert not [each for each in Scripted.sent if not each.automatic]


def test_one_that_goes_in_between_is_certainly_not_sent(ticket: Ticket) -> None:
    row = answered(ticket)
    lost = row.files.order_by("pk")[0].storage_key

    def opens(message: OutboundMessage) -> None:
        default_storage.delete(lost)
        message.attachments[0].open()

    Scripted.script = [opens]
    deliver(ticket.account_id)
    row.refresh_from_db()
    assert row.state == "queued"
    OutboundReply.objects.filter(pk=row.pk).update(next_try_at=database_now())
    deliver(ticket.account_id)
    row.refresh_from_db()
    assert (row.state, row.held_reason) == ("held", "file_missing")


def test_a_channel_without_files_asks_for_none(ticket: Ticket) -> None:
    row = answered(ticket)
    ChannelAccount.objects.update(capabilities={})
    deliver(ticket.account_id)
    row.refresh_from_db()
    assert row.state == "sent"
    assert all(each.attachments == () for each in Scripted.sent)


APART = {"most": 5, "most_bytes": 1_000_000, "each_bytes": 1_000_000, "types": [], "apart": True}


@pytest.fixture
def apart(ticket: Ticket) -> Ticket:
    """A conversation in which a message is words or a file."""
    ChannelAccount.objects.update(capabilities={"private": True, "files_private": APART})
    ticket.conversations.update(visibility="private")
    return Ticket.objects.get(pk=ticket.pk)


def test_where_files_go_apart_each_is_a_message_after_the_words(apart: Ticket) -> None:
    row = answered(apart)
    deliver(apart.account_id)
    row.refresh_from_db()
    assert row.state == "sent"
    words, *files = [each for each in Scripted.sent if not each.automatic]
    assert words.text.startswith("Here is the plan.")
    assert words.attachments == ()
    assert [(each.text, [one.name for one in each.attachments]) for each in files] == [
        ("", ["plan.pdf"]), ("", ["map.pdf"]),
    ]  # fmt: skip
    assert [each.part for each in files] == [2, 3]
    assert len({each.idempotency_key for each in (words, *files)}) == 3
    ids = list(row.parts.order_by("number").values_list("external_id", flat=True))
    assert [each.in_reply_to for each in files] == ids[:-1]
    assert set(ids) == set(Message.objects.filter(reply=row).values_list("external_id", flat=True))


def test_one_that_did_not_go_goes_on_from_there(apart: Ticket) -> None:
    row = answered(apart)
    Scripted.script = [lambda _: None, lambda _: None, NotSent("busy")]
    deliver(apart.account_id)
    row.refresh_from_db()
    assert (row.state, row.parts.exclude(external_id="").count()) == ("queued", 2)
    OutboundReply.objects.filter(pk=row.pk).update(next_try_at=database_now())
    deliver(apart.account_id)
    row.refresh_from_db()
    assert row.state == "sent"
    mine = [each for each in Scripted.sent if not each.automatic]
    assert [[one.name for one in each.attachments] for each in mine] == [[], ["plan.pdf"], ["map.pdf"]]


def test_one_of_which_nobody_knows_is_looked_for_as_itself(apart: Ticket) -> None:
    row = answered(apart)
    Scripted.script = [lambda _: None, Unclear("time-out")]
    deliver(apart.account_id)
    OutboundReply.objects.filter(pk=row.pk).update(find_after=database_now())
    Scripted.found = [Found(Receipt("file-1"))]
    deliver(apart.account_id)
    deliver(apart.account_id)
    ((looked, _since),) = Scripted.looked
    assert [one.name for one in looked.attachments] == ["plan.pdf"]
    row.refresh_from_db()
    assert row.state == "sent"
    assert [one.name for each in Scripted.sent if not each.automatic for one in each.attachments] == [
        "map.pdf"
    ]
