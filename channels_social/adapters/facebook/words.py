"""Facebook's rules, and what it answers, in words for an agent."""

from __future__ import annotations

from collections.abc import Mapping

_RULES: Mapping[str, Mapping[str, str]] = {
    "comment": {
        "en": "Below a post or comment on our Page we may always answer.",
        "nl": "Onder een bericht of reactie op onze pagina mogen we altijd antwoorden.",
    },
    "message_window": {
        "en": "Messenger takes our messages for 24 hours after the person's last one, and for 7 days "
        "those that "
        "a person of ours writes.",
        "nl": "Messenger neemt onze berichten aan tot 24 uur na het laatste van de ander, en tot 7 dagen "
        "daarna "
        "die van een medewerker.",
    },
    "window": {
        "en": "More than 24 hours after the person's last message Messenger takes none that is sent "
        "automatically.",
        "nl": "Meer dan 24 uur na het laatste bericht van de ander neemt Messenger geen automatisch "
        "bericht meer aan.",
    },
    "person_window": {
        "en": "More than 7 days after the person's last message Messenger takes nothing, until they write "
        "again.",
        "nl": "Meer dan 7 dagen na het laatste bericht van de ander neemt Messenger niets meer aan, tot "
        "die weer "
        "schrijft.",
    },
    "other_app": {
        "en": "Another app of this Page has this Messenger conversation at the moment; answer there.",
        "nl": "Een andere app van deze pagina heeft dit Messenger-gesprek nu; antwoord daar.",
    },
    "permission": {
        "en": "The app at Facebook lacks a permission for this: it must be given there.",
        "nl": "De app bij Facebook mist hiervoor een recht: dat moet daar worden gegeven.",
    },
    "person_unavailable": {
        "en": "This person cannot be reached on Messenger: they blocked the Page, or the account is gone.",
        "nl": "Deze persoon is via Messenger niet te bereiken: de pagina is geblokkeerd, of het account "
        "is weg.",
    },
    "gone": {
        "en": "What this answers is no longer there, or no longer visible to this Page.",
        "nl": "Waar dit op antwoordt is er niet meer, of niet meer zichtbaar voor deze pagina.",
    },
    "duplicate": {
        "en": "Facebook refuses the same text as an earlier one of this Page.",
        "nl": "Facebook weigert dezelfde tekst als een eerdere van deze pagina.",
    },
    "bad_link": {
        "en": "Facebook does not take a link in this text.",
        "nl": "Facebook accepteert een link in deze tekst niet.",
    },
    "file_refused": {
        "en": "Facebook does not take this file; nothing was sent. Remove it, or send another one.",
        "nl": "Facebook neemt dit bestand niet aan; er is niets verstuurd. Haal het weg of stuur een ander.",
    },
    "upload": {
        "en": "Facebook could not take a file of this message; nothing was sent.",
        "nl": "Facebook kon een bestand van dit bericht niet aannemen; er is niets verstuurd.",
    },
    "refused": {"en": "Facebook did not take this message.", "nl": "Facebook nam dit bericht niet aan."},
    "restricted": {
        "en": "Facebook has restricted this Page: nothing goes out until that is settled there.",
        "nl": "Facebook heeft deze pagina beperkt: er gaat niets uit tot dat daar is opgelost.",
    },
    "rate_limit": {
        "en": "Facebook takes no more from this Page for a while.",
        "nl": "Facebook neemt even niets meer aan van deze pagina.",
    },
    "app_secret": {
        "en": "Facebook does not take our app's secret: fill in the right one with the app.",
        "nl": "Facebook accepteert het geheim van onze app niet: vul bij de app het juiste in.",
    },
    "base_url": {
        "en": "The account's base URL or Graph version cannot be used; change it in the settings.",
        "nl": "De basis-URL of Graph-versie van het account klopt niet; pas die aan in de instellingen.",
    },
    "moved": {
        "en": "The account's base URL leads to an address that has moved; change it in the settings.",
        "nl": "De basis-URL van het account leidt naar een verhuisd adres; pas die aan in de instellingen.",
    },
    "no_connection": {
        "en": "Facebook could not be reached; nothing was sent.",
        "nl": "Facebook was niet bereikbaar; er is niets verstuurd.",
    },
    "removed_by_author": {
        "en": "It was removed on Facebook, by its author or by somebody of the Page.",
        "nl": "Het is op Facebook verwijderd, door de schrijver of door iemand van de pagina.",
    },
    "no_client": {
        "en": "Our registration lacks its app id or app secret. Both stand in Meta's app dashboard under "
        "Settings, Basic.",
        "nl": "Onze registratie mist de app-id of het app-geheim. Beide staan in Meta's app-dashboard "
        "onder Instellingen, "
        "Algemeen.",
    },
    "no_verify_token": {
        "en": "Our registration lacks the verify token, so Facebook cannot be told where to send what is "
        "new: the Page is "
        "only asked.",
        "nl": "Onze registratie mist het verificatietoken; Facebook kan dus niet horen waar nieuws "
        "naartoe moet: de "
        "pagina wordt alleen bevraagd.",
    },
    "no_page_given": {
        "en": "You allowed it, but chose no Page. Begin again, and choose the Page in Facebook's list.",
        "nl": "Je hebt het toegestaan, maar geen pagina gekozen. Begin opnieuw en kies de pagina in de "
        "lijst van "
        "Facebook.",
    },
    "other_app_token": {
        "en": "This token was made for another app than ours.",
        "nl": "Dit token is voor een andere app dan de onze gemaakt.",
    },
    "bad_version": {
        "en": "The version of the Graph API in our registration is none.",
        "nl": "De versie van de Graph API in onze registratie bestaat niet.",
    },
    "revoke_by_hand": {
        "en": "Facebook sends us nothing more. The Page's token ends only when whoever gave it removes "
        "our app there, "
        "under Settings, Business integrations.",
        "nl": "Facebook stuurt ons niets meer. Het token van de pagina eindigt pas als wie het gaf onze "
        "app daar "
        "verwijdert, onder Instellingen, Zakelijke integraties.",
    },
    "permission.pages_show_list": {
        "en": "Without it Facebook does not show us which Pages there are.",
        "nl": "Zonder dit laat Facebook niet zien welke pagina's er zijn.",
    },
    "permission.pages_read_engagement": {
        "en": "Without it nothing on the Page can be read.",
        "nl": "Zonder dit kan er niets op de pagina worden gelezen.",
    },
    "permission.pages_read_user_content": {
        "en": "Without it Facebook does not say who wrote, so nobody can be answered.",
        "nl": "Zonder dit zegt Facebook niet wie er schreef en kan niemand antwoord krijgen.",
    },
    "permission.pages_manage_metadata": {
        "en": "Without it Facebook tells us nothing by itself: the Page is only asked for what is new.",
        "nl": "Zonder dit vertelt Facebook niets uit zichzelf: de pagina wordt alleen bevraagd op wat er "
        "nieuw is.",
    },
    "permission.pages_manage_engagement": {
        "en": "Without it no comment can be answered.",
        "nl": "Zonder dit kan op geen reactie worden geantwoord.",
    },
    "permission.pages_messaging": {
        "en": "Without it private messages in Messenger are neither read nor answered.",
        "nl": "Zonder dit worden privéberichten in Messenger niet gelezen en niet beantwoord.",
    },
}


def rule_words(rule: str, language: str) -> str:
    words = _RULES.get(rule, {})
    return words.get(language[:2].lower(), words.get("en", ""))
