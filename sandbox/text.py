"""What the network does to a text: weighing, links, mentions, the names a reply starts with."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import twitter_text

_HANDLE = re.compile(r"(?<![\w@/])@(\w{1,15})(?!\w)", re.ASCII)
_MAYBE_LINK = re.compile(r"\w\.\w")


def weight(text: str) -> int:
    """Weighted length by the network's published rules; a short text without a link is weighed without the
    parser."""
    if text.isascii() and not _MAYBE_LINK.search(text):
        return len(text)
    return int(twitter_text.parse_tweet(text).weightedLength)


def handles(text: str) -> list[tuple[int, int, str]]:
    """(start, end, handle without @) in code points, in order."""
    return [(hit.start(), hit.end(), hit.group(1)) for hit in _HANDLE.finditer(text)]


@dataclass(frozen=True)
class Shortened:
    """A text with its links replaced by the network's short form, and what they stood for."""

    text: str
    urls: list[dict[str, str]]


def shorten(text: str) -> Shortened:
    """Replace each link (bare domains too, as the network does) by https://t.co/ and ten characters."""
    if not _MAYBE_LINK.search(text):
        return Shortened(text, [])
    found = twitter_text.extract_urls_with_indices(text)
    urls: list[dict[str, str]] = []
    for link in sorted(found, key=lambda item: -int(item["indices"][0])):
        start, end = link["indices"]
        original = text[start:end]
        short = "https://t.co/" + secrets.token_urlsafe(8).replace("-", "a").replace("_", "b")[:10]
        text = text[:start] + short + text[end:]
        expanded = original if "://" in original else f"http://{original}"
        urls.insert(0, {"url": short, "expanded_url": expanded, "display_url": original})
    return Shortened(text, urls)


def pictures(username: str, post_id: int, media_ids: Sequence[str]) -> Shortened:
    """The one address that stands for a post's pictures, below its words, and an entity for each of them."""
    if not media_ids:
        return Shortened("", [])
    name = secrets.token_urlsafe(8).replace("-", "a").replace("_", "b")[:10]
    short, long = f"https://t.co/{name}", f"https://x.com/{username}/status/{post_id}/photo/1"
    urls = [
        {"url": short, "expanded_url": long, "display_url": f"pic.x.com/{name}", "media_key": f"3_{each}"}
        for each in media_ids
    ]
    return Shortened(" " + short, urls)


def escape(text: str) -> str:
    """The three characters that the network escapes in every text it gives out."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def has_cashtags(text: str) -> int:
    """How many $TAGs; a self-serve app may write one."""
    return len(re.findall(r"(?<!\w)\$[A-Za-z]{1,6}\b", text))
