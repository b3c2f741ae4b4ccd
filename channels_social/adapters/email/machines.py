"""Which mails a machine wrote, and which kind: they get no acknowledgement, whatever becomes of them (RFC 3834)."""

from __future__ import annotations

from typing import Literal, TypeAlias

import re2

from channels_social.adapters.email.headers import Fields

Machine: TypeAlias = Literal[
    "", "own", "bounce", "delivery_report", "read_receipt", "spam_feedback", "calendar_answer", "out_of_office",
    "auto_reply", "list", "bulk", "auto_generated", "no_reply",
]  # fmt: skip

#: Kinds that tell of a mail of ours and are nobody's words.
REPORTS = frozenset(("own", "bounce", "delivery_report", "read_receipt", "spam_feedback"))

_AWAY_SUBJECT = re2.compile(
    r"(?i)^\W*(automatic reply|auto[- ]?reply|autoreply|auto[- ]?response|automatisch antwoord|"
    r"automatische (reactie|beantwoording)|"
    r"automatische antwort|réponse automatique|respuesta automática|risposta automatica|out of (the )?office|"
    r"ooo\b|"
    r"afwezigheids(bericht|melding|assistent)|afwezigheid\b|abwesenheits|abwesend\b|absence du bureau|"
    r"vacation (reply|message|notice)|"
    r"vakantie(bericht|melding|groet)|ik ben (even )?(afwezig|met vakantie)|i am (currently )?(out of|away|"
    r"on (leave|holiday|vacation))|niet aanwezig|afwezig\b)"
)
_PLAIN_REPLY_SUBJECT = re2.compile(
    r"(?i)^\W*(automatic reply|auto[- ]?reply|autoreply|automatisch antwoord|automatische antwort|"
    r"réponse automatique)\b"
)
_AWAY_WORDS = re2.compile(
    r"(?i)(out of (the )?office|\b(ik ben|wij zijn|i am|i'm|we are|ich bin)\b.{0,60}(afwezig|niet aanwezig|"
    r"op vakantie|met vakantie|met verlof|"
    r"on (leave|holiday|vacation)|away|nicht im (büro|haus)|im urlaub|abwesend|afwesig)|no access to my|"
    r"geen (toegang tot mijn )?mail|"
    r"(werk|lees) ik (niet|uw bericht)|weer (bereikbaar|aanwezig|op kantoor)|terug op kantoor|"
    r"actuellement absent|back in the office)"
)
_RECEIVED = re2.compile(
    r"(?i)(ontvangen|received|ticket|aanvraag|zaaknummer|referentie|reference|case (number|id|#)|klantnummer|request|"
    r"melding|behandeling|in goede orde|werkdagen|working days|business days|eingegangen|demande|support|helpdesk|"
    r"servicedesk|service desk|klantenservice|customer service|#[0-9]{3,})"
)
_AUTOMATIC_WORDS = re2.compile(
    r"(?i)(automatisch (verzonden|verstuurd|gegenereerd|antwoord|bericht|aangemaakt)|automated (response|"
    r"reply|message|e-?mail)|"
    r"automatically (generated|sent)|automatisch (erstellt|generiert|versendet)|automatic reply|"
    r"généré automatiquement|auto-?generated)"
)
_NO_REPLY = re2.compile(
    r"(?i)^(no[-_.]?reply|do[-_.]?not[-_.]?reply|donotreply|noreply|niet[-_.]?beantwoorden|nietantwoorden|"
    r"geen[-_.]?antwoord|"
    r"ne[-_.]?pas[-_.]?repondre|no[-_.]?responder|nicht[-_.]?antworten|unattended|notifications?|"
    r"bounces?)([-+_.0-9].*)?@|[-_.](no-?reply|donotreply)@"
)
_DAEMON = re2.compile(
    r"(?i)^(mailer[-_.]?daemon|postmaster|microsoftexchange[0-9a-f]+|mail[-_.]?daemon|mdaemon)@"
)
_DEVICE_SENDER = re2.compile(
    r"(?i)^(asterisk|voicemail|voice-?mail|pbx|fax|faxserver|scanner|scan|scan2mail|scantomail|mfp|copier|"
    r"kopieer|kopieerapparaat|printer|"
    r"nagios|icinga|zabbix|monit|monitoring|munin|prtg|cron|root|backup|alarm|alerts?|noc|ups)([-+_.0-9].*)?@"
)
_DEVICE_MAILER = re2.compile(
    r"(?i)(bizhub|konica|minolta|ricoh|aficio|xerox|workcentre|imagerunner|canon ir|kyocera|taskalfa|ecosys|"
    r"sharp mx|lexmark|brother mfc|"
    r"fax ?server|asterisk|voicemail|scan to|toshiba e-studio|officejet|laserjet)"
)


def machine_of(
    fields: Fields,
    *,
    sender: str,
    return_path: str | None,
    subject: str,
    text: str,
    own: bool,
    report: str,
    bounced: bool,
    calendar_answer: bool,
    answers: bool,
) -> Machine:
    """sender: its address. return_path: the envelope's sender, '' for the empty one, None where it is not known.
    own: it is ours, come back. report: what kind of multipart/report it is. bounced: whether its words are a bounce's.
    calendar_answer: it answers an invitation. answers: it hangs below another mail."""
    if own:
        return "own"
    if report == "disposition-notification":
        return "read_receipt"
    if report == "feedback-report":
        return "spam_feedback"
    from_daemon = bool(_DAEMON.search(sender))
    if report == "delivery-status":
        return "bounce" if bounced else "delivery_report"
    if bounced and (from_daemon or return_path == "" or fields.has("x-failed-recipients")):
        return "bounce"
    if calendar_answer:
        return "calendar_answer"
    answer = _automatic(fields, subject, text, answers=answers)
    if answer:
        return answer
    if report:
        return "auto_generated"
    return _sent_to_many(fields) or _unattended(fields, sender, return_path, from_daemon=from_daemon)


def _automatic(fields: Fields, subject: str, text: str, *, answers: bool) -> Machine:
    submitted = fields.value("auto-submitted")
    precedence = fields.value("precedence")
    replied = submitted == "auto-replied"
    other = any(
        fields.has(name) and fields.value(name) not in ("no", "false")
        for name in (
            "x-autoreply",
            "x-autorespond",
            "x-autoresponder",
            "x-auto-reply",
            "x-vacation",
            "x-autogenerated",
            "x-mail-autoreply",
        )
    )
    suppressed = fields.has("x-auto-response-suppress") and fields.value("x-auto-response-suppress") not in (
        "",
        "none",
    )
    generated = bool(submitted) and submitted != "no"
    away = _away(fields, subject, text)
    if replied or other or precedence == "auto_reply" or ((generated or suppressed) and (answers or away)):
        # The vacation answers of one big provider say bulk and X-Autoreply; those of no desk do.
        if away or (replied and other and precedence == "bulk"):
            return "out_of_office"
        return (
            "auto_reply" if not replied or _RECEIVED.search(f"{subject}\n{text[:3_000]}") else "out_of_office"
        )
    head = text[:3_000]
    # No field says it: a person may write about being away, so more than the subject must speak for a program.
    if _PLAIN_REPLY_SUBJECT.search(subject) or (
        _AWAY_SUBJECT.search(subject)
        and (_AUTOMATIC_WORDS.search(head) or (answers and _AWAY_WORDS.search(head)))
    ):
        return "out_of_office" if away else "auto_reply"
    return ""


def _away(fields: Fields, subject: str, text: str) -> bool:
    told = fields.text("auto-submitted").lower()
    return bool(
        "vacation" in told or fields.has("x-vacation") or _AWAY_WORDS.search(text[:3_000])
        or (_AWAY_SUBJECT.search(subject) and not _PLAIN_REPLY_SUBJECT.search(subject))
    )  # fmt: skip


def _sent_to_many(fields: Fields) -> Machine:
    precedence = fields.value("precedence")
    if precedence == "list" or any(
        fields.has(name)
        for name in ("list-post", "x-mailman-version", "x-beenthere", "mailing-list", "x-mailing-list")
    ):
        return "list"
    if fields.has("list-id") and not fields.has("list-unsubscribe"):
        return "list"
    if precedence in ("bulk", "junk") or any(
        fields.has(name)
        for name in ("list-id", "list-unsubscribe", "x-campaign", "x-campaignid", "x-mailchimp-campaign")
    ):
        return "bulk"
    return ""


def _unattended(fields: Fields, sender: str, return_path: str | None, *, from_daemon: bool) -> Machine:
    submitted = fields.value("auto-submitted")
    suppressed = fields.value("x-auto-response-suppress")
    if (
        (submitted and submitted != "no")
        or suppressed not in ("", "none")
        or return_path == ""
        or from_daemon
    ):
        return "auto_generated"
    if _NO_REPLY.search(sender):
        return "no_reply"
    device = any(
        fields.has(name)
        for name in ("x-asterisk-callerid", "x-asterisk-callername", "x-fax-number", "x-nagios-host")
    )
    if device or _DEVICE_SENDER.search(sender) or _DEVICE_MAILER.search(fields.text("x-mailer")[:200]):
        return "auto_generated"
    return ""
