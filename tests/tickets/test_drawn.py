"""What is worked out once for a process or an answer: it stays true for the next language, zone, person and policy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from django.db.models import Q
from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy
from jinja2 import Undefined
from markupsafe import escape

from accounts.models import User
from priority.selectors import policy_current, policy_of
from tests import desk
from tests.tickets.said import hear
from tickets import selectors_saved_replies
from tickets.clock import database_now
from tickets.display.line import line_of
from tickets.display.options import options, policy_pairs
from tickets.display.phrases import gettext, one_language, phrases
from tickets.display.words import day, long_day
from tickets.drawn import draw, environment
from tickets.drawn_code import shown
from tickets.models import SavedReply, SavedReplyText, Status, Ticket
from tickets.selectors import presses
from tickets.selectors_ticket_rows import messages_on
from tickets.templatetags.desk import short_line

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def test_words_are_those_of_the_language_that_is_active() -> None:
    said = []
    for language in ("en", "nl", "en", "nl"):
        with translation.override(language):
            said.append((gettext("Unassigned"), day(NOON, NOON), long_day(NOON, NOON)))
    assert said[0] == said[2] != said[1] == said[3]
    with translation.override("nl"), one_language():
        assert phrases().language == "nl"
    with translation.override("en"):
        assert phrases().language == "en"


def test_a_partial_speaks_the_language_of_each_asking() -> None:
    drawn = []
    for language in ("en", "nl", "en"):
        with translation.override(language):
            drawn.append(draw("_palette.jinja.html", {}))
    assert drawn[0] == drawn[2] != drawn[1]
    assert "Met %s" in drawn[1]
    assert "With %s" in drawn[0]


def test_what_is_written_out_is_escaped_as_jinja_does_it() -> None:
    sharp = """<b title="x">it's & more</b>"""
    values = [
        sharp,
        SafeString(sharp),
        escape(sharp),
        gettext_lazy("Unassigned"),
        Status.WAITING,
        7,
        None,
        Undefined(),
    ]
    assert [str(shown(value)) for value in values] == [str(escape(value)) for value in values]
    assert shown(sharp) != sharp == shown(SafeString(sharp))
    drawn = environment().from_string(
        "{% macro m(x) %}<i>{{ x }}</i>{{ caller() }}{% endmacro %}{% call m(s) %}{{ s ~ s }}{% endcall %}{{ [s][0] }}"
    )
    assert drawn.render(s="<&>") == "<i>&lt;&amp;&gt;</i>&lt;&amp;&gt;&lt;&amp;&gt;&lt;&amp;&gt;"


def test_nothing_that_a_partial_calls_asks_for_jinjas_context() -> None:
    assert [name for name, each in environment().globals.items() if hasattr(each, "jinja_pass_arg")] == []


def test_choices_are_escaped_and_only_the_chosen_one_stands_selected() -> None:
    pairs = [("", "any"), ("<a>", '"x" & <b>'), ("c", "d")]
    assert options(pairs, "<a>") == (
        '<option value="">any</option><option value="&lt;a&gt;" selected>&quot;x&quot; &amp; &lt;b&gt;</option>'
        '<option value="c">d</option>'
    )
    assert "selected" not in options(pairs, "")
    assert "selected" not in options(pairs)


@pytest.mark.usefixtures("seeded")
def test_the_policys_names_follow_the_language() -> None:
    policy = policy_of(policy_current().pk)
    named = []
    for language in ("en", "nl"):
        with translation.override(language):
            pairs = policy_pairs(policy)
            keys = [*(each.key for each in policy.categories), policy.otherwise.key]
            assert [key for key, _ in pairs.categories] == keys
            named.append([name for _, name in pairs.categories])
    assert named[0] != named[1]


def test_a_line_is_drawn_with_all_its_parts() -> None:
    late = line_of(
        start=NOON, promised_for=NOON + timedelta(hours=8), at_risk_at=NOON + timedelta(hours=6),
        now=NOON + timedelta(hours=10),
    )  # fmt: skip
    assert [part in short_line(late) for part in ("rest", "risk", "run", "over", "stake")] == [True] * 5
    early = line_of(start=NOON, promised_for=NOON + timedelta(hours=8), at_risk_at=None, now=NOON)
    assert [part in short_line(early) for part in ("rest", "risk", "run", "over", "stake")] == [
        *(True, False, True, False, True)
    ]
    assert "pause" in short_line(None)


@pytest.fixture
def agent(seeded: None) -> User:
    return desk.user("noor", teams=[desk.team("front")])


@pytest.mark.django_db
def test_what_presses_is_at_risk_or_late(agent: User) -> None:
    ticket, now = hear(desk.account("1", of_team=desk.team("front")), 1), database_now()
    times = (None, now - timedelta(hours=1), now, now + timedelta(hours=1))
    found = []
    for risk, due in product(times, times):
        Ticket.objects.filter(pk=ticket.pk).update(at_risk_at=risk, due_at=due)
        either = Ticket.objects.filter(Q(at_risk_at__lte=now) | Q(due_at__lte=now)).exists()
        found.append(either)
        assert Ticket.objects.filter(presses(now)).exists() is either
    assert found.count(True) == 12


@pytest.mark.django_db
def test_rows_beside_many_are_made_once_for_an_answer_and_anew_for_the_next(agent: User) -> None:
    ticket = hear(desk.account("1", of_team=desk.team("front")), 1)
    [message] = messages_on(ticket)
    again = messages_on(ticket)[0]
    assert message.account == again.account
    assert message.account is not again.account
    assert message.body == type(message).objects.get(pk=message.pk).body
    assert (
        message.received_at == type(message).objects.get(pk=message.pk).received_at
    )  # asked for when it is needed


@pytest.mark.django_db
def test_the_saved_replies_offered_first_are_those_that_a_search_would_rank_first(agent: User) -> None:
    team = desk.team("front")
    ticket, now = hear(desk.account("1", of_team=team), 1), database_now()
    made: list[tuple[int | None, list[str], list[str]]] = [
        (None, [], ["nl"]), (team.pk, ["x"], ["en"]), (None, ["y"], ["nl", "en"]), (team.pk, ["x", "y"], ["nl"]),
        (desk.team("secret", private=True).pk, ["x"], ["nl"]),
    ]  # fmt: skip
    for number, (team_id, categories, languages) in enumerate(made):
        row = SavedReply.objects.create(
            title=f"s{number}", team_id=team_id, categories=categories, created_at=now, updated_at=now
        )
        for language in languages:
            SavedReplyText.objects.create(reply=row, language=language, manner="", text=f"word {language}")
    for category in ("x", "y", "z", ""):
        ticket.category = category
        for language in ("nl", "en"):
            plain, searched = (
                [
                    (each.reply.title, each.text, each.fits, each.is_theirs)
                    for each in selectors_saved_replies.saved_replies_fitting(
                        agent, ticket, language=language, manner="", query=query
                    )
                ]
                for query in ("", "word")
            )
            assert plain == searched
            assert len(plain) == 4
