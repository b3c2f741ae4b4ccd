"""One text saved as a revision: checked, by managers only, a second one told; and what is sent with it."""

from __future__ import annotations

import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actors import Caller
from accounts.models import User
from channels_social.registry import channels
from tests import desk
from tests.tickets.texts_changed import changed, save, words
from tickets.channels import ChannelKind, kinds
from tickets.clock import database_now
from tickets.models import TextRevision, TicketEvent
from tickets.selectors_texts import known_longest, spots_by_manner, words_of
from tickets.services.errors import Refused
from tickets.services.texts import (
    TextChanged,
    TextRefused,
    text_check,
    texts_publish,
)
from tickets.texts.diff import pieces
from tickets.texts.document import parse, seed
from tickets.texts.fits import all_misfits, at_longest, longest_date
from tickets.texts.places import (
    Place,
    Text,
    fields_by_where,
    place_at,
    places,
    shape_faults,
    text_at,
    with_text,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]

REMINDER = Place("reminder", "short")
ACKNOWLEDGED = Place("acknowledgement_solved", "short")
LATER = desk.MONDAY
MINE = "{extra} Thanks! {ref} is your number, {date} our date. {sign}"


class TestSaving:
    def test_a_new_revision_with_author_reason_and_time_and_the_others_as_they_were(self, ilse: User) -> None:
        made = save(ilse, REMINDER, changed(REMINDER, en="Please answer us about {ref}. {sign}"))
        assert (made.number, made.author, made.reason) == (2, ilse, "plainer")
        after = words_of(made.pk)
        assert after.notices["reminder"]["short"]["en"].body == "Please answer us about {ref}. {sign}"
        assert [p for p in places(after) if text_at(after, p) != text_at(seed(), p)] == [REMINDER]
        event = TicketEvent.objects.get(kind="texts_published", args__number=2)
        assert event.args["text"] == "notices.reminder.short"
        assert parse(made.document) == after

    def test_the_words_that_stand_make_no_revision(self, ilse: User) -> None:
        assert save(ilse, REMINDER, changed(REMINDER)).number == 1

    def test_only_a_manager_saves_and_only_with_a_reason(self, ilse: User) -> None:
        text = changed(REMINDER, en="Please answer about {ref}. {sign}")
        for actor in (
            desk.user("noor", teams=[desk.team()]),
            desk.user("lea", teams=[desk.team()], lead=True),
        ):
            with pytest.raises(PermissionDenied):
                save(actor, REMINDER, text)
        with pytest.raises(PermissionDenied):
            texts_publish(actor=Caller(1), document=seed().document(), reason="x", now=database_now())
        with pytest.raises(Refused) as refused:
            save(ilse, REMINDER, text, reason=" \n ")
        assert refused.value.code == "reason"
        assert TextRevision.objects.count() == 1

    def test_the_second_of_two_managers_is_told_and_another_text_is_nobodys_business(
        self, ilse: User
    ) -> None:
        omar = desk.user("omar", manager=True)
        save(ilse, REMINDER, changed(REMINDER, en="Please answer us about {ref}. {sign}"), seen=1)
        typed = changed(REMINDER, en="Do answer about {ref}. {sign}")
        with pytest.raises(TextChanged) as told:
            save(omar, REMINDER, typed, seen=1)
        assert told.value.by == ilse
        assert told.value.standing["en"]["body"] == "Please answer us about {ref}. {sign}"
        other = Place("closing_word", "short")
        assert save(omar, other, changed(other, en="We close {ref}. {sign}"), seen=1).number == 3
        assert save(omar, REMINDER, typed, seen=3).number == 4

    def test_the_same_words_saved_by_both_are_no_quarrel(self, ilse: User) -> None:
        text = changed(REMINDER, en="Please answer us about {ref}. {sign}")
        first = save(ilse, REMINDER, text, seen=1)
        assert save(desk.user("omar", manager=True), REMINDER, text, seen=1) == first

    def test_a_line_has_its_formal_words_or_reads_alike(self, ilse: User) -> None:
        place = Place("line", path="reasons.have_your_answer")
        made = save(ilse, place, changed(place, nl_formal=""))
        assert "reasons.have_your_answer" not in made.document["in_letters"]
        again = save(ilse, place, changed(place, nl_formal="Wij hebben uw antwoord."))
        assert again.document["in_letters"]["reasons.have_your_answer"] == {"nl": "Wij hebben uw antwoord."}


@pytest.mark.django_db(transaction=True)
def test_two_who_press_at_once_follow_each_other() -> None:
    people = [desk.user(name, manager=True) for name in ("ilse", "omar")]
    texts = [changed(REMINDER, en=f"{one.username} asks about {{ref}}. {{sign}}") for one in people]
    begin, ends = threading.Barrier(2), []

    def press(person: User, text: Text) -> None:
        begin.wait()
        try:
            ends.append(save(person, REMINDER, text, seen=1).number)
        except TextChanged:
            ends.append(0)
        finally:
            connection.close()

    hands = [threading.Thread(target=press, args=each) for each in zip(people, texts, strict=True)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert sorted(ends) == [0, 2]
    assert list(TextRevision.objects.order_by("number").values_list("number", flat=True)) == [1, 2]


class TestChecks:
    @pytest.mark.parametrize(
        ("text", "code", "what"),
        [
            ("Answer us. {sign}", "not_said", "ref"),
            ("Answer about {ref}, {date}. {sign}", "unknown", "date"),
            ("Answer about {ref}, {password}. {sign}", "unknown", "password"),
            ("Answer about {ref}, {name}. {sign}", "not_public", "name"),
            ("Your ticket {ref} waits. {sign}", "forbidden", "ticket"),
            ("{ref} is P2. {sign}", "forbidden", "P2"),
            ("Sorry, {ref} waits. {sign}", "sorry", ""),
            ("Send us a DM about {ref}. {sign}", "private", ""),
            ("Answer about {ref} {. {sign}", "brace", ""),
            ("", "missing", ""),
            ("{ref} " + "x" * 2_000, "too_many", "2000"),
        ],
    )
    def test_one_by_one(self, ilse: User, text: str, code: str, what: str) -> None:
        with pytest.raises(TextRefused) as refused:
            save(ilse, REMINDER, changed(REMINDER, nl_formal=text))
        assert [(fault.code, fault.what) for fault in refused.value.faults] == [(code, what)]
        assert fields_by_where(REMINDER, ("en", "nl"))[refused.value.faults[0].where] == ("nl-formal", "body")
        assert TextRevision.objects.count() == 1

    def test_a_date_cannot_be_left_out(self, ilse: User) -> None:
        with pytest.raises(TextRefused) as refused:
            save(ilse, ACKNOWLEDGED, changed(ACKNOWLEDGED, en="Thanks! {ref} is your number. {sign}"))
        assert [(fault.code, fault.what) for fault in refused.value.faults] == [("not_said", "date")]

    def test_sorry_may_stand_where_a_date_was_missed(self, ilse: User) -> None:
        place = Place("overdue_notice_started", "short")
        made = save(ilse, place, changed(place, en="Sorry. {ref}: {old}. {reason} Now {date}. {sign}"))
        assert made.number == 2

    def test_too_long_for_the_network_with_the_longest_values_as_it_counts(self, ilse: User) -> None:
        """“{ref}” itself is short; what counts is what is read, and a letter outside Latin is two."""
        desk.account()
        spot = spots_by_manner()["short"][0]
        filled = at_longest(words(), spot, known_longest(), ACKNOWLEDGED, "en")
        assert filled is not None
        assert spot.limit == 280
        room = spot.limit - spot.length(filled)
        body = text_at(words(), ACKNOWLEDGED)["en"]["body"]
        assert save(ilse, ACKNOWLEDGED, changed(ACKNOWLEDGED, en=f"{'x' * (room - 1)} {body}")).number == 2
        for wide in (f"{'x' * room} {body}", f"{'漢' * (room // 2 + 1)} {body}"):
            with pytest.raises(TextRefused) as refused:
                save(ilse, ACKNOWLEDGED, changed(ACKNOWLEDGED, en=wide))
            (misfit,) = refused.value.misfits
            assert (misfit.limit, misfit.used > 280, misfit.where) == (
                280,
                True,
                "notices.acknowledgement_solved.short.en.body",
            )
            assert longest_date("en")[0] in misfit.text

    def test_an_account_with_less_room_counts(self, ilse: User) -> None:
        desk.account(caps={"max_length": 150})
        with pytest.raises(TextRefused) as refused:
            save(
                ilse, ACKNOWLEDGED, changed(ACKNOWLEDGED, en=f"{MINE} Something else that is said at length")
            )
        assert {each.limit for each in refused.value.misfits} == {150}

    def test_a_reason_is_measured_in_every_notice_that_gives_it(self, ilse: User) -> None:
        place = Place("line", path="reasons.not_started")
        with pytest.raises(TextRefused) as refused:
            save(ilse, place, changed(place, en="It has not been begun, " + "and so it stands, " * 9))
        assert {each.where.split(".")[1] for each in refused.value.misfits} >= {
            "overdue_notice",
            "delay_notice",
        }

    def test_a_line_beside_a_persons_words_leaves_them_room(self, ilse: User) -> None:
        place = Place("line", path="date_lines.solved")
        with pytest.raises(TextRefused) as refused:
            save(ilse, place, changed(place, en="{ref} {date} " + "and so on " * 12))
        assert [each.room for each in refused.value.misfits] == [True]

    def test_what_is_said_of_a_reason_is_known_when_it_is_given(self, ilse: User) -> None:
        place = Place("line", path="reasons.closes_early")
        assert save(ilse, place, changed(place, en="On {day} we close early.")).number == 2
        with pytest.raises(TextRefused):
            save(ilse, place, changed(place, en="{party} closes early."))


class TestLengths:
    def test_every_ready_made_text_fits_wherever_it_may_be_read(self) -> None:
        assert all_misfits(seed(), spots_by_manner(), known_longest()) == []

    def test_every_channel_is_asked_whether_connected_or_not(self) -> None:
        spots = spots_by_manner()
        assert {spot.channel for each in spots.values() for spot in each} == set(channels())
        assert all(isinstance(kind, ChannelKind) for kind in kinds())
        desk.account()
        with_account = [spot for each in spots_by_manner().values() for spot in each]
        assert [spot.account for spot in with_account if spot.channel == "x"] == ["desk1111"]

    def test_accounts_are_read_in_one_go(self) -> None:
        def statements() -> int:
            with CaptureQueriesContext(connection) as asked:
                spots_by_manner()
            return len(asked)

        desk.account()
        one = statements()
        for number in range(4):
            desk.account(f"9{number}")
        assert statements() == one

    @pytest.mark.parametrize("manner", ["short", "conversational", "letter"])
    def test_property_each_text_at_its_longest_fits_the_shortest_channel(self, manner: str) -> None:
        """Whatever the seed says, in every tongue, with every reason: counted here by itself."""
        known, found = known_longest(), 0
        for spot in spots_by_manner().get(manner, []):
            for place in places(seed()):
                if place.manner != manner:
                    continue
                for key in place.tongues(seed().languages):
                    for code in seed().reasons:
                        text = at_longest(seed(), spot, known, place, key, reason=code)
                        assert text is not None
                        assert "{" not in text
                        assert spot.limit is None or spot.length(text) <= spot.limit
                        found += 1
        assert found or manner == "letter"


class TestPlaces:
    def test_every_text_goes_out_and_comes_back(self) -> None:
        for place in places(seed()):
            text = text_at(seed(), place)
            assert not shape_faults(place, text), place
            assert parse(with_text(seed().document(), place, text)) == seed()
            assert place_at(seed(), place.kind, place.path or place.manner) == place

    def test_there_is_no_text_elsewhere(self) -> None:
        for kind, rest in [
            ("reminder", "loud"),
            ("nothing", "short"),
            ("line", "reasons.none"),
            ("line", ""),
        ]:
            assert place_at(seed(), kind, rest) is None

    def test_word_by_word(self) -> None:
        assert [tuple(piece) for piece in pieces("By {date} we do.", "By {old} we try.")] == [
            ("", "By "),
            ("out", "{date}"),
            ("in", "{old}"),
            ("", " we "),
            ("out", "do"),
            ("in", "try"),
            ("", "."),
        ]


def test_checking_writes_nothing(ilse: User) -> None:
    faults, misfits = text_check(words(), REMINDER, changed(REMINDER, en="{nothing}"))
    assert {fault.code for fault in faults} == {"unknown", "not_said"}
    assert misfits == []
    assert TextRevision.objects.count() == 1
