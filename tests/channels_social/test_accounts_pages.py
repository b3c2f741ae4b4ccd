"""The manager's pages of our accounts: who needs somebody leads; a change is said before it is done."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from channels_social.connections import connection_of
from channels_social.health import person_needed
from channels_social.ingest import key_of
from channels_social.models import ChannelApp, ChannelConnection, EventState, InboundEvent
from channels_social.registry import channels
from tests import desk
from tests.tickets import said
from tickets.clock import database_now
from tickets.models import AgentTask, ChannelAccount, DeskSwitch, OutboundReply, Ticket
from tickets.services.clock_work import clock_set
from tickets.tokens import token

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
NOTE = "agreed by their support on 3 March, case 4711"


@pytest.fixture
def mila() -> User:
    desk.seeded()
    return desk.user("mila", teams=[desk.team()], manager=True)


@pytest.fixture
def manager(mila: User) -> Client:
    client = Client()
    client.force_login(mila)
    return client


def to(account: ChannelAccount, name: str = "account") -> str:
    return reverse(name, args=[token("channelaccount", account.pk)])


def plain(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


class TestList:
    def test_the_one_that_needs_somebody_leads(self, manager: Client) -> None:
        desk.account("1", notices="released")
        broken = desk.account("2", notices="released")
        desk.account("3", mode="off")
        person_needed(
            connection_of(broken.pk), code="reauthorise", words="401: the token is dead.", now=database_now()
        )
        page = manager.get(reverse("accounts")).content.decode()
        places = [page.index(f">{handle}</a>") for handle in ("desk2", "desk1", "desk3")]
        assert places == sorted(places)
        words = plain(manager, reverse("accounts"))
        assert "3, and 1 cannot go on without you" in words
        for sentence in ("no longer takes our key", "401: the token is dead.", "Nothing is sent from here"):
            assert sentence in words
        assert "Connect it again: what came meanwhile is read then." in words

    def test_empty(self, manager: Client) -> None:
        assert "No account is connected yet" in plain(manager, reverse("accounts"))

    def test_an_account_without_a_connection_says_so(self, manager: Client) -> None:
        desk.account()
        ChannelConnection.objects.all().delete()
        assert "Not connected" in plain(manager, reverse("accounts"))

    def test_as_many_statements_for_five_as_for_one(self, manager: Client) -> None:
        for number in range(5):
            desk.account(str(number), of_team=desk.team())
        with CaptureQueriesContext(connection) as for_five:
            manager.get(reverse("accounts"))
        ChannelConnection.objects.exclude(account__external_id="0").delete()
        ChannelAccount.objects.exclude(external_id="0").delete()
        with CaptureQueriesContext(connection) as for_one:
            manager.get(reverse("accounts"))
        assert len(for_five) == len(for_one)


class TestHealth:
    def test_each_sentence(self, manager: Client) -> None:
        account = desk.account(notices="released")
        now = database_now()
        bridge = ChannelConnection.objects.filter(account=account)
        bridge.update(
            last_inbound_at=now,
            polled_at=now,
            paused_until=now + HOUR,
            paused_words="429: Too Many Requests",
        )
        ChannelApp.objects.update(
            bad_signatures=3, last_bad_signature_at=now - HOUR, too_large=2, last_too_large_at=now - HOUR
        )
        words = plain(manager, to(account))
        for sentence in (
            "Last event read",
            "Last asked the network for what is new",
            "No message was ever sent.",
            "because the network asked us to wait",
            "429: Too Many Requests",
            "3 calls with a wrong signature, the last",
            "2 calls were too large, the last",
        ):
            assert sentence in words
        bridge.update(paused_until=None, last_error_at=now + HOUR, last_error_words="503: over capacity")
        ChannelApp.objects.update(last_bad_signature_at=now - 48 * HOUR)
        words = plain(manager, to(account))
        assert "A call of the network failed" in words
        assert "503: over capacity" in words
        assert "3 calls had a wrong signature" in words
        bridge.update(last_error_at=None, poll_due_at=now - HOUR)
        assert "Nobody fetches what is new" in plain(manager, to(account))

    def test_what_a_mode_does_not_keep_is_counted(self, manager: Client) -> None:
        account = desk.account(mode="publish_only")
        ChannelConnection.objects.update(counters={"mode_publish_only": 41})
        words = plain(manager, to(account))
        assert "Publishes, and nobody reads it" in words
        assert "41 events were counted, and not kept" in words

    def test_what_could_not_be_read_is_there_to_be_read_again(self, manager: Client) -> None:
        account, now = desk.account(), database_now()
        event = InboundEvent.objects.create(
            account_id=account.pk,
            key=key_of("odd"),
            kind="odd.event",
            source="webhook",
            account_key="1",
            dedupe_key="odd",
            body=b"{}",
            size=2,
            received_at=now,
            state=EventState.QUARANTINED,
            error="<b>no id</b>",
            failures=3,
            purge_after=now,
        )
        page = manager.get(to(account)).content.decode()
        assert "1 event could not be read" in page
        assert reverse("quarantine_replay", args=[bytes(event.key).hex()]) in page
        assert "&lt;b&gt;no id" in page

    def test_every_trouble_an_adapter_may_name_has_words_or_the_general_ones(self, manager: Client) -> None:
        account = desk.account()
        person_needed(connection_of(account.pk), code="never_heard_of", words="418", now=database_now())
        words = plain(manager, to(account))
        assert "Stopped until somebody has looked at it" in words
        assert "418" in words

    def test_mended(self, manager: Client) -> None:
        account = desk.account()
        person_needed(connection_of(account.pk), code="reauthorise", words="dead", now=database_now())
        assert manager.post(to(account, "account_mended")).status_code == 302
        account.refresh_from_db()
        assert (account.stopped_code, connection_of(account.pk).needs_person) == ("", False)


class TestSetting:
    def test_the_mode_is_asked_then_changed(self, manager: Client) -> None:
        account = desk.account()
        ticket = said.hear(account, 1)
        said.acknowledge(ticket)
        clock_set([Ticket.objects.get(pk=ticket.pk)], database_now())
        asked = plain(manager, to(account, "account_mode") + "?mode=collect_feedback")
        assert "1 caller was told a date that is still to be kept" in asked
        assert "Change it, and make 1 task" in asked
        late = manager.post(to(account, "account_mode"), {"mode": "collect_feedback", "promises": "0"})
        assert late.status_code == 409
        assert "Meanwhile 1 caller" in late.content.decode()
        account.refresh_from_db()
        assert account.mode == "customer_service"
        manager.post(to(account, "account_mode"), {"mode": "collect_feedback", "promises": "1"})
        account.refresh_from_db()
        assert account.mode == "collect_feedback"
        assert AgentTask.objects.get(kind="notice").reason == "account_mode"

    @pytest.mark.parametrize("mode", ["", "perhaps"])
    def test_a_mode_that_is_none(self, manager: Client, mode: str) -> None:
        account = desk.account()
        assert manager.get(to(account, "account_mode") + f"?mode={mode}").status_code == 200
        answer = manager.post(to(account, "account_mode"), {"mode": mode, "promises": "no"})
        assert answer.status_code == 422
        assert "Choose one of the modes." in answer.content.decode()

    def test_how_notices_go_with_the_networks_rule_beside_it(self, manager: Client) -> None:
        account = desk.account()
        page = plain(manager, to(account))
        assert channels()[account.channel].notices_rule_words("en") in page.replace("&#x27;", "'")
        refused = manager.post(to(account, "account_notices"), {"how": "automatic", "note": "yes"})
        assert refused.status_code == 422
        assert ">yes</textarea>" in refused.content.decode()
        manager.post(to(account, "account_notices"), {"how": "automatic", "note": NOTE})
        account.refresh_from_db()
        assert (account.notices, account.notices_note) == ("automatic", NOTE)

    def test_no_choice_where_the_network_does_not_limit(self, manager: Client) -> None:
        account = desk.account()
        ChannelAccount.objects.update(capabilities={})
        assert "Notices after the acknowledgement" not in plain(manager, to(account))

    def test_the_rest(self, manager: Client) -> None:
        account = desk.account()
        values = {"acknowledge": "everything", "sign_off": "^" * 41, "language": "nl"}
        assert manager.post(to(account, "account_settings"), values).status_code == 422
        manager.post(to(account, "account_settings"), values | {"sign_off": "^Ilse"})
        account.refresh_from_db()
        assert (account.acknowledge, account.sign_off, account.language) == ("everything", "^Ilse", "nl")


class TestStop:
    def test_everybody_sees_it_and_a_manager_lets_them_go_again(self, manager: Client) -> None:
        account = desk.account()
        said.hear(account, 1)
        OutboundReply.objects.update(state="held", held_reason="stopped", held_by="desk")
        manager.post(reverse("automatic_switch"), {"what": "stop", "why": "wrong <date>"})
        noor = Client()
        noor.force_login(desk.user("noor", teams=[account.team]))
        seen = noor.get(reverse("queue")).content.decode()
        for words in (
            "Automatic messages are stopped everywhere",
            ", by Mila",
            "wrong &lt;date&gt;",
            "1 waits",
        ):
            assert words in seen
        assert "Let them go again" not in seen
        assert "Let them go again" in manager.get(reverse("queue")).content.decode()
        assert noor.post(reverse("automatic_switch"), {"what": "resume"}).status_code == 404
        assert DeskSwitch.objects.get().stopped_at is not None
        manager.post(reverse("automatic_switch"), {"what": "resume"})
        assert DeskSwitch.objects.get().stopped_at is None
        assert "stopped everywhere" not in noor.get(reverse("queue")).content.decode()

    def test_one_account(self, manager: Client) -> None:
        account = desk.account()
        manager.post(to(account, "account_stop"), {"what": "stop", "why": ""})
        assert "Automatic messages of desk1111 are stopped" in plain(manager, reverse("queue"))
        assert "Its automatic messages are stopped since" in plain(manager, to(account))
        manager.post(to(account, "account_stop"), {"what": "resume"})
        account.refresh_from_db()
        assert account.automatic_stopped_at is None

    def test_something_else_is_neither(self, manager: Client) -> None:
        manager.post(reverse("automatic_switch"), {"what": "pause"})
        assert not DeskSwitch.objects.exists()


def test_only_managers_are_led_there(manager: Client) -> None:
    lead = Client()
    lead.force_login(desk.user("lead", teams=[desk.team()], lead=True))
    assert reverse("accounts") in manager.get(reverse("queue")).content.decode()
    assert reverse("accounts") not in lead.get(reverse("queue")).content.decode()
