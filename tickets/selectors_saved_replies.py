"""Saved replies: what somebody is offered, best fitting first, and what their page shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from django.db.models import (
    Case,
    Exists,
    F,
    Func,
    IntegerField,
    JSONField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)

from accounts.access import leads, visible_teams
from accounts.models import Team, User
from tickets import tokens
from tickets.compiled import SAMPLE_KEY, SAMPLE_LANGUAGE, SAMPLE_TEAM, SAMPLE_USER, CompiledRows
from tickets.models import SavedReply, SavedReplyText, Ticket
from tickets.selectors import teams_visible

MOST_OFFERED = 8


@dataclass(frozen=True, slots=True)
class Offered:
    """One that may be put in. text: its words for this caller, placeholders as they are. fits: it was written for the
    ticket's category. is_theirs: the words are in the caller's language."""

    reply: SavedReply
    token: str
    text: str
    language: str
    fits: bool
    is_theirs: bool


def saved_replies_offered(user: User, *, archived: bool = False) -> QuerySet[SavedReply]:
    """Everybody's, and those of teams whose tickets the user sees; `archived`: those that are offered no more, too."""
    seen = SavedReply.objects.filter(visible_teams(user))
    return seen if archived else seen.filter(archived_at__isnull=True)


def saved_replies_fitting(
    user: User, ticket: Ticket, *, language: str, manner: str, query: str = "", most: int = MOST_OFFERED
) -> list[Offered]:
    """The best fitting first: those of the ticket's category, then those in the caller's language, then the most used;
    those of other teams than the ticket's last. `query`: in title or words. Two statements."""
    if query or most != MOST_OFFERED:
        rows = list(_ranked(user, ticket.team_id, language, ticket.category, query)[:most])
    else:
        rows = _best_fitting(bool(ticket.category)).fetch(
            user=user.pk, team=ticket.team_id, language=language, key=ticket.category
        )
    texts = texts_of(row.pk for row in rows)
    offered = []
    for row in rows:
        text = _best(texts[row.pk], language, manner)
        offered.append(
            Offered(
                reply=row,
                token=token_of(row),
                text=text.text,
                language=text.language,
                fits=bool(ticket.category) and ticket.category in row.categories,
                is_theirs=text.language == language,
            )
        )
    return offered


@cache
def _best_fitting(has_category: bool) -> CompiledRows[SavedReply]:
    category = SAMPLE_KEY if has_category else ""
    return CompiledRows(_ranked(SAMPLE_USER, SAMPLE_TEAM, SAMPLE_LANGUAGE, category, "")[:MOST_OFFERED])


def _ranked(user: User, team_id: int, language: str, category: str, query: str) -> QuerySet[SavedReply]:
    found = saved_replies_offered(user).filter(_written(), _asked_for(query))
    ours = Q(team__isnull=True) | Q(team_id=team_id)
    theirs = Exists(SavedReplyText.objects.filter(reply=OuterRef("pk"), language=language))
    subject = Func(Value(category), function="jsonb_build_array", output_field=JSONField())
    fits = Q(categories__contains=subject) if category else Q(pk__isnull=True)
    ranked = found.annotate(
        away=_rank(ours), misfit=_rank(fits), strange=_rank(Q(theirs)), wide=_rank(~Q(categories=[]))
    )
    # One that was written for other subjects comes after one for all of them.
    return ranked.order_by("away", "misfit", "-wide", "strange", "-uses", "title", "pk")


def texts_of(reply_ids: Iterable[int]) -> dict[int, list[SavedReplyText]]:
    """By saved reply, in a set order."""
    ids = list(reply_ids)
    found: dict[int, list[SavedReplyText]] = {pk: [] for pk in ids}
    for row in SavedReplyText.objects.filter(reply_id__in=ids).order_by("language", "manner", "pk"):
        found[row.reply_id].append(row)
    return found


def _best(texts: Sequence[SavedReplyText], language: str, manner: str) -> SavedReplyText:
    """The caller's language before any other, then the account's manner before the general words."""
    return min(texts, key=lambda text: (text.language != language, text.manner != manner, text.manner != ""))


def _written() -> Exists:
    return Exists(SavedReplyText.objects.filter(reply=OuterRef("pk")))


def _asked_for(query: str) -> Q:
    wanted = query.strip()[:80]
    if not wanted:
        return Q()
    inside = SavedReplyText.objects.filter(reply=OuterRef("pk"), text__icontains=wanted)
    return Q(title__icontains=wanted) | Q(Exists(inside))


def _rank(condition: Q) -> Case:
    return Case(When(condition, then=Value(0)), default=Value(1), output_field=IntegerField())


def token_of(row: SavedReply) -> str:
    return tokens.token("savedreply", row.pk)


@dataclass(frozen=True, slots=True)
class Shelf:
    """A row of the page: who may use it, in which languages it is written, and whether this user may change it."""

    reply: SavedReply
    token: str
    texts: Sequence[SavedReplyText]
    may_write: bool

    @property
    def languages(self) -> list[str]:
        return sorted({text.language for text in self.texts})


def saved_replies_page(user: User, *, archived: bool = False, query: str = "") -> list[Shelf]:
    """All that the user may use (or that were archived), by team and title. Three statements."""
    found = SavedReply.objects.filter(
        visible_teams(user), _asked_for(query), archived_at__isnull=not archived
    )
    rows = list(
        found.select_related("team", "author").order_by(F("team__name").asc(nulls_first=True), "title", "pk")
    )
    texts, led = texts_of(row.pk for row in rows), leads(user)
    return [Shelf(row, token_of(row), texts[row.pk], user.is_manager or row.team_id in led) for row in rows]


def saved_reply_named(user: User, token: str) -> SavedReply | None:
    """One that the user sees, archived or not."""
    mine = SavedReply.objects.filter(visible_teams(user))
    pk = tokens.named("savedreply", mine.values_list("pk", flat=True), token)
    return mine.select_related("team", "author").get(pk=pk) if pk is not None else None


def teams_to_write_for(user: User) -> list[Team]:
    """Teams whose saved replies the user may write; a manager writes for everybody, too."""
    led = leads(user)
    return [team for team in teams_visible(user) if user.is_manager or team.pk in led]


def may_write_any(user: User) -> bool:
    return user.is_manager or bool(leads(user))
