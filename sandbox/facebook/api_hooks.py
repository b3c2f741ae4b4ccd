"""Handlers for webhooks: the app's callback with its challenge, and which fields a Page's events come for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.courier import address_problem
from sandbox.facebook.asks import truth
from sandbox.facebook.hooks import FIELDS
from sandbox.facebook.policing import allow
from sandbox.facebook.records import App, Page
from sandbox.facebook.refusals import Refused, parameter
from sandbox.shapes import render as fill
from sandbox.wire import Reply, json_reply

if TYPE_CHECKING:
    from sandbox.facebook.api import Call

VERSION = "v26.0"


def _page(call: Call) -> Page:
    page = call.caller.own_page()
    if call.target != page.id:
        raise Refused("100/33", id=call.target)
    allow(call.world, "pages_manage_metadata", page=page)
    return page


def _names(value: object) -> list[str]:
    """A list as JSON or with commas; Refused names one that is no field."""
    if isinstance(value, str):
        value = [part.strip().strip('"') for part in value.strip("[]").split(",") if part.strip()]
    names = [str(one) for one in value] if isinstance(value, list) else []
    if not names:
        raise parameter("The parameter subscribed_fields (or fields) is required")
    for name in names:
        if name not in FIELDS:
            raise parameter(f"Param subscribed_fields has a value that is not one of its own: {name}")
    return list(dict.fromkeys(names))


def subscribed(call: Call) -> Reply:
    """GET /{page}/subscribed_apps."""
    page = _page(call)
    app = call.caller.app
    entry = fill("facebook/subscribed_app", id=app.id, name=app.name, fields=page.subscribed)
    return json_reply(200, {"data": [entry] if page.subscribed else []})


def subscribe(call: Call) -> Reply:
    """POST /{page}/subscribed_apps?subscribed_fields=feed,messages: takes the place of what was there."""
    page, names = _page(call), _names(call.given.get("subscribed_fields"))
    if any(name.startswith("messag") or name == "standby" for name in names):
        allow(call.world, "pages_messaging", page=page)
    page.subscribed = names
    call.world.keep(page)
    return json_reply(200, fill("facebook/success"))


def unsubscribe(call: Call) -> Reply:
    page = _page(call)
    page.subscribed = []
    call.world.keep(page)
    return json_reply(200, fill("facebook/success"))


def _app(call: Call) -> App:
    """The app's own token and no Page's."""
    if call.caller.page is not None or call.caller.login is not None:
        raise Refused("10", problem="This call must be made with an app access token")
    if call.target != call.caller.app.id:
        raise Refused("100/33", id=call.target)
    return call.caller.app


def hooks(call: Call) -> Reply:
    """GET /{app}/subscriptions."""
    app = _app(call)
    fields = [{"name": name, "version": VERSION} for name in app.fields]
    entry = fill("facebook/subscription", url=app.callback_url, fields=fields)
    return json_reply(200, {"data": [entry] if app.callback_url else []})


def hook(call: Call) -> Reply:
    """POST /{app}/subscriptions: object=page, callback_url, verify_token, fields; the challenge is sent before
    the answer."""
    app = _app(call)
    if call.given.get("object") != "page":
        raise parameter("Param object must be one of {page}")
    names, url = _names(call.given.get("fields")), str(call.given.get("callback_url", ""))
    token = str(call.given.get("verify_token", ""))
    include = truth(call.given.get("include_values", "true"))
    problem = address_problem(url) or ("" if include else "include_values must be true here")
    if problem:
        raise parameter(f"Param callback_url: {problem}")
    register(call, app, url, token, names)
    return json_reply(200, fill("facebook/success"))


def register(call: Call, app: App, url: str, token: str, names: list[str]) -> None:
    """The receiver may itself be calling here, so the lock is let go while it is asked."""
    call.world.lock.release()
    try:
        failed = call.network.hooks.challenge(url, token)
    finally:
        call.world.lock.acquire()
    if failed:
        raise Refused("2200", problem=failed)
    app.callback_url, app.fields = url, names
    call.world.keep(app)


def unhook(call: Call) -> Reply:
    app = _app(call)
    app.callback_url, app.fields = "", []
    call.world.keep(app)
    return json_reply(200, fill("facebook/success"))
