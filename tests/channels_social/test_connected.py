"""An account that is connected: its key is renewed, its subscriptions are kept, it is tested, switched and cut off."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module

import pytest
import requests
from django.db import connection
from django.urls import reverse

from channels_social.adapter import AskFailed
from channels_social.adapters.x import login
from channels_social.adapters.x.client import Client, Failed
from channels_social.checking import account_check, account_try_out
from channels_social.connections import _rotate, adapter_for, connection_of, net_for
from channels_social.models import ChannelConnection
from channels_social.polling import account_poll, connections_due
from channels_social.subscriptions import account_hook_keep, hooks_due
from tests.channels_social.connect_desk import SETUP, Manager, connected
from tests.sandbox.receiver import PageReceiver, Receiver
from tickets.clock import database_now
from tickets.models import AgentTask, ChannelAccount, ChannelMode, TicketEvent
from tickets.services.errors import Refused
from tickets.tokens import token

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


class TestKey:
    def test_it_is_renewed_before_its_end(self, manager: Manager) -> None:
        account = connected(manager)
        bridge = connection_of(account.pk)
        before = dict(bridge.credentials)
        soon = (database_now() + timedelta(seconds=30)).isoformat()
        _rotate(bridge.pk, before, {"token_ends_at": soon})
        assert account_check(actor=manager.mila, account_id=account.pk, now=database_now()).read == 0
        after = connection_of(account.pk).credentials
        assert (after["user_token"] != before["user_token"], after["token_ends_at"] > soon) == (True, True)

    def test_a_refused_one_is_renewed_and_the_call_made_once_more(self, manager: Manager) -> None:
        account = connected(manager)
        manager.town.rule(path="/mentions$", status=401, body="{}", times=1)
        assert account_check(actor=manager.mila, account_id=account.pk, now=database_now()).read == 0
        calls = [one["path"] for one in manager.town.log() if one["path"].endswith(("/mentions", "/token"))]
        assert calls[-3:] == [calls[-1], "/2/oauth2/token", calls[-1]]

    def test_of_two_who_renew_one_wins_and_the_other_reads_what_it_got(self, manager: Manager) -> None:
        """The second asks with the refresh token that the first has used up, and finds the first one's pair."""
        account = connected(manager)
        bridge = connection_of(account.pk)
        old = dict(net_for(bridge).credentials)
        first = login.renewed(net_for(bridge), old, manager.url)
        second = login.renewed(net_for(bridge), old, manager.url)
        assert (
            first["user_token"] == second["user_token"] == connection_of(account.pk).credentials["user_token"]
        )
        refused = [one["status"] for one in manager.town.log(path="/2/oauth2/token")][-2:]
        assert refused == [200, 400]

    def test_one_that_is_taken_back_needs_a_person(self, manager: Manager) -> None:
        account = connected(manager)
        manager.town.revoke("MerendamHelpt")
        ChannelConnection.objects.update(poll_due_at=database_now())
        account_poll(account.pk)
        bridge = connection_of(account.pk)
        assert (bridge.needs_person, bridge.needs_person_code) == (True, "reauthorise")

    def test_a_renewal_that_gets_no_answer_is_no_death(self, manager: Manager) -> None:
        account = connected(manager)
        bridge = connection_of(account.pk)
        _rotate(bridge.pk, dict(bridge.credentials), {"token_ends_at": database_now().isoformat()})
        manager.town.rule(path="/2/oauth2/token", status=503, body="busy", times=9)
        client = Client(net_for(connection_of(account.pk)), manager.url)
        with pytest.raises(Failed) as caught:
            client.create("hello", None)
        assert caught.value.status == 0, "nothing of the post had left: it may be tried again"
        with pytest.raises(Refused):
            account_check(actor=manager.mila, account_id=account.pk, now=database_now())
        assert not connection_of(account.pk).needs_person

    def test_its_end_is_told_before(self, manager: Manager) -> None:
        account = connected(manager, "facebook")
        bridge = connection_of(account.pk)
        ends = database_now() + timedelta(days=3)
        _rotate(bridge.pk, dict(bridge.credentials), {"token_ends_at": ends.isoformat()})
        page = manager.client.get(reverse("accounts")).content.decode()
        assert "Well until" in page
        assert "Connect it again" in page
        for _ in range(2):
            ChannelConnection.objects.update(hook_due_at=database_now())
            account_hook_keep(account.pk)
        (asked,) = AgentTask.objects.filter(reason="key_ends")
        assert (asked.due_at, asked.for_lead, asked.done_at) == (ends, True, None)
        address = manager.returned("facebook", again=token("channelaccount", account.pk), **manager.pages())
        manager.client.post(address, {"account": account.external_id})
        asked.refresh_from_db()
        assert asked.done_how == "renewed"


class TestSubscriptions:
    @pytest.fixture
    def hooked(self, manager: Manager, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
        """Somebody who answers the network's challenge in the desk's place."""
        app = manager.x_registered()
        receiver = Receiver(app.secrets["consumer_secret"][0])
        monkeypatch.setattr("channels_social.subscriptions.hook_address", lambda _app: receiver.url)
        yield receiver
        receiver.close()

    def standing(self, manager: Manager) -> list[str]:
        return sorted(one["event_type"] for one in manager.town.state()["subscriptions"])

    def test_connecting_puts_the_webhook_and_its_subscriptions_there(
        self, manager: Manager, hooked: Receiver
    ) -> None:
        account = connected(manager)
        assert self.standing(manager) == ["post.mention.create", "post.quote.create", "post.reply.create"]
        assert manager.town.state()["webhooks"][0]["url"] == hooked.url
        bridge = connection_of(account.pk)
        assert (bridge.hook_code, len(bridge.hook_events), bridge.hook_at is not None) == ("", 3, True)

    def test_one_that_was_taken_away_comes_back_and_the_gap_is_polled(
        self, manager: Manager, hooked: Receiver
    ) -> None:
        account = connected(manager)
        there = manager.town.state()
        token_ = connection_of(account.pk).credentials["user_token"]
        requests.delete(
            f"{manager.url}/2/activity/subscriptions/{there['subscriptions'][0]['subscription_id']}",
            headers={"Authorization": f"Bearer {token_}"},
            timeout=5,
        ).raise_for_status()
        assert len(self.standing(manager)) == 2
        later = database_now() + HOUR
        ChannelConnection.objects.update(poll_due_at=later, hook_due_at=database_now() - HOUR)
        assert hooks_due(database_now()) == [account.pk]
        assert account_hook_keep(account.pk)
        assert len(self.standing(manager)) == 3
        assert connections_due(database_now()) == [account.pk], "what came meanwhile is read now"
        line = TicketEvent.objects.get(kind="account_hooked")
        assert len(line.args["renewed"]) == 1
        ChannelConnection.objects.update(hook_due_at=database_now() - HOUR)
        assert not account_hook_keep(account.pk), "what stands is left alone"

    def test_a_refusal_is_said_and_the_account_is_polled(self, manager: Manager) -> None:
        account = connected(manager)  # nobody answers the challenge
        bridge = connection_of(account.pk)
        assert bridge.hook_code == "failed"
        assert "CrcValidationFailed" in bridge.hook_words
        assert bridge.poll_due_at is not None
        page = manager.client.get(
            reverse("account", args=[token("channelaccount", account.pk)])
        ).content.decode()
        assert "does not send us what is new by itself" in page

    def test_one_connected_before_anybody_looked_is_looked_at(self, manager: Manager) -> None:
        account = connected(manager)
        ChannelConnection.objects.update(hook_due_at=None, hook_at=None, hook_code="", hook_words="")
        assert hooks_due(database_now()) == []
        since = import_module("channels_social.migrations.0004_hooks_looked_at")
        with connection.cursor() as cursor:
            cursor.execute(since.FILL)
        assert hooks_due(database_now()) == [account.pk]

    def test_off_and_disconnected_are_left_alone(self, manager: Manager) -> None:
        account = connected(manager)
        ChannelConnection.objects.update(hook_due_at=database_now() - HOUR)
        ChannelAccount.objects.update(mode=ChannelMode.OFF)
        assert hooks_due(database_now()) == []
        ChannelAccount.objects.update(mode=ChannelMode.CUSTOMER_SERVICE)
        assert hooks_due(database_now()) == [account.pk]

    def test_a_page_without_the_permission_for_messages_gets_its_feed(
        self, manager: Manager, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        app = manager.page_registered()
        receiver = PageReceiver(app.secrets["app_secret"][0])
        receiver.verify_token = app.secrets["verify_token"][0]
        monkeypatch.setattr("channels_social.subscriptions.hook_address", lambda _app: receiver.url)
        kept = [
            "pages_show_list",
            "pages_read_engagement",
            "pages_read_user_content",
            "pages_manage_metadata",
        ]
        address = manager.returned("facebook", allow=kept, **manager.pages())
        manager.client.post(address, {**SETUP, "account": manager.pages()["page"]})
        assert manager.town.facebook.page("merendam")["subscribed"] == ["feed"]
        assert connection_of(ChannelAccount.objects.get().pk).hook_events == ["feed"]
        receiver.close()


class TestTesting:
    def test_a_look_writes_nothing_and_says_what_is_left(self, manager: Manager) -> None:
        account = connected(manager)
        manager.town.post("anouk", "@MerendamHelpt hello there")
        written = [one for one in manager.town.log(method="POST") if "/tweets" in one["path"]]
        found = account_check(actor=manager.mila, account_id=account.pk, now=database_now())
        assert (found.read, found.missing) == (1, ())
        assert [one for one in manager.town.log(method="POST") if "/tweets" in one["path"]] == written
        page = manager.client.get(
            reverse("account", args=[token("channelaccount", account.pk)])
        ).content.decode()
        assert "of 300 readings left" in page

    def test_a_post_to_nobody_is_taken_away(self, manager: Manager) -> None:
        account = connected(manager)
        for _ in range(2):
            account_try_out(actor=manager.mila, account_id=account.pk, now=database_now())
        calls = [one["method"] for one in manager.town.log(path="/2/tweets") if one["method"] != "GET"]
        assert calls == ["POST", "DELETE"] * 2
        assert manager.town.posts(by="MerendamHelpt") == []
        assert TicketEvent.objects.filter(kind="account_tried_out").count() == 2

    def test_a_network_without_such_a_place_offers_none(self, manager: Manager) -> None:
        account = connected(manager, "facebook")
        page = manager.client.get(
            reverse("account", args=[token("channelaccount", account.pk)])
        ).content.decode()
        assert "Send a test post" not in page
        with pytest.raises(Refused, match="no place"):
            account_try_out(actor=manager.mila, account_id=account.pk, now=database_now())

    def test_a_token_of_another_account_is_found_out(self, manager: Manager) -> None:
        account = connected(manager)
        ChannelAccount.objects.update(external_id="4711")
        with pytest.raises(AskFailed, match="another account"):
            adapter_for(connection_of(account.pk)).check()


@pytest.mark.django_db(transaction=True)
def test_two_workers_renew_at_once(manager: Manager) -> None:
    """In two threads with a slow network: both end with the same living key."""
    account = connected(manager)
    bridge = connection_of(account.pk)
    old = dict(net_for(bridge).credentials)
    found: list[str] = []

    def renew() -> None:
        try:
            found.append(str(login.renewed(net_for(bridge), old, manager.url)["user_token"]))
        finally:
            connection.close()

    threads = [threading.Thread(target=renew) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(found) == 2
    assert len(set(found)) == 1
    assert account_check(actor=manager.mila, account_id=account.pk, now=database_now()).missing == ()
