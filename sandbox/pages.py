"""The town in a browser: the start page, the timeline, its forms, its own static files. Works without a
script."""

from __future__ import annotations

import re
from urllib.parse import quote

from sandbox import paper, sign_in, text, view
from sandbox.facebook import pages as facebook
from sandbox.facebook import sign_in as facebook_sign_in
from sandbox.mail import keys as mail_keys
from sandbox.mail import pages as mail
from sandbox.network import Network
from sandbox.records import User
from sandbox.uploads import kind_of
from sandbox.wire import Reply, Request
from sandbox.world import NotAllowed, Unknown

UPLOADED = re.compile(r"/uploaded/(\d{1,19})")
FORMS = ("/post", "/reply", "/edit", "/delete")


def answer(network: Network, request: Request) -> Reply:
    if request.method == "GET" and (found := paper.static(request.path)) is not None:
        return found
    if request.method == "GET" and (hit := UPLOADED.fullmatch(request.path)):
        content = network.uploads.get(hit[1])
        return Reply(404) if content is None else Reply(200, content, kind_of(content))
    if request.method == "GET" and request.path == "/":
        return paper.html(200, "start.html", view.start_page(network))
    if request.method == "GET" and request.path == "/timeline":
        return _timeline(network, request.query.get("as", ""))
    if request.method == "POST" and request.path in FORMS:
        return _form(network, request)
    found = sign_in.answer(network, request) or facebook_sign_in.answer(network, request)
    return (
        found
        or facebook.answer(network, request)
        or mail.answer(network, request)
        or mail_keys.page(network, request)
        or Reply(
            404,
            b"There is no such page. Go to /, /timeline, /page, /inbox or /mail.\n",
            "text/plain; charset=utf-8",
        )
    )


def _timeline(network: Network, chosen: str, problem: str = "", draft: str = "") -> Reply:
    values = view.timeline_page(network, chosen, problem, draft)
    return paper.html(400 if problem else 200, "timeline.html", values)


def _form(network: Network, request: Request) -> Reply:
    """Do what the form says and go back to the post; what is wrong is said there, with the words kept."""
    form = request.form
    chosen, said = form.get("as", ""), form.get("text", "").replace("\r\n", "\n").strip()
    try:
        post_id = _act(network, request.path, form, said)
    except (Unknown, NotAllowed, ValueError) as problem:
        return _timeline(network, chosen, str(problem), said if request.path == "/post" else "")
    where = f"/timeline?as={quote(chosen)}#p{post_id}"
    return Reply(303, headers={"Location": where})


def _act(network: Network, path: str, form: dict[str, str], said: str) -> int:
    world = network.world
    with world.lock:
        if path == "/delete":
            return _townspersons_post(network, form, delete=True)
        if path == "/edit":
            _weigh(network, said)
            return world.edit(_townspersons_post(network, form), said).root
        author = world.user(form.get("as", ""))
        if author.desk:
            raise NotAllowed("Here one writes as somebody in town; the desk answers from the desk.")
        parent = _number(form, "to") if path == "/reply" else None
        naming = form.get("naming", "")
        if path == "/post" and naming and f"@{naming.lower()}" not in said.lower():
            said = f"@{world.user(naming).username} {said}"
        _weigh(network, said)
        return world.publish(author, said, parent).id


def _weigh(network: Network, said: str) -> None:
    if not said:
        raise ValueError("Say something first.")
    limit, weight = network.world.settings.max_length, text.weight(said)
    if weight > limit:
        raise ValueError(f"A post holds {limit} characters as the network counts them; this has {weight}.")


def _townspersons_post(network: Network, form: dict[str, str], delete: bool = False) -> int:
    """The id in the form, if a townsperson wrote that post; with `delete` it goes."""
    post = network.world.live(_number(form, "id"))
    author: User = network.world.users[post.author_id]
    if author.desk:
        raise NotAllowed("What the desk wrote is the desk's.")
    if delete:
        network.world.delete(post.id)
    return post.root


def _number(form: dict[str, str], name: str) -> int:
    value = form.get(name, "")
    if not value.isascii() or not value.isdigit() or len(value) > 19:
        raise ValueError("The form names no post; go back to the timeline and try again.")
    return int(value)
