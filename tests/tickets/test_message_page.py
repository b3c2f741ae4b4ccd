"""What hangs on messages, a message whole, as it looked, what became of ours, and who in the thread it is from."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.core import signing
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from pytest_django import Settings

from accounts.actors import System
from accounts.models import User
from tests import desk
from tests.tickets import mailed
from tickets import html_cleaner
from tickets.clock import database_now
from tickets.display.files import attachment_words, size_words
from tickets.models import (
    Attachment,
    ChannelAccount,
    Message,
    OutboundPart,
    OutboundReply,
    Ticket,
    TicketEvent,
)
from tickets.selectors_talk import subjects_of
from tickets.selectors_ticket import token_of
from tickets.services.audit import event_record
from tickets.tokens import token
from tickets.views.message import proof_of

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\x06\0\0\0\x1f\x15\xc4\x89" + b"\0" * 200
HTML = (
    '<p style="color:red">The <b>lamp</b> <img src="cid:lamp" alt="it">'
    ' <img src="http://far.example/x.png" alt="Logo"></p>'
)


@pytest.fixture
def said(settings: Settings, tmp_path: Path) -> Message:
    settings.MEDIA_ROOT = str(tmp_path)
    desk.seeded()
    return mailed.letter()


@pytest.fixture
def noor(said: Message, client: Client) -> User:
    made = desk.user("noor", teams=[desk.team("front")])
    client.force_login(made)
    return made


def of(said: Message) -> Ticket:
    assert said.ticket is not None
    return said.ticket


def where(said: Message, name: str = "ticket", *more: str) -> str:
    return reverse(name, args=[of(said).shown_reference, *more])


def page(client: Client, said: Message) -> str:
    return client.get(where(said)).content.decode()


def whole(said: Message, name: str = "ticket_message") -> str:
    return where(said, name, token_of(said))


class TestWhatHangs:
    def test_names_sizes_and_states_in_words(self, client: Client, noor: User, said: Message) -> None:
        mailed.hang(said, "door.png", PNG, content_type="image/png")
        mailed.hang(said, "plan.pdf", b"%PDF" * 60_000, content_type="application/pdf")
        mailed.hang(said, "film.mp4", state="refused", state_reason="too_large", size=81_000_000)
        mailed.hang(said, "bill.exe", state="refused", state_reason="scanner")
        mailed.hang(said, "map.dwg")
        mailed.hang(said, "", state="gone", state_reason="not_there", content_type="image/png")
        shown = page(client, said)
        for words in (
            "door.png", "240 kB", "81 MB, too large: it was not taken", "refused by the virus scanner", "being fetched",
            "no longer to be had where it was", ">Picture<",
        ):  # fmt: skip
            assert words in shown, words
        assert shown.count('loading="lazy"') == 1, "of pictures that are kept, a small one"

    def test_a_large_picture_is_opened_by_whoever_wants_it(
        self, client: Client, noor: User, said: Message
    ) -> None:
        row = mailed.hang(said, "door.png", PNG, content_type="image/png")
        Attachment.objects.filter(pk=row.pk).update(size=9_000_000)
        assert "<img" not in page(client, said)

    def test_what_stands_within_is_shown_with_the_look_and_hangs_where_there_is_none(
        self, client: Client, noor: User, said: Message
    ) -> None:
        mailed.hang(said, "lamp.png", PNG, kind="inline", inline_id="lamp", content_type="image/png")
        assert "lamp.png" in page(client, said)
        mailed.original(said, mailed.mail(HTML))
        shown = page(client, said)
        assert "lamp.png" not in shown
        assert "with 1 picture in the text" in shown

    def test_as_many_queries_with_many_as_with_none(self, client: Client, noor: User, said: Message) -> None:
        page(client, said)
        with CaptureQueriesContext(connection) as before:
            page(client, said)
        for number in range(12):
            mailed.hang(said, f"{number}.png", PNG, content_type="image/png")
        with CaptureQueriesContext(connection) as after:
            page(client, said)
        assert len(before) == len(after)

    @pytest.mark.parametrize("language", ["en", "nl"])
    def test_every_end_has_its_words(self, said: Message, language: str) -> None:
        ends = {
            "refused": ("too_large", "too_many", "host", "scanner", "another"),
            "gone": ("not_there", "empty", "unreachable", "not_scanned", "failed", "removed", "another"),
        }
        with translation.override(language):
            rows = [Attachment(state=state, state_reason=why) for state, all_ in ends.items() for why in all_]
            words = [attachment_words(row) for row in rows]
            assert all(words)
            assert "_" not in "".join(words)
            assert attachment_words(Attachment(state="pending")) != attachment_words(
                Attachment(state="pending", failures=1)
            )

    def test_sizes_are_what_people_read(self) -> None:
        assert [size_words(each) for each in (None, 1, 999, 1_000, 239_600, 1_400_000, 25_000_000)] == [
            "", "1 byte", "999 bytes", "1 kB", "240 kB", "1.4 MB", "25 MB",
        ]  # fmt: skip


class TestWhole:
    def test_what_is_new_stands_on_the_page_and_all_of_it_a_click_away(
        self, client: Client, noor: User, said: Message
    ) -> None:
        everything = f"{mailed.WORDS}\n\n> Which lamp is it?\n-- \nAnouk"
        assert "Everything that was written" not in page(client, said)
        Message.objects.filter(pk=said.pk).update(full_text=everything)
        shown = page(client, said)
        assert "Which lamp is it?" not in shown
        assert f'href="{whole(said)}"' in shown
        assert "&gt; Which lamp is it?" in client.get(whole(said)).content.decode()
        part = client.get(whole(said), headers={"X-Part": "words"}).content.decode()
        assert "&gt; Which lamp is it?" in part
        assert "<html" not in part

    def test_who_else_it_went_to_and_who_wrote_it_first(
        self, client: Client, noor: User, said: Message
    ) -> None:
        Message.objects.filter(pk=said.pk).update(
            also_to=[f"{name}@home.example" for name in "abcdef"],
            written_first_by="Cor <cor@home.example>",
            is_quiet=True,
        )
        for shown in (page(client, said), client.get(whole(said)).content.decode()):
            assert (
                "Also to a@home.example, b@home.example, c@home.example, d@home.example and 2 more" in shown
            )
            assert "First written by Cor &lt;cor@home.example&gt;, and passed on" in shown
        assert "nothing automatic answers this" in page(client, said)

    def test_a_subject_heads_the_page_and_stands_where_it_changes(
        self, client: Client, noor: User, said: Message
    ) -> None:
        assert re.search(r"<h1[^>]*>The lamp in our street</h1>", page(client, said))
        rows = [
            Message(pk=number, conversation_id=1, subject=subject)
            for number, subject in enumerate(
                (
                    "The lamp",
                    "Re: The lamp",
                    "RE: AW: the lamp",
                    "The door",
                    "Antw: The door",
                    "",
                    "The lamp",
                ),
                1,
            )
        ]
        assert subjects_of(rows[::-1]) == {4: "The door", 7: "The lamp"}

    def test_nobody_sees_one_that_is_gone_or_not_theirs(
        self, client: Client, noor: User, said: Message
    ) -> None:
        assert client.get(whole(said)).status_code == 200
        assert client.get(where(said, "ticket_message", "0" * 20)).status_code == 404
        Message.objects.filter(pk=said.pk).update(body="", subject="", removed_at=database_now())
        assert client.get(whole(said)).status_code == 404
        other = Client()
        other.force_login(desk.user("daan", teams=[desk.team("secret", private=True)]))
        of_team = of(said).team
        of_team.is_private = True
        of_team.save()
        assert other.get(whole(said)).status_code == 404


class TestLook:
    def test_it_is_the_mails_own_html_with_its_pictures_and_no_others(
        self, client: Client, noor: User, said: Message
    ) -> None:
        mailed.original(said, mailed.mail(HTML))
        picture = mailed.hang(
            said, "lamp.png", PNG, kind="inline", inline_id="lamp", content_type="image/png"
        )
        assert f'href="{whole(said)}#look"' in page(client, said)
        answer = client.get(whole(said, "message_look"))
        shown = answer.content.decode()
        assert '<p style="color:red">The <b>lamp</b>' in shown
        assert "far.example" not in shown
        assert '<span class="elsewhere">Logo</span>' in shown
        assert "1 picture lies elsewhere" in shown
        (address,) = re.findall(r'<img src="([^"]+)"', shown)
        stranger = Client()
        got = stranger.get(address)
        assert (got.status_code, b"".join(got), got["Content-Type"]) == (200, PNG, "image/png")
        Attachment.objects.filter(pk=picture.pk).update(state="gone")
        assert stranger.get(address).status_code == 404

    def test_its_policy_lets_it_do_nothing(self, client: Client, noor: User, said: Message) -> None:
        mailed.original(said, mailed.mail(HTML))
        answer = client.get(whole(said, "message_look"))
        policy = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert re.search(r"sandbox allow-popups allow-popups-to-escape-sandbox(;|$)", policy)
        assert re.search(r"img-src http://testserver/t/[\w-]+/look/(;|$)", policy), policy
        assert "frame-ancestors 'self'" in policy
        assert (answer["X-Frame-Options"], answer["Referrer-Policy"]) == ("SAMEORIGIN", "no-referrer")
        assert answer["X-DNS-Prefetch-Control"] == "off"
        assert "no-store" in answer["Cache-Control"]
        shown = client.get(whole(said)).content.decode()
        frame = re.search(r"<iframe [^>]+>", shown)
        assert frame is not None
        assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in frame.group()

    def test_plain_text_has_none_and_says_so(self, client: Client, noor: User, said: Message) -> None:
        mailed.original(said, b"From: a@b.example\r\nSubject: x\r\n\r\nOnly words.\r\n")
        assert "written as plain text" in client.get(whole(said, "message_look")).content.decode()

    def test_another_channel_has_none(self, client: Client, noor: User, said: Message) -> None:
        mailed.original(said, mailed.mail(HTML))
        ChannelAccount.objects.update(channel="x")
        assert "written as plain text" in client.get(whole(said, "message_look")).content.decode()

    def test_what_would_take_too_long_is_said(
        self, client: Client, noor: User, said: Message, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tickets.html_pages.SECONDS", 0.01)
        mailed.original(said, mailed.mail(HTML))
        answer = client.get(whole(said, "message_look"))
        assert "cannot be shown as it looked" in answer.content.decode()
        assert "lamp</b>" not in answer.content.decode()

    def test_without_the_whole_message_there_is_none(self, client: Client, noor: User, said: Message) -> None:
        assert client.get(whole(said, "message_look")).status_code == 404
        row = mailed.original(said, mailed.mail(HTML))
        default_storage.delete(row.storage_key)
        assert client.get(whole(said, "message_look")).status_code == 404

    @pytest.mark.parametrize("what", ["late", "forged", "left", "elsewhere", "not_a_picture"])
    def test_a_picture_within_is_for_whom_the_look_was_made(
        self, client: Client, noor: User, said: Message, what: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        picture = mailed.hang(
            said, "lamp.png", PNG, kind="inline", inline_id="lamp", content_type="image/png"
        )
        proof = proof_of(noor, picture)
        address = where(said, "look_picture", proof)
        assert b"".join(Client().get(address)) == PNG
        if what == "late":
            monkeypatch.setattr("tickets.views.message._PROOF_HOLDS", -1)
        elif what == "forged":
            address = where(
                said, "look_picture", signing.dumps(signing.loads(proof, salt="tickets.look"), salt="other")
            )
        elif what == "left":
            User.objects.filter(pk=noor.pk).update(is_active=False)
        elif what == "elsewhere":
            address = reverse("look_picture", args=[of(mailed.letter(2)).shown_reference, proof])
        else:
            Attachment.objects.update(content_type="image/svg+xml")
        assert Client().get(address).status_code == 404


class TestCleaning:
    """What it keeps; what it keeps out is seen by a browser (tests/browser/test_hostile.py)."""

    def test_a_letter_keeps_its_form(self) -> None:
        form = (
            '<table><tbody><tr><td style="padding:4px" colspan="2">a</td></tr></tbody></table>'
            "<ul><li>b</li></ul><h2>c</h2>"
        )
        assert html_cleaner.cleaned(form, {}, {})["html"] == form

    @pytest.mark.parametrize(
        ("style", "left"),
        [
            ("color:#333;font-weight:bold", "color:#333;font-weight:bold"),
            ("color: rgb(1, 2, 3)", "color:rgb(1, 2, 3)"),
            ("position:fixed;color:red", "color:red"),
            ("display:none;color:red", "color:red"),
            ("background:url(http://x)", None),
            ("color:red;background-color:url(http://x)", "color:red"),
            ("color:\\72 ed", None),
        ],
    )
    def test_styles_that_only_look(self, style: str, left: str | None) -> None:
        found = html_cleaner.cleaned(f'<p style="{style}">p</p>', {}, {})["html"]
        assert found in ([f'<p style="{left}">p</p>'] if left else ["<p>p</p>", '<p style="">p</p>'])

    def test_a_link_says_where_it_leads(self) -> None:
        found = html_cleaner.cleaned(
            '<a href="https://good.example/?a=1&b=2" title="https://bank.example">b</a>', {}, {}
        )
        assert found["html"] == (
            '<a href="https://good.example/?a=1&amp;b=2" title="https://good.example/?a=1&amp;b=2" target="_blank"'
            ' rel="noopener noreferrer nofollow">b</a>'
        )

    def test_a_dot_that_counts_readers_is_nowhere_and_is_counted(self) -> None:
        found = html_cleaner.cleaned(
            '<img src="http://far.example/p.gif" width="1" height="1">x', {}, {"picture": "P"}
        )
        assert (found["html"], found["hidden"]) == ("x", 1)

    def test_markup_within_an_attribute_stays_there(self) -> None:
        found = html_cleaner.cleaned('<p title="<img><a>&quot;">p</p>', {}, {"picture": "P"})["html"]
        assert found.startswith('<p title="')
        assert "elsewhere" not in found


class TestThread:
    def test_somebody_else_is_marked_and_is_answered_by_choice_alone(
        self, client: Client, noor: User, said: Message
    ) -> None:
        other = mailed.beside(of(said))
        shown = page(client, said)
        assert "somebody else in the thread" in shown
        chosen = re.findall(r'type="radio" name="to" value="([^"]+)"[^>]*checked', shown)
        assert chosen == [token_of(said.conversation)], "whoever spoke last, one writes to the caller"
        assert "Bea Bakker is not the caller, but somebody else in the thread." in shown
        assert "Only Bea Bakker can read this" in shown
        assert "Only Anouk can read this" in shown
        head = re.search(r'data-about="[^"]*, ([^"]*)"', shown)
        assert head is not None
        assert head.group(1) == "Anouk"
        only = client.get(where(said), {"in": token_of(other)}).content.decode()
        assert re.findall(r'name="to" value="([^"]+)"[^>]*checked', only) == [token_of(other)]

    def test_what_became_of_ours_stands_on_it(self, client: Client, noor: User, said: Message) -> None:
        ticket, now = of(said), database_now()
        reply = OutboundReply.objects.create(
            account=said.account, conversation=said.conversation, ticket=ticket, dedupe_key="answer:1", kind="answer",
            is_automatic=False, author=noor, text="We come.", state="sent", precedence=0, next_try_at=now,
            created_at=now, sent_at=now, settled_at=now,
        )  # fmt: skip
        OutboundPart.objects.create(reply=reply, number=1, text=reply.text, external_id="o1", sent_at=now)
        told = {
            "delayed": "still being tried",
            "delivered": "<span>arrived",
            "bounced": "It came back",
            "failed": "It did not arrive",
        }
        for state, words in told.items():
            assert words not in page(client, said)
            event_record(
                f"message_{state}", actor=System("channel"), now=database_now(), ticket_id=ticket.pk,
                args={"reply": reply.pk, "code": "5.1.1"},
            )  # fmt: skip
            assert words in page(client, said)
        assert TicketEvent.objects.filter(ticket=ticket, kind="message_bounced").exists()


def test_the_words_of_a_removed_file_are_gone(client: Client, noor: User, said: Message) -> None:
    row = mailed.hang(said, "passport.png", PNG, content_type="image/png")
    Attachment.objects.filter(pk=row.pk).update(
        state="gone", state_reason="removed", name="", content_type="image/png"
    )
    shown: Any = page(client, said)
    assert "passport.png" not in shown
    assert "gone with the words that it hung on" in shown
    assert token("attachment", row.pk) not in shown
