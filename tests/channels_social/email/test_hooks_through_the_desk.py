"""A provider's recorded requests at the desk's own address: a ticket of a signed mail, nothing of a forged one, a file
that can be had, and what is told of a mail of ours on that very message."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from channels_social import inbox
from channels_social.adapters.email import hooks
from channels_social.models import ChannelApp, ChannelConnection, EventState, InboundEvent
from tests import desk
from tests.channels_social.email.test_hooks import form, load
from tickets.models import ChannelAccount, ChannelMode, Message, Ticket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seeded")]
OURS = "desk@haverdam.example"


@pytest.fixture
def app() -> ChannelApp:
    return ChannelApp.objects.create(
        channel="email",
        name="mail",
        hook_key="hook",
        secrets={"mailgun_signing_key": ["example-signing-key"], "postmark_login": ["desk:example-password"]},
        created_at=desk.MONDAY,
    )


def mailbox(app: ChannelApp, address: str = OURS, **settings: str) -> ChannelAccount:
    made = ChannelAccount.objects.create(
        channel="email",
        external_id=address,
        name="Gemeente Haverdam",
        handle=address,
        team=desk.team(),
        created_at=desk.MONDAY,
        mode=ChannelMode.CUSTOMER_SERVICE,
        capabilities={"named": True},
    )
    ChannelConnection.objects.create(
        account=made, app=app, credentials={}, settings={"address": address, **settings}
    )
    return made


def call(client: Client, name: str, **other: Any) -> int:
    _, request = load(name)
    headers = {f"HTTP_{key.upper().replace('-', '_')}": value for key, value in request.headers.items()}
    kind = headers.pop("HTTP_CONTENT_TYPE")
    body = other.pop("body", request.body)
    return client.post("/hooks/email/hook/", data=body, content_type=kind, **{**headers, **other}).status_code


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("mailgun_mail", "De kaartautomaat heeft mijn pas ingeslikt, café-kant."),
        ("mailgun_parsed", "Zie de foto – de put is open."),
        ("postmark_mail", "De lantaarnpaal voor nummer 7 is uit – al een week."),
        ("postmark_without_raw", "De lantaarnpaal voor nummer 7 is uit."),
    ],
)
def test_a_mail_becomes_a_ticket_once(client: Client, app: ChannelApp, name: str, words: str) -> None:
    account = mailbox(app)
    assert [call(client, name) for _ in range(3)] == [200, 200, 200]
    assert (InboundEvent.objects.count(), Ticket.objects.count()) == (1, 0)
    inbox.events_process(account.pk)
    event = InboundEvent.objects.get()
    assert (event.state, event.outcome) == (EventState.DONE, "message")
    assert words in Message.objects.get(direction="in").body
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize("name", ["mailgun_mail", "mailgun_delivered", "postmark_mail", "postmark_bounce"])
def test_of_a_forged_one_nothing_is_kept_but_that_it_came(client: Client, app: ChannelApp, name: str) -> None:
    mailbox(app)
    ChannelApp.objects.update(
        secrets={"mailgun_signing_key": ["another"], "postmark_login": ["desk:another"]}
    )
    assert call(client, name) == 403
    assert (InboundEvent.objects.count(), ChannelApp.objects.get().bad_signatures) == (0, 1)


def test_an_alias_a_plus_and_a_mail_that_was_passed_on_lead_to_the_mailbox(
    client: Client, app: ChannelApp
) -> None:
    other = mailbox(app, "parken@haverdam.example")
    account = mailbox(app, aliases="info@haverdam.example, hash@inbound.example")
    for number, (recipient, to) in enumerate(
        (
            ("INFO+x@haverdam.example", "x@y.example"),
            ("hash@inbound.example", "x@y.example"),
            ("unknown@forwarder.example", "Haverdam <info@haverdam.example>"),
            ("desk+token@haverdam.example", "x@y.example"),
        )
    ):
        signed(client, recipient, f"From: a@b.example\r\nTo: {to}\r\nSubject: {number}\r\n\r\nHello\r\n")
        assert InboundEvent.objects.filter(account_id=account.pk).count() == number + 1
    signed(
        client,
        "nobody@haverdam.example",
        "From: a@b.example\r\nTo: q@y.example\r\n\r\nFor nobody we know\r\n",
    )
    assert InboundEvent.objects.filter(account_id=other.pk).count() == 1, "no mail is dropped"
    assert ChannelApp.objects.get().unknown_accounts == 0


def test_what_is_told_of_mails_that_are_none_of_ours_is_counted(client: Client, app: ChannelApp) -> None:
    mailbox(app)
    assert [call(client, name) for name in ("mailgun_not_ours", "postmark_not_ours")] == [200, 200]
    assert (InboundEvent.objects.count(), ChannelApp.objects.get().unknown_accounts) == (0, 2)


def test_a_mail_of_25_megabytes_is_taken_and_one_over_the_limit_is_not(
    client: Client, app: ChannelApp
) -> None:
    mailbox(app)
    line = b"0123456789abcdef" * 4 + b"\r\n"
    mail = "From: a@b.example\r\nSubject: large\r\n\r\n" + (line * (25 * 1024 * 1024 // len(line))).decode()
    assert signed(client, OURS, mail) == 200
    event = InboundEvent.objects.get()
    assert event.size > 25 * 1024 * 1024
    assert (event.body, bool(event.body_key)) == (None, True)
    answer = client.post(
        "/hooks/email/hook/",
        data=b"",
        content_type="application/json",
        CONTENT_LENGTH=str(hooks.BODY_LIMIT + 1),
    )
    assert (answer.status_code, ChannelApp.objects.get().too_large) == (413, 1)


def test_what_is_odd_is_kept_for_a_person(client: Client, app: ChannelApp) -> None:
    account = mailbox(app)
    _, request = load("mailgun_unknown")
    for name in ("mailgun_unknown", "mailgun_empty"):
        assert call(client, name) == 200
    told = {**json.loads(request.body), "event-data": "something else"}
    assert call(client, "mailgun_unknown", body=json.dumps(told).encode()) == 200
    inbox.events_process(account.pk)
    assert list(InboundEvent.objects.values_list("state", flat=True)) == [EventState.QUARANTINED] * 3


def signed(client: Client, recipient: str, mail: str) -> int:
    """A mail for this address, with the signature of a recorded one: it signs who calls."""
    _, request = load("mailgun_delivered")
    signature = json.loads(request.body)["signature"]
    fields = {name: value.encode() for name, value in signature.items()}
    made = form(recipient=recipient.encode(), sender=b"a@b.example", body_mime=mail.encode(), **fields)
    kind = made.headers["content-type"]
    return client.post("/hooks/email/hook/", data=made.body, content_type=kind).status_code
