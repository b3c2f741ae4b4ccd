"""Signs of the ready policy that outweigh what is asked, in EN and NL: praise, thanks, venting, talk among people."""

from __future__ import annotations

from typing import Any

from priority.seed_categories import words

WEIGHING: dict[str, Any] = {
    "praise": {
        "en": words(
            "lovely, beautiful, wonderful, amazing, awesome, fantastic, brilliant, excellent, gorgeous, compliment, "
            "appreciate, delightful, superb, stunning, adore, proud, grateful, kindest, cheers for",
            "",
            "i love, loves, love the, love this, love it, love our, loved it, can't wait, great job, good job, nice "
            "job, great work, good work, nice work, well done, thank you for, thanks for, thank you so much, many "
            "thanks to, kudos, so nice, very nice, how nice, such a nice, so friendly, very friendly, so helpful, "
            "very helpful, best city, hats off, shout out, shoutout, chapeau, keep it up, works again, fixed already, "
            "much better, works great, works great now, so quick, sorted quickly, three cheers, 10/10, made my day, "
            "made his, made her, best driver, best bus, legend, legends, hero, heroes, big up, props to, love this "
            "city, big thanks, finally works, that works, so lovely, so kind, so proud, lovely chat, slow clap, happy "
            "to see, good to see, nice to see, nice touch, favourite, favorite, beautiful, looks great, looks "
            "amazing, looking good, love, loving, enjoy, enjoying, enjoyed, hilarious, peaceful, cosy, perfect, "
            "magic, magical, pretty, best view, best part, best thing, best day, best in, great day, great night, "
            "what a night, what a day, what a view, what a team, made me smile, made me laugh, makes me happy, so "
            "happy, happy birthday, happy friday, happy monday, happy new year, merry christmas, congratulations, "
            "congrats, welcome to, so cool, so pretty, so good, never gets old, hard to beat, beats, yay, hooray, "
            "woohoo, thanks again, thank you to, thanks to, thank u, big thank, thankful, restored my faith, faith in "
            "humanity, gold star, give that, deserves a, deserve a, deserves a medal, pay rise, sunset, sunrise, "
            "sunny, nothing beats, miss this city, i miss, missing this, goodbye, farewell, retired, retires, "
            "retirement, brightened my day, credit to, fair dos, can't fault, what stunning, "
            "looking smashing, smashing, looks spot on, nailed it, bravo, top notch, first 5 "
            "stars, five stars, life saver, lifesaver, saved my day, saved the day, very quick, super quick, "
            "impressed, pleasantly surprised, blessed",
        ),
        "nl": words(
            "mooi, prachtig, geweldig, fantastisch, schitterend, compliment, complimenten, uitstekend, heerlijk, "
            "gezellig, trots, dankbaar, aardig, behulpzaam, keurig",
            "",
            "bedankt voor, dank voor, dank je wel voor, dankjewel voor, dank u voor, dank u wel voor, goed werk, goed "
            "gedaan, goed geregeld, netjes opgelost, mooi werk, top geregeld, top gedaan, super geregeld, chapeau, "
            "petje af, kan niet wachten, hulde, heel fijn, erg fijn, wat fijn, zo fijn, heel vriendelijk, erg "
            "vriendelijk, zo vriendelijk, wat een service, super blij, heel blij, erg blij, doet het weer, werkt "
            "weer, rijdt weer, snel opgelost, lekker bezig, toppers, wat een helden, ik hou van, hou van, fijne "
            "feestdagen, fijne dag, wat mooi, wat was t mooi, wat leuk, zo leuk, super leuk, super vriendelijk, "
            "vriendelijk geholpen, goed geholpen, snel geholpen, keurig opgelost, netjes gedaan, ligt er weer keurig, "
            "ziet er weer, rijdt * weer, doet * het weer, eindelijk weer, werkt als een trein, toppie, complimenten, "
            "dikke pluim, pluim voor, danku, bedankt jongens, bedankt mannen, wauw, kippenvel, genoten, geniet, "
            "geniet van, mooiste, leukste, fijnste, leuke, lief, liefde, zo blij, ben blij, blij met, blij dat, wat "
            "een dag, wat een avond, wat een feest, wat een sfeer, wat een uitzicht, wat een rust, wat een baan, "
            "gefeliciteerd, hoera, jippie, lekker weertje, zonnetje, zonsondergang, zonsopgang, in de zon, genieten, "
            "kom graag, kom hier graag, zit graag, zit hier graag, fiets graag, wandel graag, loop graag, reis graag, "
            "mis de stad, mis deze, blijft mooi, blijft de mooiste, blijft leuk, verveelt nooit, respect, bloemetje, "
            "lintje, verdient, verdienen, dankzij, dank aan, dank jullie, heerlijk dit, geniaal, niks dan lof, lof "
            "voor, alle lof, onder de indruk, aangenaam verrast, goed bezig mannen, goed bezig jongens, dikke duim, "
            "tof, wat tof, supertof, super tof, wat lekker stil, blij verrast, redder, topdag, topper, "
            "kanjers, kanjer, engelen, wel wat hebben",
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
            "ridiculous, pathetic, useless, disgrace, disgraceful, shameful, laughable, incompetent, clown, idiot, "
            "moron, bullshit, hopeless, farce, shambles, circus",
            "",
            "lol, lmao, lmfao, rofl, haha, hahaha, wtf, ffs, omg, smh, fml, fuck, fucking, shit, a joke, worst, hate, "
            "sick of, fed up, as usual, as always, no surprise, surprise surprise, sucks, yeah right, nice one, great "
            "start, here we go again, unbelievable, what a shame, banana republic, waste of money, waste of tax, it's "
            "giving, what's the point, whats the point, slow clap, no hope, priorities eh, could do that, not "
            "surprised, hot take, gutted, story of my life, brilliant idea, living the dream, stockholm syndrome, who "
            "needs a, says it all, another day another, joke of a, joke city, what a city, laughing stock, clown "
            "show, can't make this up, you couldn't make it up, ur all, you lot, seriously though, bloody hell, "
            "bloody joke, absolute joke, comedy gold, classic council, genius move, typical council",
        ),
        "nl": words(
            "schandalig, belachelijk, waardeloos, lachwekkend, kansloos, prutser, sukkel, idioot, debiel, droevig, "
            "triest, bagger, nutteloos, aanfluiting, circus",
            "",
            "lol, haha, hahaha, hihi, wtf, omg, pff, pfff, pffff, zucht, tsja, typisch, natuurlijk weer, ja hoor, "
            "hoor weer, schande, een grap, lachertje, kut, klote, shit, godver, verdomme, jezus, tering, kolere, "
            "lekker dan, lekker weer, goed bezig, fijne boel, stelletje, zoals altijd, zoals gewoonlijk, ben er klaar "
            "mee, spuugzat, zo zat, hou op, weer lekker, bananenrepubliek, weggegooid geld, puinhoop, drama, "
            "ongelooflijk, te gek voor woorden, typical, nou ja, dromen mag, zeggen ze, ook leuk, jullie zijn echt, "
            "net katten, kuddedieren, zin in hebben, dit is dus waarom, in gent, in belgië, wat een stad, wat een "
            "land, alleen hier, geniaal, mijn leven, no comment, tja, ach ja, zeg maar dag, kun je lachen, lach me "
            "kapot, goed voor de lijn, 't is wat, tis wat, leuk hoor, fijn hoor, mooi is dat, applaus",
        ),
    },
    "chatter": {
        "en": words(
            "",
            "",
            "rt, new blog, new post, new episode, podcast, breaking, reading that, according to, approved, council "
            "approves, councillors, elections, election, vote, opinion, thread, link in bio, follow me, follow my, "
            "follow us, giveaway, earn, discount, promo, sale now, on sale, tickets available, join us, come along, "
            "come and see, save the doors open, live music, photo dump, photo of the day, throwback, tbt, fun fact, "
            "hot take, shower thought, plot twist, spoiler, pov, me when, tfw, mood, vibes, iconic, core memory, main "
            "character, note to self, life hack, reminder that, day one of, guess who, guess what, wish me luck, day "
            "off, working from home, on my way, currently on, currently sitting, sitting on the, eavesdropping, "
            "overheard, the man next, the guy next, the woman next, the lady next, someone on the, somebody on the, "
            "there's a guy, there's a man, when i was, years ago, grew up, back in the, that's it, who needs, who "
            "knew, who else, raise your hand, basically, apparently, kinda, dream job, date night, first new job, got "
            "promoted, moving here, tourists, quiz, crossword, good morning, morning all, good night, gm, happy "
            "monday, my favourite, my favorite, why am i awake, feels like, looks like a painting, like "
            "a movie, like a film, or was it just me, darling, who designed, pinball, was going to complain, was "
            "about to complain, this year, everywhere are, that's called, called a city, fan club, remember when, i "
            "remember, remember the days, back in my day, my gran used, my gran worked, my dad used, my grandad "
            "worked, when pigs fly, when hell freezes, in other news, water is wet, imagine, if i had a, if only, "
            "good luck with, good luck getting, good luck to, can you believe, can't believe it's, who thought, who "
            "on earth, who came up, whose idea, what genius, does anyone actually, does anyone really, did anyone "
            "really, does anybody actually, have you ever, people moan, people complain, everyone complains, everyone "
            "moans, count yourself, count yourselves, change my mind, fight me, is a lifestyle, is a crime, business "
            "model, love story, urban legend, is a myth, so deep they, so deep that, so slow it, so slow that, so "
            "late my, so bad that, so long i, credit where, fair play, own fault, wrong account, ignore this, ignore "
            "me, never mind, nevermind, sorted now, all sorted, got sorted, been sorted, it's been fixed, been fixed "
            "since, is fixed now, got repaired, got fixed, was fixed within, no need to reply, don't blame, i blame, "
            "agree with, i disagree, i for one, what is it with, why do i even, why bother, why do i bother, nice for "
            "some, in a nutshell, you get what you, sounds about right, says a lot, only in this, meanwhile in, for "
            "sale, selling two, selling my, selling a, face value, link below, click here, open day, sharing for, "
            "told u, told you so, watched a, watching the, just watched, just saw, just passed, spotted a, off to "
            "the, found it again, found them again, found it at, came home with, might as well, that is all, you "
            "could argue, imo, imho, counting the days, great news, good news, just in case you, all welcome, "
            "everyone welcome, reopened, now open, opens on, opens friday, opens saturday, opening soon, why do * "
            "always, why is it always, why are they always, why is there always, always come in, is it just me, just "
            "me or, anyone watching, anyone going, anyone else, who's watching, who's going, who's coming, who's with "
            "me, anyone fancy, who wants, who fancies, they say, rumour has it, word is, the irony, ironic, plot "
            "thickens, dear tram, dear bus, dear council, an ode to, poem, limerick, joke of the day, knock knock, "
            "said nobody, said no one, no one ever said, the best thing about, the worst thing about, best thing "
            "since, bring back, miss the old, the old buses, had character, the good old, good old days, how is it "
            "monday, it's monday, mondays, what a week, what a life, what a time, half marathon, my commute, fun "
            "times, good times, first world problems, twinned with, has a sense of humour, must be spring, must be "
            "love, do it again, rollercoaster, art installation, modern art, next to somebody, tastes like, looked "
            "like a, look like a, like something out of, felt like a, worthy of, oscar goes, and the award, award "
            "goes to, won a prize, has won, turnout, manifesto, candidate, councillor, petition, press release, "
            "headline, traffic update, psa, hot off, study finds, says council, council says, mayor says, unsee, "
            "bingo, karma, can't make it, won't make it, see you, who cares, can we all agree, can we just agree, can "
            "we talk about, we need to talk about, turns out, half the town, job alert, hiring, vacancy, closing "
            "date, win a, follow and share, like and share, retweet, no problem, could be worse, on my run, this "
            "morning's run, never thought i'd, every town has, every city has, only took, so proud, i give it, half "
            "expected, plot of the, first word, asked me if, asked if, hates me, hates you personally, hot tip, pro "
            "tip, goals, classic, "
            "in a nutshell, here we are, fan page, own fan, nobody asked, trust a town, trust a city, on sale, dm "
            "to book, half price, you had one, got engaged, she said yes, he said yes, why is everyone, why are "
            "people, why is nobody talking, more often than, on mars, to the moon, poetry, "
            "busker, remembers my, remembered my, check their",
        ),
        "nl": words(
            "",
            "",
            "rt, nieuwe blog, podcast, aflevering, lokale krant, volgens de krant, gelezen dat, in de krant, "
            "goedgekeurd, vergadert, begroting, verkiezingen, stem op, mening, draadje, link in bio, volg mij, volg "
            "ons, winactie, win, korting, gratis volgers, kaartverkoop, kom langs op, kom kijken naar, schrijf je in, "
            "doe mee, foto dump, foto van de dag, weetje, wist je dat, wist u dat, pov, mood, sfeer, plot twist, "
            "eerste werkdag, laatste werkdag, eerste dag, laatste dag, wens me, duim voor, vrije dag, thuiswerken, "
            "thuis werken, onderweg naar, zit in de, gesprek in de, afgeluisterd, de man naast, de vrouw naast, "
            "iemand in de tram, iemand in de bus, mijn oma, mn oma, mijn opa, mn opa, toen ik, weet nog, vroeger, "
            "opgegroeid, jaar geleden, ben ik de enige, wie herkent, herkenbaar, dus waarom, soms mis, droom, dromen, "
            "droombaan, verhuisd naar, toerist, toeristen, quiz, goedemorgen allemaal, goeiemorgen allemaal, "
            "goeiemorgen aan, goedemorgen aan, welterusten, lievelings, favoriete, voelt als, ruikt naar, op de fiets "
            "door, gekletst, gekke, hebben de gezelligste, of lag het aan mij, ligt het aan mij, schat, wie heeft "
            "deze, ontworpen, wilde klagen, wou klagen, geduld verloren, wie het vindt, vroeg niemand, niemand vroeg, "
            "dat heet, heet een stad, overal vol, zou op elke, mag het houden, weet je nog, weten jullie nog, stel je "
            "voor, alsof, nou nou, tja, urban legend, mythe, liefdesverhaal, liefdesbrief, las ik, las net, las dat, "
            "hoorde dat ze, te koop, over voor het, kaartjes over, face value, marktplaats, gratis af te halen, klik "
            "hier, gratis iphone, per dag vanuit huis, stuur dm, stuur maar een berichtje, dm voor info, wie verzint, "
            "wie bedenkt, wie dacht, wie heeft bedacht, gaat over niks, domme plannen, het is en blijft, eigen "
            "schuld, laat maar, is al gelukt, al opgelost, is opgelost, is inmiddels opgelost, al gemaakt, binnen een "
            "uur gemaakt, in 1 dag gemaakt, verkeerde account, kan t nog gekker, kan het nog gekker, kan het gekker, "
            "je zou bijna, je zou denken, ze zeggen, zeggen ze, zegt altijd, zei altijd, zei niemand, niemand ooit, "
            "noem een, begin er niet over, begin me er niet over, schrik ik, zag net, zag vanochtend, zag vanmorgen, "
            "zag een, nooit meer wat, ooit nog goed, wordt nooit wat, geloof ik als, geloof er niks, geloof er niets, "
            "niet te geloven, stem ze weg, stemmen weg, mooi plaatje, was er ook bij, waren er ook bij, volgend jaar "
            "weer, goed weekend, fijn weekend, prettig weekend, wil later, later worden, hier kun je, kun je overal, "
            "kun je wat, daar kun je, daar kan je, als iemand mij zoekt, als iemand me zoekt, wie kijkt, wie gaat er "
            "mee, wie gaat mee, wie komt er mee, wie heeft interesse, wie heeft zin, iemand zin, wie is er ook, tot "
            "daar, zien we je daar, waarom * altijd, waarom altijd, altijd met z'n, had beloofd, belooft, "
            "verkiezingsprogramma, wethouder, burgemeester, raadslid, raadsvergadering, coalitie, persbericht, "
            "verkeersinfo, opkomst, iedereen welkom, welkom bij, traditie, vooruitgang, heet dat, beter dan tv, "
            "andere wereld, hoe is het nu alweer, alweer maandag, maandag weer, regende zo hard, zo hard dat, zo diep "
            "dat, zo traag dat, zo langzaam, lijkt op, leek op, lijkt precies, lijkt wel, leek wel, net als een, geef "
            "mij, gletsjer, goed besteed, belastinggeld, poëzie, gedicht, ode aan, beste bus, lieve tram, beste tram, "
            "lieve gemeente, kortom, fabel, mopperen, klagers, zeurpieten, gezeur, zeuren, zeur, ik herhaal, "
            "verdwaal, keer zo leuk, in de toekomst, feest was, herenigd, expres, hardlopen, rondje gelopen, rondje "
            "gefietst, gelijk heeft, viel mee, viel eigenlijk, best mee, gelukkig hoef, bingo, red het niet, kunnen "
            "we het erover, erover eens, moeten het even hebben over, moeten het hebben over, blijkt dat je, halve "
            "stad, vacature, wij zoeken collega, solliciteer, reageren kan tot, volg en deel, deel dit, like en deel, "
            "geen probleem, kon slechter, kon erger, rondje rennen, nooit gedacht, elke stad heeft, je merkt dat, "
            "eerste woordje, vroeg of, zin in koffie, tip van de dag, klassieker, er gaat niks boven, er gaat niets "
            "boven, ga vooral kijken, hopelijk is iedereen, moet nog steeds denken, ik zeg er, ik zeg niks, zeg ik "
            "verder niks, "
            "samengevat, fanpagina, kaartverkoop, halve prijs, stuur een dm, verloofd, ze zei ja, hij zei ja, "
            "waarom is iedereen, waarom zijn mensen, vaker dan, op mars, ho maar, volgens mijn oma, verplaatst "
            "naar, straatmuzikant, op het plein wie, day made, made my day, niemand vroeg, "
            "ik vertrouw geen",
        ),
    },
}
