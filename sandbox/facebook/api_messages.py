"""Handlers for Messenger: conversations, messages, sending. Each runs under the lock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.facebook import policing, render
from sandbox.facebook.asks import Fields, fields_of, unpacked
from sandbox.facebook.records import Message, Page, Person, Upload
from sandbox.facebook.refusals import Refused, parameter
from sandbox.shapes import ABSENT
from sandbox.shapes import render as fill
from sandbox.wire import Reply, json_reply

if TYPE_CHECKING:
    from sandbox.facebook.api import Call


def conversations(call: Call) -> Reply:
    """GET /{page}/conversations?platform=messenger&user_id=PSID, latest first."""
    page = call.caller.own_page()
    if call.target != page.id:
        raise Refused("100/33", id=call.target)
    fields = fields_of(str(call.given.get("fields", "")))
    return json_reply(200, listed(call, page, call.given, fields, call.path))


def listed(call: Call, page: Page, args: dict[str, Any], fields: Fields | None, path: str = "") -> Any:
    policing.allow(call.world, "pages_messaging", "10", call.caller.page)
    if str(args.get("platform", "messenger")).lower() != "messenger":
        return render.listed([], ABSENT)
    wanted = str(args.get("user_id", ""))
    latest: list[Message] = []
    for (page_id, person_id), _ in call.world.threads.items():
        person = call.world.people[person_id]
        thread = call.world.thread(page, person) if page_id == page.id else []
        if thread and (not wanted or call.world.psid(page, person) == wanted):
            latest.append(thread[-1])
    latest.sort(key=lambda one: one.serial, reverse=True)
    some = render.page_of(latest, args, lambda one: int(one.serial), path)
    people = [call.world.people[one.person_id] for one in some.things]
    return render.listed((render.conversation(call.world, page, one, fields) for one in people), some.paging)


def messages(call: Call) -> Reply:
    """GET /{conversation}/messages."""
    page, person = _conversation(call, call.target)
    fields = fields_of(str(call.given.get("fields", "")))
    return json_reply(200, render.messages(call.world, page, person, call.given, fields, call.path))


def _conversation(call: Call, target: str) -> tuple[Page, Person]:
    policing.allow(call.world, "pages_messaging", "10", call.caller.page)
    page = call.caller.own_page()
    page_id, person_id = call.world.psids.get(target.removeprefix("t_"), ("", ""))
    if not target.startswith("t_") or page_id != page.id:
        raise Refused("100/33", id=target)
    return page, call.world.people[person_id]


def node(call: Call, target: str, fields: Fields | None) -> Any:
    """GET of a conversation, of a message among the latest of its conversation, of a profile by PSID."""
    page = call.caller.own_page()
    if target.startswith("t_"):
        return render.conversation(call.world, *_conversation(call, target), fields)
    policing.allow(call.world, "pages_messaging", "10", call.caller.page)
    message = call.world.messages.get(target)
    if message is not None and message.page_id == page.id and not message.unsent:
        thread = call.world.thread(page, call.world.people[message.person_id])
        if message in thread[-call.world.settings.message_details :]:
            return render.message(call.world, message, fields)
    page_id, person_id = call.world.psids.get(target, ("", ""))
    if page_id == page.id:
        return render.profile(call.world.people[person_id], target, fields)
    raise Refused("100/33", id=target)


def send(call: Call) -> Reply:
    """POST /me/messages or /{page}/messages.

    1. Whose Page, what words or which file: a message is one of the two. 2. `recipient` is {id} or, for a private
    reply, {comment_id} or {post_id}. 3. The rules of the window or of private replies. 4. Store, tell, answer."""
    page = call.caller.own_page()
    if call.target != page.id:
        raise Refused("100/33", id=call.target, verb="post")
    policing.allow(call.world, "pages_messaging", "10", call.caller.page)
    recipient, message = unpacked(call.given, "recipient"), unpacked(call.given, "message")
    file = _attached(call, page, message) if "attachment" in message else None
    said = "" if file is not None else policing.check_words(call.world, message.get("text"))
    about = str(recipient.get("comment_id") or recipient.get("post_id") or "")
    if about:
        story = call.world.stories.get(about)
        if story is None or story.deleted or story.page_id != page.id:
            raise Refused("100/33", id=about, verb="post")
        person = policing.check_private_reply(call.world, page, story)
        sent = call.world.send(page, person, said, call.caller.app.id, about, file)
        story.private_reply = sent.id
        call.world.keep(story)
    else:
        person = _recipient(call, page, recipient.get("id"))
        kind, tag = str(call.given.get("messaging_type", "RESPONSE")), str(call.given.get("tag", ""))
        policing.check_window(call.world, page, person, kind, tag)
        sent = call.world.send(page, person, said, call.caller.app.id, file=file)
    body = fill("facebook/sent", psid=call.world.psid(page, person), mid=sent.id)
    return json_reply(200, body, post_id=sent.id)


def upload(call: Call) -> Reply:
    """POST /me/message_attachments: `message` says of what kind, `filedata` holds the bytes. Nobody sees it yet."""
    page = call.caller.own_page()
    if call.target != page.id:
        raise Refused("100/33", id=call.target, verb="post")
    policing.allow(call.world, "pages_messaging", "10", call.caller.page)
    asked = unpacked(call.given, "message").get("attachment")
    kind = str(asked.get("type", "")) if isinstance(asked, dict) else ""
    given = policing.check_file(call.given.get("filedata"), kind)
    media_id = str(call.world.new_id())
    call.network.uploads.put(media_id, given.content)
    call.world.uploaded[media_id] = Upload(
        media_id, page.id, kind, given.filename, len(given.content), given.content_type
    )
    return json_reply(200, fill("facebook/uploaded", id=media_id))


def _attached(call: Call, page: Page, message: dict[str, Any]) -> Upload:
    """What a message brings: uploaded before, by this Page."""
    if message.get("text"):
        raise parameter("Only one of message[text] and message[attachment] may be given")
    asked = message["attachment"]
    payload = asked.get("payload") if isinstance(asked, dict) else None
    wanted = str(payload.get("attachment_id", "")) if isinstance(payload, dict) else ""
    found = call.world.uploaded.get(wanted)
    if found is None or found.page_id != page.id or found.kind != asked.get("type"):
        raise Refused("100/2018008")
    return found


def _recipient(call: Call, page: Page, psid: object) -> Person:
    """A person by the id that this Page knows; ids of comments' authors are none."""
    if not isinstance(psid, str | int) or not str(psid):
        raise parameter("Param recipient must be non-empty: id, comment_id or post_id")
    page_id, person_id = call.world.psids.get(str(psid), ("", ""))
    if page_id != page.id:
        raise Refused("100/2018001")
    return call.world.people[person_id]
