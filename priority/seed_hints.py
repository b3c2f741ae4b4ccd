"""Signs of the ready policy that we are asked directly, hints of a report, and what people chat about, in EN and NL."""

from __future__ import annotations

from typing import Any

from priority.seed_categories import words

HINTS: dict[str, Any] = {
    "direct": {
        "en": words(
            "",
            "",
            "can you please, can u please, could you please, could u please, please can you, please could you, pls "
            "can you, plz can u, can you tell, could you tell, can you send, could you send, can you fix, could you "
            "fix, can you come, could you come, can you check, could you check, can you help, could you help, can you "
            "arrange, can you move, can you remove, could you remove, can you put, could you put, can you let me, "
            "could you let me, can you confirm, could you confirm, can someone from, can somebody from, could someone "
            "from, could somebody from, can anyone from, someone please, somebody please, can i book, can i still, "
            "can i pay, can i bring, can i change, can i apply, can i pick up, can i collect, can i borrow, can i "
            "report, can i cancel, can i park, can i use, can i register, can i renew, can i swap, can i return, can "
            "we book, can we still, can we get, can we have a, can we apply, can we use, could we get, could we have, "
            "could i get, could i have, may i ask, how do i, how can i, how do we, how can we, how should i, where do "
            "i, where can i, where do we, where can we, where should i, when can i, when can we, when do i, when will "
            "my, when will our, when do you open, when are you, what time do you, what time are you, do i need, do i "
            "have to, do i still, do we need, do we have to, will i get, will i be, am i allowed, am i entitled, am i "
            "eligible, are we allowed, are we entitled, do i qualify, what do i do, what should i do, what can i do, "
            "what are my, who do i, who do we, who can i, who should i, which form do, which department, is it "
            "possible to, would it be possible, would you be able, are you able, would you mind, is there a way to, "
            "is there any way to, is there a number, is there someone, is there somebody, please advise, please help, "
            "pls help, plz help, please send, pls send, please fix, pls fix, plz fix, please remove, please collect, "
            "please clean, please empty, please check, please confirm, please let me know, please can someone, pls "
            "look, please look, let me know when, let me know if, ring me, phone me, call me, email me, get back to "
            "me, reply to my, answer my, i would like to, we would like to, i'd like to know, i'd like to book, i'd "
            "like to apply, i'd like to ask, i wish to, would like to hold, would like to apply, would like to know, "
            "i want this, i want to complain, i want to know, i want to apply, i want to register, i want to cancel, "
            "i want to change, i want my money, i want a refund, need to renew, need to register, need to apply, need "
            "to change my, need to cancel, need to book, need to speak, need a copy, need an appointment, i need "
            "help, i need someone, i need proof, my report, my complaint, my case, my application, my request, my "
            "claim, my appeal, my objection, case number, case ref, reference number, ref number, ticket number, "
            "waiting for a reply, waiting for an answer, waiting to hear, heard nothing, haven't heard, not heard "
            "back, no reply to, no answer to, no response to, nobody calls back, nobody called back, nobody phones "
            "back, nobody rings back, no one calls back, no one called back, i've emailed, i've called, i've phoned, "
            "i've rung, i've sent, i've reported, i have reported, i have emailed, i have called, we've reported, we "
            "have reported, i'm reporting, i am reporting, want to report, to report a, like to report, any update "
            "on, any news on, any idea when, any idea how, any idea where, any idea who, do you know when, do you "
            "know if, do you know why, do you still have, do you accept, do you take, do you offer, are you open, are "
            "you still, speak to someone, talk to someone, speak to somebody, how long does it take, how long will "
            "it, how much does it cost, what documents, which documents, what papers, what are the opening, thanks in "
            "advance, thank you in advance, look forward to, take me off, who handles, who deals with, who is "
            "responsible for, put me through, asking for my, asking on behalf, on behalf of my, i'd love a, what "
            "days, what day is, which bin, do you have, could we please, please get someone, pls get someone, get "
            "someone to, send someone, has anyone handed, anyone handed in, opening times over, which office, which "
            "desk, which counter, i applied for, i have applied, how long now, need to report, would you consider, "
            "could you consider, have you considered, have you thought, would it be an idea, can you consider, need "
            "advice, need information, advice about, advice on, want advice, looking for information, who would i, "
            "how much notice, how long before, where would i, what happens if, what is the procedure, what's the "
            "procedure, whats the process, what's the process, still waiting for a, still waiting for an, still "
            "waiting for my, still waiting for the, still waiting on a, still waiting on an, still waiting on my, "
            "have been waiting for, ref no, my ref, our ref, application ref, application number, submitted in, no "
            "word, no word since, still no word, heard anything, get the last tenant's, previous tenant, previous "
            "owner, previous occupant, no decision",
        ),
        "nl": words(
            "",
            "",
            "kunt u mij, kunt u me, kunt u dit, kunt u dat, kunt u ons, kunt u het, kunt u er, kunt u aub, kunnen "
            "jullie, kan iemand mij, kan iemand me, kan iemand van, kan iemand dit, kan iemand dat, kan er iemand, "
            "kan iemand aub, kan iemand svp, kan iemand komen, kan iemand langs, kan iemand eens, kan iemand even, "
            "zou iemand, zouden jullie, zou u, willen jullie, wilt u, zijn jullie open, zijn jullie ook, zijn jullie "
            "bereikbaar, zijn jullie nog, hebben jullie ook, hebben jullie nog, hebben jullie een, heeft u een, heeft "
            "u nog, hoe kan ik, hoe kunnen we, hoe moet ik, hoe krijg ik, hoe kom ik, hoe vraag ik, hoe meld ik, hoe "
            "regel ik, hoe zeg ik, hoe geef ik, hoe doe ik, hoe lever ik, hoe maak ik, waar kan ik, waar kunnen we, "
            "waar moet ik, waar moeten we, waar vind ik, waar meld ik, waar vraag ik, waar lever ik, waar haal ik, "
            "waar krijg ik, waar mag ik, waar laat ik, wanneer kan ik, wanneer kunnen we, wanneer krijg ik, wanneer "
            "krijgen we, wanneer wordt mijn, wanneer wordt onze, wanneer komt mijn, wanneer komen jullie, wanneer is "
            "mijn, wanneer moet ik, mag ik mijn, mag ik mn, mag ik een, mag ik hier, mag ik nog, mag ik ook, mag ik "
            "dit, mag ik dat, mogen wij, mogen we hier, mogen we een, moet ik dat, moet ik dit, moet ik mijn, moet ik "
            "mn, moet ik een, moet ik me, moet ik nog, moet ik nu, moet ik iets, moet ik eerst, moet ik hiervoor, "
            "moet ik daarvoor, moeten wij, heb ik recht, heb ik daar, heb ik hier, heb ik een vergunning, hebben wij "
            "recht, krijg ik nog, krijg ik dan, krijg ik mijn, krijg ik een, kan ik mijn, kan ik mn, kan ik m'n, kan "
            "ik ook, kan ik nog, kan ik hier, kan ik dit, kan ik dat, kan ik een, kan ik bij jullie, kan ik ergens, "
            "kan ik online, kunnen wij, kunnen we hier, kunnen we een, ben ik nog, ben ik verplicht, bij wie moet, "
            "bij wie kan, wie kan mij, wie kan ik, wie moet ik, met wie kan, graag een reactie, graag reactie, graag "
            "antwoord, graag een antwoord, graag uw, graag hulp, bel mij, bel me, mail mij, terugbellen, terugmailen, "
            "teruggebeld, belt me, belt mij, neem contact, contact opnemen, ik wil graag, wij willen graag, we willen "
            "graag, ik wil een, ik wil mijn, ik wil melden, ik wil weten, wij zouden graag, we zouden graag, zou "
            "graag, wil graag weten, wil graag een, heb een vraag, vraagje, even een vraag, vraag voor jullie, heb "
            "een klacht, klacht indienen, mijn melding, mn melding, m'n melding, mijn aanvraag, mn aanvraag, mijn "
            "klacht, mijn zaak, mijn dossier, mijn bezwaar, mijn bezwaarschrift, mijn verzoek, zaaknummer, kenmerk, "
            "meldingsnummer, dossiernummer, aanvraagnummer, nog geen reactie, nog geen antwoord, geen reactie op, "
            "geen reactie gehad, geen antwoord gehad, geen antwoord op, nooit een reactie, nooit reactie, nooit "
            "antwoord, nog niks gehoord, nog niets gehoord, niks meer gehoord, niets meer gehoord, wacht nog steeds "
            "op, heb al gebeld, heb al gemaild, al drie keer gebeld, al twee keer gebeld, al gemeld, al meerdere "
            "keren, hoeveel dagen van, hoeveel kost, hoe lang duurt, hoelang duurt, hoe lang moet ik, wat kost het, "
            "wat zijn de kosten, welke documenten, welke papieren, wat moet ik, wat heb ik nodig, wat zijn jullie, "
            "alvast bedankt, alvast dank, bij voorbaat dank, bvd, hoe laat zijn jullie, hoe laat gaan jullie, tot hoe "
            "laat zijn, namens mijn, ik ben op zoek, ik zoek informatie, ben op zoek naar, wij zoeken een, wil ik "
            "melden, wil ik graag, bij deze meld, ik meld, graag opruimen, graag repareren, graag herstellen, graag "
            "weghalen, graag actie, welke bak, welk loket, zijn de openingstijden, kan er bij, kan er een, kan er "
            "aub, nog niks vernomen, nog niets vernomen, aangevraagd en, al aangevraagd, is die gevonden, stuur "
            "iemand, zou het een idee zijn, advies nodig, advies over, informatie over, informatie nodig, meer "
            "informatie, wat is de procedure, hoe ver van tevoren, hoe lang van tevoren, hoelang van tevoren, wat "
            "gebeurt er als ik, onder welke, wat voor papieren, welke bewijzen, niks gehoord, niets gehoord, "
            "ingediend en, in * ingediend, vorige bewoner, vorige eigenaar, nog geen besluit, geen bericht van, vanaf "
            "welke",
        ),
    },
    "place": {
        "en": words(
            "",
            "",
            "corner of, on the corner, opposite, outside, near, near the, next to, in front of, behind, junction of, "
            "junction with, the junction, end of, across from, beside, alongside, by number, no 1, outside no, st, "
            "rd, avenue, ave, lane, ln, close, square, sq, drive, crescent, cres, gardens, terrace, grove, estate, "
            "entrance, between, at the back, round the back, around the corner, round the corner, house number, tram "
            "stop, by the, top of, bottom of, halfway, postcode, stop on, in our street, on our street, our road, "
            "down our, there is a, there's a, there are, theres a",
        ),
        "nl": words(
            "",
            "straat, plein, singel, plantsoen, steeg",
            "hoek, op de hoek, hoek van, tegenover, thv, t.h.v., t h v, ter hoogte van, naast, achter, tussen, langs, "
            "voor de deur, voor mijn deur, voor mn deur, voor ons huis, voor het huis, bij nr, bij nummer, bij "
            "huisnummer, nummer, nr, nrs, huisnummer, bij de ingang, ingang, uitgang, kruising, richting, t.o., begin "
            "van, eind van, einde van, bij mij, hier bij, in de buurt van, om de hoek, er ligt, er liggen, er staat "
            "een, er staan, er hangt, er hangen, er zit een, er zitten, er loopt, er komt water",
        ),
    },
    "since": {
        "en": words(
            "",
            "",
            "since, for a week, for for a year, for weeks, for for for for ages, weeks, a month, fortnight, every "
            "night, every day, every morning, every evening, every week, every weekend, all night, all day, all week, "
            "all weekend, last night, last week, last month, last monday, last tuesday, last wednesday, last "
            "thursday, last friday, last weekend, half an hour, an hour, third time, second time, fourth time, keeps, "
            "constantly, nonstop, non stop, night after night, day after day, twice, three times, over a week, "
            "overnight, until now, for hours, again and again, night running, nights running, months ago, weeks ago, "
            "weeks now, days now, since monday, since tuesday, since wednesday, since thursday, since friday, since "
            "saturday, since sunday, since yesterday, since this morning, since the weekend, since before, since "
            "last, for weeks now, for months now, for days now, again today, again this, 2 weeks now, 3 weeks now, "
            "second week, 2nd week, third week, for a week now, for two weeks, for three weeks, for 2 weeks, for 3 "
            "weeks",
        ),
        "nl": words(
            "",
            "",
            "sinds, al weken, al al maanden, al jaren, al al tijden, al twee, al drie, al zo lang, wekenlang, "
            "maandenlang, weken, maanden, wkn, mnd, alweer, opnieuw, nog steeds, nog altijd, nog niet, nog geen, elke "
            "nacht, elke dag, elke week, elke avond, elke ochtend, iedere nacht, iedere dag, ieder weekend, elk "
            "weekend, de hele nacht, de hele dag, hele nacht, hele dag, vannacht, vorige week, vorige maand, "
            "afgelopen, steeds, continu, telkens, constant, twee keer, drie keer, derde keer, tweede keer, zoveelste "
            "keer, een week, een maand, opeens, nu al, al sinds, verkeerde, verkeerd, dag en nacht, al dagen, al "
            "maanden, al een week, al een maand, al vier, al een jaar, al ruim, al meer dan, al uren, al de hele, al "
            "een paar, al maandenlang, al wekenlang, sinds gisteren, sinds vanochtend, sinds vorige, sinds maandag, "
            "sinds dinsdag, sinds woensdag, sinds donderdag, sinds vrijdag, sinds zaterdag, sinds zondag, sinds het "
            "weekend, weken geleden, maanden geleden, weer eens, weer dicht, weer vol, weer uit, weer niet, vierde "
            "keer, vijfde keer",
        ),
    },
    "lack": {
        "en": words(
            "",
            "",
            "not, no, never, nobody, no one, noone, nothing, none, without, isn't, aren't, doesn't, don't, won't, "
            "wasn't, weren't, hasn't, haven't, can't, cannot, couldn't, didn't, wouldn't, missing, empty, instead of, "
            "unable, neither, nowhere, does not, will not, is not, are not, has not, have not, was not, were not, not "
            "been, not yet, no longer, no tram, no bus, no trams, no buses, won't let, can't * make, can't be, is "
            "gone, are gone, has gone, been gone",
        ),
        "nl": words(
            "",
            "",
            "niet, geen, nooit, niemand, niks, niets, zonder, nergens, kwijt, leeg, ontbreekt, ontbreken, ipv, in "
            "plaats van, mist, missen, nauwelijks, amper, geen water, zie geen, kan niet, kunnen niet, kon niet, wil "
            "niet, is niet, zijn niet, was niet, komt niet, komen niet, kwam niet, doet niet, is er geen, geen tram, "
            "geen bus, geen plek, geen ruimte, weer niet, is weg, zijn weg, al weg, weggehaald",
        ),
    },
    "case": {
        "en": words(
            "",
            "",
            "my, our, mine, ours, i'm, i've, i am, i have, we've, we're, we have, your, you",
        ),
        "nl": words(
            "",
            "",
            "mijn, mn, m'n, onze, ons, mij, ik heb, ik ben, ik krijg, ik kan, ik moet, ik woon, heb ik, ben ik, krijg "
            "ik, kan ik, kom ik, wij hebben, we hebben, wij zijn, we kunnen, wij kunnen, wij wonen, we wonen, jullie, "
            "uw",
        ),
    },
    "maybe": {
        "en": words(
            "",
            "",
            "smell of, are full, is full, 20 mins late, 30 mins late, running late, given up, says it's, says closed, "
            "refuses to, stopped, why do, why is, why are, why does, why has, why have, why did, how much, how old, "
            "how big, how far, can it, can the, can that, can this, can they, does anyone, does anybody, does the "
            "bus, does the tram, does it, do the, do they, has the, have the, is my, is our, an answer, reported, "
            "reported it, to renew, renew my, have a look, take a look, to complain, clearing, fixing, repairing, can "
            "you, could you, are people, are cats, are bikes, are pets, are dogs, what happened, what about the, "
            "where's the, how are we, how are people, how is she, how is he, how come, how am i, will the bus, will "
            "the tram, am i, must we, must i, could do with, need more, we need more, left on, left open, too fast, "
            "too cold, too hot, too loud, loud music, dirty, filthy, disgusting, slippery, icy, in the way, on the "
            "pavement, in the road, locked, blocks, parked on, parked in, skipped, missed us, missed my, on hold, "
            "hazard, a danger, a risk, nest, soaked, soaking, pouring, pours, humming, buzzing, rumbling, spins, "
            "loops, expired, left me, left us, been waiting, a gap, come down, came down, lifted, so loud, so noisy, "
            "worn, faded, be fixed, be cleaned, suggestion, there should be, should have a, could use a, maybe put, "
            "maybe add, hope someone, hoping you, hope you can, wish someone, wish you would, whats, hows, wheres, "
            "whens, is dead, is frozen, went down, been there, overdue, cannot be, which, got a letter, received a "
            "letter, got a fine, got a bill, sent me a, sent us a, i owe, burns, burning, cuts off, cuts out, "
            "dropped, drops, switches, flashes, blank, black screen, has no, have no, had no, been left, has been "
            "left, keep getting, stays on, stay on, all hours, till late, advice, question about, query about, "
            "wondering, rocks, shakes, bangs, on his phone, on her phone, parks here, everyone parks, everybody "
            "parks, worn off, spelt, spelled, waited, waiting, was told, been told, were told, told me to, stinking, "
            "smelly, a mess, an eyesore, blocking the view, spinning, too slow, too small, too narrow, tiny, hardly "
            "any, barely, almost gone, barely visible, can hardly, nicked, got nicked, been nicked, still get, still "
            "getting, still comes, still coming, closed on my, smells, smells of, tore, torn, ripped, shut on, "
            "slammed, too high, too low, too steep, unreadable, hard to read, hard to see, sheet ice, ice rink, "
            "slips, slip on, in the dark, going on, at night, most nights, most evenings, all hours, over our drive, "
            "over my drive, across my drive, needs",
        ),
        "nl": words(
            "",
            "",
            "link, gejat, in de regen, niemand * op, water in, dicht, in de weg, minuten te laat, te laat op, te laat "
            "komen, uur te laat, veel te laat, wacht op, wachten op, scheef, zit vol, gaten in, ligt al, liggen al, "
            "heeft de, waarom, moet dat, weet je, weet u, mag het, moet je, gaat die, hoeveel, kan een, kan t, kan "
            "het, rijdt er, rijden er, rijdt de, rijden de, kun je, kan je, ik zou, ophalen, wacht nog, wacht al, "
            "wachten al, hoezo, hoe oud, hoe groot, hoe hoog, hoe duur, hoe ver, hoe gaat dat, is het waar, wat is, "
            "wat gaat, wat gebeurt, is t, is de markt, krijg je, mag je, moet het, moet die, komt de, komt er, gaat "
            "iemand, wie is, wie gaat, wie doet, worden we, wordt het, geldt het, is daar, zijn de, is die, in het "
            "water, in de gracht, in de sloot, gesloten, is dicht, zijn dicht, zit dicht, staat dicht, blank, nest, "
            "nesten, dubbel, dubbele, te veel, teveel, te kort, te lang, te weinig, te traag, vies, stinkt, overlast, "
            "hinder, muizen, ratten, lek, lekt, spuit, piept, blaft, bromt, loopt over, lopen over, misten, gemist, "
            "mis mijn, hang nu, is nodig, tijd dat, hoop dat, idee voor, zou een idee, meer bussen, meer bankjes, "
            "meer prullenbakken, trillen, trilt, klap, laten staan, laten liggen, laten hangen, liet ons, lieten ons, "
            "laat ons, gat in, gat van, hangt in, hangt op, hangt over, leunt, valt om, leegt, staat vol, op de "
            "stoep, midden op, bezaaid, overvol, alweer kapot, ja of nee, welke, welk, brief gekregen, brief "
            "ontvangen, brief van, kreeg een brief, krijg een brief, boete gekregen, rekening gekregen, aanmaning, "
            "herinnering gekregen, stookt, stoken, verbrandt, verbranden, vreet, slikt, valt weg, valt steeds weg, "
            "valt uit, zwart, op zwart, zwart scherm, zit er niet, zit zonder, advies, vraag over, schudt, wiebelt, "
            "op zijn telefoon, op haar telefoon, iedereen parkeert, parkeert iedereen, weggesleten, verkeerd "
            "geschreven, gewacht, gezegd dat, werd gezegd, doorverwezen, troep, zooitje, puinhoop, nauwelijks, amper, "
            "bijna niet, bijna weg, niet meer te zien, niet te zien, niet meer, gaat een keer mis, gaat mis, schijnt, "
            "branden, blijft branden, blijven branden, hele rit, stampvol, te klein, te smal, te donker, te hard, "
            "hard gereden, scheuren, racen, crossen, klimmen, hangen rond, krijg nog, krijgen nog, krijg nog steeds, "
            "krijg steeds, kreeg nog, dicht op, klapte dicht, klapten dicht, ging dicht, stinkt, stinkt het, ruikt "
            "het naar riool, te hoog, te laag, te steil, slecht te zien, slecht te lezen, moeilijk te zien, bijna "
            "elke, elke nacht, s nachts, 's nachts, snachts, s avonds, voor onze uitrit, voor de inrit, moet, moeten",
        ),
    },
    "common": {
        "en": words(
            "",
            "",
            "tram, trams, line 1, line 2, line 3, line 4, line 5, line 6, line 7, line 8, line 9, line 10, line 11, "
            "line 12, the tram, the trams, tram driver, bus, buses, the bus, busses, night bus, bus driver, bus "
            "drivers, driver, drivers, metro, subway, ferry, ferries, train, trains, bus stop, tram stop, bus "
            "shelter, tram shelter, station, bus station, last bus, next bus, first bus, last tram, seat, seats, "
            "timetable, timetables, delay, delays, delayed, ticket, tickets, day ticket, fare, fares, ticket "
            "inspector, inspector, umbrella, library, libraries, book, books, museum, theatre, pool, swimming pool, "
            "gym, town hall, city hall, council office, cafe, pub, exhibition, school, hall, door, doors, window, "
            "windows, lift, office hours, park, parks, playground, playpark, tree, trees, dog, dogs, cat, cats, bird, "
            "birds, duck, ducks, swan, swans, goose, geese, gull, gulls, seagull, seagulls, pigeon, pigeons, fox, "
            "foxes, bee, bees, rats, mouse, mice, flower, flowers, garden, gardens, allotment, allotments, grass, "
            "leaf, leaves, woods, beach, fountain, pond, bench, benches, football, picnic, nature reserve, planting, "
            "nest, hedge, hedges, meadow, skate park, acorn, conker, road, roads, street, streets, path, bike, bikes, "
            "bicycle, bicycles, cycling, cyclist, cyclists, bike path, bike lane, cycle lane, car, cars, lorry, "
            "lorries, van, vans, truck, trucks, traffic jam, rush hour, congestion, parking, parked, pavement, "
            "roundabout, roadworks, road works, bollard, bollards, speed bump, speed bumps, underpass, footbridge, "
            "bridge, snow, steps, crane, building works, lollipop, pedestrians, crossing, e scooter, scooters, "
            "traffic lights, traffic light, red light, green light, zebra crossing, street sweeper, pothole, "
            "potholes, water, canal, harbour, leak, flood, floods, flooding, flooded, puddle, puddles, bin, bins, bin "
            "men, bin lorry, bin day, waste, litter, rubbish, recycling, recycling centre, tip, the tip, trash, app, "
            "the app, your app, website, wifi, newsletter, email address, notification, notifications, cookies, "
            "digital, account, link, tax, council tax, vote, voting, polling, planning, marriage, married, wedding, "
            "birth, school run, volunteer, volunteering, rent, grant, fine, passport, appointment, licence, street "
            "party, market stall, fireworks permit, care, housing, benefits, id, busking, food truck, music, noise, "
            "noisy, loud, smell, smells, stench, stink, neighbour, neighbours, neighbor, neighbors, students, youths, "
            "church bells, helicopter, drunk, fight, fighting, shouting, screaming, drone, smoke, upstairs, next "
            "door, kids throwing, engine, engines, partying, lamp, lamps, christmas lights, lamp post, lamp posts, "
            "points, shelter, guard, terminus, heating, shower, showers, taxi, care, carer, card, gate, gates, "
            "contactless, desks, chair, chairs, new address, tax letter, tax bill, conductor, announcement, "
            "announcements, air con, escalator, level crossing, trolley, replacement bus, speeding, leaf blower, "
            "speed camera, password, wi fi, sms, text message, download, glass, container, leaflets, swing, swings, "
            "slide, branch, branches, fireworks, dust, flies, ants, moths, spit, knife, certificate, moving house, "
            "moved house, moving in, moving out, coffee machine, coffee maker, meeting room, meeting rooms, printer, "
            "books, canteen, sauna, garage, extension, landlord, bill, invoice, waiting list, register, apply, "
            "paperwork, application, weeds, bushes, shrubs, caterpillars, cigarette butts, nappy, nappies, litter "
            "pick, barking, church bells, motorbikes, ice rink, toilet, toilets, loo, loos, changing room, radiator, "
            "paddling pool, paddling, barrier, barriers, diversion, diverted, late bus, seat on, umbrella, qr code, "
            "season ticket, monthly pass, bus pass, travel card, scanner, roadworks at night, tarmac, cobbles, "
            "cobbled, ice on, e ticket, form, forms, upload, chatbot, newsletter, harassment, drunks, begging, eggs, "
            "building noise, construction, builders, light rail, points, rain, pipe, pipes, tap, tap water",
        ),
        "nl": words(
            "",
            "",
            "tram, trams, trammetje, tramlijn, tramlijnen, bus, bussen, de bus, nachtbus, buschauffeur, "
            "trambestuurder, tramchauffeur, chauffeur, chauffeurs, conducteur, conductrice, controleur, metro, pont, "
            "pontje, veer, trein, treinen, station, busstation, halte, haltes, bushokje, bushokjes, lijn, lijnen, ov, "
            "overstap, spits, reizigers, rit, ritten, omroep, vertraging, vertraagd, kaartje, kaartjes, ticket, "
            "tickets, dagkaart, dagkaartje, the bus, the tram, bus stop, train, remise, overvol, stoelen, bieb, "
            "bibliotheek, museum, theater, schouwburg, zwembad, stadhuis, gemeentehuis, boek, boeken, school, zaal, "
            "lokaal, klok, kerkklok, kerkklokken, raam, ramen, deur, deuren, monument, trap, stoel, sauna, "
            "tentoonstelling, gym, library, pool, lift, park, parkje, parken, boom, bomen, hond, honden, kat, katten, "
            "vogel, vogels, eend, eenden, zwaan, gans, ganzen, meeuw, meeuwen, duif, duiven, egel, rat, ratten, "
            "mieren, vissen, bloem, bloemen, planten, tuin, volkstuin, volkstuinen, gras, heg, berm, bos, strand, "
            "strandje, fontein, vijver, bankje, bankjes, voetbal, picknick, natuur, schaduw, speeltuin, "
            "kinderboerderij, geveltuin, geveltuintjes, tree, trees, dog, nest, blad, bladeren, straat, straten, "
            "plein, weg, wegen, fiets, fietsen, fietser, fietsers, fietsje, fietspad, fietsbrug, auto, auto's, autos, "
            "file, verkeer, vrachtwagen, vrachtwagens, parkeren, parkeerplek, parkeerplaats, parkeerboete, "
            "geparkeerd, brug, bruggen, tunnel, rotonde, kruispunt, kruising, oversteken, drempel, drempels, paaltje, "
            "paaltjes, stoep, stoepen, stoeptegels, stoeptegel, werkzaamheden, wegwerkzaamheden, omleiding, sneeuw, "
            "snelheid, hek, fietsenrek, fietsenstalling, stoplicht, stoplichten, verkeerslicht, verkeerslichten, "
            "zebrapad, klaarover, hijskraan, bouw, scooters, bike, street, van, water, haven, gracht, sloot, boot, "
            "boten, bootje, regen, regenwater, container, containers, afval, vuilniswagen, prullenbak, prullenbakken, "
            "zwerfvuil, vuil, troep, rommel, glas, milieustraat, ophalen, opgehaald, kerstboom, kerstbomen, bin, "
            "trash, vuilnisbak, plastic, app, de app, site, website, online, account, code, link, mail, digitaal, "
            "digitalisering, nieuwsbrief, wifi, bevestiging, belasting, boete, boetes, brief, brieven, verkiezing, "
            "verkiezingen, stemmen, trouwen, huwelijk, geboorte, vrijwilliger, vrijwilligers, vrijwilligerswerk, "
            "straatfeest, buurtfeest, foodtruck, drone, betalen, betaald, woning, opvang, rekening, paspoort, "
            "rijbewijs, afspraak, verhuisd, verhuizen, parking, tax, handhaver, garage, muziek, geluid, lawaai, "
            "herrie, stank, stinkt, buren, buur, studenten, jeugd, kroeg, café, cafe, terras, terrasje, disco, "
            "evenement, festival, kermis, concert, motor, motoren, rook, geur, luchtje, bang, wakker, dronken, "
            "vuurtje, barbecue, graffiti, noise, neighbours, lamp, lampje, lampen, licht, lichten, lantaarn, "
            "lantaarns, donker, kerstverlichting, kerstlichtjes, lampionnen, verwarming, airco, douche, taxi, "
            "ingeparkeerd, inparkeren, parkeert, parkeerde, parkeertarief, parkeertarieven, kaart, card, perron, "
            "stationshal, roltrap, pdf, wachtwoord, papieren, aanvraag, aanvragen, formulier, formulieren, "
            "koffieautomaat, koffiemachine, vergaderzaal, printer, kantine, theaterzaal, fietsenstalling, "
            "vrachtverkeer, snelheidsbord, verkeersdrukte, caravan, busje, bouwvakkers, steiger, blikjes, karton, "
            "kauwgom, peuken, luiers, tak, takken, struik, struiken, bosjes, onkruid, perk, plantsoen, schommel, "
            "glijbaan, zandbak, rozen, rups, rupsen, wespen, muggen, vuurwerk, vuurwerkoverlast, brommers, "
            "hangjongeren, feest, tuinfeest, bovenburen, onderburen, warmtepomp, houtkachel, duiven, ongedierte, "
            "haan, alarm, geschreeuw, inbraak, huur, huurder, huisbaas, subsidie, wachtlijst, taalles, taalcursus, "
            "school, stembureau, stempas, stembiljet, rekeningen, toeslag, uitkering, bijstand, verhuizing, "
            "inschrijven, inschrijving, wachttijd, loket, toilet, toiletten, wc, wcs, kleedkamer, douches, kluisje, "
            "kerkklokken, sporthal, sportveld, tribune, sportclub, regenpijp, kraanwater, drinkwater, leiding, "
            "kelder, steiger, plas, plassen, plas water, lift, liften, poortje, poortjes, saldo, abonnement, korting, "
            "inchecken, uitchecken, ingecheckt, uitgecheckt, overstappen, instappen, uitstappen, eindhalte, reistijd, "
            "dienstregeling, busbaan, trambaan",
        ),
    },
}
