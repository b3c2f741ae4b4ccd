"""Files in the reader's words: how large they are, what became of what hung on a message."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.formats import number_format
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tickets.models import Attachment, AttachmentState

_REFUSED: Mapping[str, LazyText | str] = {
    "too_large": gettext_lazy("too large: it was not taken"),
    "too_many": gettext_lazy("one of too many: it was not taken"),
    "host": gettext_lazy("it lies elsewhere than with the network, and was not taken from there"),
    "scanner": gettext_lazy("refused by the virus scanner"),
}
_GONE: Mapping[str, LazyText | str] = {
    "not_there": gettext_lazy("no longer to be had where it was"),
    "empty": gettext_lazy("there was nothing in it"),
    "unreachable": gettext_lazy("it could not be fetched: nobody answered where it lies"),
    "not_scanned": gettext_lazy("not taken: the virus scanner gave no verdict"),
    "failed": gettext_lazy("it could not be fetched"),
    "removed": gettext_lazy("gone with the words that it hung on"),
}


MOST_OF_A_GLANCE = 4_000_000
"""Bytes of a picture that is fetched to be shown small; a larger one is opened by whoever wants to see it."""


def pictures_within(count: int) -> str:
    return ngettext("with %(n)s picture in the text", "with %(n)s pictures in the text", count) % {"n": count}


def size_words(size: int | None) -> str:
    """“240 kB”, “1.4 MB”; "" where nobody knows. Thousands, as systems show them to people."""
    if size is None:
        return ""
    if size < 1000:
        return ngettext("%(n)s byte", "%(n)s bytes", size) % {"n": size}
    if size < 999_500:
        return f"{round(size / 1000)} kB"
    return f"{number_format(size / 1_000_000, 1 if size < 9_950_000 and size % 1_000_000 else 0)} MB"


def attachment_words(row: Attachment) -> str:
    """What became of it, where it is not simply kept; else ""."""
    if row.state == AttachmentState.KEPT:
        return ""
    if row.state == AttachmentState.PENDING:
        if row.failures:
            return _("could not be fetched yet; it is tried again")
        return _("being fetched")
    if row.state == AttachmentState.REFUSED:
        return str(_REFUSED.get(row.state_reason, _("it was not taken")))
    return str(_GONE.get(row.state_reason, _("no longer there")))


def name_shown(row: Attachment) -> str:
    """As its sender called it; else the kind of thing that it is."""
    if row.name:
        return row.name
    kind = row.content_type.partition("/")[0]
    return str(_KINDS.get(kind, _("File")))


_KINDS: Mapping[str, LazyText | str] = {
    "image": gettext_lazy("Picture"),
    "video": gettext_lazy("Film"),
    "audio": gettext_lazy("Sound"),
}
