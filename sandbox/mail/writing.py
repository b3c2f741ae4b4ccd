"""Mails as a townsperson's program writes them, and the words of one as it shows them."""

from __future__ import annotations

from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime, formataddr, getaddresses

from sandbox.mail.records import Letter

TOWN_HALL = "merendam.example"
DESK = f"gemeente@{TOWN_HALL}"
HOME = "town.example"
WROTE = {"en": "On {when} {who} wrote:", "nl": "Op {when} schreef {who}:"}


def address_of(username: str) -> str:
    return f"{username.lower()}@{HOME}"


def read(letter: Letter) -> EmailMessage:
    message = BytesParser(policy=policy.default).parsebytes(letter.body)
    if not isinstance(message, EmailMessage):
        raise TypeError("the parser makes an EmailMessage by this policy")
    return message


def words(message: EmailMessage) -> str:
    """The plain words, quotations and all."""
    part = message.get_body(preferencelist=("plain", "html"))
    return str(part.get_content()).replace("\r\n", "\n").strip() if part is not None else ""


def own_words(message: EmailMessage) -> str:
    """Without what is quoted below them."""
    lines = words(message).split("\n")
    end = next((at for at, line in enumerate(lines) if line.startswith(">")), len(lines))
    if end < len(lines) and end and lines[end - 1].rstrip().endswith(":"):
        end -= 1
    return "\n".join(lines[:end]).strip() or words(message)


def write(
    *, name: str, username: str, language: str, number: int, subject: str, said: str, at: datetime,
    to: str = DESK, answers: EmailMessage | None = None,
) -> EmailMessage:  # fmt: skip
    """A mail to a mailbox of the town hall, or to whom it `answers`, with what they wrote quoted below it as programs
    do. number: another for each mail."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = formataddr((name, address_of(username)))
    mail["Date"] = format_datetime(at.astimezone(UTC))
    mail["Message-ID"] = f"<{number}.{int(at.timestamp())}@{HOME}>"
    if answers is None:
        mail["To"] = to
        mail["Subject"] = subject
        mail.set_content(f"{said}\n")
        return mail
    back = answers.get("Reply-To") or answers["From"]
    mail["To"] = back
    before = str(answers.get("Subject", ""))
    mail["Subject"] = before if before.lower().startswith("re:") else f"Re: {before}"
    mail["In-Reply-To"] = str(answers["Message-ID"])
    mail["References"] = f"{answers.get('References', '')} {answers['Message-ID']}".strip()
    who = getaddresses([str(answers["From"])])[0][0] or DESK
    wrote = WROTE.get(language, WROTE["en"]).format(when=str(answers.get("Date", "")), who=who)
    quoted = "\n".join(f"> {line}".rstrip() for line in words(answers).split("\n"))
    mail.set_content(f"{said}\n\n{wrote}\n{quoted}\n")
    return mail


def recipients(mail: EmailMessage) -> list[str]:
    return [address for _, address in getaddresses([str(mail["To"])])]
