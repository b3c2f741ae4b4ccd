"""The HTML of a stored mail, as its author's program made it, for who shows it cleaned."""

from __future__ import annotations

from channels_social.adapters.email.content import content_read
from channels_social.adapters.email.mime import Limits, Part, parts_read, text_of
from channels_social.adapters.email.reading import line_ends

#: Bytes of all HTML parts together that are shown.
MOST = 2_000_000


def page_of(raw: bytes) -> str:
    """Its HTML parts in their order, with a line between two; '' where it has none."""
    if not raw.strip():
        return ""
    limits = Limits(text=MOST)
    raw = line_ends(raw)
    root, _ = parts_read(raw, limits)
    wanted = set(content_read(raw, root, limits).html)
    texts, left = [], MOST
    for part in root.walk():
        if part.path in wanted and left > 0:
            text = text_of(raw, part, left)[0]
            left -= len(text)
            if _is_html(part, text):
                texts.append(text)
    return "\n<hr>\n".join(texts)


def _is_html(part: Part, text: str) -> bool:
    return part.kind == "text/html" or text[:200].lstrip().lower().startswith(("<!doctype html", "<html"))
