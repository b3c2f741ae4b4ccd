"""For tests of the texts: what is in use, another wording of one of them, and saving it."""

from __future__ import annotations

import copy

from accounts.models import User
from tickets.clock import database_now
from tickets.models import TextRevision
from tickets.selectors_texts import newest_id, words_of
from tickets.services.texts import (
    text_save,
)
from tickets.texts.document import Words
from tickets.texts.places import (
    Place,
    Text,
    text_at,
)


def words() -> Words:
    pk = newest_id()
    assert pk is not None
    return words_of(pk)


def changed(place: Place, **of: str) -> dict[str, dict[str, str]]:
    """What stands there with another body (or line) in some tongues; "nl_formal" is nl-formal."""
    made = copy.deepcopy(text_at(words(), place))
    for key, text in of.items():
        made[key.replace("_", "-")]["line" if place.path else "body"] = text
    return made


def save(actor: User, place: Place, text: Text, *, seen: int = 0, reason: str = "plainer") -> TextRevision:
    newest = TextRevision.objects.order_by("-number").values_list("number", flat=True)[0]
    return text_save(
        actor=actor, place=place, text=text, seen=seen or newest, reason=reason, now=database_now()
    )
