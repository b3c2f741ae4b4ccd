"""Bytes of a mail as text, whatever its charset is said to be. Nothing here raises; all of it is linear.

Text that leaves this file holds no NUL, no lone surrogate, no control character but tab and line feed, and its lines
end in a line feed.
"""

from __future__ import annotations

import codecs
from functools import lru_cache

#: Names that mail programs write, and what is meant. Left out: what Python knows itself.
_MEANT = {
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "utf8mb4": "utf-8",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
    "x-windows-1252": "cp1252",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
}
#: Codecs of writing systems. Others (punycode, unicode_escape, zlib, …) are slow, or no charset at all.
_CHARSETS = (
    "ascii", "utf", "iso8859", "iso2022", "cp", "koi8", "mac", "gb", "hz", "big5", "euc", "shift", "johab", "kz1048",
    "ptcp", "tis", "hp",
)  # fmt: skip
_SINGLE_BYTE_GUESS = "cp1252"
_BREAKS = str.maketrans({"\v": "\n", "\f": "\n", "\x85": "\n", "\u2028": "\n", "\u2029": "\n"})
_DROPPED = {
    code: None for code in (*range(32), *range(0x7F, 0xA0), 0xFEFF, 0xFFFE, 0xFFFF) if code not in (9, 10)
}
#: Turns of direction: in a name they make one ending look like another.
_TURNS = dict.fromkeys((8206, 8207, *range(8234, 8239), *range(8294, 8298)))


def _mixed(error: UnicodeError) -> tuple[str, int]:
    """Bytes that the charset does not know are read as windows-1252, one by one."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return one_byte(error.object[error.start : error.end]), error.end


codecs.register_error("mail_mixed", _mixed)


def one_byte(raw: bytes) -> str:
    """As windows-1252; the five bytes that it leaves open as latin-1, which `clean` drops."""
    try:
        return raw.decode(_SINGLE_BYTE_GUESS)
    except UnicodeDecodeError:
        return "".join(
            bytes((byte,)).decode("latin-1" if byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else _SINGLE_BYTE_GUESS)
            for byte in raw
        )


@lru_cache(maxsize=256)
def codec(name: str) -> str:
    """The codec to read this charset by; '' for one that is unknown."""
    lowered = name.strip().strip("\"'").lower()
    if len(lowered) > 40:
        return ""
    try:
        found = codecs.lookup(_MEANT.get(lowered, lowered))
    except (LookupError, ValueError):
        return ""
    plain = found.name.replace("-", "").replace("_", "")
    return found.name if plain.startswith(_CHARSETS) else ""


def decode(raw: bytes, charset: str = "") -> str:
    """`raw` as text. Where the charset is unknown, missing or plainly wrong: UTF-8, else windows-1252."""
    name = codec(charset) if charset else ""
    if raw.startswith(b"\xef\xbb\xbf"):
        name = "utf-8"
    if name in ("", "ascii", "cp1252"):
        if name != "cp1252" and b"\x1b$" in raw and raw.isascii():
            return _sound(raw.decode("iso2022_jp_ext", "replace"))
        # UTF-8 of more than ASCII is hardly ever anything else by chance.
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return one_byte(raw)
    if name == "utf-8":
        if raw[:100_000].decode("utf-8", "replace").count("\ufffd") > 5_000:
            return one_byte(raw)
        return raw.decode("utf-8", "mail_mixed")
    try:
        return _sound(raw.decode(name, "replace"))
    except (UnicodeError, ValueError, LookupError):
        return one_byte(raw)


def _sound(text: str) -> str:
    """Without lone surrogates, which UTF-7 and UTF-16 can bring and no database takes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def clean(text: str) -> str:
    """With line feeds as line ends, without what no page and no database can hold."""
    text = text.replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n")
    return _sound(text.translate(_BREAKS).translate(_DROPPED))


def one_line(text: str) -> str:
    """On one line, runs of white space as one blank."""
    return " ".join(clean(text).split())


def without_turns(text: str) -> str:
    return text.translate(_TURNS)
