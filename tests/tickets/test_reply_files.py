"""Files that go out with answers: put beside a draft, held to the channel's limits, sent, given back, tidied."""

from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from accounts.models import User
from tests import desk
from tests.tickets.said import hear
from tickets.channels import file_limits
from tickets.clock import database_now
from tickets.models import ChannelAccount, Draft, OutboundReply, ReplyFile, Ticket
from tickets.selectors_ticket import token_of
from tickets.services.reply_files import UNUSED_FOR, reply_files_tidy
from tickets.services.undo import reply_undo
from tickets.tokens import token

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\x06\0\0\0\x1f\x15\xc4\x89" + b"\0" * 200
TAKES = {
    "sends_files": True,
    "files_most": 2,
    "files_most_bytes": 1_000,
    "file_types": ["image/*", "application/pdf"],
}


@pytest.fixture
def ticket(settings: Settings, tmp_path: Path) -> Ticket:
    settings.MEDIA_ROOT = str(tmp_path)
    desk.seeded()
    found = hear(desk.account(), 1)
    ChannelAccount.objects.update(capabilities={"automated_per_interaction": 1, **TAKES})
    found.refresh_from_db()
    return found


@pytest.fixture
def noor(ticket: Ticket, client: Client) -> User:
    made = desk.user("noor", teams=[desk.team("front")])
    client.force_login(made)
    return made


def where(ticket: Ticket, name: str = "ticket", *more: str) -> str:
    return reverse(name, args=[ticket.shown_reference, *more])


def form(ticket: Ticket, **more: Any) -> dict[str, Any]:
    to = token_of(ticket.conversations.get())
    return {"text": "Here is the map.", "then": "", "to": to, "client_key": str(uuid.uuid4()), **more}


def upload(name: str = "map.png", body: bytes = PNG, told: str = "image/png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, body, told)


def put(client: Client, ticket: Ticket, *files: SimpleUploadedFile) -> Any:
    return client.post(where(ticket, "ticket_files"), form(ticket, file=list(files)))


def had(client: Client, ticket: Ticket, name: str) -> Any:
    answer = client.get(where(ticket, "ticket_file", name))
    assert b"".join(answer)
    return answer


def stored(place: str = "replies") -> list[str]:
    try:
        folders, files = default_storage.listdir(place)
    except FileNotFoundError:
        return []
    return files + [each for folder in folders for each in stored(f"{place}/{folder}")]


def test_a_file_stands_beside_the_draft_and_goes_with_the_answer(
    client: Client, noor: User, ticket: Ticket
) -> None:
    shown = put(client, ticket, upload("../../etc/m\u202eap.png"))
    row = ReplyFile.objects.get()
    assert (row.name, row.content_type, row.size, row.author, row.reply) == (
        "map.png",
        "image/png",
        len(PNG),
        noor,
        None,
    )
    assert "Here is the map." in shown.content.decode(), "what was typed is kept"
    name = token("replyfile", row.pk)
    assert f'name="file_of" value="{name}"' in shown.content.decode()
    client.post(where(ticket, "ticket_answer"), form(ticket, file_of=[name]))
    row.refresh_from_db()
    reply = OutboundReply.objects.get(kind="answer")
    assert row.reply == reply
    page = client.get(where(ticket)).content.decode()
    assert where(ticket, "ticket_file", name) in page
    assert 'name="file_of"' not in page


def test_the_form_itself_brings_them_where_there_is_no_script(
    client: Client, noor: User, ticket: Ticket
) -> None:
    sent = form(ticket, file=[upload()])
    client.post(where(ticket, "ticket_answer"), sent)
    assert ReplyFile.objects.get().reply == OutboundReply.objects.get(kind="answer")
    client.post(where(ticket, "ticket_answer"), {**sent, "file": [upload()]})
    assert ReplyFile.objects.count() == 1, "pressed twice it is one message, and one file"


@pytest.mark.parametrize("then", ["asks", "resolves"])
def test_they_go_with_questions_and_last_words(client: Client, noor: User, ticket: Ticket, then: str) -> None:
    client.post(where(ticket, "ticket_answer"), form(ticket, then=then, file=[upload()]))
    assert ReplyFile.objects.get().reply is not None


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([("a.png", PNG), ("b.png", PNG), ("c.png", PNG)], "At most 2 files"),
        ([("a.png", PNG + b"\0" * 800)], "1 kB together"),
        ([("run.exe", b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff")], "only pictures, PDF"),
        ([("a.png", b"")], "nothing in"),
    ],
)
def test_what_the_channel_does_not_take_is_said_and_nothing_stays(
    client: Client, noor: User, ticket: Ticket, files: list[tuple[str, bytes]], words: str
) -> None:
    answer = put(client, ticket, *[upload(name, body) for name, body in files])
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "Here is the map." in answer.content.decode()
    assert len(stored()) == ReplyFile.objects.count() == max(0, len(files) - 1)


def test_a_channel_that_takes_none_says_so(client: Client, noor: User, ticket: Ticket) -> None:
    ChannelAccount.objects.update(capabilities={})
    page = client.get(where(ticket)).content.decode()
    assert "No files can be sent here." in page
    assert 'type="file"' not in page
    assert put(client, ticket, upload()).status_code == 422
    assert stored() == []


def test_what_is_too_large_is_not_even_kept_while_it_is_read(
    client: Client, noor: User, ticket: Ticket, settings: Settings
) -> None:
    settings.ATTACHMENT_MOST_BYTES = 100_000
    answer = put(client, ticket, upload("a.png", PNG + b"\0" * 300_000))
    assert answer.status_code == 422
    assert "too large" in answer.content.decode()
    assert stored() == []


def test_one_that_is_gone_is_said_and_the_message_waits(client: Client, noor: User, ticket: Ticket) -> None:
    put(client, ticket, upload())
    row = ReplyFile.objects.get()
    default_storage.delete(row.storage_key)
    answer = client.post(where(ticket, "ticket_answer"), form(ticket, file_of=[token("replyfile", row.pk)]))
    assert answer.status_code == 422
    assert "no longer here" in answer.content.decode()
    answer = client.post(where(ticket, "ticket_answer"), form(ticket, file_of=["0" * 20]))
    assert answer.status_code == 422
    assert not OutboundReply.objects.filter(kind="answer").exists()


def test_taken_back_it_stands_beside_the_draft_again(
    client: Client, noor: User, ticket: Ticket, settings: Settings
) -> None:
    settings.UNDO_SECONDS = 10
    client.post(where(ticket, "ticket_answer"), form(ticket, file=[upload()]))
    reply = OutboundReply.objects.get(kind="answer")
    assert reply.undo_until is not None
    reply_undo(actor=noor, reply_id=reply.pk, now=database_now())
    assert ReplyFile.objects.get().reply is None
    assert 'name="file_of"' in client.get(where(ticket)).content.decode()


def test_removed_it_is_gone_with_its_file(
    client: Client,
    noor: User,
    ticket: Ticket,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    put(client, ticket, upload())
    name = token("replyfile", ReplyFile.objects.get().pk)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(
            where(ticket, "ticket_files"), form(ticket, remove=name), headers={"X-Part": "files"}
        )
    assert answer.content.decode().strip() == ""
    assert stored() == []
    again = client.post(where(ticket, "ticket_files"), form(ticket, remove=name), headers={"X-Part": "files"})
    assert (again.status_code, "no longer here" in again.content.decode()) == (422, True)


def test_nobody_else_sees_or_sends_what_stands_beside_a_draft(
    client: Client, noor: User, ticket: Ticket
) -> None:
    put(client, ticket, upload())
    name = token("replyfile", ReplyFile.objects.get().pk)
    assert had(client, ticket, name).status_code == 200
    other = Client()
    other.force_login(desk.user("piet", teams=[desk.team("front")]))
    assert other.get(where(ticket, "ticket_file", name)).status_code == 404
    assert 'name="file_of"' not in other.get(where(ticket)).content.decode()
    assert other.post(where(ticket, "ticket_answer"), form(ticket, file_of=[name])).status_code == 422
    other.post(where(ticket, "ticket_files"), form(ticket, remove=name))
    assert ReplyFile.objects.exists()


def test_it_is_shown_or_saved_as_what_hangs_on_messages_is(
    client: Client, noor: User, ticket: Ticket
) -> None:
    put(
        client,
        ticket,
        upload(),
        upload("plan.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + b"\0" * 100, "text/html"),
    )
    picture, other = (token("replyfile", row.pk) for row in ReplyFile.objects.order_by("pk"))
    shown, saved = (had(client, ticket, each) for each in (picture, other))
    assert shown["Content-Type"] == "image/png"
    assert saved["Content-Type"] == "application/octet-stream"
    assert saved["Content-Disposition"] == 'attachment; filename="plan.pdf"'
    assert "sandbox" in saved["Content-Security-Policy"]


def test_what_nobody_sent_is_tidied_away(
    client: Client,
    noor: User,
    ticket: Ticket,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    put(client, ticket, upload())
    now = database_now()
    assert reply_files_tidy(now=now) == 0
    late = now + UNUSED_FOR + timedelta(hours=1)
    draft = Draft.objects.create(user=noor, ticket=ticket, kind="answer", text="Half", updated_at=now)
    assert reply_files_tidy(now=late) == 0, "beside a draft it stays"
    draft.delete()
    with django_capture_on_commit_callbacks(execute=True):
        assert reply_files_tidy(now=late) == 1
    assert (ReplyFile.objects.count(), stored()) == (0, [])
    client.post(where(ticket, "ticket_answer"), form(ticket, file=[upload()]))
    assert reply_files_tidy(now=late) == 0, "what went with a message stays"


def test_a_private_message_has_limits_of_its_own_where_they_differ(ticket: Ticket) -> None:
    account = ticket.account
    account.capabilities = {
        **TAKES,
        "file_most_bytes": 600,
        "files_private": {"most": 5, "most_bytes": 9_000, "each_bytes": 3_000, "types": [], "apart": True},
    }
    public, private = file_limits(account, "public"), file_limits(account, "private")
    assert public is not None
    assert private is not None
    assert (public.most, public.most_bytes, public.each_bytes, public.apart) == (2, 1_000, 600, False)
    assert (private.most, private.most_bytes, private.each_bytes, private.apart) == (5, 9_000, 3_000, True)
    assert private.takes("text/plain")
    account.capabilities = {"files_private": None}
    assert file_limits(account, "public") is file_limits(account, "private") is None


@pytest.mark.usefixtures("noor")
def test_one_that_is_too_large_by_itself_is_refused_in_words(client: Client, ticket: Ticket) -> None:
    ChannelAccount.objects.update(capabilities={**TAKES, "file_most_bytes": 100})
    answer = put(client, ticket, upload("wide.png"))
    assert answer.status_code == 422
    assert "“wide.png” is too large to be sent here: a file may have 100 bytes." in answer.content.decode()
    assert stored() == []


@pytest.mark.usefixtures("noor")
def test_the_page_says_before_what_a_place_takes(client: Client, ticket: Ticket) -> None:
    ChannelAccount.objects.update(
        capabilities={**TAKES, "files_most": 4, "files_most_bytes": 20_000_000, "file_most_bytes": 5_000_000}
    )
    page = " ".join(client.get(where(ticket)).content.decode().split())
    assert "Files: up to 4, 20 MB together, 5 MB each, only pictures, PDF." in page
    ChannelAccount.objects.update(capabilities={**TAKES, "files_most": 1})
    assert "Files: one, up to 1 kB, only pictures, PDF." in " ".join(
        client.get(where(ticket)).content.decode().split()
    )
    ChannelAccount.objects.update(capabilities={})
    assert "No files can be sent here." in client.get(where(ticket)).content.decode()


@pytest.mark.usefixtures("noor")
@pytest.mark.parametrize(
    ("ends", "words"),
    [(0, ""), (1, "was refused by the virus scanner"), (2, "the virus scanner gave no verdict")],
)
def test_what_we_send_is_scanned_as_what_we_get(
    client: Client, ticket: Ticket, settings: Settings, tmp_path: Path, ends: int, words: str
) -> None:
    script = tmp_path / "scan"
    script.write_text(f'#!/bin/sh\ntest -s "$1" || exit 9\nexit {ends}\n')
    script.chmod(0o700)
    settings.ATTACHMENT_SCANNER = [str(script)]
    answer = put(client, ticket, upload())
    assert answer.status_code == (422 if words else 200)
    assert words in answer.content.decode()
    assert len(stored()) == ReplyFile.objects.count() == (0 if words else 1)
