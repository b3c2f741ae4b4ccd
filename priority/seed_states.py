"""States of things of a town that show a fault, in EN and NL: broken, in the way, gone, dirty, wrong."""

from __future__ import annotations

from typing import Any

from priority.seed_categories import words

STATES: dict[str, Any] = {
    "en": words(
        "shatter, splinter, corroded, illegible, detached, subsided, waterlogged, submerged, clogged, dangling, "
        "toppled, obstructed, obstructing, vandalise, malfunctioning, unresponsive, mismatch, misspelt, infestation, "
        "swarm, wobble, sag, dented, bent, torn, rotting, peeling, missing, littered, strewn, swastika, sinkhole, "
        "vermin, cockroach, wasp nest, wasps nest, dead animal, dog fouling, fly tip, fly tipping, burst pipe, "
        "blocked drain, loose slab, loose tile, trip hazard, power cut, broken glass, burst main, abandoned car, "
        "abandoned bike, hole in the road",
        "",
        "keeps stopping, nothing in the post, nothing arrived, nothing came, no longer works, not showing, didn't "
        "arrive, didn't open, didn't turn, never opened, never fixed, never replied, never works, without lights, "
        "without light, without water, without power, without heating, without electricity, been like it, been like "
        "that, like it for, like this for, like that for, same again, same problem, same thing again, again last "
        "night, second time this, night running, days running, nights running, weeks on, months on, going on for, "
        "going on since, long overdue, since the storm, since christmas, since january, since february, since march, "
        "since april, since may, since june, since july, since august, since september, since october, since "
        "november, since december, since half term, since easter, kicked in, smashed in, smashed up, smashed to, in "
        "pieces, in bits, in half, shards, glass everywhere, fell off, come away, came away, blown over, blown off, "
        "pulled up, pulled out, snapped off, snapped in, hanging by, hanging on by, hanging over, hanging out, has "
        "lifted, have lifted, a crack, cracks in, big crack, a hole, huge hole, massive hole, hole in, holes in, big "
        "dip, rusted through, worn through, half gone, gone from, been taken, been removed, taken away, dropped "
        "another, about to fall, going to fall, gonna fall, could fall, leans, tilted, lopsided, dumped, piled up, "
        "piling up, piles of, pile of, heap of, heaps of, bags everywhere, rubbish everywhere, litter everywhere, all "
        "over the, full to the brim, chock full, crammed, can't fit, sticking into, half the pavement, whole "
        "pavement, across the pavement, across the path, across the road, on the tracks, across the drive, outside "
        "my, no way through, overgrowing, overhanging, grown over, growing over, growing into, growing through, out "
        "of control, swarming, crawling with, nests, stinks, reeks, stagnant, green slime, dog mess, dog poo, "
        "needles, human waste, urine, vomit, sick on, under water, ankle deep, knee deep, pouring out, running down, "
        "coming through, comes through, coming up, comes up, ponding, sewage, no lighting, in darkness, stone cold, "
        "ice cold, freezing cold, boiling hot, too bright, too noisy, blaring, screeching, grinding, wrong way, the "
        "wrong, wrong address, wrong name, wrong date, wrong amount, wrong time, incorrect, inaccurate, out of date, "
        "outdated, misspelled, mixed up, is showing, still shows, still showing, still says, being billed, being "
        "charged, been charged, charged for, billed for, billed twice, fined for, got a fine, got fined, refund not, "
        "not refunded, session expired, logs me out, throws me out, kicks me out, thrown out, just spins, won't "
        "accept, doesn't accept, says my, lost in the post, marked as, went flying, nearly went, almost went, nearly "
        "hit, almost hit, nearly run over, knocked me, get hurt, hurt himself, hurt herself, hurt her, hurt his, hurt "
        "my, scratched my, flat tyre, puncture, can't leave, couldn't get, had to go home, had to walk, had to turn "
        "back, had to climb, made me pay, left waiting, left standing, waiting for over, no reply, no response, "
        "nobody phones, nobody rings, nobody replies, accident waiting, someone will get, does nothing, do nothing, "
        "only takes, only accepts, won't take, gives no, gave no, no receipt, no answer, charged * times, charged me, "
        "charged 3 times, has been sprayed, sprayed * on, sprayed on, left bottles, glass all over, glass on, down "
        "across, down on the, lid snapped, minutes slow, a slat, drilling, every single day, never turned, shut the "
        "door, on the kerb, on zigzags, on the zigzags, on the corner again, lost property, handed in, left it on",
    ),
    "nl": words(
        "omgewaaid, omvergereden, afgewaaid, losgeraakt, loszittend, verbogen, kromgebogen, doorgerot, verrot, "
        "verroest, versleten, vervaagd, overwoekerd, overgroeid, dichtgegroeid, ondergelopen, uitpuilend, "
        "geblokkeerd, ontoegankelijk, onbegaanbaar, onbereikbaar, vastgelopen, afgekeurd, afgewezen, geweigerd, "
        "ingeslagen, ingegooid, ingetrapt, kapotgeslagen, kapotgetrapt, gesneuveld, ontvreemd, weggewaaid, "
        "leeggelopen, gedumpt, beschadigd, vernield, gescheurd, gebarsten, gebroken, hakenkruis, wespennest, "
        "rioollucht, fietswrak, weesfiets, zwerfvuil, ongedierte, kakkerlak, lekkage, wateroverlast, losse tegel, "
        "stankoverlast, geluidsoverlast, rattenplaag, gladheid, asbest",
        "lekkage, overlast, wespennest, rioollucht, hakenkruis, fietswrak, weesfiets",
        "werkt nog niet, werkte niet, doet niets, doet niks, doet raar, doet vreemd, deed * niet, wil maar niet, kwam "
        "* niet, komt niemand, kwam niemand, komt er niet, kunnen er niet, konden niet, krijg * niet, kreeg geen, "
        "kreeg * niet, lukt me niet, klopt niks, klopt * niet, past niet, start niet, reageert niet, pakt niet, pakt "
        "* niet, staat niet op, staat niet in, staat er niet, staat er geen, zijn er geen, niet meer langs, niet meer "
        "door, geen bevestiging, geen mail, geen bericht, geen brief, geen warm, geen doorgang, geen toegang, niet "
        "gehad, niet gekregen, niet binnen, niet gedaan, niet gemaakt, niet schoon, niet schoongemaakt, niet geveegd, "
        "niet gestrooid, niet gemaaid, niet gesnoeid, niet aangekomen, niet verwerkt, niet toegankelijk, niet "
        "bereikbaar, niet meer gezien, komt niet opdagen, kwam niet opdagen, sinds de storm, sinds de zomer, sinds "
        "januari, sinds februari, sinds maart, sinds april, sinds mei, sinds juni, sinds juli, sinds augustus, sinds "
        "september, sinds oktober, sinds november, sinds december, aan diggelen, in puin, aan gruzelementen, in "
        "stukken, doormidden, afgebroken, brak af, losgekomen, hangen los, zitten los, staat los, laat los, komt los, "
        "eraf, er af, is * af, is eruit, ligt op de grond, ligt op de stoep, ligt op het, ligt over, ligt er een, "
        "ligt er al, liggen op, hangen over, hangen er, hangen al, hangt al, leunt op, staat op omvallen, valt bijna, "
        "dreigt te, omlaag gekomen, glas eruit, ruit eruit, ruit kapot, is gejat, zijn gejat, kwijtgeraakt, ligt "
        "bezaaid, puilen uit, stroomt over, tjokvol, potdicht, gore, goor, stinken, meurt, vol met, vol onkruid, "
        "groeit over, groeit * over, groeit in, groeien over, groeit dicht, blokkeert, blokkeren, verspert, "
        "belemmert, niet langs, niet door, geen kant op, voor mijn uitrit, voor mn uitrit, slingert, slingeren, "
        "rondslingeren, wespennest, zwerm, blank staan, onderwater, loopt onder, gutst, druppelt, druipt, in het "
        "donker, zonder stroom, pikkedonker, ijskoud, steenkoud, bloedheet, snikheet, benauwd, oorverdovend, gedreun, "
        "dreunt, gebrom, zoemt, onjuist, onjuiste, foutieve, verkeerd gespeld, verkeerde naam, verkeerd adres, oude "
        "adres, nog steeds op, nog * op mijn, toch nog, zegt steeds, zegt dat, geeft aan dat, geeft steeds, "
        "vastloopt, hangt vast, staat vast, blijft laden, uitgelogd, gooit me eruit, verlopen, verloopt, geblokkeerd, "
        "komt niet overeen, achterhaald, verouderd, struikelt, verwond, gesneden, bezeerd, lekke band, schade aan, in "
        "de wacht, aan de lijn, moest lopen, moesten lopen, moest omrijden, moest terug, moest betalen, kom niet, "
        "last van, er liggen, er ligt, er hangt een, er komt water, er loopt water, mist een, missen een, ontbreekt "
        "een, kan nergens, nergens vinden, nergens te, pakt geen, geeft geen, neemt geen, heeft geen, hebben geen, "
        "keer afgeschreven, 3x afgeschreven, laten vallen, laten liggen, niet vernomen, niks vernomen, niets "
        "vernomen, over het fietspad, over de weg, over de stoep, omgevallen over, stoep niet op, aan het boren, aan "
        "het heien, aan het verbouwen, deed de deur, deur dicht op, zijn leeg, geen kaartje, op de stoep voor, voor "
        "de uitrit",
    ),
}
