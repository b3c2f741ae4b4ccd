"""Texts as X counts, cuts and stores them.

The count is X's weighted one (twitter-text, configuration v3): an address is 23 whatever its length, an
emoji 2, most letters of Latin, Greek and Cyrillic 1, everything else 2.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

# X puts the names of those in the thread before a reply by itself and does not count them.
_LEADING_MENTIONS = re.compile(r"^(?:@\w{1,15}\s+)+", re.ASCII)
_WORD = re.compile(r"\S+|\s+")
_NOT_AFTER = {"\u200d"}
MIN_LIMIT = 60


def length(text: str) -> int:
    return _weight(_LEADING_MENTIONS.sub("", text))


#: Without a dot before a letter or digit there is no address in a text of ASCII, and no emoji either.
_MAYBE_ADDRESS = re.compile(r"\.\w")


def _weight(text: str) -> int:
    if text.isascii() and not _MAYBE_ADDRESS.search(text):
        return len(text)  # what the library takes 1 ms to say
    from twitter_text import parse_tweet

    return int(parse_tweet(text).weightedLength) if text else 0


def split_text(text: str, limit: int) -> list[str]:
    """A text in posts that fit, each ending in "1/3" where there are several.

    1. One post if it fits.
    2. Otherwise fill posts word by word, for as many digits as the number of posts has; more digits if
    needed.
       Here every name counts: whether X hides one that happens to begin a later post is not ours to know.
    3. A word longer than a post is cut between characters that a reader sees as such, never inside an
    address. The same text gives the same parts: a send that broke off goes on at part n.
    """
    if limit < MIN_LIMIT:
        raise ValueError(f"a post of {limit} is too short to number and split; the least is {MIN_LIMIT}")
    text = text.strip()
    if length(text) <= limit:
        return [text]
    for digits in range(1, 5):
        parts = _fill(text, limit, len(f" {'9' * digits}/{'9' * digits}"))
        if len(parts) < 10**digits:
            return [f"{part} {number}/{len(parts)}" for number, part in enumerate(parts, 1)]
    raise ValueError("a text of more than 9,999 posts")


def _fill(text: str, limit: int, reserved: int) -> list[str]:
    room = limit - reserved
    words = _WORD.findall(text)
    parts: list[str] = []
    at = 0
    while at < len(words):
        if words[at].isspace():
            at += 1
            continue
        fitting = _how_many(words, at, room)
        if fitting == 0:
            cut = _cut(words[at], room)
            parts.append(words[at][:cut])
            words[at] = words[at][cut:]
            continue
        parts.append("".join(words[at : at + fitting]).strip())
        at += fitting
    return parts


def _how_many(words: list[str], at: int, room: int) -> int:
    """How many words from `at` on fit: counting is dear (1 ms), so by doubling and halving."""

    def fits(count: int) -> bool:
        return _weight("".join(words[at : at + count]).rstrip()) <= room

    most = len(words) - at
    high = 16
    while high < most and fits(high):
        high *= 2
    low, high = 0, min(high, most)
    while low < high:
        middle = (low + high + 1) // 2
        if fits(middle):
            low = middle
        else:
            high = middle - 1
    return low


def _cut(word: str, room: int) -> int:
    """Where to cut a word that fills more than a post: the last place that fits and breaks nothing."""
    from twitter_text import extract_urls_with_indices

    addresses = [url["indices"] for url in extract_urls_with_indices(word)]
    low, high = 1, len(word)
    while (
        low < high
    ):  # the longest beginning that fits; an address counts at once, so the count can only grow
        middle = (low + high + 1) // 2
        if _weight(word[:middle]) <= room:
            low = middle
        else:
            high = middle - 1
    for cut in range(low, 0, -1):
        whole = not any(start < cut < end for start, end in addresses)
        if whole and _between_characters(word, cut) and _weight(word[:cut]) <= room:
            return cut
    return low


def _between_characters(word: str, cut: int) -> bool:
    before, after = word[cut - 1 : cut], word[cut : cut + 1]
    if not after or before in _NOT_AFTER or after in _NOT_AFTER:
        return not after
    joins = unicodedata.combining(after) or unicodedata.category(after) in {"Mn", "Me", "Mc", "Sk", "Cf"}
    flag = all("\U0001f1e6" <= letter <= "\U0001f1ff" for letter in (before, after))
    return not joins and not flag


def clean(text: str) -> str:
    """What no database or page can take (a lone half of a surrogate pair, NUL) becomes a replacement mark."""
    return "".join("\ufffd" if char == "\0" or "\ud800" <= char <= "\udfff" else char for char in text)


def unescape(text: str) -> str:
    """X writes these three as entities and leaves every other character alone."""
    return re.sub(r"&(amp|lt|gt);", lambda match: html.unescape(match.group()), text)


def comparable(text: str, links: Iterable[Mapping[str, Any]] = ()) -> str:
    """A text as it can be compared with what X stored: without the names it puts before, links alike.

    X replaces every address by one of t.co; `links` are the post's `entities.urls`. Of a picture it puts an address
    below the words: that one names its media.
    """
    from twitter_text import extract_urls_with_indices

    text = unescape(text)
    for link in links:
        short, long = link.get("url"), link.get("expanded_url")
        if link.get("media_key") and isinstance(short, str) and short:
            text = text.replace(short, "")
        elif isinstance(short, str) and short and isinstance(long, str):
            text = text.replace(short, long)
    text = unicodedata.normalize("NFC", _LEADING_MENTIONS.sub("", text.strip()))
    out, end = [], 0
    for url in extract_urls_with_indices(text):
        start, stop = url["indices"]
        out += [text[end:start], "\0"]
        end = stop
    return " ".join("".join([*out, text[end:]]).split())


_RULES: Mapping[str, Mapping[str, str]] = {
    "summoned": {
        "en": "The author mentioned or quoted this account, so it may answer.",
        "nl": "De schrijver noemde of citeerde dit account, dus antwoorden mag.",
    },
    "not_summoned": {
        "en": "X lets this account answer only where the author mentioned or quoted it.",
        "nl": "X laat dit account alleen antwoorden waar de schrijver het noemde of citeerde.",
    },
    "own_thread": {
        "en": "A post below one of our own is always allowed.",
        "nl": "Een bericht onder een eigen bericht mag altijd.",
    },
    "private_off": {
        "en": "Private messages on X are not connected for this account.",
        "nl": "Privéberichten op X zijn voor dit account niet gekoppeld.",
    },
    "duplicate": {
        "en": "X refuses a post with the same text as an earlier one of this account.",
        "nl": "X weigert een bericht met dezelfde tekst als een eerder bericht van dit account.",
    },
    "parent_gone": {
        "en": "The post that this answers is no longer there, or no longer visible to this account.",
        "nl": "Het bericht waar dit op antwoordt is er niet meer, of niet meer zichtbaar voor dit account.",
    },
    "too_long": {
        "en": "X finds the text too long for this account.",
        "nl": "X vindt de tekst te lang voor dit account.",
    },
    "file_refused": {
        "en": "X does not take a picture of this message; nothing was sent. Remove it, or send another one.",
        "nl": "X neemt een afbeelding van dit bericht niet aan; er is niets verstuurd. Haal die weg of stuur "
        "een andere.",
    },
    "files_not_permitted": {
        "en": "Our key at X may not upload pictures; nothing was sent. Connect the account again on X's own pages, or "
        "send it without.",
        "nl": "Onze sleutel bij X mag geen afbeeldingen uploaden; er is niets verstuurd. Koppel het account "
        "opnieuw via de pagina's van X zelf, of stuur het zonder.",
    },
    "upload": {
        "en": "X could not take a picture of this message; nothing was sent.",
        "nl": "X kon een afbeelding van dit bericht niet aannemen; er is niets verstuurd.",
    },
    "blocked": {
        "en": "The author has blocked this account.",
        "nl": "De schrijver heeft dit account geblokkeerd.",
    },
    "forbidden": {"en": "X does not allow this post.", "nl": "X staat dit bericht niet toe."},
    "bad_request": {"en": "X could not read this post.", "nl": "X kon dit bericht niet lezen."},
    "credits": {
        "en": "The account at X has no credits left: nothing goes out until they are topped up.",
        "nl": "Het tegoed bij X is op: er gaat niets uit tot het is aangevuld.",
    },
    "restricted": {
        "en": "X has suspended or locked this account.",
        "nl": "X heeft dit account geschorst of geblokkeerd.",
    },
    "app_permissions": {
        "en": "The app at X may not write: its permissions or its plan must be changed there.",
        "nl": "De app bij X mag niet schrijven: de rechten of het abonnement moeten daar worden aangepast.",
    },
    "base_url": {
        "en": "The account's base URL cannot be used; change it in the settings.",
        "nl": "De basis-URL van het account klopt niet; pas die aan in de instellingen.",
    },
    "moved": {
        "en": "The account's base URL leads to an address that has moved; change it in the settings.",
        "nl": "De basis-URL van het account leidt naar een verhuisd adres; pas die aan in de instellingen.",
    },
    "no_connection": {
        "en": "X could not be reached; nothing was sent.",
        "nl": "X was niet bereikbaar; er is niets verstuurd.",
    },
    "rate_limit": {
        "en": "X takes no more posts from this account for a while.",
        "nl": "X neemt even geen berichten meer aan van dit account.",
    },
    "removed_by_author": {
        "en": "The author removed the post.",
        "nl": "De schrijver heeft het bericht verwijderd.",
    },
    "no_longer_visible": {
        "en": "The post can no longer be seen: its author is protected, suspended or gone.",
        "nl": "Het bericht is niet meer te zien: de schrijver is afgeschermd, geschorst of weg.",
    },
}


def rule_words(rule: str, language: str) -> str:
    words = _RULES.get(rule, {})
    return words.get(language[:2].lower(), words.get("en", ""))


#: X's developer guidelines on automated replies.
_NOTICES_RULE: Mapping[str, str] = {
    "en": (
        "X allows one automated reply each time an author addresses the account, and none to somebody who has asked "
        "for no more. The acknowledgement is that one reply. A notice that goes by itself after it is a second: choose "
        "automatic only where X has agreed to it for this account, and note how and when. Else choose released: an "
        "agent sends each notice with one key, and is asked before the date."
    ),
    "nl": (
        "X staat één automatisch antwoord toe telkens als een schrijver het account aanspreekt, en geen aan wie er "
        "geen meer wil. De ontvangstbevestiging is dat ene antwoord. Een bericht dat daarna vanzelf uitgaat, is een "
        "tweede: kies automatisch alleen waar X daar voor dit account mee heeft ingestemd, en noteer hoe en wanneer. "
        "Kies anders vrijgeven: een behandelaar verstuurt elk bericht met één toets, en wordt er vóór de datum om "
        "gevraagd."
    ),
}


def notices_rule_words(language: str) -> str:
    return _NOTICES_RULE.get(language[:2].lower(), _NOTICES_RULE["en"])
