"""What callers read on pages of ours, in the form of address that their account has.

English has one form. Of Dutch the catalogue holds the formal one, as letters have it; the familiar one stands under the
context "familiar", where it differs.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

_Words = Mapping[str, "LazyText | str"]

_FORMAL: _Words = {
    "report": _("Your report"),
    "question": _("Your question"),
    "skip": _("Skip to your report"),
    "answered": _("We aim to answer you by"),
    "solved": _("We aim to have it solved by"),
    "started": _("We aim to start on it by"),
    "passed": _("We told you"),
    "was_solved": _("It was solved on"),
    "was_closed": _("It was closed on"),
    "no_date": _("There is no date yet"),
    "date_waits": _("The date waits for your answer"),
    "dates": _("The dates we gave you"),
    "reading": _("We have it, and are reading it."),
    "listed": _("It is on our list; nobody has begun on it yet."),
    "worked_on": _("It is being worked on."),
    "we_wait": _("We need your answer to go on."),
    "hold": _("We’re waiting for %(party)s."),
    "late": _("It isn’t done yet, and later than we said. You’ll hear from us."),
    "you_said_solved": _("You said that it is solved."),
    "we_said_solved": _("We said that it is done."),
    "it_ended": _("Nothing more is done about it."),
    "if_late": _("If we see that we can’t make it, you’ll hear from us by then, and we’ll say why."),
    "unreachable": _(
        "We can’t write to you: our answers and what becomes of it stand on this page alone. Keep its address, and "
        "look here now and then."
    ),
    "why_acknowledged": _("when we heard from you"),
    "why_answered": _("in our answer"),
    "you": pgettext_lazy("formal", "You"),
    "this_page": _("this page"),
    "just_now": _("You, just now"),
    "hidden": _(
        "What you told us isn’t shown here: this link came to an address from which nobody has written to us yet."
    ),
    "hidden_public": _("What you wrote stands where you wrote it. Private messages are not shown here."),
    "nothing_said": _("Nothing yet."),
    "add_help": _("What changed, or what we should know. No phone number or other personal details needed."),
    "begins_anew": _("It ended some time ago. What you write now begins a new report."),
    "cannot_add": _("Nothing can be sent from this page now. Write to us where you wrote before."),
    "added": _("Thank you. We have it, and it stands with your report."),
    "thanks_solved": _("Thank you for telling us. If it comes back, say so here."),
    "opened_again": _("It is open again. If we gave you a date, you’ll hear a new one."),
    "noted": _("Thank you, we have noted that it isn’t solved. We go on with it."),
    "have_read": _("I have read this"),
    "have_read_help": _("So that we know that our message has reached you."),
    "thanks_read": _("Thank you. Now we know that you have read it."),
    "gone": _(
        "Perhaps a letter is missing, perhaps it was taken back, or what it was about ended some time ago. "
        "You can always write to us where you wrote before."
    ),
    "kept": pgettext_lazy("formal", "What you wrote"),
    "kept_help": _("It was not sent. Copy it from here."),
    "wait": _("Wait a minute, please, then try again. What you wrote stands below; nothing of it is lost."),
}
_FAMILIAR: _Words = {
    "report": pgettext_lazy("familiar", "Your report"),
    "question": pgettext_lazy("familiar", "Your question"),
    "skip": pgettext_lazy("familiar", "Skip to your report"),
    "answered": pgettext_lazy("familiar", "We aim to answer you by"),
    "passed": pgettext_lazy("familiar", "We told you"),
    "date_waits": pgettext_lazy("familiar", "The date waits for your answer"),
    "dates": pgettext_lazy("familiar", "The dates we gave you"),
    "we_wait": pgettext_lazy("familiar", "We need your answer to go on."),
    "late": pgettext_lazy("familiar", "It isn’t done yet, and later than we said. You’ll hear from us."),
    "you_said_solved": pgettext_lazy("familiar", "You said that it is solved."),
    "if_late": pgettext_lazy(
        "familiar", "If we see that we can’t make it, you’ll hear from us by then, and we’ll say why."
    ),
    "unreachable": pgettext_lazy(
        "familiar",
        "We can’t write to you: our answers and what becomes of it stand on this page alone. Keep its address, and "
        "look here now and then.",
    ),
    "why_acknowledged": pgettext_lazy("familiar", "when we heard from you"),
    "you": pgettext_lazy("familiar", "You"),
    "just_now": pgettext_lazy("familiar", "You, just now"),
    "hidden": pgettext_lazy(
        "familiar",
        "What you told us isn’t shown here: this link came to an address from which nobody has written to us yet.",
    ),
    "hidden_public": pgettext_lazy(
        "familiar", "What you wrote stands where you wrote it. Private messages are not shown here."
    ),
    "begins_anew": pgettext_lazy(
        "familiar", "It ended some time ago. What you write now begins a new report."
    ),
    "cannot_add": pgettext_lazy(
        "familiar", "Nothing can be sent from this page now. Write to us where you wrote before."
    ),
    "added": pgettext_lazy("familiar", "Thank you. We have it, and it stands with your report."),
    "thanks_solved": pgettext_lazy("familiar", "Thank you for telling us. If it comes back, say so here."),
    "opened_again": pgettext_lazy(
        "familiar", "It is open again. If we gave you a date, you’ll hear a new one."
    ),
    "noted": pgettext_lazy("familiar", "Thank you, we have noted that it isn’t solved. We go on with it."),
    "have_read_help": pgettext_lazy("familiar", "So that we know that our message has reached you."),
    "thanks_read": pgettext_lazy("familiar", "Thank you. Now we know that you have read it."),
}


def caller_words(form: str) -> Mapping[str, LazyText | str]:
    """form: "familiar" or "formal", as `tickets.texts.shapes` has them."""
    return {**_FORMAL, **_FAMILIAR} if form == "familiar" else _FORMAL
