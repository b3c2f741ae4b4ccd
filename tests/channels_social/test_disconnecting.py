"""An account is switched, cut off, and connected again."""

from __future__ import annotations

import pytest
from django.urls import reverse

from channels_social.checking import account_check, account_try_out
from channels_social.connections import connection_of
from channels_social.disconnecting import account_disconnect, account_switch
from channels_social.health import connection_mended
from channels_social.models import ChannelConnection
from channels_social.polling import account_poll, connections_due
from channels_social.subscriptions import hooks_due
from tests import desk
from tests.channels_social.connect_desk import Manager, connected
from tests.tickets import said
from tests.tickets.said import acknowledge
from tickets.clock import database_now
from tickets.models import AgentTask, ChannelAccount, ChannelMode, Ticket
from tickets.services.clock_work import clock_set
from tickets.services.errors import Changed, NotFound, Refused
from tickets.services.intake import messages_receive
from tickets.tokens import token

pytestmark = pytest.mark.django_db


class TestSwitching:
    def test_what_came_meanwhile_is_read_or_not_by_choice_alone(self, manager: Manager) -> None:
        account = connected(manager)
        ChannelConnection.objects.update(cursor={"since_id": "1"}, polled_at=database_now())
        ChannelAccount.objects.update(mode=ChannelMode.OFF)
        name = token("channelaccount", account.pk)
        address = reverse("account_mode", args=[name])
        asked = manager.client.get(address, {"mode": "customer_service"}).content.decode()
        assert "when it was last read" in asked
        answer = manager.client.post(address, {"mode": "customer_service", "promises": "0"})
        assert (answer.status_code, "Choose what becomes of what came" in answer.content.decode()) == (
            422,
            True,
        )
        account.refresh_from_db()
        assert account.mode == "off"
        manager.client.post(address, {"mode": "customer_service", "promises": "0", "meanwhile": "read"})
        assert connection_of(account.pk).cursor == {"since_id": "1"}
        ChannelAccount.objects.update(mode=ChannelMode.OFF)
        manager.client.post(address, {"mode": "collect_feedback", "promises": "0", "meanwhile": "now"})
        bridge = connection_of(account.pk)
        assert set(bridge.cursor) == {"start_time"}
        manager.town.post("anouk", "@MerendamHelpt after that")
        bridge.poll_due_at = database_now()
        bridge.save()
        assert account_poll(account.pk).stored == 1

    def test_between_modes_that_read_there_is_nothing_to_choose(self, manager: Manager) -> None:
        account = connected(manager)
        ChannelConnection.objects.update(cursor={"since_id": "1"})
        for mode in ("collect_feedback", "customer_service"):
            account_switch(
                actor=manager.mila, account_id=account.pk, mode=mode, seen_promises=0, now=database_now()
            )
        assert connection_of(account.pk).cursor == {"since_id": "1"}

    def test_what_came_while_nobody_answered_is_said_and_stays(self, manager: Manager) -> None:
        account = desk.account(mode="collect_feedback", notices="released")
        ticket = said.hear(account, 1)
        assert (ticket.triage, ticket.targets.exists()) == ("respond", False)
        address = reverse("account_mode", args=[token("channelaccount", account.pk)])
        asked = manager.client.get(address, {"mode": "customer_service"}).content.decode()
        assert "1 ticket came in while nobody was answered from here" in asked
        manager.client.post(address, {"mode": "customer_service", "promises": "0"})
        ticket = Ticket.objects.get(pk=ticket.pk)
        assert (ticket.targets.exists(), ticket.replies.exists()) == (False, False)
        account.refresh_from_db()
        message = said.utterance(2, "@desk is anybody going to give my card back?", thread=1)
        messages_receive(account, [message], now=database_now())
        assert Ticket.objects.get(messages__external_id="2") == ticket
        assert (ticket.targets.exists(), ticket.replies.get().kind) == (True, "acknowledgement")


class TestDisconnecting:
    def test_promises_become_tasks_and_the_key_is_given_back(self, manager: Manager) -> None:
        account = connected(manager)
        ticket = said.hear(account, 1)
        acknowledge(ticket)
        clock_set([Ticket.objects.get(pk=ticket.pk)], database_now())
        with pytest.raises(Changed):
            account_disconnect(actor=manager.mila, account_id=account.pk, seen_promises=0, now=database_now())
        assert connection_of(account.pk).credentials, "nothing was done"
        left = account_disconnect(
            actor=manager.mila, account_id=account.pk, seen_promises=1, now=database_now()
        )
        assert (left.code, left.said) == ("", "")
        account.refresh_from_db()
        bridge = connection_of(account.pk)
        assert (account.mode, account.stopped_code, bridge.credentials) == ("off", "disconnected", {})
        assert AgentTask.objects.get(kind="notice").reason == "account_mode"
        assert [one["path"] for one in manager.town.log(path="revoke")] == ["/2/oauth2/revoke"] * 2

    def test_a_network_that_does_not_answer_keeps_nobody_connected(self, manager: Manager) -> None:
        account = connected(manager)
        manager.town.rule(path="/2/", status=503, body="busy", times=9)
        address = reverse("account_disconnect", args=[token("channelaccount", account.pk)])
        answer = manager.client.post(address, {"promises": "0"}, follow=True)
        page = answer.content.decode()
        assert "is disconnected" in page
        assert "Take our permission away" in page or "by hand" in page
        assert "Disconnected since" in page
        assert connection_of(account.pk).credentials == {}

    def test_nothing_goes_on_until_it_is_connected_again(self, manager: Manager) -> None:
        account = connected(manager)
        ChannelConnection.objects.update(cursor={"since_id": "1"}, polled_at=database_now())
        account_disconnect(actor=manager.mila, account_id=account.pk, seen_promises=0, now=database_now())
        now = database_now()
        assert (connections_due(now), hooks_due(now)) == ([], [])
        for act in (
            lambda: account_switch(
                actor=manager.mila, account_id=account.pk, mode="customer_service", seen_promises=0, now=now
            ),
            lambda: connection_mended(actor=manager.mila, account_id=account.pk, now=now),
            lambda: account_check(actor=manager.mila, account_id=account.pk, now=now),
            lambda: account_try_out(actor=manager.mila, account_id=account.pk, now=now),
            lambda: account_disconnect(actor=manager.mila, account_id=account.pk, seen_promises=0, now=now),
        ):
            with pytest.raises(Refused):
                act()
        name = token("channelaccount", account.pk)
        address = manager.returned("x", again=name, **manager.x_user())
        refused = manager.client.post(address, {"account": account.external_id, "mode": "customer_service"})
        assert "Choose what becomes of what came meanwhile" in refused.content.decode()
        again = {"account": account.external_id, "mode": "customer_service", "meanwhile": "read"}
        assert manager.client.post(address, again).status_code == 302
        account.refresh_from_db()
        bridge = connection_of(account.pk)
        assert (account.mode, account.stopped_code, bridge.cursor) == (
            "customer_service",
            "",
            {"since_id": "1"},
        )
        assert (bridge.disconnected_at, bridge.needs_person) == (None, False)

    def test_not_by_those_who_do_not_run_it(self, manager: Manager) -> None:
        account = connected(manager)
        noor = desk.user("noor", teams=[account.team])
        for act in (account_check, account_try_out):
            with pytest.raises(NotFound):
                act(actor=noor, account_id=account.pk, now=database_now())
        with pytest.raises(NotFound):
            account_disconnect(actor=noor, account_id=account.pk, seen_promises=0, now=database_now())
