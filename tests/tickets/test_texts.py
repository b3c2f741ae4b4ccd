"""The words: complete, free of our own jargon, short enough, and never a template for somebody else's
text."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest

from tickets.clock import database_now
from tickets.models import TextRevision
from tickets.services.texts import texts_ensure_seeded, texts_publish, words_current, words_of
from tickets.texts.dates import date_words
from tickets.texts.document import (
    NoticeKind,
    WordsInvalid,
    completed,
    digest,
    parse,
    read,
    seed,
)
from tickets.texts.render import CannotFill, fill, notice, one_line

ZONE = "Europe/Amsterdam"


class TestDocument:
    def faults(self, change: Any) -> tuple[str, ...]:
        document = copy.deepcopy(seed().document())
        change(document)
        with pytest.raises(WordsInvalid) as caught:
            parse(document)
        return caught.value.faults

    def body(self, text: str, kind: str = "acknowledgement_solved") -> tuple[str, ...]:
        def change(document: dict[str, Any]) -> None:
            document["notices"][kind]["short"]["en"]["body"] = text

        return self.faults(change)

    def test_it_survives_the_way_through_json(self) -> None:
        assert parse(seed().document()) == seed()

    @pytest.mark.parametrize(
        "word", ["ticket", "Tickets", "SLA", "breach", "P2", "priority", "triage", "wachtrij", "escalated"]
    )
    def test_our_own_words_are_refused(self, word: str) -> None:
        (fault,) = self.body(f"Your {word} {{ref}} by {{date}}.")
        assert word in fault

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("By {date}.", "{ref} is missing"),
            ("{ref} by {date} {password}", "{password} cannot be filled in here"),
            ("{ref} by {date} {name}", "{name} is not for everybody"),
            ("{ref} by {date} {", "a lone"),
            ("Sorry: {ref} by {date}", "sorry only where"),
            ("{ref} by {date}, send us a DM", "private messages"),
            ("{ref.__class__} {ref} {date}", "{ref.__class__} cannot be filled in here"),
        ],
    )
    def test_faults_say_where_and_what(self, text: str, says: str) -> None:
        faults = self.body(text)
        assert any(says in fault and "acknowledgement_solved.short.en" in fault for fault in faults)

    def test_a_missing_language_is_named(self) -> None:
        faults = self.faults(lambda d: d["notices"]["delay_notice"]["letter"].pop("nl"))
        assert faults == ("notices.delay_notice.letter.nl: missing",)

    def test_a_line_for_letters_stands_in_for_one_there_is(self) -> None:
        faults = self.faults(lambda d: d["in_letters"].update({"reasons.nobody": {"nl": "Zo is het."}}))
        assert faults == ("in_letters.reasons.nobody: there is no such line",)

    def test_a_line_for_letters_says_as_much(self) -> None:
        faults = self.faults(lambda d: d["in_letters"].update({"date_lines.solved": {"nl": "Op {date}."}}))
        assert faults == ("in_letters.date_lines.solved.nl: {ref} is missing",)

    def test_a_missing_line_is_named(self) -> None:
        assert self.faults(lambda d: d["lines"].pop("status_working")) == (
            "lines.status_working.en: missing",
            "lines.status_working.nl: missing",
        )

    @pytest.mark.parametrize("kind", ["overdue_notice", "overdue_notice_answered", "overdue_notice_started"])
    @pytest.mark.parametrize(("form", "you"), [("", "je"), ("formal", "u")])
    def test_what_is_said_aloud_of_a_missed_date_has_words_of_its_own(
        self, kind: NoticeKind, form: str, you: str
    ) -> None:
        values = {"ref": "K7QM-4T2X", "old": "maandag", "date": "vrijdag", "reason": "Het is nog niet klaar."}
        values |= {"name": "Anouk", "sign": "^M"}
        told = {
            spoken: notice(
                seed(),
                kind,
                manner="conversational",
                language="nl",
                public=False,
                values=values,
                form=form,
                spoken=spoken,
            ).body
            for spoken in (True, False)
        }
        assert told[True].startswith("Ik bel over K7QM-4T2X. ")
        assert f" {you} " in told[True]
        assert not {"Hallo", "Beste", "^M"} & set(told[True].replace(",", "").split())
        assert told[False] != told[True]

    def test_sorry_may_stand_in_an_overdue_notice_only(self) -> None:
        assert "Sorry" in seed().notices["overdue_notice"]["short"]["en"].body


class TestFill:
    def test_a_value_is_never_read_as_a_template(self) -> None:
        hostile = "{date} {ref.__class__} %(date)s {0} {sign}"
        assert fill("Hello {name}, by {date}.", {"name": hostile, "date": "Monday"}) == (
            f"Hello {hostile}, by Monday."
        )

    @pytest.mark.parametrize(
        ("template", "expected"),
        [
            ("Hello {name}, yes", "Hello, yes"),
            ("{name} Thanks", "Thanks"),
            ("Bye\n{name}", "Bye"),
            ("a {name} b", "a b"),
        ],
    )
    def test_an_empty_value_leaves_no_gap(self, template: str, expected: str) -> None:
        assert fill(template, {"name": ""}) == expected

    def test_what_is_not_known_is_not_left_out_in_silence(self) -> None:
        with pytest.raises(CannotFill, match="date"):
            fill("By {date}", {})

    def test_somebodys_words_become_one_bounded_line(self) -> None:
        assert one_line("a\u202eb\nc\x00  d", most=20) == "a b c d"
        assert one_line("x" * 50, most=10) == "x" * 9 + "…"


class TestDates:
    NOW = datetime(2026, 9, 28, 10, 0, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("at", "language", "expected"),
        [
            (datetime(2026, 9, 30, 16, tzinfo=UTC), "en", "Wednesday 30 September, 18:00"),
            (datetime(2026, 9, 30, 16, tzinfo=UTC), "nl", "woensdag 30 september 18.00 uur"),
            (datetime(2026, 12, 1, 8, 5, tzinfo=UTC), "en", "Tuesday 1 December, 09:05"),
            (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), "en", "Friday 1 January 2027, 00:30"),
            (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), "nl", "vrijdag 1 januari 2027 00.30 uur"),
        ],
    )
    def test_in_the_callers_zone_with_the_year_only_where_it_is_another(
        self, at: datetime, language: str, expected: str
    ) -> None:
        assert date_words(at, zone=ZONE, language=language, now=self.NOW) == expected

    def test_today_stays_a_date(self) -> None:
        assert date_words(self.NOW, zone=ZONE, language="en", now=self.NOW) == "Monday 28 September, 12:00"

    def test_this_year_is_the_callers_this_year(self) -> None:
        new_year = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
        assert date_words(new_year, zone=ZONE, language="en", now=new_year) == "Friday 1 January, 00:30"


@pytest.mark.django_db
class TestRevisions:
    def test_seeded_once(self) -> None:
        first = texts_ensure_seeded(database_now())
        assert texts_ensure_seeded(database_now()) == first
        assert (first.number, first.sha256) == (1, digest(seed().document()))
        assert words_of(first.pk) == seed()

    def test_the_same_words_make_no_revision_and_others_the_next(self) -> None:
        now = database_now()
        first = texts_ensure_seeded(now)
        assert first.author is None
        from accounts.actors import System

        document = copy.deepcopy(seed().document())
        assert texts_publish(actor=System("test"), document=document, reason="again", now=now) == first
        document["closing_line"]["en"] = "All sorted."
        second = texts_publish(actor=System("test"), document=document, reason="shorter", now=now)
        assert (second.number, TextRevision.objects.count()) == (2, 2)
        assert words_current(now) == (second.pk, words_of(second.pk))
        assert words_of(first.pk).closing_line["en"] != "All sorted."

    def test_a_revision_of_an_earlier_desk_gets_what_came_since_and_keeps_its_own_words(self) -> None:
        now = database_now()
        document = copy.deepcopy(seed().document())
        for kind in ("reminder", "closing_word", "date_stands_notice"):
            del document["notices"][kind]
        del document["lines"], document["in_letters"]
        document["notices"]["overdue_notice"]["short"]["en"]["body"] = "{ref} {old} {reason} {date} {sign}"
        old = TextRevision.objects.create(
            number=1, document=document, sha256=digest(document), reason="then", published_at=now
        )
        new = texts_ensure_seeded(now)
        assert (new.number, new.document) == (2, completed(read(document)))
        assert words_of(new.pk).notices["overdue_notice"]["short"]["en"].body.startswith("{ref} {old}")
        assert words_of(new.pk).notices["reminder"] == seed().notices["reminder"]
        assert texts_ensure_seeded(now) == new
        with pytest.raises(CannotFill, match="reminder"):
            notice(
                words_of(old.pk),
                "reminder",
                manner="short",
                language="en",
                public=True,
                values={"ref": "K7QM-4T2X"},
            )

    def test_what_is_invalid_is_not_published(self) -> None:
        from accounts.actors import System

        with pytest.raises(WordsInvalid):
            texts_publish(actor=System("test"), document={"format": 1}, reason="x", now=database_now())
        assert not TextRevision.objects.exists()
