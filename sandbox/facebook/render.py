"""Pages, posts, comments, conversations and messages as the network writes them, by `shapes/facebook/`."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from sandbox.facebook.asks import Field, Fields
from sandbox.facebook.records import Message, Page, Person, Story
from sandbox.facebook.refusals import parameter
from sandbox.facebook.world import Facebook
from sandbox.shapes import ABSENT, render, shape

LARGEST_PAGE = 100
VERSION = "v26.0"  # of addresses of further pages of nested lists
SECRET = ("access_token", "appsecret_proof")
DEFAULTS = {
    "page": ("id", "name"),
    "owned_page": ("access_token", "category", "category_list", "name", "id", "tasks"),
    "post": ("created_time", "message", "story", "id"),
    "comment": ("created_time", "from", "message", "id"),
    "conversation": ("id", "link", "updated_time"),
    "message": ("id", "created_time"),
    "profile": ("id", "name", "first_name", "last_name"),
}
Edge = Callable[[Field], Any]


def moment(ms: int) -> str:
    """`2026-11-23T03:33:34+0000`: the network's own form."""
    return datetime.fromtimestamp(ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def picture(world: Facebook, media_id: str, kind: str) -> str:
    """Where the sandbox serves it; a picture that has expired is not found there."""
    return f"{world.base_url}/media/{media_id}/{kind}.png"


def chosen(node: str, full: dict[str, Any], edges: dict[str, Edge], fields: Fields | None) -> dict[str, Any]:
    """The asked fields, or the node's own choice; the id always. Refused names one that does not exist."""
    asked: Fields = fields if fields is not None else {name: Field() for name in DEFAULTS[node]}
    found: dict[str, Any] = {}
    for name, ask in asked.items():
        if name in edges:
            found[name] = edges[name](ask)
        elif name in full:
            found[name] = _sub(full[name], ask.sub)
        else:
            raise parameter(f"Tried accessing nonexisting field ({name}) on node type ({node.capitalize()})")
    found["id"] = full["id"]
    return {name: value for name, value in found.items() if value is not ABSENT}


def _sub(value: Any, sub: Fields | None) -> Any:
    if sub is None or value is ABSENT:
        return value
    if isinstance(value, list):
        return [_sub(one, sub) for one in value]
    if isinstance(value, dict):
        if set(value) == {"data"}:
            return {"data": _sub(value["data"], sub)}
        return {name: _sub(value[name], ask.sub) for name, ask in sub.items() if name in value}
    return value


# ---- lists ----


@dataclass(frozen=True)
class Listed:
    """One page of a list: what is on it, and the cursors."""

    things: list[Any]
    paging: Any


def page_of(
    things: list[Any], args: dict[str, Any], serial: Callable[[Any], int], path: str = "", default: int = 25
) -> Listed:
    """1. `since` and `until` by time, `after` and `before` by cursor. 2. So many, at most 100. 3. `next` where
    more follows; its address is the real one, as the network writes it."""
    size = _number(args, "limit", default)
    if size < 1:
        raise parameter("limit must be at least 1")
    size = min(size, LARGEST_PAGE)
    low, high = _second(args, "since"), _second(args, "until")
    things = [one for one in things if low <= one.created_ms / 1000 <= high] if low or high < 1e18 else things
    start, order = 0, [serial(one) for one in things]
    if args.get("after"):
        start = _place(order, str(args["after"])) + 1
    elif args.get("before"):
        end = max(_place(order, str(args["before"])), 0)
        start, size = max(end - size, 0), min(size, end)
    shown = things[start : start + size] if size else []
    if not shown:
        return Listed([], ABSENT)
    after = _cursor(serial(shown[-1]))
    more = start + size < len(things)
    kept = {name: str(value) for name, value in args.items() if name not in SECRET and name != "before"}
    link = f"https://graph.facebook.com{path}?{urlencode({**kept, 'limit': size, 'after': after})}"
    return Listed(shown, render(
        "facebook/paging", before=_cursor(serial(shown[0])), after=after, next=link if more and path else ABSENT,
    ))  # fmt: skip


def listed(data: Iterable[Any], paging: Any, summary: Any = ABSENT) -> Any:
    return render("facebook/list", data=list(data), paging=paging, summary=summary)


def _number(args: dict[str, Any], name: str, default: int) -> int:
    value = str(args.get(name, default))
    if not re.fullmatch(r"\d{1,9}", value):
        raise parameter(f"param {name} must be an integer")
    return int(value)


def _second(args: dict[str, Any], name: str) -> float:
    """Seconds since 1970, given as such or as an ISO moment."""
    value = str(args.get(name, ""))
    if not value:
        return 0.0 if name == "since" else 1e18
    if re.fullmatch(r"\d{1,12}", value):
        return float(value)
    try:
        return datetime.fromisoformat(value).replace(tzinfo=UTC).timestamp()
    except ValueError as error:
        raise parameter(f"param {name} must be a valid date") from error


def _cursor(serial: int) -> str:
    return base64.urlsafe_b64encode(f"c{serial}".encode()).decode().rstrip("=")


def _place(order: list[int], cursor: str) -> int:
    """Where the cursor's thing stands or stood, also when it is gone by now."""
    try:
        serial = int(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))[1:])
    except (ValueError, binascii.Error) as error:
        raise parameter("Invalid cursors values") from error
    if serial in order:
        return order.index(serial)
    rising = len(order) < 2 or order[0] < order[-1]
    return sum((one < serial) == rising for one in order) - 1


# ---- nodes ----


def page(item: Page, fields: Fields | None, edges: dict[str, Edge]) -> dict[str, Any]:
    full = render(
        "facebook/page", id=item.id, name=item.name, username=item.username, category=item.category,
        token=item.token,
    )  # fmt: skip
    return chosen("page", full, edges, fields)


def author(world: Facebook, item: Story) -> Any:
    """Who wrote it; visitors only where the app may read what users write."""
    own = item.author_id == item.page_id
    granted = world.pages[item.page_id].granted
    given = granted is None or "pages_read_user_content" in granted
    if not own and not (given and "pages_read_user_content" in world.settings.permissions):
        return ABSENT
    return render("facebook/from", id=item.author_id, name=world.author_name(item.author_id))


def tags(item: Story) -> Any:
    return [render("facebook/tag", **one) for one in item.tags] or ABSENT


def private_reply_allowed(world: Facebook, item: Story) -> bool:
    """Once, within so many days, to a person."""
    young = world.now() - item.created_ms <= world.settings.private_reply_window * 1000
    return young and not item.private_reply and item.author_id in world.people


def story(world: Facebook, item: Story, fields: Fields | None) -> dict[str, Any]:
    """A post or a comment with the asked fields, nested comments among them."""
    edges: dict[str, Edge] = {
        "comments": lambda ask: comments(world, item, ask.args, ask.sub, f"/{VERSION}/{item.id}/comments")
    }
    if item.is_post:
        return chosen("post", _post(world, item), edges, fields)
    parent = world.stories[item.parent_id or ""]
    edges["parent"] = lambda ask: ABSENT if parent.is_post else story(world, parent, ask.sub)
    edges["object"] = lambda ask: story(world, world.stories[item.post_id], ask.sub)
    return chosen("comment", _comment(world, item), edges, fields)


def _post(world: Facebook, item: Story) -> dict[str, Any]:
    own = item.author_id == item.page_id
    owner = world.pages[item.page_id]
    url = picture(world, item.media_id, item.media)
    attachments = [render("facebook/attachment", url=url, id=item.media_id, type=item.media)]
    full: dict[str, Any] = render(
        "facebook/post", id=item.id, message=item.text or ABSENT, story=ABSENT, author=author(world, item),
        created=moment(item.created_ms), updated=moment(_touched(world, item)),
        link=permalink(item), status_type=status_type(item), hidden=item.hidden,
        picture=url if item.media else ABSENT, attachments={"data": attachments} if item.media else ABSENT,
        to=ABSENT if own else {"data": [{"name": owner.name, "id": owner.id}]}, tags=tags(item),
        private=private_reply_allowed(world, item),
    )  # fmt: skip
    return _all(full, "facebook/post")


def _touched(world: Facebook, post: Story) -> int:
    """Written, edited, or the time of the last comment, as the network counts it."""
    said = [one.created_ms for one in world.comments.get(post.id, []) if not one.deleted]
    return max(post.created_ms, post.edited_ms, *said)


def _comment(world: Facebook, item: Story) -> dict[str, Any]:
    own = item.author_id == item.page_id
    url = picture(world, item.media_id, item.media)
    full: dict[str, Any] = render(
        "facebook/comment", id=item.id, message=item.text, author=author(world, item),
        created=moment(item.created_ms), link=permalink(item), can_hide=not own,
        attachment=render("facebook/attachment", url=url, id=item.media_id, type=item.media)
        if item.media else ABSENT,
        private=private_reply_allowed(world, item), count=len(_live(world.children.get(item.id, []))),
        hidden=item.hidden, tags=tags(item), object=ABSENT, parent=ABSENT,
    )  # fmt: skip
    return _all(full, "facebook/comment")


def _all(full: dict[str, Any], name: str) -> dict[str, Any]:
    """Fields of the shape that this one lacks are known, but absent."""
    return {**dict.fromkeys(shape(name)["body"], ABSENT), **full}


def permalink(item: Story) -> str:
    post = item.post_id.split("_")[1]
    link = f"https://www.facebook.com/{item.page_id}/posts/{post}"
    return link if item.is_post else f"{link}?comment_id={item.serial}"


def status_type(post: Story) -> str:
    if post.media == "photo":
        return "added_photos"
    return "mobile_status_update" if post.author_id == post.page_id else "wall_post"


def _live(found: list[Story]) -> list[Story]:
    return [one for one in found if not one.deleted]


def comments(
    world: Facebook, item: Story, args: dict[str, Any], fields: Fields | None, path: str = ""
) -> Any:
    """`filter` toplevel (the default) or stream, `order` chronological or reverse_chronological, `summary`."""
    how, order = str(args.get("filter", "toplevel")), str(args.get("order", "chronological"))
    if how not in ("toplevel", "stream") or order not in ("chronological", "reverse_chronological", "ranked"):
        raise parameter("param filter or order has a value that is not one of its own")
    found = _live(world.children.get(item.id, []))
    if how == "stream":
        under = world.comments.get(item.post_id, [])
        found = [one for one in _live(under) if item.is_post or _stands_under(world, one, item)]
    found = sorted(found, key=lambda one: one.serial, reverse=order == "reverse_chronological")
    some = page_of(found, args, lambda one: int(one.serial), path)
    total = {"order": order, "total_count": len(found), "can_comment": True}
    summary = total if str(args.get("summary", "")) in ("true", "1") else ABSENT
    return listed((story(world, one, fields) for one in some.things), some.paging, summary)


def _stands_under(world: Facebook, one: Story, above: Story) -> bool:
    while one.parent_id is not None:
        if one.parent_id == above.id:
            return True
        one = world.stories[one.parent_id]
    return False


def conversation_id(world: Facebook, item: Page, person: Person) -> str:
    return f"t_{world.psid(item, person)}"


def conversation(world: Facebook, item: Page, person: Person, fields: Fields | None) -> dict[str, Any]:
    thread = world.thread(item, person)
    psid, last = world.psid(item, person), thread[-1] if thread else None
    unread = 0
    for message in reversed(thread):
        if message.outgoing:
            break
        unread += 1
    full = render(
        "facebook/conversation", id=conversation_id(world, item, person), page_id=item.id, number=psid,
        updated=moment(last.created_ms if last else 0), count=len(thread), unread=unread,
        can_reply=item.id not in person.blocked, snippet=last.text[:100] if last else "",
        participants=[_who(psid, person.name), _who(item.id, item.name)],
    )  # fmt: skip
    edges: dict[str, Edge] = {
        "messages": lambda ask: messages(
            world, item, person, ask.args, ask.sub, f"/{VERSION}/{full['id']}/messages"
        )
    }
    return chosen("conversation", full, edges, fields)


def _who(number: str, name: str) -> Any:
    return render("facebook/participant", id=number, name=name)


def messages(
    world: Facebook, item: Page, person: Person, args: dict[str, Any], fields: Fields | None, path: str = ""
) -> Any:
    """Newest first; of all but the latest so many the network tells no more than id and time."""
    thread = world.thread(item, person)[::-1]
    readable = {one.id for one in thread[: world.settings.message_details]}
    some = page_of(thread, args, lambda one: int(one.serial), path)
    data = (message(world, one, fields if one.id in readable else None) for one in some.things)
    return listed(data, some.paging)


def message(world: Facebook, item: Message, fields: Fields | None) -> dict[str, Any]:
    owner, person = world.pages[item.page_id], world.people[item.person_id]
    psid = world.psid(owner, person)
    ends = [_who(psid, person.name), _who(owner.id, owner.name)]
    sender, other = ends[::-1] if item.outgoing else ends
    url = picture(world, item.media_id, item.media)
    hung = {"id": item.media_id, "url": url, "size": item.file_size or 640}
    if item.media == "file":
        attachment = render("facebook/message_file", **hung, mime=item.file_type, name=item.file_name)
    else:
        mime = item.file_type or "image/png"
        attachment = render(
            "facebook/message_attachment", **hung, mime=mime, is_sticker=item.media == "sticker"
        )
    full = _all(
        render(
            "facebook/message", id=item.id, created=moment(item.created_ms), sender=sender,
            to={"data": [other]}, message=item.text, sticker=url if item.media == "sticker" else ABSENT,
            attachments={"data": [attachment]} if item.media in ("photo", "file") else ABSENT,
        ),
        "facebook/message",
    )  # fmt: skip
    return chosen("message", full, {}, fields)


def profile(person: Person, psid: str, fields: Fields | None) -> dict[str, Any]:
    first, _, last = person.name.partition(" ")
    full = render("facebook/profile", id=psid, name=person.name, first=first, last=last)
    return chosen("profile", full, {}, fields)
