"""Whether a message is nothing but thanks, praise or a sign of the hand: it starts no clock and opens nothing again.

Pure. Strict on purpose: who is thought to say thanks and says more than that is not heard, so anything that may be
more (a question, a fault, a "but", a figure) is more.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from priority.matcher import Found
from priority.policy import Policy

#: Small words that turn thanks into more, in the languages of the seed; a policy's word lists hold none.
# fmt: off
TURNING = frozenset((
    "but", "however", "still", "not", "no", "nor", "never", "yet",
    "though", "although", "except", "unfortunately", "cannot",
    "maar", "echter", "nog", "niet", "geen", "nooit", "toch", "helaas", "behalve",
))
# fmt: on
#: "Thanks again" is thanks; "thanks, it happened again" is more.
AGAIN = frozenset(("again", "weer", "alweer", "opnieuw"))
#: Words beside the thanks: more of them say something else, too.
BESIDE = 12
#: Where the caller was asked something, words beside the thanks may be the answer.
BESIDE_BARE = 2

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
#: At the end of what stands between the thanks and a word: "thanks for your quick".
_FOR = re.compile(r"(?i)\b(?:for|voor)(?:\s+[^\s,.;:!?]+){0,4}\s*$")
_LINK = re.compile(r"(?i)://|www\.")


class Quiet(NamedTuple):
    """quiet: thanks, praise, or only signs such as an emoji. bare: so, and with no word beside it worth a name."""

    quiet: bool
    bare: bool


MORE = Quiet(quiet=False, bare=False)


def quiet_of(policy: Policy, found: Found, message: str) -> Quiet:
    """1. No words at all: an emoji, a heart, three exclamation marks. Not where nothing was written, or a link, or a
    question mark.
    2. Else thanks or praise, in any language of the policy, with nothing asked, no venting, no word that turns it, no
    figure, and few words beside.
    """
    text = found.folded.text  # without names and links
    spans = _spans(policy, found, "thanks") + (praised := _spans(policy, found, "praise"))
    wordless = not spans and _WORD.search(text) is None
    if not spans and not (wordless and text.strip()):
        return MORE
    if any(mark in text for mark in policy.signs.question_marks) or _LINK.search(message):
        return MORE
    if wordless:
        return Quiet(quiet=True, bare=True)
    if _asks(policy, found, text, spans, bool(praised)) or _spans(policy, found, "venting"):
        return MORE
    words = _WORD.finditer(text.casefold())
    beside = [w[0] for w in words if not any(start <= w.start() < end for start, end in spans)]
    if any(word in TURNING or word.endswith("n't") or any(map(str.isdigit, word)) for word in beside):
        return MORE
    bare = len(beside) <= BESIDE_BARE
    return Quiet(quiet=bare or (len(beside) <= BESIDE and AGAIN.isdisjoint(beside)), bare=bare)


def _spans(policy: Policy, found: Found, sign: str) -> list[tuple[int, int]]:
    if sign not in found.signs:
        return []
    return [(hit.start, hit.end) for tongue in policy.languages for hit in found.hits("sign", sign, tongue)]


def _asks(policy: Policy, found: Found, text: str, thanked: list[tuple[int, int]], praised: bool) -> bool:
    """Whether something is asked. What they thank us for was done, "for the quick help"; and so was, beside praise,
    the plain verb of a wish."""
    for tongue in policy.languages:
        if any(found.has("sign", sign, tongue) for sign in ("fault", "question", "direct")):
            return True
        verbs = getattr(policy.signs.wish.get(tongue), "stems", ()) if praised else ()
        for hit in found.hits("sign", "wish", tongue):
            before = (text[start : hit.start] for start, end in thanked if end <= hit.start)
            if hit.word not in verbs and not any(map(_FOR.search, before)):
                return True
    return False
