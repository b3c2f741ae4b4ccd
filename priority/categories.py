"""What a category has from the one above it: its team, what it asks, its way from the top. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from priority.policy import Otherwise, Policy
from priority.wording import Ask, Category


def category_of(policy: Policy, key: str) -> Category | None:
    """None for a key that the policy does not hold, and where nothing matched."""
    try:
        found = policy.category(key)
    except KeyError:
        return None
    return None if isinstance(found, Otherwise) else found


def parent_of(policy: Policy, category: Category) -> Category | None:
    return category_of(policy, category.parent) if category.parent else None


def team_of(policy: Policy, key: str) -> str | None:
    """The key of the team that a category's tickets go to: its own, else its parent's; None: the account's has them."""
    category = category_of(policy, key)
    if category is None:
        return None
    above = parent_of(policy, category)
    return category.team or (above.team if above else None)


def asks_of(policy: Policy, key: str) -> tuple[Ask, ...]:
    """What is asked of a caller about this subject: what the category says, else its parent."""
    category = category_of(policy, key)
    if category is None:
        return ()
    if category.asks is not None:
        return category.asks
    above = parent_of(policy, category)
    return (above.asks or ()) if above else ()


def in_tree(policy: Policy) -> Iterator[tuple[Category, bool]]:
    """(category, lies below another) in the order of the list, each with what lies below it right behind it."""
    for category in policy.categories:
        if parent_of(policy, category) is None:
            yield category, False
            yield from ((child, True) for child in policy.categories if child.parent == category.key)


def teams_named(policy: Policy) -> frozenset[str]:
    """Keys of all teams that a category or a rule sends tickets to."""
    of_categories = {category.team for category in policy.categories if category.team}
    return frozenset(of_categories).union(
        effect.team
        for rule in policy.rules
        if rule.kind == "when" and rule.on
        for effect in rule.effects
        if effect.do == "team"
    )
