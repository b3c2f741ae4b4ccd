"""Signs that something is asked of us, and what outweighs them. Pure; each that counts leaves its reason.

Strong ones are words of a fault, a question or a wish, and a question mark at the end. Hints (where, since when, what
is missing, whose) are weak: people chatting use them, too, so several kinds have to come together.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from priority import language
from priority.facts import Json
from priority.fold import fold
from priority.matcher import Found, Hit
from priority.policy import Policy
from priority.rules import State
from priority.wording import Category

ASKING = ("fault", "question", "wish")
HINTS = ("maybe", "since", "lack", "place", "case")
HINTED = 3
"""Hints of so many kinds show a report; beside a thing that people seldom chat about one does, or another thing."""
TELLING = {"maybe", "since"}
FIRM = {"lack", "place", "mark"}
"""One of each is enough; so are both of the telling."""
AFTER_MARK = 2
"""A question mark with more words behind it is a hint only: who asks and answers it himself asks nobody."""


class Signs(NamedTuple):
    """What is asked (fault, question, wish), what outweighs it (praise, venting), and whether it is asked of us in so
    many words."""

    asked: str | None
    outweighed: str | None
    direct: bool = False

    @property
    def only_praise(self) -> bool:
        """A wish beside praise is thanks ("for repairing it"); a fault or a question is more than that."""
        return self.outweighed == "praise" and self.asked not in ("fault", "question")


def beside(policy: Policy, found: Found, chosen: str) -> tuple[str, ...]:
    """Languages whose words count beside the message's own ("kliko not emptied"). Only where the own words make no
    request and both together might, so that a post in one language is read by its words alone."""
    said: dict[str, set[str]] = {}
    for kind, key, tongue in found.groups():
        if kind == "sign":
            said.setdefault(tongue, set()).add(key)
        elif kind == "category":
            said.setdefault(tongue, set()).add(kind)
    own = said.pop(chosen, set())
    if "direct" in own or ("category" in own and not own.isdisjoint(ASKING)):
        return ()
    return tuple(one for one in policy.languages if one in said and _may_ask(own | said[one]))


def _may_ask(said: set[str]) -> bool:
    return "direct" in said or ("category" in said and not said.isdisjoint((*ASKING, *HINTS)))


def signs_of(state: State, category: Category | None, *, danger: bool) -> Signs:
    """The first kind of sign that is there, and what outweighs it; thanks only where nothing is asked."""
    asked, in_words = _asked(state)
    direct = state.first("sign", "direct")
    if direct and not in_words:
        state.say("sign", direct, sign="direct")
    hints = state.policy.signs.learned is None
    if hints and not asked and not direct and category is not None and _hinted(state):
        asked = "fault"
    weights = ("chatter",) if direct and category else ("praise", "venting", "chatter")
    there = state.found.signs
    for weight in weights if asked or direct or danger else (*weights, "thanks"):
        hit = state.first("sign", weight) if weight in there else None
        if hit:
            outweighed = "praise" if weight == "thanks" else weight
            state.say("outweighed", hit, by=outweighed)
            return Signs(asked, outweighed)
    plain = danger or direct or (in_words and asked in ("question", "wish"))
    mood = None if plain else _mark(state, state.policy.signs.mood_marks)
    if mood is not None:
        state.say("mood_mark", at=[mood, mood + 1])
        return Signs(asked, "mood")
    return Signs(asked, None, direct=direct is not None)


def _asked(state: State) -> tuple[str | None, bool]:
    """(sign, in words): the first of fault, question and wish; a mark at the end is a question."""
    for sign in ASKING:
        hit = state.first("sign", sign)
        mark = _mark(state, state.policy.signs.question_marks) if sign == "question" else None
        if hit:
            state.say("sign", hit, sign=sign)
        elif mark is not None and _closes(state):
            state.say("question_mark", at=[mark, mark + 1])
        else:
            continue
        return sign, hit is not None
    return None, False


def _closes(state: State) -> bool:
    """Whether the last question mark stands at the end, but for a word or two."""
    text = state.found.folded.text
    last = max(text.rfind(mark) for mark in state.policy.signs.question_marks)
    return len(language.words_of(fold(text[last + 1 : last + 100]))) <= AFTER_MARK


def _hinted(state: State) -> bool:
    """Hints of several kinds: what is missing, since when, where, whose; a question mark in the midst is one."""
    hits = _hints(state)
    mark = _mark(state, state.policy.signs.question_marks)
    kinds = {kind for kind, _ in hits} | ({"mark"} if mark is not None else set())
    together = len(kinds) >= HINTED or (kinds & TELLING and (kinds & FIRM or kinds >= TELLING))
    things = [] if together or not state.policy.signs.common else _things(state)
    if not together and (not things or len(things) + len(hits) < 2):
        return False
    named = [*(("thing", hit) for hit in things[:2]), *hits]
    told: list[Json] = [{"kind": kind, "word": hit.word, "at": [hit.start, hit.end]} for kind, hit in named]
    if mark is not None:
        told.append({"kind": "question", "at": [mark, mark + 1]})
    state.say("hints", hints=told, sign="fault")
    return True


def _hints(state: State) -> list[tuple[str, Hit]]:
    """(kind, word): the first of each kind that stands at a place of its own."""
    taken: list[tuple[str, Hit]] = []
    for kind in HINTS:
        for tongue in (state.language, *state.beside):
            found = state.found.hits("sign", kind, tongue)
            free = [hit for hit in found if not any(_overlap(hit, other) for _, other in taken)]
            if free:
                taken.append((kind, free[0]))
                break
    return taken


def _overlap(one: Hit, other: Hit) -> bool:
    return one.start < other.end and other.start < one.end


def _things(state: State) -> list[Hit]:
    """Words of categories that are not among those that people chat about, each place once; not those of danger, which
    speak for themselves or were found harmless."""
    tongues = (state.language, *state.beside)
    common = [hit for tongue in state.policy.languages for hit in state.found.hits("sign", "common", tongue)]
    dangers = {category.key for category in state.policy.categories if category.danger}
    hits = [
        hit
        for group in state.found.groups()
        if group.kind == "category" and group.language in tongues and group.key not in dangers
        for hit in state.found.hits(group.kind, group.key, group.language)
        if not any(one.start <= hit.start and hit.end <= one.end for one in common)
    ]
    apart: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end, hit.word)):
        if not apart or hit.start >= apart[-1].end:
            apart.append(hit)
    return apart


def _mark(state: State, marks: str) -> int | None:
    """Where the first of these characters stands in the message."""
    text = state.found.folded.text
    if text.isascii():
        marks = _in_ascii(marks)
    elif _characters(marks).isdisjoint(text):
        return None
    return min([place for mark in marks if (place := text.find(mark)) >= 0], default=None)


@lru_cache(maxsize=64)
def _in_ascii(marks: str) -> str:
    return "".join(mark for mark in marks if mark.isascii())


@lru_cache(maxsize=64)
def _characters(marks: str) -> frozenset[str]:
    return frozenset(marks)
