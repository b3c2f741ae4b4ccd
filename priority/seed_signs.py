"""Signs that something is asked, and what outweighs them, in EN and NL."""

from __future__ import annotations

from typing import Any

from priority.seed_categories import words

SIGNS: dict[str, Any] = {
    "question_marks": "?¿؟？",
    "mood_marks": "😍🥰😘😂🤣😅😆😁😄😊🙃😎🤩🥳🎉🎊👏🙌💪❤🧡💛💚💙💜🖤🤍💕💖🏆🎄🎡🎶🎵🌅🌞☀🍻🥂☕🍕📸💰🤡💅",
    "question": {
        "en": words(
            "",
            "",
            "when will, when does, when do, when is, when are, when can, how do, how can, how long, how much, "
            "how often, where can, where do, where is, why is, why are, why does, why do, why isn't, can you, "
            "can someone, can anyone, can i, can we, could you, could someone, could anyone, is there, are "
            "there, do you, do i, do we, does anyone, does anybody, what time, any idea, any news, who do, "
            "who can, may i, should i, is it possible, anyone know, what happened, what is wrong, what's "
            "wrong, is anyone, is anybody, will you, can that, can this, can it, can the, can my, can they, "
            "can u, can sb, could that, could this, could it, could the, could u, could i, did you, did u, "
            "did anyone, did someone, do you know, does my, does this, does it count, has anyone, would it be "
            "possible, what should, what do i, what do we, what does, which bus, which tram, which form, "
            "which office, which bin, who is responsible, who to, who should, whom, how come, how am i, how "
            "does, how would, how far, how soon, how late, how early, when's, when did, where are, where did, "
            "where does, where should, where would, whats the, whats going on, any chance, any update, any "
            "plans, why has, why have, why did, is it true, is it allowed, is it ok, is it safe, is there "
            "any, is the * open, are dogs, am i allowed, are we allowed, do u, shall i, can somebody, could "
            "somebody, somebody tell me, someone tell me, tell me how, tell me when, are you going to, are "
            "you open, will you be, will you ever, will there be, will the bus, will the tram, will the "
            "office, will the pool, will the library, will my, will our, does the bus, does the tram, does "
            "the office, does the pool, does the library, does the council, have you got, have you had, how "
            "are we, how are people, how is she, how is he, how is anyone, how is it possible, how is this, "
            "what can the, what can i, what can we, what can be, what about the, where's the, where's my, "
            "what's happening with, what's going on with, whats going on with, why was my, why was the, i was "
            "wondering, wondering if, wondering when, wondering how, would you be, would you please, how did "
            "i, how would i, can someone tell, does anyone know, what day, which day, which number, which "
            "department, who would, can a, can anybody, do they, do the, does it, has the, has my, have the, "
            "is my, is our, is the office, is the pool, is the library, is the market, is the bridge, is the "
            "lift, when's the, when is my, when will my, how old, how big, how can my, where to, where's the "
            "nearest, nearest, am i, are pets, are cats, are bikes, may we, may my, must i, must we, whats, "
            "whens, wheres, hows, any1, anyone got, anybody know, is anyone else",
        ),
        "nl": words(
            "",
            "",
            "wanneer, hoe lang, hoelang, hoe kan, hoe moet, hoe kom, hoe laat, hoeveel, waar kan, waar is, "
            "waar moet, waarom, kan ik, kunnen we, kunnen wij, is er, zijn er, weet iemand, weten jullie, "
            "weet u, weet je, wat is, wat moet, wat kost, wie kan, moet ik, mag ik, heeft iemand, enig idee, "
            "is het mogelijk, ik vraag me af, gaat er iemand, wordt er, hoe krijg, hoe krijgen, hoe kan ik, "
            "hoe doe, hoe werkt, hoe zit, hoe vraag, hoe gaat dat, hoe ver, hoe vaak, hoe regel, hoe meld, "
            "krijg ik, krijgen we, krijgen wij, kan dat, kan dit, kan die, kan deze, kan er, kan het, kan t, "
            "kan mijn, kan mn, kan daar, kan hier, kan je, kan men, kunnen er, kunnen die, kunnen deze, "
            "kunnen ze, kunnen jullie, mag je, mag dat, mag dit, mag mijn, mag mn, mag een, mag het, mag er, "
            "mag ie, mogen we, mogen wij, mogen honden, moet dat, moet dit, moet je, moet het, moet daar, "
            "moeten we, moeten wij, zou iemand, zou er, zou het kunnen, zouden jullie, hebben jullie, hebt u, "
            "heeft u, gaan jullie, gaat iemand, gaan er, komt er, komt daar, komen jullie, komt dit, komt "
            "iemand, komt er iemand, waar blijft, waar blijven, waar vind, waar haal, waar meld, waar kunnen, "
            "waar staat, waar zit, waar gaat, wat doe ik, wat doen jullie, wat doet de, wat gaan jullie, wat "
            "gebeurt, wat gaat, wat nu, wat mag, wat zijn de, wat is er, wat is dit, wat te doen, welke bus, "
            "welke lijn, welk formulier, welk loket, welke bak, wie is, wie gaat, wie ruimt, wie haalt, wie "
            "maakt, wie moet, wie doet, wordt dat, wordt dit, wordt het, wordt die, word er, word dat, worden "
            "er, worden die, worden we, vanaf wanneer, tot wanneer, sinds wanneer, per wanneer, tot hoe laat, "
            "klopt het, klopt dit, klopt dat, is dat normaal, is dit normaal, is het waar, is er al, is er "
            "iets, is daar, al iets bekend, al bekend, iemand enig, iemand die weet, is t, hoe oud, hoe "
            "groot, hoe hoog, hoe duur, hoe maak, hoe ga, hoe weet, hoe lever, hoe lang nog, kan een, kan "
            "ook, kan m'n, kan ons, kan onze, kan die weg, kunnen onze, mag onze, mag mijn hond, mag die, "
            "moet mijn, moet die, moeten de, is die, is jullie, is de balie, is het loket, is het zwembad, is "
            "de bieb, is de markt, is de brug, zijn jullie, zijn de, hebben we, heeft de, gaat de, gaat die, "
            "rijdt de, rijdt er, rijden er, rijden de, komt de, komen er, waar lever, waar mag, waar ligt, "
            "waar vraag, waar krijg, welke dag, welke tijd, weet je of, weten jullie of, iemand een idee, "
            "iemand tips, krijg je, doen jullie, nemen jullie, sturen jullie, ruimen jullie, repareren "
            "jullie, verkopen jullie, geldt dat, geldt dit, geldt het, telt dat, wordt de, worden de, lukt "
            "het, hoezo",
        ),
    },
    "wish": {
        "en": words(
            "repairing, fixing, clearing, replaced, reported, reporting",
            "",
            "please, pls, plz, would like, i'd like, i want, we want, i need, we need, needs fixing, fix, fix "
            "it, help me, send someone, have a look, take a look, look into, asap, empty it, clean it, come "
            "and, someone should, do something, let me know, want my, needs cleaning, needs clearing, needs "
            "emptying, needs cutting, needs repair, needs replacing, needs sorting, needs looking, needs "
            "doing, send somebody, send out, might want to, may want to, would be great if, would be good if, "
            "would be nice if, would be helpful, get it cleaned, get it fixed, get this fixed, get that "
            "fixed, get this sorted, get it sorted, sort it, sort this, sort out, sort ur, clear it, clear "
            "this, clear up, clean up, clean this, clean them, take it away, remove it, pick it up, pick this "
            "up, collect it, come look, someone needs to, somebody needs to, someone has to, somebody should, "
            "someone come, somebody come, needs to talk, proper answer, an answer, still waiting, waiting for "
            "an answer, waiting for a reply, no reply, no answer, no response, heard nothing, not heard, "
            "haven't heard, hear back, heard back, ring me, email me, get back to me, i would like, would "
            "like to, we'd like, request a, requesting, reporting a, report a, i report, to report, my "
            "report, reported this, reported it, reported twice, my complaint, complain about, money back, "
            "refund me, put it back, put them back, switch it, turn it, be removed, be fixed, be cleaned, be "
            "cleared, be emptied, be replaced, be repaired, help needed, urgent, urgently, as soon as "
            "possible, can't you, pls look, plz look, u fix, u clean, need to know, need to renew, need to "
            "report, need to cancel, need to change, need to register, need to apply, need to book, need to "
            "speak, need to pay, needs to be, needs to come, needs to stop, need a new, need an appointment, "
            "need an answer, need a copy, need a replacement, need a permit, i'm trying to, trying to get, "
            "trying to book, trying to pay, trying to register, trying to reach, trying to renew, turn it on, "
            "turn it off, turn them off, turn them on, turn it down, turn that, please check, want it for, "
            "want it fixed, want it gone, want it removed, want to report, want to complain, want to know, "
            "want to book, want to change, want to cancel, want to apply, want to register, wants to know, to "
            "complain, report of, send a team, send a crew, send a warden, call me back, can be moved, must "
            "be removed, need help, help please, please help, some help, come pick up, i'm looking for, "
            "looking for my, repair it, renew my, replace my, cancel my, apply for a, apply for an, how to "
            "apply, to renew, to cancel my, to request, can sort, can send, move the, move this, move these, "
            "trim the, trim this, cut back, cut the grass, cut this, salt the, grit the, unblock, empty the, "
            "empty this, empty them, please send, pls send, plz send, could do with, needs attention, needs "
            "some, needs urgent, needs more, we need more, need more, put in a, put up a, have a word, deal "
            "with, investigate, enforce, sweep the, please stop, let us know, please advise, reply to, answer "
            "my, answer the, suggestion, would really help, appreciated if, grateful if, hoping you, hope you "
            "can, hope someone, wish you would, wish someone, maybe put, maybe add, photos attached, photo "
            "attached, pictures attached, who covers, who deals, who do i, need a refund, want a refund, put "
            "a shelter, there should be, should have a, could use a, put a bench, put a bin, put up, a refund",
        ),
        "nl": words(
            "repareren, opruimen, weghalen, aanvragen, verlengen, melden, annuleren, vervangen, schoonmaken, "
            "verwijderen, ophalen, snoeien, legen, vergoeden, terugbetalen, regelen, verplaatsen, handhaven, "
            "controleren, verzoek",
            "",
            "ik wil, we willen, wil graag, wil ik, ik zou, zou ik, kunnen jullie, kunnen we, kan iemand, kan "
            "er iemand, kunt u, kun je, kan je, zouden jullie, willen jullie, wilt u, wil je, svp, s.v.p., "
            "aub, a.u.b., alsjeblieft, alstublieft, ik zoek, wij zoeken, bij deze, kom eens, doe er wat aan, "
            "doe er iets aan, doe iets, maak het, los het op, kom kijken, laat weten, verzoek, moet gemaakt, "
            "moet weg, ik heb hulp, haal dit, haal dat, haal het, haal die, haal deze, haal ze, haal weg, "
            "haal t, kom dit, kom dat, kom het, kom die, kom even, kom es, kom langs, doe wat, doe er aub, "
            "doe daar, ruim dit, ruim dat, ruim het, ruim op, maak dit, maak dat, maak er, zet die, zet het, "
            "zet hier, stuur iemand, stuur eens, plaats een, snoei, veeg, leeg die, terughoren, wil weten, "
            "willen weten, wil graag weten, hoor graag, hoor ik graag, hoor het graag, reactie graag, niks "
            "gehoord, niets gehoord, nog niks, nog niets, geen reactie, geen antwoord, wacht nog, wacht al, "
            "wachten al, graag een, graag even, even iemand, iemand komen, iemand langs, iemand sturen, zsm, "
            "z.s.m., met spoed, dringend, tijd dat, mogen wel eens, mag wel eens een, zou fijn zijn, zou mooi "
            "zijn, zou handig zijn, zou prettig zijn, zou helpen, moet er, moeten er, moet nodig, moet "
            "opgeruimd, moet gerepareerd, moet vervangen, moet gesnoeid, willen dat, willen graag, wil iets, "
            "verzoeke, geld terug, terug willen, terugstorten, bel me, mail me, laat even weten, laat me "
            "weten, meld ik, meld hier, wil melden, wou melden, even melden, al gemeld, wilde vragen, "
            "vraagje, hulp nodig, kom opruimen, kom halen, hier wil ik, ik wil een, heb een vraag, heb vraag, "
            "een vraagje, graag een reactie, graag een oplossing, graag een antwoord, graag handhaven, graag "
            "actie, graag opruimen, graag herstellen, graag weghalen, graag repareren, graag snel, graag "
            "maken, graag vervangen, graag iemand, graag terug, graag weten, graag iets, zou graag, wij "
            "willen graag, verneem graag, ik graag, we graag, wij graag, graag zsm, graag aandacht, graag "
            "bericht, is nodig, heb * nodig, hebben * nodig, nodig heb, nodig dat, eerder gemeld, heb gemeld, "
            "melding gedaan, melding gemaakt, melding van, mijn melding, klacht over, klacht indienen, mijn "
            "klacht, een klacht, help me, help ons, help aub, aub help, kan iemand helpen, ik wil mijn, ik "
            "wil dat, wil mijn geld, wil een afspraak, wij willen, wil hier, verplaats, knip, strooi, haal "
            "eens, haal a u b, kom eens kijken, plaats daar, plaats hier, voorstel, suggestie, idee voor, zou "
            "een idee, verzoek om, doe er eens, pak dit, pak dat, pak het, treed op, grijp in, ingrijpen, "
            "actie ondernemen, neem contact, contact opnemen, terugbellen, bel mij, bel terug, geef antwoord, "
            "antwoord op, bevestigen, zorg dat, zorg voor, wil iemand, hoop dat, we zouden, wij zouden, zou "
            "iemand, zet daar, zet er, doe daar iets, meer bankjes, meer prullenbakken, meer bussen, "
            "handhaaf, zet eens, er moeten, moeten echt, zou wel een, wie regelt, wie regelt dat, wie komt, "
            "foto bijgevoegd, zie foto, wat moet ik, welke papieren, moet ik meenemen",
        ),
    },
    "fault": {
        "en": words(
            "jammed, overflowing, smashed, vandalised, cracked, leaking, flooded, flickering, crashed, "
            "malfunction, swallowed, swallowed * card, leaning, overgrown, uneven, cancelled, crumbling, "
            "snapped, infested, unsafe, unreadable",
            "",
            "broken, broke, broken down, iced over, frozen over, won't let, not letting, skipped, dripping, "
            "nearly fell, almost fell, tile loose, not working, isn't working, aren't working, doesn't work, "
            "does not work, don't work, do not work, didn't work, stopped working, won't work, not * working, "
            "out of order, out of service, stuck, blocked, leak, leaks, leakage, flooding, flood, not "
            "running, isn't running, aren't running, no trams, no buses, won't open, won't close, won't "
            "start, won't turn on, doesn't open, doesn't close, couldn't, unable to, is full, are full, "
            "completely full, container full, bin full, bins full, full again, went down, sign down, knocked "
            "down, blown down, not collected, wasn't collected, weren't collected, not been, damaged, loose, "
            "dark, is dark, are out, lights out, failed, failing, fails, faulty, fallen, fell over, never "
            "came, didn't come, didn't show, not come, charged twice, paid twice, double charged, "
            "overcharged, stolen, stench, too loud, loud music, rats, no light, no water, no heating, too "
            "cold, too hot, ate my card, took my card, dangerous, went wrong, goes wrong, is wrong, pothole, "
            "potholes, never * answer, nobody * answer, kept my card, kept my money, crooked, icy, slippery, "
            "doesn't stop, does not stop, didn't stop, never stops, not stopping, won't stop, off again, "
            "heating off, lights off, bubbling up, foaming, foam, hanging off, hanging down, knocked flat, "
            "knocked off, knocked over, lying in the road, lying across, tripped, trip hazard, tripping, cut "
            "my, cut his, cut her, slipped, out of action, taken up by, taken over by, drove past, drove "
            "straight, straight past, went past, sailed past, didn't turn up, never turned up, not turned up, "
            "no show, never arrived, not arrived, hasn't arrived, hasn't come, won't release, won't charge, "
            "won't load, won't let me, wouldn't let, trapped, locked in, locked out, filthy, dirty, "
            "disgusting, covered in, til 3am, till 3am, until 3am, keeps us awake, kept awake, can't sleep, "
            "ruined, worn, faded, wobbly, rotten, rusty, sharp edge, sinking, sunk, going for hours, been "
            "going for, been off, been like this, been there, since monday, since tuesday, since wednesday, "
            "since thursday, since friday, since saturday, since sunday, since yesterday, since this morning, "
            "since the weekend, for the third, 3rd time, third time, nobody comes, nobody came, noone came, "
            "no one came, too fast, double parked, parked on, parked in, parked across, blocking, blocks the, "
            "not safe, dead rat, dead fish, dead fox, rejected, declined, refused, disappeared, never got, "
            "didn't get, not received, never received, no email, no confirmation, didn't give, gave me "
            "nothing, ate my, kept my, took my money, been stolen, gone missing, busted, knackered, buggered, "
            "packed up, given up, conked out, jammed, crashes, crashing, freezes, keeps crashing, keeps "
            "saying, keeps failing, timed out, blank screen, blank page, two different, says closed, can't "
            "get, can't use, can't open, can't see, can't find, can't pay, can't reach, can't log, can't "
            "walk, can't pass, can't park, can't enter, can't book, can't submit, can't upload, can't "
            "register, can't top, can't check, can't cross, can't hear, can't read, cannot get, cannot use, "
            "cannot open, cannot see, cannot find, cannot pay, cannot reach, cannot log, cannot access, "
            "cannot book, can not get, can not use, can not open, can not log, smell of, smell from, smell "
            "coming, awful smell, bad smell, terrible smell, horrible smell, sewage smell, stinking, stink, "
            "leaking, flooded, doesn't light, not been emptied, not emptied, wasn't emptied, weren't emptied, "
            "hasn't been emptied, not picked up, not cut, not been cut, not swept, not cleaned, hasn't been "
            "cleaned, no bus, no tram, no signal, no wifi, no hot water, no toilet paper, swastika, racist, "
            "graffiti on, spray painted, left in the dark, pitch black, pitch dark, unlit, keeps flashing, "
            "flashing, flickers, beeping, alarm going, stuck open, stuck shut, stuck on red, stuck on green, "
            "wasps, running late, 20 mins late, 30 mins late, over an hour late, is off again, are off again, "
            "she fell, he fell, mum fell, been out for, been broken for, been broken since, been off for, "
            "been down for, is missing, are missing, cover missing, still missing, lost my, lost a, i lost, "
            "lost her, lost his, is dead, are dead, all dead, gone dead, dead bird, dead cat, dead swan, so "
            "loud, can't * get, can't * use, can't * open, can't * find, can't * pay, can't * reach, can't * "
            "see, can't * pass, can't * cross, can't * register, can't * book, can't * access, can't * enter, "
            "can't * read, can't * make, can't * turn, can't * leave, can't * get out, an error, error "
            "message, gives an error, giving an error, error code, site is down, website is down, system is "
            "down, is down again, lines are down, hasn't been collected, hasn't been fixed, hasn't been cut, "
            "hasn't moved, hasn't worked, haven't been collected, haven't been emptied, haven't been fixed, "
            "haven't received, haven't had, haven't heard, was dumped, been dumped, dumped on, dumped in, "
            "dumped at, dumped behind, dumped next, dumped outside, it stinks, stinks of, stinks like, for "
            "the 2nd time, for the second time, third week running, 3rd week running, weeks running, 2nd "
            "week, second week, for a week now, for two weeks, for three weeks, for 2 weeks, for 3 weeks, 2 "
            "weeks now, 3 weeks now, weeks now, days now, weeks ago, months ago, is frozen, frozen pipe, "
            "frozen screen, missed us, missed our, missed my, not turned on, left open, left on, coming off, "
            "come off, falling off, falling down, fallen down, collapsed, caved in, giving way, wonky, "
            "buckled, cracked, sticking out, sticking up, rattling, rattles, clanging, gushing, spilling, "
            "seeping, backed up, clogged, blocked up, won't flush, doesn't flush, doesn't load, doesn't go, "
            "not loading, not opening, not closing, not charging, not flushing, not accepting, not reading, "
            "not recognised, not accepted, not valid, invalid, no lights, no power, no heat, no electricity, "
            "stung, bitten, injured, still not, still no, still hasn't, still haven't, still isn't, still "
            "aren't, still can't, still off, still closed, still lying, yet again, weeks on end, days on end, "
            "for weeks now, for months now, for days now, is closed, are closed, was closed, closed again, is "
            "shut, are shut, is locked, are locked, was locked, locked again, too narrow, too steep, not "
            "enough, so rude, was rude, very rude, rude driver, rude to, shouted at, yelled at, swore at, "
            "ignored me, refused to, wouldn't stop, wouldn't open, closed the doors, shut the doors, left my, "
            "left a, left her, left his, forgot my, nothing happens, nothing happened, nothing done, nobody "
            "answers, keeps ringing, hung up, waited an hour, waiting an hour, waiting 20, waiting 30, waited "
            "40, been waiting, have been waiting, passing out, got hit, near miss, hit by, crashed into, "
            "drove into, spat, abandoned, obstructing, obstructed, hard to see, not visible, peeling, leaning "
            "over, tilting, wobbling, mouldy, machine is empty, found a purse, found a wallet, found a phone, "
            "found keys, got hurt, was hurt, been attacked, was attacked, still not working, has expired, is "
            "in the way, too short to cross, again this morning and, is lost, are lost, got lost, crumbled, "
            "crumbled away, crumbling away, worn away, twisted my, sprained, ripped, torn, tore my, sticks "
            "out, rattle, shakes, loud bang, tapped twice, covers half, drips, half out, rings out, get "
            "nothing, got nothing, shows no, pay again, paid again, had to pay, fly tipped, tipped on, tipped "
            "in, in the brook, in the river, in the canal, is out of, ran out, run out, nobody there, no "
            "lollipop, no one there, in the rain every, pushchairs go, go in the road, in the road, into the "
            "road, looks sad and, washed away, snagged, stuck in, stuck on, stuck at",
        ),
        "nl": words(
            "defect, storing, verstopt, beschadigd, vernield, overstroomd, uitgevallen, ingeslikt, mislukt, "
            "foutmelding, omgevallen, lekkage, verzakt, kapot, gestolen, gebarsten, versperd, geblokkeerd, "
            "verroest, afgebroken, losgeraakt, verdwenen, gestrand, geweigerd, afgelast, vervuild, "
            "onleesbaar, overwoekerd, bespoten, beklad, gesloopt",
            "lekkage, geluidsoverlast, stankoverlast, wateroverlast",
            "kapotte, doet het niet, doen het niet, doet * niet, doen * niet, werkt niet, werken niet, werkt "
            "* niet, werken * niet, buiten werking, buiten gebruik, buiten dienst, zit vast, bomvol, loopt "
            "over, lopen over, overgeslagen, geslikt, opgegeten, naast de container, naast de bak, bijna "
            "gevallen, wordt niet, worden niet, zit los, ligt los, liggen los, is vol, zijn vol, zit vol, "
            "zitten vol, staat vol, container vol, bak vol, zitten vast, slikt * in, rijdt niet, rijden niet, "
            "rijdt * niet, rijden * niet, geen enkele tram, geen trams, geen bussen, staat stil, staan stil, "
            "lek, lekt, lekken, onder water, overvol, puilt uit, niet opgehaald, niet geleegd, omver, ligt "
            "eruit, liggen eruit, ligt plat, ligt om, ligt op straat, gaat niet, lukt niet, lukt * niet, kan "
            "* niet, kunnen niet, kunnen * niet, komt niet, kwam niet, komt * niet, niet gekomen, niet open, "
            "niet dicht, opent niet, sluit niet, valt uit, brandt niet, branden niet, brandt * niet, branden "
            "* niet, knippert, stinkt, geen licht, geen water, geen verwarming, te koud, te warm, te hard, "
            "kwijt, verdwenen, dubbel betaald, twee keer betaald, dubbel afgeschreven, gaat fout, ging fout, "
            "gevaarlijk, gat, kuil, kuilen, scheef, niemand * op, ratten, harde muziek, gedumpt, doet t niet, "
            "doen t niet, kletsnat, lekkend, lekkende, spekglad, glibberig, kniehoog, meterhoog, keihard, "
            "racet, racen, te snel, scheuren door, piept, piepen, ronkt, bromt, dooie, ligt vol, liggen vol, "
            "tot de nok, propvol, overloopt, niet leeg, loopt achter, loopt * achter, klopt niet, kloppen "
            "niet, verkeerd, verkeerde, foute, zat te appen, door rood, doorgereden, reed door, rijdt door, "
            "stopte niet, stopt niet, stopt * niet meer, voorbij gereden, al weken, al dagen, al maanden, al "
            "een week, al uren, al 2 weken, al twee weken, al drie weken, al 3 weken, al een maand, weken "
            "niet, dagen niet, sinds gisteren, sinds vanmorgen, sinds vanochtend, sinds maandag, sinds "
            "dinsdag, sinds woensdag, sinds donderdag, sinds vrijdag, sinds zaterdag, sinds zondag, sinds "
            "vorige, sinds het weekend, sinds de werkzaamheden, doet * niet meer, kom niet meer, kom er niet, "
            "kan * niet meer, werkt * niet meer, rijdt * niet meer, gaat * niet meer, durf * niet, durven * "
            "niet, krijg geen, krijg niet, krijg steeds, krijgen geen, nooit aan, komt nooit, kwam nooit, "
            "komt maar niet, komt niet aan, nooit ontvangen, niet ontvangen, reed niet, reden niet, reed er "
            "niks, reed er niet, reed * niet, viel uit, vielen uit, niet slapen, slapen niet, wakker van, lig "
            "wakker, liggen wakker, uitgegleden, onderuit, gestruikeld, struikel, struikelen, val je over, "
            "hakenkruis, hakenkruizen, gespoten, losliggende, kapotgemaakt, barst, scheur, vies, vieze, "
            "smerig, smerige, ranzig, onbegaanbaar, in de weg, staat midden, midden op de stoep, op de stoep "
            "geparkeerd, fout geparkeerd, staat geparkeerd, dubbel geparkeerd, uur open, uur dicht, minuten "
            "open, minuten te laat, weer niet, niemand komt, niemand doet, hartstikke donker, helemaal "
            "donker, pikdonker, stikdonker, stikdonkere, levensgevaarlijk, gevaarlijke, onveilig, hangt los, "
            "hangt naar, hangt over, hangt scheef, omgereden, plat gereden, omgewaaid, afgewaaid, weggewaaid, "
            "weggezakt, verzakt, zit verstopt, lucht van, bruin water, geel water, geen signaal, geen bereik, "
            "geen papier, geen stroom, geen wifi, zonder licht, zonder water, zonder verwarming, blijft "
            "hangen, blijft draaien, blijft dicht, blijft op rood, loopt vast, loop vast, crasht, onterecht, "
            "ten onrechte, teveel betaald, te veel betaald, uitgecheckt en toch, toch afgeschreven, 2x "
            "afgeschreven, 2x betaald, gestolen, weg is, ineens weg, niet op tijd, tot 3 uur, tot 4 uur, "
            "midden in de nacht, knipperen, flikkert, flikkeren, valt steeds, gaat steeds, staat steeds, "
            "alarm gaat, is gevallen, ben gevallen, gevallen over, gestruikeld over, is donker, te donker, "
            "donkere, zo donker, aardedonker, al donker, blijft donker, weer donker, is stuk, zijn stuk, stuk "
            "is, gaat stuk, ging stuk, weer stuk, stuk gegaan, al stuk, dagen stuk, weken stuk, stuk sinds, "
            "stukgeslagen, stuk getrapt, helemaal stuk, valt eruit, eruit ligt, ligt er uit, drijven er, dode "
            "vis, dode vissen, dode vogel, dode kat, dode zwaan, dode eend, te laat op, te laat komen, uur te "
            "laat, veel te laat, dat kan niet, kan er niet, kan het niet, kan hem niet, kan haar niet, kan "
            "mijn, kan ik niet, kan niet open, kan niet in, kan niet uit, kan niet inloggen, kan niet meer, "
            "kan niet betalen, kan niet door, kan niet langs, vol gaten, grote gaten, gaten in, enorme stank, "
            "vreselijke stank, rotte eieren, stank uit, stank van, wat een stank, veel lawaai, herrie van, "
            "herrie tot, harde herrie, zo'n herrie, niet te harden, is verlopen, elke nacht herrie, elke "
            "nacht lawaai, ieder weekend, elk weekend, steeds uit, lig * wakker, houdt ons wakker, wakker "
            "gehouden, ligt al, liggen al, staat al dagen, staat al weken, staat al een, al jaren kapot, "
            "hangt er bij, hangt eraf, gebarsten, klappert, rammelt, rammelende, borrelt, spuit, spuit water, "
            "sijpelt, verstopt, dichtgeslibd, gestremd, spoelt niet, trekt niet door, laadt niet, accepteert, "
            "weigert, ongeldig, niet geldig, niet herkend, niet geaccepteerd, niet gelukt, lukt maar niet, "
            "krijg foutmelding, storing, gestoken, gebeten, gewond, overlast van, veel overlast, alweer "
            "kapot, wordt niet gedaan, gebeurt niks, gebeurt niets, niets gedaan, niks gedaan, nooit iemand, "
            "nog steeds niet, nog steeds geen, nog steeds kapot, nog altijd niet, nog altijd geen, nog niet "
            "gemaakt, nog niet opgehaald, nog niet geleegd, nog niet gekomen, nog niet ontvangen, nog geen, "
            "weer eens, weer kapot, weer dicht, weer vol, weer uit, weer stil, weer geen, derde keer, vierde "
            "keer, vijfde keer, zoveelste keer, is dicht, zijn dicht, zit dicht, op slot, gesloten, "
            "afgesloten, was dicht, staat dicht, te kort, te lang, te smal, te hoog, te laag, te steil, te "
            "traag, te weinig, niet genoeg, onbeschoft, onbeleefd, onvriendelijk, schreeuwde, snauwde, "
            "weigerde, negeerde, deuren dicht, liet me staan, liet ons staan, laten staan, laten liggen, "
            "laten hangen, vergeten in, ben kwijt, achtergelaten, min te laat, minuten vertraging, min "
            "vertraging, uur vertraging, wacht ik al, wacht nu al, bijna aangereden, bijna geraakt, "
            "aangereden, botsing, niet te zien, slecht zichtbaar, niet zichtbaar, niet leesbaar, bladdert, "
            "wiebelt, wankel, schimmel, brokkelt, stroomuitval, werkt voor geen meter, werkt nooit, werkt "
            "weer niet, niks gebeurd, niets gebeurd, opgehangen, wordt doorverbonden, neemt niemand, krijg "
            "niemand, al sinds, al een paar, al maandenlang, al wekenlang, wekenlang, maandenlang, niemand "
            "neemt, niemand reageert, niemand helpt, gevonden in, gevonden bij, ben * verloren, heb * "
            "verloren, sta al een, sta al 20, sta al 30, staan al een, staan al weken, staan al dagen, is "
            "verdwenen, automaat is leeg, losse tegel, losse kabel, losse stoeptegel, losse draad, losse "
            "steen, losse plaat, weggebroken, weggebrokkeld, afgebrokkeld, verzwikt, gestort, gescheurd, "
            "steekt uit, steekt er, trillen, trilt, klap, enorme klap, geen klaarover, automaat leeg, bak is "
            "leeg, zoutbak * leeg, strooibak * leeg, bord * weg, bord is weg, schrijft wel af, zie geen, "
            "moest nog een keer, nog een keer betalen, in de sloot, in de gracht, in het water, in de regen, "
            "trekken * open, reed ons voorbij, reed voorbij, open getrokken",
        ),
    },
    "praise": {
        "en": words(
            "lovely, beautiful, wonderful, amazing, awesome, fantastic, brilliant, excellent, gorgeous, "
            "compliment, appreciate, delightful, superb, stunning, adore, proud, grateful, kindest, cheers "
            "for",
            "",
            "i love, loves, love the, love this, love it, love our, loved it, can't wait, great job, good "
            "job, nice job, great work, good work, nice work, well done, thank you for, thanks for, thank you "
            "so much, many thanks to, kudos, so nice, very nice, how nice, such a nice, so friendly, very "
            "friendly, so helpful, very helpful, best city, hats off, shout out, shoutout, chapeau, keep it "
            "up, works again, fixed already, much better, works great, works great now, so quick, sorted "
            "quickly, three cheers, 10/10, made my day, made his, made her, best driver, best bus, legend, "
            "legends, hero, heroes, big up, props to, love this city, big thanks, finally works, that works, "
            "so lovely, so kind, so proud, lovely chat, slow clap, happy to see, good to see, nice to see, "
            "nice touch, favourite, favorite, beautiful, looks great, looks amazing, looking good, love, "
            "loving, enjoy, enjoying, enjoyed, cute, hilarious, peaceful, cosy, perfect, magic, magical, "
            "pretty, best view, best part, best thing, best day, best in, great day, great night, what a "
            "night, what a day, what a view, what a team, made me smile, made me laugh, makes me happy, so "
            "happy, happy birthday, happy friday, happy monday, happy new year, merry christmas, "
            "congratulations, congrats, welcome to, so cool, so pretty, so good, never gets old, hard to "
            "beat, beats, yay, hooray, woohoo, thanks again, thank you to, thanks to, thank u, big thank, "
            "thankful, restored my faith, faith in humanity, gold star, give that, deserves a, deserve a, "
            "deserves a medal, pay rise, sunset, sunrise, sunny, nothing beats, miss this city, i miss, "
            "missing this, goodbye, farewell, retired, retires, retirement",
        ),
        "nl": words(
            "mooi, prachtig, geweldig, fantastisch, schitterend, compliment, complimenten, uitstekend, "
            "heerlijk, gezellig, trots, dankbaar, aardig, behulpzaam, keurig",
            "",
            "bedankt voor, dank voor, dank je wel voor, dankjewel voor, dank u voor, dank u wel voor, goed "
            "werk, goed gedaan, goed geregeld, netjes opgelost, mooi werk, top geregeld, top gedaan, super "
            "geregeld, chapeau, petje af, kan niet wachten, hulde, heel fijn, erg fijn, wat fijn, zo fijn, "
            "heel vriendelijk, erg vriendelijk, zo vriendelijk, wat een service, super blij, heel blij, erg "
            "blij, doet het weer, werkt weer, rijdt weer, snel opgelost, lekker bezig, toppers, wat een held, "
            "helden, ik hou van, hou van, fijne feestdagen, fijne dag, wat mooi, wat was t mooi, wat leuk, zo "
            "leuk, super leuk, super vriendelijk, vriendelijk geholpen, goed geholpen, snel geholpen, keurig "
            "opgelost, netjes gedaan, ligt er weer keurig, ziet er weer, rijdt * weer, doet * het weer, "
            "eindelijk weer, werkt als een trein, toppie, complimenten, dikke pluim, pluim voor, danku, "
            "bedankt jongens, bedankt mannen, wauw, kippenvel, genoten, geniet, geniet van, mooiste, leukste, "
            "fijnste, leuke, lief, liefde, zo blij, ben blij, blij met, blij dat, wat een dag, wat een avond, "
            "wat een feest, wat een sfeer, wat een uitzicht, wat een rust, wat een baan, gefeliciteerd, "
            "hoera, jippie, lekker weertje, zonnetje, zonsondergang, zonsopgang, in de zon, genieten, kom "
            "graag, kom hier graag, zit graag, zit hier graag, fiets graag, wandel graag, loop graag, reis "
            "graag, mis de stad, mis deze, blijft mooi, blijft de mooiste, blijft leuk, verveelt nooit, "
            "respect, bloemetje, lintje, verdient, verdienen, dankzij, dank aan, dank jullie",
        ),
    },
    "thanks": {
        "en": words(
            "",
            "",
            "thanks, thank you, thx, ty, cheers, much appreciated",
        ),
        "nl": words(
            "",
            "",
            "bedankt, dank, dank je, dank je wel, dankjewel, dank u, dank u wel, dankuwel, merci, thanks",
        ),
    },
    "venting": {
        "en": words(
            "ridiculous, pathetic, useless, disgrace, disgraceful, shameful, laughable, incompetent, clown, "
            "idiot, moron, bullshit, hopeless, farce, shambles, circus",
            "",
            "lol, lmao, lmfao, rofl, haha, hahaha, wtf, ffs, omg, smh, fml, fuck, fucking, shit, a joke, what "
            "a joke, worst, hate, sick of, fed up, as usual, as always, no surprise, surprise surprise, "
            "sucks, yeah right, nice one, great start, here we go again, unbelievable, what a shame, banana "
            "republic, waste of money, waste of tax, it's giving, what's the point, whats the point, slow "
            "clap, no hope, priorities eh, could do that, not surprised, hot take, gutted, story of my life, "
            "brilliant idea, living the dream, stockholm syndrome, who needs a, says it all, another day "
            "another, joke of a, joke city, what a city, laughing stock, clown show, can't make this up, you "
            "couldn't make it up, ur all, you lot, seriously though, bloody hell, bloody joke, absolute joke, "
            "comedy gold, classic council, genius move, typical council",
        ),
        "nl": words(
            "schandalig, belachelijk, waardeloos, lachwekkend, kansloos, prutser, sukkel, idioot, debiel, "
            "droevig, triest, bagger, nutteloos, aanfluiting, circus",
            "",
            "lol, haha, hahaha, hihi, wtf, omg, pff, pfff, pffff, zucht, tsja, typisch, natuurlijk weer, ja "
            "hoor, hoor weer, schande, een grap, lachertje, kut, klote, shit, godver, verdomme, jezus, "
            "tering, kolere, lekker dan, lekker weer, goed bezig, fijne boel, stelletje, zoals altijd, zoals "
            "gewoonlijk, ben er klaar mee, spuugzat, zo zat, hou op, weer lekker, bananenrepubliek, "
            "weggegooid geld, wat een puinhoop, puinhoop, drama, ongelooflijk, te gek voor woorden, typical, "
            "nou ja, dromen mag, zeggen ze, ook leuk, jullie zijn echt, net katten, kuddedieren, zin in "
            "hebben, dit is dus waarom, in gent, in belgië, wat een stad, wat een land, alleen hier, geniaal, "
            "mijn leven, typisch gemeente, no comment, tja, ach ja, zeg maar dag, kun je lachen, lach me "
            "kapot, goed voor de lijn, 't is wat, tis wat, leuk hoor, fijn hoor, mooi is dat, goed bezig "
            "hoor, applaus",
        ),
    },
    "chatter": {
        "en": words(
            "",
            "",
            "rt, new blog, new post, new episode, new podcast, podcast, breaking, breaking news, reading "
            "that, according to, approved, council approves, councillors, elections, election, vote, opinion, "
            "thread, link in bio, follow me, follow my, follow us, giveaway, earn, discount, promo, sale now, "
            "on sale, tickets available, tickets on sale, join us, come along, come and see, save the date, "
            "sign up, doors open, live music, photo dump, photo of the day, throwback, tbt, fun fact, hot "
            "take, unpopular opinion, shower thought, plot twist, spoiler, pov, me when, when you, tfw, mood, "
            "vibes, iconic, core memory, main character, note to self, life hack, reminder that, day one of, "
            "guess who, guess what, wish me luck, first day, last day, day off, working from home, on my way, "
            "currently on, currently sitting, sitting on the, eavesdropping, overheard, the man next, the guy "
            "next, the woman next, the lady next, someone on the, somebody on the, there's a guy, there's a "
            "man, my gran, my grandad, when i was, i remember, used to, years ago, grew up, back in the, "
            "every time i, every single time, that's it, who needs, who knew, who else, raise your hand, "
            "basically, apparently, kinda, dream job, date night, first date, new job, got promoted, moving "
            "here, moved here, visiting, tourist, tourists, quiz, crossword, good morning, morning all, good "
            "night, gm, happy monday, my cat, my dog, my favourite, my favorite, why am i awake, feels like, "
            "looks like a painting, smells like, like a movie, like a film, or was it just me, or is it just "
            "me, darling, who designed, pinball, was going to complain, was about to complain, this year, "
            "everywhere are, that's called, called a city, fan club, as a treat, or so they say",
        ),
        "nl": words(
            "",
            "",
            "rt, nieuwe blog, nieuwe podcast, podcast, aflevering, lokale krant, volgens de krant, gelezen "
            "dat, in de krant, goedgekeurd, vergadert, begroting, verkiezingen, stem op, mening, draadje, "
            "link in bio, volg mij, volg ons, winactie, win, korting, gratis volgers, kaartverkoop, kom langs "
            "op, kom kijken naar, schrijf je in, doe mee, foto dump, foto van de dag, weetje, wist je dat, "
            "wist u dat, pov, mood, sfeer, plot twist, eerste werkdag, laatste werkdag, eerste dag, laatste "
            "dag, wens me, duim voor, vrije dag, thuiswerken, thuis werken, onderweg naar, zit in de, gesprek "
            "in de, afgeluisterd, de man naast, de vrouw naast, iemand in de tram, iemand in de bus, mijn "
            "oma, mn oma, mijn opa, mn opa, toen ik, weet nog, vroeger, opgegroeid, jaar geleden, elke keer "
            "als, iedere keer als, ben ik de enige, wie herkent, herkenbaar, dus waarom, soms mis, droom, "
            "dromen, droombaan, date, verhuisd naar, toerist, toeristen, quiz, goedemorgen allemaal, "
            "goeiemorgen allemaal, goeiemorgen aan, goedemorgen aan, welterusten, mijn kat, mijn hond, "
            "lievelings, favoriete, voelt als, lijkt wel een film, lijkt wel een schilderij, ruikt naar, net "
            "als vroeger, op de fiets door, gekletst, gekke, hebben de gezelligste, of lag het aan mij, ligt "
            "het aan mij, schat, wie heeft deze, ontworpen, wilde klagen, wou klagen, geduld verloren, wie "
            "het vindt, vroeg niemand, niemand vroeg, dat heet, heet een stad, overal vol, zou op elke, mag "
            "het houden",
        ),
    },
}
