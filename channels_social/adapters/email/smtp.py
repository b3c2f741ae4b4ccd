"""Handing a mail over, and what the server's answers mean.

    connect, greeting, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, the words   whatever breaks: NotSent
    the last dot                                                           until its answer: Unclear
    an answer                                                              2xx sent, 4xx NotSent, 5xx Permanent

The words of a mail without its last dot are thrown away by the server (RFC 5321, 4.1.1.4).
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from channels_social import crash_points
from channels_social.adapters.email.compose import Composed
from channels_social.adapters.email.inbound import nobody_there
from channels_social.adapters.email.place import Server
from channels_social.adapters.email.signing import SignIn
from channels_social.net import Net, NetError
from channels_social.net_lines import LineSMTP, line_call
from tickets.contract import NotSent, Permanent, Reauthorise, SendOutcome, Unclear

#: How long a server that takes nothing for now is left alone, and one that counts by the hour or the day.
BUSY = timedelta(minutes=5)
USED_UP = timedelta(hours=1)
_WORDS = 400
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_QUOTA = re.compile(
    r"quota|limit (?:has been )?(?:exceeded|reached)|exceeded .{0,40}limit|too many (?:messages|mails|emails|recipients"
    r" (?:this|per))|rate[- ]?limit|sending rate|throttl|daily (?:user )?sending|messages per (?:hour|day|minute)",
    re.IGNORECASE,
)
_RELAY = re.compile(r"relay(?:ing)?\b.{0,40}(?:denied|not permitted|not allowed|prohibited)|unable to relay|"
                    r"not permitted to relay|we do not relay", re.IGNORECASE)  # fmt: skip
_BLOCKED = re.compile(
    r"(?:your|this) account.{0,60}(?:suspended|blocked|disabled|locked)|blocked from sending|5\.7\.50[123]|"
    r"5\.1\.8\b|outbound spam", re.IGNORECASE,
)  # fmt: skip
#: Some servers keep what they have against us until they hear for whom it is.
_SENDER = re.compile(r"sender (?:address|not) .{0,20}(?:rejected|allowed|owned)|send as this sender|not owned by user|"
                     r"SendAsDenied", re.IGNORECASE)  # fmt: skip
_CLIENT = re.compile(r"client host rejected|helo command rejected", re.IGNORECASE)
_THEIRS = re.compile(r"mailbox|recipient|user .{0,40}quota|quota .{0,40}user", re.IGNORECASE)
_SECURED = re.compile(r"starttls|encryption required|secure connection", re.IGNORECASE)
_SIGN_IN = (530, 534, 535, 538)
_SIZE = 552


def send(net: Net, server: Server, mail: Composed, *, sign_in: SignIn | None) -> None:
    """Hand it over; returns when the server has taken it. Raises NotSent, Unclear, Permanent, Reauthorise."""
    with _session(net, server, mail.plain_envelope, sign_in) as (session, phase):
        _hand_over(session, mail, phase)


def look(net: Net, server: Server, address: str, *, sign_in: SignIn | None) -> None:
    """Whether the server lets us in. Raises NotSent, Reauthorise."""
    with _session(net, server, address, sign_in) as (session, _phase):
        session.noop()


@contextmanager
def _session(
    net: Net, server: Server, address: str, sign_in: SignIn | None
) -> Iterator[tuple[LineSMTP, list[str]]]:
    """A signed-in session, within one call; whatever breaks or is refused there is a SendOutcome."""
    session: LineSMTP | None = None
    phase = ["greeting"]
    try:
        with line_call(net):
            name = address.rpartition("@")[2]
            session = LineSMTP(server.host, server.port, security=server.security, local_hostname=name)
            phase[0] = "hello"
            if not session.esmtp_features:
                _greeted(session)
            if sign_in is not None:
                phase[0] = "sign_in"
                sign_in(session)
            crash_points.reached("smtp_signed_in")
            yield session, phase
            with suppress(OSError, smtplib.SMTPException, NetError):
                session.quit()
    except SendOutcome:
        raise
    except smtplib.SMTPNotSupportedError as error:
        raise NotSent(str(error), whole_account=True, code=f"no_{phase[0]}") from error
    except smtplib.SMTPResponseException as error:
        if session is not None and session.dot_left:
            raise Unclear(_words(error.smtp_code, error.smtp_error)) from error
        raise of_answer(error.smtp_code, error.smtp_error, phase[0]) from error
    except NetError as error:
        raise of_network(error, dot_left=session is not None and session.dot_left) from error
    finally:
        if session is not None:
            session.close()


def _hand_over(session: LineSMTP, mail: Composed, phase: list[str]) -> None:
    options = ["SMTPUTF8", "BODY=8BITMIME"] if mail.utf8 else []
    if mail.utf8 and not session.has_extn("smtputf8"):
        raise Permanent("utf8_address", "the server takes no address with other letters than a to z")
    most = session.esmtp_features.get("size", "")
    if most.isascii() and most.isdigit():
        if 0 < int(most) < mail.size:
            raise Permanent("too_large", f"{mail.size} bytes, and the server takes {most}")
        options.append(f"size={mail.size}")
    _named(session, mail, options, phase)
    crash_points.reached("smtp_named")
    phase[0] = "words"
    try:
        code, words = session.hand_over(mail.chunks())
    except FileNotFoundError as error:
        raise Permanent("attachment_gone", f"{type(error).__name__}") from error
    if session.dot_left:
        raise Unclear(_words(code, words))
    _took(code, words)
    crash_points.reached("smtp_taken")


def _named(session: LineSMTP, mail: Composed, options: list[str], phase: list[str]) -> None:
    """Who writes, to whom. Some servers let nobody write from address+something, and say so at the first or at the
    second line: then from the plain address, and what comes back is known by its Message-ID alone."""
    for envelope in dict.fromkeys((mail.envelope, mail.plain_envelope)):
        phase[0] = "sender"
        code, words = session.mail(envelope, options)
        refused = code >= 500 and code not in (_SIZE, *_SIGN_IN)
        if 200 <= code <= 299:
            phase[0] = "recipient"
            code, words = session.rcpt(mail.recipient)
            refused = code >= 500 and bool(_SENDER.search(_words(code, words)))
        if not refused or envelope == mail.plain_envelope:
            _took(code, words)
            return
        session.rset()


def _greeted(session: LineSMTP) -> None:
    code, words = session.ehlo()
    if code >= 500:
        code, words = session.helo()
    _took(code, words)


def _took(code: int, words: bytes) -> None:
    if not 200 <= code <= 299:
        raise smtplib.SMTPResponseException(code, words)


def of_answer(code: int, words: bytes | str, phase: str) -> SendOutcome:
    """What a refusal means. It is the whole account's where it comes before anybody was named, or speaks of it."""
    said = _words(code, words)
    found = _STATUS.search(said)
    status = found.group(1) if found else ""
    if code < 400:
        # No answer that the protocol knows: whoever is there does not speak it.
        return NotSent(said, code="no_connection")
    if code in _SIGN_IN and _SECURED.search(said):
        return NotSent(said, whole_account=True, code="starttls_needed")
    if code in _SIGN_IN or (phase == "sign_in" and code >= 500):
        return Reauthorise(said)
    if code >= 500 and _too_large(code, status, said, phase):
        return Permanent("too_large", said)
    if _QUOTA.search(said) and not _mailbox_full(status, said, phase):
        return NotSent(said, retry_after=USED_UP, whole_account=True, code="rate_limit")
    if _BLOCKED.search(said):
        return NotSent(said, whole_account=True, code="restricted")
    early = phase in ("greeting", "hello", "sign_in")
    if _RELAY.search(said):
        return NotSent(said, whole_account=True, code="relay")
    if code < 500:
        if code == 421 or early or phase == "sender" or status.startswith("4.3."):
            return NotSent(said, retry_after=BUSY, whole_account=True, code="busy")
        # Of this message alone: the desk's own pace, after which a person is asked.
        return NotSent(said, code="busy")
    whole = _whole(said, early=early, phase=phase)
    if whole:
        return NotSent(said, whole_account=True, code=whole)
    dead = phase == "recipient" and nobody_there(status, said)
    return Permanent(status if status.startswith("5") else str(code), said, dead=dead)


def _too_large(code: int, status: str, said: str, phase: str) -> bool:
    if status in ("5.3.4", "5.2.3"):
        return True
    return code == _SIZE and phase != "recipient" and not _mailbox_full(status, said, phase)


def _mailbox_full(status: str, said: str, phase: str) -> bool:
    """The recipient's, which is no allowance of ours that is used up."""
    if status:
        return status[1:] == ".2.2"
    return phase in ("recipient", "words") and bool(_THEIRS.search(said))


def _whole(said: str, *, early: bool, phase: str) -> str:
    """Why a server that says no for good will say so to all we bring; '' where it means this one."""
    if early or _CLIENT.search(said):
        return "refused_us"
    return "sender_refused" if phase == "sender" or _SENDER.search(said) else ""


def of_network(error: NetError, *, dot_left: bool) -> SendOutcome:
    """What a connection that broke means."""
    if dot_left:
        return Unclear(str(error))
    if isinstance(error.__cause__, ssl.SSLCertVerificationError):
        return NotSent(str(error), retry_after=USED_UP, whole_account=True, code="certificate")
    return NotSent(str(error), code="no_connection")


def _words(code: int, words: bytes | str) -> str:
    told = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code}: {' '.join(told.split())[:_WORDS]}".rstrip(": ")
