"""The network's own rules for what a Page may write: permissions, lengths, duplicates, windows, private replies.

Sources: Messenger Platform policy overview and private replies (16 Apr 2026); Graph API error table. Lengths
and the window of duplicates are known from practice, not stated."""

from __future__ import annotations

from sandbox.facebook.records import Page, Person, Story
from sandbox.facebook.refusals import Refused, parameter
from sandbox.facebook.world import Facebook
from sandbox.uploads import kind_of
from sandbox.wire import Part

#: What the dialog asks for; the rest is given to the app itself, in its review.
ASKED_FOR = {
    "pages_show_list": "See which Pages you manage",
    "pages_read_engagement": "Read what the Page posts",
    "pages_read_user_content": "Read what people write on the Page",
    "pages_manage_metadata": "Have what is new on the Page sent to the app",
    "pages_manage_engagement": "Answer and remove comments as the Page",
    "pages_manage_posts": "Post as the Page",
    "pages_messaging": "Read and answer the Page’s messages",
}
PHOTOS = ("image/jpeg", "image/png", "image/gif", "image/webp", "image/tiff", "image/bmp")
LARGEST_PHOTO = 4 * 1024 * 1024
FILES = ("image", "video", "audio", "file")
LARGEST_FILE = 25 * 1024 * 1024
KINDS = ("RESPONSE", "UPDATE", "MESSAGE_TAG")


def allow(world: Facebook, permission: str, code: str = "200", page: Page | None = None) -> None:
    """What the app has, and, of what is asked for in the dialog, what was given with the Page's token."""
    held = page.granted if page is not None and permission in ASKED_FOR else None
    if permission not in world.settings.permissions or (held is not None and permission not in held):
        raise Refused(code, problem=f"Requires {permission} permission to manage the object")


def check_comment(
    world: Facebook, page: Page, parent: Story | None, said: str, *, bare: bool = False
) -> None:
    """1. Something is said (or, where it may be bare, shown), and not too much. 2. The same words were not written
    there lately."""
    if bare and not said.strip():
        return
    check_length(world, said)
    earlier = world.posts.get(page.id, []) if parent is None else world.children.get(parent.id, [])
    since = world.now() - world.settings.duplicate_window * 1000
    for one in earlier:
        same = one.author_id == page.id and not one.deleted and one.text.strip() == said.strip()
        if same and one.created_ms > since:
            raise Refused("506")


def check_length(world: Facebook, said: str) -> None:
    if not said.strip():
        raise parameter("The parameter message is required and may not be empty")
    longest = world.settings.comment_length
    if len(said) > longest:
        raise parameter(f"Length of param message must be less than or equal to {longest}")


def check_photo(given: object) -> bytes:
    """The bytes of a photo that was sent along. 1. It is a file. 2. It begins as a picture does. 3. Not too large."""
    if not isinstance(given, Part) or not given.content:
        raise Refused("324")
    if kind_of(given.content) not in PHOTOS or len(given.content) > LARGEST_PHOTO:
        raise Refused("100/1366046")
    return given.content


def check_file(given: object, kind: str) -> Part:
    """A file for a message. 1. There is one. 2. It is what it is said to be. 3. Not too large."""
    if kind not in FILES:
        raise parameter(f"Param message[attachment][type] must be one of {{{', '.join(FILES)}}}")
    if not isinstance(given, Part) or not given.content:
        raise parameter("Param filedata must be a file")
    is_picture = kind_of(given.content).startswith("image/")
    if (kind == "image") != is_picture or len(given.content) > LARGEST_FILE:
        raise Refused("100/2018047")
    return given


def check_words(world: Facebook, said: object) -> str:
    if not isinstance(said, str) or not said.strip():
        raise parameter("Param message[text] must be a non-empty UTF-8 encoded string")
    longest = world.settings.message_length
    if len(said) > longest:
        raise parameter(f"Length of param message[text] must be less than or equal to {longest}")
    return said


def check_window(world: Facebook, page: Page, person: Person, kind: str, tag: str) -> None:
    """1. The kind and its tag are ones that there are. 2. The person has not blocked the Page. 3. They wrote
    within the window: 24 hours, with HUMAN_AGENT 7 days. A private reply opens none."""
    if kind not in KINDS:
        raise parameter(f"Param messaging_type must be one of {{{', '.join(KINDS)}}}")
    if kind == "MESSAGE_TAG":
        if tag != "HUMAN_AGENT":
            raise parameter(f"Tag {tag or '(none)'} is not allowed")
        allow(world, "human_agent", "10")
    if page.id in person.blocked:
        raise Refused("551/1545041")
    if not world.settings.enforce_window:
        return
    spoken = [one.created_ms for one in world.threads.get((page.id, person.id), []) if not one.outgoing]
    length = world.settings.human_window if kind == "MESSAGE_TAG" else world.settings.window
    if not spoken or world.now() - max(spoken) > length * 1000:
        raise Refused("10/2018278")


def check_private_reply(world: Facebook, page: Page, story: Story) -> Person:
    """Once, within 7 days, to a person, who has not blocked the Page. Returns the person."""
    person = world.people.get(story.author_id)
    if person is None:
        raise Refused("10903")
    if story.private_reply:
        raise Refused("10900")
    if world.now() - story.created_ms > world.settings.private_reply_window * 1000:
        raise Refused("10901")
    if page.id in person.blocked:
        raise Refused("551/1545041")
    return person
