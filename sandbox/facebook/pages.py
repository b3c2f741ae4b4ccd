"""The Page and the inbox in a browser, with their forms. Works without a script."""

from __future__ import annotations

import re
from urllib.parse import quote

from sandbox import paper
from sandbox.facebook import media, view
from sandbox.facebook.records import Message, Page, Person, Story
from sandbox.facebook.world import PAGE_INBOX, Facebook
from sandbox.network import Network
from sandbox.wire import Reply, Request
from sandbox.world import NotAllowed, Unknown

PAGE_FORMS = ("/page/post", "/page/comment", "/page/edit", "/page/delete")
INBOX_FORMS = ("/inbox/write", "/inbox/edit", "/inbox/unsend", "/inbox/block", "/inbox/answer")
OUTSIDE = "outside the desk"  # in place of a person's handle: a colleague writes as the Page


def answer(network: Network, request: Request) -> Reply | None:
    """None when the path is none of ours."""
    query, path = request.query, request.path
    if request.method == "GET" and path == "/page":
        return paper.html(
            200, "page.html", view.page_page(network, query.get("page", ""), query.get("as", ""))
        )
    if request.method == "GET" and path == "/inbox":
        return paper.html(
            200, "inbox.html", view.inbox_page(network, query.get("as", ""), query.get("page", ""))
        )
    if request.method == "GET" and (
        hit := re.fullmatch(r"/picture/(\d{1,19})/(photo|sticker|file)\.png", path)
    ):
        return media.shown(network, hit[1], hit[2])
    if request.method == "POST" and path in PAGE_FORMS + INBOX_FORMS:
        return _form(network, path, request.form)
    return None


def _form(network: Network, path: str, form: dict[str, str]) -> Reply:
    """Do what the form says and go back to it; what is wrong is said there, with the words kept."""
    said, who, name = _words(form), form.get("as", ""), form.get("page", "")
    first = path in ("/page/post", "/inbox/write")
    try:
        with network.facebook.lock:
            where = (_page if path in PAGE_FORMS else _inbox)(network.facebook, path, form, said)
    except (Unknown, NotAllowed, ValueError) as problem:
        draft = said if first else ""
        if path in PAGE_FORMS:
            return paper.html(400, "page.html", view.page_page(network, name, who, str(problem), draft))
        return paper.html(400, "inbox.html", view.inbox_page(network, who, name, str(problem), draft))
    return Reply(303, headers={"Location": where})


def _words(form: dict[str, str]) -> str:
    return form.get("text", "").replace("\r\n", "\n").strip()


def _page(world: Facebook, path: str, form: dict[str, str], said: str) -> str:
    page = world.page(form.get("page", ""))
    _short_enough(said, world.settings.comment_length)
    if path == "/page/delete":
        story = _townspersons(world, form)
        world.delete(story)
        story = world.stories[story.post_id]
    elif path == "/page/edit":
        story = _townspersons(world, form)
        if not said and not story.media:
            raise ValueError("Say something first.")
        world.edit(story, said)
    else:
        outside = form.get("as", "") == OUTSIDE
        author = page.id if outside else world.person(form.get("as", "")).id
        kind = form.get("media", "")
        if path == "/page/post":
            story = world.publish(author, page, said, kind, outside)
        else:
            story = world.comment(author, world.live(form.get("to", "")), said, kind, outside)
    chosen = "" if form.get("as", "") == OUTSIDE else form.get("as", "")
    return f"/page?page={quote(page.username)}&as={quote(chosen)}#p{story.id}"


def _townspersons(world: Facebook, form: dict[str, str]) -> Story:
    story = world.live(form.get("id", ""))
    if story.author_id in world.pages:
        raise NotAllowed("What the Page wrote is the Page’s.")
    return story


def _short_enough(said: str, longest: int) -> None:
    if len(said) > longest:
        raise ValueError(f"This holds {longest} characters; you wrote {len(said)}.")


def _inbox(world: Facebook, path: str, form: dict[str, str], said: str) -> str:
    page, person = world.page(form.get("page", "")), world.person(form.get("as", ""))
    _short_enough(said, world.settings.message_length)
    mark = ""
    if path == "/inbox/block":
        world.block(person, page, form.get("blocked") == "yes")
    elif path == "/inbox/write":
        mark = f"#{world.write(person, page, said, form.get('media', '')).id}"
    elif path == "/inbox/answer":
        mark = f"#{_answer(world, page, person, said).id}"
    else:
        message = world.said_message(form.get("id", ""))
        if message.outgoing or message.person_id != person.id:
            raise NotAllowed("One edits and takes back one’s own messages only.")
        if path == "/inbox/unsend":
            world.unsend(message)
        else:
            if not said:
                raise ValueError("Say something first.")
            world.edit_message(message, said)
            mark = f"#{message.id}"
    return f"/inbox?as={quote(person.username)}&page={quote(page.username)}{mark}"


def _answer(world: Facebook, page: Page, person: Person, said: str) -> Message:
    """A colleague in the network's own inbox."""
    if not said:
        raise ValueError("Say something first.")
    if page.id in person.blocked:
        raise NotAllowed(f"{person.name} has blocked the Page.")
    if not world.thread(page, person):
        raise NotAllowed(f"{person.name} has not written yet; a Page can’t begin.")
    return world.send(page, person, said, PAGE_INBOX)
