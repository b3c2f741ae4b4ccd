"""The texts in words for managers: what each is for, what may be filled in, and what is wrong with one."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise as LazyText
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _

from tickets.display.codes import REASONS
from tickets.texts.faults import Fault
from tickets.texts.fits import Misfit
from tickets.texts.places import Place
from tickets.texts.shapes import FORMS, NoticeKind, usual_form

Words = Mapping[str, LazyText | str]

KINDS: Mapping[NoticeKind, tuple[LazyText | str, LazyText | str]] = {
    "acknowledgement_solved": (
        gettext_lazy("Acknowledgement, solved by"),
        gettext_lazy("We have it, and by when it is dealt with."),
    ),
    "acknowledgement_answered": (
        gettext_lazy("Acknowledgement, answered by"),
        gettext_lazy("Where the date means: answered by then."),
    ),
    "acknowledgement_started": (
        gettext_lazy("Acknowledgement, started by"),
        gettext_lazy("Where the date means: started by then."),
    ),
    "delay_notice": (
        gettext_lazy("Delay notice"),
        gettext_lazy("Before the date: it will be later, and why."),
    ),
    "overdue_notice": (
        gettext_lazy("Overdue notice, solved by"),
        gettext_lazy("At the date: it is not done, why, and the new date."),
    ),
    "overdue_notice_answered": (
        gettext_lazy("Overdue notice, answered by"),
        gettext_lazy("At the date: our answer is not there yet."),
    ),
    "overdue_notice_started": (
        gettext_lazy("Overdue notice, started by"),
        gettext_lazy("At the date: it was not begun."),
    ),
    "date_changed_notice": (
        gettext_lazy("Date-changed notice"),
        gettext_lazy("The date has moved, earlier or later."),
    ),
    "date_stands_notice": (
        gettext_lazy("The date stands"),
        gettext_lazy("After the caller’s answer: the date is as it was."),
    ),
    "resolution_notice": (gettext_lazy("Resolution notice"), gettext_lazy("It is done, and what was done.")),
    "reminder": (gettext_lazy("Reminder"), gettext_lazy("We still wait for the caller’s answer.")),
    "closing_word": (gettext_lazy("Closing word"), gettext_lazy("No answer came; we close it for now.")),
    "move_to_private": (gettext_lazy("Move to private"), gettext_lazy("We ask to go on in private.")),
    "transfer_notice": (gettext_lazy("Transfer"), gettext_lazy("Another team has it now.")),
}
MANNERS: Words = {
    "short": gettext_lazy("Short messages"),
    "conversational": gettext_lazy("Conversations"),
    "letter": gettext_lazy("Letters"),
}
GROUPS: Words = {
    "reasons": gettext_lazy("Reasons"),
    "date_lines": gettext_lazy("The line that tells number and date below an answer"),
    "lines": gettext_lazy("Lines beside a person’s words"),
    "closing_line": gettext_lazy("In public, after a private solution"),
}
_LINES: Words = {
    "date_lines.answered": gettext_lazy("number and date, answered by"),
    "date_lines.started": gettext_lazy("number and date, started by"),
    "date_lines.solved": gettext_lazy("number and date, solved by"),
    "lines.date_waits": gettext_lazy("the date waits for the answer"),
    "lines.status_working": gettext_lazy("any news: we are on it"),
    "lines.status_your_turn": gettext_lazy("any news: we wait for the caller"),
    "lines.status_number": gettext_lazy("any news: the number"),
    "lines.stands_answered": gettext_lazy("any news: the date, answered by"),
    "lines.stands_started": gettext_lazy("any news: the date, started by"),
    "lines.stands_solved": gettext_lazy("any news: the date, solved by"),
    "lines.date_stays": gettext_lazy("after a transfer: the date stays"),
    "lines.farewell": gettext_lazy("the last word of a live conversation, by one press"),
    "closing_line": gettext_lazy("solved together in private"),
}
FIELDS: Words = {
    "body": gettext_lazy("Text"),
    "subject": gettext_lazy("Subject"),
    "public": gettext_lazy("Text where everybody reads it"),
    "spoken": gettext_lazy("What is said aloud; empty: the text"),
    "line": gettext_lazy("Text"),
}
PLACEHOLDERS: Words = {
    "ref": gettext_lazy("the number they know"),
    "date": gettext_lazy("the date that is told"),
    "old": gettext_lazy("the date that was told before"),
    "reason": gettext_lazy("why, as a sentence"),
    "name": gettext_lazy("the caller’s name; never where everybody reads"),
    "sign": gettext_lazy("the account’s sign-off"),
    "extra": gettext_lazy("the category’s own line, such as the emergency number"),
    "summary": gettext_lazy("what they wrote, shortened; never where everybody reads"),
    "status_link": gettext_lazy("a link to where it stands; never where everybody reads"),
    "what": gettext_lazy("what was done, in the agent’s words"),
    "team": gettext_lazy("the team that has it"),
    "stands": gettext_lazy("that the date stays, where one was told"),
    "network": gettext_lazy("the network they wrote on"),
    "question": gettext_lazy("what we need to know; never where everybody reads"),
    "party": gettext_lazy("who we wait for"),
    "day": gettext_lazy("a day"),
}
_FAULTS: Words = {
    "missing": gettext_lazy("Nothing stands here. Write the words."),
    "no_subject": gettext_lazy("A letter needs a subject. Write one."),
    "no_public": gettext_lazy("Everybody reads a comment. Write what is put there."),
    "not_public": gettext_lazy("Take {%(what)s} out: everybody reads this."),
    "not_said": gettext_lazy("Put {%(what)s} in: the caller has to read it."),
    "unknown": gettext_lazy("Take {%(what)s} out: nobody can fill it in here. What can be stands above."),
    "brace": gettext_lazy("A brace stands alone: a placeholder is written {name}."),
    "forbidden": gettext_lazy("“%(what)s” is no word for a caller. Say it another way."),
    "sorry": gettext_lazy("We say sorry only where we missed a date we gave. Take it out."),
    "private": gettext_lazy("It speaks of private messages, which not every account reads. Leave that out."),
    "no_line": gettext_lazy("There is no such line."),
    "no_tongue": gettext_lazy("Nobody is addressed like that there."),
    "too_many": gettext_lazy("At most %(what)s characters. Make it shorter."),
}


def fault_words(fault: Fault) -> str:
    return str(_FAULTS[fault.code]) % {"what": fault.what}


def misfit_words(misfit: Misfit) -> str:
    """By how much it is too long, and where. The text stands with it."""
    over = {"over": misfit.used - misfit.limit, "limit": misfit.limit, "network": misfit.spot.label}
    if misfit.room:
        return _(
            "Too long by %(over)s: on %(network)s it leaves a person too little room for their own words."
        ) % {"over": over["over"], "network": over["network"]}
    return _("Too long by %(over)s: with the longest values %(network)s takes %(limit)s.") % over


def place_words(place: Place) -> str:
    if place.path:
        group, _dot, key = place.path.partition(".")
        if group == "reasons":
            return str(REASONS.get(key, key))
        return str(_LINES.get(place.path, place.path))
    kind: NoticeKind = place.kind  # type: ignore[assignment]  # a place of the document is one of its kinds
    return str(KINDS[kind][0])


def tongue_words(key: str, manner: str) -> str:
    """ "Dutch, je" where people are addressed in two ways, else the language."""
    language, _dash, form = key.partition("-")
    try:
        name = str(get_language_info(language)["name_translated"])
    except KeyError:
        name = language.upper()
    name = name[:1].upper() + name[1:]
    forms = FORMS.get(language)
    if forms is None:
        return name
    spoken = {str(each): pronoun for each, pronoun in forms.items()}
    return f"{name}, {spoken[form or usual_form(manner or 'short')]}"
