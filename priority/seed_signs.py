"""The signs of the ready policy: what shows that something is asked, and what outweighs it."""

from __future__ import annotations

from typing import Any

from priority.seed_asking import ASKING
from priority.seed_hints import HINTS
from priority.seed_states import STATES
from priority.seed_weighing import WEIGHING


def _joined(first: dict[str, list[str]], second: dict[str, list[str]]) -> dict[str, list[str]]:
    """Both, each word once."""
    return {
        field: list(dict.fromkeys([*first.get(field, ()), *second.get(field, ())]))
        for field in {**first, **second}
    }


SIGNS: dict[str, Any] = {
    "question_marks": "?¿؟？",
    "mood_marks": "😍🥰😘😂🤣😅😆😁😄😊🙃😎🤩🥳🎉🎊👏🙌💪❤🧡💛💚💙💜🖤🤍💕💖🏆🎄🎡🎶🎵🌅🌞☀🍻🥂☕🍕📸💰🤡💅",
    **ASKING,
    "fault": {language: _joined(ASKING["fault"][language], STATES[language]) for language in STATES},
    **WEIGHING,
    **HINTS,
    "learned": {"weights": "town-1", "answer": "careful"},
}
