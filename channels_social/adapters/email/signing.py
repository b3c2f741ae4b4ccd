"""Signing in where mail is handed over: by a password, or by a token that renews itself."""

from __future__ import annotations

import base64
import smtplib
from collections.abc import Callable, Mapping

from channels_social.adapters.email import oauth
from channels_social.adapters.email.place import Server
from channels_social.net import Net, NetError
from channels_social.net_lines import LineSMTP
from tickets.contract import NotSent, Reauthorise

#: On a session that has said EHLO. Raises smtplib.SMTPException where it is refused, or a SendOutcome.
SignIn = Callable[[LineSMTP], None]
_WELCOME, _GO_ON, _REFUSED = 235, 334, 535


def sign_in_of(net: Net, server: Server, credentials: Mapping[str, str] | None = None) -> SignIn | None:
    """How this account signs in; None where its server wants nobody to. Raises Reauthorise, NotSent."""
    if not server.user:
        return None
    given = net.credentials if credentials is None else credentials
    if given.get("smtp_password"):
        return by_password(server.user, given["smtp_password"])
    # Before the line is opened: whoever hands out keys may be slow.
    token = _token(net, given)
    if token:
        return _by_token(server.user, token, lambda old: _token(net, given, instead_of=old))
    if not given.get("password"):
        raise Reauthorise("there is no password for sending")
    return by_password(server.user, given["password"])


def by_password(user: str, password: str) -> SignIn:
    """One try, by one mechanism: servers count those that fail."""

    def sign_in(session: LineSMTP) -> None:
        offered = session.esmtp_features.get("auth", "").upper().split()
        hidden = ["CRAM-MD5"] if session.is_plain else []
        for name in (*hidden, "PLAIN", "LOGIN", "CRAM-MD5"):
            if name in offered:
                session.user, session.password = user, password
                method = getattr(session, f"auth_{name.lower().replace('-', '_')}")
                session.auth(name, method, initial_response_ok=name == "PLAIN")
                return
        raise smtplib.SMTPNotSupportedError("the server offers no way to sign in with a password here")

    return sign_in


def _by_token(user: str, token: str, another: Callable[[str], str]) -> SignIn:
    def sign_in(session: LineSMTP) -> None:
        code, words = _offer(session, user, token)
        if code == _REFUSED:
            # It ended before its time, or was taken back: another one, once.
            code, words = _offer(session, user, another(token))
        if code != _WELCOME:
            raise smtplib.SMTPAuthenticationError(code, words)

    return sign_in


def _offer(session: LineSMTP, user: str, token: str) -> tuple[int, bytes]:
    told = base64.b64encode(oauth.xoauth2(user, token)).decode("ascii")
    code, words = session.docmd("AUTH", f"XOAUTH2 {told}")
    if code != _GO_ON:
        return code, words
    # Why it says no, in JSON; it is answered with nothing, and then says so plainly.
    code, last = session.docmd("")
    return code, last + b" " + words


def _token(net: Net, credentials: Mapping[str, str], *, instead_of: str = "") -> str:
    try:
        return oauth.access_token(net, credentials, instead_of=instead_of)
    except oauth.NoToken as error:
        if error.key:
            raise Reauthorise(error.words) from error
        raise NotSent(error.words, code="no_token") from error
    except NetError as error:
        raise NotSent(str(error), code="no_token") from error
