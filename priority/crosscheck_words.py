"""What must hold between categories, rules and the languages of a policy."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from priority import crosscheck_rules
from priority.faults import Fault, gettext_noop, label
from priority.wording import SIGNS

if TYPE_CHECKING:
    from priority.policy import Policy

_TEXTS = ("name", "sentence", "extra_line")
_LISTS = ("words", "unless", "double", "soon", "weekdays", *SIGNS)


def faults(policy: Policy) -> list[Fault]:
    return [*_tree(policy), *_references(policy), *crosscheck_rules.faults(policy), *_languages(policy)]


def warnings(_policy: Policy) -> list[Fault]:
    return []


def _tree(policy: Policy) -> Iterator[Fault]:
    """Categories are a tree of two: a category, and subcategories of it."""
    parents = {category.key: category.parent for category in policy.categories}
    for key, parent in parents.items():
        place = f"categories.{key}.parent"
        if parent is None:
            continue
        if parent == key:
            yield Fault(place, gettext_noop("A category is not its own parent: choose another, or none."))
        elif parent in parents and parents[parent] is not None:
            text = gettext_noop(
                "%(parent)s lies below %(above)s already, and there are two levels: choose %(above)s, or none."
            )
            yield Fault(place, text, {"parent": parent, "above": parents[parent]})


def _references(policy: Policy) -> Iterator[Fault]:
    keys = {
        "impact": {level.key for level in policy.impacts},
        "urgency": {level.key for level in policy.urgencies},
        "category": {category.key for category in policy.categories},
    }
    wanted: list[tuple[str, str, str | None]] = [
        ("otherwise.impact", "impact", policy.otherwise.impact),
        ("otherwise.urgency", "urgency", policy.otherwise.urgency),
    ]
    for category in policy.categories:
        place = f"categories.{category.key}"
        wanted += [
            (f"{place}.impact", "impact", category.impact),
            (f"{place}.urgency", "urgency", category.urgency),
            (f"{place}.parent", "category", category.parent),
        ]
    for rule in policy.rules:
        if rule.kind in ("danger", "travel"):
            wanted.append((f"rules.{rule.key}.category", "category", rule.category))
            wanted.append((f"rules.{rule.key}.urgency", "urgency", rule.urgency))
    for place, kind, key in wanted:
        if key is not None and key not in keys[kind]:
            yield unknown(place, kind, key)
    on = [rule.key for rule in policy.rules if rule.kind == "danger" and rule.on]
    for key in on[1:]:
        text = gettext_noop(
            "One danger rule at most is on, and that is %(first)s: put the words of this one into it."
        )
        yield Fault(f"rules.{key}.on", text, {"first": on[0]})


_UNKNOWN = {
    "impact": gettext_noop("There is no impact %(key)s: choose one of those that there are."),
    "urgency": gettext_noop("There is no urgency %(key)s: choose one of those that there are."),
    "priority": gettext_noop("There is no priority %(key)s: choose one of those that there are."),
    "category": gettext_noop("There is no category %(key)s: choose one of those that there are."),
    "calendar": gettext_noop("There is no calendar %(key)s: choose one of those that there are."),
}


def unknown(place: str, kind: str, key: str) -> Fault:
    return Fault(place, _UNKNOWN[kind], {"key": key})


def missing_texts(document: Mapping[str, Any], known: Collection[str]) -> Iterator[Fault]:
    """Languages in which a text is missing, of a document that may have any other fault, too; `known`: places of which
    something was said already."""
    languages = document.get("languages")
    if not isinstance(languages, list) or not all(isinstance(each, str) for each in languages):
        return
    for place, key, found in _by_language(document, ""):
        if key in _TEXTS and not any(each.startswith(place) for each in known):
            yield from _missing(place, found, set(languages))


def _missing(place: str, found: set[str], wanted: set[str]) -> Iterator[Fault]:
    for language in sorted(wanted - found):
        text = gettext_noop("The text in %(language)s is missing: write it.")
        yield Fault(f"{place}.{language}", text, {"language": language})


def _languages(policy: Policy) -> Iterator[Fault]:
    wanted = set(policy.languages)
    for place, key, found in _by_language(policy.model_dump(mode="json"), ""):
        if key in _TEXTS:
            yield from _missing(place, found, wanted)
        for language in sorted(found - wanted):
            text = gettext_noop("%(language)s is not one of the languages of this policy: take it out.")
            yield Fault(f"{place}.{language}", text, {"language": language})


def _by_language(value: object, place: str) -> Iterable[tuple[str, str, set[str]]]:
    """(place, key, languages) of every text and word list in the document."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            here = f"{place}.{key}" if place else str(key)
            if key in (*_TEXTS, *_LISTS) and isinstance(inner, Mapping):
                yield here, key, set(inner)
            else:
                yield from _by_language(inner, here)
    elif isinstance(value, list):
        listed = place.rpartition(".")[2]
        for number, inner in enumerate(value):
            yield from _by_language(inner, f"{place}.{label(listed, number, inner)}")
