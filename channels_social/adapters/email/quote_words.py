"""The words by which mail programs announce a mail that they quote: who wrote it and when, in many languages."""

from __future__ import annotations

import re2

_VERBS = re2.compile(
    r"(?i)\b(wrote|writes|schreef|geschreven|schrieb|schrieben|a écrit|ecrit|écrit|escribió|escribio|"
    r"escreveu|scritto|"
    r"napisał|napisała|napisano|skrev|napsal|napsala|kirjoitti|írta|a scris|yazdı|citeren|zitat von|quoting|"
    r"cytowanie)\b"
    r"|писал|написал|пишет"
)
_VERB_LAST = re2.compile(
    r"(?i)\b(wrote|writes|schreef|geschreven|schrieb|écrit|escribió|escreveu|scritto|skrev)\s*:\W*$"
)
_YOU = re2.compile(r"(?i)\b(u|je|jij|jullie|you|ik|wij|we|i|sie|du|vous|tu)\b")
_TIME = re2.compile(r"\b[0-9]{1,2}[:.h][0-9]{2}\b")
_YEAR = re2.compile(r"\b(19|20)[0-9]{2}\b|\b[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2,4}\b")
_STARTS = re2.compile(
    r"(?i)^\W{0,3}(on|op|am|le|el|em|il|il giorno|den|dne|w dniu|dnia|quoting|citeren|zitat|at|kl|"
    r"[a-z]{2,3}[,.]? [0-9]{1,2}|[0-9]{1,4}[-/. ])\b"
)
_SEPARATOR = re2.compile(
    r"(?i)^[\s*>]*[-_=*‐‑‒–—]{3,}\s*(original message|original mail|original appointment|"
    r"oorspronkelijk bericht|"
    r"oorspronkelijke bericht|origineel bericht|originele bericht|oorspronkelijke e-mail|"
    r"ursprüngliche nachricht|"
    r"originalnachricht|original-nachricht|message d.origine|message original|mensaje original|"
    r"messaggio originale|"
    r"mensagem original|opprinnelig melding|oprindelig meddelelse|wiadomość oryginalna|reply message|"
    r"исходное сообщение)\s*[-_=*‐‑‒–—]{2,}"
)
_FORWARD = re2.compile(
    r"(?i)^[\s*>]*([-_=*]{2,}\s*)?(begin |anfang der |début du |inicio del )?(forwarded message|"
    r"forwarded by|doorgestuurd bericht|doorgestuurde mail|"
    r"weitergeleiteten? nachricht|weitergeleiteten? e-mail|message transféré|message réexpédié|mensaje reenviado|"
    r"messaggio inoltrato|vidarebefordrat meddelande|пересылаемое сообщение)\b.{0,60}([-_=*]{2,}|:)?\s*$"
)
_RULE = re2.compile(r"^\s*([-_=*]\s?){5,}\s*$")
_FOOTER = re2.compile(
    r"(?i)^\W{0,3}((sent|verzonden|verstuurd|gesendet|envoyé|enviado|inviato|skickat|gestuurd)\s+"
    r"(from|via|with|using|by|met|vanaf|vanuit|van|von|mit|depuis|avec|desde|da|från|door)\b.{0,12}"
    r"\b(my|mijn|meinem|mon|mi|mio|min|iphone|ipad|android|galaxy|samsung|huawei|xiaomi|outlook|mail|yahoo|"
    r"proton|proton ?mail|"
    r"handheld|smartphone|phone|telefoon|tablet|mobile|blackberry|gmail|[a-z]*app|[a-z]*mail)\b.{0,50}"
    r"|get\s+(the\s+)?outlook\s+for\s.{0,20}|download(en)?\s+(van\s+)?.{0,12}outlook.{0,20}|"
    r"outlook\s+voor\s.{0,30}downloaden"
    r"|(sent with|verzonden met|verstuurd met)\s.{0,40}(secure|encrypted|beveiligde).{0,15})$"
)
_SCANNED = re2.compile(
    r"(?i)^(--?$|virus-?(free|vrij)\b.{0,60}|(this|dit) (e-?mail|message|bericht|"
    r"e-?mailbericht)\b.{0,80}(scanned|checked|gescand|"
    r"gecontroleerd)|(scanned|gescand|gecontroleerd) (by|door)\b|(for more information|"
    r"voor meer informatie)\b.{0,40}(visit|ga naar|zie)"
    r")"
)
_BELOW = re2.compile(
    r"(?i)\b((antwoord\w*|reactie\w*|opmerking\w*|commentaar|aanvulling\w*)\b.{0,60}\b(hieronder|"
    r"onderstaand\w*|"
    r"in (het )?(rood|blauw|groen|kleur|vet|cursief)|tussen (de|uw) (tekst|regels|vragen))|"
    r"(answer\w*|replies|reply|comments?|responses?|remarks?)\b.{0,60}\b(below|inline|in-line|"
    r"in (red|blue|green|bold|colou?r|between))|"
    r"in (rood|blauw|kleur) (hieronder|onder|tussen|in)|inline below|see inline|antworten? .{0,40}(unten|"
    r"in rot|in blau))\b"
)
_BELOW_ALONE = re2.compile(
    r"(?i)\b(zie (ook )?(hieronder|onder|onderstaand)|see (also )?below|siehe unten|voir ci-dessous)\b"
)
_KINDS = {
    "from": ["from", "van", "von", "de", "da", "от", "från", "fra", "od", "feladó"],
    "date": [
        "sent",
        "date",
        "datum",
        "verzonden",
        "verstuurd",
        "gesendet",
        "envoyé",
        "envoye",
        "fecha",
        "enviado",
        "data",
        "wysłano",
        "skickat",
        "sendt",
        "дата",
        "отправлено",
    ],
    "to": ["to", "aan", "an", "à", "a", "para", "кому", "till", "til", "do", "destinataire", "destinatario"],
    "subject": [
        "subject",
        "onderwerp",
        "betreff",
        "betreft",
        "objet",
        "asunto",
        "oggetto",
        "assunto",
        "тема",
        "ämne",
        "emne",
        "temat",
    ],
    "cc": ["cc", "kopie", "copie", "kopia", "bcc"],
    "other": [
        "reply-to",
        "antwoord aan",
        "importance",
        "urgentie",
        "bijlagen",
        "attachments",
        "organization",
        "prioriteit",
    ],
}
_KEYS = {word: kind for kind, words in _KINDS.items() for word in words}
_KEYS["от кого"] = "from"


def separator(text: str) -> bool:
    """A line such as -----Original Message-----, alone or with the quoted header behind it."""
    return bool(_SEPARATOR.search(text[:300]))


def forward_line(text: str) -> bool:
    return bool(_FORWARD.search(text[:200]))


def rule(text: str) -> bool:
    """A line that is drawn by signs."""
    return len(text) < 300 and bool(_RULE.search(text))


def footer(text: str) -> bool:
    """What a program adds by itself, such as: Sent from my phone."""
    if len(text) > 300:
        return False
    shown = " ".join(
        piece.partition(">")[2] if number else piece for number, piece in enumerate(text.split("<http"))
    )
    return len(shown) < 100 and bool(_FOOTER.search(" ".join(shown.split())))


def scanned(text: str) -> bool:
    """What a gateway or a program against viruses puts below a mail."""
    return len(text) < 300 and bool(_SCANNED.search(text.strip()))


def points_below(text: str) -> bool:
    """Whether somebody says that the answers stand in what follows."""
    return bool(_BELOW.search(text[-1_500:]) or (len(text) <= 160 and _BELOW_ALONE.search(text)))


def header_key(text: str) -> str:
    """The kind of a quoted header line: from, date, to, subject, cc or other; '' for any other line."""
    key, colon, _ = text.strip(" *\t>").partition(":")
    return _KEYS.get(key.strip(" *\t").lower(), "") if colon and len(key) < 20 else ""


def header_value(text: str) -> str:
    return text.partition(":")[2].strip(" *\t")


def begins_attribution(text: str) -> bool:
    return bool(_STARTS.search(text[:60]))


def attribution(text: str) -> int:
    """How surely a line says that somebody wrote what follows: 0 not, 1 perhaps, 2 surely."""
    text = text.strip(" *\t-_")
    if len(text) > 400:
        return 0
    if text.startswith(">>>") and text.endswith(">>>") and "@" in text:
        return 2
    verb = bool(_VERBS.search(text))
    ends = text.endswith((":", ":*"))
    at = text.find("@")
    mail = at > 0 and " " not in text[at - 1 : at + 2]
    year, time = bool(_YEAR.search(text)), bool(_TIME.search(text))
    if not ends:
        # Only what no sentence of a person looks like.
        angled = mail and "<" in text and ">" in text
        return int(
            (verb and begins_attribution(text) and (mail or (year and time))) or (angled and (year or time))
        )
    if (verb and mail) or (verb and year and time) or (mail and year and time):
        return 2
    if (verb and begins_attribution(text) and (year or time)) or (mail and (year or time)):
        return 1
    return int(len(text) <= 80 and bool(_VERB_LAST.search(text)) and not _YOU.search(text))


def somewhen(text: str) -> bool:
    return bool(_YEAR.search(text)) or bool(_TIME.search(text))


def dated(text: str) -> bool:
    return bool(_YEAR.search(text)) and bool(_TIME.search(text))
