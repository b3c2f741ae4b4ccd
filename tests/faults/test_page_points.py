"""A process dies while words of ours are laid on a caller's page, or while the page tells that it was shown; a fresh
one goes on. Nothing is lost, nothing is told twice, and nobody is told what they have not seen."""

from __future__ import annotations

import pytest
from django.test import Client

from tests import desk
from tests.channels_social.form_desk import form, send
from tests.channels_social.test_on_page import marks_on, page
from tests.faults.workers import SHORT_LEASE, Zygote, repeats
from tickets.clock import database_now
from tickets.models import (
    AgentTask,
    ChannelAccount,
    LinkWay,
    Message,
    OutboundReply,
    Promise,
    ReplyState,
    StatusLink,
    Ticket,
)
from tickets.services.status_links import status_link_make

pytestmark = [
    pytest.mark.faults,
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("turn", repeats()),
]


@pytest.fixture
def account(transactional_db: None) -> ChannelAccount:
    desk.seeded()
    return form()


def asked() -> str:
    """Somebody has filled in the form and never saw its next page: the acknowledgement is queued. Their page."""
    send(Client())
    OutboundReply.objects.update(not_before=None, next_try_at=database_now())
    place = Ticket.objects.get().conversations.get()
    return "/s/" + status_link_make(place, now=database_now(), way=LinkWay.SCREEN).split("/s/")[1]


def reply() -> OutboundReply:
    return OutboundReply.objects.get()


def looks(zygote: Zygote, path: str, *, point: str = "") -> None:
    """A browser says what it has shown, to a process of its own."""
    marks = marks_on(page(path))
    worker = zygote.fork("seen", link=StatusLink.objects.get().pk, marks=marks, point=point)
    worker.died() if point else worker.finished()


def told_nobody() -> None:
    assert not Promise.objects.exists()
    assert not Message.objects.filter(direction="out").exists()


def told_once() -> None:
    row = reply()
    assert (row.state, row.lease_token) == (ReplyState.SENT, None)
    assert Promise.objects.get().promised_for == row.tells_for == Ticket.objects.get().promised_for
    assert Message.objects.filter(direction="out").count() == 1
    assert not AgentTask.objects.filter(done_at=None).exists()


@pytest.mark.parametrize(
    ("point", "lies"),
    [
        ("before_claim_commit", 0),
        ("after_render", 0),
        ("after_store_started", 0),
        ("before_settle", 0),
        ("after_handed", 1),
    ],
)
@pytest.mark.parametrize("reads_at_once", [False, True], ids=["later", "at_once"])
def test_words_that_were_being_laid(
    zygote: Zygote, account: ChannelAccount, point: str, lies: int, reads_at_once: bool, turn: int
) -> None:
    """`reads_at_once`: the page is shown before anybody takes over. It shows what the row says lies there, and no
    sooner."""
    path = asked()
    zygote.fork("deliver", account.pk, point=point, lease=SHORT_LEASE).died()
    assert len(marks_on(page(path))) == lies
    told_nobody()
    if reads_at_once:
        looks(zygote, path)
    zygote.fork("settle", account.pk).finished()
    if not (reads_at_once and lies):
        told_nobody()
        assert len(marks_on(page(path))) == 1
        looks(zygote, path)
    told_once()
    assert marks_on(page(path)) == []


def test_a_page_that_was_telling_that_it_was_shown(
    zygote: Zygote, account: ChannelAccount, turn: int
) -> None:
    path = asked()
    zygote.fork("deliver", account.pk).finished()
    looks(zygote, path, point="before_seen_commit")
    told_nobody()
    assert reply().state == ReplyState.HANDED
    looks(zygote, path)
    told_once()


@pytest.mark.parametrize("reads", [False, True], ids=["unread", "read"])
def test_words_that_were_being_taken_back(
    zygote: Zygote, account: ChannelAccount, reads: bool, turn: int
) -> None:
    """Something changed since: they go anew, once, unless the page was shown before; then they were told."""
    path = asked()
    zygote.fork("deliver", account.pk).finished()
    before = marks_on(page(path))
    if reads:
        looks(zygote, path)
    changed = OutboundReply.objects.filter(state=ReplyState.HANDED)
    changed.update(held_reason="untrue", handed_until=database_now())
    worker = zygote.fork("deliver", account.pk, point="before_withdraw_commit")
    worker.finished() if reads else worker.died()
    for _ in range(2):
        zygote.fork("settle", account.pk).finished()
    if not reads:
        told_nobody()
        [mark] = marks_on(page(path))
        assert [mark] != before
        looks(zygote, path)
    told_once()
