"""A worker dies while it reads a mailbox (between fetching, storing and marking) or hands a mail over (at each step of
SMTP); a fresh one goes on. Nothing is lost, nothing is twice, or it is not certain and the ticket says so.

The mailbox is a real Dovecot's, the server for sending an aiosmtpd whose log tells what left."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from channels_social import inbox
from channels_social.adapters.email.inbound import Envelope, event_of
from channels_social.adapters.email.keys import token_secrets
from channels_social.adapters.email.thread import message_id_make
from channels_social.ingest import events_store
from channels_social.models import ChannelConnection, InboundEvent
from tests import desk
from tests.channels_social import dovecot
from tests.channels_social.dovecot import PASSWORD, USER, Dovecot, mail
from tests.channels_social.email.mail_desk import mail_account
from tests.channels_social.email.post import Post, office
from tests.faults.workers import SHORT_LEASE, Zygote, repeats
from tickets.clock import database_now
from tickets.models import AgentTask, ChannelAccount, Message, OutboundReply, Promise, TaskKind, Ticket
from tickets.models.outbox import UNSETTLED

pytestmark = [
    pytest.mark.faults,
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("turn", repeats()),
]
ASKED = "The ticket machine at Central swallowed my card, can you help me?"
MAILS = 3


@pytest.fixture(scope="module")
def running() -> Iterator[Dovecot]:
    dovecot.here()
    server = Dovecot().start()
    yield server
    server.close()


@pytest.fixture
def box(running: Dovecot) -> Dovecot:
    desk.seeded()
    running.person(USER, PASSWORD)
    running.admin("expunge", "-u", USER, "mailbox", "*", "all")
    return running


# -- in ---------------------------------------------------------------------------------------------------------
def polls(zygote: Zygote, account: ChannelAccount, **how: object) -> None:
    ChannelConnection.objects.filter(account=account).update(poll_due_at=database_now())
    worker = zygote.fork("poll", account.pk, **how)
    worker.died() if how else worker.finished()


@pytest.mark.parametrize("moved", [False, True], ids=["flagged", "moved"])
@pytest.mark.parametrize("point", ["imap_marked", "polled", "before_poll_commit", "after_poll_commit"])
def test_mail_that_was_being_read(zygote: Zygote, box: Dovecot, point: str, moved: bool, turn: int) -> None:
    account = mail_account(box, done_folder="Done" if moved else "")
    for number in range(1, MAILS + 1):
        box.put(mail(number, ASKED))
    polls(zygote, account, point=point)
    stored = InboundEvent.objects.count()
    assert stored == (MAILS if point == "after_poll_commit" else 0)
    assert box.count() == MAILS, "nothing is marked before it is stored"
    assert box.count(what="UNSEEN") == MAILS

    polls(zygote, account)
    inbox.events_process(account.pk)
    box.put(mail(9, ASKED))
    polls(zygote, account)
    inbox.events_process(account.pk)
    found = sorted(one.partition("@")[0] for one in Message.objects.values_list("external_id", flat=True))
    assert found == ["m1", "m2", "m3", "m9"]
    assert Ticket.objects.count() == MAILS + 1
    if moved:
        assert (box.count(), box.count("Done")) == (0, MAILS + 1)
    else:
        assert (box.count(), box.count(what="UNSEEN")) == (MAILS + 1, 0)


@pytest.mark.parametrize("moved", [False, True], ids=["flagged", "moved"])
def test_mail_that_was_just_marked(zygote: Zygote, box: Dovecot, moved: bool, turn: int) -> None:
    """It dies twice: before what is stored is marked, and before it could note that it is."""
    account = mail_account(box, done_folder="Done" if moved else "")
    box.put(mail(1, ASKED))
    polls(zygote, account, point="after_poll_commit")
    polls(zygote, account, point="imap_marked")
    assert box.count(what="UNSEEN") == 0
    box.put(mail(2, ASKED))
    polls(zygote, account)
    inbox.events_process(account.pk)
    assert Ticket.objects.count() == Message.objects.count() == InboundEvent.objects.count() == 2
    assert (box.count("Done" if moved else "INBOX"), box.count(what="UNSEEN")) == (2, 0)


# -- out --------------------------------------------------------------------------------------------------------
#: Where it dies, and how many mails the server has taken by then.
STEPS = [
    ("after_store_started", 0),
    ("smtp_signed_in", 0),
    ("smtp_named", 0),
    ("lines_before_end", 0),
    ("lines_after_end", 1),
    ("smtp_taken", 1),
    ("before_settle", 1),
]


class Keeping(Post):
    """A server that puts what it takes into the folder of sent mails, as large providers do."""

    def __init__(self, box: Dovecot | None) -> None:
        super().__init__()
        self._box = box

    def answer(self, step: str, address: str) -> str | None:
        return super().answer(step, address)

    async def handle_DATA(self, server, session, envelope) -> str:  # type: ignore[no-untyped-def]
        told = await super().handle_DATA(server, session, envelope)
        if self._box is not None:
            self._box.put(envelope.original_content, "Sent")
        return told


def asked(account: ChannelAccount) -> OutboundReply:
    """A mail came in; its acknowledgement is queued."""
    event = event_of(USER, mail(1, ASKED), Envelope(datetime.now(UTC)))
    events_store([(account.pk, event)], source="poll", now=database_now())

    def queued() -> OutboundReply | None:
        # As beat does: what could not be read in its time is read again.
        inbox.events_process(account.pk)
        return OutboundReply.objects.filter(state="queued").first()

    reply: OutboundReply = dovecot.wait_until(queued)
    return reply


@pytest.mark.parametrize(("point", "taken"), STEPS)
def test_a_mail_that_was_being_handed_over(
    zygote: Zygote, box: Dovecot, point: str, taken: int, turn: int
) -> None:
    """The server keeps what it takes, and an earlier mail there shows that it does: whoever comes after looks, and
    knows."""
    earlier = message_id_make(1, token_secrets()[0], random="earlier", domain="haverdam.example")
    box.put(mail(1, Message_ID=f"<{earlier}>"), "Sent")
    post = Keeping(box)
    with office(post) as port:
        account = mail_account(box, smtp_port=str(port), smtp_user="-", sent_copy="server")
        asked(account)
        zygote.fork("deliver", account.pk, point=point, lease=SHORT_LEASE).died()
        dovecot.wait_until(lambda: len(post.got) >= taken)
        zygote.fork("settle", account.pk, found_after=1).finished()
    assert len(post.got) == 1
    reply = OutboundReply.objects.get()
    assert (reply.state, reply.lease_token) == ("sent", None)
    assert Promise.objects.get().promised_for == reply.tells_for
    assert Ticket.objects.get().promised_for == reply.tells_for
    assert Message.objects.filter(direction="out").count() == 1
    assert not AgentTask.objects.exists()


@pytest.mark.parametrize(("point", "taken"), STEPS)
def test_where_nobody_keeps_what_was_sent_it_is_not_certain_and_never_twice(
    zygote: Zygote, box: Dovecot, point: str, taken: int, turn: int
) -> None:
    post = Keeping(None)
    with office(post) as port:
        account = mail_account(box, smtp_port=str(port), smtp_user="-", sent_copy="none")
        asked(account)
        zygote.fork("deliver", account.pk, point=point, lease=SHORT_LEASE).died()
        dovecot.wait_until(lambda: len(post.got) >= taken)
        for _ in range(2):
            zygote.fork("settle", account.pk, found_after=1).finished()
    assert len(post.got) == taken
    assert OutboundReply.objects.get().state == "unknown"
    assert not OutboundReply.objects.filter(state__in=UNSETTLED).exists()
    assert AgentTask.objects.get().kind == TaskKind.NOT_CERTAIN
    assert Ticket.objects.get().promised_for is None
    assert not Promise.objects.exists()
