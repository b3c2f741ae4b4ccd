"""Connecting on the networks' own pages and by keys, against the sandbox over HTTP; every way in which it may fail."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from channels_social.models import ChannelApp, ChannelConnection, ConnectAttempt
from channels_social.polling import account_poll
from tests import desk
from tests.channels_social.connect_desk import SCOPES, SETUP, Manager
from tickets.clock import database_now
from tickets.models import ChannelAccount, TicketEvent
from tickets.tokens import token

pytestmark = pytest.mark.django_db


def shown(manager: Manager, address: str) -> str:
    answer = manager.client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def words(manager: Manager, address: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", shown(manager, address)).split())


def connected(manager: Manager, slug: str, **other: Any) -> ChannelAccount:
    """One press after the other, to the end."""
    if slug == "x":
        manager.x_registered()
        address = manager.returned("x", **manager.x_user())
        key = manager.x_user()["user"]
    else:
        manager.page_registered()
        address = manager.returned("facebook", **manager.pages())
        key = manager.pages()["page"][0]
    answer = manager.client.post(address, {**SETUP, "account": [key], **other})
    assert answer.status_code == 302, answer.content.decode()
    return ChannelAccount.objects.get(external_id=key)


def stored() -> str:
    """Everything a database dump would show."""
    with connection.cursor() as cursor:
        found = []
        for table in (
            "channels_social_connectattempt",
            "channels_social_channelconnection",
            "channels_social_channelapp",
            "tickets_ticketevent",
            "django_session",
        ):
            cursor.execute(f"SELECT row_to_json(t)::text FROM {table} t")
            found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)


class TestByPages:
    def test_from_the_button_to_an_account_that_reads(self, manager: Manager) -> None:
        account = connected(manager, "x")
        assert (account.handle, account.team.key, account.sign_off) == ("MerendamHelpt", "front", "^Merendam")
        assert (account.mode, account.acknowledge, account.notices) == (
            "customer_service",
            "everything",
            "released",
        )
        bridge = ChannelConnection.objects.get(account=account)
        assert set(bridge.credentials) == {"user_token", "refresh_token", "token_ends_at"}
        assert bridge.checked_at is not None
        assert not ConnectAttempt.objects.exists(), "the keys in it are gone with it"
        manager.town.post("anouk", "@MerendamHelpt the lift is broken")
        ChannelConnection.objects.update(poll_due_at=database_now())
        assert account_poll(account.pk).stored == 1
        page = words(manager, reverse("account", args=[token("channelaccount", account.pk)]))
        assert "Our key renews itself." in page
        assert "is connected, and a first look at it worked" in page

    def test_a_page_with_its_own_token(self, manager: Manager) -> None:
        account = connected(manager, "facebook")
        bridge = ChannelConnection.objects.get(account=account)
        assert bridge.credentials["access_token"] == manager.town.facebook.page("merendam")["page_token"]
        assert (account.name, bridge.missing, account.notices) == ("Merendam", [], "")

    def test_what_was_left_out_is_named_with_what_does_not_work(self, manager: Manager) -> None:
        manager.page_registered()
        kept = [one for one in SCOPES if one != "pages_messaging"]
        address = manager.returned("facebook", allow=kept, **manager.pages())
        page = words(manager, address)
        assert "Not given: pages_messaging ." in page
        assert "private messages in Messenger are neither read nor answered" in page
        assert "Go back to Facebook and give what is missing" in page
        key = manager.pages()["page"][0]
        manager.client.post(address, {**SETUP, "account": [key]})
        account = ChannelAccount.objects.get(external_id=key)
        assert ChannelConnection.objects.get(account=account).missing == ["pages_messaging"]
        assert "A permission is missing" in words(manager, reverse("accounts"))

    def test_without_what_is_needed_it_is_not_connected(self, manager: Manager) -> None:
        manager.page_registered()
        kept = [one for one in SCOPES if one != "pages_read_user_content"]
        address = manager.returned("facebook", allow=kept, **manager.pages())
        answer = manager.client.post(address, {**SETUP, "account": manager.pages()["page"]})
        assert answer.status_code == 422
        assert "pages_read_user_content" in answer.content.decode()
        assert not ChannelAccount.objects.exists()

    @pytest.mark.parametrize("slug", ["x", "facebook"])
    def test_cancelled(self, manager: Manager, slug: str) -> None:
        manager.x_registered() if slug == "x" else manager.page_registered()
        back = manager.pressed(manager.begun(slug), "cancel")
        answer = manager.client.get(back, follow=True)
        assert "You did not allow it at" in answer.content.decode()
        assert not ConnectAttempt.objects.exists()

    def test_no_page_chosen(self, manager: Manager) -> None:
        manager.page_registered()
        answer = manager.client.get(manager.pressed(manager.begun("facebook"), page=[]), follow=True)
        assert "but chose no Page" in answer.content.decode()

    def test_a_network_that_is_silent(self, manager: Manager) -> None:
        manager.x_registered()
        back = manager.pressed(manager.begun("x"), **manager.x_user())
        manager.town.rule(path="/2/oauth2/token", status=503, body="over capacity")
        answer = manager.client.get(back, follow=True)
        assert "Nothing was connected" in answer.content.decode()
        manager.town.clear_rules()
        assert not ChannelAccount.objects.exists()


class TestState:
    def test_it_works_once(self, manager: Manager) -> None:
        manager.x_registered()
        back = manager.pressed(manager.begun("x"), **manager.x_user())
        assert manager.client.get(back).status_code == 302
        answer = manager.client.get(back, follow=True)
        assert "it works once" in answer.content.decode()

    def test_it_belongs_to_the_session_that_began(self, manager: Manager) -> None:
        manager.x_registered()
        back = manager.pressed(manager.begun("x"), **manager.x_user())
        for who in (manager.mila, desk.user("ilse", manager=True)):
            other = Client()
            other.force_login(who)
            answer = other.get(back, follow=True)
            assert "in another session" in answer.content.decode()
        assert manager.client.get(back).status_code == 302, "what strangers try does not use it up"
        assert ConnectAttempt.objects.get().found

    def test_ten_minutes(self, manager: Manager) -> None:
        manager.x_registered()
        back = manager.pressed(manager.begun("x"), **manager.x_user())
        ConnectAttempt.objects.update(expires_at=database_now() - timedelta(seconds=1))
        answer = manager.client.get(back, follow=True)
        assert "longer than ten minutes" in answer.content.decode()

    @pytest.mark.parametrize("query", ["", "?state=", "?state=made-up&code=c", "?code=c"])
    def test_a_made_up_one(self, manager: Manager, query: str) -> None:
        manager.x_registered()
        answer = manager.client.get(reverse("account_connect_back", args=["x"]) + query, follow=True)
        assert "was not begun here" in answer.content.decode()

    def test_another_networks_state_is_none_here(self, manager: Manager) -> None:
        manager.x_registered()
        manager.page_registered()
        back = manager.pressed(manager.begun("x"), **manager.x_user())
        answer = manager.client.get(back.replace("/connect/x/", "/connect/facebook/"), follow=True)
        assert "was not begun here" in answer.content.decode()

    def test_nothing_secret_is_in_the_address_the_page_or_the_database(self, manager: Manager) -> None:
        manager.x_registered()
        attempt = manager.begun("x")
        verifier = attempt.remembered["verifier"]
        assert verifier not in attempt.address
        back = manager.pressed(attempt, **manager.x_user())
        choose = manager.client.get(back).headers["Location"]
        found = ConnectAttempt.objects.get().found["accounts"][0]["credentials"]
        app = ChannelApp.objects.get()
        secret = [verifier, found["user_token"], found["refresh_token"], app.secrets["client_secret"][0]]
        pages = shown(manager, choose) + shown(manager, reverse("account_connect_network", args=["x"]))
        connected_page = manager.client.post(
            choose, {**SETUP, "account": manager.x_user()["user"]}, follow=True
        )
        everywhere = pages + connected_page.content.decode() + stored()
        assert [one for one in secret if one in everywhere] == []


class TestByKeys:
    def keys(self, manager: Manager) -> dict[str, str]:
        there = manager.town.state()["accounts"][0]
        return {name: there[name] for name in ("access_token", "access_token_secret")}

    def test_the_network_says_whose_they_are(self, manager: Manager) -> None:
        manager.x_registered()
        answer = manager.client.post(reverse("account_connect_keys", args=["x"]), self.keys(manager))
        assert answer.status_code == 302
        assert "Gemeente Merendam" in words(manager, answer.headers["Location"])
        manager.client.post(answer.headers["Location"], {**SETUP, "account": manager.x_user()["user"]})
        account = ChannelAccount.objects.get()
        page = words(manager, reverse("account", args=[token("channelaccount", account.pk)]))
        assert "With keys of OAuth 1.0a X tells us nothing by itself" in page
        assert ChannelConnection.objects.get().hook_code == "keys_only"

    def test_refused_keys_need_not_be_typed_twice(self, manager: Manager) -> None:
        manager.x_registered()
        keys = self.keys(manager)
        address = reverse("account_connect_keys", args=["x"])
        answer = manager.client.post(address, {**keys, "access_token_secret": "wrong"})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "does not take these keys" in page
        assert keys["access_token"] not in page
        (earlier,) = re.findall(r'name="earlier" value="(\w{20})"', page)
        again = {"earlier": earlier, "access_token": "", "access_token_secret": keys["access_token_secret"]}
        assert manager.client.post(address, again).status_code == 302

    def test_a_pages_token(self, manager: Manager) -> None:
        manager.page_registered()
        there = manager.town.facebook.page("merendam")
        address = reverse("account_connect_keys", args=["facebook"])
        answer = manager.client.post(address, {"access_token": there["page_token"]})
        assert answer.status_code == 302
        assert "Merendam" in words(manager, answer.headers["Location"])
        refused = manager.client.post(address, {"access_token": "made up"})
        assert refused.status_code == 422


class TestChoices:
    @pytest.mark.parametrize(
        ("other", "said"),
        [
            ({"how": ""}, "Choose how notices after the acknowledgement go"),
            ({"how": "automatic", "note": "yes"}, "Note how and when the network agreed"),
            ({"zone": "Moon/Base"}, "Choose a time zone"),
            ({"team": "nobody"}, "Choose the team"),
            ({"mode": "perhaps"}, "Choose one of the modes"),
            ({"sign_off": "^" * 41}, "The sign-off is too long"),
            ({"language": "xx"}, "Choose a language"),
            ({"acknowledge": "all"}, "Choose what is acknowledged"),
            ({"account": []}, "Choose the account to connect"),
        ],
    )
    def test_refused_with_all_that_was_typed(
        self, manager: Manager, other: dict[str, Any], said: str
    ) -> None:
        manager.x_registered()
        address = manager.returned("x", **manager.x_user())
        given = {**SETUP, "account": manager.x_user()["user"], "sign_off": "^Kept", **other}
        answer = manager.client.post(address, given)
        assert answer.status_code == 422
        page = answer.content.decode()
        assert said in page
        assert other.get("sign_off", "^Kept") in page
        assert not ChannelAccount.objects.exists()

    def test_the_networks_rule_stands_beside_the_choice_and_none_is_made(self, manager: Manager) -> None:
        manager.x_registered()
        page = shown(manager, manager.returned("x", **manager.x_user()))
        assert "X allows one automated reply" in page
        assert not re.search(r'name="how" value="\w+" checked', page)

    def test_a_private_team_of_others_is_not_offered(self, manager: Manager) -> None:
        desk.team("secret", private=True)
        manager.x_registered()
        address = manager.returned("x", **manager.x_user())
        assert 'value="secret"' not in shown(manager, address)
        answer = manager.client.post(
            address, {**SETUP, "team": "secret", "account": manager.x_user()["user"]}
        )
        assert answer.status_code == 422


class TestAgain:
    def test_a_new_key_and_all_else_as_it_was(self, manager: Manager) -> None:
        account = connected(manager, "x")
        ChannelConnection.objects.update(
            cursor={"since_id": "77"}, needs_person=True, needs_person_code="reauthorise"
        )
        ChannelAccount.objects.update(stopped_code="reauthorise", sign_off="^Own")
        before = ChannelConnection.objects.get().credentials
        name = token("channelaccount", account.pk)
        assert f"?again={name}" in shown(manager, reverse("accounts"))
        address = manager.returned("x", again=name, **manager.x_user())
        manager.client.post(address, {"account": account.external_id})
        account.refresh_from_db()
        bridge = ChannelConnection.objects.get()
        assert (bridge.needs_person, account.stopped_code, account.sign_off) == (False, "", "^Own")
        assert bridge.cursor == {"since_id": "77"}
        assert bridge.credentials["user_token"] != before["user_token"]
        assert TicketEvent.objects.filter(kind="account_reconnected").exists()

    def test_another_account_is_refused_by_name(self, manager: Manager) -> None:
        account = connected(manager, "x")
        other = manager.town.create_account("Somebody", "Somebody Else")
        name = token("channelaccount", account.pk)
        back = manager.pressed(manager.begun("x", name), user=other["user_id"])
        answer = manager.client.get(back, follow=True)
        assert "You allowed Somebody, and this connects MerendamHelpt again" in answer.content.decode()

    def test_connected_anew_what_was_there_keeps_its_settings(self, manager: Manager) -> None:
        account = connected(manager, "x")
        ChannelAccount.objects.update(sign_off="^Own")
        address = manager.returned("x", **manager.x_user())
        assert "Connected before. Its settings stay" in words(manager, address)
        manager.client.post(address, {"account": account.external_id})
        account.refresh_from_db()
        assert (account.sign_off, ChannelAccount.objects.count()) == ("^Own", 1)


class TestRegistration:
    def test_stored_and_never_shown(self, manager: Manager) -> None:
        address = reverse("account_registration", args=["x"])
        given = {"consumer_key": "key-1", "consumer_secret": "secret-1", "client_id": "client-1"}
        assert manager.client.post(address, given).status_code == 302
        app = ChannelApp.objects.get()
        assert app.secrets["consumer_secret"] == ["secret-1"]
        page = shown(manager, reverse("account_connect_network", args=["x"]))
        assert ("client-1" in page, "secret-1" in page) == (True, False)
        manager.client.post(address, {**given, "consumer_secret": "secret-2"})
        manager.client.post(address, {**given, "consumer_secret": ""})
        app.refresh_from_db()
        assert app.secrets["consumer_secret"] == ["secret-2", "secret-1"], (
            "the one before stays valid beside it"
        )
        line = TicketEvent.objects.filter(kind="account_registration_saved").latest("pk")
        assert "secret" not in json.dumps(line.args).replace("consumer_secret", "")

    def test_what_is_missing_is_said_and_the_rest_is_kept(self, manager: Manager) -> None:
        address = reverse("account_registration", args=["x"])
        answer = manager.client.post(address, {"client_id": "client-1", "consumer_key": "k"})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "Fill in: API key secret." in page
        assert "client-1" in page
        bad = {"consumer_key": "k", "consumer_secret": "s", "base_url": "ftp://x"}
        assert "should look like https" in manager.client.post(address, bad).content.decode()

    def test_a_network_that_there_is_not(self, manager: Manager) -> None:
        assert manager.client.get(reverse("account_connect_network", args=["nowhere"])).status_code == 404
