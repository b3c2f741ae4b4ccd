"""Requests that the ready policy recognises: every category in both languages."""

from __future__ import annotations

REQUESTS = [
    # text, language, category, priority
    ("There is a gas smell on Havenstraat", "en", "danger", "P1"),
    ("Help, gaslucht in de Kerkstraat", "nl", "danger", "P1"),
    ("a live wire is hanging over the pavement", "en", "danger", "P1"),
    ("omgevallen boom op de Lindelaan, auto eronder", "nl", "danger", "P1"),
    ("Er zit een gat in de weg bij de brug", "nl", "danger", "P1"),
    ("Er is brand in de fietsenkelder", "nl", "danger", "P1"),
    ("The traffic lights at Kade are completely dark", "en", "traffic_lights", "P2"),
    ("Verkeerslichten op de kruising doen het niet", "nl", "traffic_lights", "P2"),
    ("stoplicht bij De Wilg knippert oranje, kapot dus", "nl", "traffic_lights", "P2"),
    ("The drain on our corner is blocked and the street is flooding", "en", "water", "P2"),
    ("Lekkage in de straat, het water loopt de kelder in", "nl", "water", "P2"),
    ("het riool is verstopt bij nummer 14", "nl", "water", "P2"),
    ("tram 4 is not running, when will it start again?", "en", "transit", "P3"),
    ("De bus rijdt niet vanaf Noord", "nl", "transit", "P3"),
    ("metro staat stil bij Centraal", "nl", "transit", "P3"),
    ("the ticket machine at Central swallowed my card", "en", "tickets", "P3"),
    ("@desk the ticket machine at Central swallowed my card", "en", "tickets", "P3"),
    ("kaartautomaat op Centraal heeft mijn pas ingeslikt", "nl", "tickets", "P3"),
    ("Het poortje gaat niet open", "nl", "tickets", "P3"),
    ("big pothole on the bike path, please repair it", "en", "roads", "P3"),
    ("Losse tegel op de stoep, kunnen jullie dat maken?", "nl", "roads", "P3"),
    ("I can't log in on your site", "en", "online", "P3"),
    ("Inloggen met DigiD lukt niet", "nl", "online", "P3"),
    ("my bin was not collected this morning", "en", "waste", "P4"),
    ("The container is full, could you empty it?", "en", "waste", "P4"),
    ("Ons grofvuil is niet opgehaald", "nl", "waste", "P4"),
    ("the street light at number 3 is broken", "en", "lighting", "P4"),
    ("Lantaarnpalen in de Dorpsstraat branden niet", "nl", "lighting", "P4"),
    ("a swing in the playground is broken, please fix it", "en", "parks", "P4"),
    ("Het onkruid bij de vijver staat kniehoog, wanneer wordt er gemaaid?", "nl", "parks", "P4"),
    ("Can someone do something about the noise at night?", "en", "nuisance", "P4"),
    ("Elke nacht geluidsoverlast van de kroeg, wat kan ik doen?", "nl", "nuisance", "P4"),
    ("How long does a passport take?", "en", "papers", "P4"),
    ("Ik wil graag een afspraak voor een identiteitskaart", "nl", "papers", "P4"),
    ("the coffee machine on the second floor is out of order", "en", "buildings", "P5"),
    ("De koffieautomaten op de derde zijn stuk", "nl", "buildings", "P5"),
]

KEYWORDS = {
    # category: the words that name it, EN and NL
    "danger": (
        "gas smell, live wire, fallen tree, sinkhole, manhole open, fire",
        "gaslucht, losse kabel, omgevallen boom, gat in de weg, put open, brand",
    ),
    "traffic_lights": (
        "traffic light, lights out, road sign down",
        "verkeerslicht, verkeerslichten, stoplicht, bord omver",
    ),
    "water": ("flooding, leak, sewer, blocked drain", "wateroverlast, lekkage, riool, verstopt"),
    "transit": (
        "tram, bus, metro, not running, stuck, delay",
        "tram, bus, metro, rijdt niet, staat stil, vertraging",
    ),
    "tickets": (
        "ticket machine, swallowed my card, gate, check in",
        "kaartautomaat, kaartautomaten, pas ingeslikt, poortje, poortjes, inchecken",
    ),
    "roads": ("pothole, loose tile, bike path, pavement", "kuil, losse tegel, fietspad, fietspaden, stoep"),
    "online": (
        "can't log in, website down, form, payment failed",
        "inloggen, website ligt eruit, formulier, betaling mislukt, DigiD",
    ),
    "waste": (
        "bin, container full, rubbish, not collected",
        "afvalbak, container vol, grofvuil, niet opgehaald",
    ),
    "lighting": (
        "street light, lamp post, dark street",
        "lantaarn, lantaarnpaal, lantaarnpalen, straatverlichting",
    ),
    "parks": (
        "playground, tree, hedge, grass cutting, fountain, bench",
        "speeltuin, boom, bomen, heg, onkruid, fontein, bankje",
    ),
    "nuisance": ("noise, loud music, smell, rats", "geluidsoverlast, herrie, stank, ratten"),
    "papers": (
        "passport, ID card, permit, appointment, parking",
        "paspoort, identiteitskaart, vergunning, afspraak, parkeren",
    ),
    "buildings": (
        "coffee machine, lift, heating, meeting room",
        "koffiemachine, koffieautomaat, koffieautomaten, lift, verwarming, vergaderzaal",
    ),
}
"""The words that the ready policy was asked to know, by category."""
