"""The real client, facebook-sdk, on our session: `facebook.GraphAPI` as the Graph API is today.

What it lacks, and is added here: versions above 3.1, another base URL, nested values as JSON, the answer's status
and headers and the error's subcode, a total deadline, the proof of our app's secret; and the token stays out of
addresses, which end in logs.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import warnings
from collections.abc import Mapping
from typing import Any

import requests

from channels_social.adapter import AccountView
from channels_social.net import Net, Session

with warnings.catch_warnings():
    # Its source holds "\d" in a plain string: a warning when it is compiled for the first time.
    warnings.simplefilter("ignore")
    import facebook

GRAPH = "https://graph.facebook.com"
VERSION = "26.0"


class MissingCredentials(Exception):
    """The Page has no access token."""


class BadVersion(ValueError):
    """A Graph version of the account's settings that is none."""


class GraphError(facebook.GraphAPIError):  # type: ignore[misc]  # the library has no types
    """An answer that is no success: HTTP status, headers and body beside the error's code and subcode."""

    def __init__(self, result: object, status: int, headers: Mapping[str, str], body: bytes = b"") -> None:
        super().__init__(result)
        error = result.get("error") if isinstance(result, dict) else None
        told: Mapping[str, Any] = error if isinstance(error, dict) else {}
        self.status, self.headers, self.body = status, headers, body
        self.code = _number(told.get("code"))
        self.subcode = _number(told.get("error_subcode"))
        self.transient = told.get("is_transient") is True
        self.told = told


class Graph(facebook.GraphAPI):  # type: ignore[misc]  # the library has no types
    """`facebook.GraphAPI` for any version. Calls raise GraphError, or the session's NetError.

    app_id, secret: our app's; the secret is for `appsecret_proof`, '' where the app asks for none. token_in_url: as
    the library itself does it, for a network that does not take the header.
    """

    def __init__(
        self,
        token: str,
        *,
        session: requests.Session,
        version: str = VERSION,
        base_url: str = GRAPH,
        app_id: str = "",
        secret: str = "",
        token_in_url: bool = False,
        timeout: float | None = None,
    ) -> None:
        super().__init__(access_token=token, session=session, timeout=timeout)
        self.version, self.base_url = checked_version(version), base_url.rstrip("/") + "/"
        self.app_id, self.token_in_url = app_id, token_in_url
        self.proof = hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest() if secret else ""

    def request(
        self,
        path: str,
        args: Mapping[str, Any] | None = None,
        post_args: Mapping[str, Any] | None = None,
        files: Mapping[str, Any] | None = None,
        method: str | None = None,
    ) -> dict[str, Any]:
        asked, said = _encoded(args or {}), None if post_args is None else _encoded(post_args)
        headers = {"Accept": "application/json"}
        own = asked if said is None else said
        if self.proof:
            own["appsecret_proof"] = self.proof
        if self.token_in_url:
            own["access_token"] = str(self.access_token)
        else:
            headers["Authorization"] = f"Bearer {self.access_token}"
        answer = self.session.request(
            method or ("GET" if post_args is None else "POST"),
            self.base_url + path,
            params=asked,
            data=said,
            files=files,
            timeout=self.timeout,
            headers=headers,
        )
        try:
            result = answer.json()
        except (ValueError, RecursionError):
            result = None
        if not answer.ok or not isinstance(result, dict) or result.get("error"):
            raise GraphError(result, answer.status_code, answer.headers, answer.content)
        return result


def graph_of(net: Net, account: AccountView) -> Graph:
    """The account's client. Raises MissingCredentials, BadVersion, and BadBaseURL of the session."""
    credentials = net.credentials
    token = credentials.get("access_token", "")
    if not token:
        raise MissingCredentials("not filled in: access_token")
    base_url = account.settings.get("base_url", "")
    session: Session = net.session({GRAPH: base_url} if base_url else None)
    return Graph(
        token,
        session=session,
        version=account.settings.get("graph_version") or VERSION,
        app_id=credentials.get("app_id", ""),
        secret=credentials.get("app_secret", ""),
        token_in_url=account.settings.get("token_in") == "url",
    )


def checked_version(version: str) -> str:
    """ "v26.0" for "26.0" or "v26.0". Raises BadVersion."""
    found = re.fullmatch(r"v?([0-9]{1,3}\.[0-9]{1,2})", version.strip())
    if not found:
        raise BadVersion(f"the Graph version {version!r} should look like {VERSION}")
    return f"v{found[1]}"


def _encoded(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: json.dumps(value) if isinstance(value, dict | list | bool) else value
        for name, value in values.items()
        if value is not None
    }


def _number(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 12:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
