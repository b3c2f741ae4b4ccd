"""Facebook's own pages on which somebody of a Page lets our app act for it: Facebook Login, then the Page's token.

A long-lived token of the person gives Page tokens that do not end by themselves. Sources: developers.facebook.com,
Facebook Login (manual flow), Page access tokens, debug_token, 2026.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from channels_social.adapter import AppView, Candidate, ConnectFailed, GoThere
from channels_social.adapters.facebook.graph import (
    GRAPH,
    VERSION,
    BadVersion,
    Graph,
    GraphError,
    checked_version,
)
from channels_social.adapters.facebook.outcome import words_of
from channels_social.adapters.facebook.values import as_dict, as_list, clean, identifier
from channels_social.net import BadBaseURL, Net, NetError

PAGES = "https://www.facebook.com"
#: What we ask for; each has words under "permission.<name>". Reading needs the first three.
PERMISSIONS = (
    "pages_show_list",
    "pages_read_engagement",
    "pages_read_user_content",
    "pages_manage_metadata",
    "pages_manage_engagement",
    "pages_messaging",
)
NEEDED = frozenset(PERMISSIONS[1:3])
_MOST_PAGES, _PAGE = 10, 100
_WORDS_MOST = 300


def begin(app: AppView, callback: str, state: str) -> GoThere:
    """Facebook's dialog, asking again for what was declined before."""
    app_id, _secret = _app(app)
    asked = {
        "client_id": app_id,
        "redirect_uri": callback,
        "state": state,
        "response_type": "code",
        "scope": ",".join(PERMISSIONS),
        "auth_type": "rerequest",
    }
    pages = (app.settings.get("base_url") or PAGES).rstrip("/")
    return GoThere(f"{pages}/{_version(app)}/dialog/oauth?{urlencode(asked)}", {})


def finish(app: AppView, net: Net, callback: str, query: Mapping[str, str]) -> list[Candidate]:
    """The Pages that were chosen in the dialog.

    1. The code becomes a token of the person, and that one a long-lived one.
    2. `debug_token` says which permissions it holds, and for which Pages.
    3. The person's Pages, each with its own token. Raises ConnectFailed.
    """
    if query.get("error") or not query.get("code"):
        denied = query.get("error") in ("access_denied", "", None)
        raise ConnectFailed("denied" if denied else "refused", _told(query))
    try:
        with net.one_deadline():
            return _pages(app, net, callback, query["code"])
    except (BadBaseURL, BadVersion, NetError) as error:
        raise ConnectFailed("no_answer", str(error)) from error
    except GraphError as error:
        raise ConnectFailed("refused", words_of(error)) from error


def by_token(app: AppView, net: Net, given: Mapping[str, str]) -> list[Candidate]:
    """The Page whose token this is, with what the token may do. Raises ConnectFailed."""
    token = given.get("access_token", "")
    if not token:
        raise ConnectFailed("keys_missing", "access_token")
    try:
        with net.one_deadline():
            page = graph(app, net, token).get_object("me", fields="id,name,username")
            granted = permissions(graph(app, net, ""), app, token)
    except (BadBaseURL, BadVersion, NetError) as error:
        raise ConnectFailed("no_answer", str(error)) from error
    except GraphError as error:
        dead = error.code in (102, 104, 190)
        raise ConnectFailed("keys_refused" if dead else "refused", words_of(error)) from error
    return [_candidate({**page, "access_token": token}, granted)]


def graph(app: AppView, net: Net, token: str) -> Graph:
    """A client with this token; without one, with the app's own."""
    app_id, secret = _app(app)
    base_url = app.settings.get("base_url", "")
    return Graph(
        token or f"{app_id}|{secret}",
        session=net.session({GRAPH: base_url} if base_url else None),
        version=app.settings.get("graph_version") or VERSION,
        app_id=app_id,
        secret=secret if token else "",
        token_in_url=app.settings.get("token_in") == "url",
    )


class Granted:
    """What a token may do, as `debug_token` says: `ends_at` None where it does not end."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self.valid = told.get("is_valid") is True
        self._scopes = {str(one) for one in as_list(told.get("scopes"))}
        self._only = {
            str(each.get("scope")): {identifier(one) for one in as_list(each.get("target_ids"))}
            for each in map(as_dict, as_list(told.get("granular_scopes")))
            if as_list(each.get("target_ids"))
        }
        ends = told.get("expires_at")
        far = not isinstance(ends, int) or isinstance(ends, bool) or not 0 < ends < 10**11
        self.ends_at = None if far else datetime.fromtimestamp(int(ends or 0), UTC)

    def missing(self, page: str) -> tuple[str, ...]:
        return tuple(
            one for one in PERMISSIONS if one not in self._scopes or page not in self._only.get(one, {page})
        )


def permissions(as_app: Graph, app: AppView, token: str) -> Granted:
    """Raises ConnectFailed where the token is none of our app's, GraphError, NetError."""
    answer = as_app.request(f"{as_app.version}/debug_token", {"input_token": token})
    told = as_dict(answer.get("data"))
    if identifier(told.get("app_id")) != app.newest("app_id"):
        raise ConnectFailed("other_app_token")
    return Granted(told)


def _pages(app: AppView, net: Net, callback: str, code: str) -> list[Candidate]:
    person = _token(app, net, {"redirect_uri": callback, "code": code})
    person = _token(app, net, {"grant_type": "fb_exchange_token", "fb_exchange_token": person})
    granted = permissions(graph(app, net, ""), app, person)
    found = [_candidate(page, granted) for page in _listed(graph(app, net, person))]
    if not found:
        raise ConnectFailed("no_page_given")
    return found


def _token(app: AppView, net: Net, form: Mapping[str, str]) -> str:
    """By POST: neither the code nor our secret ends in anybody's log of addresses."""
    app_id, secret = _app(app)
    base_url = app.settings.get("base_url", "")
    answer = net.session({GRAPH: base_url} if base_url else None).post(
        f"{GRAPH}/{_version(app)}/oauth/access_token",
        data={"client_id": app_id, "client_secret": secret, **form},
    )
    try:
        told = as_dict(json.loads(answer.content))
    except (ValueError, RecursionError):
        told = {}
    token = told.get("access_token")
    if answer.status_code != 200 or not isinstance(token, str) or not token:
        raise GraphError(told or None, answer.status_code, answer.headers, answer.content)
    return token


def _listed(person: Graph) -> Iterator[Mapping[str, Any]]:
    after: str | None = None
    for _page in range(_MOST_PAGES):
        answer = person.get_connections(
            "me", "accounts", fields="id,name,username,access_token,tasks", limit=_PAGE, after=after
        )
        yield from map(as_dict, as_list(answer.get("data")))
        paging = as_dict(answer.get("paging"))
        after = str(as_dict(paging.get("cursors")).get("after") or "") or None
        if after is None or not paging.get("next"):
            return


def _candidate(page: Mapping[str, Any], granted: Granted) -> Candidate:
    key, token = identifier(page.get("id")), page.get("access_token")
    if not key or not isinstance(token, str) or not token:
        raise ConnectFailed("refused", "a Page came without its id or its token")
    missing = granted.missing(key)
    name = clean(str(page.get("name") or key))[:120]
    handle = clean(str(page.get("username") or name))[:120]
    ends = granted.ends_at.isoformat() if granted.ends_at is not None else ""
    credentials = {
        "access_token": token,
        "token_ends_at": ends,
        "missing_permissions": " ".join(missing),
    }
    return Candidate(key, name, handle, credentials, missing, not NEEDED & set(missing))


def _app(app: AppView) -> Sequence[str]:
    found = app.newest("app_id"), app.newest("app_secret")
    if not all(found):
        raise ConnectFailed("no_client")
    return found


def _version(app: AppView) -> str:
    try:
        return checked_version(app.settings.get("graph_version") or VERSION)
    except BadVersion as error:
        raise ConnectFailed("bad_version", str(error)) from error


def _told(query: Mapping[str, str]) -> str:
    """What Facebook put into the address, as text: anybody may have written it there."""
    names = ("error_reason", "error_description", "error_message")
    return clean(" ".join(" ".join(query.get(name, "") for name in names).split()))[:_WORDS_MOST]
