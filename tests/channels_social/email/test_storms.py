"""Machines that write to a mailbox: each ends by itself, with at most the caps of automatic mails. What left is told by
the log of the server for sending."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from email.utils import parseaddr

import pytest

from channels_social import inbox
from channels_social.adapters.email.inbound import Envelope, event_of
from channels_social.delivery import deliver
from channels_social.ingest import events_store
from channels_social.models import ChannelApp, ChannelConnection
from priority.selectors import policy_of
from tests import desk
from tests.channels_social.email.post import Post, office
from tickets.clock import database_now
from tickets.models import ChannelAccount, ChannelMode, Ticket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seeded")]
OURS, THEIRS = "desk@haverdam.example", "balie@merendam.example"
ASKED = "The ticket machine at Central swallowed my card, can you help me?"
BATCH = 500


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def port(post: Post) -> Iterator[int]:
    with office(post) as running:
        yield running


def mailbox(port: int, address: str = OURS) -> ChannelAccount:
    now = database_now()
    app, _ = ChannelApp.objects.get_or_create(
        hook_key="mail", defaults={"channel": "email", "name": "mail", "secrets": {}, "created_at": now}
    )
    made = ChannelAccount.objects.create(
        channel="email",
        external_id=address,
        name="Gemeente Haverdam",
        handle=address,
        team=desk.team(),
        mode=ChannelMode.CUSTOMER_SERVICE,
        manner="letter",
        language="en",
        created_at=now,
    )
    settings = {"address": address, "smtp_host": "127.0.0.1", "smtp_port": str(port), "smtp_security": "none"}
    ChannelConnection.objects.create(
        account=made,
        app=app,
        credentials={"password": "x"},
        settings={**settings, "smtp_user": "-", "sent_copy": "none"},
        allow_private_addresses=True,
    )
    return made


def written(number: int, *, by: str = "anna@post.example", words: str = ASKED, **fields: str) -> bytes:
    head = {
        "From": by,
        "To": OURS,
        "Subject": f"Out of the blue {number}",
        "Message-ID": f"<storm-{number}@post.example>",
        "Date": datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S +0000"),
        **{name.replace("_", "-"): value for name, value in fields.items()},
    }
    return (
        "\r\n".join(f"{name}: {value}" for name, value in head.items()) + f"\r\n\r\n{words} ({number})\r\n"
    ).encode()


def arrives(account: ChannelAccount, raws: Iterable[bytes], *, return_path: str | None = None) -> None:
    envelope = Envelope(datetime.now(UTC), (account.external_id,), return_path=return_path)
    events = [(account.pk, event_of(account.external_id, raw, envelope)) for raw in raws]
    for start in range(0, len(events), BATCH):
        events_store(events[start : start + BATCH], source="poll", now=database_now())
        inbox.events_process(account.pk)
    deliver(account.pk)


def hourly() -> int:
    return policy_of(Ticket.objects.order_by("pk")[0].policy_revision_id).caps.per_contact_per_hour


@pytest.mark.parametrize("rounds", [12, pytest.param(60, marks=pytest.mark.slow)])
def test_an_auto_responder_without_marks_and_with_new_subjects(post: Post, port: int, rounds: int) -> None:
    """It answers each mail of ours, from the same address, and says nothing of what it answers."""
    account = mailbox(port)
    arrives(account, [written(0)])
    answered = quiet = 0
    for number in range(1, rounds + 1):
        fresh = post.got[answered:]
        answered = len(post.got)
        quiet = 0 if fresh else quiet + 1
        # Where we say no more it goes on all the same.
        arrives(account, [written(number, words=f"I am away until day {number}. {ASKED}")])
    assert 1 <= len(post.got) <= hourly()
    assert quiet >= rounds - hourly() - 1, "it ended, and not because the test did"


@pytest.mark.parametrize("number", [40, pytest.param(5_000, marks=pytest.mark.slow)])
def test_a_storm_of_bounces(post: Post, port: int, number: int) -> None:
    account = mailbox(port)
    arrives(
        account,
        (
            written(
                each,
                by=f"MAILER-DAEMON@mx{each % 50}.example",
                Subject="Undelivered Mail Returned to Sender",
                Auto_Submitted="auto-replied",
                words=f"550 5.1.1 <victim{each}@spoofed.example>: User unknown. {ASKED}",
            )
            for each in range(number)
        ),
        return_path="",
    )
    assert post.got == []


@pytest.mark.parametrize("members", [30, pytest.param(1_000, marks=pytest.mark.slow)])
def test_a_list_with_many_members(post: Post, port: int, members: int) -> None:
    account = mailbox(port)
    arrives(
        account,
        (
            written(
                each,
                by=f"member{each}@post.example",
                List_Id="Neighbours <neighbours.lists.example>",
                List_Post="<mailto:neighbours@lists.example>",
                Precedence="list",
            )
            for each in range(members)
        ),
    )
    assert post.got == []


@pytest.mark.parametrize("marked", [True, False], ids=["marked", "marks taken off on the way"])
def test_two_desks(post: Post, port: int, marked: bool) -> None:
    """Each gets what the other sends, until neither says anything more."""
    ours, theirs = mailbox(port), mailbox(port, THEIRS)
    by_address = {OURS: ours, THEIRS: theirs}
    arrives(ours, [written(0, by=THEIRS)])
    carried = 0
    for _ in range(40):
        fresh = post.got[carried:]
        if not fresh:
            break
        carried = len(post.got)
        for envelope in fresh:
            told = message_from_bytes(bytes(envelope.original_content or b""), policy=default)
            if not marked:
                for name in (
                    "Auto-Submitted",
                    "X-Auto-Response-Suppress",
                    "References",
                    "In-Reply-To",
                    "Message-ID",
                ):
                    del told[name]
                told["Message-ID"] = f"<gateway-{carried}@elsewhere.example>"
                told.replace_header("Subject", f"Passed on {carried}")
            arrives(by_address[parseaddr(str(told["To"]))[1]], [told.as_bytes()])
    else:
        pytest.fail("they did not end")
    assert 1 <= len(post.got) <= (1 if marked else 2 * hourly())
