"""Our messages in words: the caller's language, the account's manner and zone, the revision that the row keeps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import cast

from django.utils.dateparse import parse_datetime

from priority.selectors import policy_of
from tickets.channels import lies_on_page
from tickets.models import (
    ChannelAccount,
    Conversation,
    OutboundReply,
    PromiseKind,
    ReplyEffect,
    Ticket,
    Visibility,
)
from tickets.services.promises import ToTell
from tickets.services.status_links import link_allowed, stand_in
from tickets.services.texts import words_current, words_of
from tickets.texts.dates import date_words, day_words
from tickets.texts.document import DateKind, Manner, NoticeKind, Words
from tickets.texts.render import CannotFill, Rendered, date_line, line, notice, one_line
from tickets.texts.shapes import usual_form

#: A caller's name in a greeting is never longer.
NAME_MOST = 60
OWN_WORDS = "own_words"


def acknowledgement_render(
    reply: OutboundReply,
    *,
    ticket: Ticket,
    conversation: Conversation,
    tell: ToTell,
    now: datetime,
) -> Rendered:
    """The words, in the caller's language and the account's manner and zone. Notes revision and language on
    `reply`."""
    account = conversation.account
    words = words_for(reply, now)
    language = language_of(words, reply.language, ticket.language, account.language)
    reply.language = language
    category = policy_of(ticket.policy_revision_id).category(ticket.category) if ticket.category else None
    extra: Mapping[str, str] = getattr(category, "extra_line", None) or {}
    manner, form = _addressed(conversation)
    date = date_words(tell.date, zone=account.zone, language=language, now=now)
    if account.capabilities.get("spoken"):  # whoever hears it has just been thanked, and cannot just reply
        said = date_line(
            words,
            cast(DateKind, tell.kind),
            language=language,
            ref=ticket.shown_reference,
            date=date,
            manner=manner,
            form=form,
        )
        return Rendered(f"{said} {extra.get(language, '')}".strip())
    values = {
        "ref": ticket.shown_reference,
        "date": date,
        "sign": account.sign_off,
        "extra": extra.get(language, ""),
        # What they wrote may stand nowhere but in their message.
        "summary": "",
        **_about(conversation),
    }
    # The private wording repeats the caller's own words, which may stand nowhere but in their message.
    public = conversation.visibility == Visibility.PUBLIC or manner == "conversational"
    kind = cast(NoticeKind, f"acknowledgement_{tell.kind}")
    return notice(
        words,
        kind,
        manner=manner,
        language=language,
        public=public,
        values=values,
        form=form,
    )


def notice_render(
    reply: OutboundReply,
    kind: NoticeKind,
    *,
    ticket: Ticket,
    conversation: Conversation,
    now: datetime,
    old: datetime | None = None,
    date: datetime | None = None,
    what: str = "",
    team: str = "",
    date_stays: bool = False,
) -> str:
    """Any other notice. Its reason is the one that `reply.args` holds. Notes revision and language on `reply`, and asks
    for what its `kind` needs only. Raises CannotFill."""
    account = conversation.account
    words = words_for(reply, now)
    reply.language = language = language_of(words, ticket.language, reply.language, account.language)
    manner, form = _addressed(conversation)
    values = {
        "ref": ticket.shown_reference,
        "sign": account.sign_off,
        **_about(conversation),
    }
    if old is not None:
        values["old"] = date_words(old, zone=account.zone, language=language, now=now)
    if date is not None:
        values["date"] = date_words(date, zone=account.zone, language=language, now=now)
    if what:
        values["what"] = sentence(what)
    if team:
        values["team"] = team
        stays = line(
            words,
            "lines.date_stays",
            language=language,
            manner=cast(Manner, account.manner),
            values={},
            form=account.form_of_address,
        )
        values["stands"] = stays if date_stays else ""
    if "reason" in reply.args:
        values["reason"] = reason_words(
            words,
            reply.args["reason"],
            reply.args.get("reason_args") or {},
            account=account,
            language=language,
            now=now,
        )
    public = conversation.visibility == Visibility.PUBLIC
    return notice(
        words,
        kind,
        manner=manner,
        language=language,
        public=public,
        values=values,
        form=form,
        spoken=bool(account.capabilities.get("spoken")),
    ).body


def _addressed(conversation: Conversation) -> tuple[Manner, str]:
    """In which manner a notice is worded there, and the form of address. On their page nobody can answer an e-mail: it
    is worded as where people reply; how they are addressed stays as it is."""
    account = conversation.account
    if account.manner == "letter" and lies_on_page(conversation):
        return "conversational", account.form_of_address or usual_form(account.manner)
    return cast(Manner, account.manner), account.form_of_address


def _about(conversation: Conversation) -> dict[str, str]:
    """Their name, as the network tells it: not where somebody has only typed it with an address that need not be
    theirs. And the link, where it may stand."""
    who = conversation.identity
    return {
        "name": "" if who.claims else one_line(who.name, most=NAME_MOST),
        "status_link": stand_in() if link_allowed(conversation) else "",
    }


def overdue_kind(promised: str) -> NoticeKind:
    """The notice for a date that was missed, by what the date was for."""
    kinds: Mapping[str, NoticeKind] = {
        "answered": "overdue_notice_answered",
        "started": "overdue_notice_started",
    }
    return kinds.get(promised, "overdue_notice")


def reason_words(
    words: Words,
    code: str,
    args: Mapping[str, str],
    *,
    account: ChannelAccount,
    language: str,
    now: datetime,
) -> str:
    """A reason as the caller reads it; an agent's own words as they are. Raises CannotFill."""
    if code == OWN_WORDS:
        return sentence(args.get("words", ""))
    values = {name: str(value) for name, value in args.items()}
    if "day" in values:
        at = parse_datetime(values["day"])
        if at is None:
            raise CannotFill(f"{{day}} is no time: {values['day']!r}")
        values["day"] = day_words(at, zone=account.zone, language=language, now=now)
    return line(
        words,
        f"reasons.{code}",
        language=language,
        manner=cast(Manner, account.manner),
        values=values,
        form=account.form_of_address,
    )


def sentence(text: str) -> str:
    """One line that ends as a sentence does, so that another can follow it."""
    plain = " ".join(text.split())
    return plain if not plain or plain[-1] in ".!?…" else f"{plain}."


def answer_text(
    reply: OutboundReply,
    *,
    ticket: Ticket,
    account: ChannelAccount,
    now: datetime,
    newest: int | None = None,
) -> str:
    """A person's words with what we add: the line that tells number and date, the line that says that the date waits
    where they ask something, and the account's sign-off. newest: the newest revision of the words, where it is known
    already."""
    if not reply.author_id:
        raise ValueError(f"reply {reply.pk} is nobody's answer")
    lines = []
    if reply.tells_for is not None or date_waits(reply, ticket):
        if reply.template_revision_id is None:
            reply.template_revision_id = newest
        words = words_for(reply, now)
        reply.language = language_of(words, reply.language, ticket.language, account.language)
        manner, form = cast(Manner, account.manner), account.form_of_address
        if reply.tells_for is not None:
            lines.append(
                date_line(
                    words,
                    cast(DateKind, reply.tells_kind),
                    language=reply.language,
                    ref=ticket.shown_reference,
                    date=date_words(reply.tells_for, zone=account.zone, language=reply.language, now=now),
                    manner=manner,
                    form=form,
                )
            )
        if date_waits(reply, ticket):
            waits = line(
                words, "lines.date_waits", language=reply.language, manner=manner, values={}, form=form
            )
            lines.append(waits)
    short = account.manner == "short"
    added = " ".join(lines)
    return (" " if short else "\n\n").join(
        part for part in (reply.text.strip(), added, account.sign_off) if part
    )


def date_waits(reply: OutboundReply, ticket: Ticket) -> bool:
    """Whether the caller has to read that the date waits for their answer: it asks, and there is or will be a date that
    the answer itself does not keep (`promises.promise_answered`)."""
    if reply.effect != ReplyEffect.ASKS:
        return False
    if reply.tells_for is not None:
        return True
    begun = ticket.promise_kind == PromiseKind.STARTED and ticket.owner_id is not None
    return ticket.promised_for is not None and ticket.promise_kind != PromiseKind.ANSWERED and not begun


def words_for(reply: OutboundReply, now: datetime) -> Words:
    """The words of the revision that the row was made for, else of the newest, which it then keeps."""
    if reply.template_revision_id is None:
        reply.template_revision_id, words = words_current(now)
        return words
    return words_of(reply.template_revision_id)


def language_of(words: Words, *wanted: str) -> str:
    """The first wanted language that there are words in, else the first of the words' own."""
    return next(
        (language for language in wanted if language in words.languages),
        words.languages[0],
    )
