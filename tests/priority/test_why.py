"""Why, in words: every reason has its sentence in both languages, and sums add up."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from priority import targets
from priority.facts import Reason
from priority.policy import Policy
from priority.why import Stood, Why, why
from priority.why_words import SENTENCES
from tests.priority.support import MONDAY, POLICY, local, triaged

TEXT = "lights at Havenstraat: traffic light dark, a child was nearly hit @desk"


def explained(
    text: str, reader: str, *, at: dt.datetime = MONDAY, network: str = "en", policy: Policy = POLICY
) -> Why:
    decision = triaged(text, network, policy)
    due_at = {
        target.kind: target
        for target in targets.targets_for(
            policy,
            priority=decision.priority,
            category=decision.category,
            channel="square",
            visibility="public",
            started_at=at,
        )
    }["resolution"].due_at
    told_at = targets.told_date(policy, priority=decision.priority, category=decision.category, due_at=due_at)
    stored = json.loads(json.dumps([reason.as_json() for reason in decision.reasons]))
    return why(
        policy,
        reasons=stored,
        priority=decision.priority,
        category=decision.category,
        language=reader,
        started_at=at,
        due_at=due_at,
        told_at=told_at,
        revision=14,
    )


def test_in_english() -> None:
    assert explained(TEXT, "en") == Why(
        priority=(
            "“traffic light” is Traffic lights and signs: impact medium, urgency high.",
            "A child, a wheelchair or an elderly person is hit (“child”): urgency is high already.",
            "Who the caller is counts for nothing: that rule is off.",
            "“dark” shows that something is asked: a fault.",
            "Impact medium by urgency high is P2 in policy revision 14.",
        ),
        duration="P2 is solved in 10 h of Desk hours, 1 working day.",
        sums=(
            "Mon 23 Nov 11:40 – 18:00 is 6 h 20",
            "Tue 24 Nov 08:00 – 11:40 is 3 h 40",
            "together 10 h, until Tue 24 Nov 11:40",
        ),
        rounding="rounded up to Tue 24 Nov 12:00",
    )


def test_in_dutch_over_closed_days_with_a_run_of_whole_days() -> None:
    told = explained("De koffieautomaat is stuk, weer", "nl", network="nl", at=local(2026, 12, 22, 16, 10))
    assert told.priority[0] == "“koffieautomaat” is Onze gebouwen: impact laag, urgentie laag."
    assert told.duration == "P5 wordt opgelost in 100 u van Openingstijden, 10 werkdagen."
    assert told.sums == (
        "di 22 dec 16:10 – 18:00 is 1 u 50",
        "wo 23 dec tot en met wo 6 jan, 9 dagen van 10 u, is 90 u",
        "gesloten op vr 25 dec: Eerste kerstdag",
        "gesloten op vr 1 jan: Nieuwjaarsdag",
        "do 7 jan 08:00 – 16:10 is 8 u 10",
        "samen 100 u, tot do 7 jan 16:10",
    )
    assert told.rounding == "naar boven afgerond: do 7 jan 18:00"


def test_raised_and_other_categories() -> None:
    told = explained("hele lijn: tram kapot, en de lift ook", "nl", network="nl").priority
    assert any("impact gaat van midden naar hoog" in line for line in told)
    assert any("Ook bekeken: Onze gebouwen (P5)." in line for line in told)


def test_danger_without_a_date() -> None:
    decision = triaged("brand", "und")
    told = why(POLICY, reasons=decision.reasons, priority="P1", category="danger", language="en")
    assert told.priority[0] == "“brand” is a word of danger: Words of danger."
    assert (told.duration, told.sums, told.rounding) == ("", (), "")
    assert told.sentences() == told.priority


@pytest.mark.parametrize("reader", ["en", "nl"])
@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "lol trams",
        "thanks",
        "tram?",
        "tram",
        "passport lost, we fly tomorrow",
        "third time that the bin was not collected",
        "brand in de tram en de lift",
        "geen idee",
    ],
)
@pytest.mark.parametrize("acknowledge", ["recognised", "everything", "nothing"])
def test_every_reason_has_its_sentence(reader: str, text: str, acknowledge: str) -> None:
    every: list[dict[str, Any]] = [{}, {"private": True}, {"addressed": False}]
    for changes in every:
        decision = triaged(text, acknowledge=acknowledge, **changes)
        told = why(POLICY, reasons=decision.reasons, priority="P3", category="transit", language=reader)
        assert told.priority
        for line in told.priority:
            assert not line.startswith(SENTENCES[reader]["unknown"].split("{")[0])
            assert "{" not in line
            assert "*" not in line


def test_a_reason_of_later_days_is_named_and_a_foreign_reader_gets_english() -> None:
    told = why(POLICY, reasons=[Reason("incident", {})], priority="P3", category="transit", language="fr")
    assert told.priority == ("Also noted: incident.",)


def test_both_languages_have_the_same_sentences() -> None:
    assert SENTENCES["en"].keys() == SENTENCES["nl"].keys()


def stood_still(
    stood: list[Stood], *, reader: str = "en", told_first: dt.datetime | None = None
) -> tuple[Why, dt.datetime]:
    """The P2 of Monday 11:40 over what has ended of `stood`, and when it is due."""
    ended = [(one.started_at, one.ended_at) for one in stood if one.ended_at is not None]
    due_at = targets.target(
        POLICY,
        kind="resolution",
        priority="P2",
        amount=dt.timedelta(hours=10),
        started_at=MONDAY,
        pauses=ended,
    ).due_at
    told = why(
        POLICY, reasons=[], priority="P2", category="traffic_lights", language=reader, started_at=MONDAY, due_at=due_at,
        told_at=told_first or targets.told_date(POLICY, priority="P2", category="traffic_lights", due_at=due_at),
        stood=stood,
    )  # fmt: skip
    return told, due_at


def test_what_did_not_count_is_said_and_the_sum_is_the_policys() -> None:
    told, due_at = stood_still(
        [
            Stood("waiting", local(2026, 11, 23, 15), local(2026, 11, 24, 9)),
            Stood("hold", local(2026, 11, 24, 10), local(2026, 11, 24, 12, 30)),
        ],
        told_first=local(2026, 11, 24, 12),
    )
    assert told.sums == (
        "Mon 23 Nov 11:40 – 15:00 is 3 h 20",
        "Mon 23 Nov 15:00 – Tue 24 Nov 09:00 does not count: we waited for the caller’s answer",
        "Tue 24 Nov 09:00 – 10:00 is 1 h",
        "Tue 24 Nov 10:00 – Tue 24 Nov 12:30 does not count: it was on hold",
        "Tue 24 Nov 12:30 – 18:00 is 5 h 30",
        "Wed 25 Nov 08:00 – 08:10 is 10 min",
        "together 10 h, until Wed 25 Nov 08:10",
    )
    assert due_at == local(2026, 11, 25, 8, 10)
    assert told.rounding.startswith("rounded up to Wed 25 Nov ")
    assert told.rounding.endswith("; the caller was first told Tue 24 Nov 12:00")


def test_a_night_that_stood_still_takes_nothing_and_needs_no_line() -> None:
    night = [Stood("waiting", local(2026, 11, 23, 19), local(2026, 11, 24, 7))]
    assert stood_still(night)[0].sums == stood_still([])[0].sums


def test_while_it_stands_still_nobody_can_tell_when_it_is_due() -> None:
    told, _ = stood_still(
        [Stood("hold", local(2026, 11, 24, 9))], reader="nl", told_first=local(2026, 11, 24, 12)
    )
    assert told.sums == (
        "ma 23 nov 11:40 – 18:00 is 6 u 20",
        "di 24 nov 08:00 – 09:00 is 1 u",
        "vanaf di 24 nov 09:00 telt er niets mee: het is aangehouden, en er is nog 2 u 40 over",
    )
    assert told.rounding == "de melder hoorde eerst di 24 nov 12:00"


@given(
    st.lists(
        st.tuples(st.integers(0, 6_000), st.integers(1, 3_000), st.sampled_from(["waiting", "hold"])),
        max_size=4,
    )
)
def test_the_spans_that_count_always_add_up_to_what_the_policy_gives(
    stops: list[tuple[int, int, Literal["waiting", "hold"]]],
) -> None:
    stood, at = [], MONDAY
    for after, length, kind in stops:
        begins = at + dt.timedelta(minutes=after)
        at = begins + dt.timedelta(minutes=length)
        stood.append(Stood(kind, begins, at))
    told, _ = stood_still(stood)
    total = [line for line in told.sums if line.startswith("together")]
    assert total == [] or total[0].startswith("together 10 h, until ")
    assert total or [line for line in told.sums if line.endswith(" is 10 h")]


SET = Reason(
    "set_by_person",
    {
        "category": "waste",
        "impact": "low",
        "urgency": "medium",
        "why": "seen",
        "user": 7,
        "at": "2026-11-24T09:12:00+00:00",
    },
)


@pytest.mark.parametrize(
    ("reader", "names", "first"),
    [
        (
            "en",
            {"person:7": "Noor", "why:seen": "somebody has seen it on the spot"},
            "Noor set it on Tue 24 Nov 10:12, because somebody has seen it on the spot: Waste and containers, "
            "impact low, urgency medium; that is P4. By its words alone the matrix made it P2:",
        ),
        (
            "nl",
            {"why:seen": "iemand heeft het ter plaatse gezien"},
            "Een collega stelde dit in op di 24 nov 10:12, want iemand heeft het ter plaatse gezien: Afval en "
            "containers, impact laag, urgentie midden; dat is P4. Op de woorden alleen maakte de matrix er P2 van:",
        ),
    ],
)
def test_who_weighed_it_otherwise_when_and_why_stands_first(
    reader: str, names: dict[str, str], first: str
) -> None:
    reasons = [*triaged(TEXT, "en").reasons, SET]
    told = why(
        POLICY, reasons=reasons, priority="P4", category="waste", language=reader, revision=14, names=names
    ).priority
    assert told[0] == first
    assert told[1:] == explained(TEXT, reader).priority


def test_without_a_rule_there_is_nothing_that_the_words_alone_gave() -> None:
    (told,) = why(POLICY, reasons=[SET], priority="P4", category="waste", language="en").priority
    assert told.endswith("that is P4.")


def test_accepted_is_said_with_who_and_when() -> None:
    taken = Reason("accepted", {"user": 7, "at": "2026-11-24T09:12:00+00:00"})
    told = why(
        POLICY,
        reasons=[*triaged(TEXT).reasons, taken],
        priority="P2",
        category="traffic_lights",
        language="en",
    ).priority
    assert told[0] == "A colleague accepted on Tue 24 Nov 10:12 what later words say:"
    plain = why(
        POLICY, reasons=triaged(TEXT).reasons, priority="P2", category="traffic_lights", language="en"
    ).priority
    assert told[1:] == plain


def test_what_an_older_desk_stored_is_still_said() -> None:
    old = Reason("set_by_person", {"category": "waste", "impact": "low", "urgency": "medium"})
    (told,) = why(POLICY, reasons=[old], priority="P4", category="waste", language="en").priority
    assert told == "A colleague set it: Waste and containers, impact low, urgency medium."
