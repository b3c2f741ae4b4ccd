"""The rules of the ready policy, in EN and NL."""

from __future__ import annotations

from typing import Any

from priority.seed_categories import words

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
                "no trams, no buses, whole building, entire building",
            ),
            "nl": words(
                "",
                "",
                "hele straat, hele lijn, hele wijk, hele buurt, hele gebouw, geen enkele tram, geen enkele bus",
            ),
        },
    },
    {
        "kind": "raise",
        "key": "everybody_hit",
        "name": {"en": "Everybody is hit", "nl": "Iedereen heeft er last van"},
        "dimension": "impact",
        "with_fault": True,
        "words": {
            "en": words("", "", "everyone, everybody"),
            "nl": words("", "", "iedereen"),
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
