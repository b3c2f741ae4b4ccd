"""What a mail of ours looks like: our line on top, then the words, as text and as a page without any design of its own,
so that it is read in the reader's own colours, light or dark. No picture, nothing that tells who has opened it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

from channels_social.adapters.email.known import MARKERS

_MARKERS: Mapping[str, str] = {"nl": MARKERS[0], "en": MARKERS[1]}
_NO_SUBJECT: Mapping[str, str] = {"nl": "Bericht van {name}", "en": "Message from {name}"}
_ADDRESS = re.compile(r"https?://[^\s<>\"']*[^\s<>\"'.,;:!?)\]}]")


def marker(language: str) -> str:
    return f"— {_MARKERS.get(language[:2].lower(), _MARKERS['en'])} —"


def is_language(tag: str) -> bool:
    return re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}", tag) is not None


def no_subject(name: str, language: str) -> str:
    return _NO_SUBJECT.get(language[:2].lower(), _NO_SUBJECT["en"]).format(name=name)


def text(words: str, line: str) -> str:
    return f"{line}\n\n{_lines(words).strip()}\n"


def page(words: str, line: str, language: str) -> str:
    """Paragraphs where an empty line stood, breaks where a line ended; addresses can be followed."""
    paragraphs = [one for one in re.split(r"\n[ \t]*\n\s*", _lines(words).strip()) if one.strip()]
    shown = "\n".join(f'<p style="margin:0 0 1em">{_linked(one)}</p>' for one in paragraphs)
    tongue = language if is_language(language) else "en"
    return (
        f'<!DOCTYPE html>\n<html lang="{tongue}"><head><meta charset="utf-8">'
        '<meta name="color-scheme" content="light dark"></head>\n'
        "<body style=\"font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;"
        'font-size:16px;line-height:1.5;max-width:42em;overflow-wrap:anywhere">\n'
        f'<p style="margin:0 0 1.5em;font-size:13px">{escape(line)}</p>\n{shown}\n</body></html>\n'
    )


def _linked(words: str) -> str:
    pieces, at = [], 0
    for found in _ADDRESS.finditer(words):
        pieces.append(escape(words[at : found.start()]))
        address = escape(found.group())
        pieces.append(f'<a href="{address}" style="color:inherit">{address}</a>')
        at = found.end()
    pieces.append(escape(words[at:]))
    return "".join(pieces).replace("\n", "<br>\n")


def _lines(words: str) -> str:
    return words.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
