"""The first categories of the ready policy with their words, as the seed builder takes them.

English first, Dutch second. S: stems, C: parts of compounds, W: whole words (see wording.WordList).
"""

from __future__ import annotations

from typing import Any

EMERGENCY = {"en": "Is someone in danger? Call 112.", "nl": "Is er iemand in gevaar? Bel 112."}


def words(stems: str = "", compounds: str = "", whole: str = "") -> dict[str, list[str]]:
    """A word list from three comma-separated lines, each word once; empty lists are left out."""
    lists = {"stems": stems, "compounds": compounds, "whole": whole}
    return {
        key: list(dict.fromkeys(word.strip() for word in line.split(",") if word.strip()))
        for key, line in lists.items()
        if line
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
                "gas smell, gas leak, smell * gas, live wire, live cable, loose cable, exposed wire, fallen "
                "tree, tree * fallen, tree * fell, sinkhole, open manhole, manhole * open, explosion, hole in "
                "the road, manhole * missing, manhole cover missing, manhole cover gone, power line down, gas "
                "leaking",
                "",
                "fire, on fire, smell of smoke",
            ),
            nl=words(
                "gaslek, ruik gas, ruiken gas, gas ruiken, losse kabel, kabel * los, omgevallen boom, boom * "
                "omgevallen, boom * omgewaaid, gat in de weg, gat in het wegdek, open put, explosie, "
                "putdeksel * weg, putdeksel * open, putdeksel weg, putdeksel gestolen, deksel * weg",
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
            "traffic light, traffic signal, road sign, sign * down, pedestrian light, crossing light, traffic "
            "sign, stop sign, speed sign, street sign, sign * knocked, sign got knocked, knocked * sign, 20 "
            "sign, 30 sign, speed limit sign, street name sign, lights at the * junction, lights * "
            "crossroads, lights * junction, lights * crossing, belisha, red light, green light, zebra lights",
            "trafficlight",
            "lights out, lights are out, traffic lights, one way sign, no entry sign",
        ),
        nl=words(
            "bord omver, bord * omver, bord * om, verkeersbord, straatnaambord, bord * plat, bord * "
            "omgereden, paaltje omver",
            "verkeerslicht, stoplicht, verkeersbord, straatnaambord, straatnaambordje, snelheidsbord",
            "vri, stopbord, verkeersborden, straatnaambordje",
        ),
    ),
    category(
        "water",
        "Water and sewers",
        "Water en riool",
        ("medium", "high"),
        "fault_report",
        en=words(
            "flooding, flooded, flood, leak, sewer, sewage, drain, blocked drain, burst pipe, water main, "
            "manhole, water bubbling, bubbling up, burst main, burst water, brown water, tap water, no water, "
            "water pressure, gutter, gully, puddle, water * pavement, water * road, water * cellar, water * "
            "basement, drain cover, drinking water, hydrant, canal, harbour, mooring, algae, quay wall, "
            "sewerage, smell * drain, smell * sewer, toilet * backs up, flood gate, leaking pipe, pipe, "
            "pipes, cellar, basement, standpipe, water fountain, bottle filler, fountain tap, water",
            "sewer",
            "water, pipe, tap",
        ),
        nl=words(
            "lekkage, waterlek, verstopt, verstopping, overstroming, overstroomd, waterleiding, leiding "
            "gesprongen, bruin water, geel water, water * kraan, kraanwater, drinkwater, rioollucht, plas * "
            "straat, plassen, gootput, waterdruk, water * kelder, put * verstopt, kolk, dakgoot, sloot, "
            "grondwater, gracht, blauwalg, haven, ligplaats, beschoeiing, duiker, kademuur, rioolstank, wc * "
            "terug, pijp, buis, leiding, leidingen, kelder, kruipruimte, watertappunt, tappunt, "
            "wateroverlast, regenwater, regenpijp, regenton, stuw, gemaal, steiger, bootje, boot",
            "wateroverlast, riool, riolering, lekkage, straatkolk, regenput, straatput, rioolput, kraanwater, "
            "drinkwater, waterleiding, rioolstank, watertappunt, regenpijp, grondwater, rioolheffing",
            "lek, lekt, lekken, onder water, blank, putje, kolk, put verstopt, geen water, plas water, water, "
            "leiding, kelder, boot, boten",
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
            "delay, timetable, bus route, bus line, tram line, tram track, night bus, school bus, replacement "
            "bus, ferry, bus shelter, tram shelter, shuttle bus, departure board, live times, bus lane "
            "camera, conductor, taxi, dial a ride, ramp * bus, bus * ramp, next bus, last bus, first bus, "
            "underground train, light rail, number * bus, bus * stop, stop request, driver, wheelchair space, "
            "pram space, audio announcements, announcement, air con, seat, seats, tram window, escalator, "
            "lost property, umbrella, timetable app, route planner, bus number, guard, inspector, ticket "
            "inspector, wheelchair ramp, kneel, level crossing, trolley, bus station, tram station, train "
            "station, late bus, rail replacement, diverted, terminus, shelter, seat on",
            "",
            "busses, timetables, departures, route 1, bus pass driver, line 1, line 2, line 3, line 4, line "
            "5, line 6, line 7, line 8, line 9, line 10, line 11, line 12, the tram, trm",
        ),
        nl=words(
            "tram, metro, rijdt niet, rijden niet, rijdt * niet, rijden * niet, vertraging, vertraagd, "
            "dienstregeling, regiotaxi, taxi, halte, chauffeur, conducteur, reizigers, omleiding * bus, "
            "uitvallen, perron, pont, veerpont, reisinformatie, overstap, haltebord, spits, vertrektijden, "
            "stationshal, rolstoelplaats, omroep, omroepbericht, stoelen, airco * tram, verwarming * tram, "
            "overvol, controleur, conductrice, busstation, tramstation, metrohalte, trein, station, ov fiets, "
            "buurtbus, wijkbus, overstappen, eindhalte, reisplanner, reisapp, vertrekbord, rit, ritten, "
            "instappen, uitstappen, tramchauffeur, busbaan, spoorweg, overweg, remise, wissel, hokje, "
            "wachthokje, stoel in tram",
            "tramhalte, bushalte, metrostation, tramlijn, buslijn, metrolijn, buschauffeur, trambestuurder, "
            "nachtbus, chauffeur, bushokje, halte, tramrails, schoolbus, pontje, veerboot, haltebord, abri, "
            "busbaan, trambaan, buurtbus, wijkbus, spoorboom, spoorweg",
            "bus, bussen, buslijn, halte, staat stil, staan stil, stilstaan, lijn, lijnen, ov, pont, veer, "
            "abri, bushokje, bushokjes, reistijd, the bus, the tram, bus stop, train",
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
            "ate my card, ate * card, check in, check out, top up, charged twice, charged me, double charge, "
            "overcharged, refund, money back, monthly pass, day pass, day ticket, travel card, travelcard, "
            "smart card, season ticket, weekly pass, bus pass, student pass, return ticket, topped up, tapped "
            "out, tap out, tapped in, card machine, contactless, ticket, fare, reader * card, machine took, "
            "machine ate, took my coins, took my money, took my note, validator, scanner, qr code, mobile "
            "ticket, app ticket, wrong fare, child ticket, concession, pensioner, senior pass, penalty fare",
            "ticketmachine",
            "gate, gates, barrier, barriers, e ticket, ticket, tickets, pass expired, my pass",
        ),
        nl=words(
            "pas geslikt, pas * geslikt, pas opgegeten, pas * opgegeten, automaat, pas ingeslikt, kaart "
            "ingeslikt, pas * ingeslikt, kaart * ingeslikt, slikt * pas, slikt * kaart, inchecken, "
            "uitchecken, ingecheckt, uitgecheckt, incheckpaal, afgeschreven, dagkaart, weekkaart, maandkaart, "
            "abonnement, ticket, kaartje, geld terug, terugkrijgen, terugbetaald, vergoed, vergoeding, "
            "reissaldo, opladen, opwaarderen, incheck, uitcheck, uitgechekt, ingechekt, dubbel betaald, "
            "dubbel afgeschreven, te veel betaald, pas * niet, pas werkt, qr code, korting, reisproduct, "
            "toeslag op kaart, scanner, kaartlezer, boete controleur, seniorenkaart, studentenkaart, dubbele "
            "kosten, terugbetaling, restitutie, schadevergoeding",
            "kaartautomaat, kaartjesautomaat, poortje, toegangspoort, chipkaart, ovkaart, ovpas, ovchipkaart, "
            "dagkaart, maandkaart, weekkaart, abonnement, reissaldo, kortingskaart, reisproduct, "
            "seniorenkaart, kortingspas",
            "ov pas, saldo, ov kaart, ov chipkaart, ticket, tickets, abbo, kaartje, kaartjes, ticket machine, "
            "card, refund",
        ),
    ),
    category(
        "roads",
        "Roads, pavements, cycle paths",
        "Wegen, stoepen, fietspaden",
        ("medium", "medium"),
        "fault_report",
        en=words(
            "pothole, loose tile, tile * loose, tile loose, iced over, loose slab, paving stone, bike path, "
            "bike lane, cycle path, cycle lane, pavement, sidewalk, kerb, road surface, icy, bollard, paving, "
            "footpath, footway, speed bump, speed hump, speeding, zebra crossing, pedestrian crossing, "
            "leaves, gritting, gritted, gritter, salt bin, roadworks, road works, resurfaced, tarmac, drop "
            "kerb, dropped kerb, bike rack, bike stand, cycle rack, railing, underpass, subway tunnel, "
            "drawbridge, swing bridge, lift bridge, bridge * open, bridge * stuck, bridge * closed, "
            "footbridge, road marking, white line, yellow line, cobble, cobbles, diversion, roundabout, "
            "junction layout, rat run, hole * road, hole in the road, crater, slab, cycle track, road closed, "
            "road * closed, traffic calming, e scooter, scooters * pavement, charging point, charger, ev "
            "charger, abandoned bike, abandoned car, abandoned burnt out car, abandoned bicycle, bike wreck, "
            "pavement parking, bus lane, speed camera, taxi rank, street name, cycling, cyclist, ice on, "
            "snow, dip in the road, sunken, kerbstone, manhole rattl, tactile paving, steps, staircase, "
            "handrail, boardwalk, towpath, canal path, bike, bicycle, bike locker, bike shelter, cyclists, "
            "parking app, car park barrier, scooters, road sweeper, path, cobbled, flagstone, drain cover "
            "rattles, bus gate, one way street, speed limit, cars, lorries, lorry, hgv, truck, trucks, van, "
            "traffic jam, congestion, rush hour, building works, crane, scaffold, street works, school run, "
            "crossing, pedestrians, grit bin, bollards, lollipop, school crossing, hedge * pavement, rubble "
            "on",
            "pothole",
            "a van, the van, vans, white van, kerbs, paving, bikelane, cycleway, verge, road, roads, bike, bikes, path",
        ),
        nl=words(
            "kuil, losse tegel, tegel * los, stoeptegel, verzakking, verzakt, klinker, gladheid, gat * "
            "fietspad, gat * weg, gat * stoep, gat * straat, drempel, verkeersdrempel, zebrapad, "
            "oversteekplaats, oversteek, wegwerkzaamheden, werkzaamheden, omleiding, opgebroken, ophaalbrug, "
            "brug, bladeren, blad * weg, spekglad, gestrooid, strooien, strooiwagen, strooizout, hardrijden, "
            "hard rijden, racen, racet, te hard gereden, fietsenrek, fietsenstalling, fietstunnel, tunnel, "
            "paal * weg, rotonde, kruispunt, kruising, laadpaal, belijning, wegmarkering, stoeprand, hobbel, "
            "boomwortels, tegel, tegels, straatstenen, sneeuw, ijzel, versperd, versperring, deelscooter, "
            "scooters * stoep, sluipverkeer, fietswrak, wrak, achtergelaten, weesfiets, autowrak, aanhanger, "
            "caravan, trap, trapje, leuning, reling, verzakte, tram rails, jaagpad, steiger, ijs op, "
            "fietsers, hek, hekje, hekken, bolder, fiets, fietsen, fietser, fietsdepot, fietskluis, auto, "
            "auto's, vrachtwagen, vrachtauto, vrachtverkeer, busje, bestelbus, verkeer, file, verkeersdrukte, "
            "sluiproute, eenrichting, wegafsluiting, afgesloten weg, afsluiting, straat, steegje, plein, "
            "deelauto, deelfiets, deelfietsen, slagboom, bouwplaats, hijskraan, bouwhek, heien, oversteken, "
            "snelheid, verkeersbord, fietsroute, hulpdiensten, zoutbak, strooibak, klaarover, paaltjes, "
            "trottoirband, oversteekouder",
            "fietspad, stoep, trottoir, wegdek, stoeprand, voetpad, drempel, zebrapad, fietsenrek, "
            "fietsenstalling, ophaalbrug, fietsbrug, fietstunnel, laadpaal, fietsstrook, verkeersdrempel, "
            "deelscooter, stoeptegel, straatsteen, boomwortel, fietswrak, weesfiets, autowrak, straatnaam, "
            "zandweg, fietsdepot, fietskluis, vrachtwagen, deelfiets, deelauto, slagboom, bouwhek, "
            "sluiproute, verkeerssituatie, woonerf, schoolplein, parkeergarage",
            "paaltje, paaltjes, glad, brug, weg versperd, spekglad, bladblazer, auto, autos, fiets, fietsen, "
            "bike, street, busje, plein",
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
            "payment failed, payment * failed, payment * error, error message, password, reset link, my "
            "account, an account, council tax account, web site, portal, wi fi, wifi, verification code, "
            "confirmation email, booking system, app crashes, online booking, log on, logged out, sign in, "
            "signed out, online payment, live chat, web form, can't submit, won't submit, captcha, two "
            "factor, link * expired, page * error, error page, broken link, computer says, online account, "
            "digital, upload, uploading, download, downloading, pdf, email address, webchat, chatbot, sms, "
            "text message, notification, notifications, newsletter, cookies, qr",
            "",
            "form, forms, app, upload, wifi, login page, log in page, the app, your app, your site, 404, link",
        ),
        nl=words(
            "inloggen, ingelogd, log in, website, betaling mislukt, betaling * mislukt, foutmelding, "
            "wachtwoord, webpagina, account, mijn account, wifi, portaal, bevestigingsmail, activatiecode, "
            "sms code, verificatiecode, aanvraag online, online aanvragen, online afspraak, pagina * niet, "
            "link * niet, knop * niet, uploaden, bijlage, resetmail, uitgelogd, digitale aanvraag, digitaal, "
            "downloaden, pdf, mailadres, emailadres, e mailadres, chatbot, melding app, meldingenapp, "
            "notificatie, nieuwsbrief, cookies, digid, inlog, bevestiging, webcare, telefoonnummer, "
            "callcenter, wachtrij, doorverbonden",
            "formulier, digitaalloket, webformulier, wachtwoord, inlogpagina, inlogcode, bevestigingsmail, "
            "aanvraagformulier, activatiecode, mijnomgeving, meldingenapp, nieuwsbrief, mailadres, "
            "contactformulier, inlogscherm, chatbot",
            "digid, app, digitaal loket, site, eherkenning, wifi, account, de app, jullie app, jullie site, "
            "website, sms code, code, formulieren, online, pdf, mail, login, link",
        ),
    ),
]
