"""Facebook Login: the dialog in which somebody of a Page gives an app access, and the addresses for tokens after it.

The address to go back to is registered letter by letter; a code works once, for ten minutes, for that address and with
the app's secret. Who presses chooses Pages, and may leave permissions out; what was left out is refused afterwards.
Sources: developers.facebook.com, Facebook Login (manual flow), Page access tokens, debug_token, 2026.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode

from sandbox import paper
from sandbox.facebook.asks import fields_of
from sandbox.facebook.policing import ASKED_FOR
from sandbox.facebook.records import App, Login, Page
from sandbox.facebook.refusals import Refused, error, parameter
from sandbox.facebook.render import chosen
from sandbox.records import key
from sandbox.shapes import render
from sandbox.sign_in import Grant, Wrong, framed
from sandbox.wire import Reply, Request, json_reply

if TYPE_CHECKING:
    from sandbox.facebook.api import Call
    from sandbox.network import Network

PATH = re.compile(r"/(?P<version>v\d{1,3}\.\d{1,2})/dialog/oauth$")
CODE_LIVES_MS = 600_000
SHORT_MS, LONG_MS = 3_600_000, 60 * 86_400_000
ASKED = ("client_id", "redirect_uri", "state", "scope", "response_type", "auth_type")


def answer(network: Network, request: Request) -> Reply | None:
    """The dialog, and what is pressed on it; None when the path is another."""
    if not PATH.match(request.path) or request.method not in ("GET", "POST"):
        return None
    given = request.query if request.method == "GET" else request.form
    try:
        with network.facebook.lock:
            app, scopes = _checked(network, given)
            if request.method == "GET":
                return _page(network, app, scopes, given, request.path)
            return _pressed(network, app, scopes, request)
    except Wrong as wrong:
        values = {"network": "Facebook", "icon": "facebook", "problem": str(wrong)}
        return paper.html(400, "sign_in_wrong.html", values)


def _checked(network: Network, given: Mapping[str, str]) -> tuple[App, list[str]]:
    app = network.facebook.apps.get(given.get("client_id", ""))
    if app is None:
        raise Wrong("Invalid App ID: client_id names no app.")
    if given.get("redirect_uri") not in app.callbacks:
        raise Wrong("URL blocked: redirect_uri is none of the app’s valid OAuth redirect URIs.")
    scopes = [one for one in re.split(r"[, ]+", given.get("scope", "")) if one]
    unknown = [one for one in scopes if one not in ASKED_FOR]
    if unknown:
        raise Wrong(f"Invalid Scopes: {', '.join(unknown)}.")
    if given.get("response_type", "code") != "code":
        raise Wrong("This app does not use that response_type.")
    if not given.get("state"):
        raise Wrong("The parameter state is required.")
    return app, scopes


def _page(network: Network, app: App, scopes: list[str], given: Mapping[str, str], path: str) -> Reply:
    world = network.facebook
    values: dict[str, Any] = {
        "app": app.name,
        "pages": [one for one in world.pages.values() if one.app_id == app.id],
        "scopes": [(one, ASKED_FOR[one]) for one in scopes if one in world.settings.permissions],
        "path": path,
        "given": [(name, given.get(name, "")) for name in ASKED],
    }
    return framed(paper.html(200, "sign_in_facebook.html", values), given["redirect_uri"])


def _pressed(network: Network, app: App, scopes: list[str], request: Request) -> Reply:
    """Back to the app: with a code, or with the words that Facebook has for a refusal."""
    given = parse_qs(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    back, state = given["redirect_uri"][-1], given["state"][-1]
    if given.get("press") != ["allow"]:
        words = {"error": "access_denied", "error_code": "200", "error_description": "Permissions error",
                 "error_reason": "user_denied", "state": state}  # fmt: skip
        return _to(back, words)
    world = network.facebook
    pages = [one for one in given.get("page", []) if one in world.pages and world.pages[one].app_id == app.id]
    kept = [one for one in scopes if one in given.get("allow", []) and one in world.settings.permissions]
    login = Login(
        str(world.new_id()),
        app.id,
        "A colleague of the Pages",
        "EAAU" + key(180),
        pages,
        kept,
        world.now() + SHORT_MS,
    )
    world.keep(login)
    for page_id in pages:
        page = world.pages[page_id]
        page.token, page.granted, page.dead = "EAA" + key(180), kept, None
        world.keep(page)
    grant = Grant(app.id, login.token, back, "", "", kept, world.now())
    return _to(back, {"code": network.grants.give(grant), "state": state})


def _to(back: str, query: Mapping[str, str]) -> Reply:
    """With the fragment that Facebook hangs on every such address."""
    joint = "&" if "?" in back else "?"
    return Reply(303, headers={"Location": f"{back}{joint}{urlencode(query)}#_=_"})


def access_token(network: Network, given: Mapping[str, Any]) -> Reply:
    """/oauth/access_token, by GET or POST: a code, or a short-lived token, becomes a token of the person."""
    world = network.facebook
    app = world.apps.get(str(given.get("client_id", "")))
    secret = str(given.get("client_secret", ""))
    if app is None or not hmac.compare_digest(app.secret.encode(), secret.encode()):
        return _refused("1", "Error validating client secret.")
    if given.get("grant_type") == "fb_exchange_token":
        login = world.logins.get(str(given.get("fb_exchange_token", "")))
        if login is None or login.app_id != app.id or login.dead or world.now() >= login.ends_ms:
            return _refused("190")
        login.token, login.ends_ms = "EAAL" + key(180), world.now() + LONG_MS
        world.keep(login)
        lives = LONG_MS
    else:
        grant = network.grants.take(str(given.get("code", "")))
        if grant is None or world.now() - grant.made_ms > CODE_LIVES_MS:
            return _refused("100", "This authorization code has been used or has expired.")
        if grant.app_id != app.id or grant.redirect_uri != given.get("redirect_uri"):
            words = "Error validating verification code. Please make sure your redirect_uri is identical to the one "
            return _refused("100", words + "you used in the OAuth dialog request")
        login, lives = world.logins[grant.user_id], SHORT_MS
    return json_reply(200, render("facebook/token", token=login.token, seconds=lives // 1000))


def _refused(name: str, problem: str = "") -> Reply:
    _status, body, headers = error(name, problem=problem)
    if problem:
        body["error"]["message"] = problem
    return json_reply(400, body, headers, refused=name)


def _login(call: Call) -> Login:
    if call.caller.login is None:
        raise Refused("2500", path="me")
    return call.caller.login


def accounts(call: Call) -> Reply:
    """GET /me/accounts: the Pages that were chosen, each with its token. `after`: the last id of the page before."""
    login = _login(call)
    if "pages_show_list" not in login.scopes:
        return json_reply(200, {"data": []})
    fields = fields_of(str(call.given.get("fields", "")))
    found = sorted((one for one in login.pages if one in call.world.pages), key=int)
    after, limit = str(call.given.get("after", "")), min(int(call.given.get("limit", 25) or 25), 100)
    rest = [one for one in found if not after or int(one) > int(after)]
    shown = [_owned(call.world.pages[one], fields) for one in rest[:limit]]
    body: dict[str, Any] = {"data": shown}
    if shown:
        body["paging"] = {"cursors": {"before": rest[0], "after": rest[:limit][-1]}}
        if len(rest) > limit:
            body["paging"]["next"] = f"{call.world.base_url}{call.path}?after={rest[:limit][-1]}"
    return json_reply(200, body)


def _owned(page: Page, fields: Any) -> dict[str, Any]:
    full = render(
        "facebook/owned_page", id=page.id, name=page.name, username=page.username, category=page.category,
        token=page.token,
    )  # fmt: skip
    return chosen("owned_page", full, {}, fields)


def permissions(call: Call) -> Reply:
    """GET /me/permissions: granted and declined."""
    login = _login(call)
    told = [
        {"permission": one, "status": "granted" if one in login.scopes else "declined"} for one in ASKED_FOR
    ]
    return json_reply(200, {"data": told})


def taken_back(call: Call) -> Reply:
    """DELETE /me/permissions: the person takes all of it back, and the Pages' tokens die with it."""
    login = _login(call)
    login.dead = True
    call.world.keep(login)
    for page_id in login.pages:
        page = call.world.pages[page_id]
        page.dead, page.subscribed = 458, []
        call.world.keep(page)
    return json_reply(200, render("facebook/success"))


def debug_token(call: Call) -> Reply:
    """GET /debug_token?input_token=…, with the app's own token: what a token of the same app may do, and until when."""
    if call.caller.page is not None:
        raise Refused(
            "10", problem="This call must be made with an app access token or a token of the app's developer"
        )
    given, world, app = str(call.given.get("input_token", "")), call.world, call.caller.app
    if not given:
        raise parameter("The parameter input_token is required")
    page, login = world.tokens.get(given), world.logins.get(given)
    owner = page or login
    if owner is None or owner.app_id != app.id:
        return json_reply(200, {"data": {"app_id": app.id, "is_valid": False, "scopes": [], "error": {
            "code": 190, "message": "Malformed access token"}}})  # fmt: skip
    scopes, pages = _held(call, page, login)
    valid = page.dead is None if page is not None else login is not None and not login.dead
    ends = login.ends_ms // 1000 if login is not None else 0
    return json_reply(
        200,
        render(
            "facebook/debug_token", app_id=app.id, application=app.name, type="PAGE" if page else "USER", ends=ends,
            data_ends=world.now() // 1000 + 90 * 86_400, valid=valid, scopes=scopes, profile=owner.id,
            granular=[{"scope": one, "target_ids": pages} for one in scopes],
        ),
    )  # fmt: skip


def _held(call: Call, page: Page | None, login: Login | None) -> tuple[list[str], list[str]]:
    if login is not None:
        return list(login.scopes), list(login.pages)
    everything = [one for one in ASKED_FOR if one in call.world.settings.permissions]
    granted = page.granted if page is not None and page.granted is not None else everything
    return [one for one in granted if one in everything], [page.id] if page is not None else []
