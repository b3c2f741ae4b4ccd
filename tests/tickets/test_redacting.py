"""Words are taken out of a message: out of every place where they stand, and out of nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from accounts.models import User
from channels_social import inbox, ingest
from channels_social.adapter import RawEvent
from channels_social.models import InboundEvent
from tests import desk
from tests.tickets.said import acknowledge
from tickets.clock import database_now
from tickets.models import (
    Attachment,
    ChannelAccount,
    Message,
    MessageCopy,
    MessageTombstone,
    MessageVersion,
    MessageWords,
    Ticket,
    TicketEvent,
)
from tickets.selectors_ticket import token_of
from tickets.services.errors import NotFound, Refused
from tickets.services.notice_facts import facts_of
from tickets.services.redacting import REASONS, message_redact
from tickets.services.search_index import words_fill

pytestmark = pytest.mark.django_db

SECRET = "my number is 0612345678"
WORDS = f"@desk1111 the ticket machine at Central swallowed my card, can you help? {SECRET}"


@pytest.fixture
def account(settings: Settings, tmp_path: Path) -> ChannelAccount:
    settings.MEDIA_ROOT = str(tmp_path)
    desk.seeded()
    return desk.account()


@pytest.fixture
def lead(account: ChannelAccount) -> User:
    return desk.user("lotte", teams=[desk.team()], lead=True)


def arrive(account: ChannelAccount, body: bytes, key: str) -> None:
    raw = RawEvent(account.external_id, key, "post.mention.create", body)
    ingest.events_store([(account.pk, raw)], source="webhook", now=database_now())
    inbox.events_process(account.pk)


@pytest.fixture
def message(account: ChannelAccount) -> Message:
    """A post, changed once, with a file that is kept, found by search."""
    arrive(account, desk.mentioned(desk.post(41, WORDS)), "a")
    arrive(account, desk.mentioned(desk.post(42, f"{WORDS}!", history=[41, 42])), "b")
    found = Message.objects.get(external_id="41")
    key = default_storage.save("attachments/one.jpg", ContentFile(b"a picture"))
    Attachment.objects.create(
        message=found, external_id="m1", storage_key=key, name="me.jpg", state="kept", sha256="0" * 64,
        source_url="https://network.example/me.jpg",
    )  # fmt: skip
    words_fill()
    assert SECRET in found.body
    return found


def ticket_of(message: Message) -> Ticket:
    """As it is now."""
    return Ticket.objects.get(messages=message)


def everywhere() -> str:
    """Every text column of every table of ours, as it stands."""
    found = []
    with connection.cursor() as cursor:
        tables = [
            name
            for name in connection.introspection.table_names(cursor)
            if name.startswith(("tickets_", "channels_social_"))
        ]
        for table in tables:
            cursor.execute(f"SELECT t::text FROM {table} t")
            found += [str(row[0]) for row in cursor.fetchall()]
    for event in InboundEvent.objects.all():
        found.append(inbox.body_of(event).decode(errors="replace"))
    return "\n".join(found)


def redact(actor: User, message: Message, reason: str = "personal") -> Message:
    return message_redact(actor=actor, message_id=message.pk, reason=reason, now=database_now())


def test_the_words_are_nowhere_and_their_place_says_why(
    lead: User, message: Message, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    assert everywhere().count("0612345678") >= 4  # message, version, search, two raw updates
    path = Attachment.objects.get().storage_key
    with django_capture_on_commit_callbacks(execute=True):
        redact(lead, message)
    assert "0612345678" not in everywhere()
    assert not default_storage.exists(path)
    message.refresh_from_db()
    assert (message.body, message.removed_rule) == ("", "redacted:personal")
    assert [each.body for each in MessageVersion.objects.all()] == ["", ""]
    assert not MessageWords.objects.filter(message=message).exists()
    attached = Attachment.objects.get()
    assert (attached.state, attached.source_url, attached.name, attached.storage_key) == ("gone", "", "", "")
    line = TicketEvent.objects.get(kind="message_redacted")
    assert (line.actor_user, line.args) == (lead, {"message": message.pk, "reason": "personal"})


def test_nothing_else_is_touched(lead: User, account: ChannelAccount, message: Message) -> None:
    arrive(account, desk.mentioned(desk.post(51, "@desk1111 the lift is broken", author="3333")), "c")
    other = Message.objects.get(external_id="51")
    ticket = ticket_of(message)
    stood = (ticket.triage, ticket.priority, ticket.status, ticket.reasons)
    redact(lead, message)
    other.refresh_from_db()
    assert other.body == "@desk1111 the lift is broken"
    assert b"lift" in bytes(InboundEvent.objects.get(external_id="51").body or b"")
    before = ticket.version
    ticket.refresh_from_db()
    assert (ticket.triage, ticket.priority, ticket.status, ticket.reasons) == stood
    assert ticket.version == before + 1


def test_the_networks_later_word_of_it_brings_nothing_back(
    lead: User, account: ChannelAccount, message: Message
) -> None:
    redact(lead, message)
    arrive(account, desk.mentioned(desk.post(41, WORDS)), "polled again")
    arrive(account, desk.mentioned(desk.post(43, f"{WORDS}!!", history=[41, 42, 43])), "edited again")
    assert "0612345678" not in everywhere()


def test_other_accounts_that_it_reached_lose_it_too(
    lead: User, account: ChannelAccount, message: Message
) -> None:
    second = desk.account("2222")
    MessageCopy.objects.create(
        account=second, external_id="41", first_account=account, received_at=database_now()
    )
    InboundEvent.objects.create(
        account_id=second.pk, key=b"k", kind="post", source="webhook", account_key="2222", dedupe_key="k",
        external_id="41", body=json.dumps({"text": WORDS}).encode(), size=1, received_at=database_now(),
        state="done", purge_after=database_now(),
    )  # fmt: skip
    redact(lead, message)
    assert "0612345678" not in everywhere()
    assert MessageTombstone.objects.filter(account=second, external_id="41").exists()


def test_twice_is_once(lead: User, message: Message) -> None:
    redact(lead, message)
    redact(lead, message, "abuse")
    assert TicketEvent.objects.filter(kind="message_redacted").count() == 1


def test_our_answer_may_still_hang_below_it(lead: User, message: Message) -> None:
    """It stands at the network as before: only who removes it there leaves nothing to answer."""
    reply = acknowledge(ticket_of(message))
    redact(lead, message)
    reply.in_reply_to = "41"
    assert not facts_of(reply, ticket=reply.ticket, conversation=reply.conversation).below_is_gone


class TestWhoMay:
    def test_an_agent_only_what_is_theirs(self, lead: User, message: Message) -> None:
        agent = desk.user("noor", teams=[desk.team()])
        with pytest.raises(Refused) as refused:
            redact(agent, message)
        assert refused.value.code == "who"
        Ticket.objects.filter(messages=message).update(owner=agent)
        redact(agent, message)
        message.refresh_from_db()
        assert message.body == ""

    def test_a_manager_any(self, message: Message) -> None:
        redact(desk.user("max", manager=True), message)

    def test_not_there_for_who_does_not_see_it(self, message: Message) -> None:
        desk.team().__class__.objects.update(is_private=True)
        with pytest.raises(NotFound):
            redact(desk.user("max", manager=True), message)

    def test_what_went_out_from_here_stands_at_the_network(self, lead: User, message: Message) -> None:
        reply = acknowledge(ticket_of(message))
        with pytest.raises(Refused) as refused:
            redact(lead, Message.objects.get(reply=reply))
        assert refused.value.code == "ours"

    def test_a_reason_of_the_list(self, lead: User, message: Message) -> None:
        with pytest.raises(Refused):
            redact(lead, message, "because")
        assert "personal" in REASONS


class TestPage:
    def test_it_asks_before_it_does(self, client: Client, lead: User, message: Message) -> None:
        client.force_login(lead)
        ticket = ticket_of(message)
        where = f"/t/{ticket.shown_reference}/messages/{token_of(message)}/redact/"
        assert where in client.get(f"/t/{ticket.shown_reference}/").content.decode()
        assert SECRET in client.get(where).content.decode()
        assert client.post(where, {"reason": "personal"}).status_code == 422
        message.refresh_from_db()
        assert SECRET in message.body
        done = client.post(where, {"reason": "personal", "sure": "1"}, follow=True).content.decode()
        assert "details that say who the caller is; the text is nowhere here any more" in done
        assert SECRET not in done

    def test_who_may_not_is_offered_nothing(self, client: Client, message: Message) -> None:
        client.force_login(desk.user("noor", teams=[desk.team()]))
        ticket = ticket_of(message)
        page = client.get(f"/t/{ticket.shown_reference}/").content.decode()
        assert "take the words out" not in page
        where = f"/t/{ticket.shown_reference}/messages/{token_of(message)}/redact/"
        assert client.post(where, {"reason": "personal", "sure": "1"}).status_code == 422
