"""Handlers for the Page, its posts and their comments. Each runs under the lock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.facebook import api_messages, policing, render
from sandbox.facebook.asks import Field, Fields, fields_of, truth
from sandbox.facebook.records import Page, Story
from sandbox.facebook.refusals import Refused, parameter
from sandbox.shapes import render as fill
from sandbox.wire import Reply, json_reply

if TYPE_CHECKING:
    from sandbox.facebook.api import Call

MOST_IDS = 50


def several(call: Call) -> Reply:
    """GET /?ids=a,b: an object of nodes by id; one that is not there refuses the whole call."""
    asked = [part for part in str(call.given.get("ids", "")).split(",") if part]
    if not 1 <= len(asked) <= MOST_IDS:
        raise parameter(f"The parameter ids is required: 1 to {MOST_IDS} ids")
    fields = fields_of(str(call.given.get("fields", "")))
    return json_reply(200, {part: _node(call, part, fields) for part in asked})


def one(call: Call) -> Reply:
    return json_reply(200, _node(call, call.target, fields_of(str(call.given.get("fields", "")))))


def _node(call: Call, target: str, fields: Fields | None) -> Any:
    """Whatever has that id: Page, post, comment, conversation, message, profile."""
    if target in call.world.pages:
        page = _own_page(call, target)
        edges: dict[str, render.Edge] = {
            "feed": lambda ask: _feed(call, page, "feed", ask),
            "posts": lambda ask: _feed(call, page, "posts", ask),
            "visitor_posts": lambda ask: _feed(call, page, "visitor_posts", ask),
            "conversations": lambda ask: api_messages.listed(call, page, ask.args, ask.sub),
        }
        return render.page(page, fields, edges)
    if target in call.world.stories:
        policing.allow(call.world, "pages_read_engagement", "10", call.caller.page)
        return render.story(call.world, story(call, target), fields)
    return api_messages.node(call, target, fields)


def _own_page(call: Call, target: str = "") -> Page:
    """The Page of the token; another one is refused."""
    page = call.caller.own_page()
    if (target or call.target) != page.id:
        raise Refused("100/33", id=target or call.target)
    return page


def story(call: Call, target: str, verb: str = "get") -> Story:
    """A live post or comment on the token's own Page."""
    found = call.world.stories.get(target)
    if found is None or found.deleted or found.page_id != call.caller.own_page().id:
        raise Refused("100/33", id=target, verb=verb)
    return found


def feed(call: Call) -> Reply:
    """GET /{page}/feed (all), /posts (the Page's own), /visitor_posts; newest first."""
    page = _own_page(call)
    ask = Field({name: str(value) for name, value in call.given.items()}, None)
    ask.sub = fields_of(str(call.given.get("fields", "")))
    return json_reply(200, _feed(call, page, call.path.rstrip("/").rsplit("/", 1)[-1], ask, call.path))


def _feed(call: Call, page: Page, name: str, ask: Field, path: str = "") -> Any:
    policing.allow(call.world, "pages_read_engagement", "10", call.caller.page)
    wanted = {"feed": (True, False), "posts": (True,), "visitor_posts": (False,)}[name]
    found = [
        post
        for post in reversed(call.world.posts.get(page.id, []))
        if not post.deleted and (post.author_id == page.id) in wanted
    ]
    some = render.page_of(found, ask.args, lambda post: int(post.serial), path)
    return render.listed((render.story(call.world, post, ask.sub) for post in some.things), some.paging)


def comments(call: Call) -> Reply:
    policing.allow(call.world, "pages_read_engagement", "10", call.caller.page)
    found = story(call, call.target)
    fields = fields_of(str(call.given.get("fields", "")))
    return json_reply(200, render.comments(call.world, found, call.given, fields, call.path))


def publish(call: Call) -> Reply:
    """POST /{page}/feed: the Page's own post."""
    page = _own_page(call)
    policing.allow(call.world, "pages_manage_posts", page=call.caller.page)
    said = str(call.given.get("message", ""))
    policing.check_comment(call.world, page, None, said)
    made = call.world.publish(page.id, page, said)
    return json_reply(200, fill("facebook/created", id=made.id), post_id=made.id)


def comment(call: Call) -> Reply:
    """POST /{post or comment}/comments: the Page's answer, right under that object; `source` is a photo with it."""
    parent = story(call, call.target, "post")
    policing.allow(call.world, "pages_manage_engagement", page=call.caller.page)
    page = call.caller.own_page()
    said = str(call.given.get("message", ""))
    photo = call.given.get("source")
    policing.check_comment(call.world, page, parent, said, bare=photo is not None)
    media_id = ""
    if photo is not None:
        media_id = str(call.world.new_id())
        call.network.uploads.put(media_id, policing.check_photo(photo))
    made = call.world.comment(page.id, parent, said, "photo" if media_id else "", media_id=media_id)
    return json_reply(200, fill("facebook/created", id=made.id), post_id=made.id)


def change(call: Call) -> Reply:
    """POST /{post or comment}: `is_hidden` of a visitor's, `message` of the Page's own."""
    found = story(call, call.target, "post")
    policing.allow(call.world, "pages_manage_engagement", page=call.caller.page)
    own = found.author_id == found.page_id
    if "is_hidden" in call.given:
        if own:
            raise parameter("Cannot hide a comment of the Page itself")
        call.world.hide(found, truth(call.given["is_hidden"]))
    elif "message" in call.given:
        if not own:
            raise Refused("200", problem="Only the author may edit")
        said = str(call.given["message"])
        policing.check_length(call.world, said)
        call.world.edit(found, said)
    else:
        raise parameter("Nothing to change: is_hidden or message")
    return json_reply(200, fill("facebook/success"))


def delete(call: Call) -> Reply:
    """DELETE /{post or comment} on the Page, whoever wrote it."""
    found = story(call, call.target, "delete")
    policing.allow(call.world, "pages_manage_engagement", page=call.caller.page)
    call.world.delete(found)
    return json_reply(200, fill("facebook/success"))
