"""Saved replies are written by leads for their teams, and by managers for everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import may_lead
from accounts.models import Team, User
from priority.selectors import policy_current, policy_of
from tickets.models import SavedReply, SavedReplyText
from tickets.selectors import teams_visible
from tickets.selectors_saved_replies import saved_replies_offered
from tickets.services.audit import event_record
from tickets.services.errors import Changed, NotFound, Refused
from tickets.services.saved_reply_use import PLACEHOLDERS
from tickets.texts.document import MANNERS, PLACEHOLDER, not_for_callers

TITLE_MOST, TEXT_MOST = 80, 2_000
#: (language, manner); manner "" is for every account whose own manner has no words here.
Texts: TypeAlias = Mapping[tuple[str, str], str]


def saved_reply_write(
    *,
    actor: User,
    saved_id: int | None,
    title: str,
    team_id: int | None,
    categories: Sequence[str],
    texts: Texts,
    seen_version: int | None = None,
    now: datetime,
) -> SavedReply:
    """A new one, or another wording of one that is there. Raises NotFound, Refused, Changed.

    1. The actor may write for that team (`team_id` None: for everybody), and for the one it belonged to.
    2. Refused: no title; no words in any language; a placeholder that nobody fills in; our own words, which mean
       nothing to a caller; a category that the policy does not have.
    3. Changed: somebody else has written it anew since the form was opened.
    4. Its words are those of the form, no others; history.
    """
    wanted = _texts(texts)
    name = " ".join(title.replace("\0", "").split())
    if not name:
        raise Refused("title", _("Give it a title, by which colleagues find it."))
    if len(name) > TITLE_MOST:
        raise Refused("title", _("A title has at most %(most)s characters.") % {"most": TITLE_MOST})
    if not wanted:
        raise Refused("texts", _("Write its words in at least one language."))
    for text in wanted.values():
        _text_checked(text)
    known = {each.key for each in policy_of(policy_current().pk).categories}
    chosen = list(dict.fromkeys(key for key in categories if key))
    if not known.issuperset(chosen):
        raise Refused("categories", _("Choose categories that the policy has."))
    with transaction.atomic():
        _team_checked(actor, team_id)
        if saved_id is None:
            row = SavedReply(created_at=now, author=actor)
        else:
            row = _locked(actor, saved_id)
            if seen_version is not None and row.version != seen_version:
                raise Changed(
                    "written",
                    _("A colleague has changed this saved reply meanwhile; this is how it stands now."),
                )
            row.version += 1
        row.title, row.team_id, row.categories, row.updated_at = name, team_id, chosen, now
        row.save()
        SavedReplyText.objects.filter(reply=row).delete()
        SavedReplyText.objects.bulk_create(
            SavedReplyText(reply=row, language=language, manner=manner, text=text)
            for (language, manner), text in sorted(wanted.items())
        )
        event_record("saved_reply_written", actor=actor, now=now, args={"saved_reply": row.pk})
    return row


def saved_reply_archive(*, actor: User, saved_id: int, archived: bool, now: datetime) -> SavedReply:
    """Offer it to nobody any more, or to everybody again. Raises NotFound, Refused."""
    with transaction.atomic():
        row = _locked(actor, saved_id)
        if (row.archived_at is not None) == archived:
            return row
        row.archived_at, row.updated_at = now if archived else None, now
        row.version += 1
        row.save(update_fields=["archived_at", "updated_at", "version"])
        kind = "saved_reply_archived" if archived else "saved_reply_restored"
        event_record(kind, actor=actor, now=now, args={"saved_reply": row.pk})
    return row


def may_write(actor: User, team_id: int | None) -> bool:
    """Asked about a saved reply, or a team, that the actor sees."""
    return actor.is_manager if team_id is None else may_lead(actor, team_id)


def _locked(actor: User, saved_id: int) -> SavedReply:
    seen = SavedReply.objects.filter(
        pk__in=saved_replies_offered(actor, archived=True).filter(pk=saved_id).values("pk")
    )
    row = seen.select_for_update(of=("self",)).first()
    if row is None:
        raise NotFound
    if not may_write(actor, row.team_id):
        raise Refused("not_yours", _("Saved replies of a team are written by its leads, others by managers."))
    return row


def _team_checked(actor: User, team_id: int | None) -> Team | None:
    team = next((each for each in teams_visible(actor) if each.pk == team_id), None)
    if team_id is not None and team is None:
        raise Refused("team", _("Choose a team."))
    if not may_write(actor, team_id):
        raise Refused("not_yours", _("Saved replies of a team are written by its leads, others by managers."))
    return team


def _texts(texts: Texts) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for (language, manner), text in texts.items():
        plain = text.replace("\0", "").replace("\r\n", "\n").strip()
        if not plain:
            continue
        if len(language) != 2 or not language.isalpha() or (manner and manner not in MANNERS):
            raise Refused("texts", _("The form is incomplete; reload the page and send it again."))
        found[language, manner] = plain
    return found


def _text_checked(text: str) -> None:
    if len(text) > TEXT_MOST:
        raise Refused("texts", _("Words of at most %(most)s characters, please.") % {"most": TEXT_MOST})
    unknown = [name for name in PLACEHOLDER.findall(text) if name not in PLACEHOLDERS]
    if unknown:
        raise Refused(
            "placeholder",
            _("“%(unknown)s” is filled in by nobody. What can be: %(known)s.")
            % {"unknown": f"{{{unknown[0]}}}", "known": ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)},
        )
    if "{" in PLACEHOLDER.sub("", text) or "}" in PLACEHOLDER.sub("", text):
        raise Refused("placeholder", _("A brace stands alone: a placeholder is written {name}."))
    ours = not_for_callers(text, sorry=True)
    if ours:
        raise Refused(
            "words", _("“%(word)s” is no word for a caller. Say it another way.") % {"word": ours[0]}
        )
