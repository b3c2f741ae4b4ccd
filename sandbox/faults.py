"""The script of faults: rules that a test sets over the control API and that the server asks at six points.

Points, in the order of a call: `accept` (the request lies unread in the socket; only a peek tells which it
is), `before_read` (headers read, body not), `after_read` (nothing stored), `after_store` (stored, events
queued, not answered), `before_answer` (the answer is ready), `mid_answer` (half of the answer's bytes are
out). Actions: `answer` (with status, headers, body, instead of what would come), `drop` (close without a
byte), `delay` (then go on, though the client may have left), `hold` (until released by id, then `then`: go on
or drop)."""

from __future__ import annotations

import itertools
import json
import re
import threading
import time
from dataclasses import dataclass, field
from typing import Any

POINTS = (
    "accept",
    "before_read",
    "after_read",
    "after_store",
    "before_answer",
    "mid_answer",
)
ACTIONS = ("answer", "drop", "delay", "hold")
LONGEST_HOLD = 120.0


class Dropped(Exception):
    """The connection is to be closed without another byte."""


@dataclass
class Answer:
    """What to send instead."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Rule:
    """One fault. `times`: how often it strikes, null for ever; `skip`: so many matching calls pass first."""

    id: int
    path: str
    method: str = ""
    times: int | None = 1
    skip: int = 0
    at: str = "after_read"
    action: str = "answer"
    status: int = 503
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    delay: float = 0.0
    then: str = "continue"
    hits: int = 0
    waiting: int = 0
    release: threading.Event = field(default_factory=threading.Event)

    def as_dict(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "release"}


class Faults:
    """Thread-safe list of rules; the first that matches a point strikes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: dict[int, Rule] = {}
        self._ids = itertools.count(1)
        self.watches_accept = False

    def add(self, spec: dict[str, Any]) -> Rule:
        """ValueError or TypeError says what is wrong with a rule."""
        settable = set(Rule.__dataclass_fields__) - {"id", "hits", "waiting", "release"}
        unknown = set(spec) - settable
        if unknown:
            raise ValueError(
                f"A rule has no {', '.join(sorted(unknown))}. It has: {', '.join(sorted(settable))}."
            )
        if not isinstance(spec.get("path", ".*"), str):
            raise TypeError("path is a regular expression, as a string.")
        rule = Rule(id=next(self._ids), **{"path": ".*", **spec})
        if rule.at not in POINTS:
            raise ValueError(f"at is one of {', '.join(POINTS)}.")
        if rule.action not in ACTIONS:
            raise ValueError(f"action is one of {', '.join(ACTIONS)}.")
        if rule.at in ("accept", "mid_answer") and rule.action == "answer":
            raise ValueError(f"At {rule.at} nothing can be answered; use drop, delay or hold.")
        if rule.then not in ("continue", "drop"):
            raise ValueError("then is continue or drop.")
        try:
            re.compile(rule.path)
        except re.error as error:
            raise ValueError(f"path is not a regular expression: {error}.") from error
        with self._lock:
            self._rules[rule.id] = rule
            self._look()
        return rule

    def _look(self) -> None:
        self.watches_accept = any(r.at == "accept" and r.times != 0 for r in self._rules.values())

    def rules(self) -> list[dict[str, Any]]:
        with self._lock:
            return [rule.as_dict() for rule in self._rules.values()]

    def release(self, rule_id: int) -> int:
        """Let go of everything the rule holds; the rule strikes no more. Returns how many were held."""
        with self._lock:
            rule = self._rules.get(rule_id)
            if rule is None:
                raise ValueError(f"There is no rule {rule_id}.")
            rule.times = 0
            held = rule.waiting
            rule.release.set()
            self._look()
            return held

    def clear(self) -> None:
        """No more rules; whatever is held goes on."""
        with self._lock:
            for rule in self._rules.values():
                rule.release.set()
            self._rules.clear()
            self._look()

    def _strike(self, at: str, method: str, path: str) -> Rule | None:
        with self._lock:
            for rule in self._rules.values():
                if rule.at != at or rule.times == 0 or (rule.method and rule.method.upper() != method):
                    continue
                if not re.search(rule.path, path):
                    continue
                if rule.skip > 0:
                    rule.skip -= 1
                    continue
                if rule.times is not None:
                    rule.times -= 1
                rule.hits += 1
                if rule.action == "hold":
                    rule.waiting += 1
                return rule
        return None

    def gate(self, at: str, method: str, path: str, outcome: list[str]) -> Answer | None:
        """Ask at a point: None goes on, an Answer replaces, Dropped closes. What struck is added to
        `outcome`."""
        if not self._rules:
            return None
        rule = self._strike(at, method, path)
        if rule is None:
            return None
        outcome.append(f"{rule.action} at {at}, rule {rule.id}")
        if rule.delay:
            time.sleep(rule.delay)
        if rule.action == "hold":
            rule.release.wait(LONGEST_HOLD)
            with self._lock:
                rule.waiting -= 1
            if rule.then == "drop":
                raise Dropped
        if rule.action == "drop":
            raise Dropped
        if rule.action != "answer":
            return None
        return Answer(rule.status, dict(rule.headers), _bytes(rule.body))


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()
