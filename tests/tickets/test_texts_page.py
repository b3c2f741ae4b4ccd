"""The pages of the texts, as managers meet them without a script, and what others see of them."""

from __future__ import annotations

import html
import re

import pytest
from django.db import connection
from django.http.response import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from tests import desk
from tests.tickets.test_views import words_of
from tickets.models import TextRevision
from tickets.texts.document import seed

pytestmark = pytest.mark.django_db

LIST = "/policy/texts/"
REMINDER = f"{LIST}reminder/short/"
SAYS = "Please answer us about {ref}. {sign}"


@pytest.fixture(autouse=True)
def _seeded() -> None:
    desk.seeded()
    desk.account()


@pytest.fixture
def page(client: Client, ilse: User) -> Client:
    client.force_login(ilse)
    return client


def shown(answer: HttpResponseBase) -> str:
    return html.unescape(words_of(answer))


def form(page: Client, where: str = REMINDER, **changes: str) -> dict[str, str]:
    """The fields as the page has them; "en:body" and so on may be given as en__body."""
    source = page.get(where).content.decode()
    fields = dict(
        re.findall(r'<textarea id="[^"]*" name="([^"]+)"[^>]*>\n?(.*?)</textarea>', source, re.DOTALL)
    )
    fields |= dict(re.findall(r'<input id="[^"]*" name="([^"]+)"[^>]* value="([^"]*)"', source))
    fields |= dict(re.findall(r'<input type="hidden" name="(seen)" value="([^"]*)"', source))
    given = {name.replace("__", ":").replace("_formal", "-formal"): value for name, value in changes.items()}
    return {name: html.unescape(value) for name, value in fields.items()} | given


def test_every_text_is_in_the_list_and_a_changed_one_marked(page: Client) -> None:
    listed = page.get(LIST)
    source = listed.content.decode()
    for kind, manners in seed().notices.items():
        for manner in manners:
            assert f'href="{LIST}{kind}/{manner}/"' in source
    assert f'href="{LIST}line/reasons.closes_early/"' in source
    assert "all as they came with the desk" in shown(listed)
    page.post(REMINDER, form(page, en__body=SAYS, reason="Shorter"))
    assert "1 text is no longer as it came" in shown(page.get(LIST))
    assert page.get(LIST).content.decode().count('#note"') == 1
    assert re.search(r"Revision 2 .{0,40}Ilse Shorter Reminder, Short messages", shown(page.get(LIST)))


def test_what_fits_no_longer_is_said(page: Client) -> None:
    assert "No longer short enough" not in shown(page.get(LIST))
    desk.account("55", caps={"max_length": 200}, language="nl")
    said = shown(page.get(LIST))
    assert "No longer short enough" in said
    assert re.search(
        r"Delay notice, Short messages : Too long by \d+: with the longest values X takes 200", said
    )
    assert "Reminder, Short messages : Too long" not in said


def test_saved_without_a_script_it_is_in_use_and_in_the_history(page: Client, ilse: User) -> None:
    answer = page.post(REMINDER, form(page, en__body=SAYS, reason="Shorter"), follow=True)
    said = shown(answer)
    assert "In use from now on, as revision 2 of the texts." in said
    assert "Revision 2" in said
    assert "Ilse Shorter" in said
    assert "<del>" in answer.content.decode()
    assert TextRevision.objects.get(number=2).author == ilse


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("Please answer. {sign}", "Put {ref} in: the caller has to read it."),
        ("{ref}, {password}", "Take {password} out: nobody can fill it in here."),
        ("{ref}, {name}", "Take {name} out: everybody reads this."),
        ("Your ticket {ref}", "“ticket” is no word for a caller."),
        ("Sorry about {ref}", "We say sorry only where we missed a date we gave."),
        ("{ref} " + "and again " * 30, "Too long by"),
        ("", "Nothing stands here. Write the words."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(page: Client, typed: str, says: str) -> None:
    sent = form(page, en__body=typed, nl_formal__body="Wilt u over {ref} antwoorden?", reason="Because")
    answer = page.post(REMINDER, sent)
    assert answer.status_code == 422
    assert says in shown(answer)
    source = html.unescape(answer.content.decode())
    for kept in (typed, "Wilt u over {ref} antwoorden?", 'value="Because"'):
        assert kept in source
    assert TextRevision.objects.count() == 1


def test_without_a_reason_it_is_not_saved(page: Client) -> None:
    answer = page.post(REMINDER, form(page, en__body=SAYS))
    assert answer.status_code == 422
    assert "Say in a few words why the text changes" in shown(answer)
    assert SAYS in html.unescape(answer.content.decode())


def test_checked_without_a_script_it_is_shown_as_it_would_read_and_not_saved(page: Client) -> None:
    answer = page.post(REMINDER, form(page, en__body=SAYS, what="check"))
    assert "Please answer us about K7QM-4T2X. ^Merendam" in shown(answer)
    assert "of 280 as it counts" in shown(answer)
    assert TextRevision.objects.count() == 1


def test_what_is_too_long_is_shown_in_the_parts_that_the_network_would_show(page: Client) -> None:
    answer = page.post(f"{REMINDER}ahead/", form(page, en__body="{ref} " + "and again " * 30))
    assert "1/2" in shown(answer)
    assert "2/2" in shown(answer)
    assert "in 2 messages" in shown(answer)


def test_two_managers_on_one_text_the_second_is_told_and_may_go_on(page: Client) -> None:
    mine = form(page, en__body="Do answer about {ref}. {sign}", reason="Clearer")
    other = Client()
    other.force_login(desk.user("omar", manager=True))
    other.post(REMINDER, form(other, en__body=SAYS, reason="Shorter"))
    told = page.post(REMINDER, mine)
    assert told.status_code == 409
    assert "Omar has changed this text meanwhile." in shown(told)
    source = html.unescape(told.content.decode())
    assert "Do answer about {ref}. {sign}" in source
    assert 'value="Clearer"' in source
    assert 'name="seen" value="2"' in source
    again = page.post(REMINDER, mine | {"seen": "2"}, follow=True)
    assert "as revision 3 of the texts" in shown(again)


def test_an_earlier_wording_and_the_ready_made_one_are_put_back(page: Client) -> None:
    for number, body in enumerate((SAYS, "Answer about {ref}. {sign}"), 1):
        page.post(REMINDER, form(page, en__body=body, reason=f"Try {number}"))
    back = page.post(REMINDER, {"seen": "3", "what": "restore:2"}, follow=True)
    assert "Put back. It is in use from now on, as revision 4 of the texts." in shown(back)
    assert TextRevision.objects.get(number=4).reason == "Put back as in revision 2."
    document = TextRevision.objects.get(number=4).document
    assert document["notices"]["reminder"]["short"]["en"]["body"] == SAYS
    page.post(REMINDER, {"seen": "4", "what": "restore:0"})
    assert TextRevision.objects.get(number=5).document == seed().document()
    assert "all as they came with the desk" in shown(page.get(LIST))


@pytest.mark.parametrize("what", ["restore:99", "restore:", "restore:-1", "restore:x"])
def test_what_never_was_cannot_be_put_back(page: Client, what: str) -> None:
    assert page.post(REMINDER, {"seen": "1", "what": what}).status_code == 404


@pytest.mark.parametrize("seen", ["", "77", "x", "99999999999999999999"])
def test_a_form_that_is_none_of_ours_is_refused_in_words(page: Client, seen: str) -> None:
    answer = page.post(REMINDER, form(page, en__body=SAYS, reason="x") | {"seen": seen})
    assert answer.status_code == 422
    assert "reload the page" in shown(answer)


def test_a_line_has_both_forms_of_dutch(page: Client) -> None:
    where = f"{LIST}line/reasons.have_your_answer/"
    answer = page.post(where, form(page, where, nl_formal__line="", reason="alike"), follow=True)
    assert answer.status_code == 200
    assert "reasons.have_your_answer" not in TextRevision.objects.get(number=2).document["in_letters"]


def test_everybody_reads_and_only_managers_change(client: Client) -> None:
    client.force_login(desk.user("noor", teams=[desk.team()]))
    source = client.get(REMINDER).content.decode()
    assert "readonly" in source
    assert "Put it in use" not in source
    for where in (REMINDER, f"{REMINDER}ahead/"):
        assert client.post(where, {"en:body": SAYS, "seen": "1", "reason": "x"}).status_code == 404
    assert TextRevision.objects.count() == 1


@pytest.mark.parametrize("where", ["reminder/loud", "nothing/short", "line/reasons.none", "line/lines"])
def test_there_is_no_other_text(page: Client, where: str) -> None:
    assert page.get(f"{LIST}{where}/").status_code == 404


def test_in_dutch(page: Client, ilse: User) -> None:
    User.objects.filter(pk=ilse.pk).update(language="nl")
    assert page.get(LIST).status_code == 200
    assert "We sluiten {day} eerder." in shown(page.get(LIST))


def test_as_many_statements_for_many_accounts_and_revisions_as_for_one(page: Client) -> None:
    def statements(where: str) -> int:
        page.get(where)
        with CaptureQueriesContext(connection) as asked:
            page.get(where)
        return len(asked)

    before = [statements(LIST), statements(REMINDER)]
    for number in range(3):
        desk.account(f"9{number}")
        page.post(REMINDER, form(page, en__body=f"{SAYS} {number}", reason="x"))
    assert [statements(LIST), statements(REMINDER)] == before
