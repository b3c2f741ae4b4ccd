"""A file from the composer to the caller's mailbox, over a real SMTP server: as it was put there, under its name."""

from __future__ import annotations

import hashlib
import uuid
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from channels_social import inbox, ingest
from channels_social.adapters.email import Email
from channels_social.adapters.email.inbound import Envelope, event_of
from channels_social.connecting import capabilities_as_json
from channels_social.delivery import deliver
from channels_social.models import ChannelConnection
from tests import desk
from tests.channels_social.email.post import Post, office
from tickets.clock import database_now
from tickets.models import ChannelAccount, Message, OutboundReply
from tickets.selectors_ticket import token_of

pytestmark = pytest.mark.django_db(transaction=True)

OURS = "desk@haverdam.example"
MAIL = (
    b"From: Ann <ann@post.example>\r\nTo: desk@haverdam.example\r\nSubject: The lamp in our street\r\n"
    b"Message-ID: <first@post.example>\r\n\r\nThe lamp before our door is broken. When will it be mended?\r\n"
)
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(range(256)) * 400


def test_it_arrives_as_it_was_put_there(client: Client, settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT, settings.UNDO_SECONDS = str(tmp_path), 0
    desk.seeded()
    post = Post()
    with office(post) as port:
        told = {
            "address": OURS, "imap_host": "127.0.0.1", "smtp_host": "127.0.0.1", "smtp_port": str(port),
            "smtp_security": "none", "smtp_user": "-", "sent_copy": "none",
        }  # fmt: skip
        account = desk.account(OURS, settings=told)
        ChannelConnection.objects.update(credentials={"password": "secret"})
        ChannelAccount.objects.update(
            channel="email", manner="letter", capabilities=capabilities_as_json(Email.capabilities)
        )
        event = event_of(OURS, MAIL, Envelope(database_now()))
        ingest.events_store([(account.pk, event)], source="poll", now=database_now())
        inbox.events_process(account.pk)
        said = Message.objects.select_related("ticket", "conversation").get()
        assert said.ticket is not None
        client.force_login(desk.user("noor", teams=[desk.team()]))
        form = {
            "text": "Here is the plan.", "then": "", "to": token_of(said.conversation), "client_key": str(uuid.uuid4()),
            "seen": token_of(said), "file": [SimpleUploadedFile("Plan Laan – zuid.pdf", PDF, "application/pdf")],
        }  # fmt: skip
        answer = client.post(reverse("ticket_answer", args=[said.ticket.shown_reference]), form)
        assert answer.status_code == 302
        deliver(account.pk)
    reply = OutboundReply.objects.get(kind="answer")
    assert reply.state == "sent", (reply.state, reply.error_words, reply.held_reason)
    got = [each.content for each in post.got if isinstance(each.content, bytes)]
    sent = [message_from_bytes(each, policy=policy.default) for each in got]
    (ours,) = [each for each in sent if "Here is the plan." in each.as_string()]
    (file,) = ours.iter_attachments()
    assert file.get_filename() == "Plan Laan – zuid.pdf"
    assert file.get_content_type() == "application/pdf"
    assert hashlib.sha256(file.get_content()).hexdigest() == reply.files.get().sha256
    assert ours["To"].addresses[0].addr_spec == "ann@post.example"
