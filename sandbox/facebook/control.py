"""The control API under /_sandbox/facebook/: who lives there, writing as anyone, what the network remembers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandbox import records
from sandbox.facebook import refusals
from sandbox.facebook.hooks import FIELDS, packed
from sandbox.facebook.records import App, Message, Page, Story
from sandbox.facebook.world import PAGE_INBOX, Facebook
from sandbox.ids import iso
from sandbox.wire import Request
from sandbox.world import NotAllowed, Unknown

if TYPE_CHECKING:
    from sandbox.network import Network

Hit = re.Match[str]
Action = Callable[["Network", Request, Hit], Any]


def state(network: Network) -> dict[str, Any]:
    """For /_sandbox/state: apps, Pages with all credentials, people."""
    world = network.facebook
    with world.lock:
        return {
            "apps": [records.to_dict(app) for app in world.apps.values()],
            "pages": [page_json(world, page) for page in world.pages.values()],
            "people": [records.to_dict(person) for person in world.people.values()],
            "graph_url": world.base_url,
        }


def page_json(world: Facebook, page: Page) -> dict[str, Any]:
    """Everything that a desk needs to act for a Page."""
    app = world.apps[page.app_id]
    return {
        **records.to_dict(page),
        "page_id": page.id,
        "page_token": page.token,
        "app_secret": app.secret,
        "app_token": f"{app.id}|{app.secret}",
        "verify_token": app.verify_token,
        "callback_url": app.callback_url,
    }


def story_json(world: Facebook, story: Story) -> dict[str, Any]:
    """A post or comment, its author's handle with it, and the ids of what stands under it."""
    under = [one.id for one in world.children.get(story.id, []) if not one.deleted]
    found = world.people.get(story.author_id) or world.pages[story.author_id]
    return {
        **records.to_dict(story),
        "by": found.username,
        "is_post": story.is_post,
        "replies": under,
        "created": iso(story.created_ms),
    }


def message_json(world: Facebook, message: Message) -> dict[str, Any]:
    page, person = world.pages[message.page_id], world.people[message.person_id]
    return {
        **records.to_dict(message),
        "person": person.username,
        "psid": world.psid(page, person),
        "created": iso(message.created_ms),
    }


def _app(world: Facebook, app_id: str | None) -> App:
    found = world.apps.get(app_id) if app_id else next(iter(world.apps.values()), None)
    if found is None:
        raise Unknown(f"There is no Facebook app {app_id or 'yet; create one first'}.")
    return found


def _create_app(network: Network, request: Request, _: Hit) -> Any:
    return records.to_dict(network.facebook.create_app(str(request.json().get("name", "desk"))))


def _rotate(network: Network, _: Request, hit: Hit) -> Any:
    """A new app secret; the old one stays known for signing with the previous one. Proofs need the new one."""
    world = network.facebook
    with world.lock:
        app = _app(world, hit["id"])
        app.old_secrets.append(app.secret)
        app.secret = world.new_secret()
        world.keep(app)
        return records.to_dict(app)


def _change_app(network: Network, request: Request, hit: Hit) -> Any:
    """What a developer sets in the dashboard: the addresses that people may be sent back to."""
    body, world = request.json(), network.facebook
    with world.lock:
        app = _app(world, hit["id"])
        app.callbacks = [str(each) for each in body["callbacks"]]
        world.keep(app)
        return records.to_dict(app)


def _create_page(network: Network, request: Request, _: Hit) -> Any:
    body, world = request.json(), network.facebook
    with world.lock:
        name = str(body["username"])
        app = _app(world, body.get("app_id"))
        page = world.create_page(name, str(body.get("name") or name), str(body.get("lang", "en")), app)
        return page_json(world, page)


def _change_page(network: Network, request: Request, hit: Hit) -> Any:
    """`dead`: refuse its token from now on with this subcode of 190 (0: none); null makes it live again."""
    body, world = request.json(), network.facebook
    with world.lock:
        page = world.page(hit["id"])
        if set(body) - {"dead", "name"}:
            raise ValueError("Of a Page dead and name can be changed.")
        dead = body.get("dead", page.dead)
        if dead and f"190/{dead}" not in refusals.rows():
            raise ValueError(f"There is no error 190/{dead}.")
        page.dead, page.name = dead, str(body.get("name", page.name))
        world.keep(page)
        return page_json(world, page)


def _create_person(network: Network, request: Request, _: Hit) -> Any:
    body = request.json()
    name = str(body["username"])
    made = network.facebook.create_person(name, str(body.get("name") or name), str(body.get("lang", "en")))
    return records.to_dict(made)


def _block(network: Network, request: Request, hit: Hit) -> Any:
    body, world = request.json(), network.facebook
    person = world.person(hit["id"])
    world.block(person, world.page(str(body.get("page", ""))), bool(body.get("blocked", True)))
    return records.to_dict(person)


def _write_stories(network: Network, request: Request, _: Hit) -> Any:
    """One, or many in one call: {"stories": [{as, page, under, text, media}, ...]}."""
    body = request.json()
    many = body.get("stories")
    made = [_one_story(network.facebook, item) for item in (many if many is not None else [body])]
    return {"stories": made} if many is not None else made[0]


def _one_story(world: Facebook, item: dict[str, Any]) -> Any:
    """`as`: a person's or the Page's handle (then it is a colleague's, outside the desk); `under`: a post or
    comment, without it a post on the wall of `page`."""
    with world.lock:
        who = str(item["as"])
        page_id = world.names.get(who.lower(), who)
        author, outside = (page_id, True) if page_id in world.pages else (world.person(who).id, False)
        said, media = str(item.get("text", "")), str(item.get("media", ""))
        if item.get("under"):
            made = world.comment(author, world.live(str(item["under"])), said, media, outside)
        else:
            page = world.page(author if outside else str(item.get("page", "")))
            made = world.publish(author, page, said, media, outside)
        return story_json(world, made)


def _stories(network: Network, request: Request, _: Hit) -> Any:
    """What is there, oldest first: of an author, under a post, above a serial; `deleted` shows those too."""
    world, query = network.facebook, request.query
    with world.lock:
        by = world.names.get(query.get("by", "").lower(), query.get("by", ""))
        found = [
            one
            for one in sorted(world.stories.values(), key=lambda one: one.serial)
            if (not one.deleted or query.get("deleted"))
            and (not by or one.author_id == by)
            and (not query.get("post") or one.post_id == query["post"])
            and one.serial > int(query.get("after", "0"))
        ]
        return {"stories": [story_json(world, one) for one in found]}


def _story(network: Network, _: Request, hit: Hit) -> Any:
    found = network.facebook.stories.get(hit["id"])
    if found is None:
        raise Unknown(f"There is no post or comment {hit['id']}.")
    return story_json(network.facebook, found)


def _edit_story(network: Network, request: Request, hit: Hit) -> Any:
    story = network.facebook.live(hit["id"])
    network.facebook.edit(story, str(request.json()["text"]))
    return story_json(network.facebook, story)


def _delete_story(network: Network, _: Request, hit: Hit) -> Any:
    network.facebook.delete(network.facebook.live(hit["id"]))
    return {"deleted": True}


def _react(network: Network, request: Request, hit: Hit) -> Any:
    body, world = request.json(), network.facebook
    verb = str(body.get("verb", "add"))
    world.react(world.person(str(body["as"])), world.live(hit["id"]), str(body.get("reaction", "like")), verb)
    return {"told": True}


def _write_messages(network: Network, request: Request, _: Hit) -> Any:
    """One, or many in one call: {"messages": [{as, to, text, media, reply_to}, ...]}. From a Page to a person
    it is a colleague's, from the network's own inbox, and no rule of windows holds there."""
    body = request.json()
    many = body.get("messages")
    made = [_one_message(network.facebook, item) for item in (many if many is not None else [body])]
    return {"messages": made} if many is not None else made[0]


def _one_message(world: Facebook, item: dict[str, Any]) -> Any:
    with world.lock:
        who, said = str(item["as"]), str(item.get("text", ""))
        page_id = world.names.get(who.lower(), who)
        if page_id in world.pages:
            page, person = world.pages[page_id], world.person(str(item["to"]))
            if page.id in person.blocked:
                raise NotAllowed(f"{person.name} has blocked the Page.")
            if not said.strip():
                raise ValueError("Say something first.")
            return message_json(world, world.send(page, person, said, PAGE_INBOX))
        page = world.page(str(item.get("to", "")))
        media, reply_to = str(item.get("media", "")), str(item.get("reply_to", ""))
        return message_json(world, world.write(world.person(who), page, said, media, reply_to))


def _messages(network: Network, request: Request, _: Hit) -> Any:
    """Between a person and a Page, oldest first; the unsent are not among them."""
    world, query = network.facebook, request.query
    with world.lock:
        thread = world.thread(world.page(query.get("page", "")), world.person(query["person"]))
        return {"messages": [message_json(world, one) for one in thread]}


def _edit_message(network: Network, request: Request, hit: Hit) -> Any:
    message = network.facebook.said_message(hit["id"])
    network.facebook.edit_message(message, str(request.json()["text"]))
    return message_json(network.facebook, message)


def _unsend(network: Network, _: Request, hit: Hit) -> Any:
    network.facebook.unsend(network.facebook.said_message(hit["id"]))
    return {"unsent": True}


def _read(network: Network, request: Request, _: Hit) -> Any:
    body, world = request.json(), network.facebook
    return {"read": world.read(world.person(str(body["person"])), world.page(str(body.get("page", ""))))}


def _age(network: Network, request: Request, _: Hit) -> Any:
    """Move into the past: what has one of `ids`, or what `person` wrote and was written (in Messenger and on
    Pages), or everything."""
    body, world = request.json(), network.facebook
    with world.lock:
        ids = {str(one) for one in body.get("ids", [])}
        person = world.person(str(body["person"])).id if body.get("person") else ""
        things: list[Story | Message] = [
            *(one for one in world.stories.values() if not person or one.author_id == person),
            *(one for one in world.messages.values() if not person or one.person_id == person),
        ]
        chosen = [one for one in things if not ids or one.id in ids]
        world.age(chosen, float(body["seconds"]))
        return {"aged": len(chosen)}


def _hook(network: Network, request: Request, _: Hit) -> Any:
    """What somebody does in the dashboard: the callback of an app, with the challenge; and the Pages' fields."""
    body, world = request.json(), network.facebook
    app = _app(world, body.get("app_id"))
    failed = network.hooks.challenge(str(body["url"]), str(body.get("verify_token", app.verify_token)))
    if failed:
        raise NotAllowed(f"The callback was not verified: {failed}.")
    with world.lock:
        app.callback_url, app.fields = str(body["url"]), list(body.get("fields", FIELDS))
        world.keep(app)
        for page in world.pages.values():
            if page.app_id == app.id:
                page.subscribed = list(app.fields)
                world.keep(page)
        return records.to_dict(app)


def _raw(network: Network, request: Request, _: Hit) -> Any:
    """Send any body (or many, as `bodies`) to an app's callback with a right signature: an object as the network
    packs it, text as it is."""
    body = request.json()
    app = _app(network.facebook, body.get("app_id"))
    bodies = body["bodies"] if "bodies" in body else [body["body"]]
    for given in bodies:
        network.hooks.send_raw(app.id, given.encode() if isinstance(given, str) else packed(given), "raw")
    return {"queued": len(bodies)}


def _expire(network: Network, _: Request, __: Hit) -> Any:
    return {"expired": network.facebook.expire_pictures()}


def _errors(_: Network, __: Request, ___: Hit) -> Any:
    return {"errors": {name: refusals.error(name)[1]["error"] for name in refusals.rows()}}


def _play(network: Network, request: Request, _: Hit) -> Any:
    """A fault rule that answers with a row of the error table; the other fields are those of any rule."""
    spec = request.json()
    name = str(spec.pop("error"))
    if name not in refusals.rows():
        raise ValueError(f"There is no error {name}. Known: {', '.join(refusals.rows())}.")
    status, body, headers = refusals.error(name)
    found = {**headers, **spec.pop("headers", {})}
    return network.faults.add(
        {"path": r"^/v\d+\.\d+/", **spec, "status": status, "body": body, "headers": found}
    ).as_dict()


_ID = r"(?P<id>[\w-]+)"
ACTIONS: list[tuple[str, str, Action]] = [
    ("POST", "facebook/apps", _create_app),
    ("POST", f"facebook/apps/{_ID}", _change_app),
    ("POST", f"facebook/apps/{_ID}/rotate", _rotate),
    ("POST", "facebook/pages", _create_page),
    ("POST", f"facebook/pages/{_ID}", _change_page),
    ("POST", "facebook/people", _create_person),
    ("POST", f"facebook/people/{_ID}/block", _block),
    ("POST", "facebook/stories", _write_stories),
    ("GET", "facebook/stories", _stories),
    ("GET", f"facebook/stories/{_ID}", _story),
    ("PUT", f"facebook/stories/{_ID}", _edit_story),
    ("DELETE", f"facebook/stories/{_ID}", _delete_story),
    ("POST", f"facebook/stories/{_ID}/reactions", _react),
    ("POST", "facebook/messages", _write_messages),
    ("GET", "facebook/messages", _messages),
    ("PUT", f"facebook/messages/{_ID}", _edit_message),
    ("DELETE", f"facebook/messages/{_ID}", _unsend),
    ("POST", "facebook/read", _read),
    ("POST", "facebook/age", _age),
    ("POST", "facebook/webhook", _hook),
    ("POST", "facebook/webhook/raw", _raw),
    ("POST", "facebook/pictures/expire", _expire),
    ("GET", "facebook/errors", _errors),
    ("POST", "facebook/rules", _play),
]
