"""Mail's own rules, and what servers answer, in words for an agent."""

from __future__ import annotations

import re
from collections.abc import Mapping

_RULES: Mapping[str, Mapping[str, str]] = {
    "mail": {
        "en": "Whoever has written us a mail may be answered.",
        "nl": "Wie ons een mail schreef, mogen we antwoorden.",
    },
    "no_address": {
        "en": "There is no address that a mail can go to.",
        "nl": "Er is geen adres waar een mail heen kan.",
    },
    "address": {
        "en": "The mailbox's own address is not right; change it in the settings.",
        "nl": "Het eigen adres van de mailbox klopt niet; pas het aan in de instellingen.",
    },
    "smtp_host": {
        "en": "The server for sending is not filled in right; change it in the mailbox's settings.",
        "nl": "De server voor verzenden is niet goed ingevuld; pas hem aan in de instellingen van de mailbox.",
    },
    "smtp_port": {
        "en": "The port for sending is not right; change it in the mailbox's settings.",
        "nl": "De poort voor verzenden klopt niet; pas hem aan in de instellingen van de mailbox.",
    },
    "smtp_security": {
        "en": "How the line to the sending server is secured is not filled in right; change it in the settings.",
        "nl": "De beveiliging van de verbinding voor verzenden is niet goed ingevuld; pas haar aan in de instellingen.",
    },
    "imap_host": {
        "en": "The server for reading is not filled in right; change it in the mailbox's settings.",
        "nl": "De server voor lezen is niet goed ingevuld; pas hem aan in de instellingen van de mailbox.",
    },
    "imap_port": {
        "en": "The port for reading is not right; change it in the mailbox's settings.",
        "nl": "De poort voor lezen klopt niet; pas hem aan in de instellingen van de mailbox.",
    },
    "imap_security": {
        "en": "How the line to the reading server is secured is not filled in right; change it in the settings.",
        "nl": "De beveiliging van de verbinding voor lezen is niet goed ingevuld; pas haar aan in de instellingen.",
    },
    "sent_copy": {
        "en": "Who keeps a copy of sent mails is not filled in right: server, desk or none.",
        "nl": "Wie een kopie van verzonden mails bewaart is niet goed ingevuld: server, desk of none.",
    },
    "provider": {
        "en": "The provider that sends is not filled in right: mailgun, postmark, or nothing.",
        "nl": "De aanbieder die verzendt is niet goed ingevuld: mailgun, postmark of niets.",
    },
    "credits": {
        "en": "What was paid for at the mail provider is used up.",
        "nl": "Wat bij de mailaanbieder was betaald, is opgebruikt.",
    },
    "not_allowed": {
        "en": "The mail provider does not let us send from this address yet; settle that there.",
        "nl": "De mailaanbieder laat ons nog niet vanaf dit adres verzenden; regel dat daar.",
    },
    "inactive": {
        "en": "The provider brings no more mail to this address: one came back from there, or was called spam.",
        "nl": "De mailaanbieder bezorgt niets meer op dit adres: er kwam een mail terug of iemand noemde hem spam.",
    },
    "cannot_be_written": {
        "en": "The mail cannot be written in the form that the provider asks for.",
        "nl": "De mail is niet te schrijven in de vorm die de aanbieder vraagt.",
    },
    "busy": {
        "en": "The mail server takes nothing at the moment; it is tried again by itself.",
        "nl": "De mailserver neemt nu even niets aan; het wordt vanzelf opnieuw geprobeerd.",
    },
    "rate_limit": {
        "en": "The mail server takes no more from this mailbox for a while: its allowance is used up.",
        "nl": "De mailserver neemt even niets meer aan van deze mailbox: het maximum is bereikt.",
    },
    "restricted": {
        "en": "The mail provider has stopped this mailbox from sending until that is settled there.",
        "nl": "De mailaanbieder laat deze mailbox niet meer verzenden tot dat daar is opgelost.",
    },
    "relay": {
        "en": "The mail server passes nothing on for us: the server for sending, or its user, is not the right one.",
        "nl": "De mailserver stuurt voor ons niets door: de server voor verzenden of de gebruiker klopt niet.",
    },
    "refused_us": {
        "en": "The mail server does not talk to us.",
        "nl": "De mailserver wil niet met ons praten.",
    },
    "sender_refused": {
        "en": "The mail server does not let this user send from the mailbox's address.",
        "nl": "De mailserver laat deze gebruiker niet verzenden vanaf het adres van de mailbox.",
    },
    "certificate": {
        "en": "The mail server's certificate cannot be trusted, so nothing was said to it.",
        "nl": "Het certificaat van de mailserver is niet te vertrouwen; er is niets aan gezegd.",
    },
    "no_greeting": {
        "en": "The mail server offers no secured line (STARTTLS); nothing was sent.",
        "nl": "De mailserver biedt geen beveiligde verbinding (STARTTLS); er is niets verstuurd.",
    },
    "starttls_needed": {
        "en": "The mail server wants a secured line: set the security for sending to starttls or tls.",
        "nl": "De mailserver wil een beveiligde verbinding: zet de beveiliging voor verzenden op starttls of tls.",
    },
    "key_refused_out": {
        "en": "The server for sending does not take this user and password.",
        "nl": "De server voor verzenden accepteert deze gebruiker en dit wachtwoord niet.",
    },
    "no_sign_in": {
        "en": "The mail server offers no way to sign in that the desk knows.",
        "nl": "De mailserver biedt geen manier van aanmelden die de balie kent.",
    },
    "no_connection": {
        "en": "The mail server could not be reached; nothing was sent.",
        "nl": "De mailserver was niet bereikbaar; er is niets verstuurd.",
    },
    "too_large": {
        "en": "The mail is larger than the mail server takes.",
        "nl": "De mail is groter dan de mailserver aanneemt.",
    },
    "utf8_address": {
        "en": "The mail server cannot send to an address with letters such as é before the @.",
        "nl": "De mailserver kan niet versturen naar een adres met letters zoals é voor de @.",
    },
    "attachment_gone": {
        "en": "A file that should go with the mail is not there any more.",
        "nl": "Een bestand dat met de mail mee moest is er niet meer.",
    },
    "key_refused": {
        "en": "The mail server no longer takes this user with this password (or sign-in). Connect the mailbox again.",
        "nl": "De mailserver accepteert deze gebruiker met dit wachtwoord (of deze aanmelding) niet meer. "
        "Verbind de mailbox opnieuw.",
    },
    "key_refused_first": {
        "en": "The server for reading does not take this user with this password.",
        "nl": "De server voor lezen accepteert deze gebruiker met dit wachtwoord niet.",
    },
    "not_reached_in": {
        "en": "The server for reading could not be reached. Look at its name, its port and its security.",
        "nl": "De server voor lezen was niet bereikbaar. Kijk naar de naam, de poort en de beveiliging.",
    },
    "not_reached_out": {
        "en": "The server for sending could not be reached. Look at its name, its port and its security.",
        "nl": "De server voor verzenden was niet bereikbaar. Kijk naar de naam, de poort en de beveiliging.",
    },
    "not_now": {
        "en": "The mail server lets nobody in at the moment, or answers too slowly. Try again in a few minutes.",
        "nl": "De mailserver laat nu even niemand toe, of antwoordt te traag. Probeer het over een paar minuten "
        "nog eens.",
    },
    "no_password": {
        "en": "No password is stored for this mailbox. Connect it again.",
        "nl": "Voor deze mailbox is geen wachtwoord opgeslagen. Verbind hem opnieuw.",
    },
    "no_token": {
        "en": "The sign-in service gives no key at the moment; it is tried again by itself.",
        "nl": "De aanmelddienst geeft nu geen sleutel; het wordt vanzelf opnieuw geprobeerd.",
    },
    "too_slow": {
        "en": "The mail server answers too slowly; it is tried again by itself.",
        "nl": "De mailserver antwoordt te traag; het wordt vanzelf opnieuw geprobeerd.",
    },
    "no_connection_in": {
        "en": "The mail server could not be reached for reading; it is tried again by itself.",
        "nl": "De mailserver was niet bereikbaar om te lezen; het wordt vanzelf opnieuw geprobeerd.",
    },
    "busy_in": {
        "en": "The mail server lets nobody read at the moment; it is tried again by itself.",
        "nl": "De mailserver laat nu even niemand lezen; het wordt vanzelf opnieuw geprobeerd.",
    },
    "mailbox_full": {
        "en": "The mailbox is full. New mail is turned away until there is room: empty or enlarge it.",
        "nl": "De mailbox is vol. Nieuwe mail wordt geweigerd tot er ruimte is: maak hem leeg of groter.",
    },
    "no_folder": {
        "en": "This folder is not in the mailbox; choose another in its settings.",
        "nl": "Deze map staat niet in de mailbox; kies een andere in de instellingen.",
    },
    "not_marked": {
        "en": "New mails are read, but those that were read cannot be marked or moved.",
        "nl": "Nieuwe mails worden gelezen, maar gelezen mails kunnen niet worden gemarkeerd of verplaatst.",
    },
    "denied": {
        "en": "Nothing was allowed at the sign-in, so nothing is connected.",
        "nl": "Bij het aanmelden is niets toegestaan; er is niets verbonden.",
    },
    "refused": {
        "en": "The sign-in service refused to connect the mailbox.",
        "nl": "De aanmelddienst weigerde de mailbox te verbinden.",
    },
    "no_answer": {
        "en": "The sign-in service did not answer. Try again in a moment.",
        "nl": "De aanmelddienst antwoordde niet. Probeer het zo nog eens.",
    },
    "no_client": {
        "en": "Fill in the application ID and its secret first, as Microsoft shows them.",
        "nl": "Vul eerst de applicatie-ID en het geheim in zoals Microsoft ze toont.",
    },
    "app_secret": {
        "en": "The sign-in service does not take the secret of our registration; fill in the present one.",
        "nl": "De aanmelddienst accepteert het geheim van onze registratie niet; vul het huidige in.",
    },
    "no_address_told": {
        "en": "The sign-in service did not say which address this is.",
        "nl": "De aanmelddienst zei niet welk adres dit is.",
    },
    "permission.IMAP.AccessAsUser.All": {
        "en": "Without it the mailbox cannot be read.",
        "nl": "Zonder dit kan de mailbox niet worden gelezen.",
    },
    "permission.SMTP.Send": {
        "en": "Without it nothing can be sent from the mailbox.",
        "nl": "Zonder dit kan vanuit de mailbox niets worden verzonden.",
    },
    "server_says": {
        "en": "The mail server refuses to be read.",
        "nl": "De mailserver weigert het lezen.",
    },
}
#: What the digits after the 5 mean (RFC 3463), the most exact first.
_STATUSES: tuple[tuple[str, Mapping[str, str]], ...] = (
    (
        r"5\.1\.[0-9]+",
        {"en": "There is no mailbox at this address.", "nl": "Er is geen mailbox op dit adres."},
    ),
    (
        r"5\.2\.2",
        {"en": "The mailbox of whom it was for is full.", "nl": "De mailbox van de ontvanger is vol."},
    ),
    (
        r"5\.2\.[0-9]+",
        {
            "en": "The mailbox of whom it was for takes nothing.",
            "nl": "De mailbox van de ontvanger neemt niets aan.",
        },
    ),
    (
        r"5\.4\.[0-9]+",
        {
            "en": "The mail server of whom it was for cannot be reached.",
            "nl": "De mailserver van de ontvanger is niet te bereiken.",
        },
    ),
    (
        r"5\.7\.[0-9]+",
        {
            "en": "The mail server of whom it was for refuses our mail by a rule of its own.",
            "nl": "De mailserver van de ontvanger weigert onze mail volgens een eigen regel.",
        },
    ),
    (
        r"5(\.[0-9]+\.[0-9]+|[0-9]{2})",
        {
            "en": "The mail server refuses this mail for good.",
            "nl": "De mailserver weigert deze mail definitief.",
        },
    ),
)


def rule_words(rule: str, language: str) -> str:
    told = _RULES.get(rule)
    if told is None:
        told = next((words for pattern, words in _STATUSES if re.fullmatch(pattern, rule)), None)
    return told.get(language, told["en"]) if told is not None else ""
