"""The part of the control client that is about Pages and Messenger: `Sandbox(url).facebook`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]


class FacebookControl:
    """Every method is one call; failures raise SandboxError. People and Pages are named by handle or id."""

    def __init__(self, call: Callable[..., Any]) -> None:
        self._call = call

    def _post(self, route: str, **body: Any) -> Json:
        return dict(self._call("POST", f"facebook/{route}", body))

    # ---- who there is ----

    def create_app(self, name: str = "desk") -> Json:
        """id, secret, verify_token."""
        return self._post("apps", name=name)

    def rotate_secret(self, app_id: str) -> Json:
        return self._post(f"apps/{app_id}/rotate")

    def register_callback(self, app_id: str, *urls: str) -> Json:
        """As a developer does in the dashboard: where people may be sent back to."""
        return self._post(f"apps/{app_id}", callbacks=list(urls))

    def create_page(self, username: str, name: str = "", lang: str = "en", app_id: str | None = None) -> Json:
        """A Page with all credentials: page_id, page_token, app_id, app_secret, app_token, verify_token."""
        return self._post("pages", username=username, name=name, lang=lang, app_id=app_id)

    def page(self, username: str) -> Json:
        """As it is now, `subscribed` with it; KeyError when there is none."""
        pages = self._call("GET", "state")["facebook"]["pages"]
        return dict({page["username"]: page for page in pages}[username])

    def kill_token(self, page: str, subcode: int = 0) -> Json:
        """From now on 190, with this subcode."""
        return self._post(f"pages/{page}", dead=subcode)

    def revive_token(self, page: str) -> Json:
        return self._post(f"pages/{page}", dead=None)

    def create_person(self, username: str, name: str = "", lang: str = "en") -> Json:
        return self._post("people", username=username, name=name, lang=lang)

    def block(self, person: str, page: str = "", blocked: bool = True) -> Json:
        return self._post(f"people/{person}/block", page=page, blocked=blocked)

    # ---- posts and comments ----

    def post(self, who: str, text: str = "", page: str = "", media: str = "") -> Json:
        """On the Page's wall; as the Page itself it is a colleague's. `media`: photo, sticker or nothing."""
        return self._post("stories", **{"as": who}, text=text, page=page, media=media)

    def comment(self, who: str, under: str, text: str = "", media: str = "") -> Json:
        """Under a post or comment; as the Page itself it is a colleague's, outside the desk."""
        return self._post("stories", **{"as": who}, under=under, text=text, media=media)

    def write_many(self, stories: list[Json]) -> list[Json]:
        """Each {as, page, under, text, media}."""
        return list(self._post("stories", stories=stories)["stories"])

    def story(self, story_id: str) -> Json:
        """Also when deleted."""
        return dict(self._call("GET", f"facebook/stories/{story_id}"))

    def stories(self, by: str = "", post: str = "", after: int = 0) -> list[Json]:
        return list(self._call("GET", "facebook/stories", by=by, post=post, after=after)["stories"])

    def edit(self, story_id: str, text: str) -> Json:
        return dict(self._call("PUT", f"facebook/stories/{story_id}", {"text": text}))

    def delete(self, story_id: str) -> None:
        self._call("DELETE", f"facebook/stories/{story_id}")

    def react(self, who: str, story_id: str, reaction: str = "like", verb: str = "add") -> None:
        self._post(f"stories/{story_id}/reactions", **{"as": who}, reaction=reaction, verb=verb)

    def wait_for_answer(self, story_id: str, seconds: float = 10.0, count: int = 1) -> list[Json]:
        """Until so many comments stand right under it."""
        return self._wait(
            lambda: [self.story(one) for one in self.story(story_id)["replies"]], seconds, count
        )

    # ---- Messenger ----

    def write(self, person: str, text: str = "", page: str = "", media: str = "", reply_to: str = "") -> Json:
        """A person writes to the Page."""
        return self._post("messages", **{"as": person}, to=page, text=text, media=media, reply_to=reply_to)

    def answer_outside(self, page: str, person: str, text: str) -> Json:
        """A colleague answers in the network's own inbox."""
        return self._post("messages", **{"as": page}, to=person, text=text)

    def write_many_messages(self, messages: list[Json]) -> list[Json]:
        """Each {as, to, text, media, reply_to}."""
        return list(self._post("messages", messages=messages)["messages"])

    def messages(self, person: str, page: str = "") -> list[Json]:
        return list(self._call("GET", "facebook/messages", person=person, page=page)["messages"])

    def edit_message(self, mid: str, text: str) -> Json:
        return dict(self._call("PUT", f"facebook/messages/{mid}", {"text": text}))

    def unsend(self, mid: str) -> None:
        self._call("DELETE", f"facebook/messages/{mid}")

    def read(self, person: str, page: str = "") -> int:
        """The person opens the conversation; how many messages were unread."""
        return int(self._post("read", person=person, page=page)["read"])

    def wait_for_message(
        self, person: str, seconds: float = 10.0, count: int = 1, page: str = ""
    ) -> list[Json]:
        """Until the Page has sent so many messages to the person."""
        return self._wait(
            lambda: [one for one in self.messages(person, page) if one["outgoing"]], seconds, count
        )

    # ---- time, webhooks, faults ----

    def age(self, seconds: float, person: str = "", ids: list[str] | None = None) -> int:
        """Move what was written into the past; windows are counted from there."""
        return int(self._post("age", seconds=seconds, person=person, ids=ids or [])["aged"])

    def register_hook(
        self, url: str, verify_token: str | None = None, fields: list[str] | None = None
    ) -> Json:
        """As in the dashboard: challenge, callback of the app, fields of all its Pages."""
        body: Json = {"url": url}
        body |= {"verify_token": verify_token} if verify_token is not None else {}
        return self._post("webhook", **body, **({"fields": fields} if fields else {}))

    def send_raw(self, body: Any, app_id: str | None = None) -> None:
        """Any body to the callback, rightly signed; text goes as it is."""
        self._post("webhook/raw", body=body, app_id=app_id)

    def send_raw_many(self, bodies: list[Any], app_id: str | None = None) -> int:
        """Each as `send_raw` does it; at most a megabyte a call."""
        return int(self._post("webhook/raw", bodies=bodies, app_id=app_id)["queued"])

    def expire_pictures(self) -> int:
        return int(self._post("pictures/expire")["expired"])

    def errors(self) -> Json:
        """Every error the network knows: name ("190/460"): what stands in `error`."""
        return dict(self._call("GET", "facebook/errors")["errors"])

    def play(self, error: str, **spec: Any) -> Json:
        """A fault rule that answers with that error; `method`, `path`, `times`, `skip`, `at` as in any rule."""
        return self._post("rules", error=error, **spec)

    def _wait(self, look: Callable[[], list[Json]], seconds: float, count: int) -> list[Json]:
        end = time.monotonic() + seconds
        while len(found := look()) < count:
            if time.monotonic() > end:
                raise TimeoutError(f"{len(found)} of {count} came in {seconds} s.")
            time.sleep(0.05)
        return found
