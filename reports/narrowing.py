"""What a report is narrowed to (a channel account, a team, a category, an outcome): read from an address, said in
words, and offered in the form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Q
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from accounts.models import Team, User
from priority.policy import Otherwise, Policy
from priority.wording import Category
from reports.kept_page import OUTCOME_WORDS, category_words
from reports.selectors_promises import NO_CATEGORY
from tickets.models import ChannelAccount
from tickets.selectors import teams_shown
from tickets.templatetags.desk import in_my_language
from tickets.tokens import named, token

FORM = ("account", "team", "category")


@dataclass(frozen=True, slots=True)
class Narrowed:
    """wanted: for a selector. said: for an address. words: for people."""

    wanted: dict[str, str] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)

    def take(self, name: str, *, wanted: str, said: str, words: str) -> None:
        self.wanted[name], self.said[name] = wanted, said
        self.words.append(words)


@dataclass(frozen=True, slots=True)
class Offer:
    """A choice of the form. every: what it is called where nothing is chosen. options: (value, words)."""

    name: str
    label: str
    every: str
    options: Sequence[tuple[str, str]]
    chosen: str


def narrowed(request: HttpRequest, user: User, policy: Policy, names: Iterable[str]) -> Narrowed:
    """GET those of outcome, account, team, category that are in `names`. Raises Http404 for a value that is none, or
    that one may not see."""
    found = Narrowed()
    asked = {name: said for name in names if (said := request.GET.get(name, ""))}
    if outcome := asked.get("outcome"):
        if outcome not in OUTCOME_WORDS:
            raise Http404
        found.take("outcome", wanted=outcome, said=outcome, words=str(OUTCOME_WORDS[outcome]))
    if account := asked.get("account"):
        rows = dict(ChannelAccount.objects.values_list("pk", "name"))
        pk = named("channelaccount", rows, account)
        if pk is None:
            raise Http404
        found.take("account", wanted=str(pk), said=account, words=rows[pk])
    if key := asked.get("team"):
        team = team_of(user, key)
        if team is None:
            raise Http404
        found.take("team", wanted=str(team.pk), said=key, words=team.name)
    if category := asked.get("category"):
        key = "" if category == NO_CATEGORY else category
        found.take("category", wanted=category, said=category, words=category_words([key], policy)[key][0])
    return found


def team_of(user: User, key: str) -> Team | None:
    """Whose tickets the user may see; also one that is gone, since its dates are still counted."""
    mine = user.memberships.values("team_id")
    return Team.objects.filter(Q(pk__in=mine) | Q(is_private=False), key=key).first()


def offers(user: User, policy: Policy, those: Narrowed, names: Iterable[str]) -> list[Offer]:
    """What may be chosen, with what is chosen, also where it is offered no longer."""
    made = []
    for name in names:
        label, every, options = _offer(name, user, policy)
        chosen = those.said.get(name, "")
        if chosen and chosen not in dict(options):
            words = those.words[list(those.said).index(name)]
            options = [*options, (chosen, words)]
        made.append(Offer(name, label, every, options, chosen))
    return made


def _offer(name: str, user: User, policy: Policy) -> tuple[str, str, list[tuple[str, str]]]:
    if name == "outcome":
        outcomes = [(key, str(words)) for key, words in OUTCOME_WORDS.items()]
        return _("What became of it"), _("whatever it was"), outcomes
    if name == "account":
        rows = ChannelAccount.objects.filter(team__in=teams_shown(user)).order_by("name", "pk")
        accounts = [(token("channelaccount", pk), words) for pk, words in rows.values_list("pk", "name")]
        return _("Channel account"), _("every account"), accounts
    if name == "team":
        return _("Team"), _("every team"), [(team.key, team.name) for team in teams_shown(user)]
    return _("Category"), _("every category"), _categories(policy)


def _categories(policy: Policy) -> list[tuple[str, str]]:
    """Each below its parent, named with it."""
    every: tuple[Category | Otherwise, ...] = (*policy.categories, policy.otherwise)
    names = {each.key: in_my_language(each.name) for each in every}
    parents = {each.key: getattr(each, "parent", "") or "" for each in every}
    found: list[tuple[str, str]] = []
    for key, name in names.items():
        if not parents[key]:
            found.append((key, name))
            found += [(child, f"{name} › {names[child]}") for child, of in parents.items() if of == key]
    return [*found, (NO_CATEGORY, _("No category"))]
