"""The twelve categories of the ready policy with their words, as the seed builder takes them.

English first, Dutch second. S: stems, C: parts of compounds, W: whole words (see wording.WordList).
"""

from __future__ import annotations

from typing import Any

EMERGENCY = {"en": "Is someone in danger? Call 112.", "nl": "Is er iemand in gevaar? Bel 112."}


def words(stems: str = "", compounds: str = "", whole: str = "") -> dict[str, list[str]]:
    """A word list from three comma-separated lines; empty lists are left out."""
    lists = {"stems": stems, "compounds": compounds, "whole": whole}
    return {
        key: [word.strip() for word in line.split(",") if word.strip()] for key, line in lists.items() if line
    }


def category(
    key: str, english: str, dutch: str, levels: tuple[str, str], call_type: str, **lists: dict[str, list[str]]
) -> dict[str, Any]:
    impact, urgency = levels
    return {
        "key": key,
        "name": {"en": english, "nl": dutch},
        "impact": impact,
        "urgency": urgency,
        "call_type": call_type,
        "words": lists,
    }


CATEGORIES: list[dict[str, Any]] = [
    {
        **category(
            "danger",
            "Danger on the street",
            "Gevaar op straat",
            ("high", "high"),
            "fault_report",
            en=words(
                "gas smell, gas leak, smell * gas, live wire, live cable, loose cable, "
                "exposed wire, fallen tree, "
                "tree * fallen, tree * fell, sinkhole, open manhole, manhole * open, explosion, "
                "hole in the road",
                "",
                "fire, on fire, smell of smoke",
            ),
            nl=words(
                "gaslek, ruik gas, ruiken gas, gas ruiken, losse kabel, kabel * los, omgevallen boom, "
                "boom * omgevallen, boom * omgewaaid, gat in de weg, gat in het wegdek, open put, explosie, "
                "putdeksel * weg, putdeksel * open",
                "gaslucht, gaslek, brandlucht",
                "brand, in brand, put open, put staat open, ruikt naar gas",
            ),
        ),
        "danger": True,
        "extra_line": EMERGENCY,
    },
    category(
        "traffic_lights",
        "Traffic lights and signs",
        "Verkeerslichten en borden",
        ("medium", "high"),
        "fault_report",
        en=words(
            "traffic light, traffic signal, road sign, sign * down, pedestrian light, crossing light",
            "trafficlight",
            "lights out, lights are out",
        ),
        nl=words(
            "bord omver, bord * omver, bord * om, verkeersbord", "verkeerslicht, stoplicht, verkeersbord"
        ),
    ),
    category(
        "water",
        "Water and sewers",
        "Water en riool",
        ("medium", "high"),
        "fault_report",
        en=words(
            "flooding, flooded, flood, leak, sewer, sewage, drain, blocked drain, burst pipe, "
            "water main, manhole",
            "sewer",
        ),
        nl=words(
            "lekkage, waterlek, verstopt, verstopping, overstroming, overstroomd, waterleiding, "
            "leiding gesprongen",
            "wateroverlast, riool, riolering, lekkage, straatkolk",
            "lek, lekt, lekken, onder water, blank, putje",
        ),
    ),
    category(
        "transit",
        "Trams, buses, metro",
        "Tram, bus, metro",
        ("medium", "medium"),
        "fault_report",
        en=words(
            "tram, bus, metro, subway, bus stop, tram stop, tram driver, bus driver, not running, stuck, "
            "delay, timetable"
        ),
        nl=words(
            "tram, metro, rijdt niet, rijden niet, rijdt * niet, rijden * niet, vertraging, "
            "vertraagd, dienstregeling",
            "tramhalte, bushalte, metrostation, tramlijn, buslijn, metrolijn, buschauffeur, "
            "trambestuurder, nachtbus",
            "bus, bussen, buslijn, halte, staat stil, staan stil, stilstaan",
        ),
    ),
    category(
        "tickets",
        "Ticket machines and gates",
        "Kaartautomaten en poortjes",
        ("medium", "medium"),
        "fault_report",
        en=words(
            "ticket machine, ticket gate, vending machine, card reader, swallowed my card, swallowed * card, "
            "ate my card, ate * card, check in, check out, top up",
            "ticketmachine",
            "gate, gates, barrier, barriers",
        ),
        nl=words(
            "pas geslikt, pas * geslikt, pas opgegeten, pas * opgegeten, automaat, pas ingeslikt, "
            "kaart ingeslikt, pas * ingeslikt, kaart * ingeslikt, slikt * pas, "
            "slikt * kaart, inchecken, "
            "uitchecken, ingecheckt, uitgecheckt, incheckpaal",
            "kaartautomaat, kaartjesautomaat, poortje, toegangspoort, chipkaart",
            "ov pas, saldo",
        ),
    ),
    category(
        "roads",
        "Roads, pavements, cycle paths",
        "Wegen, stoepen, fietspaden",
        ("medium", "medium"),
        "fault_report",
        en=words(
            "pothole, loose tile, tile * loose, tile loose, iced over, loose slab, paving stone, "
            "bike path, bike lane, cycle path, "
            "cycle lane, pavement, "
            "sidewalk, kerb, road surface, icy, bollard",
            "pothole",
        ),
        nl=words(
            "kuil, losse tegel, tegel * los, stoeptegel, verzakking, verzakt, klinker, gladheid",
            "fietspad, stoep, trottoir, wegdek, stoeprand, voetpad",
            "paaltje, paaltjes, glad",
        ),
    ),
    category(
        "online",
        "Website and online counter",
        "Website en digitaal loket",
        ("medium", "medium"),
        "fault_report",
        en=words(
            "can't log in, cannot log in, can not log in, log in, login, website, web page, online form, "
            "payment failed, payment * failed, payment * error, error message, password",
            "",
            "form, forms, app, upload",
        ),
        nl=words(
            "inloggen, ingelogd, log in, website, betaling mislukt, betaling * mislukt, "
            "foutmelding, wachtwoord, "
            "webpagina",
            "formulier, digitaalloket, webformulier",
            "digid, app, digitaal loket, site, eherkenning",
        ),
    ),
    category(
        "waste",
        "Waste and containers",
        "Afval en containers",
        ("low", "medium"),
        "fault_report",
        en=words(
            "container, container full, container * full, rubbish, garbage, litter, not collected, "
            "wasn't collected, recycling, bulky waste, dumped, fly tipping, overflowing",
            "wheeliebin",
            "bin, bins, trash, waste, mattress",
        ),
        nl=words(
            "container, container vol, container * vol, niet opgehaald, niet geleegd, prullenbak, "
            "kliko, zwerfvuil, hondenpoep, "
            "vuilnis, afval, matras",
            "afvalbak, afvalcontainer, vuilcontainer, papiercontainer, glascontainer, grofvuil, "
            "vuilnis, prullenbak, "
            "zwerfafval, huisvuil",
            "gft",
        ),
    ),
    category(
        "lighting",
        "Street lighting",
        "Straatverlichting",
        ("medium", "low"),
        "fault_report",
        en=words(
            "street light, street lamp, lamp post, lamppost, street lighting, dark street, street * dark",
            "streetlight, lamppost, streetlamp",
        ),
        nl=words(
            "straat * donker, donkere straat, lichtmast",
            "lantaarn, lantaarnpaal, straatverlichting, straatlamp, lichtmast",
        ),
    ),
    category(
        "nuisance",
        "Noise and nuisance",
        "Overlast",
        ("low", "medium"),
        "complaint",
        en=words(
            "noise, noisy, loud music, music * loud, smell, stench, stink, rowdy, graffiti, pigeon",
            "",
            "rat, rats, mice, vermin",
        ),
        nl=words(
            "herrie, lawaai, harde muziek, muziek * hard, stank, stinkt, hangjongeren, ongedierte, "
            "duiven, graffiti",
            "geluidsoverlast, stankoverlast, jongerenoverlast, burenoverlast, rattenoverlast",
            "rat, ratten, overlast, muizen",
        ),
    ),
    category(
        "papers",
        "Passports, permits, parking",
        "Paspoort, vergunning, parkeren",
        ("low", "medium"),
        "request",
        en=words(
            "passport, identity card, driving licence, driver's licence, appointment, parking, "
            "parking permit, "
            "parking fine, birth certificate, registration",
            "",
            "id card, id cards, permit, permits, visa, certificate",
        ),
        nl=words(
            "paspoort, identiteitskaart, vergunning, afspraak, parkeren, parkeerboete, rijbewijs, "
            "uittreksel, "
            "geboorteakte, verhuizing doorgeven, inschrijven",
            "paspoort, identiteitskaart, vergunning, parkeer, rijbewijs",
            "id kaart, visum, bezoekerspas",
        ),
    ),
    category(
        "buildings",
        "Our buildings",
        "Onze gebouwen",
        ("low", "low"),
        "fault_report",
        en=words(
            "coffee machine, coffee maker, elevator, heating, meeting room, air conditioning, "
            "radiator, escalator",
            "",
            "lift, lifts, toilet, toilets, projector",
        ),
        nl=words(
            "verwarming, airco, roltrap, radiator, beamer",
            "koffiemachine, koffieautomaat, vergaderzaal, vergaderkamer, koffieapparaat",
            "lift, liften, toilet, toiletten, wc",
        ),
    ),
]
