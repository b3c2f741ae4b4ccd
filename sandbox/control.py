"""The control API under /_sandbox/: JSON in, JSON out, for scripts, tests and the demo. Never faulted, not
limited."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sandbox import records, render
from sandbox.facebook import control as facebook
from sandbox.ids import iso
from sandbox.mail.office import PASSWORD
from sandbox.mail.writing import DESK
from sandbox.network import Network
from sandbox.records import Account, App, Post
from sandbox.wire import Reply, Request, json_reply
from sandbox.world import NotAllowed, Unknown

Action = Callable[[Network, Request, "re.Match[str]"], Any]


def answer(network: Network, request: Request) -> Reply:
    """Find the action; what is wrong with a request is said in `error`."""
    if request.method != "GET" and request.body and "json" not in request.headers.get("content-type", ""):
        return json_reply(415, {"error": "Send JSON with Content-Type: application/json."})
    for method, pattern, action in ACTIONS:
        hit = re.fullmatch(f"/_sandbox/{pattern}", request.path)
        if hit and method == request.method:
            return _done(network, request, action, hit)
    known = ", ".join(f"{method} {pattern}" for method, pattern, _ in ACTIONS)
    return json_reply(404, {"error": f"There is no {request.method} {request.path}. Known: {known}."})


def _done(network: Network, request: Request, action: Action, hit: re.Match[str]) -> Reply:
    try:
        return json_reply(200, action(network, request, hit))
    except Unknown as error:
        return json_reply(404, {"error": str(error)})
    except NotAllowed as error:
        return json_reply(409, {"error": str(error)})
    except (ValueError, TypeError) as error:
        return json_reply(400, {"error": str(error)})
    except KeyError as error:
        return json_reply(400, {"error": f"The field {error} is missing."})


def app_json(app: App) -> dict[str, Any]:
    return records.to_dict(app)


def account_json(network: Network, account: Account) -> dict[str, Any]:
    """Everything an account of the desk needs, the app's secrets with it."""
    app, user = network.world.apps[account.app_id], network.world.users[account.user_id]
    return {
        **records.to_dict(account),
        "username": user.username,
        "name": user.name,
        "consumer_key": app.consumer_key,
        "consumer_secret": app.consumer_secret,
        "bearer_token": app.bearer_token,
        "client_id": app.client_id,
        "client_secret": app.client_secret,
    }


def post_json(network: Network, post: Post) -> dict[str, Any]:
    """A post as the API writes it, with the author's handle and words and whether it is deleted."""
    full = render.post(network.world, post, None)
    author = network.world.users[post.author_id].username
    return {
        **full,
        "username": author,
        "said": _long_links(post),
        "media": post.media,
        "deleted": post.deleted,
        "root": str(post.root),
        "in_reply_to": str(post.in_reply_to) if post.in_reply_to is not None else None,
    }


def _long_links(post: Post) -> str:
    said = post.said
    for link in post.urls:
        said = said.replace(
            *((" " + link["url"], "") if "media_key" in link else (link["url"], link["display_url"]))
        )
    return said


def _state(network: Network, _: Request, __: re.Match[str]) -> Any:
    world = network.world
    with world.lock:
        return {
            "apps": [app_json(app) for app in world.apps.values()],
            "accounts": [account_json(network, account) for account in world.accounts.values()],
            "users": [records.to_dict(user) for user in world.users.values()],
            "webhooks": [render.webhook(hook) for hook in world.webhooks.values()],
            "subscriptions": [render.subscription(item) for item in world.subscriptions.values()],
            "posts": sum(not post.deleted for post in world.posts.values()),
            "settings": world.settings.as_dict(),
            "rules": network.faults.rules(),
            "cost": network.purse.summary(),
            "facebook": facebook.state(network),
            "mail": _mail(network),
            "site": {"url": network.site_url},
            "now": iso(int(world.clock().timestamp() * 1000)),
        }


def _mail(network: Network) -> Any:
    """Where the post office is, and the desk's mailbox in it; ports are 0 where it is closed."""
    office = network.office
    ports = {"smtp_port": office.smtp_port, "imap_port": office.imap_port}
    return {**ports, "address": DESK, "password": PASSWORD}


def _reset(network: Network, _: Request, __: re.Match[str]) -> Any:
    network.reset()
    return {"reset": True}


def _create_app(network: Network, request: Request, _: re.Match[str]) -> Any:
    return app_json(network.world.create_app(str(request.json().get("name", "desk"))))


def _rotate(network: Network, _: Request, hit: re.Match[str]) -> Any:
    """A new consumer secret; the old one stays known for signing with the previous one."""
    with network.world.lock:
        app = network.world.app(hit["id"])
        app.old_secrets.append(app.consumer_secret)
        app.consumer_secret = records.key(50)
        network.world.keep(app)
        return app_json(app)


def _change_app(network: Network, request: Request, hit: re.Match[str]) -> Any:
    """What a developer sets in the console: the addresses that people may be sent back to."""
    body, world = request.json(), network.world
    with world.lock:
        app = world.app(hit["id"])
        app.callbacks = [str(each) for each in body["callbacks"]]
        world.keep(app)
        return app_json(app)


def _create_user(network: Network, request: Request, _: re.Match[str]) -> Any:
    body = request.json()
    user = network.world.create_user(
        str(body["username"]),
        str(body.get("name", body["username"])),
        str(body.get("lang", "en")),
    )
    return records.to_dict(user)


def _change_user(network: Network, request: Request, hit: re.Match[str]) -> Any:
    body, world = request.json(), network.world
    with world.lock:
        user = world.user(hit["id"])
        if unknown := set(body) - {"protected", "name", "followers"}:
            raise ValueError(f"A user's {', '.join(sorted(unknown))} cannot be changed.")
        user.protected = bool(body.get("protected", user.protected))
        user.name = str(body.get("name", user.name))
        user.followers = int(body.get("followers", user.followers))
        world.keep(user)
        return records.to_dict(user)


def _create_account(network: Network, request: Request, _: re.Match[str]) -> Any:
    body, world = request.json(), network.world
    with world.lock:
        app = world.app(body.get("app_id"))
        known = world.usernames.get(str(body["username"]).lower())
        name, lang = (
            str(body.get("name", body["username"])),
            str(body.get("lang", "en")),
        )
        user = (
            world.users[known] if known else world.create_user(str(body["username"]), name, lang, desk=True)
        )
        return account_json(network, world.create_account(user, app))


def _revoke(network: Network, _: Request, hit: re.Match[str]) -> Any:
    with network.world.lock:
        found = [a for a in network.world.accounts.values() if a.user_id == network.world.user(hit["id"]).id]
        for account in found:
            account.revoked = True
            network.world.keep(account)
        return {"revoked": len(found)}


def _create_posts(network: Network, request: Request, _: re.Match[str]) -> Any:
    """One post, or many in one call: {"posts": [{as_user, text, in_reply_to, quoted, lang}, ...]}."""
    body = request.json()
    many = body.get("posts")
    made = [_one_post(network, item) for item in (many if many is not None else [body])]
    return {"posts": made} if many is not None else made[0]


def _one_post(network: Network, item: dict[str, Any]) -> Any:
    world = network.world
    with world.lock:
        parent = int(item["in_reply_to"]) if item.get("in_reply_to") else None
        quoted = int(item["quoted"]) if item.get("quoted") else None
        post = world.publish(
            world.user(str(item["as_user"])),
            str(item["text"]),
            parent,
            quoted,
            item.get("lang"),
        )
        return post_json(network, post)


def _get_post(network: Network, _: Request, hit: re.Match[str]) -> Any:
    with network.world.lock:
        post = network.world.posts.get(int(hit["id"]))
        if post is None:
            raise Unknown(f"There is no post {hit['id']}.")
        return post_json(network, post)


def _list_posts(network: Network, request: Request, _: re.Match[str]) -> Any:
    """Newest versions of what is not deleted, oldest first."""
    world, query = network.world, request.query
    with world.lock:
        author = world.user(query["by"]).id if query.get("by") else None
        ids = world.by_author.get(author, []) if author else list(world.posts)
        after = int(query.get("after", "0"))
        found = reversed([post for post in world.newest_first(ids) if post.id > after])
        return {"posts": [post_json(network, post) for post in found]}


def _edit(network: Network, request: Request, hit: re.Match[str]) -> Any:
    body = request.json()
    post = network.world.edit(int(hit["id"]), str(body["text"]), bool(body.get("force", False)))
    return post_json(network, post)


def _delete(network: Network, _: Request, hit: re.Match[str]) -> Any:
    network.world.delete(int(hit["id"]))
    return {"deleted": True}


def _replies(network: Network, _: Request, hit: re.Match[str]) -> Any:
    with network.world.lock:
        return {"posts": [post_json(network, post) for post in network.world.replies(int(hit["id"]))]}


def _add_rule(network: Network, request: Request, _: re.Match[str]) -> Any:
    return network.faults.add(request.json()).as_dict()


def _rules(network: Network, _: Request, __: re.Match[str]) -> Any:
    return {"rules": network.faults.rules()}


def _clear_rules(network: Network, _: Request, __: re.Match[str]) -> Any:
    network.faults.clear()
    return {"rules": []}


def _release_rule(network: Network, _: Request, hit: re.Match[str]) -> Any:
    return {"released": network.faults.release(int(hit["id"]))}


def _log(network: Network, request: Request, _: re.Match[str]) -> Any:
    query = request.query
    return {
        "calls": network.sightings.listing(
            int(query.get("after", "0")), query.get("method", ""), query.get("path", "")
        )
    }


def _deliveries(network: Network, _: Request, __: re.Match[str]) -> Any:
    return {"deliveries": network.courier.listing()}


def _release_webhooks(network: Network, request: Request, _: re.Match[str]) -> Any:
    body = request.json()
    order = str(body.get("order", "made"))
    if order not in ("made", "reversed", "shuffled"):
        raise ValueError("order is one of made, reversed, shuffled.")
    return {"released": network.release(order, int(body.get("copies", 1)))}


def _settings(network: Network, request: Request, _: re.Match[str]) -> Any:
    with network.world.lock:
        network.world.settings.update(request.json())
        network.world.journal.note("settings", network.world.settings.as_dict())
        return network.world.settings.as_dict()


def _forget_windows(network: Network, _: Request, __: re.Match[str]) -> Any:
    network.limits.clear()
    network.meter.clear()
    return {"cleared": True}


_ID = r"(?P<id>\w+)"
_NUMBER = r"(?P<id>\d{1,19})"
ACTIONS: list[tuple[str, str, Action]] = [
    ("GET", "state", _state),
    ("POST", "reset", _reset),
    ("POST", "settings", _settings),
    ("POST", "apps", _create_app),
    ("POST", f"apps/{_ID}", _change_app),
    ("POST", f"apps/{_ID}/rotate", _rotate),
    ("POST", "users", _create_user),
    ("POST", f"users/{_ID}", _change_user),
    ("POST", f"users/{_ID}/revoke", _revoke),
    ("POST", "accounts", _create_account),
    ("POST", "posts", _create_posts),
    ("GET", "posts", _list_posts),
    ("GET", f"posts/{_NUMBER}", _get_post),
    ("PUT", f"posts/{_NUMBER}", _edit),
    ("DELETE", f"posts/{_NUMBER}", _delete),
    ("GET", f"posts/{_NUMBER}/replies", _replies),
    ("POST", "rules", _add_rule),
    ("GET", "rules", _rules),
    ("DELETE", "rules", _clear_rules),
    ("POST", f"rules/{_NUMBER}/release", _release_rule),
    ("GET", "log", _log),
    ("GET", "deliveries", _deliveries),
    ("POST", "webhooks/release", _release_webhooks),
    ("DELETE", "limits", _forget_windows),
    *facebook.ACTIONS,
]
