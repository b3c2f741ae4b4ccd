"""A thin client of the control API, for tests, the demo and the bench. Knows HTTP and nothing of the
sandbox's inside."""

from __future__ import annotations

import time
from typing import Any

import requests

from sandbox.facebook.client import FacebookControl

Json = dict[str, Any]


class SandboxError(Exception):
    """The sandbox refused; the text is its own explanation."""


class Sandbox:
    """Talks to `base_url`. Every method is one call; failures raise SandboxError."""

    def __init__(self, base_url: str, timeout: float = 30.0) -> None:
        self.base_url = base_url.rstrip("/")
        self._timeout = timeout
        self._session = requests.Session()
        self._session.trust_env = False
        self.facebook = FacebookControl(self._call)

    def _call(self, verb: str, route: str, body: Json | None = None, **query: Any) -> Any:
        url = f"{self.base_url}/_sandbox/{route}"
        answer = self._session.request(verb, url, json=body, params=query, timeout=self._timeout)
        if answer.status_code != 200:
            raise SandboxError(f"{verb} {route}: {answer.status_code} {answer.text}")
        return answer.json()

    def close(self) -> None:
        self._session.close()

    def wait_until_up(self, seconds: float = 10.0) -> None:
        """Until the sandbox answers; SandboxError after so many seconds."""
        end = time.monotonic() + seconds
        while True:
            try:
                self.state()
                return
            except requests.ConnectionError as error:
                if time.monotonic() > end:
                    raise SandboxError(f"Nothing answers at {self.base_url}.") from error
                time.sleep(0.05)

    # ---- who there is ----

    def state(self) -> Json:
        """apps, accounts (with credentials), users, webhooks, subscriptions, facebook {apps, pages (with
        credentials), people}, settings, rules, cost, now."""
        return dict(self._call("GET", "state"))

    def reset(self) -> None:
        """Forget everything: people, posts, rules, log, settings."""
        self._call("POST", "reset", {})

    def create_app(self, name: str = "desk") -> Json:
        return dict(self._call("POST", "apps", {"name": name}))

    def rotate_secret(self, app_id: str) -> Json:
        """A new consumer secret; the app with `old_secrets`."""
        return dict(self._call("POST", f"apps/{app_id}/rotate", {}))

    def register_callback(self, app_id: str, *urls: str) -> Json:
        """As a developer does in the console: where people may be sent back to."""
        return dict(self._call("POST", f"apps/{app_id}", {"callbacks": list(urls)}))

    def create_account(
        self, username: str, name: str = "", lang: str = "en", app_id: str | None = None
    ) -> Json:
        """A user that an app may act for, with all credentials (the app's too)."""
        body = {
            "username": username,
            "name": name or username,
            "lang": lang,
            "app_id": app_id,
        }
        return dict(self._call("POST", "accounts", body))

    def create_user(self, username: str, name: str = "", lang: str = "en") -> Json:
        return dict(
            self._call(
                "POST",
                "users",
                {"username": username, "name": name or username, "lang": lang},
            )
        )

    def protect(self, who: str, protected: bool = True) -> Json:
        """Only followers may see a protected user's posts."""
        return dict(self._call("POST", f"users/{who}", {"protected": protected}))

    def revoke(self, who: str) -> int:
        """The user takes back the consent: all tokens are dead. Returns how many accounts."""
        return int(self._call("POST", f"users/{who}/revoke", {})["revoked"])

    # ---- posts ----

    def post(
        self,
        as_user: str,
        text: str,
        in_reply_to: str | None = None,
        quoted: str | None = None,
        lang: str | None = None,
    ) -> Json:
        """Post as anyone (id or handle), past the rules on length and duplicates. Returns the post."""
        body = {
            "as_user": as_user,
            "text": text,
            "in_reply_to": in_reply_to,
            "quoted": quoted,
            "lang": lang,
        }
        return dict(self._call("POST", "posts", body))

    def post_many(self, posts: list[Json]) -> list[Json]:
        """Many posts in one call; each as the arguments of `post`."""
        return list(self._call("POST", "posts", {"posts": posts})["posts"])

    def get_post(self, post_id: str) -> Json:
        """Also when deleted."""
        return dict(self._call("GET", f"posts/{post_id}"))

    def posts(self, by: str = "", after: str = "0") -> list[Json]:
        return list(self._call("GET", "posts", by=by, after=after)["posts"])

    def edit(self, post_id: str, text: str, force: bool = False) -> Json:
        """A new version with a new id; `force` goes past the network's rules on editing."""
        return dict(self._call("PUT", f"posts/{post_id}", {"text": text, "force": force}))

    def delete(self, post_id: str) -> None:
        self._call("DELETE", f"posts/{post_id}")

    def replies_to(self, post_id: str) -> list[Json]:
        """Direct replies, oldest first."""
        return list(self._call("GET", f"posts/{post_id}/replies")["posts"])

    def wait_for_reply(self, post_id: str, seconds: float = 10.0, count: int = 1) -> list[Json]:
        """Until there are `count` replies; SandboxError after so many seconds."""
        end = time.monotonic() + seconds
        while len(found := self.replies_to(post_id)) < count:
            if time.monotonic() > end:
                raise SandboxError(f"{len(found)} of {count} replies to {post_id} after {seconds} s.")
            time.sleep(0.05)
        return found

    # ---- faults ----

    def rule(self, **spec: Any) -> Json:
        """Add a fault; the fields are those of `sandbox.faults.Rule`. Returns it with its id."""
        return dict(self._call("POST", "rules", spec))

    def rules(self) -> list[Json]:
        return list(self._call("GET", "rules")["rules"])

    def clear_rules(self) -> None:
        """No more faults; what is held goes on."""
        self._call("DELETE", "rules")

    def release(self, rule_id: int) -> int:
        """Let go of what a rule holds."""
        return int(self._call("POST", f"rules/{rule_id}/release", {})["released"])

    def wait_for_hold(self, rule_id: int, seconds: float = 10.0) -> None:
        """Until a call stands at the rule's point."""
        end = time.monotonic() + seconds
        while not any(rule["id"] == rule_id and rule["waiting"] for rule in self.rules()):
            if time.monotonic() > end:
                raise SandboxError(f"Nothing stood at rule {rule_id} after {seconds} s.")
            time.sleep(0.02)

    # ---- settings, what was seen ----

    def settings(self, **changes: Any) -> Json:
        """Change settings by name; `webhooks` takes an object. Returns all."""
        return dict(self._call("POST", "settings", changes))

    def forget_limits(self) -> None:
        """Start all rate-limit windows anew."""
        self._call("DELETE", "limits")

    def log(self, after: int = 0, method: str = "", path: str = "") -> list[Json]:
        """What the network saw, oldest first."""
        return list(self._call("GET", "log", after=after, method=method, path=path)["calls"])

    def deliveries(self) -> list[Json]:
        return list(self._call("GET", "deliveries")["deliveries"])

    def release_webhooks(self, order: str = "made", copies: int = 1) -> int:
        """Deliver what `settings(webhooks={"hold": True})` kept: made, reversed, shuffled."""
        return int(self._call("POST", "webhooks/release", {"order": order, "copies": copies})["released"])
