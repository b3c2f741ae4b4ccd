"""How an account's notices go is a manager's choice, made aloud; the command makes none by itself."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.actors import System
from channels_social.registry import channels
from tests import desk
from tickets.clock import database_now
from tickets.models import AgentTask, ChannelAccount, TicketEvent
from tickets.services.errors import NotFound, Refused
from tickets.services.notices_choice import account_notices_choose, notices_choices_ask

pytestmark = pytest.mark.django_db

NOTE = "agreed by their support on 3 March, case 4711"


def choose(account: ChannelAccount, how: str, note: str = "", *, manager: bool = True) -> ChannelAccount:
    actor = desk.user("mila", teams=[account.team], manager=manager, lead=True)
    return account_notices_choose(actor=actor, account_id=account.pk, how=how, note=note, now=database_now())


class TestChoosing:
    def test_automatic_with_its_note(self) -> None:
        account = desk.account()
        notices_choices_ask(now=database_now())
        chosen = choose(account, "automatic", f"  {NOTE}\n")
        chosen.refresh_from_db()
        assert (chosen.notices, chosen.notices_note) == ("automatic", NOTE)
        assert chosen.notices_set_by is not None
        assert chosen.notices_set_by.username == "mila"
        assert TicketEvent.objects.get().args == {"how": "automatic"}
        task = AgentTask.objects.get()
        assert (task.done_how, task.done_by) == ("chosen", chosen.notices_set_by)

    def test_released_needs_none(self) -> None:
        assert choose(desk.account(), "released").notices == "released"

    @pytest.mark.parametrize(
        ("how", "note", "code"),
        [
            ("automatic", "", "note"),
            ("automatic", "yes", "note"),
            ("", NOTE, "how"),
            ("perhaps", NOTE, "how"),
        ],
    )
    def test_no_choice_is_guessed(self, how: str, note: str, code: str) -> None:
        account = desk.account()
        with pytest.raises(Refused) as caught:
            choose(account, how, note)
        account.refresh_from_db()
        assert (caught.value.code, account.notices) == (code, "")

    def test_where_the_network_has_no_such_rule_there_is_nothing_to_choose(self) -> None:
        account = desk.account()
        ChannelAccount.objects.update(capabilities={"automated_per_interaction": None})
        with pytest.raises(Refused) as caught:
            choose(account, "released")
        assert caught.value.code == "no_rule"

    def test_it_is_a_managers(self) -> None:
        account = desk.account()
        with pytest.raises(NotFound):
            choose(account, "released", manager=False)
        with pytest.raises(NotFound):
            account_notices_choose(
                actor=System("test"), account_id=0, how="released", note="", now=database_now()
            )


class TestAsking:
    def test_once_and_only_where_there_is_something_to_choose(self) -> None:
        undecided = desk.account("1")
        desk.account("2", notices="released")
        desk.account("3", mode="collect_feedback")
        free = desk.account("4")
        ChannelAccount.objects.filter(pk=free.pk).update(capabilities={})
        assert [notices_choices_ask(now=database_now()) for _ in range(2)] == [1, 1]
        task = AgentTask.objects.get()
        assert (task.account_id, task.reason, task.for_lead) == (undecided.pk, "notices_undecided", True)


def test_every_network_with_such_a_rule_has_it_in_words() -> None:
    for adapter in channels().values():
        words = [adapter.notices_rule_words(language) for language in ("en", "nl")]
        if adapter.capabilities.automated_per_interaction is not None:
            assert all(words)
            assert words[0] != words[1]


class TestCommand:
    def run(self, *arguments: str) -> str:
        out = StringIO()
        call_command("desk_notices", *arguments, stdout=out)
        return out.getvalue()

    def test_it_says_the_rule_and_what_was_chosen(self) -> None:
        account = desk.account()
        said = self.run("x", f"@{account.handle.upper()}", "--automatic", "--note", NOTE)
        assert "one automated reply" in said
        assert f"by themselves ({NOTE})" in said
        account.refresh_from_db()
        assert (account.notices, account.notices_note) == ("automatic", NOTE)
        assert "released by an agent" in self.run("x", account.external_id, "--released")

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            ([], "Choose one"),
            (["--automatic", "--released", "--note", NOTE], "Choose one"),
            (["--automatic"], "Note how and when the network agreed"),
        ],
    )
    def test_it_refuses_to_guess(self, arguments: list[str], says: str) -> None:
        account = desk.account()
        with pytest.raises(CommandError, match=says):
            self.run("x", account.handle, *arguments)
        account.refresh_from_db()
        assert account.notices == ""

    def test_it_names_those_there_are(self) -> None:
        desk.account()
        with pytest.raises(CommandError, match=r"no account 'nobody' on 'x'; there are: desk1111 \(1111\)"):
            self.run("x", "nobody", "--released")
        with pytest.raises(CommandError, match="there is no channel"):
            self.run("pigeon", "nobody", "--released")

    def test_it_does_not_choose_between_two_of_the_same_name(self) -> None:
        desk.account("1")
        desk.account("2")
        ChannelAccount.objects.update(handle="desk")
        with pytest.raises(CommandError, match="more than one account"):
            self.run("x", "desk", "--released")
