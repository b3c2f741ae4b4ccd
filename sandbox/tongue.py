"""Which language a post is in, guessed from its words as the real network does it, whoever wrote it.

X states a language per post, from the text alone, and "und" where it cannot tell (docs.x.com, post object, `lang`).
Small function words tell English and Dutch apart well enough for a town where people write these two.
"""

from __future__ import annotations

import re

_EN = """a about an and are at been but by can could do does for from has have he her here his how i in is isn't it
its me my no not of on or our please she so that the their there they this to today was we were what when where who
why will with would you your anyone nobody someone still just dark broken again"""
_NL = """aan al als ben bij daar dan dat de deze die dit doet door een en er geen haar hebben heeft het hier hij hoe
ik in is je jullie kan kunnen maar met mij mijn na naar niet nog nu of om onze ook op over te tot u uit van vandaag
voor waar waarom wanneer was wat weer wel we werkt wie wij worden wordt zijn zo kapot iemand"""
_WORDS = {"en": frozenset(_EN.split()), "nl": frozenset(_NL.split())}
_NO_WORDS = re.compile(r"https?://\S+|[@#]\w+")


def language_of(text: str) -> str:
    """The code "en" or "nl", or "und" where the words favour neither."""
    words = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", _NO_WORDS.sub(" ", text.lower()))
    score = {code: sum(word in known for word in words) for code, known in _WORDS.items()}
    best, other = max(score, key=lambda code: score[code]), min(score, key=lambda code: score[code])
    return best if score[best] > score[other] else "und"
