"""What the Page and the inbox show, as plain values. Margin notes tell only what the sandbox itself saw."""

from __future__ import annotations

from typing import Any

from sandbox.calls import latest_calls
from sandbox.facebook.records import Message, Page, Person, Story
from sandbox.facebook.world import EDIT_MESSAGE, MESSAGE_EDITS, PAGE_INBOX, Facebook
from sandbox.ids import iso
from sandbox.network import Network
from sandbox.places import places
from sandbox.saying import age, initials, span, when
from sandbox.tongue import language_of

THREADS = 40
COMMENTS = 100  # of one post: the first ones and the latest
DEEPEST = 4  # levels that are drawn one further in


def _frame(network: Network, page: Page | None, chosen: str, problem: str, draft: str) -> dict[str, Any]:
    """What both pages need."""
    world = network.facebook
    now, courier = world.now(), network.courier
    people = list(world.people.values())
    return {
        "desk_url": network.desk_url,
        "places": places(network),
        "pages": list(world.pages.values()),
        "page": page,
        "people": people,
        "chosen": chosen or (people[0].username if people else ""),
        "problem": problem,
        "draft": draft,
        "now": when(now),
        "now_iso": iso(now),
        "calls": latest_calls(network, ("/v", "/media/")),
        "summary": f"{courier.arrived['facebook']} of {courier.made['facebook']} webhook posts arrived.",
    }


def page_page(network: Network, name: str, chosen: str, problem: str = "", draft: str = "") -> dict[str, Any]:
    """The Page as anybody sees it: the latest posts with what stands under them."""
    world = network.facebook
    with world.lock:
        page = _page(world, name)
        posts = [one for one in world.posts.get(page.id, []) if not one.deleted] if page else []
        posts.sort(key=lambda one: _latest(world, one), reverse=True)
        now = world.now()
        threads = [
            {"id": one.id, "posts": [_story(world, each, depth, now) for each, depth in _thread(world, one)]}
            for one in posts[:THREADS]
        ]
        return {
            **_frame(network, page, chosen, problem, draft),
            "threads": threads,
            "more": len(posts) > THREADS,
            "desks": [page] if page else [],
        }


def _page(world: Facebook, name: str) -> Page | None:
    """The named one, else the first, None where there is none."""
    found = world.pages.get(world.names.get(name.lower(), ""))
    return found or next(iter(world.pages.values()), None)


def _latest(world: Facebook, post: Story) -> int:
    return max([post.serial, *(one.serial for one in world.comments.get(post.id, []) if not one.deleted)])


def _thread(world: Facebook, post: Story) -> list[tuple[Story, int]]:
    """The post and its comments, each right under what it answers, with how deep it stands."""
    found: list[tuple[Story, int]] = []
    open_: list[tuple[Story, int]] = [(post, 0)]
    while open_:
        story, depth = open_.pop()
        found.append((story, depth))
        under = [one for one in world.children.get(story.id, []) if not one.deleted]
        open_.extend((one, min(depth + 1, DEEPEST)) for one in reversed(under))
    return found if len(found) <= COMMENTS else [*found[: COMMENTS // 2], *found[-COMMENTS // 2 :]]


def _story(world: Facebook, story: Story, depth: int, now: int) -> dict[str, Any]:
    own = story.author_id == story.page_id
    name = world.author_name(story.author_id)
    parent = world.stories.get(story.parent_id or "")
    far = parent is not None and not parent.is_post
    return {
        "id": story.id,
        "depth": depth,
        "own": own,
        "name": name,
        "initials": initials(name),
        "iso": iso(story.created_ms),
        "when": when(story.created_ms),
        "age": age(now - story.created_ms, story.created_ms),
        "edited": story.edits > 0,
        "to": world.author_name(parent.author_id) if parent is not None and far else "",
        "lang": language_of(story.text),
        "said": story.text,
        "media": story.media,
        "picture": f"/picture/{story.media_id}/{story.media}.png",
        "hidden": story.hidden,
        "notes": _notes(world, story, parent),
    }


def _notes(world: Facebook, story: Story, parent: Story | None) -> list[dict[str, Any]]:
    """Heard after how long; still without an answer; hidden; answered in private; by whom outside the desk."""
    notes: list[dict[str, Any]] = []
    if story.author_id == story.page_id:
        if story.outside:
            words = "Written by a colleague on Facebook itself, outside the desk"
            notes.append({"words": words if parent else "The Page’s own post", "open": False})
        elif parent is not None and parent.author_id != story.page_id:
            own = [one for one in world.children[parent.id] if one.author_id == story.page_id]
            if own[0] is story:
                heard = span((story.created_ms - parent.created_ms) / 1000)
                notes.append({"words": f"Heard in {heard}", "open": False})
        return notes
    if story.hidden:
        notes.append({"words": "Hidden by the Page: only its author and their friends see it", "open": True})
    if story.private_reply:
        notes.append({"words": "The Page answered this in Messenger, once", "open": False})
    page = world.pages[story.page_id]
    answered = [
        one for one in world.children.get(story.id, []) if one.author_id == page.id and not one.deleted
    ]
    if not answered and (parent is None or parent.author_id == page.id):
        notes.append({"words": f"No answer from {page.name} yet", "open": True})
    return notes


def inbox_page(network: Network, who: str, name: str, problem: str = "", draft: str = "") -> dict[str, Any]:
    """One townsperson's Messenger with a Page, and who else has talked to it."""
    world = network.facebook
    with world.lock:
        page = _page(world, name)
        frame = _frame(network, page, who, problem, draft)
        person = world.people.get(world.names.get(frame["chosen"].lower(), ""))
        person = person or next(iter(world.people.values()), None)
        if page is None or person is None:
            return {**frame, "person": None, "talk": [], "others": [], "window": "", "blocked": False}
        thread, now = world.thread(page, person), world.now()
        return {
            **frame,
            "chosen": person.username,
            "person": {"name": person.name, "initials": initials(person.name)},
            "blocked": page.id in person.blocked,
            "talk": [_message(world, one, now) for one in thread],
            "others": _others(world, page, person, now),
            "window": _window(world, thread),
        }


def _others(world: Facebook, page: Page, person: Person, now: int) -> list[dict[str, Any]]:
    """Everybody, those who wrote last first."""
    lines = []
    for one in world.people.values():
        thread = world.thread(page, one)
        last = thread[-1] if thread else None
        lines.append(
            {
                "username": one.username,
                "name": one.name,
                "initials": initials(one.name),
                "current": one is person,
                "serial": last.serial if last else 0,
                "age": age(now - last.created_ms, last.created_ms) if last else "",
                "said": (last.text or f"sent a {last.media}")[:60] if last else "",
                "waiting": bool(last and not last.outgoing),
            }
        )
    return sorted(lines, key=lambda line: line["serial"], reverse=True)


def _window(world: Facebook, thread: list[Message]) -> str:
    """Until when the desk may write here."""
    spoken = [one.created_ms for one in thread if not one.outgoing]
    if not spoken:
        return "Nothing said here yet, so the desk may not write."
    machine = max(spoken) + int(world.settings.window * 1000)
    human = max(spoken) + int(world.settings.human_window * 1000)
    if world.now() <= machine:
        return f"The desk may write until {when(machine)}, a person there until {when(human)}."
    if world.now() <= human:
        return f"Closed for automatic messages since {when(machine)}; a person may write until {when(human)}."
    return f"Closed since {when(human)}: nobody at the desk may write until this person does."


def _message(world: Facebook, message: Message, now: int) -> dict[str, Any]:
    about = world.stories.get(message.private_reply_to)
    young = now - message.created_ms <= EDIT_MESSAGE.total_seconds() * 1000
    return {
        "id": message.id,
        "own": message.outgoing,
        "said": message.text,
        "lang": language_of(message.text),
        "media": message.media,
        "picture": f"/picture/{message.media_id}/{message.media}.png",
        "file_name": message.file_name,
        "iso": iso(message.created_ms),
        "when": when(message.created_ms),
        "age": age(now - message.created_ms, message.created_ms),
        "edited": message.edits > 0,
        "editable": not message.outgoing and young and message.edits < MESSAGE_EDITS and not message.media,
        "outside": message.app_id == PAGE_INBOX,
        "read": message.outgoing and message.read,
        "about": about.text[:80] if about is not None and not about.deleted else "",
    }
