"""What a service says when it will not do a thing. Nothing is lost: the page shows it beside what was typed."""

from __future__ import annotations

from django.http import Http404


class Refused(Exception):
    """The thing asked for is against a rule. `code` is stable, `words` (translated) say what to do instead."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code
        self.words = words


class NotFound(Http404):
    """There is no such thing for this actor: it is not there, or not theirs to see. A page that does not catch it, as
    where it went to a private team while it was pressed, is a 404."""


class Changed(Exception):
    """Somebody else was first. `what` names the change in a code; the caller's page shows the new state."""

    def __init__(self, what: str, words: str) -> None:
        super().__init__(words)
        self.what = what
        self.words = words
