"""The subjects and rules of a desk for IT and facilities, for the people of one organisation.

English first, Dutch second, as in seed_categories.
"""

from __future__ import annotations

from typing import Any

from priority.seed_categories import EMERGENCY, category, words
from priority.seed_rules import RULES as CITY_RULES

CATEGORIES: list[dict[str, Any]] = [
    {
        **category(
            "emergency",
            "Danger in the building",
            "Gevaar in het gebouw",
            ("high", "high"),
            "fault_report",
            en=words(
                "gas smell, gas leak, smell * gas, exposed wire, live wire, explosion, sparks, stuck in the lift, "
                "stuck in the elevator, stuck in a lift",
                "",
                "fire, on fire, smell of smoke, smoke coming",
            ),
            nl=words(
                "gaslek, ruik gas, gas ruiken, explosie, vonken, vast in de lift, opgesloten in de lift",
                "gaslucht, gaslek, brandlucht",
                "brand, in brand, komt rook, rook uit, onder stroom",
            ),
        ),
        "danger": True,
        "extra_line": EMERGENCY,
    },
    category(
        "security",
        "Information security",
        "Informatiebeveiliging",
        ("high", "high"),
        "fault_report",
        en=words(
            "phishing, ransomware, hacked, malware, virus, data leak, data breach, stolen laptop, laptop * stolen, "
            "lost laptop, suspicious mail, suspicious email, suspicious link"
        ),
        nl=words(
            "phishing, ransomware, gehackt, malware, virus, datalek, gestolen laptop, laptop * gestolen, "
            "laptop kwijt, verdachte mail, verdachte link",
            "datalek, phishing",
        ),
    ),
    category(
        "sign_in",
        "Signing in and passwords",
        "Inloggen en wachtwoorden",
        ("low", "high"),
        "request",
        en=words(
            "password, log in, login, sign in, locked out, account * locked, authenticator, two factor, "
            "access rights, new account"
        ),
        nl=words(
            "wachtwoord, inloggen, aanmelden, account * geblokkeerd, geblokkeerd account, authenticator, "
            "toegangsrechten, nieuw account",
            "wachtwoord, inlog",
        ),
    ),
    category(
        "network",
        "Network, wifi, working from home",
        "Netwerk, wifi, thuiswerken",
        ("medium", "high"),
        "fault_report",
        en=words("network, wifi, internet, vpn, remote desktop, no connection, connection * lost"),
        nl=words("netwerk, wifi, internet, vpn, thuiswerkplek, geen verbinding, verbinding * weg", "netwerk"),
    ),
    category(
        "programs",
        "Programs and files",
        "Programma's en bestanden",
        ("medium", "medium"),
        "fault_report",
        en=words(
            "program, software, application, spreadsheet, shared folder, shared drive, file * gone, error message, "
            "update, licence, install"
        ),
        nl=words(
            "programma, software, applicatie, spreadsheet, gedeelde map, bestand * weg, foutmelding, update, "
            "licentie, installeren",
            "foutmelding, softwarepakket",
        ),
    ),
    category(
        "mail",
        "Mail and calendar",
        "Mail en agenda",
        ("low", "medium"),
        "fault_report",
        en=words(
            "mailbox, shared calendar, meeting invite, mail * arrive, mail * sent", "", "outlook, inbox"
        ),
        nl=words(
            "mailbox, postvak, gedeelde agenda, vergaderverzoek, mail * aan", "mailbox", "outlook, inbox"
        ),
    ),
    category(
        "devices",
        "Laptops, screens, phones",
        "Laptops, schermen, telefoons",
        ("low", "medium"),
        "fault_report",
        en=words(
            "laptop, monitor, keyboard, docking station, headset, charger, battery, webcam, work phone, mobile phone",
            "",
            "mouse, screen",
        ),
        nl=words(
            "laptop, beeldscherm, toetsenbord, dockingstation, headset, oplader, accu, webcam, werktelefoon",
            "beeldscherm, toetsenbord, telefoontoestel",
            "muis, scherm",
        ),
    ),
    category(
        "printers",
        "Printers and scanners",
        "Printers en scanners",
        ("low", "low"),
        "fault_report",
        en=words("printer, scanner, toner, paper jam, printing"),
        nl=words("printer, scanner, toner, papierstoring, afdrukken", "printer, scanner"),
    ),
    category(
        "rooms",
        "Rooms, desks, heating",
        "Ruimtes, werkplekken, verwarming",
        ("low", "low"),
        "fault_report",
        en=words(
            "meeting room, coffee machine, air conditioning, heating, radiator, elevator, light bulb, leaking, "
            "office chair, blinds",
            "",
            "too cold, too hot, lift, lifts, toilet, toilets, projector",
        ),
        nl=words(
            "airco, verwarming, radiator, lekkage, bureaustoel, zonwering, beamer, lamp * kapot",
            "vergaderzaal, vergaderkamer, koffieautomaat, koffiemachine, bureaustoel",
            "te koud, te warm, lift, liften, toilet, toiletten, wc",
        ),
    ),
    category(
        "passes",
        "Passes, keys, visitors",
        "Passen, sleutels, bezoekers",
        ("low", "medium"),
        "request",
        en=words(
            "access pass, access card, entry pass, visitor, key card, locker, parking place",
            "",
            "badge, badges",
        ),
        nl=words(
            "toegangspas, toegangspasje, bezoeker, sleutel, kluisje, locker, parkeerplaats",
            "toegangspas",
            "badge, badges, pasje",
        ),
    ),
    category(
        "orders",
        "Orders and moves",
        "Bestellingen en verhuizingen",
        ("low", "low"),
        "request",
        en=words(
            "new laptop, order * laptop, order * phone, new colleague, new employee, move * desk, moving desk"
        ),
        nl=words(
            "nieuwe laptop, laptop * bestellen, telefoon * bestellen, nieuwe collega, nieuwe medewerker, "
            "werkplek * verhuizen"
        ),
    ),
]

#: What the levels mean inside one organisation.
SENTENCES: dict[str, dict[str, dict[str, str]]] = {
    "impacts": {
        "high": {
            "en": "A whole building, department or system is hit.",
            "nl": "Een heel gebouw, een afdeling of een systeem heeft er last van.",
        },
        "medium": {"en": "A team or a floor is hit.", "nl": "Een team of een verdieping heeft er last van."},
        "low": {"en": "One person is hit.", "nl": "Eén persoon heeft er last van."},
    },
    "urgencies": {
        "high": {
            "en": "It is dangerous, or somebody can't work at all.",
            "nl": "Het is gevaarlijk, of iemand kan helemaal niet werken.",
        },
        "medium": {
            "en": "People can work, with trouble.",
            "nl": "Mensen kunnen werken, maar het gaat moeizaam.",
        },
        "low": {
            "en": "It is a nuisance or a question; waiting does no harm.",
            "nl": "Het is hinderlijk of een vraag; wachten kan geen kwaad.",
        },
    },
}

_DANGER = next(rule for rule in CITY_RULES if rule["kind"] == "danger")
_CALLER = [rule for rule in CITY_RULES if rule["kind"] == "caller_tag"]

RULES: list[dict[str, Any]] = [
    {**_DANGER, "category": "emergency"},
    {
        "kind": "raise",
        "key": "everybody_hit",
        "name": {
            "en": "A whole department or floor is hit",
            "nl": "Een hele afdeling of verdieping heeft er last van",
        },
        "dimension": "impact",
        "words": {
            "en": words(
                "",
                "",
                "whole department, entire department, whole floor, entire floor, whole team, whole building, "
                "everyone, everybody, nobody can",
            ),
            "nl": words(
                "", "", "hele afdeling, hele verdieping, hele team, hele gebouw, iedereen, niemand kan"
            ),
        },
    },
    {
        "kind": "raise",
        "key": "cannot_work",
        "name": {"en": "Somebody can't work", "nl": "Iemand kan niet werken"},
        "dimension": "urgency",
        "words": {
            "en": words("", "", "can't work, cannot work, unable to work, can't do my work, deadline today"),
            "nl": words("", "", "kan niet werken, kunnen niet werken, niet aan het werk, vandaag af"),
        },
    },
    *_CALLER,
]
