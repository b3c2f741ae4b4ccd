"""Rules and faults of a form in words, for agents and managers."""

from __future__ import annotations

from collections.abc import Mapping

_WORDS: Mapping[str, Mapping[str, str]] = {
    "no_address": {
        "en": "The caller left no address on the form: nobody can write to them. What we say stands on their own "
        "page, and they are told once they look there.",
        "nl": "De melder liet op het formulier geen adres achter: niemand kan hen schrijven. Wat we zeggen staat op "
        "hun eigen pagina, en ze weten het zodra ze daar kijken.",
    },
    "no_mailbox": {
        "en": "No mailbox sends for this form. Connect it again and name one.",
        "nl": "Geen mailbox verstuurt voor dit formulier. Koppel het opnieuw en noem er een.",
    },
    "bad_languages": {
        "en": "Write the languages as en, nl, or both, the usual one first.",
        "nl": "Schrijf de talen als en, nl, of allebei, de gewone voorop.",
    },
    "bad_site": {
        "en": "Write each site as its browser address without a path, such as https://www.example.org.",
        "nl": "Schrijf elke site als adres zonder pad, zoals https://www.voorbeeld.nl.",
    },
}


def rule_words(rule: str, language: str) -> str:
    return _WORDS.get(rule, {}).get(language, "")
