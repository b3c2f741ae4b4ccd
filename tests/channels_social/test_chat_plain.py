"""The chat without a script: the same visitor and the same lines, by forms and a cookie of the page's own."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from channels_social.adapters.chat import limits
from channels_social.models import Visitor, VisitorLine
from tests import desk
from tests.channels_social.chat_desk import SITE, WORDS, chat, our_line, window
from tests.channels_social.form_desk import PNG
from tickets.models import ChannelAccount, ChannelMode, Message

pytestmark = pytest.mark.django_db
PATH = f"/chat/{SITE}/plain/"


@pytest.fixture(autouse=True)
def there() -> None:
    desk.seeded()
    chat(languages="en nl", through="desk@merendam.example")


def shown(caller: Client, **query: str) -> str:
    answer = caller.get(PATH, query)
    assert answer.status_code == 200
    return answer.content.decode()


def page_of(html: str) -> str:
    found = re.search(r'name="page" value="([^"]+)"', html)
    assert found is not None
    return found[1]


def press(caller: Client, do: str = "say", **fields: object) -> HttpResponse:
    return caller.post(PATH, {"do": do, **fields})  # type: ignore[return-value]


def talking(words: str = WORDS) -> Client:
    caller = Client()
    answer = press(caller, page=page_of(shown(caller)), text=words)
    assert answer.status_code == 303, answer.content.decode()
    return caller


def test_who_only_looks_is_nobody_and_the_cookie_is_of_this_page_alone() -> None:
    answer = Client().get(PATH)
    cookie = next(each for name, each in answer.cookies.items() if name.endswith("-chat"))
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (PATH, True, "Lax")
    assert "no-store" in answer["Cache-Control"]
    assert not Visitor.objects.exists()


def test_what_is_written_stands_there_with_its_number_and_the_answer_below() -> None:
    caller = talking()
    assert Message.objects.get(direction="in").body == WORDS
    our_line(Visitor.objects.get(), "Somebody <b>looks</b> at it today.")
    html = shown(caller)
    assert WORDS in html
    assert "Somebody &lt;b&gt;looks&lt;/b&gt; at it today." in html
    assert 'id="newest"' in html


def test_sent_twice_it_is_there_once_and_is_one_visitor() -> None:
    caller = Client()
    page = page_of(shown(caller))
    again = Client()
    again.cookies.update(caller.cookies)  # pressed twice: the second goes before the first is answered
    for each in (caller, again):
        assert press(each, page=page, text=WORDS).status_code == 303
    assert (Visitor.objects.count(), Message.objects.filter(direction="in").count()) == (1, 1)


def test_it_counts_as_shown_when_the_browser_has_asked_for_the_picture_below() -> None:
    caller = talking()
    our_line(Visitor.objects.get())
    html = shown(caller)
    assert VisitorLine.objects.get().acked_at is None
    picture = re.search(r'<img src="(\d+\.gif)"', html)
    assert picture is not None
    answer = caller.get(PATH + picture[1])
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/gif")
    assert VisitorLine.objects.get().acked_at is not None
    assert Client().get(PATH + picture[1]).status_code == 404
    later = our_line(Visitor.objects.get())
    assert caller.get(f"{PATH}{later.number + 5}.gif").status_code == 200, "no such line was shown"
    assert VisitorLine.objects.get(pk=later.pk).acked_at is None


def test_nothing_typed_is_lost_when_it_is_refused() -> None:
    caller = Client()
    page = page_of(shown(caller))
    answer = press(caller, page=page, text="x" * 10_001)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "x" * 10_001 in html
    assert page_of(html) == page
    assert not Visitor.objects.filter(words__isnull=False).exists()
    assert press(caller, "address", address="nobody", agree="yes").status_code == 422
    answer = press(caller, "address", address="a.demir@voorbeeld.example")
    assert "Tick the box" in answer.content.decode()
    assert 'value="a.demir@voorbeeld.example"' in answer.content.decode()


def test_without_cookies_it_says_what_to_do_and_keeps_the_words() -> None:
    answer = press(Client(), page=page_of(shown(Client())), text=WORDS)
    assert answer.status_code == 422
    assert "allow cookies for this page" in answer.content.decode()
    assert WORDS in answer.content.decode()
    assert not Visitor.objects.exists()


def test_an_address_is_left_with_consent_and_taken_back() -> None:
    caller = talking()
    assert press(caller, "address", address="a.demir@voorbeeld.example", agree="yes").status_code == 303
    visitor = Visitor.objects.get()
    assert visitor.address == "a.demir@voorbeeld.example"
    assert "send answers and news about this" in visitor.consent
    assert "a.demir@voorbeeld.example" in shown(caller)
    assert press(caller, "forget").status_code == 303
    assert Visitor.objects.get().address == ""


def test_files_go_with_the_words() -> None:
    caller = Client()
    photo = SimpleUploadedFile("lamp.png", PNG, content_type="image/png")
    assert press(caller, page=page_of(shown(caller)), text=WORDS, files=[photo]).status_code == 303
    assert [each.name for each in Message.objects.get(direction="in").attachments.all()] == ["lamp.png"]


def test_it_ends_goes_on_with_words_and_begins_anew() -> None:
    caller = talking()
    assert press(caller, "end").status_code == 303
    assert Visitor.objects.get().ended_at is not None
    html = shown(caller)
    assert "This chat has ended." in html
    assert press(caller, page=page_of(html), text="One more thing").status_code == 303
    assert Visitor.objects.get().ended_at is None
    assert press(caller, "anew").status_code == 303
    assert WORDS not in shown(caller)
    assert press(caller, page=page_of(shown(caller)), text="Another question").status_code == 303
    assert Visitor.objects.count() == 2


def test_whose_chat_is_not_here_any_more_is_told_so_and_keeps_the_words() -> None:
    caller = talking()
    Visitor.objects.update(blocked_at=desk.MONDAY)
    html = shown(caller)
    assert WORDS not in html
    answer = press(caller, page=page_of(html), text="Hello?")
    assert answer.status_code == 422
    assert "Begin a new one." in answer.content.decode()
    assert "Hello?" in answer.content.decode()


def test_nobody_reads_anothers_chat() -> None:
    other = window()
    other.say("My own affair")
    caller = talking()
    assert "My own affair" not in shown(caller)
    assert "My own affair" not in shown(Client())


def test_too_much_in_a_minute_pauses_with_the_words_kept() -> None:
    caller = talking()
    for _ in range(40):
        answer = press(caller, page=page_of(shown(caller)), text="again and again")
        if answer.status_code == 429:
            break
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) <= timedelta(minutes=1).total_seconds()
    assert "again and again" in answer.content.decode()


def test_whatever_is_pressed_counts_as_what_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(limits.LIMITS, "messages", limits.Limit(visitor=100, address=2))
    caller = talking()
    pages = [press(caller, "whatever", page=str(uuid4()), text=f"{n}").status_code for n in range(2)]
    assert pages == [303, 429]
    assert Message.objects.filter(direction="in").count() == 2


def test_files_and_new_visitors_have_their_measure_here_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(limits.LIMITS, "files", limits.Limit(visitor=100, address=3))

    def photos(count: int) -> list[SimpleUploadedFile]:
        return [SimpleUploadedFile(f"lamp{n}.png", PNG, content_type="image/png") for n in range(count)]

    caller = talking()
    assert press(caller, page=str(uuid4()), text="two", files=photos(2)).status_code == 303
    assert press(caller, page=str(uuid4()), text="two more", files=photos(2)).status_code == 429
    assert press(caller, page=str(uuid4()), text="and none").status_code == 303
    monkeypatch.setitem(limits.LIMITS, "session", limits.Limit(visitor=100, address=3))
    talking()
    fresh = Client()
    page = page_of(shown(fresh))
    assert press(fresh, "whatever", page=page, text="One").status_code == 303
    fresh = Client()
    page = page_of(shown(fresh))
    assert press(fresh, "whatever", page=page, text="Two").status_code == 429
    assert Visitor.objects.count() == 3


def test_a_chat_that_takes_nothing_says_so() -> None:
    ChannelAccount.objects.update(mode=ChannelMode.OFF)
    html = shown(Client())
    assert "This chat takes nothing now." in html
    assert "<textarea" not in html


def test_in_dutch() -> None:
    assert '<html lang="nl"' in shown(Client(), lang="nl")
