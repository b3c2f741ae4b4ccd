"""The ready-made texts: complete, free of our own jargon, short enough wherever they are read, and fit to be said."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from channels_social.registry import channel, channels
from tickets.texts.dates import LANGUAGES, date_words, day_words
from tickets.texts.document import (
    FORBIDDEN,
    IN_REASONS,
    LINES,
    MANNERS,
    NOT_IN_PUBLIC,
    PLACEHOLDERS,
    Manner,
    NoticeKind,
    asks_for_private,
    not_for_callers,
    placeholders,
    seed,
)
from tickets.texts.render import date_line, line, notice
from tickets.texts.shapes import SORRY

ZONE = "Europe/Amsterdam"


#: The longest values that can really come (reference/content.md, section 1); a reference of ours is 9 long.
LONGEST = {
    "ref": "K7QM-4T2X",
    "sign": "^Alexandra",
    "party": "the energy network company",
    "team": "Public Works North",
    "stands": "De datum die we noemden, blijft staan.",
    "what": "the machine at Central gives your card back, and your money is on its way.",
    "name": "Maria Magdalena van den Nieuwenhuijzen-Oosterbaan",
    "summary": "the ticket machine at Central swallowed my card this morning and nobody is there to help",
    "status_link": "https://desk.merendam.example/s/0123456789abcdef0123456789abcdef",
    "network": "the network",
    "question": "the number of your card, the time it happened, and at which of the machines.",
}


DANGER = {"en": "Is someone in danger? Call 112.", "nl": "Is er iemand in gevaar? Bel 112."}


LIMIT = 240


LATE = datetime(2026, 9, 30, 16, 0, tzinfo=UTC)


def longest(kind: NoticeKind, language: str, extra: str = "", form: str = "familiar") -> list[dict[str, str]]:
    """Values for each reason that may be given."""
    date = date_words(LATE, zone=ZONE, language=language, now=LATE)
    day = day_words(LATE, zone=ZONE, language=language, now=LATE)
    base = {**LONGEST, "date": date, "old": date, "extra": extra, "day": day}
    if "reason" not in PLACEHOLDERS[kind][0]:
        return [base]
    values = {**LONGEST, "day": day}
    return [
        base
        | {
            "reason": line(
                seed(), f"reasons.{code}", language=language, manner="short", form=form, values=values
            )
        }
        for code in seed().reasons
    ]


FAMILIAR = {"je", "jij", "jou", "jouw", "jullie"}


FORMAL = {"u", "uw"}


def _pronouns(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


class TestSeed:
    @pytest.mark.parametrize("language", sorted(LANGUAGES))
    @pytest.mark.parametrize("kind", list(PLACEHOLDERS))
    def test_every_short_notice_fits_by_the_networks_own_count(self, kind: NoticeKind, language: str) -> None:
        count = channel("x").length
        line = DANGER[language] if "extra" in PLACEHOLDERS[kind][1] else ""
        for form in ("familiar", "formal"):
            for values in longest(kind, language, line, form):
                text = notice(
                    seed(), kind, manner="short", language=language, public=True, values=values, form=form
                ).body
                assert count(text) <= LIMIT, text

    @pytest.mark.parametrize("language", sorted(LANGUAGES))
    @pytest.mark.parametrize("manner", MANNERS)
    @pytest.mark.parametrize("kind", list(PLACEHOLDERS))
    def test_every_text_fits_every_channel_of_its_manner_and_holds_its_date(
        self, kind: NoticeKind, manner: Manner, language: str
    ) -> None:
        texts = [
            notice(seed(), kind, manner=manner, language=language, public=public, values=values)
            for values in longest(kind, language, DANGER[language])
            for public in (True, False)
        ]
        for text in texts:
            assert "{" not in text.body
            assert bool(text.subject) == (manner == "letter")
            if "date" in PLACEHOLDERS[kind][0]:
                assert date_words(LATE, zone=ZONE, language=language, now=LATE) in text.body
        fitting = [one for one in channels().values() if one.capabilities.manner == manner]
        for one in fitting:
            limits = [one.capabilities.max_length, one.capabilities.max_length_private]
            for limit in (limit for limit in limits if limit is not None):
                assert all(one.length(text.body) <= limit for text in texts)

    def test_the_longest_answer_that_asks_still_has_room_for_its_lines(self) -> None:
        """What we add to a person's words on the shortest channel leaves them at least 100 characters."""
        for language in sorted(LANGUAGES):
            date = date_words(LATE, zone=ZONE, language=language, now=LATE)
            told = date_line(seed(), "solved", language=language, ref=LONGEST["ref"], date=date)
            waits = line(seed(), "lines.date_waits", language=language, manner="short", values={})
            assert channel("x").length(f" {told} {waits} {LONGEST['sign']}") <= 280 - 100

    @pytest.mark.parametrize("language", sorted(LANGUAGES))
    def test_every_line_can_be_filled_in_in_every_manner(self, language: str) -> None:
        date = date_words(LATE, zone=ZONE, language=language, now=LATE)
        for manner in MANNERS:
            for key, must in LINES.items():
                values = {"ref": LONGEST["ref"], "date": date}
                text = line(seed(), f"lines.{key}", language=language, manner=manner, values=values)
                assert all(values[name] in text for name in must)

    def test_a_letter_in_dutch_says_u(self) -> None:
        for text in self.dutch("letter", ""):
            assert not FAMILIAR & _pronouns(text), text

    @pytest.mark.parametrize("manner", MANNERS)
    def test_an_account_chooses_between_je_and_u(self, manner: Manner) -> None:
        for text in self.dutch(manner, "formal"):
            assert not FAMILIAR & _pronouns(text), text
        for text in self.dutch(manner, "familiar"):
            assert not FORMAL & _pronouns(text), text
        usual = self.dutch(manner, "")
        assert usual == self.dutch(manner, "formal" if manner == "letter" else "familiar")
        assert usual != self.dutch(manner, "familiar" if manner == "letter" else "formal")

    def dutch(self, manner: Manner, form: str) -> list[str]:
        values = {**LONGEST, "date": "d", "old": "o", "extra": "", "day": "d", "reason": ""}
        how: dict[str, Any] = {"manner": manner, "language": "nl", "values": values, "form": form}
        texts = [
            notice(seed(), kind, public=public, **how) for kind in PLACEHOLDERS for public in (True, False)
        ]
        paths = [f"reasons.{code}" for code in seed().reasons] + [f"lines.{key}" for key in LINES]
        paths += ["date_lines.solved", "date_lines.answered", "date_lines.started", "closing_line"]
        lines = [line(seed(), path, **how) for path in paths]
        return [*(f"{text.subject} {text.body}" for text in texts), *lines]

    def test_an_account_that_says_nothing_of_it_is_spoken_for_in_english(self) -> None:
        values = {**LONGEST, "date": "d"}
        how: dict[str, Any] = {"manner": "short", "language": "en", "public": True, "values": values}
        assert notice(seed(), "reminder", form="formal", **how) == notice(seed(), "reminder", **how)

    def test_no_word_of_ours_and_sorry_only_where_we_missed_a_date(self) -> None:
        for kind, manners in seed().notices.items():
            for languages in manners.values():
                for one in languages.values():
                    for text in (one.body, one.public or "", one.subject or ""):
                        assert not_for_callers(text, sorry=kind in SORRY) == []
        lines = [*seed().reasons.values(), *seed().lines.values(), *seed().date_lines.values()]
        assert all(not_for_callers(text, sorry=False) == [] for one in lines for text in one.values())
        assert not_for_callers("Your ticket is late, sorry", sorry=False) == ["ticket", "sorry"]
        assert {"ticket", "sla", "breach", "p2", "triage"} <= set(FORBIDDEN)

    def test_nothing_but_its_own_text_asks_for_a_private_message(self) -> None:
        for kind, manners in seed().notices.items():
            said = [
                text
                for languages in manners.values()
                for one in languages.values()
                for text in (one.body, one.public or "")
            ]
            if kind == "move_to_private":
                assert asks_for_private(said[0])
            else:
                assert not any(asks_for_private(text) for text in said), kind

    def test_the_acknowledgement_reads_as_agreed(self) -> None:
        values = {
            "extra": "",
            "sign": "^Merendam",
            "ref": "K7QM-4T2X",
            "date": "Wednesday 30 September, 18:00",
        }
        english = notice(
            seed(), "acknowledgement_solved", manner="short", language="en", public=True, values=values
        )
        assert english.body == (
            "Thanks for telling us. Your number with us is K7QM-4T2X. We aim to sort it by "
            "Wednesday 30 September, 18:00; if we can't, you'll hear from us here by then. ^Merendam"
        )
        dutch = notice(
            seed(),
            "acknowledgement_solved",
            manner="short",
            language="nl",
            public=True,
            values=values | {"date": "woensdag 30 september 18.00 uur"},
        )
        assert dutch.body == (
            "Bedankt voor je bericht. Bij ons heeft het nummer K7QM-4T2X. We willen het uiterlijk "
            "woensdag 30 september 18.00 uur geregeld hebben. "
            "Lukt dat niet, dan hoor je dat hier op tijd. ^Merendam"
        )

    @pytest.mark.parametrize(
        ("language", "line"),
        [
            ("en", "Your number is K7QM-4T2X; we aim to sort it by Friday 2 October, 12:00."),
            (
                "nl",
                "Je nummer is K7QM-4T2X; we willen het uiterlijk Friday 2 October, 12:00 geregeld hebben.",
            ),
        ],
    )
    def test_the_date_line_reads_as_agreed(self, language: str, line: str) -> None:
        found = date_line(
            seed(), "solved", language=language, ref="K7QM-4T2X", date="Friday 2 October, 12:00"
        )
        assert found == line

    def test_what_everybody_reads_repeats_nothing_of_the_caller(self) -> None:
        for kinds in seed().notices.values():
            for manner in ("short", "conversational"):
                for one in kinds[manner].values():
                    text = one.body if manner == "short" else one.public
                    assert text
                    assert not placeholders(text) & NOT_IN_PUBLIC

    def test_reasons_ask_only_for_what_a_reason_knows(self) -> None:
        assert {
            p for lines in seed().reasons.values() for text in lines.values() for p in placeholders(text)
        } == (set(IN_REASONS))
