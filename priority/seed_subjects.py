"""The other categories of the ready policy, behind those of seed_categories."""

from __future__ import annotations

from typing import Any

from priority.seed_categories import category, words

MORE: list[dict[str, Any]] = [
    category(
        "waste",
        "Waste and containers",
        "Afval en containers",
        ("low", "medium"),
        "fault_report",
        en=words(
            "container, container full, container * full, rubbish, garbage, litter, not collected, wasn't "
            "collected, recycling, bulky waste, dumped, fly tipping, overflowing, broken glass, glass all "
            "over, glass on, needle, needles, syringe, dog poo, dog poop, dog mess, dog fouling, dog bin, bin "
            "bag, bin bags, rubbish bag, bags of rubbish, fly tipped, fly tip, flytipping, flytipped, "
            "dumping, skip bin, street cleaning, street sweeper, swept, sweeping, sweep, missed collection, "
            "bin collection, bin lorry, bin men, emptied, emptying, recycling centre, food waste, garden "
            "waste, brown bin, green bin, blue bin, sofa, fridge, mattress, rats * bins, leaf fall, vomit, "
            "cigarette butts, abandoned trolley, shopping trolley, clothes bank, bottle bank, tip * open, "
            "dead animal, dead bird, dead cat, dead fox, dead rat, dead swan, dead seagull, roadkill, "
            "carcass, cardboard, plastic bags, box recycling, recycling box, caddy, collection day, bin day, "
            "missed bin, nappy, nappies, fag ends, chewing gum, leaflets, weeds in gutter, pavement dirty, "
            "dirty street, street is filthy, graffiti removal, rubble, shopping trolleys, trolley, dead "
            "badger, dead animals, load of rubble",
            "wheeliebin, flytip",
            "bin, bins, trash, waste, mattress, tip, the tip, dog poo, poo bags, rubbish, skip, recycling",
        ),
        nl=words(
            "container, container vol, container * vol, niet opgehaald, niet geleegd, prullenbak, kliko, "
            "zwerfvuil, hondenpoep, vuilnis, afval, matras, vuilniszak, zakken, vuilniszakken, zak * "
            "container, poep, drol, drollen, spuit, spuiten, injectienaald, naalden, glasscherven, scherven, "
            "glas, blikjes, gedumpt, dumping, dumpen, bijplaatsing, veegwagen, vegen, geveegd, schoongemaakt, "
            "oud papier, ophaaldag, ophalen, opgehaald, geleegd, legen, leeghalen, ondergrondse, "
            "milieustraat, afvalpas, koelkast, bankstel, tuinafval, groenbak, rolemmer, minicontainer, "
            "luiers, plastic zak, winkelwagen, kattengrit, kledingbak, dood dier, dode vogel, dode kat, dode "
            "zwaan, dode rat, kadaver, karton, plastic, blik, rommel, troep, vuil, viezigheid, vervuiling, "
            "zooi, peuken, kauwgom, bladafval, snoeiafval, bouwafval, asbest, piepschuim, statiegeld, "
            "ophaalschema, afvalkalender, inzameling, vuilnisbak, vuilniswagen, gft bak, kerstboom, "
            "kerstbomen, veegactie, straatvuil, stort, stortplaats, puin, winkelwagentje, winkelwagentjes, "
            "dode das, lading puin, bouwpuin",
            "afvalbak, afvalcontainer, vuilcontainer, papiercontainer, glascontainer, grofvuil, vuilnis, "
            "prullenbak, zwerfafval, huisvuil, vuilniszak, hondenpoep, ondergrondsecontainer, afvalpas, "
            "bladkorf, rolemmer, minicontainer, glasbak, papierbak, kledingcontainer, milieustraat, "
            "veegwagen, injectienaald, glasscherv, zwerfvuil, asbest, ophaalschema, afvalkalender, bouwafval, "
            "snoeiafval, kerstboom, vuilnisbak, vuilniswagen",
            "gft, glas, pmd, oud papier, spuiten, bak, bakken, grofvuil, restafval, kca, rommel, troep, vuil, "
            "kliko, klikos, bin, trash, container, containers, blad",
        ),
    ),
    category(
        "lighting",
        "Street lighting",
        "Straatverlichting",
        ("medium", "low"),
        "fault_report",
        en=words(
            "street light, street lamp, lamp post, lamppost, street lighting, dark street, street * dark, "
            "lamp, lamps, lamp posts, lights * off, lighting, unlit, no lights, pitch black, pitch dark, "
            "light out, lights out * street, light * flickering, streetlamp, dark footpath, dark alley, "
            "lights * path, lights * park, bulb, lantern post, floodlight, christmas lights, security light, "
            "spotlight, tunnel light",
            "streetlight, lamppost, streetlamp",
            "lamp, lamps, street lights, streetlights, dark since",
        ),
        nl=words(
            "straat * donker, donkere straat, lichtmast, lamp, lampen, verlichting, pikdonker, stikdonker, "
            "onverlicht, donkere tunnel, tunnel * donker, helemaal donker, hartstikke donker, licht * uit, "
            "lichten * uit, lantaarns, straatlicht, lichtmasten, lamp * knippert, fietspad * donker, steeg * "
            "donker, park * donker, tunnelverlichting, lampje, schijnwerper, kerstverlichting, "
            "sfeerverlichting, licht, donker, lichten",
            "lantaarn, lantaarnpaal, straatverlichting, straatlamp, lichtmast, lantaren, verlichting, "
            "straatlicht",
            "lamp, lampen, lampje, pikdonker, licht, lichten, donker",
        ),
    ),
    category(
        "parks",
        "Parks, trees, playgrounds",
        "Parken, bomen, speelplekken",
        ("low", "medium"),
        "fault_report",
        en=words(
            "playground, play area, play park, toddler area, swing, swings, slide * park, climbing frame, "
            "seesaw, sandpit, tree, trees, branch, branches, hedge, hedges, grass * cut, grass cutting, grass "
            "* high, mowing, mowed, mown, weeds, overgrown, brambles, nettles, fountain, bench, benches, "
            "pond, ducks, dead fish, dogs off lead, off the lead, dog off lead, dog park, dog walking, flower "
            "bed, flowerbeds, verge, allotment, tree roots, stump, leaf blower, ivy, bushes, shrubs, picnic, "
            "bandstand, park gate, park * locked, park keeper, japanese knotweed, hogweed, caterpillars, "
            "beach, paddling, splash pad, skate park, football pitch, goalposts, tennis court, basketball "
            "hoop, cemetery, graves, grave, dog, dogs, lead, cat, cats, bird, birds, nest, swan, goose, "
            "geese, football, goal, park bench, green space, meadow, thorn, thorns, flower, flowers, "
            "planting, garden, gardens, woods, forest, leaf, acorn, conker, moss, barbecue area, water play, "
            "nature reserve, footpath overgrown",
            "playground",
            "tree, trees, swing, playpark, pitch, pond, dog, dogs, park gates, cemetery, gardens",
        ),
        nl=words(
            "speeltuin, speelplaats, speelplek, schommel, glijbaan, wipkip, klimrek, zandbak, boom, "
            "takken, heg, haag, gras, maaien, gemaaid, onkruid, fontein, bankje, vijver, eend, eenden, dode "
            "vissen, dooie vissen, losloop, hondenveld, groenstrook, perk, plantsoen, struik, struiken, "
            "bosjes, snoeien, gesnoeid, gekapt, kappen, wortel, wortels, strand, strandje, brandnetels, "
            "berenklauw, processierups, eikenprocessierups, bladblazer, park, parkje, voetbalveld, "
            "voetbalkooi, doelpaal, doeltje, skatebaan, trapveld, begraafplaats, graf, hond los, honden los, "
            "ganzen, volkstuin, blauwalg, berm, bermen, rozen, rups, rupsen, kat, katten, zwerfkat, vogel, "
            "vogels, nest, zwaan, gans, duif, egel, loslopende hond, hondenbezitter, voetbal, basketbal, jeu "
            "de boules, bos, bospad, natuur, bloem, bloemen, planten, boomstam, stam, stronk, boomspiegel, "
            "geveltuin, moestuin, iep, kastanje, plataan, wilg, waterspeelplaats, vissen, steekvliegen, "
            "schaduw, speelveld, speeltuintje, kinderboerderij, hertenkamp, picknick, hangmat",
            "speeltuin, speeltoestel, speelplaats, speelplek, schommel, glijbaan, klimrek, onkruid, fontein, "
            "vijver, hondenveld, losloop, groenstrook, plantsoen, boomwortel, boomtak, eendenvijver, "
            "bladblazer, processierups, voetbalkooi, parkbank, wijkpark, stadspark, plantenbak, bloembak, "
            "begraafplaats, skatebaan, strandje, geveltuin, kinderboerderij, hertenkamp, boomspiegel, "
            "dierenweide, speelveld, basketbalveld",
            "boom, bomen, gras, park, parkje, heg, eenden, bankje, bankjes, hond, honden, berm, "
            "bos, tuin, zwaan, vissen, bloemen, playground, tree, trees, dog",
        ),
    ),
    category(
        "nuisance",
        "Noise and nuisance",
        "Overlast",
        ("low", "medium"),
        "complaint",
        en=words(
            "noise, noisy, loud music, music * loud, smell, stench, stink, rowdy, graffiti, pigeon, loud, "
            "music, partying, party next door, pub, racket, barking, barks, drilling, building noise, drug "
            "dealing, drug dealers, dealers, drunk, drunks, swastika, swastikas, tagged, vandalised, "
            "vandalism, spray painted, sprayed, keeps us awake, can't sleep, cannot sleep, wasps, gulls, "
            "seagulls, pigeons, cockroach, bed bugs, smoke from, bonfire, squeal, squealing, screech, "
            "screeching, antisocial, anti social, youths, homeless camp, fireworks at night, generator, "
            "humming, catcalling, harassing, harassment, feeding pigeons, fox, foxes, mosquito, bees, bee "
            "nest, wasp nest, hornet, fleas, cockerel, rooster, church bells, alarm, car alarm, house alarm, "
            "helicopter, shouting, fighting, screaming, threatening, scared, unsafe, intimidating, rubbish "
            "burning, neighbour, neighbours, neighbor, neighbors, upstairs, next door, students, "
            "construction, builders, jackhammer, pile driving, roadworks at night, engine, engines, revving, "
            "motorbikes, quad bikes, drone, smoke, dust, fumes, light pollution, flies, ants, moths, spit, "
            "begging, beggar, knife, fight, kids throwing, eggs, burglary",
            "",
            "rat, rats, mice, vermin, noise, music, pub, smells, gulls, mouse, asb, neighbours, ants, flies",
        ),
        nl=words(
            "herrie, lawaai, harde muziek, muziek * hard, stank, stinkt, hangjongeren, ongedierte, duiven, "
            "graffiti, kabaal, muziek, geluid, blaffen, blaft, blaffende, feest * nacht, boren, gebrom, "
            "bromt, drugs, dealer, dealers, dealen, dronken, dronkaards, hakenkruis, hakenkruizen, beklad, "
            "bekladding, gespoten, bespoten, vernieling, vandalen, piept, piepen, gierend, slapen niet, niet "
            "slapen, wakker, wespen, meeuwen, meeuw, kakkerlak, muggen, rook * buren, houtkachel, barbecue, "
            "vuurtje, hangjeugd, jeugd, brommers, scooters, toeteren, bellend, vuurwerkoverlast, zwervers, "
            "rattenplaag, dierenplaag, intimidatie, nafluiten, stankoverlast, bijen, hoornaar, hoornaars, "
            "vlooien, haan, kerkklokken, alarm, autoalarm, geschreeuw, schreeuwen, vechten, bedreigd, bang, "
            "onveilig, buren, buur, bovenburen, onderburen, studenten, bouw, bouwvakkers, graafmachine, "
            "motor, motoren, quad, rook, dampen, lichtvervuiling, mieren, bedelaar, bedelen, vechtpartij, "
            "eieren gooien, inbraak, geur, luchtje, airco buren, warmtepomp, tuinfeest, studentenhuis, "
            "horeca, terras, café, kroeg, disco, evenement, festival, kermis, concert",
            "geluidsoverlast, stankoverlast, jongerenoverlast, burenoverlast, rattenoverlast, drugsoverlast, "
            "hangjeugd, nachtlawaai, bouwlawaai, rioolstank, vuurwerkoverlast, hondengeblaf, wespennest, "
            "meeuwenoverlast, hakenkruis, verkeersoverlast, studentenhuis, warmtepomp, geurhinder, "
            "burengerucht",
            "rat, ratten, overlast, muizen, muziek, herrie, drugs, kroeg, wakker, buren, bouw, café, cafe, "
            "terras, kermis, festival, noise, neighbours",
        ),
    ),
    category(
        "papers",
        "Passports, permits, parking",
        "Paspoort, vergunning, parkeren",
        ("low", "medium"),
        "request",
        en=words(
            "passport, identity card, driving licence, driver's licence, appointment, parking, parking "
            "permit, parking fine, birth certificate, registration, permission, planning permission, birth, "
            "register * death, death certificate, register a, marriage, married, wedding, licence, license, "
            "resident permit, residents permit, residents parking, blue badge, disabled bay, disabled "
            "parking, loading bay, parking bay, parked, parks on, double parked, parking ticket, parking "
            "meter, pay and display, fine, penalty charge, council tax, business rates, tax bill, benefits, "
            "housing benefit, housing list, council house, moving house, moved house, change of address, "
            "change my address, vote, voting, polling, electoral, proof of, certificate, notary, "
            "naturalisation, name change, power of attorney, school place, school admission, licensing, event "
            "licence, warden, traffic warden, wheel clamp, clamped, towed, bailiff, skip on the road, "
            "scaffolding, busking, taxi licence, new id, an id, id card, lost id, market stall, street "
            "trading, food truck, event permit, drone, street party, fireworks permit, tax letter, bill, "
            "invoice, direct debit, instalment, payment plan, hardship, asylum, residence permit, school, "
            "term dates, care, carer, home help, social worker, meals on wheels, bus pass renewal, wedding "
            "date, ceremony, civil partnership, registry office, registrar, moving in, moving out, new "
            "address, proof of address, garage, extension, planning application, planning, building control, "
            "loft conversion, fence height, tax, rent, rent increase, landlord, tenancy, homeless, housing, "
            "allowance, grant, volunteer, volunteering, language course, polling card, postal vote, counter, "
            "office hours, driver licence, driving license, waiting list, application, apply, paperwork, "
            "permit bay, parking session, parking app",
            "",
            "id card, id cards, permit, permits, visa, certificate, fine, fined, id, ids, new id, register, "
            "parked, parking, pcn, skip, warden, deed poll, tax, rent, grant, council letter, benefit",
        ),
        nl=words(
            "paspoort, identiteitskaart, vergunning, afspraak, parkeren, parkeerboete, rijbewijs, uittreksel, "
            "geboorteakte, verhuizing doorgeven, inschrijven, toestemming, overlijden, overleden, aangifte, "
            "trouwen, huwelijk, geboorte, geboorteaangifte, verhuizing, verhuisd, verhuizen, adreswijziging, "
            "inschrijving, uitschrijven, parkeerplaats, parkeervak, parkeervergunning, parkeermeter, "
            "parkeerautomaat, geparkeerd, foutparkeerder, fout geparkeerd, dubbel geparkeerd, "
            "invalidenplaats, gehandicaptenparkeerplaats, laadplek, boete, naheffing, belasting, aanslag, "
            "ozb, kwijtschelding, uitkering, bijstand, toeslag, huurtoeslag, legitimatie, handhaver, "
            "handhaving, handhaven, wegslepen, weggesleept, bewonersvergunning, kapvergunning, "
            "evenementenvergunning, bouwvergunning, omgevingsvergunning, stempas, stemmen, verkiezing, "
            "naturalisatie, naamswijziging, woning, sociale huur, schoolkeuze, vog, reisdocument, "
            "spoedaanvraag, loket, wachttijd, standplaats, marktkraam, foodtruck, straatfeest, buurtfeest, "
            "drone, rekening, factuur, incasso, betalingsregeling, schuldhulp, inburgering, verblijf, school, "
            "leerplicht, wmo, jeugdzorg, mantelzorg, thuiszorg, energietoeslag, minima, stadspas, subsidie, "
            "vergunningaanvraag, dakkapel, aanbouw, uitbouw, schutting, erfpacht, woz, rioolheffing, verhuur, "
            "huurder, verhuurder, huisbaas, huurverhoging, woningcorporatie, urgentie, wachtlijst, "
            "inburgeren, taalles, taalcursus, vrijwilliger, vrijwilligerswerk, stembureau, stembiljet, "
            "afspraak maken, aanvraag, aangevraagd, aanvragen, brief, brieven, formulier, blauwe zone, "
            "parkeerapp, bezoekersparkeren, garage, kenteken, vrijstelling, ontheffing, verklaring, "
            "registratie, trouwdatum, babs, naturaliseren, identiteit, bezwaar, bezwaarschrift, betalen, "
            "betaling, betaald, belastingaanslag, hond aanmelden, aanmelden, opvang, kinderopvang, bsn, "
            "parkeersessie, inschrijf, papieren, parkeerpaal",
            "paspoort, identiteitskaart, vergunning, parkeer, rijbewijs, parkeerplaats, parkeervak, "
            "parkeerplek, parkeerboete, bewonersvergunning, kapvergunning, geboorteakte, trouwakte, "
            "overlijdensakte, identiteits, invalidenparkeer, gehandicaptenparkeer, stempas, naheffing, "
            "verhuisbericht, spoedpaspoort, gemeentebelasting, hondenbelasting, stadspas, standplaats, "
            "energietoeslag, betalingsregeling, belastingbrief, dakkapel, huisbaas, belastingaanslag, "
            "bezwaarschrift, stembureau, bezoekerspas, parkeerapp, vrijwilliger, kinderopvang, wachtlijst",
            "id kaart, visum, bezoekerspas, id, idkaart, id bewijs, boete, vog, brp, akte, aangifte, ozb, "
            "trouwen, handhaver, woz, bsn, brief, aanvraag, bezwaar, garage, parking, permit, appointment, "
            "passport, tax",
        ),
    ),
    category(
        "buildings",
        "Our buildings",
        "Onze gebouwen",
        ("low", "low"),
        "fault_report",
        en=words(
            "coffee machine, coffee maker, elevator, heating, meeting room, air conditioning, radiator, "
            "escalator, pool, swimming pool, lane swimming, swimming lesson, swimming lessons, changing room, "
            "changing rooms, library, libraries, book return, leisure centre, leisure center, sports hall, "
            "sports centre, gym hall, community centre, community hall, town hall, city hall, council office, "
            "museum, roof leak, leaking roof, locker, lockers, shower, showers, lost property, public toilet, "
            "public toilets, loo, loos, reception desk, printer, hearing loop, automatic door, revolving "
            "door, theatre, ice rink, playgroup, youth centre, opening hours, opening times, radiators, "
            "mould, mold, damp, council flat, housing repair, boiler, intercom, front door, stairwell, "
            "defibrillator, school building, nursery, day centre, changing places, meeting rooms, canteen, "
            "vending, cleaner, clock tower, baby changing, sauna, turnstile, books, renew my book, "
            "exhibition, reading room, study room, study rooms, hall, sports field, cafe, school hall, cold "
            "in, too hot in, window, windows, doors, the door, chair, chairs, desks, key card, badge, parking "
            "garage",
            "",
            "door handle, door of, lift, lifts, toilet, toilets, projector, pool, library, gym, aircon, wc, "
            "roof, doors, window, books",
        ),
        nl=words(
            "verwarming, airco, roltrap, radiator, beamer, zwembad, golfslagbad, baantjes, zwemles, "
            "kleedkamer, kleedkamers, bieb, bibliotheek, sporthal, gymzaal, sportzaal, buurthuis, "
            "wijkcentrum, dorpshuis, stadhuis, gemeentehuis, stadskantoor, museum, dak lekt, lekkend dak, "
            "lekkende dak, douche, douches, kluisje, kluisjes, gevonden voorwerpen, openbaar toilet, openbare "
            "toiletten, printer, schouwburg, theater, ijsbaan, draaideur, schuifdeur, schuifdeuren, "
            "openingstijden, speelzaal, jongerencentrum, ringleiding, monument, schimmel, vocht, huurwoning, "
            "cv ketel, ketel, intercom, voordeur, trappenhuis, aed, schoolgebouw, kantine, torenklok, klok, "
            "kerkklok, boek, boeken, tentoonstelling, studieruimte, studieplek, zaal, zalen, raam, ramen, "
            "deur, deuren, stoel, bureau, toegangspas, badge, sauna, theaterzaal, klaslokaal, parkeergarage, "
            "sportveld, kunstgras, hockeyveld, tribune, sportclub, verschoontafel",
            "koffiemachine, koffieautomaat, vergaderzaal, vergaderkamer, koffieapparaat, zwembad, "
            "bibliotheek, sporthal, gymzaal, kleedkamer, buurthuis, wijkcentrum, stadhuis, gemeentehuis, "
            "stadskantoor, golfslagbad, ijsbaan, vergaderruimte, torenklok, trappenhuis, huurwoning, "
            "studieruimte, toegangspas, boekenkast, theaterzaal, sportveld, kunstgrasveld",
            "lift, liften, toilet, toiletten, wc, bieb, dak, wcs, kluisje, monument, zaal, deur, deuren, "
            "raam, ramen, boek, boeken, pool, library, elevator, gym",
        ),
    ),
]
