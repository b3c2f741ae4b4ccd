"""The words of a mail as lines that know whether they are quoted: out of plain text, and out of HTML."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from channels_social.adapters.email.charsets import clean

LONGEST_TEXT = 500_000
MOST_LINES = 20_000
MOST_ELEMENTS = 80_000

_SKIPPED = frozenset(
    ("head", "style", "script", "title", "template", "svg", "math", "object", "applet", "iframe")
)
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "ul",
    ]
)
_PARAGRAPHS = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "pre", "dl"])
#: Where a mail program begins the mail that it answers: names of elements, and beginnings of their classes.
_CUT_IDS = (
    "divrplyfwdmsg", "divrpf", "stopspelling", "appendonsend", "olk_src_body_section", "zwchr",
    "mail-editor-reference-message-container", "yahoo_quoted", "edo-original", "orgmessage",
)  # fmt: skip
_CUT_CLASSES = (
    "yahoo_quoted",
    "ms-outlook-mobile-reference-message",
    "zmail_extra",
    "ox-quoted",
    "outlookmessageheader",
)
_INTRO_IDS = ("reply-intro", "edo-meta")
_INTRO_CLASSES = ("gmail_attr", "moz-cite-prefix", "gmail_extra_attr")


#: Red, blue and green as people pick them; the colours of links and of signatures are others.
_COLOURS = frozenset((
    "red", "#ff0000", "#f00", "rgb(255,0,0)", "#c00000", "#cc0000", "#e00000", "#c0392b", "rgb(192,0,0)", "#ee0000",
    "blue", "#0000ff", "#00f", "rgb(0,0,255)", "#0070c0", "rgb(0,112,192)", "green", "#008000", "#00b050",
    "rgb(0,176,80)", "rgb(0,128,0)",
))  # fmt: skip


@dataclass(slots=True)
class Line:
    """text: without its signs of quotation. quoted: how deep, 0 for the writer's own. mark: "cut" where the mail's
    program says that the answered mail begins, "intro" for its words about it, "line" below a line that it draws.
    sure: False for a quotation that may be the writer's own way of setting words apart. coloured: in a colour that
    people choose for answers within another's words."""

    text: str
    quoted: int = 0
    mark: str = ""
    sure: bool = True
    coloured: bool = False

    def shown(self) -> str:
        return f"{'>' * self.quoted} {self.text}".rstrip() if self.quoted else self.text


def shown(lines: list[Line]) -> str:
    """The lines as one text, at most one blank line between two others."""
    out: list[str] = []
    for line in lines:
        text = line.shown().rstrip()
        if text or (out and out[-1]):
            out.append(text)
    return "\n".join(out).strip("\n")


# Plain text


def plain_lines(text: str, *, flowed: bool = False, del_sp: bool = False) -> list[Line]:
    """Lines of a plain text. flowed, del_sp: RFC 3676, where a line that ends in a blank goes on in the next."""
    written = clean(text)[:LONGEST_TEXT].split("\n", MOST_LINES)[:MOST_LINES]
    lines = list(_flowed(written, del_sp=del_sp) if flowed else _fixed(written))
    return _unmangled(lines)


def _fixed(written: list[str]) -> Iterator[Line]:
    before = ""
    for one in written:
        if one.startswith(">") and before[:1] != ">" and before.rfind("<") > before.rfind(">"):
            # The address of an attribution, broken before its last sign.
            yield Line(one)
        else:
            yield _quoted(one)
        before = one


def _quoted(one: str) -> Line:
    if not one.startswith(">"):
        return Line(one.rstrip())
    if one.startswith(">>>") and one.rstrip().endswith(">>>") and "@" in one:
        return Line(one.rstrip())
    depth, at = 0, 0
    while at < len(one) and depth < 50:
        if one[at] == ">":
            depth, at = depth + 1, at + 1
        elif one[at] == " " and one[at + 1 : at + 2] == ">":
            at += 1
        else:
            break
    rest = one[at:]
    return Line((rest[1:] if rest.startswith(" ") else rest).rstrip(), depth)


def _flowed(written: list[str], *, del_sp: bool) -> Iterator[Line]:
    open_line: Line | None = None
    for one in written:
        bare = one.lstrip(">")
        depth = len(one) - len(bare)
        if bare.startswith(" "):
            bare = bare[1:]
        soft = bare.endswith(" ") and bare != "-- "
        if open_line is not None:
            if open_line.quoted == depth and bare != "-- " and len(open_line.text) < LONGEST_TEXT:
                open_line.text += bare[:-1] if soft and del_sp else bare
                if not soft:
                    yield open_line
                    open_line = None
                continue
            yield open_line
        open_line = Line(bare[:-1] if soft and del_sp else bare, depth)
        if not soft:
            yield open_line
            open_line = None
    if open_line is not None:
        yield open_line


def _unmangled(lines: list[Line]) -> list[Line]:
    """A mailbox file writes >From where a line begins with From; nobody quoted that."""
    for number, line in enumerate(lines):
        if line.quoted == 1 and line.text.startswith("From ") and ":" not in line.text[:6]:
            around = lines[max(number - 1, 0) : number] + lines[number + 1 : number + 2]
            if not any(other.quoted for other in around):
                line.quoted = 0
    return lines


# HTML


def html_lines(text: str) -> list[Line]:
    """Lines of an HTML text: what a reader would see of it, without pictures; quotations by their elements."""
    parser = etree.HTMLParser(target=_Reader(), no_network=True, recover=True, remove_comments=True)
    try:
        parser.feed(f"<html><body>{text.replace(chr(0), '')[:3_000_000]}")
        lines: list[Line] = parser.close()
    except (etree.LxmlError, ValueError, AssertionError):
        return plain_lines(_without_tags(text))
    return _typed_arrows(lines)


def _typed_arrows(lines: list[Line]) -> list[Line]:
    """Some programs put > before each line of an HTML text, too."""
    arrows = [line.text.startswith(">") and not line.quoted for line in lines]
    for at, line in enumerate(lines):
        if arrows[at] and (arrows[at - 1 : at] == [True] or arrows[at + 1 : at + 2] == [True]):
            found = _quoted(line.text)
            line.text, line.quoted = found.text, found.quoted
    return lines


def _without_tags(text: str) -> str:
    out = []
    for number, piece in enumerate(text.split("<")):
        out.append(piece if not number else piece.partition(">")[2])
    return " ".join(out)


class _Reader:
    """Takes the elements one after another; keeps a stack of what is open."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.now: list[str] = []
        #: Name, and whether it hides, quotes (and surely), keeps white space, colours.
        self.open: list[tuple[str, bool, bool, bool, bool, bool]] = []
        self.unsure = self.colours = self.links = 0
        self.coloured = False
        self.hidden = self.quoted = self.pre = self.size = self.elements = 0
        self.mark = ""
        self.cells = 0

    def start(self, tag: str, attributes: Any) -> None:
        self.elements += 1
        if self.elements > MOST_ELEMENTS:
            return
        tag = str(tag).lower()
        style = "".join(str(attributes.get("style") or "").lower().split()) if attributes else ""
        hides = tag in _SKIPPED or "display:none" in style or "mso-hide:all" in style
        quotes = tag == "blockquote" and not _indents(style, attributes)
        if len(self.open) < 10_000:
            unsure = quotes and not _surely_quotes(style, attributes)
            colours = bool(attributes) and _colours(style, attributes)
            self.open.append((tag, hides, quotes, unsure, tag == "pre", colours))
            self.hidden += hides
            self.quoted += quotes
            self.unsure += unsure
            self.pre += tag == "pre"
            self.colours += colours
            self.links += tag == "a"
        if self.hidden:
            return
        if tag == "br":
            self.flush(force=True)
        elif tag in _BLOCKS:
            self.flush()
            if tag in _PARAGRAPHS:
                self.blank()
            if tag == "li":
                self.now.append("- ")
            if tag == "tr":
                self.cells = 0
        elif tag in ("td", "th"):
            self.cells += 1
            if self.cells > 1 and self.now:
                self.now.append(" ")
        elif tag == "img":
            alt = str(attributes.get("alt") or "")
            if alt and len(alt) < 12 and not alt.isascii() and not any(sign.isalpha() for sign in alt):
                self.now.append(alt)
        mark = _mark(tag, style, attributes) if attributes else ""
        if mark:
            self.flush()
            self.mark = mark

    def end(self, tag: str) -> None:
        tag = str(tag).lower()
        was_hidden = self.hidden
        for number in range(len(self.open) - 1, max(len(self.open) - 30, -1), -1):
            if self.open[number][0] == tag:
                if not was_hidden and tag in _BLOCKS:
                    self.flush()
                for name, hides, quotes, unsure, pre, colours in self.open[number:]:
                    self.hidden -= hides
                    self.quoted -= quotes
                    self.unsure -= unsure
                    self.pre -= pre
                    self.colours -= colours
                    self.links -= name == "a"
                del self.open[number:]
                break
        if not was_hidden and tag in _PARAGRAPHS:
            self.flush()
            self.blank()

    def data(self, data: str) -> None:
        if self.hidden or self.size > LONGEST_TEXT:
            return
        self.size += len(data)
        if self.colours and not self.links and not data.isspace():
            self.coloured = True
        if self.pre:
            first, *rest = clean(data).split("\n")
            self.now.append(first)
            for one in rest:
                self.flush(force=True)
                self.now.append(one)
            return
        self.now.append(data)

    def flush(self, *, force: bool = False) -> None:
        text = clean("".join(self.now))
        self.now = []
        text = text.replace("\xa0", " ").rstrip() if self.pre else _collapsed(text)
        if (not text and not force) or len(self.lines) >= MOST_LINES:
            return
        sure = self.quoted > self.unsure or not self.quoted
        self.lines.append(Line(text, self.quoted, self.mark if text else "", sure, self.coloured))
        self.coloured = False
        if text:
            self.mark = ""

    def blank(self) -> None:
        if self.lines and self.lines[-1].text:
            self.lines.append(Line("", self.quoted, sure=self.quoted > self.unsure or not self.quoted))

    def close(self) -> list[Line]:
        self.flush()
        return self.lines


def _collapsed(text: str) -> str:
    return " ".join(text.split())


def _surely_quotes(style: str, attributes: Any) -> bool:
    named = str(attributes.get("class") or "").lower()
    kind = str(attributes.get("type") or "").lower()
    return (
        kind == "cite"
        or "quote" in named
        or "cite" in named
        or bool(attributes.get("cite"))
        or "border-left" in style
    )


def _colours(style: str, attributes: Any) -> bool:
    told = str(attributes.get("color") or "").lower()
    if not told:
        told = f";{style}".partition(";color:")[2].partition(";")[0]
    return told in _COLOURS


def _indents(style: str, attributes: Any) -> bool:
    """A blockquote that only moves to the right, as a button of the program does."""
    kind = str(attributes.get("type") or "").lower()
    named = str(attributes.get("class") or "").lower()
    if kind == "cite" or "quote" in named or "cite" in named or attributes.get("cite"):
        return False
    return "border:none" in style or "border:0" in style or ("margin:0" in style and "border" not in style)


def _mark(tag: str, style: str, attributes: Any) -> str:
    name = str(attributes.get("id") or "").lower().removeprefix("x_")
    classes = [one.removeprefix("x_") for one in str(attributes.get("class") or "").lower().split()[:10]]
    if (name and name.startswith(_INTRO_IDS)) or any(one.startswith(_INTRO_CLASSES) for one in classes):
        return "intro"
    if (name and name.startswith(_CUT_IDS)) or any(one.startswith(_CUT_CLASSES) for one in classes):
        return "cut"
    if tag == "div" and "border-top" in style and "solid" in style:
        # Outlook's line above the answered mail; people draw such lines, too, so its words must agree.
        return "line"
    if attributes.get("data-marker") == "__DIVIDER__":
        return "cut"
    return ""
