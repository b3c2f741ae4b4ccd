"""Undo against a worker at the same moment, and in any order: promises 1 and 6 hold."""

from __future__ import annotations

import random
import threading

import pytest
from django.db import connection

from accounts.models import User
from channels_social.delivery import deliver, deliver_due
from tests.channels_social import outbox
from tests.channels_social.outbox import Scripted
from tests.tickets.pressed import time_is_over, write
from tickets.clock import database_now
from tickets.models import Direction, Draft, Message, OutboundReply, Promise, ReplyState, Ticket
from tickets.services.errors import Changed
from tickets.services.undo import replies_let_go, reply_undo

pytestmark = pytest.mark.usefixtures("scripted", "ten_seconds")


@pytest.fixture
def ticket() -> Ticket:
    return outbox.ticket(outbox.account())


@pytest.mark.django_db(transaction=True)
def test_undo_and_let_go_at_the_same_moment_exactly_one_wins(ticket: Ticket, sanne: User) -> None:
    """Both are held at the door until the other is there; whatever the order, the caller reads it or the author has it
    back, and never both."""
    account = ticket.account_id
    for number in range(8):
        Scripted.sent.clear()
        row = write(ticket, sanne, f"Words {number}", client_key=f"race-{number:04}")
        time_is_over(row)
        gate = threading.Barrier(2)
        came: dict[str, str] = {}

        def worker(gate: threading.Barrier = gate, row: OutboundReply = row) -> None:
            gate.wait()
            replies_let_go(now=database_now())
            deliver(account)
            connection.close()

        def author(
            gate: threading.Barrier = gate, row: OutboundReply = row, came: dict[str, str] = came
        ) -> None:
            gate.wait()
            try:
                reply_undo(actor=sanne, reply_id=row.pk, now=database_now())
                came["undo"] = "won"
            except Changed:
                came["undo"] = "late"
            connection.close()

        threads = [threading.Thread(target=each) for each in (worker, author)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        deliver_due()  # the worker passes by a row that the author holds at that moment
        row.refresh_from_db()
        if came["undo"] == "won":
            assert Scripted.sent == []
            assert row.held_reason == "undone"
            Draft.objects.all().delete()
        else:
            assert [message.text.startswith(f"Words {number}") for message in Scripted.sent] == [True]
            assert row.state == ReplyState.SENT
            assert not Draft.objects.exists()


@pytest.mark.parametrize("seed", range(25))
def test_promises_one_and_six_hold_whatever_is_pressed_and_taken_back(
    ticket: Ticket, sanne: User, seed: int
) -> None:
    """Presses, undos, passing time and workers in any order: in the end the caller was told a date exactly once (in the
    acknowledgement or in an answer), nothing was sent twice, and nothing that was taken back was sent."""
    dice = random.Random(seed)
    outbox.queued(ticket)
    pressed: list[OutboundReply] = []
    undone: set[str] = set()

    def due() -> None:
        now = database_now()
        OutboundReply.objects.filter(state="queued", undo_until__isnull=True, next_try_at__gt=now).update(
            next_try_at=now
        )

    for step in range(dice.randint(4, 14)):
        what = dice.choice(["press", "undo", "time", "deliver"])
        if what == "press":
            pressed.append(write(ticket, sanne, f"Word-{step};", client_key=f"form-{step:04}"))
        elif what == "undo" and pressed:
            row = dice.choice(pressed)
            try:
                text = OutboundReply.objects.get(pk=row.pk).text
                reply_undo(actor=sanne, reply_id=row.pk, now=database_now())
                undone.add(text)
            except Changed:
                pass
        elif what == "time" and pressed:
            time_row = OutboundReply.objects.filter(undo_until__isnull=False).order_by("pk").first()
            if time_row is not None:
                time_is_over(time_row)
            replies_let_go(now=database_now())
        elif what == "deliver":
            due()
            deliver_due()
    for row in OutboundReply.objects.filter(undo_until__isnull=False):
        time_is_over(row)
    replies_let_go(now=database_now())
    for _ in range(2 * len(pressed) + 2):
        due()
        deliver_due()
    texts = [message.text for message in Scripted.sent]
    assert len(texts) == len(set(texts)), "nothing twice"
    assert not [text for text in texts for word in undone if word in text], "nothing that was taken back"
    wanted = {row.text for row in pressed} - undone
    assert {word for word in wanted if any(word in text for text in texts)} == wanted, "nothing lost"
    assert Promise.objects.filter(ticket=ticket).count() == 1, "told once"
    acknowledged = OutboundReply.objects.get(ticket=ticket, kind="acknowledgement").state
    assert (acknowledged == ReplyState.SENT) or wanted
    assert Message.objects.filter(ticket=ticket, direction=Direction.OUTBOUND).count() == len(texts)
