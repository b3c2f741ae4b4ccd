"""The signs: words that show that something is asked, words that outweigh it, and whether how it is said decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.http import Http404, QueryDict
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy

from priority.edits import count_of, lists_put, words_of
from priority.learned.weights import WeightsName
from priority.services_draft import Change
from priority.views.base import Section, SectionView
from priority.views.categories import hits_url
from priority.views.levels import language_name, languages_of
from priority.views.parts import faults_below, lists, lists_read
from priority.wording import UNLEARNED

_FIRST = 8
NEWEST: Final[WeightsName] = "town-1"
"""What a policy takes that begins to look at how something is said; one that does so keeps what it has."""

ANSWERS: Final[Mapping[str, tuple[LazyText | str, LazyText | str]]] = {
    "careful": (
        gettext_lazy("Careful"),
        gettext_lazy(
            "Answered at once only where it is sure. Of a hundred posts that ask nothing, about two are."
        ),
    ),
    "ready": (
        gettext_lazy("Ready to answer"),
        gettext_lazy("More is answered at once; so are five of a hundred posts that ask nothing."),
    ),
    "": (
        gettext_lazy("Not looked at"),
        gettext_lazy("Categories and the signs below decide by themselves."),
    ),
}

SIGNS: Final[Mapping[str, tuple[LazyText | str, LazyText | str]]] = {
    "fault": (
        gettext_lazy("A fault"),
        gettext_lazy("Something is broken or goes wrong. Beside the words of a category it is a report."),
    ),
    "question": (
        gettext_lazy("A question"),
        gettext_lazy("Something is asked. A question mark counts, too."),
    ),
    "wish": (gettext_lazy("A wish"), gettext_lazy("Somebody wants something done.")),
    "praise": (
        gettext_lazy("Praise"),
        gettext_lazy("It outweighs what is asked: a person looks first."),
    ),
    "thanks": (
        gettext_lazy("Thanks"),
        gettext_lazy("Praise only where nothing is asked: “please empty it, thanks” stays a wish."),
    ),
    "venting": (
        gettext_lazy("Letting off steam"),
        gettext_lazy("It outweighs what is asked: a person looks first."),
    ),
    "chatter": (
        gettext_lazy("Talk among people"),
        gettext_lazy("News, offers and jokes: nobody is asked anything, so a person looks first."),
    ),
    "direct": (
        gettext_lazy("Asking us directly"),
        gettext_lazy(
            "“Could you send”, “where do I”: it needs no category, and praise or steam beside it do not outweigh it."
        ),
    ),
    "place": (
        gettext_lazy("A place"),
        gettext_lazy("A hint: where something is. It counts beside a hint of another kind and a category."),
    ),
    "since": (
        gettext_lazy("How long, since when"),
        gettext_lazy(
            "A hint: since when, how often, again. It counts beside a hint of another kind and a category."
        ),
    ),
    "lack": (
        gettext_lazy("What is not, or no longer"),
        gettext_lazy(
            "A hint: what is missing or does not work. It counts beside another hint and a category."
        ),
    ),
    "maybe": (
        gettext_lazy("What may be a report"),
        gettext_lazy(
            "A hint: too common to be a sign alone. It counts beside a hint of another kind and a category."
        ),
    ),
    "common": (
        gettext_lazy("What people chat about"),
        gettext_lazy(
            "Things named without asking anything. Where a category has only such words, one hint is not enough."
        ),
    ),
    "case": (
        gettext_lazy("One's own case"),
        gettext_lazy(
            "A hint: it is about whoever writes. It counts beside a hint of another kind and a category."
        ),
    ),
}

#: Groups that came later: a document without them has none, and one that was emptied is left out.
LATER: Final = ("chatter", "direct", "place", "since", "lack", "case", "maybe", "common")


class Words(SectionView):
    """All groups at a glance; POST saves the characters that are a question mark, and those that show a mood."""

    tab = "words"
    template_name = "priority/words.html"
    managers = True

    def page(self, section: Section) -> dict[str, Any]:
        signs = _signs(section.document)
        return {
            "groups": [
                {
                    "key": key,
                    "name": name,
                    "help": help_words,
                    "words": [
                        (
                            language,
                            language_name(language),
                            _first(signs.get(key), language),
                            count_of(signs.get(key), language),
                        )
                        for language in languages_of(section.document)
                    ],
                    "fault": faults_below(section, f"signs.{key}"),
                }
                for key, (name, help_words) in SIGNS.items()
                if not (_answer(signs) and key in UNLEARNED)
            ],
            "answers": [
                {"key": key, "name": name, "help": help_words, "chosen": key == _answer(signs)}
                for key, (name, help_words) in ANSWERS.items()
            ],
            "learned": bool(_answer(signs)),
            "answers_fault": faults_below(section, "signs.learned"),
            "marks": signs.get("question_marks", ""),
            "marks_fault": section.fault("signs.question_marks"),
            "moods": signs.get("mood_marks", ""),
            "moods_fault": section.fault("signs.mood_marks"),
        }

    def change(self, form: QueryDict, section: Section) -> Change:
        marks, moods = _marks(form, "marks"), _marks(form, "moods")
        answer = form.get("answer", "")

        def change(document: dict[str, Any]) -> None:
            signs = _own(document)
            signs["question_marks"] = marks
            if moods:
                signs["mood_marks"] = moods
            else:
                signs.pop("mood_marks", None)
            if not answer:
                signs.pop("learned", None)
            elif answer != _answer(signs):
                had = signs.get("learned")
                weights = had.get("weights", NEWEST) if isinstance(had, dict) else NEWEST
                signs["learned"] = {"weights": weights, "answer": answer}

        return change


class SignPage(SectionView):
    """The words of one group, per language."""

    tab = "words"
    template_name = "priority/sign.html"
    managers = True

    def page(self, section: Section) -> dict[str, Any]:
        sign = self._sign()
        name, help_words = SIGNS[sign]
        return {
            "sign": sign,
            "title": name,
            "help": help_words,
            "lists": lists(section, _signs(section.document), sign, "signs"),
            "hits_url": hits_url("sign", sign),
        }

    def change(self, form: QueryDict, section: Section) -> Change:
        sign = self._sign()

        def change(document: dict[str, Any]) -> None:
            lists_put(_own(document), sign, lists_read(form, document, sign), keep=sign not in LATER)

        return change

    def words(self, form: QueryDict, section: Section) -> str:
        return f"words {self._sign()}"

    def _sign(self) -> str:
        sign = str(self.kwargs["sign"])
        if sign not in SIGNS:
            raise Http404
        return sign


def _marks(form: QueryDict, field: str) -> str:
    """Characters, each once, without spaces between."""
    return "".join(dict.fromkeys("".join(form.get(field, "").replace("\0", "").split())))


def _signs(document: Mapping[str, Any]) -> Mapping[str, Any]:
    found = document.get("signs")
    return found if isinstance(found, Mapping) else {}


def _own(document: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(document.get("signs"), dict):
        document["signs"] = {}
    signs: dict[str, Any] = document["signs"]
    return signs


def _first(lists_: object, language: str) -> str:
    """The first few words, as a line."""
    found = [word for kind in ("whole", "stems", "compounds") for word in words_of(lists_, language, kind)]
    return ", ".join(found[:_FIRST]) + (" …" if len(found) > _FIRST else "")


def _answer(signs: Mapping[str, Any]) -> str:
    """What is chosen; "" where how it is said is not looked at."""
    learned = signs.get("learned")
    return str(learned.get("answer", "careful")) if isinstance(learned, dict) else ""
