"""Signing in with a token in place of a password (OAuth 2.0, SASL XOAUTH2)."""

from __future__ import annotations

from collections.abc import Mapping

from channels_social.net import Net


class NoToken(Exception):
    """There is no token to sign in with. key: it will not come back by itself. words: for people."""

    def __init__(self, words: str, *, key: bool) -> None:
        super().__init__(words)
        self.words, self.key = words, key


def xoauth2(user: str, token: str) -> bytes:
    """What is sent first, before base64 (Google's and Microsoft's SASL XOAUTH2)."""
    return f"user={user}\1auth=Bearer {token}\1\1".encode()


def access_token(net: Net, credentials: Mapping[str, str], *, instead_of: str = "") -> str:
    """The token to sign in with; '' where the account has a password. instead_of: one that the server did not take.
    Raises NoToken."""
    token = credentials.get("access_token", "")
    if token and token == instead_of:
        token = net.credentials.get("access_token", "")
        if token == instead_of:
            raise NoToken("the key has ended and nothing renews it", key=True)
    return token
