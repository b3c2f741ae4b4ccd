"""The channel mode gates every route: what comes in, who decides, what goes out. Each route is tried in each mode."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from channels_social.checking import account_check, account_try_out
from channels_social.delivery import deliver
from channels_social.disconnecting import account_disconnect, account_switch
from channels_social.inbox import events_process
from channels_social.models import ChannelConnection, InboundEvent
from channels_social.polling import account_poll, connections_due, look_ups_due
from channels_social.subscriptions import hooks_due
from tests import desk
from tests.channels_social import outbox
from tests.simulated_clock import SimulatedClock
from tests.tickets import said
from tests.tickets.notices import row_of, told
from tickets.clock import database_now
from tickets.models import (
    ChannelAccount,
    ChannelMode,
    Conversation,
    OutboundReply,
    Promise,
    Target,
    Ticket,
    Triage,
)
from tickets.selectors_accounts import promises_from
from tickets.services.clock_work import clock_set
from tickets.services.errors import Refused
from tickets.services.forecast import kept_back
from tickets.services.later import later_say
from tickets.services.replies import answer_write, reply_release
from tickets.services.resolving import ticket_resolve
from tickets.services.sweep import sweep_due
from tickets.services.triage import ticket_triage

HOUR = timedelta(hours=1)
READS = {"collect_feedback", "customer_service"}
ANSWERS = {"customer_service"}
#: How the services say that it is the mode which forbids it.
MODE_CODES = {"mode", "account_mode"}


@dataclass
class Scene:
    """An account in a mode, with two tickets of before: one that is answered, one that nobody has decided."""

    mode: str
    client: Client
    noor: User
    heard: Ticket
    untriaged: Ticket

    @property
    def reads(self) -> bool:
        return self.mode in READS

    @property
    def answers(self) -> bool:
        return self.mode in ANSWERS


pytestmark = pytest.mark.django_db


@pytest.fixture(params=list(ChannelMode.values))
def scene(request: pytest.FixtureRequest, clock: SimulatedClock) -> Scene:
    account = desk.account(notices="automatic", notices_note="agreed on 3 March")
    noor = desk.user("noor", teams=[account.team])
    heard, untriaged = said.hear(account, 1), said.hear(account, 2, said.VENTING, by="bram")
    ChannelAccount.objects.update(mode=request.param)
    client = Client()
    client.force_login(noor)
    return Scene(
        mode=request.param,
        client=client,
        noor=noor,
        heard=Ticket.objects.get(pk=heard.pk),
        untriaged=Ticket.objects.get(pk=untriaged.pk),
    )


@pytest.fixture
def promise(scene: Scene) -> Iterator[Promise]:
    """A date that was told from an account on a channel that takes everything, before the mode was changed."""
    with outbox.scripted_channels():
        spoken = outbox.ticket(outbox.account())
        made = told(spoken, date=database_now() + HOUR)
        clock_set([Ticket.objects.get(pk=spoken.pk)], database_now())
        ChannelAccount.objects.update(mode=scene.mode)
        yield Promise.objects.select_related("ticket").get(pk=made.pk)


def arrives(scene: Scene, number: int, text: str) -> None:
    body = desk.mentioned(desk.post(number, text, author="4444"))
    account = scene.heard.account
    address = reverse("webhook", args=[account.channel, "hook"])
    signature = {"x-twitter-webhooks-signature": desk.signed(body)}
    assert scene.client.post(address, body, "application/json", headers=signature).status_code == 200
    events_process(account.pk)


def refuses(act: Callable[[], object]) -> bool:
    try:
        act()
    except Refused as refusal:
        return refusal.code in MODE_CODES
    return False


def test_what_the_network_brings_is_read_or_counted_and_not_kept(scene: Scene) -> None:
    before = Ticket.objects.count()
    arrives(scene, 77, f"@desk{scene.heard.account.external_id} the ticket machine swallowed my card")
    counters = ChannelConnection.objects.get(account=scene.heard.account).counters
    assert InboundEvent.objects.count() == (1 if scene.reads else 0)
    assert counters.get(f"mode_{scene.mode}", 0) == (0 if scene.reads else 1)
    assert Ticket.objects.count() == before + scene.reads


def test_nobody_is_promised_anything_where_nobody_answers(scene: Scene) -> None:
    arrives(scene, 78, f"@desk{scene.heard.account.external_id} the ticket machine swallowed my card")
    ticket = Ticket.objects.filter(messages__external_id="78").first()
    if not scene.reads:
        assert ticket is None
        return
    assert ticket is not None
    assert ticket.triage == "respond"
    assert Target.objects.filter(ticket=ticket).exists() == scene.answers
    assert OutboundReply.objects.filter(ticket=ticket).exists() == scene.answers


def test_the_network_is_asked_only_where_it_is_read(scene: Scene) -> None:
    now = database_now()
    account = scene.heard.account
    ChannelConnection.objects.filter(account=account).update(poll_due_at=now - HOUR)
    Conversation.objects.filter(account=account).update(look_up_due_at=now - HOUR)
    assert (account.pk in connections_due(now)) == scene.reads
    assert (account.pk in look_ups_due(now)) == scene.reads
    if not scene.reads:  # a job that was woken before the mode changed
        account_poll(account.pk)
        bridge = ChannelConnection.objects.get(account=account)
        assert (bridge.polled_at, bridge.last_error_at, bridge.poll_due_at) == (None, None, now - HOUR)


def test_triage_offers_respond_only_where_somebody_is_answered(scene: Scene) -> None:
    page = scene.client.get(reverse("ticket", args=[scene.untriaged.shown_reference])).content.decode()
    assert ('value="respond"' in page) == scene.answers
    assert 'value="venting"' in page
    assert 'value="watch"' in page


def test_respond_is_refused(scene: Scene) -> None:
    def press() -> None:
        ticket_triage(
            actor=scene.noor,
            ticket_id=scene.untriaged.pk,
            verdict=Triage.RESPOND,
            now=database_now(),
        )

    assert refuses(press) != scene.answers
    address = reverse("ticket_triage", args=[scene.untriaged.shown_reference])
    scene.client.post(address, {"verdict": "respond"})
    scene.untriaged.refresh_from_db()
    assert (scene.untriaged.triage == "respond") == scene.answers


def test_no_reply_needed_may_be_said_in_every_mode(scene: Scene) -> None:
    done = ticket_triage(
        actor=scene.noor,
        ticket_id=scene.untriaged.pk,
        verdict=Triage.NO_REPLY,
        reason="venting",
        now=database_now(),
    )
    assert done.triage == "no_reply_needed"


def test_an_answer_is_refused_by_the_service_and_on_the_page(scene: Scene) -> None:
    ticket = scene.heard

    def press() -> None:
        answer_write(
            actor=scene.noor,
            ticket_id=ticket.pk,
            conversation_id=ticket.conversations.get().pk,
            text="On our way.",
            tell_date=True,
            client_key="key-of-the-form",
            seen_message_id=None,
            now=database_now(),
        )

    assert refuses(press) != scene.answers
    page = scene.client.get(reverse("ticket", args=[ticket.shown_reference])).content.decode()
    assert ('name="then" value=""' in page) == scene.answers
    assert 'name="then" value="note"' in page  # between colleagues, in any mode


def test_a_later_date_is_refused(scene: Scene, promise: Promise) -> None:
    def press() -> None:
        later_say(
            actor=scene.noor,
            ticket_id=promise.ticket_id,
            reason="own_words",
            own_words="We need another part.",
            date=promise.promised_for + 48 * HOUR,
            client_key="key-of-the-form",
            seen_message_id=None,
            now=database_now(),
        )

    if scene.answers:
        press()
    else:
        assert refuses(press)


def test_a_word_that_it_is_done_is_refused_and_it_may_be_done_without(scene: Scene, promise: Promise) -> None:
    ticket = promise.ticket

    def resolve(what: str, without: str, key: str) -> None:
        ticket_resolve(
            actor=scene.noor,
            ticket_id=ticket.pk,
            conversation_id=ticket.conversations.get().pk,
            what=what,
            own_text="",
            without_a_word=without,
            client_key=key,
            seen_message_id=None,
            now=database_now(),
        )

    if not scene.answers:
        assert refuses(lambda: resolve("The machine was emptied.", "", "key-of-the-form"))
        resolve("", "said_elsewhere", "another-key")
    else:
        resolve("The machine was emptied.", "", "key-of-the-form")
    ticket.refresh_from_db()
    assert ticket.status == "resolved"


def test_what_was_to_go_is_held_also_when_a_person_releases_it(scene: Scene, promise: Promise) -> None:
    row = row_of("overdue_notice", promise)
    deliver(row.account_id)
    row.refresh_from_db()
    if scene.answers:
        assert row.state == "sent"
        return
    assert (row.state, row.held_reason) == ("held", "account_mode")
    reply_release(actor=scene.noor, reply_id=row.pk, now=database_now())
    deliver(row.account_id)
    row.refresh_from_db()
    assert (row.state, row.held_reason) == ("held", "account_mode")
    assert outbox.Scripted.sent == []


def test_a_told_date_is_foreseen_and_asked_of_a_person(scene: Scene, promise: Promise) -> None:
    now = database_now()
    found = kept_back([promise.ticket], promise.notice_at, now)[promise.ticket_id]
    assert (found is None) == scene.answers
    sweep_due(now=promise.notice_at)
    row = OutboundReply.objects.get(kind="overdue_notice")
    assert (row.state == "queued") == scene.answers
    assert scene.answers or row.held_reason == "account_mode"


def test_subscriptions_are_kept_wherever_something_may_come_in(scene: Scene) -> None:
    now = database_now()
    ChannelConnection.objects.filter(account=scene.heard.account).update(hook_due_at=now - HOUR)
    assert (scene.heard.account_id in hooks_due(now)) == (scene.mode != ChannelMode.OFF)


def test_a_test_post_leaves_only_where_somebody_is_answered(scene: Scene) -> None:
    mila = desk.user("mila", manager=True)
    with pytest.raises(Refused) as refused:  # where the mode lets it go, this network cannot be reached
        account_try_out(actor=mila, account_id=scene.heard.account_id, now=database_now())
    assert (refused.value.code in MODE_CODES) != scene.answers


def test_it_is_looked_at_in_every_mode_and_nothing_of_it_is_read(scene: Scene) -> None:
    mila = desk.user("mila", manager=True)
    with pytest.raises(Refused) as refused:
        account_check(actor=mila, account_id=scene.heard.account_id, now=database_now())
    assert refused.value.code == "check", "this network cannot be reached"
    assert InboundEvent.objects.count() == 0


def test_it_may_be_disconnected_in_every_mode_and_is_connected_by_choice_alone(scene: Scene) -> None:
    mila, account = desk.user("mila", manager=True), scene.heard.account
    told = len(promises_from(account.pk)) if scene.answers else 0
    account_disconnect(actor=mila, account_id=account.pk, seen_promises=told, now=database_now())
    account.refresh_from_db()
    bridge = ChannelConnection.objects.get(account=account)
    assert (account.mode, bridge.credentials, bridge.poll_due_at) == ("off", {}, None)
    arrives(scene, 79, f"@desk{account.external_id} the ticket machine swallowed my card")
    assert not InboundEvent.objects.exists()
    for mode in (ChannelMode.PUBLISH_ONLY, ChannelMode.COLLECT_FEEDBACK, ChannelMode.CUSTOMER_SERVICE):
        with pytest.raises(Refused, match="Connect it again first"):
            account_switch(actor=mila, account_id=account.pk, mode=mode, seen_promises=0, now=database_now())
