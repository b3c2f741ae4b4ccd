"""A priority worked out once more from stored reasons: the same, and contradictions are found."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from priority import seed
from priority.policy import parse
from priority.retrace import Contradiction, Retraced, retrace
from tests.priority.examples import REQUESTS
from tests.priority.support import POLICY, triaged

TEXT = "lights at Havenstraat: traffic light dark, a child was nearly hit, the whole street @desk"


def stored(text: str, **changes: Any) -> list[dict[str, Any]]:
    """Reasons as they come back from the database."""
    found: list[dict[str, Any]] = json.loads(
        json.dumps([reason.as_json() for reason in triaged(text, **changes).reasons])
    )
    return found


@given(st.one_of(st.sampled_from([row[0] for row in REQUESTS]), st.text(max_size=60)), st.booleans())
def test_any_decision_is_retraced_from_its_reasons(text: str, private: bool) -> None:
    decision = triaged(text, private=private)
    found = retrace(POLICY, stored(text, private=private))
    assert found is not None
    assert (found.category, found.impact, found.urgency, found.priority) == (
        decision.category,
        decision.impact,
        decision.urgency,
        decision.priority,
    )


def test_what_a_person_set_stands_and_what_the_rules_read_is_kept() -> None:
    reasons = stored(TEXT)
    read = retrace(POLICY, reasons)
    said = {"category": "waste", "impact": "low", "urgency": "medium", "why": "seen", "user": 1, "at": "…"}
    found = retrace(POLICY, [*reasons, {"code": "set_by_person", "args": said}])
    assert found == Retraced("waste", "low", "medium", "P4", by_person=True, read=read)
    again = [*reasons, {"code": "set_by_person", "args": said}, {"code": "set_by_person", "args": said}]
    assert retrace(POLICY, again) == found


def test_nothing_said_is_nothing() -> None:
    assert retrace(POLICY, []) is None
    assert retrace(POLICY, [{"code": "account_choice", "args": {"acknowledge": "nothing"}}]) is None


@pytest.mark.parametrize(
    ("code", "change", "words"),
    [
        ("matrix", {"priority": "P4"}, "says priority P4"),
        ("matrix", {"impact": "low"}, "says impact low"),
        ("matrix", {"urgency": "now", "impact": "high"}, "says"),
        ("raised", {"from": "low"}, "says impact from low"),
        ("category", {"urgency": "low"}, "says urgency low"),
        ("category", {"category": "tea"}, "no category tea"),
    ],
)
def test_a_reason_that_leads_elsewhere_is_found(code: str, change: dict[str, str], words: str) -> None:
    reasons = stored(TEXT)
    wrong = copy.deepcopy(reasons)
    place = next(one for one in wrong if one["code"] == code)
    place["args"] |= change
    with pytest.raises(Contradiction, match=words):
        retrace(POLICY, wrong)


def test_another_revision_is_found() -> None:
    document = seed.read()
    document["matrix"]["high"]["high"] = "P2"
    with pytest.raises(Contradiction, match="says priority P1"):
        retrace(parse(document), stored(TEXT))


def test_a_level_that_the_revision_has_not_is_found() -> None:
    said = {"category": "waste", "impact": "vast", "urgency": "medium"}
    with pytest.raises(Contradiction, match="no cell for impact vast"):
        retrace(POLICY, [{"code": "set_by_person", "args": said}])


def test_after_a_later_policy_was_laid_over_it_only_the_cell_is_its_own() -> None:
    document = seed.read()
    document["matrix"]["high"]["high"] = "P2"
    document["categories"][1]["impact"] = "low"
    policy = parse(document)
    kept = [reason for reason in stored(TEXT) if reason["code"] != "matrix"]
    cell = {"code": "matrix", "args": {"impact": "high", "urgency": "high", "priority": "P2"}}
    laid = [*kept, {"code": "followed", "args": {}}, cell]
    assert retrace(policy, laid) == Retraced("traffic_lights", "high", "high", "P2")
    with pytest.raises(Contradiction, match="says priority P2"):
        retrace(POLICY, laid)
    said = {"category": "waste", "impact": "low", "urgency": "low"}
    person = {"code": "set_by_person", "args": said}
    with pytest.raises(Contradiction, match="says impact high"):
        retrace(policy, [*kept, person, *laid[-2:]])
    with pytest.raises(Contradiction, match="no cell"):
        retrace(policy, laid[:-1])
    read = Retraced("traffic_lights", "high", "high", "P2")
    assert retrace(policy, [*laid, person]) == Retraced(
        "waste", "low", "low", "P5", by_person=True, read=read
    )
