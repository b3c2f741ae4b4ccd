"""Triage: from a message to call type, category, priority and whether it is acknowledged at once. Pure.

The same policy and the same facts give the same decision: no clock is read, no order of a word list and
no person counts. Every step leaves a reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from priority import language
from priority.categories import category_of, team_of
from priority.facts import Decision, LanguageSource, Reason, TicketFacts
from priority.fold import Folded
from priority.learned.weights import Said, weights_of
from priority.matcher import Found, Hit, Matcher, matcher_of
from priority.matrix import priority_of
from priority.policy import Policy
from priority.quiet import MORE, Quiet, quiet_of
from priority.rules import State, rules_apply
from priority.shapes import CallType
from priority.signs import Signs, beside, signs_of
from priority.targets import date_means
from priority.wording import Category, DangerRule

WORDS_TOLD = 3
"""Most words of the chosen category that are kept as reasons."""

CALL_TYPES: dict[str, CallType] = {"fault": "fault_report", "question": "question", "wish": "request"}

__all__ = ["Decision", "Reason", "TicketFacts", "decide", "decide_all"]


def decide(policy: Policy, facts: TicketFacts) -> Decision:
    """What a message is, by the policy's words and rules.

    1. Its language: set by a person; a short text keeps the caller's; the network's; guessed; the caller's;
       the account's.
    2. Danger words of every language, less those that a phrase around them or the language makes harmless.
    3. Categories by the words of its language; a subcategory speaks for the one above it, then the highest priority
       wins, then the order of the list. Its team has the ticket. The caller's own choice goes before all but danger.
    4. Rules on top, in order: each may raise, lower or set impact or urgency, put a tag, or name a team.
    5. Signs: is something asked (fault, question, wish, hints together), or is it praise, venting or talk, which
       outweighs? Praise and venting do not where we are asked directly.
    6. Recognised: danger, or private and more than praise or an emoji. Else by what the policy has learned: said as
       people ask us; or without that: asked directly, or a category together with a sign or with a word of a rule that
       raised. Learned, it is answered at once only where that is sure and nothing outweighs it.

    Words of another language count, too, where its own do not make it a request and parts of it are in that one.
    7. Respond or pending, by the account's choice; what does not speak to us is always pending.
    """
    return decide_all(policy, [facts])[0]


def decide_all(policy: Policy, many: Sequence[TicketFacts]) -> list[Decision]:
    """`decide` of each, a step at a time over all of them: what a step looks things up in (the policy's words, what was
    learned) stays at hand in the processor, where the next step's would push it out. A sixth less time by that."""
    matcher = matcher_of(policy)
    founds = [matcher.find(facts.text) for facts in many]
    reads = [_read(policy, matcher, *each) for each in zip(many, founds, strict=True)]
    saids = [
        _said(
            read.state,
            _signed(read.state, read.category, read.signs),
            quiet=read.silent.quiet,
            danger=read.danger,
        )
        for read in reads
    ]
    return [_decided(policy, *each) for each in zip(reads, saids, strict=True)]


class _Read(NamedTuple):
    """A message after step 5."""

    state: State
    category: Category | None
    signs: Signs
    silent: Quiet
    danger: bool


def _read(policy: Policy, matcher: Matcher, facts: TicketFacts, found: Found) -> _Read:
    """Steps 1 to 5."""
    chosen, source = language_of(policy, facts, found.folded)
    state = State(policy, facts, found, chosen, source, beside=beside(policy, found, chosen))
    danger = _danger(state, matcher.danger, matcher.dangers) if matcher.danger else []
    category = _category(state, matcher, danger)
    rules_apply(state, category, danger=bool(danger))
    signs = signs_of(state, category, danger=bool(danger))
    silent = MORE if danger else quiet_of(policy, found, facts.text)
    return _Read(state, category, signs, silent, bool(danger))


def _decided(policy: Policy, read: _Read, said: Said | None) -> Decision:
    """Steps 6 and 7, and the matrix."""
    state, category, signs, silent, danger = read
    if said is None:
        recognised = sure = _recognised(state, category, signs, danger, silent)
    else:
        recognised, sure = said.asks, said.sure and signs.outweighed is None
    responds = _responds(state, sure, (signs.only_praise or silent.quiet) and not danger)
    priority = priority_of(policy, impact=state.impact, urgency=state.urgency)
    state.say("matrix", impact=state.impact, urgency=state.urgency, priority=priority)
    key = category.key if category else policy.otherwise.key
    return Decision(
        triage="respond" if responds else "pending",
        recognised=recognised,
        call_type=_call_type(state, category, signs, danger),
        category=key,
        impact=state.impact,
        urgency=state.urgency,
        priority=priority,
        date_means=date_means(policy, priority=priority, category=key),
        reasons=tuple(state.reasons),
        tags=tuple(dict.fromkeys(state.tags)),
        danger=danger,
        language=state.language,
        language_source=state.source,
        extra_lines=(key,) if category and category.extra_line else (),
        quiet=silent.quiet,
        bare=silent.bare,
        team=state.team,
    )


def language_of(
    policy: Policy, facts: TicketFacts, folded: Folded | None = None
) -> tuple[str, LanguageSource]:
    """`folded`: the facts' text, where that is at hand."""
    known = policy.languages
    caller = facts.caller_language if facts.caller_language in known else None
    if facts.language in known and facts.language is not None:
        return facts.language, "caller"
    if caller and language.is_short(facts.text, folded):
        return caller, "caller"
    code = _code(facts.network_language)
    if code in known:
        return code, "network"
    guessed = language.guess(facts.text, known, folded)
    if guessed:
        return guessed[0], "guessed"
    if caller:
        return caller, "caller"
    account = _code(facts.account_language)
    return (account if account in known else known[0]), "account"


def _code(code: str | None) -> str:
    return (code or "").replace("_", "-").split("-")[0].lower()


def _danger(state: State, rule: DangerRule, dangers: frozenset[str]) -> list[tuple[Hit, str]]:
    """(hit, category or "" for the rule's own words), in order of place; the first is told as a reason."""
    policy, found = state.policy, state.found
    if not found.alarms():
        return []
    hits: list[tuple[Hit, str]] = []
    for tongue in policy.languages:
        hits += [(hit, "") for hit in found.hits("rule", rule.key, tongue)]
        for key in dangers & found.keys("category", tongue):
            hits += [(hit, key) for hit in found.hits("category", key, tongue)]
    if not hits:
        return []
    harmless = [
        (hit.start, hit.end) for tongue in policy.languages for hit in found.hits("unless", rule.key, tongue)
    ]
    doubles = _doubles(state, rule)
    real = [
        (hit, key)
        for hit, key in hits
        if not any(hit.start < end and start < hit.end for start, end in harmless)
        and (hit.language == state.language or (hit.start, hit.end) not in doubles)
    ]
    real.sort(key=lambda pair: (pair[0].start, -pair[0].end, pair[0].word, pair[1]))
    if real:
        hit, key = real[0]
        state.say("danger", hit, rule=rule.key, category=key or rule.category)
    return real


def _doubles(state: State, rule: DangerRule) -> set[tuple[int, int]]:
    """Places of words that mean something else in the text's language, where that language is sure: the
    network or the guess says it, and the other words do not lean to another."""
    if state.source not in ("network", "guessed"):
        return set()
    hits = state.found.hits("double", rule.key, state.language)
    if hits and _leaning(state) not in (None, state.language):
        return set()
    return {(hit.start, hit.end) for hit in hits}


def _leaning(state: State) -> str | None:
    return language.leaning(state.facts.text, state.policy.languages, state.found.folded)


def _category(state: State, matcher: Matcher, danger: list[tuple[Hit, str]]) -> Category | None:
    policy, rule = state.policy, matcher.danger
    keys = state.found.keys("category", state.language) - matcher.dangers
    for tongue in state.beside:
        keys |= state.found.keys("category", tongue) - matcher.dangers
    keys.update(key or (rule.category if rule else "") for _, key in danger)
    places = sorted([matcher.order[key] for key in keys if key in matcher.order])
    matched = [policy.categories[place] for place in places]
    if len(matched) > 1:
        # What lies below another says the same more exactly; danger is never given up for it.
        above = {category.parent for category in matched}
        matched = [category for category in matched if category.danger or category.key not in above]
    chosen = category_of(policy, state.facts.chosen) if state.facts.chosen else None
    if not matched:
        state.impact, state.urgency = policy.otherwise.impact, policy.otherwise.urgency
        if chosen is not None:
            return _chosen(state, chosen, None, danger=False)
        state.say("nothing_matched", category=policy.otherwise.key)
        return None

    def key_of(category: Category) -> str:
        return priority_of(policy, impact=category.impact, urgency=category.urgency)

    # min() keeps the first of equals, which is the order of the list.
    best = matched[0]
    if len(matched) > 1:
        best = min(matched, key=lambda category: policy.priority(key_of(category)).rank)
    state.impact, state.urgency = best.impact, best.urgency
    told = [hit for hit, key in danger if (key or (rule.category if rule else "")) == best.key]
    for tongue in (state.language, *state.beside):
        told = told or state.found.hits("category", best.key, tongue)
    for hit in _apart(told)[:WORDS_TOLD]:
        state.say("category", hit, category=best.key, impact=best.impact, urgency=best.urgency)
    others = [{"category": other.key, "priority": key_of(other)} for other in matched if other is not best]
    if others:
        state.say("others", category=best.key, priority=key_of(best), others=others)
    if chosen is not None:
        return _chosen(state, chosen, best, danger=bool(danger))
    state.team = team_of(policy, best.key)
    if state.team is not None:
        state.say("category_team", category=best.key, team=state.team)
    return best


def _chosen(state: State, chosen: Category, best: Category | None, *, danger: bool) -> Category:
    """The category that the caller chose has it, with the more urgent of its levels and those that the words gave.

    A choice is no proof: words of danger come before it, and a category of danger that is only chosen brings neither
    its levels nor an alarm, or everybody could go before all others by choosing it.
    """
    policy, filed = state.policy, chosen

    def rank(impact: str, urgency: str) -> int:
        return policy.priority(priority_of(policy, impact=impact, urgency=urgency)).rank

    if danger and best is not None and best is not chosen:
        filed = best
        state.say("chosen_aside", category=chosen.key)
    elif chosen.danger and not danger:
        state.say("chosen_danger", category=chosen.key, impact=state.impact, urgency=state.urgency)
    elif best is None or rank(chosen.impact, chosen.urgency) < rank(state.impact, state.urgency):
        state.impact, state.urgency = chosen.impact, chosen.urgency
        state.say("chosen", category=chosen.key, impact=state.impact, urgency=state.urgency)
    else:
        code = "chosen" if best is chosen else "chosen_kept"
        state.say(code, category=chosen.key, impact=state.impact, urgency=state.urgency)
    state.team = team_of(policy, filed.key)
    if state.team is not None:
        state.say("category_team", category=filed.key, team=state.team)
    return filed


def _apart(hits: list[Hit]) -> list[Hit]:
    """Hits that do not lie inside an earlier one: "ticket machine" is told once."""
    kept: list[Hit] = []
    for hit in hits:
        if not kept or hit.start >= kept[-1].end:
            kept.append(hit)
    return kept


def _recognised(state: State, category: Category | None, signs: Signs, danger: bool, silent: Quiet) -> bool:
    if danger:
        return True
    if state.facts.private:
        if signs.only_praise or silent.quiet:
            return False
        state.say("private")
        return True
    signed = _signed(state, category, signs)
    if not signed and not signs.outweighed and category is not None:
        state.say("no_sign")
    return signed


def _signed(state: State, category: Category | None, signs: Signs) -> bool:
    """Whether signs show that we are asked: directly, or about something that is a category's."""
    if signs.outweighed:
        return False
    return signs.direct or (category is not None and bool(signs.asked or state.raised_by_words))


def _said(state: State, signed: bool, *, quiet: bool, danger: bool) -> Said | None:
    """How it is said, where that decides: in public, no danger in sight, and something said at all."""
    learned = state.policy.signs.learned
    if learned is None or danger or quiet or state.facts.private:
        return None
    said = weights_of(learned.weights).read(state.facts.text, state.found.signs, learned.answer, signed)
    code = "said_sure" if said.sure else "said_maybe" if said.asks else "said_other"
    state.say(code, said=list(said.words))
    return said


def _responds(state: State, recognised: bool, praise: bool) -> bool:
    if not state.facts.addressed:
        state.say("not_addressed")
        return False
    if state.facts.acknowledge == "nothing":
        state.say("account_choice", acknowledge="nothing")
        return False
    if state.facts.acknowledge == "everything" and not recognised and not praise:
        state.say("account_choice", acknowledge="everything")
        return True
    return recognised


def _call_type(state: State, category: Category | None, signs: Signs, danger: bool) -> CallType:
    if danger:
        return category.call_type if category else "fault_report"
    if signs.only_praise:
        return "praise"
    if signs.asked:
        return CALL_TYPES[signs.asked]
    if signs.outweighed == "venting":
        return "complaint"
    return category.call_type if category else state.policy.otherwise.call_type
