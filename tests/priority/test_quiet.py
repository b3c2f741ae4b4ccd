"""Thanks, praise and a lone emoji start nothing; anything that may be more is more."""

from __future__ import annotations

import pytest

from tests.priority.support import triaged


@pytest.mark.parametrize("private", [True, False])
@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("Thanks!", True),
        ("@desk thank you so much 🙏", True),
        ("bedankt", True),
        ("Dank je wel hoor!", True),
        ("👍", True),
        ("@desk ❤️❤️", True),
        ("!!!", True),
        ("ok thanks", True),
        ("thanks again!", True),
        ("thanks for the quick repair of our lamp post, great work!", False),
        ("wat een vriendelijke mevrouw aan de balie vandaag, complimenten!", False),
        ("Heel fijn, bedankt voor de snelle hulp", False),
        ("thank you so much for the quick help", False),
        ("Thanks for looking into it!", False),
    ],
)
def test_quiet_in_public_and_in_private(text: str, bare: bool, private: bool) -> None:
    decision = triaged(text, None, private=private)
    assert decision.quiet
    assert decision.bare or not bare
    assert (decision.triage, decision.recognised) == ("pending", False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "?",
        "👍?",
        "Thanks, but the light is still out",
        "thanks but nothing has changed",
        "Bedankt, maar het is nog niet opgelost",
        "thanks, it is number 12",
        "thanks, now it happened again",
        "Thanks. Any news?",
        "please empty it, thanks",
        "Great job, please do the other one too",
        "lol thanks for nothing",
        "thanks for nothing, please help",
        "thanks for the reply. Please help me",
        "thanks https://town.example/photo",
        "ok",
        "yes",
        "Super bedankt, en de lantaarn is kapot",
        "thank you, there is a strong gas smell here",
    ],
)
def test_more_than_thanks(text: str) -> None:
    assert not triaged(text, None, private=True).quiet


def test_an_answer_beside_thanks_is_not_bare() -> None:
    decision = triaged("thanks, the blue one next to the door", private=True)
    assert (decision.quiet, decision.bare) == (True, False)


def test_everything_is_acknowledged_but_an_emoji() -> None:
    assert triaged("Good morning city", acknowledge="everything").triage == "respond"
    assert triaged("👍", acknowledge="everything").triage == "pending"
