"""A stranger's HTML, made harmless: nothing in it runs, loads or sends anything. Run as a process of its own, because
a hostile text can make any parser of HTML need hours and all memory: `python -I html_cleaner.py`, a JSON on each side.

In: {"html", "pictures": {id: address}, "words": {"picture"}}. Out: {"html", "pictures": [ids shown], "hidden": number
of pictures that lie elsewhere}. Ends with a signal where it would need more than `SECONDS` or `BYTES`.
"""

from __future__ import annotations

import html
import json
import re
import resource
import sys
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import nh3

SECONDS = 4
BYTES = 768 * 1024 * 1024
MOST_LETTERS = 3_000_000
MOST_OUT = 12_000_000


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TAGS = _words(
    "a abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del details"
    " dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark nav ol p"
    " pre q rp rt ruby s samp section small span strike strong sub summary sup table tbody td tfoot th thead time tr"
    " tt u ul var wbr"
)
#: What stands in these is no word of the author's.
WITH_CONTENT = _words(
    "script style title head noscript template iframe object embed applet svg math xmp noframes noembed plaintext"
    " textarea select option datalist audio video canvas"
)
_EVERYWHERE = {"style", "title", "dir", "lang", "align", "valign", "bgcolor", "width", "height"}
ATTRIBUTES: Mapping[str, set[str]] = {
    "*": _EVERYWHERE,
    "a": {"href"},
    "img": {"src", "alt"},
    "font": {"color", "face", "size"},
    "table": {"border", "cellpadding", "cellspacing"},
    "td": {"colspan", "rowspan", "nowrap"},
    "th": {"colspan", "rowspan", "nowrap"},
    "col": {"span"},
    "colgroup": {"span"},
    "ol": {"start", "type", "reversed"},
    "li": {"value"},
    "hr": {"size", "color"},
}
_SIDES = ("", "-top", "-right", "-bottom", "-left")
STYLES = _words(
    "color background-color font-weight font-style font-size font-family font-variant text-align text-decoration"
    " text-decoration-line text-transform text-indent line-height letter-spacing vertical-align white-space"
    " word-break overflow-wrap width max-width min-width height max-height border-collapse border-spacing"
    " border-radius list-style-type direction"
) | {
    f"{name}{side}{more}"
    for name, mores in (("border", ("", "-color", "-style", "-width")), ("padding", ("",)), ("margin", ("",)))
    for side in _SIDES
    for more in mores
}
#: As nh3 writes it: names in small letters, values in double quotes, which do not occur within.
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)((?:\s+[a-z][a-z-]*=\"[^\"]*\")*)\s*/?>")
_ATTRIBUTE = re.compile(r"\s+([a-z][a-z-]*)=\"([^\"]*)\"")
_LINKS = ("http://", "https://", "mailto:", "tel:")


def cleaned(text: str, pictures: Mapping[str, str], words: Mapping[str, str]) -> dict[str, Any]:
    """Shown: what is on the lists above. Pictures of `pictures`, called by `cid:`, get their address; of any other its
    words stand in a box, and its address nowhere."""
    safe = nh3.clean(
        text[:MOST_LETTERS],
        tags=set(TAGS),
        clean_content_tags=set(WITH_CONTENT),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        attribute_filter=_attribute,
        filter_style_properties=set(STYLES),
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        url_relative="deny",
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        strip_comments=True,
    )
    boxes = _Boxes(pictures, words)
    return {"html": _TAG.sub(boxes.tag, safe), "pictures": boxes.shown, "hidden": boxes.hidden}


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "href":
        return value if value.strip().lower().startswith(_LINKS) else None
    if name == "src":
        return value if tag == "img" and value.strip()[:4].lower() == "cid:" else None
    if name == "style" and ("\\" in value or "/*" in value):
        return None  # written so that it is read otherwise than it looks
    if name in ("style", "bgcolor", "color", "face") and "(" in value:
        return _without_calls(value)
    return value


_RGB = re.compile(r"\b(?:rgb|rgba|hsl|hsla)\([\d\s.,%/a-z]{0,40}\)", re.IGNORECASE)


def _without_calls(style: str) -> str | None:
    """Of a style, or of one value of it, only what calls nothing but a colour."""
    kept = [each for each in style.split(";") if "(" not in _RGB.sub("", each)]
    return ";".join(kept) or None


class _Boxes:
    """Gives each picture of the clean text its place."""

    def __init__(self, pictures: Mapping[str, str], words: Mapping[str, str]) -> None:
        self.pictures, self.words = pictures, words
        self.shown: list[str] = []
        self.hidden = 0

    def tag(self, found: re.Match[str]) -> str:
        closes, name, rest = found.groups()
        if closes or name not in ("img", "a"):
            return found.group()
        values = {each: html.unescape(value) for each, value in _ATTRIBUTE.findall(rest)}
        if name == "a":
            return _link(values)
        called = unquote(values.get("src", "").strip()[4:]).strip("<> ")
        if called in self.pictures:
            self.shown.append(called)
            size = "".join(
                f' {each}="{values[each]}"' for each in ("width", "height") if values.get(each, "").isdigit()
            )
            alt = html.escape(values.get("alt", ""))
            return f'<img src="{html.escape(self.pictures[called])}" alt="{alt}" loading="lazy"{size}>'
        if not called:
            self.hidden += 1
        if _is_dot(values):
            return ""
        alt = " ".join(values.get("alt", "").split())[:300]
        return f'<span class="elsewhere">{html.escape(alt or self.words.get("picture", ""))}</span>'


def _link(values: Mapping[str, str]) -> str:
    """It says where it leads."""
    if "href" not in values:
        return "<a>"
    where = html.escape(values["href"])
    return f'<a href="{where}" title="{where}" target="_blank" rel="noopener noreferrer nofollow">'


def _is_dot(values: Mapping[str, str]) -> bool:
    """One that is there to be counted, not to be seen."""
    return any(
        values.get(each, "").strip().removesuffix("px") in ("0", "1", "2", "3")
        for each in ("width", "height")
    )


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    asked = json.load(sys.stdin.buffer)
    out = json.dumps(cleaned(asked["html"], asked["pictures"], asked["words"]))
    if len(out) > MOST_OUT:
        sys.exit(3)
    sys.stdout.write(out)


if __name__ == "__main__":
    main()
