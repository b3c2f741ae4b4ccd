"""Every key of the desk with what it does: the one list. A control carries its key, written alike, as `data-key`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy

#: Of a list, not of a control: moving in it, choosing, and opening the link that has the focus, as browsers do.
OF_LISTS = frozenset({"j", "k", "enter", "x", "shift+x"})
#: In a form: it sends the form in which one writes.
OF_FORMS = frozenset({"ctrl+enter"})

_CAPS = {"enter": "Enter", "escape": "Esc", "ctrl": "Ctrl", "shift": "Shift"}


@dataclass(frozen=True, slots=True)
class Key:
    """`keys`: one, or several that belong together: "x", "shift+x", "ctrl+k", "g m" (one after the other)."""

    keys: tuple[str, ...]
    words: LazyText | str

    @property
    def caps(self) -> Sequence[Sequence[str]]:
        """What stands on the caps, for each of the keys."""
        return [
            [_CAPS.get(cap, cap.upper()) for cap in key.replace("+", " ").split(" ")] for key in self.keys
        ]


@dataclass(frozen=True, slots=True)
class Group:
    heading: LazyText | str
    keys: Sequence[Key]


KEYS: Sequence[Group] = (
    Group(
        gettext_lazy("In a list"),
        (
            Key(("j", "k"), gettext_lazy("next, previous ticket")),
            Key(("enter",), gettext_lazy("open it")),
            Key(("x",), gettext_lazy("choose it, or choose it no more")),
            Key(("shift+x",), gettext_lazy("choose all up to here")),
            Key((".",), gettext_lazy("show what is new")),
        ),
    ),
    Group(
        gettext_lazy("With a ticket"),
        (
            Key(("c",), gettext_lazy("answer")),
            Key((";",), gettext_lazy("take a saved reply")),
            Key(("m",), gettext_lazy("write a note")),
            Key(("ctrl+enter",), gettext_lazy("send what you write")),
            Key(("n",), gettext_lazy("the conversation that waits longest")),
            Key(("z",), gettext_lazy("undo")),
            Key(("a", "t"), gettext_lazy("assign, transfer")),
            Key(("p",), gettext_lazy("change the priority")),
            Key(("l",), gettext_lazy("say it will be later")),
            Key(("h",), gettext_lazy("put on hold")),
            Key(("e",), gettext_lazy("resolve")),
            Key(("u",), gettext_lazy("ask the lead")),
            Key(("y",), gettext_lazy("place, tags, language")),
            Key(("i",), gettext_lazy("join with another ticket")),
            Key(("r",), gettext_lazy("release the held message; in triage: no reply needed")),
        ),
    ),
    Group(
        gettext_lazy("In the policy"),
        (Key(("ctrl+s",), gettext_lazy("save in the draft")),),
    ),
    Group(
        gettext_lazy("In triage"),
        (
            Key(("1",), gettext_lazy("respond")),
            Key(("2",), gettext_lazy("watch, and look again later")),
            Key(
                ("3", "4", "5", "6", "7", "8", "9"), gettext_lazy("no reply needed, for the reason beside it")
            ),
        ),
    ),
    Group(
        gettext_lazy("Everywhere"),
        (
            Key(("g m",), gettext_lazy("to my tickets")),
            Key(("g d",), gettext_lazy("to the queue")),
            Key(("g t",), gettext_lazy("to triage")),
            Key(("g n",), gettext_lazy("to what is new for you")),
            Key(("g l",), gettext_lazy("to who waits live")),
            Key(("g c",), gettext_lazy("note a call")),
            Key(("/",), gettext_lazy("search")),
            Key(("ctrl+k",), gettext_lazy("do anything")),
            Key(("escape",), gettext_lazy("back; choose none")),
            Key(("?",), gettext_lazy("these keys")),
        ),
    ),
)
