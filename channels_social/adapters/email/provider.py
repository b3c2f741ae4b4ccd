"""Sending by a provider's API in place of SMTP: django-anymail writes the request and reads the answer, on a session of
ours, so that no byte leaves by another way. One mail is one request.

The mail's own Message-ID stays (Postmark is asked to keep it), and goes beside it once more, so that what the provider
tells of it later names it. Nothing is followed: no picture that counts readers, no link that is led over the provider.

Sources: documentation.mailgun.com, messages and errors; postmarkapp.com/developer/api, overview (error codes).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import requests

from channels_social.adapters.email import hooks_told
from channels_social.adapters.email.compose import Composed
from channels_social.net import DeadlineExceeded, Net, NetError, NoConnection, Session
from channels_social.updates import ODD
from tickets.contract import NotSent, Permanent, Reauthorise, SendOutcome, Unclear

#: Where each takes mails; the setting `provider_url` names another (Mailgun's region, a stand-in).
URLS: Mapping[str, str] = {"mailgun": "https://api.mailgun.net", "postmark": "https://api.postmarkapp.com"}
_BUSY = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=1)
#: Of Postmark's error codes those that concern every mail of ours.
_POSTMARK_WHOLE = {
    400: "sender_refused",
    401: "sender_refused",
    405: "credits",
    412: "not_allowed",
    413: "not_allowed",
}
_POSTMARK_BAD_KEY, _POSTMARK_INACTIVE = 10, 406


def chosen(settings: Mapping[str, str]) -> str:
    """'' where the mailbox sends by SMTP."""
    return settings.get("provider", "").strip().lower()


def checked(settings: Mapping[str, str], credentials: Mapping[str, str]) -> tuple[str, str]:
    """The provider and its key. Raises NotSent, Reauthorise."""
    name, key = chosen(settings), credentials.get("provider_key", "")
    if name not in URLS:
        known = ", ".join(sorted(URLS))
        raise NotSent(f"the provider is {name!r}; there are: {known}", whole_account=True, code="provider")
    if not key:
        raise Reauthorise(f"there is no API key of {name}")
    return name, key


def send(net: Net, settings: Mapping[str, str], mail: Composed, *, account: str) -> None:
    """Hand it over; returns when the provider has taken it. Raises NotSent, Unclear, Permanent, Reauthorise."""
    from anymail.exceptions import AnymailError, AnymailRecipientsRefused

    name, key = checked(settings, net.credentials)
    try:
        raw = b"".join(mail.chunks())
    except FileNotFoundError as error:
        raise Permanent("attachment_gone", type(error).__name__) from error
    base = settings.get("provider_url", "").strip()
    session = net.session({URLS[name]: base} if base else None)
    backend = _backend(name, key)
    backend.session = line = _Line(session)
    try:
        message = _message(name, raw, mail, account)
        backend.send_messages([message])
    except (AnymailError, *ODD, LookupError) as error:
        if line.broken is not None:
            raise _of_network(line.broken) from error
        if session.last_response is None:
            # It never left: anymail could not write it in the provider's form.
            raise Permanent("cannot_be_written", str(error).strip()[:300]) from error
        refused = isinstance(error, AnymailRecipientsRefused)
        raise _outcome(session.last_response, refused=refused) from error
    if session.last_response is not None and not message.anymail_status.status <= {"sent", "queued"}:
        # anymail says nothing where it does not know the address that was refused.
        raise _outcome(session.last_response, refused=True)


class _Line:
    """The session in anymail's hands. broken: what our line says of its end, which anymail's errors would not keep."""

    def __init__(self, session: Session) -> None:
        self.broken: NetError | None = None
        self._session = session

    def request(self, **what: Any) -> requests.Response:
        try:
            return self._session.request(**what)
        except NetError as error:
            self.broken = error
            raise requests.ConnectionError(str(error)) from error

    def close(self) -> None:
        self._session.close()


def _backend(name: str, key: str) -> Any:
    if name == "mailgun":
        from anymail.backends.mailgun import EmailBackend as Mailgun

        return Mailgun(api_key=key, sender_domain=None, api_url=f"{URLS[name]}/v3")
    from anymail.backends.postmark import EmailBackend as Postmark

    return Postmark(server_token=key, api_url=f"{URLS[name]}/")


def _message(name: str, raw: bytes, mail: Composed, account: str) -> Any:
    """What was composed, in the form in which anymail takes it."""
    from django.core.mail import EmailMultiAlternatives

    told: EmailMessage = message_from_bytes(raw, policy=default)
    words, page = told.get_body(("plain",)), told.get_body(("html",))
    kept = (
        "Message-ID",
        "In-Reply-To",
        "References",
        "Content-Language",
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
    )
    headers = {one: " ".join(str(told[one]).split()) for one in kept if told[one]}
    if name == "postmark":
        headers["X-PM-KeepID"] = "true"
    message = EmailMultiAlternatives(
        subject=str(told["Subject"] or ""),
        body=_text(words),
        from_email=str(told["From"]),
        to=[mail.recipient],
        reply_to=[str(told["Reply-To"])] if told["Reply-To"] else None,
        headers=headers,
    )
    if page is not None:
        message.attach_alternative(_text(page), "text/html")
    for part in told.iter_attachments():
        content = part.get_payload(decode=True)
        message.attach(
            part.get_filename() or "file",
            content if isinstance(content, bytes) else b"",
            part.get_content_type(),
        )
    added: Any = message
    added.metadata = hooks_told.beside(account, mail.message_id)
    added.track_opens = added.track_clicks = False
    return message


def _text(part: Any) -> str:
    return "" if part is None else str(part.get_content()).replace("\r\n", "\n")


def _outcome(answer: requests.Response, *, refused: bool) -> SendOutcome:
    """What an answer without a receipt means."""
    words = f"{answer.status_code}: {_said(answer)}"[:400]
    status = answer.status_code
    if status == 401:
        return Reauthorise(words)
    if status == 429:
        return NotSent(words, retry_after=_wait(answer), code="rate_limit")
    if status == 402:
        return NotSent(words, whole_account=True, code="credits")
    if status in (403, 404):
        return NotSent(words, whole_account=True, code="not_allowed")
    if status == 413:
        return Permanent("too_large", words)
    if status == 422 or refused:
        return _postmark(_code(answer), words)
    if 400 <= status < 500 and status != 408:
        return Permanent("refused", words)
    return Unclear(words)


def _postmark(code: int, words: str) -> SendOutcome:
    if code == _POSTMARK_BAD_KEY:
        return Reauthorise(words)
    if code in _POSTMARK_WHOLE:
        return NotSent(words, whole_account=True, code=_POSTMARK_WHOLE[code])
    return Permanent("inactive" if code == _POSTMARK_INACTIVE else "refused", words)


def _of_network(error: NetError) -> SendOutcome:
    nothing_left = isinstance(error, NoConnection) or (
        isinstance(error, DeadlineExceeded) and not error.bytes_left
    )
    return NotSent(str(error), code="no_connection") if nothing_left else Unclear(str(error))


def _wait(answer: requests.Response) -> timedelta:
    told = answer.headers.get("Retry-After", "")
    asked = timedelta(seconds=int(told[:9])) if told.isascii() and told.isdigit() else _BUSY
    return min(max(asked, timedelta(seconds=1)), _LONGEST_WAIT)


def _body(answer: requests.Response) -> Mapping[str, Any]:
    try:
        found = json.loads(answer.content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _code(answer: requests.Response) -> int:
    told = _body(answer).get("ErrorCode")
    return told if isinstance(told, int) else 0


def _said(answer: requests.Response) -> str:
    body = _body(answer)
    told = body.get("message") or body.get("Message") or answer.text[:300]
    return " ".join(str(told).split()).replace("\0", "")
