"""Reads of the texts: revisions ready to use, where their words are read and how long they may be, their history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from django.utils.translation import gettext as _

from accounts.models import Team, User
from priority.selectors import NoPolicy, policy_current, policy_of
from tickets.channels import ChannelFacts, facts_of_all, kinds, limit_of
from tickets.contract import Visibility
from tickets.models import ChannelAccount, TextRevision
from tickets.prepared import Prepared, ask
from tickets.texts.document import Words, read, seed
from tickets.texts.fits import Known, Spot
from tickets.texts.places import Place, Text, changed_between, text_at

#: As far back as a text's history is looked for at a time.
LOOKED_AT = 50
#: Revisions in the list.
LISTED = 8
#: A sign-off and a zone where no account of ours is connected yet.
_SIGN, _ZONE = "^Alexandra", "Europe/Amsterdam"
_SIDES: tuple[Visibility, ...] = ("public", "private")


def newest_id() -> int | None:
    """Of the revision in force; None where there is none yet."""
    found = ask(_NEWEST, ())
    return found[0][0] if found else None


_NEWEST = Prepared("SELECT id FROM tickets_textrevision ORDER BY number DESC LIMIT 1", ())


_ready: dict[int, Words] = {}
_lock = Lock()
_KEPT = 64


def words_of(revision_id: int) -> Words:
    """The words of a revision, one of an earlier version too; rows never change, so they are read once per process.
    Raises TextRevision.DoesNotExist."""
    found = _ready.get(revision_id)
    return found if found is not None else _words_kept(TextRevision.objects.get(pk=revision_id))


def _words_kept(row: TextRevision) -> Words:
    found = _ready.get(row.pk)
    if found is None:
        found = read(row.document)
        with _lock:
            if len(_ready) >= _KEPT:
                _ready.clear()
            _ready[row.pk] = found
    return found


def revision_in_force() -> TextRevision | None:
    return TextRevision.objects.select_related("author").defer("document").order_by("-number").first()


def revision_numbered(number: int) -> TextRevision | None:
    return TextRevision.objects.select_related("author").defer("document").filter(number=number).first()


def spots_by_manner() -> dict[str, list[Spot]]:
    """Where texts are read, by manner: our connected accounts, those alike once, and each channel that none of ours is
    connected to, as it states its own limits. Two statements."""
    rows = list(ChannelAccount.objects.select_related("team").order_by("pk"))
    facts = facts_of_all([row.pk for row in rows])
    known = {kind.slug: kind for kind in kinds()}
    found: dict[str, dict[tuple[str, str, int | None], Spot]] = {}
    here = set()
    for row in rows:
        kind, its = known.get(row.channel), facts.get(row.pk)
        if kind is None or its is None:
            continue
        here.add((row.channel, row.manner))
        for side in _sides(kind.public, kind.private):
            limit = limit_of(row, its.limit(side), side)
            key, spots = (row.channel, side, limit), found.setdefault(row.manner, {})
            other = spots.get(key)
            if other is None or its.length(row.sign_off) > its.length(other.sign):
                name = _("a private team’s account") if row.team.is_private else str(row)
                spots[key] = _spot(its, row.channel, kind.label, name, side, limit, row.sign_off, row.zone)
    for kind in known.values():
        if (kind.slug, kind.manner) in here:
            continue
        for side in _sides(kind.public, kind.private):
            limit = kind.facts.limit(side)
            found.setdefault(kind.manner, {})[kind.slug, side, limit] = _spot(
                kind.facts, kind.slug, kind.label, "", side, limit, _SIGN, _ZONE
            )
    return {manner: list(spots.values()) for manner, spots in found.items()}


def _sides(public: bool, private: bool) -> list[Visibility]:
    return [side for side, there in zip(_SIDES, (public, private), strict=True) if there]


def _spot(
    facts: ChannelFacts,
    channel: str,
    label: str,
    account: str,
    side: str,
    limit: int | None,
    sign: str,
    zone: str,
) -> Spot:
    split = facts.split if facts.splits else None
    return Spot(channel, label, account, side, limit, facts.length, split, sign, zone)


def known_longest() -> Known:
    """The longest team's name, and the longest extra line of the policy's categories in each language. Two
    statements, no more than one of them where the policy is in memory."""
    # A private team's name is told to no caller.
    named = Team.objects.filter(closed_at__isnull=True, is_private=False).values_list("name", flat=True)
    team = max([*named, "Public Works North"], key=len)
    extra: dict[str, str] = {}
    try:
        policy = policy_of(policy_current().pk)
    except NoPolicy:
        return Known(team, extra)
    for category in policy.categories:
        for language, line in (category.extra_line or {}).items():
            if len(line) > len(extra.get(language, "")):
                extra[language] = line
    return Known(team, extra)


@dataclass(frozen=True, slots=True)
class Wording:
    """One wording of a text. number: of the first revision that has it. text: as it was; before: the one before it, {}
    for the first that is known."""

    number: int
    author: User | None
    reason: str
    at: datetime
    text: Text
    before: Text


def history_of(place: Place) -> tuple[list[Wording], bool]:
    """The wordings of a text, newest first, among the newest revisions; and whether older ones were not looked at. One
    statement."""
    rows = list(TextRevision.objects.select_related("author").order_by("-number")[: LOOKED_AT + 1])
    found: list[Wording] = []
    texts = [text_at(_words_kept(row), place) for row in rows]
    for n, row in enumerate(rows[:LOOKED_AT]):
        before = texts[n + 1] if n + 1 < len(rows) else {}
        if texts[n] != before:
            found.append(Wording(row.number, row.author, row.reason, row.published_at, texts[n], before))
    return found, len(rows) > LOOKED_AT


@dataclass(frozen=True, slots=True)
class Listed:
    """A text in the list; changed: it is not as it came with the desk."""

    place: Place
    changed: bool


def is_ready_made(words: Words, place: Place) -> bool:
    return text_at(words, place) == text_at(seed(), place)


def listed(words: Words, places: Sequence[Place]) -> Mapping[Place, Listed]:
    return {place: Listed(place, not is_ready_made(words, place)) for place in places}


@dataclass(frozen=True, slots=True)
class Published:
    """A revision, and the texts that it words otherwise than the one before; none of the first."""

    revision: TextRevision
    places: Sequence[Place]


def published_last(words: Words) -> list[Published]:
    """The newest revisions, newest first. One statement."""
    rows = list(TextRevision.objects.select_related("author").order_by("-number")[: LISTED + 1])
    found = []
    for n, row in enumerate(rows[:LISTED]):
        before = rows[n + 1].document if n + 1 < len(rows) else row.document
        found.append(Published(row, changed_between(words, before, row.document)))
    return found
