"""What the composer shows: for whom one writes and where, words that were kept, saved replies, what can be undone."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from accounts.models import User
from tickets.asked_for import missing_here
from tickets.channels import FileLimits, file_limits, seen_by
from tickets.display.came import came_heading
from tickets.display.files import size_words
from tickets.models import Conversation, Draft, DraftKind, OutboundReply, Ticket
from tickets.selectors_came import came_since, seen_named
from tickets.selectors_saved_replies import Offered, saved_replies_fitting
from tickets.selectors_talk import Thread, sent_of
from tickets.selectors_ticket import TicketPage, token_of
from tickets.selectors_ticket_rows import drafts_on, undoable_on
from tickets.services.drafts import draft_stamp
from tickets.services.errors import Refused
from tickets.services.replies import may_answer
from tickets.services.reply_files import takes_words
from tickets.services.saved_reply_use import date_to_name, filled, placeholder_values
from tickets.tokens import token
from tickets.views.measure import NOTE, Composer


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the composer when the page comes back: the words are kept, whatever became of them. `then`: what
    the message is for (see `MODES`, `NOTE`); `thread`: token of the conversation it was written in; `saved`: token of
    the saved reply it began with; `preview`: it is to be shown as the network would; `kept`: stamp of the draft that
    the form knows (services/drafts.py); `files`: tokens of the files that it shows; `since`: mark of a page, where what
    came since is to be shown (selectors_came.py)."""

    text: str = ""
    client_key: str = ""
    refused: str = ""
    changed: str = ""
    then: str = ""
    thread: str = ""
    saved: str = ""
    preview: bool = False
    kept: str = ""
    files: tuple[str, ...] = ()
    since: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A conversation that one may write in; `cannot`: why not, in words, where one may not. `files`: what may go with a
    message; None where no files go out from there."""

    thread: Thread
    chosen: bool
    cannot: str
    files: FileLimits | None = None

    @property
    def files_words(self) -> str:
        """The limits, for whoever chooses files."""
        limits = self.files
        if limits is None:
            return ""
        size = size_words(limits.most_bytes)
        said = [
            _("one, up to %(size)s") % {"size": size}
            if limits.most == 1
            else _("up to %(most)s, %(size)s together") % {"most": limits.most, "size": size}
        ]
        if limits.most > 1 and limits.each_bytes < limits.most_bytes:
            said.append(_("%(size)s each") % {"size": size_words(limits.each_bytes)})
        said.append(takes_words(limits))
        if limits.apart:
            said.append(_("each as a message of its own, after your words"))
        return ", ".join(part for part in said if part)

    @property
    def is_narrow(self) -> bool:
        """Whether it takes less than whoever writes expects: some kinds only, one at a time, or not with the words."""
        return self.files is not None and bool(self.files.types or self.files.apart or self.files.most == 1)

    @property
    def conversation(self) -> Conversation:
        return self.thread.conversation


@dataclass(frozen=True, slots=True)
class Pick:
    """A saved reply as it would be put in."""

    offered: Offered
    text: str


@dataclass(frozen=True, slots=True)
class Pending:
    """A message of this user that may still be taken back."""

    reply: OutboundReply
    token: str
    words: str
    left: int


def composing(
    user: User, page: TicketPage, typed: Typed, *, wanted: str, line: str, now: datetime
) -> dict[str, Any]:
    """For the template. `wanted`: kind of the draft that is asked for; `line`: words that a link asks for.

    What was just typed comes first, then a line that was asked for, then the newest draft.
    """
    kept = drafts_on(user, page.ticket)
    draft = None if typed.text or typed.then or line else _draft(kept, wanted)
    then = typed.then or (_purpose(draft) if draft is not None else "")
    places = _places(page, typed, draft, now)
    place = next((each for each in places if each.chosen), None)
    cannot = place.cannot if place is not None else _("There is no conversation to answer in.")
    can_answer = place is not None and not cannot
    if not can_answer and page.threads:
        then = NOTE
    text = typed.text or line or (draft.text if draft is not None else "")
    composer = Composer(user, page.ticket, place.conversation, now=now) if place is not None else None
    other = _other(kept, then)
    came = came_since(user, page.ticket, seen_named(page.ticket, typed.since)) if typed.since else []
    return {
        "text": text,
        "then": then,
        "refused": typed.refused,
        "changed": typed.changed,
        "client_key": typed.client_key or _key(draft),
        "saved_token": typed.saved,
        "draft": draft,
        "kept": typed.kept if typed.text else draft_stamp(draft),
        "other_draft": other,
        "other_kept": draft_stamp(other),
        "came": came,
        "came_heading": came_heading(came, now if typed.changed else None),
        "places": places,
        "place": place,
        "can_answer": can_answer,
        # Somebody beside the caller is answered; whether it is solved, the caller alone is asked and told.
        "asks_caller": any(not each.thread.is_participant and not each.cannot for each in places),
        "cannot": cannot,
        "answer_to": place.thread.token if place is not None else "",
        "measure": composer.measure(text, then) if composer is not None and can_answer else None,
        "added": composer.added() if composer is not None and can_answer else {},
        "parts": composer.parts(text, then) if typed.preview and composer and can_answer else None,
        "answered_in": language_shown(page.ticket, place.conversation) if place is not None else None,
        "picks": picks(user, page.ticket, place.conversation, now=now) if can_answer and place else (),
        "own_files": [sent_of(each) for each in page.own_files],
        "takes_files": any(each.files is not None for each in places),
        "pending": pending(user, page.ticket, now=now),
        "draft_owner": token("user", user.pk),
    }


def picks(
    user: User, ticket: Ticket, conversation: Conversation, *, query: str = "", now: datetime
) -> Sequence[Pick]:
    """Saved replies for this caller, best fitting first, their placeholders filled in."""
    account = conversation.account
    language = ticket.language or account.language
    offered = saved_replies_fitting(user, ticket, language=language, manner=account.manner, query=query)
    date = date_to_name(ticket, now=now) if offered else None
    missing = missing_here(ticket) if offered else ()
    values = {
        code: placeholder_values(ticket, conversation, language=code, date=date, missing=missing, now=now)
        for code in {each.language for each in offered}
    }
    return [Pick(each, filled(each.text, values[each.language])) for each in offered]


def pending(user: User, ticket: Ticket, *, now: datetime) -> Pending | None:
    """The newest message of this user on the ticket that nobody may send yet."""
    row = undoable_on(user, ticket)
    if row is None or row.undo_until is None:
        return None
    words = row.text or str(row.args.get("what", ""))
    left = max(0, round((row.undo_until - now).total_seconds()))
    return Pending(row, token_of(row), words, left)


def language_shown(ticket: Ticket, conversation: Conversation) -> Mapping[str, str]:
    """{code, name}: the language that the caller is answered in, named in the reader's."""
    code = ticket.language or conversation.account.language
    try:
        name = str(get_language_info(code)["name_translated"])
    except KeyError:
        name = code.upper()
    return {"code": code, "name": name}


def _places(page: TicketPage, typed: Typed, draft: Draft | None, now: datetime) -> list[Place]:
    """In the page's order. Chosen: where it was typed, else where the draft was, else as the page says."""
    tokens = {each.token for each in page.threads}
    kept = token_of(draft.conversation) if draft is not None and draft.conversation is not None else ""
    chosen = next((each for each in (typed.thread, kept) if each in tokens), "")
    if page.is_one_thread and not typed.thread:
        chosen = ""
    chosen = chosen or (page.thread.token if page.thread is not None else "")
    return [
        Place(
            each,
            each.token == chosen,
            _cannot(page, each, now),
            file_limits(each.conversation.account, seen_by(each.conversation)),
        )
        for each in page.threads
    ]


def _cannot(page: TicketPage, thread: Thread, now: datetime) -> str:
    try:
        may_answer(page.ticket, thread.conversation, now)
    except Refused as refusal:
        return refusal.words
    return ""


def _draft(kept: Mapping[str, Draft], wanted: str) -> Draft | None:
    if wanted in kept:
        return kept[wanted]
    return max(kept.values(), key=lambda draft: draft.updated_at, default=None)


def _purpose(draft: Draft) -> str:
    return NOTE if draft.kind == DraftKind.NOTE else draft.purpose


def _other(kept: Mapping[str, Draft], then: str) -> Draft | None:
    """The draft of the kind that the composer does not show."""
    return kept.get(DraftKind.ANSWER if then == NOTE else DraftKind.NOTE)


def _key(draft: Draft | None) -> str:
    """The key of the form that it was written in, so that words which were sent after all are not sent twice."""
    return (draft.client_key if draft is not None else "") or str(uuid.uuid4())
