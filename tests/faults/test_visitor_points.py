"""A process dies while a visitor's words come in, while ours are laid ready for them, while their browser says that it
has them, or while they go by mail instead; a fresh one goes on. Nothing is lost, nothing is twice, order is kept."""

from __future__ import annotations

from uuid import uuid4

import pytest

from channels_social import inbox
from channels_social.models import InboundEvent, VisitorLine, VisitorWords
from tests import desk
from tests.channels_social.email.post import Post, office
from tests.channels_social.visitor_desk import MAILBOX, Browser, browser, chat, mailbox
from tests.faults.workers import SHORT_LEASE, Zygote, repeats
from tickets.clock import database_now
from tickets.models import (
    AgentTask,
    ChannelAccount,
    Message,
    OutboundReply,
    Promise,
    ReplyState,
    TaskKind,
    Ticket,
)

pytestmark = [
    pytest.mark.faults,
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("turn", repeats()),
]
ASKED = "The ticket machine at Central swallowed my card, can you help me?"


@pytest.fixture
def account(transactional_db: None) -> ChannelAccount:
    desk.seeded()
    return chat(through=MAILBOX)


def asked(account: ChannelAccount) -> Browser:
    """Somebody has asked, and the acknowledgement is queued."""
    visitor = browser(account)
    visitor.says(ASKED)
    OutboundReply.objects.update(not_before=None, next_try_at=database_now())
    return visitor


def laid(zygote: Zygote, account: ChannelAccount) -> Browser:
    visitor = asked(account)
    zygote.fork("deliver", account.pk).finished()
    assert reply().state == ReplyState.HANDED
    return visitor


def reply() -> OutboundReply:
    return OutboundReply.objects.get()


def told_once() -> None:
    row = reply()
    assert (row.state, row.lease_token) == (ReplyState.SENT, None)
    assert Promise.objects.get().promised_for == row.tells_for == Ticket.objects.get().promised_for
    assert Message.objects.filter(direction="out").count() == 1
    assert not AgentTask.objects.filter(done_at=None).exists()


def told_nobody() -> None:
    assert not Promise.objects.exists()
    assert not Message.objects.filter(direction="out").exists()


# -- in ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("point", ["before_words_commit", "words_stored", "before_read_commit"])
def test_words_that_were_coming_in(zygote: Zygote, account: ChannelAccount, point: str, turn: int) -> None:
    """The browser had no answer, and says the same again; then it goes on."""
    visitor = browser(account)
    first, second = str(uuid4()), str(uuid4())
    order = {"visitor": visitor.visitor.pk, "client_id": first, "text": ASKED}
    zygote.fork("words", account.pk, point=point, **order).died()
    stored = point != "before_words_commit"
    assert InboundEvent.objects.count() == VisitorWords.objects.count() == stored
    zygote.fork("words", account.pk, **order).finished()
    zygote.fork("words", account.pk, **{**order, "client_id": second, "text": "Please."}).finished()
    inbox.events_process(account.pk)
    said = Message.objects.order_by("sent_at", "pk").values_list("body", flat=True)
    assert list(said) == [ASKED, "Please."]
    assert Ticket.objects.count() == 1


# -- out --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("point", "lines"),
    [
        ("before_claim_commit", 0),
        ("after_render", 0),
        ("after_store_started", 0),
        ("before_settle", 1),
        ("after_handed", 1),
    ],
)
@pytest.mark.parametrize("reads_at_once", [False, True], ids=["later", "at_once"])
def test_a_line_that_was_being_laid(
    zygote: Zygote, account: ChannelAccount, point: str, lines: int, reads_at_once: bool, turn: int
) -> None:
    """`reads_at_once`: the browser has it, and says so, before anybody takes over."""
    ChannelAccount.objects.update(capabilities={**account.capabilities, "acknowledged_within_seconds": 0.2})
    visitor = asked(account)
    zygote.fork("deliver", account.pk, point=point, lease=SHORT_LEASE).died()
    assert len(visitor.lines()) == lines
    told_nobody()
    if reads_at_once:
        assert visitor.holds() == lines
    zygote.fork("settle", account.pk).finished()
    assert len(visitor.lines()) == 1, "laid once"
    if not (reads_at_once and lines):
        told_nobody()
        visitor.holds()
    until_read(zygote, account)
    told_once()


def until_read(zygote: Zygote, account: ChannelAccount) -> None:
    """What was acknowledged before anybody knew of it is found when its time has come."""
    OutboundReply.objects.filter(state=ReplyState.HANDED).update(handed_until=database_now())
    zygote.fork("settle", account.pk).finished()


@pytest.mark.parametrize("point", ["", "before_read_commit"])
def test_what_was_acknowledged_and_not_read(
    zygote: Zygote, account: ChannelAccount, point: str, turn: int
) -> None:
    visitor = laid(zygote, account)
    newest = visitor.lines()[-1].number
    zygote.fork("holds", account.pk, visitor=visitor.visitor.pk, through=newest).finished()
    told_nobody()
    if point:
        zygote.fork("read", account.pk, point=point).died()
        told_nobody()
    zygote.fork("settle", account.pk).finished()
    told_once()
    assert visitor.holds() == 0


STEPS = [
    ("before_withdraw_commit", 0, True),
    ("before_claim_commit", 0, True),
    ("after_render", 0, True),
    ("after_store_started", 0, False),
    ("lines_before_end", 0, False),
    ("lines_after_end", 1, False),
    ("smtp_taken", 1, False),
    ("before_settle", 1, True),
]


@pytest.mark.parametrize(("point", "taken", "certain"), STEPS)
def test_a_line_that_was_going_by_mail_instead(
    zygote: Zygote, account: ChannelAccount, point: str, taken: int, certain: bool, turn: int
) -> None:
    """Withdrawn, then mailed once; or it is not certain, a person is asked, and it is never mailed again."""
    post = Post()
    with office(post) as port:
        mailbox(port=port)
        visitor = laid(zygote, account)
        visitor.leaves_address()
        type(visitor.visitor).objects.update(seen_at=desk.MONDAY)
        OutboundReply.objects.update(handed_until=database_now())
        zygote.fork("deliver", account.pk, point=point, lease=SHORT_LEASE).died()
        for _ in range(2):
            zygote.fork("settle", account.pk).finished()
    [line] = VisitorLine.objects.all()
    if certain:
        assert len(post.got) == 1
        assert line.mailed_at is not None
        told_once()
        return
    assert len(post.got) == taken
    assert reply().state == ReplyState.UNKNOWN
    assert AgentTask.objects.get().kind == TaskKind.NOT_CERTAIN
    told_nobody()
    assert visitor.holds() == 0, "nobody reads here what may have gone there"
