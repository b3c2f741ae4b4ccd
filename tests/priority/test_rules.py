"""Rules that a manager makes: each condition, each effect, each reason in stored facts and in words."""

from __future__ import annotations

import copy
import datetime as dt
import json
from typing import Any

import pytest

from priority import seed
from priority.categories import asks_of, in_tree, team_of
from priority.facts import Decision, Reason
from priority.policy import Policy, PolicyInvalid, parse
from priority.why import why
from tests.priority.support import local, triaged

BIN = "the bin is full"
SUNDAY_NIGHT = local(2026, 11, 22, 23, 30)
MONDAY_NIGHT = local(2026, 11, 23, 2, 0)
MONDAY_NOON = local(2026, 11, 23, 12, 0)
CHRISTMAS = local(2026, 12, 25, 12, 0)


def policy_with(*rules: dict[str, Any], **changes: Any) -> Policy:
    document = copy.deepcopy(seed.read())
    document["rules"] += [
        {"kind": "when", "name": {"en": f"Rule {n}", "nl": f"Regel {n}"}, **rule}
        for n, rule in enumerate(rules)
    ]
    for key, fields in changes.items():
        next(one for one in document["categories"] if one["key"] == key).update(fields)
    return parse(document)


def rule(key: str = "mine", effects: list[dict[str, Any]] | None = None, **conditions: Any) -> dict[str, Any]:
    return {"key": key, "effects": effects or [{"do": "raise", "dimension": "urgency"}], **conditions}


def said(policy: Policy, decision: Decision, language: str = "en", **names: Any) -> str:
    """All sentences, made from the reasons as they are stored."""
    stored = json.loads(json.dumps([reason.as_json() for reason in decision.reasons]))
    told = why(
        policy,
        reasons=stored,
        priority=decision.priority,
        category=decision.category,
        language=language,
        **names,
    )
    return "\n".join(told.priority)


@pytest.mark.parametrize(
    ("conditions", "changes", "holds"),
    [
        ({"words": {"en": {"whole": ["bin"]}}}, {}, True),
        ({"words": {"en": {"whole": ["tram"]}}}, {}, False),
        ({"words": {"nl": {"whole": ["bin"]}}}, {}, False),
        ({"with_fault": True}, {}, True),
        ({"with_fault": True}, {"text": "a nice bin"}, False),
        ({"categories": ["waste"]}, {}, True),
        ({"categories": ["transit", "water"]}, {}, False),
        ({"categories": ["other"]}, {"text": "hello there"}, True),
        ({"channels": ["square"]}, {}, True),
        ({"channels": ["chat"]}, {}, False),
        ({"visibility": "public"}, {}, True),
        ({"visibility": "private"}, {}, False),
        ({"visibility": "private"}, {"private": True}, True),
        ({"languages": ["en"]}, {}, True),
        ({"languages": ["nl"]}, {}, False),
        ({"time": {"calendar": "desk", "within": "open"}}, {"at": MONDAY_NOON}, True),
        ({"time": {"calendar": "desk", "within": "closed"}}, {"at": MONDAY_NOON}, False),
        ({"time": {"calendar": "desk", "within": "closed"}}, {"at": MONDAY_NIGHT}, True),
        ({"time": {"calendar": "desk", "within": "closed"}}, {"at": CHRISTMAS}, True),
        (
            {"time": {"calendar": "desk", "within": "open"}},
            {"at": local(2040, 1, 4, 12)},
            True,
        ),  # beyond its years
        ({"time": {"calendar": "always", "within": "closed"}}, {}, False),
        ({"time": {"weekdays": ["monday"]}}, {"at": MONDAY_NOON}, True),
        ({"time": {"weekdays": ["tuesday", "sunday"]}}, {"at": MONDAY_NOON}, False),
        ({"time": {"starts": "11:00", "ends": "13:00"}}, {"at": MONDAY_NOON}, True),
        ({"time": {"starts": "12:00", "ends": "13:00"}}, {"at": MONDAY_NOON}, True),
        ({"time": {"starts": "11:00", "ends": "12:00"}}, {"at": MONDAY_NOON}, False),
        ({"time": {"starts": "22:00", "ends": "06:00"}}, {"at": SUNDAY_NIGHT}, True),
        ({"time": {"starts": "22:00", "ends": "06:00"}}, {"at": MONDAY_NOON}, False),
        # Two at night on Monday lies in the night that began on Sunday.
        ({"time": {"starts": "22:00", "ends": "06:00", "weekdays": ["sunday"]}}, {"at": MONDAY_NIGHT}, True),
        ({"time": {"starts": "22:00", "ends": "06:00", "weekdays": ["monday"]}}, {"at": MONDAY_NIGHT}, False),
        ({"categories": ["waste"], "visibility": "private", "languages": ["en"]}, {}, False),
        ({"categories": ["waste"], "visibility": "public", "languages": ["en"]}, {}, True),
        ({"categories": ["waste"], "on": False}, {}, False),
    ],
)
def test_a_rule_holds_where_all_its_conditions_do(
    conditions: dict[str, Any], changes: dict[str, Any], holds: bool
) -> None:
    policy = policy_with(rule(**conditions))
    changes = dict(changes)
    text = changes.pop("text", BIN)
    decision = triaged(text, policy=policy, **changes)
    before = triaged(text, **changes)
    told = [reason for reason in decision.reasons if reason.args.get("rule") == "mine"]
    assert (decision.urgency != before.urgency, bool(told)) == (holds, holds)


def test_effects_come_in_order_and_each_says_why_in_both_languages() -> None:
    policy = policy_with(
        rule(
            "night",
            [
                {"do": "lower", "dimension": "urgency", "steps": 2},
                {"do": "set", "dimension": "impact", "level": "high"},
                {"do": "tag", "tag": "night"},
                {"do": "team", "team": "night-shift"},
            ],
            categories=["waste"],
            visibility="public",
            channels=["square"],
            languages=["en"],
            time={
                "calendar": "desk",
                "within": "closed",
                "weekdays": ["monday"],
                "starts": "00:00",
                "ends": "06:00",
            },
        ),
        rule("up", [{"do": "raise", "dimension": "urgency"}], with_fault=True),
    )
    decision = triaged(BIN, policy=policy, at=MONDAY_NIGHT)
    assert (decision.impact, decision.urgency, decision.priority) == ("high", "medium", "P2")
    assert (decision.team, "night" in decision.tags) == ("night-shift", True)
    names = {"team:night-shift": "Night shift", "channel:square": "the Square"}
    english = said(policy, decision, names=names)
    assert (
        "Rule 0: urgency goes from medium to low. It counts because the subject is Waste and containers, it came by "
        "the Square, it was said in public, it is written in English, it was said outside Desk hours, it was said "
        "between 00:00 and 06:00 and it was said on a Monday."
    ) in english
    assert "Rule 0: impact goes from low to high." in english
    assert "Rule 0: it goes to the team Night shift." in english
    assert "Rule 0 adds the tag night; that changes no priority." in english
    assert (
        "Rule 1: urgency goes from low to medium. It counts because “is full” says that something is wrong."
        in english
    )
    dutch = said(policy, decision, "nl", names=names)
    assert (
        "Regel 0: urgentie gaat van midden naar laag. Dat telt omdat het onderwerp Afval en containers is"
        in dutch
    )
    assert "het op maandag gezegd is" in dutch


def test_the_level_that_the_matrix_used_follows_from_the_stored_reasons_alone() -> None:
    policy = policy_with(
        rule(
            "one",
            [{"do": "lower", "dimension": "impact"}, {"do": "raise", "dimension": "urgency", "steps": 9}],
            words={"en": {"whole": ["bin"]}},
        ),
        rule("two", [{"do": "set", "dimension": "urgency", "level": "high"}], categories=["waste"]),
    )
    decision = triaged(BIN, policy=policy)
    stored = [Reason.from_json(json.loads(json.dumps(reason.as_json()))) for reason in decision.reasons]
    levels: dict[str, Any] = {}
    for reason in stored:
        if reason.code == "category":
            levels = {"impact": reason.args["impact"], "urgency": reason.args["urgency"]}
        if "dimension" in reason.args:
            assert reason.args["from"] == levels[str(reason.args["dimension"])]
            levels[str(reason.args["dimension"])] = reason.args["to"]
    assert levels == {"impact": decision.impact, "urgency": decision.urgency}
    assert [reason.code for reason in stored if "dimension" in reason.args] == [
        "lowered_at_bottom",
        "raised",
        "set_already",
    ]
    assert "Rule 0 (“bin”): impact is low already, the lowest." in said(policy, decision)
    assert "Rule 1: urgency is high already." in said(policy, decision)


def test_a_later_rule_says_the_last_word_on_the_team() -> None:
    first = rule("first", [{"do": "team", "team": "one"}], categories=["waste"])
    second = rule("second", [{"do": "team", "team": "two"}], visibility="public")
    assert triaged(BIN, policy=policy_with(first, second)).team == "two"
    assert triaged(BIN, policy=policy_with(second, first)).team == "one"


def test_a_subcategory_speaks_for_the_one_above_and_has_its_team_and_questions() -> None:
    document = copy.deepcopy(seed.read())
    waste = next(one for one in document["categories"] if one["key"] == "waste")
    waste.update(team="cleaning", asks=["place", "photo"])
    child = {
        **waste,
        "key": "bulky",
        "parent": "waste",
        "name": {"en": "Bulky waste", "nl": "Grofvuil"},
        "words": {"en": {"stems": ["sofa"]}},
    }
    child.pop("team")
    child.pop("asks")
    silent = {**child, "key": "glass", "asks": [], "team": "glass", "words": {"en": {"stems": ["glass"]}}}
    document["categories"] += [child, silent]
    document["rules"].append({"kind": "when", **rule(categories=["waste"]), "name": {"en": "r", "nl": "r"}})
    policy = parse(document)
    decision = triaged("a sofa stands in the container, please remove it", policy=policy)
    assert (decision.category, decision.team) == ("bulky", "cleaning")
    assert decision.urgency == "high"  # a rule on the parent holds below it, too
    assert "others" not in [reason.code for reason in decision.reasons]
    assert "Bulky waste goes to the team cleaning." in said(policy, decision)
    assert asks_of(policy, "bulky") == ("place", "photo")
    assert (asks_of(policy, "glass"), team_of(policy, "glass")) == ((), "glass")
    assert (asks_of(policy, "other"), team_of(policy, "other"), asks_of(policy, "gone")) == ((), None, ())
    keys = [(category.key, below) for category, below in in_tree(policy)]
    place = keys.index(("waste", False))
    assert keys[place : place + 3] == [("waste", False), ("bulky", True), ("glass", True)]
    assert len(keys) == len(policy.categories)


def test_danger_is_never_given_up_for_what_lies_below_it() -> None:
    document = copy.deepcopy(seed.read())
    child = {
        "key": "trees",
        "parent": "danger",
        "name": {"en": "Trees", "nl": "Bomen"},
        "impact": "low",
        "urgency": "low",
        "call_type": "request",
        "words": {"en": {"stems": ["totem"]}},
    }
    document["categories"].append(child)
    policy = parse(document)
    decision = triaged("a live wire hangs from the totem", policy=policy)
    assert (decision.category, decision.priority, decision.danger) == ("danger", "P1", True)
    assert triaged("please trim the totem", policy=policy).category == "trees"


def test_a_rule_on_the_caller_still_says_that_it_is_off_and_one_of_a_manager_that_is_off_says_nothing() -> (
    None
):
    policy = policy_with(rule(on=False, categories=["waste"]))
    off = [reason.args["rule"] for reason in triaged(BIN, policy=policy).reasons if reason.code == "rule_off"]
    assert off == ["caller"]


def test_documents_of_before_are_the_same_to_the_bit() -> None:
    assert parse(parse(seed.read()).document()).sha256 == parse(seed.read()).sha256
    policy = policy_with(rule(categories=["waste"]), waste={"team": "cleaning", "asks": []})
    assert parse(policy.document()).sha256 == policy.sha256
    assert policy.document()["categories"][7]["asks"] == []


@pytest.mark.parametrize(
    ("wrong", "place", "sentence"),
    [
        (rule(), "rules.mine", "would hold for every message"),
        (rule(words={"en": {}}), "rules.mine", "would hold for every message"),
        (rule(categories=["moon"]), "rules.mine.categories", "no category moon"),
        (rule(languages=["de"]), "rules.mine.languages", "de is not one of the languages"),
        (rule(channels=["A b"]), "rules.mine.channels.0", "can't be a key"),
        (rule(time={}), "rules.mine.time", "No moment is given"),
        (rule(time={"calendar": "desk"}), "rules.mine.time.calendar", "inside or outside"),
        (rule(time={"calendar": "moon", "within": "open"}), "rules.mine.time.calendar", "no calendar moon"),
        (rule(time={"starts": "10:00"}), "rules.mine.time.starts", "until when"),
        (rule(time={"starts": "10:00", "ends": "10:00"}), "rules.mine.time.starts", "the same"),
        (rule(time={"starts": "25:00", "ends": "10:00"}), "rules.mine.time.starts", "no time of day"),
        (
            rule(effects=[{"do": "set", "dimension": "impact", "level": "huge"}], categories=["waste"]),
            "rules.mine.effects.0.level",
            "no impact huge",
        ),
        ({**rule(categories=["waste"]), "effects": []}, "rules.mine.effects", "does nothing yet"),
        (
            rule(words={"en": {"whole": [f"w{n}" for n in range(1_001)]}}),
            "rules.mine.words.en.whole",
            "Too many",
        ),
        (
            rule(words={"de": {"whole": ["Wasser"]}}, with_fault=True),
            "rules.mine.words.de",
            "not one of the languages",
        ),
    ],
)
def test_what_is_wrong_in_a_rule_is_named_with_its_place(
    wrong: dict[str, Any], place: str, sentence: str
) -> None:
    with pytest.raises(PolicyInvalid) as caught:
        policy_with(wrong)
    assert any(fault.path == place and sentence in str(fault) for fault in caught.value.places), (
        caught.value.faults
    )


def test_a_policy_of_too_many_words_is_refused() -> None:
    rules = [rule(f"r{n}", words={"en": {"whole": [f"w{n} {m}" for m in range(900)]}}) for n in range(28)]
    with pytest.raises(PolicyInvalid, match="words: have 25000 at most"):
        policy_with(*rules)


def test_the_time_of_a_message_is_its_own_zone_of_no_account() -> None:
    policy = policy_with(rule(time={"starts": "12:00", "ends": "12:30"}))
    same = MONDAY_NOON.astimezone(dt.timezone(dt.timedelta(hours=-8)))
    assert triaged(BIN, policy=policy, at=same).urgency == "high"
