"""A queue as a city has one on a Tuesday: people of Merendam and what they wrote, in Dutch, as long as people write."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from tests.tickets.said import acknowledge
from tickets.contract import Author, InboundMessage, MayReply
from tickets.models import ChannelAccount, Ticket, Triage
from tickets.services.intake import messages_receive

SAID: Sequence[tuple[str, str]] = (
    (
        "Jeroen Vos",
        "Halte Kade van lijn 4: weer geen licht en geen bord. Derde keer dat ik dit meld, kunnen jullie "
        "het repareren?",
    ),
    (
        "Willemijn de Graaf",
        "Riool loopt over in de Hoefstraat, het komt nu het winkelpand in. Kan er alsjeblieft vandaag nog"
        " iemand komen kijken?",
    ),
    (
        "Anouk Verbeek",
        "De kaartautomaat op Centraal heeft mijn pas ingeslikt en op het scherm staat alleen een draaiend"
        " wieltje, wat nu?",
    ),
    ("Gerda Smit", "Wat zijn de nieuwe trams mooi geworden! Complimenten aan de chauffeur van lijn 2"),
    (
        "Bram Oosterhuis",
        "Hallo, bij mij in de Lindelaan is al twee weken de grijze container niet geleegd. Wanneer komen "
        "jullie langs?",
    ),
    (
        "Fatima Haddad",
        "Harde muziek uit de kroeg onder ons, iedere nacht tot drie uur. Wie kan ik daarover bellen? Mijn"
        " nummer is 06-12345678",
    ),
    (
        "Liam O’Connor",
        "Charged twice for parking on Sunday, I sent you the receipt. Can you please refund the second "
        "payment?",
    ),
    (
        "Ingrid Post",
        "Grofvuil niet opgehaald aan de Lindelaan 8 terwijl ik keurig een afspraak had gemaakt voor "
        "vanochtend half acht.",
    ),
    (
        "Rob Teunissen",
        "De straatlantaarn voor nummer 112 aan de Molenweg knippert de hele nacht, kan die gemaakt worden?",
    ),
    (
        "Sevda Yılmaz",
        "Mijn paspoort ligt volgens de brief klaar maar bij de balie weten ze van niets. Waar moet ik nu "
        "heen?",
    ),
    (
        "Pieter van den Berghe-Cuypers",
        "Er zit een groot gat in het fietspad op de Havendijk ter hoogte van het gemaal. Levensgevaarlijk"
        " in het donker, wanneer wordt dit hersteld?",
    ),
    (
        "Marloes",
        "De brug staat al een half uur open en er vaart niets door. Weten jullie hoe lang dit nog duurt?",
    ),
    (
        "Kees Jan Dijkgraaf",
        "Ik heb drie keer gebeld over de rekening van de waterschapsbelasting, kan iemand mij terugbellen"
        " alstublieft?",
    ),
    (
        "Noa Lindeman",
        "Kan ik met mijn scootmobiel in de nieuwe bus van lijn 7, of moet ik wachten op een oude?",
    ),
    (
        "Hassan el Amrani",
        "De poortjes op metro Zuid doen het weer niet, er staat een rij tot buiten. Sturen jullie iemand?",
    ),
    (
        "Tineke Hofman",
        "In het park bij de vijver liggen al dagen dode eenden. Moet ik dat hier melden of ergens anders?",
    ),
    (
        "Daniël Roskam",
        "De app zegt dat mijn abonnement verlopen is maar er is gewoon afgeschreven van NL91 ABNA 0417 "
        "1643 00. Kunnen jullie dat nakijken?",
    ),
    (
        "Jolanda",
        "Waarom rijdt lijn 12 op zondag niet meer naar het ziekenhuis? Mijn moeder kan er nu niet komen.",
    ),
    (
        "Wouter Nijenhuis",
        "Er staat al een week een vrachtwagen op de stoep voor de school. Gevaarlijk voor de kinderen, "
        "graag handhaven!",
    ),
    (
        "Esmée Brouwer",
        "Het water uit de kraan is bruin sinds vanmorgen, de hele straat heeft het. Is het veilig om te "
        "drinken?",
    ),
    (
        "Ton Kwakkel",
        "De verkeerslichten bij de Havenstraat staan aan alle kanten op rood. Er komt straks een ongeluk "
        "van, repareren jullie dat?",
    ),
    (
        "Yvonne Akkermans",
        "Ik wil een parkeervergunning voor mijn hulp, maar het formulier geeft steeds een foutmelding bij"
        " stap 3. Wat doe ik verkeerd?",
    ),
    (
        "Sjoerd de Wit",
        "Bij de milieustraat werd ik weggestuurd omdat mijn pas het niet deed. Kan ik een nieuwe pas "
        "krijgen?",
    ),
    (
        "Lieke van Dam",
        "Hoe laat gaat het zwembad open in de kerstvakantie? Op de website staan twee verschillende tijden.",
    ),
    (
        "Abel Mensink",
        "Onkruid op het trottoir komt hier tot kniehoogte, met de rollator kom ik er niet meer door. "
        "Kunnen jullie maaien?",
    ),
    (
        "Carla Venema",
        "De bus van 7.42 uur kwam vandaag weer niet. Zo kom ik iedere dag te laat op mijn werk, wat gaan "
        "jullie eraan doen?",
    ),
    (
        "Mo Bakkali",
        "Kan iemand de afvalbakken aan de boulevard legen? Meeuwen trekken alles eruit en het ligt overal.",
    ),
    ("Famke", "Mijn kind heeft zijn rugzak laten liggen in tram 4, waar kan ik die ophalen?"),
)


def heard(
    account: ChannelAccount, *, at: datetime, number: int = len(SAID), told: bool = True
) -> list[Ticket]:
    """The first `number` of them (again from the start where there are fewer), each a ticket of its own, a few minutes
    apart up to `at`; whoever asked for something was told a date."""
    made = []
    for n in range(number):
        name, text = SAID[n % len(SAID)]
        again = n // len(SAID)
        by = f"{name.split()[0].lower()}{again or ''}"
        when = at - timedelta(minutes=7 * (number - n))
        message = InboundMessage(
            external_id=f"{account.pk}-{n + 1}",
            thread_key=f"{account.pk}-{n + 1}:{by}",
            author=Author("x", f"id-{by}-{account.pk}", "", by, name),
            text=f"@{account.handle} {text}",
            sent_at=when,
            visibility="private" if n % 9 == 6 else "public",
            reply_rule=MayReply(True, "summoned"),
            addressed=True,
            version_id=f"{account.pk}-{n + 1}",
            language="en" if "Charged" in text else "nl",
            root_external_id=f"{account.pk}-{n + 1}",
            url=f"https://network.example/{by}/{n}",
        )
        with transaction.atomic():
            messages_receive(account, [message], now=when + timedelta(seconds=5))
        ticket = Ticket.objects.get(messages__account=account, messages__external_id=message.external_id)
        if told and ticket.triage == Triage.RESPOND:
            acknowledge(ticket, at=when + timedelta(seconds=20))
        made.append(ticket)
    return made
