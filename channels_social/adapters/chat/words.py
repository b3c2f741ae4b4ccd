"""Rules and faults of a chat in words, for agents and managers."""

from __future__ import annotations

from collections.abc import Mapping

from channels_social.adapters.email.words import rule_words as by_mail

NO_VISITOR, BLOCKED, NO_MAILBOX = "no_visitor", "blocked", "no_mailbox"
_WORDS: Mapping[str, Mapping[str, str]] = {
    NO_VISITOR: {
        "en": "This visitor is not known here any more: nobody can write to them.",
        "nl": "Deze bezoeker is hier niet meer bekend: niemand kan hen schrijven.",
    },
    BLOCKED: {
        "en": "This visitor is blocked: nothing is written to them until somebody lets them in again.",
        "nl": "Deze bezoeker is geblokkeerd: er wordt niets geschreven tot iemand hen weer toelaat.",
    },
    NO_MAILBOX: {
        "en": "No mailbox sends for this chat any more. Connect it again and name one.",
        "nl": "Geen mailbox verstuurt meer voor deze chat. Koppel hem opnieuw en noem er een.",
    },
    "bad_languages": {
        "en": "Write the languages as en, nl, or both, the usual one first.",
        "nl": "Schrijf de talen als en, nl, of allebei, de gewone voorop.",
    },
    "bad_site": {
        "en": "Write each site as its browser address without a path, such as https://www.example.org.",
        "nl": "Schrijf elke site als adres zonder pad, zoals https://www.voorbeeld.nl.",
    },
    "bad_secret": {
        "en": "The secret for signed visitors needs at least 32 signs. Take a random one.",
        "nl": "Het geheim voor ondertekende bezoekers heeft minstens 32 tekens nodig. Neem een willekeurig.",
    },
}


def rule_words(rule: str, language: str) -> str:
    """What goes by mail may be refused there."""
    return _WORDS.get(rule, {}).get(language, "") or by_mail(rule, language)
