"""What the pages show, as plain values. Margin notes tell only what the sandbox itself saw."""

from __future__ import annotations

from typing import Any

from sandbox.calls import latest_calls
from sandbox.ids import iso, millis
from sandbox.network import Network
from sandbox.places import call_address, form_address, places
from sandbox.records import Post, User
from sandbox.saying import LANGUAGES, age, initials, span, when
from sandbox.world import EDIT_WINDOW, EDITS

THREADS = 40
POSTS = 100  # of one thread: the first and the latest


def start_page(network: Network) -> dict[str, Any]:
    return {
        "desk_url": network.desk_url,
        "site_url": network.site_url,
        "places": places(network),
        "form": form_address(network),
        "call": call_address(network),
        "desks": _desks(network),
        "apart": _apart(network),
        "people": _people(network),
        "pages": list(network.facebook.pages.values()),
        "log_ins": network.log_ins,
    }


def timeline_page(network: Network, chosen: str, problem: str, draft: str) -> dict[str, Any]:
    with network.world.lock:
        now = millis(network.world.clock())
        threads, more = _threads(network, now)
        return {
            "desk_url": network.desk_url,
            "places": places(network),
            "desks": _desks(network),
            "apart": _apart(network),
            "people": _people(network),
            "chosen": chosen,
            "problem": problem,
            "draft": draft,
            "now": when(now),
            "now_iso": iso(now),
            "threads": threads,
            "more": more,
            "calls": latest_calls(network, ("/2/",)),
            "summary": _summary(network),
        }


def _desks(network: Network) -> list[User]:
    return [user for user in network.world.users.values() if user.desk]


def _apart(network: Network) -> set[str]:
    """User names of desks that no app may act for, so that nobody hears what is said to them."""
    heard = {each.user_id for each in network.world.accounts.values() if not each.revoked}
    return {user.username for user in _desks(network) if user.id not in heard}


def _people(network: Network) -> list[dict[str, Any]]:
    return [
        {
            "username": user.username,
            "name": user.name,
            "first": user.name.split()[0],
            "initials": initials(user.name),
            "on_facebook": user.username.lower() in network.facebook.names,
            "language": LANGUAGES.get(user.lang, user.lang),
        }
        for user in network.world.users.values()
        if not user.desk
    ]


def _threads(network: Network, now: int) -> tuple[list[dict[str, Any]], bool]:
    """The latest threads, the one with the newest post first; posts within a thread in the order they were
    made."""
    world = network.world
    chosen: dict[int, None] = {}
    for post_id in reversed(world.posts):
        chosen.setdefault(world.posts[post_id].conversation_id)
        if len(chosen) > THREADS:
            break
    threads = []
    for conversation in list(chosen)[:THREADS]:
        firsts = [world.posts[i] for i in world.conversations[conversation] if world.posts[i].root == i]
        if len(firsts) > POSTS:
            firsts = [firsts[0], *firsts[1 - POSTS :]]
        shown = [_post(network, post, now) for post in firsts if not _vanished(network, post)]
        if shown:
            threads.append({"id": str(conversation), "posts": shown})
    return threads, len(chosen) > THREADS


def _vanished(network: Network, post: Post) -> bool:
    """A deleted post leaves a trace only where something stands under it."""
    return post.deleted and not network.world.replies(post.root)


def _post(network: Network, first: Post, now: int) -> dict[str, Any]:
    world = network.world
    post = world.newest(first)
    author = world.users[post.author_id]
    parent = world.posts.get(post.in_reply_to) if post.in_reply_to is not None else None
    to_other = parent is not None and parent.author_id != post.author_id
    said = post.said
    for link in post.urls:
        said = said.replace(link["url"], "" if "media_key" in link else link["display_url"])
    far = parent is not None and parent.in_reply_to is not None
    return {
        "id": str(first.id),
        "deleted": post.deleted,
        "depth": 0 if parent is None else 1,
        "desk": author.desk,
        "initials": initials(author.name),
        "name": author.name,
        "username": author.username,
        "iso": iso(first.created_ms),
        "when": when(first.created_ms),
        "age": age(now - first.created_ms, first.created_ms),
        "edited": post.id != first.id,
        "to": world.users[parent.author_id].username if parent is not None and far else "",
        "lang": post.lang,
        "said": said.rstrip(),
        "pictures": [f"/uploaded/{each}" for each in post.media],
        "editable": not to_other
        and now - first.created_ms < EDIT_WINDOW.total_seconds() * 1000
        and len(world.versions[first.root]) <= EDITS,
        "notes": _notes(network, first, post),
    }


def _notes(network: Network, first: Post, post: Post) -> list[dict[str, Any]]:
    """Heard after how long; still without an answer; edited without anybody being told."""
    world = network.world
    notes: list[dict[str, Any]] = []
    author = world.users[post.author_id]
    if author.desk:
        parent = world.posts.get(post.in_reply_to) if post.in_reply_to is not None else None
        if parent is not None and not world.users[parent.author_id].desk:
            answers = [r for r in world.replies(parent.id) if r.author_id == author.id]
            if answers and answers[0].root == first.root:
                seconds = (first.created_ms - world.posts[parent.root].created_ms) / 1000
                notes.append({"words": f"Heard in {span(seconds)}", "open": False})
        return notes
    if post.id != first.id:
        notes.append({"words": "Edited. The network sends no event for that.", "open": True})
    named = [world.users[user_id] for user_id in post.mentions if world.users[user_id].desk]
    answered = {reply.author_id for reply in world.replies(post.id)}
    apart = _apart(network) if named else set()
    notes.extend(
        {"words": _unanswered(desk, apart), "open": True} for desk in named if desk.id not in answered
    )
    return notes


def _unanswered(desk: User, apart: set[str]) -> str:
    if desk.username in apart:
        return f"@{desk.username} is not connected: nobody at the desk hears this."
    return f"No answer from @{desk.username} yet"


def _summary(network: Network) -> str:
    cost = network.purse.summary()["usd"]
    return (
        f"The network would have charged ${cost:.3f} since it was started. "
        f"{network.courier.arrived['x']} of {network.courier.made['x']} webhook events arrived."
    )
