"""What people write to a city's desk: about thirty posts, and updates as the network words them.

Shapes follow tests/fixtures/channels; the mix is about that of the town in the demo: half are recognised requests.
"""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from datetime import datetime
from typing import Any

#: (language, text); {desk} is our handle. Recognised requests.
REQUESTS: tuple[tuple[str, str], ...] = (
    ("en", "@{desk} the ticket machine at Central swallowed my card, what do I do now?"),
    ("nl", "@{desk} de kaartautomaat op het Centraal heeft mijn pas ingeslikt"),
    ("en", "@{desk} all traffic lights at the Harbour Street crossing are out, can you fix it?"),
    ("nl", "@{desk} het verkeerslicht bij de Havenstraat doet het niet, kan iemand komen kijken?"),
    ("en", "@{desk} there is a huge pothole in the bike path on Mill Lane, please repair it"),
    (
        "nl",
        "@{desk} losse tegel op de stoep voor nummer 12, mijn moeder is gevallen. Kan dat gemaakt worden?",
    ),
    ("en", "hey @{desk} my bin was not collected this week, when will you come?"),
    ("nl", "@{desk} container vol bij de flat en de zakken liggen ernaast. Wanneer wordt dit opgehaald?"),
    ("en", "@{desk} the street light in front of our door is broken since Monday"),
    ("nl", "@{desk} lantaarnpaal kapot in de Molenweg, het is daar pikdonker. Kunnen jullie dat maken?"),
    ("en", "@{desk} how do I get an appointment for a new passport? We travel on Friday"),
    ("nl", "@{desk} hoe kan ik een afspraak maken voor een nieuw paspoort?"),
    ("en", "@{desk} I can't log in to the online counter, the form says error 500. Can you help?"),
    ("nl", "@{desk} inloggen met DigiD lukt niet, website ligt eruit. Wat nu?"),
    ("en", "@{desk} why is tram 4 not running? Everyone on the whole line is waiting"),
)
VENTING: tuple[tuple[str, str], ...] = (
    ("en", "lol trams again @{desk}"),
    ("nl", "haha de tram weer hoor @{desk}"),
    ("en", "@{desk} as usual"),
    ("nl", "@{desk} lekker bezig weer daar"),
    ("en", "typical @{desk} 🙄 every single morning the same story on the bus"),
    ("nl", "nou @{desk} ik zeg maar niks meer over die fietspaden van jullie"),
    ("en", "Waiting for the bus like it's a festival. cc @{desk}"),
    ("nl", "Alweer in de rij bij het loket, gezellig @{desk}"),
    ("en", "monday, rain, and the gates at the metro. @{desk} you know"),
)
PRAISE: tuple[tuple[str, str], ...] = (
    ("en", "@{desk} thanks for the quick repair of our lamp post, great work!"),
    ("nl", "@{desk} wat een vriendelijke mevrouw aan de balie vandaag, complimenten!"),
    ("en", "The new park is lovely, well done @{desk}"),
)
DANGER: tuple[tuple[str, str], ...] = (
    ("en", "@{desk} strong gas smell in the stairwell at Quay 9, what should we do?"),
    ("nl", "@{desk} omgevallen boom over het fietspad, kabels los op straat"),
    ("en", "@{desk} live wire hanging over the school yard"),
)
MIX = (*REQUESTS, *VENTING, *PRAISE, *DANGER)
USER_AGENT = "bench"
SYLLABLES = ("ka", "lo", "mi", "ter", "sten", "ro", "du", "vel", "gra", "pin", "wo", "zes")


def mixed(handle: str, texts: tuple[tuple[str, str], ...] = MIX) -> Iterator[tuple[str, str]]:
    """(language, text) without end; a stride that is prime to their number mixes the kinds."""
    for number in itertools.count():
        language, text = texts[(number * 7) % len(texts)]
        yield language, text.format(desk=handle)


def varied(handle: str) -> Iterator[tuple[str, str]]:
    """As `mixed`, each with a place of its own behind it: nobody writes quite what another wrote."""
    dice = random.Random(6)
    for language, text in mixed(handle):
        street = "".join(dice.choice(SYLLABLES) for _ in range(3)).capitalize()
        yield (
            language,
            f"{text} {street} {dice.randrange(1, 400)}, {''.join(dice.choice(SYLLABLES) for _ in range(2))}",
        )


def mention(
    post_id: str, author_id: str, text: str, *, language: str, handle: str, to: str, at: datetime
) -> bytes:
    """The webhook body that tells of a post which names us. `post_id`, `author_id`, `to`: the network's ids."""
    start = text.index(f"@{handle}")
    post: dict[str, Any] = {
        "id": post_id,
        "text": text,
        "author_id": author_id,
        "created_at": at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "conversation_id": post_id,
        "edit_history_tweet_ids": [post_id],
        "entities": {
            "mentions": [{"start": start, "end": start + len(handle) + 1, "username": handle, "id": to}]
        },
        "lang": language,
        "reply_settings": "everyone",
    }
    users = [{"id": author_id, "username": f"u{author_id}", "name": "Anouk de Vries"}]
    data = {
        "event_uuid": f"-{post_id}",
        "filter": {"user_id": to},
        "event_type": "post.mention.create",
        "tag": "mentions",
        "payload": post,
        "includes": {"users": users},
    }
    return json.dumps({"data": data}).encode()
