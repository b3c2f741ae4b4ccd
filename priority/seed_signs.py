"""Signs that something is asked, what outweighs them, and the rules of the ready policy, in EN and NL."""

from __future__ import annotations

from typing import Any

from priority.seed_categories import words

SIGNS: dict[str, Any] = {
    "question_marks": "?¿؟？",
    "question": {
        "en": words(
            "",
            "",
            "when will, when does, when do, when is, when are, when can, how do, how can, how long, "
            "how much, "
            "how often, where can, where do, where is, why is, why are, why does, why do, "
            "why isn't, can you, "
            "can someone, can anyone, can i, can we, could you, could someone, could anyone, "
            "is there, are there, "
            "do you, do i, do we, does anyone, does anybody, what time, any idea, any news, who do, who can, "
            "may i, should i, is it possible, anyone know, what happened, what is wrong, what's wrong, "
            "is anyone, is anybody, will there, will you, i wonder",
        ),
        "nl": words(
            "",
            "",
            "wanneer, hoe lang, hoelang, hoe kan, hoe moet, hoe kom, hoe laat, hoeveel, waar kan, "
            "waar is, waar moet, "
            "waarom, kan ik, kunnen we, kunnen wij, is er, zijn er, weet iemand, weten jullie, "
            "weet u, weet je, "
            "wat is, wat moet, wat kost, wie kan, moet ik, mag ik, heeft iemand, enig idee, is het mogelijk, "
            "ik vraag me af, gaat er iemand, wordt er",
        ),
    },
    "wish": {
        "en": words(
            "repair, remove, renew, apply, report, request, complain, cancel, replace",
            "",
            "please, pls, plz, would like, i'd like, i want, we want, i need, we need, need to, "
            "needs to, needs fixing, "
            "fix, fix it, help, help me, send someone, have a look, take a look, "
            "look into, asap, empty it, "
            "clean it, come and, someone should, do something, let me know, looking for, trying to, "
            "must be fixed",
        ),
        "nl": words(
            "repareren, opruimen, weghalen, aanvragen, verlengen, melden, annuleren, vervangen, schoonmaken",
            "",
            "graag, ik wil, we willen, wil graag, wil ik, ik zou, zou ik, kunnen jullie, kunnen we, "
            "kan iemand, "
            "kan er iemand, kunt u, kun je, kan je, zouden jullie, willen jullie, wilt u, wil je, "
            "svp, s.v.p., aub, "
            "a.u.b., alsjeblieft, alstublieft, ik zoek, wij zoeken, nodig, melding, bij deze, help, "
            "kom eens, "
            "doe er wat aan, doe er iets aan, doe iets, maak het, los het op, kom kijken, "
            "laat weten, verzoek, "
            "moet gemaakt, moet weg, ik heb hulp",
        ),
    },
    "fault": {
        "en": words(
            "jammed, overflowing, smashed, vandalised, cracked, leaking, flooded, stinks, "
            "flickering, crashed, malfunction, "
            "swallowed, swallowed * card, delayed",
            "",
            "broken, broke, broken down, iced over, frozen over, won't let, not letting, skipped, "
            "dripping, nearly fell, almost fell, tile loose, not working, isn't working, "
            "aren't working, doesn't work, "
            "does not work, "
            "don't work, do not work, didn't work, stopped working, won't work, not * working, out of order, "
            "out of service, stuck, blocked, leak, leaks, leakage, flooding, flood, not running, "
            "isn't running, "
            "aren't running, no trams, no buses, won't open, won't close, won't start, "
            "won't turn on, doesn't open, "
            "doesn't close, can't, cannot, can not, couldn't, unable to, is full, are full, "
            "completely full, container full, bin full, bins full, full again, went down, "
            "sign down, knocked down, blown down, "
            "not collected, wasn't collected, weren't collected, hasn't been, haven't been, "
            "not been, missing, damaged, "
            "loose, dark, is dark, is out, are out, lights out, is down, are down, failed, "
            "failing, fails, error, "
            "faulty, dead, fallen, fell over, never came, didn't come, didn't show, not come, "
            "charged twice, paid twice, "
            "double charged, overcharged, lost, stolen, dumped, smell, smells, stench, too loud, "
            "loud, loud music, "
            "rats, no light, no water, no heating, too cold, too hot, ate my card, took my card, "
            "dangerous, "
            "went wrong, goes wrong, is wrong, pothole, potholes, never * answer, nobody * answer, "
            "kept my card, "
            "kept my money, crooked, icy, slippery",
        ),
        "nl": words(
            "defect, storing, verstopt, beschadigd, vernield, overstroomd, uitgevallen, ingeslikt, "
            "mislukt, foutmelding, "
            "omgevallen, lekkage, verzakt, vertraging, kapot, gestolen",
            "lekkage, geluidsoverlast, stankoverlast, wateroverlast",
            "kapotte, stuk, doet het niet, doen het niet, doet * niet, doen * niet, werkt niet, "
            "werken niet, werkt * niet, "
            "werken * niet, buiten werking, buiten gebruik, buiten dienst, zit vast, bomvol, "
            "loopt over, lopen over, overgeslagen, geslikt, opgegeten, naast de container, "
            "naast de bak, bijna gevallen, wordt niet, worden niet, zit los, "
            "ligt los, liggen los, is vol, zijn vol, zit vol, zitten vol, staat vol, container vol, bak vol, "
            "zitten vast, slikt * in, "
            "rijdt niet, rijden niet, rijdt * niet, rijden * niet, geen enkele tram, geen trams, "
            "geen bussen, staat stil, "
            "staan stil, lek, lekt, lekken, onder water, overvol, puilt uit, niet opgehaald, "
            "niet geleegd, "
            "losse, omver, donker, ligt eruit, liggen eruit, eruit, ligt plat, ligt om, "
            "ligt op straat, "
            "gaat niet, lukt niet, lukt * niet, kan niet, kan * niet, kunnen niet, kunnen * niet, "
            "komt niet, kwam niet, "
            "komt * niet, niet gekomen, niet open, niet dicht, opent niet, sluit niet, te laat, "
            "valt uit, vallen uit, "
            "brandt niet, branden niet, brandt * niet, branden * niet, knippert, stinkt, stank, "
            "herrie, lawaai, "
            "geen licht, geen water, geen verwarming, te koud, te warm, te hard, kwijt, verdwenen, "
            "dubbel betaald, "
            "twee keer betaald, dubbel afgeschreven, gaat fout, ging fout, gevaarlijk, gat, "
            "gaten, kuil, kuilen, "
            "scheef, glad, niemand * op, ratten, harde muziek, gedumpt",
        ),
    },
    "praise": {
        "en": words(
            "lovely, beautiful, wonderful, amazing, awesome, fantastic, brilliant, excellent, "
            "gorgeous, compliment, "
            "appreciate",
            "",
            "i love, loves, love the, love this, love it, love our, loved it, can't wait, great job, "
            "good job, nice job, great work, good work, nice work, well done, "
            "thank you for, thanks for, "
            "thank you so much, many thanks to, kudos, so nice, very nice, how nice, such a nice, "
            "so friendly, "
            "very friendly, so helpful, very helpful, best city, hats off, shout out, shoutout, chapeau, "
            "keep it up, works again, fixed already, much better",
        ),
        "nl": words(
            "mooi, prachtig, geweldig, fantastisch, schitterend, compliment, complimenten, uitstekend",
            "",
            "bedankt voor, dank voor, dank je wel voor, dankjewel voor, dank u voor, "
            "dank u wel voor, goed werk, "
            "goed gedaan, goed geregeld, netjes opgelost, mooi werk, top geregeld, top gedaan, "
            "super geregeld, chapeau, "
            "petje af, kan niet wachten, hulde, heel fijn, erg fijn, wat fijn, zo fijn, "
            "heel vriendelijk, erg vriendelijk, "
            "zo vriendelijk, wat een service, super blij, heel blij, erg blij, doet het weer, "
            "werkt weer, rijdt weer, "
            "snel opgelost, lekker bezig, toppers",
        ),
    },
    "thanks": {
        "en": words("", "", "thanks, thank you, thx, ty, cheers, much appreciated"),
        "nl": words(
            "",
            "",
            "bedankt, dank, dank je, dank je wel, dankjewel, dank u, dank u wel, dankuwel, merci, thanks",
        ),
    },
    "venting": {
        "en": words(
            "ridiculous, pathetic, useless, disgrace, disgraceful, shameful, laughable, "
            "incompetent, clown, idiot, moron, "
            "bullshit, hopeless",
            "",
            "lol, lmao, lmfao, rofl, haha, hahaha, wtf, ffs, omg, smh, fml, damn, fuck, fucking, "
            "shit, crap, joke, "
            "a joke, what a joke, worst, hate, sick of, fed up, of course, as usual, as always, typical, "
            "no surprise, surprise surprise, seriously, bloody, sucks, yeah right, nice one, great start, "
            "here we go again, unbelievable, what a shame, banana republic, waste of money, waste of tax",
        ),
        "nl": words(
            "schandalig, belachelijk, waardeloos, lachwekkend, kansloos, prutser, sukkel, idioot, "
            "debiel, droevig, "
            "triest, bagger",
            "",
            "lol, haha, hahaha, hihi, wtf, omg, pff, pfff, pffff, zucht, tsja, typisch, "
            "natuurlijk weer, ja hoor, "
            "hoor weer, schande, een grap, lachertje, kut, klote, shit, godver, verdomme, jezus, "
            "tering, kolere, "
            "lekker dan, lekker weer, goed bezig, fijne boel, stelletje, zoals altijd, "
            "zoals gewoonlijk, "
            "ben er klaar mee, spuugzat, zo zat, hou op, weer lekker, bananenrepubliek, "
            "weggegooid geld, wat een "
            "puinhoop, puinhoop, drama, ongelooflijk, te gek voor woorden",
        ),
    },
}

RULES: list[dict[str, Any]] = [
    {
        "kind": "danger",
        "key": "danger_words",
        "name": {"en": "Words of danger", "nl": "Woorden van gevaar"},
        "category": "danger",
        "urgency": "high",
        "words": {
            "en": words(
                "electrocuted, collapsed building, building collapsed, sparks, gunshot",
                "",
                "unconscious, bleeding, drowning, someone is hurt, someone is injured, badly hurt, "
                "seriously injured, "
                "life threatening, in danger, wires hanging, cable hanging, is hanging loose, smoke coming, "
                "kill myself, end my life, suicidal",
            ),
            "nl": words(
                "geelektrocuteerd, bewusteloos, instorting, ingestort, vonken, schoten gehoord",
                "levensgevaar",
                "iemand gewond, gewonden, zwaargewond, ligt te bloeden, aan het verdrinken, "
                "in gevaar, draden hangen, "
                "kabel hangt, komt rook, rook uit, onder stroom, maak er een eind aan, zelfmoord, "
                "niet meer leven",
            ),
        },
        "unless": {
            "en": words(
                "",
                "",
                "brand new, brand name, brand awareness, brand manager, fire drill, fire sale, "
                "fire exit, fire exits, "
                "fire alarm test, fire station, fire hydrant, fire emoji, cease fire",
            ),
            "nl": words("", "", "brand new, brandoefening"),
        },
        "double": {"en": ["brand", "put open"], "nl": []},
    },
    {
        "kind": "travel",
        "key": "travel_soon",
        "name": {"en": "Travels within three days", "nl": "Reist binnen drie dagen"},
        "category": "papers",
        "urgency": "high",
        "within_days": 3,
        "words": {
            "en": words(
                "travel, flight, holiday",
                "",
                "fly, flying, trip, fly out, leave for, leaving for, leave on, my plane",
            ),
            "nl": words(
                "vlucht, vakantie, reis, reizen",
                "",
                "vlieg, vliegen, vliegt, vertrek, vertrekken, op reis, vliegtuig",
            ),
        },
        "soon": {
            "en": words(
                "",
                "",
                "today, tonight, tomorrow, day after tomorrow, in two days, in 2 days, "
                "in three days, in 3 days, "
                "in a few hours, this evening, this afternoon, within three days",
            ),
            "nl": words(
                "",
                "",
                "vandaag, vanavond, vanmiddag, vannacht, morgen, morgenochtend, overmorgen, "
                "over twee dagen, over 2 dagen, "
                "over drie dagen, over 3 dagen, over een paar uur, binnen drie dagen",
            ),
        },
        "weekdays": {
            "en": ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
            "nl": ["maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"],
        },
    },
    {
        "kind": "raise",
        "key": "many_hit",
        "name": {"en": "A whole street or line is hit", "nl": "Een hele straat of lijn heeft er last van"},
        "dimension": "impact",
        "words": {
            "en": words(
                "",
                "",
                "whole street, entire street, whole line, entire line, whole neighbourhood, "
                "no trams, everyone, everybody",
            ),
            "nl": words(
                "",
                "",
                "hele straat, hele lijn, hele wijk, hele buurt, geen enkele tram, geen enkele bus, iedereen",
            ),
        },
    },
    {
        "kind": "raise",
        "key": "vulnerable",
        "name": {
            "en": "A child, a wheelchair or an elderly person is hit",
            "nl": "Een kind, rolstoel of oudere heeft er last van",
        },
        "dimension": "urgency",
        "with_fault": True,
        "words": {
            "en": words(
                "wheelchair, pushchair, toddler",
                "",
                "child, children, kid, kids, baby, elderly, old lady, old man, blind",
            ),
            "nl": words(
                "rolstoel, kinderwagen, peuter, kleuter, rollator, scootmobiel",
                "rolstoel",
                "kind, kinderen, kindje, baby, oudere, ouderen, bejaarde, bejaarden, blind, blinde",
            ),
        },
    },
    {
        "kind": "tag",
        "key": "recurring",
        "name": {"en": "It came back", "nl": "Het komt terug"},
        "tag": "recurring",
        "words": {
            "en": words(
                "",
                "",
                "third time, second time, again, for weeks, for months, every day, every week, "
                "still not, keeps happening",
            ),
            "nl": words(
                "",
                "",
                "weer, alweer, opnieuw, al weken, al maanden, elke dag, elke week, derde keer, "
                "tweede keer, nog steeds",
            ),
        },
    },
    {
        "kind": "caller_tag",
        "key": "caller",
        "on": False,
        "name": {"en": "Who the caller is", "nl": "Wie de melder is"},
        "tags": [],
        "dimension": "urgency",
    },
]
